using Estimators.Families;
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
    public override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        return Surprise(network, network.Raw(standard + (randn(standard.shape, generator: random) * (Strength * Radius * warmth))), theta).MoveToOuterDisposeScope();
    }
}
