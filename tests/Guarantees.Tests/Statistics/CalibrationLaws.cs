using System.Diagnostics;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;
using Interval = Guarantees.Arithmetic.Interval;

namespace Guarantees.Tests.Statistics;

/// <summary>Simulation-based calibration, expected coverage, TARP and latent numbers: exact coverage of their sets over all counts, sizes and powers.</summary>
/// <remarks>
/// Mutants planted and found: the sign of the shift; ratios with k + 2; the level of a test, and of sets, not divided by samples; twice the smallest of three p-values; sets at alpha for alpha / 2 a side; the dispersion of continuous ranks;
/// a smallest distance without the sampling error; coverage one rank late, in verdicts and in the curve; levels not met up to 1e-9, and rounded down; a verdict against
/// the lower limit; TARP with ties counted as nearer, and with scales inverted; a chi-square distribution with d + 1 degrees; half of Bonferroni's factor; steps of the distance before their number.
/// </remarks>
public class CalibrationLaws
{
    private static readonly UniformityOptions Few = new() { Replicates = 199 };

    /// <remarks>One draw below the truth: Phi(-m / sqrt(1 + s²)) is the probability of none. Of higher density: P(|s Z| &lt; |Z'|) = 2 atan(1 / s) / pi. The mean rank of L draws is L times as much.</remarks>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(0.7, 0)]
    [InlineData(0.05, 0)]
    [InlineData(1.4, 0.5)]
    [InlineData(20, -3)]
    public void Ranks_of_a_misfit_have_their_closed_forms(double scale, double shift)
    {
        var below = Elementary.NormalCdf(-shift / Math.Sqrt(1 + (scale * scale)));
        foreach (var draws in new[] { 1, 2, 17, 100, 1000 })
        {
            var ranks = new GaussianMisfit(scale, shift).Ranks(draws);
            Assert.InRange(ranks.Sum(), 1 - 1e-12, 1 + 1e-12);
            Assert.InRange(ranks.Select((p, k) => p * k).Sum() / draws, below - 1e-11, below + 1e-11);
            var density = new GaussianMisfit(scale, 0).DensityRanks(draws).Select((p, k) => p * k).Sum() / draws;
            Assert.InRange(density, (2 / Math.PI * Math.Atan(1 / scale)) - 1e-11, (2 / Math.PI * Math.Atan(1 / scale)) + 1e-11);
            if ((scale, shift) == (1, 0))
            {
                Assert.All(ranks.Concat(new GaussianMisfit(1, 0).DensityRanks(draws)), p => Assert.InRange(p * (draws + 1), 1 - 1e-10, 1 + 1e-10));
            }
        }
    }

    /// <remarks>All counts of n ranks with three distributions: each set misses its defect with probability at most alpha / samples. n beyond 99 takes the bound by the spread.</remarks>
    [Theory]
    [InlineData(9, 2, 1)]
    [InlineData(6, 3, 2)]
    [InlineData(110, 1, 1)]
    [InlineData(160, 1, 2)]
    public void Sets_of_defects_hold_them_over_all_samples(int n, int draws, int samples)
    {
        var test = new UniformityTest(n, draws, Few with { Alpha = 0.2 }, samples);
        Rational[][] weights = [[.. Enumerable.Repeat(new Rational(1, draws + 1), draws + 1)], [new(1, 2), .. Enumerable.Repeat(new Rational(1, 2 * draws), draws)], [new(1, 16), .. Enumerable.Repeat(new Rational(15, 16 * draws), draws)]];
        foreach (var weight in weights)
        {
            var (bias, spread, distance, cumulative) = (-0.5, 0.0, 0.0, 0.0);
            for (var k = 0; k <= draws; k++)
            {
                var p = weight[k].Number();
                cumulative += p;
                bias += p * k / draws;
                spread += p * ((k / (double)draws) - 0.5) * ((k / (double)draws) - 0.5);
                distance = Math.Max(distance, Math.Abs(cumulative - ((k + 1.0) / (draws + 1))));
            }

            spread /= (draws + 2) / (12.0 * draws);
            var missed = new double[3];
            foreach (var (counts, mass) in Samples.All(n, weight))
            {
                var result = test.Run(new RankCounts(counts));
                missed[0] += Holds(result.Bias, bias) ? 0 : mass.Number();
                missed[1] += Holds(result.Dispersion, spread) ? 0 : mass.Number();
                missed[2] += Holds(result.Distance, distance) ? 0 : mass.Number();
                Assert.True(Holds(result.Bias, result.BiasSeen) && Holds(result.Dispersion, result.DispersionSeen) && Holds(result.Distance, result.DistanceSeen));
            }

            Assert.All(missed, share => Assert.InRange(share, 0, 0.2 / samples));
        }

        static bool Holds(Interval set, double value) => set.Lower <= value + 1e-12 && value - 1e-12 <= set.Upper;
    }

    /// <remarks>Means, spread and radii by their formulas.</remarks>
    [Fact]
    public void Sets_of_defects_are_those_of_the_formulas()
    {
        int[] counts = [40, 20, 10, 30, 50];
        int[] ranks = [.. Enumerable.Range(0, 5).SelectMany(k => Enumerable.Repeat(k, counts[k]))];
        var result = new UniformityTest(150, 4, Few with { Alpha = 0.1 }, 2).Run(new RankCounts(counts)); // 0.05 a sample
        double[] shares = [.. ranks.Select(rank => rank / 4.0)];
        double[] squares = [.. ranks.Select(rank => 4 * ((rank / 4.0) - 0.5) * ((rank / 4.0) - 0.5))];
        var unit = new Interval(0, 1);
        Assert.InRange(result.BiasSeen, shares.Average() - 0.5 - 1e-12, shares.Average() - 0.5 + 1e-12);
        Assert.InRange(result.Bias.Upper, EmpiricalBernstein.Upper(shares, unit, 0.025) - 0.5 - 1e-12, EmpiricalBernstein.Upper(shares, unit, 0.025) - 0.5 + 1e-12);
        Assert.InRange(result.Bias.Lower, EmpiricalBernstein.Lower(shares, unit, 0.025) - 0.5 - 1e-12, EmpiricalBernstein.Lower(shares, unit, 0.025) - 0.5 + 1e-12);
        Assert.InRange(result.DispersionSeen, (squares.Average() * 2) - 1e-12, (squares.Average() * 2) + 1e-12); // E = 1/2 for L = 4
        Assert.InRange(result.Dispersion.Upper, (EmpiricalBernstein.Upper(squares, unit, 0.025) * 2) - 1e-12, (EmpiricalBernstein.Upper(squares, unit, 0.025) * 2) + 1e-12);
        Assert.InRange(result.Distance.Upper - result.DistanceSeen, DvoretzkyKieferWolfowitz.Radius(150, 0.05) - 1e-12, DvoretzkyKieferWolfowitz.Radius(150, 0.05) + 1e-12);
    }

    /// <remarks>p-values of the three tests as they stand alone; three times the smallest; a curve outside its band is rejected.</remarks>
    [Fact]
    public void A_test_joins_three_p_values()
    {
        var random = new SeededGenerator(2);
        var test = new UniformityTest(60, 30, Few, 2);
        for (var i = 0; i < 300; i++)
        {
            var ranks = Samples.GaussianRanks(60, 30, 1 - (0.002 * i), 0, random);
            var result = test.Run(ranks);
            Assert.Equal(DiscreteUniformity.Kolmogorov(ranks), result.Kolmogorov);
            Assert.Equal(DiscreteUniformity.ChiSquarePValue(ranks, 20, 199, new SeededGenerator(1)), result.ChiSquare);
            Assert.Equal(test.Band.PValue(ranks), result.Band);
            Assert.Equal(Math.Min(1, 3 * new[] { result.ChiSquare, result.Kolmogorov, result.Band }.Min()), result.PValue);
            Assert.Equal(!test.Band.Holds(ranks), result.OutsideBand);
            Assert.True(!result.OutsideBand || result.PValue <= 0.025);
        }
    }

    /// <remarks>
    /// N = 1000, L = 100. Posterior standard deviation times 0.7, times 1.4, and a mean shifted by a fifth of it: the power is computed, above 0.99 for the first two, and 300 simulations agree within 4.9 standard deviations (wrong with probability
    /// 1e-6). The smallest defects that are seen with probability 0.99 are smaller still, and have that power.
    /// </remarks>
    [Fact]
    public void Power_is_the_share_of_simulations_that_are_rejected()
    {
        var test = new UniformityTest(1000, 100, Few);
        var random = new SeededGenerator(8);
        foreach (var (scale, shift, least) in new[] { (0.7, 0.0, 0.99), (1.4, 0, 0.99), (1, 0.2, 0.9), (0.87, 0, 0.2), (1, 0, 0) })
        {
            var misfit = new GaussianMisfit(scale, shift);
            var power = test.Power(misfit);
            Assert.InRange(power, least, 1);
            var rejected = Enumerable.Range(0, 300).Count(_ => !test.Band.Holds(Samples.GaussianRanks(1000, 100, scale, shift, random)));
            var slack = Math.Max(1, 4.9 * Math.Sqrt(300 * power * (1 - power)));
            Assert.InRange(rejected, (300 * power) - slack, (300 * power) + slack);
        }

        var smallest = test.SmallestDefect(0.99);
        Assert.InRange(smallest.Narrow, 0.7, 0.95);
        Assert.InRange(smallest.Wide, 1.05, 1.4);
        Assert.InRange(smallest.Shift, 0.05, 0.3);
        Assert.InRange(test.Power(new(smallest.Narrow, 0)), 0.99, 0.993);
        Assert.InRange(test.Power(new(smallest.Wide, 0)), 0.99, 0.993);
        Assert.InRange(test.Power(new(1, smallest.Shift)), 0.99, 0.993);
        var expected = Math.Sqrt(Math.Log(2 / (0.05 / 3)) / 2000) + Math.Sqrt(Math.Log(100) / 2000);
        Assert.InRange(smallest.Distance, expected, expected + 1e-9);
        var hopeless = new UniformityTest(2, 3, Few).SmallestDefect(0.99);
        Assert.Equal((0, double.PositiveInfinity), (hopeless.Narrow, hopeless.Wide));
        Assert.InRange(hopeless.Distance, 1, 4);
    }

    /// <remarks>Two parameters of 200 pairs that depend on each other, 600 times: a false rejection in at most 56 but for a chance of 1e-6; a size of 12 % is surely seen. With one standard deviation times 0.4, that parameter and no other is named.</remarks>
    [Fact]
    public void Calibrated_parameters_are_rejected_no_more_often_than_stated()
    {
        var random = new SeededGenerator(21);
        var (rejected, named) = (0, 0);
        for (var r = 0; r < 600; r++)
        {
            int[] first = [.. Enumerable.Range(0, 200).Select(_ => random.Next(21))];
            int[] second = [.. first.Select(rank => random.Next(3) == 0 ? random.Next(21) : 20 - rank)];
            var options = Few with { Seed = r };
            rejected += SimulationBasedCalibration.Test([RankCounts.Of(first, 20), RankCounts.Of(second, 20)], options).Rejected ? 1 : 0;
            if (r < 40)
            {
                var result = SimulationBasedCalibration.Test([RankCounts.Of(first, 20), Samples.GaussianRanks(200, 20, 0.4, 0, random)], options);
                Assert.Equal(result.Adjusted.Min(), result.PValue);
                named += result.Adjusted[1] <= 0.05 && result.Adjusted[0] > 0.05 ? 1 : 0;
            }
        }

        Assert.InRange(rejected, 0, Samples.Most(600, 0.05));
        Assert.InRange(named, 32, 40);
    }

    /// <remarks>Levels with doubles a little above their decimal; the verdict is that of the limits of Clopper and Pearson; wrong answers over all counts at most as often as stated, where the true coverage is just below or at the claim.</remarks>
    [Fact]
    public void Coverage_verdicts_are_wrong_no_more_often_than_stated()
    {
        foreach (var (level, draws, m) in new[] { (0.9, 99, 90), (0.55, 99, 55), (0.9, 100, 91), (0.5, 1, 1), (0.07, 99, 7), (0.001, 9, 1), (0.9, 9, 9) })
        {
            var counts = new int[draws + 1];
            (counts[m - 1], counts[m]) = (40, 60);
            var (lower, upper) = (ClopperPearson.Lower(40, 100, 0.025 * (1 - 1e-9)), ClopperPearson.Upper(40, 100, 0.025 * (1 - 1e-9)));
            Assert.Equal(CoverageVerdict.Holds, ExpectedCoverage.AtLeast(new RankCounts(counts), level, lower - 1e-6, 0.95));
            Assert.Equal(CoverageVerdict.Undecided, ExpectedCoverage.AtLeast(new RankCounts(counts), level, lower + 1e-6, 0.95));
            Assert.Equal(CoverageVerdict.Undecided, ExpectedCoverage.AtLeast(new RankCounts(counts), level, upper - 1e-6, 0.95));
            Assert.Equal(CoverageVerdict.Fails, ExpectedCoverage.AtLeast(new RankCounts(counts), level, upper + 1e-6, 0.95));
        }

        var truth = new Rational(7, 8);
        var mass = Exact.Binomial(60, truth);
        CoverageVerdict Verdict(int k, double claim) => ExpectedCoverage.AtLeast(new RankCounts([k, 60 - k]), 0.5, claim, 0.8);
        Rational Share(Predicate<int> wrong) => mass.Where((_, k) => wrong(k)).Aggregate(Rational.Zero, (sum, p) => sum + p);
        Assert.InRange(Share(k => Verdict(k, Math.BitIncrement(0.875)) == CoverageVerdict.Holds).Number(), 0.01, 0.1);
        Assert.InRange(Share(k => Verdict(k, 0.875) == CoverageVerdict.Fails).Number(), 0.01, 0.1);
    }

    [Fact]
    public void The_curve_of_coverage_counts_ranks_below_its_levels()
    {
        int[] counts = [5, 1, 4, 10, 20, 30, 15, 5, 6, 4];
        var curve = ExpectedCoverage.Curve(new RankCounts(counts), 9, 0.1);
        Assert.Equal(9, curve.Count);
        for (var m = 1; m <= 9; m++)
        {
            var hits = counts[..m].Sum();
            var point = curve[m - 1];
            Assert.Equal((m / 10.0, hits / 100.0), (point.Level, point.Seen));
            Assert.Equal(new Interval(ClopperPearson.Lower(hits, 100, 0.05), ClopperPearson.Upper(hits, 100, 0.05)), point.Alone);
            Assert.InRange(point.Together.Upper, Math.Min(1, point.Seen + DvoretzkyKieferWolfowitz.Radius(100, 0.1)), Math.Min(1, point.Seen + DvoretzkyKieferWolfowitz.Radius(100, 0.1)) + 1e-15);
            Assert.InRange(point.Together.Lower, Math.Max(0, point.Seen - DvoretzkyKieferWolfowitz.Radius(100, 0.1)) - 1e-15, Math.Max(0, point.Seen - DvoretzkyKieferWolfowitz.Radius(100, 0.1)) + 1e-15);
        }
    }

    /// <remarks>Distances by hand, with ties, scales and translations by whole numbers.</remarks>
    [Fact]
    public void Tarp_counts_draws_that_are_nearer()
    {
        double[] draws = [0, 0, 3, 0, 1, 1, 5, 5, 1, -1];
        Assert.Equal(new TiedRank(1, 2, 5), Tarp.Rank([-1, 1], draws, [0, 0]));
        Assert.Equal(new TiedRank(1, 2, 5), Tarp.Rank([7, 9], [.. draws.Select(x => x + 8)], [8, 8]));
        Assert.Equal(new TiedRank(4, 0, 5), Tarp.Rank([0, 4], draws, [0, 0], [2, 1]));
        Assert.Equal(new TiedRank(3, 0, 5), Tarp.Rank([0, 2], draws, [0, 0], [1, 1]));
        var random = new SeededGenerator(9);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(Tarp.Reference([1, 5], [2, 5], random)[0], 1, 2));
        Assert.Equal(5, Tarp.Reference([1, 5], [2, 5], random)[1]);
    }

    /// <remarks>
    /// N = 1000, L = 100, theta ~ N(0, I) in two dimensions, references uniform in a box. 200 calibrated samples: at most 30 rejected but for a chance of 1e-6 (a size of 20 % is surely seen). 100 samples with a standard deviation of 0.7: all
    /// rejected; if the power were below 0.87 this would happen with probability 1e-6.
    /// </remarks>
    [Fact]
    public void Tarp_rejects_a_standard_deviation_of_seven_tenths_and_not_the_truth()
    {
        var random = new SeededGenerator(31);
        var test = new UniformityTest(1000, 100, Few);
        var (truth, draws) = (new double[2], new double[200]);
        RankCounts Ranks(double scale) => RankCounts.Break(
            Enumerable.Range(0, 1000).Select(_ =>
            {
                (truth[0], truth[1]) = (Samples.Normal(random), Samples.Normal(random));
                for (var i = 0; i < draws.Length; i++)
                {
                    draws[i] = scale * Samples.Normal(random);
                }

                return Tarp.Rank(truth, draws, Tarp.Reference([-3, -3], [3, 3], random));
            }),
            random);
        Assert.InRange(Enumerable.Range(0, 200).Count(_ => test.Run(Ranks(1)).PValue <= 0.05), 0, Samples.Most(200, 0.05));
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => test.Run(Ranks(0.7)).PValue <= 0.05));
    }

    /// <remarks>Numbers with known distances; 400 samples of 200 normal vectors: at most 42 rejected but for a chance of 1e-6. Scaled, shifted and correlated vectors are rejected, the last by their length alone.</remarks>
    [Fact]
    public void Latent_numbers_are_rejected_where_they_are_not_normal()
    {
        var one = LatentUniformity.Test([0, 0], 1, 4);
        Assert.InRange(one.Margins[0].Distance, 0.5 - 1e-12, 0.5 + 1e-12);
        Assert.InRange(one.Margins[0].Kolmogorov, 2 * Math.Exp(-1), (2 * Math.Exp(-1)) + 1e-9);
        Assert.InRange(one.Margins[1].Distance, 1 - 1e-12, 1 + 1e-12);
        var two = LatentUniformity.Test([2, 0], 2, 4); // |z|² = 4: 1 - exp(-2)
        Assert.InRange(two.Margins[2].Distance, 1 - Math.Exp(-2) - 1e-10, 1 - Math.Exp(-2) + 1e-10);
        Assert.Equal(Math.Min(1, 6 * two.Margins.Min(m => Math.Min(m.Kolmogorov, m.Band))), two.PValue);

        var random = new SeededGenerator(13);
        double[] Vectors(int n, Func<double, double, (double, double)> map) => [.. Enumerable.Range(0, n).SelectMany(_ => map(Samples.Normal(random), Samples.Normal(random)) is var (a, b) ? new[] { a, b } : [])];
        Assert.InRange(Enumerable.Range(0, 400).Count(_ => LatentUniformity.Test(Vectors(200, (a, b) => (a, b)), 2, 20).PValue <= 0.05), 0, Samples.Most(400, 0.05));
        Assert.InRange(LatentUniformity.Test(Vectors(1000, (a, b) => (a, 0.8 * b)), 2).PValue, 0, 0.01);
        Assert.InRange(LatentUniformity.Test(Vectors(1000, (a, b) => (a + 0.2, b)), 2).PValue, 0, 0.01);
        var correlated = LatentUniformity.Test(Vectors(2000, (a, b) => (a, (0.8 * a) + (0.6 * b))), 2);
        Assert.InRange(correlated.PValue, 0, 0.01);
        Assert.InRange(correlated.Margins.Take(2).Min(m => m.Band), 0.001, 1);
    }

    /// <remarks>Three parameters, 500 draws a pair: all tests, bands and sets; then the smallest defects, the curve of coverage and the latent numbers.</remarks>
    [Fact]
    public void A_hundred_thousand_pairs_take_less_than_half_a_minute()
    {
        var random = new SeededGenerator(17);
        RankCounts[] parameters = [.. Enumerable.Range(0, 3).Select(_ => Samples.UniformRanks(100_000, 500, random))];
        double[] latent = [.. Enumerable.Range(0, 300_000).Select(_ => Samples.Normal(random))];
        var watch = Stopwatch.StartNew();
        var result = SimulationBasedCalibration.Test(parameters);
        var smallest = result.Test.SmallestDefect();
        var curve = ExpectedCoverage.Curve(parameters[0]);
        var flow = LatentUniformity.Test(latent, 3);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
        Assert.False(result.Rejected);
        Assert.InRange(smallest.Narrow, 0.97, 0.999);
        Assert.InRange(flow.PValue, 1e-6, 1);
        Assert.All(curve, point => Assert.InRange(point.Level, point.Together.Lower, point.Together.Upper));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        var ranks = new RankCounts([1, 2, 3]);
        var test = new UniformityTest(6, 2, Few);
        foreach (var wrong in new Action[]
        {
            () => _ = new UniformityTest(0, 3), () => _ = new UniformityTest(4, 3, Few with { Alpha = 0 }), () => _ = new UniformityTest(4, 3, Few with { Cells = 1 }), () => _ = new UniformityTest(4, 3, Few with { Replicates = 0 }),
            () => test.Run(new RankCounts([1, 2])), () => test.SmallestDefect(0.3), () => test.SmallestDefect(1), () => _ = new GaussianMisfit(0, 0), () => _ = new GaussianMisfit(1, double.NaN), () => new GaussianMisfit(1, 0).Ranks(0),
            () => SimulationBasedCalibration.Test([]), () => SimulationBasedCalibration.Test([ranks, new RankCounts([6, 0])]), () => ExpectedCoverage.Curve(ranks, 3), () => ExpectedCoverage.AtLeast(ranks, 0.9, 0.5, 0.9),
            () => ExpectedCoverage.AtLeast(ranks, 0.5, 1.1, 0.9), () => ExpectedCoverage.AtLeast(ranks, 0.5, 0.5, 1), () => ExpectedCoverage.AtLeast(ranks, double.NaN, 0.5, 0.9), () => Tarp.Rank([1, 2], [1, 2, 3], [0, 0]),
            () => Tarp.Rank([1, 2], [1, 2], [0]), () => Tarp.Rank([1], [double.NaN], [0]), () => Tarp.Rank([1], [1], [0], [0]), () => Tarp.Reference([1], [0], new(1)), () => Tarp.Reference([1], [2, 3], new(1)),
            () => LatentUniformity.Test([1, 2, 3], 2), () => LatentUniformity.Test([double.NaN], 1),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }

        Assert.ThrowsAny<ArgumentException>(() => _ = new UniformityTest(4, 3, Few, 0));
    }
}
