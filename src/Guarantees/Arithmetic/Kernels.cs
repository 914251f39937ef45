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

    /// <summary>The smallest multiple of 2 <see cref="Lanes"/>, a whole register of eight where there is one, not below <paramref name="length"/>.</summary>
    public static int Pad(int length) => (length + (2 * Lanes) - 1) / (2 * Lanes) * (2 * Lanes);

    /// <summary>sum w_j m_j, sum |w_j m_j| and sum |w_j| r_j, r &gt;= 0.</summary>
    public static (double Sum, double Size, double Spread) DotWithSizes(ReadOnlySpan<double> w, ReadOnlySpan<double> m, ReadOnlySpan<double> r)
    {
        m = m[..w.Length];
        r = r[..w.Length];
        var (sums, sizes, spreads) = (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
        var j = 0;
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(Rows a, Rows b, Rows c, int rows, int inner, int columns, bool accumulate)
    {
        var width = Pad(columns);
        Check(a, rows, inner);
        Check(b, inner, width);
        Check(c, rows, width);
        if (Vector512.IsHardwareAccelerated)
        {
            MultiplyWide(a, b, c, rows, inner, width, accumulate);
            return;
        }

        ref var pa = ref MemoryMarshal.GetArrayDataReference(a.Data);
        ref var pb = ref MemoryMarshal.GetArrayDataReference(b.Data);
        ref var pc = ref MemoryMarshal.GetArrayDataReference(c.Data);
        var r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            ref var a0 = ref Unsafe.Add(ref pa, r * a.Stride);
            ref var a1 = ref Unsafe.Add(ref a0, a.Stride);
            ref var a2 = ref Unsafe.Add(ref a1, a.Stride);
            ref var a3 = ref Unsafe.Add(ref a2, a.Stride);
            var j = 0;
            for (; j + (2 * Lanes) <= width; j += 2 * Lanes)
            {
                Vector256<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
                ref var column = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++, column = ref Unsafe.Add(ref column, b.Stride))
                {
                    var b0 = Vector256.LoadUnsafe(ref column);
                    var b1 = Vector256.LoadUnsafe(ref column, Lanes);
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
                Store(ref target, 0, c00, c01, accumulate);
                Store(ref target, c.Stride, c10, c11, accumulate);
                Store(ref target, 2 * c.Stride, c20, c21, accumulate);
                Store(ref target, 3 * c.Stride, c30, c31, accumulate);
            }

            for (; j < width; j += Lanes)
            {
                Vector256<double> c0 = default, c1 = default, c2 = default, c3 = default;
                ref var column = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++, column = ref Unsafe.Add(ref column, b.Stride))
                {
                    var b0 = Vector256.LoadUnsafe(ref column);
                    c0 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref a0, k)), b0, c0);
                    c1 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref a1, k)), b0, c1);
                    c2 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref a2, k)), b0, c2);
                    c3 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref a3, k)), b0, c3);
                }

                ref var target = ref Unsafe.Add(ref pc, (r * c.Stride) + j);
                Store(ref target, 0, c0, accumulate);
                Store(ref target, c.Stride, c1, accumulate);
                Store(ref target, 2 * c.Stride, c2, accumulate);
                Store(ref target, 3 * c.Stride, c3, accumulate);
            }
        }

        for (; r < rows; r++)
        {
            ref var row = ref Unsafe.Add(ref pa, r * a.Stride);
            for (var j = 0; j < width; j += Lanes)
            {
                var sum = Vector256<double>.Zero;
                ref var column = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++, column = ref Unsafe.Add(ref column, b.Stride))
                {
                    sum = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref row, k)), Vector256.LoadUnsafe(ref column), sum);
                }

                Store(ref Unsafe.Add(ref pc, (r * c.Stride) + j), 0, sum, accumulate);
            }
        }
    }

    /// <summary>The same with eight doubles a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyWide(Rows a, Rows b, Rows c, int rows, int inner, int width, bool accumulate)
    {
        const int Wide = 8;
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
            var j = 0;
            for (; j + (2 * Wide) <= width; j += 2 * Wide)
            {
                Vector512<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
                ref var column = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++, column = ref Unsafe.Add(ref column, b.Stride))
                {
                    var b0 = Vector512.LoadUnsafe(ref column);
                    var b1 = Vector512.LoadUnsafe(ref column, Wide);
                    var v = Vector512.Create(Unsafe.Add(ref a0, k));
                    c00 = Vector512.FusedMultiplyAdd(v, b0, c00);
                    c01 = Vector512.FusedMultiplyAdd(v, b1, c01);
                    v = Vector512.Create(Unsafe.Add(ref a1, k));
                    c10 = Vector512.FusedMultiplyAdd(v, b0, c10);
                    c11 = Vector512.FusedMultiplyAdd(v, b1, c11);
                    v = Vector512.Create(Unsafe.Add(ref a2, k));
                    c20 = Vector512.FusedMultiplyAdd(v, b0, c20);
                    c21 = Vector512.FusedMultiplyAdd(v, b1, c21);
                    v = Vector512.Create(Unsafe.Add(ref a3, k));
                    c30 = Vector512.FusedMultiplyAdd(v, b0, c30);
                    c31 = Vector512.FusedMultiplyAdd(v, b1, c31);
                }

                ref var target = ref Unsafe.Add(ref pc, (r * c.Stride) + j);
                StoreWide(ref target, c00, accumulate);
                StoreWide(ref Unsafe.Add(ref target, Wide), c01, accumulate);
                if (left > 1)
                {
                    target = ref Unsafe.Add(ref target, c.Stride);
                    StoreWide(ref target, c10, accumulate);
                    StoreWide(ref Unsafe.Add(ref target, Wide), c11, accumulate);
                }

                if (left > 2)
                {
                    target = ref Unsafe.Add(ref target, c.Stride);
                    StoreWide(ref target, c20, accumulate);
                    StoreWide(ref Unsafe.Add(ref target, Wide), c21, accumulate);
                }

                if (left > 3)
                {
                    target = ref Unsafe.Add(ref target, c.Stride);
                    StoreWide(ref target, c30, accumulate);
                    StoreWide(ref Unsafe.Add(ref target, Wide), c31, accumulate);
                }
            }

            if (j < width)
            {
                Vector512<double> c0 = default, c1 = default, c2 = default, c3 = default;
                ref var column = ref Unsafe.Add(ref pb, j);
                for (var k = 0; k < inner; k++, column = ref Unsafe.Add(ref column, b.Stride))
                {
                    var b0 = Vector512.LoadUnsafe(ref column);
                    c0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a0, k)), b0, c0);
                    c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a1, k)), b0, c1);
                    c2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a2, k)), b0, c2);
                    c3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a3, k)), b0, c3);
                }

                ref var target = ref Unsafe.Add(ref pc, (r * c.Stride) + j);
                StoreWide(ref target, c0, accumulate);
                if (left > 1)
                {
                    target = ref Unsafe.Add(ref target, c.Stride);
                    StoreWide(ref target, c1, accumulate);
                }

                if (left > 2)
                {
                    target = ref Unsafe.Add(ref target, c.Stride);
                    StoreWide(ref target, c2, accumulate);
                }

                if (left > 3)
                {
                    StoreWide(ref Unsafe.Add(ref target, c.Stride), c3, accumulate);
                }
            }
        }
    }

    private static void StoreWide(ref double target, Vector512<double> value, bool accumulate) =>
        (accumulate ? value + Vector512.LoadUnsafe(ref target) : value).StoreUnsafe(ref target);

    private static void Store(ref double target, int offset, Vector256<double> first, Vector256<double> second, bool accumulate)
    {
        Store(ref target, offset, first, accumulate);
        Store(ref target, offset + Lanes, second, accumulate);
    }

    private static void Store(ref double target, int offset, Vector256<double> value, bool accumulate)
    {
        ref var place = ref Unsafe.Add(ref target, offset);
        (accumulate ? value + Vector256.LoadUnsafe(ref place) : value).StoreUnsafe(ref place);
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
