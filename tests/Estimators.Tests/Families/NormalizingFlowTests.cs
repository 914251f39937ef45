using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Estimators.Families;
using Estimators.Families.Flows;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

/// <remarks>
/// Mutants seen to fail: the logarithm c added with the wrong sign; the scales of the standardization left out of the constant; the parts of the exported output layer exchanged;
/// layers undone in the order in which they were done; masks not applied; the Jacobian of the logarithm left out of the exported graph.
/// </remarks>
public sealed class NormalizingFlowTests
{
    /// <summary>A density has integral 1: midpoint sums over a grid that leaves out less than 1e-6 of the mass see every error of the log-determinant above 1e-3.</summary>
    [Theory]
    [InlineData("coupling-flow", HiddenFunction.Tanh, 1)]
    [InlineData("coupling-flow", HiddenFunction.Tanh, 4)]
    [InlineData("coupling-flow", HiddenFunction.Relu, 2)]
    [InlineData("autoregressive-flow", HiddenFunction.Tanh, 1)]
    [InlineData("autoregressive-flow", HiddenFunction.Relu, 4)]
    public void The_density_integrates_to_one(string family, HiddenFunction function, int depth)
    {
        using var flow = Example(family, 2, function, depth);
        Assert.Equal(1, Mass(flow, 20, 500), 1e-3);
    }

    /// <summary>Over positive parameters the sum is over their logarithms, with the Jacobian of that. Splines: a coarser grid, and weights nearer zero, so that no spike falls between its points.</summary>
    [Theory]
    [InlineData("coupling-flow", 2, true, 0.2)]
    [InlineData("spline-flow", 1, false, 0.2)]
    [InlineData("spline-flow", 3, false, 0.1)]
    [InlineData("spline-flow", 2, true, 0.1)]
    public void So_it_does_with_splines_and_for_positive_parameters(string family, int depth, bool isPositive, double size)
    {
        using var flow = Example(family, 2, HiddenFunction.Tanh, depth, isPositive, size);
        Assert.Equal(1, Mass(flow, isPositive ? 5 : 12, 300), 2e-3);
    }

    /// <summary>float32 sums of a few dozen terms through depth layers: 1e-4 is 16 units in the last place of the largest value here; a wrong weight, sign or order shows in the first digits.</summary>
    [Theory]
    [InlineData("coupling-flow", 2, HiddenFunction.Tanh, false)]
    [InlineData("coupling-flow", 2, HiddenFunction.Relu, true)]
    [InlineData("coupling-flow", 5, HiddenFunction.Tanh, false)]
    [InlineData("autoregressive-flow", 1, HiddenFunction.Relu, false)]
    [InlineData("autoregressive-flow", 5, HiddenFunction.Tanh, false)]
    [InlineData("spline-flow", 1, HiddenFunction.Tanh, false)]
    [InlineData("spline-flow", 2, HiddenFunction.Tanh, true)]
    [InlineData("spline-flow", 5, HiddenFunction.Relu, false)]
    public void Torch_the_onnx_runtime_and_the_importer_agree(string family, int dimension, HiddenFunction function, bool isPositive)
    {
        using var scope = NewDisposeScope();
        using var flow = Example(family, dimension, function, 4, isPositive);
        var (theta, x) = (Points.Draw(20, dimension, 5), Points.Draw(20, 3, 6));
        theta = isPositive ? [.. theta.Select(row => row.Select(value => (double)(float)Math.Exp(value)).ToArray())] : theta;
        var expected = flow.LogProb(Numbers.Matrix(theta).to(ScalarType.Float32), Numbers.Matrix(x).to(ScalarType.Float32)).ToArray();
        using var model = new ExportedModel(flow.ToOnnx("flow"));
        Assert.All(expected.Zip(model.Run("log_density", ("theta", theta), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * (1 + Math.Abs(pair.First))));
        Assert.All(expected.Zip(model.Evaluate("log_density", ("theta", theta), ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * (1 + Math.Abs(pair.First))));
    }

    /// <summary>Noise goes to theta and back. float32: a layer's inverse stretches by up to e² and by slopes of a spline far from 1, and rounding with it; a wrong root or a wrong order is off in the first digit.</summary>
    [Theory]
    [InlineData("coupling-flow", 3, false)]
    [InlineData("autoregressive-flow", 1, false)]
    [InlineData("autoregressive-flow", 4, true)]
    [InlineData("spline-flow", 1, false)]
    [InlineData("spline-flow", 3, true)]
    public void The_inverse_undoes_the_flow(string family, int dimension, bool isPositive)
    {
        using var scope = NewDisposeScope();
        using var flow = Example(family, dimension, HiddenFunction.Tanh, 3, isPositive);
        var (z, x) = (Numbers.Matrix(Points.Draw(500, dimension, 5)).to(ScalarType.Float32), Numbers.Matrix(Points.Draw(500, 3, 6)).to(ScalarType.Float32));
        var again = flow.Normalize(flow.Sample(z, x), x).ToArray();
        Assert.All(z.ToArray().Zip(again), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * (1 + Math.Abs(pair.First))));
        using var first = new Generator(3);
        using var second = new Generator(3);
        Assert.Equal(flow.Draw(x[0], 40, first).ToArray(), flow.Draw(x[0], 40, second).ToArray());
    }

    /// <summary>In an order that turns from layer to layer: of one layer, z_i depends on u_1 ... u_i; of the next, on u_i ... u_D. The derivatives that must not be there are 0 exactly, the others are not.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_jacobian_of_an_autoregressive_layer_is_triangular(int k)
    {
        const int dimension = 4;
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var layer = AutoregressiveLayer.Of(k, dimension, 2, new AffineMap(), [9, 7], HiddenFunction.Tanh, random);
        using (no_grad())
        {
            foreach (var (weight, _) in layer.Conditioner.Layers)
            {
                // Weights that are masked too, as a file from elsewhere might have them.
                weight.copy_(randn(weight.shape, generator: random));
            }
        }

        var u = randn([1, dimension], generator: random).requires_grad_(true);
        var z = layer.Forward(u, randn([1, 2], generator: random)).Result;
        for (var i = 0; i < dimension; i++)
        {
            var slopes = autograd.grad([z[0, i]], [u], retain_graph: true)[0].ToArray();
            for (var j = 0; j < dimension; j++)
            {
                Assert.Equal(k == 0 ? j <= i : j >= i, slopes[j] != 0);
            }
        }
    }

    /// <summary>Masked weights are 0 from the start and stay so: what a method reads of the matrices is what the network computes with, and what is exported.</summary>
    [Fact]
    public void Training_leaves_masked_weights_at_zero()
    {
        var task = new GaussianLinear(3);
        using var trained = (Catalogue.Training(task, "autoregressive-flow") with { Simulations = 500, Epochs = 3, Method = TrainingMethod.Of("spectral") }).Train(new SimulatedPairs(task, 4, "training"), 4);
        Assert.All(trained.Network.Perceptrons, part => Assert.All(part.Layers.Zip(part.Maps()), layer => Assert.Equal(layer.Second.Weight.ToArray(), layer.First.Weight.ToArray())));
        Assert.All(trained.Network.Perceptrons, part => Assert.Contains(0.0, part.Layers[0].Weight.ToArray()));
    }

    /// <summary>
    /// Draws from a trained flow are told from those of N(x / 2, 0.05 I) little more often than two samples of one law are: 1,000 of each, accuracy 1/2 with a standard deviation of 0.011. Draws whose layers are undone in the wrong
    /// order, or without the last scale, are told at 0.7 and more.
    /// </summary>
    [Theory]
    [InlineData("coupling-flow")]
    [InlineData("autoregressive-flow")]
    [InlineData("spline-flow")]
    public void Draws_are_those_of_the_exact_posterior(string family)
    {
        var task = new GaussianLinear(2);
        using var trained = (Catalogue.Training(task, family) with { Simulations = 10_000, Epochs = 8, BatchSize = 100, LearningRate = 2e-3, Averaging = 0.99, WarmUp = 0 }).Train(new SimulatedPairs(task, 5, "training"), 5);
        using var scope = NewDisposeScope();
        using var random = new Generator(6);
        double[] x = [0.4, -0.2];
        var draws = ((NormalizingFlow)trained.Network).Draw(tensor(x, dtype: ScalarType.Float32), 1000, random);
        var exact = (randn(1000, 2, generator: random) * Math.Sqrt(GaussianLinear.PosteriorVariance)) + (tensor(x, dtype: ScalarType.Float32) * 0.5);
        Assert.InRange(new TwoSampleClassifier().Accuracy([.. exact.ToArray().Chunk(2)], [.. draws.ToArray().Chunk(2)], 1), 0.4, 0.58);
    }

    /// <summary>The certified end of a change of density over a small box is above what an attack attains, and near, after 40 parts: within a tenth for affine coupling layers, at most twice as much for splines. The checker derives it again.</summary>
    [Theory]
    [InlineData("coupling-flow", false, 1.1)]
    [InlineData("autoregressive-flow", false, 1.3)]
    [InlineData("spline-flow", false, 2)]
    [InlineData("spline-flow", true, 2)]
    public void A_change_of_density_is_certified_and_checked(string family, bool isPositive, double most)
    {
        using var flow = Example(family, 2, HiddenFunction.Tanh, 2, isPositive, size: 0.05);
        var model = flow.ToOnnx("flow");
        var network = OnnxImporter.Read(model, "flow");
        var description = FamilyDescription.Parse(JsonDocument.Parse(flow.FamilyText).RootElement);
        var estimator = new Estimator(network, description.Bind(network), Convert.ToHexStringLower(SHA256.HashData(model)), "flow");
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.LogDensity,
            Norm = Norm.Linf,
            Radius = [0.01, 0.01, 0.01],
            Observation = [0.3, -0.8, 0.1],
            ParameterLower = [1, 1.2],
            ParameterUpper = [1.1, 1.3],
        };
        var (result, certificate) = new Certifier { RelativeGap = 0.05, Curve = false, MostParts = 40, TimeLimit = TimeSpan.FromMinutes(5), Threads = 1 }.Run(estimator, description, claim);
        Assert.InRange(result.Lower, 1e-4, result.Upper);
        Assert.InRange(result.Upper / result.Lower, 1, most);
        var report = CertificateChecker.Check(certificate, model);
        Assert.True(report.Accepted, report.Reason);
    }

    /// <summary>The expected loss of any q is at least the entropy of theta given x, ln(2πe 0.05) = -0.157 nats in two dimensions, up to sampling: 16,384 draws have a standard error of 0.008.</summary>
    [Fact]
    public void Training_repeats_and_comes_near_the_entropy_of_the_exact_posterior()
    {
        using var first = Catalogue.Train(new GaussianLinear(2), "coupling-flow", 3, epochs: 8);
        using var second = Catalogue.Train(new GaussianLinear(2), "coupling-flow", 3, epochs: 8);
        Assert.Equal(first.Network.ToOnnx("flow"), second.Network.ToOnnx("flow"));
        Assert.Equal(first.ValidationLoss, second.ValidationLoss);
        Assert.InRange(first.ValidationLoss, Math.Log(2 * Math.PI * Math.E * GaussianLinear.PosteriorVariance) - 0.05, -0.10);
    }

    [Fact]
    public void One_parameter_is_too_few_for_an_affine_coupling()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var table = randn([10, 1], generator: random);
        var problem = Assert.Throws<ArgumentException>(() => new CouplingFlow(table, table, 2, [4], HiddenFunction.Tanh, random));
        Assert.Contains("at least two parameters", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_flow_can_take_is_refused()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var table = randn([10, 2], generator: random);
        Assert.Contains("must be positive; got -", Assert.Throws<ArgumentException>(() => new SplineFlow(table, table, 2, [4], HiddenFunction.Tanh, random, isPositive: true)).Message, StringComparison.Ordinal);
        Assert.Contains("GroupSort mixes", Assert.Throws<ArgumentException>(() => new AutoregressiveFlow(table, table, 2, [4], HiddenFunction.GroupSort, random)).Message, StringComparison.Ordinal);
        using var flow = Example("spline-flow", 2, HiddenFunction.Tanh, 1);
        Assert.Contains("one data set of 3 numbers", Assert.Throws<ArgumentException>(() => flow.Draw(table, 5, random)).Message, StringComparison.Ordinal);
    }

    /// <summary>A flow with weights far from zero, standardized by columns with other means and scales than 0 and 1.</summary>
    internal static NormalizingFlow Example(string family, int dimension, HiddenFunction function, int depth, bool isPositive = false, double size = 0.2)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (theta, x) = ((randn([100, dimension], generator: random) * (isPositive ? 0.5 : 1.5)) + 0.4, (randn([100, 3], generator: random) * 0.7) - 0.2);
        theta = isPositive ? theta.exp() : theta;
        NormalizingFlow flow = family switch
        {
            "coupling-flow" => new CouplingFlow(theta, x, depth, [16, 8], function, random, isPositive),
            "autoregressive-flow" => new AutoregressiveFlow(theta, x, depth, [16, 8], function, random, isPositive),
            _ => new SplineFlow(theta, x, depth, [16, 8], function, random, isPositive),
        };
        Assert.Equal(family, flow.Family);
        using (no_grad())
        {
            foreach (var parameter in flow.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * size);
            }
        }

        return flow;
    }

    /// <summary>The integral over all theta at one x.</summary>
    private static double Mass(NormalizingFlow flow, double reach, int cells)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var side = 2 * reach / cells;
        var axis = ((arange(cells, dtype: ScalarType.Float64) + 0.5) * side) - reach;
        var total = 0.0;
        for (var row = 0; row < cells; row += 50)
        {
            using var inner = NewDisposeScope();
            var learned = stack([axis.narrow(0, row, 50).repeat_interleave(cells), axis.repeat(50)], 1);
            var theta = (flow.IsPositive ? learned.exp() : learned).to(ScalarType.Float32);
            var x = tensor(new[] { 0.3f, -0.8f, 0.1f }).unsqueeze(0).expand(50 * cells, 3);
            var logs = flow.LogProb(theta, x).to(ScalarType.Float64) + (flow.IsPositive ? learned.sum(1) : 0);
            total += logs.exp().sum().item<double>() * side * side;
        }

        return total;
    }
}
