using System.Globalization;
using Certify.Native;
using Estimators.Simulators;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>A trained network and how well it does.</summary>
/// <param name="Network">The network; the caller owns it.</param>
/// <param name="TrainingLoss">Mean loss over the last epoch, in the loss's unit.</param>
/// <param name="ValidationLoss">Mean loss on simulations that the training did not see.</param>
public sealed record TrainedNetwork(AmortizedNetwork Network, double TrainingLoss, double ValidationLoss) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}

/// <summary>Training of any <see cref="AmortizedNetwork"/> on draws from prior and simulator.</summary>
/// <remarks>
/// Accepts: a simulator, how to make the untrained network from simulations, a seed. Returns: the network and its losses.
/// Idea: pairs (theta, x) are simulated once from prior and program; Adam makes the network's mean loss small on minibatches; what is returned is an exponential average of the weights.
/// Guarantee: none; how good the result is, is what certificates and diagnostics are for. Deterministic: on one machine the same seed and options give the same weights, bit by bit
/// (training runs on one thread, in a fixed order). The validation loss is of fresh simulations, as many as a quarter of the others.
/// </remarks>
public sealed record AmortizedTraining
{
    /// <summary>Pairs (theta, x) that are simulated once, before the training.</summary>
    public int Simulations { get; init; } = 1 << 16;

    /// <summary>Passes over the simulations, in a fresh order each.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Pairs in one gradient step; a smaller rest of an epoch is left out.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>Adam's step size at the start; it falls to zero along half a cosine.</summary>
    public double LearningRate { get; init; } = 5e-3;

    /// <summary>Share of a weight (not of a bias) that a step of size 1 would remove; it falls to zero with the step size. Smaller weights are easier to certify.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Share of the running average of the weights that survives one step, in [0, 1); 0 returns the last weights.</summary>
    public double Averaging { get; init; } = 0.998;

    /// <summary>Trains a network.</summary>
    /// <param name="simulator">Prior and program.</param>
    /// <param name="make">The untrained network, from simulated theta [rows, D] and x [rows, n].</param>
    /// <param name="seed">Seed of parameters, data, first weights and orders.</param>
    /// <param name="progress">Told epoch (from 1) and mean loss after each epoch.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names every one.</exception>
    /// <exception cref="ArithmeticException">The loss is no longer a number.</exception>
    public TrainedNetwork Train(
        Simulator simulator,
        Func<Tensor, Tensor, Generator, AmortizedNetwork> make,
        int seed,
        IProgress<(int Epoch, double Loss)>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(make);
        Validate();
        NativeTorch.EnsureLoaded();
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            using var scope = NewDisposeScope();
            using var random = new Generator((ulong)(uint)seed);
            var (theta, x) = SimulatedTensors.Draw(simulator, seed, "training", Simulations);
            var network = make(theta, x, random);
            try
            {
                var loss = new Descent { Epochs = Epochs, BatchSize = BatchSize, LearningRate = LearningRate, WeightDecay = WeightDecay, Averaging = Averaging }.Minimize(
                    [.. network.parameters()],
                    [.. network.Perceptrons.SelectMany(part => part.Layers).Select(layer => layer.Weight)],
                    [theta, x],
                    batch => network.Loss(batch[0], batch[1], random),
                    random,
                    progress,
                    cancellation);
                return new TrainedNetwork(network, loss, Validation(simulator, network, seed, random));
            }
            catch
            {
                network.Dispose();
                throw;
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private double Validation(Simulator simulator, AmortizedNetwork network, int seed, Generator random)
    {
        using var constant = no_grad();
        using var scope = NewDisposeScope();
        var (theta, x) = SimulatedTensors.Draw(simulator, seed, "validation", Math.Max(2, Simulations / 4));
        return network.Loss(theta, x, random).item<float>();
    }

    private void Validate()
    {
        List<string> violations = [];
        Check(BatchSize > 1, $"BatchSize must be at least 2, is {BatchSize}");
        Check(Simulations >= BatchSize, $"Simulations must hold a batch of {BatchSize}, is {Simulations}");
        Check(Epochs > 0, $"Epochs must be positive, is {Epochs}");
        Check(LearningRate > 0 && double.IsFinite(LearningRate), string.Create(CultureInfo.InvariantCulture, $"LearningRate must be positive, is {LearningRate}"));
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), string.Create(CultureInfo.InvariantCulture, $"WeightDecay must not be negative, is {WeightDecay}"));
        Check(Averaging is >= 0 and < 1, string.Create(CultureInfo.InvariantCulture, $"Averaging must lie in [0, 1), is {Averaging}"));
        if (violations.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", violations) + ".");
        }

        void Check(bool holds, string violation)
        {
            if (!holds)
            {
                violations.Add(violation);
            }
        }
    }
}
