using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>Reads a NumPy array of one or two axes as a table.</summary>
/// <remarks>
/// NPY format 1.0 to 3.0 (R. Kern, "A Simple File Format for NumPy Arrays", NEP 1, 2007), in C or Fortran order, of either byte order: float64, float32, float16, and
/// integers of 8 to 64 bits whose values a double holds. A matrix gives a row of the table for each of its rows; a vector is one row. Columns are called x_0, x_1, ...
/// Limits: those of <see cref="Table"/>; 65,536 characters of header. The file must end where the array does.
/// </remarks>
public static class NpyReader
{
    private const int LongestHeader = 65_536;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Whether a stream that can seek begins like an array; where it stands does not change.</summary>
    public static bool Begins(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> start = stackalloc byte[6];
        var read = stream.ReadAtLeast(start, 6, throwOnEndOfStream: false);
        stream.Seek(-read, SeekOrigin.Current);
        return start[..read].SequenceEqual(Magic);
    }

    /// <summary>Reads an array.</summary>
    /// <param name="stream">The file, which can seek.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="TableFormatException">It is malformed or of another kind; the message names file, place and value.</exception>
    public static Table Read(Stream stream, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = NpyHeader.Parse(ReadHeader(stream, file), file);
        var (count, width) = header.Shape.Length switch
        {
            1 => (1L, header.Shape[0]),
            2 => (header.Shape[0], header.Shape[1]),
            _ => throw new TableFormatException($"{file}: the array has {header.Shape.Length} axes, expected one (one row) or two (rows and columns)."),
        };
        if (width is 0 or > CsvFields.MostFields)
        {
            throw new TableFormatException($"{file}: the array has {width} columns, expected 1 to {CsvFields.MostFields}.");
        }

        if (count > Table.MostNumbers / (width + 4))
        {
            throw new TableFormatException($"{file}: more than {Table.MostNumbers} numbers, each row counted as four more, expected at most so many.");
        }

        var (bytes, present) = (count * width * header.Size, stream.Length - stream.Position);
        if (bytes != present)
        {
            throw new TableFormatException($"{file}: {present} bytes after the header, expected {bytes} for {count * width} numbers of type '{header.Type}'.");
        }

        return Fill(stream, file, header, (int)count, (int)width);
    }

    private static Table Fill(Stream stream, string file, NpyHeader header, int count, int width)
    {
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            rows[i] = new double[width];
        }

        var (outer, inner) = header.ColumnsFirst && header.Shape.Length == 2 ? (width, count) : (count, width);
        var buffer = new byte[inner * header.Size];
        for (var p = 0; p < outer; p++)
        {
            stream.ReadExactly(buffer);
            for (var q = 0; q < inner; q++)
            {
                var (i, j) = outer == count && inner == width && !(header.ColumnsFirst && header.Shape.Length == 2) ? (p, q) : (q, p);
                var value = header.Number(buffer.AsSpan(q * header.Size, header.Size));
                rows[i][j] = double.IsFinite(value)
                    ? value
                    : throw new TableFormatException(string.Create(CultureInfo.InvariantCulture, $"{file}: row {i}, column {j} has {header.Words(buffer.AsSpan(q * header.Size, header.Size))}, expected a finite number that a double holds."));
            }
        }

        ImmutableArray<string> columns = [.. Enumerable.Range(0, width).Select(j => $"x_{j}")];
        return new Table(file, columns, rows, row => $"{file}: row {row}");
    }

    internal static string ReadHeader(Stream stream, string file)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8 || !start[..6].SequenceEqual(Magic))
        {
            throw new TableFormatException($"{file}: does not begin like a NumPy array, expected '\\x93NUMPY' and a version.");
        }

        if (start[6] is < 1 or > 3)
        {
            throw new TableFormatException($"{file}: NPY version {start[6]}.{start[7]}, expected 1.0 to 3.0.");
        }

        Span<byte> size = stackalloc byte[start[6] == 1 ? 2 : 4];
        if (stream.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length)
        {
            throw new TableFormatException($"{file}: ends within the header.");
        }

        long length = size.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestHeader)
        {
            throw new TableFormatException($"{file}: a header of {length} bytes, expected at most {LongestHeader}.");
        }

        var header = new byte[length];
        return stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == length
            ? Encoding.Latin1.GetString(header)
            : throw new TableFormatException($"{file}: ends within the header.");
    }
}
