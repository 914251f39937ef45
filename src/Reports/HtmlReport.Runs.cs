using System.Security.Cryptography;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Claims;

namespace Reports;

/// <content>Several runs on one page, the script, and witnesses in numbers.</content>
public static partial class HtmlReport
{
    private static Html Script { get; } = new(Resource("HtmlReport.js"));

    /// <summary>What the browser compares: the element's text, with the line breaks around it.</summary>
    private static string ScriptHash { get; } = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"\n{Script.Markup}\n")));

    /// <summary>All claims with numbers from 1 through all runs.</summary>
    private static IEnumerable<(RunSummary Run, ClaimResult Result, int Number)> Numbered(IReadOnlyList<RunSummary> runs) =>
        runs.SelectMany(run => run.Claims.Select(result => (run, result))).Select((item, i) => (item.run, item.result, i + 1));

    /// <summary>The runs as one, for the verdict and the tally.</summary>
    private static RunSummary Together(IReadOnlyList<RunSummary> runs) => runs.Count == 1 ? runs[0] : runs[0] with
    {
        Title = runs.Select(run => run.ModelSha256).Distinct().Count() is var models && models == runs.Count ? $"{models} models side by side" : $"{runs.Count} runs side by side",
        Claims = [.. runs.SelectMany(run => run.Claims)],
        Unanswered = runs.Sum(run => run.Unanswered),
        Finished = runs.Max(run => run.Finished) ?? "",
    };

    /// <summary>Questions that two runs or more answer, one a row, with what each run certifies.</summary>
    private static Html SideBySide(IReadOnlyList<RunSummary> runs)
    {
        var questions = Numbered(runs).GroupBy(item => Question(item.Result.Claim)).Where(group => group.Select(item => item.Run).Distinct().Count() > 1).ToArray();
        return questions.Length == 0 ? Html.Empty : Html.Of($"""
            <section aria-labelledby="side">
            <h2 id="side">Side by side</h2>
            <div class="side" tabindex="0" role="region" aria-labelledby="side">
            <table>
            <caption>Certified bounds for the questions that more than one run answers; the tightest in bold.</caption>
            <thead><tr><th scope="col">Claim</th>{runs.Select(run => Html.Of($"<th scope=\"col\">{run.Title}</th>"))}</tr></thead>
            <tbody>
            {questions.Select(question => Row(runs, [.. question]))}
            </tbody>
            </table>
            </div>
            </section>
            """);
    }

    private static Html Row(IReadOnlyList<RunSummary> runs, (RunSummary Run, ClaimResult Result, int Number)[] answers)
    {
        var first = answers[0].Result;
        var reading = Reading.Of(first);
        double Bound(ClaimResult result) => reading.Certified(result.Lower, result.Upper);
        var best = reading.FromBelow ? answers.Max(answer => Bound(answer.Result)) : answers.Min(answer => Bound(answer.Result));
        return Html.Of($"<tr><th scope=\"row\">{Phrases.Kind(first.Claim)}<span class=\"detail\">{Subtitle(first)}</span></th>{runs.Select(Cell)}</tr>\n");

        Html Cell(RunSummary run) => answers.FirstOrDefault(answer => ReferenceEquals(answer.Run, run)) is { Result: { } result } answer
            ? Html.Of($"<td class=\"{Phrases.Of(result.Verdict)}\">{Icon(result.Verdict)}<span class=\"hidden\">{Phrases.Of(result)}: </span><a href=\"#claim-{answer.Number}\"{(Bound(result) == best && double.IsFinite(best) ? Html.Of($" class=\"best\"") : Html.Empty)}>{InTable(result)}</a></td>")
            : Html.Of($"<td><span aria-label=\"not asked\">–</span></td>");
    }

    /// <summary>What a claim asks, whatever it claims: answers to equal questions can be compared.</summary>
    private static string Question(Claim claim) => Encoding.UTF8.GetString(CertificateFile.ToBytes(claim with { AtMost = null, AtLeast = claim.AsksForSmallest ? 0 : null }));

    /// <summary>The witness coordinate by coordinate, beside the observation and how far it may move.</summary>
    private static Html WitnessInNumbers(ClaimResult result, int number)
    {
        var (claim, witness) = (result.Claim, result.Witness);
        if (witness.IsDefaultOrEmpty || claim.Observation.IsDefaultOrEmpty || witness.Length != claim.Observation.Length)
        {
            return Html.Empty;
        }

        var rows = Enumerable.Range(0, Math.Min(witness.Length, VectorLimit)).Select(i => Html.Of(
            $"<tr><th scope=\"row\">x<sub>{i}</sub></th><td class=\"n\">{Numbers.Exact(claim.Observation[i])}</td><td class=\"n\">{Numbers.Exact(witness[i])}</td><td class=\"n\">{Numbers.Near(witness[i] - claim.Observation[i], 4)}</td><td class=\"n\">{(claim.Radius.Length == witness.Length ? Numbers.Near(claim.Radius[i], 4) : claim.Radius.Length == 1 ? Numbers.Near(claim.Radius[0], 4) : "")}</td></tr>\n"));
        return Html.Of($"""
            <details><summary>The witness in numbers</summary>
            <table class="pairs findings"><caption class="hidden">The witness of claim {number} beside the observation</caption>
            <thead><tr><th scope="col">of</th><th scope="col" class="n">observed</th><th scope="col" class="n">witness</th><th scope="col" class="n">moved by</th><th scope="col" class="n">radius</th></tr></thead><tbody>
            {rows}
            </tbody></table>
            {(witness.Length > VectorLimit ? Html.Of($"<p class=\"note\">{witness.Length - VectorLimit} more coordinates are in the certificate.</p>") : Html.Empty)}
            </details>

            """);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
