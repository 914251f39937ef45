using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Gaussians of a graph beside a reference whose covariances are constant, known to lie in boxes of rounding size.</summary>
/// <remarks>
/// Precision roots: E = (U - U0) L0 is affine in U, and G follows by substitution. Covariance roots: -G = U0 (L - L0) is affine in L, and E
/// follows. Both identities are exact for any roots of one triangular shape.
/// Nodes are added when a property is first read.
/// </remarks>
internal sealed class PointPair : GaussianPair
{
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
    public PointPair(Parameters q, ParameterBox reference, Vector? referenceMeans = null)
        : base(q)
    {
        (this.q, this.reference) = (q, reference);
        Shift = q.Means - (referenceMeans ?? Builder.Constant(reference.Means));
    }

    public override Vector Shift { get; }

    public override Vector Whitened => whitened ??= Blocks.Product(Builder, Pattern, Components, reference.PrecisionRoot, Shift);

    public override Vector Standardized => standard ??= Whitened + Blocks.Product(Builder, Pattern, Components, E, Whitened);

    public override Vector E => q.IsPrecision ? Affine : -Solved;

    public override Vector G => q.IsPrecision ? Solved : -Affine;

    /// <summary>U_ii / U0_ii, or L0_ii / L_ii.</summary>
    public override Vector Ratios => q.IsPrecision ? Own : Builder.Apply(new Reciprocal(), Own);

    /// <summary>L - L0 = -L0 G for precision roots.</summary>
    public override Vector CovarianceRootShift => q.IsPrecision
        ? -Blocks.Product(Builder, Pattern, Components, reference.Inverse, Solved, constantFirst: true)
        : RootShift;

    public override Vector CovarianceRoot => q.IsPrecision ? Builder.Constant(reference.Inverse) + CovarianceRootShift : q.Root;

    public override Vector ReferenceCovarianceRoot => Builder.Constant(reference.CovarianceRoot);

    /// <summary>U = U0 + E U0, packed.</summary>
    public Vector PrecisionRoot => q.IsPrecision
        ? q.Root : Builder.Constant(reference.PrecisionRoot) + Blocks.Product(Builder, Pattern, Components, reference.PrecisionRoot, E, constantFirst: false);

    private Vector RootShift => rootShift ??= q.Root - Builder.Constant(reference.Root);

    /// <summary>(U - U0) L0, or U0 (L - L0).</summary>
    private Vector Affine => affine ??= Blocks.Product(Builder, Pattern, Components, reference.Inverse, RootShift, constantFirst: !q.IsPrecision);

    /// <summary>1 + Affine_ii as the quotient of the diagonals, whose sign is that of the root's diagonal on any range.</summary>
    private Vector Own => ratios ??= Blocks.Times(
        Builder,
        new Box([.. Pattern.DiagonalPlaces(Components).Select(i => reference.Inverse.Lower[i])], [.. Pattern.DiagonalPlaces(Components).Select(i => reference.Inverse.Upper[i])]),
        Builder.Select(q.Root, Pattern.DiagonalPlaces(Components)));

    /// <summary>I - (I + Affine)^-1.</summary>
    private Vector Solved => solved ??= Blocks.InverseChange(Builder, Pattern, Components, Affine, Builder.Apply(new Reciprocal(), Own));
}
