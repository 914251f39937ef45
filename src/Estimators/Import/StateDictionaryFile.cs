using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>What <c>torch.save(module.state_dict(), file)</c> writes, since PyTorch 1.6: a zip archive with data.pkl, a pickled dictionary, and in the folder data an entry for each storage.</summary>
/// <remarks>
/// Parameters and buffers of type float32, float64, float16 and bfloat16 on any device, transposed ones and views too; no tensor has more numbers than its storage. Dictionaries that hold anything but tensors (an epoch, an optimizer, a
/// module) are refused by the entry's name. Storages are in the order of bytes that the entry byteorder names, which must be little. Limits: those of <see cref="NamedTensors"/>, 32 axes.
/// Source: PyTorch's notes "Serialization semantics" (from memory), and archives that version 2.6 wrote.
/// </remarks>
internal static class StateDictionaryFile
{
    private const int MostAxes = 32;
    private const string Ending = "/data.pkl";

    public static NamedTensors Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        var entries = ZipEntries.Read(bytes, file);
        var pickles = entries.Keys.Where(name => name.EndsWith(Ending, StringComparison.Ordinal)).ToArray();
        if (pickles.Length != 1)
        {
            throw new ModelFormatException($"{file}: {pickles.Length} entries {Ending[1..]} in the archive, expected one: what torch.save writes.");
        }

        var folder = pickles[0][..^Ending.Length];
        if (entries.TryGetValue($"{folder}/byteorder", out var order) && !order.Span.SequenceEqual("little"u8))
        {
            throw new ModelFormatException($"{file}: numbers whose first byte is not the least, expected the order 'little'.");
        }

        var (named, total) = (Pickle.Read(entries[pickles[0]], file), (Int128)0);
        var tensors = new List<NamedTensor>();
        foreach (var (name, tensor) in named)
        {
            var where = $"{file}: tensor {OneLine.Quote(name)}";
            var count = Count(tensor, where);
            total += count;
            if (total > NamedTensors.MostNumbers)
            {
                throw new ModelFormatException($"{where}: with those before it {total} numbers, expected at most {NamedTensors.MostNumbers}.");
            }

            if (!entries.TryGetValue($"{folder}/data/{tensor.Storage.Key}", out var storage) || storage.Length != (Int128)tensor.Storage.Count * tensor.Storage.Type.Size)
            {
                throw new ModelFormatException($"{where}: entry {OneLine.Quote($"data/{tensor.Storage.Key}")} has {storage.Length} bytes, expected {tensor.Storage.Count} numbers of type {tensor.Storage.Type.Word}.");
            }

            tensors.Add(new NamedTensor(name, [.. tensor.Shape], ImmutableCollectionsMarshal.AsImmutableArray(Read(tensor, storage.Span, (int)count, where))));
        }

        return new NamedTensors(tensors, file);
    }

    /// <summary>How many numbers a tensor has, all of them within its storage and no more than there.</summary>
    private static long Count(StoredTensor tensor, string where)
    {
        if (tensor.Shape.Length > MostAxes)
        {
            throw new ModelFormatException($"{where}: {tensor.Shape.Length} axes, expected at most {MostAxes}.");
        }

        var (count, last) = ((Int128)1, (Int128)tensor.Offset);
        if (tensor.Shape.Contains(0))
        {
            return 0;
        }

        for (var axis = 0; axis < tensor.Shape.Length; axis++)
        {
            count *= tensor.Shape[axis];
            last += (Int128)(tensor.Shape[axis] - 1) * tensor.Strides[axis];
            if (count > tensor.Storage.Count || last >= tensor.Storage.Count)
            {
                break;
            }
        }

        return count <= tensor.Storage.Count && last < tensor.Storage.Count
            ? (long)count
            : throw new ModelFormatException($"{where}: shape {NamedTensor.Text(tensor.Shape)}, strides {NamedTensor.Text(tensor.Strides)} from {tensor.Offset} on, expected within a storage of {tensor.Storage.Count} numbers, and no more of them.");
    }

    private static float[] Read(StoredTensor tensor, ReadOnlySpan<byte> storage, int count, string where)
    {
        var (type, shape, strides) = (tensor.Storage.Type, tensor.Shape, tensor.Strides);
        if (count == 0 || IsContiguous(shape, strides))
        {
            return Elements.Read(count == 0 ? [] : storage.Slice((int)tensor.Offset * type.Size, count * type.Size), type, where);
        }

        var (values, index, from) = (new float[count], new long[shape.Length], tensor.Offset);
        for (var i = 0; i < count; i++)
        {
            values[i] = Elements.One(storage[((int)from * type.Size)..], type, where, i);
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return values;
    }

    private static bool IsContiguous(long[] shape, long[] strides)
    {
        var expected = 1L;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (shape[axis] != 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= shape[axis];
        }

        return true;
    }
}
