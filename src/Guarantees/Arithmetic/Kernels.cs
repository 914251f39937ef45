using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Guarantees.Networks.Operators;

namespace Guarantees.Arithmetic;

/// <summary>The two vectorised loops of the kernel: a dot product with the sizes of its terms, and a row-blocked matrix product.</summary>
/// <remarks>
/// Results are those of nearest rounding in some order of summation, with or without fused multiply-add; callers add the a-priori error,
/// which covers every order. Row strides are padded with zeros to a multiple of <see cref="Lanes"/>.
/// </remarks>
internal static class Kernels
{
    /// <summary>Doubles in one vector register.</summary>
    public const int Lanes = 4;

    /// <summary>The smallest multiple of <see cref="Lanes"/> not below <paramref name="length"/>.</summary>
    public static int Pad(int length) => (length + Lanes - 1) / Lanes * Lanes;

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

    /// <summary>C = A B, or C += A B: A [rows, inner], B [inner, columns], C [rows, columns], each with its own stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(Rows a, Rows b, Rows c, int rows, int inner, int columns, bool accumulate)
    {
        var width = Pad(columns);
        Check(a, rows, inner);
        Check(b, inner, width);
        Check(c, rows, width);
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
