using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>As interval, with the last layer's numbers bounded backwards by linear bounds over the interval bounds of the hidden layers; the share of these bounds falls from 1 to a half in the warm-up, the rest is of interval bounds.</summary>
/// <remarks>
/// Both bounds enclose, so does a mean of them, up to float32. Source: H. Zhang, H. Chen, C. Xiao, S. Gowal, R. Stanforth, B. Li, D. Boning, C.-J. Hsieh, "Towards Stable and Efficient Training of Verifiably Robust
/// Neural Networks", ICLR 2020 (from memory), where the loss is one of classes and the share mostly ends at 0; with 0 the end is <see cref="IntervalBound"/>.
/// </remarks>
public sealed class CrownIbp : MixtureMethod
{
    /// <summary>Share of the backward bounds after the warm-up.</summary>
    private const double FinalShare = 0.5;

    /// <inheritdoc/>
    public override string Name => "crown-ibp";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new CrownIbp { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        var raw = network.Raw(standard);
        var loss = Surprise(network, raw, theta);
        if (warmth > 0)
        {
            var share = 1 - ((1 - FinalShare) * warmth);
            loss += Distance(network, network.TransportBound(raw, standard, Radius * warmth, share)) * (Strength * warmth);
        }

        return loss.MoveToOuterDisposeScope();
    }
}
