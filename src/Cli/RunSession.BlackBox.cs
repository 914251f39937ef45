using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Certify;
using Certify.Sampling;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Cli;

/// <summary>A spec without a model: see <see cref="BlackBox"/>. Nothing is searched, so nothing is resumed: every claim is answered anew.</summary>
internal sealed partial class RunSession
{
    /// <summary>What stands in certificates in place of a model: there is no file.</summary>
    private static readonly string NoModel = Hash([]);

    /// <summary>Whether a spec may run the program that it names.</summary>
    public bool AllowCommand { get; init; }

    private RunSummary RunBlackBox(Spec spec, double noise, RunJournal? held, CancellationToken cancellation)
    {
        var parameters = spec.Family.Parameters!.Value;
        var program = spec.Command.IsEmpty ? null : new SamplerProcess(spec.Command, Path.GetDirectoryName(spec.File) ?? "", TimeSpan.FromSeconds(spec.CommandSeconds), parameters);

        // All that can be told before the first draw is told first.
        foreach (var item in spec.Claims)
        {
            try
            {
                if (item.Draws is { Count: > 0 })
                {
                    _ = program is null ? throw new ArgumentException("'draws' are made by the estimator's 'command', which the spec lacks.")
                        : AllowCommand ? 0 : throw new ArgumentException("the spec asks to run a program; 'certify run --allow-command' lets it.");
                }

                _ = item.Draws is not null && item.Claim.Parameter >= parameters ? throw new ArgumentException($"there is no parameter theta_{item.Claim.Parameter}; a draw has theta_0 to theta_{parameters - 1}.") : 0;
                BlackBox.Check(item.Draws is null ? item.Claim : item.Claim with { Draws = new DrawCount { File = "", Sha256 = "", Draws = 1, Hits = 0, Confidence = item.Draws.Confidence } }, noise);
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
            terminal.Show(string.Create(CultureInfo.InvariantCulture, $"claim {i + 1} of {spec.Claims.Length}: {item.Claim.Name}"));
            var file = string.Create(CultureInfo.InvariantCulture, $"claim-{i + 1:D3}-{item.Claim.Name}.json");
            var claim = item.Claim;
            try
            {
                cancellation.ThrowIfCancellationRequested();
                claim = item.Draws is { } source ? claim with { Draws = Count(claim, source, spec, program, noise, Path.ChangeExtension(file, ".draws.csv"), cancellation) } : claim;
            }
            catch (OperationCanceledException)
            {
                terminal.Line($"certify: stopped in claim {i + 1} of {spec.Claims.Length}; what is known is written");
                break;
            }

            var certificate = Certify(spec, claim, noise);
            Write(Path.Combine(OutFolder, file), CertificateFile.ToBytes(certificate));
            results.Add(ResultOf(certificate, file));
            Write(Path.Combine(OutFolder, "summary.json"), RunDocument.ToBytes(Summarize(results.ToImmutable())));
        }

        terminal.Clear();
        var run = Summarize(results.ToImmutable());
        using var page = new StringWriter(CultureInfo.InvariantCulture);
        Reports.HtmlReport.Write(run, page);
        Write(Path.Combine(OutFolder, "report.html"), Encoding.UTF8.GetBytes(page.ToString()));
        return run;

        RunSummary Summarize(ImmutableArray<ClaimResult> claims) => this.Summarize(BlackBox.Word, NoModel, string.Create(CultureInfo.InvariantCulture, $"{BlackBox.Word}, noise {noise:R}"), "", claims, spec.Claims.Length);
    }

    /// <summary>Counts a table, or what the program draws, which is written beside the certificate first.</summary>
    private DrawCount Count(Claim claim, DrawSource source, Spec spec, SamplerProcess? program, double noise, string file, CancellationToken cancellation)
    {
        if (source.Count == 0)
        {
            return DrawCounter.Inside(claim, spec.Family.Parameters!.Value, DrawCounter.Bytes(source.Path), source.Path, source.Confidence);
        }

        var table = program!.Draw(claim.Observation, noise, source.Count, new NoiseSource(Seed, Question(claim, source, spec)), cancellation);
        Write(Path.Combine(OutFolder, file), table);
        return DrawCounter.Inside(claim, spec.Family.Parameters!.Value, table, file, source.Confidence) with { Command = spec.Command };
    }

    /// <summary>Claim, count and confidence, family and command: where one of them is another, so is the noise.</summary>
    internal static byte[] Question(Claim claim, DrawSource source, Spec spec) =>
    [
        .. CertificateFile.ToBytes(claim with { Draws = new DrawCount { File = "", Sha256 = "", Draws = source.Count, Hits = 0, Confidence = source.Confidence } }),
        .. Encoding.UTF8.GetBytes($"\n{spec.Family.ToJson()}\n{JsonSerializer.Serialize(spec.Command.ToArray())}"),
    ];

    private Certificate Certify(Spec spec, Claim claim, double noise)
    {
        var enclosure = BlackBox.Enclosure(claim, noise);
        return Named(
            new Certificate
            {
                Claim = claim,
                Text = BlackBox.Text(claim, noise),
                ModelName = BlackBox.Word,
                ModelSha256 = NoModel,
                Family = spec.Family,
                Verdict = BlackBox.Decide(claim, enclosure.Lower, enclosure.Upper).Verdict,
                Lower = enclosure.Lower,
                Upper = enclosure.Upper,
                ExactMetric = BlackBox.IsExact(claim),
                Evidence = new EvidenceTree([0]),
                Tool = Certifier.Tool,
                Seed = Seed,
                Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
            spec);
    }

    private static ClaimResult ResultOf(Certificate certificate, string file) => new()
    {
        Claim = certificate.Claim,
        Verdict = certificate.Verdict,
        Lower = certificate.Lower,
        Upper = certificate.Upper,
        ExactMetric = certificate.ExactMetric,
        Text = certificate.Text,
        Reason = BlackBox.Decide(certificate.Claim, certificate.Lower, certificate.Upper).Reason,
        Consequence = BlackBox.Basis(certificate.Claim),
        Certificate = file,
    };
}
