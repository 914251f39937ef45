using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = x for x &gt;= 0, a x for x &lt; 0, with 0 &lt;= a &lt;= 1.</summary>
/// <remarks>f is convex: the chord lies above, and any line through the origin of a slope in [a, 1] lies below.</remarks>
public sealed class LeakyReLU : Activation
{
    /// <summary>Creates the function.</summary>
    /// <param name="negativeSlope">a in [0, 1].</param>
    public LeakyReLU(double negativeSlope)
    {
        if (!(negativeSlope is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(negativeSlope), negativeSlope, "The slope for negative arguments must lie in [0, 1].");
        }

        NegativeSlope = negativeSlope;
    }

    /// <summary>a.</summary>
    public double NegativeSlope { get; }

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => x >= 0 ? x : NegativeSlope * x;

    /// <inheritdoc/>
    public override double Derivative(double x) => x >= 0 ? 1 : NegativeSlope;

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(At(x.Lower).Lower, At(x.Upper).Upper);

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x is { Lower: 0, Upper: 0 }
        ? new(NegativeSlope, 1)
        : new(x.Lower >= 0 ? 1 : NegativeSlope, x.Upper <= 0 ? NegativeSlope : 1);

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => over.Lower >= 0 ? SmtForm.Same(x)
        : over.Upper <= 0 ? SmtForm.Equal($"(* {SmtLib.Number(NegativeSlope)} {x})")
        : SmtForm.Equal($"(ite (>= {x} 0) {x} (* {SmtLib.Number(NegativeSlope)} {x}))");

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (l, u) = (x.Lower, x.Upper);
        return l >= 0 ? Band.Exact(1)
            : u <= 0 ? Band.Exact(NegativeSlope)
            : !double.IsFinite(u - l) ? Band.Constant(Range(x)) // the chord's slope would be a quotient of infinities
            : new Band(
                new Line(u > -l ? 1 : NegativeSlope, 0),
                Line.Above((u - (NegativeSlope * l)) / (u - l), l, At(l).Upper, u, u));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"LeakyReLU({NegativeSlope:R})");

    private Interval At(double x) => x >= 0 ? Interval.Point(x) : NegativeSlope * Interval.Point(x);
}
