using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Statistics;

namespace Guarantees.Tests.Claims;

/// <summary>theta ~ N(0, I), x ~ N(theta, I): the posterior is N(x / 2, I / 2). Estimators N(slope x + shift, (scale² / 2) I) of it, and tables of pairs in memory.</summary>
internal sealed record SimulatedPairs(byte[] Model, Estimator? Estimator, FamilyDescription Family)
{
    /// <summary>The posterior itself.</summary>
    public static SimulatedPairs Right { get; } = Of(2);

    /// <summary>Estimators of so many parameters; slope 0 and scale sqrt(2) is the prior.</summary>
    public static SimulatedPairs Of(int dimension, double scale = 1, double shift = 0, double slope = 0.5)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.DoubleInput("x", dimension);
        double[] Diagonal(double value) => [.. Enumerable.Range(0, dimension * dimension).Select(k => k / dimension == k % dimension ? value : 0)];
        graph.Node("Gemm", "mean", [x, graph.Initializer("a", Diagonal(slope), dimension, dimension), graph.Initializer("b", [.. Enumerable.Repeat(shift * Math.Sqrt(0.5), dimension)], dimension)]);
        graph.Node("Gemm", "log_sd", [x, graph.Initializer("none", Diagonal(0), dimension, dimension), graph.Initializer("c", [.. Enumerable.Repeat(Math.Log(scale * Math.Sqrt(0.5)), dimension)], dimension)]);
        graph.DoubleOutput("mean", dimension);
        graph.DoubleOutput("log_sd", dimension);
        return Of(graph.ToBytes(), """{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "log_sd" }""");
    }

    public static SimulatedPairs Of(byte[] model, string family)
    {
        var description = FamilyDescription.Parse(JsonDocument.Parse(family).RootElement);
        if (model.Length == 0)
        {
            return new(model, null, description);
        }

        var network = OnnxImporter.Read(model, "model.onnx");
        return new(model, new Estimator(network, description.Bind(network), Hash(model), "model.onnx"), description);
    }

    /// <summary>An estimator that is known by samples only.</summary>
    public static SimulatedPairs Samples(int parameters) => Of([], $$"""{ "name": "samples", "parameters": {{parameters}} }""");

    /// <summary>n rows theta, x.</summary>
    public static double[][] Draw(int n, int seed, int dimension = 2)
    {
        var random = new SeededGenerator(seed, 77);
        return [.. Enumerable.Range(0, n).Select(_ =>
        {
            double[] theta = [.. Enumerable.Range(0, dimension).Select(_ => Statistics.Samples.Normal(random))];
            return (double[])[.. theta, .. theta.Select(value => value + Statistics.Samples.Normal(random))];
        })];
    }

    /// <summary>Rows as an array of float64 in two axes.</summary>
    public static byte[] Array(IReadOnlyList<double[]> rows)
    {
        var header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows.Count}, {rows[0].Length}), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.Latin1.GetBytes(header), .. rows.SelectMany(row => row.SelectMany(BitConverter.GetBytes))];
    }

    /// <summary>Rows as text.</summary>
    public static byte[] Csv(string header, IEnumerable<double[]> rows) =>
        Encoding.UTF8.GetBytes(header + "\n" + string.Concat(rows.Select(row => string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n")));

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The question that a table asks.</summary>
    public static PairQuestion Question(byte[] table, int pairs, double confidence, int draws = 0, CredibleSet set = default, bool sequential = false) =>
        new() { File = table.Length > 0 && table[0] == 0x93 ? "pairs.npy" : "pairs.csv", Sha256 = Hash(table), Pairs = pairs, Confidence = confidence, Draws = draws, Set = set, IsSequential = sequential };

    public PairStatistics.Answer Solve(Claim claim, byte[] table, int seed = 1, byte[]? samples = null) =>
        PairStatistics.Solve(Estimator, Family, claim, new PairTables(() => new MemoryStream(table), samples is null ? null : () => new MemoryStream(samples)), seed);

    public PairStatistics.Answer Calibrate(IReadOnlyList<double[]> rows, double confidence, int draws = 19, double? atMost = null, int seed = 1)
    {
        var table = Array(rows);
        return Solve(new Claim { Kind = ClaimKind.Calibration, Pairs = Question(table, rows.Count, confidence, draws), AtMost = atMost }, table, seed);
    }

    public PairStatistics.Answer Cover(IReadOnlyList<double[]> rows, CredibleSet set, double level, double confidence, int draws = 0, double? atLeast = null, double? atMost = null, bool sequential = false, int seed = 1)
    {
        var table = Array(rows);
        return Solve(new Claim { Kind = ClaimKind.Coverage, Level = level, Pairs = Question(table, rows.Count, confidence, draws, set, sequential), AtLeast = atLeast, AtMost = atMost }, table, seed);
    }

    public PairStatistics.Answer Conform(IReadOnlyList<double[]> rows, CredibleSet set, double level, double confidence, double? atLeast = null)
    {
        var table = Array(rows);
        return Solve(new Claim { Kind = ClaimKind.Conformal, Level = level, Pairs = Question(table, rows.Count, confidence, 0, set), AtLeast = atLeast }, table);
    }
}

/// <summary>Numbers of an answer.</summary>
internal static class Found
{
    public static double Seen(this PairStatistics.Answer answer, string name, string measure) => answer.Findings.Single(finding => finding.Name == name && finding.Measure == measure).Seen;
}
