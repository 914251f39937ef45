using System.Globalization;
using static TorchSharp.torch;

namespace Estimators.Distributions;

/// <summary>
/// N(0, v I) in D dimensions: p(x) = (2 π v)^(-D/2) exp(-|x|² / (2 v)).
/// </summary>
/// <remarks>Mean 0, covariance v I. Draws are √v times standard normal ones.</remarks>
public sealed class IsotropicGaussian : Distribution
{
    /// <summary>Creates the family member.</summary>
    /// <param name="length">D &gt;= 1.</param>
    /// <param name="variance">v &gt; 0, finite: the variance of each coordinate, not its standard deviation.</param>
    public IsotropicGaussian(int length, double variance)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (!(variance > 0 && double.IsFinite(variance)))
        {
            throw new ArgumentOutOfRangeException(nameof(variance), variance, "The variance must be positive and finite.");
        }

        (Length, Variance) = (length, variance);
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <summary>v, the variance of each coordinate.</summary>
    public double Variance { get; }

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normalizer = 0.5 * Length * Math.Log(2 * Math.PI * Variance);
        return (x.square().sum(-1) * (-0.5 / Variance) - normalizer).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Sample(long count, Generator random)
    {
        using var scope = NewDisposeScope();
        return (randn([count, Length], dtype: ScalarType.Float32, generator: random) * Math.Sqrt(Variance)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"N(0, {Variance:R} I) in {Length} dimensions");
}
