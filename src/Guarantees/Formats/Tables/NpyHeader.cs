using System.Buffers.Binary;
using System.Globalization;

namespace Guarantees.Formats.Tables;

/// <summary>What the header of a NumPy array says: a Python dictionary with the keys 'descr', 'fortran_order' and 'shape'.</summary>
/// <param name="Type">Element type, as "&lt;f8".</param>
/// <param name="ColumnsFirst">Whether the first axis varies fastest.</param>
/// <param name="Shape">Extents.</param>
internal sealed record NpyHeader(string Type, bool ColumnsFirst, long[] Shape)
{
    private static readonly string[] Types = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"];

    /// <summary>Bytes of an element.</summary>
    public int Size => Type[2] - '0';

    private bool IsBig => Type[0] == '>';

    /// <summary>The type without its byte order, made once and not for every number.</summary>
    private string Kind { get; } = Type[1..];

    /// <summary>Reads the dictionary.</summary>
    /// <exception cref="TableFormatException">It is malformed, or of a type or shape that is not read.</exception>
    public static NpyHeader Parse(string text, string file)
    {
        var entries = Entries(text, file);
        if (entries.Count != 3 || !entries.TryGetValue("descr", out var type) || !entries.TryGetValue("fortran_order", out var order) || !entries.TryGetValue("shape", out var shape))
        {
            throw new TableFormatException($"{file}: the header has the keys {OneLine.Quote(string.Join(", ", entries.Keys))}, expected descr, fortran_order and shape.");
        }

        if (!(type.Length == 3 && (Types.Contains(type[1..]) && (type[0] is '<' or '>' || (type[2] == '1' && type[0] == '|')))))
        {
            throw new TableFormatException($"{file}: elements of type {OneLine.Quote(type)}, expected float64 ('<f8'), float32, float16 or integers.");
        }

        return order is not ("True" or "False")
            ? throw new TableFormatException($"{file}: fortran_order is {OneLine.Quote(order)}, expected True or False.")
            : new NpyHeader(type, order == "True", ReadShape(shape, file));
    }

    /// <summary>An element; not finite where no double is the same number.</summary>
    public double Number(ReadOnlySpan<byte> bytes) => Kind switch
    {
        "f8" => IsBig ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "f4" => IsBig ? BinaryPrimitives.ReadSingleBigEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "f2" => (double)(IsBig ? BinaryPrimitives.ReadHalfBigEndian(bytes) : BinaryPrimitives.ReadHalfLittleEndian(bytes)),
        _ => Exact(Integer(bytes)),
    };

    /// <summary>An element, for messages.</summary>
    public string Words(ReadOnlySpan<byte> bytes) => Type[1] == 'f' ? Number(bytes).ToString("R", CultureInfo.InvariantCulture) : Integer(bytes).ToString(CultureInfo.InvariantCulture);

    private static double Exact(Int128 value) => Int128.Abs(value) <= 1L << 53 ? (double)value : double.NaN;

    private Int128 Integer(ReadOnlySpan<byte> bytes)
    {
        Int128 value = 0;
        for (var k = 0; k < Size; k++)
        {
            value = (value << 8) | bytes[IsBig ? k : Size - 1 - k];
        }

        return Type[1] == 'i' && value >= Int128.One << ((8 * Size) - 1) ? value - (Int128.One << (8 * Size)) : value;
    }

    private static long[] ReadShape(string text, string file)
    {
        var shape = new List<long>();
        foreach (var extent in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            shape.Add(int.TryParse(extent, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new TableFormatException($"{file}: shape is {OneLine.Quote(text)}, expected extents below 2^31."));
        }

        return [.. shape];
    }

    /// <summary>The dictionary's entries, as text: {'key': 'word' or name or (1, 2), ...} and white space.</summary>
    private static Dictionary<string, string> Entries(string text, string file)
    {
        var (entries, at) = (new Dictionary<string, string>(), 0);
        Expect('{');
        while (Next() != '}')
        {
            var key = Word();
            Expect(':');
            var value = Next() == '(' ? Until(')') : Word();
            if (!entries.TryAdd(key, value))
            {
                throw new TableFormatException($"{file}: the header has {OneLine.Quote(key)} twice.");
            }

            if (Next() != '}')
            {
                Expect(',');
            }
        }

        Expect('}');
        return Next() == '\0' && at == text.Length ? entries : throw Malformed();

        char Next()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            return at < text.Length ? text[at] : '\0';
        }

        void Expect(char c)
        {
            if (Next() != c)
            {
                throw Malformed();
            }

            at++;
        }

        string Word()
        {
            if (Next() is '\'' or '"')
            {
                return Until(text[at]);
            }

            var start = at;
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
            {
                at++;
            }

            return at > start ? text[start..at] : throw Malformed();
        }

        string Until(char end)
        {
            var close = text.IndexOf(end, at + 1);
            var inner = close < 0 ? throw Malformed() : text[(at + 1)..close];
            at = close + 1;
            return inner;
        }

        TableFormatException Malformed() =>
            new($"{file}: the header is {OneLine.Quote(text)}, expected a dictionary with 'descr', 'fortran_order' and 'shape'.");
    }
}
