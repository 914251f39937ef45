using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>A differentiable elementwise function that is convex, or concave, wherever it is defined.</summary>
/// <remarks>
/// Both lines share one slope k, the chord's: then the upper line of a convex f touches at an end and the lower line is, up to rounding, the
/// tangent of slope k. For any p: f(x) - k x &gt;= f(p) - k p + (f'(p) - k) (x - p) by convexity, which is how the lower intercept is made safe.
/// Parallel lines keep differences of nearly linear functions tight (G. Singh et al., "Fast and Effective Robustness Certification", NeurIPS 2018).
/// </remarks>
public abstract class ConvexActivation : Activation
{
    /// <summary>True for convex, false for concave.</summary>
    public abstract bool IsConvex { get; }

    /// <summary>Law: contains f(x).</summary>
    public abstract Interval At(double x);

    /// <summary>Law: contains f'(x).</summary>
    public abstract Interval DerivativeAt(double x);

    /// <summary>A point in x where f' is near <paramref name="slope"/>; any answer is sound.</summary>
    protected abstract double TangentPoint(double slope, Interval x);

    /// <inheritdoc/>
    public override double Derivative(double x) => DerivativeAt(x).Middle;

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => IsConvex
        ? new(DerivativeAt(x.Lower).Lower, DerivativeAt(x.Upper).Upper)
        : new(DerivativeAt(x.Upper).Lower, DerivativeAt(x.Lower).Upper);

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (atLower, atUpper) = (At(x.Lower), At(x.Upper));
        var chord = (atUpper.Middle - atLower.Middle) / (x.Upper - x.Lower);
        var slope = double.IsFinite(chord) && x.Upper - x.Lower > 1e-9 * x.Magnitude ? chord : Derivative(x.Middle);
        if (!double.IsFinite(slope))
        {
            return Band.Constant(Range(x));
        }

        var p = TangentPoint(slope, x);
        p = double.IsNaN(p) ? x.Middle : Math.Clamp(p, x.Lower, x.Upper);
        var mismatch = (DerivativeAt(p) - slope) * new Interval(Rounding.SubtractDown(x.Lower, p), Rounding.SubtractUp(x.Upper, p));
        if (!double.IsFinite(mismatch.Magnitude))
        {
            return Band.Constant(Range(x));
        }

        var atPoint = At(p);
        return IsConvex
            ? new Band(
                Moved(Line.Below(slope, p, atPoint.Lower), mismatch.Lower, down: true),
                Line.Above(slope, x.Lower, atLower.Upper, x.Upper, atUpper.Upper))
            : new Band(
                Line.Below(slope, x.Lower, atLower.Lower, x.Upper, atUpper.Lower),
                Moved(Line.Above(slope, p, atPoint.Upper), mismatch.Upper, down: false));
    }

    private static Line Moved(Line line, double by, bool down) => line with { Intercept = down ? Rounding.AddDown(line.Intercept, by) : Rounding.AddUp(line.Intercept, by) };
}
