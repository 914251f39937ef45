using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Certificates;

namespace Reports;

/// <summary>The report of one run as Markdown, for the summary page of a CI job: a table, then a line for each claim that was not proved.</summary>
public static partial class MarkdownReport
{
    /// <summary>Writes the report.</summary>
    public static void Write(RunSummary run, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Render(run));
    }

    /// <summary>The report as a string: GitHub-flavoured Markdown, lines ending in a line feed.</summary>
    public static string Render(RunSummary run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var page = new StringBuilder();
        void Line(params string[] parts) => page.AppendJoin("", parts).Append('\n');

        Line("## ", Phrases.Mark(run.Verdict), " ", Escape(run.Title), ": ", Phrases.Of(run.Verdict));
        Line();
        Line(Phrases.Tally(run), ".");
        Line();
        Line("| Claim | Metric | Norm | Radius | Row | Verdict | Certified | Attack | Gap | Claimed |");
        Line("|:--|:--|:--|--:|--:|:--|--:|--:|--:|--:|");
        foreach (var (i, result) in run.Claims.Index())
        {
            var (claim, reading) = (result.Claim, Reading.Of(result));
            Line("| ", string.Join(" | ", [
                Ordinal(i) + Escape(Phrases.Kind(claim)),
                Escape(Phrases.Metric(claim)) + (result.ExactMetric ? "" : " \\*"),
                Phrases.NormOf(claim),
                Phrases.Radius(claim),
                Phrases.Row(claim),
                $"{Phrases.Mark(result.Verdict)} {Phrases.Of(result)}",
                Reading.TableText(result) is var (first, second) && second is not null ? $"{first} to {second}" : first ?? "–",
                (Phrases.HasNoAttack(result) ? null : reading.AttackText(result.Lower, result.Upper)) ?? "–",
                Phrases.Gap(result),
                Phrases.Goal(claim),
            ]), " |");
        }

        if (run.Claims.Any(result => !result.ExactMetric))
        {
            Line();
            Line("\\* Both bounds are of a quantity that is never smaller than the metric.");
        }

        var open = run.Claims.Index().Where(entry => entry.Item.Verdict != Verdict.Proved).ToArray();
        if (open.Length > 0)
        {
            Line();
        }

        foreach (var (i, result) in open)
        {
            Line(
                "- **",
                Ordinal(i),
                Escape(Phrases.Kind(result.Claim)),
                " ",
                Phrases.Of(result.Verdict),
                ".** ",
                Escape(result.Text),
                result.Reason.Length > 0 ? " " + Escape(result.Reason) : "",
                result.Witness.IsDefaultOrEmpty ? "" : $" Witness {Phrases.Witness(result.Claim)} = " + Escape(Numbers.Near(result.Witness, 8)) + ".");
        }

        var commands = run.Claims.Where(result => result.Certificate.Length > 0).Select(result => Phrases.CheckCommand(result.Certificate)).ToArray();
        if (commands.Length > 0)
        {
            // A fence longer than any run of backticks inside cannot be closed from inside.
            var fence = new string('`', Math.Max(3, 1 + commands.Max(command => Backticks().Matches(command).Select(match => match.Length).DefaultIfEmpty(0).Max())));
            Line();
            Line(fence, "sh");
            foreach (var command in commands)
            {
                Line(Html.Legal(command));
            }

            Line(fence);
        }

        Line();
        Line("Model ", Escape(run.ModelName), ", SHA-256 ", Escape(run.ModelSha256), ".", run.Tool.Length > 0 ? $" {Escape(run.Tool)}." : "");
        return page.ToString();
    }

    /// <summary>Text that Markdown shows as it is: on one line, no markup, no HTML, no cell border.</summary>
    internal static string Escape(string text) =>
        Special().Replace(Breaks().Replace(Html.Legal(text), " "), match => match.Value switch { "<" => "&lt;", ">" => "&gt;", "&" => "&amp;", _ => "\\" + match.Value });

    /// <summary>"3\. ": a number that does not start a list.</summary>
    private static string Ordinal(int index) => (index + 1).ToString(CultureInfo.InvariantCulture) + "\\. ";

    [GeneratedRegex(@"[\\`*_{}\[\]()#!|~$<>&]")]
    private static partial Regex Special();

    [GeneratedRegex(@"\s*[\r\n\u0085\u2028\u2029]\s*")]
    private static partial Regex Breaks();

    [GeneratedRegex("`+")]
    private static partial Regex Backticks();
}
