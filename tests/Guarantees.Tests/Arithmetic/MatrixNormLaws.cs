using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Arithmetic;

/// <summary>The laws of <see cref="MatrixNorm"/> for all nine pairs of norms, against definitions, and exact examples.</summary>
/// <remarks>
/// Mutants caught: the dual of linf taken as l2; the radius left out of the signed sums; every second sign vector skipped; the elimination accepting a
/// pivot slightly below zero; the spread left out of the largest singular value; the estimate of the largest eigenvalue taken a little low.
/// </remarks>
public class MatrixNormLaws
{
    public static TheoryData<Norm, Norm> Pairs
    {
        get
        {
            var pairs = new TheoryData<Norm, Norm>();
            foreach (var from in Enum.GetValues<Norm>().Except([Norm.L0]))
            {
                foreach (var to in Enum.GetValues<Norm>().Except([Norm.L0]))
                {
                    pairs.Add(from, to);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_member_lies_between_the_bounds(Norm from, Norm to)
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var (m, n) = (random.Next(1, 7), random.Next(1, 7));
            var scale = Math.Pow(10, random.Next(-200, 100) / (seed % 3 == 0 ? 1 : 50));
            var width = random.Next(3) switch { 0 => 0, 1 => 1e-9, _ => 0.3 };
            var matrix = Enumerable.Range(0, m).Select(_ => Enumerable.Range(0, n).Select(_ =>
            {
                var middle = scale * (random.Next(5) == 0 ? 0 : (2 * random.NextDouble()) - 1);
                return new Interval(middle - (scale * width * random.NextDouble()), middle + (scale * width * random.NextDouble()));
            }).ToArray()).ToArray();
            var norm = new MatrixNorm(n, m, from, to);
            var (upper, lower) = (norm.Upper(matrix), norm.Lower(matrix));
            Assert.True(lower <= upper);
            for (var k = 0; k < 10; k++)
            {
                var member = matrix.Select(row => row.Select(entry => random.Next(3) switch
                {
                    0 => entry.Lower,
                    1 => entry.Upper,
                    _ => Math.Clamp(entry.Lower + ((entry.Upper - entry.Lower) * random.NextDouble()), entry.Lower, entry.Upper),
                }).ToArray()).ToArray();
                var size = Size(member, from, to);
                Assert.True(upper >= size * (1 - 1e-12), $"seed {seed}: {size:R} above {upper:R}");
                Assert.True(lower <= size * (1 + 1e-9), $"seed {seed}: {size:R} below {lower:R}");
                if (width == 0)
                {
                    Assert.True(upper <= (size * (1 + 1e-6)) + 1e-140, $"seed {seed}: {upper:R} for {size:R}");
                    Assert.True(lower >= (size * (1 - 1e-6)) - 1e-140, $"seed {seed}: {lower:R} for {size:R}");
                }
            }
        }
    }

    /// <summary>An asker whom a little less than the norm would satisfy is not told so.</summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public void Enough_is_not_said_of_too_little(Norm from, Norm to)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (m, n) = (random.Next(1, 7), random.Next(1, 7));
            var matrix = Enumerable.Range(0, m).Select(_ => Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1).ToArray()).ToArray();
            var center = new Rows(new double[n * 8], 8);
            for (var k = 0; k < m * n; k++)
            {
                center.Data[(k / m * 8) + (k % m)] = matrix[k % m][k / m];
            }

            var size = Size(matrix, from, to);
            foreach (var share in new[] { 0.97, 1 - 1e-6 })
            {
                Assert.True(new MatrixNorm(n, m, from, to).Upper(center, new Rows(new double[n * 8], 8), share * size) >= size * (1 - 1e-12), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void Known_matrices_have_their_norms()
    {
        Interval[][] Of(params double[][] rows) => [.. rows.Select(row => row.Select(Interval.Point).ToArray())];
        void Is(double expected, Norm from, Norm to, params double[][] rows)
        {
            var norm = new MatrixNorm(rows[0].Length, rows.Length, from, to);
            Assert.InRange(expected, norm.Lower(Of(rows)), norm.Upper(Of(rows)));
            Assert.InRange(norm.Upper(Of(rows)) - norm.Lower(Of(rows)), 0, 1e-8);
        }

        double[][] hadamard = [[1, 1], [1, -1]];
        Is(Math.Sqrt(2), Norm.L2, Norm.L2, hadamard);
        Is(2, Norm.Linf, Norm.L2, hadamard);
        Is(2, Norm.Linf, Norm.L1, hadamard);
        Is(2, Norm.L2, Norm.L1, hadamard);
        Is(1, Norm.L1, Norm.Linf, hadamard);
        Is(5, Norm.L2, Norm.L2, [3, 4]);
        Is(7, Norm.Linf, Norm.Linf, [3, 4]);
        Is(5, Norm.L1, Norm.L2, [3], [4]);

        // Two singular values that agree to nine digits, and to all of them.
        Is(1 + 1e-9, Norm.L2, Norm.L2, [1, 0], [0, 1 + 1e-9]);
        Is(1, Norm.L2, Norm.L2, [1, 0, 0], [0, 1, 0], [0, 0, 1]);
    }

    /// <summary>More signs than are enumerated: still a bound, and no worse than all signs at once.</summary>
    [Theory]
    [InlineData(Norm.Linf, Norm.L2)]
    [InlineData(Norm.Linf, Norm.L1)]
    [InlineData(Norm.L2, Norm.L1)]
    public void Long_sign_vectors_are_bounded(Norm from, Norm to)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var (m, n) = (from == Norm.Linf ? 14 : 15, 14);
            var matrix = Enumerable.Range(0, m).Select(_ => Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1).ToArray()).ToArray();
            var upper = new MatrixNorm(n, m, from, to).Upper([.. matrix.Select(row => row.Select(Interval.Point).ToArray())]);
            Assert.InRange(Size(matrix, from, to), 0, upper);
            Assert.InRange(upper, 0, Size([.. matrix.Select(row => row.Select(Math.Abs).ToArray())], from, to) * (1 + 1e-9));
        }
    }

    internal static double Length(double[] vector, Norm norm) => norm switch
    {
        Norm.L1 => vector.Sum(Math.Abs),
        Norm.L2 => Euclid(vector),
        _ => vector.Max(Math.Abs),
    };

    /// <summary>|A|_(p to q) by its definition: at unit vectors, rows, sign vectors, or the largest singular value.</summary>
    internal static double Size(double[][] matrix, Norm from, Norm to)
    {
        var (m, n) = (matrix.Length, matrix[0].Length);
        double[] Image(double[] v) => [.. matrix.Select(row => row.Zip(v, (a, b) => a * b).Sum())];
        double[] Back(double[] u) => [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, m).Sum(i => matrix[i][j] * u[i]))];
        IEnumerable<double[]> Signs(int length) => Enumerable.Range(0, 1 << length).Select(bits => Enumerable.Range(0, length).Select(k => ((bits >> k) & 1) == 0 ? 1.0 : -1).ToArray());
        if (from == Norm.L1)
        {
            return Enumerable.Range(0, n).Max(j => Length([.. matrix.Select(row => row[j])], to));
        }

        if (to == Norm.Linf)
        {
            return matrix.Max(row => Length(row, from == Norm.L2 ? Norm.L2 : Norm.L1));
        }

        if (from == Norm.Linf)
        {
            return Signs(n).Max(signs => Length(Image(signs), to));
        }

        if (to == Norm.L1)
        {
            return Signs(m).Max(signs => Euclid(Back(signs)));
        }

        // The power method stalls where two singular values nearly agree.
        var scale = matrix.Max(row => row.Max(Math.Abs));
        return scale > 0 ? scale * Matrix<double>.Build.Dense(m, n, (i, j) => matrix[i][j] / scale).Svd(computeVectors: false).S[0] : 0;
    }

    private static double Euclid(double[] vector)
    {
        var most = vector.Max(Math.Abs);
        return most > 0 ? most * Math.Sqrt(vector.Sum(value => value / most * (value / most))) : 0;
    }
}
