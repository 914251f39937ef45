using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>The mean of -ln q(theta | x) alone; the strength is not used.</summary>
/// <remarks>Source: G. Papamakarios, I. Murray, "Fast epsilon-free Inference of Simulation Models with Bayesian Conditional Density Estimation", NeurIPS 2016.</remarks>
public sealed class Plain : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new Plain { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    public override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        return Surprise(network, network.Raw(standard), theta).MoveToOuterDisposeScope();
    }
}
