using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Certificates;
using Guarantees.Claims;
using Reports.Figures;
using Xunit;

namespace Reports.Tests;

/// <summary>What a paper inputs: text that LaTeX takes, sources that the text cites and no others, figures that hold their font.</summary>
/// <remarks>Mutants planted and found: a source that is cited and not collected; the appendix without its float32 ends; rows of an overview in the wrong order; a logarithmic axis applied twice.</remarks>
public partial class PaperReportTests
{
    private static readonly Dictionary<string, byte[]> Files = PaperReport.Files(Run(), ["ab12", "", "cd34", ""]).ToDictionary(file => file.Name, file => file.Content);

    [Fact]
    public void Every_file_is_there_and_the_same_run_gives_the_same_bytes()
    {
        string[] names = ["results.tex", "methods.tex", "reproducibility.tex", "guarantees.bib", "figures/overview-01.svg", "figures/overview-01.pdf", .. Enumerable.Range(1, 6).SelectMany(i => new[] { $"figures/claim-00{i}.svg", $"figures/claim-00{i}.pdf" })];
        Assert.Equal(names.Order(StringComparer.Ordinal), Files.Keys.Order(StringComparer.Ordinal));
        var again = PaperReport.Files(Run(), ["ab12", "", "cd34", ""]).ToDictionary(file => file.Name, file => file.Content);
        Assert.All(Files, file => Assert.Equal(file.Value, again[file.Key]));
    }

    [Fact]
    public void Text_is_balanced_plain_and_cites_what_is_collected()
    {
        foreach (var name in Files.Keys.Where(name => name.EndsWith(".tex", StringComparison.Ordinal) || name.EndsWith(".bib", StringComparison.Ordinal)))
        {
            var text = Text(name);
            Assert.DoesNotContain('\r', text);
            Assert.Equal("", string.Concat(text.Where(c => c > 0x7e)));
            var depth = 0;
            foreach (var c in Escapes().Replace(text, ""))
            {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                Assert.True(depth >= 0, name);
            }

            Assert.Equal(0, depth);
            Assert.Equal(0, text.Replace("\\$", "", StringComparison.Ordinal).Count(c => c == '$') % 2);
        }

        var cited = Cite().Matches(Text("methods.tex")).SelectMany(match => match.Groups[1].Value.Split(',')).Distinct().Order(StringComparer.Ordinal);
        var collected = Key().Matches(Text("guarantees.bib")).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);
        Assert.Equal(cited, collected);
        Assert.True(cited.Count() >= 5);
    }

    [Fact]
    public void The_text_says_what_the_certificates_say()
    {
        var (methods, appendix, results) = (Text("methods.tex"), Text("reproducibility.tex"), Text("results.tex"));
        Assert.Contains("We checked 6 claims about \\texttt{gaussian\\_linear.onnx}", methods, StringComparison.Ordinal);
        Assert.Contains("1 of 6 verdicts also hold for every execution in IEEE binary32 arithmetic", methods, StringComparison.Ordinal);
        Assert.Contains("In 1 claim (marked", methods, StringComparison.Ordinal);
        Assert.Contains("for every binary32 execution at most $0.037002$", appendix, StringComparison.Ordinal);
        Assert.Contains("Refuted, semantics real", appendix, StringComparison.Ordinal);
        Assert.Contains("\\texttt{certificates/robustness-3.json}, SHA-256 \\texttt{\\small ab12}.", appendix, StringComparison.Ordinal);
        Assert.Contains("9f2c1d6b\\allowbreak{}7e0a4f35", appendix, StringComparison.Ordinal);
        Assert.Contains("seed 20240517", appendix, StringComparison.Ordinal);
        Assert.Contains("\\begin{table*}", results, StringComparison.Ordinal);
        Assert.Contains("\\includegraphics[width=\\columnwidth]{\\guaranteesfolder/figures/overview-01.pdf}", results, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_that_rest_on_draws_say_so()
    {
        var prior = new PriorDraws { Law = new PriorLaw { Name = PriorLaw.Uniform, First = [0], Second = [1] }, Count = 100, Confidence = 0.95 };
        var claim = new Claim { Kind = ClaimKind.PosteriorStability, Metric = Metric.Kl, Norm = Norm.L2, Radius = [0.1], Observation = [0], ObservationRow = 0, Prior = prior };
        var run = Run() with { Claims = [SampleRun.Curve with { Claim = claim, Lower = 0 }] };
        var files = PaperReport.Files(run, []).ToDictionary(file => file.Name, file => Encoding.UTF8.GetString(file.Content));
        Assert.Contains("with a confidence over them, all of it together with at least 0.95; that they are independent", files["methods.tex"], StringComparison.Ordinal);
        Assert.Contains("maurer2009bernstein", files["guarantees.bib"], StringComparison.Ordinal);
        Assert.DoesNotContain("zhang2018crown", files["guarantees.bib"], StringComparison.Ordinal);
        Assert.DoesNotContain("Branch and bound", files["methods.tex"], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_figure_is_drawn_with_its_font_at_the_width_of_a_column()
    {
        foreach (var name in Files.Keys.Where(name => name.EndsWith(".pdf", StringComparison.Ordinal)))
        {
            var page = Encoding.Latin1.GetString(Files[name]);
            Assert.StartsWith("%PDF-", page, StringComparison.Ordinal);
            Assert.Contains("/FontFile2", page, StringComparison.Ordinal);
            Assert.Matches(@"/MediaBox \[0 0 24[01][.0-9]* \d", page);
            Assert.True(page.Length < 60_000, $"{name}: {page.Length} bytes");
        }

        var all = string.Concat(Run().Claims.Select(SvgFigure.For)) + BandFigure.Draw(BandFigureTests.Sample).Svg;
        Assert.Equal("", PdfFigure.Missing(Tags().Replace(all, "")));
        Assert.NotEmpty(PdfFigure.Of(BandFigure.Draw(BandFigureTests.Sample).Svg, PaperReport.ColumnWidth));
        Assert.Throws<FormatException>(() => PdfFigure.Of("<svg viewBox=\"0 0 1 1\"><image/></svg>", 100));
        Assert.Throws<FormatException>(() => PdfFigure.Of("<svg/>", 100));
    }

    /// <summary>Rows come in the order of the claims, bars reach from one end to the other, on both kinds of axis.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void An_overview_has_a_row_for_each_claim_where_its_numbers_are(double spread)
    {
        ClaimResult[] results = [.. Enumerable.Range(0, 5).Select(i => SampleRun.Curve with { Claim = SampleRun.Curve.Claim with { ObservationRow = i }, Lower = 0.1 * Math.Pow(spread, i / 4.0), Upper = 0.15 * Math.Pow(spread, i / 4.0) * (i + 1) })];
        var (svg, caption) = ForestFigure.Draw(results);
        Assert.Equal(spread > 30, caption.Contains("logarithmic", StringComparison.Ordinal));
        var labels = Row().Matches(svg).Select(match => (Y: double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), Row: match.Groups[2].Value)).ToArray();
        Assert.Equal(["0", "1", "2", "3", "4"], labels.OrderBy(label => label.Y).Select(label => label.Row));
        var bounds = Line().Matches(svg).Select(match => (X: double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), Y: double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture))).OrderBy(line => line.Y).ToArray();
        Assert.Equal(5, bounds.Length);
        double Scaled(double value) => spread > 30 ? Math.Log10(value) : value;
        var slope = (bounds[4].X - bounds[0].X) / (Scaled(results[4].Upper) - Scaled(results[0].Upper));
        Assert.All(bounds.Zip(results), pair => Assert.Equal(bounds[0].X + (slope * (Scaled(pair.Second.Upper) - Scaled(results[0].Upper))), pair.First.X, 0.2));
    }

    private static RunSummary Run() => SampleRun.Run with
    {
        Claims =
        [
            SampleRun.Curve with { Semantics = "float32", Float32 = 0.03700138 }, SampleRun.Surrogate, SampleRun.Map, SampleRun.Progress,
            SampleRun.Curve with { Claim = SampleRun.Curve.Claim with { ObservationRow = 4 }, Curve = [] }, SampleRun.Curve with { Claim = SampleRun.Curve.Claim with { ObservationRow = 5 }, Upper = double.PositiveInfinity, Curve = [] },
        ],
    };

    private static string Text(string name) => Encoding.UTF8.GetString(Files[name]);

    [GeneratedRegex(@"\\[{}]")]
    private static partial Regex Escapes();

    [GeneratedRegex(@"\\cite\{([^}]*)\}")]
    private static partial Regex Cite();

    [GeneratedRegex(@"^@\w+\{([^,]+),", RegexOptions.Multiline)]
    private static partial Regex Key();

    [GeneratedRegex("<style>.*?</style>|<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("y=\"([0-9.]+)\"[^>]*>row ([0-9])")]
    private static partial Regex Row();

    [GeneratedRegex("stroke=\"#1E5FA9\"[^>]*d=\"M([0-9.]+) ([0-9.]+)V")]
    private static partial Regex Line();
}
