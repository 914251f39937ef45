using System.Globalization;
using Guarantees.Certificates;

namespace Reports;

/// <summary>The report of one run, or of several side by side, as a single HTML page.</summary>
/// <remarks>
/// The page needs nothing but itself: no request, fonts of the reader's system, and one script of its own that sorts and filters (its content policy, by the script's hash, forbids any other); without it
/// the page says the same. It follows the reader's light or dark setting, prints on paper, reads on a phone and with a screen reader. Printed bounds are rounded outward, so that a
/// shortened number is still a bound.
/// </remarks>
public static partial class HtmlReport
{
    /// <summary>Characters of figures on one page; claims past it, in order of the spec, go without, so that a page with many claims stays small.</summary>
    internal const int FigureBudget = 1_200_000;

    /// <summary>Coordinates of a vector that are printed; the certificate has all.</summary>
    private const int VectorLimit = 32;

    private static readonly string[] Columns = ["Claim", "Metric", "Norm", "Radius", "Row", "Verdict", "Certified", "Attack", "Gap", "Claimed"];

    /// <summary>Writes the page.</summary>
    /// <param name="run">What the run found.</param>
    /// <param name="writer">Where to; UTF-8, as the page says.</param>
    public static void Write(RunSummary run, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Render(run));
    }

    /// <summary>The page as a string.</summary>
    public static string Render(RunSummary run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Render([run]);
    }

    /// <summary>One page for several runs: of other models, or of one at another time. Each has its title.</summary>
    /// <param name="runs">At least one.</param>
    public static string Render(IReadOnlyList<RunSummary> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfZero(runs.Count);
        var run = Together(runs);
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '{ScriptHash}'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{run.Title}: {Phrases.Of(run.Verdict)}</title>
            <link rel="icon" href="data:,">
            <style>
            {StyleSheet}
            </style>
            </head>
            <body>
            <a class="skip" href="#summary">Skip to the summary</a>
            {Header(run)}
            <main>
            {Summary(runs)}
            {SideBySide(runs)}
            {Sections(runs)}
            {runs.Select((one, i) => Provenance(one, i, runs.Count))}
            {HowToCheck(runs)}
            {Meanings}
            {Draws(run)}
            </main>
            <script>
            {Script}
            </script>
            <footer><p>{(run.Tool.Length > 0 ? "Written by " + run.Tool + (run.Finished.Length > 0 ? ", " : "") : "")}{Time(run.Finished)}</p></footer>
            </body>
            </html>

            """).Markup;
    }

    private static Html StyleSheet { get; } = new(Resource("HtmlReport.css"));

    /// <summary>What a confidence beside a verdict means, where there is one.</summary>
    private static Html Draws(RunSummary run) => run.Claims.Any(Phrases.HasNoAttack)
        ? Html.Of($"<p>A verdict with a <em>confidence</em> rests on draws: its bound is on the right side with that probability over the draws, if they are independent and come from the law that the claim names, their number and the event fixed before they were seen.</p>")
        : Html.Empty;

    private static Html Meanings { get; } = Html.Of($"""
        <section aria-labelledby="meanings">
        <h2 id="meanings">What the verdicts mean</h2>
        <dl class="meanings">
        {Enum.GetValues<Verdict>().Select(verdict => Html.Of($"<div><dt>{Badge(verdict)}</dt><dd>{Phrases.Meaning(verdict)}</dd></div>\n"))}
        </dl>
        <p>A <em>certified bound</em> is proved for every point of the set. The <em>attack</em> is a value that was reached at a concrete point, the witness.
        The true extreme value lies between the two. Printed bounds are rounded outward.</p>
        </section>
        """);

    private static Html Header(RunSummary run) => Html.Of($"""
        <header>
        <p class="eyebrow">Certification report</p>
        <h1>{run.Title}</h1>
        <p class="overall {Phrases.Of(run.Verdict)}">{Icon(run.Verdict)}<span><strong>{Phrases.Capital(Phrases.Of(run.Verdict))}</strong><span class="tally">{Phrases.Tally(run)}</span></span></p>
        </header>
        """);

    // The roles repeat what the elements say: narrow screens lay the table out as cards, and a browser then forgets that it is a table.
    private static Html Summary(IReadOnlyList<RunSummary> runs) => Html.Of($"""
        <section aria-labelledby="summary">
        <h2 id="summary">Summary</h2>
        <table class="summary{(runs.Count > 1 ? " many" : "")}" role="table">
        <caption>Every claim with its certified bound and the value that the best attack reached.</caption>
        <thead role="rowgroup"><tr role="row">{Columns.Take(1).Concat(runs.Count > 1 ? ["Model"] : []).Concat(Columns.Skip(1)).Select(ColumnHead)}</tr></thead>
        <tbody role="rowgroup">
        {Numbered(runs).Select(item => SummaryRow(item.Result, item.Number, runs.Count > 1 ? item.Run.Title : null))}
        </tbody>
        </table>
        </section>
        """);

    private static Html ColumnHead(string name) => name is not ("Claim" or "Model" or "Metric" or "Norm" or "Verdict")
        ? Html.Of($"<th role=\"columnheader\" scope=\"col\" class=\"n\">{name}</th>")
        : Html.Of($"<th role=\"columnheader\" scope=\"col\">{name}</th>");

    private static Html SummaryRow(ClaimResult result, int number, string? model)
    {
        var claim = result.Claim;
        return Html.Of($"""
            <tr role="row">
            <th role="rowheader" scope="row"><a href="#claim-{number}">{number}. {Phrases.Kind(claim)}</a></th>
            {(model is null ? Html.Empty : Cell("Model", model))}
            {Cell("Metric", Phrases.Metric(claim))}
            {Cell("Norm", Phrases.NormOf(claim))}
            {Cell("Radius", Phrases.Radius(claim), "n")}
            {Cell("Row", Phrases.Row(claim), "n")}
            <td role="cell" data-label="Verdict">{Badge(result)}</td>
            {Cell("Certified", InTable(result), "n certified")}
            {Cell("Attack", Attack(result), "n attack")}
            {Cell("Gap", Phrases.Gap(result), "n")}
            {Cell("Claimed", Phrases.Goal(claim), "n")}
            </tr>

            """);
    }

    private static Html Cell(string label, string text, string classes = "") => Html.Of(
        $"<td role=\"cell\" data-label=\"{label}\" class=\"{classes}\">{(text.Length > 0 ? Html.Text(text) : Html.Of($"<span aria-label=\"none\">–</span>"))}</td>");

    private static IEnumerable<Html> Sections(IReadOnlyList<RunSummary> runs)
    {
        var drawn = 0;
        foreach (var (run, result, number) in Numbered(runs))
        {
            var figure = Html.Of($"<p class=\"note\">No figure here: the page has many claims and stays small.</p>");
            if (drawn < FigureBudget)
            {
                var svg = SvgFigure.For(result, out var caption);
                drawn += svg.Length;
                figure = Html.Of($"<figure>{new Html(svg)}<figcaption>{caption}</figcaption></figure>");
            }

            yield return Section(result, number, figure, runs.Count > 1 ? run.Title : null);
        }
    }

    private static Html Section(ClaimResult result, int number, Html figure, string? model)
    {
        var claim = result.Claim;
        return Html.Of($"""
            <section class="claim" aria-labelledby="claim-{number}">
            <div class="heading"><h2 id="claim-{number}"><span class="number">{number}</span> {Phrases.Kind(claim)}<span class="detail">{(model is null ? "" : model + ": ")}{Subtitle(result)}</span></h2>{Badge(result)}</div>
            <div class="columns">
            <div>
            {(result.Text.Length > 0 ? Html.Of($"<p class=\"text\">{result.Text}{(result.Consequence.Length > 0 ? " " : "")}{result.Consequence}</p>") : Html.Empty)}
            <dl class="bounds">
            <div class="certified"><dt>Certified bound</dt><dd>{(HasBound(result) ? Reading.Of(result).CertifiedSide + " " : "")}<b>{Certified(result)}</b><small>{(HasBound(result) ? Phrases.Certainty(claim) : "none was proved")}</small></dd></div>
            <div class="attack"><dt>{(claim.Pairs is null ? "Best attack" : "Other end")}</dt><dd>{(HasAttack(result) || claim.Pairs is not null ? Reading.Of(result).AttackSide + " " : "")}<b>{(claim.Pairs is null ? Attack(result) : Reading.Of(result).OtherText(result.Lower, result.Upper))}</b><small>{(claim.Pairs is not null ? "with the same confidence" : Phrases.HasNoAttack(result) ? "draws are no witness" : result.Witness.IsDefaultOrEmpty ? "no witness was found" : "reached at the witness")}</small></dd></div>
            {Tile("Claimed", Phrases.Goal(claim), claim.AtMost is null && claim.AtLeast is null ? "" : "what the specification asks for")}
            {Tile("Gap", Phrases.Gap(result), Ratio(result))}
            {(result.Truth is { } truth ? Html.Of($"<div><dt>For comparison</dt><dd><small>{result.TruthText}</small><b>{Numbers.Near(truth, 6)}</b></dd></div>\n") : Html.Empty)}
            </dl>
            {Reason(result)}
            {Surrogate(result)}
            {Witness(result)}
            {Certificate(result)}
            </div>
            {figure}
            </div>
            {Findings(result, number)}
            {WitnessInNumbers(result, number)}
            {FullPrecision(result, number)}
            </section>

            """);
    }

    private static string Subtitle(ClaimResult result)
    {
        var claim = result.Claim;
        var ball = claim.Pairs is { } pairs ? string.Create(CultureInfo.InvariantCulture, $"{pairs.Pairs} pairs") : claim.ObservationRow < 0 ? "over the domain" : string.Create(CultureInfo.InvariantCulture, $"observation row {claim.ObservationRow}");
        var norm = Phrases.NormOf(claim);
        var size = norm.Length == 0 ? "" : Phrases.Radius(claim) is { Length: > 0 } radius ? $", {norm} radius {radius}" : $", {norm} norm";
        return $"{Phrases.Metric(claim)}, {ball}{size}";
    }

    private static bool HasBound(ClaimResult result) => double.IsFinite(Reading.Of(result).Certified(result.Lower, result.Upper));

    private static bool HasAttack(ClaimResult result) => !Phrases.HasNoAttack(result) && double.IsFinite(Reading.Of(result).Attack(result.Lower, result.Upper));

    private static string Certified(ClaimResult result) => Reading.Of(result).CertifiedText(result.Lower, result.Upper) ?? "no bound";

    private static string InTable(ClaimResult result) => Reading.TableText(result) is var (first, second) && second is not null ? $"{first} to {second}" : first ?? "no bound";

    private static string Attack(ClaimResult result) => Phrases.HasNoAttack(result) ? "–" : Reading.Of(result).AttackText(result.Lower, result.Upper) ?? "none found";

    private static string Ratio(ClaimResult result) => result.Claim.Pairs is not null ? "between the two ends" : result.Lower > 0 && !Reading.Of(result).FromBelow
        ? $"the bound is {Numbers.Up(result.Upper / result.Lower, 4)} times the attack"
        : "between bound and attack";

    private static Html Tile(string name, string value, string small) =>
        value.Length == 0 ? Html.Empty : Html.Of($"<div><dt>{name}</dt><dd><b>{value}</b><small>{small}</small></dd></div>\n");

    private static Html Reason(ClaimResult result) => result.Reason.Length == 0
        ? Html.Empty
        : Html.Of($"<p class=\"note reason\"><strong>Why {Phrases.Of(result.Verdict)}:</strong> {result.Reason}</p>\n");

    private static Html Surrogate(ClaimResult result)
    {
        if (result.ExactMetric)
        {
            return Html.Empty;
        }

        var metric = result.MetricLower is { } lower
            ? $" The {Phrases.MetricNoun(result.Claim)} itself is at least {Numbers.Down(lower)} at the witness"
                + (result.Claim.AtMost is { } most && lower > most ? ", which is more than claimed." : ".")
            : "";
        return Html.Of($"""
            <p class="note"><strong>Not the metric itself:</strong> both bounds are of a quantity that is never smaller than the {Phrases.MetricNoun(result.Claim)}.{metric}</p>

            """);
    }

    private static Html Witness(ClaimResult result) => result.Witness.IsDefaultOrEmpty
        ? Html.Empty
        : Html.Of($"<p class=\"fact\"><span>Witness</span> <span class=\"vector\">{Phrases.Witness(result.Claim)} = {Numbers.Near(result.Witness, 8)}</span></p>\n");

    private static Html Certificate(ClaimResult result) => result.Certificate.Length == 0
        ? Html.Of($"<p class=\"fact\"><span>Certificate</span> none was written</p>\n")
        : Html.Of($"<p class=\"fact\"><span>Check it</span> <code class=\"command\">{Phrases.CheckCommand(result.Certificate)}</code></p>\n");

    private static Html Findings(ClaimResult result, int number) => result.Findings.IsDefaultOrEmpty ? Html.Empty : Html.Of($"""
        <details><summary>All numbers that were found</summary>
        <table class="pairs findings"><caption class="hidden">What the pairs say about claim {number}</caption>
        <thead><tr><th scope="col">of</th><th scope="col">what</th><th scope="col" class="n">seen</th><th scope="col" class="n">between</th></tr></thead><tbody>
        {result.Findings.Select(Row)}
        </tbody></table></details>

        """);

    private static Html Row(Finding finding) => Html.Of($"<tr><th scope=\"row\">{finding.Name}</th><td>{finding.Measure}</td><td class=\"n\">{Seen(finding.Seen)}</td><td class=\"n\">{(finding is { Lower: { } lower, Upper: { } upper } ? $"{Numbers.Down(lower)} and {Numbers.Up(upper)}" : "")}</td></tr>\n");

    private static string Seen(double value) => double.IsFinite(value) ? Numbers.Near(value, 6) : value > 0 ? "infinite" : "−infinite";

    private static Html FullPrecision(ClaimResult result, int number)
    {
        var claim = result.Claim;
        var rows = new List<(string Name, string Value)>
        {
            ("claim", claim.Name),
            ("metric", Guarantees.Claims.Words.Of(claim.Metric)),
            ("norm", Guarantees.Claims.Words.Of(claim.Norm)),
            ("upper" + (Reading.Of(result).FromBelow ? " (attack)" : " (certified)"), Numbers.Exact(result.Upper)),
            ("lower" + (Reading.Of(result).FromBelow ? " (certified)" : " (attack)"), Numbers.Exact(result.Lower)),
            ("lower bound of the metric", result.MetricLower is { } lower ? Numbers.Exact(lower) : ""),
            ("at most", claim.AtMost is { } most ? Numbers.Exact(most) : ""),
            ("at least", claim.AtLeast is { } least ? Numbers.Exact(least) : ""),
            ("for comparison", result.Truth is { } truth ? Numbers.Exact(truth) : ""),
            ("observation", Vector(claim.Observation)),
            ("radius", Vector(claim.Radius)),
            ("domain, lower corner", Vector(claim.DomainLower)),
            ("domain, upper corner", Vector(claim.DomainUpper)),
            ("witness", Vector(result.Witness)),
            ("draws", claim.Draws is { } draws ? string.Create(CultureInfo.InvariantCulture, $"{draws.Hits} of {draws.Draws} in {draws.File}, SHA-256 {draws.Sha256}, confidence {draws.Confidence:R}") : ""),
            ("draws of the prior", claim.Prior is { } prior ? string.Create(CultureInfo.InvariantCulture, $"{prior.Count} {(prior.Law is { } law ? $"from the seed, {law}" : $"in {prior.File}, SHA-256 {prior.Sha256}")}, confidence {prior.Confidence:R}") : ""),
            ("pairs", claim.Pairs is { } pairs ? string.Create(CultureInfo.InvariantCulture, $"{pairs.Pairs} in {pairs.File}, SHA-256 {pairs.Sha256}, {pairs.Draws} draws each{(pairs.SamplesFile.Length > 0 ? $" in {pairs.SamplesFile}, SHA-256 {pairs.SamplesSha256}" : "")}, confidence {pairs.Confidence:R}") : ""),
            ("semantics", result.Semantics),
            ("for every float32 execution", result.Float32 is { } float32 ? Numbers.Exact(float32) : result.Float32Reason),
            ("search time", Numbers.Near(result.Seconds, 4) + " s"),
            ("certificate", result.Certificate),
        };
        return Html.Of($"""
            <details><summary>Full precision</summary>
            <table class="pairs"><caption class="hidden">Claim {number} in full precision</caption><tbody>
            {rows.Where(row => row.Value.Length > 0).Select(Pair)}
            </tbody></table></details>
            """);
    }

    private static string Vector(System.Collections.Immutable.ImmutableArray<double> vector) =>
        vector.IsDefaultOrEmpty ? "" : Numbers.Exact(vector, VectorLimit);

    private static Html Pair((string Name, string Value) pair) => Html.Of($"<tr><th scope=\"row\">{pair.Name}</th><td>{pair.Value}</td></tr>\n");

    private static Html Provenance(RunSummary run, int index, int count)
    {
        var id = count > 1 ? string.Create(CultureInfo.InvariantCulture, $"provenance-{index + 1}") : "provenance";
        var rows = new List<(string, string)> { ("Model", run.ModelName), ("SHA-256", run.ModelSha256), ("Network", run.Network), ("Family", run.Family), ("Tool", run.Tool), ("Finished", run.Finished) };
        rows.AddRange(run.Environment.IsDefault ? [] : run.Environment);
        return Html.Of($"""
            <section aria-labelledby="{id}">
            <h2 id="{id}">{(count > 1 ? run.Title + ": model" : "Model")} and environment</h2>
            <table class="pairs"><caption class="hidden">The model that was certified, and where</caption><tbody>
            {rows.Where(row => row.Item2.Length > 0).Select(Pair)}
            </tbody></table>
            </section>
            """);
    }

    private static Html HowToCheck(IReadOnlyList<RunSummary> runs)
    {
        var models = runs.DistinctBy(run => run.ModelSha256).ToArray();
        var commands = Numbered(runs).Where(item => item.Result.Certificate.Length > 0).Select(item => Phrases.CheckCommand(item.Result.Certificate)).ToArray();
        return Html.Of($"""
            <section aria-labelledby="check">
            <h2 id="check">How to check this report</h2>
            <p>The search that found these bounds need not be believed. Each certificate holds the evidence; the checker re-derives every bound from it with outward
            rounding, without the search, a solver or a GPU. It exits with 0 only when every proved statement was derived again. Run it in the folder of this report,
            with the model{(models.Length == 1 ? "" : "s")} {models.Select((run, i) => Html.Of($"{(i > 0 ? ", " : "")}<strong>{run.ModelName}</strong>"))} at hand:</p>
            {(commands.Length > 0 ? Html.Of($"<pre tabindex=\"0\" aria-label=\"Commands that check the certificates\"><code>{string.Join('\n', commands)}</code></pre>") : Html.Of($"<p class=\"note\">This run wrote no certificate.</p>"))}
            {models.Select(run => Html.Of($"<p>The model {(models.Length == 1 ? "" : run.ModelName + " ")}is the right one when its SHA-256 is <code class=\"hash\">{run.ModelSha256}</code>.</p>\n"))}
            </section>
            """);
    }

    private static Html Time(string finished) => finished.Length == 0 ? Html.Empty : Html.Of($"<time>{finished}</time>");

    private static Html Badge(Verdict verdict) => Html.Of($"<span class=\"badge {Phrases.Of(verdict)}\">{Icon(verdict)}{Phrases.Capital(Phrases.Of(verdict))}</span>");

    private static Html Badge(ClaimResult result) => Html.Of($"<span class=\"badge {Phrases.Of(result.Verdict)}\">{Icon(result.Verdict)}{Phrases.Capital(Phrases.Of(result))}</span>");

    /// <summary>Verdicts differ in shape, not only in colour: a disc with a tick, a diamond with a cross, an open ring with a question mark.</summary>
    private static Html Icon(Verdict verdict) => new(
        "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">" + verdict switch
        {
            Verdict.Proved => "<circle cx=\"10\" cy=\"10\" r=\"9\" fill=\"currentColor\"/><path class=\"cut\" d=\"M5.8 10.4l2.9 2.9 5.6-6.2\"/>",
            Verdict.Refuted => "<path d=\"M10 .4 19.6 10 10 19.6 .4 10z\" fill=\"currentColor\"/><path class=\"cut\" d=\"M7.2 7.2l5.6 5.6M12.8 7.2l-5.6 5.6\"/>",
            _ => "<circle cx=\"10\" cy=\"10\" r=\"8.2\" class=\"open\"/><path class=\"open\" d=\"M7.6 8a2.4 2.4 0 1 1 3.7 2c-.9.6-1.3 1-1.3 2\"/><circle cx=\"10\" cy=\"14.6\" r=\"1.1\" fill=\"currentColor\"/>",
        } + "</svg>");
}
