using System.Collections.Immutable;
using Guarantees.Certificates;

namespace Reports;

/// <summary>How a claim stands against the baseline.</summary>
public enum GateChange
{
    /// <summary>Proved, and nothing to compare with: the baseline does not have it, or there is none.</summary>
    New,

    /// <summary>Proved in the baseline and now.</summary>
    Kept,

    /// <summary>Not proved in the baseline, proved now.</summary>
    Gained,

    /// <summary>Proved in the baseline, not proved now; or for every float32 execution then, and only in real arithmetic now.</summary>
    Lost,

    /// <summary>Its bound is worse than the baseline's by more than the tolerance.</summary>
    Worse,

    /// <summary>Not proved, and not proved in the baseline either.</summary>
    Unproved,

    /// <summary>It claims less than in the baseline.</summary>
    Weakened,

    /// <summary>In the baseline, and no claim of the spec any more.</summary>
    Removed,

    /// <summary>The baseline's certificate is missing, damaged, or rejected by the kernel.</summary>
    Broken,

    /// <summary>The model is another one.</summary>
    Model,
}

/// <summary>What a line of the gate does to the verdict.</summary>
public enum GateEffect
{
    /// <summary>Nothing.</summary>
    Passes,

    /// <summary>It is told.</summary>
    Tells,

    /// <summary>The gate has no answer.</summary>
    Undecided,

    /// <summary>The gate fails.</summary>
    Fails,
}

/// <summary>One line of the gate: a claim, a certificate of the baseline that no claim asks for, or the model.</summary>
public sealed record GateRow
{
    /// <summary>Name, the same from run to run: "claim 3: robustness wasserstein2, row 0".</summary>
    public required string Name { get; init; }

    /// <summary>How it stands.</summary>
    public required GateChange Change { get; init; }

    /// <summary>What that does.</summary>
    public required GateEffect Effect { get; init; }

    /// <summary>What is the matter, in sentences on one line; empty where nothing is.</summary>
    public string Message { get; init; } = "";

    /// <summary>What is known now; null where the line is not about a claim of the spec.</summary>
    public ClaimResult? Now { get; init; }

    /// <summary>The baseline's certificate, where one was accepted.</summary>
    public Certificate? Before { get; init; }

    /// <summary>Whether the answer is the baseline's, re-derived by the kernel, and nothing was searched.</summary>
    public bool IsRechecked { get; init; }

    /// <summary>Command that derives the answer again, its witness included; empty where there is none.</summary>
    public string Replay { get; init; } = "";

    /// <summary>Line of the claim in the spec, from 1.</summary>
    public int Line { get; init; } = 1;

    /// <summary>Column, from 1.</summary>
    public int Column { get; init; } = 1;
}

/// <summary>What a gate decided, and on what: everything that its files say.</summary>
public sealed record GateReport
{
    /// <summary>The run.</summary>
    public required RunSummary Run { get; init; }

    /// <summary>The spec file, as CI shows it: relative to the checkout, with forward slashes.</summary>
    public required string SpecFile { get; init; }

    /// <summary>Folder of the baseline; empty where there is none.</summary>
    public string Baseline { get; init; } = "";

    /// <summary>The lines: claims in the order of the spec, then the rest.</summary>
    public required ImmutableArray<GateRow> Rows { get; init; }

    /// <summary>Command that makes what is now the baseline.</summary>
    public required string Accept { get; init; }

    /// <summary>The worst of the lines.</summary>
    public GateEffect Effect => Rows.Max(row => row.Effect) is var worst && worst == GateEffect.Tells ? GateEffect.Passes : Rows.Max(row => row.Effect);

    /// <summary>"passes", "fails" or "is undecided".</summary>
    public string Verdict => Effect switch { GateEffect.Fails => "fails", GateEffect.Undecided => "is undecided", _ => "passes" };

    /// <summary>Lines that do not simply pass, the worst first.</summary>
    public IEnumerable<GateRow> Told => Rows.Where(row => row.Effect != GateEffect.Passes).OrderByDescending(row => row.Effect);

    /// <summary>"The gate fails: 1 of 40 claims; 39 certificates of the baseline re-checked, 1 claim searched."</summary>
    public string Headline
    {
        get
        {
            var claims = Rows.Where(row => row.Now is not null).ToArray();
            var (failing, rechecked) = (Rows.Count(row => row.Effect is GateEffect.Fails or GateEffect.Undecided), claims.Count(row => row.IsRechecked));
            return FormattableString.Invariant($"The gate {Verdict}: {(failing == 0 ? $"{claims.Length} of {claims.Length} claims pass" : $"{failing} of {Rows.Length} lines do not pass")}; {rechecked} re-checked against the baseline, {claims.Length - rechecked} answered anew.");
        }
    }
}
