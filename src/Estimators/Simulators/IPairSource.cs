namespace Estimators.Simulators;

/// <summary>Where pairs (theta, x) come from, block by block: a simulator with a seed (<see cref="SimulatedPairs"/>) or a table (<see cref="TablePairs"/>).</summary>
/// <remarks>Any block can be had without the blocks before it, and only what is asked for is held.</remarks>
public interface IPairSource
{
    /// <summary>What the pairs are of, in messages.</summary>
    string Name { get; }

    /// <summary>Number of parameters, D.</summary>
    int ParameterCount { get; }

    /// <summary>Number of data coordinates, n.</summary>
    int DataCount { get; }

    /// <summary>How many pairs there are; null where there is no end.</summary>
    long? Count { get; }

    /// <summary>Pairs in every block but a last one.</summary>
    int BlockSize { get; }

    /// <summary>The pairs from <paramref name="index"/> times <see cref="BlockSize"/> on.</summary>
    /// <param name="index">Number of the block, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    PairBlock Block(long index);
}

/// <summary>Pairs (theta, x) one after another.</summary>
public sealed class PairBlock
{
    private readonly double[] theta;
    private readonly double[] x;

    /// <param name="first">Number of the first pair, from 0.</param>
    /// <param name="count">Number of pairs.</param>
    /// <param name="theta">Parameters, [count, D], row by row; kept, not copied.</param>
    /// <param name="x">Data, [count, n], row by row; kept, not copied.</param>
    public PairBlock(long first, int count, double[] theta, double[] x)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(theta.Length % count, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length % count, 0);
        (First, Count, this.theta, this.x) = (first, count, theta, x);
    }

    /// <summary>Number of the first pair in its source, from 0.</summary>
    public long First { get; }

    /// <summary>Number of pairs.</summary>
    public int Count { get; }

    /// <summary>Parameters of a pair.</summary>
    /// <param name="row">From 0, in this block.</param>
    public ReadOnlySpan<double> Theta(int row) => theta.AsSpan(row * (theta.Length / Count), theta.Length / Count);

    /// <summary>Data of a pair.</summary>
    /// <param name="row">From 0, in this block.</param>
    public ReadOnlySpan<double> X(int row) => x.AsSpan(row * (x.Length / Count), x.Length / Count);

    /// <summary>The first pairs of the block.</summary>
    internal PairBlock Cut(int count) => count == Count ? this : new PairBlock(First, count, theta[..(theta.Length / Count * count)], x[..(x.Length / Count * count)]);
}

/// <summary>Reading of pairs.</summary>
public static class PairSources
{
    /// <summary>The first so many pairs, block by block, one block held at a time; the last block is cut.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="count">How many, at least 0.</param>
    /// <exception cref="ArgumentException">The source has fewer.</exception>
    public static IEnumerable<PairBlock> First(this IPairSource source, long count)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return source.Count < count ? throw new ArgumentException($"{source.Name} has {source.Count} pairs, {count} are asked for.") : Blocks(source, count);
    }

    private static IEnumerable<PairBlock> Blocks(IPairSource source, long count)
    {
        for (var index = 0L; index * source.BlockSize < count; index++)
        {
            yield return source.Block(index).Cut((int)Math.Min(source.BlockSize, count - (index * source.BlockSize)));
        }
    }
}
