using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Risk over the simulator's distribution with the worst case in each ball: E W &lt;= u, W = sup of loss(theta, x') over x' in B(x), from certified upper bounds of the W of n pairs.</summary>
/// <remarks>
/// <para>
/// P(E W > u) &lt;= alpha over n independent pairs (theta_i, x_i) of one distribution, losses in [a, b], loss and B fixed without them. So the mean loss is at most u against every adversary that moves each x within its ball,
/// after seeing theta too. It is an average over pairs of a worst case within each: nothing holds at one x, and nothing for perturbations beyond the balls.
/// </para>
/// <para>
/// Bounds c_i >= W_i, cut at b (a bound that did not close counts as b). Where c_i is a function of pair i alone, such as a search with a budget of parts and a seed, the c_i are independent with one distribution, E W &lt;= E c,
/// and every <see cref="MeanBound"/> holds for E c. Where the search for c_i ended by time, or by a target that other pairs set, that fails; Hoeffding, BinaryKl and Bentkus still hold, as they rise with each number: theirs
/// for the c is not below theirs for the W. The two that use the spread need not rise with each number.
/// </para>
/// <para>Derived here from the bounds' own statements.</para>
/// </remarks>
public static class WorstCaseRisk
{
    /// <summary>u with P(E W > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="worst">For each pair an interval that holds W: its upper end decides. Infinite ends where nothing is known.</param>
    /// <param name="range">[a, b], finite: where losses lie.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <param name="bound">The upper bound of a mean, chosen without the losses.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or an interval lies outside the range of losses.</exception>
    public static double Upper(IReadOnlyList<Interval> worst, Interval range, double alpha, MeanBound bound)
    {
        ArgumentNullException.ThrowIfNull(worst);
        var losses = new double[worst.Count];
        for (var i = 0; i < losses.Length; i++)
        {
            losses[i] = worst[i].Upper >= range.Lower && worst[i].Lower <= range.Upper
                ? Math.Min(worst[i].Upper, range.Upper)
                : throw new ArgumentOutOfRangeException(nameof(worst), worst[i], $"Expected a largest loss in {range}: pair {i}.");
        }

        return bound.Upper(losses, range, alpha);
    }
}
