using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// A band for a whole distribution function: with probability at least 1 - alpha, |F(x) - F_n(x)| &lt;= sqrt(ln(2 / alpha) / (2 n)) for all x at once, F_n(x) the share of the n numbers that are at most x.
/// </summary>
/// <remarks>
/// Assumes n independent numbers with the distribution function F, which may have jumps. Holds for every finite n; the constant is best. One side alone: sqrt(ln(1 / alpha) / (2 n)) for alpha of at most 1/2.
/// Source: P. Massart, "The Tight Constant in the Dvoretzky-Kiefer-Wolfowitz Inequality", Ann. Probab. 18, 1990, theorem 1 and its corollary.
/// </remarks>
public static class DvoretzkyKieferWolfowitz
{
    /// <summary>sqrt(ln(2 / alpha) / (2 n)), rounded up: both sides at once.</summary>
    /// <param name="count">n, at least 1.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Radius(int count, double alpha) => Radius(count, 2, alpha);

    /// <summary>sqrt(ln(1 / alpha) / (2 n)), rounded up: sup of F_n - F alone, or of F - F_n alone.</summary>
    /// <inheritdoc cref="Radius(int, double)"/>
    public static double OneSidedRadius(int count, double alpha) => Radius(count, 1, alpha);

    /// <summary>The band at x: an interval that holds F(x), for all x at once with probability at least 1 - alpha.</summary>
    /// <param name="sample">The numbers, at least one, in any order; none is NaN.</param>
    /// <param name="x">Where; not NaN.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Interval Band(ReadOnlySpan<double> sample, double x, double alpha)
    {
        if (double.IsNaN(x))
        {
            throw new ArgumentOutOfRangeException(nameof(x), x, "Expected a number.");
        }

        var (radius, below) = (Radius(sample.Length, alpha), 0);
        foreach (var member in sample)
        {
            below += double.IsNaN(member) ? throw new ArgumentOutOfRangeException(nameof(sample), member, "Expected numbers.") : member <= x ? 1 : 0;
        }

        var share = Interval.Point(below) / Interval.Point(sample.Length);
        return new(Math.Max(0, Rounding.SubtractDown(share.Lower, radius)), Math.Min(1, Rounding.AddUp(share.Upper, radius)));
    }

    /// <summary>min(1, 2 exp(-2 n d²)), rounded up: not below the probability of sup |F_n - F| >= d.</summary>
    /// <remarks>The statement for a strict inequality, at numbers that rise to d.</remarks>
    /// <param name="count">n, at least 1.</param>
    /// <param name="distance">d, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double PValue(int count, double distance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return distance is >= 0 and <= 1
            ? Math.Min(1, 2 * Elementary.ExpUpper(-Rounding.MultiplyDown(2.0 * count, Rounding.MultiplyDown(distance, distance))))
            : throw new ArgumentOutOfRangeException(nameof(distance), distance, "Expected a distance in [0, 1].");
    }

    private static double Radius(int count, double sides, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Confidence.CheckRisk(alpha);
        return Rounding.SqrtUp(Rounding.DivideUp(Confidence.LogInverse(sides, alpha), 2.0 * count));
    }
}
