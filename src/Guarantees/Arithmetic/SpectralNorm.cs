namespace Guarantees.Arithmetic;

/// <summary>Rigorous bounds of the largest singular value of an interval matrix, given as rows.</summary>
public static class SpectralNorm
{
    /// <summary>The Euclidean length of an interval vector.</summary>
    public static Interval Length(IEnumerable<Interval> vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        return vector.Aggregate(Interval.Point(0), (sum, value) => sum + value.Square()).Sqrt();
    }

    /// <summary>A number not below |A|_2 for every A of the interval matrix: the square root of a t with t I - A^T A positive definite.</summary>
    /// <remarks>Positive definiteness by elimination in interval arithmetic: all pivots positive (S. M. Rump, "Verification methods", Acta Numerica, 2010, sec. 10).</remarks>
    public static double Upper(Interval[][] matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var n = matrix[0].Length;
        var gram = new Interval[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                gram[i, j] = i == j
                    ? matrix.Aggregate(Interval.Point(0), (sum, row) => sum + row[i].Square())
                    : matrix.Aggregate(Interval.Point(0), (sum, row) => sum + (row[i] * row[j]));
            }
        }

        // Gershgorin always holds; the factorisation then tries smaller values by bisection.
        var high = 0.0;
        for (var i = 0; i < n; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < n; j++)
            {
                sum = Rounding.AddUp(sum, gram[i, j].Magnitude);
            }

            high = Math.Max(high, sum);
        }

        if (!double.IsFinite(high))
        {
            return double.PositiveInfinity;
        }

        var low = 0.0;
        for (var k = 0; k < 40 && high - low > 1e-7 * high; k++)
        {
            var t = 0.5 * (low + high);
            if (IsPositiveDefinite(gram, t))
            {
                high = t;
            }
            else
            {
                low = t;
            }
        }

        return Rounding.SqrtUp(high);
    }

    /// <summary>Whether elimination without pivoting on t I - G meets only positive pivots, in interval arithmetic: then every symmetric member is positive definite.</summary>
    private static bool IsPositiveDefinite(Interval[,] gram, double t)
    {
        var n = gram.GetLength(0);
        var a = new Interval[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                a[i, j] = i == j ? Interval.Point(t) - gram[i, j] : -gram[i, j];
            }
        }

        for (var k = 0; k < n; k++)
        {
            if (!(a[k, k].Lower > 0))
            {
                return false;
            }

            for (var i = k + 1; i < n; i++)
            {
                var factor = a[i, k] / a[k, k];
                for (var j = k + 1; j < n; j++)
                {
                    a[i, j] -= factor * a[k, j];
                }
            }
        }

        return true;
    }

    /// <summary>A number not above |A|_2 for every A of the interval matrix: |A v| / |v| rounded down, for v from the power method.</summary>
    public static double Lower(Interval[][] matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var n = matrix[0].Length;
        var v = Enumerable.Range(0, n).Select(j => 1.0 + (0.1 * j)).ToArray();
        for (var k = 0; k < 100; k++)
        {
            var image = matrix.Select(row => row.Zip(v, (a, b) => a.Middle * b).Sum()).ToArray();
            var next = Enumerable.Range(0, n).Select(j => matrix.Zip(image, (row, b) => row[j].Middle * b).Sum()).ToArray();
            var size = Math.Sqrt(next.Sum(value => value * value));
            if (!(size > 0))
            {
                break;
            }

            v = [.. next.Select(value => value / size)];
        }

        var length = Length(v.Select(Interval.Point));
        var stretched = Length(matrix.Select(row => row.Zip(v, (a, b) => a * Interval.Point(b)).Aggregate(Interval.Point(0), (sum, term) => sum + term)));
        return length.Lower > 0 ? Rounding.DivideDown(stretched.Lower, length.Upper) : 0;
    }
}
