using System.Text.RegularExpressions;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary><c>certify export</c> writes what the extracted checker reads, and says what it states. That the checker accepts it: Certify.Tests.</summary>
public sealed class ExportTests : IClassFixture<VnnLibTests.Folder>
{
    private readonly string folder;

    public ExportTests(VnnLibTests.Folder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        this.folder = folder.Path;
    }

    [Fact]
    public void An_unsat_answer_is_exported_and_its_statement_follows_from_the_two_files()
    {
        Assert.Equal(0, Run("vnnlib", "net.onnx", "unsat.vnnlib", "--certificate", "export.json").ExitCode);

        var ran = Run("export", "export.json", "--to", "coq");

        Assert.Equal((0, ""), (ran.ExitCode, string.Concat(ran.Complaints)));
        var hash = Regex.Match(ran.Output, @"^export\.coq: 1 leaves, 0 bounds, statement ([0-9a-f]{64})\n$").Groups[1].Value;
        Assert.Equal(hash + "\n", Run("export", "export.json", "--to", "coq", "--statement").Output);
        var text = File.ReadAllText(Path.Combine(folder, "export.coq"));
        Assert.StartsWith("certify-coq 1\nstatement\nprecision 24\nnetwork 2\nlayer 1 2\n1 0 1 0 0 0\nlayer 1 1\n1 0 0 0\ncases 1\nbox 2\n0 16777216\n0 16777216\nclaims 1\n", text, StringComparison.Ordinal);
        Assert.EndsWith("p 0\nend\n", text, StringComparison.Ordinal);
        Assert.Equal(hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(
            text[text.IndexOf("statement\n", StringComparison.Ordinal)..text.IndexOf("evidence\n", StringComparison.Ordinal)]))));
        Assert.DoesNotContain(ran.Loaded, name => name is "TorchSharp" or "Microsoft.Z3" or "Microsoft.ML.OnnxRuntime");
    }

    /// <summary>mean = max(x, 0), ln sigma = 0 over [0.25, 0.75]: W2 = |x - 1/2|.</summary>
    [Fact]
    public void Robustness_of_a_diagonal_Gaussian_is_exported()
    {
        var graph = new OnnxGraphBuilder();
        var h = graph.Node("Relu", "h", [graph.Input("x", 1)]);
        graph.Output(graph.Node("Gemm", "mean", [h, graph.Initializer("one", [1f], 1, 1), graph.Initializer("b", [0f], 1)]), 1);
        graph.Output(graph.Node("Gemm", "scale", [h, graph.Initializer("zero", [0f], 1, 1), graph.Initializer("c", [0f], 1)]), 1);
        File.WriteAllBytes(Path.Combine(folder, "head.onnx"), graph.ToBytes());
        File.WriteAllText(Path.Combine(folder, "half.csv"), "x\n0.5\n");
        File.WriteAllText(Path.Combine(folder, "head.yaml"), """
            estimator: { model: head.onnx, family: { name: diagonal-gaussian, mean: mean, log-standard-deviation: scale } }
            claims:
              - robustness: { observations: half.csv, norm: linf, radius: 0.25, metric: wasserstein2, at-most: 0.375 }
              - robustness: { observations: half.csv, norm: linf, radius: 0.25, metric: kl }
            """);
        Assert.Equal(0, Run("run", "head.yaml", "--out", "head").ExitCode);
        string[] certificates = [.. Directory.GetFiles(Path.Combine(folder, "head"), "*.json").Where(file => File.ReadAllText(file).Contains("guarantees-certificate", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(2, certificates.Length);

        var ran = Run("export", certificates[0], "--to", "coq", "--model", "head.onnx", "--out", "head.coq");

        Assert.Equal((0, ""), (ran.ExitCode, string.Concat(ran.Complaints)));
        var hash = Regex.Match(ran.Output, @"^head\.coq: 1 leaves, 0 bounds, statement ([0-9a-f]{64})\n$").Groups[1].Value;
        Assert.Equal(hash + "\n", Run("export", certificates[0], "--to", "coq", "--model", "head.onnx", "--statement").Output);
        Assert.Contains(
            "gaussian 1 exp\nbox 1\n4194304 12582912\nobservation 1\n8388608 8388608\nat-most 6291456\nevidence\ntree\np 0\nend\n", File.ReadAllText(Path.Combine(folder, "head.coq")), StringComparison.Ordinal);
        var refused = Run("export", certificates[1], "--to", "coq", "--model", "head.onnx");
        Assert.Equal((65, "certify: head.onnx: the checker knows robustness in the metric wasserstein2 only."), (refused.ExitCode, Assert.Single(refused.Complaints)));
    }

    [Fact]
    public void What_cannot_be_exported_is_refused_in_one_line()
    {
        Assert.Equal(1, Run("vnnlib", "net.onnx", "sat.vnnlib", "--certificate", "refused.json").ExitCode);
        Refused("refused.json: the answer is sat; the witness needs no export.", "export", "refused.json", "--to", "coq");

        Assert.Equal(0, Run("vnnlib", "net.onnx", "unsat.vnnlib", "--certificate", "moved.json").ExitCode);
        Refused("moved.json: the model file has SHA-256 ", "export", "moved.json", "--to", "coq", "--model", "shifted.onnx");
        Refused("moved.json: the property file has SHA-256 ", "export", "moved.json", "--to", "coq", "--property", "sat.vnnlib");
        Assert.False(File.Exists(Path.Combine(folder, "moved.coq")));

        void Refused(string message, params string[] arguments)
        {
            var ran = Run(arguments);
            Assert.Equal((65, ""), (ran.ExitCode, ran.Output));
            Assert.StartsWith($"certify: {message}", Assert.Single(ran.Complaints), StringComparison.Ordinal);
        }
    }

    private Ran Run(params string[] arguments) => Program.Run(folder, arguments);
}
