using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>A method that adds a bound of W2 to the mean of -ln q: for families that have one (<see cref="ITransportBounds"/>).</summary>
public abstract class TransportMethod : TrainingMethod
{
    /// <inheritdoc/>
    public sealed override Tensor Loss(AmortizedNetwork network, Tensor theta, Tensor x, double warmth, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        return Loss((ITransportBounds)network, theta, network.Standardize(x), warmth, random).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public sealed override void Check(AmortizedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network is not ITransportBounds)
        {
            throw new ArgumentException($"The method {Name} needs a family whose movement in W2 it can bound: gaussian or mixture; got {network.Family}.", nameof(network));
        }
    }

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="theta">[batch, D].</param>
    /// <param name="standard">Standardized data, [batch, n].</param>
    /// <param name="warmth">Share of radius and strength that counts by now.</param>
    /// <param name="random">Source of what the loss draws.</param>
    protected abstract Tensor Loss(ITransportBounds network, Tensor theta, Tensor standard, double warmth, Generator random);

    /// <summary>Mean of -ln q.</summary>
    protected static Tensor Surprise(ITransportBounds network, Tensor raw, Tensor theta) => -network.LogProb(raw, theta).mean();

    /// <summary>Mean of W2 / |s| from bounds of W2².</summary>
    protected static Tensor Distance(ITransportBounds network, Tensor squares) => (squares + 1e-10).sqrt().mean() / network.ParameterScale();

    /// <summary>Data within the radius at which q is far from q(. | x): steps of a third of twice the radius along the sign of the gradient, from a random start.</summary>
    protected static Tensor Attack(ITransportBounds network, Tensor standard, Tensor raw, double radius, int steps, Generator random)
    {
        using var scope = NewDisposeScope();
        var reference = raw.detach();
        var at = standard + (((rand(standard.shape, generator: random) * 2) - 1) * radius);
        for (var step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            var moving = at.detach().requires_grad_(true);
            var gradient = autograd.grad([network.TransportBetween(reference, network.Raw(moving)).sum()], [moving])[0];
            using var constant = no_grad();
            at = clamp(moving.detach() + (gradient.sign() * (2 * radius / 3)), standard - radius, standard + radius).MoveToOuterDisposeScope();
        }

        return at.detach().MoveToOuterDisposeScope();
    }
}
