using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = a_i b_i, for two arguments of equal length.</summary>
/// <remarks>
/// Both planes have the slopes of the tangent plane at the middle (p, q) of the box: a b - q a - p b + p q = (a - p)(b - q), which lies within
/// plus or minus the product of the radii. Those are the two McCormick planes averaged on each side (G. P. McCormick, "Computability of global
/// solutions to factorable nonconvex programs", Math. Programming, 1976): the same gap in the middle, and parallel, so that differences stay tight.
/// </remarks>
public sealed class Multiply : NonlinearOperator
{
    /// <inheritdoc/>
    internal override int TermsPerElement => 2;

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (t, i);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 2 && arguments[0] == arguments[1]
        ? arguments[0]
        : throw new ArgumentException($"A product needs two arguments of equal length, got [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = x[0][i] * x[1][i];
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            dx[0][i] += x[1][i] * dy[i];
            dx[1][i] += x[0][i] * dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = x[0][i] * x[1][i];
        }
    }

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            dy[i] = (x[1][i] * dx[0][i]) + (x[0][i] * dx[1][i]);
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var (a, b) = (x[0][i], x[1][i]);
            var (p, q) = (a.Middle, b.Middle);
            if (!double.IsFinite(a.Width) || !double.IsFinite(b.Width) || !double.IsFinite(p * q))
            {
                planes.SetConstant(i, y[i]);
                continue;
            }

            var rest = ((a - p) * (b - q)) - (Interval.Point(p) * Interval.Point(q));
            planes.LowerSlopes[2 * i] = planes.UpperSlopes[2 * i] = q;
            planes.LowerSlopes[(2 * i) + 1] = planes.UpperSlopes[(2 * i) + 1] = p;
            (planes.LowerIntercepts[i], planes.UpperIntercepts[i]) = (rest.Lower, rest.Upper);
        }
    }

    /// <inheritdoc/>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(over);
        return over[0].Lower == over[0].Upper ? SmtForm.Equal($"(* {SmtLib.Number(over[0].Lower)} {x[1]})")
            : over[1].Lower == over[1].Upper ? SmtForm.Equal($"(* {SmtLib.Number(over[1].Lower)} {x[0]})")
            : SmtForm.Equal($"(* {x[0]} {x[1]})") with { IsLinear = false };
    }

    /// <summary>For nonnegative factors, a b is at most (upper bound of a at the vertex) * (largest b), which is convex; likewise the other way.</summary>
    public override bool TryConvexUpper(VertexStep step)
    {
        var width = step.Width;
        for (var i = 0; i < step.ResultRange.Length; i++)
        {
            var (a, b) = (step.Range(0)[i], step.Range(1)[i]);
            if (a.Lower < 0 || b.Lower < 0)
            {
                return false;
            }

            // The factor that varies least, relative to its size, is replaced by its largest value.
            var first = a.Width * b.Upper >= b.Width * a.Upper;
            var varying = step.Upper(first ? 0 : 1);
            var largest = first ? b.Upper : a.Upper;
            for (var v = i * width; v < (i + 1) * width; v++)
            {
                step.ResultUpper[v] = Rounding.MultiplyUp(Math.Max(varying[v], 0), largest);
            }
        }

        step.UseConstantLower();
        return true;
    }
}
