using System.Globalization;
using Estimators;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;

namespace GpuBench;

/// <summary>Whether every family and every method trains on a device: finite losses, a network that comes back to the CPU and is exported, and a held-out loss like the CPU's.</summary>
internal static class TrainingChecks
{
    private const int Simulations = 1000;

    public static void Run(Device device, Action<string, bool, string> add)
    {
        foreach (var family in Catalogue.Families)
        {
            Trains(device, family, new Plain(), add);
        }

        foreach (var method in TrainingMethod.All.Where(method => method is not Plain))
        {
            Trains(device, "gaussian", method, add);
        }

        var training = new PosteriorTraining { Simulations = 3000, Epochs = 10 };
        var (here, there) = (Loss(training), Loss(training with { Device = device }));
        add("training on the device ends with the CPU's held-out loss", Math.Abs(here - there) < 0.2, string.Create(CultureInfo.InvariantCulture, $"{there:F3} nats, on the CPU {here:F3}"));
    }

    private static void Trains(Device device, string family, TrainingMethod method, Action<string, bool, string> add)
    {
        var what = $"{family} by {method.Name} trains on the device";
        var task = Catalogue.Task(family == "deep-sets" ? "exchangeable_gaussian:5" : "two_moons");
        try
        {
            var training = Catalogue.Training(task, family) with { Simulations = Simulations, Epochs = 2, BatchSize = 100, Method = method, Device = device };
            using var trained = training.Train(new SimulatedPairs(task, 1, "training"), 1);
            var atHome = trained.Network.parameters().Concat(trained.Network.buffers()).All(tensor => tensor.device.type == TorchSharp.DeviceType.CPU);
            var network = OnnxImporter.Read(trained.Network.ToOnnx(family), "trained.onnx");
            add(what, atHome && double.IsFinite(trained.ValidationLoss) && network.Inputs.Length > 0, string.Create(CultureInfo.InvariantCulture, $"held-out loss {trained.ValidationLoss:F3}"));
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or ArithmeticException or System.Runtime.InteropServices.ExternalException)
        {
            add(what, false, error.Message.Split('\n')[0]);
        }
    }

    private static double Loss(PosteriorTraining training)
    {
        var task = Catalogue.Task("gaussian_linear");
        using var trained = training.Train(new SimulatedPairs(task, 1, "training"), 1);
        return trained.ValidationLoss;
    }
}
