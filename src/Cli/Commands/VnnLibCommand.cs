using System.CommandLine;
using System.Globalization;
using Certify;
using Certify.Search;
using Guarantees.Formats.VnnLib;

namespace Cli.Commands;

/// <summary><c>certify vnnlib MODEL.onnx PROPERTY.vnnlib</c>: sat, unsat, unknown or timeout, with a witness or a certificate.</summary>
internal static class VnnLibCommand
{
    public static CertifyCommand Create()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The network; the first one that the property declares, where it declares several." };
        var property = new Argument<string>("PROPERTY.vnnlib") { Description = "The question, VNN-LIB 1.0 or 2.0, plain or gzip." };
        var network = new Option<string[]>("--network") { Description = "For a property of several networks (VNN-LIB 2.0): the model of a further one that is not 'equal-to' another; once for each, as in --network g=pruned.onnx.", HelpName = "NAME=FILE" };
        var timeout = new Option<double>("--timeout") { Description = "Seconds for the whole question.", DefaultValueFactory = _ => 116, HelpName = "SECONDS" };
        timeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= 1e7);
        var certificate = new Option<string?>("--certificate") { Description = "Write the certificate of a sat or unsat answer to this file.", HelpName = "FILE" };
        var resume = new Option<bool>("--resume") { Description = "Go on from FILE.checkpoint, which an earlier run left beside the certificate." };
        var command = new CertifyCommand(
            "vnnlib",
            "Answers a VNN-LIB question about a network: sat with a witness, unsat, unknown or timeout.",
            "certify vnnlib net.onnx property.vnnlib --timeout 60 --certificate answer.json")
        {
            model, property, network, timeout, certificate, resume,
        };
        command.Validators.Add(result =>
        {
            NetworkFiles.Validate(result, network);
            if (result.GetResult(resume) is { Implicit: false } && result.GetResult(certificate) is null)
            {
                result.AddError("--resume goes with --certificate FILE: the checkpoint lies beside it.");
            }
        });
        command.Does((parsed, cancellation) =>
        {
            var (modelPath, propertyPath) = (Existing(parsed.GetValue(model)!), Existing(parsed.GetValue(property)!));
            var target = parsed.GetValue(certificate);
            if (target is not null && Path.GetDirectoryName(Path.GetFullPath(target)) is { } folder && !Directory.Exists(folder))
            {
                // Told before the search and not after it.
                throw new DirectoryNotFoundException($"{folder}: folder not found");
            }

            var terminal = new Terminal();
            var (modelBytes, propertyBytes) = (File.ReadAllBytes(modelPath), File.ReadAllBytes(propertyPath));
            var others = NetworkFiles.Read(parsed.GetValue(network));
            using var alone = target is null ? null : RunJournal.Lock($"{target}.lock", target, FileOptions.DeleteOnClose);
            var result = new PropertyVerifier
            {
                TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Progress = new Relay(terminal),
                Others = others,
                Checkpoint = target is null ? null : CheckpointFile.At(
                    $"{target}.checkpoint", new PropertyVerifier { Others = others }.Binding(modelBytes, propertyBytes), parsed.GetValue(resume), line => terminal.Line($"certify: {line}")),
            }.Solve(modelBytes, Path.GetFileName(modelPath), propertyBytes, Path.GetFileName(propertyPath), cancellation);
            terminal.Clear();
            if (result.Answer == PropertyAnswer.Sat)
            {
                VnnLibWitness.Write(Console.Out, result.Question, result.Witness, result.Outputs);
            }
            else
            {
                Console.WriteLine(result.Answer.ToString().ToLowerInvariant());
            }

            terminal.Line(string.Create(
                CultureInfo.InvariantCulture, $"{result.Parts} parts, {result.Seconds:F2} s{(result.Reason.Length > 0 ? $": {result.Reason}" : "")}"));
            if (target is not null)
            {
                if (result.Certificate is null)
                {
                    terminal.Line($"no certificate: the answer is {result.Answer.ToString().ToLowerInvariant()}");
                }

                if (result.Certificate is not null)
                {
                    result.Certificate.Write(target);
                    CheckpointFile.Delete($"{target}.checkpoint");
                }
            }

            return result.Answer switch { PropertyAnswer.Unsat => ExitCode.Proved, PropertyAnswer.Sat => ExitCode.Refuted, _ => ExitCode.Undecided };
        });
        return command;
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new FileNotFoundException(null, path);

    private sealed class Relay(Terminal terminal) : IProgress<DecisionProgress>
    {
        public void Report(DecisionProgress value) => terminal.Show(string.Create(
            CultureInfo.InvariantCulture, $"{value.Share:P1} settled  {value.Parts} parts, {value.Open} open  {value.Seconds:F0} s"));
    }
}
