using System.Collections.Immutable;
using System.Globalization;
using Cli.Gate;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Spec;
using Reports;
using Xunit;

namespace Cli.Tests;

/// <summary>Each rule of the gate alone: see the table of <c>docs/gate.md</c>.</summary>
public sealed class GateDecisionTests
{
    private const string Model = "m1";

    private static readonly Claim Free = new() { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Radius = [0.1, 0.1], Observation = [0, 0], ObservationRow = 0 };
    private static readonly Claim Bounded = Free with { AtMost = 0.2 };

    /// <summary>What is claimed, what the baseline and the run have (verdict, enclosure), the tolerance; what the line says.</summary>
    public static TheoryData<string, double?, string, string, double?, GateChange, GateEffect> Table => new()
    {
        { "kept", 0.2, "proved 0.1 0.15", "proved 0.1 0.19", null, GateChange.Kept, GateEffect.Passes },
        { "refuted", 0.2, "proved 0.1 0.15", "refuted 0.21 0.3", null, GateChange.Lost, GateEffect.Fails },
        { "not decided any more", 0.2, "proved 0.1 0.15", "undecided 0.1 0.3", null, GateChange.Lost, GateEffect.Fails },
        { "gained", 0.2, "undecided 0.1 0.3", "proved 0.1 0.15", null, GateChange.Gained, GateEffect.Passes },
        { "never proved", 0.2, "refuted 0.3 0.4", "refuted 0.3 0.4", null, GateChange.Unproved, GateEffect.Fails },
        { "never decided", 0.2, "undecided 0.1 0.4", "undecided 0.1 0.4", null, GateChange.Unproved, GateEffect.Undecided },
        { "the bound of a claimed one may move below it", 0.2, "proved 0.1 0.11", "proved 0.1 0.19", 0.0, GateChange.Kept, GateEffect.Passes },
        { "the value has grown beyond the bound", 0.2, "proved 0.1 0.11", "proved 0.12 0.19", 0.05, GateChange.Worse, GateEffect.Fails },
        { "the value has grown within the tolerance", 0.2, "proved 0.1 0.11", "proved 0.115 0.19", 0.05, GateChange.Kept, GateEffect.Passes },
        { "without a tolerance the claimed bound decides", 0.2, "proved 0.1 0.11", "proved 0.12 0.19", null, GateChange.Kept, GateEffect.Passes },
        { "no bound claimed, none stated", null, "proved 0.1 0.11", "proved 0.1 0.12", null, GateChange.Worse, GateEffect.Tells },
        { "no bound claimed, worse", null, "proved 0.1 0.11", "proved 0.1 0.12", 0.05, GateChange.Worse, GateEffect.Fails },
        { "no bound claimed, within", null, "proved 0.1 0.11", "proved 0.1 0.12", 0.1, GateChange.Kept, GateEffect.Passes },
        { "no bound claimed, rounding", null, "proved 0.1 0.11", "proved 0.1 0.11000001", 0.0, GateChange.Kept, GateEffect.Passes },
        { "no bound claimed, better", null, "proved 0.1 0.11", "proved 0.05 0.06", 0.0, GateChange.Kept, GateEffect.Passes },
    };

    [Theory, MemberData(nameof(Table))]
    public void A_line_follows_from_claim_baseline_and_answer(string what, double? atMost, string was, string now, double? worseBy, GateChange change, GateEffect effect)
    {
        var claim = Free with { AtMost = atMost };
        var (before, after) = (Parse(was), Parse(now));
        var row = Assert.Single(Rows(new(worseBy), [Entry(claim, before.Verdict, before.Lower, before.Upper)], (claim, after.Verdict, after.Lower, after.Upper)));
        Assert.True((row.Change, row.Effect) == (change, effect), $"{what}: {row.Change}, {row.Effect}: {row.Message}");
    }

    [Theory]
    [InlineData(0.85, 0.95, 0.0, false)]
    [InlineData(0.7, 0.9, 0.05, true)] // the smallest probability, claimed at least 0.5: certified 0.85 before, 0.7 now
    [InlineData(0.82, 0.9, 0.05, false)]
    public void For_at_least_the_lower_end_is_certified_and_the_upper_attained(double lower, double upper, double worseBy, bool worse)
    {
        var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.SmallestScale, Radius = [0.1], Observation = [0], ObservationRow = 0 };
        Assert.True(claim.AsksForSmallest);
        var row = Assert.Single(Rows(new(worseBy), [Entry(claim, "proved", 0.85, 0.95)], (claim, "proved", lower, upper)));
        Assert.Equal(worse, row.Effect == GateEffect.Fails);

        // With a claimed bound: what a point attains, 0.9, against what was certified, 0.85 or 0.99.
        var bounded = claim with { AtLeast = 0.5 };
        Assert.Equal(GateChange.Kept, Rows(new(0), [Entry(bounded, "proved", 0.85, 0.95)], (bounded, "proved", 0.6, 0.9))[0].Change);
        Assert.Equal(GateChange.Worse, Rows(new(0), [Entry(bounded, "proved", 0.99, 0.995)], (bounded, "proved", 0.6, 0.9))[0].Change);
    }

    [Fact]
    public void Float32_that_is_lost_is_lost()
    {
        var entry = Entry(Bounded, "proved", 0.1, 0.15);
        var before = entry with { Certificate = entry.Certificate! with { Semantics = "float32", Float32 = 0.1501 } };
        Assert.Equal((GateChange.Lost, GateEffect.Fails), Pair(Assert.Single(Rows(new(), [before], (Bounded, "proved", 0.1, 0.15)))));
    }

    [Fact]
    public void Claims_are_found_by_all_but_their_bound_each_certificate_once()
    {
        var (tight, loose) = (Free with { AtMost = 0.15 }, Free with { AtMost = 0.3 });
        BaselineEntry[] baseline = [Entry(Free, "proved", 0.1, 0.11), Entry(tight, "proved", 0.1, 0.15), Entry(Free with { ObservationRow = 1 }, "proved", 0.1, 0.15)];
        var rows = Rows(new(), baseline, (loose, "proved", 0.1, 0.15), (tight, "proved", 0.1, 0.15));

        Assert.Equal([GateChange.Kept, GateChange.Kept, GateChange.Removed], rows.Select(row => row.Change));
        Assert.Equal(0.15, rows[1].Before!.Claim.AtMost);
        Assert.Null(rows[0].Before!.Claim.AtMost);
        Assert.Equal(["robustness, Wasserstein-2, ℓ∞ 0.1, row 0", "robustness, Wasserstein-2, ℓ∞ 0.1, row 0 (2)", "baseline c.json"], rows.Select(row => row.Name));
    }

    [Fact]
    public void A_radius_that_is_searched_is_compared_as_a_share_of_the_one_asked_for()
    {
        var half = Entry(Bounded with { Radius = [0.05, 0.05] }, "proved", 0.1, 0.2);
        GateRow Row(double share, double worseBy) => Assert.Single(new GateDecision { Settings = new(worseBy), Baseline = [half], OutFolder = "out" }.Rows(
            [new SpecClaim(Bounded, "s.yaml:1:1: ", SearchesRadius: true)],
            Run(Result(Bounded with { Radius = [0.1 * share, 0.1 * share] }, "proved", 0.1, 0.2) with { LargestRadius = (share, null) }),
            new HashSet<int>()));

        Assert.Equal(GateChange.Kept, Row(0.5, 0).Change);
        Assert.Equal(GateChange.Kept, Row(0.48, 0.1).Change);
        Assert.Equal((GateChange.Worse, GateEffect.Fails), Pair(Row(0.4, 0.1)));
    }

    [Fact]
    public void What_was_counted_from_draws_is_an_answer_and_no_part_of_the_question()
    {
        static Claim Counted(int hits) => Bounded with { Draws = new DrawCount { File = "d.csv", Sha256 = new string('0', 64), Draws = 100, Hits = hits, Confidence = 0.9 }, MassOutside = hits / 50.0 };
        Assert.Equal(GateChange.Kept, Assert.Single(Rows(new(), [Entry(Counted(3), "proved", 0, 0.1)], (Counted(5), "proved", 0, 0.1))).Change);
    }

    [Fact]
    public void A_claim_without_an_answer_and_words_that_could_be_a_command_do_not_get_through()
    {
        var entry = Entry(Bounded, "proved", 0.1, 0.15) with { Fault = "x\n::error::y" };
        var rows = new GateDecision { Settings = new(), Baseline = [entry], OutFolder = "out" }.Rows([new SpecClaim(Bounded, "s.yaml:1:1: ")], Run(), new HashSet<int>());
        Assert.Equal((GateChange.Unproved, GateEffect.Undecided), Pair(rows[0]));
        Assert.Equal((GateChange.Broken, GateEffect.Fails), Pair(rows[1]));
        Assert.DoesNotContain('\n', rows[1].Message);
    }

    [Theory]
    [InlineData(0.2, null, 0.3, null, -1)]
    [InlineData(0.2, null, null, null, -1)]
    [InlineData(0.2, null, 0.1, null, 1)]
    [InlineData(null, null, 0.1, null, 1)]
    [InlineData(null, 0.9, null, 0.8, -1)]
    [InlineData(null, 0.9, null, 0.95, 1)]
    [InlineData(null, 0.9, null, 0.9, 0)]
    public void A_claim_is_weaker_or_stronger_by_its_bound(double? most, double? least, double? nowMost, double? nowLeast, int sign) =>
        Assert.Equal(sign, Math.Sign(Match.Strength(Free with { AtMost = most, AtLeast = least }, Free with { AtMost = nowMost, AtLeast = nowLeast })));

    private static (string Verdict, double Lower, double Upper) Parse(string text) =>
        text.Split(' ') is [var verdict, var lower, var upper] ? (verdict, double.Parse(lower, CultureInfo.InvariantCulture), double.Parse(upper, CultureInfo.InvariantCulture)) : throw new FormatException(text);

    private static (GateChange Change, GateEffect Effect) Pair(GateRow row) => (row.Change, row.Effect);

    private static ImmutableArray<GateRow> Rows(GateSettings settings, BaselineEntry[] baseline, params (Claim Claim, string Verdict, double Lower, double Upper)[] answers) =>
        new GateDecision { Settings = settings, Baseline = [.. baseline], OutFolder = "out" }.Rows(
            [.. answers.Select(answer => new SpecClaim(answer.Claim, "s.yaml:3:5: "))], Run([.. answers.Select(answer => Result(answer.Claim, answer.Verdict, answer.Lower, answer.Upper))]), new HashSet<int>());

    private static RunSummary Run(params ClaimResult[] results) => new() { Title = "m", ModelName = "m.onnx", ModelSha256 = Model, Family = "", Claims = [.. results] };

    private static ClaimResult Result(Claim claim, string verdict, double lower, double upper) => new() { Claim = claim, Verdict = Enum.Parse<Verdict>(verdict, ignoreCase: true), Lower = lower, Upper = upper, Certificate = "c.json" };

    private static BaselineEntry Entry(Claim claim, string verdict, double lower, double upper) => new("c.json", new Certificate
    {
        Claim = claim,
        Text = "",
        ModelName = "m.onnx",
        ModelSha256 = Model,
        Family = FamilyDescription.Vector,
        Verdict = Enum.Parse<Verdict>(verdict, ignoreCase: true),
        Lower = lower,
        Upper = upper,
        Evidence = new EvidenceTree([0]),
    }, "");
}
