using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

public sealed class FlowMatchingTests
{
    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(2, 2, 10)]
    [InlineData(3, 1, 4)]
    public void Torch_the_onnx_runtime_and_the_importer_agree(int dimension, int data, int steps)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        using var network = new FlowMatching((randn([100, dimension], generator: random) * 1.5) + 0.4, (randn([100, data], generator: random) * 0.7) - 0.2, steps, [16, 8], random);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * 0.2);
            }
        }

        var (z, x) = (Points.Draw(20, dimension, 5), Points.Draw(20, data, 6));
        var expected = network.Sample(Numbers.Matrix(z).to(ScalarType.Float32), Numbers.Matrix(x).to(ScalarType.Float32)).ToArray();
        using var model = new ExportedModel(network.ToOnnx("sampler"));
        Assert.All(expected.Zip(model.Run("theta", ("z", z), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.All(expected.Zip(model.Evaluate("theta", ("z", z), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    /// <summary>
    /// Samples at one x have about the mean x / 2 and the standard deviation sqrt 0.05 = 0.224 of the exact posterior. 20,000 draws have standard errors of 0.0016 and 0.0011; the rest of the
    /// allowance of 0.05 is for a short training and ten steps. A sampler that ignores x is off by 0.3, one that keeps the prior's deviation by 0.09.
    /// </summary>
    [Fact]
    public void Training_repeats_and_samples_have_about_the_moments_of_the_exact_posterior()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(9);
        var task = new GaussianLinear(2);
        using var first = Catalogue.Train(task, "flow-matching", 3, epochs: 10);
        using var second = Catalogue.Train(task, "flow-matching", 3, epochs: 10);
        Assert.Equal(first.Network.ToOnnx("sampler"), second.Network.ToOnnx("sampler"));
        const int draws = 20_000;
        var theta = ((FlowMatching)first.Network).Sample(randn([draws, 2], generator: random), tensor(new[] { 0.6f, -0.6f }).unsqueeze(0).expand(draws, 2));
        var (mean, deviation) = (theta.mean([0]).ToArray(), theta.std(dim: 0).ToArray());
        Assert.Equal(0.3, mean[0], 0.05);
        Assert.Equal(-0.3, mean[1], 0.05);
        Assert.All(deviation, value => Assert.Equal(Math.Sqrt(GaussianLinear.PosteriorVariance), value, 0.05));
    }
}
