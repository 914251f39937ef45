using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>Files of the format "safetensors": the header's length (8 bytes, least first), a header in JSON, and the numbers of all tensors one after another.</summary>
/// <remarks>
/// The header is an object: a name for each tensor, with <c>dtype</c>, <c>shape</c> and <c>data_offsets</c> [begin, end) counted from the header's end; <c>__metadata__</c>, texts by name, is passed over. Read are F32, F64, F16, BF16.
/// The data must follow one another without gaps or overlaps from the first byte behind the header to the last of the file. Limits: 16 MiB of header, 32 axes.
/// Source: the format's description in the README of the library safetensors (from memory).
/// </remarks>
internal static class SafetensorsFile
{
    private const int Prefix = sizeof(long);
    private const long LargestHeader = 16 << 20;
    private const int MostAxes = 32;
    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, ElementType> Types = new(StringComparer.Ordinal)
    {
        ["F32"] = ElementType.Float32,
        ["F64"] = ElementType.Float64,
        ["F16"] = ElementType.Float16,
        ["BF16"] = ElementType.BFloat16,
    };

    public static NamedTensors Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        if (bytes.Length < Prefix)
        {
            throw new ModelFormatException($"{file}: {bytes.Length} bytes are no weights: neither safetensors nor an archive of torch.save.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        var most = Math.Min(LargestHeader, bytes.Length - Prefix);
        if (length > (ulong)most || bytes.Span[Prefix..] is not [(byte)'{', ..])
        {
            throw new ModelFormatException($"{file}: no weights: neither an archive of torch.save, nor safetensors, whose header would be {length} bytes here, expected 2 to {most} that begin with '{{'.");
        }

        try
        {
            using var header = JsonDocument.Parse(bytes.Slice(Prefix, (int)length), new JsonDocumentOptions { MaxDepth = 4 });
            return Tensors(header.RootElement, bytes[(Prefix + (int)length)..], file);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException($"{file}: the header is no JSON: {OneLine.Plain(OneLine.Of(error))}", error);
        }
    }

    public static byte[] Write(NamedTensors tensors)
    {
        using var buffer = new MemoryStream();
        using (var header = new Utf8JsonWriter(buffer))
        {
            header.WriteStartObject();
            var begin = 0L;
            foreach (var tensor in tensors.All)
            {
                var end = begin + ((long)tensor.Values.Length * sizeof(float));
                header.WriteStartObject(tensor.Name);
                header.WriteString("dtype", "F32");
                Numbers(header, "shape", tensor.Shape);
                Numbers(header, "data_offsets", [begin, end]);
                header.WriteEndObject();
                begin = end;
            }

            header.WriteEndObject();
        }

        while (buffer.Length % Prefix != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var data = tensors.All.Sum(tensor => (long)tensor.Values.Length * sizeof(float));
        var file = new byte[Prefix + buffer.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, buffer.Length);
        buffer.ToArray().CopyTo(file, Prefix);
        var rest = file.AsSpan(Prefix + (int)buffer.Length);
        foreach (var value in tensors.All.SelectMany(tensor => tensor.Values))
        {
            BinaryPrimitives.WriteSingleLittleEndian(rest, value);
            rest = rest[sizeof(float)..];
        }

        return file;
    }

    private static void Numbers(Utf8JsonWriter header, string name, ImmutableArray<long> values)
    {
        header.WriteStartArray(name);
        foreach (var value in values)
        {
            header.WriteNumberValue(value);
        }

        header.WriteEndArray();
    }

    private static NamedTensors Tensors(JsonElement header, ReadOnlyMemory<byte> data, string file)
    {
        var (names, entries, total) = (new HashSet<string>(StringComparer.Ordinal), new List<Entry>(), 0L);
        foreach (var property in header.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw new ModelFormatException($"{file}: the header names {OneLine.Quote(property.Name)} twice.");
            }

            if (property.Name != Metadata)
            {
                var entry = Entry.Of(property, data.Length, $"{file}: tensor {OneLine.Quote(property.Name)}");
                entries.Add(entry);
                total += (entry.End - entry.Begin) / entry.Type.Size;
            }
        }

        if (total > NamedTensors.MostNumbers)
        {
            throw new ModelFormatException($"{file}: {total} numbers, expected at most {NamedTensors.MostNumbers}.");
        }

        var at = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            at = entry.Begin == at ? entry.End : throw new ModelFormatException($"{entry.Where}: data_offsets begin at {entry.Begin}, expected {at}, where the data before it end.");
        }

        return at == data.Length
            ? new NamedTensors(entries.Select(entry => entry.Read(data.Span)), file)
            : throw new ModelFormatException($"{file}: {data.Length} bytes behind the header, expected {at}, where the last data end.");
    }

    private sealed record Entry(string Name, string Where, ElementType Type, ImmutableArray<long> Shape, long Begin, long End)
    {
        public static Entry Of(JsonProperty property, int length, string where)
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                throw new ModelFormatException($"{where}: {OneLine.Quote(property.Value.GetRawText())}, expected an object of dtype, shape and data_offsets.");
            }

            var members = property.Value.EnumerateObject().ToArray();
            if (members.Length != 3 || !property.Value.TryGetProperty("dtype", out var type) || !property.Value.TryGetProperty("shape", out var extents)
                || !property.Value.TryGetProperty("data_offsets", out var offsets))
            {
                throw new ModelFormatException($"{where}: members {OneLine.Quote(string.Join(", ", members.Take(9).Select(member => member.Name)))}, expected dtype, shape and data_offsets once each.");
            }

            if (type.ValueKind != JsonValueKind.String || !Types.TryGetValue(type.GetString()!, out var element))
            {
                throw new ModelFormatException($"{where}: dtype {OneLine.Quote(type.ToString())}, expected {OneLine.Join(Types.Keys)}.");
            }

            var shape = Whole(extents, "shape", where);
            var range = Whole(offsets, "data_offsets", where);
            if (shape.Length > MostAxes)
            {
                throw new ModelFormatException($"{where}: {shape.Length} axes, expected at most {MostAxes}.");
            }

            if (range is not [var begin, var end] || begin > end || end > length)
            {
                throw new ModelFormatException($"{where}: data_offsets {OneLine.Quote(offsets.GetRawText())}, expected [begin, end] within [0, {length}].");
            }

            // Stops growing above any length that could be true.
            var count = shape.Contains(0) ? 0 : shape.Aggregate((Int128)element.Size, (product, extent) => Int128.Min(product, 1L << 40) * extent);
            return count == end - begin
                ? new Entry(property.Name, where, element, shape, begin, end)
                : throw new ModelFormatException($"{where}: {end - begin} bytes of data for shape {OneLine.Quote(extents.GetRawText())} of type {element.Word}.");
        }

        public NamedTensor Read(ReadOnlySpan<byte> data) =>
            new(Name, Shape, ImmutableCollectionsMarshal.AsImmutableArray(Elements.Read(data[(int)Begin..(int)End], Type, Where)));

        private static ImmutableArray<long> Whole(JsonElement list, string name, string where)
        {
            var numbers = ImmutableArray.CreateBuilder<long>();
            foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Malformed())
            {
                numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0 ? number : throw Malformed());
            }

            return numbers.ToImmutable();

            ModelFormatException Malformed() => new($"{where}: {name} is {OneLine.Quote(list.GetRawText())}, expected a list of whole numbers from 0 on.");
        }
    }
}
