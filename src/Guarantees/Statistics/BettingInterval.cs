using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Bounds of a mean from n numbers in [a, b] by betting: the means against which a gambler did not multiply the capital by 1 / alpha. They shrink with the spread seen, far inside <see cref="EmpiricalBernstein"/>.</summary>
/// <remarks>
/// <para>
/// l with K⁺_t(m) >= 1 / alpha for some t &lt;= n at every m &lt; = l, K⁺_t(m) = product over i &lt;= t of 1 + min(l_i, c / m) (y_i - m), of numbers brought to [0, 1]; u likewise by K⁻. Bets:
/// l_i = sqrt(2 ln(1 / alpha) / (n v_(i-1))), c = 0.95, v_i the variance of y_1, ..., y_i with 1/2 as one number more of variance 1/4. P(E X &lt; l) &lt;= alpha and P(E X > u) &lt;= alpha.
/// Two-sided: one of each, at alpha / 2 (the hedged capital, each half of the stake on one side).
/// </para>
/// <para>
/// Capital is monotone in m, so that the bisection over m excludes whole half-lines; it is rounded downward, so that a mean is excluded only where the exact capital reached its goal. Proofs: <see cref="Bets"/>.
/// </para>
/// <para>
/// Assumes numbers in [a, b] in an order fixed without looking at them, each with the same mean given those before it: independence is enough, and more than is needed. n is fixed before the first. Holds for every finite n.
/// The bounds depend on the order; choosing among orders is not allowed.
/// Source: I. Waudby-Smith, A. Ramdas, "Estimating Means of Bounded Random Variables by Betting", J. R. Stat. Soc. B 86, 2024 (arXiv:2010.09686).
/// </para>
/// </remarks>
public static class BettingInterval
{
    /// <summary>u with P(E X > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="sample">The numbers, at least one, in the order in which they came.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(ReadOnlySpan<double> sample, Interval range, double alpha) => Confidence.Above(Play(sample, range, alpha).Upper(alpha), range);

    /// <summary>l with P(E X &lt; l) &lt;= alpha; at least the lower end of the range.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(ReadOnlySpan<double> sample, Interval range, double alpha) => Confidence.Below(Play(sample, range, alpha).Lower(alpha), range);

    /// <summary>[l, u] with P(E X outside) &lt;= 1 - confidence. Where the ends cross, which happens with at most this probability, the interval between them.</summary>
    /// <param name="sample">The numbers, at least one, in the order in which they came.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Interval Bounds(ReadOnlySpan<double> sample, Interval range, double confidence)
    {
        var alpha = 0.5 * Confidence.Risk(confidence);
        var bets = Play(sample, range, alpha);
        return Interval.Hull(Confidence.Below(bets.Lower(alpha), range), Confidence.Above(bets.Upper(alpha), range));
    }

    private static Bets Play(ReadOnlySpan<double> sample, Interval range, double alpha)
    {
        Confidence.CheckRisk(alpha);
        _ = Confidence.Mean(sample, range, 1);
        var bets = new Bets(alpha, sample.Length);
        foreach (var x in sample)
        {
            bets.Add(Confidence.Share(Interval.Point(x), range));
        }

        return bets;
    }
}
