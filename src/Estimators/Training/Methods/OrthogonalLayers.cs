using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>-ln q with orthogonal hidden layers and GroupSort between them (<see cref="OrthogonalLaw"/>), of Lipschitz constant at most 4 / strength from standardized x to the numbers of the head, in Euclidean norms.</summary>
/// <remarks>
/// Hence W2(q(. | x), q(. | x')) &lt;= 4 / strength max s |x - x'|₂ for one Gaussian, x in its standard deviations, s those of theta: means and Cholesky factors are the numbers, or Softplus of them, times s. Source:
/// C. Anil, J. Lucas, R. Grosse, "Sorting out Lipschitz Function Approximation", ICML 2019; A. Trockman, J. Z. Kolter, "Orthogonalizing Convolutional Layers with the Cayley Transform", ICLR 2021 (both from memory).
/// </remarks>
public sealed class OrthogonalLayers : MixtureMethod
{
    /// <inheritdoc/>
    public override string Name => "orthogonal";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new OrthogonalLayers { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    public override void Prepare(AmortizedNetwork network, Generator random) => Hold(network, new OrthogonalLaw(MostChange / Strength), random);

    /// <inheritdoc/>
    protected override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        using var scope = NewDisposeScope();
        return Surprise(network, network.Raw(standard), theta).MoveToOuterDisposeScope();
    }
}
