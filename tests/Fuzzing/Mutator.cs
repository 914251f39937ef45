using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Fuzzing;

/// <summary>Changes bytes, words and messages, at random but repeatably.</summary>
internal sealed partial class Mutator(Random random, IReadOnlyList<byte[]> corpus)
{
    /// <summary>Mutants stay below this size: larger inputs are made by hand, as hostile ones.</summary>
    private const int Largest = 1 << 18;

    private static readonly string[] Numbers =
    [
        "1e308", "-1e308", "1e309", "-1e400", "1e-400", "1e-324", "5e-324", "-0", "-0.0", "NaN", "nan", "Infinity", "-inf", ".inf", ".nan", "0", "1", "-1", "2147483647", "-2147483648", "4294967296",
        "9223372036854775807", "-9223372036854775809", "1e999999999", "1e-999999999", "0x10", "1_000", "1,5", "01", "+1", "1.", ".5", "1e", "--1", "0.1", "1/3", "(/ 1.0 3.0)", "99999999999999999999999999999999",
    ];

    private static readonly long[] Varints = [0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 65535, 1 << 20, 1 << 30, int.MaxValue, uint.MaxValue, 1L << 32, long.MaxValue, -1, -2, int.MinValue, long.MinValue];

    private static readonly string[] Odd = ["\u0000", "\u2028", "\ud800", "\ufeff", "é", "\U0001F600", "\t", "\r", "\n", " ", "'", "\"", "\\", "#", "&a", "*a", "!!x", "<<", "---", "...", "%YAML 1.2", "|", ">", "@", "`"];

    public Random Random => random;

    public byte[] Parent() => corpus[random.Next(corpus.Count)];

    public bool Chance(double share) => random.NextDouble() < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>One to eight changes of bytes, or a splice of two inputs.</summary>
    public byte[] Bytes(byte[] parent)
    {
        var bytes = new List<byte>(parent);
        if (Chance(0.1) && bytes.Count > 0)
        {
            var other = Parent();
            var cut = random.Next(bytes.Count);
            bytes.RemoveRange(cut, bytes.Count - cut);
            bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)).ToArray());
        }

        for (var steps = 1 << random.Next(4); steps > 0; steps--)
        {
            if (bytes.Count == 0)
            {
                bytes.Add((byte)random.Next(256));
                continue;
            }

            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = Pick<byte>([0, 1, 0x7F, 0x80, 0xFF, (byte)'0', (byte)'"', (byte)'(', (byte)'\n']);
                    break;
                case 3:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 4:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 << random.Next(8)));
                    break;
                case 5 when bytes.Count < Largest:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Math.Min(bytes.Count - at, 1 << random.Next(10))));
                    break;
                case 6 when bytes.Count - at >= 8:
                    var word = BitConverter.GetBytes(Pick(Varints));
                    for (var i = 0; i < (Chance(0.5) ? 4 : 8); i++)
                    {
                        bytes[at + i] = word[i];
                    }

                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>One to four changes of words: numbers replaced, tokens dropped, doubled, exchanged, taken from elsewhere, nested deeply or made long.</summary>
    public byte[] Text(byte[] parent, IReadOnlyList<string> words)
    {
        var tokens = Tokens(parent);
        for (var steps = 1 << random.Next(3); steps > 0; steps--)
        {
            if (tokens.Count == 0)
            {
                tokens.Add(Pick(words));
                continue;
            }

            var at = random.Next(tokens.Count);
            switch (random.Next(11))
            {
                case 0 or 1:
                    var numbers = Enumerable.Range(0, tokens.Count).Where(i => tokens[i] is [>= '0' and <= '9', ..]).ToArray();
                    tokens[numbers.Length > 0 ? Pick(numbers) : at] = Number();
                    break;
                case 2:
                    tokens.RemoveRange(at, Math.Min(tokens.Count - at, 1 << random.Next(5)));
                    break;
                case 3 when tokens.Count < Largest:
                    tokens.InsertRange(random.Next(tokens.Count), tokens.GetRange(at, Math.Min(tokens.Count - at, 1 << random.Next(7))));
                    break;
                case 4:
                    var other = random.Next(tokens.Count);
                    (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                    break;
                case 5:
                    tokens[at] = Pick(words);
                    break;
                case 6:
                    tokens.Insert(at, Pick(words));
                    break;
                case 7:
                    tokens.Insert(at, Pick(Odd));
                    break;
                case 8:
                    tokens.Insert(at, string.Concat(Enumerable.Repeat(tokens[at], 1 << random.Next(12))));
                    break;
                case 9:
                    var from = Tokens(Parent());
                    var start = random.Next(from.Count + 1);
                    tokens.InsertRange(at, from.GetRange(start, Math.Min(from.Count - start, 1 << random.Next(6))));
                    break;
                default:
                    tokens[at] = Pick<string>([tokens[at].ToUpperInvariant(), new string('9', 1 << random.Next(14)), new string('a', 1 << random.Next(14)), "", tokens[at] + tokens[at]]);
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(string.Concat(tokens));
    }

    /// <summary>A number as text: one of the hostile ones, or one drawn.</summary>
    public string Number() => random.Next(6) switch
    {
        0 => random.Next(-3, 12).ToString(CultureInfo.InvariantCulture),
        1 => BitConverter.Int64BitsToDouble(random.NextInt64()).ToString("R", CultureInfo.InvariantCulture),
        2 => new string('9', 1 + random.Next(400)),
        3 => "0." + new string('0', random.Next(400)) + "1",
        _ => Pick(Numbers),
    };

    /// <summary>A double: near another one, or hostile.</summary>
    public double Double(double near) => random.Next(8) switch
    {
        0 => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(near) ^ (1L << random.Next(64))),
        1 => near * (1 + Math.ScaleB((2 * random.NextDouble()) - 1, -random.Next(50))),
        2 => -near,
        3 => Math.BitIncrement(near),
        4 => Math.BitDecrement(near),
        5 => BitConverter.Int64BitsToDouble(random.NextInt64()),
        6 => near + random.Next(-2, 3),
        _ => Pick<double>([0, -0.0, 1, -1, double.Epsilon, double.MaxValue, double.MinValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, 1e-300, 1e17]),
    };

    /// <summary>Changes a protocol buffer message as a tree: numbers, lengths, fields dropped, doubled, exchanged, taken from another message, nested in itself.</summary>
    public byte[] Message(byte[] parent)
    {
        var fields = Parse(parent, 0);
        if (fields is null || fields.Count == 0)
        {
            return Bytes(parent);
        }

        for (var steps = 1 << random.Next(3); steps > 0; steps--)
        {
            // A walk down from the root.
            var list = fields;
            while (list.Count > 0 && Pick(list) is { Children: { Count: > 0 } children } && Chance(0.8))
            {
                list = children;
            }

            if (list.Count == 0)
            {
                continue;
            }

            var at = random.Next(list.Count);
            var field = list[at];
            switch (random.Next(9))
            {
                case 0 or 1 when field.Wire == 0:
                    field.Value = Chance(0.5) ? Pick(Varints) : random.Next(-3, 20);
                    break;
                case 2:
                    list.RemoveAt(at);
                    break;
                case 3:
                    list.Insert(random.Next(list.Count), field.Copy());
                    break;
                case 4:
                    var other = random.Next(list.Count);
                    (list[at], list[other]) = (list[other], list[at]);
                    break;
                case 5 when Parse(Parent(), 0) is { Count: > 0 } foreign:
                    var taken = Pick(foreign);
                    while (taken.Children is { Count: > 0 } below && Chance(0.8))
                    {
                        taken = Pick(below);
                    }

                    list.Insert(at, taken);
                    break;
                case 6 when field.Children is { } own && own.Count < 1000:
                    own.Add(field.Copy());
                    break;
                case 7:
                    field.Number = Chance(0.5) ? random.Next(1, 30) : field.Number + random.Next(-1, 2);
                    break;
                default:
                    if (field is { Wire: 2, Children: null })
                    {
                        field.Bytes = Chance(0.3) ? [] : Chance(0.3) ? Encoding.UTF8.GetBytes(Pick<string>(["x", "w", "y", "Relu", "MatMul", "Gemm", "Softmax", "Reshape", "Slice", "Concat", "axis"])) : Bytes(field.Bytes);
                    }
                    else if (field.Wire == 0)
                    {
                        field.Value = Pick(Varints);
                    }
                    else if (field.Wire is 1 or 5)
                    {
                        field.Value = BitConverter.DoubleToInt64Bits(Double(1));
                    }

                    break;
            }
        }

        var made = new List<byte>();
        Write(fields, made, 0);
        return made.Count < 4 * Largest ? [.. made] : [.. made[..Largest]];
    }

    /// <summary>The bytes, as often as asked, packed.</summary>
    public static byte[] Gzip(byte[] bytes, int times = 1)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            for (; times > 0; times--)
            {
                gzip.Write(bytes);
            }
        }

        return buffer.ToArray();
    }

    private static List<string> Tokens(byte[] text) => [.. Token().Matches(Encoding.UTF8.GetString(text)).Select(match => match.Value)];

    [GeneratedRegex("""[0-9][0-9.eE+\-]*|[A-Za-z_][A-Za-z_0-9\-]*|\s+|.""", RegexOptions.Singleline)]
    private static partial Regex Token();

    /// <summary>The fields of a message, or null where the bytes are none.</summary>
    private static List<Field>? Parse(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<Field>();
        while (!bytes.IsEmpty)
        {
            if (!Varint(ref bytes, out var key) || key >> 3 is < 1 or > 1 << 20 || depth > 8)
            {
                return null;
            }

            var field = new Field { Number = (int)(key >> 3), Wire = (int)(key & 7) };
            switch (field.Wire)
            {
                case 0 when Varint(ref bytes, out var value):
                    field.Value = value;
                    break;
                case 1 when bytes.Length >= 8:
                    field.Value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
                    bytes = bytes[8..];
                    break;
                case 5 when bytes.Length >= 4:
                    field.Value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                    bytes = bytes[4..];
                    break;
                case 2 when Varint(ref bytes, out var length) && length >= 0 && length <= bytes.Length:
                    field.Bytes = bytes[..(int)length].ToArray();
                    field.Children = length is > 1 and < 1 << 16 ? Parse(field.Bytes, depth + 1) : null;
                    bytes = bytes[(int)length..];
                    break;
                default:
                    return null;
            }

            fields.Add(field);
        }

        return fields;
    }

    private static bool Varint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        (value, var shift) = (0, 0);
        while (!bytes.IsEmpty && shift < 64)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (long)(next & 0x7F) << shift;
            shift += 7;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private void Write(List<Field> fields, List<byte> into, int depth)
    {
        foreach (var field in fields)
        {
            Varint(((long)field.Number << 3) | (long)field.Wire, into);
            switch (field.Wire)
            {
                case 0:
                    Varint(field.Value, into);
                    break;
                case 1:
                    into.AddRange(BitConverter.GetBytes(field.Value));
                    break;
                case 5:
                    into.AddRange(BitConverter.GetBytes(unchecked((int)field.Value)));
                    break;
                default:
                    var inner = new List<byte>();
                    if (field.Children is null || depth > 12)
                    {
                        inner.AddRange(field.Bytes);
                    }
                    else
                    {
                        Write(field.Children, inner, depth + 1);
                    }

                    // Now and then a length that lies.
                    Varint(random.Next(2000) == 0 ? Pick(Varints) : inner.Count, into);
                    into.AddRange(inner);
                    break;
            }
        }
    }

    private static void Varint(long value, List<byte> into)
    {
        for (var rest = unchecked((ulong)value); ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                into.Add((byte)rest);
                return;
            }

            into.Add((byte)((rest & 0x7F) | 0x80));
        }
    }

    private sealed class Field
    {
        public int Number { get; set; }

        public int Wire { get; init; }

        public long Value { get; set; }

        public byte[] Bytes { get; set; } = [];

        public List<Field>? Children { get; set; }

        public Field Copy() => new() { Number = Number, Wire = Wire, Value = Value, Bytes = Bytes, Children = Children is null ? null : [.. Children.Select(child => child.Copy())] };
    }
}
