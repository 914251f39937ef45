using Estimators.Distributions;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Distributions;

public sealed class IsotropicGaussianTests
{
    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(-1, 1.0)]
    [InlineData(2, 0.0)]
    [InlineData(2, -0.1)]
    [InlineData(2, double.NaN)]
    [InlineData(2, double.PositiveInfinity)]
    public void Parameters_out_of_range_are_refused(int length, double variance) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IsotropicGaussian(length, variance));

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(3, 2.5)]
    public void LogProb_is_the_sum_of_normal_log_densities(int length, double variance)
    {
        double[][] points = [[.. Enumerable.Range(0, length).Select(i => 0.3 - i)], new double[length], [.. Enumerable.Range(0, length).Select(i => 1e-3 * (i + 1))]];
        using var x = Numbers.Matrix(points);
        using var logProb = new IsotropicGaussian(length, variance).LogProb(x);

        var sigma = Math.Sqrt(variance);
        var expected = points.Select(point => point.Sum(t => Math.Log(Math.Exp(-t * t / (2 * sigma * sigma)) / (sigma * Math.Sqrt(2 * Math.PI)))));
        Assert.Equal([points.Length], logProb.shape);
        Assert.All(expected.Zip(logProb.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void The_same_seed_gives_the_same_draws()
    {
        var gaussian = new IsotropicGaussian(2, 0.5);
        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));

        double[] Draw(ulong seed)
        {
            using var random = new Generator(seed);
            using var draws = gaussian.Sample(5, random);
            return draws.ToArray();
        }
    }

    [Fact]
    public void ToString_names_variance_and_length() => Assert.Equal("N(0, 0.1 I) in 2 dimensions", new IsotropicGaussian(2, 0.1).ToString());
}
