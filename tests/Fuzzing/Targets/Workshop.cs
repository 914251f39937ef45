using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;

namespace Fuzzing;

/// <summary>A small model with a kink, questions about it, and their answers: what the inputs are made from.</summary>
internal static class Workshop
{
    public static readonly FamilyDescription Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "scale" }""").RootElement);

    /// <summary>When certificates were made, by what they say, so that every run makes the same bytes.</summary>
    private const string Created = "2026-01-01T00:00:00Z";

    private static readonly Lazy<string> TemporaryFolder = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("fuzzing-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    /// <summary>mean = V relu(W x + b), log of the scale = 0.1 x: 2 to 2 and 2, with five hidden neurons.</summary>
    public static byte[] Model { get; } = MakeModel();

    /// <summary>A question without a witness.</summary>
    public static readonly string Property = Question(0.05);

    /// <summary>A question with a witness.</summary>
    public static readonly byte[] Satisfiable = Encoding.UTF8.GetBytes(Question(-0.05));

    /// <summary>A folder of this process.</summary>
    public static string Folder => TemporaryFolder.Value;

    public static string Sha256Of(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static Claim Robustness { get; } = new()
    {
        Kind = ClaimKind.Robustness,
        Metric = Metric.Wasserstein2,
        Norm = Norm.Linf,
        Observation = [0.2, -0.1],
        ObservationRow = 0,
        Radius = [0.3, 0.3],
        AtMost = 0.9,
    };

    public static Claim Lipschitz { get; } = new()
    {
        Kind = ClaimKind.Lipschitz,
        Metric = Metric.Wasserstein2,
        Norm = Norm.L2,
        DomainLower = [-1, -0.5],
        DomainUpper = [1, 0.75],
    };

    public static Estimator Estimator { get; } = MakeEstimator();

    /// <summary>Certificates of both claims and of a probability.</summary>
    public static ImmutableArray<Certificate> Certificates => [.. new[]
    {
        Robustness, Robustness with { Norm = Norm.L2, AtMost = null }, Lipschitz,
        new Claim { Kind = ClaimKind.EventProbability, Observation = [0.2, -0.1], ObservationRow = 1, Norm = Norm.L2, Radius = [0.1, 0.2], Parameter = 0, EventLower = 0, AtLeast = 0.1 },
    }.Select(claim => new Certifier { Curve = false, RelativeGap = 0.05, TimeLimit = TimeSpan.FromSeconds(20), Threads = 1 }.Run(Estimator, Family, claim).Certificate with { Seconds = 1.25, Created = Created })];

    /// <summary>Answers to both questions.</summary>
    public static ImmutableArray<PropertyCertificate> Answers => [.. new[] { Encoding.UTF8.GetBytes(Property), Satisfiable }
        .Select(property => new PropertyVerifier { AttackStarts = 4, Threads = 1, TimeLimit = TimeSpan.FromSeconds(20) }.Solve(Model, "model.onnx", property, "property.vnnlib").Certificate! with { Seconds = 1.25, Created = Created })];

    /// <summary>Whether the first mean comes above its largest value, found on a grid, by <paramref name="margin"/>; or far below where the second is not small.</summary>
    private static string Question(double margin)
    {
        var network = OnnxImporter.Read(Model, "model.onnx");
        var most = Enumerable.Range(0, 41 * 41).Max(k => network.Evaluate([-1 + (k % 41 / 20.0), -0.5 + (k / 41 / 32.0)])[network.Output("mean").Id][0]);
        return "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n(declare-const Y_2 Real)\n(declare-const Y_3 Real)\n(assert (<= -1 X_0 1))\n(assert (<= -0.5 X_1 0.75))\n"
            + string.Create(CultureInfo.InvariantCulture, $"(assert (or (>= Y_0 {most + margin:F6}) (and (<= Y_0 -30.5) (>= Y_1 0.1))))\n");
    }

    private static byte[] MakeModel()
    {
        var random = new Random(5);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var hidden = graph.Node("Relu", "hidden", [graph.Node("Gemm", "before", [x, graph.Initializer("w", Draw(10), 5, 2), graph.Initializer("b", Draw(5), 5)], ("transB", 1))]);
        graph.Node("Gemm", "mean", [hidden, graph.Initializer("v", Draw(10), 2, 5)], ("transB", 1));
        graph.Node("Gemm", "scale", [x, graph.Initializer("tenth", [0.1f, 0, 0, 0.1f], 2, 2)], ("transB", 1));
        graph.Output("mean", 2);
        graph.Output("scale", 2);
        return graph.ToBytes();
    }

    private static Estimator MakeEstimator()
    {
        var network = OnnxImporter.Read(Model, "model.onnx");
        return new Estimator(network, Family.Bind(network), Sha256Of(Model), "model.onnx");
    }
}
