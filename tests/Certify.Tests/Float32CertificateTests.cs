using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;
using Xunit.Abstractions;
using Input = Guarantees.Networks.Operators.Input;

namespace Certify.Tests;

/// <summary>"float32" is said of what every execution keeps, and of nothing else.</summary>
/// <remarks>Mutants seen to fail: a root whose movement is that of its argument, a product that does not carry what its factors move by.</remarks>
public sealed class Float32CertificateTests(ITestOutputHelper output)
{
    private static readonly FamilyDescription Head = FamilyDescription.Parse(JsonDocument.Parse(
        """{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "scale" }""").RootElement);

    private static readonly Claim Ball = new()
    {
        Kind = ClaimKind.Robustness,
        Metric = Metric.Wasserstein2,
        Norm = Norm.Linf,
        Observation = [0.02],
        ObservationRow = 0,
        Radius = [0.1],
        AtMost = 1,
    };

    private static readonly Claim Above = Ball with { Kind = ClaimKind.EventProbability, Metric = default, EventLower = -2, AtMost = null, AtLeast = 0.9 };

    /// <summary>D. Zombori et al., "Fooling a Complete Neural Network Verifier", ICLR 2021: huge a - huge b, which is 0, and in float32 what the order leaves.</summary>
    [Theory]
    [InlineData(1e9f, true)]
    [InlineData(1e9f, false)]
    [InlineData(1e8f, true)]
    public void A_float_order_gadget_is_never_proved_under_float32_semantics(float huge, bool most)
    {
        // The execution: the first product rounded, the second fused into the sum. It moves the mean by more than the claim allows.
        var moved = Enumerable.Range(0, 100).Select(k => 2 + (0.001f * k)).Max(a => MathF.FusedMultiplyAdd(-huge, a, huge * a));
        Assert.True(moved > 1.5, $"moves the mean by {moved} only: no execution violates the claim");

        var (model, answer) = Certify(Gadget(huge), most ? Ball : Above);
        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Assert.Equal("real", answer.Certificate.Semantics);
        Assert.Equal("real", answer.Result.Semantics);
        Assert.True(answer.Certificate.Float32 is null || (most ? answer.Certificate.Float32 > 1 : answer.Certificate.Float32 < 0.9));
        Accepts(model, answer.Certificate);
        Rejects(model, answer.Certificate with { Semantics = "float32" }, "semantics");
        Rejects(model, answer.Certificate with { Semantics = "float32", Float32 = most ? answer.Certificate.Upper : answer.Certificate.Lower }, "float32");
        Rejects(model, answer.Certificate with { Semantics = "float32", Float32 = most ? 1 : 0.9 }, "float32");
    }

    /// <summary>Huge weights that do not cancel exactly in the kernel's own arithmetic are not even proved for real numbers; that too is never float32.</summary>
    [Fact]
    public void A_gadget_of_1e17_is_not_proved_under_float32_semantics()
    {
        var (model, answer) = Certify(Gadget(1e17f), Ball);
        Assert.Equal("real", answer.Certificate.Semantics);
        Assert.True(answer.Certificate.Float32 is null or > 1);
        Accepts(model, answer.Certificate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_ordinary_estimator_is_proved_under_float32_semantics_and_no_forgery_passes(bool most)
    {
        var (model, answer) = Certify(Gadget(1), most ? Ball : Above);
        var honest = answer.Certificate;
        var (proved, end) = (most ? honest.Upper : honest.Lower, Assert.NotNull(honest.Float32));
        Assert.Equal("float32", honest.Semantics);
        Assert.Equal("float32", answer.Result.Semantics);
        Assert.InRange(most ? end - proved : proved - end, 1e-13, 1e-4);
        Assert.Contains("guarantees-certificate/2", Encoding.UTF8.GetString(CertificateFile.ToBytes(honest)), StringComparison.Ordinal);
        Accepts(model, honest);
        Accepts(model, honest with { Float32 = end + (most ? 1e-6 : -1e-6) });

        Rejects(model, honest with { Float32 = end + ((most ? -1e-9 : 1e-9) * Math.Abs(end)) }, "float32 executions are bounded by");
        Rejects(model, honest with { Float32 = proved }, "float32 executions are bounded by");
        Rejects(model, honest with { Semantics = "real" }, "semantics");
        Rejects(model, honest with { Semantics = "Float32" }, "semantics");
        Rejects(model, honest with { Semantics = "bfloat16" }, "semantics");
        Rejects(model, honest with { Float32 = null }, "semantics");
        Rejects(model, honest with { Verdict = Verdict.Undecided }, "semantics");
        Rejects(model, honest with { Float32 = most ? 2 : 0.1 }, "semantics");
    }

    [Fact]
    public void The_first_format_cannot_speak_of_float32()
    {
        var (_, answer) = Certify(Gadget(1), Ball);
        var text = Encoding.UTF8.GetString(CertificateFile.ToBytes(answer.Certificate)).Replace("guarantees-certificate/2", "guarantees-certificate/1", StringComparison.Ordinal);
        Assert.Contains("digest", Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(text), "old")).Message, StringComparison.Ordinal);
        var without = Encoding.UTF8.GetString(CertificateFile.ToBytes(answer.Certificate)).Replace("\"float32\":", "\"float23\":", StringComparison.Ordinal);
        Assert.Contains("float32 is missing", Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(without), "other")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Softmax")]
    [InlineData("BatchNormalization")]
    public void Operators_on_groups_have_a_bound_for_float32(string operation)
    {
        var (model, answer) = Certify(Gadget(1, operation), Ball);
        Assert.Equal("float32", answer.Certificate.Semantics);
        Assert.True(answer.Certificate.Float32 > answer.Certificate.Upper);
        Accepts(model, answer.Certificate);
        Rejects(model, answer.Certificate with { Float32 = answer.Certificate.Upper }, "float32");
    }

    [Fact]
    public void What_is_not_modelled_leaves_real_semantics_and_the_reason()
    {
        const string operation = "cast";
        var (model, answer) = Certify(Gadget(1, operation), Ball);
        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Assert.Equal("real", answer.Certificate.Semantics);
        Assert.Null(answer.Certificate.Float32);
        Assert.Contains(operation, answer.Result.Float32Reason, StringComparison.Ordinal);
        Accepts(model, answer.Certificate);
        Rejects(model, answer.Certificate with { Semantics = "float32", Float32 = 0.9 }, operation);
    }

    [Fact]
    public void A_Lipschitz_constant_is_one_of_the_real_function()
    {
        var claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = Metric.Wasserstein2, Norm = Norm.L2, DomainLower = [-0.1], DomainUpper = [0.1] };
        var (model, answer) = Certify(Gadget(1), claim);
        Assert.Equal("real", answer.Certificate.Semantics);
        Assert.Contains("step function", answer.Result.Float32Reason, StringComparison.Ordinal);
        Rejects(model, answer.Certificate with { Semantics = "float32", Float32 = 1e6 }, "no bound for float32 follows");
    }

    /// <summary>The bound for float32 of trained posteriors is close to the real one.</summary>
    [Theory]
    [InlineData("two_moons", Metric.Wasserstein2)]
    [InlineData("two_moons", Metric.TotalVariation)]
    [InlineData("two_moons", Metric.Kl)]
    [InlineData("sir", Metric.Hellinger)]
    public void Trained_posteriors_are_certified_for_float32(string task, Metric metric)
    {
        var certifier = new Certifier { RelativeGap = 0.1, Curve = false, Model = Models.Bytes(task) };
        var answer = certifier.Run(Models.Estimator(task), Models.Mixture, Models.Robustness(task, metric));
        output.WriteLine($"{task} {metric}: real {answer.Result.Upper:G9}, float32 {answer.Result.Float32:G9} {answer.Result.Float32Reason}");
        Assert.Equal("float32", answer.Result.Semantics);
        var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(answer.Certificate), "memory"), Models.Bytes(task));
        Assert.True(report.Accepted, report.Reason);
    }

    /// <summary>Law: outputs moved by any part of their errors change the quantity by at most the allowance.</summary>
    [Theory]
    [InlineData(Metric.Wasserstein2, ClaimKind.Robustness)]
    [InlineData(Metric.TotalVariation, ClaimKind.Robustness)]
    [InlineData(Metric.Hellinger, ClaimKind.Robustness)]
    [InlineData(Metric.Kl, ClaimKind.Robustness)]
    [InlineData(Metric.Kl, ClaimKind.EventProbability)]
    [InlineData(Metric.Kl, ClaimKind.CredibleInterval)]
    public void Outputs_that_move_by_their_errors_move_the_quantity_by_at_most_the_allowance(Metric metric, ClaimKind kind)
    {
        var task = kind == ClaimKind.CredibleInterval ? Gadget(1) : Models.Bytes("two_moons");
        var network = OnnxImporter.Read(task, "m");
        var estimator = new Estimator(network, (kind == ClaimKind.CredibleInterval ? Head : Models.Mixture).Bind(network), "", "m");
        foreach (var least in kind == ClaimKind.EventProbability ? new[] { false, true } : [false])
        {
            var claim = kind == ClaimKind.CredibleInterval
                ? Ball with { Kind = kind, Metric = default, AtMost = null, Level = 0.9 }
                : Models.Robustness("two_moons", metric) with { Kind = kind, EventLower = 0, AtLeast = least ? 0.01 : null };
            var problem = ClaimCompiler.Compile(estimator, claim);
            var executed = Float32Execution.Over(task, "m", problem.Domain.Box);
            var (random, real, moved) = (new Random(1), new double[400], new double[400]);
            for (var k = 0; k < real.Length; k++)
            {
                double[] x = [.. claim.Observation.Select((x0, j) => x0 + (claim.Radius[j] * ((2 * random.NextDouble()) - 1)))];
                real[k] = Evaluate(problem, x, []);
                moved[k] = Evaluate(problem, x, problem.Parameters.ToDictionary(
                    parameter => parameter.Node, parameter => executed[parameter.Output].Error.Select(error => error * (k % 2 == 0 ? (random.Next(2) * 2) - 1 : (2 * random.NextDouble()) - 1)).ToArray()));
            }

            // Every c that g stays below: the least of them, and a larger one.
            foreach (var c in new[] { real.Max(), 3 * Math.Abs(real.Max()) })
            {
                var (allowance, reason) = Float32Allowance.Of(task, "m", network, problem, c);
                var most = moved.Zip(real, (m, r) => m - r).Max();
                output.WriteLine($"{real.Max():G6} becomes {moved.Max():G9}; at most {c:G6} becomes at most {c + allowance:G9} {reason}");
                Assert.Equal("", reason);
                Assert.True(moved.Max() <= c + allowance);
                Assert.True(c > real.Max() || most > 1e-6 * allowance, $"nothing moves: {most:G3}");
            }
        }
    }

    /// <summary>Weights at the end of float32: no bound or a large one, and no exception.</summary>
    [Theory]
    [InlineData(1e20f, 3000f)]
    [InlineData(1f, 6000f)]
    [InlineData(3e38f, 1f)]
    public void Huge_weights_end_in_an_answer(float huge, float tenth)
    {
        var model = Gadget(huge, "", tenth);
        var network = OnnxImporter.Read(model, "m");
        var estimator = new Estimator(network, Head.Bind(network), "", "m");
        foreach (var claim in new[] { Metric.Wasserstein2, Metric.TotalVariation, Metric.Hellinger, Metric.Kl }.Select(metric => Ball with { Metric = metric }).Append(Above))
        {
            var (allowance, reason) = Float32Allowance.Of(model, "m", network, ClaimCompiler.Compile(estimator, claim), claim.Kind == ClaimKind.EventProbability ? -0.5 : 0.5);
            Assert.True(reason.Length > 0 ? double.IsPositiveInfinity(allowance) : allowance > 1e-9, $"{claim.Metric}: {allowance} {reason}");
            Assert.DoesNotContain('\n', reason);
        }

        // What never exceeds its cap, in any arithmetic, needs no allowance there.
        var (atCap, none) = Float32Allowance.Of(model, "m", network, ClaimCompiler.Compile(estimator, Ball with { Metric = Metric.TotalVariation }), 1);
        Assert.True(none.Length > 0 || atCap == 0, $"{atCap} {none}");
    }

    private static double Evaluate(Problem problem, double[] x, Dictionary<int, double[]> moves)
    {
        var values = new double[problem.Graph.Nodes.Length][];
        foreach (var node in problem.Graph.Nodes)
        {
            values[node.Id] = new double[node.Length];
            if (node.Operator is Input input)
            {
                values[node.Id] = x[input.Start..(input.Start + input.Length)];
            }
            else
            {
                node.Operator.Evaluate([.. node.Arguments.Select(argument => values[argument])], values[node.Id]);
            }

            if (moves.TryGetValue(node.Id, out var move))
            {
                values[node.Id] = [.. values[node.Id].Zip(move, (value, d) => value + d)];
            }
        }

        return values[problem.Objective][0];
    }

    private static (byte[] Model, Certification Answer) Certify(byte[] model, Claim claim)
    {
        var network = OnnxImporter.Read(model, "gadget");
        var estimator = new Estimator(network, Head.Bind(network), Convert.ToHexStringLower(SHA256.HashData(model)), "gadget.onnx");
        return (model, new Certifier { Curve = false, RelativeGap = 0.05, TimeLimit = TimeSpan.FromMinutes(5), MostParts = 20_000, Model = model }.Run(estimator, Head, claim));
    }

    /// <summary>mean = x / 4 - (huge a - huge b), a = b = relu(x + 2); log standard deviation -1 + x tenth. With another operator on the way where one is named.</summary>
    private static byte[] Gadget(float huge, string operation = "", float tenth = 0.1f)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        var hidden = graph.Node("Relu", "hidden", [graph.Node("Gemm", "before", [x, graph.Initializer("w", [1f, 1, 0.25f], 3, 1), graph.Initializer("b", [2f, 2, 2], 3)], ("transB", 1))]);
        hidden = operation switch
        {
            "Softmax" => graph.Node("Softmax", "other", [hidden], ("axis", 1)),
            "BatchNormalization" => graph.Node(
                "BatchNormalization",
                "other",
                [hidden, graph.Initializer("s", [1f, 1, 1], 3), graph.Initializer("t", [0f, 0, 0], 3), graph.Initializer("m", [0f, 0, 0], 3), graph.Initializer("n", [1f, 1, 1], 3)]),
            "cast" => graph.Node("Add", "other", [hidden, graph.Node("Cast", "back", [graph.Node("Cast", "half", [graph.Initializer("t", [0f, 0.1f, 0], 3)], ("to", 10))], ("to", 1))]),
            _ => hidden,
        };
        graph.Node("Gemm", "mean", [hidden, graph.Initializer("v", [-huge, huge, 1], 1, 3), graph.Initializer("c", [-2f], 1)], ("transB", 1));
        graph.Node("Gemm", "scale", [x, graph.Initializer("tenth", [tenth], 1, 1), graph.Initializer("less", [-1f], 1)], ("transB", 1));
        graph.Output("mean", 1);
        graph.Output("scale", 1);
        return graph.ToBytes();
    }

    private static void Accepts(byte[] model, Certificate certificate) => Assert.Equal("", Check(model, certificate));

    private static void Rejects(byte[] model, Certificate certificate, string because) => Assert.Contains(because, Check(model, certificate), StringComparison.Ordinal);

    private static string Check(byte[] model, Certificate certificate) =>
        CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(certificate), "memory"), model).Reason;
}
