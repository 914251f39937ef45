using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Whether an observation is like the calibration, from n scores of its own kind: p = (1 + the number of i with S_i >= S) / (n + 1), small where the score S is unusually large.</summary>
/// <remarks>
/// <para>
/// If S_1, ..., S_n, S are exchangeable, P(p &lt;= t) &lt;= t for every t, with and without ties: a warning at p &lt;= alpha is false with probability at most alpha. Randomised: with U uniform on [0, 1] and independent,
/// (the number of S_i > S + U (1 + the number of S_i = S)) / (n + 1) is uniform exactly, so that the warning at alpha has exactly the probability alpha. Reported rounded up.
/// The first, proofs/coq/theories/Statistics/ConformalPValue.v, <c>conformal_pvalue_valid</c>, on finite sets.
/// </para>
/// <para>
/// {S : p > alpha} is {S &lt;= t} with the threshold t of <see cref="SplitConformal"/>. Tests of several observations with the same calibration depend on each other: <see cref="Bonferroni"/> and <see cref="Holm"/> hold for
/// their p-values. They say nothing about an observation that is unlike the calibration in a way that the score does not see.
/// Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer, 2005; S. Bates, E. Candès, L. Lei, Y. Romano, M. Sesia, "Testing for Outliers with Conformal p-values", Ann. Statist. 51, 2023.
/// </para>
/// </remarks>
public static class ConformalPValue
{
    /// <summary>(1 + the number of S_i >= S) / (n + 1), rounded up.</summary>
    /// <param name="scores">S_1, ..., S_n in any order, none NaN; possibly none.</param>
    /// <param name="score">S, not NaN.</param>
    /// <exception cref="ArgumentOutOfRangeException">A score is NaN.</exception>
    public static double Conservative(ReadOnlySpan<double> scores, double score)
    {
        var (above, equal) = Count(scores, score);
        return Rounding.DivideUp(above + equal + 1.0, scores.Length + 1.0);
    }

    /// <summary>(the number of S_i > S + U (1 + the number of S_i = S)) / (n + 1), rounded up.</summary>
    /// <param name="scores">S_1, ..., S_n in any order, none NaN; possibly none.</param>
    /// <param name="score">S, not NaN.</param>
    /// <param name="uniform">U, in [0, 1]: drawn uniformly, once for this observation.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Randomized(ReadOnlySpan<double> scores, double score, double uniform)
    {
        if (!(uniform is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(uniform), uniform, "Expected a number in [0, 1].");
        }

        var (above, equal) = Count(scores, score);
        return Math.Min(1, Rounding.DivideUp(Rounding.AddUp(above, Rounding.MultiplyUp(uniform, equal + 1.0)), scores.Length + 1.0));
    }

    private static (int Above, int Equal) Count(ReadOnlySpan<double> scores, double score)
    {
        SplitConformal.CheckScore(score, nameof(score));
        var (above, equal) = (0, 0);
        foreach (var other in scores)
        {
            SplitConformal.CheckScore(other, nameof(scores));
            above += other > score ? 1 : 0;
            equal += other == score ? 1 : 0;
        }

        return (above, equal);
    }
}
