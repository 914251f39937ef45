using System.Collections.Immutable;
using Guarantees.Formats;
using Guarantees.Formats.Tables;

namespace Estimators.Simulators;

/// <summary>Pairs from a table or two: a file with columns theta_0, theta_1, ... and x_0, x_1, ..., or one file of parameters and one of data, row beside row.</summary>
/// <remarks>
/// CSV with a header, or a NumPy array (.npy) of one row a pair; numbers are the file's, as doubles, not rounded to float32. Other columns are ignored beside theta_0 and x_0. A file is read once and held, at most
/// <see cref="Table.MostNumbers"/> numbers of it (240 MB); blocks are copies of so many rows.
/// </remarks>
public sealed class TablePairs : IPairSource
{
    private const string ThetaPrefix = "theta_";
    private const string XPrefix = "x_";

    private readonly Table parameters;
    private readonly Table data;
    private readonly ImmutableArray<int> thetaColumns;
    private readonly ImmutableArray<int> xColumns;

    private TablePairs(Table parameters, ImmutableArray<int> thetaColumns, Table data, ImmutableArray<int> xColumns)
    {
        (this.parameters, this.data, this.thetaColumns, this.xColumns) = (parameters, data, thetaColumns, xColumns);
        if (data.Rows == 0)
        {
            throw new TableFormatException($"{data.File}: no rows, expected at least one pair.");
        }
    }

    /// <inheritdoc/>
    public string Name => data.File;

    /// <inheritdoc/>
    public int ParameterCount => thetaColumns.Length;

    /// <inheritdoc/>
    public int DataCount => xColumns.Length;

    /// <inheritdoc/>
    public long? Count => data.Rows;

    /// <inheritdoc/>
    public int BlockSize => SimulatedPairs.PairsPerBlock;

    /// <summary>Reads a table with columns theta_0, theta_1, ... and x_0, x_1, ...</summary>
    /// <exception cref="TableFormatException">It is malformed, or such columns are missing; the message names file, place and value.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static TablePairs Read(string path)
    {
        var table = Table.Read(path);
        return new TablePairs(table, Needed(table, ThetaPrefix), table, Needed(table, XPrefix));
    }

    /// <summary>Reads a table of parameters and one of data.</summary>
    /// <param name="parameters">Columns theta_0, theta_1, ... where it has a theta_0; all its columns otherwise.</param>
    /// <param name="data">Columns x_0, x_1, ... where it has an x_0; all its columns otherwise. As many rows.</param>
    /// <exception cref="TableFormatException">One is malformed, or the numbers of rows differ; the message names file, place and value.</exception>
    /// <exception cref="IOException">One is missing or cannot be read.</exception>
    public static TablePairs Read(string parameters, string data)
    {
        var (theta, x) = (Table.Read(parameters), Table.Read(data));
        return theta.Rows == x.Rows
            ? new TablePairs(theta, Or(theta, ThetaPrefix), x, Or(x, XPrefix))
            : throw new TableFormatException($"{x.File}: {x.Rows} rows, expected {theta.Rows} as in {theta.File}.");
    }

    /// <inheritdoc/>
    public PairBlock Block(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, (data.Rows + BlockSize - 1) / BlockSize);
        var first = (int)(index * BlockSize);
        var count = Math.Min(BlockSize, data.Rows - first);
        return new PairBlock(first, count, Copy(parameters, thetaColumns, first, count), Copy(data, xColumns, first, count));
    }

    private static ImmutableArray<int> Needed(Table table, string prefix) => table.Sequence(prefix) is { Length: > 0 } columns
        ? columns
        : throw new TableFormatException($"{table.File}: no column '{prefix}0', expected columns {ThetaPrefix}0, {ThetaPrefix}1, ... and {XPrefix}0, {XPrefix}1, ...");

    private static ImmutableArray<int> Or(Table table, string prefix) => table.Sequence(prefix) is { Length: > 0 } columns ? columns : [.. Enumerable.Range(0, table.Columns.Length)];

    private static double[] Copy(Table table, ImmutableArray<int> columns, int first, int count)
    {
        var numbers = new double[count * columns.Length];
        for (var row = 0; row < count; row++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                numbers[(row * columns.Length) + j] = table[first + row][columns[j]];
            }
        }

        return numbers;
    }
}
