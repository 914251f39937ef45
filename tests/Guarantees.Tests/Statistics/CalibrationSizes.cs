using Benchmarks;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>The table of <see cref="SizeTable"/>: sizes are at most nominal, powers as computed, and those of the recipes what they are known for.</summary>
/// <remarks>Nominal 5 %: a share above 6.04 % of 10,000 has probability 1e-6 at that size; a size of 7.2 % would surely be seen.</remarks>
[Trait("Category", "Nightly")]
public class CalibrationSizes
{
    [Fact]
    public void Sizes_are_at_most_nominal_and_powers_as_computed()
    {
        foreach (var row in SizeTable.Rows())
        {
            var (repeats, rejected, power) = (row.Repeats, row.Rejected, row.Power);
            Assert.InRange(rejected[3] / (double)repeats, power - (4.9 * Math.Sqrt(power * (1 - power) / repeats)) - 1e-4, power + (4.9 * Math.Sqrt(power * (1 - power) / repeats)) + 1e-4);
            if ((row.Scale, row.Shift) == (1, 0))
            {
                Assert.All(new[] { 0, 1, 2, 3, 4, 6 }, place => Assert.InRange(rejected[place], 0, Samples.Most(repeats, 0.05)));
                Assert.InRange(rejected[5], Samples.Most(repeats, 0.05) + 1, repeats);
            }

            if (row.Scale is 0.7 or 1.4)
            {
                Assert.InRange(Math.Min(rejected[4], row.Scale < 1 ? rejected[6] : repeats), 0.99 * repeats, repeats);
                Assert.InRange(rejected[7], 0, 0.01 * repeats);
            }
        }
    }

    /// <summary>The library's p-values lead to the same answers; that of the band also where its search stopped short of the level.</summary>
    [Fact]
    public void The_tests_of_the_table_are_those_of_the_library()
    {
        var (test, band) = (new UniformityTest(SizeTable.Pairs, SizeTable.Draws), EcdfBand.ForRanks(SizeTable.Pairs, SizeTable.Draws, SizeTable.Level));
        var (chiSquare, distances) = (new ChiSquareNull(SizeTable.Pairs, SizeTable.Draws, 20).Draw(1999, new SeededGenerator(1)), new SizeTable.Distances(SizeTable.Level));
        var (random, outside) = (new SeededGenerator(3), 0);
        for (var r = 0; r < 40; r++)
        {
            var ranks = Samples.GaussianRanks(SizeTable.Pairs, SizeTable.Draws, r % 2 == 0 ? 1 : 0.92, 0, random);
            var result = test.Run(ranks);
            Assert.Equal(result.ChiSquare, chiSquare.PValue(ranks));
            Assert.Equal(result.Kolmogorov <= SizeTable.Level, distances.Reject(ranks));
            Assert.True(band.Holds(ranks) ? result.Band > 0.995 * SizeTable.Level : result.Band <= SizeTable.Level);
            outside += band.Holds(ranks) ? 0 : 1;
        }

        Assert.InRange(outside, 1, 39);
    }
}
