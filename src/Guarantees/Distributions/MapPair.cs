using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>Gaussians of a graph beside a reference that is a graph too: two estimators, or one at two data sets that depend on each other.</summary>
/// <remarks>
/// Everything is a product with R = L - L0 (covariance roots) or R = U - U0 (precision roots), which vanishes where both agree, and may come as a vector of its own that carries the
/// difference of two networks:
/// <code>
/// covariance roots:  E = -U R,   G = -U0 R,   L - L0 = R
/// precision roots:   E = R L0,   G = R L,     L - L0 = -L0 G
/// </code>
/// by U L0 - I = U (L0 - L) and (U L0)^-1 = U0 L, which hold for any roots of one triangular shape. The inverse of a root that is not given is found by substitution about its value
/// at some point, any one of which is sound.
/// </remarks>
internal sealed class MapPair : GaussianPair
{
    private readonly Parameters q;
    private readonly Parameters q0;
    private readonly PointPair own;
    private readonly PointPair other;
    private readonly Vector rootShift;
    private Vector? e;
    private Vector? g;

    /// <summary>Creates the pair.</summary>
    /// <param name="q">The Gaussians.</param>
    /// <param name="q0">The reference: roots of the same kind and shape.</param>
    /// <param name="center">q at some point.</param>
    /// <param name="center0">q0 at some point.</param>
    /// <param name="moved">mu - mu0 and the difference of the roots, where they are vectors already.</param>
    public MapPair(Parameters q, Parameters q0, ParameterBox center, ParameterBox center0, (Vector Means, Vector Root)? moved = null)
        : base(q)
    {
        (this.q, this.q0, own, other) = (q, q0, new PointPair(q, center), new PointPair(q0, center0));
        Shift = moved?.Means ?? q.Means - q0.Means;
        rootShift = moved?.Root ?? q.Root - q0.Root;
    }

    public override Vector Shift { get; }

    public override Vector Whitened => Blocks.Product(Builder, Pattern, Components, q.IsPrecision ? q0.Root : other.PrecisionRoot, Shift);

    public override Vector Standardized => Blocks.Product(Builder, Pattern, Components, q.IsPrecision ? q.Root : own.PrecisionRoot, Shift);

    public override Vector E => e ??= q.IsPrecision
        ? Blocks.MatrixProduct(Builder, Pattern, Components, rootShift, other.CovarianceRoot)
        : -Blocks.MatrixProduct(Builder, Pattern, Components, own.PrecisionRoot, rootShift);

    public override Vector G => g ??= q.IsPrecision
        ? Blocks.MatrixProduct(Builder, Pattern, Components, rootShift, own.CovarianceRoot)
        : -Blocks.MatrixProduct(Builder, Pattern, Components, other.PrecisionRoot, rootShift);

    public override Vector Ratios => Diagonal(E) + 1;

    public override Vector CovarianceRootShift => q.IsPrecision ? -Blocks.MatrixProduct(Builder, Pattern, Components, other.CovarianceRoot, G) : rootShift;

    public override Vector CovarianceRoot => own.CovarianceRoot;

    public override Vector ReferenceCovarianceRoot => other.CovarianceRoot;
}
