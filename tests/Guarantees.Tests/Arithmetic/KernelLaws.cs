using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Arithmetic;

/// <summary>The vectorised loops against plain ones, for every remainder of rows, columns and inner lengths.</summary>
/// <remarks>
/// Numbers are small integers, so that any order of summation is exact and equality is the law. Mutants seen to fail: a last block that stores one row too many;
/// s7 that repeats another row; the narrow last columns skipped; accumulate ignored in the second half of a block; places below 0 let through.
/// </remarks>
public class KernelLaws
{
    [Fact]
    public void Products_equal_plain_sums_for_every_remainder()
    {
        var random = new Random(20261126);
        foreach (var rows in Enumerable.Range(0, 18))
        {
            foreach (var (inner, columns) in new[] { (1, 1), (3, 8), (5, 9), (7, 16), (8, 17), (13, 24), (50, 31), (9, 40) })
            {
                foreach (var accumulate in new[] { false, true })
                {
                    var (a, b, c) = (Draw(random, rows, inner), Draw(random, inner, columns), Draw(random, rows + 2, columns));
                    var before = (double[])c.Data.Clone();
                    Kernels.Multiply(a, b, c, rows, inner, columns, accumulate);
                    AssertProduct(a, b, [.. Enumerable.Range(0, inner).Select(k => k * b.Stride)], c, before, rows, columns, accumulate);
                }
            }
        }
    }

    [Fact]
    public void Products_with_chosen_rows_equal_plain_sums()
    {
        var random = new Random(20261127);
        for (var trial = 0; trial < 200; trial++)
        {
            var (rows, inner, columns) = (random.Next(1, 20), random.Next(1, 30), random.Next(1, 50));
            var b = Draw(random, inner, columns);
            int[] places = [.. Enumerable.Range(0, inner).Where(_ => random.Next(3) > 0).Select(k => k * b.Stride)];
            var (a, c) = (Draw(random, rows, places.Length), Draw(random, rows + 1, columns));
            var before = (double[])c.Data.Clone();
            Kernels.Multiply(a, b, places, c, rows, columns, trial % 2 == 0);
            AssertProduct(a, b, places, c, before, rows, columns, trial % 2 == 0);
        }
    }

    [Fact]
    public void Products_stay_inside_their_blocks()
    {
        var (a, b, c) = (Draw(new Random(1), 4, 4), Draw(new Random(2), 4, 8), Draw(new Random(3), 4, 8));
        Assert.Throws<ArgumentException>(() => Kernels.Multiply(a, b, [0, 8, 16, 25], c, 4, 8, false));
        Assert.Throws<ArgumentException>(() => Kernels.Multiply(a, b, [0, -8], c, 4, 8, false));
        Assert.Throws<ArgumentException>(() => Kernels.Multiply(a, b, [0], c, 5, 8, false));
        Assert.Throws<ArgumentException>(() => Kernels.Multiply(a, b, c, 4, 5, 8, false));
        Assert.Throws<ArgumentException>(() => Kernels.Multiply(a, new Rows(new double[4], 4), [0], c, 4, 8, false));
    }

    [Fact]
    public void Dot_products_with_sizes_equal_plain_sums()
    {
        var random = new Random(5);
        for (var n = 0; n < 60; n++)
        {
            double[] Numbers(int least) => [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(least, 10))];
            var (w, m, r) = (Numbers(-9), Numbers(-9), Numbers(0));
            Assert.Equal(
                (w.Zip(m, (x, y) => x * y).Sum(), w.Zip(m, (x, y) => Math.Abs(x * y)).Sum(), w.Zip(r, (x, y) => Math.Abs(x) * y).Sum()), Kernels.DotWithSizes(w, m, r));
        }

        Assert.True(Vector256.IsHardwareAccelerated, "these machines have registers of four doubles");
    }

    private static void AssertProduct(Rows a, Rows b, int[] places, Rows c, double[] before, int rows, int columns, bool accumulate)
    {
        for (var r = 0; r < c.Data.Length / c.Stride; r++)
        {
            for (var j = 0; j < c.Stride; j++)
            {
                var sum = r >= rows || accumulate ? before[(r * c.Stride) + j] : 0;
                for (var k = 0; r < rows && k < places.Length; k++)
                {
                    sum += a.Data[(r * a.Stride) + k] * b.Data[places[k] + j];
                }

                Assert.True(sum == c.Data[(r * c.Stride) + j], $"{rows} rows, {places.Length} inner, {columns} columns: entry {r}, {j}");
            }
        }
    }

    private static Rows Draw(Random random, int rows, int columns)
    {
        var stride = Kernels.Pad(columns);
        var block = new Rows(new double[rows * stride], stride);
        for (var r = 0; r < rows; r++)
        {
            for (var j = 0; j < columns; j++)
            {
                block.Data[(r * stride) + j] = random.Next(-9, 10);
            }
        }

        return block;
    }
}
