namespace Estimators.Training.Methods;

/// <summary>-ln q with sandwich layers (<see cref="SandwichLaw"/>), of Lipschitz constant at most 4 / strength from standardized x to the numbers of the head, in Euclidean norms.</summary>
/// <remarks>
/// Hence W2(q(. | x), q(. | x')) &lt;= 4 / strength max s |x - x'|₂ for one Gaussian, x in its standard deviations, s those of theta: means and Cholesky factors are the numbers, or Softplus of them, times s. Source:
/// R. Wang, I. Manchester, "Direct Parameterization of Lipschitz-Bounded Deep Networks", ICML 2023 (from memory).
/// </remarks>
public sealed class SandwichLayers : HeldLayers
{
    /// <inheritdoc/>
    public override string Name => "sandwich";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new SandwichLayers { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override LipschitzLaw Law(double bound) => new SandwichLaw(bound);
}
