using System.Security.Cryptography;
using System.Text.Json;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests.Search;

/// <summary>The largest change of a log density that is known by its values: closed forms, certificates, and a flow that sbi trained.</summary>
/// <remarks>Mutants planted and found: an attack that ignores the condition of the set; a checker that does not derive the statement on total variation; an infinite bound that ends a search.</remarks>
public class DensityChangeTests(ITestOutputHelper output)
{
    private static readonly FamilyDescription Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "log-density", "parameters": "theta", "output": "log_density" }""").RootElement);

    /// <remarks>
    /// ln q = -(theta - x/2)²/(2 s²) + 7 with s = 1/2, x0 = 0: with d = x/2, |ln q - ln q0| = |d·theta - |d|²/2| / s², largest at an end of theta and of x:
    /// (|theta| r/2 + r²/8) / s². Where ln q0 >= 7 - theta_c²/(2 s²), |theta| ends at theta_c.
    /// </remarks>
    [Theory]
    [InlineData(0.1, null, 1.0)]
    [InlineData(0.4, null, 1.0)]
    [InlineData(0.1, 6.5, 0.5)]
    [InlineData(0.4, 6.875, 0.25)]
    public void Enclosures_hold_the_closed_form(double radius, double? level, double end)
    {
        var (estimator, _) = Normal();
        var problem = ClaimCompiler.Compile(estimator, Claim(radius) with { DensityAtLeast = level });
        var result = new BranchAndBound { RelativeGap = 0.01, TimeLimit = TimeSpan.FromMinutes(3) }.Solve(problem);
        var truth = ((end * radius / 2) + (radius * radius / 8)) / 0.25;
        Assert.True(result.Lower <= truth * (1 + 1e-12) && result.Upper >= truth * (1 - 1e-12), $"{truth:R} is not in [{result.Lower:R}, {result.Upper:R}]");
        Assert.InRange(result.Upper, truth, 1.03 * truth);
        Assert.InRange(result.Lower, 0.97 * truth, truth * (1 + 1e-12));
        Assert.False(result.TimedOut);
    }

    [Fact]
    public void Certificates_carry_the_statement_on_total_variation_and_a_stranger_derives_it()
    {
        var (estimator, model) = Normal();
        var claim = Claim(0.1) with { DensityAtLeast = 6, MassOutside = 0.05, AtMost = 0.5 };
        var (result, certificate) = new Certifier { Model = model, Curve = false }.Run(estimator, Family, claim);
        Assert.Equal(Verdict.Proved, result.Verdict);
        Assert.Equal(DensityRatio.Restricted(result.Upper), certificate.RestrictedTotalVariation);
        Assert.Equal(DensityRatio.Whole(result.Upper, 0.05), certificate.TotalVariation);
        Assert.Contains("0.05 of the mass", result.Consequence, StringComparison.Ordinal);
        var read = CertificateFile.Read(CertificateFile.ToBytes(certificate), "c");
        Assert.Equal((6, 0.05), (read.Claim.DensityAtLeast, read.Claim.MassOutside));
        Assert.Equal("", CertificateChecker.Check(read, model).Reason);

        // The posteriors N(x/2, 1/4) really differ by no more: 2 Phi(|dx/2| / (2 s)) - 1 at dx = 0.1.
        Assert.True(certificate.TotalVariation >= 0.0398);
        foreach (var forged in new[]
        {
            read with { RestrictedTotalVariation = certificate.RestrictedTotalVariation - 1e-6 }, read with { TotalVariation = certificate.TotalVariation - 1e-6 },
            read with { RestrictedTotalVariation = null, TotalVariation = null }, read with { TotalVariation = null }, read with { Claim = read.Claim with { MassOutside = 0.01 } },
            read with { Claim = read.Claim with { DensityAtLeast = 5 } }, read with { Claim = read.Claim with { MassOutside = null } },
        })
        {
            Assert.False(CertificateChecker.Check(forged, model).Accepted);
        }
    }

    /// <summary>The mass outside follows from the counts: fewer hits, more draws, a smaller bound or another confidence are told, from the counts alone or from the draws.</summary>
    [Fact]
    public void A_mass_outside_that_does_not_follow_from_the_draws_is_rejected()
    {
        var (estimator, model) = Normal();
        var draws = System.Text.Encoding.UTF8.GetBytes("theta_0\n" + string.Concat(Enumerable.Range(0, 100).Select(i => i < 97 ? "0.5\n" : "1.5\n")));
        var count = DrawCounter.Outside(estimator, Claim(0.1), draws, "draws.csv", 0.9);
        Assert.Equal((100, 3), (count.Draws, count.Hits));
        var claim = Claim(0.1) with { Draws = count, MassOutside = count.Upper };
        var (result, certificate) = new Certifier { Model = model, Curve = false }.Run(estimator, Family, claim);
        Assert.Contains("With confidence 0.9, from 3 of 100 draws outside", result.Consequence, StringComparison.Ordinal);
        var read = CertificateFile.Read(CertificateFile.ToBytes(certificate), "c");
        Assert.Equal(count, read.Claim.Draws);
        Assert.Equal("", CertificateChecker.Check(read, model).Reason);
        Assert.Equal("", CertificateChecker.Check(read, model, draws: draws).Reason);

        // Each forgery carries the words and the statement on total variation that would follow from it.
        Certificate Forge(Claim forged) => read with
        {
            Claim = forged,
            Text = forged.Draws?.Draws > 0 ? ClaimCompiler.Compile(estimator, claim with { MassOutside = 1 }).Text : read.Text,
            TotalVariation = DensityRatio.Whole(read.Upper, forged.MassOutside ?? 1),
        };
        foreach (var forged in new[]
        {
            Forge(claim with { MassOutside = Math.BitDecrement(count.Upper) }), Forge(claim with { Draws = count with { Hits = 4 } }), Forge(claim with { Draws = count with { Draws = 99 } }),
            Forge(claim with { Draws = count with { Confidence = 0.95 } }), Forge(claim with { Draws = count with { Hits = -1 } }), Forge(claim with { Draws = count with { Draws = 0, Hits = 0 } }),
            Forge(claim with { Draws = count with { Confidence = 1 } }), Forge(claim with { MassOutside = null }),
        })
        {
            var report = CertificateChecker.Check(forged, model);
            Assert.False(report.Accepted);
            Assert.Contains("does not compile", report.Reason, StringComparison.Ordinal);
        }

        // What the counts allow, the draws do not.
        var (less, fewer) = (count with { Hits = 2 }, ClaimCompiler.Compile(estimator, claim with { Draws = count with { Hits = 2 } }));
        var lower = read with { Claim = claim with { Draws = less }, Text = fewer.Text };
        Assert.Equal("", CertificateChecker.Check(lower, model).Reason);
        Assert.Contains("3 of 100 draws are counted, the certificate states 2 of 100", CertificateChecker.Check(lower, model, draws: draws).Reason, StringComparison.Ordinal);
        Assert.Contains("SHA-256", CertificateChecker.Check(read, model, draws: draws.AsMemory()[..^4]).Reason, StringComparison.Ordinal);
        Assert.Contains("SHA-256", CertificateChecker.Check(read, model, draws: "theta_0\nx\n"u8.ToArray()).Reason, StringComparison.Ordinal);
        Assert.Contains("counts none", CertificateChecker.Check(read with { Claim = read.Claim with { Draws = null }, Text = ClaimCompiler.Compile(estimator, claim with { Draws = null }).Text }, model, draws: draws).Reason, StringComparison.Ordinal);
    }

    /// <summary>A draw counts as inside only where its log density is certain to reach the level; ends of the box belong to it.</summary>
    [Fact]
    public void Doubtful_draws_count_as_outside()
    {
        var (estimator, _) = Normal();
        var draws = "theta_0\n-1\n1\n1.0000000000000002\n0.5\n-0.5\n0.49\n0\n"u8.ToArray();
        Assert.Equal(1, DrawCounter.Outside(estimator, Claim(0.1), draws, "d", 0.9).Hits);

        // ln q(theta | 0) = 7 - 2 theta²: at ±1/2 it is 6.5, and whether the rounded lower bound reaches it is not certain; just above, it does not.
        var hits = DrawCounter.Outside(estimator, Claim(0.1) with { DensityAtLeast = 6.5 }, draws, "d", 0.9).Hits;
        Assert.InRange(hits, 3, 5);
        Assert.Equal(5, DrawCounter.Outside(estimator, Claim(0.1) with { DensityAtLeast = Math.BitIncrement(6.5) }, draws, "d", 0.9).Hits);
    }

    /// <summary>A wrong claim is refuted by a witness, which ONNX Runtime replays in the order of the file's inputs.</summary>
    [Fact]
    public void A_wrong_claim_is_refuted()
    {
        var (estimator, model) = Normal();
        var (result, certificate) = new Certifier { Model = model, Curve = false }.Run(estimator, Family, Claim(0.1) with { DensityAtLeast = 6.5, AtMost = 0.08 });
        Assert.Equal(Verdict.Refuted, result.Verdict);
        Assert.Equal("", CertificateChecker.Check(certificate, model).Reason);
        Assert.True(estimator.Network.Evaluate([result.Witness[1], 0])[estimator.Network.Output("log_density").Id][0] >= 6.5);
    }

    /// <summary>ln(x (x - 1) + 0.3) is defined on [0, 1], but no bound of the whole interval says so.</summary>
    [Fact]
    public void A_search_goes_on_while_no_bound_is_finite()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var g = builder.Apply(new Log(), builder.Multiply(x, x - 1) + 0.3);
        builder.Output("g", g);
        var problem = new Problem(builder.Build(), g.Id, new Domain(new Box([0], [1])));
        Assert.Equal(double.PositiveInfinity, Bounds.For(problem).UpperBound(problem.Domain.Box));
        var result = new BranchAndBound { RelativeGap = 0.01, TimeLimit = TimeSpan.FromMinutes(3) }.Solve(problem);
        Assert.InRange(result.Upper, Math.Log(0.3) - 1e-12, Math.Log(0.3) + 0.02);
    }

    /// <summary>
    /// two_moons by a masked autoregressive flow, its first observation: a box that holds 99 % of the posterior (by summing the density on a grid), radius 0.01 and 0.001 standard
    /// deviations; and the part of the box with a density that 99 % of the posterior has. The figures of longer runs stand in bench/RESULTS.md.
    /// </summary>
    [Theory]
    [InlineData(1, null, 10, 21)]
    [InlineData(0.1, -1.9, 0.18, 0.42)]
    public void A_flow_has_a_finite_bound_with_its_attack_beside_it(double share, double? level, double least, double most)
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "sbi", "sbi_npe_maf_two_moons_s0.onnx"));
        var network = OnnxImporter.Read(bytes, "flow");
        var estimator = new Estimator(network, Family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), "flow");
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.LogDensity,
            Observation = [0.0709107667, -0.668292344],
            Radius = [0.003326 * share, 0.005832 * share],
            ParameterLower = [0.079, -0.967],
            ParameterUpper = [0.774, 0.010],
            DensityAtLeast = level,
            MassOutside = 0.02,
        };
        var (result, certificate) = new Certifier { Model = bytes, Curve = false, RelativeGap = 0.5, TimeLimit = TimeSpan.FromMinutes(5) }.Run(estimator, Family, claim);
        output.WriteLine($"[{result.Lower:G4}, {result.Upper:G4}] in {result.Seconds:F1} s with {certificate.Evidence.Leaves} parts. {result.Consequence} {result.Float32Reason}");
        Assert.True(result.Lower >= least && result.Upper <= most && result.Upper <= 2.01 * result.Lower, $"[{result.Lower}, {result.Upper}]");
        var random = new Random(1);
        var problem = ClaimCompiler.Compile(estimator, claim);
        var output0 = network.Output("log_density").Id;
        for (var k = 0; k < 3_000; k++)
        {
            double[] theta = [.. claim.ParameterLower.Zip(claim.ParameterUpper, (a, b) => a + (random.NextDouble() * (b - a)))];
            double[] x = [.. claim.Observation.Zip(claim.Radius, (a, r) => a + (r * ((2 * random.NextDouble()) - 1)))];
            var at = network.Evaluate([.. theta, .. claim.Observation])[output0][0];
            Assert.True(at < level || Math.Abs(network.Evaluate([.. theta, .. x])[output0][0] - at) <= result.Upper);
        }

        Assert.Equal("", CertificateChecker.Check(certificate, bytes).Reason);
    }

    private static Claim Claim(double radius) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = Metric.LogDensity,
        Observation = [0],
        Radius = [radius],
        ParameterLower = [-1],
        ParameterUpper = [1],
    };

    /// <summary>N(x/2, 1/4) without its normaliser; the file's inputs are theta, x.</summary>
    private static (Estimator Estimator, byte[] Model) Normal()
    {
        var graph = new OnnxGraphBuilder();
        var (theta, x) = (graph.Input("theta", 1), graph.Input("x", 1));
        var mean = graph.Node("Mul", "mean", [x, graph.Initializer("half", [0.5f], 1)]);
        var away = graph.Node("Sub", "away", [theta, mean]);
        var square = graph.Node("Mul", "square", [away, away]);
        var scaled = graph.Node("Mul", "scaled", [square, graph.Initializer("minus_two", [-2f], 1)]);
        graph.Node("Add", "log_density", [scaled, graph.Initializer("seven", [7f], 1)]);
        graph.Output("log_density", 1);
        var bytes = graph.ToBytes();
        var network = OnnxImporter.Read(bytes, "normal");
        return (new Estimator(network, Family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), "normal"), bytes);
    }
}
