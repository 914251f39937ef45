using System.Buffers.Binary;
using System.Text;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>A reader of the pickles that torch.save writes for a dictionary of tensors, and of no others: a machine with a stack, without any way to call or find anything.</summary>
/// <remarks>
/// Read are the operations of protocol 2 below, and the globals of <see cref="Globals"/>, which are names here and no code: OrderedDict() becomes a dictionary, _rebuild_tensor_v2 and _rebuild_parameter a <see cref="StoredTensor"/>.
/// Attributes of a dictionary (_metadata) are passed over. Every value takes bytes of the pickle, and values are shared, never copied: memory is within a multiple of its length.
/// Source: Python's module pickletools (the operations' documentation); PyTorch's torch/_utils.py (what is rebuilt), version 2.6.
/// </remarks>
internal sealed class Pickle
{
    private const string OrderedDictionary = "collections OrderedDict";
    private const string RebuildTensor = "torch._utils _rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils _rebuild_parameter";
    private const int LongestLine = 100;

    /// <summary>The types of storages, by PyTorch's name.</summary>
    private static readonly Dictionary<string, ElementType> Storages = new(StringComparer.Ordinal)
    {
        ["torch FloatStorage"] = ElementType.Float32,
        ["torch DoubleStorage"] = ElementType.Float64,
        ["torch HalfStorage"] = ElementType.Float16,
        ["torch BFloat16Storage"] = ElementType.BFloat16,
    };

    private static readonly object None = new();
    private static readonly object Mark = new();

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly string file;
    private readonly List<object> stack = [];
    private readonly Dictionary<int, object> memo = [];
    private int at;
    private int start;

    private Pickle(ReadOnlyMemory<byte> bytes, string file) => (this.bytes, this.file) = (bytes, file);

    /// <summary>All that a pickle may name.</summary>
    public static IReadOnlyCollection<string> Globals { get; } = [OrderedDictionary, RebuildTensor, RebuildParameter, .. Storages.Keys];

    /// <summary>The tensors of a pickled dictionary, in its order.</summary>
    /// <exception cref="ModelFormatException">It is no such pickle.</exception>
    public static IReadOnlyList<KeyValuePair<string, StoredTensor>> Read(ReadOnlyMemory<byte> bytes, string file)
    {
        var machine = new Pickle(bytes, file);
        while (machine.Step())
        {
        }

        return machine.stack is [Dictionary<string, object> state] && machine.at == bytes.Length
            ? [.. state.Select(entry => KeyValuePair.Create(entry.Key, entry.Value as StoredTensor ?? throw new ModelFormatException(
                $"{file}: entry {OneLine.Quote(entry.Key)} is {Kind(entry.Value)}, expected tensors only: what torch.save(module.state_dict(), file) writes.")))]
            : throw machine.Refusal($"the pickle ends with {(machine.stack is [var only] ? Kind(only) : $"{machine.stack.Count} values")} and {bytes.Length - machine.at} bytes behind, expected one dictionary");
    }

    /// <summary>One operation; false for the last.</summary>
    private bool Step()
    {
        start = at;
        var operation = Take(1)[0];
        switch (operation)
        {
            case 0x80:
                var protocol = Take(1)[0];
                _ = protocol == 2 ? 0 : throw Refusal($"protocol {protocol}, expected 2, torch.save's usual one");
                break;
            case (byte)'.':
                return false;
            case (byte)'(':
                stack.Add(Mark);
                break;
            case (byte)'N':
                stack.Add(None);
                break;
            case 0x88 or 0x89:
                stack.Add(operation == 0x88);
                break;
            case (byte)'K':
                stack.Add((long)Take(1)[0]);
                break;
            case (byte)'M':
                stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case (byte)'J':
                stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 0x8A:
                stack.Add(Long(Take(Take(1)[0])));
                break;
            case (byte)'G':
                stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case (byte)'X':
                stack.Add(Text(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))));
                break;
            case (byte)'c':
                stack.Add(Named($"{Line()} {Line()}"));
                break;
            case (byte)'}':
                stack.Add(new Dictionary<string, object>(StringComparer.Ordinal));
                break;
            case (byte)')':
                stack.Add(Array.Empty<object>());
                break;
            case 0x85 or 0x86 or 0x87:
                stack.Add(Pop(operation - 0x84));
                break;
            case (byte)'t':
                stack.Add(PopToMark());
                break;
            case (byte)'q' or (byte)'r':
                memo[Slot(operation == 'q')] = stack is [.., var top] && top != Mark ? top : throw Refusal("nothing to remember");
                break;
            case (byte)'h' or (byte)'j':
                stack.Add(memo.TryGetValue(Slot(operation == 'h'), out var known) ? known : throw Refusal("a value that was never remembered"));
                break;
            case (byte)'s':
                SetItems(Pop(2));
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case (byte)'b':
                _ = Pop(2) is [Dictionary<string, object> target, Dictionary<string, object>] ? Push(target) : throw Refusal("attributes of something else than a dictionary");
                break;
            case (byte)'Q':
                stack.Add(Storage(Pop(1)[0]));
                break;
            case (byte)'R':
                stack.Add(Reduce(Pop(2)));
                break;
            default:
                throw Refusal($"operation 0x{operation:X2}, expected one of those that torch.save writes for a dictionary of tensors");
        }

        return true;
    }

    private object Push(object value)
    {
        stack.Add(value);
        return value;
    }

    private Global Named(string name) => Globals.Contains(name) ? new Global(name)
        : throw Refusal($"global {OneLine.Quote(name)}, expected {OneLine.Join(Globals)}; numbers of other types are not read, and nothing in a file is executed");

    private StoredStorage Storage(object id) =>
        id is object[] and ["storage", Global { Name: var type }, string key, string, long count] && Storages.TryGetValue(type, out var element) && count >= 0
            ? new StoredStorage(element, key, count)
            : throw Refusal("a storage that is none of numbers");

    private object Reduce(object[] call) => call switch
    {
        [Global { Name: OrderedDictionary }, object[] and []] => new Dictionary<string, object>(StringComparer.Ordinal),
        [Global { Name: RebuildParameter }, object[] and [StoredTensor data, bool, Dictionary<string, object>]] => data,
        [Global { Name: RebuildTensor }, object[] and [StoredStorage storage, long offset, object[] shape, object[] strides, bool, Dictionary<string, object>, ..]]
            when offset >= 0 && shape.Length == strides.Length && shape.Concat(strides).All(extent => extent is long and >= 0) =>
            new StoredTensor(storage, offset, [.. shape.Cast<long>()], [.. strides.Cast<long>()]),
        [Global { Name: var name }, ..] => throw Refusal($"a call of {OneLine.Quote(name)} with other arguments than torch.save writes"),
        _ => throw Refusal("a call of something that is no function"),
    };

    private void SetItems(object[] items)
    {
        if (stack is not [.., Dictionary<string, object> target] || items.Length % 2 != 0)
        {
            throw Refusal("entries for something else than a dictionary");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            var key = items[i] as string ?? throw Refusal($"a key that is {Kind(items[i])}, expected a text");
            _ = target.TryAdd(key, items[i + 1]) ? 0 : throw Refusal($"a second entry {OneLine.Quote(key)}");
        }
    }

    private int Slot(bool isShort) => isShort ? Take(1)[0] : BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private object[] PopToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        var values = mark < 0 ? throw Refusal("the end of a list that did not begin") : stack.GetRange(mark + 1, stack.Count - mark - 1);
        stack.RemoveRange(mark, stack.Count - mark);
        return [.. values];
    }

    private object[] Pop(int count)
    {
        var first = stack.Count - count;
        if (first < 0 || stack.IndexOf(Mark, first) >= 0)
        {
            throw Refusal($"an operation on {count} values where there are fewer");
        }

        object[] values = [.. stack.GetRange(first, count)];
        stack.RemoveRange(first, count);
        return values;
    }

    private long Long(ReadOnlySpan<byte> number)
    {
        _ = number.Length <= sizeof(long) ? 0 : throw Refusal($"a whole number of {number.Length} bytes, expected at most {sizeof(long)}");
        Span<byte> whole = stackalloc byte[sizeof(long)];
        whole.Fill(number is [.., >= 0x80] ? (byte)0xFF : (byte)0);
        number.CopyTo(whole);
        return BinaryPrimitives.ReadInt64LittleEndian(whole);
    }

    private string Text(ReadOnlySpan<byte> text)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Refusal("a text that is not in UTF-8");
        }
    }

    private string Line()
    {
        var length = bytes.Span[at..].IndexOf((byte)'\n');
        _ = length is >= 0 and <= LongestLine ? 0 : throw Refusal($"a name without end within {LongestLine} bytes");
        var text = Text(Take((uint)length));
        at++;
        return text;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        var left = bytes.Length - at;
        _ = count <= left ? 0 : throw Refusal($"{count} bytes, expected at most the {left} that are left");
        at += (int)count;
        return bytes.Span.Slice(at - (int)count, (int)count);
    }

    private ModelFormatException Refusal(string what) => new($"{file}: byte {start} of data.pkl: {what}.");

    private static string Kind(object value) => value switch
    {
        Dictionary<string, object> => "a dictionary",
        string => "a text",
        long or double => "a number",
        bool => "a truth value",
        object[] => "a tuple",
        StoredTensor => "a tensor",
        _ => value == None ? "None" : value == Mark ? "a list without end" : "a name",
    };

    private sealed record Global(string Name);
}

/// <summary>Numbers in an entry of the archive.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Key">Name of the entry in the folder data.</param>
/// <param name="Count">How many there should be.</param>
internal sealed record StoredStorage(ElementType Type, string Key, long Count);

/// <summary>A tensor as a view of a storage.</summary>
/// <param name="Storage">The numbers.</param>
/// <param name="Offset">Number of its first one.</param>
/// <param name="Shape">Extents, not negative.</param>
/// <param name="Strides">Numbers from one index to the next, for each axis, not negative.</param>
internal sealed record StoredTensor(StoredStorage Storage, long Offset, long[] Shape, long[] Strides);
