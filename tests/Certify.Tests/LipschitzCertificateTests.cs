using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;

namespace Certify.Tests;

/// <summary>The Lipschitz constant of a plain network comes with a certificate: box, norms, enclosure, tree and witness are all derived again.</summary>
/// <remarks>
/// Mutants planted and found: norms of input and output exchanged in the compiler; the output norm always l2; only the first output a feature; the domain's lower corner taken for the
/// upper; the family left out of the check of metrics; the checker's comparison of stated and derived upper ends dropped, that of the lower ends, and an open leaf let pass; a
/// lower end accepted without a witness; a refutation by the stated lower end; the hash of the model not compared; a lower end up to 1e-6 above what the witness gives; ends that cross.
/// </remarks>
public sealed class LipschitzCertificateTests
{
    private static readonly ConcurrentDictionary<(string, Norm, Metric), Certificate> Done = new();

    /// <summary>Nets for each of the three ways to bound a Jacobian: cells of ReLUs, forms of smooth functions, intervals on a graph that branches.</summary>
    public static TheoryData<string, Norm, Metric> Nets
    {
        get
        {
            var rows = new TheoryData<string, Norm, Metric>();
            foreach (var net in new[] { "Relu", "Tanh", "branches" })
            {
                rows.Add(net, Norm.L1, Metric.Linf);
                rows.Add(net, Norm.L2, Metric.L2);
                rows.Add(net, Norm.Linf, Metric.L1);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Nets))]
    public void A_certificate_is_derived_again_and_every_forgery_is_rejected(string net, Norm from, Metric to)
    {
        var model = Model(net);
        var honest = Certified(net, from, to);
        Assert.Equal(Verdict.Proved, honest.Verdict);
        Assert.True(honest.Evidence.Leaves > 1 || net == "Relu", "the forgeries below need a tree to prune");
        Assert.True(honest.Lower > 0 && honest.Upper - honest.Lower <= 0.1 * honest.Upper, $"[{honest.Lower}, {honest.Upper}]");
        var bytes = CertificateFile.ToBytes(honest);
        var report = CertificateChecker.Check(CertificateFile.Read(bytes, "c"), model);
        Assert.True(report.Accepted, report.Reason);
        Assert.InRange(report.Upper, honest.Lower, honest.Upper);

        Rejects(honest with { Upper = honest.Upper * 0.99 }, "leaf");
        Rejects(honest with { Upper = (honest.Upper + honest.Lower) / 2 * 0.9 }, "leaf");
        Rejects(honest with { Upper = honest.Upper * 1.3 }, "the evidence gives");
        Rejects(honest with { Lower = honest.Lower * 1.001 }, "the ");
        Rejects(honest with { Lower = honest.Lower * 0.999 }, "the witness gives");
        Rejects(honest with { Lower = honest.Upper * 1.01, Upper = honest.Upper * 1.01 }, "the ");
        Rejects(honest with { Witness = [] }, "the witness gives");
        Rejects(honest with { Witness = [], Lower = honest.Upper, Verdict = Verdict.Refuted, Claim = honest.Claim with { AtMost = honest.Lower * 0.9 } }, "the witness gives");

        // Within the slack between processors a stated number may differ; a verdict may not hang on it.
        Rejects(honest with { Lower = honest.Lower * (1 + 5e-7), Verdict = Verdict.Refuted, Claim = honest.Claim with { AtMost = honest.Lower * (1 + 2e-7) } }, "the ");
        Rejects(honest with { Lower = honest.Lower * (1 + 1e-7) }, "the ");
        Rejects(honest with { Lower = honest.Upper * (1 + 1e-12) }, "");
        Rejects(honest with { Witness = [1.5, 0] }, "does not lie");
        Rejects(honest with { Witness = [0.0] }, "does not lie");
        Rejects(honest with { Verdict = Verdict.Undecided }, "follows");
        Rejects(honest with { ExactMetric = false }, "compiles to");
        Rejects(honest with { Semantics = "float32" }, "semantics");
        Rejects(honest with { ModelSha256 = new string('0', 64) }, "SHA-256");
        Rejects(honest with { Text = honest.Text.Replace("Largest", "Smallest", StringComparison.Ordinal) }, "compiles to");
        Rejects(honest with { Evidence = new EvidenceTree([9, 0, 0]) }, "cuts coordinate 8");
        if (net != "Relu")
        {
            Rejects(honest with { Evidence = new EvidenceTree([0]) }, "leaf");
        }

        // Another norm or metric is another claim, and other words.
        foreach (var norm in Enum.GetValues<Norm>().Where(norm => norm != from && norm != Norm.L0))
        {
            Rejects(honest with { Claim = honest.Claim with { Norm = norm } }, "compiles to");
        }

        foreach (var metric in new[] { Metric.L1, Metric.L2, Metric.Linf }.Where(metric => metric != to))
        {
            Rejects(honest with { Claim = honest.Claim with { Metric = metric } }, "compiles to");
        }

        Rejects(honest with { Claim = honest.Claim with { Metric = Metric.Wasserstein2 } }, "does not compile");
        Rejects(honest with { Claim = honest.Claim with { Kind = ClaimKind.Robustness } }, "does not compile");
        Rejects(honest with { Claim = honest.Claim with { DomainUpper = [1] } }, "does not compile");
        Rejects(honest with { Claim = honest.Claim with { DomainUpper = [-2, 0.75] } }, "does not compile");
        Rejects(honest with { Claim = honest.Claim with { AtMost = honest.Lower / 2 } }, "follows");
        Rejects(honest with { Family = Models.Mixture }, "does not compile");

        // A box that leaves the witness out, and one that reaches where the net is steeper.
        Rejects(honest with { Claim = honest.Claim with { DomainLower = [honest.Witness[0] + 1e-3, -0.5], DomainUpper = [Math.Max(1, honest.Witness[0] + 1), 0.75] } }, "");
        var wide = honest.Claim with { DomainLower = [-9, -9], DomainUpper = [9, 9] };
        var bounds = Bounds.For(ClaimCompiler.Compile(Vectors(model), wide));
        var random = new Random(3);
        if (Enumerable.Range(0, 500).Max(_ => bounds.LowerBoundAt([(18 * random.NextDouble()) - 9, (18 * random.NextDouble()) - 9])) > honest.Upper)
        {
            Rejects(honest with { Claim = wide }, "leaf");
        }

        // Another model under the same name, its hash in the certificate.
        var other = Model(net, scale: 1.125f);
        Assert.False(CertificateChecker.Check(honest with { ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(other)) }, other).Accepted);
        Assert.False(CertificateChecker.Check(honest, other).Accepted);

        void Rejects(Certificate forged, string reason)
        {
            // Through the file, its digest made anew.
            var found = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(forged), "c"), model);
            Assert.False(found.Accepted, $"accepted, though {reason}");
            Assert.Contains(reason, found.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>Every pair of points keeps below the upper end, and the lower end is a difference quotient in the limit.</summary>
    [Theory]
    [MemberData(nameof(Nets))]
    public void Pairs_of_points_keep_the_constant(string net, Norm from, Metric to)
    {
        var network = OnnxImporter.Read(Model(net), net);
        var honest = Certified(net, from, to);
        var random = new Random(7);
        for (var k = 0; k < 2_000; k++)
        {
            var x = Draw();
            var step = k % 2 == 0 ? 1 : 1e-5;
            var y = Draw().Zip(x, (a, b) => b + (step * (a - b))).ToArray();
            Assert.True(Quotient(x, y) <= honest.Upper * (1 + 1e-6));
        }

        // Along the coordinate axes and diagonals next to the witness.
        var at = honest.Witness.ToArray();
        var best = 0.0;
        for (var turn = 0; turn < 360; turn++)
        {
            var angle = turn * Math.PI / 180;
            best = Math.Max(best, Quotient(at, [at[0] + (1e-7 * Math.Cos(angle)), at[1] + (1e-7 * Math.Sin(angle))]));
        }

        Assert.InRange(best, honest.Lower * (1 - 1e-3), honest.Upper * (1 + 1e-6));

        double[] Draw() => [(2 * random.NextDouble()) - 1, (1.25 * random.NextDouble()) - 0.5];

        double Quotient(double[] x, double[] y)
        {
            var (fx, fy) = (network.Evaluate(x), network.Evaluate(y));
            double[] rise = [.. network.Outputs.SelectMany(output => fx[output.Node].Zip(fy[output.Node], (a, b) => Math.Abs(a - b)))];
            double[] run = [.. x.Zip(y, (a, b) => Math.Abs(a - b))];
            return Size(rise, to switch { Metric.L1 => Norm.L1, Metric.L2 => Norm.L2, _ => Norm.Linf }) / Size(run, from);
        }
    }

    /// <summary>In a box without interior the Jacobian speaks of directions that leave it: no lower end, no witness, and still a certificate.</summary>
    [Fact]
    public void A_flat_box_has_an_upper_end_only()
    {
        var model = Model("Relu");
        var flat = Certify(model, Norm.L2, Metric.L2, [-1, 0.25], [1, 0.25]);
        Assert.Equal((double.NegativeInfinity, 0), (flat.Lower, flat.Witness.Length));
        Assert.True(CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(flat), "c"), model).Accepted);
        Assert.False(CertificateChecker.Check(flat with { Lower = 0, Witness = [0, 0.25] }, model).Accepted);
    }

    /// <summary>The family is for two claims, and its metrics for it alone.</summary>
    [Fact]
    public void A_vector_is_no_distribution()
    {
        var network = OnnxImporter.Read(Model("Relu"), "m");
        var vector = new Estimator(network, OutputVector.For(network));
        var claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = Metric.L2, Norm = Norm.L2, DomainLower = [0, 0], DomainUpper = [1, 1] };
        Assert.Equal(Norm.L2, ClaimCompiler.Compile(vector, claim).JacobianTo);
        foreach (var wrong in new[]
        {
            claim with { Metric = Metric.Wasserstein2 },
            claim with { Metric = Metric.Kl },
            claim with { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Observation = [0, 0], Radius = [1, 1] },
            claim with { Kind = ClaimKind.Robustness },
            claim with { Kind = ClaimKind.EventProbability, EventLower = 0 },
            claim with { Kind = ClaimKind.CredibleInterval, Observation = [0, 0], Radius = [1, 1] },
            claim with { Kind = ClaimKind.Approximation, Reference = "gaussian-linear" },
            claim with { Observation = [0, 0], Radius = [1, 1] },
            claim with { DomainLower = [] },
            claim with { DomainUpper = [1, double.PositiveInfinity] },
            claim with { AtLeast = 1 },
        })
        {
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(vector, wrong));
        }

        var gaussian = Models.Estimator("two_moons");
        foreach (var metric in new[] { Metric.L1, Metric.L2, Metric.Linf })
        {
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(gaussian, Models.Robustness("two_moons", metric)));
        }
    }

    /// <summary>Ends that cross are rejected even where both are so small that the absolute slack hides it.</summary>
    [Fact]
    public void Ends_do_not_cross()
    {
        var model = Model("Relu", scale: 1e-7f);
        var honest = Certify(model, Norm.L2, Metric.L2, [-1, -0.5], [1, 0.75]);
        Assert.True(honest.Upper < 1e-12 && CertificateChecker.Check(honest, model).Accepted, $"{honest.Upper}");
        Assert.Contains("lies above", CertificateChecker.Check(honest with { Lower = honest.Upper * 1.001 }, model).Reason, StringComparison.Ordinal);
    }

    private static Certificate Certified(string net, Norm from, Metric to) =>
        Done.GetOrAdd((net, from, to), _ => Certify(Model(net), from, to, [-1, -0.5], [1, 0.75], net == "branches" ? 0.1 : 0.01));

    private static Certificate Certify(byte[] model, Norm from, Metric to, ImmutableArray<double> lower, ImmutableArray<double> upper, double gap = 0.01)
    {
        var claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = to, Norm = from, DomainLower = lower, DomainUpper = upper };
        return new Certifier { RelativeGap = gap, Model = model }.Run(Vectors(model), FamilyDescription.Vector, claim).Certificate;
    }

    private static Estimator Vectors(byte[] model)
    {
        var network = OnnxImporter.Read(model, "m.onnx");
        return new Estimator(network, OutputVector.For(network), Convert.ToHexStringLower(SHA256.HashData(model)), "m.onnx");
    }

    private static double Size(double[] v, Norm norm) => norm switch { Norm.L1 => v.Sum(), Norm.L2 => Math.Sqrt(v.Sum(x => x * x)), _ => v.Max() };

    /// <summary>2 inputs, 6 hidden, and outputs of lengths 2 and 1; "branches" multiplies the hidden ones by an input's function.</summary>
    private static byte[] Model(string net, float scale = 1)
    {
        var random = new Random(11);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => scale * (float)((2 * random.NextDouble()) - 1))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var hidden = graph.Node("Gemm", "z", [x, graph.Initializer("w", Draw(12), 2, 6), graph.Initializer("b", Draw(6), 6)]);
        hidden = graph.Node(net == "branches" ? "Sigmoid" : net, "h", [hidden]);
        if (net == "branches")
        {
            var gate = graph.Node("Tanh", "gate", [graph.Node("Gemm", "g", [x, graph.Initializer("wg", Draw(12), 2, 6), graph.Initializer("bg", Draw(6), 6)])]);
            hidden = graph.Node("Mul", "product", [hidden, gate]);
        }

        graph.Output(graph.Node("Gemm", "y", [hidden, graph.Initializer("v", Draw(12), 6, 2), graph.Initializer("c", Draw(2), 2)]), 2);
        graph.Output(graph.Node("Gemm", "u", [hidden, graph.Initializer("q", Draw(6), 6, 1), graph.Initializer("d", Draw(1), 1)]), 1);
        return graph.ToBytes();
    }
}
