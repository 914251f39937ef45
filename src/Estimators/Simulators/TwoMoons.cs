using Estimators.Distributions;
using static TorchSharp.torch;

namespace Estimators.Simulators;

/// <summary>theta ~ U[-1, 1]²; x = (r cos a + 0.25, r sin a) + (-|theta_0 + theta_1|, theta_1 - theta_0) / sqrt 2 with a ~ U(-pi/2, pi/2) and r ~ N(0.1, 0.01²).</summary>
/// <remarks>
/// The posterior has two crescents, mirror images at theta_0 + theta_1 = 0. The task two_moons of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021).
/// </remarks>
public sealed class TwoMoons : Simulator
{
    /// <summary>Mean of r.</summary>
    public const double RadiusMean = 0.1;

    /// <summary>Standard deviation of r.</summary>
    public const double RadiusDeviation = 0.01;

    /// <summary>What is added to the first datum.</summary>
    public const double Offset = 0.25;

    /// <inheritdoc/>
    public override string Name => "two_moons";

    /// <inheritdoc/>
    public override int DataCount => 2;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new UniformBox(2, -1, 1);

    /// <inheritdoc/>
    public override Tensor Simulate(Tensor theta, Generator random)
    {
        ArgumentNullException.ThrowIfNull(theta);
        using var scope = NewDisposeScope();
        var count = theta.shape[0];
        var angle = (rand([count], dtype: ScalarType.Float32, generator: random) - 0.5) * Math.PI;
        var radius = (randn([count], dtype: ScalarType.Float32, generator: random) * RadiusDeviation) + RadiusMean;
        var (first, second) = (theta.select(1, 0), theta.select(1, 1));
        return stack(
            [
                (radius * angle.cos()) + Offset - ((first + second).abs() / Math.Sqrt(2)),
                (radius * angle.sin()) + ((second - first) / Math.Sqrt(2)),
            ],
            1).MoveToOuterDisposeScope();
    }
}
