using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Certificates;
using Guarantees.Claims;
using Xunit;

namespace Reports.Tests;

public class HtmlReportTests
{
    internal const string Attack = "</title><script>alert(1)</script><img src=x onerror=\"alert(2)\"> & 'quoted' \"text\" {{x}}";

    private static readonly string Page = HtmlReport.Render(SampleRun.Run);

    /// <summary>A run in which every free text tries to be markup.</summary>
    internal static RunSummary Hostile { get; } = SampleRun.Run with
    {
        Title = Attack,
        ModelName = Attack,
        ModelSha256 = Attack,
        Family = Attack,
        Network = Attack,
        Tool = Attack,
        Finished = Attack,
        Environment = [(Attack, Attack)],
        Claims = [.. SampleRun.Run.Claims.Select(claim => claim with { Text = Attack, Reason = Attack, Certificate = Attack, Semantics = Attack, TruthText = Attack, Truth = 1 })],
    };

    /// <summary>Two models, twenty claims each, the second one tighter.</summary>
    internal static RunSummary[] Two { get; } = [.. new[] { "first.onnx", "second.onnx" }.Select((name, m) => SampleRun.Run with
    {
        Title = name,
        ModelName = name,
        ModelSha256 = new string((char)('a' + m), 64),
        Claims = [.. Enumerable.Range(0, 10).SelectMany(i => new[] { SampleRun.Curve, SampleRun.Surrogate }.Select(one => one with
        {
            Claim = one.Claim with { ObservationRow = i },
            Lower = one.Lower * (1 + (0.1 * i)) / (1 + m),
            Upper = one.Upper * (1 + (0.1 * i)) / (1 + m),
        }))],
    })];

    [Fact]
    public void Several_runs_stand_side_by_side_with_one_numbering()
    {
        var page = HtmlReport.Render(Two);
        Assert.Contains("<h1>2 models side by side</h1>", page, StringComparison.Ordinal);
        Assert.Contains("20 of 40 claims proved, 20 refuted", page, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(1, 40), i => Assert.Equal(1, Regex.Count(page, $"id=\"claim-{i}\"")));
        Assert.Equal(20, Regex.Count(page, "class=\"best\""));
        Assert.All(Regex.Matches(page, "<a href=\"#claim-([0-9]+)\" class=\"best\"").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)), number => Assert.InRange(number, 21, 40));
        Assert.Contains("second.onnx: model and environment", page, StringComparison.Ordinal);
        Assert.Contains("The model second.onnx is the right one when its SHA-256 is", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Side by side", HtmlReport.Render(Two[0]), StringComparison.Ordinal);
        Assert.DoesNotContain("<h2 id=\"side\">", HtmlReport.Render([Two[0], Two[1] with { Claims = [SampleRun.Map] }]), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_claim_has_a_row_and_a_section()
    {
        for (var i = 1; i <= SampleRun.Run.Claims.Length; i++)
        {
            Assert.Contains($"href=\"#claim-{i}\"", Page, StringComparison.Ordinal);
            Assert.Contains($"id=\"claim-{i}\"", Page, StringComparison.Ordinal);
        }

        Assert.All(SampleRun.Run.Claims, claim => Assert.Contains(Html.Text(claim.Text).Markup, Page, StringComparison.Ordinal));
        Assert.Equal(SampleRun.Run.Claims.Length, Regex.Count(Page, "<figure>"));
    }

    [Fact]
    public void Every_verdict_is_a_word_beside_its_symbol()
    {
        // In the table, at the claim, and where the words are explained.
        Assert.Equal(2 + 2 + 1, Regex.Count(Page, "</svg>Proved</span>"));
        Assert.Equal(1 + 1 + 1, Regex.Count(Page, "</svg>Refuted</span>"));
        Assert.Equal(1 + 1 + 1, Regex.Count(Page, "</svg>Undecided</span>"));
        Assert.Contains("2 of 4 claims proved, 1 refuted, 1 undecided", Page, StringComparison.Ordinal);
        Assert.Contains("Why undecided:", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_certificate_has_its_command()
    {
        Assert.Contains(">certify check certificates/robustness-3.json</code>", Page, StringComparison.Ordinal);
        Assert.Contains("certify check &#x27;certificates/total variation 3.json&#x27;", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_surrogate_says_so_and_gives_the_bound_of_the_metric()
    {
        Assert.Equal(1, Regex.Count(Page, "Not the metric itself:"));
        Assert.Contains("The total variation itself is at least 0.13120 at the witness, which is more than claimed.", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_value_model_and_environment_are_given()
    {
        Assert.Contains("Lipschitz constant of the exact posterior", Page, StringComparison.Ordinal);
        Assert.Contains(SampleRun.Run.ModelSha256, Page, StringComparison.Ordinal);
        Assert.All(SampleRun.Run.Environment, pair => Assert.Contains($"<th scope=\"row\">{pair.Name}</th><td>{Html.Text(pair.Value)}</td>", Page, StringComparison.Ordinal));
        Assert.Contains("0.03700124508", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void At_least_claims_prove_the_lower_end()
    {
        var least = SampleRun.Progress with { Claim = SampleRun.Progress.Claim with { AtMost = null, AtLeast = 0.7 } };
        var page = HtmlReport.Render(SampleRun.Run with { Claims = [least] });
        Assert.Contains("<dt>Certified bound</dt><dd>at least <b>0.71203</b>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Best attack</dt><dd>at most <b>0.71831</b>", page, StringComparison.Ordinal);
        Assert.Contains("certified lower bound", page, StringComparison.Ordinal);
        Assert.DoesNotContain("certified upper bound", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_outside_is_never_markup()
    {
        var page = HtmlReport.Render(Hostile);
        Assert.Equal(1, Regex.Count(page, "<script", RegexOptions.IgnoreCase)); // the page's own
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Identifiers_are_unique_and_every_reference_has_its_target()
    {
        var ids = Regex.Matches(Page, "\\bid=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(ids.Distinct(), ids);
        var references = Regex.Matches(Page, "(?:href=\"#|aria-labelledby=\")([^\"]*)\"").Select(match => match.Groups[1].Value);
        Assert.All(references, reference => Assert.Contains(reference, ids));
    }

    [Fact]
    public void Nothing_is_loaded_from_anywhere()
    {
        var outside = Regex.Matches(Page, "(?:https?:)?//[a-z][^\"' <]*").Select(match => match.Value).Where(address => address != "http://www.w3.org/2000/svg");
        Assert.Empty(outside);
        Assert.Contains("default-src &#x27;none&#x27;".Replace("&#x27;", "'", StringComparison.Ordinal), Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Unfinished_results_are_written_too()
    {
        var nothing = new ClaimResult { Claim = new() { Kind = ClaimKind.Lipschitz }, Verdict = Verdict.Undecided, Lower = double.NegativeInfinity, Upper = double.PositiveInfinity };
        var page = HtmlReport.Render(SampleRun.Run with { Claims = [nothing], Environment = default });
        Assert.Contains("no bound", page, StringComparison.Ordinal);
        Assert.Contains("none found", page, StringComparison.Ordinal);
        Assert.Contains("none was written", page, StringComparison.Ordinal);
        Assert.Contains("Undecided", HtmlReport.Render(SampleRun.Run with { Claims = [nothing] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_with_many_claims_stays_small()
    {
        var wide = SampleRun.Map with { Map = SampleRun.Cells(9), Witness = [.. Enumerable.Range(0, 3000).Select(i => i / 7.0)] };
        var page = HtmlReport.Render(SampleRun.Run with { Claims = [.. Enumerable.Repeat(wide, 100)] });
        Assert.InRange(Encoding.UTF8.GetByteCount(page), 500_000, 2_000_000);
        Assert.Contains("No figure here", page, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(Page), 20_000, 100_000);
    }

    [Fact]
    public void Writing_gives_the_rendered_page()
    {
        using var writer = new StringWriter();
        HtmlReport.Write(SampleRun.Run, writer);
        Assert.Equal(Page, writer.ToString());
    }
}
