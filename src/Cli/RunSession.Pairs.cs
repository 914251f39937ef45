using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Cli;

/// <summary>Claims that pairs of prior and simulator answer: see <see cref="PairStatistics"/>. Nothing is searched and the check costs as much as the answer, so nothing is resumed: such a claim is answered anew, with the same draws.</summary>
internal sealed partial class RunSession
{
    private const long LargestCopy = 256L << 20;
    private readonly Dictionary<string, string> kept = [];

    /// <summary>A spec whose estimator is known by a table of its posterior samples only.</summary>
    private RunSummary RunSamples(Spec spec, RunJournal? held, CancellationToken cancellation)
    {
        foreach (var item in spec.Claims)
        {
            try
            {
                PairStatistics.Check(null, spec.Family, PairStatistics.Answers(item.Claim.Kind) ? item.Claim
                    : throw new ArgumentException($"the family {PairQuestion.Samples} is for claims of kind calibration and coverage, not of kind {item.Claim.Name}."));
            }
            catch (ArgumentException error)
            {
                throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
            }
        }

        using var journal = held ?? RunJournal.Open(OutFolder, resume: false);
        var results = ImmutableArray.CreateBuilder<ClaimResult>(spec.Claims.Length);
        foreach (var (i, item) in spec.Claims.Index())
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"claim-{i + 1:D3}-{item.Claim.Name}.json");
            results.Add(Pairs(file, null, spec, item, string.Create(CultureInfo.InvariantCulture, $"claim {i + 1} of {spec.Claims.Length}: {item.Claim.Name}"), cancellation));
            Write(Path.Combine(OutFolder, "summary.json"), RunDocument.ToBytes(Summarize(results.ToImmutable())));
            if (cancellation.IsCancellationRequested)
            {
                terminal.Line($"certify: stopped in claim {i + 1} of {spec.Claims.Length}; what is known is written");
                break;
            }
        }

        terminal.Clear();
        var run = Summarize(results.ToImmutable());
        using var page = new StringWriter(CultureInfo.InvariantCulture);
        Reports.HtmlReport.Write(run, page);
        Write(Path.Combine(OutFolder, "report.html"), Encoding.UTF8.GetBytes(page.ToString()));
        return run;

        RunSummary Summarize(ImmutableArray<ClaimResult> claims) => this.Summarize(PairQuestion.Samples, NoModel, $"{PairQuestion.Samples}, {spec.Family.Parameters} parameters", "", claims, spec.Claims.Length);
    }

    private ClaimResult Pairs(string file, Estimator? estimator, Spec spec, SpecClaim item, string what, CancellationToken cancellation)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var claim = item.Claim;
        terminal.Show(what);
        PairStatistics.Answer? answer = null;
        try
        {
            answer = PairStatistics.Solve(estimator, spec.Family, claim, Tables(item.PairsPath, item.SamplesPath), Seed, new Share(terminal, what), cancellation);
        }
        catch (ArgumentException error)
        {
            throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
        }
        catch (OperationCanceledException)
        {
            // Nothing is known.
        }

        var result = new ClaimResult
        {
            Claim = claim,
            Verdict = answer?.Verdict ?? Verdict.Undecided,
            Lower = answer?.Lower ?? 0,
            Upper = answer?.Upper ?? 1,
            Seconds = clock.Elapsed.TotalSeconds,
            Text = PairStatistics.Text(claim, spec.Family.Name),
            Reason = answer?.Reason ?? "It was stopped.",
            Consequence = answer?.Words ?? "",
            Findings = answer?.Findings ?? [],
            Banded = answer?.Curves ?? [],
        };
        if (answer is null)
        {
            return result;
        }

        var certificate = new Certificate
        {
            Claim = claim,
            Text = result.Text,
            ModelName = estimator?.ModelName ?? PairQuestion.Samples,
            ModelSha256 = estimator?.ModelSha256 ?? NoModel,
            Family = spec.Family,
            Verdict = answer.Verdict,
            Lower = answer.Lower,
            Upper = answer.Upper,
            Findings = answer.Findings,
            Evidence = new EvidenceTree([0]),
            Tool = Certifier.Tool,
            Seed = Seed,
            Seconds = result.Seconds,
            Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        Write(Path.Combine(OutFolder, file), CertificateFile.ToBytes(Named(certificate, spec)));
        Keep(item.PairsPath);
        Keep(item.SamplesPath);
        return result with { Certificate = file };
    }

    /// <summary>Puts a table beside the certificates, where 'certify check' looks for it; a large one stays where it is.</summary>
    private void Keep(string path)
    {
        var copy = path.Length == 0 ? "" : Path.Combine(OutFolder, Path.GetFileName(path));
        if (copy.Length == 0 || Path.GetFullPath(copy) == Path.GetFullPath(path) || !kept.TryAdd(copy, path))
        {
            if (copy.Length > 0 && kept.TryGetValue(copy, out var other) && Path.GetFullPath(other) != Path.GetFullPath(path))
            {
                terminal.Line($"certify: {path} is not copied to {OutFolder}, where {other} is; 'certify check' needs --pairs or --draws");
            }

            return;
        }

        if (new FileInfo(path).Length > LargestCopy)
        {
            terminal.Line($"certify: {path} is not copied to {OutFolder}: larger than {LargestCopy >> 20} MiB; 'certify check' needs --pairs or --draws");
            return;
        }

        Write(copy, File.ReadAllBytes(path));
    }

    internal static PairTables Tables(string pairs, string samples) => new(() => Open(pairs), samples.Length == 0 ? null : () => Open(samples));

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);

    private sealed class Share(Terminal terminal, string what) : IProgress<double>
    {
        public void Report(double value) => terminal.Show(string.Create(CultureInfo.InvariantCulture, $"{what}: {value:P0} of the pairs"));
    }
}
