using System.Globalization;

namespace Guarantees.Arithmetic;

/// <summary>A closed interval [Lower, Upper], endpoints possibly infinite. Every operation rounds outward, so the result encloses the exact real result.</summary>
/// <remarks>
/// Operator files rely on this type and on <see cref="Rounding"/> and contain no rounding of their own.
/// Source: R. E. Moore, R. B. Kearfott, M. J. Cloud, "Introduction to Interval Analysis", SIAM, 2009.
/// </remarks>
public readonly record struct Interval
{
    /// <summary>Creates [<paramref name="lower"/>, <paramref name="upper"/>].</summary>
    /// <exception cref="ArgumentException">An endpoint is NaN, or the endpoints are out of order.</exception>
    public Interval(double lower, double upper)
    {
        if (!(lower <= upper))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"An interval needs lower <= upper, both numbers; got [{lower:R}, {upper:R}]."));
        }

        Lower = lower;
        Upper = upper;
    }

    /// <summary>All real numbers.</summary>
    public static Interval Entire { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The smallest member.</summary>
    public double Lower { get; }

    /// <summary>The largest member.</summary>
    public double Upper { get; }

    /// <summary>A double inside the interval, near its middle.</summary>
    public double Middle => Math.Clamp((0.5 * Lower) + (0.5 * Upper), Lower, Upper);

    /// <summary>The largest absolute value of a member.</summary>
    public double Magnitude => Math.Max(Math.Abs(Lower), Math.Abs(Upper));

    /// <summary>The smallest absolute value of a member.</summary>
    public double Mignitude => Lower > 0 ? Lower : Upper < 0 ? -Upper : 0;

    /// <summary>Upper - Lower, rounded up.</summary>
    public double Width => Rounding.SubtractUp(Upper, Lower);

    /// <summary>The interval holding exactly one number.</summary>
    public static Interval Point(double value) => new(value, value);

    /// <summary>The smallest interval holding both numbers, in either order.</summary>
    public static Interval Hull(double a, double b) => new(Math.Min(a, b), Math.Max(a, b));

    /// <summary>The smallest interval holding both intervals.</summary>
    public static Interval Hull(Interval a, Interval b) => new(Math.Min(a.Lower, b.Lower), Math.Max(a.Upper, b.Upper));

    /// <summary>Whether <paramref name="value"/> is a member.</summary>
    public bool Contains(double value) => Lower <= value && value <= Upper;

    /// <summary>Whether every member of <paramref name="other"/> is a member.</summary>
    public bool Contains(Interval other) => Lower <= other.Lower && other.Upper <= Upper;

    /// <summary>{ -a }.</summary>
    public static Interval operator -(Interval a) => new(-a.Upper, -a.Lower);

    /// <summary>{ a + b }.</summary>
    public static Interval operator +(Interval a, Interval b) => new(Rounding.AddDown(a.Lower, b.Lower), Rounding.AddUp(a.Upper, b.Upper));

    /// <summary>{ a - b }.</summary>
    public static Interval operator -(Interval a, Interval b) => new(Rounding.SubtractDown(a.Lower, b.Upper), Rounding.SubtractUp(a.Upper, b.Lower));

    /// <summary>{ a * b }.</summary>
    public static Interval operator *(Interval a, Interval b)
    {
        if (a.Lower >= 0 && b.Lower >= 0)
        {
            return new(Rounding.MultiplyDown(a.Lower, b.Lower), Rounding.MultiplyUp(a.Upper, b.Upper));
        }

        return new(
            Math.Min(
                Math.Min(Rounding.MultiplyDown(a.Lower, b.Lower), Rounding.MultiplyDown(a.Lower, b.Upper)),
                Math.Min(Rounding.MultiplyDown(a.Upper, b.Lower), Rounding.MultiplyDown(a.Upper, b.Upper))),
            Math.Max(
                Math.Max(Rounding.MultiplyUp(a.Lower, b.Lower), Rounding.MultiplyUp(a.Lower, b.Upper)),
                Math.Max(Rounding.MultiplyUp(a.Upper, b.Lower), Rounding.MultiplyUp(a.Upper, b.Upper))));
    }

    /// <summary>{ a / b } for b without 0; all real numbers where b holds 0.</summary>
    public static Interval operator /(Interval a, Interval b)
    {
        if (b.Contains(0))
        {
            return Entire;
        }

        return new(
            Math.Min(
                Math.Min(Rounding.DivideDown(a.Lower, b.Lower), Rounding.DivideDown(a.Lower, b.Upper)),
                Math.Min(Rounding.DivideDown(a.Upper, b.Lower), Rounding.DivideDown(a.Upper, b.Upper))),
            Math.Max(
                Math.Max(Rounding.DivideUp(a.Lower, b.Lower), Rounding.DivideUp(a.Lower, b.Upper)),
                Math.Max(Rounding.DivideUp(a.Upper, b.Lower), Rounding.DivideUp(a.Upper, b.Upper))));
    }

    /// <summary>{ a + b } for a number b.</summary>
    public static Interval operator +(Interval a, double b) => a + Point(b);

    /// <summary>{ a - b } for a number b.</summary>
    public static Interval operator -(Interval a, double b) => a - Point(b);

    /// <summary>{ a * b } for a number a.</summary>
    public static Interval operator *(double a, Interval b) => Point(a) * b;

    /// <summary>{ |a| }.</summary>
    public Interval Abs() => new(Mignitude, Magnitude);

    /// <summary>{ a^2 }.</summary>
    public Interval Square() => new(Rounding.MultiplyDown(Mignitude, Mignitude), Rounding.MultiplyUp(Magnitude, Magnitude));

    /// <summary>{ sqrt a }, for a with no negative member.</summary>
    public Interval Sqrt() => new(Rounding.SqrtDown(Lower), Rounding.SqrtUp(Upper));

    /// <summary>[Lower, Upper], exactly and culture-free.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Lower:R}, {Upper:R}]");
}
