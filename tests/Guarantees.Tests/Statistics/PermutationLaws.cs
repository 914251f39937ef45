using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Permutation and classifier tests: sizes over all samples, and the bound of total variation over all counts and a grid of classifiers.</summary>
/// <remarks>
/// Mutants planted and found: p-values without the 1s, replicates that must be larger (not as large); a shuffle of the first sample alone; the pooled bound at 1.5 alpha and without (k - 1) / n; two shares at alpha each; a binomial
/// test that is not 1 at one half, and one that starts at one more right answer; scores of exactly 1/2 counted as P.
/// </remarks>
public class PermutationLaws
{
    [Fact]
    public void A_Monte_Carlo_p_value_counts_the_statistic_and_ties()
    {
        Assert.Equal(0.25, MonteCarloTest.PValue(3, [1, 2, 2.5]));
        Assert.Equal(0.5, MonteCarloTest.PValue(3, [1, 3, 2]));
        Assert.Equal(1, MonteCarloTest.PValue(double.NegativeInfinity, [1, 3, 2]));
    }

    /// <remarks>
    /// Two and three members with values 0, 1 or 2 of the same distribution: all 243 samples, 400 seeds of 9 exchanges each. P(p &lt;= a) is at most a for a = 0.1, ..., 0.9 to 4.9 standard deviations (0.012 at most; the
    /// squares of the probabilities of samples sum to less than 1/100), wrong with probability 1e-6 a level. And the p-value is
    /// the share that the same exchanges give.
    /// </remarks>
    [Fact]
    public void Permutation_p_values_are_valid_over_all_samples()
    {
        const int Seeds = 400;
        Rational[] weights = [new(1, 2), new(1, 4), new(1, 4)];
        var size = new double[10];
        for (var code = 0; code < 243; code++)
        {
            int[] values = [.. Enumerable.Range(0, 5).Select(i => code / (int)Math.Pow(3, i) % 3)];
            var mass = values.Aggregate(Rational.One, (product, v) => product * weights[v]).Number();
            double Statistic(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
            {
                Assert.Equal((2, 3), (first.Length, second.Length));
                return Math.Abs((3 * (values[first[0]] + values[first[1]])) - (2 * (values[second[0]] + values[second[1]] + values[second[2]])));
            }

            for (var seed = 0; seed < Seeds; seed++)
            {
                var p = PermutationTest.PValue(2, 3, Statistic, 9, new SeededGenerator(seed, code));
                int[] places = [0, 1, 2, 3, 4];
                var (random, seen, least) = (new SeededGenerator(seed, code), Statistic([0, 1], [2, 3, 4]), 1);
                for (var b = 0; b < 9; b++)
                {
                    random.Shuffle(places);
                    least += Statistic(places.AsSpan(0, 2), places.AsSpan(2)) >= seen ? 1 : 0;
                }

                Assert.Equal(least / 10.0, p);
                for (var a = 1; a < 10; a++)
                {
                    size[a] += p <= a / 10.0 ? mass / Seeds : 0;
                }
            }
        }

        for (var a = 1; a < 10; a++)
        {
            Assert.True(size[a] <= (a / 10.0) + (4.9 * Math.Sqrt(a / 10.0 * (1 - (a / 10.0)) / Seeds / 100)), $"{a}: {size[a]}");
        }
    }

    /// <remarks>
    /// All pairs of counts and a grid of classifiers, right with probability a on P and b on Q: the bound exceeds a + b - 1, which total variation may equal, with probability at most alpha. Also where the two are far apart, so that right answers are not
    /// binomial together.
    /// </remarks>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(24, 24)]
    [InlineData(12, 5)]
    [InlineData(1, 9)]
    public void The_bound_of_total_variation_is_too_large_no_more_often_than_stated(int first, int second)
    {
        foreach (var alpha in new[] { 0.5, 0.2, 0.05 })
        {
            var bounds = new double[first + 1, second + 1];
            for (var i = 0; i <= first; i++)
            {
                for (var j = 0; j <= second; j++)
                {
                    bounds[i, j] = ClassifierTest.TotalVariation(new HeldOut(i, first, j, second), alpha);
                    Assert.InRange(bounds[i, j], 0, Math.Max(0, (i / (double)first) + (j / (double)second) - 1));
                }
            }

            for (var a = 0; a <= 16; a++)
            {
                for (var b = 0; b <= 16; b++)
                {
                    var (one, other) = (Exact.Binomial(first, new Rational(a, 16)), Exact.Binomial(second, new Rational(b, 16)));
                    var wrong = Rational.Zero;
                    for (var i = 0; i <= first; i++)
                    {
                        for (var j = 0; j <= second; j++)
                        {
                            wrong += bounds[i, j] > Math.Max(0, (a + b - 16) / 16.0) ? one[i] * other[j] : Rational.Zero;
                        }
                    }

                    Assert.True(wrong <= Rational.Of(alpha), $"{first}, {second} members, {a}/16 and {b}/16 right: {wrong.Number()} above {alpha}");
                }
            }
        }
    }

    /// <remarks>The bound by its formulas; and useful: 900 of 1000 right leaves at least 0.76.</remarks>
    [Fact]
    public void The_bound_of_total_variation_is_that_of_the_formula()
    {
        Assert.Equal((2 * ClopperPearson.Lower(900, 1000, 0.05)) - 1, ClassifierTest.TotalVariation(new(430, 500, 470, 500), 0.05), 1e-12);
        Assert.InRange(ClassifierTest.TotalVariation(new(430, 500, 470, 500), 0.05), 0.76, 0.8);
        Assert.Equal(ClopperPearson.Lower(430, 500, 0.025) + ClopperPearson.Lower(480, 510, 0.025) - 1, ClassifierTest.TotalVariation(new(430, 500, 480, 510), 0.05), 1e-12);
        Assert.Equal(0, ClassifierTest.TotalVariation(new(1, 1, 0, 1), 0.5));
        Assert.True(ClopperPearson.Lower(9, 10, 0.5) > 0.81);
        Assert.Equal(0.6, ClassifierTest.TotalVariation(new(4, 5, 5, 5), 0.5), 1e-12); // at most (k - 1) / n
        Assert.Equal(0.95, new HeldOut(9, 10, 20, 20).BalancedAccuracy);
    }

    /// <remarks>P = Q, a classifier that says "Q" with any probability: P(p &lt;= a) &lt;= a over all counts for all a. And the p-value is the binomial tail above one half.</remarks>
    [Fact]
    public void The_binomial_test_is_valid_for_every_classifier()
    {
        foreach (var m in new[] { 1, 4, 15 })
        {
            for (var q = 0; q <= 16; q++)
            {
                var (one, other) = (Exact.Binomial(m, new Rational(16 - q, 16)), Exact.Binomial(m, new Rational(q, 16)));
                var outcomes = from i in Enumerable.Range(0, m + 1) from j in Enumerable.Range(0, m + 1) select (ClassifierTest.BinomialPValue(new(i, m, j, m)), one[i] * other[j]);
                Assert.All(Samples.Sizes(outcomes), item => Assert.True(item.Size <= Rational.Of(item.Level), $"{m}, {q}/16, {item.Level}: {item.Size.Number()}"));
            }

            for (var k = m + 1; k <= 2 * m; k++)
            {
                var exact = Exact.AtLeast(k, 2 * m, 0.5).Number();
                Assert.InRange(ClassifierTest.BinomialPValue(new(m, m, k - m, m)), exact * (1 - 1e-14), exact * (1 + 1e-7));
            }
        }
    }

    [Fact]
    public void Scores_are_counted_at_one_half()
    {
        Assert.Equal(new HeldOut(2, 4, 3, 5), ClassifierTest.Count([0.1, Math.BitDecrement(0.5), 0.5, 1], [0.5, 1, 0.2, 0.7, 0]));
        Assert.Equal(0.25, ClassifierTest.LocalPValue([0.9, 0.1], [0.5, 0.5, 0.8, 0.1, 0.2, 0.2]));
        Assert.Equal(0.5, ClassifierTest.LocalPValue([0.9, 0.1], [0.5, 0.5, 0.1, 0.9, 0.2, 0.2]));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => MonteCarloTest.PValue(double.NaN, [1]), () => MonteCarloTest.PValue(1, [double.NaN]), () => MonteCarloTest.PValue(1, []), () => PermutationTest.PValue(1, 1, (_, _) => double.NaN, 3, new(1)),
            () => PermutationTest.PValue(1, 1, (_, _) => 1, 0, new(1)), () => _ = new HeldOut(1, 0, 1, 1), () => _ = new HeldOut(2, 1, 1, 1), () => _ = new HeldOut(0, 1, -1, 1), () => ClassifierTest.Count([1.5], [0]),
            () => ClassifierTest.Count([double.NaN], [0]), () => ClassifierTest.Count([], [0]), () => ClassifierTest.BinomialPValue(new(1, 1, 1, 2)), () => ClassifierTest.TotalVariation(new(1, 1, 1, 1), 0.6),
            () => ClassifierTest.LocalPValue([0.5], []), () => ClassifierTest.LocalPValue([0.5, 0.5], [0.5]), () => ClassifierTest.LocalPValue([1.5], [0.5]),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }

        Assert.ThrowsAny<ArgumentException>(() => PermutationTest.PValue(0, 1, (_, _) => 1, 3, new(1)));
    }
}
