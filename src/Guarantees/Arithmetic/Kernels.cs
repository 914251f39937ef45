using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Guarantees.Networks.Operators;

namespace Guarantees.Arithmetic;

/// <summary>The two vectorised loops of the kernel: a dot product with the sizes of its terms, and a row-blocked matrix product.</summary>
/// <remarks>
/// Results are those of nearest rounding in some order of summation, with or without fused multiply-add; callers add the a-priori error,
/// which covers every order. Row strides are padded with zeros as <see cref="Pad"/> says.
/// </remarks>
internal static class Kernels
{
    /// <summary>Doubles in one vector register.</summary>
    public const int Lanes = 4;

    private const int Wide = 8;

    /// <summary>The smallest multiple of 2 <see cref="Lanes"/>, a whole register of eight where there is one, not below <paramref name="length"/>.</summary>
    public static int Pad(int length) => (length + (2 * Lanes) - 1) / (2 * Lanes) * (2 * Lanes);

    /// <summary>sum w_j m_j, sum |w_j m_j| and sum |w_j| r_j, r &gt;= 0.</summary>
    public static (double Sum, double Size, double Spread) DotWithSizes(ReadOnlySpan<double> w, ReadOnlySpan<double> m, ReadOnlySpan<double> r)
    {
        m = m[..w.Length];
        r = r[..w.Length];
        var (sums, sizes, spreads) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var j = 0;
        if (Vector512.IsHardwareAccelerated && w.Length >= Wide)
        {
            var (wideSums, wideSizes, wideSpreads) = (Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero);
            for (; j + Wide <= w.Length; j += Wide)
            {
                var weight = Vector512.Create(w.Slice(j, Wide));
                var product = weight * Vector512.Create(m.Slice(j, Wide));
                wideSums += product;
                wideSizes += Vector512.Abs(product);
                wideSpreads += Vector512.Abs(weight) * Vector512.Create(r.Slice(j, Wide));
            }

            (sums, sizes, spreads) = (wideSums.GetLower() + wideSums.GetUpper(), wideSizes.GetLower() + wideSizes.GetUpper(), wideSpreads.GetLower() + wideSpreads.GetUpper());
        }

        for (; j + Lanes <= w.Length; j += Lanes)
        {
            var weight = Vector256.Create(w.Slice(j, Lanes));
            var product = weight * Vector256.Create(m.Slice(j, Lanes));
            sums += product;
            sizes += Vector256.Abs(product);
            spreads += Vector256.Abs(weight) * Vector256.Create(r.Slice(j, Lanes));
        }

        var (sum, size, spread) = (Vector256.Sum(sums), Vector256.Sum(sizes), Vector256.Sum(spreads));
        for (; j < w.Length; j++)
        {
            var product = w[j] * m[j];
            sum += product;
            size += Math.Abs(product);
            spread += Math.Abs(w[j]) * r[j];
        }

        return (sum, size, spread);
    }

    /// <summary>sum a_j b_j over vectors of the same padded length.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        var (first, second) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var j = 0; j + (2 * Lanes) <= a.Length; j += 2 * Lanes)
        {
            first = Vector256.FusedMultiplyAdd(Vector256.Create(a.Slice(j, Lanes)), Vector256.Create(b.Slice(j, Lanes)), first);
            second = Vector256.FusedMultiplyAdd(Vector256.Create(a.Slice(j + Lanes, Lanes)), Vector256.Create(b.Slice(j + Lanes, Lanes)), second);
        }

        return Vector256.Sum(first + second);
    }

    /// <summary>sum |a_j| b_j over vectors of the same padded length, b &gt;= 0.</summary>
    public static double DotOfMagnitudes(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        var (first, second) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var j = 0; j + (2 * Lanes) <= a.Length; j += 2 * Lanes)
        {
            first = Vector256.FusedMultiplyAdd(Vector256.Abs(Vector256.Create(a.Slice(j, Lanes))), Vector256.Create(b.Slice(j, Lanes)), first);
            second = Vector256.FusedMultiplyAdd(Vector256.Abs(Vector256.Create(a.Slice(j + Lanes, Lanes))), Vector256.Create(b.Slice(j + Lanes, Lanes)), second);
        }

        return Vector256.Sum(first + second);
    }

    /// <summary>sum |a_j| over a vector of padded length.</summary>
    public static double SumOfMagnitudes(ReadOnlySpan<double> a)
    {
        var (first, second) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var j = 0; j + (2 * Lanes) <= a.Length; j += 2 * Lanes)
        {
            first += Vector256.Abs(Vector256.Create(a.Slice(j, Lanes)));
            second += Vector256.Abs(Vector256.Create(a.Slice(j + Lanes, Lanes)));
        }

        return Vector256.Sum(first + second);
    }

    /// <summary>C = A B, or C += A B: A [rows, inner], B [inner, columns], C [rows, columns], each with its own stride.</summary>
    public static void Multiply(Rows a, Rows b, Rows c, int rows, int inner, int columns, bool accumulate)
    {
        Check(b, inner, Pad(columns));
        Multiply(a, b, Places(inner, b.Stride), c, rows, columns, accumulate);
    }

    /// <summary>C = A B, or C += A B, where row k of B starts at <paramref name="places"/>[k]: A [rows, places], C [rows, columns].</summary>
    public static void Multiply(Rows a, Rows b, ReadOnlySpan<int> places, Rows c, int rows, int columns, bool accumulate)
    {
        var width = Pad(columns);
        Check(a, rows, places.Length);
        Check(c, rows, width);
        foreach (var place in places)
        {
            if (place < 0 || (long)place + width > b.Data.Length)
            {
                throw new ArgumentException($"A row of {width} numbers at {place} does not lie in a block of {b.Data.Length}.", nameof(places));
            }
        }

        if (rows == 0 || width == 0)
        {
            return;
        }

        if (Vector512.IsHardwareAccelerated)
        {
            MultiplyWide(a, b, places, c, rows, width, accumulate);
        }
        else
        {
            MultiplyNarrow(a, b, places, c, rows, width, accumulate);
        }
    }

    [ThreadStatic]
    private static (int Stride, int[] Starts) evenly;

    /// <summary>0, stride, 2 stride, ...</summary>
    private static ReadOnlySpan<int> Places(int count, int stride)
    {
        if (evenly.Starts is null || evenly.Stride != stride || evenly.Starts.Length < count)
        {
            var starts = new int[Math.Max(count, 64)];
            for (var k = 0; k < starts.Length; k++)
            {
                starts[k] = k * stride;
            }

            evenly = (stride, starts);
        }

        return evenly.Starts.AsSpan(0, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyNarrow(Rows a, Rows b, ReadOnlySpan<int> places, Rows c, int rows, int width, bool accumulate)
    {
        var inner = places.Length;
        ref var place = ref MemoryMarshal.GetReference(places);
        ref var pa = ref MemoryMarshal.GetArrayDataReference(a.Data);
        ref var pb = ref MemoryMarshal.GetArrayDataReference(b.Data);
        ref var pc = ref MemoryMarshal.GetArrayDataReference(c.Data);
        for (var r = 0; r < rows; r += 4)
        {
            // A last block of fewer than four rows repeats its last row and stores it once.
            var left = rows - r;
            ref var a0 = ref Unsafe.Add(ref pa, r * a.Stride);
            ref var a1 = ref Unsafe.Add(ref a0, left > 1 ? a.Stride : 0);
            ref var a2 = ref Unsafe.Add(ref a1, left > 2 ? a.Stride : 0);
            ref var a3 = ref Unsafe.Add(ref a2, left > 3 ? a.Stride : 0);
            for (var j = 0; j < width; j += 2 * Lanes)
            {
                Vector256<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
                ref var columns = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++)
                {
                    ref var row = ref Unsafe.Add(ref columns, Unsafe.Add(ref place, k));
                    var b0 = Vector256.LoadUnsafe(ref row);
                    var b1 = Vector256.LoadUnsafe(ref row, Lanes);
                    var v = Vector256.Create(Unsafe.Add(ref a0, k));
                    c00 = Vector256.FusedMultiplyAdd(v, b0, c00);
                    c01 = Vector256.FusedMultiplyAdd(v, b1, c01);
                    v = Vector256.Create(Unsafe.Add(ref a1, k));
                    c10 = Vector256.FusedMultiplyAdd(v, b0, c10);
                    c11 = Vector256.FusedMultiplyAdd(v, b1, c11);
                    v = Vector256.Create(Unsafe.Add(ref a2, k));
                    c20 = Vector256.FusedMultiplyAdd(v, b0, c20);
                    c21 = Vector256.FusedMultiplyAdd(v, b1, c21);
                    v = Vector256.Create(Unsafe.Add(ref a3, k));
                    c30 = Vector256.FusedMultiplyAdd(v, b0, c30);
                    c31 = Vector256.FusedMultiplyAdd(v, b1, c31);
                }

                ref var target = ref Unsafe.Add(ref pc, (r * c.Stride) + j);
                Store(ref target, c00, c01, accumulate);
                if (left > 1)
                {
                    Store(ref Unsafe.Add(ref target, c.Stride), c10, c11, accumulate);
                }

                if (left > 2)
                {
                    Store(ref Unsafe.Add(ref target, 2 * c.Stride), c20, c21, accumulate);
                }

                if (left > 3)
                {
                    Store(ref Unsafe.Add(ref target, 3 * c.Stride), c30, c31, accumulate);
                }
            }
        }
    }

    /// <summary>The same with eight doubles a register, in blocks of eight or four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyWide(Rows a, Rows b, ReadOnlySpan<int> places, Rows c, int rows, int width, bool accumulate)
    {
        ref var place = ref MemoryMarshal.GetReference(places);
        ref var pb = ref MemoryMarshal.GetArrayDataReference(b.Data);
        for (var r = 0; r < rows;)
        {
            var left = rows - r;
            ref var from = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(a.Data), r * a.Stride);
            ref var to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(c.Data), r * c.Stride);
            if (left > 4)
            {
                var j = 0;
                for (; j + (2 * Wide) <= width; j += 2 * Wide)
                {
                    EightRows(ref from, a.Stride, ref Unsafe.Add(ref pb, j), ref place, places.Length, ref Unsafe.Add(ref to, j), c.Stride, left, accumulate);
                }

                if (j < width)
                {
                    EightRowsOfOne(ref from, a.Stride, ref Unsafe.Add(ref pb, j), ref place, places.Length, ref Unsafe.Add(ref to, j), c.Stride, left, accumulate);
                }

                r += 8;
            }
            else
            {
                var j = 0;
                for (; j + (2 * Wide) <= width; j += 2 * Wide)
                {
                    FourRows(ref from, a.Stride, ref Unsafe.Add(ref pb, j), ref place, places.Length, ref Unsafe.Add(ref to, j), c.Stride, left, accumulate);
                }

                if (j < width)
                {
                    FourRowsOfOne(ref from, a.Stride, ref Unsafe.Add(ref pb, j), ref place, places.Length, ref Unsafe.Add(ref to, j), c.Stride, left, accumulate);
                }

                r += 4;
            }
        }
    }

    // Blocks repeat their last row where fewer are left, and store it once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRows(
        ref double a0, int stride, ref double columns, ref int place, int inner, ref double target, int targetStride, int left, bool accumulate)
    {
        Vector512<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<double> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        ref var a4 = ref Unsafe.Add(ref a0, 4 * stride);
        nint s1 = stride, s2 = 2 * stride, s3 = 3 * stride, s5 = left > 5 ? stride : 0, s6 = left > 6 ? 2 * stride : s5, s7 = left > 7 ? 3 * stride : s6;
        for (nint k = 0; k < inner; k++)
        {
            ref var row = ref Unsafe.Add(ref columns, Unsafe.Add(ref place, k));
            var b0 = Vector512.LoadUnsafe(ref row);
            var b1 = Vector512.LoadUnsafe(ref row, Wide);
            ref var low = ref Unsafe.Add(ref a0, k);
            ref var high = ref Unsafe.Add(ref a4, k);
            var v = Vector512.Create(low);
            c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
            v = Vector512.Create(Unsafe.Add(ref low, s1));
            c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
            v = Vector512.Create(Unsafe.Add(ref low, s2));
            c20 = Vector512.FusedMultiplyAdd(v, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(v, b1, c21);
            v = Vector512.Create(Unsafe.Add(ref low, s3));
            c30 = Vector512.FusedMultiplyAdd(v, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(v, b1, c31);
            v = Vector512.Create(high);
            c40 = Vector512.FusedMultiplyAdd(v, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(v, b1, c41);
            v = Vector512.Create(Unsafe.Add(ref high, s5));
            c50 = Vector512.FusedMultiplyAdd(v, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(v, b1, c51);
            v = Vector512.Create(Unsafe.Add(ref high, s6));
            c60 = Vector512.FusedMultiplyAdd(v, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(v, b1, c61);
            v = Vector512.Create(Unsafe.Add(ref high, s7));
            c70 = Vector512.FusedMultiplyAdd(v, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(v, b1, c71);
        }

        StoreWide(ref target, c00, c01, accumulate);
        StoreWide(ref Unsafe.Add(ref target, targetStride), c10, c11, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 2 * targetStride), c20, c21, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 3 * targetStride), c30, c31, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 4 * targetStride), c40, c41, accumulate);
        if (left > 5)
        {
            StoreWide(ref Unsafe.Add(ref target, 5 * targetStride), c50, c51, accumulate);
        }

        if (left > 6)
        {
            StoreWide(ref Unsafe.Add(ref target, 6 * targetStride), c60, c61, accumulate);
        }

        if (left > 7)
        {
            StoreWide(ref Unsafe.Add(ref target, 7 * targetStride), c70, c71, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRowsOfOne(
        ref double a0, int stride, ref double columns, ref int place, int inner, ref double target, int targetStride, int left, bool accumulate)
    {
        Vector512<double> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        ref var a4 = ref Unsafe.Add(ref a0, 4 * stride);
        nint s1 = stride, s2 = 2 * stride, s3 = 3 * stride, s5 = left > 5 ? stride : 0, s6 = left > 6 ? 2 * stride : s5, s7 = left > 7 ? 3 * stride : s6;
        for (nint k = 0; k < inner; k++)
        {
            var b = Vector512.LoadUnsafe(ref Unsafe.Add(ref columns, Unsafe.Add(ref place, k)));
            ref var low = ref Unsafe.Add(ref a0, k);
            ref var high = ref Unsafe.Add(ref a4, k);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(low), b, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s1)), b, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s2)), b, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s3)), b, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(high), b, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref high, s5)), b, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref high, s6)), b, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref high, s7)), b, c7);
        }

        StoreWide(ref target, c0, accumulate);
        StoreWide(ref Unsafe.Add(ref target, targetStride), c1, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 2 * targetStride), c2, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 3 * targetStride), c3, accumulate);
        StoreWide(ref Unsafe.Add(ref target, 4 * targetStride), c4, accumulate);
        if (left > 5)
        {
            StoreWide(ref Unsafe.Add(ref target, 5 * targetStride), c5, accumulate);
        }

        if (left > 6)
        {
            StoreWide(ref Unsafe.Add(ref target, 6 * targetStride), c6, accumulate);
        }

        if (left > 7)
        {
            StoreWide(ref Unsafe.Add(ref target, 7 * targetStride), c7, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(
        ref double a0, int stride, ref double columns, ref int place, int inner, ref double target, int targetStride, int left, bool accumulate)
    {
        Vector512<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        nint s1 = left > 1 ? stride : 0, s2 = left > 2 ? 2 * stride : s1, s3 = left > 3 ? 3 * stride : s2;
        for (nint k = 0; k < inner; k++)
        {
            ref var row = ref Unsafe.Add(ref columns, Unsafe.Add(ref place, k));
            var b0 = Vector512.LoadUnsafe(ref row);
            var b1 = Vector512.LoadUnsafe(ref row, Wide);
            ref var low = ref Unsafe.Add(ref a0, k);
            var v = Vector512.Create(low);
            c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
            v = Vector512.Create(Unsafe.Add(ref low, s1));
            c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
            v = Vector512.Create(Unsafe.Add(ref low, s2));
            c20 = Vector512.FusedMultiplyAdd(v, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(v, b1, c21);
            v = Vector512.Create(Unsafe.Add(ref low, s3));
            c30 = Vector512.FusedMultiplyAdd(v, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(v, b1, c31);
        }

        StoreWide(ref target, c00, c01, accumulate);
        if (left > 1)
        {
            StoreWide(ref Unsafe.Add(ref target, targetStride), c10, c11, accumulate);
        }

        if (left > 2)
        {
            StoreWide(ref Unsafe.Add(ref target, 2 * targetStride), c20, c21, accumulate);
        }

        if (left > 3)
        {
            StoreWide(ref Unsafe.Add(ref target, 3 * targetStride), c30, c31, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRowsOfOne(
        ref double a0, int stride, ref double columns, ref int place, int inner, ref double target, int targetStride, int left, bool accumulate)
    {
        Vector512<double> c0 = default, c1 = default, c2 = default, c3 = default;
        nint s1 = left > 1 ? stride : 0, s2 = left > 2 ? 2 * stride : s1, s3 = left > 3 ? 3 * stride : s2;
        for (nint k = 0; k < inner; k++)
        {
            var b = Vector512.LoadUnsafe(ref Unsafe.Add(ref columns, Unsafe.Add(ref place, k)));
            ref var low = ref Unsafe.Add(ref a0, k);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(low), b, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s1)), b, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s2)), b, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref low, s3)), b, c3);
        }

        StoreWide(ref target, c0, accumulate);
        if (left > 1)
        {
            StoreWide(ref Unsafe.Add(ref target, targetStride), c1, accumulate);
        }

        if (left > 2)
        {
            StoreWide(ref Unsafe.Add(ref target, 2 * targetStride), c2, accumulate);
        }

        if (left > 3)
        {
            StoreWide(ref Unsafe.Add(ref target, 3 * targetStride), c3, accumulate);
        }
    }

    private static void StoreWide(ref double target, Vector512<double> first, Vector512<double> second, bool accumulate)
    {
        StoreWide(ref target, first, accumulate);
        StoreWide(ref Unsafe.Add(ref target, Wide), second, accumulate);
    }

    private static void StoreWide(ref double target, Vector512<double> value, bool accumulate) =>
        (accumulate ? value + Vector512.LoadUnsafe(ref target) : value).StoreUnsafe(ref target);

    private static void Store(ref double target, Vector256<double> first, Vector256<double> second, bool accumulate)
    {
        ref var next = ref Unsafe.Add(ref target, Lanes);
        (accumulate ? first + Vector256.LoadUnsafe(ref target) : first).StoreUnsafe(ref target);
        (accumulate ? second + Vector256.LoadUnsafe(ref next) : second).StoreUnsafe(ref next);
    }

    /// <summary>The unchecked loads above stay inside their arrays.</summary>
    private static void Check(Rows block, int rows, int columns)
    {
        if (block.Stride < columns || block.Data.Length < (long)rows * block.Stride)
        {
            throw new ArgumentException($"A block of {block.Data.Length} numbers with stride {block.Stride} cannot hold {rows} rows of {columns}.", nameof(block));
        }
    }
}
