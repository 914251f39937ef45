using System.Collections.Immutable;
using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>A distance between two distributions as a node, with what a certificate has to say about it.</summary>
/// <param name="Value">The node, length 1.</param>
/// <param name="Frontier">The differences it is built from by convex steps.</param>
/// <param name="IsExact">Whether it is the distance, and not an upper bound of it.</param>
/// <param name="Formula">What it is, as a formula with its source.</param>
internal sealed record Distance(Vector Value, ImmutableArray<int> Frontier, bool IsExact, string Formula);

/// <summary>Two distributions of one family: q of a graph, and the reference q0.</summary>
internal sealed class FamilyPair
{
    private GaussianPair? gaussians;
    private Vector? weightShift;
    private Vector? shared;

    public FamilyPair(Parameters q, ParameterBox reference, Vector? referenceMeans = null) => (Q, Reference, ReferenceMeans) = (q, reference, referenceMeans);

    public NetworkBuilder Builder => Q.Builder;

    public Parameters Q { get; }

    public ParameterBox Reference { get; }

    public Vector? ReferenceMeans { get; }

    public GaussianPair Gaussians => gaussians ??= new GaussianPair(Q, Reference, ReferenceMeans);

    public bool IsMixture => Q.Components > 1;

    /// <summary>Whether q and q0 have one covariance at every x: q's root does not depend on x, and q0 is q at a point. A reference of its own has its own covariance, however constant q's is.</summary>
    public bool SharesCovariance => ReferenceMeans is null && Blocks.IsConstant(Builder, Q.Root);

    /// <summary>pi - pi0.</summary>
    public Vector WeightShift => weightShift ??= Q.Weights!.Value - Builder.Constant(Reference.Weights!);

    /// <summary>min(pi, pi0).</summary>
    public Vector SharedWeights => shared ??= Builder.Minimum(Q.Weights!.Value, Builder.Constant(Reference.Weights!));
}
