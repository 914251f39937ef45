using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Guarantees.Formats.Tables;

/// <summary>A table of finite numbers with named columns, from comma-separated values (<see cref="CsvReader"/>) or a NumPy array (<see cref="NpyReader"/>).</summary>
public sealed class Table
{
    /// <summary>Most numbers of a table, each row counted as four more: about a quarter of a gigabyte.</summary>
    public const int MostNumbers = 30_000_000;

    private readonly double[][] rows;
    private readonly Func<int, string> place;

    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="rows">The values.</param>
    /// <param name="place">Where a row stands, for messages.</param>
    internal Table(string file, ImmutableArray<string> columns, double[][] rows, Func<int, string> place) => (File, Columns, this.rows, this.place) = (file, columns, rows, place);

    /// <summary>Name of the file, for messages.</summary>
    public string File { get; }

    /// <summary>Names of the columns.</summary>
    public ImmutableArray<string> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => rows.Length;

    /// <summary>The values of a row, in the order of the columns.</summary>
    /// <param name="index">From 0.</param>
    public ReadOnlySpan<double> this[int index] => rows[index];

    /// <summary>Reads a file: a NumPy array where it begins like one or is called .npy, comma-separated values otherwise.</summary>
    /// <exception cref="TableFormatException">It is malformed; the message names file, place and value.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static Table Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        return Read(stream, path);
    }

    /// <summary>Reads the bytes of a file, in the same way.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, place and value.</exception>
    public static Table Read(ReadOnlyMemory<byte> bytes, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var stream = MemoryMarshal.TryGetArray(bytes, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray());
        return Read(stream, path);
    }

    private static Table Read(Stream stream, string path) => Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase) || NpyReader.Begins(stream)
        ? NpyReader.Read(stream, path)
        : CsvReader.Read(stream, path);

    /// <summary>Where a row stands in its file: file and line, or file and row.</summary>
    public string PlaceOf(int index) => place(index);

    /// <summary>The places of the columns PREFIX0, PREFIX1, ...; empty where there is no PREFIX0.</summary>
    /// <exception cref="TableFormatException">A number of the sequence is left out.</exception>
    public ImmutableArray<int> Sequence(string prefix) => Sequence(Columns, File, prefix);

    /// <summary>The same of columns of these names.</summary>
    internal static ImmutableArray<int> Sequence(ImmutableArray<string> columns, string file, string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var found = new SortedDictionary<int, int>();
        for (var i = 0; i < columns.Length; i++)
        {
            var name = columns[i];
            if (name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && name.Length == prefix.Length + number.ToString(CultureInfo.InvariantCulture).Length)
            {
                found[number] = i;
            }
        }

        var expected = 0;
        foreach (var number in found.Keys)
        {
            if (number != expected++)
            {
                throw new TableFormatException($"{file}:1: column '{prefix}{expected - 1}' is missing, although there is a '{prefix}{number}'.");
            }
        }

        return [.. found.Values];
    }
}
