using System.Globalization;
using Guarantees.Arithmetic;

namespace Guarantees.Claims;

/// <summary>What a bound of the Mahalanobis distance of theta says of the highest-density regions of a Gaussian: theta lies in that of level p where F(distance²) &lt;= p, F of <see cref="ChiSquare"/> with as many degrees of freedom as parameters.</summary>
public static class HighestDensityRegion
{
    /// <summary>The statement in words; empty where there are more than <see cref="ChiSquare.MostDegrees"/> parameters or nothing is said.</summary>
    /// <param name="claim">A claim on <see cref="Quantity.Mahalanobis"/>.</param>
    /// <param name="lower">The certified lower end.</param>
    /// <param name="upper">The certified upper end.</param>
    /// <param name="largest">Whether the upper end is proved for the whole set, and not the lower one.</param>
    public static string Words(Claim claim, double lower, double upper, bool largest)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.Point.Length is < 1 or > ChiSquare.MostDegrees || !double.IsFinite(largest ? upper : lower) || (!largest && lower <= 0))
        {
            return "";
        }

        var level = ChiSquare.Cdf(Interval.Point(largest ? upper : lower).Square(), claim.Point.Length);
        return largest
            ? level.Upper < 1 ? $"At every x of the set, theta lies in the highest-density region of every level from {Digits(level.Upper, Math.Ceiling)} on." : ""
            : $"At every x of the set, theta lies outside the highest-density region of every level up to {Digits(level.Lower, Math.Floor)}.";
    }

    /// <summary>Six digits, rounded to the safe side.</summary>
    private static string Digits(double value, Func<double, double> round)
    {
        var steps = round(value * 1e6) / 1e6;
        var safe = round(0.5) > 0.5 ? (steps < value ? steps + 1e-6 : steps) : (steps > value ? steps - 1e-6 : steps);
        return Math.Clamp(safe, 0, 1).ToString("0.######", CultureInfo.InvariantCulture);
    }
}
