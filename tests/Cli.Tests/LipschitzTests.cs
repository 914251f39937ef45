using System.Text.Json;
using Guarantees.Certificates;
using Xunit;

namespace Cli.Tests;

public sealed class LipschitzTests(Workshop workshop) : IClassFixture<Workshop>
{
    /// <summary>mean = x / 2, scale constant: the Jacobian is I / 2 over zeros.</summary>
    [Theory]
    [InlineData("l2", "l2", 0.5)]
    [InlineData("linf", "linf", 0.5)]
    [InlineData("linf", "l1", 1)]
    [InlineData("l1", "l1", 0.5)]
    public void Both_norms_can_be_chosen(string from, string to, double expected)
    {
        workshop.Write("boxes.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        var ran = Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "boxes.csv", "--norm", from, "--output-norm", to, "--gap", "1e-6", "--json");

        Assert.Equal(0, ran.ExitCode);
        using var document = JsonDocument.Parse(ran.Output);
        var answer = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal(from, answer.GetProperty("norm").GetString());
        Assert.Equal(to, answer.GetProperty("outputNorm").GetString());
        Assert.InRange(answer.GetProperty("lower").GetDouble(), expected - 1e-5, expected + 1e-12);
        Assert.InRange(answer.GetProperty("upper").GetDouble(), expected, expected + 1e-5);
    }

    [Fact]
    public void Outputs_are_measured_by_the_Euclidean_norm_unless_said_otherwise()
    {
        workshop.Write("boxes.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        var ran = Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "boxes.csv", "--norm", "linf", "--json");
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal("l2", document.RootElement[0].GetProperty("outputNorm").GetString());
        Assert.InRange(document.RootElement[0].GetProperty("upper").GetDouble(), Math.Sqrt(0.5), 0.72);
    }

    /// <summary>One certificate a box; a stranger with the model derives it again without tensors, solvers or runtimes.</summary>
    [Fact]
    public async Task Certificates_are_written_and_checked_and_fit_the_schema()
    {
        workshop.Write("one.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        workshop.Write("two.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n0,0,2,3\n");
        Assert.Equal(0, Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "one.csv", "--norm", "linf", "--output-norm", "l1", "--certificate", "constant.json").ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "two.csv", "--certificate", "many.json").ExitCode);

        var check = Program.Run(workshop.Folder, "check", "constant.json", "many-1.json", "many-2.json");
        Assert.Equal(0, check.ExitCode);
        Assert.StartsWith("constant.json: accepted: proved, lipschitz in [1, 1], 1 leaves in ", check.Output, StringComparison.Ordinal);
        Assert.Equal(3, check.Output.Split(": accepted: proved, lipschitz in [").Length - 1);
        Assert.DoesNotContain(check.Loaded, name => name.StartsWith("TorchSharp", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal) && name.Contains("OnnxRuntime", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Z3", StringComparison.Ordinal));
        Assert.False(File.Exists(workshop.PathOf("many.json")));

        var schema = await NJsonSchema.JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json"));
        Assert.Empty(schema.Validate(await File.ReadAllTextAsync(workshop.PathOf("constant.json"))));

        // A changed digit, and a changed digit with its digest made anew.
        var text = await File.ReadAllTextAsync(workshop.PathOf("constant.json"));
        workshop.Write("slip.json", text.Replace("\"upper\": 1", "\"upper\": 2", StringComparison.Ordinal));
        Assert.Equal(65, Program.Run(workshop.Folder, "check", "slip.json").ExitCode);
        var read = CertificateFile.Read(workshop.PathOf("constant.json"));
        CertificateFile.Write(read with { Upper = 0.75 }, workshop.PathOf("forged.json"));
        var forged = Program.Run(workshop.Folder, "check", "forged.json");
        Assert.Equal(1, forged.ExitCode);
        Assert.StartsWith("forged.json: REJECTED: leaf 1 of 1 is bounded by ", forged.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_before_the_search()
    {
        workshop.Write("boxes.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        var ran = Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "boxes.csv", "--certificate", "nowhere/c.json");
        Assert.Equal((66, ""), (ran.ExitCode, ran.Output));
        Assert.Contains("nowhere", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    /// <summary>A spec may ask the same of a plain network.</summary>
    [Fact]
    public void A_spec_may_speak_of_a_plain_network()
    {
        workshop.Write("vector.yaml", """
            estimator: { model: linear.onnx, family: { name: vector } }
            domain: { lower: [-1, -1], upper: [1, 1] }
            claims:
              - lipschitz: { norm: linf, metric: linf, at-most: 0.51 }
              - lipschitz: { norm: linf, metric: l1, at-most: 0.9 }
            """);
        var ran = Program.Run(workshop.Folder, "run", "vector.yaml", "--out", "vector");
        Assert.Equal(1, ran.ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "check", "vector/claim-001-lipschitz.json", "vector/claim-002-lipschitz.json").ExitCode);

        workshop.Write("wrong.yaml", """
            estimator: { model: linear.onnx, family: { name: vector } }
            domain: { lower: [-1, -1], upper: [1, 1] }
            claims:
              - lipschitz: { norm: linf, metric: wasserstein2 }
            """);
        var wrong = Program.Run(workshop.Folder, "run", "wrong.yaml", "--out", "wrong");
        Assert.Equal(65, wrong.ExitCode);
        Assert.Contains("The family vector is for claims of kind lipschitz and robustness with the metric l1, l2 or linf, and functional and monotone of an output, not of kind lipschitz with the metric wasserstein2.", Assert.Single(wrong.Complaints), StringComparison.Ordinal);
    }
}
