using System.Runtime.InteropServices;
using System.Text.Json;
using Certify;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Claims;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Formats.Spec;
using Xunit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Tests.Training;

/// <summary>Layers with a built-in Lipschitz bound.</summary>
public sealed class LipschitzLawTests
{
    public static TheoryData<string> Methods => ["orthogonal", "sandwich"];

    [Theory]
    [InlineData(7, 7)]
    [InlineData(12, 5)]
    public void The_Cayley_transform_has_orthonormal_columns(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(2);
        var q = LipschitzLaw.Cayley(randn([rows, columns], generator: random) * 2);
        Assert.Equal(0, (q.t().matmul(q) - eye(columns, dtype: ScalarType.Float64)).abs().max().item<double>(), 1e-12);
    }

    /// <summary>A turn by 2 atan a.</summary>
    [Fact]
    public void The_Cayley_transform_of_two_by_two_is_a_turn()
    {
        using var scope = NewDisposeScope();
        const double a = 0.3;
        var q = LipschitzLaw.Cayley(Numbers.Matrix([5, a], [0, -2])).ToArray();
        double[] expected = [1 - (a * a), -2 * a, 2 * a, 1 - (a * a)];
        Assert.All(q.Index(), entry => Assert.Equal(expected[entry.Index] / (1 + (a * a)), entry.Item, 1e-12));
    }

    /// <summary>Of random networks whose last layer asks for more than the bound: the file's weights, as real numbers.</summary>
    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(3, 2)]
    [InlineData(20, 12)]
    public void Exported_orthogonal_matrices_have_the_stated_norms(double bound, int data)
    {
        using var scope = NewDisposeScope();
        using var network = Held(new OrthogonalLaw(bound), data, dimension: 2, [10, 16, 8]);
        var matrices = Matrices(network.ToOnnx("q"));
        foreach (var (name, rows, columns) in (ReadOnlySpan<(string, long, long)>)[("body_0", 10, data), ("body_1", 16, 10), ("body_2", 8, 16)])
        {
            var values = linalg.svdvals(matrices[name]);
            Assert.Equal([rows, columns], matrices[name].shape);
            Assert.InRange(values.max().item<double>(), 0.9999, 1);
            Assert.InRange(values.min().item<double>(), 0.9999, 1);
        }

        var scales = network.ParameterDeviations();
        var last = cat([matrices["mean"] / tensor(scales).unsqueeze(1), matrices["raw_diagonal"], matrices["cholesky_lower"] / scales[1]]);
        Assert.InRange(linalg.svdvals(last).max().item<double>(), 0.9 * bound, bound);
    }

    /// <summary>
    /// LipSDP (M. Fazlyab et al., NeurIPS 2019): with T = Ψ², [gamma I, -W_1ᵀT_1; -T_1 W_1, 2 T_1, -W_2ᵀT_2; ...; -W_L, gamma I] is positive semidefinite, which bounds the network by gamma; for 1.02 times the last weight it is not,
    /// since every sandwich layer is tight.
    /// </summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(6)]
    public void Sandwich_weights_meet_the_matrix_inequality(double bound)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(5);
        using var network = new Perceptron([3, 8, 6, 4], HiddenFunction.Relu, random, lastScale: 1);
        network.Hold(new SandwichLaw(bound), random);
        var scales = network.named_parameters().Where(one => one.name.StartsWith("log_scale", StringComparison.Ordinal)).Select(one => one.parameter).ToArray();
        Assert.Equal(2, scales.Length);
        foreach (var scale in scales)
        {
            scale.copy_(randn(scale.shape, generator: random) * 0.5);
        }

        var weights = network.Maps().Select(map => map.Weight.to(ScalarType.Float64)).ToArray();
        Assert.True(Least(weights) >= 0);
        weights[2] = weights[2] * 1.02;
        Assert.True(Least(weights) < 0);

        double Least(Tensor[] w)
        {
            Tensor[] t = [.. scales.Select(scale => diag_embed((scale.to(ScalarType.Float64) * 2).exp()))];
            Tensor Zero(int rows, int columns) => zeros([rows, columns], dtype: ScalarType.Float64);
            Tensor Gamma(int size) => eye(size, dtype: ScalarType.Float64) * bound;
            var (first, second) = (-t[0].matmul(w[0]), -t[1].matmul(w[1]));
            var whole = cat([
                cat([Gamma(3), first.t(), Zero(3, 6), Zero(3, 4)], 1),
                cat([first, t[0] * 2, second.t(), Zero(8, 4)], 1),
                cat([Zero(6, 3), second, t[1] * 2, -w[2].t()], 1),
                cat([Zero(4, 3), Zero(4, 8), -w[2], Gamma(4)], 1)]);
            return linalg.eigvalsh(whole).min().item<double>();
        }
    }

    /// <summary>Largest gain at 2,000 random pairs, near and far, and of derivatives; the orthogonal network comes near its bound.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void No_pair_moves_by_more_than_the_bound(string method)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(6);
        const double bound = 3;
        using var network = Held(method == "orthogonal" ? new OrthogonalLaw(bound) : new SandwichLaw(bound), 3, 2, [16, 16]);
        var (from, steps) = (randn([2000, 3], generator: random), randn([2000, 3], generator: random) * logspace(-3, 1, 2000).unsqueeze(1));
        var gains = (network.Raw(from) - network.Raw(from + steps)).norm(1) / steps.norm(1);
        Assert.True(gains.max().item<float>() <= bound * (1 + 1e-4)); // differences of float32 numbers over steps of 1e-3
        var slopes = linalg.svdvals(network.Perceptrons.Single().WithJacobian(from).Jacobian).max().item<float>();
        Assert.InRange(slopes, method == "orthogonal" ? 0.7 * bound : 0.1 * bound, bound);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Exported_models_compute_what_the_module_does(string method)
    {
        using var scope = NewDisposeScope();
        using var network = Held(method == "orthogonal" ? new OrthogonalLaw(3) : new SandwichLaw(3), 3, 2, [16, 16]);
        var x = Points.Draw(50, 3, 4);
        using var model = new ExportedModel(network.ToOnnx("q"));
        var raw = network.Raw(network.Standardize(Numbers.Matrix(x).to(ScalarType.Float32))).ToArray();
        var (inRuntime, imported) = (model.Run("cholesky_lower", ("x", x)), model.Evaluate("cholesky_lower", ("x", x)));
        for (var row = 0; row < x.Length; row++)
        {
            var expected = raw[(row * 6) + 5] * network.ParameterDeviations()[1];
            Assert.Equal(expected, inRuntime[row], 1e-4);
            Assert.Equal(expected, imported[row], 1e-4);
        }
    }

    /// <summary>
    /// Trained, then asked over the box of one standard deviation: the certified enclosure of the Wasserstein-2 Lipschitz constant begins below what the layers promise, gamma max s / min (standard deviation of x). An enclosure that
    /// ends above it would not be wrong, but this one closes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void The_certified_constant_is_at_most_the_stated_one(string method)
    {
        var training = new PosteriorTraining { Simulations = 640, Epochs = 5, BatchSize = 64, HiddenSizes = [8, 8], LearningRate = 1e-2, Method = TrainingMethod.Of(method).With(2) };
        using var trained = training.Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4);
        using var model = new ExportedModel(trained.Network.ToOnnx("q"));
        var family = FamilyDescription.Parse(JsonDocument.Parse(trained.Network.FamilyText).RootElement);
        var estimator = new Estimator(model.Imported, family.Bind(model.Imported), new string('0', 64), "q");
        var claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = Metric.Wasserstein2, Norm = Norm.L2, DomainLower = [-0.4, -0.4], DomainUpper = [0.4, 0.4] };
        var found = new Certifier { Curve = false, MostParts = 2000, RelativeGap = 0.05 }.Run(estimator, family, claim).Result;
        var stated = 2 * ((MixturePosterior)trained.Network).ParameterDeviations().Max() / trained.Network.DataScale().Min();
        Assert.InRange(found.Lower, 0.3, stated);
        Assert.InRange(found.Upper, found.Lower, stated);
    }

    private static MixturePosterior Held(LipschitzLaw law, int data, int dimension, int[] hidden)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var network = new MixturePosterior(
            (randn([100, dimension], generator: random) * arange(1, dimension + 1)) + 0.4, (randn([100, data], generator: random) * 0.7) - 0.2, 1, hidden, HiddenFunction.Relu, random);
        using var constant = no_grad();
        network.Perceptrons.Single().Layers[^1].Weight.mul_(law is OrthogonalLaw ? 1000 : 5);
        network.Perceptrons.Single().Hold(law, random);
        return network;
    }

    private static Dictionary<string, Tensor> Matrices(byte[] model) => ModelProto.Parser.ParseFrom(model).Graph.Initializer
        .Where(stored => stored.Name.EndsWith(".weight", StringComparison.Ordinal))
        .ToDictionary(
            stored => stored.Name[..^".weight".Length],
            stored => tensor([.. MemoryMarshal.Cast<byte, float>(stored.RawData.Span).ToArray().Select(value => (double)value)], [.. stored.Dims], dtype: ScalarType.Float64));
}
