using System.Globalization;
using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>Mean and log scale of n independent numbers: theta = (mu, l) with mu ~ N(0, 1) and l ~ N(0, 0.25) (variances), independent; x_i = mu + exp(l) e_i, e_i standard normal.</summary>
/// <remarks>The x_i are exchangeable: the posterior does not change when they are permuted. It depends on them by their mean and their sum of squares only.</remarks>
public sealed class ExchangeableGaussian : Simulator
{
    /// <summary>Most data.</summary>
    public const int MostPoints = 50;

    /// <summary>Standard deviation of l.</summary>
    public const double LogScaleDeviation = 0.5;

    /// <summary>Creates the task.</summary>
    /// <param name="points">n, 2 to <see cref="MostPoints"/>.</param>
    public ExchangeableGaussian(int points)
    {
        DataCount = points is >= 2 and <= MostPoints
            ? points
            : throw new ArgumentOutOfRangeException(nameof(points), points, string.Create(CultureInfo.InvariantCulture, $"The number of points must lie in 2 to {MostPoints}."));
    }

    /// <inheritdoc/>
    public override string Name => "exchangeable_gaussian";

    /// <inheritdoc/>
    public override int DataCount { get; }

    /// <inheritdoc/>
    public override int PointLength => 1;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new IndependentNormal([0, 0], [1, LogScaleDeviation]);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var scale = Elementary.Exp(theta[1]);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = theta[0] + (scale * random.Normal());
        }
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var (inverse, squares) = (Elementary.Exp(-theta[1]), 0.0);
        foreach (var value in x)
        {
            squares += (value - theta[0]) * inverse * ((value - theta[0]) * inverse);
        }

        return (-0.5 * squares) - (x.Length * (theta[1] + IndependentNormal.HalfLogTwoPi));
    }
}
