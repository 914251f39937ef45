using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>A table of finite numbers with named columns, read from comma-separated values with a header.</summary>
/// <remarks>
/// Fields may be quoted as in RFC 4180; lines end in LF or CRLF; a byte order mark and empty lines are skipped; spaces around a number are
/// allowed. Numbers have a '.', whatever the culture, and become the nearest double. Limits: <see cref="MostNumbers"/> numbers, each row counted as four more;
/// 100,000 columns; 4,096 characters a field.
/// </remarks>
public sealed class CsvTable
{
    /// <summary>Most numbers of a table, each row counted as four more: about a quarter of a gigabyte.</summary>
    public const int MostNumbers = 30_000_000;

    private readonly double[][] rows;
    private readonly int[] lines;

    private CsvTable(string file, ImmutableArray<string> columns, double[][] rows, int[] lines) =>
        (File, Columns, this.rows, this.lines) = (file, columns, rows, lines);

    /// <summary>Name of the file, for messages.</summary>
    public string File { get; }

    /// <summary>Names of the columns.</summary>
    public ImmutableArray<string> Columns { get; }

    /// <summary>Number of rows below the header.</summary>
    public int Rows => rows.Length;

    /// <summary>The values of a row, in the order of the columns.</summary>
    /// <param name="index">From 0.</param>
    public ReadOnlySpan<double> this[int index] => rows[index];

    /// <summary>Reads a file.</summary>
    /// <exception cref="TableFormatException">It is malformed; the message names file, line, column and value.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static CsvTable Read(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, true));
        return Read(reader, path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, line, column and value.</exception>
    public static CsvTable Read(TextReader reader, string file)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            var fields = new CsvFields(reader, file);
            var columns = ReadHeader(fields, file);
            var (rows, lines) = (new List<double[]>(), new List<int>());
            var room = MostNumbers;
            while (fields.Next() is { } texts)
            {
                room -= columns.Length + 4;
                if (room < 0)
                {
                    throw new TableFormatException($"{file}:{fields.Line}: more than {MostNumbers} numbers, each row counted as four more, expected at most so many.");
                }

                rows.Add(ReadRow(texts, columns, file, fields.Line));
                lines.Add(fields.Line);
            }

            return new CsvTable(file, columns, [.. rows], [.. lines]);
        }
        catch (DecoderFallbackException error)
        {
            throw new TableFormatException($"{file}: not a text in UTF-8.", error);
        }
    }

    /// <summary>Line of a row in its file, from 1.</summary>
    public int LineOf(int index) => lines[index];

    /// <summary>The places of the columns PREFIX0, PREFIX1, ...; empty where there is no PREFIX0.</summary>
    /// <exception cref="TableFormatException">A number of the sequence is left out.</exception>
    public ImmutableArray<int> Sequence(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var found = new SortedDictionary<int, int>();
        for (var i = 0; i < Columns.Length; i++)
        {
            var name = Columns[i];
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
                throw new TableFormatException($"{File}:1: column '{prefix}{expected - 1}' is missing, although there is a '{prefix}{number}'.");
            }
        }

        return [.. found.Values];
    }

    private static ImmutableArray<string> ReadHeader(CsvFields fields, string file)
    {
        var header = fields.Next() ?? throw new TableFormatException($"{file}: the file is empty, expected a header with the names of the columns.");
        var names = header.Select(name => name.Trim()).ToImmutableArray();
        var seen = new HashSet<string>();
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                throw new TableFormatException($"{file}:{fields.Line}: column {i + 1} has no name.");
            }

            if (!seen.Add(names[i]))
            {
                throw new TableFormatException($"{file}:{fields.Line}: column name {OneLine.Quote(names[i])} appears twice.");
            }
        }

        return names.Any(name => !TryNumber(name, out _))
            ? names
            : throw new TableFormatException($"{file}:{fields.Line}: the first line holds numbers only ({OneLine.Quote(names[0])}, ...), expected a header with the names of the columns.");
    }

    private static double[] ReadRow(List<string> texts, ImmutableArray<string> columns, string file, int line)
    {
        if (texts.Count != columns.Length)
        {
            throw new TableFormatException($"{file}:{line}: {texts.Count} fields, expected {columns.Length} as in the header.");
        }

        var row = new double[texts.Count];
        for (var i = 0; i < row.Length; i++)
        {
            if (!TryNumber(texts[i], out row[i]))
            {
                throw new TableFormatException($"{file}:{line}: column {OneLine.Quote(columns[i])} has {OneLine.Quote(texts[i])}, expected a finite number such as -0.5 or 1e-3.");
            }
        }

        return row;
    }

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
