using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// kl(q, p) = q ln(q / p) + (1 - q) ln((1 - q) / (1 - p)), the divergence between two coins in nats, its inverses, and the bounds of a mean that it gives: with probability at least 1 - alpha,
/// E X &lt;= the largest p with kl(mean, p) &lt;= ln(1 / alpha) / n, of numbers brought to [0, 1].
/// </summary>
/// <remarks>
/// <para>
/// kl(q, .) falls on [0, q] and rises on [q, 1]. An inverse was found by bisection, and what is returned satisfied kl(q, p) >= c in outward-rounded arithmetic: no p beyond it has kl(q, p) &lt; c.
/// </para>
/// <para>
/// The bounds of a mean assume independent numbers in [a, b] with the same mean. Hold for every finite n, and are never wider than <see cref="Hoeffding"/>'s: kl(q, p) >= 2 (q - p)². P(E X > u) &lt;= alpha:
/// E X > u needs kl(mean, E X) >= ln(1 / alpha) / n with mean &lt; E X, and P(mean &lt;= t) &lt;= exp(-n kl(t, E X)) for t &lt; E X.
/// Source: W. Hoeffding, "Probability Inequalities for Sums of Bounded Random Variables", J. Amer. Statist. Assoc. 58, 1963, theorem 1, there for sums of any independent numbers in [0, 1].
/// </para>
/// </remarks>
public static class BinaryKl
{
    /// <summary>kl(q, p), enclosed; +infinity as its only number where p is 0 or 1 and q is not.</summary>
    /// <param name="q">In [0, 1].</param>
    /// <param name="p">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Interval Divergence(double q, double p)
    {
        var sum = Term(Interval.Point(CheckShare(q, nameof(q))), Interval.Point(CheckShare(p, nameof(p)))) + Term(Interval.Point(1) - q, Interval.Point(1) - p);
        return new(Math.Max(0, sum.Lower), Math.Max(0, sum.Upper));
    }

    /// <summary>The largest p with kl(q, p) &lt;= c, rounded up.</summary>
    /// <param name="q">In [0, 1].</param>
    /// <param name="c">In nats, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double UpperInverse(double q, double c)
    {
        CheckBudget(c);
        return CheckShare(q, nameof(q)) == 1 ? 1 : Confidence.Bisect(q, 1, p => Divergence(q, p).Lower >= c);
    }

    /// <summary>The smallest p with kl(q, p) &lt;= c, rounded down.</summary>
    /// <inheritdoc cref="UpperInverse"/>
    public static double LowerInverse(double q, double c)
    {
        CheckBudget(c);
        return CheckShare(q, nameof(q)) == 0 ? 0 : Confidence.Bisect(q, 0, p => Divergence(q, p).Lower >= c);
    }

    /// <summary>u with P(E X > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="sample">The numbers, at least one.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(ReadOnlySpan<double> sample, Interval range, double alpha) =>
        Confidence.Above(UpperInverse(Confidence.Share(Confidence.Mean(sample, range, 1), range).Upper, Budget(sample.Length, alpha)), range);

    /// <summary>l with P(E X &lt; l) &lt;= alpha; at least the lower end of the range.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(ReadOnlySpan<double> sample, Interval range, double alpha) =>
        Confidence.Below(LowerInverse(Confidence.Share(Confidence.Mean(sample, range, 1), range).Lower, Budget(sample.Length, alpha)), range);

    /// <summary>exp(-n kl(q, p)) for q &lt; p, else 1, rounded up: not below the probability that n numbers in [0, 1] with at least the mean p have a mean of at most q.</summary>
    internal static double Tail(double q, int n, double p) => q < p ? Elementary.ExpUpper(-Rounding.MultiplyDown(n, Divergence(q, p).Lower)) : 1;

    private static double Budget(int count, double alpha)
    {
        Confidence.CheckRisk(alpha);
        return Rounding.DivideUp(Confidence.LogInverse(1, alpha), count);
    }

    /// <summary>q ln(q / p), with 0 ln 0 = 0.</summary>
    private static Interval Term(Interval q, Interval p)
    {
        if (q.Upper == 0)
        {
            return Interval.Point(0);
        }

        if (p.Lower <= 0)
        {
            return Interval.Point(double.PositiveInfinity);
        }

        var ratio = q / p;
        return q * new Interval(Elementary.LogLower(ratio.Lower), Elementary.LogUpper(ratio.Upper));
    }

    private static double CheckShare(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "Expected a number in [0, 1].");

    private static void CheckBudget(double c)
    {
        if (!(c >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(c), c, "Expected a divergence of at least 0.");
        }
    }
}
