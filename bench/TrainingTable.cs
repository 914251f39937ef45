using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Certify.Sampling;
using Estimators;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;
using ICSharpCode.SharpZipLib.BZip2;

namespace Benchmarks;

/// <summary>What training for certificates costs and gives: every method beside plain training.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- training ../shared/data [TASK [SECONDS [SEEDS [METHODS]]]]: 10,000 simulations, one model for each method (all, or plain,noise,...) and strength, seeds FIRST-LAST or 1 to LAST (1). C2ST: mean over observations 1-3 of <c>data/sbibm</c>, 2,000 draws against the
/// first 2,000 of the reference (with all 10,000 it is a little higher). W2: medians over 20 fresh data sets (use "observations") of what the attack attains and of the certified bound of the change over the linf ball of 5 % of each column's standard deviation, at most SECONDS (3) each.
/// </remarks>
internal static class TrainingTable
{
    private const int Observations = 20;
    private const int Draws = 2000;

    private static readonly (string Method, double Strength)[] Settings =
    [
        ("plain", 1), ("interval", 1), ("interval", 5), ("interval", 20), ("crown-ibp", 5), ("small-box", 5), ("spectral", 1), ("orthogonal", 0.5), ("orthogonal", 1), ("orthogonal", 4), ("sandwich", 0.25), ("sandwich", 1), ("sandwich", 4), ("noise", 2),
        ("adversarial", 5), ("fisher-trace", 3), ("fisher-trace", 30), ("coverage", 20),
    ];

    public static void Print(string data, string? only, double seconds, string seeds, string? methods)
    {
        int[] range = [.. seeds.Split('-').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))];
        Console.WriteLine("| task | method | strength | seed | -ln q held out | C2ST | W2 attained | W2 certified | plain / method | training, s | certifying, s |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (name, folder, components) in new[] { ("gaussian_linear:10", "gaussian_linear", 1), ("two_moons", "two_moons", 8), ("sir", "sir", 1) }.Where(task => only is null || task.Item2 == only))
        {
            var task = Catalogue.Task(name);
            var observed = Catalogue.Observations(task, Observations, 1);
            for (var seed = range.Length > 1 ? range[0] : 1; seed <= range[^1]; seed++)
            {
                var plain = double.NaN;
                foreach (var (method, strength) in Settings.Where(setting => methods is null || methods.Split(',').Contains(setting.Method)))
                {
                    var clock = Stopwatch.StartNew();
                    using var trained = new PosteriorTraining { Components = components, Method = TrainingMethod.Of(method).With(strength) }.Train(new SimulatedPairs(task, seed, "training"), seed);
                    var training = clock.Elapsed.TotalSeconds;
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder} {method} {strength}: trained in {training:F0} s"));
                    var bytes = trained.Network.ToOnnx(folder);
                    var network = OnnxImporter.Read(bytes, folder);
                    var family = FamilyDescription.Parse(JsonDocument.Parse(trained.Network.FamilyText).RootElement);
                    var estimator = new Estimator(network, family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), folder);
                    var radius = trained.Network.DataScale().Select(scale => 0.05 * scale).ToArray();
                    var accuracy = Enumerable.Range(1, 3).Average(number => Accuracy(estimator, Path.Combine(data, "sbibm", folder, number.ToString(CultureInfo.InvariantCulture)), number));
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder} {method} {strength}: C2ST {accuracy:F3} after {clock.Elapsed.TotalSeconds:F0} s"));
                    clock.Restart();
                    var results = observed.Select((x, row) => new Certifier { RelativeGap = 0.05, Curve = false, TimeLimit = TimeSpan.FromSeconds(seconds) }.Run(
                        estimator, family, new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.Linf, Radius = [.. radius], Observation = [.. x], ObservationRow = row }).Result).ToArray();
                    var certified = Middle([.. results.Select(one => one.Upper)]);
                    plain = method == "plain" ? certified : plain;
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {folder} | {method} | {strength} | {seed} | {trained.Best.Surprise:F3} | {accuracy:F3} | {Middle([.. results.Select(one => one.Lower)]):G4} | {certified:G4} | {plain / certified:F2} | {training:F0} | {clock.Elapsed.TotalSeconds:F0} |"));
                }
            }
        }
    }

    private static double Accuracy(Estimator estimator, string folder, int seed) => Accuracy(folder, (x, count) => PosteriorSampler.Draw(estimator, x, count, seed));

    /// <summary>C2ST of draws at an observation of sbibm against its reference.</summary>
    internal static double Accuracy(string folder, Func<double[], int, double[][]> draw)
    {
        var x = Table.Read(Path.Combine(folder, "observation.csv"))[0].ToArray();
        using var text = new MemoryStream();
        using (var file = File.OpenRead(Path.Combine(folder, "reference_posterior_samples.csv.bz2")))
        {
            BZip2.Decompress(file, text, isStreamOwner: false);
        }

        var table = Table.Read(text.ToArray(), "reference.csv");
        double[][] reference = [.. Enumerable.Range(0, Draws).Select(row => table[row].ToArray())];
        return new TwoSampleClassifier().Accuracy(reference, draw(x, reference.Length), 1);
    }

    internal static double Middle(double[] values)
    {
        Array.Sort(values);
        return 0.5 * (values[(values.Length - 1) / 2] + values[values.Length / 2]);
    }
}
