using System.Text.Json;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary>The family <c>log-density</c> from the command line: a density N(x/2, 1/4) of two inputs, known by its values.</summary>
public sealed class DensityTests : IDisposable
{
    private const string Estimator = "estimator: { model: density.onnx, family: { name: log-density, parameters: theta, output: log_density } }\n";

    private readonly string folder = Directory.CreateTempSubdirectory("density-").FullName;

    public DensityTests()
    {
        var graph = new OnnxGraphBuilder();
        var (theta, x) = (graph.Input("theta", 1), graph.Input("x", 1));
        var away = graph.Node("Sub", "away", [theta, graph.Node("Mul", "mean", [x, graph.Initializer("half", [0.5f], 1)])]);
        graph.Node("Mul", "log_density", [graph.Node("Mul", "square", [away, away]), graph.Initializer("minus_two", [-2f], 1)]);
        graph.Output("log_density", 1);
        File.WriteAllBytes(Path.Combine(folder, "density.onnx"), graph.ToBytes());
        File.WriteAllText(Path.Combine(folder, "observed.csv"), "x_0\n0\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <remarks>|ln q - ln q0| is at most (|theta| r/2 + r²/8) / s² = 0.205 on [-1, 1] and 0.105 on [-1/2, 1/2], where ln q0 >= -1/2.</remarks>
    [Fact]
    public void The_example_of_the_docs_runs_says_what_follows_for_total_variation_and_is_checked()
    {
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), Estimator + """
            claims:
              - robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: { lower: [-1], upper: [1] }, mass-outside: 0.0456 }
              - robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: { lower: [-1], upper: [1] }, density-at-least: -0.5, at-most: 0.11 }
            """);

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--json");

        Assert.Equal(0, ran.ExitCode);
        using var document = JsonDocument.Parse(ran.Output);
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.InRange(0.205, claims[0].GetProperty("lower").GetDouble() - 1e-9, claims[0].GetProperty("upper").GetDouble());
        Assert.InRange(claims[0].GetProperty("upper").GetDouble(), 0.205, 0.21);
        Assert.InRange(0.105, claims[1].GetProperty("lower").GetDouble() - 1e-9, claims[1].GetProperty("upper").GetDouble());
        Assert.Contains("with at most 0.0456 of the mass", claims[0].GetProperty("consequence").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("of the mass", claims[1].GetProperty("consequence").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(folder, "check", "out/claim-001-robustness.json", "out/claim-002-robustness.json").ExitCode);
        Assert.Contains("In total variation", File.ReadAllText(Path.Combine(folder, "out", "report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parameters: phi, output: log_density", "", "no input 'phi'")]
    [InlineData("parameters: theta, output: density", "", "no output 'density'")]
    [InlineData("parameters: theta, output: log_density", "mass-outside: 2", "mass-outside is 2, expected a number in [0, 1]")]
    [InlineData("parameters: theta, output: log_density", "density-at-least: high", "density-at-least is 'high', expected a finite number")]
    [InlineData("parameters: theta, output: log_density", "densty-at-least: 1", "densty-at-least")]
    [InlineData("parameters: theta, output: log_density, mean: m", "", "mean")]
    [InlineData("output: log_density", "", "lacks the key 'parameters'")]
    public void A_wrong_spec_is_65_with_one_line(string family, string extra, string named)
    {
        File.WriteAllText(Path.Combine(folder, "wrong.yaml"), $"estimator: {{ model: density.onnx, family: {{ name: log-density, {family} }} }}\n"
            + $"claims: [ {{ robustness: {{ observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: {{ lower: [-1], upper: [1] }}, {extra} }} }} ]\n".Replace(",  }", " }", StringComparison.Ordinal));
        Complains(named);
    }

    [Theory]
    [InlineData("robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: kl }", "metric log-density")]
    [InlineData("robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: kl, mass-outside: 0.1 }", "mass-outside is for the metric 'log-density' only")]
    [InlineData("lipschitz: { norm: l2, metric: wasserstein2, domain: { lower: [0], upper: [1] } }", "robustness")]
    [InlineData("robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: { lower: [1, 1], upper: [2, 2] } }", "parameter box")]
    public void A_claim_that_does_not_fit_is_65_with_one_line(string claim, string named)
    {
        File.WriteAllText(Path.Combine(folder, "wrong.yaml"), $"{Estimator}claims:\n  - {claim}\n");
        Complains(named);
    }

    private void Complains(string named)
    {
        var ran = Program.Run(folder, "run", "wrong.yaml");
        Assert.Equal(65, ran.ExitCode);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }
}
