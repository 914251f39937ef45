using System.Text;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Xunit;

namespace Certify.Tests;

/// <summary>The whole way, on models trained elsewhere: claim, search, certificate, file, check; and what happens to a certificate that lies.</summary>
public class CertifierTests
{
    private static readonly Certifier Certifier = new() { TimeLimit = TimeSpan.FromMinutes(3), RelativeGap = 0.05, Curve = false };

    [Theory]
    [InlineData("two_moons", Metric.Wasserstein2)]
    [InlineData("two_moons", Metric.TotalVariation)]
    [InlineData("two_moons", Metric.Kl)]
    [InlineData("two_moons", Metric.Hellinger)]
    [InlineData("sir", Metric.Wasserstein2)]
    [InlineData("sir", Metric.TotalVariation)]
    public void Enclosure_is_tight_holds_at_random_points_and_passes_the_check(string task, Metric metric)
    {
        var (estimator, claim) = (Models.Estimator(task), Models.Robustness(task, metric));
        var answer = Certifier.Run(estimator, Models.Mixture, claim);

        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Assert.InRange(answer.Result.Lower, answer.Result.Upper / 1.25, answer.Result.Upper);
        var problem = ClaimCompiler.Compile(estimator, claim);
        var (random, bounds) = (new Random(20261124), Bounds.For(problem));
        for (var k = 0; k < 300; k++)
        {
            Assert.True(bounds.LowerBoundAt(Models.Draw(claim, random).AsSpan()) <= answer.Result.Upper);
        }

        var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(answer.Certificate), "memory"), Models.Bytes(task));
        Assert.True(report.Accepted, report.Reason);
    }

    [Fact]
    public void Certificate_bytes_repeat_but_for_the_times()
    {
        var first = Certify(0.05, Metric.Wasserstein2);
        var again = Certify(0.05, Metric.Wasserstein2);
        static byte[] Timeless(Certificate certificate) => CertificateFile.ToBytes(certificate with { Seconds = 0, Created = "" });
        Assert.Equal(Timeless(first), Timeless(again));
    }

    [Fact]
    public void At_radius_zero_the_bound_is_zero_up_to_rounding()
    {
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation, Metric.Kl })
        {
            var upper = Certifier.Run(Models.Estimator("two_moons"), Models.Mixture, Models.Robustness("two_moons", metric, 0)).Result.Upper;
            Assert.InRange(upper, 0, metric == Metric.Wasserstein2 ? 1e-6 : 1e-11);
        }
    }

    [Fact]
    public void Verdict_follows_the_claimed_bound()
    {
        var answer = Certifier.Run(Models.Estimator("two_moons"), Models.Mixture, Models.Robustness("two_moons", Metric.TotalVariation)).Result;
        Verdict Claimed(double most) =>
            Certifier.Run(Models.Estimator("two_moons"), Models.Mixture, Models.Robustness("two_moons", Metric.TotalVariation) with { AtMost = most }).Result.Verdict;

        Assert.Equal(Verdict.Proved, Claimed(answer.Upper));

        // The compiled quantity is an upper bound of the metric: a large value of it refutes nothing.
        Assert.Equal(Verdict.Undecided, Claimed(answer.Lower / 2));
    }

    [Fact]
    public void A_changed_statement_is_rejected()
    {
        var honest = Certify(0.01, Metric.Wasserstein2);
        Assert.True(honest.Evidence.Leaves > 1, "the forgeries below need a tree to prune");
        Accepts(honest);
        Rejects(honest with { Upper = honest.Upper * 0.999 }, "leaf");
        Rejects(honest with { Upper = honest.Upper * 1.001 }, "the evidence gives");
        Rejects(honest with { Lower = honest.Lower * 1.001 }, "the witness gives");
        Rejects(honest with { Lower = honest.Lower * 0.999 }, "the witness gives");
        Rejects(honest with { Evidence = new EvidenceTree([0]) }, "leaf");
        Rejects(honest with { Evidence = new EvidenceTree([9, 0, 0]) }, "cuts coordinate 8");
        Rejects(honest with { Witness = [.. honest.Witness.Select((x, j) => j == 0 ? x + 1 : x)] }, "does not lie");
        Rejects(honest with { Witness = [0.0] }, "does not lie");
        Rejects(honest with { Witness = [] }, "the witness gives");
        Rejects(honest with { Witness = [], Lower = 1, Upper = 1, Verdict = Verdict.Refuted, Claim = honest.Claim with { AtMost = honest.Upper } }, "");
        Rejects(honest with { Verdict = Verdict.Refuted }, "follows");
        Rejects(honest with { ExactMetric = true }, "compiles to");
        Rejects(honest with { Text = honest.Text.Replace("Largest", "Smallest", StringComparison.Ordinal) }, "compiles to");
        Rejects(honest with { ModelSha256 = new string('0', 64) }, "SHA-256");
        Rejects(honest with { Semantics = "float32" }, "semantics");
        Rejects(honest with { Claim = honest.Claim with { Radius = [.. honest.Claim.Radius.Select(r => r * 1.01)] } }, "");
        Rejects(honest with { Claim = honest.Claim with { Observation = [.. honest.Claim.Observation.Select(x => x + 1e-3)] } }, "");
        Rejects(honest with { Claim = honest.Claim with { Metric = Metric.TotalVariation } }, "compiles to");
        Rejects(honest with { Claim = honest.Claim with { AtMost = honest.Upper / 2 } }, "follows");
        Rejects(honest with { Family = Guarantees.Formats.Spec.FamilyDescription.Parse(System.Text.Json.JsonDocument.Parse("""{ "name": "gaussian", "mean": "means", "standard-deviation": "logits" }""").RootElement) }, "does not compile");
    }

    [Fact]
    public void Every_changed_digit_and_letter_of_the_file_is_noticed()
    {
        var bytes = CertificateFile.ToBytes(Certify(0.05, Metric.Wasserstein2));
        for (var i = 0; i < bytes.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit((char)bytes[i]))
            {
                var changed = (byte[])bytes.Clone();
                changed[i] = changed[i] switch { (byte)'9' => (byte)'8', (byte)'z' => (byte)'y', (byte)'Z' => (byte)'Y', var b => (byte)(b + 1) };
                Assert.Throws<ModelFormatException>(() => CertificateFile.Read(changed, "changed"));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("{\"format\": \"guarantees-certificate/2\"}")]
    [InlineData("{\"format\": \"guarantees-certificate/1\", \"format\": \"guarantees-certificate/1\"}")]
    [InlineData("{\"format\": 7}")]
    public void Text_that_is_no_certificate_gives_one_line(string text)
    {
        var error = Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(text), "bad.json"));
        Assert.StartsWith("bad.json", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_leaf_bound_by_its_ancestor_is_accepted()
    {
        // Splitting a tree further than the search did may loosen a leaf's own bound; the ancestor's bound still covers it.
        var honest = Certify(0.05, Metric.TotalVariation);
        var deeper = honest with { Evidence = new EvidenceTree([.. honest.Evidence.Codes.ToArray().SelectMany(code => code == 0 ? [1, 0, 0] : new[] { code })]) };
        var report = CertificateChecker.Check(deeper with { Upper = honest.Upper }, Models.Bytes("two_moons"));
        Assert.True(report.Accepted || report.Reason.StartsWith("the evidence gives", StringComparison.Ordinal), report.Reason);
        Assert.True(report.Upper <= honest.Upper);
    }

    [Fact]
    public void Bounds_of_nested_radii_are_consistent()
    {
        var estimator = Models.Estimator("two_moons");
        var enclosures = new[] { 0.25, 0.5, 1, 2 }
            .Select(scale => Certifier.Run(estimator, Models.Mixture, Models.Robustness("two_moons", Metric.Wasserstein2, scale)).Result).ToArray();
        for (var k = 1; k < enclosures.Length; k++)
        {
            Assert.True(enclosures[k - 1].Lower <= enclosures[k].Upper, "a value in the smaller ball is attained in the larger one");
            Assert.True(enclosures[k - 1].Upper <= enclosures[k].Upper, "a larger radius never gives a smaller bound");
        }
    }

    [Theory]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    public void Distances_of_at_most_one_are_certified_at_most_one(Metric metric)
    {
        // Far beyond the data every surrogate exceeds 1, and so does the allowance that other processors' rounding gets.
        var claim = Models.Robustness("two_moons", metric, 200) with { AtMost = 1 };
        var answer = Certifier.Run(Models.Estimator("two_moons"), Models.Mixture, claim);
        Assert.Equal(1, answer.Result.Upper);
        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Accepts(answer.Certificate);
        Rejects(answer.Certificate with { Upper = Math.BitDecrement(1.0) }, "leaf");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Probabilities_stay_between_zero_and_one(bool least)
    {
        var claim = Models.Robustness("two_moons", Metric.Wasserstein2, 200) with
        {
            Kind = ClaimKind.EventProbability,
            EventLower = -0.1,
            EventUpper = 0.4,
            AtMost = least ? null : 1,
            AtLeast = least ? 0 : null,
        };
        var answer = new Certifier { TimeLimit = TimeSpan.FromSeconds(1), Curve = false }.Run(Models.Estimator("two_moons"), Models.Mixture, claim);
        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Assert.InRange(answer.Result.Lower, 0, answer.Result.Upper);
        Assert.InRange(answer.Result.Upper, answer.Result.Lower, 1);
        Accepts(answer.Certificate);
    }

    /// <summary>The claim of a part follows from that of the whole: over A, B and their intersection the enclosures fit together.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Intersecting_boxes_agree(bool least)
    {
        var estimator = Models.Estimator("two_moons");
        double[][] corners = [[-0.3, -0.9, 0.1, -0.3], [-0.1, -0.7, 0.3, -0.1], [-0.1, -0.7, 0.1, -0.3]];
        var answers = corners.Select(corner => Certifier.Run(estimator, Models.Mixture, new Claim
        {
            Kind = ClaimKind.EventProbability,
            EventLower = 0,
            DomainLower = [corner[0], corner[1]],
            DomainUpper = [corner[2], corner[3]],
            AtLeast = least ? 0.5 : null,
        }).Result).ToArray();
        var (bounds, both) = (Bounds.For(ClaimCompiler.Compile(estimator, answers[2].Claim)), answers[2]);
        foreach (var whole in answers[..2])
        {
            // What is attained in the intersection is attained in the whole, and no further than the whole's proved end.
            Assert.True(least ? both.Upper >= whole.Lower : both.Lower <= whole.Upper);
            var problem = ClaimCompiler.Compile(estimator, whole.Claim);
            var part = new Guarantees.Networks.Box([.. both.Claim.DomainLower], [.. both.Claim.DomainUpper]);
            var (inWhole, inBoth) = (Bounds.For(problem).LowerBoundAt(both.Witness.AsSpan()), bounds.LowerBoundAt(both.Witness.AsSpan()));
            Assert.Equal(inBoth, inWhole, 1e-12);
            Assert.InRange(bounds.UpperBound(part), inWhole, double.PositiveInfinity);
            Assert.InRange(Bounds.For(problem).UpperBound(part), inBoth, double.PositiveInfinity);
            if (part.Contains(whole.Witness.AsSpan()))
            {
                Assert.True(least ? whole.Upper >= both.Lower : whole.Lower <= both.Upper);
            }
        }
    }

    /// <summary>For every metric and norm; steps larger than the gap that the search leaves.</summary>
    [Theory]
    [InlineData(Metric.Wasserstein2, Norm.L1)]
    [InlineData(Metric.TotalVariation, Norm.L2)]
    [InlineData(Metric.Hellinger, Norm.Linf)]
    [InlineData(Metric.Kl, Norm.Linf)]
    public void A_larger_radius_never_gives_a_smaller_bound(Metric metric, Norm norm)
    {
        var (estimator, search) = (Models.Estimator("two_moons"), new Certifier { RelativeGap = 0.02, Curve = false });
        var uppers = new[] { 0, 0.5, 0.6, 1, 1.1, 3 }
            .Select(scale => search.Run(estimator, Models.Mixture, Models.Robustness("two_moons", metric, scale) with { Norm = norm }).Result.Upper).ToArray();
        Assert.InRange(uppers[0], 0, 1e-6);
        for (var k = 1; k < uppers.Length; k++)
        {
            Assert.True(uppers[k - 1] < uppers[k], string.Join(", ", uppers));
        }
    }

    [Fact]
    public void Refutation_needs_a_witness_that_the_deployed_model_confirms()
    {
        var estimator = Models.Estimator("two_moons");
        var claim = Models.Robustness("two_moons", Metric.Wasserstein2) with { Kind = ClaimKind.EventProbability, Parameter = 0, EventLower = 0, AtMost = 0.2 };
        var honest = new Certifier { Model = Models.Bytes("two_moons"), Curve = false }.Run(estimator, Models.Mixture, claim).Result;
        Assert.Equal(Verdict.Refuted, honest.Verdict);
        Assert.True(honest.Lower > 0.2);

        // The same claim about the same network, with another model as what is deployed.
        var other = Models.Bytes("two_moons");
        var weights = System.Text.Encoding.ASCII.GetBytes("net._means_layer.bias");
        other[other.AsSpan().LastIndexOf(weights) + weights.Length + 12] ^= 0x40;
        var doubtful = new Certifier { Model = other, Curve = false }.Run(estimator, Models.Mixture, claim).Result;
        Assert.Equal(Verdict.Undecided, doubtful.Verdict);
        Assert.Contains("ONNX Runtime disagrees", doubtful.Reason, StringComparison.Ordinal);
    }

    private static Certificate Certify(double gap, Metric metric) =>
        new Certifier { RelativeGap = gap, Curve = false }.Run(Models.Estimator("two_moons"), Models.Mixture, Models.Robustness("two_moons", metric, 4)).Certificate;

    private static void Accepts(Certificate certificate) =>
        Assert.Equal("", CertificateChecker.Check(certificate, Models.Bytes("two_moons")).Reason);

    private static void Rejects(Certificate certificate, string because)
    {
        // Through the file: a forger recomputes the digest.
        var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(certificate), "forged"), Models.Bytes("two_moons"));
        Assert.False(report.Accepted);
        Assert.Contains(because, report.Reason, StringComparison.Ordinal);
    }
}
