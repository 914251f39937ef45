using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>-ln q with the spectral norm of every weight matrix held to at most 2 / strength: after a step, W becomes W min(1, 2 / (strength |W|_2)).</summary>
/// <remarks>
/// The product of the norms is a Lipschitz constant of the perceptron in standardized data (ReLU and tanh have constant 1). Source: H. Gouk, E. Frank, B. Pfahringer, M. Cree, "Regularisation of Neural Networks
/// by Enforcing Lipschitz Continuity", Machine Learning, 2021 (from memory); there norms come from power iteration, here from singular values.
/// </remarks>
public sealed class SpectralNorm : TrainingMethod
{
    /// <summary>The largest norm at strength 1.</summary>
    private const double Usual = 2;

    /// <inheritdoc/>
    public override string Name => "spectral";

    /// <inheritdoc/>
    public override bool Rises => false;

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new SpectralNorm { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    public override Tensor Loss(AmortizedNetwork network, Tensor theta, Tensor x, double warmth, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Loss(theta, x, random);
    }

    /// <inheritdoc/>
    public override void AfterStep(AmortizedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        foreach (var (weight, _) in network.Perceptrons.SelectMany(part => part.Layers))
        {
            var norm = linalg.matrix_norm(weight, 2).item<float>();
            weight.mul_(Math.Min(1, Usual / (Strength * norm)));
        }
    }
}
