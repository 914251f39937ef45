using System.Security.Cryptography;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;

namespace Certify.Tests;

/// <summary>A network with weights of eight bits, compared with the one it was made of: how far may the posterior have moved, anywhere in a box?</summary>
public sealed class QuantizedNetworkTests
{
    private static readonly FamilyDescription Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "log_sd" }""").RootElement);

    [Fact]
    public void The_largest_change_is_enclosed_and_shrinks_with_the_step()
    {
        var (fine, coarse) = (Change(127), Change(15));
        Assert.InRange(fine.Upper, 1e-3, 0.06);
        Assert.InRange(coarse.Lower, 4 * fine.Upper, 1);
        Assert.All(new[] { fine, coarse }, certificate => Assert.InRange(certificate.Upper, certificate.Lower, 1.06 * certificate.Lower));
    }

    private static Certificate Change(int levels)
    {
        var (full, quantised) = (Network(0), Network(levels));
        var (one, other) = (Read(quantised, "quantised.onnx"), Read(full, "full.onnx"));
        var claim = new Claim
        {
            Kind = ClaimKind.Approximation,
            Metric = Metric.Wasserstein2,
            DomainLower = [-1, -1],
            DomainUpper = [1, 1],
            Reference = Claim.Network,
            ReferenceModel = "full.onnx",
            ReferenceSha256 = other.ModelSha256,
            ReferenceFamily = Family,
        };
        var answer = new Certifier { RelativeGap = 0.05, MostParts = 100_000, TimeLimit = TimeSpan.FromMinutes(3), Curve = false, Draws = 1000, Model = quantised, ReferenceModel = full }.Run(one with { References = [other] }, Family, claim);
        Assert.Equal("", CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(answer.Certificate), "c"), quantised, full).Reason);
        Assert.Equal((Verdict.Proved, "real"), (answer.Certificate.Verdict, answer.Certificate.Semantics));

        // What the claim is about, at random points.
        var random = new Random(1);
        var largest = Enumerable.Range(0, 2000).Max(_ =>
        {
            double[] x = [(2 * random.NextDouble()) - 1, (2 * random.NextDouble()) - 1];
            var (p, q) = (one.Network.Evaluate(x), other.Network.Evaluate(x));
            double Sum(string name, Func<double, double> of) => Enumerable.Range(0, 2).Sum(i => Math.Pow(of(p[one.Network.Output(name).Id][i]) - of(q[other.Network.Output(name).Id][i]), 2));
            return Math.Sqrt(Sum("mean", value => value) + Sum("log_sd", Math.Exp));
        });
        Assert.InRange(largest, 0.7 * answer.Certificate.Lower, answer.Certificate.Upper);
        return answer.Certificate;
    }

    private static Estimator Read(byte[] model, string name)
    {
        var network = OnnxImporter.Read(model, name);
        return new Estimator(network, Family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(model)), name);
    }

    /// <summary>2 - 12 - (2, 2); with levels, every weight is the nearest of so many steps on both sides of 0 up to the largest.</summary>
    private static byte[] Network(int levels)
    {
        var random = new Random(5);
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
        var graph = new OnnxGraphBuilder();
        string Weights(string name, int rows, int columns)
        {
            var values = Draw(rows * columns, 1);
            if (levels == 0)
            {
                return graph.Initializer(name, values, rows, columns);
            }

            var step = values.Max(Math.Abs) / levels;
            return graph.Node("DequantizeLinear", name, [graph.Initializer(name + "_q", (sbyte[])[.. values.Select(value => (sbyte)Math.Round(value / step))], rows, columns), graph.Initializer(name + "_s", [step])]);
        }

        var x = graph.Input("x", 2);
        var h = graph.Node("Tanh", "h", [graph.Node("Add", "a", [graph.Node("MatMul", "p", [x, Weights("w", 2, 12)]), graph.Initializer("b", Draw(12, 0.5), 12)])]);
        foreach (var name in new[] { "mean", "log_sd" })
        {
            graph.Output(graph.Node("Add", name, [graph.Node("MatMul", name + "_p", [h, Weights("v_" + name, 12, 2)]), graph.Initializer("c_" + name, Draw(2, 0.5), 2)]), 2);
        }

        return graph.ToBytes();
    }
}
