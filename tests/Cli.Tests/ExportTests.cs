using System.Text.RegularExpressions;
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
