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

    /// <remarks>q(. | 0) = N(0, 1/4): 0.0455 of it lies outside [-1, 1], and 0.3173 where ln q is below its value at 1/2. Made with a fixed seed, so that the counts are known.</remarks>
    [Fact]
    public async Task Draws_bound_the_mass_outside_and_a_check_counts_them_again_or_takes_the_counts()
    {
        var random = new Random(3);
        var draws = Enumerable.Range(0, 2000).Select(_ => 0.5 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())).ToArray();
        var table = "theta_0\n" + string.Concat(draws.Select(theta => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{theta:R}\n")));
        await File.WriteAllTextAsync(Path.Combine(folder, "draws.csv"), table);
        await File.WriteAllTextAsync(Path.Combine(folder, "spec.yaml"), Estimator + """
            claims:
              - robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: { lower: [-1], upper: [1] }, mass-outside: { samples: draws.csv, confidence: 0.99 } }
              - robustness: { observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: { lower: [-1], upper: [1] }, density-at-least: -0.5, mass-outside: { samples: draws.csv, confidence: 0.99 } }
            """);

        Assert.Equal(0, Program.Run(folder, "run", "spec.yaml", "--out", "out").ExitCode);

        foreach (var (name, end, mass) in new[] { ("claim-001-robustness.json", 1.0, 0.0455), ("claim-002-robustness.json", 0.5, 0.3173) })
        {
            var file = Path.Combine(folder, "out", name);
            var text = await File.ReadAllTextAsync(file);
            using var certificate = JsonDocument.Parse(text);
            var claim = certificate.RootElement.GetProperty("claim");
            Assert.Equal(draws.Count(theta => Math.Abs(theta) > end), claim.GetProperty("draws").GetProperty("hits").GetInt32());
            Assert.Equal(Guarantees.Statistics.ClopperPearson.Upper(claim.GetProperty("draws").GetProperty("hits").GetInt32(), 2000, 0.01), claim.GetProperty("massOutside").GetDouble(), 9);
            Assert.InRange(claim.GetProperty("massOutside").GetDouble(), mass, mass + 0.04);
            Assert.True(certificate.RootElement.GetProperty("totalVariation").GetProperty("whole").GetDouble() >= 0.0398);
            Assert.Empty((await NJsonSchema.JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json"))).Validate(text));

            var taken = Program.Run(folder, "check", file);
            Assert.Equal(2, taken.ExitCode);
            Assert.Contains(": undecided: ", taken.Output, StringComparison.Ordinal);
            Assert.Contains("with confidence 0.99, from", taken.Output, StringComparison.Ordinal);
            Assert.Contains("on the word of the certificate: draws.csv is not beside it", taken.Output, StringComparison.Ordinal);
            var again = Program.Run(folder, "check", file, "--draws", "draws.csv");
            Assert.Equal(0, again.ExitCode);
            Assert.Contains("counted again", again.Output, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "other.csv"), table[..^2] + "\n");
        var other = Program.Run(folder, "check", "out/claim-001-robustness.json", "--draws", "other.csv");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("the draws have SHA-256", other.Output, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(folder, "out", "report.html"));
        Assert.Contains("that is proved. With confidence 0.99", page, StringComparison.Ordinal);
        Assert.Contains("of 2000 in draws.csv, SHA-256", page, StringComparison.Ordinal);
        Assert.Contains("With confidence 0.99", Program.Run(folder, "report", "out/claim-001-robustness.json").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ samples: draws.csv, confidence: 1 }", "", 65, "confidence is 1, expected a number in [0.5, 1)")]
    [InlineData("{ samples: draws.csv }", "", 65, "lacks the key 'confidence'")]
    [InlineData("{ samples: two.csv, confidence: 0.9 }", "", 65, "a draw has 2 numbers, expected 1")]
    [InlineData("{ samples: weighted.csv, confidence: 0.9 }", "", 65, "the column 'weight' is no parameter")]
    [InlineData("{ samples: bad.csv, confidence: 0.9 }", "", 65, "bad.csv:3")]
    [InlineData("{ samples: empty.csv, confidence: 0.9 }", "", 65, "no rows")]
    [InlineData("{ samples: none.csv, confidence: 0.9 }", "", 66, "none.csv: file not found")]
    [InlineData("{ samples: two.csv, confidence: 0.9, level: 1 }", "", 65, "has no key 'level'")]
    [InlineData("{ samples: draws.csv, confidence: 0.9 }", "0\n", 65, "the samples are of one observation")]
    public void Draws_that_do_not_fit_are_told_in_one_line(string outside, string more, int code, string named)
    {
        foreach (var (name, text) in new[] { ("draws.csv", "theta_0\n0.1\n"), ("two.csv", "theta_0,theta_1\n1,2\n"), ("weighted.csv", "theta_0,weight\n1,2\n"), ("bad.csv", "theta_0\n1\nx\n"), ("empty.csv", "theta_0\n"), ("observed.csv", "x_0\n0\n" + more) })
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        File.WriteAllText(Path.Combine(folder, "wrong.yaml"), $"{Estimator}claims:\n  - robustness: {{ observations: observed.csv, norm: linf, radius: 0.1, metric: log-density, parameters: {{ lower: [-1], upper: [1] }}, mass-outside: {outside} }}\n");
        var ran = Program.Run(folder, "run", "wrong.yaml");
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
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
