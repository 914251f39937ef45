using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = |(x_(ig), ..., x_(ig+g-1))|_2: the Euclidean norms of consecutive groups of g elements.</summary>
/// <remarks>
/// Above: for any t &gt; 0, |z| &lt;= (|z|² + t²) / (2 t), and z_j² lies below its chord. Below: |z| &gt;= d·z for any |d| &lt;= 1.
/// At a vertex the norm of max(upper, -lower) is convex, because the norm is convex and nondecreasing on nonnegative vectors.
/// </remarks>
public sealed class Norm : NonlinearOperator
{
    /// <summary>Creates the map.</summary>
    /// <param name="groupSize">g, at least 1.</param>
    public Norm(int groupSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groupSize);
        GroupSize = groupSize;
    }

    /// <summary>g.</summary>
    public int GroupSize { get; }

    /// <inheritdoc/>
    internal override int TermsPerElement => GroupSize;

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (0, (i * GroupSize) + t);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 1 && arguments[0] % GroupSize == 0
        ? arguments[0] / GroupSize
        : throw new ArgumentException($"Norms of groups of {GroupSize} received arguments of lengths [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = TensorPrimitives.Norm(x[0].AsSpan(i * GroupSize, GroupSize));
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            for (var j = i * GroupSize; j < (i + 1) * GroupSize && y[i] > 0; j++)
            {
                dx[0][j] += dy[i] * x[0][j] / y[i];
            }
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var sum = Interval.Point(0);
            for (var j = i * GroupSize; j < (i + 1) * GroupSize; j++)
            {
                sum += x[0][j].Square();
            }

            y[i] = sum.Sqrt();
        }
    }

    /// <summary>The directional derivative is d·dx for a unit vector d, or |dx| at the origin.</summary>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            var sum = Interval.Point(0);
            for (var j = i * GroupSize; j < (i + 1) * GroupSize; j++)
            {
                sum += dx[0][j].Square();
            }

            var most = sum.Sqrt().Upper;
            dy[i] = new(-most, most);
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var (start, t) = (i * GroupSize, y.Upper[i]);
            if (!double.IsFinite(t) || !(t > 1e-150))
            {
                planes.SetConstant(i, y[i]);
                continue;
            }

            var (upper, lengths) = (Interval.Point(t).Square(), Interval.Point(0));
            for (var j = start; j < start + GroupSize; j++)
            {
                var z = x[0][j];
                var slope = (z.Lower + z.Upper) / (2 * t);
                planes.UpperSlopes[j] = slope;

                // z² - (2 t slope) z is convex: its largest value is at an end.
                var twice = 2 * t * Interval.Point(slope);
                var ends = new[] { Interval.Point(z.Lower).Square() - (twice * Interval.Point(z.Lower)), Interval.Point(z.Upper).Square() - (twice * Interval.Point(z.Upper)) };
                upper += Interval.Point(Math.Max(ends[0].Upper, ends[1].Upper));
                planes.LowerSlopes[j] = z.Middle;
                lengths += Interval.Point(z.Middle).Square();
            }

            planes.UpperIntercepts[i] = (upper / (2 * Interval.Point(t))).Upper;
            var length = lengths.Sqrt().Upper;
            for (var j = start; j < start + GroupSize; j++)
            {
                // Dividing by a length that is too large, and rounding towards zero, keeps |d| <= 1.
                planes.LowerSlopes[j] = length > 0
                    ? Math.CopySign(Math.Max(0, Rounding.DivideDown(Math.Abs(planes.LowerSlopes[j]), length)), planes.LowerSlopes[j])
                    : 0;
            }

            planes.LowerIntercepts[i] = 0;
        }
    }

    /// <inheritdoc/>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over)
    {
        ArgumentNullException.ThrowIfNull(x);
        return SmtForm.Where($"(and (>= {y} 0) (= (* {y} {y}) (+ 0 {string.Join(' ', x.Select(z => $"(* {z} {z})"))})))");
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        var width = step.Width;
        var widen = 1 + (2 * Rounding.Gamma(GroupSize + 4));
        for (var i = 0; i < step.ResultRange.Length; i++)
        {
            var sums = step.ResultUpper.Slice(i * width, width);
            sums.Clear();
            for (var j = i * GroupSize; j < (i + 1) * GroupSize; j++)
            {
                var u = step.Upper(0).Slice(j * width, width);
                var l = step.Lower(0).Slice(j * width, width);
                for (var v = 0; v < width; v += Kernels.Lanes)
                {
                    var size = Vector256.Max(Vector256.Create(u.Slice(v, Kernels.Lanes)), -Vector256.Create(l.Slice(v, Kernels.Lanes)));
                    (Vector256.Create(sums.Slice(v, Kernels.Lanes)) + (size * size)).CopyTo(sums.Slice(v, Kernels.Lanes));
                }
            }

            for (var v = 0; v < width; v++)
            {
                sums[v] = (Math.Sqrt(sums[v]) * widen) + 1e-150;
            }
        }

        step.UseConstantLower();
        return true;
    }
}
