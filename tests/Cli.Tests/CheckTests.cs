using System.Collections.Immutable;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Xunit;

namespace Cli.Tests;

/// <summary><c>certify check</c> accepts what <c>certify run</c> wrote, and nothing else.</summary>
public sealed class CheckTests(CheckTests.Written written) : IClassFixture<CheckTests.Written>
{
    private static readonly string[] Search = ["TorchSharp", "Microsoft.Z3", "Microsoft.ML.OnnxRuntime"];

    private static readonly Dictionary<string, Func<Certificate, Certificate>> Forgeries = new()
    {
        ["a smaller upper end"] = certificate => certificate with { Upper = Math.Round(0.9 * certificate.Upper, 6) },
        ["one digit of the upper end, down"] = certificate => certificate with { Upper = certificate.Upper - 0.001 },
        ["one digit of the upper end, up"] = certificate => certificate with { Upper = certificate.Upper + 0.001 },
        ["a larger lower end"] = certificate => certificate with { Lower = (certificate.Lower + certificate.Upper) / 2 },
        ["a smaller lower end"] = certificate => certificate with { Lower = 0.9 * certificate.Lower },
        ["a larger ball"] = certificate => certificate with { Claim = certificate.Claim with { Radius = [.. certificate.Claim.Radius.Select(radius => 1.1 * radius)] } },
        ["another observation"] = certificate => certificate with { Claim = certificate.Claim with { Observation = [.. certificate.Claim.Observation.Select(x => x + 0.1)] } },
        ["another norm"] = certificate => certificate with { Claim = certificate.Claim with { Norm = Norm.L2 } },
        ["a bound that does not hold"] = certificate => certificate with { Claim = certificate.Claim with { AtMost = certificate.Lower / 2 } },
        ["another verdict"] = certificate => certificate with { Verdict = Verdict.Refuted },
        ["a witness outside"] = certificate => certificate with { Witness = [.. certificate.Witness.Select(x => x + 0.01)] },
        ["a witness elsewhere"] = certificate => certificate with { Witness = certificate.Claim.Observation },
        ["less evidence"] = certificate => certificate with { Evidence = new EvidenceTree([0]) },
        ["another model"] = certificate => certificate with { ModelSha256 = new string('0', 64) },
        ["other words"] = certificate => certificate with { Text = certificate.Text.Replace("W2", "W1", StringComparison.Ordinal) + "." },
        ["semantics that nobody proved"] = certificate => certificate with { Semantics = certificate.Semantics == "real" ? "float32" : "real" },
        ["a bound for float32 without rounding"] = certificate => certificate with { Float32 = certificate.Upper },
        ["a surrogate sold as the metric"] = certificate => certificate with { ExactMetric = true },
    };

    public static TheoryData<string> Names => [.. Forgeries.Keys];

    [Fact]
    public void What_a_run_wrote_is_accepted_without_tensors_or_solvers()
    {
        var ran = Program.Run(written.Workshop.Folder, ["check", .. written.Files]);

        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(written.Files.Length, ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Contains(": accepted: ", StringComparison.Ordinal)));
        Assert.NotEmpty(ran.Loaded);
        Assert.DoesNotContain(ran.Loaded, name => Search.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forgery_with_its_own_digest_is_rejected(string name)
    {
        var forged = Forgeries[name](CertificateFile.Read(written.Robustness));
        var file = written.Workshop.PathOf("out", "forged.json");
        CertificateFile.Write(forged, file);

        var ran = Program.Run(written.Workshop.Folder, "check", file);

        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("forged.json: REJECTED: ", ran.Output, StringComparison.Ordinal);
        Assert.Empty(ran.Complaints);
    }

    [Fact]
    public void One_rejected_among_accepted_is_1()
    {
        var good = CertificateFile.Read(written.Robustness);
        var file = written.Workshop.PathOf("out", "worse.json");
        CertificateFile.Write(good with { Upper = 0.9 * good.Upper }, file);

        Assert.Equal(1, Program.Run(written.Workshop.Folder, "check", file, written.Robustness).ExitCode);
    }

    [Fact]
    public void A_changed_digit_without_its_digest_is_65()
    {
        var text = File.ReadAllText(written.Robustness);
        var at = text.IndexOf("\"upper\": 0.0", StringComparison.Ordinal) + "\"upper\": 0.0".Length;
        var file = written.Workshop.PathOf("out", "changed.json");
        File.WriteAllText(file, text.Remove(at, 1).Insert(at, text[at] == '1' ? "2" : "1"));

        var ran = Program.Run(written.Workshop.Folder, "check", file);

        Assert.Equal(65, ran.ExitCode);
        Assert.Contains("changed.json: ", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_character_is_noticed()
    {
        var bytes = File.ReadAllBytes(written.Robustness);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] = (byte)(changed[i] is >= (byte)'0' and < (byte)'9' or >= (byte)'a' and < (byte)'z' ? changed[i] + 1 : changed[i] == ' ' ? '\t' : ' ');
            Assert.Throws<ModelFormatException>(() => CertificateFile.Read(changed, "changed"));
        }
    }

    [Fact]
    public void Another_model_is_rejected()
    {
        var ran = Program.Run(written.Workshop.Folder, "check", written.Robustness, "--model", "linear.onnx");

        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("SHA-256", ran.Output, StringComparison.Ordinal);
    }

    /// <summary>Certificates of one run.</summary>
    public sealed class Written : IDisposable
    {
        public Written()
        {
            Workshop.Write("spec.yaml", Workshop.Moons + """
                claims:
                  - robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0.02, metric: wasserstein2 }
                  - event-probability: { observations: observations.csv, rows: 1-2, norm: l2, radius: 0.002, parameter: 0, event: { lower: 0 }, at-least: 0.3 }
                """);
            Program.Run(Workshop.Folder, "run", "spec.yaml", "--out", "out", "--gap", "0.005");
            Files = [.. Directory.GetFiles(Workshop.PathOf("out"), "claim-*.json").Order()];
        }

        public Workshop Workshop { get; } = new();

        public ImmutableArray<string> Files { get; }

        public string Robustness => Files[0];

        public void Dispose() => Workshop.Dispose();
    }
}
