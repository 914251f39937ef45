using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Bounds of a mean from n independent numbers of a known range: with probability at least 1 - alpha, E X &lt;= mean + (b - a) sqrt(ln(1 / alpha) / (2 n)).</summary>
/// <remarks>
/// Assumes independent numbers in [a, b] with the mean E X; they need not have the same distribution. Holds for every finite n. The members are the numbers as given, exactly; every operation
/// rounds outward.
/// proofs/coq/theories/Statistics/Hoeffding.v, <c>hoeffding_upper_bound</c>, <c>hoeffding_lower_bound</c>. Source: W. Hoeffding, "Probability Inequalities for Sums of Bounded Random Variables", J. Amer. Statist. Assoc. 58, 1963, theorem 2.
/// </remarks>
public static class Hoeffding
{
    /// <summary>(b - a) sqrt(ln(1 / alpha) / (2 n)), rounded up.</summary>
    /// <param name="count">n, at least 1.</param>
    /// <param name="width">b - a, at least 0 and finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Radius(int count, double width, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Confidence.CheckRisk(alpha);
        return width >= 0 && double.IsFinite(width)
            ? Rounding.MultiplyUp(width, Rounding.SqrtUp(Rounding.DivideUp(Confidence.LogInverse(1, alpha), 2.0 * count)))
            : throw new ArgumentOutOfRangeException(nameof(width), width, "Expected a finite number of at least 0.");
    }

    /// <summary>u with P(E X > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="sample">The numbers, at least one.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(ReadOnlySpan<double> sample, Interval range, double alpha) =>
        Math.Min(range.Upper, Rounding.AddUp(Confidence.Mean(sample, range, 1).Upper, Radius(sample.Length, range.Width, alpha)));

    /// <summary>l with P(E X &lt; l) &lt;= alpha; at least the lower end of the range.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(ReadOnlySpan<double> sample, Interval range, double alpha) =>
        Math.Max(range.Lower, Rounding.SubtractDown(Confidence.Mean(sample, range, 1).Lower, Radius(sample.Length, range.Width, alpha)));
}
