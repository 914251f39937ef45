using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>As interval, over a box of a fifth of the radius whose centre an attack chooses so that the box stays within the ball: a smaller loss that does not enclose the ball.</summary>
/// <remarks>Source: M. Müller, F. Eckert, M. Fischer, M. Vechev, "Certified Training: Small Boxes are All You Need", ICLR 2023 (from memory).</remarks>
public sealed class SmallBox : TransportMethod
{
    private const double Share = 0.2;

    /// <inheritdoc/>
    public override string Name => "small-box";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new SmallBox { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(ITransportBounds network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        var raw = network.Raw(standard);
        var loss = Surprise(network, raw, theta);
        if (warmth > 0)
        {
            var centre = Attack(network, standard, raw, (1 - Share) * Radius * warmth, 2, random);
            loss += Distance(network, network.TransportBound(raw, centre, Share * Radius * warmth)) * (Strength * warmth);
        }

        return loss.MoveToOuterDisposeScope();
    }
}
