namespace Estimators.Training.Methods;

/// <summary>-ln q with orthogonal hidden layers and GroupSort between them (<see cref="OrthogonalLaw"/>), of Lipschitz constant at most 4 / strength from standardized x to the numbers of the head, in Euclidean norms.</summary>
/// <remarks>
/// Hence W2(q(. | x), q(. | x')) &lt;= 4 / strength max s |x - x'|₂ for one Gaussian, x in its standard deviations, s those of theta: means and Cholesky factors are the numbers, or Softplus of them, times s. Source:
/// C. Anil, J. Lucas, R. Grosse, "Sorting out Lipschitz Function Approximation", ICML 2019; A. Trockman, J. Z. Kolter, "Orthogonalizing Convolutional Layers with the Cayley Transform", ICLR 2021 (both from memory).
/// </remarks>
public sealed class OrthogonalLayers : HeldLayers
{
    /// <inheritdoc/>
    public override string Name => "orthogonal";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new OrthogonalLayers { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override LipschitzLaw Law(double bound) => new OrthogonalLaw(bound);
}
