using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;

namespace Benchmarks;

/// <summary>Certified bounds of the posteriors of <c>data/sbi</c> beside what attacks attain: every metric, linf balls of 1 and 5 % of each column's standard deviation.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- posteriors ../shared/data [ROWS [SECONDS [TASK]]]: the first ROWS (20) simulations of each task as observations, at most SECONDS (30) each, both cores.
/// A row of the table: medians over the observations of what the attack attains, of the certified bound, and of their ratio, and the largest ratio. Where the bound is one of an upper bound of the
/// metric, the attack attains a value of that upper bound; the column "metric" is then the median of the certified bound over a lower bound of the metric itself at the attack's point (for
/// Wasserstein distances rigorous, otherwise with confidence 0.99 from 200,000 draws).
/// </remarks>
internal static class PosteriorTable
{
    private static readonly string[] Tasks = ["two_moons", "sir", "gaussian_linear", "slcp"];

    private static readonly Metric[] Metrics =
        [Metric.Wasserstein1, Metric.Wasserstein2, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon];

    public static void Print(string data, int rows, double seconds, string? only)
    {
        Console.WriteLine("| posterior | radius | metric | attack | certified | ratio | largest | certified / lower bound of the metric | seconds | longest |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var share in new[] { 0.01, 0.05 })
        {
            foreach (var task in Tasks.Where(task => only is null || task == only))
            {
                var (estimator, family, observations, radius) = Load(Path.Combine(data, "sbi", $"sbi_npe_mdn_{task}_s0"), share);
                foreach (var metric in Metrics)
                {
                    var results = new List<(ClaimResult Result, double Seconds)>();
                    for (var row = 0; row < Math.Min(rows, observations.Length); row++)
                    {
                        var claim = new Claim { Kind = ClaimKind.Robustness, Metric = metric, Norm = Norm.Linf, Radius = [.. radius], Observation = [.. observations[row]], ObservationRow = row };
                        var clock = Stopwatch.StartNew();
                        var certifier = new Certifier { RelativeGap = 0.05, Curve = false, TimeLimit = TimeSpan.FromSeconds(seconds), Draws = 200_000 };
                        results.Add((certifier.Run(estimator, family, claim).Result, clock.Elapsed.TotalSeconds));
                        Console.Error.WriteLine(Invariant($"{task} {share:P0} {Words.Of(metric)} row {row}: [{results[^1].Result.Lower:G6}, {results[^1].Result.Upper:G6}], metric at least {results[^1].Result.MetricLower:G6}, {results[^1].Seconds:F1} s"));
                    }

                    var toMetric = results.Where(one => one.Result.MetricLower > 0).Select(one => one.Result.Upper / one.Result.MetricLower!.Value).ToArray();
                    Console.WriteLine(Invariant($"| {task} | {share:P0} | {Words.Of(metric)} | {Median(one => one.Result.Lower):G4} | {Median(one => one.Result.Upper):G4} | {Median(Ratio):F3} | {results.Max(Ratio):F3} | ")
                        + (results[0].Result.ExactMetric ? "exact" : toMetric.Length == 0 ? "no lower bound above 0" : Invariant($"{Middle(toMetric):F2}{(toMetric.Length < results.Count ? $" ({toMetric.Length} of {results.Count})" : "")}"))
                        + Invariant($" | {Median(one => one.Seconds):F1} | {results.Max(one => one.Seconds):F1} |"));

                    double Median(Func<(ClaimResult Result, double Seconds), double> of) => Middle([.. results.Select(of)]);
                }
            }
        }
    }

    private static double Ratio((ClaimResult Result, double Seconds) one) => one.Result.Upper / one.Result.Lower;

    private static double Middle(double[] values)
    {
        Array.Sort(values);
        return 0.5 * (values[(values.Length - 1) / 2] + values[values.Length / 2]);
    }

    private static (Estimator Estimator, FamilyDescription Family, double[][] Observations, double[] Radius) Load(string stem, double share)
    {
        var bytes = File.ReadAllBytes(stem + ".onnx");
        var network = OnnxImporter.Read(bytes, stem);
        var family = FamilyDescription.Parse(JsonDocument.Parse(
            """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": { "diagonal": "precision_diagonal", "upper": "precision_upper" } }""").RootElement);
        var table = Table.Read(stem + "_simulations.csv");
        var columns = table.Sequence("x_");
        var data = Enumerable.Range(0, table.Rows).Select(i => columns.Select(j => table[i][j]).ToArray()).ToArray();
        var radius = columns.Select((_, j) =>
        {
            var mean = data.Average(row => row[j]);
            return share * Math.Sqrt(data.Average(row => (row[j] - mean) * (row[j] - mean)));
        }).ToArray();
        return (new Estimator(network, family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), stem), family, data, radius);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
