namespace Guarantees.Statistics;

/// <summary>Many tests in an order fixed beforehand: each at alpha, to the first that is not rejected. The probability of any wrong rejection is at most alpha.</summary>
/// <remarks>
/// Assumes p-values: P(p &lt;= t) &lt;= t for each true hypothesis and every t, dependent in any way, and an order chosen without the data behind them. Why: the first true hypothesis in the order is rejected with
/// probability at most alpha, and where it is not, no later one is tested.
/// Source: W. Maurer, L. A. Hothorn, W. Lehmacher, "Multiple Comparisons in Drug Clinical Trials and Preclinical Assays: A-Priori Ordered Hypotheses", in: Biometrie in der chemisch-pharmazeutischen Industrie 6, 1995.
/// </remarks>
public static class FixedSequence
{
    /// <summary>Which hypotheses are rejected.</summary>
    /// <param name="pValues">In [0, 1], at least one, in the order of the tests.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static bool[] Rejected(ReadOnlySpan<double> pValues, double alpha)
    {
        Confidence.CheckRisk(alpha);
        Bonferroni.CheckPValues(pValues);
        var rejected = new bool[pValues.Length];
        for (var i = 0; i < rejected.Length && pValues[i] <= alpha; i++)
        {
            rejected[i] = true;
        }

        return rejected;
    }
}
