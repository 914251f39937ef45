using System.Diagnostics;
using Xunit;

namespace Cli.Tests;

/// <summary>Files for a paper from the command line, and the sample article that inputs them.</summary>
public sealed class PaperTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("paper-").FullName;

    public PaperTests()
    {
        foreach (var example in new[] { "01-can-noise-move-this-posterior", "paper" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Examples, example)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            }
        }

        Assert.Equal(0, Program.Run(folder, "run", "spec.yaml", "--out", "out", "--gap", "0.01").ExitCode);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_is_written_that_names_the_certificates_by_their_hashes()
    {
        string[] certificates = [.. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json").Order(StringComparer.Ordinal)];
        var ran = Program.Run(folder, ["report", .. certificates, "--format", "latex", "--out", "guarantees"]);
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        Assert.Contains("guarantees: 22 files; \\input{guarantees/results.tex}", ran.Output, StringComparison.Ordinal);
        var appendix = File.ReadAllText(Path.Combine(folder, "guarantees", "reproducibility.tex")).Replace("\\allowbreak{}", "", StringComparison.Ordinal);
        Assert.All(certificates, file => Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))), appendix, StringComparison.Ordinal));
        Assert.StartsWith("% Needs \\usepackage{booktabs}.", Program.Run(folder, ["report", .. certificates, "--format", "latex"]).Output, StringComparison.Ordinal);
        Assert.Equal(64, Program.Run(folder, ["report", .. certificates, "--out", "guarantees"]).ExitCode);
    }

    [Fact]
    public void Certificates_of_two_folders_stand_side_by_side_and_are_no_table_for_a_paper()
    {
        Directory.CreateDirectory(Path.Combine(folder, "again"));
        string[] first = [.. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json").Order(StringComparer.Ordinal).Take(2)];
        string[] second = [.. first.Select(file => Path.Combine(folder, "again", Path.GetFileName(file)))];
        foreach (var (from, to) in first.Zip(second))
        {
            File.Copy(from, to);
        }

        var page = Program.Run(folder, ["report", .. first, .. second]);
        Assert.True(page.ExitCode == 0, page.Errors);
        Assert.Contains("<h1>2 runs side by side</h1>", page.Output, StringComparison.Ordinal);
        Assert.Contains("two_moons.onnx in again", page.Output, StringComparison.Ordinal);
        Assert.Contains("id=\"side\"", page.Output, StringComparison.Ordinal);
        var markdown = Program.Run(folder, ["report", .. first, .. second, "--format", "markdown"]).Output;
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(markdown, "^## ", System.Text.RegularExpressions.RegexOptions.Multiline));
        var latex = Program.Run(folder, ["report", .. first, .. second, "--format", "latex"]);
        Assert.Equal(65, latex.ExitCode);
        Assert.Contains("a report as latex is of one", latex.Errors, StringComparison.Ordinal);
    }

    [LatexFact]
    public void The_sample_article_compiles_without_a_complaint()
    {
        Assert.Equal(0, Program.Run(folder, ["report", .. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json").Order(StringComparer.Ordinal), "--format", "latex", "--out", "guarantees"]).ExitCode);
        Tex("pdflatex");
        Tex("bibtex");
        Tex("pdflatex");
        var log = Tex("pdflatex");
        Assert.DoesNotContain("undefined", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Overfull", log, StringComparison.Ordinal);
        Assert.DoesNotContain("LaTeX Warning", log, StringComparison.Ordinal);
        File.Copy(Path.Combine(folder, "article.pdf"), Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "pictures")).FullName, "article.pdf"), overwrite: true); // for a person to look at
        Assert.StartsWith("%PDF-", File.ReadAllText(Path.Combine(folder, "article.pdf"))[..8], StringComparison.Ordinal);
    }

    private string Tex(string tool)
    {
        var start = new ProcessStartInfo(tool, tool == "bibtex" ? ["article"] : ["-interaction=nonstopmode", "-halt-on-error", "article"]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return output;
    }
}
