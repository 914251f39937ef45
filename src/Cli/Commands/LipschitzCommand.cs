using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;

namespace Cli.Commands;

/// <summary><c>certify lipschitz MODEL.onnx --box FILE.csv --norm l2</c>: the Lipschitz constant of a network over boxes.</summary>
internal static class LipschitzCommand
{
    public static CertifyCommand Create()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The network; all its outputs together are one vector." };
        var box = new Option<string>("--box") { Description = "Table of boxes: lo0, lo1, ..., hi0, hi1, ... a row.", Required = true, HelpName = "FILE.csv" };
        var norm = new Option<string>("--norm") { Description = "Norm on inputs: l1, l2 or linf.", DefaultValueFactory = _ => "l2" };
        norm.AcceptOnlyFromAmong("l1", "l2", "linf");
        var outputNorm = new Option<string>("--output-norm") { Description = "Norm on outputs: l1, l2 or linf.", DefaultValueFactory = _ => "l2" };
        outputNorm.AcceptOnlyFromAmong("l1", "l2", "linf");
        var gap = new Option<double>("--gap") { Description = "Stop when (upper - lower) / upper is at most this.", DefaultValueFactory = _ => 0.01, HelpName = "SHARE" };
        gap.Takes("a share in [0, 1)", share => share is >= 0 and < 1);
        var timeout = new Option<double>("--timeout") { Description = "Search time per box.", DefaultValueFactory = _ => 20, HelpName = "SECONDS" };
        timeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= 1e7);
        var certificate = new Option<string?>("--certificate") { Description = "Write the certificate, which 'certify check' derives again, to this file; where there are several boxes, to FILE-1.json, FILE-2.json, ...", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("lipschitz", "Encloses the Lipschitz constant of a network over each box.", "certify lipschitz net.onnx --box boxes.csv --certificate constant.json") { model, box, norm, outputNorm, gap, timeout, certificate, json };
        command.Does((parsed, cancellation) =>
        {
            var modelPath = parsed.GetValue(model)!;
            var bytes = File.ReadAllBytes(modelPath);
            var network = OnnxImporter.Read(bytes, Path.GetFileName(modelPath));
            var boxes = BoxFile.Read(parsed.GetValue(box)!, network.InputLength);
            var target = parsed.GetValue(certificate);
            if (target is not null)
            {
                WholeFile.Probe(target); // told before the search and not after it
            }

            var from = Words.TryParse<Norm>(parsed.GetValue(norm)!, out var known) ? known : Norm.L2;
            var to = Words.TryParse<Metric>(parsed.GetValue(outputNorm)!, out var metric) ? metric : Metric.L2;
            var estimator = new Estimator(network, OutputVector.For(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), Path.GetFileName(modelPath));
            var certifier = new Certifier { RelativeGap = parsed.GetValue(gap), TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)) };
            var terminal = new Terminal();
            var answers = new List<Certificate>();
            foreach (var (i, part) in boxes.Index())
            {
                var claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = to, Norm = from, DomainLower = [.. part.Lower], DomainUpper = [.. part.Upper] };
                answers.Add(certifier.Run(estimator, FamilyDescription.Vector, claim, terminal.Enclosure($"box {i + 1} of {boxes.Count}"), cancellation).Certificate);
                if (target is not null)
                {
                    CertificateFile.Write(answers[^1], boxes.Count == 1 ? target : Numbered(target, i + 1));
                }
            }

            terminal.Clear();
            Print(answers, parsed.GetValue(json));
            return answers.All(answer => double.IsFinite(answer.Upper)) ? ExitCode.Proved : ExitCode.Undecided;
        });
        return command;
    }

    /// <summary>"constant.json" to "constant-2.json".</summary>
    private static string Numbered(string path, int number) => Path.Combine(
        Path.GetDirectoryName(path) ?? "", string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{number}{Path.GetExtension(path)}"));

    private static void Print(List<Certificate> answers, bool json)
    {
        if (!json)
        {
            Console.WriteLine("lower,upper,seconds");
            foreach (var answer in answers)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Lower:R},{answer.Upper:R},{answer.Seconds:F3}"));
            }

            return;
        }

        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        foreach (var answer in answers)
        {
            writer.WriteStartObject();
            RunDocument.Optional(writer, "lower", answer.Lower);
            RunDocument.Optional(writer, "upper", answer.Upper);
            writer.WriteString("norm", Words.Of(answer.Claim.Norm));
            writer.WriteString("outputNorm", Words.Of(answer.Claim.Metric));
            writer.WriteNumber("seconds", answer.Seconds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
