using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Certificates;
using Guarantees.Claims;

namespace Reports;

/// <summary>The summary table of one run for a paper: LaTeX with <c>booktabs</c>, any engine.</summary>
public static partial class LatexReport
{
    /// <summary>Writes the table.</summary>
    public static void Write(RunSummary run, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Render(run));
    }

    /// <summary>The table as a string: a <c>table</c> environment, lines ending in a line feed.</summary>
    /// <param name="run">What the run found.</param>
    /// <param name="isWide">Whether it spans both columns of an article that has two.</param>
    public static string Render(RunSummary run, bool isWide = false)
    {
        ArgumentNullException.ThrowIfNull(run);
        var page = new StringBuilder();
        void Line(string text) => page.Append(text).Append('\n');

        Line(@"% Needs \usepackage{booktabs}.");
        Line($@"\begin{{table{(isWide ? "*" : "")}}}");
        Line(@"  \centering");
        Line($@"  \caption{{Certified bounds for {Escape(run.ModelName)} ({Escape(run.Family)}). {Escape(Phrases.Tally(run))}. "
            + @"A certified bound holds on the whole set; the attack is a value reached at a point of it."
            + (run.Claims.Any(result => !result.ExactMetric) ? @" $^{*}$Bounds of a quantity that is never smaller than the metric." : "")
            + "}");
        Line(@"  \begin{tabular}{lllrrlrrr}");
        Line(@"    \toprule");
        Line(@"    Claim & Metric & Norm & Radius & Row & Verdict & Certified & Attack & Claimed \\");
        Line(@"    \midrule");
        foreach (var result in run.Claims)
        {
            var (claim, reading) = (result.Claim, Reading.Of(result));
            Line("    " + string.Join(" & ", [
                Escape(Phrases.Kind(claim)),
                MetricOf(claim) + (result.ExactMetric ? "" : "$^{*}$"),
                Phrases.NormOf(claim).Length == 0 ? "--" : claim.Norm switch { Norm.L0 => @"$\ell_0$", Norm.L1 => @"$\ell_1$", Norm.L2 => @"$\ell_2$", _ => @"$\ell_\infty$" },
                Phrases.Radius(claim) is { Length: > 0 } radius ? string.Join(" to ", radius.Split(" to ").Select(Number)) : "--",
                Escape(Phrases.Row(claim)),
                Phrases.Of(result),
                Reading.TableText(result) is var (first, second) && second is not null ? $"{Number(first)} to {Number(second)}" : Number(first),
                Number(Phrases.HasNoAttack(result) ? null : reading.AttackText(result.Lower, result.Upper)),
                claim.AtMost is { } most ? @"$\leq$ " + Number(Numbers.Exact(most)) : claim.AtLeast is { } least ? @"$\geq$ " + Number(Numbers.Exact(least)) : "--",
            ]) + @" \\");
        }

        Line(@"    \bottomrule");
        Line(@"  \end{tabular}");
        Line($@"\end{{table{(isWide ? "*" : "")}}}");
        Line($"% Model SHA-256 {Breaks().Replace(Html.Legal(run.ModelSha256), " ")}");
        return page.ToString();
    }

    /// <summary>Text that LaTeX sets as it is.</summary>
    internal static string Escape(string text) => string.Concat(Breaks().Replace(Html.Legal(text), " ").Select(c => c switch
    {
        '\\' => @"\textbackslash{}",
        '{' or '}' or '$' or '&' or '#' or '_' or '%' => $@"\{c}",
        '^' => @"\textasciicircum{}",
        '~' => @"\textasciitilde{}",
        '<' => @"\textless{}",
        '>' => @"\textgreater{}",
        '|' => @"\textbar{}",
        '"' => @"\textquotedbl{}",
        'θ' => @"$\theta$",
        '∞' => @"$\infty$",
        'ℓ' => @"$\ell$",
        '≤' => @"$\leq$",
        '≥' => @"$\geq$",
        '×' => @"$\times$",
        '−' => "$-$",
        '²' => "$^2$",
        '³' => "$^3$",
        '·' => @"$\cdot$",
        >= '₀' and <= '₉' => $"$_{c - '₀'}$",
        'μ' => @"$\mu$",
        'σ' => @"$\sigma$",
        'π' => @"$\pi$",
        '’' => "'",
        '–' or '‒' => "--",
        '—' => "---",
        '…' => @"\ldots{}",
        _ => c.ToString(CultureInfo.InvariantCulture),
    }));

    private static string MetricOf(Claim claim) =>
        Phrases.Metric(claim) is var name && name == "Wasserstein-2" ? "$W_2$" : Escape(name);

    /// <summary>A number in math mode, powers of ten spelled out.</summary>
    internal static string Number(string? number)
    {
        if (number is null)
        {
            return "--";
        }

        var parts = number.Replace("∞", @"\infty", StringComparison.Ordinal).Replace('−', '-').Split('e');
        return parts.Length == 2 ? $@"${parts[0]} \times 10^{{{parts[1].TrimStart('+')}}}$" : $"${parts[0]}$";
    }

    [GeneratedRegex(@"\s*[\r\n\u0085\u2028\u2029]\s*")]
    private static partial Regex Breaks();
}
