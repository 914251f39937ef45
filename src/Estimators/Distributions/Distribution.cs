using Estimators.Simulators;

namespace Estimators.Distributions;

/// <summary>A probability density over vectors: priors, proposals and exact posteriors.</summary>
/// <remarks>Immutable, on doubles, without tensors. Draws and densities use the functions of <c>Guarantees.Arithmetic.Elementary</c>: the same bits on every machine.</remarks>
public abstract class Distribution
{
    /// <summary>Number of coordinates of one draw, D.</summary>
    public abstract int Length { get; }

    /// <summary>ln p(x), natural logarithm; -∞ where the density is 0.</summary>
    /// <param name="x">D coordinates.</param>
    public abstract double LogDensity(ReadOnlySpan<double> x);

    /// <summary>One draw.</summary>
    /// <param name="random">Source of randomness.</param>
    /// <param name="x">Takes the D coordinates.</param>
    public abstract void Sample(DrawSource random, Span<double> x);
}
