namespace Guarantees.Arithmetic;

/// <summary>The line y = Slope * x + Intercept.</summary>
public readonly record struct Line(double Slope, double Intercept)
{
    /// <summary>An enclosure of this line's value at <paramref name="x"/>.</summary>
    public Interval At(double x) => (Interval.Point(Slope) * Interval.Point(x)) + Interval.Point(Intercept);

    /// <summary>The lowest line of the given slope on or above (x1, y1) and (x2, y2), intercept rounded up.</summary>
    public static Line Above(double slope, double x1, double y1, double x2, double y2) =>
        new(slope, Math.Max(ResidualUp(slope, x1, y1), ResidualUp(slope, x2, y2)));

    /// <summary>The lowest line of the given slope on or above (x, y), intercept rounded up.</summary>
    public static Line Above(double slope, double x, double y) => new(slope, ResidualUp(slope, x, y));

    /// <summary>The highest line of the given slope on or below (x1, y1) and (x2, y2), intercept rounded down.</summary>
    public static Line Below(double slope, double x1, double y1, double x2, double y2) =>
        new(slope, Math.Min(ResidualDown(slope, x1, y1), ResidualDown(slope, x2, y2)));

    /// <summary>The highest line of the given slope on or below (x, y), intercept rounded down.</summary>
    public static Line Below(double slope, double x, double y) => new(slope, ResidualDown(slope, x, y));

    private static double ResidualUp(double slope, double x, double y) => Rounding.SubtractUp(y, Rounding.MultiplyDown(slope, x));

    private static double ResidualDown(double slope, double x, double y) => Rounding.SubtractDown(y, Rounding.MultiplyUp(slope, x));
}
