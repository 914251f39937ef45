using Estimators.Distributions;

namespace Estimators.Simulators;

/// <summary>theta ~ N(0, 0.1 I), x | theta ~ N(theta, 0.1 I), in any dimension; 0.1 is a variance.</summary>
/// <remarks>
/// The posterior is N(x / 2, 0.05 I): precisions add to 20, and the mean weighs x and the prior's mean equally. Hence the posterior's 2-Wasserstein
/// distance is |x - x'| / 2 and its Lipschitz constant in x is 0.5. Data are N(0, 0.2 I).
/// The task gaussian_linear of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation) has 10 dimensions.
/// </remarks>
public sealed class GaussianLinear : Simulator
{
    /// <summary>Variance of each prior coordinate.</summary>
    public const double PriorVariance = 0.1;

    /// <summary>Variance of each coordinate of x given theta.</summary>
    public const double NoiseVariance = 0.1;

    /// <summary>Variance of each coordinate of theta given x.</summary>
    public const double PosteriorVariance = 0.05;

    /// <summary>Slope of the posterior mean in x.</summary>
    public const double PosteriorSlope = 0.5;

    /// <summary>Creates the task.</summary>
    /// <param name="dimension">Number of parameters and of data, at least 1.</param>
    public GaussianLinear(int dimension) => Prior = IndependentNormal.Isotropic(dimension, PriorVariance);

    /// <inheritdoc/>
    public override string Name => "gaussian_linear";

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
        return new IndependentNormal([.. means.Select(value => PosteriorSlope * value)], [.. means.Select(_ => Math.Sqrt(PosteriorVariance))]);
    }
}
