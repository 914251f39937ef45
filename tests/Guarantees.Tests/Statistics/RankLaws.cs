using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Ranks: by enumeration of discrete posteriors with ties, and by definition.</summary>
/// <remarks>Mutants planted and found: ranks that count draws equal to the truth; ties broken among one place too few; the density rank with the sides exchanged; cumulative counts without the rank itself.</remarks>
public class RankLaws
{
    /// <remarks>Truth and L draws from one distribution on three values: all vectors enumerated, each tie split evenly. The rank is uniform exactly.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Ranks_with_ties_broken_evenly_are_exactly_uniform(int draws)
    {
        Rational[] weights = [new(1, 2), new(1, 3), new(1, 6)];
        foreach (var density in new[] { false, true })
        {
            var mass = new Rational[draws + 1];
            for (var truth = 0; truth < 3; truth++)
            {
                foreach (var (counts, probability) in Samples.All(draws, weights))
                {
                    double[] others = [.. Enumerable.Range(0, 3).SelectMany(v => Enumerable.Repeat((double)v, counts[v]))];
                    var rank = density ? RankStatistics.OfDensity(truth, others) : RankStatistics.Of(truth, others);
                    Assert.Equal((others.Count(v => density ? v > truth : v < truth), counts[truth], draws), (rank.Below, rank.Equal, rank.Draws));
                    for (var r = rank.Below; r <= rank.Below + rank.Equal; r++)
                    {
                        mass[r] += weights[truth] * probability * new Rational(1, rank.Equal + 1);
                    }
                }
            }

            Assert.All(mass, share => Assert.Equal(new Rational(1, draws + 1), share));
        }
    }

    /// <remarks>12,000 breaks of a tie of three: counts within 4.9 standard deviations of a quarter, wrong with probability 1e-6 each.</remarks>
    [Fact]
    public void Ties_are_broken_among_all_places()
    {
        var counts = RankCounts.Break(Enumerable.Repeat(new TiedRank(2, 3, 9), 12_000), new SeededGenerator(1));
        Assert.Equal(12_000, counts.Counts[2..6].ToArray().Sum());
        Assert.All(counts.Counts[2..6].ToArray(), count => Assert.InRange(count, 3000 - 233, 3000 + 233));
        Assert.Equal(4, new TiedRank(4, 0, 9).Break(new SeededGenerator(1)));
    }

    [Fact]
    public void Counts_are_those_of_the_ranks()
    {
        var counts = RankCounts.Of([0, 3, 3, 1], 3);
        Assert.Equal((4, 3), (counts.Pairs, counts.Draws));
        Assert.Equal([1, 1, 0, 2], counts.Counts.ToArray());
        Assert.Equal([1, 2, 2, 4], counts.Cumulative.ToArray());
        Assert.Equal(RankStatistics.Of(double.NegativeInfinity, [0, double.NegativeInfinity]), new TiedRank(0, 1, 2));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => RankStatistics.Of(double.NaN, [1]), () => RankStatistics.Of(1, []), () => RankStatistics.OfDensity(1, [double.NaN]), () => RankCounts.Of([4], 3), () => RankCounts.Of([-1], 3), () => RankCounts.Of([], 3),
            () => RankCounts.Of([0], 0), () => _ = new RankCounts([1, -1, 3]), () => _ = new RankCounts([0, 0]), () => RankCounts.Break([new(0, 0, 3), new(0, 0, 4)], new(1)), () => RankCounts.Break([], new(1)),
            () => _ = new RankCounts([RankCounts.MostPairs, 1]),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }
    }
}
