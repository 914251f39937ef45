using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>An increasing function that is convex for x &lt;= 0 and concave for x &gt;= 0, with f' even.</summary>
/// <remarks>
/// On one side of 0 the relaxation is that of a convex or concave function. Across 0 each line is, where it can be, the line through one end
/// that touches the curve on the other side: for a tangent point d &gt; 0 the upper line through (l, f(l)) with slope k = f'(d) lies above f
/// when it lies above at d (H. Zhang et al., "Efficient Neural Network Robustness Certification with General Activation Functions",
/// NeurIPS 2018, sec. 3.2). It is made safe without trusting the search for d: with k the slope, the concave side obeys
/// f(x) - k x &lt;= f(d) - k d + (f'(d) - k) (x - d) and on the convex side f(x) - k x is largest at an end.
/// </remarks>
public abstract class SShaped : Activation
{
    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <summary>Law: contains f(x).</summary>
    public abstract Interval At(double x);

    /// <summary>Law: contains f'(x).</summary>
    public abstract Interval DerivativeAt(double x);

    /// <summary>Law: contains f''(t) for every t in x.</summary>
    public abstract Interval SecondDerivative(Interval x);

    /// <summary>Law: contains f'''(t) for every t in x.</summary>
    public abstract Interval ThirdDerivative(Interval x);

    /// <summary>About the x &gt;= 0 with f'(x) = <paramref name="slope"/>; 0 for steeper slopes. Any number is safe.</summary>
    protected abstract double WhereSlopeIs(double slope);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(At(x.Lower).Lower, At(x.Upper).Upper);

    /// <inheritdoc/>
    public override Interval Slope(Interval x)
    {
        var (a, b) = (DerivativeAt(x.Lower), DerivativeAt(x.Upper));
        var most = x.Contains(0) ? DerivativeAt(0).Upper : Math.Max(a.Upper, b.Upper);
        return new(Math.Min(a.Lower, b.Lower), Math.Max(most, Math.Min(a.Lower, b.Lower)));
    }

    /// <summary>No algebraic form.</summary>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Free;

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (l, u) = (x.Lower, x.Upper);
        var chord = u - l > 1e-9 * Math.Max(1, x.Magnitude) ? (Value(u) - Value(l)) / (u - l) : Derivative(x.Middle);
        if (!double.IsFinite(chord))
        {
            return Band.Constant(Range(x));
        }

        // Upper line: chord where f is convex or the chord itself already lies above; tangent on the concave side otherwise.
        var (upperSlope, upperPoint) = l >= 0 ? (chord, Math.Clamp(WhereSlopeIs(chord), l, u)) : UpperTangent(l, u, chord);
        var (lowerSlope, lowerPoint) = u <= 0 ? (chord, Math.Clamp(-WhereSlopeIs(chord), l, u)) : LowerTangent(l, u, chord);
        var middle = x.Middle;
        if (l < 0 && upperPoint < middle)
        {
            (upperSlope, upperPoint) = (Derivative(middle), middle); // every tangent right of that through the end lies above; the middle's leaves the least area
        }
        else if (u > 0 && middle < lowerPoint)
        {
            (lowerSlope, lowerPoint) = (Derivative(middle), middle);
        }

        return new Band(new Line(lowerSlope, Below(x, lowerSlope, lowerPoint)), new Line(upperSlope, Above(x, upperSlope, upperPoint)));
    }

    /// <summary>
    /// Another choice of lines: where an upper line may touch the curve anywhere on [from, u], it touches at from + share (u - from), and a lower line likewise towards l. Chords
    /// stay: nothing lies between them and the curve.
    /// </summary>
    /// <param name="x">The range.</param>
    /// <param name="share">In [0, 1].</param>
    internal Band Relax(Interval x, double share)
    {
        var (l, u) = (x.Lower, x.Upper);
        var chord = (Value(u) - Value(l)) / (u - l);
        if (!double.IsFinite(chord) || u - l <= 1e-9 * Math.Max(1, x.Magnitude))
        {
            return Relax(x);
        }

        var (upperSlope, upperPoint) = l >= 0 ? (chord, l) : UpperTangent(l, u, chord);
        if (upperPoint < u)
        {
            upperPoint = Math.Clamp(upperPoint + (share * (u - upperPoint)), l, u);
            upperSlope = Derivative(upperPoint);
        }

        var (lowerSlope, lowerPoint) = u <= 0 ? (chord, u) : LowerTangent(l, u, chord);
        if (lowerPoint > l)
        {
            lowerPoint = Math.Clamp(lowerPoint + (share * (l - lowerPoint)), l, u);
            lowerSlope = Derivative(lowerPoint);
        }

        return new Band(new Line(lowerSlope, Below(x, lowerSlope, lowerPoint)), new Line(upperSlope, Above(x, upperSlope, upperPoint)));
    }

    /// <summary>The smallest known c with f(t) &lt;= slope t + c on x: ends and origin for the convex part, the tangent inequality at p for the concave part.</summary>
    private double Above(Interval x, double slope, double p)
    {
        var (l, u) = (x.Lower, x.Upper);
        var c = Math.Max(Line.Above(slope, l, At(l).Upper).Intercept, Line.Above(slope, u, At(u).Upper).Intercept);
        if (u <= 0)
        {
            return c;
        }

        var start = Math.Max(l, 0);
        p = Math.Clamp(p, start, u);
        var reach = new Interval(Rounding.SubtractDown(start, p), Rounding.SubtractUp(u, p));
        var mismatch = (DerivativeAt(p) - slope) * reach;
        var tangent = Rounding.AddUp(Line.Above(slope, p, At(p).Upper).Intercept, mismatch.Upper);
        return Math.Max(c, tangent);
    }

    private double Below(Interval x, double slope, double p)
    {
        var (l, u) = (x.Lower, x.Upper);
        var c = Math.Min(Line.Below(slope, l, At(l).Lower).Intercept, Line.Below(slope, u, At(u).Lower).Intercept);
        if (l >= 0)
        {
            return c;
        }

        var end = Math.Min(u, 0);
        p = Math.Clamp(p, l, end);
        var reach = new Interval(Rounding.SubtractDown(l, p), Rounding.SubtractUp(end, p));
        var mismatch = (DerivativeAt(p) - slope) * reach;
        var tangent = Rounding.AddDown(Line.Below(slope, p, At(p).Lower).Intercept, mismatch.Lower);
        return Math.Min(c, tangent);
    }

    /// <summary>d in [0, u] with f(d) - f(l) = f'(d) (d - l); the chord when no such d exists.</summary>
    private (double Slope, double Point) UpperTangent(double l, double u, double chord)
    {
        if (u <= 0 || Derivative(u) >= chord)
        {
            return (chord, u);
        }

        var d = Root(0, u, t => Value(t) - Value(l) - (Derivative(t) * (t - l)));
        return (Derivative(d), d);
    }

    private (double Slope, double Point) LowerTangent(double l, double u, double chord)
    {
        if (l >= 0 || Derivative(l) >= chord)
        {
            return (chord, l);
        }

        var d = Root(0, l, t => Value(t) - Value(u) - (Derivative(t) * (t - u)), sign: -1);
        return (Derivative(d), d);
    }

    /// <summary>A point close to the root of sign g, on the side of <paramref name="outer"/>, where it is positive: regula falsi, Illinois variant.</summary>
    private static double Root(double inner, double outer, Func<double, double> g, int sign = 1)
    {
        var (inside, outside, last) = (sign * g(inner), sign * g(outer), 0);
        var enough = 1e-9 * outside;
        for (var k = 0; k < 24; k++)
        {
            var t = outer - (outside * (outer - inner) / (outside - inside));
            if (!(Math.Min(inner, outer) < t && t < Math.Max(inner, outer)))
            {
                t = 0.5 * (inner + outer);
            }

            var value = sign * g(t);
            if (value >= 0 && value <= enough)
            {
                return t;
            }

            if (value < 0)
            {
                (inner, inside, outside, last) = (t, value, last < 0 ? outside / 2 : outside, -1);
            }
            else
            {
                (outer, outside, inside, last) = (t, value, last > 0 ? inside / 2 : inside, 1);
            }
        }

        return outer;
    }
}
