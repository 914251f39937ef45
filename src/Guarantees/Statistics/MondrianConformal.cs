namespace Guarantees.Statistics;

/// <summary>Split conformal prediction within groups: the score of a new observation of group g is at most the threshold of g with probability at least 1 - alpha, given that its group is g.</summary>
/// <remarks>
/// <para>
/// P(S_(n+1) &lt;= t(G_(n+1)) | G_(n+1) = g) >= 1 - alpha for every g of positive probability, if the pairs of score and group are exchangeable: given all groups, the scores of one group are exchangeable among
/// themselves, and <see cref="SplitConformal"/> speaks of them. A group with too few scores has the threshold +infinity. What SplitConformal says given the calibration scores holds within a group with its number of scores.
/// </para>
/// <para>
/// The group may follow from x (a species, a site), from the truth (a class: then the set of labels takes for each label its own threshold) or be the cell of a partition of the x, which gives coverage near each x and not only
/// on average. The rule from an observation to its group must be fixed without the calibration scores.
/// Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer, 2005 (Mondrian predictors).
/// </para>
/// </remarks>
public static class MondrianConformal
{
    /// <summary>The threshold of one group.</summary>
    /// <param name="scores">In any order, none NaN.</param>
    /// <param name="groups">The group of each score.</param>
    /// <param name="group">g; one without scores has the threshold +infinity.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or there is not one group for each score.</exception>
    public static double Threshold(ReadOnlySpan<double> scores, ReadOnlySpan<int> groups, int group, double alpha)
    {
        if (groups.Length != scores.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups.Length, $"Expected {scores.Length} groups, one for each score.");
        }

        var own = new List<double>();
        for (var i = 0; i < scores.Length; i++)
        {
            SplitConformal.CheckScore(scores[i], nameof(scores));
            if (groups[i] == group)
            {
                own.Add(scores[i]);
            }
        }

        return SplitConformal.Threshold([.. own], alpha);
    }
}
