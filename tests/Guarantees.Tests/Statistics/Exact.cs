using System.Numerics;
using Guarantees.Arithmetic;

namespace Guarantees.Tests.Statistics;

/// <summary>Probabilities of counts by summation in whole numbers, term by term as the formula says: the referee of the bounds.</summary>
internal static class Exact
{
    /// <summary>P(Bin(n, p) = k) for k = 0 to n.</summary>
    public static Rational[] Binomial(int n, Rational p)
    {
        var (a, d) = (p.Numerator, p.Denominator);
        var whole = BigInteger.Pow(d, n);
        return [.. Enumerable.Range(0, n + 1).Select(k => new Rational(Choose(n, k) * BigInteger.Pow(a, k) * BigInteger.Pow(d - a, n - k), whole))];
    }

    /// <summary>P(Bin(n, p) &lt;= k) for a double p.</summary>
    public static Rational AtMost(int k, int n, double p) => AtMost(k, n, Rational.Of(p));

    /// <summary>P(Bin(n, p) &lt;= k).</summary>
    public static Rational AtMost(int k, int n, Rational p)
    {
        var (a, d) = (p.Numerator, p.Denominator);
        var sum = BigInteger.Zero;
        for (var i = 0; i <= k; i++)
        {
            sum += Choose(n, i) * BigInteger.Pow(a, i) * BigInteger.Pow(d - a, n - i);
        }

        return new(sum, BigInteger.Pow(d, n));
    }

    /// <summary>P(Bin(n, p) >= k).</summary>
    public static Rational AtLeast(int k, int n, double p) => AtMost(n - k, n, Rational.One - Rational.Of(p));

    /// <summary>n over k.</summary>
    public static BigInteger Choose(int n, int k)
    {
        var value = BigInteger.One;
        for (var i = 1; i <= k; i++)
        {
            value = value * (n - k + i) / i;
        }

        return value;
    }
}
