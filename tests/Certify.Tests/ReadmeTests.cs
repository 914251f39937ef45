using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Certify.Tests;

/// <summary>The README's program, compiled and run; a second test holds the README to it, line by line.</summary>
public class ReadmeTests
{
    [Fact]
    public void Program_of_the_readme_certifies_a_model()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "sbi", "sbi_npe_mdn_two_moons_s0.onnx"), "posterior.onnx", overwrite: true);

        // README begin
        var network = OnnxImporter.Read("posterior.onnx");
        var root = SquareRoot.PrecisionFactor("precision_diagonal", "precision_upper");
        var family = GaussianMixture.For(network, "logits", "means", root);
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.Wasserstein2,
            Observation = [0.07, -0.67],
            Radius = [0.01, 0.01],
        };
        var problem = ClaimCompiler.Compile(new Estimator(network, family), claim);
        var answer = new BranchAndBound().Solve(problem);
        Console.WriteLine($"No perturbation moves the posterior by more than {answer.Upper}; {answer.Lower} is attained.");
        // README end

        Assert.InRange(answer.Lower, answer.Upper / 1.05, answer.Upper);
        Assert.True(Decision.Of(claim with { AtMost = answer.Upper }, answer.Lower, answer.Upper, problem.ExactMetric).Verdict == Verdict.Proved);
    }

    [Fact]
    public void Readme_shows_that_program()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Guarantees.slnx")))
        {
            root = root.Parent!;
        }

        var source = File.ReadAllText(Path.Combine(root.FullName, "tests", "Certify.Tests", "ReadmeTests.cs"));
        const string Begin = "// README begin\n", End = "        // README end";
        var start = source.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var program = source[start..source.LastIndexOf(End, source.IndexOf("Assert.InRange", StringComparison.Ordinal), StringComparison.Ordinal)].Replace("\n        ", "\n", StringComparison.Ordinal).Trim();
        Assert.Contains(program, File.ReadAllText(Path.Combine(root.FullName, "README.md")), StringComparison.Ordinal);
    }
}
