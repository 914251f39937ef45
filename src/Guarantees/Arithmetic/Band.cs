namespace Guarantees.Arithmetic;

/// <summary>Two lines with Lower(x) &lt;= f(x) &lt;= Upper(x) for every x of one input interval.</summary>
public readonly record struct Band(Line Lower, Line Upper)
{
    /// <summary>The horizontal band around <paramref name="range"/>.</summary>
    public static Band Constant(Interval range) => new(new Line(0, range.Lower), new Line(0, range.Upper));

    /// <summary>The band of a function that equals slope * x exactly.</summary>
    public static Band Exact(double slope) => new(new Line(slope, 0), new Line(slope, 0));
}
