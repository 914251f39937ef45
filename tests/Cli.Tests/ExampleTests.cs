using System.Diagnostics;
using System.Globalization;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Tables;
using Xunit;

namespace Cli.Tests;

/// <summary>Every numbered example prints what its <c>expected.txt</c> says: the words exactly, the numbers to three digits.</summary>
public sealed class ExampleTests
{
    /// <summary>Every search ends by its gap, in a few seconds of one core; the limit of time is for machines that are busy with other things.</summary>
    [Theory]
    [InlineData("01-can-noise-move-this-posterior", "0.001")]
    [InlineData("02-how-much-does-this-flow-change", "0.05")]
    [InlineData("03-how-much-does-this-ratio-change", "0.05")]
    [InlineData("04-what-can-a-few-bad-points-do", "0.4")]
    [InlineData("08-how-lipschitz-is-it", "0.05")]
    [InlineData("09-is-it-close-to-the-exact-posterior", "0.05")]
    public void The_example_prints_what_it_says_and_its_certificates_are_checked(string example, string gap) => Runs(example, "--gap", gap, "--timeout", "120");

    /// <summary>40 s of one core.</summary>
    [Fact]
    [Trait("Category", "Nightly")]
    public void The_example_of_samples_prints_what_it_says_and_its_certificates_are_checked() => Runs("05-how-far-do-these-samples-move", "--gap", "0.2", "--timeout", "600");

    [Fact]
    public void The_example_of_calibration_prints_what_it_says_and_its_certificates_are_checked()
    {
        var folder = Copy("06-is-it-calibrated");
        Assert.Equal(0, Program.Run(folder, "simulate", "two_moons", "--pairs", "10000", "--out", "simulations.csv").ExitCode);

        var ran = Program.Run(folder, "calibrate", "spec.yaml", "--out", "out");

        Assert.Equal(1, ran.ExitCode);
        Same(File.ReadAllText(Path.Combine(folder, "expected.txt")), ran.Output);
        Assert.Equal(0, Program.Run(folder, ["check", .. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json"), "--spec", "spec.yaml"]).ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The commands of its README, one after the other; the last is the one that fails.</summary>
    [Fact]
    public void The_example_of_a_gate_fails_as_it_says()
    {
        var folder = Copy("07-did-the-new-model-get-worse");
        var readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        var lines = readme.Split("```")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal(0, Program.Run(folder, lines[0].Split(' ')[1..]).ExitCode);
        Assert.Contains("4 re-checked against the baseline, 0 answered anew", Program.Run(folder, lines[1].Split(' ')[1..]).Output, StringComparison.Ordinal);
        Assert.Equal("cp retrained.onnx posterior.onnx", lines[2]);
        File.Copy(Path.Combine(folder, "retrained.onnx"), Path.Combine(folder, "posterior.onnx"), overwrite: true);

        var ran = Program.Run(folder, lines[3].Split(' ')[1..]);

        Assert.Equal(1, ran.ExitCode);
        Same(File.ReadAllText(Path.Combine(folder, "expected.txt")), ran.Output);
        Assert.Contains("accepted: refuted", Program.Run(folder, "check", "out/claim-001-robustness.json").Output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>From a simulator to a certificate; networks differ a little from machine to machine, by far less than the claim allows.</summary>
    [Fact]
    public void The_example_of_an_own_simulator_proves_its_claim()
    {
        var folder = Directory.CreateTempSubdirectory("own-").FullName;
        var ran = Built(folder, "MyOwnSimulator");
        Assert.StartsWith("proved: no error within the radius moves the posterior", ran.Output, StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(folder, "check", "certificate.json").ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A program that is built with the tests.</summary>
    private static Ran Built(string folder, string name, params string[] arguments)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(Repository.Root, "artifacts", "bin", name, configuration, name + ".dll");
        var ran = Program.Finish(Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true })!);
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        return ran;
    }

    [Fact]
    public void The_example_of_robust_coverage_prints_what_it_says()
    {
        var folder = Directory.CreateTempSubdirectory("coverage-").FullName;
        Assert.Equal(0, Program.Run(folder, "simulate", "two_moons", "--pairs", "2000", "--out", "pairs.csv").ExitCode);
        var ran = Built(folder, "DoesCoverageSurviveNoise", Path.Combine(Repository.Examples, "06-is-it-calibrated", "two_moons.onnx"), "pairs.csv", "0.05");
        Same(File.ReadAllText(Path.Combine(Repository.Examples, "11-does-coverage-survive-noise", "expected.txt")), ran.Output);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The commands of the page, word for word; networks differ a little from machine to machine, by far less than the two methods do.</summary>
    [Fact]
    public void The_example_of_training_certifies_what_it_says()
    {
        var folder = Directory.CreateTempSubdirectory("training-").FullName;
        var page = File.ReadAllText(Path.Combine(Repository.Examples, "10-which-training-certifies-better", "README.md"));
        string[] lines = [.. page.Split("```")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(7, lines.Length);
        var ends = new Dictionary<string, double[]>();
        foreach (var line in lines)
        {
            var words = line.Split(" > ")[0].Split(' ')[1..].SelectMany(word => (IEnumerable<string>)(word.Contains('*', StringComparison.Ordinal) ? Directory.GetFiles(Path.Combine(folder, Path.GetDirectoryName(word)!), "claim-*.json").Order(StringComparer.Ordinal) : [word]));
            var ran = Program.Run(folder, [.. words]);
            Assert.True(ran.ExitCode == 0, line + ran.Output + ran.Errors);
            if (line.Contains(" run ", StringComparison.Ordinal))
            {
                var name = line.Split("--out ")[1].Split(' ')[0];
                ends[name] = [.. Directory.GetFiles(Path.Combine(folder, name), "claim-*.json").Select(file => Guarantees.Certificates.CertificateFile.Read(file).Upper).Order()];
            }
            else if (line.Contains(" report ", StringComparison.Ordinal))
            {
                Assert.Contains("3 models side by side", ran.Output, StringComparison.Ordinal);
                Assert.Contains("id=\"side\"", ran.Output, StringComparison.Ordinal);
            }
        }

        var plain = ends["plain"];
        Assert.All(ends.Values, one => Assert.Equal(10, one.Length));
        Assert.All(new[] { ends["spectral"], ends["interval"] }, one => Assert.True(plain[4] > 1.2 * one[4] && plain[^1] > 1.2 * one[^1], $"medians {plain[4]}, {one[4]}, largest {plain[^1]}, {one[^1]}"));
        Directory.Delete(folder, recursive: true);
    }

    private static string Copy(string example)
    {
        var folder = Directory.CreateTempSubdirectory("example-").FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Examples, example)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    private static void Runs(string example, params string[] options)
    {
        var folder = Copy(example);
        var ran = Program.Run(folder, ["run", "spec.yaml", "--out", "out", .. options]);

        Assert.Equal(0, ran.ExitCode);
        Same(File.ReadAllText(Path.Combine(folder, "expected.txt")), ran.Output);
        Assert.Equal(0, Program.Run(folder, ["check", .. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json")]).ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Midpoint sums over a grid of side 0.012, a twentieth of the posterior's standard deviation: right to 1e-4.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_flow_has_the_mass_that_its_spec_assumes(int row)
    {
        var folder = Path.Combine(Repository.Examples, "02-how-much-does-this-flow-change");
        var flow = OnnxImporter.Read(Path.Combine(folder, "flow.onnx"));
        var x = Table.Read(Path.Combine(folder, "observations.csv"))[row];
        var (output, cells) = (flow.Output("log_density").Id, 400);
        var (all, inside) = (0.0, 0.0);
        var values = flow.Evaluate(new double[4]);
        for (var cell = 0; cell < cells * cells; cell++)
        {
            flow.Evaluate([-2.4 + (0.012 * ((cell / cells) + 0.5)), -2.4 + (0.012 * ((cell % cells) + 0.5)), x[0], x[1]], values);
            var mass = Math.Exp(values[output][0]) * 0.012 * 0.012;
            (all, inside) = (all + mass, inside + (values[output][0] >= -1.9 ? mass : 0));
        }

        Assert.Equal(1, all, 1e-3);
        Assert.InRange(1 - inside, 0.04, 0.06);
    }

    private static void Same(string expected, string actual)
    {
        var (wanted, found) = (Lines(expected), Lines(actual));
        Assert.Equal(wanted.Length, found.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            var (left, right) = (Words(wanted[i]), Words(found[i]));
            Assert.True(left.Length == right.Length && left.Zip(right).All(pair => Agree(pair.First, pair.Second)), $"expected: {wanted[i]}\nfound:    {found[i]}");
        }
    }

    private static bool Agree(string expected, string found) =>
        expected == found
        || (double.TryParse(expected.Trim('.', ';', ',', '(', ')'), CultureInfo.InvariantCulture, out var a) && double.TryParse(found.Trim('.', ';', ',', '(', ')'), CultureInfo.InvariantCulture, out var b) && Math.Abs(a - b) <= 5e-3 * Math.Abs(a));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
