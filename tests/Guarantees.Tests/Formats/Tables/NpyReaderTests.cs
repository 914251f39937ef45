using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Xunit;

namespace Guarantees.Tests.Formats.Tables;

/// <summary>Arrays are written here as NEP 1 has it, byte by byte.</summary>
/// <remarks>Mutants seen to fail: axes of Fortran order not exchanged, sign of integers dropped, byte order ignored, 2^53 not checked, length of the file not checked, NaN let through.</remarks>
public class NpyReaderTests
{
    [Theory]
    [InlineData("<f8", false)]
    [InlineData(">f8", true)]
    [InlineData("<f4", true)]
    [InlineData(">f4", false)]
    [InlineData("<f2", false)]
    [InlineData(">f2", true)]
    [InlineData("<i8", false)]
    [InlineData(">i4", true)]
    [InlineData("<i2", false)]
    [InlineData("|i1", true)]
    [InlineData(">u8", false)]
    [InlineData("<u4", true)]
    [InlineData("<u2", false)]
    [InlineData("|u1", true)]
    public void A_matrix_has_its_rows_whatever_type_order_and_byte_order(string type, bool columnsFirst)
    {
        double[][] rows = type[1] == 'u' ? [[0, 1, 200], [3, 4, 127]] : [[-1, 0, 100], [3, -128, 5]];
        var data = columnsFirst ? Enumerable.Range(0, 3).SelectMany(j => rows.Select(row => row[j])) : rows.SelectMany(row => row);
        var table = Read(File(type, columnsFirst, "(2, 3)", [.. data.SelectMany(value => Element(type, value))]));

        Assert.Equal(["x_0", "x_1", "x_2"], table.Columns.ToArray());
        Assert.Equal(2, table.Rows);
        Assert.Equal(rows[0], table[0].ToArray());
        Assert.Equal(rows[1], table[1].ToArray());
        Assert.Equal("t.npy: row 1", table.PlaceOf(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_vector_is_one_row(bool columnsFirst)
    {
        var table = Read(File("<f8", columnsFirst, "(3,)", [.. new[] { 0.1, -2e-300, 4 }.SelectMany(value => Element("<f8", value))]));
        Assert.Equal([0.1, -2e-300, 4], table[0].ToArray());
        Assert.Equal(1, table.Rows);
    }

    [Fact]
    public void Headers_of_versions_2_and_3_and_of_other_spacing_are_read()
    {
        foreach (byte version in new byte[] { 2, 3 })
        {
            Assert.Equal([7], Read(File("<f8", false, "(1,1)", Element("<f8", 7), version: version))[0].ToArray());
        }

        Assert.Equal([7], Read(Raw("{\"descr\":'<f8' ,'shape':( 1 , ),'fortran_order':False}", Element("<f8", 7)))[0].ToArray());
    }

    [Property]
    public Property Doubles_are_read_as_they_are() => Prop.ForAll(Gen.Choose(1, 5).SelectMany(n => Gen.ArrayOf(ArbMap.Default.GeneratorFor<NormalFloat>(), n)).ToArbitrary(), values =>
    {
        var numbers = Array.ConvertAll(values, value => value.Get);
        return Read(File("<f8", false, $"({numbers.Length}, 1)", [.. numbers.SelectMany(value => Element("<f8", value))])) is var table
            && Enumerable.Range(0, numbers.Length).All(i => BitConverter.DoubleToInt64Bits(table[i][0]) == BitConverter.DoubleToInt64Bits(numbers[i]));
    });

    [Fact]
    public void What_cannot_be_read_is_refused_with_file_place_and_value()
    {
        byte[] one = Element("<f8", 1);
        Refused("ends within the header", Whole("<f8", "(1,)", one)[..20]);
        Refused("does not begin like a NumPy array", [1, 2, 3]);
        Refused("NPY version 4.0", File("<f8", false, "(1,)", one, version: 4));
        Refused("a header of 70000 bytes, expected at most 65536", [0x93, .. "NUMPY"u8, 2, 0, .. BitConverter.GetBytes(70_000)]);
        Refused("7 bytes after the header, expected 8 for 1 numbers", Whole("<f8", "(1,)", one[..7]));
        Refused("9 bytes after the header, expected 8", Whole("<f8", "(1,)", [.. one, 0]));
        Refused("0 bytes after the header, expected 8000000", Whole("<f8", "(1000, 1000)", []));
        Refused("more than 30000000 numbers", Whole("<f8", "(2147483647, 3)", []));
        Refused("0 columns", Whole("<f8", "(5, 0)", []));
        Refused("100001 columns", Whole("<f8", "(1, 100001)", []));
        Refused("0 axes", Whole("<f8", "()", one));
        Refused("3 axes", Whole("<f8", "(1, 1, 1)", one));
        Refused("'-1,'", Whole("<f8", "(-1,)", one));
        Refused("'4294967296,'", Whole("<f8", "(4294967296,)", one));
        Refused("type '<c16'", Whole("<c16", "(1,)", one));
        Refused("type '|O'", Whole("|O", "(1,)", one));
        Refused("type '|f8'", Whole("|f8", "(1,)", one));
        Refused("row 0, column 1 has NaN", Whole("<f8", "(1, 2)", [.. one, .. Element("<f8", double.NaN)]));
        Refused("row 1, column 0 has ", Whole("<f4", "(2, 1)", [.. Element("<f4", 1), .. Element("<f4", double.PositiveInfinity)]));
        Refused("row 0, column 0 has -9007199254740993", Whole("<i8", "(1,)", BitConverter.GetBytes(-9007199254740993L)));
        Refused("row 0, column 0 has 18446744073709551615", Whole("<u8", "(1,)", BitConverter.GetBytes(ulong.MaxValue)));
        Refused("fortran_order is 'Maybe'", Raw("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }", one));
        Refused("'shape' twice", Raw("{'descr': '<f8', 'shape': (1,), 'fortran_order': False, 'shape': (1,)}", one));
        Refused("the keys 'descr, shape'", Raw("{'descr': '<f8', 'shape': (1,)}", one));
        foreach (var header in new[] { "", "{", "{'descr'", "{'descr': '<f8'", "{'descr': '<f8', 'shape': (1", "{} x", "[1]", "{'a': [('x', '<f8')]}", "{,}" })
        {
            Refused("the header is", Raw(header, one));
        }
    }

    [Property(MaxTest = 300)]
    public bool Any_bytes_are_read_or_refused(byte[] bytes, byte place)
    {
        var file = Whole("<f4", "(2, 2)", [.. Enumerable.Repeat((byte)1, 16)]);
        foreach (var b in bytes ?? [])
        {
            file[(place + b) % file.Length] = b;
        }

        try
        {
            Read(file);
            return true;
        }
        catch (TableFormatException refused)
        {
            return refused.Message.StartsWith("t.npy: ", StringComparison.Ordinal) && !refused.Message.Contains('\n', StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(".npy")]
    [InlineData(".dat")]
    public void A_file_is_known_by_its_name_or_its_beginning(string extension)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
        System.IO.File.WriteAllBytes(path, Whole("<f8", "(1,)", Element("<f8", 2.5)));
        try
        {
            Assert.Equal([2.5], Table.Read(path)[0].ToArray());
            System.IO.File.WriteAllText(path, "a\n1\n");
            if (extension == ".npy")
            {
                Assert.Throws<TableFormatException>(() => Table.Read(path));
            }
            else
            {
                Assert.Equal([1], Table.Read(path)[0].ToArray());
            }
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    private static void Refused(string words, byte[] file) =>
        Assert.Contains(words, Assert.Throws<TableFormatException>(() => Read(file)).Message, StringComparison.Ordinal);

    private static Table Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return NpyReader.Read(stream, "t.npy");
    }

    private static byte[] Whole(string type, string shape, byte[] data) => File(type, false, shape, data);

    private static byte[] File(string type, bool columnsFirst, string shape, byte[] data, byte version = 1) =>
        Raw($"{{'descr': '{type}', 'fortran_order': {(columnsFirst ? "True" : "False")}, 'shape': {shape}, }}", data, version);

    /// <summary>Magic, version, length of the header, header filled up with spaces to a multiple of 64 and ended by a line feed, data.</summary>
    private static byte[] Raw(string header, byte[] data, byte version = 1)
    {
        var prefix = version == 1 ? 10 : 12;
        header = header.PadRight((((prefix + header.Length + 64) / 64) * 64) - prefix - 1) + "\n";
        byte[] size = version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. size, .. Encoding.Latin1.GetBytes(header), .. data];
    }

    private static byte[] Element(string type, double value)
    {
        var bytes = new byte[type[2] - '0'];
        switch (type[1])
        {
            case 'f' when bytes.Length == 8:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            case 'f' when bytes.Length == 4:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            case 'f':
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
                break;
            default:
                BitConverter.GetBytes((long)value).AsSpan(0, bytes.Length).CopyTo(bytes);
                break;
        }

        if (type[0] == '>')
        {
            Array.Reverse(bytes);
        }

        return bytes;
    }
}
