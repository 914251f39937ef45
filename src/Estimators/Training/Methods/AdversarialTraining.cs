using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>Adds strength times the mean of W2(q(. | x), q(. | x')) / |s| (its bound between two posteriors) at the x' that an attack of three steps finds in the ball: a baseline, which bounds nothing.</summary>
/// <remarks>
/// Sources: A. Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018; H. Zhang et al., "Theoretically Principled Trade-off between Robustness and Accuracy", ICML 2019 (both from memory).
/// </remarks>
public sealed class AdversarialTraining : TransportMethod
{
    /// <inheritdoc/>
    public override string Name => "adversarial";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new AdversarialTraining { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(ITransportBounds network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        var raw = network.Raw(standard);
        var loss = Surprise(network, raw, theta);
        if (warmth > 0)
        {
            var worst = Attack(network, standard, raw, Radius * warmth, 3, random);
            loss += Distance(network, network.TransportBetween(raw, network.Raw(worst))) * (Strength * warmth);
        }

        return loss.MoveToOuterDisposeScope();
    }
}
