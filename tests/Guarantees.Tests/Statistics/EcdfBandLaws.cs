using System.Diagnostics;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Probabilities of staying in a band, against whole-number counts of all samples; simultaneous coverage, p-values and power of bands by enumeration.</summary>
/// <remarks>
/// The referee counts sequences: with cells of m_i of M equally likely places, the number of samples that keep N_i between bounds follows by a sum over C(n - c, k) m_i^k, in whole numbers.
/// Mutants planted and found: an upper bound one too low, a lower bound one too high; roundings that raise; Stirling's formula without its rest; ratios with k + 1; tails that equal the risk kept; 1 - P(N &lt;= k) for P(N >= k); counts with the
/// next rank; a curve on the lower or on the upper bound called outside; ties between tails left out; the tail itself for twice the tail; a search that accepts 1 % more than alpha; numbers at a point counted after it; cells one rank late.
/// </remarks>
public class EcdfBandLaws
{
    /// <remarks>Close where the probability is at least 1e-9: kernels without their ends do not reach paths less probable than 1e-20.</remarks>
    [Property(MaxTest = 300)]
    public Property The_probability_of_a_band_is_never_above_the_exact_one_and_close() => Prop.ForAll(
        (from n in Gen.Choose(1, 60)
         from sizes in Gen.ListOf(Gen.Choose(1, 9)).Where(list => list.Count >= 2).Select(list => list.Take(12).ToArray())
         from bounds in Gen.ArrayOf(Gen.Two(Gen.Choose(0, n)), sizes.Length - 1)
         from wide in Gen.Elements(true, false)
         select (n, sizes, bounds, wide)).ToArbitrary(),
        item =>
        {
            var (n, sizes, bounds, wide) = item;
            var all = sizes.Sum();
            var at = sizes.Select((_, i) => (int)(n * (long)sizes.Take(i + 1).Sum() / all)).ToArray();
            var lower = bounds.Select((pair, i) => wide ? Math.Max(0, at[i] - (pair.Item1 / 4)) : Math.Min(pair.Item1, pair.Item2)).ToArray();
            var upper = bounds.Select((pair, i) => wide ? Math.Min(n, at[i] + 1 + (pair.Item2 / 4)) : Math.Max(pair.Item1, pair.Item2)).ToArray();
            return Agrees(n, sizes, lower, upper);
        });

    /// <remarks>Cells of one, and of very different size; a band of one path; one that no path keeps.</remarks>
    [Theory]
    [InlineData(300, 20, 1)]
    [InlineData(400, 3, 1)]
    [InlineData(250, 8, 1000)]
    [InlineData(1, 5, 1)]
    public void Larger_samples_agree_with_whole_numbers_too(int n, int cells, int first)
    {
        int[] sizes = [first, .. Enumerable.Repeat(1, cells - 1)];
        var t = Enumerable.Range(1, cells - 1).Select(i => sizes.Take(i).Sum() / (double)sizes.Sum()).ToArray();
        foreach (var width in new[] { 0.5, 1, 2, 4, 12 })
        {
            int[] lower = [.. t.Select(p => (int)Math.Max(0, Math.Floor((n * p) - (width * Math.Sqrt(n * p * (1 - p))))))];
            int[] upper = [.. t.Select(p => (int)Math.Min(n, Math.Ceiling((n * p) + (width * Math.Sqrt(n * p * (1 - p))))))];
            Assert.True(Agrees(n, sizes, lower, upper), $"{n} {cells} {width}");
        }

        Assert.Equal(0, CountBand.Probability(5, [0.5, 0.25, 0.25], [3, 0], [5, 2]));
        Assert.True(Agrees(n, sizes, [.. t.Select(p => (int)(n * p))], [.. t.Select(p => (int)(n * p))]));
    }

    /// <remarks>All counts of n ranks: the probability of leaving the band is at most alpha, is the risk that the band states to 1e-9, and no band with twice as much pointwise risk would do where there is more than one point.</remarks>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(7, 3)]
    [InlineData(12, 4)]
    [InlineData(20, 2)]
    [InlineData(60, 1)]
    public void Uniform_ranks_leave_the_band_as_often_as_it_states(int n, int draws)
    {
        foreach (var alpha in new[] { 0.5, 0.2, 0.05, 0.001 })
        {
            var band = EcdfBand.ForRanks(n, draws, alpha);
            Assert.Equal(Enumerable.Range(1, draws).Select(k => k / (draws + 1.0)), band.Points);
            var outside = Rational.Zero;
            foreach (var (ranks, mass) in Samples.Uniform(n, draws))
            {
                var leaves = Enumerable.Range(0, draws).Any(k => ranks.Cumulative[k] < band.Lower[k] || ranks.Cumulative[k] > band.Upper[k]);
                Assert.Equal(!leaves, band.Holds(ranks));
                outside += leaves ? mass : Rational.Zero;
            }

            Assert.True(outside <= Rational.Of(alpha), $"{n} ranks of {draws} draws leave the band of {alpha} with probability {outside.Number()}");
            Assert.InRange(band.Risk, outside.Number() - 1e-13, Math.Min(alpha, outside.Number() + 1e-9));
        }
    }

    /// <remarks>P(p &lt;= a) for every value a that p takes: at most a, and a but for rounding. So the p-value is exact.</remarks>
    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 4)]
    [InlineData(12, 3)]
    [InlineData(25, 2)]
    public void The_p_value_is_exact_and_agrees_with_the_band(int n, int draws)
    {
        var band = EcdfBand.ForRanks(n, draws, 0.05);
        var outcomes = Samples.Uniform(n, draws).Select(item => (Item: item, P: band.PValue(item.Ranks))).ToArray();
        foreach (var (size, level) in Samples.Sizes(outcomes.Select(outcome => (Math.Round(outcome.P, 9), outcome.Item.Mass))))
        {
            Assert.InRange(size.Number(), level - 1e-8, level + 1e-9);
        }

        Assert.All(outcomes, outcome => Assert.Equal(!band.Holds(outcome.Item.Ranks), outcome.P <= band.Risk * (1 + 1e-9)));
        foreach (var ((ranks, _), p) in outcomes)
        {
            int[] mirrored = [.. ranks.Counts];
            Array.Reverse(mirrored);
            Assert.InRange(band.PValue(new RankCounts(mirrored)), p * (1 - 1e-9), p * (1 + 1e-9));
        }
    }

    /// <remarks>The tails that the p-value orders by are those of binomial numbers, in whole numbers.</remarks>
    [Fact]
    public void Pointwise_tails_are_binomial()
    {
        foreach (var (n, p) in new[] { (1, 0.5), (9, 0.25), (40, 0.125), (40, 0.96875) })
        {
            var window = new BinomialWindow(n, p);
            for (var k = 0; k <= n; k++)
            {
                var (below, above) = (Exact.AtMost(k, n, p).Number(), Exact.AtLeast(k, n, p).Number());
                var tail = Math.Min(below, above);
                Assert.InRange(window.Tail(k), (tail * (1 - 1e-10)) - 1e-20, (tail * (1 + 1e-10)) + 1e-20);
                var (first, last) = window.Inside(window.Tail(k));
                Assert.True(k < first || k > last, $"{k} of {n}");
                if (tail < 1e-9)
                {
                    continue;
                }

                Assert.InRange(k, window.Inside(tail * (1 - 1e-9)).Lower, window.Inside(tail * (1 - 1e-9)).Upper);
                var (lower, upper) = window.Inside(tail * (1 + 1e-9));
                Assert.True(k < lower || k > upper);
            }
        }
    }

    /// <remarks>Counts enumerated under another distribution of ranks: power is the probability of leaving the band.</remarks>
    [Fact]
    public void Power_is_the_probability_of_leaving_the_band()
    {
        Rational[] weights = [new(1, 2), new(1, 8), new(1, 8), new(1, 4)];
        foreach (var points in new[] { 4, 3, 2 })
        {
            var band = EcdfBand.ForRanks(14, 3, 0.1, points);
            var outside = Samples.All(14, weights).Where(item => !band.Holds(new RankCounts(item.Counts))).Aggregate(Rational.Zero, (sum, item) => sum + item.Mass);
            Assert.InRange(band.Power([0.5, 0.125, 0.125, 0.25]), outside.Number() - 1e-10, outside.Number() + 1e-10);
            Assert.InRange(band.Power([0.25, 0.25, 0.25, 0.25]), band.Risk - 1e-10, band.Risk + 1e-10);
            Assert.InRange(band.Power([1, 0, 0, 0]), 1 - 1e-10, 1);
        }
    }

    /// <remarks>Points of a band are fewer than ranks here. 4000 samples of uniform numbers at alpha = 0.1: as many outside as the risk says to 4.9 standard deviations, wrong with probability 1e-6; a size of 0.125 would be seen.</remarks>
    [Theory]
    [InlineData(200, 50)]
    [InlineData(1000, 200)]
    public void Uniform_numbers_leave_the_band_as_often_as_it_states(int n, int points)
    {
        const int Samples = 4000;
        var random = new SeededGenerator(11);
        var (band, ranked) = (EcdfBand.ForProbabilities(n, 0.1, points), EcdfBand.ForRanks(n, 1023, 0.1, points));
        Assert.InRange(band.Risk, 0.0995, 0.1);
        var (outside, outsideRanked) = (0, 0);
        var numbers = new double[n];
        for (var s = 0; s < Samples; s++)
        {
            for (var i = 0; i < n; i++)
            {
                numbers[i] = random.NextDouble();
            }

            outside += band.Holds(numbers) ? 0 : 1;
            outsideRanked += ranked.Holds(RankCounts.Of(numbers.Select(u => (int)(u * 1024)), 1023)) ? 0 : 1;
        }

        var slack = 4.9 * Math.Sqrt(Samples * 0.09);
        Assert.InRange(outside, (Samples * band.Risk) - slack, (Samples * band.Risk) + slack);
        Assert.InRange(outsideRanked, (Samples * ranked.Risk) - slack, (Samples * ranked.Risk) + slack);
    }

    /// <remarks>A number at a point counts there, and so does the largest below; the next does not.</remarks>
    [Fact]
    public void Numbers_count_at_the_points_not_below_them()
    {
        for (var points = 2; points <= 60; points++)
        {
            for (var j = 1; j < points; j++)
            {
                var t = j / (double)points;
                var counts = EcdfBand.ForProbabilities(3, 0.1, points).CountsAt([t, Math.BitDecrement(t), Math.BitIncrement(t)]);
                Assert.Equal((2, j == points - 1 ? 2 : 3), (counts[j - 1], counts[Math.Min(j, points - 2)] is var next && j < points - 1 ? next : 2));
            }
        }

        Assert.Equal([2, 2, 3], EcdfBand.ForProbabilities(4, 0.1, 4).CountsAt([0, 1, 0.25, 0.75]));
    }

    [Property(MaxTest = 60)]
    public Property Bands_are_nested_in_alpha_and_hold_the_diagonal() => Prop.ForAll(
        (from n in Gen.Choose(1, 3000) from draws in Gen.Choose(1, 120) from points in Gen.Choose(2, 60) select (n, draws, points)).ToArbitrary(),
        item =>
        {
            var (narrow, wide) = (EcdfBand.ForRanks(item.n, item.draws, 0.2, item.points), EcdfBand.ForRanks(item.n, item.draws, 0.05, item.points));
            return narrow.Risk <= 0.2 && wide.Risk <= 0.05 && Enumerable.Range(0, narrow.Points.Count).All(i =>
                wide.Lower[i] <= narrow.Lower[i] && narrow.Upper[i] <= wide.Upper[i] && wide.Lower[i] <= (item.n * narrow.Points[i]) + 1e-9 && wide.Upper[i] >= (item.n * narrow.Points[i]) - 1e-9);
        });

    /// <remarks>At one point the band is the equal-tailed region of a binomial number; at many it lies between that at alpha and that at alpha over the points.</remarks>
    [Fact]
    public void A_hundred_thousand_numbers_and_a_thousand_points_take_seconds()
    {
        var watch = Stopwatch.StartNew();
        var band = EcdfBand.ForProbabilities(100_000, 0.05, 1000);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
        Assert.InRange(band.Risk, 0.0499, 0.05);
        Assert.InRange(band.PointwiseRisk, 0.05 / 999, 0.05 / 10);
        var half = band.Points.ToList().IndexOf(0.5);
        Assert.InRange(band.Upper[half] - 50_000, 1.96 * 158, 4.1 * 158);
        Assert.Equal(100_000, band.Lower[half] + band.Upper[half]);
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        var (ranks, numbers) = (EcdfBand.ForRanks(2, 3, 0.1), EcdfBand.ForProbabilities(2, 0.1, 5));
        foreach (var wrong in new Action[]
        {
            () => EcdfBand.ForRanks(0, 3, 0.1), () => EcdfBand.ForRanks(5, 0, 0.1), () => EcdfBand.ForRanks(5, 3, 0), () => EcdfBand.ForRanks(5, 3, 0.6), () => EcdfBand.ForRanks(5, 3, double.NaN), () => EcdfBand.ForRanks(5, 3, 0.1, 1),
            () => EcdfBand.ForProbabilities(5, 0.1, EcdfBand.MostPoints + 1), () => ranks.Holds(new RankCounts([1, 2])), () => ranks.Holds(new RankCounts([1, 2, 0, 0])), () => ranks.Holds([0.5, 0.5]), () => numbers.Holds([0.5]),
            () => numbers.PValue([0.5, 1.5]), () => numbers.PValue([0.5, double.NaN]), () => numbers.PValue(new RankCounts([1, 0, 1, 0, 0])), () => ranks.Power([0.5, 0.5]), () => ranks.Power([0.5, 0.5, 0.5, 0.5]), () => ranks.Power([1.5, -0.5, 0, 0]),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static bool Agrees(int n, int[] sizes, int[] lower, int[] upper)
    {
        var all = sizes.Sum();
        var exact = new Rational(Ways(n, sizes, lower, upper), BigInteger.Pow(all, n));
        var bound = CountBand.Probability(n, [.. sizes.Select(size => size / (double)all)], lower, upper);
        return Rational.Of(bound) <= exact && (exact < Rational.Of(1e-9) || Rational.Of(bound) >= exact * new Rational(9_999_999_999, 10_000_000_000));
    }

    /// <summary>The number of samples of n of M places, M the sum of sizes, whose numbers in the first cells stay between the bounds.</summary>
    private static BigInteger Ways(int n, int[] sizes, int[] lower, int[] upper)
    {
        var ways = new BigInteger[n + 1];
        ways[0] = BigInteger.One;
        for (var i = 0; i < sizes.Length; i++)
        {
            var next = new BigInteger[n + 1];
            for (var c = 0; c <= n; c++)
            {
                var (choose, power) = (BigInteger.One, BigInteger.One);
                for (var k = 0; !ways[c].IsZero && k <= n - c; k++)
                {
                    if (i == sizes.Length - 1 || (c + k >= lower[i] && c + k <= upper[i]))
                    {
                        next[c + k] += ways[c] * choose * power;
                    }

                    (choose, power) = (choose * (n - c - k) / (k + 1), power * sizes[i]);
                }
            }

            ways = next;
        }

        return ways[n];
    }
}
