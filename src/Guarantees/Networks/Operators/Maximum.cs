using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = max(a_i, b_i), for two arguments of equal length.</summary>
/// <remarks>max(a, b) = b + max(a - b, 0): the planes are those of ReLU in a - b.</remarks>
public sealed class Maximum : NonlinearOperator
{
    private static readonly ReLU Positive = new();

    /// <inheritdoc/>
    internal override int TermsPerElement => 2;

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (t, i);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 2 && arguments[0] == arguments[1]
        ? arguments[0]
        : throw new ArgumentException($"A maximum needs two arguments of equal length, got [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Math.Max(x[0][i], x[1][i]);
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            dx[x[0][i] >= x[1][i] ? 0 : 1][i] += dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = new(Math.Max(x[0].Lower[i], x[1].Lower[i]), Math.Max(x[0].Upper[i], x[1].Upper[i]));
        }
    }

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            dy[i] = x[0].Lower[i] > x[1].Upper[i] ? dx[0][i]
                : x[1].Lower[i] > x[0].Upper[i] ? dx[1][i]
                : Interval.Hull(dx[0][i], dx[1][i]);
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var difference = x[0][i] - x[1][i];
            if (!double.IsFinite(difference.Width))
            {
                planes.SetConstant(i, y[i]);
                continue;
            }

            // y = b + r(a - b), k (a - b) + c around r; 1 - k is rounded, so its error times |b| goes to the intercept.
            var band = Positive.Relax(difference);
            (planes.LowerSlopes[2 * i], planes.UpperSlopes[2 * i]) = (band.Lower.Slope, band.Upper.Slope);
            (planes.LowerSlopes[(2 * i) + 1], planes.UpperSlopes[(2 * i) + 1]) = (1 - band.Lower.Slope, 1 - band.Upper.Slope);
            var below = Remainder(band.Lower.Slope) * x[1][i];
            var above = Remainder(band.Upper.Slope) * x[1][i];
            planes.LowerIntercepts[i] = Rounding.AddDown(band.Lower.Intercept, below.Lower);
            planes.UpperIntercepts[i] = Rounding.AddUp(band.Upper.Intercept, above.Upper);
        }
    }

    /// <inheritdoc/>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(over);
        return over[0].Lower >= over[1].Upper ? SmtForm.Same(x[0])
            : over[1].Lower >= over[0].Upper ? SmtForm.Same(x[1])
            : SmtForm.Equal($"(ite (>= {x[0]} {x[1]}) {x[0]} {x[1]})");
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            step.ResultUpper[i] = Math.Max(step.Upper(0)[i], step.Upper(1)[i]);
        }

        step.UseConstantLower();
        return true;
    }

    /// <summary>(1 - k) - fl(1 - k), enclosed.</summary>
    private static Interval Remainder(double k) => Interval.Point(1) - k - (1 - k);
}
