using Estimators.Simulators;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Simulators;

public sealed class GaussianLinearTests
{
    private const int Draws = 200_000;

    /// <summary>
    /// theta / sqrt(0.1) and (x - theta) / sqrt(0.1) are independent standard normal vectors, which is the whole model.
    /// </summary>
    /// <remarks>
    /// For D = 3: 6 means, 21 second moments and 6 fourth moments of the 6 standardized columns, each compared with its value under the model in units of
    /// its standard deviation (1, 1 or sqrt 2, sqrt 96, over sqrt n). False-alarm rate: 33 statistics beyond 6 deviations, each 2e-9 by the central limit
    /// theorem, so below 1e-7 a seed. Found with probability 0.97 (6 + 2 deviations, n = 200,000): a mean off by 0.018 standard deviations, a variance
    /// off by 2.5 %, a correlation of 0.018. A standard deviation in place of a variance (0.1 for 0.316) is off by thousands of deviations.
    /// </remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261124)]
    public void Parameters_and_noise_are_independent_normals_of_variance_one_tenth(int seed)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)seed);
        var task = new GaussianLinear(3);
        var theta = task.Prior.Sample(Draws, random);
        var x = task.Simulate(theta, random);
        var z = (cat([theta, x - theta], 1).to(ScalarType.Float64) / Math.Sqrt(0.1)).ToArray();

        const int columns = 6;
        foreach (var (name, deviation) in Deviations(z, columns))
        {
            Assert.True(Math.Abs(deviation) < 6, $"{name} is {deviation:F1} standard deviations off");
        }
    }

    [Fact]
    public void The_moment_test_sees_a_variance_off_by_three_percent() // a planted error
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var z = (randn([Draws, 2], dtype: ScalarType.Float64, generator: random) * Math.Sqrt(1.03)).ToArray();
        Assert.Contains(Deviations(z, 2), statistic => Math.Abs(statistic.Deviation) > 6);
    }

    /// <summary>Under the model x = theta + noise, precisions add: the closed form that the certificates are compared with.</summary>
    [Fact]
    public void The_exact_posterior_follows_from_prior_and_noise()
    {
        var precision = (1 / GaussianLinear.PriorVariance) + (1 / GaussianLinear.NoiseVariance);
        Assert.Equal(GaussianLinear.PosteriorVariance, 1 / precision, 15);
        Assert.Equal(GaussianLinear.PosteriorSlope, 1 / GaussianLinear.NoiseVariance / precision, 15);
    }

    [Fact]
    public void Sizes_follow_the_dimension()
    {
        var task = new GaussianLinear(4);
        Assert.Equal((4, 4), (task.ParameterCount, task.DataCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GaussianLinear(0));
    }

    private static IEnumerable<(string Name, double Deviation)> Deviations(double[] z, int columns)
    {
        var n = z.Length / columns;
        for (var i = 0; i < columns; i++)
        {
            yield return ($"mean {i}", Mean(row => z[row + i]) * Math.Sqrt(n));
            yield return ($"fourth moment {i}", (Mean(row => Math.Pow(z[row + i], 4)) - 3) * Math.Sqrt(n / 96.0));
            for (var j = 0; j <= i; j++)
            {
                var (expected, variance) = i == j ? (1, 2.0) : (0, 1.0);
                yield return ($"second moment {i}, {j}", (Mean(row => z[row + i] * z[row + j]) - expected) * Math.Sqrt(n / variance));
            }
        }

        double Mean(Func<int, double> value)
        {
            var sum = 0.0;
            for (var k = 0; k < n; k++)
            {
                sum += value(k * columns);
            }

            return sum / n;
        }
    }
}
