using MathNet.Numerics.Distributions;

namespace Estimators.Tests.Simulators;

/// <summary>Distribution functions of closed posteriors, by MathNet: independent uniform numbers under the posterior.</summary>
internal static class Posteriors
{
    public static double[] Levels(string task, double[] x, double[] theta) => task switch
    {
        "gaussian_linear" => [.. x.Zip(theta, (data, t) => Normal.CDF(data / 2, Math.Sqrt(0.05), t))],
        "gaussian_linear_uniform" => [.. x.Zip(theta, (data, t) => Cut(data, Math.Sqrt(0.1), 1, t))],
        "gaussian_mixture" => Mixture(x, theta),
        _ => throw new ArgumentException(task),
    };

    /// <summary>The first parameter's distribution function, and the second's given the first.</summary>
    private static double[] Mixture(double[] x, double[] theta)
    {
        var (weights, given) = (new double[2], new double[2]);
        double[] deviations = [1, 0.1];
        for (var k = 0; k < 2; k++)
        {
            weights[k] = Mass(x[0], deviations[k], 10) * Mass(x[1], deviations[k], 10);
            given[k] = Normal.PDF(x[0], deviations[k], theta[0]) * Mass(x[1], deviations[k], 10);
        }

        double Level(double[] share, int i) => Enumerable.Range(0, 2).Sum(k => share[k] * (share[k] > 0 ? Cut(x[i], deviations[k], 10, theta[i]) : 0)) / share.Sum();
        return [Level(weights, 0), Level(given, 1)];
    }

    private static double Mass(double mean, double deviation, double bound) => Upper(mean, deviation, -bound) - Upper(mean, deviation, bound);

    /// <summary>Of N(mean, deviation²) cut to [-bound, bound].</summary>
    private static double Cut(double mean, double deviation, double bound, double t) =>
        (Upper(mean, deviation, -bound) - Upper(mean, deviation, t)) / Mass(mean, deviation, bound);

    /// <summary>P(more than t), mirrored so that no digits are lost.</summary>
    private static double Upper(double mean, double deviation, double t) => Normal.CDF(-mean, deviation, -t);
}
