using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>The mean of -ln q(theta | x) alone; the strength is not used.</summary>
/// <remarks>Source: G. Papamakarios, I. Murray, "Fast epsilon-free Inference of Simulation Models with Bayesian Conditional Density Estimation", NeurIPS 2016.</remarks>
public sealed class Plain : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override bool Rises => false;

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new Plain { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    public override Tensor Loss(AmortizedNetwork network, Tensor theta, Tensor x, double warmth, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Loss(theta, x, random);
    }
}
