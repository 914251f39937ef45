using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = |x|.</summary>
/// <remarks>f is convex: the chord lies above, and any line through the origin of a slope in [-1, 1] lies below.</remarks>
public sealed class Abs : Activation
{
    /// <inheritdoc/>
    public override double Value(double x) => Math.Abs(x);

    /// <inheritdoc/>
    public override double Derivative(double x) => x >= 0 ? 1 : -1;

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Abs();

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x is { Lower: 0, Upper: 0 }
        ? new(-1, 1)
        : new(x.Lower >= 0 ? 1 : -1, x.Upper <= 0 ? -1 : 1);

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => over.Lower >= 0 ? SmtForm.Same(x)
        : over.Upper <= 0 ? SmtForm.Equal($"(- {x})")
        : SmtForm.Equal($"(ite (>= {x} 0) {x} (- {x}))");

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (l, u) = (x.Lower, x.Upper);
        return l >= 0 ? Band.Exact(1)
            : u <= 0 ? Band.Exact(-1)
            : new Band(new Line(Math.Clamp((u + l) / (u - l), -1, 1), 0), Line.Above((u + l) / (u - l), l, -l, u, u));
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            step.ResultUpper[i] = Math.Max(step.Upper(0)[i], -step.Lower(0)[i]);
        }

        step.UseConstantLower();
        return true;
    }
}
