using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Arithmetic;

/// <summary>Rigorous bounds of |A|_(p to q) = max |A x|_q / |x|_p over an interval matrix, p and q among l1, l2, linf.</summary>
/// <remarks>
/// Matrices come transposed, in center and radius form: entry [j][i] is the slope of output i along input j. From l1 the norm is the largest
/// column, to linf the largest row in the dual norm, both exact. l2 to l2 is the largest singular value, certified by elimination on
/// t I - A^T A. The remaining pairs are maxima over sign vectors, which are enumerated up to <see cref="SignAxes"/> signs; beyond, the other signs
/// are allowed both at once (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM, 2002, ch. 6, for the norms and their duals).
/// One instance serves one thread.
/// </remarks>
internal sealed class MatrixNorm
{
    /// <summary>Signs that are enumerated.</summary>
    public const int SignAxes = 12;

    private readonly int inputs;
    private readonly int outputs;
    private readonly Norm from;
    private readonly Norm to;
    private readonly double slack;
    private readonly double[] sums;
    private readonly double[] reach;
    private readonly double[] gram;
    private readonly double[] vectors;
    private readonly Interval[,] pivots;

    /// <summary>Prepares the norm of matrices with the given numbers of inputs and outputs.</summary>
    public MatrixNorm(int inputs, int outputs, Norm from, Norm to)
    {
        if (from == Norm.L0 || to == Norm.L0)
        {
            throw new ArgumentException("l0 counts entries and is no norm of vectors; expected l1, l2 or linf.", nameof(from));
        }

        (this.inputs, this.outputs, this.from, this.to) = (inputs, outputs, from, to);
        var small = Math.Min(inputs, outputs);
        slack = 1 + (4 * Rounding.Gamma((inputs * outputs) + inputs + outputs + 8));
        (sums, reach) = (new double[Math.Max(inputs, outputs)], new double[Math.Max(inputs, outputs)]);
        (gram, vectors, pivots) = (new double[small * small], new double[small * small], new Interval[small, small]);
    }

    /// <summary>
    /// Law: not below |A|_(p to q) for every A with |A_ij - center_ij| &lt;= radius_ij. A cheaper bound is returned where it is at most <paramref name="enough"/>.
    /// </summary>
    public double Upper(Rows center, Rows radius, double enough = double.NegativeInfinity)
    {
        var result = (from, to) switch
        {
            (Norm.L1, _) => LargestColumn(center, radius),
            (_, Norm.Linf) => LargestRow(center, radius),
            _ => EntrywiseUpper(center, radius),
        };
        if (from != Norm.L1 && to != Norm.Linf && !(result <= enough) && double.IsFinite(result))
        {
            result = Math.Min(result, (from, to) switch
            {
                (Norm.L2, Norm.L2) => Spectral(center, radius, enough),
                (Norm.L2, _) => Signed(Transpose(center, inputs, outputs), Transpose(radius, inputs, outputs), outputs, inputs, Norm.L2).Upper,
                (_, Norm.L1) when outputs < inputs => Signed(Transpose(center, inputs, outputs), Transpose(radius, inputs, outputs), outputs, inputs, Norm.L1).Upper,
                _ => Signed(center, radius, inputs, outputs, to).Upper,
            });
        }

        return double.IsNaN(result) ? double.PositiveInfinity : result;
    }

    /// <summary>Law: not above the smallest |A|_(p to q) of the interval matrix [output][input]: |A v|_q / |v|_p rounded down, for well chosen v.</summary>
    public double Lower(Interval[][] matrix)
    {
        var (center, radius) = Halves(matrix);
        var best = 0.0;
        foreach (var direction in Directions(center, radius))
        {
            var most = direction.Max(Math.Abs);
            double[] v = [.. direction.Select(entry => most > 0 ? entry / most : entry)];
            var length = Length(v.Select(Interval.Point), from);
            var image = Length(matrix.Select(row => row.Zip(v, (a, b) => a * Interval.Point(b)).Aggregate(Interval.Point(0), (sum, term) => sum + term)), to);
            if (length.Lower > 0 && double.IsFinite(image.Lower))
            {
                best = Math.Max(best, Rounding.DivideDown(image.Lower, length.Upper));
            }
        }

        return best;
    }

    /// <summary>The law of <see cref="Upper(Rows, Rows, double)"/> for an interval matrix [output][input].</summary>
    public double Upper(Interval[][] matrix)
    {
        var (center, radius) = Halves(matrix);
        return Upper(center, radius);
    }

    /// <summary>Nearly the eigenvectors of A^T A as columns, the largest eigenvalue's first; null where they cannot be computed.</summary>
    public double[,]? RightVectors(Rows center)
    {
        var full = new MatrixNorm(inputs, Math.Max(inputs, outputs), from, to);
        var padded = new Rows(new double[inputs * Kernels.Pad(Math.Max(inputs, outputs))], Kernels.Pad(Math.Max(inputs, outputs)));
        for (var j = 0; j < inputs; j++)
        {
            center.Row(j, outputs).CopyTo(padded.Row(j, outputs));
        }

        full.SetGram(padded);
        if (full.gram.Any(entry => !double.IsFinite(entry)))
        {
            return null;
        }

        full.Eigen(inputs);
        var order = Enumerable.Range(0, inputs).OrderByDescending(k => full.gram[(k * inputs) + k]).ToArray();
        var result = new double[inputs, inputs];
        for (var j = 0; j < inputs; j++)
        {
            for (var k = 0; k < inputs; k++)
            {
                result[j, k] = full.vectors[(j * inputs) + order[k]];
            }
        }

        return result;
    }

    /// <summary>
    /// Law: for V = <paramref name="basis"/> and every A with V^T A^T A V in the interval matrix <paramref name="gram"/>, not below |A|_2: the root of
    /// a t with t I - gram positive definite, over the least singular value of V, which is at least sqrt(1 - |V^T V - I|).
    /// </summary>
    /// <remarks>The largest eigenvalue's vector comes first and is eliminated last, where the others' pivots are well away from zero.</remarks>
    public static double TurnedRoot(Interval[,] gram, double[,] basis)
    {
        var n = gram.GetLength(0);
        var defect = 0.0;
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b < n; b++)
            {
                var dot = Interval.Point(a == b ? -1 : 0);
                for (var j = 0; j < n; j++)
                {
                    dot += Interval.Point(basis[j, a]) * Interval.Point(basis[j, b]);
                }

                defect = Rounding.AddUp(defect, dot.Magnitude);
            }
        }

        // Gershgorin always holds; bisection then tries smaller values.
        var (low, high) = (gram[0, 0].Upper, 0.0);
        for (var a = 0; a < n; a++)
        {
            var sum = gram[a, a].Upper;
            for (var b = 0; b < n; b++)
            {
                sum = a == b ? sum : Rounding.AddUp(sum, gram[a, b].Magnitude);
            }

            high = Math.Max(high, sum);
        }

        if (!(defect < 0.5) || !double.IsFinite(high))
        {
            return double.PositiveInfinity;
        }

        var pivots = new Interval[n, n];
        for (var k = 0; k < 60 && high - low > 1e-10 * high; k++)
        {
            var t = low + (0.5 * (high - low));
            for (var a = 0; a < n; a++)
            {
                for (var b = 0; b <= a; b++)
                {
                    pivots[a, b] = a == b ? Interval.Point(t) - gram[n - 1 - a, n - 1 - a] : -gram[n - 1 - a, n - 1 - b];
                }
            }

            (low, high) = Eliminates(pivots, n) ? (low, t) : (t, high);
        }

        return Rounding.SqrtUp(Rounding.DivideUp(high, Rounding.SubtractDown(1, defect)));
    }

    /// <summary>Center and radius of an interval matrix, transposed.</summary>
    private (Rows Center, Rows Radius) Halves(Interval[][] matrix)
    {
        var stride = Kernels.Pad(outputs);
        var (center, radius) = (new Rows(new double[inputs * stride], stride), new Rows(new double[inputs * stride], stride));
        for (var i = 0; i < outputs; i++)
        {
            for (var j = 0; j < inputs; j++)
            {
                var entry = matrix[i][j];
                var middle = entry.Middle;
                center.Data[(j * stride) + i] = double.IsFinite(middle) ? middle : 0;
                radius.Data[(j * stride) + i] = double.IsFinite(middle) ? Math.Max(Rounding.SubtractUp(entry.Upper, middle), Rounding.SubtractUp(middle, entry.Lower)) : double.PositiveInfinity;
            }
        }

        return (center, radius);
    }

    /// <summary>Vectors among which one nearly attains the norm.</summary>
    private IEnumerable<double[]> Directions(Rows center, Rows radius)
    {
        double Entry(int i, int j) => center.Data[(j * center.Stride) + i];
        if (from == Norm.L1)
        {
            return Enumerable.Range(0, inputs).Select(j => Enumerable.Range(0, inputs).Select(k => k == j ? 1.0 : 0).ToArray());
        }

        if (to == Norm.Linf)
        {
            return Enumerable.Range(0, outputs).Select(i => Enumerable.Range(0, inputs)
                .Select(j => from == Norm.L2 ? Entry(i, j) : Entry(i, j) < 0 ? -1.0 : 1).ToArray());
        }

        if (from == Norm.Linf)
        {
            return [Signed(center, radius, inputs, outputs, to).Signs];
        }

        if (to == Norm.L1)
        {
            var signs = Signed(Transpose(center, inputs, outputs), Transpose(radius, inputs, outputs), outputs, inputs, Norm.L2).Signs;
            return [Enumerable.Range(0, inputs).Select(j => Enumerable.Range(0, outputs).Sum(i => signs[i] * Entry(i, j))).ToArray()];
        }

        SetGram(center);
        var small = Math.Min(inputs, outputs);
        var (_, top) = Eigen(small);
        var vector = Enumerable.Range(0, small).Select(k => vectors[(k * small) + top]).ToArray();
        return [inputs <= outputs ? vector : [.. Enumerable.Range(0, inputs).Select(j => Enumerable.Range(0, outputs).Sum(i => vector[i] * Entry(i, j)))]];
    }

    private static Interval Length(IEnumerable<Interval> vector, Norm norm) => norm switch
    {
        Norm.L1 => vector.Aggregate(Interval.Point(0), (sum, value) => sum + value.Abs()),
        Norm.L2 => SpectralNorm.Length(vector),
        _ => vector.Aggregate(Interval.Point(0), (most, value) => new(Math.Max(most.Lower, value.Mignitude), Math.Max(most.Upper, value.Magnitude))),
    };

    private double LargestColumn(Rows center, Rows radius)
    {
        var most = 0.0;
        for (var j = 0; j < inputs; j++)
        {
            var c = center.Row(j, outputs);
            var r = radius.Row(j, outputs);
            var length = 0.0;
            for (var i = 0; i < outputs; i++)
            {
                Gather(ref length, Math.Abs(c[i]) + r[i], to);
            }

            most = Larger(most, Root(length, to));
        }

        return most;
    }

    private double LargestRow(Rows center, Rows radius)
    {
        Array.Clear(sums);
        for (var j = 0; j < inputs; j++)
        {
            var c = center.Row(j, outputs);
            var r = radius.Row(j, outputs);
            for (var i = 0; i < outputs; i++)
            {
                Gather(ref sums[i], Math.Abs(c[i]) + r[i], from == Norm.L2 ? Norm.L2 : Norm.L1);
            }
        }

        var most = 0.0;
        for (var i = 0; i < outputs; i++)
        {
            most = Larger(most, Root(sums[i], from));
        }

        return most;
    }

    /// <summary>A bound from the magnitudes alone: for l2 the lesser of the Frobenius norm and the root of (largest row)(largest column); otherwise every sign at once.</summary>
    private double EntrywiseUpper(Rows center, Rows radius)
    {
        Array.Clear(sums);
        var (squares, column) = (0.0, 0.0);
        for (var j = 0; j < inputs; j++)
        {
            var c = center.Row(j, outputs);
            var r = radius.Row(j, outputs);
            var sum = 0.0;
            for (var i = 0; i < outputs; i++)
            {
                var size = Math.Abs(c[i]) + r[i];
                squares += size * size;
                sum += size;
                sums[i] += size;
            }

            column = Larger(column, sum);
        }

        var (row, total, length) = (0.0, 0.0, 0.0);
        for (var i = 0; i < outputs; i++)
        {
            row = Larger(row, sums[i]);
            total += sums[i];
            length += sums[i] * sums[i];
        }

        return (from, to) switch
        {
            (Norm.L2, Norm.L2) => Math.Min(Root(squares, Norm.L2), Root(row * column, Norm.L2)),
            (Norm.Linf, Norm.L2) => Root(length, Norm.L2),
            _ => Root(total, Norm.L1),
        };
    }

    /// <summary>|center|_2 + |radius|_2.</summary>
    private double Spectral(Rows center, Rows radius, double enough)
    {
        var small = Math.Min(inputs, outputs);
        var spread = SpreadUpper(radius);
        SetGram(center);
        var target = Rounding.SubtractDown(enough, spread);
        if (target > 0 && double.IsFinite(target) && IsPositiveDefinite(Rounding.MultiplyDown(target, target)))
        {
            return enough;
        }

        var (largest, _) = Eigen(small);
        for (var excess = 1e-10; excess < 1e-3; excess *= 30)
        {
            SetGram(center);
            var t = (largest * (1 + excess)) + Rounding.Underflow;
            if (IsPositiveDefinite(t))
            {
                return Rounding.AddUp(Rounding.SqrtUp(t), spread);
            }
        }

        return double.PositiveInfinity;
    }

    /// <summary>Law: not below |R|_2 for every |R_ij| &lt;= radius_ij.</summary>
    private double SpreadUpper(Rows radius)
    {
        Array.Clear(sums);
        var (squares, column, row) = (0.0, 0.0, 0.0);
        for (var j = 0; j < inputs; j++)
        {
            var r = radius.Row(j, outputs);
            var sum = 0.0;
            for (var i = 0; i < outputs; i++)
            {
                squares += r[i] * r[i];
                sum += r[i];
                sums[i] += r[i];
            }

            column = Larger(column, sum);
        }

        for (var i = 0; i < outputs; i++)
        {
            row = Larger(row, sums[i]);
        }

        return Math.Min(Root(squares, Norm.L2), Root(row * column, Norm.L2));
    }

    /// <summary>The Gram matrix over the shorter side, in nearest rounding, and the lengths of its vectors.</summary>
    private void SetGram(Rows center)
    {
        var small = Math.Min(inputs, outputs);
        for (var a = 0; a < small; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var sum = 0.0;
                if (inputs <= outputs)
                {
                    var x = center.Row(a, outputs);
                    var y = center.Row(b, outputs);
                    for (var i = 0; i < outputs; i++)
                    {
                        sum += x[i] * y[i];
                    }
                }
                else
                {
                    for (var j = 0; j < inputs; j++)
                    {
                        sum += center.Data[(j * center.Stride) + a] * center.Data[(j * center.Stride) + b];
                    }
                }

                gram[(a * small) + b] = gram[(b * small) + a] = sum;
            }
        }
    }

    /// <summary>
    /// Whether t I - G is positive definite for the exact Gram matrix G, by elimination in interval arithmetic; each entry of the computed one is
    /// within gamma |x||y| of the exact one, x and y its two vectors.
    /// </summary>
    private bool IsPositiveDefinite(double t)
    {
        var small = Math.Min(inputs, outputs);
        var gamma = 2 * Rounding.Gamma(Math.Max(inputs, outputs) + 2);

        // Scaled by a power of two near t, which is exact but for underflow.
        var scale = Math.ScaleB(1, -Math.ILogB(t));
        for (var a = 0; a < small; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var error = (gamma * Math.Sqrt(gram[(a * small) + a]) * Math.Sqrt(gram[(b * small) + b])) + Rounding.Underflow;
                var value = a == b ? t - gram[(a * small) + b] : -gram[(a * small) + b];
                error += a == b ? Rounding.Gamma(1) * (t + gram[(a * small) + a]) : 0;
                (value, error) = (value * scale, (error * scale) + Rounding.Underflow);
                pivots[a, b] = double.IsFinite(value) ? new Interval(Rounding.SubtractDown(value, error), Rounding.AddUp(value, error)) : Interval.Entire;
            }
        }

        return Eliminates(pivots, small);
    }

    /// <summary>Whether elimination without pivoting meets only positive pivots; the lower triangle is overwritten.</summary>
    private static bool Eliminates(Interval[,] pivots, int small)
    {
        for (var k = 0; k < small; k++)
        {
            if (!(pivots[k, k].Lower > 0))
            {
                return false;
            }

            for (var i = k + 1; i < small; i++)
            {
                var factor = pivots[i, k] / pivots[k, k];
                for (var j = k + 1; j <= i; j++)
                {
                    pivots[i, j] -= i == j ? pivots[i, k].Square() / pivots[k, k] : factor * pivots[j, k];
                }
            }
        }

        return true;
    }

    /// <summary>The largest eigenvalue of the Gram matrix, nearly, and its column in the eigenvectors: Jacobi rotations, which overwrite the matrix.</summary>
    private (double Value, int Column) Eigen(int n)
    {
        Array.Clear(vectors);
        for (var k = 0; k < n; k++)
        {
            vectors[(k * n) + k] = 1;
        }

        for (var sweep = 0; sweep < 30; sweep++)
        {
            var off = 0.0;
            var diagonal = 0.0;
            for (var p = 0; p < n; p++)
            {
                diagonal = Math.Max(diagonal, Math.Abs(gram[(p * n) + p]));
                for (var q = p + 1; q < n; q++)
                {
                    off = Math.Max(off, Math.Abs(gram[(p * n) + q]));
                }
            }

            if (!(off > 1e-16 * diagonal))
            {
                break;
            }

            for (var p = 0; p < n; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    Rotate(n, p, q);
                }
            }
        }

        var top = 0;
        for (var k = 1; k < n; k++)
        {
            top = gram[(k * n) + k] > gram[(top * n) + top] ? k : top;
        }

        return (gram[(top * n) + top], top);
    }

    private void Rotate(int n, int p, int q)
    {
        var apq = gram[(p * n) + q];
        if (apq == 0)
        {
            return;
        }

        var theta = (gram[(q * n) + q] - gram[(p * n) + p]) / (2 * apq);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        for (var k = 0; k < n; k++)
        {
            var (x, y) = (gram[(k * n) + p], gram[(k * n) + q]);
            (gram[(k * n) + p], gram[(k * n) + q]) = ((c * x) - (s * y), (s * x) + (c * y));
        }

        for (var k = 0; k < n; k++)
        {
            var (x, y) = (gram[(p * n) + k], gram[(q * n) + k]);
            (gram[(p * n) + k], gram[(q * n) + k]) = ((c * x) - (s * y), (s * x) + (c * y));
            (x, y) = (vectors[(k * n) + p], vectors[(k * n) + q]);
            (vectors[(k * n) + p], vectors[(k * n) + q]) = ((c * x) - (s * y), (s * x) + (c * y));
        }
    }

    /// <summary>max over sign vectors s of | |A s| |_norm, in Gray order; a row of <paramref name="center"/> a sign. The vector is the best one found.</summary>
    private (double Upper, double[] Signs) Signed(Rows center, Rows radius, int signs, int length, Norm norm)
    {
        var axes = Math.Min(signs, SignAxes);
        var rounds = 1 << (axes - 1);
        var gamma = Rounding.Gamma(rounds + signs + 2);
        Array.Clear(sums);
        Array.Clear(reach);
        for (var j = 0; j < signs; j++)
        {
            var c = center.Row(j, length);
            var r = radius.Row(j, length);
            for (var i = 0; i < length; i++)
            {
                sums[i] += j < axes ? c[i] : 0;
                reach[i] += r[i] + ((j < axes ? 2 * gamma : 1) * Math.Abs(c[i]));
            }
        }

        // A step adds 2 A_j and rounds once: the error of all steps stays below the number of steps times u sum |A_ij|.
        var (most, best, flips) = (-1.0, 0, 0);
        for (var round = 0; round < rounds; round++)
        {
            if (round > 0)
            {
                var axis = System.Numerics.BitOperations.TrailingZeroCount(round);
                flips ^= 1 << axis;
                var row = center.Row(axis, length);
                var step = ((flips >> axis) & 1) == 0 ? 2.0 : -2.0;
                for (var i = 0; i < length; i++)
                {
                    sums[i] += step * row[i];
                }
            }

            var total = 0.0;
            for (var i = 0; i < length; i++)
            {
                Gather(ref total, Math.Abs(sums[i]) + reach[i], norm);
            }

            if (!(total <= most))
            {
                (most, best) = (total, flips);
            }
        }

        var vector = new double[signs];
        for (var j = 0; j < signs; j++)
        {
            vector[j] = j < axes && ((best >> j) & 1) != 0 ? -1 : 1;
        }

        return (Root(most, norm), vector);
    }

    private static Rows Transpose(Rows rows, int inputs, int outputs)
    {
        var result = new Rows(new double[outputs * Kernels.Pad(inputs)], Kernels.Pad(inputs));
        for (var j = 0; j < inputs; j++)
        {
            for (var i = 0; i < outputs; i++)
            {
                result.Data[(i * result.Stride) + j] = rows.Data[(j * rows.Stride) + i];
            }
        }

        return result;
    }

    private static void Gather(ref double total, double size, Norm norm) =>
        total = norm == Norm.L1 ? total + size : norm == Norm.L2 ? total + (size * size) : Larger(total, size);

    /// <summary>The larger, NaN where one is: nothing computed is lost.</summary>
    private static double Larger(double a, double b) => double.IsNaN(a) || b <= a ? a : b;

    /// <summary>From the gathered sum to a length not below the exact one.</summary>
    private double Root(double total, Norm norm) => norm == Norm.L2
        ? Rounding.SqrtUp((total * slack) + Rounding.Underflow)
        : (total * slack) + Rounding.Underflow;
}
