using System.Collections.Immutable;
using Certify;
using Guarantees.Certificates;
using Guarantees.Formats.Spec;
using Reports;

namespace Cli.Gate;

/// <summary>What a gate is asked.</summary>
internal sealed record GateOptions
{
    /// <summary>Folder of the baseline; empty for none.</summary>
    public string Baseline { get; init; } = "";

    /// <summary>Whether what is now becomes the baseline.</summary>
    public bool Updates { get; init; }

    /// <summary>Comes before what the spec says.</summary>
    public GateSettings Settings { get; init; } = new();

    /// <summary>Files to write, each empty for none.</summary>
    public GateFiles Files { get; init; } = new();
}

/// <summary>A run that ends in pass or fail: the baseline is derived again by the kernel, what nothing has changed of is taken from it, the rest is searched.</summary>
internal sealed class GateRun
{
    private readonly GateOptions options;
    private readonly string outFolder;
    private readonly ImmutableArray<BaselineEntry>? baseline;
    private readonly Dictionary<string, Certificate> answers = [];
    private readonly HashSet<int> known = [];
    private int asked;

    /// <summary>Reads and checks the baseline.</summary>
    /// <exception cref="IOException">There is none where one is named, or a file cannot be written; one line.</exception>
    /// <exception cref="FormatException">The spec or the baseline's summary is malformed; one line.</exception>
    public GateRun(string specPath, string outFolder, GateOptions options, CancellationToken cancellation)
    {
        (this.options, this.outFolder) = (options, outFolder);
        Spec = SpecFile.Read(specPath);
        options.Files.Probe();
        if (options.Baseline.Length > 0 && Baseline.IsAt(options.Baseline))
        {
            baseline = Baseline.Read(options.Baseline, Spec, cancellation);
        }
        else if (options.Baseline.Length > 0 && !options.Updates)
        {
            throw new IOException($"{options.Baseline}: there is no baseline; '{Accept}' makes one");
        }

        foreach (var certificate in (baseline ?? []).Where(entry => entry.Fault.Length == 0).Select(entry => entry.Certificate!))
        {
            answers.TryAdd(Key(certificate.Claim), certificate);
        }
    }

    /// <summary>The spec.</summary>
    public Spec Spec { get; }

    private string Accept => GateWords.Command("certify", "run", Spec.File, "--gate", "--baseline", options.Baseline.Length > 0 ? options.Baseline : "baseline", "--update-baseline");

    /// <summary>The baseline's answer to a claim, where model, family, claim and tool are the same. One without a verdict stands only while the whole spec is the same, since more budget may tell more.</summary>
    public Certificate? Known(SpecClaim item, string modelSha256)
    {
        var index = asked++;
        var certificate = answers.GetValueOrDefault(Key(item.Claim)) ?? (item.SearchesRadius ? answers.Values.FirstOrDefault(answer => Match.IsSame(answer.Claim, item)) : null);
        var stands = certificate is not null && certificate.ModelSha256 == modelSha256 && certificate.Tool == Certifier.Tool && Spec.Family.Equals(certificate.Family)
            && (certificate.Verdict == Verdict.Proved || (!options.Updates && certificate.SpecSha256 == Spec.Sha256));
        if (stands)
        {
            known.Add(index);
        }

        return stands ? certificate : null;
    }

    /// <summary>Decides, writes what is asked for, and makes the baseline where that is.</summary>
    public GateReport Finish(RunSummary run)
    {
        var rows = new GateDecision { Settings = options.Settings.Or(Spec.Gate), Baseline = baseline, Accepts = options.Updates, OutFolder = outFolder }.Rows(Spec.Claims, run, known);
        var gate = new GateReport { Run = run, SpecFile = CiEnvironment.Shown(Spec.File), Baseline = options.Baseline, Rows = rows, Accept = Accept };
        if (options.Updates && run.Unanswered == 0)
        {
            Baseline.Write(options.Baseline, outFolder, run);
            Console.Error.WriteLine($"certify: {options.Baseline} is the baseline of {Spec.File} now: commit it");
        }

        options.Files.Write(gate);
        CiEnvironment.Tell(gate, options.Files);
        return gate;
    }

    private static string Key(Guarantees.Claims.Claim claim) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(CertificateFile.ToBytes(claim)));
}
