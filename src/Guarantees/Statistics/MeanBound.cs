using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Which upper bound of a mean.</summary>
public enum MeanBound
{
    /// <summary><see cref="Statistics.Hoeffding"/>: knows the range only.</summary>
    Hoeffding,

    /// <summary><see cref="Statistics.BinaryKl"/>: never wider than Hoeffding, far narrower for means near the ends of the range.</summary>
    BinaryKl,

    /// <summary><see cref="Statistics.Bentkus"/>: nearly as narrow as for coins.</summary>
    Bentkus,

    /// <summary><see cref="Statistics.EmpiricalBernstein"/>: shrinks with the spread seen.</summary>
    EmpiricalBernstein,

    /// <summary><see cref="BettingInterval"/>: shrinks with the spread seen, the narrowest for spread below that of coins; depends on the order of the numbers.</summary>
    Betting,
}

internal static class MeanBounds
{
    public static double Upper(this MeanBound bound, ReadOnlySpan<double> sample, Interval range, double alpha) => bound switch
    {
        MeanBound.Hoeffding => Hoeffding.Upper(sample, range, alpha),
        MeanBound.BinaryKl => BinaryKl.Upper(sample, range, alpha),
        MeanBound.Bentkus => Bentkus.Upper(sample, range, alpha),
        MeanBound.EmpiricalBernstein => EmpiricalBernstein.Upper(sample, range, alpha),
        MeanBound.Betting => BettingInterval.Upper(sample, range, alpha),
        _ => throw new ArgumentOutOfRangeException(nameof(bound), bound, "Expected one of the bounds that are listed."),
    };
}
