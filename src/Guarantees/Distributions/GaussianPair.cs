using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>K reference Gaussians N(mu0, Sigma0) beside K Gaussians N(mu, Sigma) of a graph: their differences, as vectors that vanish when both agree.</summary>
/// <remarks>
/// In the coordinates that whiten the reference, theta = mu0 + L0 e with Sigma0 = L0 L0^T and U0 = L0^-1, the other Gaussian has mean
/// w = U0 (mu - mu0) and precision root M = U L0, U^T U = Sigma^-1. Everything is written in w, E = M - I and G = I - M^-1, which are small
/// when the change is small: nothing is the difference of two large numbers.
/// </remarks>
internal abstract class GaussianPair(Parameters q)
{
    public int Components => q.Components;

    public int Dimension => q.Dimension;

    /// <summary>mu - mu0, [K, D].</summary>
    public abstract Vector Shift { get; }

    /// <summary>w = U0 (mu - mu0), [K, D].</summary>
    public abstract Vector Whitened { get; }

    /// <summary>z = U (mu - mu0) = w + E w, [K, D].</summary>
    public abstract Vector Standardized { get; }

    /// <summary>E = U L0 - I, packed.</summary>
    public abstract Vector E { get; }

    /// <summary>G = I - (U L0)^-1, packed.</summary>
    public abstract Vector G { get; }

    /// <summary>Diagonal of U L0, positive; [K, D].</summary>
    public abstract Vector Ratios { get; }

    /// <summary>L - L0 for square roots L of the covariance, packed.</summary>
    public abstract Vector CovarianceRootShift { get; }

    /// <summary>L, packed.</summary>
    public abstract Vector CovarianceRoot { get; }

    /// <summary>L0, packed.</summary>
    public abstract Vector ReferenceCovarianceRoot { get; }

    /// <summary>(mu - mu0, L - L0), [K, D + entries]: W2 of two Gaussians is at most its norm, and is its norm where L is diagonal.</summary>
    public Vector TransportFeatures => Blocks.Join(Builder, Components, Shift, CovarianceRootShift);

    protected NetworkBuilder Builder => q.Builder;

    protected Pattern Pattern => q.Pattern;

    /// <summary>The diagonal of a packed vector, [K, D].</summary>
    public Vector Diagonal(Vector packed) => Builder.Select(packed, Pattern.DiagonalPlaces(Components));

    /// <summary>The strict triangle of a packed vector; null where there is none.</summary>
    public Vector? Strict(Vector packed) => Pattern.Count > Dimension ? Builder.Select(packed, Pattern.StrictPlaces(Components)) : null;

    /// <summary>For each component the elements of every part that is there.</summary>
    public Vector Join(params Vector?[] parts) => Blocks.Join(Builder, Components, [.. parts.Where(part => part is not null).Select(part => part!.Value)]);

    /// <summary>Norms of the features of each component, [K].</summary>
    public Vector Norms(Vector features) => Builder.Apply(new Norm(features.Length / Components), features);
}
