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
/// The recipes: ranks / L against a continuous uniform distribution; the curve of coverage of TARP in N / 10 bins against its own grid, by a two-sample statistic.
/// </remarks>
[Trait("Category", "Nightly")]
public class CalibrationSizes(ITestOutputHelper output)
{
    private const int Pairs = 1000;
    private const int Draws = 100;

    [Fact]
    public void Sizes_are_at_most_nominal_and_powers_as_computed()
    {
        var text = new StringBuilder("| scale | shift | chi-square | distance | its bound | band | all three | computed, band alone | ranks as if continuous | TARP, all three | TARP, curve against grid |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        var test = new UniformityTest(Pairs, Draws);
        var band = EcdfBand.ForRanks(Pairs, Draws, 0.05);
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

                var (result, other) = (test.Run(new RankCounts(ranks)), test.Run(new RankCounts(tarp)));
                Count(0, result.ChiSquare <= 0.05);
                Count(1, result.Kolmogorov <= 0.05);
                Count(2, DiscreteUniformity.KolmogorovBound(new RankCounts(ranks)) <= 0.05);
                Count(3, result.Band <= 0.05);
                Count(4, result.PValue <= 0.05);
                Count(5, Continuous(ranks) >= 1.358 / Math.Sqrt(Pairs));
                Count(6, other.PValue <= 0.05);
                Count(7, CurveAgainstGrid(tarp) >= 1.358 * Math.Sqrt(2.0 / ((Pairs / 10) + 1)));
            }

            void Count(int place, bool holds) => rejected[place] += holds ? 1 : 0;
            int Binomial(double p) => Enumerable.Range(0, Draws).Count(_ => random.NextDouble() < p);
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
