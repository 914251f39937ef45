using Guarantees.Arithmetic;

namespace Guarantees.Claims;

/// <summary>The chi-square distribution: the probability of the highest-density regions of a Gaussian, {theta : mahalanobis(theta)² &lt;= t}.</summary>
/// <remarks>
/// With a = d / 2 and h = t / 2, F(t) = sum over k of e^-h h^(a + k) / Gamma(a + k + 1), all terms positive. The first is a product of factors h / j (and 2 sqrt(h / pi) for odd d), each later one the one
/// before times h / (a + k); from a + k > 2 h on they fall by half or more, so that what is left out is at most twice the next. All in outward-rounded intervals.
/// Source: M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", National Bureau of Standards, 1964, 6.5.29 and 26.4 (from memory; the tests compare with MathNet.Numerics and closed forms).
/// </remarks>
internal static class ChiSquare
{
    /// <summary>Most degrees of freedom.</summary>
    public const int MostDegrees = 300;

    /// <summary>Beyond, F is taken here: e^-700 is still a normal number.</summary>
    private const double Farthest = 1400;

    private static readonly Interval Pi = new(Math.PI, Math.BitIncrement(Math.PI));

    /// <summary>An interval that holds F(s) for every s in <paramref name="t"/>, t >= 0.</summary>
    /// <param name="t">Squared distances.</param>
    /// <param name="degrees">d, from 1 to <see cref="MostDegrees"/>.</param>
    public static Interval Cdf(Interval t, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degrees, MostDegrees);
        var (low, high) = (Math.Max(0, t.Lower), t.Upper);
        return new(low > 0 ? At(Math.Min(low, Farthest), degrees).Lower : 0, high >= Farthest ? 1 : high > 0 ? Math.Min(1, At(high, degrees).Upper) : 0);
    }

    /// <summary>An interval that holds the t with F(t) = <paramref name="p"/>, p inside (0, 1). The bisection proposes; its ends keep F(lower) &lt;= p and F(upper) >= p, proved by <see cref="Cdf"/>.</summary>
    public static Interval Quantile(double p, int degrees)
    {
        if (!(p > 0 && p < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A chi-square quantile needs a probability strictly between 0 and 1.");
        }

        return new(
            Bisect(t => Cdf(Interval.Point(t), degrees).Upper <= p).Below,
            Bisect(t => Cdf(Interval.Point(t), degrees).Lower < p).Above);
    }

    private static Interval At(double t, int degrees)
    {
        // As an interval: half of the smallest numbers is none.
        var (h, half) = (Interval.Point(0.5) * Interval.Point(t), degrees % 2 == 1);
        var term = new Interval(Elementary.ExpLower(-h.Upper), Elementary.ExpUpper(-h.Lower));
        var a = half ? 0.5 : 0;
        if (half)
        {
            var share = h / Pi;
            term *= Interval.Point(2) * new Interval(Math.Max(0, share.Lower), share.Upper).Sqrt();
        }

        while (a < 0.5 * degrees)
        {
            a++;
            term *= h / Interval.Point(a);
        }

        var sum = Interval.Point(0);
        while (true)
        {
            sum += term;
            a++;
            term *= h / Interval.Point(a);
            if (a > t && term.Upper <= Math.Max(1e-300, 1e-18 * sum.Lower))
            {
                // h / (a + 1) < 1/2.
                return new(sum.Lower, Rounding.AddUp(sum.Upper, 2 * term.Upper));
            }

            if (a > 1e6)
            {
                return new(0, 1);
            }
        }
    }

    private static (double Below, double Above) Bisect(Func<double, bool> holds)
    {
        var (below, above) = (0.0, Farthest);
        if (holds(above))
        {
            above = double.PositiveInfinity;
        }

        while (double.IsFinite(above))
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
