using Guarantees.Arithmetic;

namespace Guarantees.Claims;

/// <summary>The quantile of the standard normal distribution, bracketed by bounds of its distribution function.</summary>
internal static class NormalQuantile
{
    /// <summary>An interval that holds every z with Phi(z) in <paramref name="p"/>, p inside (0, 1).</summary>
    /// <remarks>Phi increases: Phi(a) &lt;= p and Phi(b) >= p put z in [a, b]. The bisection only proposes a and b; its brackets keep those inequalities, proved by the bounds of Phi.</remarks>
    public static Interval Enclose(Interval p)
    {
        if (!(p.Lower > 0 && p.Upper < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A normal quantile needs a probability strictly between 0 and 1.");
        }

        return new(
            Bisect(z => Elementary.NormalCdfUpper(z) <= p.Lower).Below,
            Bisect(z => Elementary.NormalCdfLower(z) < p.Upper).Above);
    }

    /// <summary>Neighbours, nearly, between which <paramref name="holds"/> changes from true to false.</summary>
    private static (double Below, double Above) Bisect(Func<double, bool> holds)
    {
        var (below, above) = (-39.0, 39.0);
        if (!holds(below))
        {
            below = double.NegativeInfinity;
        }

        if (holds(above))
        {
            above = double.PositiveInfinity;
        }

        while (double.IsFinite(below) && double.IsFinite(above))
        {
            var middle = 0.5 * (below + above);
            if (!(below < middle && middle < above))
            {
                break;
            }

            (below, above) = holds(middle) ? (middle, above) : (below, middle);
        }

        return (below, above);
    }
}
