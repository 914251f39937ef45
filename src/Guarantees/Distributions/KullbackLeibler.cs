using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The Kullback-Leibler divergence KL(q0 || q) in nats, as a graph.</summary>
/// <remarks>
/// <para>
/// Gaussians, with M = U L0 = I + E triangular and z = U (mu - mu0): KL = 1/2 (|z|² + |M|_F² - D) - sum ln M_ii = 1/2 |F|² with
/// F = (z, E_ij beside the diagonal, r(E_ii)), r(t)² = (1 + t)² - 1 - 2 ln(1 + t) (<see cref="ScaleRoot"/>). Exact; 1/2 |U0 (mu - mu0)|² where the covariance is constant.
/// </para>
/// <para>
/// Mixtures: by the log-sum inequality
/// KL(q0 || q) &lt;= KL(pi0 || pi) + sum_k pi0_k KL_k. With e = dz - sum_j pi0_j dz_j, dz = logits - logits0,
/// KL(pi0 || pi) = ln sum_k pi0_k exp(e_k) &lt;= sum_k pi0_k exp(e_k) - 1, which is convex and equal to the first two orders.
/// </para>
/// </remarks>
internal static class KullbackLeibler
{
    /// <summary>F of the summary, [K, D + entries], and the differences it is made of.</summary>
    public static (Vector Features, Vector[] Frontier) Features(GaussianPair gaussians, NetworkBuilder builder)
    {
        var e = gaussians.E;
        var t = gaussians.Diagonal(e);
        var z = gaussians.Standardized;
        var strict = gaussians.Strict(e);
        return (gaussians.Join(z, strict, builder.Apply(new ScaleRoot(), t)), strict is { } other ? [z, other, t] : [z, t]);
    }

    public static Distance Between(FamilyPair pair)
    {
        var builder = pair.Builder;
        if (!pair.IsMixture && pair.SharesCovariance)
        {
            var w = pair.Gaussians.Whitened;
            return new(0.5 * builder.Apply(new Square(), pair.Gaussians.Norms(w)), [w.Id], true, "1/2 |U0 (mu - mu0)|², which is the divergence, the covariance being constant");
        }

        var (features, frontier) = Features(pair.Gaussians, builder);
        var squares = builder.Apply(new Square(), pair.Gaussians.Norms(features));
        if (!pair.IsMixture)
        {
            return new(0.5 * squares, [.. frontier.Select(v => v.Id)], true, "1/2 |F|² with F = (U (mu - mu0), U L0 - I in the coordinates of the divergence), which is the divergence");
        }

        var centred = CentredLogits(pair);
        var change = pair.AverageExp(centred);
        var inner = pair.Average(squares, 0.5);
        return new(
            change + inner,
            [.. frontier.Select(v => v.Id), centred.Id],
            false,
            "sum_k pi0_k exp(e_k) - 1 + sum_k pi0_k KL_k with e the centred change of the logits, which is at least the divergence");
    }

    /// <summary>e_k = dz_k - sum_j pi0_j dz_j.</summary>
    private static Vector CentredLogits(FamilyPair pair) => pair.LogitShift - pair.Average(pair.LogitShift);
}
