using Certify.Native;
using Estimators.Distributions;
using Estimators.Export;
using Estimators.Simulators;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators;

/// <summary>The estimator that <c>certify demo</c> trains: gaussian_linear in 2 dimensions, whose posterior N(x / 2, 0.05 I) is known.</summary>
/// <remarks>
/// The certificate speaks about x in [-1, 1]², but data of this task are N(0, 0.2 I): a corner is 2.2 standard deviations away in each coordinate.
/// Parameters are therefore drawn from N(0, 0.5 I) instead of the prior N(0, 0.1 I) and the pairs weighted by the ratio of the densities
/// (<see cref="NeuralPosteriorEstimation"/>); the simulator is used as it is, and the exact posterior not at all.
/// </remarks>
public static class DemoEstimator
{
    /// <summary>The task.</summary>
    public static GaussianLinear Task { get; } = new(2);

    /// <summary>How it is trained.</summary>
    public static NeuralPosteriorEstimation Method { get; } = new()
    {
        HiddenSizes = [24, 24],
        Simulations = 1 << 19,
        Epochs = 8,
        BatchSize = 4096,
        LearningRate = 1e-2,
        WeightDecay = 3,
        Averaging = 0.998,
        Proposal = IndependentNormal.Isotropic(2, 0.5),
    };

    /// <summary>Trains the network and writes it as an ONNX model; the same seed gives the same bytes on one machine.</summary>
    /// <param name="seed">Seed of everything random.</param>
    /// <param name="progress">Told epoch, number of epochs and mean loss (nats) after each epoch.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static byte[] Train(int seed, IProgress<(int Epoch, int Epochs, double Loss)>? progress = null, CancellationToken cancellation = default)
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var network = Method.Train(Task, seed, progress is null ? null : new Relay(progress, Method.Epochs), cancellation);
        return OnnxExport.Write(network, Task.Name);
    }

    private sealed class Relay(IProgress<(int Epoch, int Epochs, double Loss)> target, int epochs) : IProgress<(int Epoch, double Loss)>
    {
        public void Report((int Epoch, double Loss) value) => target.Report((value.Epoch, epochs, value.Loss));
    }
}
