using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary>Samplers from the command line: theta = 0.5 z + 2 x + 1, so that W2 between laws is 2 |x - x0|.</summary>
public sealed class SamplerTests : IDisposable
{
    private const string Estimator = "estimator: { model: sampler.onnx, family: { name: sampler, noise: z, output: theta } }\n";
    private readonly string folder = Directory.CreateTempSubdirectory("sampler-").FullName;

    public SamplerTests()
    {
        var graph = new OnnxGraphBuilder();
        var (x, z) = (graph.Input("x", 1), graph.Input("z", 1));
        var moved = graph.Node("Gemm", "moved", [x, graph.Initializer("two", [2f], 1, 1), graph.Initializer("one", [1f], 1)]);
        graph.Node("Add", "theta", [graph.Node("Mul", "spread", [z, graph.Initializer("half", [0.5f], 1)]), moved]);
        graph.Output("theta", 1);
        File.WriteAllBytes(Path.Combine(folder, "sampler.onnx"), graph.ToBytes());
        File.WriteAllText(Path.Combine(folder, "observed.csv"), "x_0\n0.25\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Both_laws_of_noise_are_certified_and_neither_certificate_passes_for_the_other()
    {
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), Estimator + """
            claims:
              - robustness: { observations: observed.csv, norm: linf, radius: 0.125, metric: wasserstein2, noise-box: 2, noise: truncated, at-most: 0.26 }
              - robustness: { observations: observed.csv, norm: linf, radius: 0.125, metric: wasserstein2, noise-box: 7 }
              - robustness: { observations: observed.csv, norm: linf, radius: 0.125, metric: wasserstein2, noise-box: 2, noise: normal }
            """);
        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--json");
        Assert.True(ran.ExitCode == 0, ran.Errors);
        using var document = JsonDocument.Parse(ran.Output);
        var ends = document.RootElement.GetProperty("claims").EnumerateArray().Select(claim => claim.GetProperty("upper").GetDouble()).ToArray();
        Assert.InRange(ends[0], 0.25, 0.2501);
        Assert.InRange(ends[1], 0.25, 0.2501);

        // 2 Phi(-2) = 0.0455: sqrt(0.0625 (1 + 0.0455)).
        Assert.InRange(ends[2], 0.25562, 0.2557);
        string[] files = [.. Enumerable.Range(1, 3).Select(i => Path.Combine(folder, "out", $"claim-00{i}-robustness.json"))];
        Assert.Equal(0, Program.Run(folder, ["check", .. files]).ExitCode);
        var model = File.ReadAllBytes(Path.Combine(folder, "sampler.onnx"));
        var (truncated, normal) = (CertificateFile.Read(files[0]), CertificateFile.Read(files[2]));
        foreach (var forged in new[]
        {
            truncated with { Claim = truncated.Claim with { IsTruncated = false } },
            truncated with { Claim = truncated.Claim with { NoiseBox = 3 } },
            normal with { Claim = normal.Claim with { IsTruncated = true } },
            normal with { Claim = normal.Claim with { IsTruncated = true }, Text = truncated.Text.Replace("[-2, 2]", "[-3, 3]", StringComparison.Ordinal) },
            normal with { Upper = 0.2555 },
            normal with { ExactMetric = true },
        })
        {
            Assert.False(CertificateChecker.Check(forged, model).Accepted);
        }

        Assert.Equal(["float32", "real", "real"], files.Select(file => CertificateFile.Read(file).Semantics));
    }

    [Theory]
    [InlineData("noise: z, output: theta", "", "needs a noise box")]
    [InlineData("noise: e, output: theta", ", noise-box: 5", "no input 'e'")]
    [InlineData("noise: z, output: phi", ", noise-box: 5", "no output 'phi'")]
    [InlineData("noise: z, output: theta", ", noise-box: -1", "noise-box is -1, expected a number above 0")]
    [InlineData("noise: z, output: theta", ", noise-box: wide", "noise-box is 'wide', expected a finite number")]
    [InlineData("noise: z, output: theta", ", noise-box: 5, noise: pink", "noise is 'pink', expected 'normal' or 'truncated'")]
    [InlineData("noise: z, output: theta", ", noise: normal", "noise needs a 'noise-box'")]
    [InlineData("output: theta", ", noise-box: 5", "lacks the key 'noise'")]
    public void A_wrong_spec_is_65_with_one_line(string family, string extra, string named) =>
        Complains($"estimator: {{ model: sampler.onnx, family: {{ name: sampler, {family} }} }}\nclaims: [ {{ robustness: {{ observations: observed.csv, norm: linf, radius: 0.1, metric: wasserstein2{extra} }} }} ]\n", named);

    [Theory]
    [InlineData("metric: kl", "metric wasserstein2")]
    [InlineData("metric: kl, noise-box: 5", "noise-box is for the metric 'wasserstein2'")]
    public void A_claim_that_does_not_fit_is_65_with_one_line(string metric, string named) =>
        Complains($"{Estimator}claims:\n  - robustness: {{ observations: observed.csv, norm: linf, radius: 0.1, {metric} }}\n", named);

    private void Complains(string spec, string named)
    {
        File.WriteAllText(Path.Combine(folder, "wrong.yaml"), spec);
        var ran = Program.Run(folder, "run", "wrong.yaml");
        Assert.Equal(65, ran.ExitCode);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }
}
