using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// Bounds of a mean that shrink with the spread seen: with probability at least 1 - alpha, E X &lt;= mean + sqrt(2 V ln(2 / alpha) / n) + 7 (b - a) ln(2 / alpha) / (3 (n - 1)),
/// V = the sum of (x - mean)² over n - 1.
/// </summary>
/// <remarks>
/// Assumes n independent numbers in [a, b] with the same distribution. Holds for every finite n of at least 2. The members are the numbers as given, exactly; every operation rounds outward, and V is
/// bounded by the sum of (x - c)² over n - 1 for a c near the mean, which no c makes smaller.
/// Source: A. Maurer, M. Pontil, "Empirical Bernstein Bounds and Sample Variance Penalization", COLT 2009, theorem 4 (for [0, 1]; scaled here).
/// </remarks>
public static class EmpiricalBernstein
{
    /// <summary>u with P(E X > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="sample">The numbers, at least two.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(ReadOnlySpan<double> sample, Interval range, double alpha)
    {
        var mean = Confidence.Mean(sample, range, 2);
        return Math.Min(range.Upper, Rounding.AddUp(mean.Upper, Radius(sample, mean.Middle, range.Width, alpha)));
    }

    /// <summary>l with P(E X &lt; l) &lt;= alpha; at least the lower end of the range.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(ReadOnlySpan<double> sample, Interval range, double alpha)
    {
        var mean = Confidence.Mean(sample, range, 2);
        return Math.Max(range.Lower, Rounding.SubtractDown(mean.Lower, Radius(sample, mean.Middle, range.Width, alpha)));
    }

    private static double Radius(ReadOnlySpan<double> sample, double centre, double width, double alpha)
    {
        var squares = 0.0;
        foreach (var x in sample)
        {
            squares = Rounding.AddUp(squares, (Interval.Point(x) - centre).Square().Upper);
        }

        return Radius(sample.Length, Rounding.DivideUp(squares, sample.Length - 1), width, alpha);
    }

    /// <summary>sqrt(2 V ln(2 / alpha) / n) + 7 (b - a) ln(2 / alpha) / (3 (n - 1)), rounded up.</summary>
    internal static double Radius(int n, double variance, double width, double alpha)
    {
        Confidence.CheckRisk(alpha);
        var log = Confidence.LogInverse(2, alpha);
        return Rounding.AddUp(
            Rounding.SqrtUp(Rounding.DivideUp(Rounding.MultiplyUp(2 * variance, log), n)),
            Rounding.DivideUp(Rounding.MultiplyUp(Rounding.MultiplyUp(7, width), log), 3.0 * (n - 1)));
    }
}
