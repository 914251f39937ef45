using System.Collections.Immutable;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Cli.Gate;

/// <summary>One certificate of a baseline.</summary>
/// <param name="File">File name.</param>
/// <param name="Certificate">What it says; null where it does not read.</param>
/// <param name="Fault">Why it does not count, in words; empty where the kernel accepted it.</param>
internal sealed record BaselineEntry(string File, Certificate? Certificate, string Fault);

/// <summary>What was proved before: the folder of a run, with its summary, its certificates, and the models and tables that they speak of.</summary>
/// <remarks>
/// Nothing in it is believed. The summary says which certificates there are, so that none gets lost; each must say what the summary says and be derived again by the kernel from the
/// files beside it. Where a table or model is not beside it, the one of that name that the spec names is taken, which counts only with the SHA-256 of the certificate.
/// </remarks>
internal static class Baseline
{
    public const string Summary = "summary.json";

    /// <summary>Whether there is one.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, Summary));

    /// <summary>Reads a baseline and derives every certificate again.</summary>
    /// <exception cref="FormatException">The summary is none; one line.</exception>
    public static ImmutableArray<BaselineEntry> Read(string folder, Spec spec, CancellationToken cancellation)
    {
        var listed = Listed(Path.Combine(folder, Summary));
        var names = listed.Select(claim => claim.File).ToHashSet();
        var terminal = new Terminal();
        var entries = new BaselineEntry[listed.Length];
        Parallel.For(0, listed.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i => entries[i] = Check(folder, listed[i], spec, terminal, cancellation));
        terminal.Clear();
        cancellation.ThrowIfCancellationRequested();
        var stray = Directory.GetFiles(folder, "claim-*.json").Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".refuted.json", StringComparison.Ordinal) && !names.Contains(name)).Order(StringComparer.Ordinal);
        return [.. entries, .. stray.Select(name => new BaselineEntry(name, null, $"{Summary} does not list it"))];
    }

    /// <summary>Makes the folder of a run the baseline. The summary comes last, so that a baseline that was cut short is seen to be none.</summary>
    /// <param name="folder">The baseline.</param>
    /// <param name="outFolder">The folder of the run.</param>
    /// <param name="run">The run.</param>
    public static void Write(string folder, string outFolder, RunSummary run)
    {
        WholeFile.MakeFolder(folder);
        string[] certificates = [.. run.Claims.Select(result => result.Certificate).Where(name => name.Length > 0)];
        var beside = run.Claims.SelectMany(result => new[] { result.Claim.ReferenceModel, result.Claim.Pairs?.File, result.Claim.Pairs?.SamplesFile, result.Claim.Draws?.File, result.Claim.Prior?.File })
            .Append(run.ModelName).Where(name => !string.IsNullOrEmpty(name)).Select(name => name!).Distinct();
        foreach (var name in certificates.Concat(beside).Where(name => File.Exists(Path.Combine(outFolder, name))))
        {
            WholeFile.Write(Path.Combine(folder, name), File.ReadAllBytes(Path.Combine(outFolder, name)));
        }

        WholeFile.Write(Path.Combine(folder, Summary), RunDocument.ToBytes(run));
        foreach (var old in Directory.GetFiles(folder, "claim-*.json").Where(path => !certificates.Contains(Path.GetFileName(path))))
        {
            File.Delete(old);
        }
    }

    private static ImmutableArray<Listing> Listed(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            return
            [
                .. document.RootElement.GetProperty("claims").EnumerateArray().Select(claim => new Listing(
                    claim.GetProperty("certificate").GetString()!, claim.GetProperty("verdict").GetString()!, End(claim.GetProperty("lower")), End(claim.GetProperty("upper"))))
                    .Where(claim => claim.File.Length > 0),
            ];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FormatException($"{path}: not the summary of a run: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        static double? End(JsonElement number) => number.ValueKind == JsonValueKind.Null ? null : number.GetDouble();
    }

    private static BaselineEntry Check(string folder, Listing listed, Spec spec, Terminal terminal, CancellationToken cancellation)
    {
        if (Path.GetFileName(listed.File) != listed.File)
        {
            return new(listed.File, null, "its name is no file name");
        }

        var path = Path.Combine(folder, listed.File);
        Certificate? certificate = null;
        try
        {
            certificate = CertificateFile.Read(path);
            if (Words.Of(certificate.Verdict) != listed.Verdict || Finite(certificate.Lower) != listed.Lower || Finite(certificate.Upper) != listed.Upper)
            {
                return new(listed.File, certificate, $"it says '{Words.Of(certificate.Verdict)}' in [{certificate.Lower:R}, {certificate.Upper:R}], {Summary} says '{CertificateChecks.Plain(listed.Verdict)}' in [{listed.Lower:R}, {listed.Upper:R}]");
            }

            string? Named(IEnumerable<string> paths, string? name) =>
                string.IsNullOrEmpty(name) || File.Exists(Path.Combine(folder, Path.GetFileName(name))) ? null : paths.FirstOrDefault(other => Path.GetFileName(other) == name && File.Exists(other));

            var claim = certificate.Claim;
            var outcome = CertificateChecks.Check(
                path,
                certificate,
                Named([spec.ModelPath], certificate.ModelName),
                Named(spec.References.Select(reference => reference.Path), claim.ReferenceModel),
                Named(spec.Claims.SelectMany(item => new[] { item.Draws?.Path ?? "", item.PriorPath, item.SamplesPath }), claim.Pairs?.SamplesFile ?? claim.Draws?.File ?? claim.Prior?.File),
                Named(spec.Claims.Select(item => item.PairsPath), claim.Pairs?.File),
                cancellation,
                terminal);
            return new(listed.File, certificate, outcome.Code == ExitCode.Proved ? "" : $"{outcome.Word}: {outcome.Text}");
        }
        catch (FileNotFoundException missing)
        {
            return new(listed.File, certificate, certificate is null ? "it is missing" : $"{Path.GetFileName(missing.FileName)}, of which it speaks, is missing");
        }
        catch (FormatException error)
        {
            return new(listed.File, certificate, error.Message.ReplaceLineEndings(" "));
        }
        catch (OperationCanceledException)
        {
            return new(listed.File, certificate, "the check was stopped");
        }
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private sealed record Listing(string File, string Verdict, double? Lower, double? Upper);
}
