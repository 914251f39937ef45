using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Certify.Native;
using Estimators;
using Estimators.Families;
using Estimators.Simulators;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using static TorchSharp.torch;

namespace Benchmarks;

/// <summary>How accurate the flows are, and how far from the attack their certified change of density is.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- flows ../shared/data [TASK [SEEDS]]: 10,000 simulations, otherwise each family as <see cref="Catalogue.Training"/> has it, seeds 1 to SEEDS (1). C2ST: mean over observations 1-3 of <c>data/sbibm</c>,
/// 2,000 draws against the first 2,000 of the reference. Change: the largest |ln q(theta | x) - ln q(theta | x0)| over the linf ball of 0.1 % of each column's standard deviation, at three fresh data sets, theta in the box around a draw
/// whose sides are a tenth of the standard deviations of 1,000 draws: medians of what the attack attains and of the certified bound, and the largest bound; at most five seconds each.
/// </remarks>
internal static class FlowTable
{
    private const int Observations = 3;

    public static void Print(string data, string? only, int seeds)
    {
        NativeTorch.EnsureLoaded();
        set_num_threads(1);
        Console.WriteLine("| task | family | seed | -ln q held out | C2ST | training, s | change attained | change certified | largest certified |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, folder) in new[] { ("gaussian_linear:10", "gaussian_linear"), ("two_moons", "two_moons"), ("sir", "sir") }.Where(task => only is null || task.Item2 == only))
        {
            var task = Catalogue.Task(name);
            foreach (var family in (string[])["coupling-flow", "autoregressive-flow", "spline-flow"])
            {
                for (var seed = 1; seed <= seeds; seed++)
                {
                    var clock = Stopwatch.StartNew();
                    using var trained = (Catalogue.Training(task, family) with { Simulations = 10_000 }).Train(new SimulatedPairs(task, seed, "training"), seed);
                    var seconds = clock.Elapsed.TotalSeconds;
                    var flow = (NormalizingFlow)trained.Network;
                    var accuracy = Enumerable.Range(1, 3).Average(number => TrainingTable.Accuracy(
                        Path.Combine(data, "sbibm", folder, number.ToString(CultureInfo.InvariantCulture)), (x, count) => Draw(flow, x, count, number)));
                    var changes = Catalogue.Observations(task, Observations, 1).Select(x => Change(flow, x)).ToArray();
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {folder} | {family} | {seed} | {trained.Best.Surprise:F3} | {accuracy:F3} | {seconds:F0} | {TrainingTable.Middle([.. changes.Select(one => one.Lower)]):G3} | {TrainingTable.Middle([.. changes.Select(one => one.Upper)]):G3} | {changes.Max(one => one.Upper):G3} |"));
                }
            }
        }
    }

    private static (double Lower, double Upper) Change(NormalizingFlow flow, double[] x)
    {
        var draws = Draw(flow, x, 1000, 1);
        var sides = Enumerable.Range(0, flow.Dimension).Select(i => 0.1 * Deviation([.. draws.Select(draw => draw[i])])).ToArray();
        var bytes = flow.ToOnnx("flow");
        var network = OnnxImporter.Read(bytes, "flow");
        var family = FamilyDescription.Parse(JsonDocument.Parse(flow.FamilyText).RootElement);
        var result = new Certifier { RelativeGap = 0.05, Curve = false, TimeLimit = TimeSpan.FromSeconds(5) }.Run(
            new Guarantees.Claims.Estimator(network, family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), "flow"),
            family,
            new Claim
            {
                Kind = ClaimKind.Robustness,
                Metric = Metric.LogDensity,
                Norm = Norm.Linf,
                Radius = [.. flow.DataScale().Select(scale => 0.001 * scale)],
                Observation = [.. x],
                ParameterLower = [.. draws[0].Zip(sides, (value, side) => value - (side / 2))],
                ParameterUpper = [.. draws[0].Zip(sides, (value, side) => value + (side / 2))],
            }).Result;
        return (result.Lower, result.Upper);
    }

    private static double[][] Draw(NormalizingFlow flow, double[] x, int count, int seed)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)seed);
        return [.. flow.Draw(tensor([.. x.Select(value => (float)value)]), count, random).data<float>().ToArray().Select(value => (double)value).Chunk(flow.Dimension)];
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
