using System.Text.Json;
using Guarantees.Certificates;
using Xunit;

namespace Cli.Tests;

/// <summary>The contract of <c>certify run --json</c>.</summary>
public sealed class RunTests(Workshop workshop) : IClassFixture<Workshop>
{
    private static readonly string[] Members = ["name", "metric", "norm", "radius", "observation", "verdict", "lower", "upper", "atMost", "semantics", "float32", "seconds", "certificate"];

    /// <summary>|x - x'| / 2 at the corner of a linf ball of radius 0.1 in two dimensions.</summary>
    private static readonly double Exact = 0.05 * Math.Sqrt(2);

    [Fact]
    public void The_document_has_the_members_that_other_tools_rely_on()
    {
        workshop.Write("spec.yaml", Workshop.Linear + """
            domain: { lower: [-1, -1], upper: [1, 1] }
            claims:
              - robustness: { observations: observations.csv, rows: [2, 0], norm: linf, radius: 0.1, metric: wasserstein2 }
              - robustness: { observations: observations.csv, rows: 1, norm: l2, radius: [0.1, 0.2], metric: total-variation, at-most: 0.9 }
              - lipschitz: { norm: l2, metric: wasserstein2 }
              - event-probability: { parameter: 0, event: { lower: -.inf, upper: 2 }, at-least: 0.5 }
            """);

        var ran = Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "contract", "--json");

        Assert.Equal(0, ran.ExitCode);
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal("proved", document.RootElement.GetProperty("verdict").GetString());
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(["robustness", "robustness", "robustness", "lipschitz", "event-probability"], claims.Select(claim => claim.GetProperty("name").GetString()));
        Assert.All(claims, claim =>
        {
            Assert.Empty(Members.Except(claim.EnumerateObject().Select(member => member.Name)));
            Assert.True(claim.GetProperty("lower").GetDouble() <= claim.GetProperty("upper").GetDouble());
            Assert.True(File.Exists(workshop.PathOf("contract", claim.GetProperty("certificate").GetString()!)));

            // A Lipschitz constant is one of the real function; the other claims hold for every float32 execution, with an end a little outward.
            var (isLipschitz, isLeast) = (claim.GetProperty("name").GetString() == "lipschitz", claim.GetProperty("atLeast").ValueKind == JsonValueKind.Number);
            Assert.Equal(isLipschitz ? "real" : "float32", claim.GetProperty("semantics").GetString());
            Assert.Equal(isLipschitz ? JsonValueKind.Null : JsonValueKind.Number, claim.GetProperty("float32").ValueKind);
            Assert.True(isLipschitz || (isLeast
                ? claim.GetProperty("float32").GetDouble() < claim.GetProperty("lower").GetDouble()
                : claim.GetProperty("float32").GetDouble() > claim.GetProperty("upper").GetDouble()));
        });
        Assert.Equal([2, 0, 1], claims[..3].Select(claim => claim.GetProperty("observation").GetInt32()));
        Assert.Equal(JsonValueKind.Null, claims[3].GetProperty("observation").ValueKind);
        Assert.Equal(0.1, claims[0].GetProperty("radius").GetDouble());
        Assert.Equal([0.1, 0.2], claims[2].GetProperty("radius").EnumerateArray().Select(radius => radius.GetDouble()));
        Assert.Equal(JsonValueKind.Null, claims[0].GetProperty("atMost").ValueKind);
        Assert.Equal(0.9, claims[2].GetProperty("atMost").GetDouble());
        Assert.True(claims[0].GetProperty("exactMetric").GetBoolean());

        // What is known in closed form lies in the enclosures, and they are tight.
        Assert.InRange(Exact, claims[0].GetProperty("lower").GetDouble(), claims[0].GetProperty("upper").GetDouble());
        Assert.True(claims[0].GetProperty("upper").GetDouble() <= 1.03 * Exact);
        Assert.InRange(0.5, claims[3].GetProperty("lower").GetDouble(), claims[3].GetProperty("upper").GetDouble());
        Assert.True(File.Exists(workshop.PathOf("contract", "report.html")));
        Assert.True(File.Exists(workshop.PathOf("contract", "linear.onnx")));
    }

    [Fact]
    public void A_surrogate_of_the_metric_says_so_and_gives_a_lower_bound_of_the_metric_itself()
    {
        workshop.Write("moons.yaml", Workshop.Moons + """
            claims:
              - robustness: { observations: observations.csv, rows: 0, norm: linf, radius: [0.0024, 0.0053], metric: wasserstein2 }
              - robustness: { observations: observations.csv, rows: 0, norm: linf, radius: [0.0024, 0.0053], metric: total-variation }
            """);

        var ran = Program.Run(workshop.Folder, "run", "moons.yaml", "--out", "moons", "--json");

        using var document = JsonDocument.Parse(ran.Output);
        Assert.All(document.RootElement.GetProperty("claims").EnumerateArray(), claim =>
        {
            Assert.False(claim.GetProperty("exactMetric").GetBoolean());
            Assert.InRange(claim.GetProperty("metricLower").GetDouble(), 1e-9, claim.GetProperty("upper").GetDouble());
            Assert.True(claim.GetProperty("upper").GetDouble() <= (1.25 * claim.GetProperty("lower").GetDouble()) + 1e-6);
        });
    }

    [Theory]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0.1, metric: wasserstein2, at-most: 0.0708 }", "proved", 0)]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0.1, metric: wasserstein2, at-most: 0.07 }", "refuted", 1)]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0, metric: wasserstein2, at-most: 1e-9 }", "proved", 0)]
    [InlineData("lipschitz: { norm: l2, metric: wasserstein2, at-most: 0.49, domain: { lower: [-1, -1], upper: [1, 1] } }", "refuted", 1)]
    [InlineData("event-probability: { parameter: 1, event: { lower: 0 }, at-least: 0.5, domain: { lower: [0, 0.01], upper: [1, 1] } }", "proved", 0)]
    [InlineData("event-probability: { parameter: 1, event: { lower: 0 }, at-least: 0.5, domain: { lower: [0, -0.01], upper: [1, 1] } }", "refuted", 1)]
    [InlineData("event-probability: { parameter: 1, event: { lower: 0 }, at-most: 0.5, domain: { lower: [0, -1], upper: [1, 0.01] } }", "refuted", 1)]
    public void The_exit_code_tells_the_verdict(string claim, string verdict, int code) => Answers(Workshop.Linear, claim, verdict, code);

    [Fact]
    public void A_bound_between_the_metric_and_its_surrogate_is_undecided() => Answers(
        Workshop.Moons,
        "robustness: { observations: observations.csv, rows: 0, norm: linf, radius: [0.0024, 0.0053], metric: wasserstein2, at-most: 0.008 }",
        "undecided",
        2);

    private void Answers(string estimator, string claim, string verdict, int code)
    {
        workshop.Write("answer.yaml", $"{estimator}claims: [ {{ {claim} }} ]\n");

        var ran = Program.Run(workshop.Folder, "run", "answer.yaml", "--out", "answer", "--json", "--timeout", "5");

        Assert.Equal(code, ran.ExitCode);
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal(verdict, document.RootElement.GetProperty("verdict").GetString());
        var certificate = workshop.PathOf("answer", document.RootElement.GetProperty("claims")[0].GetProperty("certificate").GetString()!);
        Assert.Equal(verdict, CertificateFile.Read(certificate).Verdict.ToString().ToLowerInvariant());
        Assert.Equal(0, Program.Run(workshop.Folder, "check", certificate).ExitCode);
    }
}
