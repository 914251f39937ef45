using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Xunit;

namespace Guarantees.Tests.Formats.Tables;

/// <summary>Rows read one after the other are the rows of the whole table, and what one refuses the other refuses with the same words.</summary>
public class TableRowsLaws
{
    private static readonly string[] Types = ["<f8", ">f8", "<f4", ">f4", "<f2", ">f2", "<i8", ">i8", "<i4", ">i2", "|i1", "<u8", ">u4", "<u2", "|u1"];

    [Property(MaxTest = 300)]
    public bool Any_text_is_read_or_refused_as_the_whole_table_is(string text) => Same(Encoding.UTF8.GetBytes(text ?? ""), "t.csv");

    [Property(MaxTest = 500)]
    public Property Random_tables_with_random_slips_are_read_or_refused_alike() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new System.Random(seed);
        var (columns, text) = (random.Next(1, 4), new StringBuilder(random.Next(6) == 0 ? "\uFEFF" : ""));
        text.AppendJoin(',', Enumerable.Range(0, columns).Select(j => random.Next(40) == 0 ? "x_0" : random.Next(40) == 0 ? "" : $"x_{j}"));
        for (var rows = random.Next(0, 6); rows > 0; rows--)
        {
            text.Append(random.Next(5) == 0 ? "\r\n" : random.Next(8) == 0 ? "\n\n" : "\n");
            text.AppendJoin(',', Enumerable.Range(0, random.Next(30) == 0 ? columns + 1 : columns).Select(_ => random.Next(30) switch
            {
                0 => "nan",
                1 => "1e999",
                2 => "\"2.5\"",
                3 => " 7 ",
                4 => "",
                5 => "\"1",
                _ => (random.NextDouble() - 0.5).ToString("R", CultureInfo.InvariantCulture),
            }));
        }

        byte[] bytes = [.. Encoding.UTF8.GetBytes(text.ToString()), .. random.Next(20) == 0 ? [(byte)0xFF] : (byte[])[]];
        return Same(bytes, random.Next(2) == 0 ? "t.csv" : "t.dat");
    });

    [Property(MaxTest = 400)]
    public Property Random_arrays_of_every_type_and_order_are_read_alike() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new System.Random(seed);
        var type = Types[random.Next(Types.Length)];
        var (rows, columns) = (random.Next(0, 5), random.Next(0, 4));
        var bytes = new byte[Math.Max(0, (rows * columns * (type[2] - '0')) + (random.Next(10) == 0 ? random.Next(-1, 2) : 0))];
        random.NextBytes(bytes); // infinities, NaN and integers beyond 2^53 among them
        if (random.Next(2) == 0)
        {
            Array.Fill(bytes, (byte)1);
        }

        var shape = random.Next(6) == 0 ? $"({rows * columns},)" : $"({rows}, {columns})";
        return Same(Npy(type, random.Next(2) == 0, shape, bytes), random.Next(2) == 0 ? "t.npy" : "t.dat");
    });

    [Fact]
    public void Malformed_headers_are_refused_alike()
    {
        var one = new byte[8];
        foreach (var file in new[]
        {
            [], [0x93], Npy("<f8", false, "(1,)", one)[..20], Npy("<c16", false, "(1,)", one), Npy("<f8", false, "(-1,)", one), Npy("<f8", false, "(1, 100001)", []), Npy("<f8", false, "(5, 0)", []),
            Npy("<f8", true, "(2147483647, 2147483647)", one),
        })
        {
            Assert.True(Same(file, "t.npy"));
        }
    }

    [Theory]
    [InlineData("<f8")]
    [InlineData(">f4")]
    [InlineData("<i2")]
    public void An_array_of_three_axes_is_groups_of_rows(string type)
    {
        byte[] data = [.. Enumerable.Range(1, 12).SelectMany(value => Element(type, value))];
        using var rows = Open(Npy(type, false, "(2, 3, 2)", data), "t.npy");
        Assert.Equal((3, true), (rows.Group, rows.IsArray));
        Assert.Equal(["x_0", "x_1"], rows.Columns.ToArray());
        for (var i = 0; i < 6; i++)
        {
            var row = new double[2];
            Assert.True(rows.Next(row));
            Assert.Equal([(2 * i) + 1, (2 * i) + 2], row);
            Assert.Equal($"t.npy: row {i}", rows.Place);
        }

        Assert.False(rows.Next(new double[2]));
        Assert.False(rows.Next(new double[2]));
    }

    [Theory]
    [InlineData("(2, 3, 2)", true, 12, "Fortran order, expected C order")]
    [InlineData("(2, 0, 2)", false, 0, "the second of the three axes is empty")]
    [InlineData("(2, 3, 0)", false, 0, "0 columns")]
    [InlineData("(2, 3, 2)", false, 11, "88 bytes after the header, expected 96")]
    [InlineData("(2147483647, 2147483647, 100000)", false, 1, "8 bytes after the header, expected 3689348811")]
    [InlineData("(1, 2, 3, 4)", false, 24, "4 axes, expected one (one row), two (rows and columns) or three (groups of rows)")]
    [InlineData("()", false, 1, "0 axes")]
    public void Three_axes_that_do_not_fit_are_refused(string shape, bool columnsFirst, int numbers, string named)
    {
        var refused = Assert.Throws<TableFormatException>(() => Open(Npy("<f8", columnsFirst, shape, new byte[8 * numbers]), "t.npy"));
        Assert.StartsWith("t.npy: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A table has a most number of rows, their reading one by one has not.</summary>
    [Fact]
    public void More_rows_than_a_table_holds_are_read_in_memory_that_does_not_grow()
    {
        const int count = 6_100_000;
        using (var table = new Zeros(Npy("|u1", false, $"({count}, 1)", []), count))
        {
            Assert.Contains("more than 30000000 numbers", Assert.Throws<TableFormatException>(() => NpyReader.Read(table, "t.npy")).Message, StringComparison.Ordinal);
        }

        using var rows = TableRows.Open(new Zeros(Npy("|u1", false, $"({count}, 1)", []), count), "t.npy");
        var (row, read) = (new double[1], 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (rows.Next(row))
        {
            read++;
        }

        Assert.Equal(count, read);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void The_stream_is_closed_with_the_rows_and_where_the_header_is_refused()
    {
        var stream = new MemoryStream("a\n1\n"u8.ToArray());
        TableRows.Open(stream, "t.csv").Dispose();
        Assert.False(stream.CanRead);
        stream = new MemoryStream("a,a\n1\n"u8.ToArray());
        Assert.Throws<TableFormatException>(() => TableRows.Open(stream, "t.csv"));
        Assert.False(stream.CanRead);
    }

    /// <summary>Whether both readers give the same numbers, names and places, or the same words of refusal.</summary>
    private static bool Same(byte[] bytes, string file)
    {
        string Whole()
        {
            using var stream = new MemoryStream(bytes);
            var isArray = file.EndsWith(".npy", StringComparison.Ordinal) || NpyReader.Begins(stream);
            var table = isArray ? NpyReader.Read(stream, file) : CsvReader.Read(stream, file);
            return Told(table.Columns, Enumerable.Range(0, table.Rows).Select(i => (table[i].ToArray(), table.PlaceOf(i))));
        }

        string Rows()
        {
            using var rows = Open(bytes, file);
            var read = new List<(double[], string)>();
            for (var row = new double[rows.Columns.Length]; rows.Next(row); row = new double[row.Length])
            {
                read.Add((row, rows.Place));
            }

            return Told(rows.Columns, read);
        }

        Assert.Equal(Tell(Whole), Tell(Rows));
        return true;

        static string Told(IEnumerable<string> columns, IEnumerable<(double[] Row, string Place)> rows) =>
            string.Join('|', columns) + "\n" + string.Join('\n', rows.Select(one => $"{one.Place}: {string.Join(' ', one.Row.Select(value => BitConverter.DoubleToInt64Bits(value)))}"));

        static string Tell(Func<string> read)
        {
            try
            {
                return read();
            }
            catch (TableFormatException error)
            {
                return $"refused: {error.Message}";
            }
        }
    }

    private static TableRows Open(byte[] bytes, string file) => TableRows.Open(new MemoryStream(bytes), file);

    private static byte[] Npy(string type, bool columnsFirst, string shape, byte[] data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {(columnsFirst ? "True" : "False")}, 'shape': {shape}, }}";
        header = header.PadRight((((10 + header.Length + 64) / 64) * 64) - 11) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.Latin1.GetBytes(header), .. data];
    }

    private static byte[] Element(string type, int value)
    {
        var bytes = new byte[type[2] - '0'];
        switch (type)
        {
            case "<f8":
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            case ">f4":
                BinaryPrimitives.WriteSingleBigEndian(bytes, value);
                break;
            default:
                BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)value);
                break;
        }

        return bytes;
    }

    /// <summary>A head, and then zeros that nowhere are in memory.</summary>
    private sealed class Zeros(byte[] head, long zeros) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => head.Length + zeros;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, Length - Position);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = Position + i < head.Length ? head[Position + i] : (byte)0;
            }

            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = offset + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? Position : Length);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
