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

/// <summary>Conjugate and tabulated references the whole way: search, certificate, file, check; true maxima from dense evaluation; and certificates that say something else.</summary>
public class ConjugateCertificateTests
{
    private static readonly FamilyDescription Beta = Family("""{ "name": "beta", "alpha": "a", "beta": "b" }""");
    private static readonly FamilyDescription LogBeta = Family("""{ "name": "beta", "alpha": "a", "beta": "b", "transform": "log" }""");
    private static readonly FamilyDescription Gamma = Family("""{ "name": "gamma", "shape": "a", "rate": "b" }""");
    private static readonly FamilyDescription Student = Family("""{ "name": "student-t", "degrees-of-freedom": 8, "mean": "a", "standard-deviation": "b" }""");
    private static readonly FamilyDescription Diagonal = Family("""{ "name": "diagonal-gaussian", "mean": "a", "standard-deviation": "b" }""");
    private static readonly Certifier Certifier = new() { TimeLimit = TimeSpan.FromMinutes(5), MostParts = 20_000, RelativeGap = 0.02, Curve = false, Draws = 1000 };
    private static readonly ConjugateModel BetaModel = new(ConjugateModel.BetaBinomial, [[2.0], [3.5], [20.0]]);
    private static readonly ConjugateModel GammaModel = new(ConjugateModel.GammaPoisson, [[2.0], [0.75], [1.25]]);
    private static readonly ConjugateModel StudentModel = new(ConjugateModel.NormalInverseGamma, [[0.5], [2.0], [3.0], [2.0]]);
    private static readonly ConjugateModel CutModel = new(ConjugateModel.UniformNormal, [[-1.0], [1.25], [0.5]]);

    private static FamilyDescription Family(string json) => FamilyDescription.Parse(JsonDocument.Parse(json).RootElement);

    /// <summary>a and b as linear functions of x, each followed by an operator where one is named.</summary>
    private static byte[] Net(int inputs, (float[] Weights, float Constant) a, (float[] Weights, float Constant) b, string after = "")
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", inputs);
        foreach (var (name, (weights, constant)) in new[] { ("a", a), ("b", b) })
        {
            var line = graph.Node("Gemm", after.Length > 0 ? $"{name}_line" : name, [x, graph.Initializer($"w_{name}", weights, inputs, 1), graph.Initializer($"c_{name}", [constant], 1)]);
            graph.Output(after.Length > 0 ? graph.Node(after, name, [line]) : line, 1);
        }

        return graph.ToBytes();
    }

    private static Estimator EstimatorOf(byte[] model, FamilyDescription family)
    {
        var network = OnnxImporter.Read(model, "m");
        return new Estimator(network, family.Bind(network), Hash(model), "model.onnx");
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static Claim ClaimOf(ConjugateModel model, Metric metric, double[] lower, double[] upper) => new()
    {
        Kind = ClaimKind.Approximation,
        Reference = model.Name,
        Conjugate = model,
        Metric = metric,
        DomainLower = [.. lower],
        DomainUpper = [.. upper],
    };

    private static CheckReport Check(Certificate certificate, byte[] model, byte[]? reference = null) =>
        CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(certificate), "c"), model, reference is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null);

    /// <summary>Linear outputs are the posterior exactly; logarithms of them are found to be by the same operators in the same order.</summary>
    [Theory]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.KlReverse)]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.JensenShannon)]
    public void Networks_that_compute_the_posterior_are_proved_near_zero(Metric metric)
    {
        var (beta, gamma) = (Net(1, ([1], 2), ([-1], 23.5f)), Net(1, ([1], 2), ([0], 2)));
        foreach (var (model, family, reference, most) in new[] { (beta, Beta, BetaModel, 20.0), (gamma, Gamma, GammaModel, 50.0) })
        {
            var answer = Certifier.Run(EstimatorOf(model, family), family, ClaimOf(reference, metric, [0], [most]) with { AtMost = 1e-6 });
            Assert.Equal(Verdict.Proved, answer.Result.Verdict);
            Assert.InRange(answer.Result.Upper, 0, 1e-6);
            Assert.Equal("", Check(answer.Certificate, model).Reason);
        }

        var logarithms = Net(1, ([1], 2), ([-1], 23.5f), "Log");
        var bounded = Certifier.Run(EstimatorOf(logarithms, LogBeta), LogBeta, ClaimOf(BetaModel, metric, [0], [20]) with { AtMost = 0.02 });
        Assert.True(bounded.Result.Verdict == Verdict.Proved, $"{metric}: [{bounded.Result.Lower}, {bounded.Result.Upper}]");
    }

    /// <summary>location 0.25 + (x_0 + x_1) / 4 is that of the model; a constant scale is not its scale. W2² = (mu - mu0)² + 8/6 (sigma - sigma0)².</summary>
    [Fact]
    public void The_distance_to_a_Student_posterior_is_enclosed_about_its_true_maximum()
    {
        var model = Net(2, ([0.25f, 0.25f], 0.25f), ([0, 0.05f], 0.5f));
        var answer = Certifier.Run(EstimatorOf(model, Student), Student, ClaimOf(StudentModel, Metric.Wasserstein2, [-1, -2], [1, 2]));
        var most = 0.0;
        for (var i = 0; i <= 200; i++)
        {
            for (var j = 0; j <= 200; j++)
            {
                var (u, v) = (-1 + (i / 100.0), -2 + (j / 50.0));
                double[] y = [u - 0.5, v - 0.5];
                var scale = Math.Sqrt(2 * (2 + (0.5 * ((y[0] * y[0]) + (y[1] * y[1]) - (Math.Pow(y[0] + y[1], 2) / 4)))) / (8 * 4));
                most = Math.Max(most, Math.Sqrt(8 / 6.0) * Math.Abs(0.5 + (0.05f * v) - scale));
            }
        }

        Assert.Equal(Verdict.Proved, answer.Result.Verdict);
        Assert.True(answer.Result.ExactMetric);
        Assert.InRange(most, answer.Result.Lower * 0.99, answer.Result.Upper);
        Assert.True(answer.Result.Upper <= 1.03 * most, $"{answer.Result.Upper} for {most}");
        Assert.Equal("", Check(answer.Certificate, model).Reason);
        Assert.Equal(Verdict.Refuted, Certifier.Run(EstimatorOf(model, Student), Student, answer.Certificate.Claim with { AtMost = 0.9 * most }).Result.Verdict);
    }

    /// <summary>N(x, 1/4) against N(x, 1/4) cut to [-1, 1.25]: KL = -ln Z.</summary>
    [Fact]
    public void The_distance_to_a_cut_posterior_is_enclosed_about_its_true_maximum()
    {
        var model = Net(1, ([1], 0), ([0], 0.5f));
        foreach (var metric in new[] { Metric.Kl, Metric.TotalVariation })
        {
            var answer = Certifier.Run(EstimatorOf(model, Diagonal), Diagonal, ClaimOf(CutModel, metric, [-0.75], [1.5]));
            var cdf = new Guarantees.Networks.Operators.NormalCdf();
            var most = Enumerable.Range(0, 2251).Max(k =>
            {
                var x = -0.75 + (k / 1000.0);
                var mass = cdf.Value((1.25 - x) * 2) - cdf.Value((-1 - x) * 2);

                // Of two densities that are proportional where one is not 0, the distance is the mass outside.
                return metric == Metric.Kl ? -Math.Log(mass) : 1 - mass;
            });
            Assert.True(answer.Result.Upper >= most && (metric == Metric.TotalVariation || answer.Result.Upper <= 1.03 * most), $"{metric}: {answer.Result.Upper} for {most}");
            Assert.True((metric == Metric.Kl ? answer.Result.Lower : answer.Result.MetricLower) <= most + 1e-9);
            Assert.Equal("", Check(answer.Certificate, model).Reason);
        }
    }

    [Fact]
    public void Every_number_of_a_conjugate_model_counts()
    {
        var cases = new (byte[], FamilyDescription, Claim)[]
        {
            (Net(1, ([1], 2.5f), ([-1], 22)), Beta, ClaimOf(BetaModel, Metric.Kl, [0], [20])),
            (Net(1, ([1], 2.5f), ([0], 2.5f)), Gamma, ClaimOf(GammaModel, Metric.Kl, [0], [20])),
            (Net(2, ([0.25f, 0.25f], 0.3f), ([0, 0], 0.5f)), Student, ClaimOf(StudentModel, Metric.Wasserstein2, [-1, -1], [1, 1])),
            (Net(1, ([1], 0), ([0], 0.5f)), Diagonal, ClaimOf(CutModel, Metric.Kl, [-0.75], [1])),
        };
        foreach (var (model, family, claim) in cases)
        {
            var honest = Certifier.Run(EstimatorOf(model, family), family, claim).Certificate;
            Assert.Equal("", Check(honest, model).Reason);
            var read = CertificateFile.Read(CertificateFile.ToBytes(honest), "c").Claim.Conjugate!;
            Assert.Equal(claim.Conjugate!.Numbers.SelectMany(list => list), read.Numbers.SelectMany(list => list));
            for (var k = 0; k < read.Numbers.Length; k++)
            {
                var isAlpha = ConjugateModel.KeysOf(read.Name)[k].Key == "alpha" && read.Name == ConjugateModel.NormalInverseGamma;
                var changed = read with { Numbers = read.Numbers.SetItem(k, [isAlpha ? 3.5 : read.Numbers[k][0] < 0 ? -0.5 : 0.5 * read.Numbers[k][0]]) };
                Assert.False(Check(honest with { Claim = honest.Claim with { Conjugate = changed } }, model).Accepted, $"{read.Name}, {ConjugateModel.KeysOf(read.Name)[k].Key}");
            }

            Assert.False(Check(honest with { Claim = honest.Claim with { Conjugate = null } }, model).Accepted);
            Assert.Throws<ModelFormatException>(() => Check(honest with { Claim = honest.Claim with { Reference = Claim.GaussianLinear } }, model));
        }
    }

    private static readonly byte[] TableBytes = Encoding.UTF8.GetBytes("x_0,mean_0,sd_0\n0,0.1,0.5\n0.5,0.4,0.75\n");

    private static Claim Tabulated(double error, double lipschitz) => new()
    {
        Kind = ClaimKind.Approximation,
        Reference = Claim.Table,
        ReferenceModel = "table.csv",
        ReferenceSha256 = Hash(TableBytes),
        TableRow = new ReferenceRow(["mean", "sd"], [[0.4], [0.75]], error, lipschitz),
        Metric = Metric.Wasserstein2,
        Norm = Norm.L2,
        Observation = [0.5],
        ObservationRow = 1,
        Radius = [0.25],
    };

    [Fact]
    public void A_certificate_of_a_table_speaks_of_one_row_of_one_file()
    {
        var model = Net(1, ([1], 0), ([0], 0.5f));
        var estimator = EstimatorOf(model, Diagonal);
        var answer = Certifier.Run(estimator, Diagonal, Tabulated(0.01, 0.5));

        // Largest at x = 3/4: sqrt(0.35² + 0.25²), and what is assumed; 0.25 / 2 + 0.01.
        var most = Math.Sqrt((0.35 * 0.35) + (0.25 * 0.25)) + 0.135;
        Assert.InRange(most, answer.Result.Lower - 1e-9, answer.Result.Upper);
        Assert.True(answer.Result.Upper < 1.001 * most);
        Assert.False(answer.Result.ExactMetric);
        Assert.InRange(answer.Result.MetricLower!.Value, 0, most - 0.26);
        var honest = answer.Certificate;
        Assert.Equal("", Check(honest, model, TableBytes).Reason);
        Assert.Contains("which is not given", Check(honest, model).Reason, StringComparison.Ordinal);
        Assert.Contains("the certificate speaks of", Check(honest, model, model).Reason, StringComparison.Ordinal);

        // Refuted only by what is left of the distance when the assumption is paid twice.
        Assert.Equal(Verdict.Undecided, Certifier.Run(estimator, Diagonal, Tabulated(0.01, 0.5) with { AtMost = most - 0.05 }).Result.Verdict);
        Assert.Equal(Verdict.Refuted, Certifier.Run(estimator, Diagonal, Tabulated(0.01, 0.5) with { AtMost = most - 0.3 }).Result.Verdict);
        Assert.Equal(Verdict.Refuted, Certifier.Run(estimator, Diagonal, Tabulated(0, 0) with { AtMost = 0.4 }).Result.Verdict);
        Assert.Equal("", Check(Certifier.Run(estimator, Diagonal, Tabulated(0, 0) with { AtMost = 0.5 }).Certificate, model, TableBytes).Reason);

        Certificate Saying(Func<Claim, Claim> change)
        {
            var claim = change(honest.Claim);
            return honest with { Claim = claim, Text = ClaimCompiler.Compile(estimator, claim).Text };
        }

        Assert.Equal("", Check(Saying(claim => claim), model, TableBytes).Reason);
        var row = honest.Claim.TableRow!;
        foreach (var changed in new Func<Claim, Claim>[]
        {
            claim => claim with { ObservationRow = 0 },
            claim => claim with { ObservationRow = 7 },
            claim => claim with { Observation = [0.25] },
            claim => claim with { TableRow = row with { Values = [[0.5], [0.75]] } },
            claim => claim with { TableRow = row with { Values = [[0.4], [0.5]] } },
            claim => claim with { TableRow = row with { Error = 0.2 } },
            claim => claim with { TableRow = row with { Lipschitz = 0.25 } },
            claim => claim with { TableRow = row with { Names = ["mean", "cholesky"] } },
        })
        {
            Assert.False(Check(Saying(changed), model, TableBytes).Accepted);
        }

        Assert.False(Check(honest with { Claim = honest.Claim with { ReferenceSha256 = "" } }, model).Accepted);
        Assert.False(Check(honest with { Claim = honest.Claim with { ReferenceSha256 = "" } }, model, TableBytes).Accepted);
        Assert.False(Check(honest with { Claim = honest.Claim with { TableRow = null } }, model, TableBytes).Accepted);
        Assert.False(Check(honest with { Claim = honest.Claim with { TableRow = row with { Error = 0 } } }, model, TableBytes).Accepted);
        var statement = JsonDocument.Parse(Statement.Of(CertificateFile.ToBytes(honest), "c").ToBytes()).RootElement;
        Assert.Contains(statement.GetProperty("subject").EnumerateArray(), item => item.GetProperty("name").GetString() == "table.csv" && item.GetProperty("digest").GetProperty("sha256").GetString() == Hash(TableBytes));
    }
}
