using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>Adds strength times the mean of an upper bound of W2(q(. | x), q(. | x')) / |s| over all x' of the ball, from interval bounds of every layer.</summary>
/// <remarks>
/// The bound encloses (<see cref="MixturePosterior.TransportBound"/>), up to float32. Source: S. Gowal et al., "Scalable Verified Training for Provably Robust Image Classification", ICCV 2019, where the loss is one of
/// classes (from memory); W2 of posteriors in its place is ours.
/// </remarks>
public sealed class IntervalBound : TransportMethod
{
    /// <inheritdoc/>
    public override string Name => "interval";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new IntervalBound { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(ITransportBounds network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        var raw = network.Raw(standard);
        var loss = Surprise(network, raw, theta);
        return (warmth > 0 ? loss + (Distance(network, network.TransportBound(raw, standard, Radius * warmth)) * (Strength * warmth)) : loss).MoveToOuterDisposeScope();
    }
}
