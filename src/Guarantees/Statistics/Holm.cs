using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Many tests at once: the smallest p-value against alpha / m, the next against alpha / (m - 1), and so on to the first that is larger. The probability of any wrong rejection among m is at most alpha.</summary>
/// <remarks>
/// Assumes p-values: P(p &lt;= t) &lt;= t for each true hypothesis and every t. They may depend on each other in any way. Why: let k hypotheses be true. When the first of them is rejected, at least k hypotheses are
/// left, so its p-value is at most alpha / k; that any of k is so small has probability at most alpha. Comparisons are (m - i) p &lt;= alpha with the product rounded up.
/// Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 6, 1979.
/// </remarks>
public static class Holm
{
    /// <inheritdoc cref="Bonferroni.Rejected"/>
    public static bool[] Rejected(ReadOnlySpan<double> pValues, double alpha)
    {
        Bonferroni.CheckPValues(pValues, alpha);
        var sorted = pValues.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var rejected = new bool[order.Length];
        for (var i = 0; i < order.Length && Rounding.MultiplyUp(order.Length - i, sorted[i]) <= alpha; i++)
        {
            rejected[order[i]] = true;
        }

        return rejected;
    }
}
