using System.Numerics;

namespace Guarantees.Arithmetic;

/// <summary>M = N D N^T for a symmetric positive definite matrix M of rational numbers, N unit lower triangular, D diagonal and positive: exact.</summary>
/// <remarks>
/// Elimination without fractions: with p_-1 = 1 and a^(0) = s M, s the common denominator, a^(k+1)_ij = (a^(k)_kk a^(k)_ij - a^(k)_ik a^(k)_kj) / p_(k-1), p_k = a^(k)_kk. Every
/// division is exact and every number is a minor of s M, so none is longer than such a determinant; p_k is the leading minor of size k + 1, and all of them are positive exactly where M is
/// positive definite (Sylvester's criterion). N_ij = a^(j)_ij / p_j, D_j = p_j / (p_(j-1) s).
/// Source: E. H. Bareiss, "Sylvester's Identity and Multistep Integer-Preserving Gaussian Elimination", Mathematics of Computation, 1968.
/// </remarks>
internal sealed class SymmetricElimination
{
    private readonly BigInteger[,] rows;
    private readonly BigInteger scale;

    private SymmetricElimination(BigInteger[,] rows, BigInteger scale) => (this.rows, this.scale) = (rows, scale);

    /// <summary>Number of rows.</summary>
    public int Length => rows.GetLength(0);

    /// <summary>The factors; null where M is not positive definite. Only the lower triangle is read.</summary>
    public static SymmetricElimination? Of(Rational[,] matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var n = matrix.GetLength(0);
        var scale = BigInteger.One;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                scale = scale / BigInteger.GreatestCommonDivisor(scale, matrix[i, j].Denominator) * matrix[i, j].Denominator;
            }
        }

        var a = new BigInteger[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                a[i, j] = matrix[i, j].Numerator * (scale / matrix[i, j].Denominator);
            }
        }

        var before = BigInteger.One;
        for (var k = 0; k < n; k++)
        {
            var pivot = a[k, k];
            if (pivot.Sign <= 0)
            {
                return null;
            }

            for (var i = k + 1; i < n; i++)
            {
                for (var j = k + 1; j <= i; j++)
                {
                    a[i, j] = ((pivot * a[i, j]) - (a[i, k] * a[j, k])) / before;
                }
            }

            before = pivot;
        }

        return new(a, scale);
    }

    /// <summary>N_ij.</summary>
    public Rational Unit(int i, int j) => i == j ? Rational.One : i < j ? Rational.Zero : new(rows[i, j], rows[j, j]);

    /// <summary>D_j.</summary>
    public Rational Diagonal(int j) => new(rows[j, j], (j == 0 ? BigInteger.One : rows[j - 1, j - 1]) * scale);

    /// <summary>Encloses N_ij sqrt(D_j), an entry of the Cholesky factor; 0 where it is exactly 0.</summary>
    public Interval Root(int i, int j) => i < j || rows[i, j].IsZero ? Interval.Point(0) : Unit(i, j).Enclosure * Diagonal(j).Enclosure.Sqrt();

    /// <summary>B M1^-1 for M = [[M1, B^T], [B, .]], M1 the leading block of the given size; [rows below it, size].</summary>
    /// <remarks>With the factor L of M1, G L = N_21 is solved backwards. det(s M1) G is a matrix of integers by Cramer's rule, so each division below is exact.</remarks>
    public Rational[,] Quotient(int size)
    {
        var determinant = rows[size - 1, size - 1];
        var result = new Rational[Length - size, size];
        var row = new BigInteger[size];
        for (var i = 0; i < Length - size; i++)
        {
            for (var k = size - 1; k >= 0; k--)
            {
                var sum = determinant * rows[size + i, k];
                for (var l = k + 1; l < size; l++)
                {
                    sum -= row[l] * rows[l, k];
                }

                row[k] = sum / rows[k, k];
                result[i, k] = new Rational(row[k], determinant);
            }
        }

        return result;
    }
}
