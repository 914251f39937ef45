using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>x = m + √v z with standard normal z: independent noise of one variance.</summary>
internal static class NormalNoise
{
    public static void Add(ReadOnlySpan<double> mean, double variance, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var deviation = Math.Sqrt(variance);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = mean[i] + (deviation * random.Normal());
        }
    }

    public static double LogDensity(ReadOnlySpan<double> mean, double variance, ReadOnlySpan<double> x)
    {
        var squares = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            squares += (x[i] - mean[i]) * (x[i] - mean[i]);
        }

        return (-0.5 * squares / variance) - (x.Length * (IndependentNormal.HalfLogTwoPi + (0.5 * Elementary.Log(variance))));
    }
}
