using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>Adds strength times the mean of r² / 2 tr F(x), F the Fisher information of q(. | x) about x and r the radius: to second order the mean divergence from q(. | x) at a random corner of the ball, in nats. A baseline, which bounds nothing.</summary>
/// <remarks>
/// In closed form for one Gaussian; for mixtures of the pair (component, theta), an upper bound (<see cref="MixturePosterior.FisherTrace"/>). Source: M. Gloeckler, M. Deistler, J. Macke, "Adversarial Robustness of Amortized
/// Bayesian Inference", ICML 2023 (from memory), where the trace is estimated by draws.
/// </remarks>
public sealed class FisherTrace : MixtureMethod
{
    /// <inheritdoc/>
    public override string Name => "fisher-trace";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new FisherTrace { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        var loss = Surprise(network, network.Raw(standard), theta);
        return (warmth > 0 ? loss + (network.FisherTrace(standard).mean() * (Strength * warmth * 0.5 * Radius * Radius)) : loss).MoveToOuterDisposeScope();
    }
}
