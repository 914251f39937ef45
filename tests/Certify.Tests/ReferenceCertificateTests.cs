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

namespace Certify.Tests;

/// <summary>Approximations, slopes and symmetries the whole way: search, certificate, file, check; and certificates that say something else.</summary>
public class ReferenceCertificateTests
{
    private static readonly FamilyDescription Diagonal = Family("""{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "scale" }""");
    private static readonly FamilyDescription Full = Family("""{ "name": "gaussian", "mean": "mean", "cholesky": { "diagonal": "scale", "lower": "off", "transform": "log" } }""");
    private static readonly byte[] Model = Net(0, 0);
    private static readonly byte[] Retrained = Net(0, 0.01);
    private static readonly byte[] Other = Net(1, 0);
    private static readonly Certifier Certifier = new() { TimeLimit = TimeSpan.FromMinutes(5), MostParts = 20_000, RelativeGap = 0.02, Curve = false, Draws = 1000, Model = Model, ReferenceModel = Retrained };

    private static readonly LinearModel Linear = new([0.1, -0.2], [1, 0.3, 0.3, 0.5], [1, 0.2, -0.4, 0.9], [0.05, 0], [0.2, 0.05, 0.05, 0.3]);

    private static FamilyDescription Family(string json) => FamilyDescription.Parse(JsonDocument.Parse(json).RootElement);

    /// <summary>x -> tanh -> mean [2], scale [2], off [1].</summary>
    private static byte[] Net(int seed, double change)
    {
        var (random, moves) = (new Random(seed), new Random(seed + 1000));
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)((size * ((2 * random.NextDouble()) - 1)) + (change * ((2 * moves.NextDouble()) - 1))))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var h = graph.Node("Tanh", "h", [graph.Node("Gemm", "a", [x, graph.Initializer("w", Draw(12, 1), 2, 6), graph.Initializer("b", Draw(6, 0.5), 6)])]);
        foreach (var (name, length) in new[] { ("mean", 2), ("scale", 2), ("off", 1) })
        {
            graph.Output(graph.Node("Gemm", name, [h, graph.Initializer($"v_{name}", Draw(6 * length, 0.6), 6, length), graph.Initializer($"c_{name}", Draw(length, 0.5), length)]), length);
        }

        return graph.ToBytes();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static Estimator EstimatorOf(FamilyDescription family)
    {
        var (network, other) = (OnnxImporter.Read(Model, "m"), OnnxImporter.Read(Retrained, "r"));
        return new Estimator(network, family.Bind(network), Hash(Model), "model.onnx") { References = [new Estimator(other, family.Bind(other), Hash(Retrained), "retrained.onnx")] };
    }

    private static Claim Over(ClaimKind kind, Metric metric = default) => new() { Kind = kind, Metric = metric, DomainLower = [-0.5, -0.5], DomainUpper = [0.5, 0.25] };

    private static Claim Network(Metric metric, FamilyDescription family) => Over(ClaimKind.Approximation, metric) with
    {
        Reference = Claim.Network,
        ReferenceModel = "retrained.onnx",
        ReferenceSha256 = Hash(Retrained),
        ReferenceFamily = family,
    };

    private static Claim Stated(Metric metric) => Over(ClaimKind.Approximation, metric) with { Reference = Claim.GaussianLinear, LinearModel = Linear };

    private static Claim Slope(int parameter, int coordinate, bool decreasing, double least = 0) => Over(ClaimKind.Monotone) with
    {
        Quantity = Quantity.Mean,
        Parameter = parameter,
        Coordinate = coordinate,
        IsDecreasing = decreasing,
        AtLeast = least,
    };

    private static Claim Near(Metric metric) => Over(ClaimKind.Modulus, metric) with { Norm = Norm.Linf, Radius = [0.05, 0.02] };

    private static CheckReport Check(Certificate certificate, byte[]? model = null, byte[]? reference = null) =>
        CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(certificate), "c"), model ?? Model, reference is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Certificates_are_accepted_and_their_enclosures_hold(bool isDiagonal)
    {
        var family = isDiagonal ? Diagonal : Full;
        var estimator = EstimatorOf(family);
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.Kl, Metric.TotalVariation, Metric.Hellinger })
        {
            foreach (var claim in new[] { Network(metric, family), Stated(metric), Over(ClaimKind.Symmetric, metric) with { Permutation = [1, 0], InputSigns = [1, -1], ParameterSigns = [-1, 1] }, Near(metric) })
            {
                var answer = Certifier.Run(estimator, family, claim);
                var report = Check(answer.Certificate, reference: Retrained);
                Assert.True(report.Accepted, $"{claim.Kind} {metric}: {report.Reason}");
                Assert.Equal(Verdict.Proved, answer.Result.Verdict);
                var (problem, random, best) = (ClaimCompiler.Compile(estimator, claim), new Random(3), 0.0);
                for (var k = 0; k < 300; k++)
                {
                    double[] x = [.. Enumerable.Range(0, problem.Domain.Box.Length).Select(j => problem.Domain.Box.Lower[j] + (random.NextDouble() * problem.Domain.Box[j].Width))];
                    best = Math.Max(best, problem.Graph.Evaluate(x)[problem.Objective][0]);
                }

                Assert.InRange(best, (claim.Kind == ClaimKind.Modulus ? 0.4 : 0.8) * answer.Result.Lower, answer.Result.Upper);
                Assert.Equal(Verdict.Proved, Certifier.Run(estimator, family, claim with { AtMost = answer.Result.Upper * 1.01 }).Result.Verdict);
                var refuted = Certifier.Run(estimator, family, claim with { AtMost = 0.5 * (answer.Result.MetricLower ?? answer.Result.Lower) });
                Assert.Equal(problem.ExactMetric || metric == Metric.Wasserstein2 ? Verdict.Refuted : Verdict.Undecided, refuted.Result.Verdict);
                Assert.Equal("", Check(refuted.Certificate, reference: Retrained).Reason);
            }
        }
    }

    [Fact]
    public void A_certificate_of_a_comparison_speaks_of_one_other_model()
    {
        var claim = Network(Metric.Wasserstein2, Diagonal) with { AtMost = 0.1 };
        var honest = Certifier.Run(EstimatorOf(Diagonal), Diagonal, claim).Certificate;
        Assert.Equal((Verdict.Proved, "real"), (honest.Verdict, honest.Semantics));
        Assert.Equal("", Check(honest, reference: Retrained).Reason);
        Assert.Contains("which is not given", Check(honest).Reason, StringComparison.Ordinal);
        Assert.Contains("the certificate speaks of", Check(honest, reference: Other).Reason, StringComparison.Ordinal);
        Assert.Contains("the certificate speaks of", Check(honest, reference: Model).Reason, StringComparison.Ordinal);

        // Without a hash, of another model under its own hash, read otherwise, of no model at all.
        Claim Claimed(Func<Claim, Claim> change) => change(honest.Claim);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { ReferenceSha256 = "" }) }, reference: Other).Accepted);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { ReferenceSha256 = "" }) }).Accepted);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { ReferenceSha256 = Hash(Other) }) }, reference: Other).Accepted);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { ReferenceFamily = Full }) }, reference: Retrained).Accepted);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { ReferenceFamily = null }) }, reference: Retrained).Accepted);
        Assert.False(Check(honest with { Claim = Claimed(c => c with { Reference = Claim.GaussianLinear }) }, reference: Retrained).Accepted);
        var text = Encoding.UTF8.GetString(CertificateFile.ToBytes(honest));
        Assert.Contains(Hash(Retrained), text, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(text.Replace("retrained.onnx", "other.onnx", StringComparison.Ordinal)), "c"));
        Assert.Contains(("retrained.onnx", Hash(Retrained)), Subjects(honest));
    }

    private static IEnumerable<(string, string)> Subjects(Certificate certificate)
    {
        var statement = JsonDocument.Parse(Statement.Of(CertificateFile.ToBytes(certificate), "c").ToBytes()).RootElement;
        return statement.GetProperty("subject").EnumerateArray().Select(item => (item.GetProperty("name").GetString()!, item.GetProperty("digest").GetProperty("sha256").GetString()!));
    }

    /// <summary>The words of a claim do not repeat the numbers of the model: the bound must.</summary>
    [Fact]
    public void Every_number_of_a_linear_model_counts()
    {
        var honest = Certifier.Run(EstimatorOf(Diagonal), Diagonal, Stated(Metric.Kl)).Certificate;
        Assert.Equal("", Check(honest).Reason);
        Assert.Equal(Linear.NoiseCovariance.AsEnumerable(), CertificateFile.Read(CertificateFile.ToBytes(honest), "c").Claim.LinearModel!.NoiseCovariance);
        LinearModel[] others =
        [
            Linear with { PriorMean = [0.3, -0.2] }, Linear with { PriorCovariance = [0.8, 0.3, 0.3, 0.5] }, Linear with { PriorCovariance = [1, -0.3, -0.3, 0.5] }, Linear with { Matrix = [1, 0.2, -0.4, 0.5] },
            Linear with { Matrix = [1, -0.4, 0.2, 0.9] }, Linear with { Offset = [0.05, 0.3] }, Linear with { NoiseCovariance = [0.2, 0, 0, 0.3] }, Linear with { NoiseCovariance = [0.1, 0.05, 0.05, 0.3] },
        ];
        Assert.All(others, model => Assert.False(Check(honest with { Claim = honest.Claim with { LinearModel = model } }).Accepted, model.ToString()));
        Assert.False(Check(honest with { Claim = honest.Claim with { LinearModel = null } }).Accepted);
        Assert.Contains("not positive definite", Check(honest with { Claim = honest.Claim with { LinearModel = Linear with { PriorCovariance = [1, 1, 1, 1] } } }).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Slopes_are_proved_or_refuted_by_two_inputs()
    {
        var estimator = EstimatorOf(Diagonal);
        var (proved, refuted) = (0, 0);
        foreach (var parameter in new[] { 0, 1 })
        {
            foreach (var coordinate in new[] { 0, 1 })
            {
                foreach (var decreasing in new[] { false, true })
                {
                    var claim = Slope(parameter, coordinate, decreasing);
                    var answer = Certifier.Run(estimator, Diagonal, claim);
                    Assert.Equal("", Check(answer.Certificate).Reason);
                    Assert.True(answer.Result.Lower <= answer.Result.Upper);
                    Assert.Equal(("real", 4), (answer.Result.Semantics, answer.Result.Witness.Length));
                    double At(int start) => estimator.Network.Evaluate([.. answer.Result.Witness.Slice(start, 2)])[estimator.Network.Output("mean").Id][parameter];
                    var quotient = (decreasing ? -1 : 1) * (At(2) - At(0)) / (answer.Result.Witness[2 + coordinate] - answer.Result.Witness[coordinate]);
                    Assert.Equal(quotient, answer.Result.Upper, 1e-6);
                    Assert.Equal(answer.Result.Witness[1 - coordinate], answer.Result.Witness[3 - coordinate]);
                    proved += answer.Result.Verdict == Verdict.Proved ? 1 : 0;
                    refuted += answer.Result.Verdict == Verdict.Refuted ? 1 : 0;
                    Assert.Equal(Verdict.Proved, Certifier.Run(estimator, Diagonal, claim with { AtLeast = answer.Result.Lower - 0.01 }).Result.Verdict);
                    Assert.Equal(Verdict.Refuted, Certifier.Run(estimator, Diagonal, claim with { AtLeast = answer.Result.Upper + 0.01 }).Result.Verdict);
                }
            }
        }

        Assert.True(proved > 0 && refuted > 3, $"{proved} proved, {refuted} refuted");
    }

    [Fact]
    public void A_certificate_of_a_slope_says_nothing_else()
    {
        var estimator = EstimatorOf(Diagonal);
        var honest = Enumerable.Range(0, 8).Select(k => Certifier.Run(estimator, Diagonal, Slope(k & 1, k >> 1 & 1, k > 3)).Certificate).First(certificate => certificate.Verdict == Verdict.Refuted);
        Assert.Equal("", Check(honest).Reason);
        var (x, j) = (honest.Witness, honest.Claim.Coordinate);
        string Witness(params double[] witness) => Check(honest with { Witness = [.. witness] }).Reason;
        Assert.Contains("does not lie in the set", Witness(x[2], x[3], x[0], x[1]), StringComparison.Ordinal);
        Assert.Contains("does not lie in the set", Witness(x[0], x[1]), StringComparison.Ordinal);
        Assert.Contains("does not lie in the set", j == 0 ? Witness(x[0], x[1], x[2], x[3] + 1e-3) : Witness(x[0], x[1], x[2] + 1e-3, x[3]), StringComparison.Ordinal);
        Assert.Contains("does not lie in the set", j == 0 ? Witness(x[0], x[1], 0.6, x[3]) : Witness(x[0], x[1], x[2], 0.6), StringComparison.Ordinal);
        Certificate Saying(Claim claim) => honest with { Claim = claim, Text = ClaimCompiler.Compile(estimator, claim).Text };
        Assert.False(Check(Saying(honest.Claim with { IsDecreasing = !honest.Claim.IsDecreasing })).Accepted);
        Assert.False(Check(Saying(honest.Claim with { Coordinate = 1 - j })).Accepted);
        Assert.False(Check(Saying(honest.Claim with { Parameter = 1 - honest.Claim.Parameter })).Accepted);
        Assert.False(Check(honest with { Claim = honest.Claim with { Coordinate = 1 - j } }).Accepted);
        Assert.False(Check(honest with { Verdict = Verdict.Proved }).Accepted);
        Assert.False(Check(honest with { Lower = honest.Lower + (0.5 * (honest.Upper - honest.Lower)) + 1e-3, Upper = Math.Max(honest.Upper, honest.Lower + 0.1) }).Accepted);
    }

    [Fact]
    public void A_certificate_of_an_output_speaks_of_that_output()
    {
        var family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "vector" }""").RootElement);
        var estimator = EstimatorOf(family);
        var range = Over(ClaimKind.Functional) with { Quantity = Quantity.Output, Parameter = 1 };
        foreach (var claim in new[] { range, range with { AtLeast = -100 }, Slope(1, 0, decreasing: false, least: -100) with { Quantity = Quantity.Output } })
        {
            var answer = Certifier.Run(estimator, family, claim);
            Assert.Equal(("", Verdict.Proved), (Check(answer.Certificate).Reason, answer.Result.Verdict));
            var other = claim with { Parameter = 0 };
            Assert.False(Check(answer.Certificate with { Claim = other, Text = ClaimCompiler.Compile(estimator, other).Text }).Accepted);
            Assert.False(Check(answer.Certificate with { Claim = other }).Accepted);
        }
    }

    [Fact]
    public void A_certificate_of_a_modulus_says_nothing_else()
    {
        var estimator = EstimatorOf(Diagonal);
        var claim = Near(Metric.Wasserstein2);
        var honest = Certifier.Run(estimator, Diagonal, claim).Certificate;
        Assert.Equal(("", "real"), (Check(honest).Reason, honest.Semantics));
        Certificate Saying(Claim other) => honest with { Claim = other, Text = ClaimCompiler.Compile(estimator, other).Text };
        Assert.Equal("", Check(Saying(claim)).Reason);
        Assert.False(Check(Saying(claim with { Radius = [0.06, 0.02] })).Accepted);
        Assert.False(Check(Saying(claim with { Radius = [0.04, 0.02] })).Accepted);
        Assert.False(Check(Saying(claim with { DomainUpper = [.. claim.DomainUpper.Select(end => end + 1)] })).Accepted);
        Assert.False(Check(Saying(claim with { Norm = Norm.L1, Radius = [0.1, 0.1] })).Accepted);
        Assert.False(Check(Saying(claim with { Metric = Metric.Kl })).Accepted);
        Assert.False(Check(honest with { Upper = honest.Upper * 0.99, Lower = 0 }).Accepted);
        Assert.False(Check(honest with { Claim = claim with { Kind = ClaimKind.Symmetric, Permutation = [0, 1], Radius = [] } }).Accepted);
    }

    /// <summary>The float32 end speaks of what the network reads, x0 + A u, and not of u.</summary>
    [Fact]
    public void A_certificate_along_directions_says_nothing_else()
    {
        var estimator = EstimatorOf(Diagonal);
        var plain = new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.L2, Observation = [3, -2], Radius = [0.01, 0.01] };
        var claim = plain with { Radius = [1, 1], Directions = [0.01, 0, 0, 0.01] };
        var with32 = new Certifier { TimeLimit = TimeSpan.FromSeconds(20), RelativeGap = 1e-4, Curve = false, Draws = 1000, Model = Model };
        var (honest, same) = (with32.Run(estimator, Diagonal, claim).Certificate, with32.Run(estimator, Diagonal, plain).Certificate);
        Assert.Equal(same.Upper, honest.Upper, 2e-4 * same.Upper);
        var (allowed, alike) = (honest.Float32 - honest.Upper, same.Float32 - same.Upper);
        Assert.True(allowed >= 0.9 * alike && allowed <= 1.1 * alike, $"{allowed} against {alike}");
        Assert.Equal("", Check(honest).Reason);
        Certificate Saying(Claim other) => honest with { Claim = other, Text = ClaimCompiler.Compile(estimator, other).Text };
        Assert.Equal("", Check(Saying(claim)).Reason);
        Assert.False(Check(Saying(claim with { Directions = [0.02, 0, 0, 0.01] })).Accepted);
        Assert.False(Check(Saying(claim with { Directions = [0.005, 0, 0, 0.01] })).Accepted);
        Assert.False(Check(Saying(claim with { Observation = [3, -1.9] })).Accepted);
        Assert.False(Check(honest with { Claim = plain }).Accepted);
    }

    [Fact]
    public void A_certificate_of_a_distance_from_the_posterior_speaks_of_one_theta()
    {
        var estimator = EstimatorOf(Diagonal);
        var claim = Over(ClaimKind.Functional) with { Quantity = Quantity.Mahalanobis, Point = [0.1, -0.2] };
        foreach (var asked in new[] { claim, claim with { AtLeast = 1e-6 } })
        {
            var answer = Certifier.Run(estimator, Diagonal, asked);
            Assert.Equal("", Check(answer.Certificate).Reason);
            var moved = asked with { Point = [0.9, -0.2] };
            Assert.False(Check(answer.Certificate with { Claim = moved, Text = ClaimCompiler.Compile(estimator, moved).Text }).Accepted);
            Assert.False(Check(answer.Certificate with { Claim = moved }).Accepted);
        }

        Assert.Contains("region of every level", Certifier.Run(estimator, Diagonal, claim).Result.Consequence, StringComparison.Ordinal);
    }

    /// <summary>The constant is derived from the Fisher information: no other metric, norm or end fits its evidence.</summary>
    [Theory]
    [InlineData(Metric.Hellinger)]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Wasserstein1)]
    public void A_certificate_of_a_Lipschitz_constant_says_nothing_else(Metric metric)
    {
        foreach (var family in new[] { Diagonal, Full })
        {
            var estimator = EstimatorOf(family);
            var claim = Over(ClaimKind.Lipschitz, metric) with { Norm = Norm.L2 };
            var honest = Certifier.Run(estimator, family, claim).Certificate;
            Assert.Equal(("", "real"), (Check(honest).Reason, honest.Semantics));
            Assert.True(honest.Upper - honest.Lower <= 0.02 * honest.Upper, $"[{honest.Lower}, {honest.Upper}]");
            Certificate Saying(Claim other) => honest with { Claim = other, Text = ClaimCompiler.Compile(estimator, other).Text };
            Assert.Equal("", Check(Saying(claim)).Reason);
            Assert.False(Check(Saying(claim with { Metric = metric == Metric.Hellinger ? Metric.TotalVariation : Metric.Hellinger })).Accepted);
            Assert.False(Check(Saying(claim with { Norm = Norm.Linf })).Accepted);
            Assert.False(Check(honest with { Upper = honest.Upper * 0.97, Lower = honest.Lower * 0.9 }).Accepted);
            Assert.Equal(Verdict.Proved, Certifier.Run(estimator, family, claim with { AtMost = honest.Upper * 1.02 }).Result.Verdict);
            Assert.Equal(honest.ExactMetric ? Verdict.Refuted : Verdict.Undecided, Certifier.Run(estimator, family, claim with { AtMost = honest.Lower * 0.9 }).Result.Verdict);
        }
    }

    [Fact]
    public void A_certificate_of_a_symmetry_says_nothing_else()
    {
        var estimator = EstimatorOf(Diagonal);
        var claim = Over(ClaimKind.Symmetric, Metric.Wasserstein2) with { Permutation = [1, 0], InputSigns = [1, -1], ParameterSigns = [-1, 1] };
        var honest = Certifier.Run(estimator, Diagonal, claim).Certificate;
        Assert.Equal("", Check(honest).Reason);
        Certificate Saying(Claim other) => honest with { Claim = other, Text = ClaimCompiler.Compile(estimator, other).Text };
        Assert.Equal("", Check(Saying(claim)).Reason);
        Assert.False(Check(Saying(claim with { Permutation = [0, 1] })).Accepted);
        Assert.False(Check(Saying(claim with { InputSigns = [-1, 1] })).Accepted);
        Assert.False(Check(Saying(claim with { ParameterSigns = [1, 1] })).Accepted);
        Assert.False(Check(honest with { Claim = claim with { ParameterSigns = [1, 1] } }).Accepted);
        var text = Encoding.UTF8.GetString(CertificateFile.ToBytes(honest));
        Assert.Contains("\"permutation\": [1, 0]", text, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(text.Replace("[1, 0]", "[1.5, 0]", StringComparison.Ordinal)), "c"));
    }
}
