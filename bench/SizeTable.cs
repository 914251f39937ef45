using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Statistics;

namespace Benchmarks;

/// <summary>Sizes and powers of tests of calibration at N = 1000 pairs and L = 100 draws, 10,000 and 2000 repetitions, beside the recipes of popular tools.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- sizes. theta ~ N(0, 1), draws of N(shift, scale²); references of TARP uniform on [-3, 3]. Ranks are drawn given theta as binomial numbers.
/// p-values by recursion are found at few distances: the exact test rejects from a distance on. The band is that at the level, as drawn, and for all three tests that at a third of it.
/// The recipes: ranks / L against a continuous uniform distribution; the curve of coverage of TARP in N / 10 bins against its own grid, by a two-sample statistic.
/// A nightly test holds the sizes to the nominal one and the band's powers to what is computed.
/// </remarks>
internal static class SizeTable
{
    /// <summary>N.</summary>
    public const int Pairs = 1000;

    /// <summary>L.</summary>
    public const int Draws = 100;

    /// <summary>The nominal size.</summary>
    public const double Level = 0.05;

    /// <summary>Repetitions where the estimator is right.</summary>
    public const int Repeats = 10_000;

    /// <summary>Prints the table.</summary>
    public static void Print()
    {
        Console.WriteLine("| scale | shift | chi-square | distance, exact | distance, its bound | band | all three | band, computed | recipe: ranks as if continuous | TARP, all three | recipe: TARP curve against its grid |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in Rows())
        {
            string Share(int place) => (row.Rejected[place] / (double)row.Repeats).ToString("P2", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Scale} | {row.Shift} | {Share(0)} | {Share(1)} | {Share(2)} | {Share(3)} | {Share(4)} | {row.Power:P2} | {Share(5)} | {Share(6)} | {Share(7)} |"));
        }
    }

    /// <summary>One row after the other, as each is known.</summary>
    public static IEnumerable<SizeRow> Rows()
    {
        var (band, joint) = (EcdfBand.ForRanks(Pairs, Draws, Level), EcdfBand.ForRanks(Pairs, Draws, Level / 3));
        var chiSquare = new ChiSquareNull(Pairs, Draws, 20).Draw(1999, new SeededGenerator(1));
        var (alone, third) = (new Distances(Level), new Distances(Level / 3));
        foreach (var (scale, shift) in new[] { (1.0, 0.0), (0.7, 0), (0.9, 0), (1.4, 0), (1.1, 0), (1, 0.1), (1, 0.2) })
        {
            var repeats = (scale, shift) == (1, 0) ? Repeats : 2000;
            var random = new SeededGenerator(1000, (int)(100 * scale) + (int)(1000 * shift));
            var rejected = new int[8];
            for (var r = 0; r < repeats; r++)
            {
                var (ranks, tarp) = (new int[Draws + 1], new int[Draws + 1]);
                for (var i = 0; i < Pairs; i++)
                {
                    var (theta, reference) = (Normal(random), (6 * random.NextDouble()) - 3);
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

            yield return new(scale, shift, repeats, rejected, band.Power(new GaussianMisfit(scale, shift).Ranks(Draws)));
        }
    }

    /// <summary>The test by the exact distribution of the distance, with the distances kept between which it is not known yet.</summary>
    internal sealed class Distances(double level)
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

    /// <summary>A standard normal number by the method of Box and Muller.</summary>
    private static double Normal(SeededGenerator random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

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

/// <summary>How often tests rejected.</summary>
/// <param name="Scale">Of the posterior's standard deviation, times the right one.</param>
/// <param name="Shift">Of its mean, in right standard deviations.</param>
/// <param name="Repeats">Samples.</param>
/// <param name="Rejected">chi-square, distance, its bound, band, all three, ranks as if continuous, TARP by all three, TARP's curve against its grid.</param>
/// <param name="Power">That of the band, computed.</param>
internal sealed record SizeRow(double Scale, double Shift, int Repeats, int[] Rejected, double Power);
