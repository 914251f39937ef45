using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Estimators.Distributions;

/// <summary>N(0, diag(s²)): p(x) = prod_i (2 π)^(-1/2) / s_i exp(-x_i² / (2 s_i²)).</summary>
/// <remarks>Mean 0, standard deviations s. Draws are s times standard normal ones.</remarks>
public sealed class ScaledGaussian : Distribution
{
    /// <summary>Creates the family member.</summary>
    /// <param name="deviations">s, at least one, each positive and finite.</param>
    public ScaledGaussian(ImmutableArray<double> deviations)
    {
        Deviations = !deviations.IsDefaultOrEmpty && deviations.All(s => s > 0 && double.IsFinite(s))
            ? deviations
            : throw new ArgumentException("Standard deviations must be positive and finite, and at least one.", nameof(deviations));
    }

    /// <summary>s.</summary>
    public ImmutableArray<double> Deviations { get; }

    /// <inheritdoc/>
    public override int Length => Deviations.Length;

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normalizer = Deviations.Sum(s => Math.Log(s)) + (0.5 * Length * Math.Log(2 * Math.PI));
        return (((x / Scales(x.dtype)).square().sum(-1) * -0.5) - normalizer).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Sample(long count, Generator random)
    {
        using var scope = NewDisposeScope();
        return (randn([count, Length], dtype: ScalarType.Float32, generator: random) * Scales(ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string ToString() => $"N(0, diag({string.Join(", ", Deviations.Select(s => s.ToString("R", CultureInfo.InvariantCulture)))})²)";

    private Tensor Scales(ScalarType type) => tensor(Deviations.ToArray(), dtype: type);
}
