using System.Text.RegularExpressions;
using Xunit;

namespace Reports.Tests;

public class TableReportTests
{
    private static readonly string Markdown = MarkdownReport.Render(SampleRun.Run);
    private static readonly string Latex = LatexReport.Render(SampleRun.Run);

    [Fact]
    public void Markdown_has_a_row_a_claim_and_a_line_for_each_that_is_not_proved()
    {
        Assert.StartsWith("## ✗ gaussian\\_linear.onnx: refuted\n", Markdown, StringComparison.Ordinal);
        Assert.Contains("| 1\\. Robustness | Wasserstein-2 | ℓ∞ | 0.05 | 3 | ✓ proved | 0.037002 | 0.035180 | 0.00183 | ≤ 0.05 |\n", Markdown, StringComparison.Ordinal);
        Assert.Contains("- **2\\. Robustness refuted.**", Markdown, StringComparison.Ordinal);
        Assert.Contains("- **3\\. Lipschitz constant undecided.**", Markdown, StringComparison.Ordinal);
        Assert.Contains("The time limit of 20 s was reached", Markdown, StringComparison.Ordinal);
        Assert.Contains("certify check 'certificates/total variation 3.json'\n", Markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_rows_have_as_many_cells_as_the_head_whatever_the_names()
    {
        var page = MarkdownReport.Render(HtmlReportTests.Hostile with { Title = "a|b\n# c `d` <e>" });
        var rows = page.Split('\n').Where(line => line.StartsWith('|')).ToArray();
        Assert.Equal(2 + SampleRun.Run.Claims.Length, rows.Length);
        Assert.All(rows, row => Assert.Equal(11, Regex.Count(row, @"(?<!\\)\|")));
        Assert.StartsWith("## ✗ a\\|b \\# c \\`d\\` &lt;e&gt;: refuted\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page[..page.IndexOf("```", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_fence_cannot_be_closed_from_inside()
    {
        var page = MarkdownReport.Render(SampleRun.Run with { Claims = [SampleRun.Curve with { Certificate = "a\n````\nb" }] });
        Assert.Equal(2, Regex.Count(page, "^`````(sh)?$", RegexOptions.Multiline));
    }

    [Fact]
    public void Latex_is_a_booktabs_table_with_a_row_a_claim()
    {
        Assert.Contains(@"Robustness & $W_2$ & $\ell_\infty$ & $0.05$ & 3 & proved & $0.037002$ & $0.035180$ & $\leq$ $0.05$ \\", Latex, StringComparison.Ordinal);
        Assert.Contains(@"gaussian\_linear.onnx", Latex, StringComparison.Ordinal);
        Assert.Contains(@"total variation$^{*}$", Latex, StringComparison.Ordinal);
        Assert.Equal(1 + SampleRun.Run.Claims.Length, Regex.Count(Latex, @"\\\\$", RegexOptions.Multiline));
        Assert.All(Latex.Split('\n').Where(line => line.EndsWith(@"\\", StringComparison.Ordinal)), row => Assert.Equal(8, Regex.Count(row, @"(?<!\\)&")));
    }

    [Fact]
    public void Latex_sets_special_characters_as_text()
    {
        Assert.Equal(
            @"50\% \& \$x\_1\$ \#2 \{\} \textbackslash{}input \textasciicircum{}\textasciitilde{} $\leq$ $\theta$ a b",
            LatexReport.Escape("50% & $x_1$ #2 {} \\input ^~ ≤ θ a\nb"));
        var page = LatexReport.Render(SampleRun.Run with { ModelName = "a}\\end{table}%", ModelSha256 = "x\n\\input{y}" });
        Assert.Equal(1, Regex.Count(page, Regex.Escape(@"\end{table}")));
        Assert.DoesNotContain("\n\\input", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certificates/a.json", "certify check certificates/a.json")]
    [InlineData("a b.json", "certify check 'a b.json'")]
    [InlineData("it's; rm -rf ~", @"certify check 'it'\''s; rm -rf ~'")]
    [InlineData("-x.json", "certify check ./-x.json")]
    public void Check_command_is_quoted_for_a_shell(string file, string command) => Assert.Equal(command, Phrases.CheckCommand(file));
}
