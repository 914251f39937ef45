using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>Reads comma-separated values with a header.</summary>
/// <remarks>
/// Fields may be quoted as in RFC 4180; lines end in LF or CRLF; a byte order mark and empty lines are skipped; spaces around a number are
/// allowed. Numbers have a '.', whatever the culture, and become the nearest double. Limits: <see cref="Table.MostNumbers"/> numbers, each row counted as four more;
/// 100,000 columns; 4,096 characters a field.
/// </remarks>
public static class CsvReader
{
    /// <summary>Reads a text in UTF-8.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, line, column and value.</exception>
    public static Table Read(Stream stream, string file)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false, true));
        return Read(reader, file);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, line, column and value.</exception>
    public static Table Read(TextReader reader, string file)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            var fields = new CsvFields(reader, file);
            var columns = ReadHeader(fields, file);
            var (rows, lines) = (new List<double[]>(), new List<int>());
            var room = Table.MostNumbers;
            while (fields.Next() is { } texts)
            {
                room -= columns.Length + 4;
                if (room < 0)
                {
                    throw new TableFormatException($"{file}:{fields.Line}: more than {Table.MostNumbers} numbers, each row counted as four more, expected at most so many.");
                }

                rows.Add(ReadRow(texts, columns, file, fields.Line));
                lines.Add(fields.Line);
            }

            return new Table(file, columns, [.. rows], row => $"{file}:{lines[row]}");
        }
        catch (DecoderFallbackException error)
        {
            throw new TableFormatException($"{file}: not a text in UTF-8.", error);
        }
    }

    internal static ImmutableArray<string> ReadHeader(CsvFields fields, string file)
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

    internal static double[] ReadRow(List<string> texts, ImmutableArray<string> columns, string file, int line)
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
