namespace Guarantees.Statistics;

/// <summary>Values of the chi-square statistic of n uniform ranks on 0, ..., L in C cells, drawn once for any number of samples of that size.</summary>
/// <remarks>
/// The same replicates may serve several samples: each p-value alone is valid, and corrections for several tests by Bonferroni or Holm ask for no more. Cells hold m or m + 1 ranks; the statistic is, increasing,
/// the sum of count² / size, here times m (m + 1): a whole number.
/// </remarks>
internal sealed class ChiSquareNull
{
    private readonly int pairs;
    private readonly int draws;
    private readonly int[] sizes;
    private readonly int small;
    private Int128[] sorted = [];

    /// <param name="ranks">n and L are theirs.</param>
    /// <param name="cells">C, from 2 to L + 1.</param>
    public ChiSquareNull(RankCounts ranks, int cells)
        : this(ranks?.Pairs ?? throw new ArgumentNullException(nameof(ranks)), ranks.Draws, cells)
    {
    }

    /// <param name="pairs">n.</param>
    /// <param name="draws">L.</param>
    /// <param name="cells">C, from 2 to L + 1.</param>
    public ChiSquareNull(int pairs, int draws, int cells)
    {
        if (cells < 2 || cells > draws + 1)
        {
            throw new ArgumentOutOfRangeException(nameof(cells), cells, $"Expected from 2 to {draws + 1} cells.");
        }

        (this.pairs, this.draws, small) = (pairs, draws, (draws + 1) / cells);
        sizes = [.. Enumerable.Range(0, cells).Select(j => End(j + 1, cells) - End(j, cells))];
    }

    /// <summary>m (m + 1), what the sum of count² / size is multiplied with.</summary>
    public Int128 Scale => (Int128)small * (small + 1);

    /// <summary>The sum over cells of count² m (m + 1) / size.</summary>
    public Int128 Statistic(RankCounts ranks)
    {
        var (counts, rank) = (new int[sizes.Length], 0);
        var all = ranks.Counts;
        for (var j = 0; j < sizes.Length; j++)
        {
            for (var end = rank + sizes[j]; rank < end; rank++)
            {
                counts[j] += all[rank];
            }
        }

        return Statistic(counts);
    }

    /// <summary>Draws B replicates.</summary>
    public ChiSquareNull Draw(int replicates, SeededGenerator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        MonteCarloTest.CheckReplicates(replicates);
        var cellOf = new int[draws + 1];
        for (var (j, rank) = (0, 0); j < sizes.Length; j++)
        {
            cellOf.AsSpan(rank, sizes[j]).Fill(j);
            rank += sizes[j];
        }

        sorted = new Int128[replicates];
        var counts = new int[sizes.Length];
        for (var b = 0; b < replicates; b++)
        {
            Array.Clear(counts);
            for (var i = 0; i < pairs; i++)
            {
                counts[cellOf[random.Next(draws + 1)]]++;
            }

            sorted[b] = Statistic(counts);
        }

        Array.Sort(sorted);
        return this;
    }

    /// <summary>(1 + #{replicate >= statistic}) / (B + 1).</summary>
    public double PValue(RankCounts ranks)
    {
        var (statistic, low, high) = (Statistic(ranks), 0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] >= statistic ? (low, middle) : (middle + 1, high);
        }

        return MonteCarloTest.PValue(sorted.Length - low, sorted.Length);
    }

    private Int128 Statistic(int[] counts)
    {
        Int128 sum = 0;
        for (var j = 0; j < counts.Length; j++)
        {
            sum += (Int128)((long)counts[j] * counts[j]) * (sizes[j] == small ? small + 1 : small);
        }

        return sum;
    }

    private int End(int j, int cells) => (int)((long)j * (draws + 1) / cells);
}
