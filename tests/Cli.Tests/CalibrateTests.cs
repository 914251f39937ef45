using System.Globalization;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary>Claims that pairs answer, from the command line: theta and noise N(0, 2 e^-2) each, so that the posterior is the <see cref="Workshop.Linear"/> model, N(x / 2, e^-2).</summary>
public sealed class CalibrateTests : IClassFixture<CalibrateTests.Tables>
{
    private const string Wide = "estimator: { model: linear.onnx, family: { name: diagonal-gaussian, mean: mean, log-variance: scale } }\n";
    private readonly Workshop workshop;

    public CalibrateTests(Tables tables) => workshop = tables.Workshop;

    [Fact]
    public async Task Claims_of_all_three_kinds_are_answered_reported_and_checked_again()
    {
        workshop.Write("all.yaml", Workshop.Linear + """
            claims:
              - robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0.01, metric: wasserstein2 }
              - calibration: { simulations: pairs.csv, confidence: 0.9, draws: 19, at-most: 0.25 }
              - coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9, draws: 19, at-least: 0.8 }
              - coverage: { simulations: pairs.npy, set: interval, parameter: 1, level: 0.9, confidence: 0.9 }
              - coverage: { simulations: pairs.csv, set: mahalanobis, level: 0.9, confidence: 0.9, at-least: 0.7, sequential: true }
              - conformal: { simulations: pairs.csv, level: 0.8, confidence: 0.9, at-least: 0.7 }
            """);
        var ran = Program.Run(workshop.Folder, "calibrate", "all.yaml", "--out", "all", "--json");
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        using var document = JsonDocument.Parse(ran.Output);
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(["calibration", "coverage", "coverage", "coverage", "conformal"], claims.Select(claim => claim.GetProperty("name").GetString()));
        foreach (var claim in claims)
        {
            Assert.Equal("proved", claim.GetProperty("verdict").GetString());
            Assert.Equal(0.9, claim.GetProperty("confidence").GetDouble());
            Assert.InRange(claim.GetProperty("lower").GetDouble(), 0, claim.GetProperty("upper").GetDouble());
            Assert.NotEmpty(claim.GetProperty("findings").EnumerateArray());
            Assert.Contains("With confidence 0.9 over the pairs", claim.GetProperty("text").GetString(), StringComparison.Ordinal);
            Assert.True(File.Exists(workshop.PathOf("all", claim.GetProperty("certificate").GetString()!)));
        }

        Assert.DoesNotContain(ran.Loaded, name => name.StartsWith("TorchSharp", StringComparison.Ordinal));
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json"));
        var files = Directory.GetFiles(workshop.PathOf("all"), "claim-*.json");
        Assert.Equal(5, files.Length);
        foreach (var file in files)
        {
            Assert.Empty(schema.Validate(await File.ReadAllTextAsync(file)));
        }

        var check = Program.Run(workshop.Folder, ["check", .. files, "--spec", "all.yaml"]);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        Assert.Contains("with confidence 0.9, from 300 pairs, measured again; that the rows of the table 'pairs.csv' are independent draws of prior and simulator", check.Output, StringComparison.Ordinal);
        Assert.Contains("is assumed and not checked", check.Output, StringComparison.Ordinal);

        var page = await File.ReadAllTextAsync(workshop.PathOf("all", "report.html"));
        Assert.Contains("All numbers that were found", page, StringComparison.Ordinal);
        Assert.Contains("Distribution functions of 4 ranks", page, StringComparison.Ordinal);
        Assert.Contains("proved (confidence 0.9)", Program.Run(workshop.Folder, "report", files[0], "--format", "markdown").Output, StringComparison.Ordinal);

        // Without the table nobody knows; with another one it is wrong; with the right one elsewhere it is right.
        var alone = Directory.CreateDirectory(workshop.PathOf("alone")).FullName;
        File.Copy(files[0], Path.Combine(alone, "c.json"));
        File.Copy(workshop.PathOf("linear.onnx"), Path.Combine(alone, "linear.onnx"));
        var lost = Program.Run(alone, "check", "c.json");
        Assert.Equal(2, lost.ExitCode);
        Assert.Contains("undecided: proved on the word of the certificate: pairs.csv is not beside it, recheck with --pairs FILE", lost.Output, StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(alone, "check", "c.json", "--pairs", "../pairs.csv").ExitCode);
        var other = Program.Run(alone, "check", "c.json", "--pairs", "../more.csv");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("the table has SHA-256", other.Output, StringComparison.Ordinal);

        // A threshold made smaller, its digest mended.
        var path = workshop.PathOf("all", "claim-005-conformal.json");
        var certificate = CertificateFile.Read(path);
        CertificateFile.Write(certificate with { Findings = certificate.Findings.SetItem(0, certificate.Findings[0] with { Seen = certificate.Findings[0].Seen - 0.1 }) }, path);
        var forged = Program.Run(workshop.Folder, "check", path);
        Assert.Equal(1, forged.ExitCode);
        Assert.Contains("what is found differs from what the certificate states: score, threshold", forged.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_codes_say_refuted_and_undecided_and_the_table_says_with_which_confidence()
    {
        workshop.Write("wide.yaml", Wide + "claims:\n  - calibration: { simulations: pairs.csv, confidence: 0.99, draws: 19 }\n");
        var refuted = Program.Run(workshop.Folder, "calibrate", "wide.yaml", "--out", "wide");
        Assert.True(refuted.ExitCode == 1, refuted.Output + refuted.Errors);
        Assert.Contains("refuted (0.99)", refuted.Output, StringComparison.Ordinal);
        Assert.Contains("Not uniform: theta_0, theta_1, density", refuted.Output, StringComparison.Ordinal);
        Assert.All(refuted.Output.Split('\n')[..5], line => Assert.True(line.Length <= 80, line));
        Assert.Equal(0, Program.Run(workshop.Folder, "check", "wide/claim-001-calibration.json").ExitCode);

        workshop.Write("right.yaml", Workshop.Linear + "claims:\n  - calibration: { simulations: pairs.csv, confidence: 0.99, draws: 19 }\n  - conformal: { simulations: pairs.csv, level: 0.999, confidence: 0.99 }\n");
        var undecided = Program.Run(workshop.Folder, "calibrate", "right.yaml", "--out", "right", "--seed", "3");
        Assert.True(undecided.ExitCode == 2, undecided.Output + undecided.Errors);
        Assert.Contains("which shows only that large defects are absent", undecided.Output, StringComparison.Ordinal);
        Assert.Contains("300 pairs are too few for a finite threshold at the level 0.999", undecided.Output, StringComparison.Ordinal);

        // Two tables of one name: one of them is beside the certificates, and that is said.
        Directory.CreateDirectory(workshop.PathOf("second"));
        File.Copy(workshop.PathOf("more.csv"), workshop.PathOf("second", "pairs.csv"), overwrite: true);
        workshop.Write("two.yaml", Workshop.Linear + "claims:\n  - conformal: { simulations: pairs.csv, level: 0.8, confidence: 0.99 }\n  - conformal: { simulations: second/pairs.csv, level: 0.8, confidence: 0.99 }\n");
        var two = Program.Run(workshop.Folder, "run", "two.yaml", "--out", "two");
        Assert.True(two.ExitCode == 0, two.Output + two.Errors);
        Assert.Contains("pairs.csv is not copied to two", Assert.Single(two.Complaints), StringComparison.Ordinal);
        Assert.Equal(1, Program.Run(workshop.Folder, "check", "two/claim-002-conformal.json").ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "check", "two/claim-002-conformal.json", "--pairs", "second/pairs.csv").ExitCode);

        // Answered anew, with the same draws.
        var before = CertificateFile.Read(workshop.PathOf("wide", "claim-001-calibration.json"));
        var again = Program.Run(workshop.Folder, "run", "wide.yaml", "--out", "wide", "--resume");
        Assert.True(again.ExitCode == 1, again.Output + again.Errors);
        Assert.Equal(before.Findings, CertificateFile.Read(workshop.PathOf("wide", "claim-001-calibration.json")).Findings.AsEnumerable());
    }

    [Theory]
    [InlineData("samples.csv")]
    [InlineData("samples.npy")]
    public void An_estimator_known_by_samples_needs_no_model(string samples)
    {
        var (name, folder) = ($"{samples}.yaml", $"out-{samples}");
        workshop.Write(name, $$"""
            estimator: { family: { name: samples, parameters: 2 } }
            claims:
              - calibration: { simulations: pairs.csv, samples: {{samples}}, confidence: 0.9, at-most: 0.25 }
              - coverage: { simulations: pairs.csv, samples: {{samples}}, set: interval, parameter: 0, level: 0.6, confidence: 0.9, at-least: 0.45 }
            """);
        var ran = Program.Run(workshop.Folder, "calibrate", name, "--out", folder);
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        var files = Directory.GetFiles(workshop.PathOf(folder), "claim-*.json");
        Assert.Equal(2, files.Length);
        Assert.DoesNotContain(CertificateFile.Read(files[0]).Findings, finding => finding.Name == "density");
        Assert.DoesNotContain("the density", CertificateFile.Read(files[0]).Text, StringComparison.Ordinal);
        var check = Program.Run(workshop.Folder, ["check", .. files, "--spec", name]);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        Assert.Contains($"so is that the rows of the table '{samples}' are independent draws of the estimator's posteriors", check.Output, StringComparison.Ordinal);
        File.Delete(workshop.PathOf(folder, samples));
        var lost = Program.Run(workshop.Folder, "check", files[0]);
        Assert.Equal(2, lost.ExitCode);
        Assert.Contains("recheck with --draws FILE", lost.Output, StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(workshop.Folder, "check", files[0], "--draws", samples).ExitCode);
        Assert.Equal(1, Program.Run(workshop.Folder, "check", files[0], "--draws", "pairs.csv").ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "run", name, "--out", folder, "--resume").ExitCode);
    }

    [Fact]
    public void A_stopped_run_writes_what_is_known_and_names_no_certificate_that_is_not_there()
    {
        workshop.Write("long.yaml", Workshop.Linear + "claims:\n  - conformal: { simulations: pairs.csv, level: 0.8, confidence: 0.9 }\n  - coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9, draws: 100000 }\n  - coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9 }\n");
        using var process = Program.Start(workshop.Folder, "calibrate", "long.yaml", "--out", "long", "--json");
        while (!File.Exists(workshop.PathOf("long", "summary.json")))
        {
            Assert.False(process.HasExited);
            Thread.Sleep(5);
        }

        using var kill = System.Diagnostics.Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -INT {process.Id}")]);
        var ran = Program.Finish(process);
        Assert.True(ran.ExitCode == 2, ran.Output + ran.Errors);
        using var document = JsonDocument.Parse(ran.Output);
        var claims = document.RootElement.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(2, claims.Length);
        Assert.Equal("claim-001-conformal.json", claims[0].GetProperty("certificate").GetString());
        Assert.Equal(("undecided", ""), (claims[1].GetProperty("verdict").GetString(), claims[1].GetProperty("certificate").GetString()));
        Assert.Equal("undecided", document.RootElement.GetProperty("verdict").GetString());
        Assert.Single(Directory.GetFiles(workshop.PathOf("long"), "claim-*.json"));
        Assert.True(File.Exists(workshop.PathOf("long", "report.html")));
    }

    [Theory]
    [InlineData("calibration: { simulations: none.csv, confidence: 0.9 }", 66, "none.csv: file not found")]
    [InlineData("calibration: { simulations: bad.csv, confidence: 0.9 }", 65, "bad.csv:3: column 'x_0' has 'nan'")]
    [InlineData("calibration: { simulations: pairs.csv }", 65, "lacks the key 'confidence'")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 1 }", 65, "confidence is '1', expected a number in [0.5, 1)")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 0.9, level: 0.5 }", 65, "has no key 'level'")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 0.9, draws: 0 }", 65, "draws is '0', expected how many")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 0.9, draws: 30000 }", 65, "Expected at most 20000 draws for each pair; got 30000")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 0.9, at-most: 1 }", 65, "off by at most a number in (0, 1)")]
    [InlineData("calibration: { simulations: pairs.csv, confidence: 0.9999999 }", 65, "A band needs a risk of at least")]
    [InlineData("calibration: { simulations: few.csv, confidence: 0.9 }", 65, "at least 20 pairs; got 2")]
    [InlineData("calibration: { simulations: pairs.csv, samples: samples.csv, confidence: 0.9 }", 65, "has no key 'samples'")]
    [InlineData("coverage: { simulations: pairs.csv, confidence: 0.9 }", 65, "lacks the key 'level'")]
    [InlineData("coverage: { simulations: pairs.csv, level: 1, confidence: 0.9 }", 65, "level is '1', expected a number in [1e-9, 1 - 1e-9]")]
    [InlineData("coverage: { simulations: pairs.csv, level: 0.999, draws: 99, confidence: 0.9 }", 65, "A level of 0.999 needs more than 99 draws")]
    [InlineData("coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9, at-least: 0.8, at-most: 0.9 }", 65, "one bound, and nothing else")]
    [InlineData("coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9, at-least: 1 }", 65, "A coverage lies in (0, 1); got 1")]
    [InlineData("coverage: { simulations: pairs.csv, set: box, level: 0.9, confidence: 0.9 }", 65, "'box'")]
    [InlineData("coverage: { simulations: pairs.csv, set: interval, level: 0.9, confidence: 0.9 }", 65, "lacks the key 'parameter'")]
    [InlineData("coverage: { simulations: pairs.csv, set: interval, parameter: 2, level: 0.9, confidence: 0.9 }", 65, "There is no parameter theta_2; there are theta_0 to theta_1")]
    [InlineData("coverage: { simulations: pairs.csv, set: mahalanobis, draws: 9, level: 0.9, confidence: 0.9 }", 65, "Draws are not needed")]
    [InlineData("coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9, sequential: maybe }", 65, "expected true or false")]
    [InlineData("coverage: { simulations: other.csv, set: mahalanobis, level: 0.9, confidence: 0.9 }", 65, "2 columns theta_0, theta_1, ..., 1 columns x_0, x_1, ... and 1 others, expected 2, 2 and none")]
    [InlineData("coverage: { simulations: samples.npy, set: mahalanobis, level: 0.9, confidence: 0.9 }", 65, "an array of three axes, expected two")]
    [InlineData("coverage: { simulations: empty.csv, set: mahalanobis, level: 0.9, confidence: 0.9 }", 65, "0 rows, expected from 1")]
    [InlineData("conformal: { simulations: pairs.csv, level: 0.9, confidence: 0.9, at-most: 0.95 }", 65, "has no key 'at-most'")]
    [InlineData("conformal: { simulations: pairs.csv, level: 0.9, confidence: 0.9, sequential: true }", 65, "has no key 'sequential'")]
    [InlineData("conformal: { simulations: pairs.csv, level: 0.9, confidence: 0.9, draws: 10 }", 65, "has no key 'draws'")]
    public void What_does_not_fit_is_told_in_one_line(string claim, int code, string named) => Refused(Workshop.Linear, claim, code, named);

    [Theory]
    [InlineData("{ model: linear.onnx, family: { name: vector } }", "coverage: { simulations: pairs.csv, level: 0.9, confidence: 0.9 }", "not for vector")]
    [InlineData("{ model: linear.onnx, family: { name: vector } }", "calibration: { simulations: pairs.csv, confidence: 0.9 }", "not for vector")]
    [InlineData("{ model: density.onnx, family: { name: log-density, parameters: theta, output: l } }", "coverage: { simulations: one.csv, level: 0.9, confidence: 0.9 }", "which the family log-density has not")]
    [InlineData("{ model: density.onnx, family: { name: log-density, parameters: theta, output: l } }", "coverage: { simulations: one.csv, set: interval, parameter: 0, level: 0.9, confidence: 0.9 }", "which the family log-density has not")]
    [InlineData("{ model: density.onnx, family: { name: log-density, parameters: theta, output: l } }", "calibration: { simulations: one.csv, confidence: 0.9 }", "which the family log-density has not")]
    [InlineData("{ model: density.onnx, family: { name: log-density, parameters: theta, output: l } }", "conformal: { simulations: one.csv, set: mahalanobis, level: 0.9, confidence: 0.9 }", "for one Gaussian")]
    [InlineData("{ family: { name: samples, parameters: 2 } }", "conformal: { simulations: pairs.csv, samples: samples.csv, level: 0.9, confidence: 0.9 }", "need a density")]
    [InlineData("{ family: { name: samples, parameters: 2 } }", "coverage: { simulations: pairs.csv, samples: samples.csv, level: 0.9, confidence: 0.9 }", "need a density")]
    [InlineData("{ family: { name: samples, parameters: 2 } }", "calibration: { simulations: pairs.csv, confidence: 0.9 }", "lacks the key 'samples'")]
    [InlineData("{ family: { name: samples, parameters: 2 } }", "calibration: { simulations: pairs.csv, samples: few.csv, confidence: 0.9 }", "2 posterior samples for 300 pairs")]
    [InlineData("{ family: { name: samples, parameters: 3 } }", "calibration: { simulations: pairs.csv, samples: samples.csv, confidence: 0.9 }", "expected 3, any number and none")]
    [InlineData("{ family: { name: black-box, noise: 0.25, parameters: 2 } }", "calibration: { simulations: pairs.csv, confidence: 0.9 }", "black-box")]
    public void Families_that_do_not_answer_are_told_with_the_place(string estimator, string claim, string named) => Refused($"estimator: {estimator}\n", claim, 65, named);

    [Fact]
    public void A_density_network_has_conformal_sets()
    {
        workshop.Write("density.yaml", "estimator: { model: density.onnx, family: { name: log-density, parameters: theta, output: l } }\nclaims:\n  - conformal: { simulations: one.csv, level: 0.8, confidence: 0.9 }\n");
        var ran = Program.Run(workshop.Folder, "calibrate", "density.yaml", "--out", "density");
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        Assert.Equal(0, Program.Run(workshop.Folder, "check", "density/claim-001-conformal.json").ExitCode);
    }

    [Fact]
    public void A_spec_without_such_claims_is_refused() => Refused(Workshop.Linear, "robustness: { observations: observations.csv, norm: linf, radius: 0.01, metric: wasserstein2 }", 65, "no claim of a kind that this command answers");

    private void Refused(string estimator, string claim, int code, string named)
    {
        workshop.Write("refused.yaml", $"{estimator}claims:\n  - {claim}\n");
        var ran = Program.Run(workshop.Folder, "calibrate", "refused.yaml", "--out", "refused");
        Assert.True(ran.ExitCode == code, ran.Output + ran.Errors);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    /// <summary>A workshop with tables.</summary>
    public sealed class Tables : IDisposable
    {
        private const int Pairs = 300;
        private const int Draws = 9;

        public Tables()
        {
            var random = new Random(11);
            var sd = Math.Sqrt(2) * Math.Exp(-1);
            double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double[] Pair()
            {
                var (a, b) = (sd * Normal(), sd * Normal());
                return [a, b, a + (sd * Normal()), b + (sd * Normal())];
            }

            var rows = Enumerable.Range(0, Pairs).Select(_ => Pair()).ToArray();
            var samples = rows.SelectMany(row => Enumerable.Range(0, Draws).Select(_ => new[] { (0.5 * row[2]) + (Math.Exp(-1) * Normal()), (0.5 * row[3]) + (Math.Exp(-1) * Normal()) })).ToArray();
            const string header = "theta_0,theta_1,x_0,x_1";
            Workshop.Write("pairs.csv", Csv(header, rows));
            Workshop.Write("more.csv", Csv(header, [.. rows, Pair()]));
            Workshop.Write("few.csv", Csv(header, rows[..2]));
            Workshop.Write("empty.csv", header + "\n");
            Workshop.Write("other.csv", Csv("theta_0,theta_1,x_0,weight", rows));
            Workshop.Write("bad.csv", "theta_0,theta_1,x_0,x_1\n1,2,3,4\n1,2,nan,4\n");
            Workshop.Write("samples.csv", Csv("theta_0,theta_1", samples));
            Workshop.Write("one.csv", Csv("theta_0,x_0", rows.Select(row => new[] { row[0], row[2] })));
            File.WriteAllBytes(Workshop.PathOf("pairs.npy"), Npy($"({Pairs}, 4)", rows));
            File.WriteAllBytes(Workshop.PathOf("samples.npy"), Npy($"({Pairs}, {Draws}, 2)", samples));
            var graph = new OnnxGraphBuilder();
            var away = graph.Node("Sub", "away", [graph.Input("theta", 1), graph.Input("x", 1)]);
            graph.Node("Mul", "l", [graph.Node("Mul", "square", [away, away]), graph.Initializer("minus_five", [-5f], 1)]);
            graph.Output("l", 1);
            File.WriteAllBytes(Workshop.PathOf("density.onnx"), graph.ToBytes());
        }

        public Workshop Workshop { get; } = new();

        public void Dispose() => Workshop.Dispose();

        private static string Csv(string header, IEnumerable<double[]> rows) =>
            header + "\n" + string.Concat(rows.Select(row => string.Join(',', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n"));

        /// <summary>float32, as simulators write.</summary>
        private static byte[] Npy(string shape, IEnumerable<double[]> rows)
        {
            var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
            return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)text.Length), .. Encoding.Latin1.GetBytes(text), .. rows.SelectMany(row => row.SelectMany(value => BitConverter.GetBytes((float)value)))];
        }
    }
}
