using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>theta ~ U[-10, 10]²; x | theta ~ N(theta, I) / 2 + N(theta, 0.01 I) / 2: standard deviations 1 and 0.1.</summary>
/// <remarks>
/// One component is drawn for each pair and used for both coordinates (sbibm's program draws one for each call, so that all pairs of a batch share it; the likelihood of a pair is the same).
/// The posterior is the mixture of N(x, I) and N(x, 0.01 I), both cut to the box, with weights in the ratio of their probabilities of the box.
/// The task gaussian_mixture of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class GaussianMixture : Simulator
{
    /// <summary>The box is [-10, 10]².</summary>
    public const double Bound = 10;

    /// <summary>Standard deviation of the wide component.</summary>
    public const double Wide = 1;

    /// <summary>Standard deviation of the narrow component.</summary>
    public const double Narrow = 0.1;

    /// <inheritdoc/>
    public override string Name => "gaussian_mixture";

    /// <inheritdoc/>
    public override int DataCount => 2;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new UniformBox(2, -Bound, Bound);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var deviation = random.Uniform() < 0.5 ? Wide : Narrow;
        (x[0], x[1]) = (theta[0] + (deviation * random.Normal()), theta[1] + (deviation * random.Normal()));
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x) =>
        new Mixture([0.5, 0.5], [new IndependentNormal([theta[0], theta[1]], [Wide, Wide]), new IndependentNormal([theta[0], theta[1]], [Narrow, Narrow])]).LogDensity(x);

    /// <inheritdoc/>
    public override Distribution Posterior(ReadOnlySpan<double> x)
    {
        var wide = new TruncatedNormal([x[0], x[1]], [Wide, Wide], -Bound, Bound);
        var share = Elementary.Exp(LogMass(x, Narrow) - wide.LogMass);
        return share > 0 ? new Mixture([1, share], [wide, new TruncatedNormal([x[0], x[1]], [Narrow, Narrow], -Bound, Bound)]) : wide;
    }

    private static double LogMass(ReadOnlySpan<double> x, double deviation) =>
        TruncatedNormal.LogInterval(x[0], deviation, -Bound, Bound) + TruncatedNormal.LogInterval(x[1], deviation, -Bound, Bound);
}
