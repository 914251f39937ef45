namespace Guarantees.Formats.Onnx;

/// <summary>Shape arithmetic of ONNX: axes, strides, broadcasting. All sizes are checked before anything is allocated.</summary>
internal static class Shapes
{
    public static string Text(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";

    private const int MostAxes = 64;

    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    public static int[] Checked(int[] shape) => shape.Length <= MostAxes
        ? shape
        : throw new ModelFormatException($"a tensor has {shape.Length} axes; expected at most {MostAxes}");

    /// <summary>Number of elements.</summary>
    public static int Count(ReadOnlySpan<int> shape)
    {
        long count = 1;
        var empty = false;
        foreach (var extent in shape)
        {
            empty |= extent == 0;
            count = Math.Min(count * Math.Max(extent, 1), int.MaxValue);
        }

        return empty ? 0 : count < int.MaxValue ? (int)count
            : throw new ModelFormatException($"a tensor of shape {Text(shape.ToArray())} is too large; expected fewer than {int.MaxValue} elements");
    }

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank, string what = "axis") => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new ModelFormatException($"{what} is {axis}; expected {-rank} to {rank - 1}");

    /// <summary>Distinct axes counted from the front, in order.</summary>
    public static int[] Axes(IEnumerable<long> axes, int rank)
    {
        var places = axes.Select(axis => Axis(axis, rank)).ToArray();
        Array.Sort(places);
        for (var i = 1; i < places.Length; i++)
        {
            if (places[i] == places[i - 1])
            {
                throw new ModelFormatException($"axis {places[i]} is given twice");
            }
        }

        return places;
    }

    /// <summary>The shape of a result of an elementwise operator.</summary>
    public static int[] Broadcast(int[] a, int[] b)
    {
        var shape = new int[Math.Max(a.Length, b.Length)];
        for (var i = 0; i < shape.Length; i++)
        {
            var (m, n) = (Extent(a, i, shape.Length), Extent(b, i, shape.Length));
            shape[i] = m == n || n == 1 ? m : m == 1 ? n
                : throw new ModelFormatException($"shapes {Text(a)} and {Text(b)} do not broadcast; expected equal extents, or 1");
        }

        return shape;
    }

    /// <summary>For each element of shape <paramref name="to"/>, the element of shape <paramref name="from"/> that broadcasting puts there.</summary>
    public static int[] BroadcastPlaces(int[] from, int[] to)
    {
        var strides = new int[to.Length];
        var stride = 1;
        for (var i = to.Length - 1; i >= 0; i--)
        {
            var extent = Extent(from, i, to.Length);
            strides[i] = extent == 1 ? 0 : stride;
            stride *= extent;
        }

        return Places(to, strides, 0);
    }

    /// <summary>Row-major strides.</summary>
    public static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        var stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    /// <summary>start + sum_i index_i strides_i for every index of <paramref name="shape"/>, in order.</summary>
    public static int[] Places(int[] shape, int[] strides, int start)
    {
        var places = new int[Count(shape)];
        var index = new int[shape.Length];
        for (var (n, place) = (0, start); n < places.Length; n++)
        {
            places[n] = place;
            for (var i = shape.Length - 1; i >= 0; i--)
            {
                place += strides[i];
                if (++index[i] < shape[i])
                {
                    break;
                }

                place -= strides[i] * shape[i];
                index[i] = 0;
            }
        }

        return places;
    }

    private static int Extent(int[] shape, int i, int rank) => i < rank - shape.Length ? 1 : shape[i - (rank - shape.Length)];
}
