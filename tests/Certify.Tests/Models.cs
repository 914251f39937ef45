using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;

namespace Certify.Tests;

/// <summary>The posteriors that sbi trained, with radii of the size of their data: 0.01 standard deviations of each column.</summary>
internal static class Models
{
    public static readonly FamilyDescription Mixture = FamilyDescription.Parse(JsonDocument.Parse(
        """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": { "diagonal": "precision_diagonal", "upper": "precision_upper" } }""").RootElement);

    /// <summary>One observation of each task (the first row of its simulations), and 0.01 of each column's standard deviation.</summary>
    private static readonly Dictionary<string, (double[] Observation, double[] Radius)> Data = new()
    {
        ["two_moons"] = ([0.0709107667, -0.668292344], [0.0024, 0.0053]),
        ["sir"] = ([0, 0, 59, 276, 108, 17, 6, 0, 0, 0], [0.59, 1.28, 1.21, 1.01, 0.86, 0.69, 0.54, 0.42, 0.33, 0.26]),
    };

    public static byte[] Bytes(string task) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "sbi", string.Create(CultureInfo.InvariantCulture, $"sbi_npe_mdn_{task}_s0.onnx")));

    public static Estimator Estimator(string task)
    {
        var bytes = Bytes(task);
        var network = OnnxImporter.Read(bytes, task);
        return new Estimator(network, Mixture.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), task + ".onnx");
    }

    public static Claim Robustness(string task, Metric metric, double scale = 1) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = metric,
        Norm = Norm.Linf,
        Observation = [.. Data[task].Observation],
        ObservationRow = 0,
        Radius = [.. Data[task].Radius.Select(radius => radius * scale)],
    };

    public static ImmutableArray<double> Draw(Claim claim, Random random) =>
        [.. claim.Observation.Select((x, j) => Math.Clamp(
            x + (claim.Radius[j] * ((2 * random.NextDouble()) - 1)), Math.BitDecrement(x - claim.Radius[j]), Math.BitIncrement(x + claim.Radius[j])))];
}
