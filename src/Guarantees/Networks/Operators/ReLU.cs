using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = max(x, 0).</summary>
/// <remarks>
/// The upper line is the chord from (l, 0) to (u, u). The lower line has slope 0 or 1, whichever leaves the
/// smaller triangle: G. Singh, T. Gehr, M. Püschel, M. Vechev, "An Abstract Domain for Certifying Neural
/// Networks", POPL 2019, sec. 4.1.
/// </remarks>
public sealed class ReLU : Activation
{
    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Math.Max(x, 0);

    /// <inheritdoc/>
    public override double Derivative(double x) => x > 0 ? 1 : 0;

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(Value(x.Lower), Value(x.Upper));

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x is { Lower: 0, Upper: 0 }
        ? new(0, 1)
        : new(x.Lower >= 0 ? 1 : 0, x.Upper <= 0 ? 0 : 1);

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => over.Lower >= 0 ? SmtForm.Same(x)
        : over.Upper <= 0 ? SmtForm.Same("0")
        : SmtForm.Equal($"(ite (>= {x} 0) {x} 0)");

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (l, u) = (x.Lower, x.Upper);
        return l >= 0 ? Band.Exact(1)
            : u <= 0 ? Band.Exact(0)
            : new Band(new Line(u > -l ? 1 : 0, 0), Line.Above(u / (u - l), l, 0, u, u));
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            step.ResultUpper[i] = Value(step.Upper(0)[i]);
        }

        step.UseConstantLower();
        return true;
    }
}
