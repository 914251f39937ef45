using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Distances of independent Gaussians q_i = N(mu_i, sigma_i²) from p_i = N(x_i, s_i²) cut to [l_i, u_i].</summary>
/// <remarks>
/// <para>
/// With alpha = (l - x) / s, beta = (u - x) / s, Z = Phi(beta) - Phi(alpha), z = (theta - x) / s, delta = (mu - x) / s and rho = s² / sigma²: under p, E z = h = (phi(alpha) - phi(beta)) / Z and
/// E z² = 1 - v, v = (beta phi(beta) - alpha phi(alpha)) / Z (N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", volume 1, 2nd edition, Wiley, 1994, chapter 13, from memory), and
/// ln p - ln q = -ln Z - 1/2 ln rho - z² / 2 + rho (z - delta)² / 2, so
/// KL(p || q) = 1/2 S(rho) + 1/2 rho delta² - ln Z - 1/2 (rho - 1) v - rho delta h, S(r) = r - 1 - ln r: the divergence of the Gaussians, and what the cut adds to it. The sum over i is exact.
/// </para>
/// <para>
/// TV(p, q) is at most TV(p, N(x, s²)) + TV(N(x, s²), q), and the first is the mass that N(x, s²) has outside, at most the sum over i of Phi(alpha) + Phi(-beta); and at most sqrt(KL / 2) (Pinsker). It is at least the mass of one
/// q_i outside.
/// </para>
/// <para>KL(q || p) is infinite, since q has mass where p has none.</para>
/// </remarks>
internal static class TruncatedNormal
{
    /// <summary>1 / sqrt(2 pi).</summary>
    private static readonly Interval Peak = new(0.3989422804014326, 0.3989422804014328);

    /// <summary>KL(p || q) or the total variation distance, and a lower bound of the latter.</summary>
    /// <param name="q">Gaussians with diagonal roots.</param>
    /// <param name="x">x, [D].</param>
    /// <param name="around">A point of x: a choice of formulas only, any one of which is right.</param>
    /// <param name="prior">l and u.</param>
    /// <param name="deviation">s.</param>
    /// <param name="metric">Which.</param>
    /// <param name="plain">The total variation distance between q and N(x, s²).</param>
    public static (Distance Distance, Vector? Lower) Between(Parameters q, Vector x, double[] around, Box prior, double[] deviation, Metric metric, Func<Vector> plain)
    {
        var (builder, d) = (q.Builder, x.Length);
        var inverse = ShapeFamily.Each(Box.Point(deviation), Box.Point(deviation), (s, _) => Interval.Point(1) / s);
        var (lower, upper) = (builder.Constant(prior.Lower), builder.Constant(prior.Upper));
        var (alpha, beta) = (Blocks.Times(builder, inverse, lower - x), Blocks.Times(builder, inverse, upper - x));
        var precision = q.IsPrecision ? q.Root : builder.Apply(new Reciprocal(), q.Root);
        var shift = q.Means - x;
        var delta = Blocks.Times(builder, inverse, shift);
        var rho = builder.Apply(new Square(), Blocks.Times(builder, Box.Point(deviation), precision));

        // Where x lies below the box both ends are on the right, and the tails are told apart better than what lies before them: Z = Phi(-alpha) - Phi(-beta).
        double[] sides = [.. around.Select((value, i) => value < prior[i].Lower ? -1.0 : 1.0)];
        Vector Phi(Vector t) => builder.Apply(new NormalCdf(), t);
        Vector Side(Vector t) => Blocks.Times(builder, Box.Point(sides), t);
        var mass = Side(Phi(Side(beta)) - Phi(Side(alpha)));
        var within = builder.Apply(new Reciprocal(), mass);
        var (low, high) = (Density(builder, alpha), Density(builder, beta));
        var h = (low - high) * within;
        var v = ((beta * high) - (alpha * low)) * within;
        var each = builder.Combine(
            (0.5, ShapeFamily.Gap(builder, rho)),
            (0.5, rho * builder.Apply(new Square(), delta)),
            (-1, builder.Apply(new Log(), mass)),
            (-0.5, (rho - 1) * v),
            (-1, rho * (delta * h)));
        var divergence = builder.Sum(each);
        if (metric == Metric.Kl)
        {
            return (new(divergence, [shift.Id, rho.Id], true, "sum_i 1/2 S(rho) + 1/2 rho delta² - ln Z - 1/2 (rho - 1) v - rho delta h, S(r) = r - 1 - ln r, rho = s² / sigma², delta = (mu - x) / s, which is the divergence"), null);
        }

        var outside = builder.Sum(Phi(alpha) + Phi(-beta));
        var pinsker = builder.Apply(new Sqrt(), builder.Apply(new ReLU(), 0.5 * divergence));
        var scale = builder.Apply(new Abs(), precision);
        var own = builder.Largest(Phi((lower - q.Means) * scale) + Phi((q.Means - upper) * scale));
        return (
            new(
                builder.Apply(new Cap(1), builder.Minimum(outside + plain(), pinsker)),
                [shift.Id, rho.Id],
                false,
                "the smaller of sqrt(KL(q0 || q) / 2) and the mass of N(x, s²) outside the box plus the distance of q from N(x, s²), cut at 1, which is at least the distance"),
            own);
    }

    /// <summary>phi(t).</summary>
    private static Vector Density(NetworkBuilder builder, Vector t) =>
        Blocks.Times(builder, Box.Repeat(Peak, t.Length), builder.Apply(new Exp(), -0.5 * builder.Apply(new Square(), t)));
}
