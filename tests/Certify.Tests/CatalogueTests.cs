using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;

namespace Certify.Tests;

/// <summary>Every family and claim the whole way: search, certificate, file, check; the enclosure against sampled values, and against a union of boxes for few entries.</summary>
/// <remarks>
/// Mutants seen to fail: one entry fewer in the bound over few entries, the smallest gains for the largest, a part with as many moved groups as may move called empty,
/// the entries or the quantity not written to the certificate, a bound from below that refutes although it is not the quantity.
/// </remarks>
public class CatalogueTests
{
    private const int Inputs = 4;

    private static readonly Certifier Certifier = new() { TimeLimit = TimeSpan.FromMinutes(5), MostParts = 20_000, RelativeGap = 0.02, Curve = false, Draws = 1000 };

    public static TheoryData<string, ClaimKind, Metric, Quantity, bool> Catalogue()
    {
        var data = new TheoryData<string, ClaimKind, Metric, Quantity, bool>();
        void Add(string family, ClaimKind kind, Metric metric = default, Quantity quantity = default, bool change = false) => data.Add(family, kind, metric, quantity, change);
        foreach (var family in new[] { "categorical", "bernoulli", "binomial" })
        {
            Add(family, ClaimKind.Robustness, Metric.TotalVariation);
            Add(family, ClaimKind.Robustness, Metric.Hellinger);
            Add(family, ClaimKind.Robustness, Metric.Kl);
            Add(family, ClaimKind.Robustness, Metric.KlReverse);
            Add(family, ClaimKind.Robustness, Metric.JensenShannon);
        }

        Add("categorical", ClaimKind.Decision);
        Add("bernoulli", ClaimKind.Decision);
        Add("categorical", ClaimKind.EventProbability);
        Add("bernoulli", ClaimKind.EventProbability);
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation, Metric.Hellinger, Metric.Kl })
        {
            Add("student-t", ClaimKind.Robustness, metric);
        }

        foreach (var metric in new[] { Metric.Wasserstein1, Metric.KlReverse, Metric.JensenShannon })
        {
            Add("student-t", ClaimKind.Robustness, metric);
            Add("gaussian", ClaimKind.Robustness, metric);
            Add("mixture", ClaimKind.Robustness, metric);
        }

        Add("student-t", ClaimKind.Lipschitz, Metric.Wasserstein2);
        foreach (var family in new[] { "gamma", "beta" })
        {
            foreach (var metric in new[] { Metric.Wasserstein1, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon })
            {
                Add(family, ClaimKind.Robustness, metric);
            }

            Add(family, ClaimKind.Functional, default, Quantity.Mean, family == "beta");
            Add(family, ClaimKind.Functional, default, Quantity.StandardDeviation, family == "gamma");
        }

        foreach (var metric in new[] { Metric.L1, Metric.L2, Metric.Linf })
        {
            Add("vector", ClaimKind.Robustness, metric);
        }

        foreach (var change in new[] { false, true })
        {
            Add("gaussian", ClaimKind.Functional, default, Quantity.Mean, change);
            Add("gaussian", ClaimKind.Functional, default, Quantity.StandardDeviation, change);
            Add("gaussian", ClaimKind.Functional, default, Quantity.Quantile, change);
            Add("mixture", ClaimKind.Functional, default, Quantity.Mean, change);
            Add("mixture", ClaimKind.Functional, default, Quantity.StandardDeviation, change);
            Add("mixture", ClaimKind.Functional, default, Quantity.Weight, change);
        }

        foreach (var quantity in new[] { Quantity.SmallestScale, Quantity.LargestScale })
        {
            Add("gaussian", ClaimKind.Functional, default, quantity);
            Add("diagonal", ClaimKind.Functional, default, quantity);
            Add("mixture", ClaimKind.Functional, default, quantity);
        }

        Add("mixture", ClaimKind.Functional, default, Quantity.SmallestWeight);
        return data;
    }

    [Theory, MemberData(nameof(Catalogue))]
    public void Enclosures_hold_at_random_points_and_certificates_are_accepted(string family, ClaimKind kind, Metric metric, Quantity quantity, bool change)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var (estimator, description, bytes) = Make(family, seed);
            var random = new Random(seed);
            var claim = new Claim
            {
                Kind = kind,
                Metric = metric,
                Norm = (Norm)(seed % 3),
                Quantity = quantity,
                IsChange = change,
                EventLower = 0.5,
                EventUpper = 1.5,
                Observation = [.. Enumerable.Range(0, Inputs).Select(_ => random.NextDouble() - 0.5)],
                Radius = [.. Enumerable.Repeat(0.1, Inputs)],
                AtMost = kind == ClaimKind.Decision ? 0 : null,
            };
            claim = kind == ClaimKind.Lipschitz ? claim with { DomainLower = [.. claim.Observation], DomainUpper = [.. claim.Observation.Select(v => v + 0.2)], Observation = [], Radius = [] } : claim;
            var answer = Certifier.Run(estimator, description, claim);
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(answer.Certificate), "memory"), bytes);
            Assert.True(report.Accepted, report.Reason);
            Assert.True(answer.Result.Lower <= answer.Result.Upper && double.IsFinite(answer.Result.Upper) && double.IsFinite(answer.Result.Lower));
            var problem = ClaimCompiler.Compile(estimator, claim);
            if (kind == ClaimKind.Lipschitz)
            {
                continue;
            }

            var best = double.NegativeInfinity;
            for (var k = 0; k < 400; k++)
            {
                var x = claim.Observation.Select(v => v + (0.1 * ((2 * random.NextDouble()) - 1) * (seed % 3 == 2 ? 1 : 0.25))).ToArray();
                if (problem.Domain.Contains(x))
                {
                    var value = problem.Sign * problem.Graph.Evaluate(x)[problem.Objective][0];
                    best = Math.Max(best, problem.Sign * value);
                    Assert.InRange(value, problem.Sign > 0 ? double.NegativeInfinity : answer.Result.Lower - 1e-9, problem.Sign > 0 ? answer.Result.Upper + 1e-9 : double.PositiveInfinity);
                }
            }

            Assert.True(best > double.NegativeInfinity, "no point was drawn");

            // What the search attained is no worse than chance.
            Assert.True(kind == ClaimKind.Decision || (problem.Sign > 0 ? answer.Result.Lower >= best - 1e-6 : -answer.Result.Upper >= best - 1e-6));
        }
    }

    [Theory]
    [InlineData("vector", Metric.Linf, 1, 1)]
    [InlineData("vector", Metric.L2, 2, 1)]
    [InlineData("categorical", Metric.TotalVariation, 1, 2)]
    [InlineData("gaussian", Metric.Wasserstein2, 2, 1)]
    [InlineData("gaussian", Metric.Kl, 1, 2)]
    [InlineData("mixture", Metric.TotalVariation, 3, 1)]
    public void Few_entries_are_the_union_of_their_boxes(string family, Metric metric, int entries, int group)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var (estimator, description, bytes) = Make(family, seed);
            var random = new Random(seed);
            var claim = new Claim
            {
                Kind = ClaimKind.Robustness,
                Metric = metric,
                Norm = Norm.L0,
                Entries = entries,
                Group = group,
                Observation = [.. Enumerable.Range(0, Inputs).Select(_ => random.NextDouble() - 0.5)],
                Radius = [.. Enumerable.Range(0, Inputs).Select(_ => 0.1 + (0.2 * random.NextDouble()))],
            };
            var answer = Certifier.Run(estimator, description, claim);
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(answer.Certificate), "memory"), bytes);
            Assert.True(report.Accepted, report.Reason);

            var (lower, upper, widest) = (0.0, 0.0, 0.0);
            foreach (var members in Subsets(Inputs / group, entries))
            {
                var box = claim with { Norm = Norm.Linf, Radius = [.. claim.Radius.Select((r, j) => members.Contains(j / group) ? r : 0)] };
                var part = Certifier.Run(estimator, description, box).Result;
                (lower, upper) = (Math.Max(lower, part.Lower), Math.Max(upper, part.Upper));
            }

            widest = Certifier.Run(estimator, description, claim with { Norm = Norm.Linf }).Result.Lower;
            Assert.True(answer.Result.Upper >= lower - 1e-9 && answer.Result.Lower <= upper + 1e-9, $"[{answer.Result.Lower}, {answer.Result.Upper}] misses [{lower}, {upper}]");
            Assert.True(answer.Result.Lower >= 0.9 * lower, $"attained {answer.Result.Lower}, {lower} by its boxes");
            Assert.True(answer.Result.Upper <= 1.1 * upper, $"proved {answer.Result.Upper}, {upper} by its boxes");
            Assert.True(entries * group == Inputs || answer.Result.Upper < widest || answer.Result.Upper <= 1.05 * widest);
        }
    }

    [Fact]
    public void A_forged_count_of_entries_is_rejected()
    {
        var (estimator, description, bytes) = Make("gaussian", 1);
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.Wasserstein2,
            Norm = Norm.L0,
            Entries = 1,
            Observation = [0, 0.1, 0.2, 0.3],
            Radius = [0.3, 0.3, 0.3, 0.3],
        };
        var honest = Certifier.Run(estimator, description, claim).Certificate;
        Assert.Contains("\"entries\": 1", Encoding.UTF8.GetString(CertificateFile.ToBytes(honest)), StringComparison.Ordinal);
        bool Accepts(Claim forged) => CertificateChecker.Check(
            CertificateFile.Read(CertificateFile.ToBytes(honest with { Claim = forged, Text = ClaimCompiler.Compile(estimator, forged).Text }), "memory"), bytes).Accepted;
        Assert.True(Accepts(claim));
        Assert.False(Accepts(claim with { Entries = 2 }));
        Assert.False(Accepts(claim with { Norm = Norm.Linf, Entries = 0 }));
        Assert.False(Accepts(claim with { Entries = 1, Group = 2 }));
    }

    [Fact]
    public void Smallest_scales_and_weights_are_answered_from_below()
    {
        var (estimator, description, _) = Make("diagonal", 2);
        var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.SmallestScale, DomainLower = [-1, -1, -1, -1], DomainUpper = [1, 1, 1, 1] };
        var free = Certifier.Run(estimator, description, claim).Result;
        Assert.Equal(Verdict.Proved, free.Verdict);
        Assert.True(free.Lower > 0 && free.Lower <= free.Upper);
        Assert.Equal(Verdict.Proved, Certifier.Run(estimator, description, claim with { AtLeast = free.Lower * 0.99 }).Result.Verdict);
        Assert.Equal(Verdict.Refuted, Certifier.Run(estimator, description, claim with { AtLeast = free.Upper * 1.01 }).Result.Verdict);
        var (full, fullDescription, _) = Make("gaussian", 2);
        var bounded = Certifier.Run(full, fullDescription, claim).Result;

        // What is compiled is a lower bound: that it is small refutes nothing.
        Assert.Equal(Verdict.Undecided, Certifier.Run(full, fullDescription, claim with { AtLeast = bounded.Upper * 1.01 }).Result.Verdict);
    }

    private static IEnumerable<ImmutableArray<int>> Subsets(int count, int size) =>
        Enumerable.Range(0, 1 << count).Where(mask => int.PopCount(mask) == size).Select(mask => ImmutableArray.CreateRange(Enumerable.Range(0, count).Where(g => (mask >> g & 1) == 1)));

    private static (Estimator Estimator, FamilyDescription Family, byte[] Bytes) Make(string family, int seed)
    {
        var (json, outputs) = family switch
        {
            "categorical" => ("""{ "name": "categorical", "logits": "z" }""", new (string, int)[] { ("z", 4) }),
            "bernoulli" => ("""{ "name": "bernoulli", "logits": "z" }""", [("z", 2)]),
            "binomial" => ("""{ "name": "binomial", "logits": "z", "trials": 12 }""", [("z", 2)]),
            "gamma" => ("""{ "name": "gamma", "shape": "m", "rate": "d", "transform": "softplus" }""", [("m", 2), ("d", 2)]),
            "beta" => ("""{ "name": "beta", "alpha": "m", "beta": "d", "transform": "log" }""", [("m", 2), ("d", 2)]),
            "student-t" => ("""{ "name": "student-t", "degrees-of-freedom": 4.5, "mean": "m", "cholesky": { "diagonal": "d", "lower": "l", "transform": "softplus" } }""", [("m", 2), ("d", 2), ("l", 1)]),
            "gaussian" => ("""{ "name": "gaussian", "mean": "m", "precision-factor": { "diagonal": "d", "upper": "l", "transform": "softplus" } }""", [("m", 2), ("d", 2), ("l", 1)]),
            "diagonal" => ("""{ "name": "diagonal-gaussian", "mean": "m", "log-standard-deviation": "d" }""", [("m", 2), ("d", 2)]),
            "mixture" => ("""{ "name": "gaussian-mixture", "logits": "z", "means": "m", "cholesky": { "diagonal": "d", "lower": "l", "transform": "log" } }""", [("z", 3), ("m", 6), ("d", 6), ("l", 3)]),
            _ => ("""{ "name": "vector" }""", [("m", 3), ("d", 2)]),
        };
        var random = new Random(seed);
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", Inputs);
        var h = graph.Node(seed % 2 == 0 ? "Relu" : "Tanh", "h", [graph.Node("Gemm", "a", [x, graph.Initializer("w", Draw(Inputs * 6, 1), Inputs, 6), graph.Initializer("b", Draw(6, 0.5), 6)])]);
        foreach (var (name, length) in outputs)
        {
            graph.Output(graph.Node("Gemm", name, [h, graph.Initializer($"v_{name}", Draw(6 * length, 0.8), 6, length), graph.Initializer($"c_{name}", Draw(length, 0.6), length)]), length);
        }

        var bytes = graph.ToBytes();
        var network = OnnxImporter.Read(bytes, family);
        var description = FamilyDescription.Parse(JsonDocument.Parse(json).RootElement);
        return (new Estimator(network, description.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), family + ".onnx"), description, bytes);
    }
}
