using Certify.Native;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators;

/// <summary>The tasks and families of <c>certify train</c>.</summary>
public static class Catalogue
{
    /// <summary>Names of the tasks.</summary>
    public static IReadOnlyList<string> Tasks { get; } = ["gaussian_linear", "two_moons", "exchangeable_gaussian"];

    /// <summary>Names of the families.</summary>
    public static IReadOnlyList<string> Families { get; } = ["coupling-flow", "ratio", "deep-sets", "flow-matching"];

    /// <summary>A task by name: gaussian_linear has 2 parameters and 2 data, two_moons 2 and 2, exchangeable_gaussian 2 and 20.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Simulator Task(string name) => name switch
    {
        "gaussian_linear" => new GaussianLinear(2),
        "two_moons" => new TwoMoons(),
        "exchangeable_gaussian" => new ExchangeableGaussian(20),
        _ => throw new ArgumentException($"There is no task '{name}'; there is {string.Join(", ", Tasks)}."),
    };

    /// <summary>Trains a family for a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="family">Name of the family.</param>
    /// <param name="seed">Seed of everything random; on one machine the same seed gives the same weights.</param>
    /// <param name="epochs">Passes over the simulations; null for as many as the family usually takes.</param>
    /// <param name="progress">Told epoch, number of epochs and mean loss after each epoch.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentException">There is no such family, or it does not fit the task.</exception>
    public static TrainedNetwork Train(
        Simulator task, string family, int seed, int? epochs = null, IProgress<(int Epoch, int Epochs, double Loss)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!Families.Contains(family))
        {
            throw new ArgumentException($"There is no family '{family}'; there is {string.Join(", ", Families)}.");
        }

        var method = new AmortizedTraining();
        method = method with { Epochs = epochs ?? method.Epochs };
        NativeTorch.EnsureLoaded();
        using var random = new Generator((ulong)(uint)seed);
        return method.Train(task, (theta, x, source) => Make(task, family, theta, x, source), random, progress is null ? null : new Relay(progress, method.Epochs), cancellation);
    }

    /// <summary>Data sets drawn from prior and program, row by row.</summary>
    /// <param name="task">The task.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed.</param>
    public static float[][] Observations(Simulator task, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)(uint)seed);
        return [.. task.Simulate(task.Prior.Sample(count, random), random).contiguous().data<float>().ToArray().Chunk(task.DataCount)];
    }

    private static AmortizedNetwork Make(Simulator task, string family, Tensor theta, Tensor x, Generator random) => family switch
    {
        "coupling-flow" => new CouplingFlow(theta, x, 4, [32, 32], HiddenFunction.Tanh, random),
        "ratio" => new RatioEstimator(theta, x, [32, 32], HiddenFunction.Tanh, random),
        "deep-sets" => new DeepSets(theta, x, task.PointLength, 8, 32, Pooling.Mean, random),
        _ => new FlowMatching(theta, x, 10, [32, 32], random),
    };

    private sealed class Relay(IProgress<(int Epoch, int Epochs, double Loss)> target, int epochs) : IProgress<(int Epoch, double Loss)>
    {
        public void Report((int Epoch, double Loss) value) => target.Report((value.Epoch, epochs, value.Loss));
    }
}
