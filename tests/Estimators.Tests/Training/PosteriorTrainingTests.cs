using System.Globalization;
using System.Text.Json;
using Certify;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Training;

/// <remarks>
/// Mutants seen to fail: patience counted from the best epoch alone; epochs of the warm-up passed over whatever the method, or kept whatever the method; the step count of AdamW not read from the saved state; weights instead of their absolute values in <c>Perceptron.Bound</c>; rows of the exported triangle scaled as the row before.
/// </remarks>
public sealed class PosteriorTrainingTests
{
    private static readonly PosteriorTraining Small = new() { Simulations = 640, Epochs = 6, BatchSize = 64, HiddenSizes = [12], LearningRate = 1e-2 };

    public static TheoryData<string> Methods => [.. TrainingMethod.All.Select(method => method.Name)];

    /// <summary>A network that ignores x has a loss of at least ln(2πe 0.1) = 0.54 nats (the prior's entropy); the exact posterior has -0.16.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Each_method_learns_and_goes_on_from_a_checkpoint_with_the_same_bits(string method)
    {
        var training = Small with { Method = TrainingMethod.Of(method), Components = 2 };
        var pairs = new SimulatedPairs(new GaussianLinear(2), 4, "training");
        var states = new List<byte[]>();
        using var whole = training.Train(pairs, 4, save: states.Add);
        using var resumed = training.Train(pairs, 4, saved: states[2]);
        Assert.Equal(whole.Network.ToOnnx("q"), resumed.Network.ToOnnx("q"));
        Assert.Equal(whole.ToCsv(), resumed.ToCsv());
        Assert.InRange(whole.Best.Surprise, -0.3, 0.45);
        Assert.Equal(training.Epochs + 1, whole.ToCsv().TrimEnd('\n').Split('\n').Length);
    }

    /// <summary>A network that learns 40 pairs by heart is best early: kept is the best epoch, or the best after the warm-up where demands rise in it.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Epochs_of_the_warm_up_are_kept_only_where_nothing_rises_in_it(string method)
    {
        var training = Small with { Simulations = 44, Epochs = 20, BatchSize = 10, HiddenSizes = [64], WarmUp = 0.9, LearningRate = 5e-2, Method = TrainingMethod.Of(method) };
        using var trained = training.Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4);
        var rises = method is not ("plain" or "spectral" or "orthogonal" or "sandwich");
        Assert.Equal(trained.Epochs.Skip(rises ? 18 : 0).MinBy(one => one.Validation), trained.Best);
        Assert.InRange(trained.Epochs.MinBy(one => one.Validation)!.Epoch, 1, 18);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Patience_begins_behind_the_warm_up(string method)
    {
        var training = Small with { Simulations = 44, Epochs = 40, BatchSize = 10, HiddenSizes = [64], WarmUp = 0.5, Patience = 3, LearningRate = 5e-2, Method = TrainingMethod.Of(method) };
        using var trained = training.Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4);
        Assert.Equal(Math.Min(40, Math.Max(trained.Best.Epoch, 21) + 3), trained.Epochs.Length);
    }

    /// <summary>What was trained elsewhere is the same network on the CPU; to train on the CPU by name changes nothing.</summary>
    [Theory]
    [InlineData("gaussian", "sandwich")]
    [InlineData("gaussian", "orthogonal")]
    [InlineData("coupling-flow", "spectral")]
    [InlineData("vae-encoder", "plain")]
    public void A_network_comes_home_with_the_same_bits(string family, string method)
    {
        var task = Catalogue.Task("gaussian_linear");
        var training = Catalogue.Training(task, family) with { Simulations = 400, Epochs = 2, BatchSize = 90, Method = TrainingMethod.Of(method) };
        var pairs = new SimulatedPairs(task, 4, "training");
        using var named = (training with { Device = CPU }).Train(pairs, 4);
        var trained = training.Train(pairs, 4);
        var bytes = trained.Network.ToOnnx("q");
        Assert.Equal(bytes, named.Network.ToOnnx("q"));

        using var scope = NewDisposeScope();
        var (theta, x) = SimulatedTensors.Take(new SimulatedPairs(task, 5, "training"), 400); // others: units must come along too
        using var home = training.Home(trained.Network, theta, x, 360, 4);
        Assert.Equal(bytes, home.ToOnnx("q"));
    }

    /// <summary>The average of the weights is part of the state; what the losses draw (flow matching) is drawn again.</summary>
    [Theory]
    [InlineData("gaussian_linear", "coupling-flow")]
    [InlineData("gaussian_linear", "ratio")]
    [InlineData("exchangeable_gaussian", "deep-sets")]
    [InlineData("gaussian_linear", "flow-matching")]
    public void Each_family_goes_on_from_a_checkpoint_with_the_same_bits(string name, string family)
    {
        var task = Catalogue.Task(name);
        var training = Catalogue.Training(task, family) with { Simulations = 640, Epochs = 5, BatchSize = 64, Averaging = 0.9, Method = TrainingMethod.Of("noise") };
        var pairs = new SimulatedPairs(task, 4, "training");
        var states = new List<byte[]>();
        using var whole = training.Train(pairs, 4, save: states.Add);
        using var resumed = training.Train(pairs, 4, saved: states[1]);
        Assert.Equal(whole.Network.ToOnnx("q"), resumed.Network.ToOnnx("q"));
        Assert.Equal(whole.ToCsv(), resumed.ToCsv());
        Assert.True(whole.Epochs[^1].Validation < whole.Epochs[0].Validation);
        Assert.Throws<InvalidDataException>(() => (training with { Averaging = 0 }).Train(pairs, 4, saved: states[1]));
    }

    [Fact]
    public void A_method_that_needs_a_bound_refuses_a_family_that_has_none()
    {
        var task = new GaussianLinear(2);
        var training = Catalogue.Training(task, "ratio") with { Simulations = 40, Method = TrainingMethod.Of("small-box") };
        Assert.Contains("got ratio", Assert.Throws<ArgumentException>(() => training.Train(new SimulatedPairs(task, 4, "training"), 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_training_ends_as_one_that_was_not()
    {
        var pairs = new SimulatedPairs(new GaussianLinear(2), 4, "training");
        using var whole = Small.Train(pairs, 4);
        using var stop = new CancellationTokenSource();
        byte[]? last = null;
        Assert.Throws<OperationCanceledException>(() => Small.Train(pairs, 4, save: state => { last = state; stop.Cancel(); }, cancellation: stop.Token));
        using var resumed = Small.Train(pairs, 4, saved: last);
        Assert.Equal(whole.Network.ToOnnx("q"), resumed.Network.ToOnnx("q"));
    }

    [Fact]
    public void A_state_of_another_training_or_a_cut_one_is_refused()
    {
        var pairs = new SimulatedPairs(new GaussianLinear(2), 4, "training");
        byte[]? last = null;
        using (Small.Train(pairs, 4, save: state => last = state))
        {
        }

        Assert.Contains("expected", Assert.Throws<InvalidDataException>(() => Small.Train(pairs, 5, saved: last)).Message, StringComparison.Ordinal);
        for (var length = 0; length < last!.Length; length += 97)
        {
            Assert.Throws<InvalidDataException>(() => Small.Train(pairs, 4, saved: last[..length]));
        }
    }

    [Fact]
    public void Training_stops_when_the_validation_loss_no_longer_falls()
    {
        using var trained = (Small with { Epochs = 200, Patience = 3, LearningRate = 3e-2 }).Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4);
        Assert.InRange(trained.Epochs.Length, 64, 199);
        Assert.Equal(trained.Epochs.MinBy(one => one.Validation), trained.Best);
        Assert.Equal(trained.Epochs.Length - 3, Math.Max(trained.Best.Epoch, 61));
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var message = Assert.Throws<ArgumentException>(() => (Small with { Epochs = 0, Patience = 0, Simulations = 10 }).Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4)).Message;
        Assert.All((string[])["Epochs", "Patience", "Simulations"], option => Assert.Contains(option, message, StringComparison.Ordinal));
    }

    /// <summary>float32 sums of a few dozen terms: 1e-5 of the size is far above their rounding; an exchanged row or a missing scale shows in the first digits.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 4)]
    public void The_exported_model_has_the_density_of_the_module(int dimension, int components)
    {
        using var scope = NewDisposeScope();
        using var network = Example(dimension, components, HiddenFunction.Tanh);
        var (theta, x) = (Points.Draw(20, dimension, 5), Points.Draw(20, 3, 6));
        var expected = network.LogProb(network.Raw(network.Standardize(Numbers.Matrix(x).to(ScalarType.Float32))), Numbers.Matrix(theta).to(ScalarType.Float32)).ToArray();
        using var model = new ExportedModel(network.ToOnnx("q"));
        double[] Output(string name) => [.. model.Run(name, ("x", x))];
        var (means, diagonals) = (Output(components > 1 ? "means" : "mean"), Output("cholesky_diagonal"));
        var lower = dimension > 1 ? Output("cholesky_lower") : [];
        var logits = components > 1 ? Output("logits") : new double[20];
        for (var row = 0; row < 20; row++)
        {
            var (density, total) = (0.0, 0.0);
            for (var k = 0; k < components; k++)
            {
                var block = (row * components) + k;
                var (weight, log, z) = (Math.Exp(logits[block]), 0.0, new double[dimension]);
                for (var (i, start) = (0, block * dimension * (dimension - 1) / 2); i < dimension; start += i, i++)
                {
                    var rest = theta[row][i] - means[(block * dimension) + i] - Enumerable.Range(0, i).Sum(j => lower[start + j] * z[j]);
                    z[i] = rest / diagonals[(block * dimension) + i];
                    log -= (0.5 * z[i] * z[i]) + Math.Log(diagonals[(block * dimension) + i]) + (0.5 * Math.Log(2 * Math.PI));
                }

                (density, total) = (density + (weight * Math.Exp(log)), total + weight);
            }

            Assert.Equal(expected[row], Math.Log(density / total), 1e-4 * (1 + Math.Abs(expected[row])));
        }
    }

    /// <summary>What the search attains is a value of the kernel's bound, which is at most the training's bound, in exact arithmetic; 1e-4 of it is for float32.</summary>
    [Theory]
    [InlineData(1, HiddenFunction.Relu)]
    [InlineData(1, HiddenFunction.Tanh)]
    [InlineData(3, HiddenFunction.Relu)]
    [InlineData(3, HiddenFunction.Tanh)]
    public void The_training_bound_is_above_what_the_search_attains(int components, HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var network = Example(2, components, function);
        var model = OnnxImporter.Read(network.ToOnnx("q"), "q");
        var family = FamilyDescription.Parse(JsonDocument.Parse(network.FamilyText).RootElement);
        var estimator = new Estimator(model, family.Bind(model), new string('0', 64), "q");
        foreach (var share in (double[])[0.02, 0.2])
        {
            foreach (var x in Points.Draw(4, 3, 9))
            {
                var standard = network.Standardize(Numbers.Matrix(x).to(ScalarType.Float32));
                var bound = Math.Sqrt(network.TransportBound(network.Raw(standard), standard, share).ToArray()[0]);
                var claim = new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.Linf, Radius = [.. network.DataScale().Select(scale => share * scale)], Observation = [.. x] };
                var found = new Certifier { Curve = false, MostParts = 200 }.Run(estimator, family, claim).Result;
                Assert.True(found.Lower > 0);
                Assert.True(found.Lower <= bound * (1 + 1e-4), string.Create(CultureInfo.InvariantCulture, $"attained {found.Lower}, training bound {bound}"));
            }
        }
    }

    /// <summary>Interval bounds hold the network's numbers at 200 random points of the box; the rounding of float32 is far below 1e-5.</summary>
    [Theory]
    [InlineData(HiddenFunction.Relu)]
    [InlineData(HiddenFunction.Tanh)]
    public void Interval_bounds_enclose(HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(8);
        using var network = new Perceptron([4, 16, 16, 5], function, random, lastScale: 1);
        using var constant = no_grad();
        var (centre, radius) = (randn([1, 4], generator: random), rand([1, 4], generator: random));
        var (lower, upper) = network.Bound(centre, radius);
        var corners = cat([(rand([200, 4], generator: random) * 2) - 1, randn([200, 4], generator: random).sign()]);
        var values = network.forward(centre + (corners * radius));
        Assert.True((values - lower).min().item<float>() > -1e-5);
        Assert.True((upper - values).min().item<float>() > -1e-5);
        Assert.True((values.amax([0]) - lower.squeeze(0)).div((upper - lower).squeeze(0)).max().item<float>() > 0.3, "bounds are far wider than the values");
    }

    [Fact]
    public void Spectral_training_holds_every_norm()
    {
        using var trained = (Small with { Method = TrainingMethod.Of("spectral").With(4) }).Train(new SimulatedPairs(new GaussianLinear(2), 4, "training"), 4);
        using var scope = NewDisposeScope();
        Assert.All(trained.Network.Perceptrons.Single().Layers, layer => Assert.InRange(linalg.matrix_norm(layer.Weight, 2).item<float>(), 0, 0.50001));
    }

    private static MixturePosterior Example(int dimension, int components, HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var scales = arange(1, dimension + 1, dtype: ScalarType.Float32);
        var network = new MixturePosterior((randn([100, dimension], generator: random) * scales) + 0.4, (randn([100, 3], generator: random) * 0.7) - 0.2, components, [16, 8], function, random);
        using var constant = no_grad();
        network.Perceptrons.Single().Layers[^1].Weight.mul_(5);
        return network;
    }
}
