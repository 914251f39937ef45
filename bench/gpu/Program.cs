using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Certify.Native;
using Certify.Tensors;
using TorchSharp;

namespace GpuBench;

/// <summary>bench/gpu/run [--device cpu|cuda] [--quick] [--out DIR] [--minutes N] [--doctor]: see bench/gpu/README.md.</summary>
internal static class Program
{
    private static readonly Stopwatch Clock = Stopwatch.StartNew();

    private static int Main(string[] arguments)
    {
        var (device, quick, doctor, minutes, folder) = ("cuda", false, false, 7.5, Environment.GetEnvironmentVariable("OUT") ?? "artifacts/gpu-out");
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    quick = true;
                    break;
                case "--doctor":
                    doctor = true;
                    break;
                case "--device" when i + 1 < arguments.Length && arguments[i + 1] is "cpu" or "cuda":
                    device = arguments[++i];
                    break;
                case "--out" when i + 1 < arguments.Length:
                    folder = arguments[++i];
                    break;
                case "--minutes" when i + 1 < arguments.Length && double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out minutes) && minutes > 0:
                    i++;
                    break;
                default:
                    Console.Error.WriteLine($"bench/gpu: '{arguments[i]}' is not understood; usage: bench/gpu/run [--device cpu|cuda] [--quick] [--out DIR] [--minutes N] [--doctor]");
                    return 64;
            }
        }

        try
        {
            return doctor ? Doctor.Run(device == "cuda") : Run(device, quick, minutes, folder);
        }
        catch (Exception error) when (error is DeviceNotFoundException or NativeLoadException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"bench/gpu: {error.Message}");
            return error is NativeLoadException ? 70 : 66;
        }
    }

    private static int Run(string name, bool quick, double minutes, string folder)
    {
        Directory.CreateDirectory(folder);
        var device = TensorDevice.Open(name);
        var card = name == "cuda" ? CudaDevice.Find(out _) : null;
        var state = NativeTorch.EnsureLoaded();
        torch.random.manual_seed(1);
        var machine = string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {(card is null ? $"processor ({RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {torch.get_num_threads()} threads)" : $"{card.Name}, {card.Memory / (1L << 20)} MiB, {card.Multiprocessors} multiprocessors, {card.Kilohertz / 1e6:F2} GHz, capability {card.Capability / 10}.{card.Capability % 10}")}, libtorch {(state.Version.Length > 0 ? state.Version : "2.10.0 as packaged")}, .NET {Environment.Version}, seeds 1 to 31{(quick ? ", quick" : "")}.");
        Tell(machine);

        var checks = new Checks(device, Tell);
        var throughput = new Throughput(device, card, () => Clock.Elapsed.TotalMinutes > minutes, quick ? 5 : 70, Tell);
        foreach (var stage in (Action[])[() => checks.Run(quick), () => TrainingChecks.Run(device, checks.Add), throughput.Ceilings, () => throughput.Measure(quick), () => throughput.TryChunks(quick)])
        {
            if (Clock.Elapsed.TotalMinutes < minutes)
            {
                try
                {
                    stage();
                }
                catch (Exception failure)
                {
                    // Memory that ran out, a library that is missing: the other stages keep their results.
                    checks.Results.Add(("every stage ran to its end", false, $"{failure.GetType().Name}: {failure.Message.Split('\n', 2)[0]}"));
                    Tell($"FAILED: {failure}");
                }
            }

            Report.Write(folder, machine, checks, throughput);
        }

        Console.WriteLine(File.ReadAllText(Path.Combine(folder, "gpu.md")));
        var failed = checks.Results.Count(result => !result.Holds);
        Console.WriteLine($"{checks.Results.Count - failed} checks passed, {failed} failed");
        return failed == 0 && checks.Results.Count > 0 ? 0 : 1;
    }

    private static void Tell(string line) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Clock.Elapsed.TotalSeconds,6:F1} s  {line}"));
}
