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

    /// <summary>The sum of those terms whose place is chosen.</summary>
    public static Rational Sum(Rational[] mass, Predicate<int> chosen) => mass.Where((_, k) => chosen(k)).Aggregate(Rational.Zero, (sum, term) => sum + term);

    /// <summary>value^power.</summary>
    public static Rational Power(Rational value, int power) => new(BigInteger.Pow(value.Numerator, power), BigInteger.Pow(value.Denominator, power));

    /// <summary>All sequences of a length over 0, ..., symbols - 1.</summary>
    public static IEnumerable<int[]> Sequences(int symbols, int length)
    {
        var digits = new int[length];
        while (true)
        {
            yield return [.. digits];
            var i = 0;
            while (i < length && ++digits[i] == symbols)
            {
                digits[i++] = 0;
            }

            if (i == length)
            {
                yield break;
            }
        }
    }

    /// <summary>The sequences in ascending order, with the number of orders of each: enough where order does not matter.</summary>
    public static IEnumerable<(int[] Sample, BigInteger Orders)> Samples(int symbols, int length)
    {
        foreach (var sequence in Sequences(symbols, length))
        {
            var ascends = true;
            for (var i = 1; i < length; i++)
            {
                ascends &= sequence[i - 1] <= sequence[i];
            }

            if (ascends)
            {
                var (orders, left) = (BigInteger.One, length);
                foreach (var group in sequence.GroupBy(symbol => symbol))
                {
                    orders *= Choose(left, group.Count());
                    left -= group.Count();
                }

                yield return (sequence, orders);
            }
        }
    }

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
