using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>-ln q(theta | x + e) with normal e of standard deviation strength times the radius, drawn anew in each step: a baseline, which bounds nothing.</summary>
/// <remarks>Source: C. Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", Neural Computation, 1995 (from memory).</remarks>
public sealed class NoiseAugmentation : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "noise";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new NoiseAugmentation { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    public override Tensor Loss(AmortizedNetwork network, Tensor theta, Tensor x, double warmth, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(x);
        using var scope = NewDisposeScope();
        var error = randn(x.shape, generator: random) * (Strength * Radius * warmth) / network.DataUnits.InverseScale;
        return network.Loss(theta, x + error, random).MoveToOuterDisposeScope();
    }
}
