using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Published words of the generators, and whole numbers without favourites.</summary>
/// <remarks>Mutants planted and found: a shift by 16; a shuffle that draws from all places; bounded numbers one too many.</remarks>
public class SeededGeneratorTests
{
    /// <remarks>The words that the reference implementations give: xoshiro256++ from the state 1, 2, 3, 4; SplitMix64 from 1234567.</remarks>
    [Fact]
    public void Words_are_those_of_the_published_generators()
    {
        var random = new SeededGenerator(1, 2, 3, 4);
        Assert.Equal([41943041UL, 58720359UL, 3588806011781223UL, 3591011842654386UL, 9228616714210784205UL], Enumerable.Range(0, 5).Select(_ => random.NextBits()));
        var state = 1234567UL;
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], Enumerable.Range(0, 3).Select(_ => SeededGenerator.Split(ref state)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_and_others_give_others()
    {
        ulong[] Words(int seed, int stream) => [.. Enumerable.Repeat(new SeededGenerator(seed, stream), 4).Select(random => random.NextBits())];
        Assert.Equal(Words(5, 7), Words(5, 7));
        Assert.Equal(4, new[] { Words(5, 7), Words(5, 8), Words(6, 7), Words(-5, 7) }.Select(words => words[0]).Distinct().Count());
    }

    /// <remarks>70,000 numbers below 7: counts within 4.9 standard deviations, wrong with probability 1e-6 each; a favourite by 5 % of its share is seen. All orders of 4 by the shuffle likewise.</remarks>
    [Fact]
    public void Bounded_numbers_and_orders_are_equally_frequent()
    {
        var random = new SeededGenerator(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.Next(7)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 10_000 - 455, 10_000 + 455));
        var orders = Enumerable.Range(0, 48_000).Select(_ =>
        {
            int[] places = [0, 1, 2, 3];
            random.Shuffle(places);
            return string.Join(',', places);
        }).GroupBy(order => order).ToArray();
        Assert.Equal(24, orders.Length);
        Assert.All(orders, order => Assert.InRange(order.Count(), 2000 - 215, 2000 + 215));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(random.NextDouble(), 0, Math.BitDecrement(1)));
        Assert.Equal(0, random.Next(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(0));
    }
}
