using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The total variation distance sup_A |q(A) - q0(A)|, as a graph.</summary>
/// <remarks>
/// <para>
/// Gaussians of one constant covariance: TV = 2 Phi(|U0 (mu - mu0)| / 2) - 1, exactly. Others: Pinsker's inequality TV &lt;= sqrt(KL / 2) = |F| / 2
/// with F of <see cref="KullbackLeibler"/>, which for small changes is 1.25 (shifts) to 1.47 (one scale) times the distance.
/// proofs/coq/theories/Statistics/Divergence.v, <c>pinsker</c>.
/// </para>
/// <para>
/// Mixtures: split off the mass min(pi_k, pi0_k) that components k share. TV &lt;= 1/2 |pi - pi0|_1 + sum_k min(pi_k, pi0_k) TV_k by the triangle inequality.
/// proofs/coq/theories/Statistics/Mixtures.v, <c>mixture_variation</c>.
/// </para>
/// <para>
/// Neither the whole nor a component's distance exceeds 1: upper bounds are cut there (<see cref="Cap"/>). proofs/coq/theories/Statistics/Divergence.v, <c>variation_at_most_1</c>.
/// </para>
/// </remarks>
internal static class TotalVariation
{
    public static Distance Between(FamilyPair pair)
    {
        var (builder, gaussians) = (pair.Builder, pair.Gaussians);
        if (!pair.IsMixture && pair.SharesCovariance)
        {
            var w = gaussians.Whitened;
            var tail = builder.Apply(new NormalCdf(), 0.5 * gaussians.Norms(w));
            return new((2 * tail) - 1, [w.Id], true, "2 Phi(|U0 (mu - mu0)| / 2) - 1, which is the distance, the covariance being constant");
        }

        var (features, frontier) = KullbackLeibler.Features(gaussians, builder);
        var each = 0.5 * gaussians.Norms(features);
        if (!pair.IsMixture)
        {
            return new(
                builder.Apply(new Cap(1), each),
                [.. frontier.Select(v => v.Id)],
                false,
                "sqrt(KL(q0 || q) / 2), cut at 1, which is at least the distance by Pinsker's inequality");
        }

        var change = 0.5 * builder.Sum(builder.Apply(new Abs(), pair.WeightShift));
        return new(
            builder.Apply(new Cap(1), change + builder.Sum(pair.SharedWeights * builder.Apply(new Cap(1), each))),
            [.. frontier.Select(v => v.Id), pair.WeightShift.Id],
            false,
            "1/2 |pi - pi0|_1 + sum_k min(pi_k, pi0_k) min(1, sqrt(KL_k / 2)), cut at 1, which is at least the distance");
    }
}
