using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

public sealed class RatioEstimatorTests
{
    [Theory]
    [InlineData(1, 3, HiddenFunction.Relu)]
    [InlineData(2, 2, HiddenFunction.Tanh)]
    public void Torch_the_onnx_runtime_and_the_importer_agree(int dimension, int data, HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        using var network = new RatioEstimator((randn([100, dimension], generator: random) * 1.5) + 0.4, (randn([100, data], generator: random) * 0.7) - 0.2, [16, 8], function, random);
        var (theta, x) = (Points.Draw(20, dimension, 5), Points.Draw(20, data, 6));
        var expected = network.LogRatio(Numbers.Matrix(theta).to(ScalarType.Float32), Numbers.Matrix(x).to(ScalarType.Float32)).ToArray();
        using var model = new ExportedModel(network.ToOnnx("ratio"));
        Assert.All(expected.Zip(model.Run("log_ratio", ("theta", theta), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(expected.Zip(model.Evaluate("log_ratio", ("theta", theta), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.True(expected.Max() - expected.Min() > 0.01);
    }

    /// <summary>
    /// The best classifier of gaussian_linear is f = theta·x / 0.1 - |theta|² / 0.2 - |x|² / 0.4 + ln 2 (the densities of x given theta and of x, N(theta, 0.1 I) and N(0, 0.2 I), in two dimensions).
    /// Eight epochs come within 0.15 of it on average over joint draws, where f has a standard deviation of 1.1.
    /// </summary>
    [Fact]
    public void Training_repeats_and_comes_near_the_exact_ratio()
    {
        using var scope = NewDisposeScope();
        var task = new GaussianLinear(2);
        using var first = Catalogue.Train(task, "ratio", 3, epochs: 8);
        using var second = Catalogue.Train(task, "ratio", 3, epochs: 8);
        Assert.Equal(first.Network.ToOnnx("ratio"), second.Network.ToOnnx("ratio"));
        var (theta, x) = SimulatedTensors.Draw(task, 9, "test", 4096);
        var exact = ((theta * x).sum(1) / 0.1) - (theta.square().sum(1) / 0.2) - (x.square().sum(1) / 0.4) + Math.Log(2);
        var error = (((RatioEstimator)first.Network).LogRatio(theta, x) - exact).abs().mean().item<float>();
        Assert.InRange(error, 0, 0.15);
        Assert.InRange(first.ValidationLoss, 0.9, 2 * Math.Log(2) - 0.2);
    }
}
