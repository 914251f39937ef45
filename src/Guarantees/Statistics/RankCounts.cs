namespace Guarantees.Statistics;

/// <summary>How often each of the ranks 0, ..., L was seen in n pairs: all that the tests of uniformity need, in memory that does not grow with n.</summary>
public sealed class RankCounts
{
    /// <summary>Most pairs.</summary>
    public const int MostPairs = 10_000_000;

    /// <summary>Most draws a pair.</summary>
    public const int MostDraws = 1_000_000;

    private readonly int[] counts;
    private readonly int[] cumulative;

    /// <param name="counts">How often the ranks 0, ..., L were seen: L + 1 numbers from 0, L from 1 to <see cref="MostDraws"/>, their sum n from 1 to <see cref="MostPairs"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public RankCounts(ReadOnlySpan<int> counts)
    {
        CheckDraws(counts.Length - 1);
        this.counts = counts.ToArray();
        cumulative = new int[counts.Length];
        var sum = 0L;
        for (var k = 0; k < counts.Length; k++)
        {
            sum += counts[k] >= 0 ? counts[k] : throw new ArgumentOutOfRangeException(nameof(counts), counts[k], $"Expected counts of at least 0; rank {k} has another.");
            cumulative[k] = (int)Math.Min(sum, int.MaxValue);
        }

        CheckPairs(sum);
    }

    /// <summary>n.</summary>
    public int Pairs => cumulative[^1];

    /// <summary>L.</summary>
    public int Draws => counts.Length - 1;

    /// <summary>How often the ranks 0, ..., L were seen.</summary>
    public ReadOnlySpan<int> Counts => counts;

    /// <summary>How many ranks are at most 0, ..., L.</summary>
    public ReadOnlySpan<int> Cumulative => cumulative;

    /// <summary>Counts ranks, read once.</summary>
    /// <param name="ranks">From 0 to L each.</param>
    /// <param name="draws">L, from 1 to <see cref="MostDraws"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static RankCounts Of(IEnumerable<int> ranks, int draws)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        CheckDraws(draws);
        var (counts, pairs) = (new int[draws + 1], 0);
        foreach (var rank in ranks)
        {
            counts[rank >= 0 && rank <= draws ? rank : throw new ArgumentOutOfRangeException(nameof(ranks), rank, $"Expected a rank from 0 to {draws}; pair {pairs} has another.")]++;
            CheckPairs(++pairs);
        }

        return new(counts);
    }

    /// <summary>Counts ranks, read once, their ties broken at random.</summary>
    /// <param name="ranks">Of the same number of draws each.</param>
    /// <param name="random">Independent of the numbers that were ranked.</param>
    /// <exception cref="ArgumentException">There is no rank, or two have different numbers of draws.</exception>
    public static RankCounts Break(IEnumerable<TiedRank> ranks, SeededGenerator random)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        using var all = ranks.GetEnumerator();
        if (!all.MoveNext())
        {
            throw new ArgumentException("Expected at least one rank.", nameof(ranks));
        }

        var draws = all.Current.Draws;
        return Of(Broken(), draws);

        IEnumerable<int> Broken()
        {
            do
            {
                yield return all.Current.Draws == draws
                    ? all.Current.Break(random)
                    : throw new ArgumentException($"Expected the same number of draws for every pair; there are {draws} and {all.Current.Draws}.", nameof(ranks));
            }
            while (all.MoveNext());
        }
    }

    internal static void CheckDraws(int draws)
    {
        if (draws is < 1 or > MostDraws)
        {
            throw new ArgumentOutOfRangeException(nameof(draws), draws, $"Expected from 1 to {MostDraws} draws.");
        }
    }

    internal static void CheckPairs(long pairs)
    {
        if (pairs is < 1 or > MostPairs)
        {
            throw new ArgumentOutOfRangeException(nameof(pairs), pairs, $"Expected from 1 to {MostPairs} pairs.");
        }
    }
}
