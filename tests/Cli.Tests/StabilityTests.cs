using System.Globalization;
using System.Text.Json;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary>The claim <c>posterior-stability</c> from the command line: prior N(0, 1/10), noise variance 1/10, so that the posterior is N(x/2, 1/20).</summary>
public sealed class StabilityTests : IDisposable
{
    private const string Estimator = "estimator: { model: likelihood.onnx, family: { name: log-density, parameters: theta, output: l } }\nclaims:\n";
    private const string Ball = "observations: observed.csv, norm: linf, radius: 0.1, confidence: 0.99";
    private const string Prior = "draws: 5000, prior: { name: gaussian, mean: [0], standard-deviation: [0.31622776601683794] }";

    private readonly string folder = Directory.CreateTempSubdirectory("stability-").FullName;

    public StabilityTests()
    {
        var graph = new OnnxGraphBuilder();
        var away = graph.Node("Sub", "away", [graph.Input("theta", 1), graph.Input("x", 1)]);
        graph.Node("Mul", "l", [graph.Node("Mul", "square", [away, away]), graph.Initializer("minus_five", [-5f], 1)]);
        graph.Output("l", 1);
        File.WriteAllBytes(Path.Combine(folder, "likelihood.onnx"), graph.ToBytes());
        File.WriteAllText(Path.Combine(folder, "observed.csv"), "x_0\n0\n0.3\n");
        var random = new Random(3);
        File.WriteAllText(Path.Combine(folder, "prior.csv"), "theta_0\n" + string.Concat(Enumerable.Range(0, 5000).Select(_ => string.Create(
            CultureInfo.InvariantCulture, $"{Math.Sqrt(-0.2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()):R}\n"))));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <remarks>The truth is 2 Phi(0.1118) - 1 = 0.0890 at every observation.</remarks>
    [Fact]
    public async Task A_law_and_a_table_give_bounds_with_a_confidence_that_are_checked_again()
    {
        Spec($"  - posterior-stability: {{ {Ball}, {Prior}, density-at-most: 0, at-most: 0.16 }}\n  - posterior-stability: {{ {Ball}, rows: 0, samples: prior.csv, parameters: {{ lower: [-2], upper: [2] }} }}\n");

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--json");

        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        using var document = JsonDocument.Parse(ran.Output);
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(3, claims.Length);
        foreach (var claim in claims)
        {
            Assert.Equal("proved", claim.GetProperty("verdict").GetString());
            Assert.Equal(0.99, claim.GetProperty("confidence").GetDouble());
            Assert.Equal(0, claim.GetProperty("lower").GetDouble());
            Assert.InRange(claim.GetProperty("upper").GetDouble(), 0.0890, 0.16);
            Assert.StartsWith("With confidence 0.99, from 5000 draws of the prior", claim.GetProperty("consequence").GetString(), StringComparison.Ordinal);
            Assert.Contains("assumed", claim.GetProperty("text").GetString(), StringComparison.Ordinal);
        }

        var schema = await NJsonSchema.JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json"));
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json"))
        {
            Assert.Empty(schema.Validate(await File.ReadAllTextAsync(file)));
        }

        var law = Program.Run(folder, "check", "out/claim-001-posterior-stability.json", "out/claim-002-posterior-stability.json", "--spec", "spec.yaml");
        Assert.True(law.ExitCode == 0, law.Output + law.Errors);
        Assert.Contains("with confidence 0.99, from 5000 draws of the prior, drawn and bounded again; that the numbers made from the seed", law.Output, StringComparison.Ordinal);
        var alone = Program.Run(folder, "check", "out/claim-003-posterior-stability.json");
        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("undecided: proved on the word of the certificate: prior.csv is not beside it, recheck with --draws FILE", alone.Output, StringComparison.Ordinal);
        var table = Program.Run(folder, "check", "out/claim-003-posterior-stability.json", "--draws", "prior.csv", "--spec", "spec.yaml");
        Assert.True(table.ExitCode == 0, table.Output + table.Errors);
        Assert.Contains("bounded again", table.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(folder, "other.csv"), await File.ReadAllTextAsync(Path.Combine(folder, "prior.csv")) + "0.1\n");
        var other = Program.Run(folder, "check", "out/claim-003-posterior-stability.json", "--draws", "other.csv");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("the draws have SHA-256", other.Output, StringComparison.Ordinal);

        var page = await File.ReadAllTextAsync(Path.Combine(folder, "out", "report.html"));
        Assert.Contains("Stability of the exact posterior", page, StringComparison.Ordinal);
        Assert.Contains("proved (confidence 0.99)", Program.Run(folder, "report", "out/claim-001-posterior-stability.json", "--format", "markdown").Output, StringComparison.Ordinal);
        var people = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--resume");
        Assert.Equal(0, people.ExitCode);
        Assert.True(people.Output.Contains("proved (0.99)", StringComparison.Ordinal), people.Output);
        Assert.All(people.Output.Split('\n')[..6], line => Assert.True(line.Length <= 80, line));
        Assert.Contains("together with confidence at least 0.97", people.Output, StringComparison.Ordinal);
        Assert.Equal(claims[0].GetProperty("upper").GetDouble(), Upper("out/claim-001-posterior-stability.json"));
    }

    /// <remarks>theta uniform on [-1, 1] is cut off for x0 near 0 hardly: posteriors are near N(x, 1/10), and their divergence near 0.1² / (2 / 10) = 0.05. Two draws tell nothing.</remarks>
    [Fact]
    public void A_divergence_is_bounded_and_checked_and_unbounded_where_draws_tell_nothing()
    {
        const string uniform = "prior: { name: uniform, lower: [-1], upper: [1] }";
        Spec($"  - posterior-stability: {{ {Ball}, rows: 0, metric: kl, draws: 5000, {uniform}, at-most: 0.06 }}\n  - posterior-stability: {{ {Ball}, rows: 0, metric: kl, draws: 2, {uniform}, at-most: 0.06 }}\n");

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--json");

        Assert.True(ran.ExitCode == 2, ran.Output + ran.Errors);
        using var document = JsonDocument.Parse(ran.Output);
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(["proved", "undecided"], claims.Select(claim => claim.GetProperty("verdict").GetString()));
        Assert.InRange(claims[0].GetProperty("upper").GetDouble(), 0.049, 0.06);
        Assert.Equal(JsonValueKind.Null, claims[1].GetProperty("upper").ValueKind);
        var check = Program.Run(folder, "check", "out/claim-001-posterior-stability.json", "out/claim-002-posterior-stability.json", "--spec", "spec.yaml");
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        Assert.Contains("KL divergence", Program.Run(folder, "report", "out/claim-001-posterior-stability.json", "--format", "markdown").Output, StringComparison.Ordinal);
    }

    /// <summary>Numbers of a certificate that its draws do not give are rejected, and so is a verdict that does not follow, however the digest is mended.</summary>
    [Fact]
    public void What_does_not_follow_from_the_draws_is_rejected_and_what_is_wider_is_not()
    {
        Spec($"  - posterior-stability: {{ {Ball}, rows: 0, {Prior}, density-at-most: 0, at-most: 0.1 }}\n");
        Assert.Equal(2, Program.Run(folder, "run", "spec.yaml", "--out", "out").ExitCode);
        var path = Path.Combine(folder, "out", "claim-001-posterior-stability.json");
        var certificate = Guarantees.Certificates.CertificateFile.Read(path);
        Assert.Equal(Guarantees.Certificates.Verdict.Undecided, certificate.Verdict);
        Assert.Equal(0, Program.Run(folder, "check", path).ExitCode);
        foreach (var (forged, reason) in new[]
        {
            (certificate with { Upper = 0.0999, Verdict = Guarantees.Certificates.Verdict.Proved }, "follows, the certificate states 0.0999"),
            (certificate with { Verdict = Guarantees.Certificates.Verdict.Proved }, "follows 'undecided'"),
            (certificate with { Verdict = Guarantees.Certificates.Verdict.Refuted }, "follows 'undecided'"),
            (certificate with { Lower = 0.05 }, "no evidence, witness, lower end"),
            (certificate with { ExactMetric = true }, "compiles to"),
            (certificate with { Claim = certificate.Claim with { Prior = certificate.Claim.Prior! with { Confidence = 0.5 } } }, "compiles to"),
            (certificate with { Claim = certificate.Claim with { DensityAtMost = -1 } }, "compiles to"),
        })
        {
            Guarantees.Certificates.CertificateFile.Write(forged, path);
            var ran = Program.Run(folder, "check", path);
            Assert.True(ran.ExitCode == 1 && ran.Output.Contains(reason, StringComparison.Ordinal), ran.Output);
        }

        Guarantees.Certificates.CertificateFile.Write(certificate with { Upper = 0.2 }, path);
        Assert.Equal(0, Program.Run(folder, "check", path).ExitCode);
    }

    [Theory]
    [InlineData("draws: 9, prior: { name: gaussian, mean: [0], standard-deviation: [1] }, density-at-most: 0, metric: kl", 65, "The metric kl needs a box that holds the prior")]
    [InlineData("draws: 9, prior: { name: gaussian, mean: [0], standard-deviation: [1] }, density-at-most: 0, metric: hellinger", 65, "metric is 'hellinger', this claim supports 'total-variation'")]
    [InlineData("samples: none.csv, density-at-most: 0", 66, "none.csv: file not found")]
    [InlineData("samples: bad.csv, density-at-most: 0", 65, "bad.csv:3")]
    [InlineData("samples: weighted.csv, density-at-most: 0", 65, "the column 'weight' is no parameter")]
    [InlineData("samples: two.csv, density-at-most: 0", 65, "a draw has 2 numbers, expected 1")]
    [InlineData("samples: prior.csv", 65, "The log likelihood needs a bound")]
    [InlineData("samples: prior.csv, density-at-most: -1", 65, "is assumed to be at most -1; at draw")]
    [InlineData("samples: prior.csv, parameters: { lower: [-0.1], upper: [0.1] }", 65, "outside the box of the prior, [-0.1, 0.1]")]
    [InlineData("samples: prior.csv, draws: 10, density-at-most: 0", 65, "has both 'samples' and 'draws'")]
    [InlineData("samples: prior.csv, prior: { name: gaussian, mean: [0], standard-deviation: [1] }, density-at-most: 0", 65, "prior is for 'draws'")]
    [InlineData("density-at-most: 0", 65, "confidence is for a claim with 'samples' or 'draws'")]
    [InlineData("draws: 10, density-at-most: 0", 65, "lacks the key 'prior'")]
    [InlineData("draws: 1, prior: { name: gaussian, mean: [0], standard-deviation: [1] }, density-at-most: 0", 65, "from 2 to 1000000 draws")]
    [InlineData("draws: 10, prior: { name: gauss, mean: [0], standard-deviation: [1] }, density-at-most: 0", 65, "there is no prior 'gauss', expected 'gaussian' or 'uniform'")]
    [InlineData("draws: 10, prior: { name: gaussian, mean: [0], standard-deviation: [0] }, density-at-most: 0", 65, "a standard deviation above 0, finite; got 0 and 0")]
    [InlineData("draws: 10, prior: { name: uniform, lower: [0, 0], upper: [1, 1] }", 65, "The prior is of 2 parameters, the network has 1")]
    [InlineData("draws: 10, prior: { name: uniform, lower: [0], upper: [1], mean: [0] }", 65, "the prior has no key 'mean'")]
    [InlineData("draws: 10, prior: { name: uniform, lower: [0], upper: [1] }, metrics: kl", 65, "has no key 'metrics'")]
    [InlineData("draws: 10, prior: { name: uniform, lower: [0], upper: [1] }, radius: { up-to: 0.1 }, at-most: 0.1", 65, "the largest radius is not searched")]
    public void What_does_not_fit_is_told_in_one_line(string keys, int code, string named)
    {
        foreach (var (name, text) in new[] { ("two.csv", "theta_0,theta_1\n1,2\n1,3\n"), ("weighted.csv", "theta_0,weight\n1,2\n"), ("bad.csv", "theta_0\n1\nx\n") })
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        var ball = keys.Contains("radius", StringComparison.Ordinal) ? Ball.Replace("radius: 0.1, ", "", StringComparison.Ordinal) : Ball;
        Spec($"  - posterior-stability: {{ {ball}, {keys} }}\n");
        var ran = Program.Run(folder, "run", "spec.yaml");
        Assert.True(ran.ExitCode == code, ran.Output + ran.Errors);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    private void Spec(string claims) => File.WriteAllText(Path.Combine(folder, "spec.yaml"), Estimator + claims);

    private double Upper(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file)));
        return document.RootElement.GetProperty("upper").GetDouble();
    }
}
