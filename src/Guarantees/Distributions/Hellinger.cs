using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>An upper bound of the Hellinger distance H, H² = 1 - integral of sqrt(q q0), as a graph.</summary>
/// <remarks>
/// <para>
/// Gaussians: -ln BC = 1/8 s^T Sbar^-1 s + 1/2 ln(det Sbar / sqrt(det Sigma det Sigma0)), s = mu - mu0, Sbar = (Sigma + Sigma0) / 2,
/// by completing the square. Inversion is operator convex, so the first term is at most
/// (|z|² + |w|²) / 16, z = U s, w = U0 s. With singular values exp(u_i) of M = U L0 the second is 1/2 sum ln cosh u_i &lt;= 1/4 sum sinh² u_i =
/// |M - M^-T|_F² / 16, because ln cosh u &lt;= u² / 2 and u² &lt;= sinh² u. M - M^-T = E + G^T. Since 1 - BC &lt;= -ln BC,
/// H &lt;= |(z, w, E + G^T)| / 4, equal up to relative second order. (It is sqrt((KL(q0 || q) + KL(q || q0)) / 8).)
/// </para>
/// <para>Gaussians of one constant covariance: H² = 1 - exp(-|U0 (mu - mu0)|² / 8), exactly.</para>
/// <para>
/// Mixtures: by Cauchy-Schwarz BC &gt;= sum_k sqrt(pi_k pi0_k) BC_k, so H² &lt;= 1/2 sum_k (sqrt pi_k - sqrt pi0_k)² + sum_k (pi_k + pi0_k)/2 H_k².
/// proofs/coq/theories/Statistics/Mixtures.v, <c>mixture_hellinger</c>.
/// </para>
/// <para>No Hellinger distance exceeds 1: upper bounds are cut there (<see cref="Cap"/>).</para>
/// </remarks>
internal static class Hellinger
{
    public static Distance Between(FamilyPair pair)
    {
        var (builder, gaussians) = (pair.Builder, pair.Gaussians);
        var (e, g) = (gaussians.E, gaussians.G);
        var features = gaussians.Join(gaussians.Standardized, gaussians.Whitened, gaussians.Diagonal(e) + gaussians.Diagonal(g), gaussians.Strict(e), gaussians.Strict(g));
        if (!pair.IsMixture && pair.Q.DegreesOfFreedom is null && pair.SharesCovariance)
        {
            var w = gaussians.Whitened;
            var similarity = builder.Apply(new Exp(), -0.125 * builder.Apply(new Square(), gaussians.Norms(w)));
            return new(builder.Apply(new Sqrt(), builder.Combine([(-1, similarity)], 1)), [w.Id], true, "sqrt(1 - exp(-|U0 (mu - mu0)|² / 8)), which is the distance, the covariance being constant");
        }

        var norms = gaussians.Norms(features);
        if (!pair.IsMixture)
        {
            return new(builder.Apply(new Cap(1), 0.25 * norms), [features.Id], false, "sqrt((KL(q0 || q) + KL(q || q0)) / 8), cut at 1, which is at least the distance");
        }

        var weights = pair.Q.Weights!.Value;
        var roots = pair.RootWeightShift;
        var change = 0.5 * builder.Sum(builder.Apply(new Square(), roots));
        var average = builder.Combine((0.5, weights), (0.5, pair.ReferenceWeights));
        var inner = builder.Sum(average * builder.Apply(new Cap(1), builder.Apply(new Square(), 0.25 * norms)));
        return new(
            builder.Apply(new Cap(1), builder.Apply(new Sqrt(), change + inner)),
            [features.Id, roots.Id],
            false,
            "sqrt(1/2 |sqrt pi - sqrt pi0|² + sum_k (pi_k + pi0_k)/2 H_k²) with H_k² <= min(1, (KL_k + reverse KL_k) / 8), cut at 1, which is at least the distance");
    }
}
