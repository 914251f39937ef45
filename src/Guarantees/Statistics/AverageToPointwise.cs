using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Statistics;

/// <summary>From a mean to every point: where E g(X) &lt;= e, g is L-Lipschitz and X has a density of at least p near x0, g(x0) cannot be large.</summary>
/// <remarks>
/// <para>
/// For g >= 0 with g(x0) = v: g >= v - L |x - x0| on the ball of radius rho about x0, so e >= F(v) = p times the integral of (v - L |x - x0|)^+ over the ball. With V the volume of the unit ball in d dimensions,
/// F(v) = p V v^(d+1) / ((d + 1) L^d) for v &lt;= L rho, and p V rho^d (v - L rho d / (d + 1)) beyond: strictly rising, so v &lt;= u wherever F(u) >= e. For g in [a, b] the same for g - a. Attained by the cone
/// (u - L |x - x0|)^+ where X is uniform near x0, so no better follows from these premises.
/// </para>
/// <para>
/// <see cref="At"/>: one x0 whose whole ball has the density. <see cref="Everywhere"/>: every x0 of a box that has it, corners too: in each coordinate one side has room for half the box's side, so for rho of half the shortest
/// side an orthant of the ball lies in the box, whose share of the integral is 2^-d. Norms l1, l2, linf; L in the same norm as the ball.
/// </para>
/// <para>
/// How often it is vacuous: F is of the order (v / L)^d, the mass of the ball in which g can fall from v to 0. For a mean bounded by draws e is at least (b - a)(1 - alpha^(1/n)), so with v = b the draws needed grow as
/// (L / (b - a))^d / p. <see cref="PointwiseBound.IsVacuous"/> says so, <see cref="PointwiseBound.NeededMean"/> what mean would do, and <see cref="PointwiseBound.LeastDraws"/> below what number of draws no bound is small enough.
/// </para>
/// <para>
/// Assumes what it is given: the mean over the distribution of that density; a confidence in the mean is one in the answer, for all x0 at once. Derived here.
/// </para>
/// </remarks>
public static class AverageToPointwise
{
    private const int MostDimensions = 500;

    /// <summary>A bound of g(x0).</summary>
    /// <param name="mean">e, not below E g(X), at least the lower end of the range.</param>
    /// <param name="range">[a, b] that holds g; a finite, b perhaps +infinity.</param>
    /// <param name="lipschitz">L of g on the ball, at least 0; may be infinite.</param>
    /// <param name="density">p, at least 0 and finite: a lower bound of the density of X on the ball.</param>
    /// <param name="radius">rho, at least 0 and finite.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or the ball has a mass above 1.</exception>
    public static PointwiseBound At(double mean, Interval range, double lipschitz, double density, double radius, int dimension, Norm norm)
    {
        if (dimension is < 1 or > MostDimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(dimension), dimension, $"Expected from 1 to {MostDimensions} dimensions.");
        }

        return Of(mean, range, new(lipschitz, density, radius, dimension, UnitBall(dimension, norm)));
    }

    /// <summary>A bound of g at every point of a box.</summary>
    /// <param name="mean">e, not below E g(X), at least the lower end of the range.</param>
    /// <param name="range">[a, b] that holds g; a finite, b perhaps +infinity.</param>
    /// <param name="lipschitz">L of g on the box, at least 0; may be infinite.</param>
    /// <param name="density">p, at least 0 and finite: a lower bound of the density of X on the box.</param>
    /// <param name="box">The box, finite.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or the box has a mass above 1.</exception>
    public static PointwiseBound Everywhere(double mean, Interval range, double lipschitz, double density, Box box, Norm norm)
    {
        ArgumentNullException.ThrowIfNull(box);
        var sides = box.Upper.Zip(box.Lower, Rounding.SubtractDown).ToArray();
        if (sides.Length is 0 or > MostDimensions || !sides.All(double.IsFinite))
        {
            throw new ArgumentOutOfRangeException(nameof(box), sides.Length, $"Expected a finite box of 1 to {MostDimensions} coordinates.");
        }

        CheckMass(sides.Aggregate(density, Rounding.MultiplyDown));
        return Of(mean, range, new(lipschitz, density, 0.5 * sides.Min(), sides.Length, Math.ScaleB(UnitBall(sides.Length, norm), -sides.Length)));
    }

    private static PointwiseBound Of(double mean, Interval range, Cone cone)
    {
        Check(mean, range, cone.Lipschitz, cone.Density, cone.Radius);
        CheckMass(cone.Mass);
        var excess = Rounding.SubtractUp(mean, range.Lower);
        var height = Rounding.SubtractDown(range.Upper, range.Lower);
        var most = Rounding.AddUp(range.Lower, Height(excess, cone));
        return new(Math.Min(most, range.Upper), !(most < range.Upper), Rounding.AddDown(range.Lower, cone.Mean(height)), double.IsFinite(height) ? cone.Mean(height) / height : 1);
    }

    private static void Check(double mean, Interval range, double lipschitz, double density, double radius)
    {
        if (!double.IsFinite(range.Lower) || !(range.Lower < range.Upper))
        {
            throw new ArgumentOutOfRangeException(nameof(range), range, "Expected a range [a, b] with a finite and below b.");
        }

        if (!(mean >= range.Lower))
        {
            throw new ArgumentOutOfRangeException(nameof(mean), mean, $"Expected a mean of at least {range.Lower:R}, the least that the range allows.");
        }

        if (!(lipschitz >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(lipschitz), lipschitz, "Expected a Lipschitz constant of at least 0.");
        }

        if (!(density >= 0 && double.IsFinite(density)))
        {
            throw new ArgumentOutOfRangeException(nameof(density), density, "Expected a finite density of at least 0.");
        }

        if (!(radius >= 0 && double.IsFinite(radius)))
        {
            throw new ArgumentOutOfRangeException(nameof(radius), radius, "Expected a finite radius of at least 0.");
        }
    }

    /// <summary>u with F(u) >= e; +infinity where there is none.</summary>
    private static double Height(double excess, Cone cone)
    {
        if (excess == 0 && cone.Mass > 0)
        {
            return cone.Lipschitz < double.PositiveInfinity ? 0 : double.PositiveInfinity;
        }

        // Beyond L rho the formula is linear; it holds everywhere, as an upper bound of u.
        var inside = cone.Mass > 0 ? 1.000001 * ((excess / cone.Mass) + (cone.Lipschitz * cone.Radius)) : double.PositiveInfinity;
        return double.IsFinite(inside) && cone.Mean(inside) >= excess ? Confidence.Bisect(0, inside, v => cone.Mean(v) >= excess) : double.PositiveInfinity;
    }

    /// <summary>The volume of the unit ball, rounded down: 2^d, 2^d / d!, and V_d = V_(d-2) 2 pi / d.</summary>
    private static double UnitBall(int dimension, Norm norm)
    {
        // The double pi lies below pi.
        return norm switch
        {
            Norm.L1 => Enumerable.Range(1, dimension).Aggregate(1.0, (volume, k) => Rounding.DivideDown(2 * volume, k)),
            Norm.L2 => Enumerable.Range(1, dimension / 2).Aggregate(1.0 + (dimension % 2), (volume, k) => Rounding.DivideDown(Rounding.MultiplyDown(volume, 2 * Math.PI), (2 * k) + (dimension % 2))),
            Norm.Linf => Math.ScaleB(1, dimension),
            _ => throw new ArgumentOutOfRangeException(nameof(norm), norm, "Expected l1, l2 or linf."),
        };
    }

    private static void CheckMass(double mass)
    {
        if (!(mass <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(mass), mass, "Expected a density whose mass over the ball or box is at most 1.");
        }
    }

    /// <summary>The least mean of a function of one height at x0: F, rounded down.</summary>
    private sealed record Cone(double Lipschitz, double Density, double Radius, int Dimension, double Volume)
    {
        /// <summary>p V rho^d, rounded down.</summary>
        public double Mass { get; } = Rounding.MultiplyDown(Density, Ball(Volume, Radius, Dimension));

        /// <summary>F(v), rounded down.</summary>
        public double Mean(double v)
        {
            if (double.IsInfinity(v))
            {
                return Mass > 0 && double.IsFinite(Lipschitz) ? double.PositiveInfinity : 0;
            }

            // v - L |x - x0| without its positive part integrates to no more, so that the linear formula holds for every v.
            var fall = Rounding.DivideUp(Rounding.MultiplyUp(Rounding.MultiplyUp(Lipschitz, Radius), Dimension), Dimension + 1.0);
            var beyond = Rounding.MultiplyDown(Mass, Math.Max(0, Rounding.SubtractDown(v, fall)));
            if (!(v <= Rounding.MultiplyDown(Lipschitz, Radius)))
            {
                return beyond;
            }

            var tip = Rounding.MultiplyDown(Density, Ball(Volume, Math.Max(0, Rounding.DivideDown(v, Lipschitz)), Dimension));
            return Math.Max(beyond, Rounding.MultiplyDown(v, Rounding.DivideDown(tip, Dimension + 1.0)));
        }

        private static double Ball(double volume, double radius, int dimension)
        {
            for (var k = 0; k < dimension; k++)
            {
                volume = Rounding.MultiplyDown(volume, radius);
            }

            return volume;
        }
    }
}

/// <summary>What a mean says of a point: see <see cref="AverageToPointwise"/>.</summary>
/// <param name="Upper">g is at most this; the upper end of its range where nothing follows.</param>
/// <param name="IsVacuous">Whether nothing follows that the range of g did not say.</param>
/// <param name="NeededMean">The bound would say something for a mean below this; +infinity where g has no upper end.</param>
/// <param name="Share">The mean, as a share of b - a above a, of the lowest function that reaches b somewhere; 1 where g has no upper end.</param>
public sealed record PointwiseBound(double Upper, bool IsVacuous, double NeededMean, double Share)
{
    /// <summary>ln(alpha) / ln(1 - Share): with fewer independent draws, even if g is a at each, a mean below <see cref="NeededMean"/> cannot be shown at this error probability. To the nearest.</summary>
    /// <remarks>A number g that is b with probability q and a otherwise is a at all n draws with probability (1 - q)^n, which is above alpha for every q below 1 - alpha^(1/n): so a valid upper bound of the mean is not below a + (b - a)(1 - alpha^(1/n)) there.</remarks>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    public double LeastDraws(double alpha)
    {
        Confidence.CheckRisk(alpha);
        return Share > 0 ? Share < 1 ? Math.Log(alpha) / Elementary.Log1p(-Share) : 1 : double.PositiveInfinity;
    }

    /// <summary>The statement in words.</summary>
    public string Words => IsVacuous
        ? string.Create(CultureInfo.InvariantCulture, $"Vacuous: the mean says nothing of single points here; it would have to be below {NeededMean:G6}.")
        : string.Create(CultureInfo.InvariantCulture, $"At most {Upper:R} at every such point.");
}
