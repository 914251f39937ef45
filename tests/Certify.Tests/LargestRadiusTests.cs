using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;

namespace Certify.Tests;

/// <summary>The largest radius of a claim against the one that is known.</summary>
public class LargestRadiusTests
{
    private static readonly FamilyDescription Diagonal = FamilyDescription.Parse(System.Text.Json.JsonDocument.Parse("""{ "name": "diagonal-gaussian", "mean": "mean", "standard-deviation": "sd" }""").RootElement);

    /// <summary>Mean A x, one standard deviation: W2 = |A (x - x0)|.</summary>
    private static (Estimator Estimator, byte[] Bytes) Shift()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        graph.Output(graph.Node("Gemm", "mean", [x, graph.Initializer("a", [3f, -1, 1, 2], 2, 2), graph.Initializer("b", [0f, 0], 2)]), 2);
        graph.Output(graph.Node("Gemm", "sd", [x, graph.Initializer("zero", [0f, 0, 0, 0], 2, 2), graph.Initializer("one", [1f, 1], 2)]), 2);
        var bytes = graph.ToBytes();
        var network = OnnxImporter.Read(bytes, "shift.onnx");
        return (new Estimator(network, Diagonal.Bind(network), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), "shift.onnx"), bytes);
    }

    private static RadiusEnclosure Find(Estimator estimator, Claim claim, double gap = 0.01) => LargestRadius.Find(
        limit => new Certifier { TimeLimit = limit, Curve = false, Threads = 1 }, estimator, Diagonal, claim, gap, TimeSpan.FromMinutes(3));

    private static Claim Ball(Norm norm, double radius, double most) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = Metric.Wasserstein2,
        Norm = norm,
        Observation = [0.5, -0.25],
        Radius = [radius, radius],
        AtMost = most,
    };

    /// <summary>Over the unit linf ball |A d| is largest at the corner (1, 1) or (1, -1): |(4, 1)| = sqrt 17, |(2, -3)| = sqrt 13. Over the unit l1 ball at a vertex: |(3, -1)| = sqrt 10.</summary>
    [Theory]
    [InlineData(Norm.Linf, 17)]
    [InlineData(Norm.L1, 10)]
    public void It_lies_between_the_proof_and_the_refutation(Norm norm, double square)
    {
        var (estimator, bytes) = Shift();
        var truth = 0.7 / Math.Sqrt(square);
        var found = Find(estimator, Ball(norm, 2, 0.7));
        Assert.InRange(truth, found.Proved * 2, found.Refuted!.Value * 2);
        Assert.True(found.Refuted.Value - found.Proved <= 0.01 * found.Refuted.Value, found.Words());
        foreach (var (certification, verdict, share) in new[] { (found.Holds, Verdict.Proved, found.Proved), (found.Fails!, Verdict.Refuted, found.Refuted.Value) })
        {
            Assert.Equal(verdict, certification.Result.Verdict);
            Assert.Equal(2 * share, certification.Result.Claim.Radius[0]);
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(certification.Certificate), "memory"), bytes);
            Assert.True(report.Accepted, report.Reason);
        }

        Assert.StartsWith("proved up to 0.", found.Words(), StringComparison.Ordinal);
        Assert.Contains("; refuted from 0.", found.Words(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_radius_needs_one_step_and_none_is_said_at_once()
    {
        var (estimator, _) = Shift();
        var all = Find(estimator, Ball(Norm.Linf, 0.1, 0.7));
        Assert.Equal((1, null), (all.Proved, all.Refuted));
        Assert.Equal("proved up to 1 of the radius asked for, 0.1.", all.Words());

        var none = Find(estimator, new Claim
        {
            Kind = ClaimKind.EventProbability,
            Parameter = 0,
            EventLower = 0,
            Observation = [1, 1],
            Radius = [1, 1],
            AtMost = 0.5,
        });
        Assert.Equal((0, 0), (none.Proved, none.Refuted));
        Assert.Equal("refuted at the observation itself.", none.Words());
        Assert.Equal(Verdict.Refuted, none.Holds.Result.Verdict);
    }

    [Fact]
    public void A_claim_without_a_bound_has_no_largest_radius()
    {
        var (estimator, _) = Shift();
        Assert.Throws<ArgumentException>(() => Find(estimator, Ball(Norm.Linf, 1, 1) with { AtMost = null }));
    }
}
