using Estimators.Distributions;
using Estimators.Export;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Training;

public sealed class NeuralPosteriorEstimationTests
{
    private static readonly GaussianLinear Task = new(2);

    /// <summary>A second of training: enough to see whether it repeats and descends, not to be accurate.</summary>
    private static readonly NeuralPosteriorEstimation Small = new()
    {
        HiddenSizes = [8, 8],
        Simulations = 1 << 12,
        Epochs = 3,
        BatchSize = 256,
        Proposal = IndependentNormal.Isotropic(2, 0.5),
    };

    [Fact]
    public void The_same_seed_gives_the_same_model_byte_by_byte()
    {
        var first = Train(5);
        Assert.Equal(first, Train(5));
        Assert.NotEqual(first, Train(6));
    }

    [Fact]
    public void The_number_of_threads_does_not_matter_and_is_restored()
    {
        var threads = get_num_threads();
        try
        {
            set_num_threads(2);
            var two = Train(5);
            Assert.Equal(2, get_num_threads());
            set_num_threads(1);
            Assert.Equal(two, Train(5));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void The_loss_falls_and_every_epoch_is_reported()
    {
        var reports = new List<(int Epoch, double Loss)>();
        Train(5, new Record(reports));
        Assert.Equal([1, 2, 3], reports.Select(report => report.Epoch));
        Assert.True(reports[^1].Loss < reports[0].Loss - 0.1, $"losses {string.Join(", ", reports.Select(report => report.Loss))}");
    }

    [Fact]
    public void Every_weight_receives_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var network = new PosteriorNetwork(2, [8, 8], new FullGaussianHead(2), random);
        var (theta, x) = SimulatedTensors.Draw(Task, 1, "test", 64);
        network.LogProb(theta, x).mean().backward();
        Assert.All(network.named_parameters(), entry =>
        {
            Assert.NotNull(entry.parameter.grad);
            Assert.True(entry.parameter.grad.abs().sum().item<float>() > 0, $"{entry.name} has no gradient");
        });
        Assert.Equal(6, network.named_parameters().Count());
    }

    [Fact]
    public void Cancellation_stops_the_training() =>
        Assert.Throws<OperationCanceledException>(() => Train(5, cancellation: new CancellationToken(canceled: true)));

    [Fact]
    public void Options_out_of_range_are_reported_together()
    {
        var wrong = new NeuralPosteriorEstimation
        {
            HiddenSizes = [],
            Simulations = 10,
            Epochs = 0,
            BatchSize = 20,
            LearningRate = -1,
            WeightDecay = double.NaN,
            Averaging = 1,
            Proposal = IndependentNormal.Isotropic(3, 1),
        };
        var problem = Assert.Throws<ArgumentException>(() => wrong.Train(Task, 1));
        Assert.All(["HiddenSizes", "Simulations", "Epochs", "LearningRate", "WeightDecay", "Averaging", "Proposal"], name => Assert.Contains(name, problem.Message, StringComparison.Ordinal));
    }

    private static byte[] Train(int seed, IProgress<(int Epoch, double Loss)>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var network = Small.Train(Task, seed, progress, cancellation);
        return OnnxExport.Write(network);
    }

    private sealed class Record(List<(int Epoch, double Loss)> reports) : IProgress<(int Epoch, double Loss)>
    {
        public void Report((int Epoch, double Loss) value) => reports.Add(value);
    }
}
