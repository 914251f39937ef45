using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Certify.Export;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>Robustness certificates of Gaussians, diagonal or with a triangular root, over ReLU networks, from <c>certify run</c>'s search to the checker extracted from Coq.</summary>
/// <remarks>Mutants that these tests saw: in GaussianHeads.v the deviation on one side only, e^y in the place of e^(y/2); in the reader the observation read as the box; in the exporter the ball's radius left out, and the entries below the diagonal after s in the place of before.</remarks>
public sealed class GaussianExportTests
{
    /// <summary>How s is written in the model and read by the family: the word in the export, the operator in the graph, the family.</summary>
    private static readonly (string Link, string Operator, string Family)[] Kinds =
    [
        ("exp", "", """{ "name": "diagonal-gaussian", "mean": "m", "log-standard-deviation": "s" }"""),
        ("half-exp", "", """{ "name": "diagonal-gaussian", "mean": "m", "log-variance": "s" }"""),
        ("softplus", "", """{ "name": "diagonal-gaussian", "mean": "m", "standard-deviation": "s", "transform": "softplus" }"""),
        ("softplus", "Softplus", """{ "name": "diagonal-gaussian", "mean": "m", "standard-deviation": "s" }"""),
        ("half-exp", "Exp", """{ "name": "diagonal-gaussian", "mean": "m", "variance": "s" }"""),
        ("softplus", "Softplus", """{ "name": "gaussian", "mean": "m", "cholesky": { "diagonal": "s", "lower": "l" } }"""),
        ("exp", "Exp", """{ "name": "gaussian", "mean": "m", "cholesky": { "diagonal": "s", "lower": "l" } }"""),
        ("exp", "", """{ "name": "gaussian", "mean": "m", "cholesky": { "diagonal": "s", "lower": "l", "transform": "log" } }"""),
        ("softplus", "", """{ "name": "gaussian", "mean": "m", "cholesky": { "diagonal": "s", "lower": "l", "transform": "softplus" } }"""),
    ];

    [CheckerFact]
    public void Robustness_certificates_are_accepted_and_say_what_they_claim()
    {
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            var (network, certificate) = Certified(kind, [2, 6, 6], 2, Kinds[kind].Operator, Kinds[kind].Family, 0.05);
            var export = GaussianExport.Of(network, certificate);

            var (code, output) = ExtractedChecker.Run(export.Text, "--statement", export.Statement.Sha256, "--show");

            Assert.True(code == 0, output);
            Assert.Contains($" {export.Leaves} leaves, ", output, StringComparison.Ordinal);
            Assert.Contains("W2(q(x), q(z)) <= ", output, StringComparison.Ordinal);
            Assert.Contains($"\n{(IsTriangular(Kinds[kind].Family) ? "cholesky" : "gaussian")} 2 {Kinds[kind].Link}\n", export.Text, StringComparison.Ordinal);
            Assert.Equal(export.Statement.Sha256, GaussianStatement.Of(network, certificate).Sha256);
        }
    }

    /// <summary>What a sampled input refutes is rejected, whatever the tree; the same bound a little larger is accepted, so that the checker is neither lax nor blunt.</summary>
    [CheckerFact]
    public void Bounds_below_a_sampled_distance_are_rejected_and_bounds_above_the_largest_are_accepted()
    {
        for (var seed = 0; seed < 36; seed++)
        {
            var (link, operation, family) = Kinds[seed % Kinds.Length];
            var head = new Head(new Random(seed), [1 + (seed % 3), 5], IsTriangular(family) ? 2 + (seed / 9 % 2) : 1 + (seed % 2), operation, IsTriangular(family));
            double[] x0 = [.. Enumerable.Range(0, head.Inputs).Select(j => 0.25 * (j + 1))];
            const double Radius = 0.03125;
            var random = new Random(seed + 100);
            var largest = Enumerable.Range(0, 4000).Max(_ => head.Distance([.. x0.Select(x => x + (Radius * Math.Clamp((2.4 * random.NextDouble()) - 1.2, -1, 1)))], x0, link));
            var certificate = Claimed(head, family, x0, Radius, (largest * 1.05) + 1e-5);
            var export = GaussianExport.Of(head.Network, certificate);

            Assert.Contains($"\nbox {head.Inputs}\n3670016 4718592\n", export.Text, StringComparison.Ordinal); // 0.25 - 1/32 and 0.25 + 1/32, times 2^24
            Assert.Contains($"\nobservation {head.Inputs}\n4194304 4194304\n", export.Text, StringComparison.Ordinal);
            Assert.Equal((BigInteger)Math.Floor(certificate.Claim.AtMost!.Value * (1 << CheckerStatement.Precision)), export.Statement.AtMost);
            Assert.Equal((seed, 0), (seed, ExtractedChecker.Run(export.Text).ExitCode));
            var tight = (long)((largest - 1e-6) * (1 << CheckerStatement.Precision));
            var (code, output) = ExtractedChecker.Run(export.Text.Replace($"at-most {export.Statement.AtMost}\n", $"at-most {tight}\n", StringComparison.Ordinal));
            Assert.Equal((seed, 1), (seed, code));
            Assert.Contains("the bound of the distance is ", output, StringComparison.Ordinal);
            Assert.True(Found(output) >= largest - 1e-6, output);
            var room = (long)(((largest * 1.1) + 1e-4) * (1 << CheckerStatement.Precision));
            (code, output) = ExtractedChecker.Run(export.Text.Replace($"at-most {export.Statement.AtMost}\n", $"at-most {room}\n", StringComparison.Ordinal), "--float32");
            Assert.True(code == 0 && output.Contains("accepted for every float32 execution", StringComparison.Ordinal), $"seed {seed}: {output}");
            (code, output) = ExtractedChecker.Run(export.Text.Replace($"at-most {export.Statement.AtMost}\n", $"at-most {tight}\n", StringComparison.Ordinal), "--float32");
            Assert.True(code == 1 && output.Contains("with what executions round is ", StringComparison.Ordinal), $"seed {seed}: {output}");
        }

        static double Found(string output) => double.Parse(output.Split("distance is ")[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    [CheckerFact]
    public void Corrupted_exports_prove_no_other_statement()
    {
        var (network, certificate) = Certified(3, [2, 4, 4], 1, "", Kinds[0].Family, 0.05);
        var export = GaussianExport.Of(network, certificate);
        var random = new Random(5);
        var refused = 0;
        for (var trial = 0; trial < 150; trial++)
        {
            var characters = export.Text.ToCharArray();
            characters[random.Next(characters.Length)] = "0123456789- xipz\n"[random.Next(17)];
            var text = new string(characters);
            var (code, output) = ExtractedChecker.Run(text, "--jobs", "1", "--statement", export.Statement.Sha256);
            Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.True(code is 1 or 65 || (code == 0 && text.Contains(export.Statement.Text, StringComparison.Ordinal)), $"trial {trial}: {code} {output}");
            refused += code == 0 ? 0 : 1;
        }

        Assert.True(refused > 75, $"{refused} refused");
    }

    [CheckerFact]
    public void Hostile_statements_are_refused_in_one_line()
    {
        var (network, certificate) = Certified(3, [2, 4, 4], 1, "", Kinds[0].Family, 0.05);
        var good = GaussianExport.Of(network, certificate).Text;
        foreach (var (text, reason) in new[]
        {
            (good.Replace("gaussian 1 exp", "gaussian 2 exp", StringComparison.Ordinal), "the network has 2 outputs"),
            (good.Replace("gaussian 1 exp", "gaussian 0 exp", StringComparison.Ordinal), "means must be at least 1"),
            (good.Replace("gaussian 1 exp", "gaussian 1 tanh", StringComparison.Ordinal), "the link is one of exp, half-exp, softplus"),
            (good.Replace("gaussian 1 exp", "cholesky 2 exp", StringComparison.Ordinal), "2 means and a triangle of as many rows, the network has 2 outputs"),
            (good.Replace("gaussian 1 exp", "laplace 1 exp", StringComparison.Ordinal), "expected 'cases', 'gaussian' or 'cholesky'"),
            (good.Replace("observation 2", "observation 3", StringComparison.Ordinal), "the observation has 3 sides, the network 2 inputs"),
            (good.Replace("at-most ", "at-most x", StringComparison.Ordinal), "expected an integer"),
        })
        {
            var (code, output) = ExtractedChecker.Run(text);
            Assert.True(code == 65, $"{reason}: {code} {output}");
            Assert.Contains(reason, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [CheckerFact]
    public void Outputs_outside_the_exponential_functions_range_are_rejected()
    {
        var (network, certificate) = Certified(3, [2, 4, 4], 1, "", Kinds[0].Family, 0.05);
        var lines = GaussianExport.Of(network, certificate).Text.Split('\n');
        var row = Array.FindIndex(lines, line => line.StartsWith("layer 2 4", StringComparison.Ordinal)) + 2; // the row of s: its bias becomes 10^9
        lines[row] = string.Join(' ', lines[row].Split(' ')[..^2]) + " 1000000000 0";

        var (code, output) = ExtractedChecker.Run(string.Join('\n', lines));

        Assert.Equal(1, code);
        Assert.Contains("the distribution at the observation cannot be enclosed", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_checker_does_not_know_is_refused_in_one_line()
    {
        var (network, certificate) = Certified(3, [2, 4, 4], 1, "", Kinds[0].Family, 0.05);
        Refused(certificate with { Claim = certificate.Claim with { Metric = Metric.Kl } }, "robustness in the metric wasserstein2 only");
        Refused(certificate with { Claim = certificate.Claim with { Norm = Guarantees.Claims.Norm.L2 } }, "balls of the norm linf");
        Refused(certificate with { Verdict = Verdict.Undecided }, "not proved");
        Refused(certificate with { Family = Family("""{ "name": "diagonal-gaussian", "mean": "m", "variance": "s" }""") }, "not what 'variance' and the end of the network give");
        Refused(certificate with { Family = Family("""{ "name": "diagonal-gaussian", "mean": "m", "log-variance": "missing" }""") }, "the network has no output 'missing'");
        Refused(certificate with { Family = Family("""{ "name": "gaussian", "mean": "m", "covariance": "s" }""") }, "knows the form cholesky");
        Refused(certificate with { Family = Family("""{ "name": "gaussian-mixture", "logits": "m", "means": "m", "standard-deviation": "s" }""") }, "families gaussian and diagonal-gaussian");
        Refused(certificate with { Claim = certificate.Claim with { Observation = [0.5], Radius = [0.5] } }, "about 1 entries of x with 1 radii, the network has 2 inputs");
        Refused(certificate with { Claim = certificate.Claim with { AtMost = 1e-9 } }, "no tree of at most");

        void Refused(Certificate wrong, string reason) =>
            Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => GaussianExport.Of(network, wrong)).Message, StringComparison.Ordinal);
    }

    /// <summary>The export of a small head with standard deviations e^s.</summary>
    internal static GaussianExport Small()
    {
        var (network, certificate) = Certified(3, [1, 3], 1, "", Kinds[0].Family, 0.05);
        return GaussianExport.Of(network, certificate);
    }

    private static bool IsTriangular(string family) => family.Contains("lower", StringComparison.Ordinal);

    private static FamilyDescription Family(string json) => FamilyDescription.Parse(JsonDocument.Parse(json).RootElement);

    private static (Guarantees.Networks.Network Network, Certificate Certificate) Certified(int seed, int[] sizes, int means, string operation, string family, double radius)
    {
        var head = new Head(new Random(seed), sizes, means, operation, IsTriangular(family));
        return (head.Network, Claimed(head, family, [.. Enumerable.Range(0, sizes[0]).Select(j => 0.3 - (0.2 * j))], radius, null));
    }

    private static Certificate Claimed(Head head, string family, double[] x0, double radius, double? atMost)
    {
        var described = Family(family);
        var estimator = new Estimator(head.Network, described.Bind(head.Network), Convert.ToHexStringLower(SHA256.HashData(head.Model)), "head.onnx");
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.Wasserstein2,
            Norm = Guarantees.Claims.Norm.Linf,
            Radius = [.. x0.Select(_ => radius)],
            Observation = [.. x0],
            ObservationRow = 0,
        };
        var certificate = new Certifier { RelativeGap = 0.05, MostParts = 20_000, Threads = 2, Curve = false, Draws = 1000, Model = head.Model }.Run(estimator, described, claim).Certificate;
        Assert.Equal(Verdict.Proved, certificate.Verdict);
        return atMost is null ? certificate : certificate with { Claim = claim with { AtMost = atMost } };
    }

    /// <summary>A random ReLU network with the outputs m, l (the entries of a root below its diagonal, where it is triangular) and s, the last behind an operator where one is named.</summary>
    private sealed class Head
    {
        private readonly SmallNetwork trunk;
        private readonly int means;

        public Head(Random random, int[] sizes, int means, string operation, bool isTriangular)
        {
            var below = isTriangular ? means * (means - 1) / 2 : 0;
            (trunk, this.means) = (new SmallNetwork(random, [.. sizes, (2 * means) + below]), means + below);
            var (w, b) = (trunk.Weights[^1], trunk.Biases[^1]);
            var graph = new OnnxGraphBuilder();
            var x = graph.Input("x", sizes[0]);
            for (var k = 0; k + 1 < sizes.Length; k++)
            {
                x = graph.Node("Gemm", $"z{k}", [x, graph.Initializer($"w{k}", Flat(trunk.Weights[k], 0, sizes[k + 1]), sizes[k + 1], sizes[k]), graph.Initializer($"b{k}", trunk.Biases[k], sizes[k + 1])], ("transB", 1));
                x = graph.Node("Relu", $"y{k}", [x]);
            }

            foreach (var (name, from, count) in new[] { ("m", 0, means), ("l", means, below), ("s", means + below, means) }.Where(part => part.Item3 > 0))
            {
                var isLast = name != "s" || operation.Length == 0;
                var y = graph.Node("Gemm", isLast ? name : "raw", [x, graph.Initializer($"w{name}", Flat(w, from, count), count, sizes[^1]), graph.Initializer($"b{name}", b.AsSpan(from, count), count)], ("transB", 1));
                graph.Output(isLast ? y : graph.Node(operation, name, [y]), count);
            }

            Model = graph.ToBytes();
            Network = OnnxImporter.Read(Model, "head.onnx");
        }

        public int Inputs => trunk.Sizes[0];

        public byte[] Model { get; }

        public Guarantees.Networks.Network Network { get; }

        /// <summary>W2, for a triangular root the cost of the coupling, in double arithmetic.</summary>
        public double Distance(double[] x, double[] x0, string link)
        {
            var (y, y0) = (trunk.Values(x), trunk.Values(x0));
            return Math.Sqrt(y.Zip(y0).Select((two, i) => i < means ? two.First - two.Second : Value(two.First) - Value(two.Second)).Sum(d => d * d));

            double Value(double s) => link switch { "exp" => Math.Exp(s), "half-exp" => Math.Exp(s / 2), _ => Math.Log(1 + Math.Exp(s)) };
        }

        private static float[] Flat(float[,] w, int from, int rows) =>
            [.. Enumerable.Range(from, rows).SelectMany(i => Enumerable.Range(0, w.GetLength(1)).Select(j => w[i, j]))];
    }
}
