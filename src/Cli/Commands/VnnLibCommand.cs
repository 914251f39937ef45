using System.CommandLine;
using System.Globalization;
using Certify;
using Certify.Native;
using Certify.Search;
using Certify.Smt;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
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
        var device = DeviceOption.ForSearch();
        var resume = new Option<bool>("--resume") { Description = "Go on from FILE.checkpoint, which an earlier run left beside the certificate." };
        var solver = new Option<string>("--solver") { Description = "Who settles parts that the search cannot; an unsat that rests on a solver says so.", DefaultValueFactory = _ => "auto" };
        solver.AcceptOnlyFromAmong("auto", "none", "z3", "cvc5");
        var evidence = new Option<string?>("--smt-evidence") { Description = "Keep every question to the solver as DIR/PROPERTY-CASE-ENTRY.smt2.", HelpName = "DIR" };
        var method = new Option<string>("--method") { Description = "smt: one question to the solver for each case instead of a search, for small networks.", DefaultValueFactory = _ => "search" };
        method.AcceptOnlyFromAmong("search", "smt");
        var command = new CertifyCommand(
            "vnnlib",
            "Answers a VNN-LIB question about a network: sat with a witness, unsat, unknown or timeout.",
            "certify vnnlib net.onnx property.vnnlib --timeout 60 --certificate answer.json")
        {
            model, property, network, timeout, certificate, device, resume, solver, evidence, method,
        };
        command.Validators.Add(result =>
        {
            NetworkFiles.Validate(result, network);
            if (result.GetResult(resume) is { Implicit: false } && result.GetResult(certificate) is null)
            {
                result.AddError("--resume goes with --certificate FILE: the checkpoint lies beside it.");
            }

            if (result.GetValue(method) == "smt" && (result.GetValue(solver) == "none" || result.GetResult(resume) is { Implicit: false }))
            {
                result.AddError("--method smt needs a solver, and goes neither with --solver none nor with --resume.");
            }
        });
        command.Does((parsed, cancellation) =>
        {
            var (modelPath, propertyPath) = (Existing(parsed.GetValue(model)!), Existing(parsed.GetValue(property)!));
            var target = parsed.GetValue(certificate);
            if (target is not null)
            {
                WholeFile.Probe(target); // told before the search and not after it
            }

            var kept = target is not null && !WholeFile.IsDevice(target); // /dev/stdout has no folder for a checkpoint

            var terminal = new Terminal();
            var (modelBytes, propertyBytes) = (File.ReadAllBytes(modelPath), File.ReadAllBytes(propertyPath));
            var (who, asks) = (parsed.GetValue(solver)!, parsed.GetValue(method) == "smt");
            if (who is not ("auto" or "none") && SmtSolvers.Find(who) is null)
            {
                throw new NativeLoadException($"{who} is not on PATH: install it, or leave out --solver");
            }

            var others = NetworkFiles.Read(parsed.GetValue(network));
            using var alone = !kept ? null : RunJournal.Lock($"{target}.lock", target!, FileOptions.DeleteOnClose);
            var result = new PropertyVerifier
            {
                TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Progress = new Relay(terminal),
                Others = others,
                Method = asks ? PropertyMethod.Smt : PropertyMethod.Search,
                Solver = who == "none" ? null : () => SmtSolvers.Find(who),
                SmtEvidence = parsed.GetValue(evidence),
                Guide = DeviceOption.Guide(parsed.GetValue(device)!, () => OnnxImporter.Read(modelBytes, modelPath), line => terminal.Line($"certify: {line}")),
                Checkpoint = !kept || asks ? null : CheckpointFile.At(
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
            if (result.Certificate?.SolverLeaves is { IsEmpty: false } leaves)
            {
                terminal.Line($"{leaves.Length} {(leaves.Length == 1 ? "part rests" : "parts rest")} on the word of {leaves[0].Solver}, not on the kernel; 'certify check --solver auto' asks again");
            }

            if (target is not null)
            {
                if (result.Certificate is null)
                {
                    terminal.Line($"no certificate: the answer is {result.Answer.ToString().ToLowerInvariant()}");
                }

                if (result.Certificate is not null)
                {
                    result.Certificate.Write(target);
                }

                if (result.Certificate is not null && kept)
                {
                    WholeFile.Sweep(target);
                    CheckpointFile.Delete($"{target}.checkpoint");
                }
            }

            // Only what the kernel derived is proved.
            return result.Answer switch { PropertyAnswer.Unsat => result.Certificate!.SolverLeaves.IsEmpty ? ExitCode.Proved : ExitCode.Undecided, PropertyAnswer.Sat => ExitCode.Refuted, _ => ExitCode.Undecided };
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
