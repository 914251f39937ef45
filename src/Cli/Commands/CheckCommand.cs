using System.CommandLine;
using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;

namespace Cli.Commands;

/// <summary><c>certify check FILE...</c>: derives certificates again with the trusted kernel alone.</summary>
internal static class CheckCommand
{
    public static CertifyCommand Create()
    {
        var files = new Argument<string[]>("CERTIFICATE.json") { Description = "One or more certificates.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { Description = "The model file; by default the file of that name beside the certificate.", HelpName = "FILE" };
        var command = new CertifyCommand(
            "check",
            "Derives every number of certificates again from the model file.",
            "certify check out/claim-*.json")
        {
            files, model,
        };
        command.Does((parsed, cancellation) =>
        {
            var worst = 0;
            foreach (var file in parsed.GetValue(files)!)
            {
                worst = Math.Max(worst, Check(file, parsed.GetValue(model), cancellation));
            }

            return worst;
        });
        return command;
    }

    private static int Check(string file, string? model, CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException(null, file);
        }

        var certificate = CertificateFile.Read(file);
        var path = model ?? Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(certificate.ModelName));
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(null, path);
        }

        var terminal = new Terminal();
        var report = CertificateChecker.Check(certificate, File.ReadAllBytes(path), new Relay(terminal, file), cancellation);
        terminal.Clear();
        if (!report.Accepted)
        {
            Console.WriteLine($"{file}: REJECTED: {report.Reason}");
            return ExitCode.Refuted;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: accepted: {Words.Of(report.Verdict)}, {certificate.Claim.Name} in [{report.Lower:G6}, {report.Upper:G6}], {report.Leaves} leaves in {report.Seconds:F2} s"));
        return ExitCode.Proved;
    }

    private sealed class Relay(Terminal terminal, string file) : IProgress<double>
    {
        public void Report(double value) => terminal.Show(string.Create(CultureInfo.InvariantCulture, $"{file}: {value:P0}"));
    }
}
