using System.Globalization;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Spec;
using NJsonSchema;
using Xunit;

namespace Cli.Tests;

/// <summary>Claims without a model from the command line: tables of draws, and an estimator that is a program.</summary>
/// <remarks>The program draws theta = x_0 + x_1 where the data have noise 0.5: q_bar(. | x) = N(x_0 + x_1, 0.5). At x = (1, 0) theta is at least 0 with probability Phi(sqrt 2) = 0.9214.</remarks>
public sealed class BlackBoxTests : IDisposable
{
    private const string Estimator = "estimator: { family: { name: black-box, noise: 0.5, parameters: 1 }, command: [awk, '-F,', '{ print $1 + $2 }'], time-limit: 60 }\n";
    private const string Ball = "observations: observed.csv, norm: l2, radius: 0.2";

    private readonly string folder = Directory.CreateTempSubdirectory("black-box-").FullName;

    public BlackBoxTests()
    {
        Write("observed.csv", "x_0,x_1\n1,0\n");
        Write("pair.csv", "x_0,x_1\n1,0\n0,1\n");
        Write("numbered.csv", "id,theta_0\n0,1\n1,-1\n");
        Write("unnamed.csv", "alpha\n1\n");
        Write("two.csv", "theta_1,theta_0\n1,-1\n");
        Write("draws.csv", "theta_0\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => i < 920 ? "1\n" : "-1\n")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Claims_are_answered_checked_and_reported_with_their_confidence()
    {
        Write("spec.yaml", Estimator + $$"""
            claims:
              - robustness: { {{Ball}}, metric: total-variation, at-most: 0.16 }
              - robustness: { {{Ball}}, metric: kl }
              - event-probability: { {{Ball}}, parameter: 0, event: { lower: 0 }, draws: 4000, confidence: 0.99, at-least: 0.8 }
              - event-probability: { {{Ball}}, parameter: 0, event: { lower: 0 }, samples: draws.csv, confidence: 0.9 }
            """);

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--json", "--allow-command");

        Assert.True(ran.ExitCode == 0, ran.Errors);
        using var answer = JsonDocument.Parse(ran.Output);
        var claims = answer.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        double Number(int claim, string name) => claims[claim].GetProperty(name).GetDouble();
        Assert.InRange(Number(0, "upper"), 0.158519, 0.158520); // 2 Phi(0.2) - 1
        Assert.InRange(Number(1, "upper"), 0.08, 0.08 + 1e-15); // 0.2² / (2 · 0.25)
        Assert.InRange(Number(2, "upper"), 0.9214, 0.95);
        Assert.InRange(Number(2, "lower"), 0.8, 0.846); // Phi(sqrt 2 - 0.4) = 0.8448
        Assert.InRange(Number(3, "lower"), 0.90, 0.92);
        Assert.False(claims[0].TryGetProperty("confidence", out _));
        Assert.Equal(0.99, Number(2, "confidence"));
        Assert.Contains("no draw was needed", claims[0].GetProperty("consequence").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("With confidence 0.99, from ", claims[2].GetProperty("text").GetString(), StringComparison.Ordinal);

        var files = Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json").Order(StringComparer.Ordinal).ToArray();
        var schema = await JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json"));
        Assert.All(files, file => Assert.Empty(schema.Validate(File.ReadAllText(file))));
        var check = Program.Run(folder, ["check", .. files]);
        Assert.Equal(2, check.ExitCode); // draws.csv does not lie beside the certificates
        var lines = check.Output.TrimEnd().Split('\n');
        Assert.DoesNotContain("confidence", lines[0], StringComparison.Ordinal);
        Assert.Contains("counted again", lines[2], StringComparison.Ordinal); // the draws of the program lie beside the certificate
        Assert.All(lines[..3], line => Assert.Contains(": accepted: ", line, StringComparison.Ordinal));
        Assert.Contains(": undecided: ", lines[3], StringComparison.Ordinal);
        Assert.Contains("on the word of the certificate: draws.csv is not beside it, recheck with --draws FILE", lines[3], StringComparison.Ordinal);
        var counted = Program.Run(folder, "check", files[3], "--draws", "draws.csv");
        Assert.Equal(0, counted.ExitCode);
        Assert.Contains("accepted", counted.Output, StringComparison.Ordinal);
        Assert.Contains("counted again", counted.Output, StringComparison.Ordinal);

        // The draws are the same for the same seed, and others for another.
        var draws = await File.ReadAllTextAsync(Path.Combine(folder, "out", "claim-003-event-probability.draws.csv"));
        var printed = Program.Run(folder, "run", "spec.yaml", "--out", "again", "--allow-command");
        Assert.Equal(0, printed.ExitCode);
        Assert.Contains("proved (0.99)", printed.Output, StringComparison.Ordinal);
        Assert.Contains("What rests on draws holds with the confidence beside it, together with confidence at least 0.89.", printed.Output, StringComparison.Ordinal);
        Assert.Matches(@"event-probability +0 +0\.8\d+ +>= 0\.8 ", printed.Output); // no attack
        Assert.Equal(draws, await File.ReadAllTextAsync(Path.Combine(folder, "again", "claim-003-event-probability.draws.csv")));
        Program.Run(folder, "run", "spec.yaml", "--out", "other", "--allow-command", "--seed", "2");
        Assert.NotEqual(draws, await File.ReadAllTextAsync(Path.Combine(folder, "other", "claim-003-event-probability.draws.csv")));
        await File.WriteAllTextAsync(Path.Combine(folder, "out", "claim-003-event-probability.draws.csv"), draws[..^3] + "\n");
        var changed = Program.Run(folder, "check", files[2]);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("REJECTED: the draws have SHA-256", changed.Output, StringComparison.Ordinal);

        foreach (var format in new[] { "html", "markdown", "latex" })
        {
            var report = Program.Run(folder, ["report", .. files, "--format", format]).Output;
            Assert.Contains("roved (confidence 0.99)", report, StringComparison.Ordinal);
            Assert.Contains("roved (confidence 0.9)", report, StringComparison.Ordinal);
        }

        var page = await File.ReadAllTextAsync(Path.Combine(folder, "again", "report.html"));
        Assert.Contains("; what rests on draws holds together with confidence at least 0.89", page, StringComparison.Ordinal);
        Assert.Contains("A verdict with a <em>confidence</em> rests on draws", page, StringComparison.Ordinal);
        Assert.Contains("draws are no witness", page, StringComparison.Ordinal);
        Assert.Contains("for every point of the set, with confidence 0.99 over the draws", page, StringComparison.Ordinal);
        Assert.Contains("proved for every point of the set", page, StringComparison.Ordinal);
    }

    /// <remarks>An event fitted to draws that were seen must not be counted on the same draws.</remarks>
    [Fact]
    public void Another_question_gets_other_noise()
    {
        string Draws(string limits, string event_ = "lower: 0", int count = 20, string confidence = "0.9", string command = Estimator, string claim = "")
        {
            Write("spec.yaml", $"{command}claims:\n{claim}  - event-probability: {{ {Ball}, parameter: 0, event: {{ {event_} }}, draws: {count}, confidence: {confidence}{limits} }}\n");
            var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--allow-command");
            Assert.True(ran.ExitCode is 0 or 2, ran.Errors);
            return File.ReadAllLines(Directory.GetFiles(Path.Combine(folder, "out"), "*.draws.csv").Order(StringComparer.Ordinal).Last())[1];
        }

        string[] first = [Draws(""), Draws(", at-least: 0.5"), Draws("", "lower: 0.0001"), Draws("", count: 21), Draws("", confidence: "0.91"), Draws("", command: Estimator.Replace("$1 + $2", "$1  + $2", StringComparison.Ordinal))];
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.Equal(first[0], Draws(""));
        Assert.Equal(first[0], Draws("", claim: $"  - robustness: {{ {Ball}, metric: kl }}\n")); // whatever is asked beside it
    }

    /// <remarks>The hash of the spec stands in the certificate, where a forger writes it.</remarks>
    [Fact]
    public void A_check_finds_the_claim_in_the_spec()
    {
        Write("spec.yaml", $$"""
            {{Estimator}}claims:
              - robustness: { {{Ball}}, metric: kl }
              - event-probability: { {{Ball}}, parameter: 0, event: { lower: 0 }, draws: 100, confidence: 0.9 }
              - event-probability: { {{Ball}}, parameter: 0, event: { lower: 0 }, samples: draws.csv, confidence: 0.9 }
            """);
        Assert.Equal(0, Program.Run(folder, "run", "spec.yaml", "--out", "out", "--allow-command").ExitCode);
        File.Copy(Path.Combine(folder, "draws.csv"), Path.Combine(folder, "out", "draws.csv"));
        var files = Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json").Order(StringComparer.Ordinal).ToArray();
        var honest = Program.Run(folder, ["check", .. files, "--spec", "spec.yaml"]);
        Assert.True(honest.ExitCode == 0, honest.Output + honest.Errors);
        var lines = honest.Output.Split('\n');
        Assert.DoesNotContain("assumed", lines[0], StringComparison.Ordinal);
        Assert.Contains("are answers of the command [\"awk\",\"-F,\",\"{ print $1 + $2 }\"] to x0 + d with independent d, each an independent draw", lines[1], StringComparison.Ordinal);
        Assert.Contains("the table 'draws.csv' are drawn independently from q_bar(. | x0), each with noise of its own", lines[2], StringComparison.Ordinal);
        Assert.All(lines[1..3], line => Assert.EndsWith("is assumed and not checked", line.TrimEnd(), StringComparison.Ordinal));
        Assert.All(files[1..], file => Assert.Contains("is assumed and not checked", CertificateFile.Read(file).Text, StringComparison.Ordinal));

        string Check(string file, Func<Certificate, Certificate> forge, double noise = 0.5)
        {
            var certificate = forge(CertificateFile.Read(file));
            var enclosure = BlackBox.Enclosure(certificate.Claim, noise);
            CertificateFile.Write(certificate with { Text = BlackBox.Text(certificate.Claim, noise), Lower = enclosure.Lower, Upper = enclosure.Upper }, Path.Combine(folder, "out", "forged.json"));
            Assert.Equal(0, Program.Run(folder, "check", "out/forged.json").ExitCode);
            return Program.Run(folder, "check", "out/forged.json", "--spec", "spec.yaml").Output;
        }

        const string Refused = "REJECTED: the spec does not ask for this claim, of this family, from such draws";
        foreach (var file in files)
        {
            Assert.Contains("accepted", Check(file, certificate => certificate), StringComparison.Ordinal);
            Assert.Contains(Refused, Check(file, certificate => certificate with { Claim = certificate.Claim with { Observation = [100, 0] } }), StringComparison.Ordinal);
            Assert.Contains(Refused, Check(file, certificate => certificate with { Claim = certificate.Claim with { Radius = [0.1, 0.1] } }), StringComparison.Ordinal);
            Assert.Contains(Refused, Check(file, certificate => certificate with { Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "black-box", "noise": 500, "parameters": 1 }""").RootElement) }, 500), StringComparison.Ordinal);
        }

        foreach (var file in files[1..])
        {
            Assert.Contains(Refused, Check(file, certificate => certificate with { Claim = certificate.Claim with { EventLower = -2 } is var claim ? claim with { Draws = DrawCounter.Inside(claim, 1, File.ReadAllBytes(Path.Combine(folder, "out", claim.Draws!.File)), claim.Draws.File, 0.9) with { Command = claim.Draws.Command } } : null! }), StringComparison.Ordinal);
            Assert.Contains(Refused, Check(file, certificate => certificate with { Claim = certificate.Claim with { Draws = certificate.Claim.Draws! with { Confidence = 0.5 } } }), StringComparison.Ordinal);
            Assert.Contains(Refused, Check(file, certificate => certificate with { Claim = certificate.Claim with { Draws = certificate.Claim.Draws! with { Command = ["other"] } } }), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_statement_names_the_draws_and_the_spec()
    {
        Write("spec.yaml", $"estimator: {{ family: {{ name: black-box, noise: 0.5, parameters: 1 }} }}\nclaims: [ {{ event-probability: {{ {Ball}, parameter: 0, event: {{ lower: 0 }}, samples: draws.csv, confidence: 0.9 }} }} ]\n");
        Assert.Equal(0, Program.Run(folder, "run", "spec.yaml", "--out", "out").ExitCode);
        Assert.Equal(0, Program.Run(folder, "key", "--out", "signer").ExitCode);
        Assert.Equal(0, Program.Run(folder, "sign", "out/claim-001-event-probability.json", "--key", "signer.private.pem").ExitCode);
        var payload = Convert.FromBase64String(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "out", "claim-001-event-probability.dsse"))).RootElement.GetProperty("payload").GetString()!);
        Assert.Equal(["spec.yaml", "draws.csv"], JsonDocument.Parse(payload).RootElement.GetProperty("subject").EnumerateArray().Select(subject => subject.GetProperty("name").GetString()));
    }

    [Fact]
    public void Draws_that_speak_against_a_claim_leave_it_undecided()
    {
        Write("spec.yaml", $"{Estimator}claims: [ {{ event-probability: {{ {Ball}, parameter: 0, event: {{ lower: 0 }}, samples: draws.csv, confidence: 0.9, at-most: 0.5 }} }} ]\n");
        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out");
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains("draws refute nothing", ran.Output, StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(folder, "check", "out/claim-001-event-probability.json", "--draws", "draws.csv").ExitCode);
        Assert.Equal(2, Program.Run(folder, "check", "out/claim-001-event-probability.json").ExitCode);
        Assert.Contains("draws refute nothing", Program.Run(folder, "report", "out/claim-001-event-probability.json", "--format", "markdown").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, draws: 10, confidence: 0.9 }", "", "'certify run --allow-command' lets it")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, draws: 10, confidence: 0.9 }", "--allow-command", "")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, draws: 0, confidence: 0.9 }", "", "draws is '0', expected how many, from 1 to 1000000")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, draws: 10, samples: draws.csv, confidence: 0.9 }", "", "both 'samples' and 'draws'")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, samples: draws.csv }", "", "lacks the key 'confidence'")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, confidence: 0.9 }", "", "confidence is for a claim with 'samples' or 'draws'")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 } }", "", "bounded from draws: 'samples' or 'draws'")]
    [InlineData("event-probability: { BALL, parameter: 7, event: { lower: 0 }, samples: draws.csv, confidence: 0.9 }", "", "there is no parameter theta_7; a draw has theta_0 to theta_0")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, samples: numbered.csv, confidence: 0.9 }", "", "numbered.csv: the column 'id' is no parameter; a table of draws has the columns theta_0, theta_1, ... and no others.")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, samples: unnamed.csv, confidence: 0.9 }", "", "the column 'alpha' is no parameter")]
    [InlineData("event-probability: { BALL, parameter: 0, event: { lower: 0 }, samples: two.csv, confidence: 0.9 }", "", "a draw has 2 numbers, expected 1, one for each parameter")]
    [InlineData("event-probability: { observations: pair.csv, norm: l2, radius: 0.2, parameter: 0, event: { lower: 0 }, samples: draws.csv, confidence: 0.9 }", "", "the samples are of one observation")]
    [InlineData("robustness: { BALL, metric: wasserstein2 }", "", "with the metric wasserstein2")]
    [InlineData("robustness: { observations: observed.csv, norm: l0, entries: 1, radius: 0.2, metric: kl }", "", "norm l1, l2 or linf")]
    [InlineData("lipschitz: { norm: l2, metric: wasserstein2, domain: { lower: [0], upper: [1] } }", "", "not of kind lipschitz")]
    public void What_does_not_fit_is_65_with_one_line(string claim, string option, string named)
    {
        Write("wrong.yaml", $"{Estimator}claims:\n  - {claim.Replace("BALL", Ball, StringComparison.Ordinal)}\n");
        var ran = Program.Run(folder, ["run", "wrong.yaml", .. option.Length > 0 ? new[] { option } : []]);
        Assert.Equal(named.Length > 0 ? 65 : 0, ran.ExitCode);
        if (named.Length > 0)
        {
            Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("estimator: { family: { name: black-box } }", "lacks the key 'noise'")]
    [InlineData("estimator: { family: { name: black-box, noise: 0, parameters: 1 } }", "noise is '0', expected a number from 1e-100 to 1e100")]
    [InlineData("estimator: { family: { name: black-box, noise: 1 } }", "lacks the key 'parameters'")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1.5 } }", "parameters is '1.5', expected a whole number from 1 to 100000")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 2 }, command: [sed, 's/,.*//'] }", "sed: line 1 of its output has 1 numbers, expected 2, one for each parameter.")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 }, model: m.onnx }", "has no key 'model'")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 }, command: [] }", "command is a list of 0")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 }, command: sh, time-limit: 0 }", "time-limit is '0', expected seconds in (0, 1e6]")]
    [InlineData("estimator: { model: m.onnx, command: sh, family: { name: gaussian, mean: m, cholesky: { matrix: L } } }", "has no key 'command'")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 }, command: [echo, x] }", "echo: line 1 of its output: 'x' is no finite number.")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 }, command: [sleep, 50], time-limit: 0.3 }", "sleep: did not end within the time limit of 0.3 s.")]
    [InlineData("estimator: { family: { name: black-box, noise: 1, parameters: 1 } }", "which the spec lacks")]
    public void An_estimator_that_is_wrong_is_65_with_one_line(string estimator, string named)
    {
        Write("wrong.yaml", $"{estimator}\nclaims:\n  - event-probability: {{ {Ball}, parameter: 0, event: {{ lower: 0 }}, draws: 10, confidence: 0.9 }}\n");
        var ran = Program.Run(folder, "run", "wrong.yaml", "--allow-command");
        Assert.True(ran.ExitCode == 65, string.Create(CultureInfo.InvariantCulture, $"{ran.ExitCode}: {ran.Errors}"));
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
