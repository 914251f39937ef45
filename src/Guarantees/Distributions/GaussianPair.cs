using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>K reference Gaussians N(mu0, Sigma0) beside K Gaussians N(mu, Sigma) of a graph: their differences, as vectors that vanish when both agree.</summary>
/// <remarks>
/// In the coordinates that whiten the reference, theta = mu0 + L0 e with Sigma0 = L0 L0^T and U0 = L0^-1, the other Gaussian has mean
/// w = U0 (mu - mu0) and precision root M = U L0, U^T U = Sigma^-1. Everything is written in w, E = M - I and G = I - M^-1, which are small
/// when the change is small: nothing is the difference of two large numbers.
/// Precision roots: E = (U - U0) L0 is affine in U, and G follows by substitution. Covariance roots: -G = U0 (L - L0) is affine in L, and E
/// follows. Both identities are exact for any roots of one triangular shape.
/// Nodes are added when a property is first read.
/// </remarks>
internal sealed class GaussianPair
{
    private readonly NetworkBuilder builder;
    private readonly Parameters q;
    private readonly ParameterBox reference;
    private Vector? rootShift;
    private Vector? affine;
    private Vector? ratios;
    private Vector? solved;
    private Vector? whitened;
    private Vector? standard;

    /// <summary>Creates the pair.</summary>
    /// <param name="q">The Gaussians of the graph.</param>
    /// <param name="reference">The reference: a root of the same kind and shape, and, when <paramref name="referenceMeans"/> is null, its means.</param>
    /// <param name="referenceMeans">Means of the reference where they vary too, [K, D].</param>
    public GaussianPair(Parameters q, ParameterBox reference, Vector? referenceMeans = null)
    {
        (builder, this.q, this.reference) = (q.Builder, q, reference);
        Shift = q.Means - (referenceMeans ?? builder.Constant(reference.Means));
    }

    public int Components => q.Components;

    public int Dimension => q.Dimension;

    /// <summary>mu - mu0, [K, D].</summary>
    public Vector Shift { get; }

    /// <summary>w = U0 (mu - mu0), [K, D].</summary>
    public Vector Whitened => whitened ??= Blocks.Product(builder, Pattern, Components, reference.PrecisionRoot, Shift);

    /// <summary>z = U (mu - mu0) = w + E w, [K, D].</summary>
    public Vector Standardized => standard ??= Whitened + Blocks.Product(builder, Pattern, Components, E, Whitened);

    /// <summary>E = U L0 - I, packed.</summary>
    public Vector E => q.IsPrecision ? Affine : -Solved;

    /// <summary>G = I - (U L0)^-1, packed.</summary>
    public Vector G => q.IsPrecision ? Solved : -Affine;

    /// <summary>Diagonal of U L0, positive: U_ii / U0_ii, or L0_ii / L_ii; [K, D].</summary>
    public Vector Ratios => q.IsPrecision ? Own : builder.Apply(new Reciprocal(), Own);

    /// <summary>L - L0 for square roots L of the covariance, packed: -L0 G for precision roots.</summary>
    public Vector CovarianceRootShift => q.IsPrecision
        ? -Blocks.Product(builder, Pattern, Components, reference.Inverse, Solved, constantFirst: true)
        : RootShift;

    /// <summary>L, packed.</summary>
    public Vector CovarianceRoot => q.IsPrecision ? builder.Constant(reference.Inverse) + CovarianceRootShift : q.Root;

    /// <summary>(mu - mu0, L - L0), [K, D + entries]: W2 of two Gaussians is at most its norm, and is its norm where L is diagonal.</summary>
    public Vector TransportFeatures => Blocks.Join(builder, Components, Shift, CovarianceRootShift);

    private Pattern Pattern => q.Pattern;

    private Vector RootShift => rootShift ??= q.Root - builder.Constant(reference.Root);

    /// <summary>(U - U0) L0, or U0 (L - L0).</summary>
    private Vector Affine => affine ??= Blocks.Product(builder, Pattern, Components, reference.Inverse, RootShift, constantFirst: !q.IsPrecision);

    /// <summary>1 + Affine_ii as the quotient of the diagonals, whose sign is that of the root's diagonal on any range.</summary>
    private Vector Own => ratios ??= Blocks.Times(
        builder,
        new Box([.. Pattern.DiagonalPlaces(Components).Select(i => reference.Inverse.Lower[i])], [.. Pattern.DiagonalPlaces(Components).Select(i => reference.Inverse.Upper[i])]),
        builder.Select(q.Root, Pattern.DiagonalPlaces(Components)));

    /// <summary>I - (I + Affine)^-1.</summary>
    private Vector Solved => solved ??= Blocks.InverseChange(builder, Pattern, Components, Affine, builder.Apply(new Reciprocal(), Own));

    /// <summary>The diagonal of a packed vector, [K, D].</summary>
    public Vector Diagonal(Vector packed) => builder.Select(packed, Pattern.DiagonalPlaces(Components));

    /// <summary>The strict triangle of a packed vector; null where there is none.</summary>
    public Vector? Strict(Vector packed) => Pattern.Count > Dimension ? builder.Select(packed, Pattern.StrictPlaces(Components)) : null;

    /// <summary>For each component the elements of every part that is there.</summary>
    public Vector Join(params Vector?[] parts) => Blocks.Join(builder, Components, [.. parts.Where(part => part is not null).Select(part => part!.Value)]);

    /// <summary>Norms of the features of each component, [K].</summary>
    public Vector Norms(Vector features) => builder.Apply(new Norm(features.Length / Components), features);
}
