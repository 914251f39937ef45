using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

public sealed class DeepSetsTests
{
    [Theory]
    [InlineData(Pooling.Mean, 1, 7)]
    [InlineData(Pooling.Mean, 2, 50)]
    [InlineData(Pooling.Sum, 2, 5)]
    [InlineData(Pooling.Max, 3, 4)]
    public void Torch_the_onnx_runtime_and_the_importer_agree(Pooling pooling, int length, int count)
    {
        using var scope = NewDisposeScope();
        using var network = Example(pooling, length, count);
        var x = Points.Draw(12, length * count, 5);
        var (mean, deviation) = network.Posterior(Numbers.Matrix(x).to(ScalarType.Float32));
        using var model = new ExportedModel(network.ToOnnx("sets"));
        foreach (var (name, expected) in new[] { ("mean", mean.ToArray()), ("standard_deviation", deviation.ToArray()) })
        {
            Assert.All(expected.Zip(model.Run(name, ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            Assert.All(expected.Zip(model.Evaluate(name, ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            Assert.True(expected.Max() - expected.Min() > 0.01);
        }
    }

    /// <summary>The order of points changes nothing but the rounding of sums; that of coordinates within the points does.</summary>
    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.Sum)]
    [InlineData(Pooling.Max)]
    public void The_exported_posterior_does_not_know_the_order_of_the_points(Pooling pooling)
    {
        using var scope = NewDisposeScope();
        using var network = Example(pooling, 2, 6);
        using var model = new ExportedModel(network.ToOnnx("sets"));
        var x = Points.Draw(8, 12, 5);
        double[][] permuted = [.. x.Select(row => (double[])[.. row.Chunk(2).Reverse().SelectMany(point => point)])];
        double[][] turned = [.. x.Select(row => (double[])[.. row.Chunk(2).SelectMany(point => point.Reverse())])];
        var expected = model.Evaluate("mean", ("x", x));
        Assert.All(expected.Zip(model.Evaluate("mean", ("x", permuted))), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(expected.Zip(model.Run("mean", ("x", permuted))), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Contains(expected.Zip(model.Evaluate("mean", ("x", turned))), pair => Math.Abs(pair.First - pair.Second) > 1e-3);
    }

    /// <summary>
    /// The loss of a Gaussian with these mean and deviations, worked out here; and after 8 epochs it lies between the least that any density can have, about -0.4 nats (entropies of mu and l given 20
    /// points of known scale and mean, ln sqrt(2πe / 20) + ln sqrt(2πe / 40)), and the prior's entropy, ln 2πe + ln 0.5 = 2.14.
    /// </summary>
    [Fact]
    public void Training_repeats_and_the_loss_is_that_of_the_gaussian()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(9);
        var task = new ExchangeableGaussian(20);
        using var first = Catalogue.Train(task, "deep-sets", 3, epochs: 3);
        using var second = Catalogue.Train(task, "deep-sets", 3, epochs: 3);
        Assert.Equal(first.Network.ToOnnx("sets"), second.Network.ToOnnx("sets"));
        Assert.InRange(first.ValidationLoss, -0.6, 0.5);

        var (theta, x) = SimulatedTensors.Draw(task, 4, "test", 64);
        var (mean, deviation) = ((DeepSets)first.Network).Posterior(x);
        var (t, m, s) = (theta.ToArray(), mean.ToArray(), deviation.ToArray());
        var loss = t.Select((value, i) => (0.5 * Math.Pow((value - m[i]) / s[i], 2)) + Math.Log(s[i]) + (0.5 * Math.Log(2 * Math.PI))).Sum() / 64;
        Assert.Equal(loss, first.Network.Loss(theta, x, random).item<float>(), 1e-4);
    }

    [Fact]
    public void Data_that_are_no_sample_are_refused()
    {
        var problem = Assert.Throws<ArgumentException>(() => Catalogue.Train(new TwoMoons(), "deep-sets", 1, epochs: 1));
        Assert.Contains("needs exchangeable points", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>mu and l are the prior's draws, and (x - mu) / exp(l) is standard normal: means, variances and the correlation of neighbours within 6 standard errors (80,000 numbers of 20,000 samples).</summary>
    [Fact]
    public void The_task_draws_independent_points_of_the_stated_mean_and_scale()
    {
        using var scope = NewDisposeScope();
        var task = new ExchangeableGaussian(4);
        const int draws = 20_000;
        var (theta, x) = SimulatedTensors.Draw(task, 4, "test", draws);
        var (t, z) = (theta.ToArray(), ((x - theta.narrow(1, 0, 1)) / theta.narrow(1, 1, 1).exp()).ToArray());
        Near([.. t.Where((_, i) => i % 2 == 0)], 1);
        Near([.. t.Where((_, i) => i % 2 == 1)], 0.25);
        Near(z, 1);
        Near([.. z.Where((_, i) => i % 2 == 0).Zip(z.Where((_, i) => i % 2 == 1), (a, b) => (a + b) / Math.Sqrt(2))], 1);
    }

    private static void Near(double[] values, double variance)
    {
        Assert.Equal(0, values.Average(), 6 * Math.Sqrt(variance / values.Length));
        Assert.Equal(variance, values.Average(value => value * value), 6 * variance * Math.Sqrt(2.0 / values.Length));
    }

    private static DeepSets Example(Pooling pooling, int length, int count)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var network = new DeepSets(randn([100, 2], generator: random), (randn([100, length * count], generator: random) * 0.7) - 0.2, length, 5, 16, pooling, random);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * 0.3);
            }
        }

        return network;
    }
}
