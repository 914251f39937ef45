using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Many tests at once: rejects where p &lt;= alpha / m. The probability of any wrong rejection among m is at most alpha.</summary>
/// <remarks>
/// Assumes p-values: P(p &lt;= t) &lt;= t for each true hypothesis and every t. They may depend on each other in any way. Comparisons are m p &lt;= alpha with the product rounded up.
/// proofs/coq/theories/Statistics/Multiplicity.v, <c>bonferroni_error</c>.
/// Source: O. J. Dunn, "Multiple Comparisons among Means", J. Amer. Statist. Assoc. 56, 1961, by the inequality of Bonferroni. <see cref="Holm"/> rejects at least as much under the same assumption.
/// </remarks>
public static class Bonferroni
{
    /// <summary>Which hypotheses are rejected, in the order of the p-values.</summary>
    /// <param name="pValues">In [0, 1], at least one.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static bool[] Rejected(ReadOnlySpan<double> pValues, double alpha)
    {
        Confidence.CheckRisk(alpha);
        CheckPValues(pValues);
        var rejected = new bool[pValues.Length];
        for (var i = 0; i < rejected.Length; i++)
        {
            rejected[i] = Rounding.MultiplyUp(rejected.Length, pValues[i]) <= alpha;
        }

        return rejected;
    }

    /// <summary>alpha / m, rounded down: the error probability of each of m statements that hold together with probability at least 1 - alpha.</summary>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <param name="count">m, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Share(double alpha, int count)
    {
        Confidence.CheckRisk(alpha);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Rounding.DivideDown(alpha, count);
    }

    internal static void CheckPValues(ReadOnlySpan<double> pValues)
    {
        if (pValues.IsEmpty)
        {
            throw new ArgumentOutOfRangeException(nameof(pValues), 0, "Expected at least one p-value.");
        }

        foreach (var p in pValues)
        {
            if (!(p is >= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(pValues), p, "Expected p-values in [0, 1].");
            }
        }
    }
}
