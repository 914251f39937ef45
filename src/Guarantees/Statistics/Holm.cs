using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Many tests at once: the smallest p-value against alpha / m, the next against alpha / (m - 1), and so on to the first that is larger. The probability of any wrong rejection among m is at most alpha.</summary>
/// <remarks>
/// Assumes p-values: P(p &lt;= t) &lt;= t for each true hypothesis and every t. They may depend on each other in any way. Why: let k hypotheses be true. When the first of them is rejected, at least k hypotheses are
/// left, so its p-value is at most alpha / k; that any of k is so small has probability at most alpha. Comparisons are (m - i) p &lt;= alpha with the product rounded up.
/// proofs/coq/theories/Statistics/Multiplicity.v, <c>holm_error</c>.
/// Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 6, 1979.
/// </remarks>
public static class Holm
{
    /// <inheritdoc cref="Bonferroni.Rejected"/>
    public static bool[] Rejected(ReadOnlySpan<double> pValues, double alpha)
    {
        Confidence.CheckRisk(alpha);
        return Array.ConvertAll(Adjusted(pValues), p => p <= alpha);
    }

    /// <summary>The smallest alpha at which each hypothesis is rejected: in rising order, the largest so far of (hypotheses left) times p, rounded up, at most 1.</summary>
    /// <param name="pValues">In [0, 1], at least one.</param>
    /// <returns>In the order of the p-values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double[] Adjusted(ReadOnlySpan<double> pValues)
    {
        Bonferroni.CheckPValues(pValues);
        var sorted = pValues.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var (adjusted, largest) = (new double[order.Length], 0.0);
        for (var i = 0; i < order.Length; i++)
        {
            adjusted[order[i]] = largest = Math.Max(largest, Math.Min(1, Rounding.MultiplyUp(order.Length - i, sorted[i])));
        }

        return adjusted;
    }
}
