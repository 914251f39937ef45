using System.Globalization;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>What training makes small, by name: the mean of -ln q(theta | x), and what is added to it or done to data and weights so that q(. | x) moves little with x.</summary>
/// <remarks>Radii are shares of the standard deviations of the columns of x: linf balls of standardized data. No method proves anything; certificates do.</remarks>
public abstract class TrainingMethod
{
    /// <summary>The Lipschitz constant that layers with a built-in bound have at strength 1.</summary>
    protected const double MostChange = 4;

    /// <summary>Every method with its usual strength.</summary>
    public static IReadOnlyList<TrainingMethod> All { get; } =
    [
        new Plain(), new IntervalBound(), new CrownIbp(), new SmallBox(), new SpectralNorm(), new OrthogonalLayers(), new SandwichLayers(), new NoiseAugmentation(), new AdversarialTraining(), new FisherTrace(),
        new CoverageError(),
    ];

    /// <summary>The name, as <c>certify train --method</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>How much the method asks; what it multiplies is in the method's summary.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>Share of a column's standard deviation by which data may move.</summary>
    public double Radius { get; init; } = 0.05;

    /// <summary>Whether it asks for more as the warm-up goes on. Then no epoch of the warm-up is kept; otherwise any may be.</summary>
    public virtual bool Rises => true;

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    /// <param name="warmth">Share of radius and strength that counts by now, in [0, 1]: rises from 0 in the warm-up, so that a network learns before it is held.</param>
    /// <param name="random">Source of what the loss draws.</param>
    public abstract Tensor Loss(AmortizedNetwork network, Tensor theta, Tensor x, double warmth, Generator random);

    /// <summary>Changes the new network before the first step; nothing unless a method says so.</summary>
    /// <param name="network">The network, with its first weights.</param>
    /// <param name="random">Source of first values.</param>
    public virtual void Prepare(AmortizedNetwork network, Generator random)
    {
    }

    /// <summary>Changes weights after a step; nothing unless a method says so.</summary>
    public virtual void AfterStep(AmortizedNetwork network)
    {
    }

    /// <summary>Throws where the method cannot train a network.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public virtual void Check(AmortizedNetwork network)
    {
    }

    /// <summary>A method by name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static TrainingMethod Of(string name) => All.FirstOrDefault(method => method.Name == name)
        ?? throw new ArgumentException($"There is no method '{name}'; there is {string.Join(", ", All.Select(method => method.Name))}.");

    /// <summary>A method by name, or by NAME:STRENGTH.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or the strength is no positive number.</exception>
    public static TrainingMethod Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(':', 2) switch
        {
            [var name] => Of(name),
            [var name, var strength] when double.TryParse(strength, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value) => Of(name).With(value),
            var parts => throw new ArgumentException($"'{text}' has the strength '{parts[1]}', expected a positive number."),
        };
    }

    /// <summary>The method with another strength.</summary>
    public abstract TrainingMethod With(double strength);

    /// <summary>Puts the network's perceptron under a law.</summary>
    protected static void Hold(AmortizedNetwork network, LipschitzLaw law, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Perceptrons.Single().Hold(law, random);
    }
}
