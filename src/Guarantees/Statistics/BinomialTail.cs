using System.Numerics;
using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Whether P(X &lt;= k) &lt;= alpha, X binomial with n trials of probability p: proved, or not known.</summary>
/// <remarks>
/// <para>Up to <see cref="MostExact"/> trials by exact arithmetic: p = a / d gives the sum of C(n, i) a^i (d - a)^(n - i) over d^n, whole numbers.</para>
/// <para>
/// Beyond, an upper bound, every operation rounded outward. The last term, for 0 &lt; k &lt; n, with m! = sqrt(2 pi m) (m / e)^m e^delta(m):
/// P(X = k) = sqrt(n / (2 pi k (n - k))) exp(delta(n) - delta(k) - delta(n - k) - k ln(k / (n p)) - (n - k) ln((n - k) / (n q))), q = 1 - p. The other terms follow
/// by P(X = i - 1) = P(X = i) i q / ((n - i + 1) p); these ratios decrease with i, so what is left after a ratio r &lt; 1 is at most term r / (1 - r).
/// </para>
/// <para>
/// delta(m) lies between 1/(12 m) - 1/(360 m³) + 1/(1260 m⁵) - 1/(1680 m⁷) and the same without the last term: for a positive argument the remainder of Stirling's series has the sign of
/// its first term left out and is not larger (NIST Digital Library of Mathematical Functions, section 5.11(ii)). Below 16 from m! itself.
/// The form of the term: C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000.
/// </para>
/// </remarks>
internal static class BinomialTail
{
    /// <summary>Most trials for exact arithmetic.</summary>
    public const int MostExact = 128;

    /// <summary>Most trials.</summary>
    public const int MostTrials = 1 << 30;

    private const int SmallFactorials = 16;
    internal static readonly Interval Pi = new(Math.PI, Math.BitIncrement(Math.PI));

    /// <summary>Whether P(Bin(n, p) &lt;= k) &lt;= alpha is proved.</summary>
    /// <param name="k">From 0 to n - 1.</param>
    /// <param name="n">Trials.</param>
    /// <param name="p">In (0, 1).</param>
    /// <param name="alpha">In (0, 1).</param>
    public static bool AtMost(int k, int n, double p, double alpha) =>
        n <= MostExact ? Exactly(k, n, Rational.Of(p), alpha) : Bound(k, n, Interval.Point(p), Interval.Point(1) - p) <= alpha;

    /// <summary>Whether P(Bin(n, p) >= k) &lt;= alpha is proved: the failures are binomial with 1 - p, and at most n - k.</summary>
    /// <param name="k">From 1 to n.</param>
    /// <param name="n">Trials.</param>
    /// <param name="p">In (0, 1).</param>
    /// <param name="alpha">In (0, 1).</param>
    public static bool AtLeast(int k, int n, double p, double alpha) =>
        n <= MostExact ? Exactly(n - k, n, Rational.One - Rational.Of(p), alpha) : Bound(n - k, n, Interval.Point(1) - p, Interval.Point(p)) <= alpha;

    /// <summary>A number not below P(Bin(n, p) &lt;= k): the next double up to <see cref="MostExact"/> trials; 1 beyond where k is not below the most probable number.</summary>
    /// <param name="k">From 0 to n - 1.</param>
    /// <param name="n">Trials.</param>
    /// <param name="p">In (0, 1).</param>
    public static double AtMostUpper(int k, int n, double p) =>
        n <= MostExact ? Sum(k, n, Rational.Of(p)).RoundUp() : Bound(k, n, Interval.Point(p), Interval.Point(1) - p);

    /// <summary>A number not below P(Bin(n, p) >= k): the next double up to <see cref="MostExact"/> trials; 1 beyond where k is not above the most probable number.</summary>
    /// <param name="k">From 1 to n.</param>
    /// <param name="n">Trials.</param>
    /// <param name="p">In (0, 1).</param>
    public static double AtLeastUpper(int k, int n, double p) =>
        n <= MostExact ? Sum(n - k, n, Rational.One - Rational.Of(p)).RoundUp() : Bound(n - k, n, Interval.Point(1) - p, Interval.Point(p));

    private static bool Exactly(int k, int n, Rational p, double alpha)
    {
        var ((sum, whole), level) = (Terms(k, n, p), Rational.Of(alpha));
        return sum * level.Denominator <= level.Numerator * whole;
    }

    private static Rational Sum(int k, int n, Rational p)
    {
        var (sum, whole) = Terms(k, n, p);
        return new(sum, whole);
    }

    /// <summary>P(Bin(n, p) &lt;= k) as a quotient of whole numbers, not in lowest terms.</summary>
    private static (BigInteger Sum, BigInteger Whole) Terms(int k, int n, Rational p)
    {
        // The sum over b^(k - i), by Horner: the rest of the powers of b goes to the end.
        var (a, d) = (p.Numerator, p.Denominator);
        var (b, sum, power, choose) = (d - a, BigInteger.One, BigInteger.One, BigInteger.One);
        for (var i = 1; i <= k; i++)
        {
            choose = choose * (n - i + 1) / i;
            power *= a;
            sum = (sum * b) + (choose * power);
        }

        return (sum * BigInteger.Pow(b, n - k), BigInteger.Pow(d, n));
    }

    /// <summary>A number not below P(Bin(n, p) &lt;= k); 1 where the terms do not decrease from k downward.</summary>
    internal static double Bound(int k, int n, Interval p, Interval q)
    {
        if (k >= n || p.Lower <= 0)
        {
            return 1;
        }

        if (k == 0)
        {
            return Math.Min(1, Elementary.ExpUpper((n * Log(q)).Upper));
        }

        var (sum, term) = (1.0, 1.0);
        for (var i = k; i > 0; i--)
        {
            var ratio = Rounding.DivideUp(Rounding.MultiplyUp(i, q.Upper), Rounding.MultiplyDown(n - i + 1, p.Lower));
            if (!(ratio < 1))
            {
                return 1;
            }

            term = Rounding.MultiplyUp(term, ratio);
            sum = Rounding.AddUp(sum, term);
            var rest = Rounding.DivideUp(Rounding.MultiplyUp(term, ratio), Rounding.SubtractDown(1, ratio));
            if (rest <= 1e-17 * sum)
            {
                sum = Rounding.AddUp(sum, rest);
                break;
            }
        }

        return Math.Min(1, Rounding.MultiplyUp(Last(k, n, p, q), sum));
    }

    /// <summary>A number not below P(Bin(n, p) = k), 0 &lt; k &lt; n.</summary>
    private static double Last(int k, int n, Interval p, Interval q)
    {
        var (hits, misses, all) = (Interval.Point(k), Interval.Point(n - k), Interval.Point(n));
        var deviance = (hits * Log(hits / (all * p))) + (misses * Log(misses / (all * q)));
        var exponent = Stirling(n) - Stirling(k) - Stirling(n - k) - deviance;
        var factor = (all / (2 * Pi * hits * misses)).Sqrt();
        return Rounding.MultiplyUp(factor.Upper, Elementary.ExpUpper(exponent.Upper));
    }

    /// <summary>delta(m) = ln m! - ln(sqrt(2 pi m) (m / e)^m), m at least 1.</summary>
    internal static Interval Stirling(int m)
    {
        var x = Interval.Point(m);
        if (m < SmallFactorials)
        {
            var factorial = 1.0;
            for (var i = 2; i <= m; i++)
            {
                factorial *= i;
            }

            return Log(Interval.Point(factorial)) - (x * Log(x)) + x - (0.5 * Log(2 * Pi * x));
        }

        var square = x * x;
        Interval Term(double c, Interval power) => Interval.Point(1) / (c * power);
        var (cube, fifth) = (x * square, x * square * square);
        var upper = Term(12, x) - Term(360, cube) + Term(1260, fifth);
        return new Interval((upper - Term(1680, fifth * square)).Lower, upper.Upper);
    }

    internal static Interval Log(Interval x) => new(Elementary.LogLower(x.Lower), Elementary.LogUpper(x.Upper));
}
