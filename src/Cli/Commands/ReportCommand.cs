using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary><c>certify report CERTIFICATE.json...</c>: a report from certificates already written.</summary>
internal static class ReportCommand
{
    public static CertifyCommand Create()
    {
        var files = new Argument<string[]>("CERTIFICATE.json") { Description = "One or more certificates; those of several models, or of one in several folders, stand side by side.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = "Form of the report.", DefaultValueFactory = _ => "html" };
        format.AcceptOnlyFromAmong("html", "markdown", "latex");
        var folder = new Option<string?>("--out") { Description = "For latex: a folder for a table, a paragraph on methods, an appendix, sources (.bib) and figures (PDF, SVG), instead of the table alone on standard output.", HelpName = "FOLDER" };
        var command = new CertifyCommand("report", "Writes a report from certificates to standard output, or files for a paper.", "certify report out/claim-*.json --format latex --out paper") { files, format, folder };
        command.Validators.Add(result =>
        {
            if (result.GetValue(folder) is not null && result.GetValue(format) != "latex")
            {
                result.AddError("--out is for --format latex; other reports go to standard output.");
            }
        });
        command.Does((parsed, _) =>
        {
            var certificates = parsed.GetValue(files)!.Select(file => (file, CertificateFile.Read(file))).ToArray();
            var runs = Runs(certificates);
            var run = runs[0];
            if (runs.Length > 1 && parsed.GetValue(format) == "latex")
            {
                throw new FormatException($"The certificates are of {runs.Length} models or folders ({string.Join(", ", runs.Select(one => one.Title))}); a report as latex is of one.");
            }

            switch (parsed.GetValue(format))
            {
                case "markdown":
                    foreach (var one in runs)
                    {
                        Reports.MarkdownReport.Write(one, Console.Out);
                    }

                    break;
                case "latex" when parsed.GetValue(folder) is { } path:
                    Write(path, Reports.PaperReport.Files(run, [.. certificates.Select(item => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(item.file))))]));
                    break;
                case "latex":
                    Reports.LatexReport.Write(run, Console.Out);
                    break;
                default:
                    Console.Out.Write(Reports.HtmlReport.Render(runs));
                    break;
            }

            return ExitCode.Proved;
        });
        return command;
    }

    /// <summary>One run for each model, and for each folder where one model has certificates in several; in the order of the first certificate.</summary>
    private static RunSummary[] Runs((string File, Certificate Certificate)[] certificates)
    {
        var groups = certificates.GroupBy(item => (item.Certificate.ModelSha256, Path.GetDirectoryName(Path.GetFullPath(item.File)))).ToArray();
        return [.. groups.Select(group =>
        {
            var first = group.First().Certificate;
            var isAlone = groups.Count(other => other.First().Certificate.ModelName == first.ModelName) == 1;
            return new RunSummary
            {
                Title = isAlone ? first.ModelName : $"{first.ModelName} in {Path.GetFileName(group.Key.Item2)}",
                ModelName = first.ModelName,
                ModelSha256 = first.ModelSha256,
                Family = first.Family.Name,
                Tool = first.Tool,
                Claims = [.. group.Select(item => Result(groups.Length == 1 ? Path.GetFileName(item.File) : item.File, item.Certificate))],
                Environment = [("Device", first.Device), ("Seed", first.Seed.ToString(CultureInfo.InvariantCulture))],
                Finished = group.Max(item => item.Certificate.Created) ?? "",
            };
        })];
    }

    private static void Write(string folder, IReadOnlyList<(string Name, byte[] Content)> written)
    {
        foreach (var (name, content) in written)
        {
            var path = Path.Combine([folder, .. name.Split('/')]);
            WholeFile.MakeFolder(Path.GetDirectoryName(path)!);
            WholeFile.Write(path, content);
        }

        Console.WriteLine($"{folder}: {written.Count} files; \\input{{{folder}/results.tex}}, methods.tex and reproducibility.tex, and cite from guarantees.bib.");
    }

    private static (Verdict Verdict, string Reason) Decide(Certificate certificate) => certificate.Claim.Pairs is not null ? (certificate.Verdict, "What the pairs say does not suffice; see the findings.")
        : certificate.Family.Noise is not null
        ? BlackBox.Decide(certificate.Claim, certificate.Lower, certificate.Upper)
        : certificate.Claim.Kind == ClaimKind.PosteriorStability ? PosteriorStability.Decide(certificate.Claim, certificate.Upper)
        : Decision.Of(certificate.Claim, certificate.Lower, certificate.Upper, certificate.ExactMetric);

    private static ClaimResult Result(string file, Certificate certificate) => new()
    {
        Claim = certificate.Claim,
        Verdict = certificate.Verdict,
        Lower = certificate.Lower,
        Upper = certificate.Upper,
        ExactMetric = certificate.ExactMetric,
        Semantics = certificate.Semantics,
        Float32 = certificate.Float32,
        Seconds = certificate.Seconds,
        Text = certificate.Text,
        Findings = certificate.Findings,
        Consequence = certificate.Family.Noise is not null ? BlackBox.Basis(certificate.Claim)
            : ClaimCompiler.Consequence(certificate.Claim, certificate.RestrictedTotalVariation is not null, certificate.Lower, certificate.Upper),

        // A certificate states what it proves; the reason follows from it again.
        Reason = certificate.Verdict == Verdict.Undecided ? Decide(certificate).Reason : "",
        Witness = certificate.Witness.IsEmpty ? [] : [.. Directions.DataAt(certificate.Claim, certificate.Witness.AsSpan())],
        Certificate = file,
    };
}
