using Estimators.Distributions;

namespace Estimators.Simulators;

/// <summary>theta ~ U[-1, 1]^D, x | theta ~ N(theta, 0.1 I); 0.1 is a variance.</summary>
/// <remarks>
/// The posterior is N(x, 0.1 I) cut to the box: coordinates are independent.
/// The task gaussian_linear_uniform of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation) has 10 dimensions.
/// </remarks>
public sealed class GaussianLinearUniform : Simulator
{
    /// <summary>Variance of each coordinate of x given theta.</summary>
    public const double NoiseVariance = 0.1;

    /// <summary>The box is [-1, 1]^D.</summary>
    public const double Bound = 1;

    /// <summary>Creates the task.</summary>
    /// <param name="dimension">Number of parameters and of data, at least 1.</param>
    public GaussianLinearUniform(int dimension) => Prior = new UniformBox(dimension, -Bound, Bound);

    /// <inheritdoc/>
    public override string Name => "gaussian_linear_uniform";

    /// <inheritdoc/>
    public override int DataCount => ParameterCount;

    /// <inheritdoc/>
    public override Distribution Prior { get; }

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x) => NormalNoise.Add(theta, NoiseVariance, random, x);

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x) => NormalNoise.LogDensity(theta, NoiseVariance, x);

    /// <inheritdoc/>
    public override Distribution Posterior(ReadOnlySpan<double> x)
    {
        var means = x.ToArray();
        return new TruncatedNormal([.. means], [.. means.Select(_ => Math.Sqrt(NoiseVariance))], -Bound, Bound);
    }
}
