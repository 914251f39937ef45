using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Statistics;

namespace Guarantees.Tests.Statistics;

/// <summary>Samples for the laws of calibration: all counts of small samples with their probabilities, and draws.</summary>
internal static class Samples
{
    /// <summary>All ways to spread n members over the cells, and for each the probability that independent members with these probabilities make it.</summary>
    public static IEnumerable<(int[] Counts, Rational Mass)> All(int n, params Rational[] probabilities)
    {
        return Spread(0, n, Rational.One);

        IEnumerable<(int[], Rational)> Spread(int cell, int left, Rational mass)
        {
            if (cell == probabilities.Length - 1)
            {
                var counts = new int[probabilities.Length];
                counts[cell] = left;
                yield return (counts, mass * Power(probabilities[cell], left));
                yield break;
            }

            for (var k = 0; k <= left; k++)
            {
                foreach (var (counts, rest) in Spread(cell + 1, left - k, mass * new Rational(Exact.Choose(left, k), 1) * Power(probabilities[cell], k)))
                {
                    counts[cell] = k;
                    yield return (counts, rest);
                }
            }
        }
    }

    /// <summary>All counts of n ranks uniform on 0, ..., L.</summary>
    public static IEnumerable<(RankCounts Ranks, Rational Mass)> Uniform(int n, int draws) =>
        All(n, [.. Enumerable.Repeat(new Rational(1, draws + 1), draws + 1)]).Select(item => (new RankCounts(item.Counts), item.Mass));

    /// <summary>For each value a that p takes, P(p &lt;= a) and a: the size at every level.</summary>
    public static IEnumerable<(Rational Size, double Level)> Sizes(IEnumerable<(double P, Rational Mass)> outcomes)
    {
        var sum = Rational.Zero;
        foreach (var group in outcomes.GroupBy(item => item.P).OrderBy(group => group.Key))
        {
            sum = group.Aggregate(sum, (all, item) => all + item.Mass);
            yield return (sum, group.Key);
        }
    }

    public static double Number(this Rational value) => value.Numerator.IsZero
        ? 0
        : Math.Exp(BigInteger.Log(value.Numerator) - BigInteger.Log(value.Denominator));

    /// <summary>A standard normal number.</summary>
    public static double Normal(SeededGenerator random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>The ranks of n parameters N(0, 1) among L draws of N(shift, scale²).</summary>
    public static RankCounts GaussianRanks(int n, int draws, double scale, double shift, SeededGenerator random)
    {
        var others = new double[draws];
        return RankCounts.Break(
            Enumerable.Range(0, n).Select(_ =>
            {
                var truth = Normal(random);
                for (var i = 0; i < draws; i++)
                {
                    others[i] = shift + (scale * Normal(random));
                }

                return RankStatistics.Of(truth, others);
            }),
            random);
    }

    /// <summary>n uniform ranks.</summary>
    public static RankCounts UniformRanks(int n, int draws, SeededGenerator random) => RankCounts.Of(Enumerable.Range(0, n).Select(_ => random.Next(draws + 1)), draws);

    /// <summary>The most of n trials that an event of probability p reaches, but for a chance of at most one in a million: by exact binomial tails.</summary>
    public static int Most(int n, double p)
    {
        var k = (int)(n * p);
        while (k < n && BinomialTail.Bound(n - k - 1, n, Guarantees.Arithmetic.Interval.Point(1 - p), Guarantees.Arithmetic.Interval.Point(p)) > 1e-6)
        {
            k++;
        }

        return k;
    }

    private static Rational Power(Rational x, int n) => new(BigInteger.Pow(x.Numerator, n), BigInteger.Pow(x.Denominator, n));
}
