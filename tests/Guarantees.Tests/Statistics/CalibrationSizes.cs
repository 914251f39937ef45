using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;
using Xunit.Abstractions;

namespace Guarantees.Tests.Statistics;

/// <summary>Sizes and powers at N = 1000 pairs and L = 100 draws, 10,000 and 2000 repetitions, beside the recipes of popular tools.</summary>
/// <remarks>
/// theta ~ N(0, 1), draws of N(shift, scale²); references of TARP uniform on [-3, 3]. Ranks are drawn given theta as binomial numbers. Nominal 5 %: a share above 6.04 % has probability 1e-6 at that size; a size of 7.2 % would surely be seen.
/// p-values by recursion are found at few distances: the exact test rejects from a distance on. The band is that at the level, as drawn, and for all three tests that at a third of it.
/// The recipes: ranks / L against a continuous uniform distribution; the curve of coverage of TARP in N / 10 bins against its own grid, by a two-sample statistic.
/// </remarks>
[Trait("Category", "Nightly")]
public class CalibrationSizes(ITestOutputHelper output)
{
    private const int Pairs = 1000;
    private const int Draws = 100;
    private const double Level = 0.05;

    [Fact]
    public void Sizes_are_at_most_nominal_and_powers_as_computed()
    {
        var text = new StringBuilder("| scale | shift | chi-square | distance | its bound | band | all three | computed, band alone | ranks as if continuous | TARP, all three | TARP, curve against grid |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        var (band, joint) = (EcdfBand.ForRanks(Pairs, Draws, Level), EcdfBand.ForRanks(Pairs, Draws, Level / 3));
        var chiSquare = new ChiSquareNull(Pairs, Draws, 20).Draw(1999, new SeededGenerator(1));
        var (alone, third) = (new Distances(Level), new Distances(Level / 3));
        Agrees(new UniformityTest(Pairs, Draws), band, chiSquare, alone);
        foreach (var (scale, shift) in new[] { (1.0, 0.0), (0.7, 0), (0.9, 0), (1.4, 0), (1.1, 0), (1, 0.1), (1, 0.2) })
        {
            var repeats = (scale, shift) == (1, 0) ? 10_000 : 2000;
            var random = new SeededGenerator(1000, (int)(100 * scale) + (int)(1000 * shift));
            var rejected = new int[8];
            for (var r = 0; r < repeats; r++)
            {
                var (ranks, tarp) = (new int[Draws + 1], new int[Draws + 1]);
                for (var i = 0; i < Pairs; i++)
                {
                    var (theta, reference) = (Samples.Normal(random), (6 * random.NextDouble()) - 3);
                    var radius = Math.Abs(theta - reference);
                    ranks[Binomial(Phi((theta - shift) / scale))]++;
                    tarp[Binomial(Phi((reference + radius - shift) / scale) - Phi((reference - radius - shift) / scale))]++;
                }

                var (counts, other) = (new RankCounts(ranks), new RankCounts(tarp));
                Count(0, chiSquare.PValue(counts) <= Level);
                Count(1, alone.Reject(counts));
                Count(2, DiscreteUniformity.KolmogorovBound(counts) <= Level);
                Count(3, !band.Holds(counts));
                Count(4, AllThree(counts));
                Count(5, Continuous(ranks) >= 1.358 / Math.Sqrt(Pairs));
                Count(6, AllThree(other));
                Count(7, CurveAgainstGrid(tarp) >= 1.358 * Math.Sqrt(2.0 / ((Pairs / 10) + 1)));
            }

            void Count(int place, bool holds) => rejected[place] += holds ? 1 : 0;
            bool AllThree(RankCounts counts) => chiSquare.PValue(counts) <= Level / 3 || third.Reject(counts) || !joint.Holds(counts);
            int Binomial(double p)
            {
                var hits = 0;
                for (var i = 0; i < Draws; i++)
                {
                    hits += random.NextDouble() < p ? 1 : 0;
                }

                return hits;
            }

            string Share(int place) => (rejected[place] / (double)repeats).ToString("P2", CultureInfo.InvariantCulture);
            var power = band.Power(new GaussianMisfit(scale, shift).Ranks(Draws));
            text.Append(CultureInfo.InvariantCulture, $"| {scale} | {shift} | {Share(0)} | {Share(1)} | {Share(2)} | {Share(3)} | {Share(4)} | {power:P2} | {Share(5)} | {Share(6)} | {Share(7)} |\n");
            Assert.InRange(rejected[3] / (double)repeats, power - (4.9 * Math.Sqrt(power * (1 - power) / repeats)) - 1e-4, power + (4.9 * Math.Sqrt(power * (1 - power) / repeats)) + 1e-4);
            if ((scale, shift) == (1, 0))
            {
                Assert.All(new[] { 0, 1, 2, 3, 4, 6 }, place => Assert.InRange(rejected[place], 0, Samples.Most(repeats, 0.05)));
                Assert.InRange(rejected[5], Samples.Most(repeats, 0.05) + 1, repeats);
            }

            if (scale is 0.7 or 1.4)
            {
                Assert.InRange(Math.Min(rejected[4], scale < 1 ? rejected[6] : repeats), 0.99 * repeats, repeats);
                Assert.InRange(rejected[7], 0, 0.01 * repeats);
            }
        }

        output.WriteLine(text.ToString());
    }

    /// <summary>The test by the exact distribution of the distance, with the distances kept between which it is not known yet.</summary>
    private sealed class Distances(double level)
    {
        private double accepted = -1;
        private double refused = 2;

        public bool Reject(RankCounts ranks)
        {
            var distance = DiscreteUniformity.Distance(ranks);
            if (distance > accepted && distance < refused)
            {
                (accepted, refused) = DiscreteUniformity.Kolmogorov(ranks) <= level ? (accepted, distance) : (distance, refused);
            }

            return distance >= refused;
        }
    }

    /// <summary>The library's p-values lead to the same answers; that of the band also where its search stopped short of the level.</summary>
    private static void Agrees(UniformityTest test, EcdfBand band, ChiSquareNull chiSquare, Distances distances)
    {
        var (random, outside) = (new SeededGenerator(3), 0);
        for (var r = 0; r < 40; r++)
        {
            var ranks = Samples.GaussianRanks(Pairs, Draws, r % 2 == 0 ? 1 : 0.92, 0, random);
            var result = test.Run(ranks);
            Assert.Equal(result.ChiSquare, chiSquare.PValue(ranks));
            Assert.Equal(result.Kolmogorov <= Level, distances.Reject(ranks));
            Assert.True(band.Holds(ranks) ? result.Band > 0.995 * Level : result.Band <= Level);
            outside += band.Holds(ranks) ? 0 : 1;
        }

        Assert.InRange(outside, 1, 39);
    }

    private static double Phi(double z) => Elementary.NormalCdf(z);

    /// <summary>sup |F_n - F| of rank / L against the uniform distribution on [0, 1].</summary>
    private static double Continuous(int[] counts)
    {
        var (below, largest) = (0, 0.0);
        for (var k = 0; k <= Draws; k++)
        {
            largest = Math.Max(largest, (k / (double)Draws) - (below / (double)Pairs));
            below += counts[k];
            largest = Math.Max(largest, (below / (double)Pairs) - (k / (double)Draws));
        }

        return largest;
    }

    /// <summary>The two-sample distance between the curve's values at j / (N / 10) and these numbers themselves.</summary>
    private static double CurveAgainstGrid(int[] counts)
    {
        const int Bins = Pairs / 10;
        double[] grid = [.. Enumerable.Range(0, Bins + 1).Select(j => j / (double)Bins)];
        double[] curve = [.. grid.Select(level => Enumerable.Range(0, Draws + 1).Where(k => k / (double)Draws < level || level == 1).Sum(k => counts[k]) / (double)Pairs)];
        return grid.Concat(curve).Max(t => Math.Abs(grid.Count(x => x <= t) - curve.Count(x => x <= t)) / (double)(Bins + 1));
    }
}
