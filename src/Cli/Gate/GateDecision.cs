using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Spec;
using Reports;

namespace Cli.Gate;

/// <summary>Decides each line of a gate from what a run found and what a baseline holds. No files, no clock: the same inputs give the same lines.</summary>
internal sealed record GateDecision
{
    /// <summary>Bounds that differ by so small a share are the same: another processor adds up in another order.</summary>
    private const double Rounding = 1e-6;

    private const double Tiny = 1e-12;

    public required GateSettings Settings { get; init; }

    /// <summary>The baseline, each certificate derived again; null where there is none to compare with.</summary>
    public ImmutableArray<BaselineEntry>? Baseline { get; init; }

    /// <summary>Whether what is now becomes the baseline: differences are told and fail nothing.</summary>
    public bool Accepts { get; init; }

    /// <summary>The folder of the run, for commands.</summary>
    public required string OutFolder { get; init; }

    /// <summary>The lines: claims in the order of the spec, certificates of the baseline that do not hold or that no claim asks for, the model.</summary>
    /// <param name="claims">The claims of the spec.</param>
    /// <param name="run">Their answers, as far as there are any.</param>
    /// <param name="known">Which of them are the baseline's, derived again.</param>
    public ImmutableArray<GateRow> Rows(IReadOnlyList<SpecClaim> claims, RunSummary run, IReadOnlySet<int> known)
    {
        var entries = Baseline ?? [];
        var (of, left) = Match.Find(claims, entries.Where(entry => entry.Fault.Length == 0));
        var rows = new List<GateRow>();
        var names = new Dictionary<string, int>();
        foreach (var (i, item) in claims.Index())
        {
            var name = Unique(GateWords.Name(item.Claim), names);
            var row = i < run.Claims.Length ? Line(name, item, run.Claims[i], of[i]?.Certificate) : new GateRow
            {
                Name = name,
                Change = GateChange.Unproved,
                Effect = GateEffect.Undecided,
                Message = "not answered: the run was stopped.",
                Before = of[i]?.Certificate,
            };
            var hint = known.Contains(i) && row.Now is { Verdict: Verdict.Undecided } ? " This is the baseline's answer; --update-baseline searches again." : "";
            rows.Add(row with { Line = item.Place.Line, Column = item.Place.Column, IsRechecked = known.Contains(i), Message = row.Message + hint });
        }

        rows.AddRange(entries.Where(entry => entry.Fault.Length > 0).Select(entry => new GateRow
        {
            Name = $"baseline {entry.File}",
            Change = GateChange.Broken,
            Effect = GateEffect.Fails,
            Message = $"the certificate of the baseline does not count: {entry.Fault}.",
        }));
        rows.AddRange(left.Select(entry => new GateRow
        {
            Name = $"baseline {entry.File}",
            Change = GateChange.Removed,
            Effect = GateEffect.Fails,
            Message = $"the spec does not ask any more what the baseline has {Words.Of(entry.Certificate!.Verdict)}: {GateWords.Name(entry.Certificate.Claim)}, {GateWords.Goal(entry.Certificate.Claim)}. {entry.Certificate.Text}",
            Before = entry.Certificate,
        }));
        if (of.Append(null).Concat(left).FirstOrDefault(entry => entry is not null && entry.Certificate!.ModelSha256 != run.ModelSha256) is { } other)
        {
            rows.Add(new GateRow
            {
                Name = $"model {run.ModelName}",
                Change = GateChange.Model,
                Effect = Settings.FailsOnChangedModel == true ? GateEffect.Fails : GateEffect.Tells,
                Message = $"the model has SHA-256 {run.ModelSha256}, the baseline's has {other.Certificate!.ModelSha256}; every claim about it is answered anew.",
            });
        }

        // Words of files must begin no line of their own, which a service could take for a command.
        return [.. rows.Select(row => Accepts ? Accepted(row) : row).Select(row => row with { Name = CertificateChecks.Plain(row.Name), Message = CertificateChecks.Plain(row.Message) })];
    }

    private GateRow Line(string name, SpecClaim item, ClaimResult now, Certificate? before)
    {
        var row = new GateRow
        {
            Name = name,
            Now = now,
            Before = before,
            Change = GateChange.New,
            Effect = GateEffect.Passes,
            Replay = now.Verdict == Verdict.Proved || now.Certificate.Length == 0 ? "" : GateWords.Command("certify", "check", Path.Combine(OutFolder, now.Certificate)),
        };
        var strength = before is null ? 0 : Match.Strength(before.Claim, item.Claim);
        if (now.Verdict != Verdict.Proved)
        {
            return before?.Verdict == Verdict.Proved && strength <= 0
                ? row with { Change = GateChange.Lost, Effect = GateEffect.Fails, Message = $"proved in the baseline ({GateWords.Certified(before)}), now {GateWords.Finding(now)}" }
                : row with { Change = GateChange.Unproved, Effect = Unproved(now.Verdict), Message = GateWords.Finding(now) };
        }

        if (before is null)
        {
            return row;
        }

        if (strength < 0)
        {
            return row with { Change = GateChange.Weakened, Effect = GateEffect.Fails, Message = $"the spec claims {GateWords.Goal(item.Claim)}, the baseline {GateWords.Goal(before.Claim)}." };
        }

        return before.Verdict != Verdict.Proved ? row with { Change = GateChange.Gained }
            : before.Semantics == "float32" && now.Semantics != "float32" ? row with
            {
                Change = GateChange.Lost,
                Effect = GateEffect.Fails,
                Message = "proved for every float32 execution in the baseline, now for real arithmetic only.",
            }
            : Worse(item, now, before) is { Length: > 0 } worse
                ? row with { Change = GateChange.Worse, Effect = Settings.WorseBy is null ? GateEffect.Tells : GateEffect.Fails, Message = worse }
            : row with { Change = GateChange.Kept };
    }

    /// <summary>In which way the answer is worse than before, in words; empty where it is not.</summary>
    /// <remarks>
    /// The search for a claimed bound ends where the bound is proved, at any distance below it, so certified ends are compared only where no bound is claimed. Where one is, the claim is worse when the value
    /// that a point reaches now lies beyond what was certified before: then the quantity has grown, whatever the searches did. Without a tolerance the claimed bound alone counts.
    /// </remarks>
    private string Worse(SpecClaim item, ClaimResult now, Certificate before)
    {
        var allowed = Settings.WorseBy ?? 0;
        var tolerance = Settings.WorseBy is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; worse-by allows {allowed:R}");
        if (item.SearchesRadius)
        {
            var (share, was) = (now.LargestRadius?.Proved ?? RunSession.ShareOfRadius(now.Claim, item.Claim), RunSession.ShareOfRadius(before.Claim, item.Claim));
            return share < was * (1 - allowed) - (Rounding * was) ? string.Create(CultureInfo.InvariantCulture, $"proved up to {share:G4} of the radius asked for, {was:G4} in the baseline{tolerance}.") : "";
        }

        var least = now.Claim.AsksForSmallest;
        var goal = now.Claim.AtMost is not null || now.Claim.AtLeast is not null;
        if (goal && Settings.WorseBy is null)
        {
            return "";
        }

        var (then, end) = least ? (-before.Lower, goal ? -now.Upper : -now.Lower) : (before.Upper, goal ? now.Lower : now.Upper);
        var isWorse = end > then + (allowed * Math.Abs(then)) + (Rounding * Math.Max(Math.Abs(then), Math.Abs(end))) + Tiny;
        return !isWorse ? ""
            : goal ? $"a point reaches {GateWords.Attained(now)}, beyond what the baseline certifies, {GateWords.Certified(before)}{tolerance}."
            : $"certified {GateWords.Certified(now)}, {GateWords.Certified(before)} in the baseline{tolerance}.";
    }

    private GateEffect Unproved(Verdict verdict) => Settings.FailsOnUnproved == false ? GateEffect.Tells : verdict == Verdict.Refuted ? GateEffect.Fails : GateEffect.Undecided;

    /// <summary>What a line does once what is now is the baseline.</summary>
    private GateRow Accepted(GateRow row) => row.Effect is GateEffect.Passes or GateEffect.Tells || row.Change == GateChange.Unproved ? row : row with
    {
        Effect = row.Now is { Verdict: not Verdict.Proved } now ? Unproved(now.Verdict) : GateEffect.Tells,
        Message = $"accepted: {row.Message}",
    };

    private static string Unique(string name, Dictionary<string, int> names)
    {
        var count = names[name] = names.GetValueOrDefault(name) + 1;
        return count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} ({count})");
    }
}
