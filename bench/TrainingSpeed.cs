using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Estimators;
using Estimators.Simulators;
using Estimators.Training;

namespace Benchmarks;

/// <summary>Steps per second of <see cref="PosteriorTraining"/> beside the same networks trained by PyTorch (<c>bench/training-speed/train.py</c>), in pairs of whole programs.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- training-speed [PAIRS [THREADS]]: PAIRS (9) pairs a network, each side first in every other one, PyTorch on THREADS (1) threads; ours trains on one. A program's figure is that of the epochs after the first few, validation among them.
/// PyTorch is python3-torch in the Debian 13 root of <c>eng/debian13</c>, on OpenBLAS: on Debian's reference BLAS it is half as fast.
/// </remarks>
internal static class TrainingSpeed
{
    private static readonly (string Network, int Epochs, int Warm)[] Networks = [("gaussian", 60, 10), ("coupling-flow", 12, 2)];

    public static void Print(int pairs, int threads)
    {
        Console.WriteLine("| network | weights | PyTorch, steps/s | ours, steps/s | ours / PyTorch, median (smallest to largest) | loss held out, PyTorch / ours |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var system = "";
        foreach (var (network, epochs, warm) in Networks)
        {
            string[] run = [epochs.ToString(CultureInfo.InvariantCulture), warm.ToString(CultureInfo.InvariantCulture)];
            Func<Figures>[] sides =
            [
                () => Start(Path.Combine("eng", "debian13"), ["--python", "python3", "bench/training-speed/train.py", network, threads.ToString(CultureInfo.InvariantCulture), .. run]),
                () => Start(Environment.ProcessPath!, ["training-speed", "one", network, .. run]),
            ];
            var found = new Figures[pairs, 2];
            for (var pair = 0; pair < pairs; pair++)
            {
                for (var turn = 0; turn < 2; turn++)
                {
                    var side = (pair + turn) % 2;
                    found[pair, side] = sides[side]();
                }

                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network}: {found[pair, 0].Steps:F0} {found[pair, 1].Steps:F0}"));
            }

            var (theirs, ours) = (found[0, 0], found[0, 1]);
            if (theirs.Weights != ours.Weights)
            {
                throw new InvalidOperationException($"Not the same network: {theirs.Weights} weights in PyTorch, {ours.Weights} here.");
            }

            double[] Sorted(Func<int, double> value) => [.. Enumerable.Range(0, pairs).Select(value).Order()];
            var ratios = Sorted(pair => found[pair, 1].Steps / found[pair, 0].Steps);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {network} | {ours.Weights} | {Sorted(pair => found[pair, 0].Steps)[pairs / 2]:F0} | {Sorted(pair => found[pair, 1].Steps)[pairs / 2]:F0} | {ratios[pairs / 2]:F2} ({ratios[0]:F2} to {ratios[^1]:F2}) | {theirs.Loss:F3} / {ours.Loss:F3} |"));
            system = $"{theirs.System}, {threads} threads / {ours.System}";
        }

        Console.WriteLine($"\n{system}, {pairs} pairs");
    }

    /// <summary>One training here, as one line of JSON.</summary>
    public static void Run(string network, int epochs, int warm)
    {
        var task = Catalogue.Task("gaussian_linear:10");
        var training = Catalogue.Training(task, network) with { Epochs = epochs, Patience = epochs };
        var clock = new Clock(warm);
        using var trained = training.Train(new SimulatedPairs(task, 1, "training"), 1, clock);
        var rows = training.Simulations - (training.Simulations / 10);
        var steps = (epochs - warm) * (rows / training.BatchSize);
        Console.WriteLine(JsonSerializer.Serialize(
            new Figures(steps / clock.Seconds, trained.Epochs[^1].Validation, trained.Network.parameters().Sum(one => one.numel()), $"libtorch {TorchSharp.torch.__version__}, one thread"), JsonSerializerOptions.Web));
    }

    private static Figures Start(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Figures>(output, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private sealed record Figures(double Steps, double Loss, long Weights, string System);

    /// <summary>Time from the end of an epoch to the end of the last.</summary>
    private sealed class Clock(int warm) : IProgress<EpochMetrics>
    {
        private readonly Stopwatch watch = new();

        public double Seconds => watch.Elapsed.TotalSeconds;

        public void Report(EpochMetrics value)
        {
            if (value.Epoch == warm)
            {
                watch.Restart();
            }
        }
    }
}
