using System.Security.Cryptography;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>
/// Exchangeable data of a number of points that varies, up to a stated maximum: every point comes with a mark, 1 where it is there, and the pool counts marked points only. Marks are data with the radius 0, and what is
/// certified is what is certified of a network for that number of points alone.
/// </summary>
public sealed class MaskedSetTests(ITestOutputHelper output)
{
    private const int Features = 8;
    private static readonly FamilyDescription Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "log_sd" }""").RootElement);

    [Theory]
    [InlineData("mean", Norm.Linf, 1)]
    [InlineData("mean", Norm.Linf, 5)]
    [InlineData("mean", Norm.L0, 5)]
    [InlineData("max", Norm.Linf, 5)]
    [InlineData("max", Norm.L0, 5)]
    [InlineData("mean", Norm.L2, 3)]
    public void A_set_of_any_size_has_the_bound_of_a_network_for_that_size(string pool, Norm norm, int present)
    {
        const int Most = 12;
        var random = new Random(3);
        double[] points = [.. Enumerable.Range(0, Most).Select(_ => (2 * random.NextDouble()) - 1)];
        var marked = Run(Network(pool, Most, marks: true), norm, [.. points.SelectMany((value, i) => i < present ? new[] { value, 1 } : [0.7, 0])], [.. points.SelectMany((_, i) => new[] { i < present ? 0.1 : 0, 0 })], group: 2);
        var alone = Run(Network(pool, present, marks: false), norm, points[..present], [.. Enumerable.Repeat(0.1, present)], group: 1);

        output.WriteLine($"{pool} {norm} {present} of {Most}: [{marked.Lower:G5}, {marked.Upper:G5}], alone [{alone.Lower:G5}, {alone.Upper:G5}]");
        Assert.InRange(marked.Upper, alone.Lower * (1 - 1e-9), alone.Upper * 1.05);
        Assert.InRange(marked.Lower, 0.95 * alone.Lower, alone.Upper * (1 + 1e-9));
    }

    /// <summary>Points that are not there may be anything: their radius says nothing.</summary>
    [Fact]
    public void Points_without_a_mark_do_not_count()
    {
        var network = Network("mean", 6, marks: true);
        double[] At(double absent) => [.. Enumerable.Range(0, 6).SelectMany(i => i < 4 ? new[] { 0.2 * i, 1 } : [absent, 0])];
        var estimator = Estimator(network);
        var mean = estimator.Network.Output("mean").Id;
        Assert.Equal(estimator.Network.Evaluate(At(0))[mean], estimator.Network.Evaluate(At(5))[mean]);
        var still = Run(network, Norm.Linf, At(0), [.. Enumerable.Range(0, 6).SelectMany(i => new double[] { i < 4 ? 0 : 9, 0 })], group: 2);
        Assert.InRange(still.Upper, 0, 1e-6);
    }

    private static Certificate Run(byte[] model, Norm norm, double[] observation, double[] radius, int group)
    {
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.Wasserstein2,
            Norm = norm,
            Radius = [.. radius],
            Observation = [.. observation],
            ObservationRow = 0,
            Entries = norm == Norm.L0 ? 1 : 0,
            Group = norm == Norm.L0 ? group : 1,
        };
        var certificate = new Certifier { RelativeGap = 0.02, MostParts = 20_000, TimeLimit = TimeSpan.FromMinutes(3), Curve = false, Draws = 1000 }.Run(Estimator(model), Family, claim).Certificate;
        Assert.Equal("", CertificateChecker.Check(certificate, model).Reason);
        return certificate;
    }

    private static Estimator Estimator(byte[] model)
    {
        var network = OnnxImporter.Read(model, "sets.onnx");
        return new Estimator(network, Family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(model)), "sets.onnx");
    }

    /// <summary>phi = tanh(W p + b) of each point, pooled; the mean, or the largest of phi + 3 (mark - 1), which no point without a mark attains.</summary>
    private static byte[] Network(string pool, int points, bool marks)
    {
        var random = new Random(11);
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", points * (marks ? 2 : 1));
        var rows = graph.Node("Reshape", "rows", [x, graph.Initializer("shape", [-1L, points, marks ? 2 : 1], 3)]);
        var (value, mark) = (rows, "");
        if (marks)
        {
            graph.Node("Split", ["value", "mark"], [rows, graph.Initializer("parts", [1L, 1L], 2)], ("axis", 2));
            (value, mark) = ("value", "mark");
        }

        var phi = graph.Node("Tanh", "phi", [graph.Node("Add", "raw", [graph.Node("MatMul", "product", [value, graph.Initializer("w", Draw(Features, 2), 1, Features)]), graph.Initializer("b", Draw(Features, 1), Features)])]);
        string pooled;
        if (pool == "max")
        {
            if (marks)
            {
                var shift = graph.Node("Mul", "shift", [graph.Node("Sub", "absent", [mark, graph.Initializer("one", [1f], 1)]), graph.Initializer("three", [3f], 1)]);
                phi = graph.Node("Add", "present", [phi, shift]);
            }

            pooled = graph.Node("ReduceMax", "pooled", [phi], ("axes", new long[] { 1 }), ("keepdims", 0L));
        }
        else if (marks)
        {
            var sum = graph.Node("ReduceSum", "sum", [graph.Node("Mul", "marked", [phi, mark]), graph.Initializer("axis", [1L], 1)], ("keepdims", 0L));
            pooled = graph.Node("Div", "pooled", [sum, graph.Node("ReduceSum", "count", [mark, graph.Initializer("axis_of_marks", [1L], 1)], ("keepdims", 0L))]);
        }
        else
        {
            pooled = graph.Node("ReduceMean", "pooled", [phi], ("axes", new long[] { 1 }), ("keepdims", 0L));
        }

        foreach (var name in new[] { "mean", "log_sd" })
        {
            graph.Output(graph.Node("Gemm", name, [pooled, graph.Initializer($"v_{name}", Draw(2 * Features, 1), Features, 2), graph.Initializer($"c_{name}", Draw(2, 0.5), 2)]), 2);
        }

        return graph.ToBytes();
    }
}
