using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Training;

/// <summary>One of several settings, by the rule, on draws of its own.</summary>
/// <remarks>Mutants seen to fail: the tolerance subtracted; the largest certified change chosen; held-out pairs of training's use.</remarks>
public sealed class MethodSelectionTests
{
    /// <summary>Means of -ln q and certified changes; the tolerance; the choice.</summary>
    public static TheoryData<double[], double[], double, int> Rows => new()
    {
        { [1, 1.05, 1.2], [0.3, 0.2, 0.1], 0.1, 1 },
        { [1, 1.05, 1.2], [0.3, 0.2, 0.1], 0.2, 2 },
        { [1, 1.05, 1.2], [0.3, 0.2, 0.1], 0, 0 },
        { [1.1, 1, 1.1], [0.2, 0.3, 0.2], 0.5, 0 },
        { [1.2, 1, 1.1], [0.2, 0.3, 0.2], 0.5, 2 },
        { [double.PositiveInfinity, 2], [double.PositiveInfinity, 5], 0.1, 1 },
        { [double.NaN, 2], [0.1, 5], 0.1, 1 },
        { [1, 1.01], [double.PositiveInfinity, 5], 0.1, 1 },
        { [-3.4, -3.35], [0.3, 0.2], 0.1, 1 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Accuracy_within_the_tolerance_then_the_smallest_certified_change(double[] surprises, double[] changes, double tolerance, int chosen) =>
        Assert.Equal(chosen, MethodSelection.Choose([.. surprises.Zip(changes, (surprise, change) => new TriedSetting("plain", 1, surprise, 0, change, 0))], tolerance));

    [Fact]
    public void Where_nothing_could_be_trained_the_reasons_are_told() =>
        Assert.Contains("too steep", Assert.Throws<ArithmeticException>(() => MethodSelection.Choose([new TriedSetting("plain", 1, double.PositiveInfinity, 0, 0, 0, "too steep")], 1)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("interval", "interval", 1)]
    [InlineData("sandwich:0.25", "sandwich", 0.25)]
    public void Settings_are_read(string text, string name, double strength)
    {
        var method = TrainingMethod.Parse(text);
        Assert.Equal((name, strength), (method.Name, method.Strength));
    }

    [Theory]
    [InlineData("interval:")]
    [InlineData("interval:0")]
    [InlineData("interval:nan")]
    [InlineData("interval:1:2")]
    [InlineData("magic:1")]
    [InlineData("")]
    public void Wrong_settings_are_refused(string text) => Assert.Throws<ArgumentException>(() => TrainingMethod.Parse(text));

    /// <summary>The held-out mean is that of the named draws, and the network is the one that training alone gives.</summary>
    [Fact]
    public void The_chosen_network_and_its_figures_can_be_had_again()
    {
        var (task, training) = (new GaussianLinear(2), new PosteriorTraining { Simulations = 640, Epochs = 4, BatchSize = 64, HiddenSizes = [12], LearningRate = 1e-2 });
        var rule = new MethodSelection { Methods = [new Plain(), new IntervalBound { Strength = 20 }], Tolerance = 10, Pairs = 300, Observations = 3, MostParts = 50 };
        using var found = rule.Run(training, task, 4);
        Assert.Equal(1, found.Chosen);
        Assert.True(found.Settings[1].Certified < found.Settings[0].Certified);
        Assert.All(found.Settings, one => Assert.InRange(one.Attained, 0.01, one.Certified));
        using var alone = (training with { Method = rule.Methods[1] }).Train(new SimulatedPairs(task, 4, "training"), 4);
        Assert.Equal(alone.Network.ToOnnx("q"), found.Trained.Network.ToOnnx("q"));
        using var scope = NewDisposeScope();
        var (theta, x) = SimulatedTensors.Take(new SimulatedPairs(task, 4, MethodSelection.PairsUse), 300);
        var network = (MixturePosterior)alone.Network;
        Assert.Equal(-network.LogProb(network.Raw(network.Standardize(x)), theta).mean().item<float>(), found.Settings[1].Surprise, 1e-6);
    }

    [Fact]
    public void Every_wrong_option_is_named()
    {
        var rule = new MethodSelection { Methods = [new Plain(), new Plain()], Tolerance = -1, Pairs = 0 };
        var message = Assert.Throws<ArgumentException>(() => rule.Run(new PosteriorTraining(), new TwoMoons(), 1)).Message;
        Assert.All((string[])["plain:1 is named twice", "tolerance", "Pairs"], option => Assert.Contains(option, message, StringComparison.Ordinal));
    }
}
