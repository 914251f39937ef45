using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The Kullback-Leibler divergences KL(q0 || q) and KL(q || q0) in nats, as graphs.</summary>
/// <remarks>
/// <para>
/// Gaussians, with M = U L0 = I + E triangular and z = U (mu - mu0): KL = 1/2 (|z|² + |M|_F² - D) - sum ln M_ii = 1/2 |F|² with
/// F = (z, E_ij beside the diagonal, r(E_ii)), r(t)² = (1 + t)² - 1 - 2 ln(1 + t) (<see cref="ScaleRoot"/>). Exact; 1/2 |U0 (mu - mu0)|² where the covariance is constant.
/// </para>
/// <para>
/// Mixtures: by the log-sum inequality
/// KL(q0 || q) &lt;= KL(pi0 || pi) + sum_k pi0_k KL_k. With e = dz - sum_j pi0_j dz_j, dz = logits - logits0,
/// KL(pi0 || pi) = ln sum_k pi0_k exp(e_k) &lt;= sum_k pi0_k exp(e_k) - 1, which is convex and equal to the first two orders.
/// proofs/coq/theories/Statistics/Mixtures.v, <c>mixture_divergence</c>, and
/// proofs/coq/theories/Statistics/Divergence.v, <c>softmax_divergence</c>.
/// </para>
/// <para>
/// The other direction: whitened by the reference, q has mean w = U0 (mu - mu0) and covariance root M^-1 = I - G, so KL(q || q0) = 1/2 |F'|² with
/// F' = (w, G_ij beside the diagonal, r(-G_ii)). Mixtures: KL(q || q0) &lt;= KL(pi || pi0) + sum_k pi_k KL(q_k || q0_k), and
/// KL(pi || pi0) = sum_k pi_k (exp t_k - 1 - t_k), t_k = ln(pi0_k / pi_k) = ln sum_j pi0_j exp(e_j) - e_k, each term being r(exp(t_k / 2) - 1)² (<see cref="WeightGain"/>).
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

    /// <summary>KL(q || q0).</summary>
    public static Distance Reverse(FamilyPair pair)
    {
        var (builder, gaussians) = (pair.Builder, pair.Gaussians);
        if (!pair.IsMixture && pair.SharesCovariance)
        {
            return Between(pair);
        }

        var (w, g) = (gaussians.Whitened, gaussians.G);
        var (t, strict) = (-gaussians.Diagonal(g), gaussians.Strict(g));
        var squares = builder.Apply(new Square(), gaussians.Norms(gaussians.Join(w, strict, builder.Apply(new ScaleRoot(), t))));
        ImmutableArray<int> frontier = strict is { } other ? [w.Id, other.Id, t.Id] : [w.Id, t.Id];
        if (!pair.IsMixture)
        {
            return new(0.5 * squares, frontier, true, "1/2 |F|² with F = (U0 (mu - mu0), U0 L - I in the coordinates of the divergence), which is the divergence");
        }

        var (weights, centred) = (pair.Q.Weights!.Value, CentredLogits(pair));
        var gain = WeightGain(builder, builder.Apply(new Log(), pair.AverageExp(centred) + 1), centred);
        return new(
            builder.Sum(weights * (gain + (0.5 * squares))),
            [.. frontier, centred.Id],
            false,
            "KL(pi || pi0) + sum_k pi_k KL(q_k || q0_k), which is at least the divergence");
    }

    /// <summary>exp t_k - 1 - t_k with t_k = normaliser - e_k, one normaliser for all or one each: what outcome k adds to a reverse divergence, without the difference of two large numbers. Never negative.</summary>
    /// <remarks>exp t - 1 - t = (1 + v)² - 1 - 2 ln(1 + v) with 1 + v = exp(t / 2), the square of <see cref="ScaleRoot"/> at v.</remarks>
    internal static Vector WeightGain(NetworkBuilder builder, Vector normaliser, Vector e)
    {
        var t = (normaliser.Length == e.Length ? normaliser : builder.Select(normaliser, new int[e.Length])) - e;
        return builder.Apply(new Square(), builder.Apply(new ScaleRoot(), builder.Apply(new Exp(), 0.5 * t) - 1));
    }

    /// <summary>e_k = dz_k - sum_j pi0_j dz_j.</summary>
    private static Vector CentredLogits(FamilyPair pair) => pair.LogitShift - pair.Average(pair.LogitShift);
}
