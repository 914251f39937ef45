using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>A method for Gaussians and mixtures only: it reads more of them than bounds of W2.</summary>
public abstract class MixtureMethod : TransportMethod
{
    /// <inheritdoc/>
    protected sealed override Tensor Loss(ITransportBounds network, Tensor theta, Tensor standard, double warmth, Generator random) =>
        Loss(network as MixturePosterior ?? throw new ArgumentException($"The method {Name} is for the families gaussian and mixture.", nameof(network)), theta, standard, warmth, random);

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="theta">[batch, D].</param>
    /// <param name="standard">Standardized data, [batch, n].</param>
    /// <param name="warmth">Share of radius and strength that counts by now.</param>
    /// <param name="random">Source of what the loss draws.</param>
    protected abstract Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random);
}
