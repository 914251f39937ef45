using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>The rows of a table one after the other, in memory that does not grow with their number: comma-separated values, or a NumPy array.</summary>
/// <remarks>
/// What is read, and how it is refused, is as for <see cref="Table"/>, but for the limit on its size. An array of three axes is a table of groups: its rows are those of the last axis, and <see cref="Group"/>
/// is the second extent. An array whose first axis varies fastest is read whole, within the limits of a table.
/// </remarks>
public sealed class TableRows : IDisposable
{
    private readonly Stream stream;
    private readonly string file;
    private readonly CsvFields? fields;
    private readonly TextReader? text;
    private readonly Table? whole;
    private readonly NpyHeader? header;
    private readonly byte[] buffer = [];
    private readonly long count;
    private long row = -1;

    private TableRows(Stream stream, string file)
    {
        (this.stream, this.file) = (stream, file);
        if (!Path.GetExtension(file).Equals(".npy", StringComparison.OrdinalIgnoreCase) && !NpyReader.Begins(stream))
        {
            text = new StreamReader(stream, new UTF8Encoding(false, true));
            fields = new CsvFields(text, file);
            Columns = Decoded(() => CsvReader.ReadHeader(fields, file));
            return;
        }

        IsArray = true;
        var start = stream.Position;
        header = NpyHeader.Parse(NpyReader.ReadHeader(stream, file), file);
        if (header.ColumnsFirst && header.Shape.Length == 2)
        {
            stream.Position = start;
            whole = NpyReader.Read(stream, file);
            (Columns, count) = (whole.Columns, whole.Rows);
            return;
        }

        (count, var width) = header.Shape switch
        {
            [var n] => (1, n),
            [var n, var d] => (n, d),
            [var n, var l, var d] when !header.ColumnsFirst && l is >= 1 and <= int.MaxValue => (n * l, d),
            [_, 0, _] => throw new TableFormatException($"{file}: the second of the three axes is empty."),
            [_, _, _] => throw new TableFormatException($"{file}: an array of three axes in Fortran order, expected C order."),
            _ => throw new TableFormatException($"{file}: the array has {header.Shape.Length} axes, expected one (one row), two (rows and columns) or three (groups of rows)."),
        };
        Group = header.Shape.Length == 3 ? (int)header.Shape[1] : 0;
        if (width is 0 or > CsvFields.MostFields)
        {
            throw new TableFormatException($"{file}: the array has {width} columns, expected 1 to {CsvFields.MostFields}.");
        }

        var (bytes, present) = ((Int128)count * width * header.Size, stream.Length - stream.Position);
        if (bytes != present)
        {
            throw new TableFormatException($"{file}: {present} bytes after the header, expected {bytes} for {(Int128)count * width} numbers of type '{header.Type}'.");
        }

        Columns = [.. Enumerable.Range(0, (int)width).Select(j => $"x_{j}")];
        buffer = new byte[width * header.Size];
    }

    /// <summary>Names of the columns; of an array x_0, x_1, ...</summary>
    public ImmutableArray<string> Columns { get; }

    /// <summary>Whether the columns have no names of their own.</summary>
    public bool IsArray { get; }

    /// <summary>How many rows form a group, for an array of three axes; otherwise 0.</summary>
    public int Group { get; }

    /// <summary>Where the row read last stands in its file: file and line, or file and row.</summary>
    public string Place => fields is null ? $"{file}: row {row}" : $"{file}:{fields.Line}";

    /// <summary>Begins to read.</summary>
    /// <param name="stream">The file, which can seek; it is closed with the rows.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="TableFormatException">The header is malformed; the message names file, place and value.</exception>
    public static TableRows Open(Stream stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return new TableRows(stream, file);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next row; false at the end.</summary>
    /// <param name="values">As many as columns.</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, place and value.</exception>
    public bool Next(Span<double> values)
    {
        if (fields is not null)
        {
            var read = Decoded(() => fields.Next() is { } texts ? CsvReader.ReadRow(texts, Columns, file, fields.Line) : null);
            read?.CopyTo(values);
            return read is not null;
        }

        if (++row >= count)
        {
            return false;
        }

        if (whole is not null)
        {
            whole[(int)row].CopyTo(values);
            return true;
        }

        stream.ReadExactly(buffer);
        for (var j = 0; j < Columns.Length; j++)
        {
            var bytes = buffer.AsSpan(j * header!.Size, header.Size);
            var value = values[j] = header.Number(bytes);
            if (!double.IsFinite(value))
            {
                throw new TableFormatException(string.Create(CultureInfo.InvariantCulture, $"{file}: row {row}, column {j} has {header.Words(bytes)}, expected a finite number that a double holds."));
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        text?.Dispose();
        stream.Dispose();
    }

    private T Decoded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException error)
        {
            throw new TableFormatException($"{file}: not a text in UTF-8.", error);
        }
    }
}
