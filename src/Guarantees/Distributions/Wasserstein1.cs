using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The Wasserstein distance of order 1 with Euclidean ground metric, as a graph.</summary>
/// <remarks>
/// <para>One component: W1 &lt;= W2 by Jensen's inequality, with equality for shifts, W1 = |mu - mu0|, since |E theta - E theta0| &lt;= W1.</para>
/// <para>
/// Mixtures: first the weights change, then the components move. W1(sum pi0_k q0_k, sum pi_k q0_k) &lt;= sum_e |F_e| c_e, where mass goes along the edges of a tree of components,
/// F_e is the mass that must cross edge e and c_e a bound of W2 between the reference components at its ends; costs of a path add up, distances being of first order. Then
/// W1(sum pi_k q0_k, sum pi_k q_k) &lt;= sum_k pi_k D_k, D_k the bound between components k.
/// </para>
/// </remarks>
internal static class Wasserstein1
{
    public static Distance Between(FamilyPair pair)
    {
        var builder = pair.Builder;
        if (!pair.IsMixture)
        {
            var second = Wasserstein2.Between(pair);
            return pair.SharesCovariance
                ? second with { IsExact = true, Formula = "|mu - mu0|, which is the distance, the covariance being constant" }
                : second with { IsExact = false, Formula = $"{second.Formula.Split(", which is", StringSplitOptions.None)[0]}, the Wasserstein-2 distance or more, which is at least the distance" };
        }

        var features = Wasserstein2.Features(pair);
        var (flows, lengths, edges, parents) = Wasserstein2.Transport(pair);
        var sizes = builder.Apply(new Abs(), flows);
        var moved = builder.Sum(lengths is { } box ? Blocks.Times(builder, box, sizes) : Wasserstein2.Lengths(pair, edges, parents) * sizes);
        return new(
            moved + builder.Sum(pair.Q.Weights!.Value * pair.Gaussians.Norms(features)),
            [features.Id, flows.Id],
            false,
            "cost of moving the changed weights along a tree of components + sum_k pi_k |(mu_k - mu0_k, L_k - L0_k)|, which is at least the distance");
    }

    /// <summary>A lower bound: |E theta - E theta0|, theta being a function of Lipschitz constant 1.</summary>
    public static Vector LowerBound(FamilyPair pair)
    {
        var shift = pair.IsMixture ? Wasserstein2.MeanShift(pair) : pair.Gaussians.Shift;
        return pair.Builder.Apply(new Norm(shift.Length), shift);
    }
}
