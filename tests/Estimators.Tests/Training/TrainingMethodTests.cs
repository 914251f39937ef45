using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Training;

/// <summary>What the methods add to the loss: its value, its gradient, and that training makes it small.</summary>
public sealed class TrainingMethodTests
{
    private static readonly PosteriorTraining Small = new() { Simulations = 640, Epochs = 10, BatchSize = 64, HiddenSizes = [12], LearningRate = 1e-2 };

    /// <summary>KL(q(x), q(x + d)) + KL(q(x), q(x - d)) = d² F + O(d⁴) in each coordinate; divergences of the network's Gaussians in double. float32 and the rest: below 1 % at d = 0.03.</summary>
    [Fact]
    public void The_Fisher_trace_of_a_Gaussian_is_the_curvature_of_its_divergence()
    {
        using var scope = NewDisposeScope();
        using var network = Example(2, 1);
        var x = Numbers.Matrix(Points.Draw(12, 3, 7)).to(ScalarType.Float32);
        var (found, expected) = (network.FisherTrace(x).ToArray(), new double[12]);
        var here = network.Raw(x).ToArray();
        const double d = 0.03;
        for (var j = 0; j < 3; j++)
        {
            foreach (var sign in (double[])[-1, 1])
            {
                var moved = x.clone();
                moved.select(1, j).add_(sign * d);
                var there = network.Raw(moved).ToArray();
                for (var row = 0; row < 12; row++)
                {
                    expected[row] += Divergence(here[(row * 6)..], there[(row * 6)..]) / (d * d);
                }
            }
        }

        Assert.All(found.Index(), one => Assert.Equal(expected[one.Index], one.Item, 0.01 * expected[one.Index]));
        Assert.True(expected.Max() > 0.3);

        // Of two bivariate Gaussians from (logit, mean, raw diagonal, lower).
        static double Divergence(double[] p, double[] q)
        {
            double Root(double raw) => Math.Log(1 + Math.Exp(raw));
            var (a, b, c) = (Root(p[3]), p[5], Root(p[4]));
            var (u, v, w) = (Root(q[3]), q[5], Root(q[4]));
            double[] z = [(q[1] - p[1]) / u, 0];
            z[1] = (q[2] - p[2] - (v * z[0])) / w;
            var (m00, m10, m11) = (a / u, (b - (v * a / u)) / w, c / w);
            return (0.5 * ((m00 * m00) + (m10 * m10) + (m11 * m11) + (z[0] * z[0]) + (z[1] * z[1]) - 2)) - Math.Log(m00 * m11);
        }
    }

    /// <summary>The trace of theta alone by the trapezoidal rule on 8,000 nodes and slopes of ln q by central differences: at most the surrogate, and not far below where components are far apart.</summary>
    [Fact]
    public void The_Fisher_trace_of_a_mixture_is_above_the_exact_one()
    {
        using var scope = NewDisposeScope();
        using var network = Example(1, 3);
        var grid = linspace(-30, 30, 8000).unsqueeze(1);
        var ratios = new List<double>();
        foreach (var x in Points.Draw(6, 3, 7))
        {
            var at = Numbers.Matrix(x).to(ScalarType.Float32);
            var density = Log(at).to(ScalarType.Float64).exp();
            var exact = 0.0;
            for (var j = 0; j < 3; j++)
            {
                var step = zeros_like(at);
                step[0, j] = 0.02f;
                exact += (density * ((Log(at + step) - Log(at - step)) / 0.04).to(ScalarType.Float64).square()).sum().item<double>() * (60.0 / 7999);
            }

            ratios.Add(exact / network.FisherTrace(at).item<float>());
        }

        Assert.All(ratios, ratio => Assert.InRange(ratio, 0.05, 1.02));

        Tensor Log(Tensor at) => network.LogProb(network.Raw(at).expand(8000, -1), grid);
    }

    /// <summary>20,000 draws of q: a share lies within 0.02 but with probability 1e-7 or less (Hoeffding, 20 rows). Two components as one Gaussian: 200 draws a component, 400 in all, and 0.15 (1e-7).</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Levels_are_the_mass_above_the_density(int components)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(11);
        using var network = Example(2, components);
        var (x, theta) = (randn([20, 3], generator: random), (randn([20, 2], generator: random) * tensor(network.ParameterDeviations()).to(ScalarType.Float32)) + 0.4);
        var raw = network.Raw(x);
        var levels = network.Levels(raw, theta, 2000, random).ToArray();
        Assert.True(levels.Max() - levels.Min() > 0.4);
        for (var row = 0; row < 20; row++)
        {
            // Importance: theta uniform on a box that holds q, weights q.
            var grid = (rand([240_000, 2], generator: random) * 2) - 1;
            var places = (grid * tensor(network.ParameterDeviations()).to(ScalarType.Float32) * 8) + 0.4;
            var logs = network.LogProb(raw.narrow(0, row, 1).expand(240_000, -1), places);
            var weights = (logs - logs.max()).exp();
            var here = network.LogProb(raw.narrow(0, row, 1), theta.narrow(0, row, 1));
            Assert.Equal(((logs > here).to(ScalarType.Float32) * weights).sum().item<float>() / weights.sum().item<float>(), levels[row], components == 1 ? 0.02 : 0.06);
        }
    }

    /// <summary>One Gaussian: the closed form's slope in theta, by differences; and the network learns from it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Levels_carry_gradients(int components)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(11);
        using var network = Example(2, components);
        var (x, theta) = (randn([20, 3], generator: random), randn([20, 2], generator: random).requires_grad_(true));
        var levels = network.Levels(network.Raw(x), theta, 8, random);
        if (components == 1)
        {
            var slope = autograd.grad([levels.sum()], [theta], retain_graph: true)[0].select(1, 0);
            var step = tensor([0.02f, 0]);
            var difference = (network.Levels(network.Raw(x), theta + step, 8, random) - network.Levels(network.Raw(x), theta - step, 8, random)) / 0.04;
            Assert.Equal(0, (slope - difference).abs().max().item<float>(), 5e-3);
            Assert.True(slope.abs().max().item<float>() > 0.05);
        }

        CoverageError.Of(levels).backward();
        Assert.All(network.Perceptrons.Single().Layers, layer => Assert.True(layer.Weight.grad!.abs().sum().item<float>() > 0));
    }

    /// <summary>Levels where uniform ones are expected: 0. All at a half: the mean square of (i - ½) / B - ½, (1 - 1 / B²) / 12.</summary>
    [Fact]
    public void The_coverage_error_is_the_distance_to_uniform_levels()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(0, CoverageError.Of((((arange(10, dtype: ScalarType.Float32) * 7) % 10) + 0.5) / 10).item<float>(), 1e-7);
        Assert.Equal((1 - 0.01) / 12, CoverageError.Of(full([10], 0.5)).item<float>(), 1e-6);
    }

    /// <summary>On pairs that no step saw, against plain training of the same pairs: the quantity falls by a fifth at least, and the network still knows of x (ignoring x costs 0.54 nats or more).</summary>
    [Theory]
    [InlineData("crown-ibp", 5, 1)]
    [InlineData("crown-ibp", 5, 2)]
    [InlineData("fisher-trace", 300, 1)]
    [InlineData("fisher-trace", 300, 2)]
    public void Training_makes_what_the_method_adds_smaller(string method, double strength, int components)
    {
        var pairs = new SimulatedPairs(new GaussianLinear(2), 4, "training");
        var training = Small with { Components = components };
        using var plain = training.Train(pairs, 4);
        using var held = (training with { Method = TrainingMethod.Of(method).With(strength) }).Train(pairs, 4);
        Assert.InRange(Quantity((MixturePosterior)held.Network) / Quantity((MixturePosterior)plain.Network), 0.1, 0.8);
        Assert.InRange(held.Best.Surprise, -0.3, 0.45);

        double Quantity(MixturePosterior network)
        {
            using var scope = NewDisposeScope();
            var (_, x) = SimulatedTensors.Take(new SimulatedPairs(new GaussianLinear(2), 4, "law"), 500);
            var standard = network.Standardize(x);
            return (method == "crown-ibp" ? network.TransportBound(network.Raw(standard), standard, 0.05, 0.5).sqrt() : network.FisherTrace(standard)).mean().item<float>();
        }
    }

    /// <summary>One Gaussian cannot be the crescents of two moons: trained plainly its levels are far from uniform.</summary>
    [Fact]
    public void Coverage_training_makes_levels_uniform()
    {
        var task = new TwoMoons();
        var training = Small with { Simulations = 2000, Epochs = 20 };
        using var plain = training.Train(new SimulatedPairs(task, 4, "training"), 4);
        using var held = (training with { Method = TrainingMethod.Of("coverage").With(50) }).Train(new SimulatedPairs(task, 4, "training"), 4);
        Assert.InRange(Error((MixturePosterior)held.Network) / Error((MixturePosterior)plain.Network), 0, 0.5);

        double Error(MixturePosterior network)
        {
            using var scope = NewDisposeScope();
            using var random = new Generator(1);
            var (theta, x) = SimulatedTensors.Take(new SimulatedPairs(task, 4, "law"), 2000);
            return CoverageError.Of(network.Levels(network.Raw(network.Standardize(x)), theta, 1, random)).item<float>();
        }
    }

    private static MixturePosterior Example(int dimension, int components)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var scales = arange(1, dimension + 1, dtype: ScalarType.Float32);
        var network = new MixturePosterior(
            (randn([100, dimension], generator: random) * scales) + 0.4, (randn([100, 3], generator: random) * 0.7) - 0.2, components, [16, 8], HiddenFunction.Tanh, random);
        using var constant = no_grad();
        network.Perceptrons.Single().Layers[^1].Weight.mul_(5);
        return network;
    }
}
