using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>-ln q of a network whose layers follow from a <see cref="LipschitzLaw"/>, so that its constant is at most 4 / strength whatever training does.</summary>
public abstract class HeldLayers : MixtureMethod
{
    /// <inheritdoc/>
    public sealed override bool Rises => false;

    /// <inheritdoc/>
    public sealed override void Prepare(AmortizedNetwork network, Generator random) => Hold(network, Law(MostChange / Strength), random);

    /// <summary>The law with a constant.</summary>
    /// <param name="bound">The largest change of the head's numbers for one of standardized x, in Euclidean norms.</param>
    protected abstract LipschitzLaw Law(double bound);

    /// <inheritdoc/>
    protected sealed override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        return Surprise(network, network.Raw(standard), theta).MoveToOuterDisposeScope();
    }
}
