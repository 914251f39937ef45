using System.Globalization;
using System.Text;

namespace Reports;

/// <summary>A gate as Markdown, for the summary page of a CI job: what fails and what to do, then a table.</summary>
public static class GateSummary
{
    /// <summary>Rows of the table; a job summary holds 1 MiB.</summary>
    private const int MostRows = 1000;

    /// <summary>The page: GitHub-flavoured Markdown, lines ending in a line feed.</summary>
    public static string Render(GateReport gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        var page = new StringBuilder();
        void Line(params string[] parts) => page.AppendJoin("", parts).Append('\n');

        Line("## ", Mark(gate.Effect), " ", MarkdownReport.Escape(gate.SpecFile), ": the gate ", gate.Verdict);
        Line();
        Line(MarkdownReport.Escape(gate.Headline));
        Line();
        foreach (var row in gate.Told.Take(MostRows))
        {
            Line("- **", Mark(row.Effect), " ", MarkdownReport.Escape(row.Name), "** ", MarkdownReport.Escape(row.Message), row.Replay.Length > 0 ? $" Replay: {Code(row.Replay)}" : "");
        }

        if (gate.Effect != GateEffect.Passes)
        {
            Line();
            Line("If what is now is right, make it the baseline and commit it: ", Code(gate.Accept));
        }

        if (gate.Told.Any())
        {
            Line();
        }

        Line("| Claim | Row | Baseline | Now | Claimed | Verdict | Gate |");
        Line("|:--|--:|--:|--:|--:|:--|:--|");
        foreach (var row in gate.Rows.Where(row => row.Now is not null).Take(MostRows))
        {
            var result = row.Now!;
            Line("| ", string.Join(" | ", [
                $"{MarkdownReport.Escape(Phrases.Kind(result.Claim))}, {MarkdownReport.Escape(Phrases.Metric(result.Claim))}",
                Phrases.Row(result.Claim),
                row.Before is { } before ? Reading.Of(result).CertifiedText(before.Lower, before.Upper) ?? "–" : "–",
                Reading.Of(result).CertifiedText(result.Lower, result.Upper) ?? "–",
                Phrases.Goal(result.Claim),
                $"{Phrases.Mark(result.Verdict)} {Phrases.Of(result)}",
                $"{Mark(row.Effect)} {JUnitReport.Words(row.Change)}",
            ]), " |");
        }

        if (gate.Rows.Count(row => row.Now is not null) is var claims && claims > MostRows)
        {
            Line();
            Line(string.Create(CultureInfo.InvariantCulture, $"{claims - MostRows} more claims are in the report."));
        }

        Line();
        Line("Model ", MarkdownReport.Escape(gate.Run.ModelName), ", SHA-256 ", MarkdownReport.Escape(gate.Run.ModelSha256), ". ", MarkdownReport.Escape(gate.Run.Tool), ".");
        return page.ToString();
    }

    private static string Mark(GateEffect effect) => effect switch { GateEffect.Fails => "✗", GateEffect.Undecided => "?", GateEffect.Tells => "ℹ", _ => "✓" };

    /// <summary>A code span that nothing inside can close.</summary>
    private static string Code(string text)
    {
        var line = Html.Legal(text).ReplaceLineEndings(" ");
        var longest = Runs(line);
        var fence = new string('`', longest + 1);
        return longest == 0 ? $"`{line}`" : $"{fence} {line} {fence}";
    }

    /// <summary>The longest run of backticks.</summary>
    private static int Runs(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
