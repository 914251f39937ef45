using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Tests of discrete uniformity: exact size over all counts of small samples, Monte Carlo p-values by hand, and sizes by simulation.</summary>
/// <remarks>
/// Mutants planted and found: counts inside d with equality, below and above; k for k + 1; p-values without the 1s; replicates that must be larger; sizes of cells exchanged; replicates without the last rank; half of Massart's bound.
/// </remarks>
public class DiscreteUniformityLaws
{
    /// <remarks>P(D >= d) by summation over all counts, d compared in whole numbers. So P(p &lt;= a) &lt;= a for all a, and the p-value is exact to 1e-9.</remarks>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 6)]
    [InlineData(6, 5)]
    [InlineData(9, 3)]
    [InlineData(20, 2)]
    [InlineData(41, 1)]
    public void The_p_value_of_the_distance_is_exact(int n, int draws)
    {
        long Distance(RankCounts ranks) => Enumerable.Range(0, draws + 1).Max(k => Math.Abs(((draws + 1L) * ranks.Counts[..(k + 1)].ToArray().Sum()) - ((k + 1L) * n)));
        var outcomes = Samples.Uniform(n, draws).Select(item => (item.Ranks, item.Mass, Distance: Distance(item.Ranks))).ToArray();
        foreach (var group in outcomes.GroupBy(outcome => outcome.Distance))
        {
            var exact = outcomes.Where(outcome => outcome.Distance >= group.Key).Aggregate(Rational.Zero, (sum, outcome) => sum + outcome.Mass).Number();
            foreach (var (ranks, _, distance) in group)
            {
                var p = DiscreteUniformity.Kolmogorov(ranks);
                Assert.InRange(p, exact - 1e-15, exact + 1e-9);
                Assert.InRange(DiscreteUniformity.KolmogorovBound(ranks), p, 1);
                Assert.InRange(DiscreteUniformity.Distance(ranks), (distance / (n * (draws + 1.0))) - 1e-15, (distance / (n * (draws + 1.0))) + 1e-15);
            }
        }
    }

    /// <remarks>2 exp(-2 n d²); D of four ranks by hand; and Kolmogorov's distribution for ten continuous numbers, P(D &lt; 0.274) = 0.628480 (G. Marsaglia, W. W. Tsang, J. Wang, "Evaluating Kolmogorov's Distribution", J. Statist. Softw. 8, 2003), from very many draws.</remarks>
    [Fact]
    public void Known_numbers()
    {
        Assert.Equal(0.5, DiscreteUniformity.Distance(new RankCounts([3, 1, 0, 0])));
        Assert.InRange(DiscreteUniformity.KolmogorovBound(new RankCounts([3, 1, 0, 0])), 2 * Math.Exp(-2), (2 * Math.Exp(-2)) + 1e-12);
        Assert.Equal(1, DiscreteUniformity.Kolmogorov(new RankCounts([1, 1])));
        Assert.InRange(DiscreteUniformity.Kolmogorov(new RankCounts([100_000, 0])), 0, 1e-300);

        // All ten ranks at 0.274 of 20,000 and evenly above: the distance is 0.274 but for a step.
        const int Draws = 19_999;
        var counts = new int[Draws + 1];
        foreach (var u in new[] { 0.374, 0.374, 0.374, 0.39, 0.49, 0.59, 0.69, 0.79, 0.89, 0.99 })
        {
            counts[(int)(u * (Draws + 1))]++;
        }

        var ranks = new RankCounts(counts);
        Assert.InRange(DiscreteUniformity.Distance(ranks), 0.3739, 0.3741);
        Assert.InRange(DiscreteUniformity.Kolmogorov(ranks), 0.08, 0.1);
        counts = new int[Draws + 1];
        foreach (var u in new[] { 0.274, 0.275, 0.276, 0.39, 0.49, 0.59, 0.69, 0.79, 0.89, 0.99 })
        {
            counts[(int)(u * (Draws + 1))]++;
        }

        Assert.InRange(DiscreteUniformity.Distance(new RankCounts(counts)), 0.2739, 0.2741);
        Assert.InRange(DiscreteUniformity.Kolmogorov(new RankCounts(counts)), 1 - 0.6285 - 0.001, 1 - 0.6285 + 0.001);
    }

    /// <remarks>The statistic by its definition, and the p-value by drawing the same replicates again and counting those that are at least as large. Cells of one size and of two.</remarks>
    [Theory]
    [InlineData(5, 2, 3)]
    [InlineData(7, 4, 3)]
    [InlineData(6, 6, 2)]
    [InlineData(40, 9, 10)]
    public void The_chi_square_p_value_counts_replicates_at_least_as_large(int n, int draws, int cells)
    {
        Rational ChiSquare(int[] ranks)
        {
            var sum = Rational.Zero;
            for (var j = 0; j < cells; j++)
            {
                var (from, to) = (j * (draws + 1) / cells, (j + 1) * (draws + 1) / cells);
                var expected = new Rational(n * (to - from), draws + 1);
                var off = new Rational(ranks.Count(rank => rank >= from && rank < to), 1) - expected;
                sum += off * off / expected;
            }

            return sum;
        }

        int[] Draw(SeededGenerator random) => [.. Enumerable.Range(0, n).Select(_ => random.Next(draws + 1))];
        for (var seed = 0; seed < 200; seed++)
        {
            var sample = Draw(new SeededGenerator(seed, 1));
            var ranks = RankCounts.Of(sample, draws);
            var statistic = ChiSquare(sample);
            Assert.InRange(DiscreteUniformity.ChiSquare(ranks, cells), statistic.Number() - 1e-9, statistic.Number() + 1e-9);
            var random = new SeededGenerator(seed);
            var least = Enumerable.Range(0, 19).Count(_ => ChiSquare(Draw(random)) >= statistic);
            Assert.Equal((1 + least) / 20.0, DiscreteUniformity.ChiSquarePValue(ranks, cells, 19, new SeededGenerator(seed)));
        }
    }

    /// <remarks>
    /// All counts of four ranks on 0, ..., 2 with their probabilities, times 2000 seeds of 19 replicates: P(p &lt;= a) is at most a for all a; seen to 4.9 standard deviations (0.011 at the most), wrong with probability 1e-6 a level.
    /// A p-value that leaves out ties or the 1s has sizes above 0.07 at a = 0.05.
    /// </remarks>
    [Fact]
    public void Monte_Carlo_p_values_are_valid_over_all_samples()
    {
        const int Seeds = 2000;
        var size = new double[20];
        foreach (var (ranks, mass) in Samples.Uniform(4, 2))
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                var p = DiscreteUniformity.ChiSquarePValue(ranks, 3, 19, new SeededGenerator(seed, ranks.Counts[0] + (5 * ranks.Counts[1])));
                for (var a = 1; a < 20; a++)
                {
                    size[a] += p <= a / 20.0 ? mass.Number() / Seeds : 0;
                }
            }
        }

        for (var a = 1; a < 20; a++)
        {
            Assert.True(size[a] <= (a / 20.0) + (4.9 * Math.Sqrt(a / 20.0 * (1 - (a / 20.0)) / Seeds)), $"{a}: {size[a]}");
        }
    }

    /// <remarks>
    /// 2000 samples of 1000 ranks on 0, ..., 100: no test rejects at 5 % more often than 5 % but for a chance of 1e-6 (124 of 2000); a size of 7.7 % is surely seen. The test of continuous numbers on ranks / L, as in popular tools, rejects
    /// 9 % and more: the simulation can tell.
    /// </remarks>
    [Fact]
    public void Sizes_on_discrete_ranks_are_at_most_nominal()
    {
        const int Repeats = 2000;
        var random = new SeededGenerator(5);
        var band = EcdfBand.ForRanks(1000, 100, 0.05);
        var reference = new ChiSquareNull(1000, 100, 20).Draw(1999, new SeededGenerator(6));
        var (distance, chi, outside, continuous) = (0, 0, 0, 0);
        for (var r = 0; r < Repeats; r++)
        {
            var ranks = Samples.UniformRanks(1000, 100, random);
            distance += DiscreteUniformity.Kolmogorov(ranks) <= 0.05 ? 1 : 0;
            chi += reference.PValue(ranks) <= 0.05 ? 1 : 0;
            outside += band.Holds(ranks) ? 0 : 1;

            // sup |F_n(u) - u| for numbers rank / L: just below each number and at it; 1.358 / sqrt(n) is the 5 % point.
            var largest = Enumerable.Range(0, 101).Max(k => Math.Max((ranks.Cumulative[k] / 1000.0) - (k / 100.0), (k / 100.0) - ((ranks.Cumulative[k] - ranks.Counts[k]) / 1000.0)));
            continuous += largest >= 1.358 / Math.Sqrt(1000) ? 1 : 0;
        }

        var most = Samples.Most(Repeats, 0.05);
        Assert.True(Math.Max(distance, Math.Max(chi, outside)) <= most, $"distance {distance}, chi-square {chi}, band {outside} of {Repeats}");
        Assert.True(Math.Min(distance, Math.Min(chi, outside)) >= 0.03 * Repeats, $"distance {distance}, chi-square {chi}, band {outside} of {Repeats}");
        Assert.True(continuous > most, $"continuous {continuous} of {Repeats}");
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        var ranks = new RankCounts([1, 2, 3]);
        foreach (var wrong in new Action[]
        {
            () => DiscreteUniformity.ChiSquare(ranks, 1), () => DiscreteUniformity.ChiSquare(ranks, 4), () => DiscreteUniformity.ChiSquarePValue(ranks, 3, 0, new(1)), () => DvoretzkyKieferWolfowitz.PValue(3, -0.1),
            () => DvoretzkyKieferWolfowitz.PValue(3, double.NaN), () => DiscreteUniformity.ChiSquarePValue(ranks, 3, MonteCarloTest.MostReplicates + 1, new(1)),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }
    }
}
