using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>A distance between two distributions as a node, with what a certificate has to say about it.</summary>
/// <param name="Value">The node, length 1.</param>
/// <param name="Frontier">The differences it is built from by convex steps.</param>
/// <param name="IsExact">Whether it is the distance, and not an upper bound of it.</param>
/// <param name="Formula">What it is, as a formula with its source.</param>
internal sealed record Distance(Vector Value, ImmutableArray<int> Frontier, bool IsExact, string Formula);

/// <summary>Two distributions of one family: q of a graph, and the reference q0, which is known at a point, has constant covariances, or is of the graph too.</summary>
internal sealed class FamilyPair
{
    private readonly (Vector Means, Vector Root, Vector? Logits, Vector? Weights)? moved;
    private readonly ParameterBox center;
    private GaussianPair? gaussians;
    private Vector? weightShift;
    private Vector? shared;

    public FamilyPair(Parameters q, ParameterBox reference, Vector? referenceMeans = null) => (Q, Reference, center, ReferenceMeans) = (q, reference, reference, referenceMeans);

    /// <summary>A reference of the same graph.</summary>
    /// <param name="q">q.</param>
    /// <param name="map">q0.</param>
    /// <param name="center">q at some point.</param>
    /// <param name="reference">q0 at some point.</param>
    /// <param name="moved">q minus q0, where the differences are vectors already.</param>
    public FamilyPair(Parameters q, Parameters map, ParameterBox center, ParameterBox reference, (Vector Means, Vector Root, Vector? Logits, Vector? Weights)? moved = null) =>
        (Q, Map, this.center, Reference, ReferenceMeans, this.moved) = (q, map, center, reference, map.Means, moved);

    public NetworkBuilder Builder => Q.Builder;

    public Parameters Q { get; }

    /// <summary>q0 where it is of the graph; null where <see cref="Reference"/> says all.</summary>
    public Parameters? Map { get; }

    /// <summary>q0; where it is of the graph, q0 at some point, for choices only.</summary>
    public ParameterBox Reference { get; }

    /// <summary>mu0 where it varies; null otherwise.</summary>
    public Vector? ReferenceMeans { get; }

    public GaussianPair Gaussians => gaussians ??= Map is { } map
        ? new MapPair(Q, map, center, Reference, moved is { } change ? (change.Means, change.Root) : null)
        : new PointPair(Q, Reference, ReferenceMeans);

    public bool IsMixture => Q.Components > 1;

    /// <summary>Whether q and q0 have one covariance at every x: q's root does not depend on x, and q0 is q at a point. A reference of its own has its own covariance, however constant q's is.</summary>
    public bool SharesCovariance => ReferenceMeans is null && Blocks.IsConstant(Builder, Q.Root);

    /// <summary>Whether transforms make the diagonals of both roots positive.</summary>
    public bool HasPositiveDiagonals => Q.HasPositiveDiagonal && Map is not { HasPositiveDiagonal: false };

    /// <summary>pi0.</summary>
    public Vector ReferenceWeights => Map?.Weights ?? Builder.Constant(Reference.Weights!);

    /// <summary>pi - pi0.</summary>
    public Vector WeightShift => weightShift ??= moved?.Weights ?? (Q.Weights!.Value - ReferenceWeights);

    /// <summary>sqrt pi - sqrt pi0; where pi0 varies as (pi - pi0) / (sqrt pi + sqrt pi0).</summary>
    public Vector RootWeightShift
    {
        get
        {
            var (root, root0) = (Builder.Apply(new Sqrt(), Q.Weights!.Value), Builder.Apply(new Sqrt(), ReferenceWeights));
            return Map is null ? root - root0 : WeightShift * Builder.Apply(new Reciprocal(), root + root0);
        }
    }

    /// <summary>min(pi, pi0).</summary>
    public Vector SharedWeights => shared ??= Builder.Minimum(Q.Weights!.Value, ReferenceWeights);

    /// <summary>logits - logits0.</summary>
    public Vector LogitShift => moved?.Logits ?? (Q.Logits!.Value - (Map?.Logits ?? Builder.Constant(Reference.Logits!)));

    /// <summary>factor sum_k pi0_k v_k, length 1.</summary>
    public Vector Average(Vector v, double factor = 1) => Map?.Weights is { } weights
        ? factor * Builder.Sum(weights * v)
        : Blocks.Weigh(Builder, v, 1, Enumerable.Range(0, Q.Components).Select(k => (0, k, factor * Reference.Weights![k])));

    /// <summary>sum_k pi0_k exp(e_k) - 1 for e with sum_k pi0_k e_k = 0. Where pi0 varies it is written as sum_k pi0_k (exp(e_k) - 1 - e_k), whose terms are of second order.</summary>
    public Vector AverageExp(Vector e) => Map is null ? Average(Builder.Apply(new Exp(), e)) - 1 : Average(Builder.Combine([(1, Builder.Apply(new Exp(), e)), (-1, e)], -1));
}
