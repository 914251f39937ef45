using System.CommandLine;
using Cli.Gate;
using Guarantees.Formats.Spec;
using Reports;

namespace Cli.Commands;

/// <summary><c>certify run SPEC.yaml</c>: answers every claim of a spec.</summary>
internal static class RunCommand
{
    public static CertifyCommand Create()
    {
        var spec = new Argument<string>("SPEC.yaml") { Description = "What to certify: the model, its family, the claims." };
        var folder = new Option<string>("--out") { Description = "Folder for certificates and report.", DefaultValueFactory = _ => "out", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var timeout = new Option<double>("--timeout") { Description = "Search time per claim; before the spec's budget.", DefaultValueFactory = _ => 20, HelpName = "SECONDS" };
        var runTimeout = new Option<double>("--run-timeout") { Description = "Search time for all claims together.", HelpName = "SECONDS" };
        var parts = new Option<int>("--parts") { Description = "Parts into which a claim's set may be divided: a budget that ends a search at the same place on every machine. Without --timeout, time ends none.", HelpName = "NUMBER" };
        var gap = new Option<double>("--gap")
        {
            Description = "Stop when the enclosure's width is this share of its upper end.",
            DefaultValueFactory = _ => 0.02,
            HelpName = "SHARE",
        };
        var seed = new Option<int>("--seed") { Description = "Seed of the attack.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var device = DeviceOption.ForSearch();
        var resume = new Option<bool>("--resume") { Description = "Take over what an earlier run left in the folder; go on where it stopped." };
        var allow = new Option<bool>("--allow-command") { Description = "Let the spec of a black box run the program that it names." };
        timeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= Budget.MostSeconds);
        runTimeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= Budget.MostSeconds);
        parts.Takes("a whole number from 1 to 2000000", count => count is >= 1 and <= Budget.MostParts);
        gap.Takes("a share in [0, 1)", share => share is >= 0 and < 1);
        var command = new CertifyCommand("run", "Answers every claim of a spec; writes certificates and a report.", "certify run posterior.yaml --out out --timeout 30")
        {
            spec, folder, json, timeout, runTimeout, parts, gap, seed, device, resume, allow,
        };
        var gateOptions = new GateArguments(command, folder);
        command.Does((parsed, cancellation) =>
        {
            double? Given(Option<double> option) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;
            var (file, outFolder) = (parsed.GetValue(spec)!, parsed.GetValue(folder)!);
            var gate = gateOptions.Of(parsed) is { } asked ? new GateRun(file, outFolder, asked, cancellation) : null;
            var session = new RunSession
            {
                OutFolder = outFolder,
                TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Budget = new Budget(Given(timeout), parsed.GetResult(parts) is { Implicit: false } ? parsed.GetValue(parts) : null) { RunSeconds = Given(runTimeout) },
                Gap = parsed.GetValue(gap),
                Seed = parsed.GetValue(seed),
                Device = parsed.GetValue(device)!,
                Resume = parsed.GetValue(resume),
                AllowCommand = parsed.GetValue(allow),
                Known = gate is null ? (_, _) => null : gate.Known,
            };
            var run = session.Run(gate?.Spec ?? SpecFile.Read(file), cancellation);
            if (gate is null)
            {
                Print(run, outFolder, parsed.GetValue(json));
                return ExitCode.Of(run.Verdict);
            }

            var report = gate.Finish(run);
            if (parsed.GetValue(json))
            {
                Print(GateDocument.ToBytes(report));
            }
            else
            {
                GateTable.Write(report, outFolder);
            }

            return report.Effect switch { GateEffect.Fails => ExitCode.Refuted, GateEffect.Undecided => ExitCode.Undecided, _ => ExitCode.Proved };
        });
        return command;
    }

    public static void Print(Guarantees.Certificates.RunSummary run, string folder, bool json)
    {
        if (json)
        {
            Print(RunDocument.ToBytes(run));
        }
        else
        {
            RunTable.Write(run, folder);
        }
    }

    private static void Print(byte[] document)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(document);
    }
}
