using Estimators.Simulators;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Simulators;

public sealed class TwoMoonsTests
{
    /// <summary>What is left of x after theta's part is a point (0.25 + r cos a, r sin a).</summary>
    /// <remarks>
    /// 100,000 draws: means of r and a, and their variances, within 6 standard errors of the model's (false alarms below 1e-7); r's standard deviation is seen to 2 %.
    /// </remarks>
    [Fact]
    public void The_crescent_has_the_stated_radius_and_angles()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7);
        var task = new TwoMoons();
        const int draws = 100_000;
        var (theta, x) = (task.Prior.Sample(draws, random), default(Tensor)!);
        x = task.Simulate(theta, random);
        var (t, data) = (theta.ToArray(), x.ToArray());
        Assert.All(t, value => Assert.InRange(value, -1, 1));
        var (radii, angles) = (new double[draws], new double[draws]);
        for (var k = 0; k < draws; k++)
        {
            var u = data[2 * k] - TwoMoons.Offset + (Math.Abs(t[2 * k] + t[(2 * k) + 1]) / Math.Sqrt(2));
            var v = data[(2 * k) + 1] - ((t[(2 * k) + 1] - t[2 * k]) / Math.Sqrt(2));
            (radii[k], angles[k]) = (Math.Sqrt((u * u) + (v * v)), Math.Atan2(v, u));
        }

        Near(radii, 0.1, 1e-4, 2e-8);
        Near(angles, 0, Math.PI * Math.PI / 12, Math.Pow(Math.PI, 4) * ((1 / 80.0) - (1 / 144.0)));
    }

    /// <summary>Mean and variance; <paramref name="ofSquares"/> is the variance of the squared deviation.</summary>
    private static void Near(double[] values, double mean, double variance, double ofSquares)
    {
        Assert.Equal(mean, values.Average(), 6 * Math.Sqrt(variance / values.Length));
        Assert.Equal(variance, values.Average(value => (value - mean) * (value - mean)), 6 * Math.Sqrt(ofSquares / values.Length));
    }
}
