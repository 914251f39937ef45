using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Guarantees.Certificates;
using Xunit;

namespace Reports.Tests;

/// <summary>The files of a gate are valid, say what there is to say, and nothing in a name breaks them.</summary>
public sealed class GateFilesTests
{
    private static readonly GateReport Gate = Of("specs/guarantees.yaml", "100 % of a:b, c\nd");
    private static readonly GateReport Hostile = Of("sp:ec s/a%b,c.yaml", "</failure>]]>&\"\u0001\u2028\uFFFE\r\n::error::x `` | <script>");

    public static TheoryData<bool> Both => [false, true];

    [Theory, MemberData(nameof(Both))]
    public async Task Sarif_is_valid_and_has_a_result_for_each_line_that_does_not_pass(bool hostile)
    {
        var gate = hostile ? Hostile : Gate;
        var bytes = SarifReport.ToBytes(gate);

        Assert.Empty(await Schemas.Sarif(bytes));
        var run = JsonNode.Parse(bytes)!["runs"]![0]!;
        var results = run["results"]!.AsArray();
        Assert.Equal(["error", "error", "warning", "note"], results.Select(result => (string?)result!["level"]));
        Assert.All(results, result => Assert.Equal((string?)result!["ruleId"], (string?)run["tool"]!["driver"]!["rules"]![(int)result["ruleIndex"]!]!["id"]));
        var lost = results[0]!;
        Assert.Equal("lost", (string?)lost["ruleId"]);
        Assert.Contains("0.36", (string?)lost["message"]!["text"], StringComparison.Ordinal);
        Assert.Equal([0.36, -0.77], lost["properties"]!["witness"]!.AsArray().Select(x => (double)x!));
        var place = lost["locations"]![0]!["physicalLocation"]!;
        Assert.Equal(hostile ? "sp%3Aec%20s/a%25b%2Cc.yaml" : "specs/guarantees.yaml", (string?)place["artifactLocation"]!["uri"]);
        Assert.Equal(7, (int)place["region"]!["startLine"]!);
        Assert.NotEmpty(await Schemas.Sarif(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"ruleId\"", "\"rule\"", StringComparison.Ordinal))));
    }

    [Theory, MemberData(nameof(Both))]
    public void JUnit_is_valid_and_counts_what_it_holds(bool hostile)
    {
        var gate = hostile ? Hostile : Gate;
        var bytes = JUnitReport.ToBytes(gate);

        Assert.Empty(Schemas.JUnit(bytes));
        var suite = XDocument.Load(new MemoryStream(bytes)).Root!.Element("testsuite")!;
        Assert.Equal((int)suite.Attribute("tests")!, suite.Elements("testcase").Count());
        Assert.Equal((int)suite.Attribute("failures")!, suite.Descendants("failure").Count());
        Assert.Equal((int)suite.Attribute("errors")!, suite.Descendants("error").Count());
        Assert.Equal(["lost", "undecided"], suite.Descendants("failure").Select(failure => (string)failure.Attribute("type")!));
        Assert.Equal("broken", (string)Assert.Single(suite.Descendants("error")).Attribute("type")!);
        Assert.Contains($"{gate.SpecFile}:7:5: ", suite.Descendants("failure").First().Value, StringComparison.Ordinal);
        Assert.NotEmpty(Schemas.JUnit(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("classname=", "class=", StringComparison.Ordinal))));
    }

    [Fact]
    public void GitHub_reads_back_what_was_written()
    {
        foreach (var (gate, lines) in new[] { (Gate, Annotations.ForGitHub(Gate).ToArray()), (Hostile, Annotations.ForGitHub(Hostile).ToArray()) })
        {
            Assert.Equal(["error", "error", "warning", "notice"], lines.Select(line => line[2..line.IndexOf(' ', StringComparison.Ordinal)]));
            var match = Regex.Match(Assert.Single(lines, line => line.Contains("line=7", StringComparison.Ordinal)), "^::error file=([^,:]*),line=7,col=5,title=([^,:]*)::([^\r\n]*)$");
            Assert.True(match.Success);
            var lost = gate.Rows[1];
            Assert.Equal([gate.SpecFile, lost.Name, $"{lost.Message} Replay: {lost.Replay}"], match.Groups.Values.Skip(1).Select(group => Unescape(group.Value)));
        }

        // The runner's own order: the percent sign last.
        static string Unescape(string text) => text.Replace("%2C", ",", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal)
            .Replace("%0A", "\n", StringComparison.Ordinal).Replace("%0D", "\r", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
    }

    [Fact]
    public void GitHub_is_told_no_more_than_it_shows() =>
        Assert.Equal(Annotations.MostShown, Annotations.ForGitHub(Gate with { Rows = [.. Enumerable.Repeat(Gate.Rows[1], 30)] }).Count());

    [Theory, MemberData(nameof(Both))]
    public async Task The_code_quality_report_is_valid_and_its_fingerprints_do_not_follow_numbers(bool hostile)
    {
        var gate = hostile ? Hostile : Gate;
        var bytes = Annotations.ForGitLab(gate);

        Assert.Empty(await Schemas.CodeQuality(bytes));
        Assert.Equal(["blocker", "blocker", "major", "info"], JsonNode.Parse(bytes)!.AsArray().Select(item => (string?)item!["severity"]));
        var other = Annotations.ForGitLab(gate with { Rows = [.. gate.Rows.Select(row => row with { Message = "other numbers" })] });
        Assert.Equal(Fingerprints(bytes), Fingerprints(other));
        Assert.Equal(4, Fingerprints(bytes).Distinct().Count());

        static string[] Fingerprints(byte[] report) => [.. JsonDocument.Parse(report).RootElement.EnumerateArray().Select(item => item.GetProperty("fingerprint").GetString()!)];
    }

    [Theory, MemberData(nameof(Both))]
    public void The_summary_has_a_row_a_claim_and_says_what_to_do(bool hostile)
    {
        var gate = hostile ? Hostile : Gate;
        var page = GateSummary.Render(gate);
        var rows = page.Split('\n').Where(line => line.StartsWith('|')).ToArray();

        Assert.Equal(2 + gate.Rows.Count(row => row.Now is not null), rows.Length);
        Assert.All(rows, row => Assert.Equal(8, Regex.Count(row, @"(?<!\\)\|")));
        Assert.StartsWith("## ✗ ", page, StringComparison.Ordinal);
        Assert.Contains("`certify check out/claim-002-robustness.json`", page, StringComparison.Ordinal);
        Assert.Contains(gate.Accept, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_verdict_is_the_worst_line()
    {
        Assert.Equal("fails", Gate.Verdict);
        Assert.Equal("is undecided", (Gate with { Rows = [Gate.Rows[0], Gate.Rows[2], Gate.Rows[4]] }).Verdict);
        Assert.Equal("passes", (Gate with { Rows = [Gate.Rows[0], Gate.Rows[4]] }).Verdict);
    }

    [Fact]
    public void A_witness_is_told_in_full_precision_beside_the_metric_itself() => Assert.Equal(
        "refuted: at x = (0.3447218, -0.6358231) the value is at least 0.17293, and the metric itself at least 0.13120, claimed ≤ 0.1.", GateWords.Finding(SampleRun.Surrogate));

    private static GateReport Of(string spec, string words)
    {
        var lost = SampleRun.Curve with { Verdict = Verdict.Refuted };
        return new GateReport
        {
            Run = SampleRun.Run with { ModelName = $"{words}.onnx" },
            SpecFile = spec,
            Baseline = "baseline",
            Accept = "certify run guarantees.yaml --gate --baseline baseline --update-baseline",
            Rows =
            [
                new() { Name = GateWords.Name(SampleRun.Progress.Claim), Change = GateChange.Kept, Effect = GateEffect.Passes, Now = SampleRun.Progress, Line = 9 },
                new() { Name = $"robustness {words}", Change = GateChange.Lost, Effect = GateEffect.Fails, Now = lost, Message = $"{words}; {GateWords.Finding(lost)}", Line = 7, Column = 5, Replay = "certify check out/claim-002-robustness.json" },
                new() { Name = GateWords.Name(SampleRun.Map.Claim), Change = GateChange.Unproved, Effect = GateEffect.Undecided, Now = SampleRun.Map, Message = GateWords.Finding(SampleRun.Map), Line = 8 },
                new() { Name = "baseline claim-009-lipschitz.json", Change = GateChange.Broken, Effect = GateEffect.Fails, Message = "it is missing" },
                new() { Name = "model", Change = GateChange.Model, Effect = GateEffect.Tells, Message = words },
            ],
        };
    }
}
