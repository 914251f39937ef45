using Estimators.Simulators;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Xunit;

namespace Estimators.Tests;

/// <summary>Trains the demo's estimator once.</summary>
public sealed class TrainedDemo
{
    public List<(int Epoch, int Epochs, double Loss)> Reports { get; } = [];

    public Network Network { get; }

    public TrainedDemo() => Network = OnnxImporter.Read(DemoEstimator.Train(1, new Record(Reports)), "demo");

    private sealed class Record(List<(int Epoch, int Epochs, double Loss)> reports) : IProgress<(int Epoch, int Epochs, double Loss)>
    {
        public void Report((int Epoch, int Epochs, double Loss) value) => reports.Add(value);
    }
}

public sealed class DemoEstimatorTests(TrainedDemo demo) : IClassFixture<TrainedDemo>
{
    /// <summary>Largest W2 distance to the exact posterior N(x / 2, 0.05 I) over a grid of 81 x 81 points.</summary>
    /// <remarks>
    /// Why 0.02: it is a tenth of the posterior's standard deviation (0.224 a coordinate) and no more than a step of 0.04 in x does to the exact
    /// posterior, so the certified distance of the demo says something. Measured, as certified by the demo over the whole square: 0.0134, 0.0075 and 0.0101 for seeds 1 to 3:
    /// the limit leaves seed 1 room for another processor's rounding and is no promise about other seeds.
    /// The estimator is smooth between grid points 0.025 apart, so the grid misses little; the certificate of the demo misses nothing.
    /// </remarks>
    [Fact]
    public void The_posterior_is_near_the_exact_one_everywhere()
    {
        var worst = 0.0;
        for (var i = -40; i <= 40; i++)
        {
            for (var j = -40; j <= 40; j++)
            {
                worst = Math.Max(worst, DistanceToExact(i / 40.0, j / 40.0));
            }
        }

        Assert.True(worst < 0.02, $"largest W2 distance {worst:F4}");
    }

    /// <summary>Spectral norm of the Jacobian of (mean, Cholesky factor) on a grid of 41 x 41 points; that of the exact map is 0.5 everywhere.</summary>
    /// <remarks>
    /// Measured, as certified by the demo: 0.5077, 0.5045 and 0.5056 for seeds 1 to 3. Without the weight decay of the demo's options kinks remain with slopes up to 0.93 beside them.
    /// </remarks>
    [Fact]
    public void The_posterior_moves_as_slowly_as_the_exact_one()
    {
        var steepest = 0.0;
        for (var i = -20; i <= 20; i++)
        {
            for (var j = -20; j <= 20; j++)
            {
                steepest = Math.Max(steepest, Slope(i / 20.0, j / 20.0));
            }
        }

        Assert.InRange(steepest, 0.48, 0.53);
    }

    [Fact]
    public void Distances_are_those_of_the_closed_form() // the helper of this test, on pairs known by heart
    {
        Assert.Equal(0, Wasserstein2([0, 0], [Math.Sqrt(0.05), Math.Sqrt(0.05)], 0, [0, 0]), 1e-8);
        Assert.Equal(5, Wasserstein2([3, 4], [Math.Sqrt(0.05), Math.Sqrt(0.05)], 0, [0, 0]), 1e-12);
        Assert.Equal(Math.Sqrt(2) * (1 - Math.Sqrt(0.05)), Wasserstein2([0, 0], [1, 1], 0, [0, 0]), 1e-12);
    }

    [Fact]
    public void Every_epoch_is_reported_and_the_loss_falls()
    {
        Assert.Equal(Enumerable.Range(1, DemoEstimator.Method.Epochs), demo.Reports.Select(report => report.Epoch));
        Assert.All(demo.Reports, report => Assert.Equal(DemoEstimator.Method.Epochs, report.Epochs));
        Assert.True(demo.Reports[^1].Loss < demo.Reports[0].Loss);
    }

    [Fact]
    public void The_model_has_the_outputs_that_a_specification_names() =>
        Assert.Equal(["mean", "cholesky_diagonal", "cholesky_lower"], demo.Network.Outputs.Select(output => output.Name));

    private double Slope(params double[] x)
    {
        var values = demo.Network.Evaluate(x);
        var (a, b, c) = (0.0, 0.0, 0.0);
        foreach (var node in demo.Network.Outputs.Select(output => demo.Network.Output(output.Name)))
        {
            for (var i = 0; i < node.Length; i++)
            {
                var row = demo.Network.Gradient(values, node.Id, i);
                (a, b, c) = (a + (row[0] * row[0]), b + (row[0] * row[1]), c + (row[1] * row[1]));
            }
        }

        // The larger eigenvalue of [[a, b], [b, c]] = Jᵀ J.
        return Math.Sqrt((a + c + Math.Sqrt(((a - c) * (a - c)) + (4 * b * b))) / 2);
    }

    private double DistanceToExact(params double[] x)
    {
        var values = demo.Network.Evaluate(x);
        return Wasserstein2(Output("mean"), Output("cholesky_diagonal"), Output("cholesky_lower")[0], [.. x.Select(t => GaussianLinear.PosteriorSlope * t)]);

        double[] Output(string name) => values[demo.Network.Output(name).Id];
    }

    /// <summary>
    /// W2² = |mu - m|² + tr S + tr v I - 2 √v tr √S in 2 dimensions, S = L Lᵀ, v = 0.05, with tr √S = √(tr S + 2 √det S) and √det S = L_00 L_11.
    /// </summary>
    private static double Wasserstein2(double[] mean, double[] diagonal, double lower, double[] exactMean)
    {
        var trace = (diagonal[0] * diagonal[0]) + (lower * lower) + (diagonal[1] * diagonal[1]);
        var rootTrace = Math.Sqrt(trace + (2 * diagonal[0] * diagonal[1]));
        var shape = trace + (2 * GaussianLinear.PosteriorVariance) - (2 * Math.Sqrt(GaussianLinear.PosteriorVariance) * rootTrace);
        return Math.Sqrt(mean.Zip(exactMean, (a, b) => (a - b) * (a - b)).Sum() + Math.Max(shape, 0));
    }
}
