using System.Text;
using Cli;
using Guarantees.Formats;
using Guarantees.Formats.Tables;

namespace Fuzzing;

/// <summary>Tables of comma-separated values.</summary>
internal class CsvTarget : Target
{
    private static readonly string[] Words = [",", "\n", "\r\n", "\r", "\"", "\"\"", "x_0", "x_1", "x_2", "lo0", "hi1", " ", "\t", "\ufeff", "1e5", ",,", "\0"];

    public override string Name => "csv";

    protected override IEnumerable<byte[]> Seeds => new[]
    {
        "x_0,x_1,theta_0\n0.1,-0.2,3\n1e-3, 4 ,5.5\n",
        "\ufeff\"x_0\",\"a \"\"b\"\"\"\r\n1,2\r\n\r\n\"3\",4\r\n",
        "a\n1\n2\n3\n",
    }.Select(Encoding.UTF8.GetBytes);

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Text(string.Join(',', Enumerable.Range(0, 300_000).Select(i => $"x_{i}")) + "\n1\n"),
        () => Text(string.Join(',', Enumerable.Range(0, 1_500_000).Select(i => $"c{i}")) + "\n1\n"),
        () => Text(new string(',', 5_000_000)),
        () => Text(new string('"', 5_000_000)),
        () => Text("a" + new string('"', 3_000_000)),
        () => Text("a" + string.Concat(Enumerable.Repeat("b\"", 1_000_000)) + "\n1\n"),
        () => Text("a\n" + new string(' ', 3_000_000) + new string('"', 400_000)),
        () => Text("a\n" + string.Concat(Enumerable.Repeat(" \"\"", 1_000_000)) + "1"),
        () => Text("a\n" + string.Concat(Enumerable.Repeat("1\n", 3_000_000))),
        () => Text("a\n" + new string('9', 5_000_000)),
        () => Text("a\n0." + new string('0', 5_000_000) + "1\n"),
        () => Text("a\n1e" + new string('9', 5_000_000) + "\n"),
        () => Text(new string('\n', 10_000_000)),
        () => Text(new string('a', 20_000_000)),
        () => Text("a\n\"" + new string('\n', 10_000_000)),
    ];

    public override bool Run(byte[] input)
    {
        try
        {
            Read(input);
            return true;
        }
        catch (TableFormatException error)
        {
            return Refused(error, "input.csv");
        }
    }

    protected virtual void Read(byte[] input)
    {
        using var reader = new StreamReader(new MemoryStream(input), new UTF8Encoding(false, true));
        var table = CsvReader.Read(reader, "input.csv");
        for (var i = 0; i < table.Rows; i++)
        {
            FindingException.Unless(table[i].Length == table.Columns.Length && !table[i].ContainsAnyExceptInRange(double.MinValue, double.MaxValue), $"row {i} is no row of finite numbers");
        }

        table.Sequence("x_");
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Chance(0.4) ? mutator.Bytes(parent) : mutator.Text(parent, Words);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>NumPy arrays.</summary>
internal sealed class NpyTarget : Target
{
    private static readonly string[] Words = ["'descr'", "'shape'", "'fortran_order'", "'<f8'", "'|u1'", "True", "(2, 3)", "(2147483647, 2147483647)", "(,)", "{", "}", ",", ":", "-1", "\0"];

    public override string Name => "npy";

    protected override IEnumerable<byte[]> Seeds =>
    [
        File("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }\n", [.. BitConverter.GetBytes(0.5), .. BitConverter.GetBytes(-1e300)]),
        File("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }\n", [0, 1, 2, 3, 4, 5, 6, 7]),
        File("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", BitConverter.GetBytes(3f)),
    ];

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => File("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647), }", []),
        () => File("{'descr': '|u1', 'fortran_order': False, 'shape': (29000000, 1), }", new byte[29_000_000]),
        () => File("{'descr': '|u1', 'fortran_order': True, 'shape': (5900000, 1), }", new byte[5_900_000]),
        () => File("{'descr': '|u1', 'fortran_order': True, 'shape': (200, 100000), }", new byte[20_000_000]),
        () => File("{'descr': '|u1', 'fortran_order': False, 'shape': (" + string.Concat(Enumerable.Repeat("1,", 30_000)) + "), }", [1]),
        () => File("{" + string.Concat(Enumerable.Range(0, 6_000).Select(i => $"'{i}':1,")) + "}", [1]),
        () => File(new string(' ', 60_000), [1]),
        () => File(new string('{', 60_000), [1]),
        () => [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255],
    ];

    public override bool Run(byte[] input)
    {
        try
        {
            using var stream = new MemoryStream(input);
            NpyReader.Begins(stream);
            var table = NpyReader.Read(stream, "input.npy");
            for (var i = 0; i < table.Rows; i++)
            {
                FindingException.Unless(table[i].Length == table.Columns.Length && !table[i].ContainsAnyExceptInRange(double.MinValue, double.MaxValue), $"row {i} is no row of finite numbers");
            }

            return true;
        }
        catch (TableFormatException error)
        {
            return Refused(error, "input.npy");
        }
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) =>
        mutator.Chance(0.25) ? Whole(mutator) : mutator.Chance(0.6) ? mutator.Bytes(parent) : mutator.Text(parent, Words);

    /// <summary>A header that is nearly right and about as much data as it says: random bytes alone seldom get past the header.</summary>
    private static byte[] Whole(Mutator mutator)
    {
        var (type, size) = mutator.Pick<(string, int)>([("<f8", 8), (">f8", 8), ("<f4", 4), ("<f2", 2), ("<i8", 8), (">i2", 2), ("|u1", 1), ("|b1", 1), ("<c8", 8)]);
        var (rows, columns) = (mutator.Pick([0, 1, 2, 7]), mutator.Pick([1, 2, 5]));
        var shape = mutator.Pick([$"({rows}, {columns})", $"({rows},)", $"({rows * columns},)", $"({columns}, {rows})", $"({rows}, {columns}, 1)", "()"]);
        var data = new byte[Math.Max(0, (rows * columns * size) + mutator.Pick([0, 0, 0, 0, -1, 1]))];
        for (var i = 0; i + size <= data.Length; i += size)
        {
            var number = mutator.Double(mutator.Pick([0.5, -3.0, 255.0]));
            (size == 8 ? BitConverter.GetBytes(number) : BitConverter.GetBytes((float)number).AsSpan(4 - Math.Min(4, size)).ToArray()).AsSpan(0, size).CopyTo(data.AsSpan(i));
        }

        return File($"{{'descr': '{type}', 'fortran_order': {mutator.Pick(["True", "False"])}, 'shape': {shape}, }}{mutator.Pick(["\n", "", "   \n"])}", data);
    }

    private static byte[] File(string header, byte[] data) => [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.Latin1.GetBytes(header), .. data];
}

/// <summary>Tables of boxes, for two coordinates.</summary>
internal sealed class BoxTarget : CsvTarget
{
    public override string Name => "box";

    protected override IEnumerable<byte[]> Seeds => new[] { "lo0,lo1,hi0,hi1\n0,-1,1,1\n-0.5,0.25,-0.5,1e3\n", "a,b,c,d\n-1e308,0,1e308,0\n" }.Select(Encoding.UTF8.GetBytes);

    protected override IEnumerable<Func<byte[]>> Hostile => [];

    protected override void Read(byte[] input)
    {
        var path = Path.Combine(Workshop.Folder, "input.csv");
        System.IO.File.WriteAllBytes(path, input);
        foreach (var box in BoxFile.Read(path, 2))
        {
            FindingException.Unless(box.Length == 2 && box.Lower[0] <= box.Upper[0] && box.Lower[1] <= box.Upper[1], "a box whose ends cross");
        }
    }
}
