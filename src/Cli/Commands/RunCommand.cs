using System.CommandLine;

namespace Cli.Commands;

/// <summary><c>certify run SPEC.yaml</c>: answers every claim of a spec.</summary>
internal static class RunCommand
{
    public static CertifyCommand Create()
    {
        var spec = new Argument<string>("SPEC.yaml") { Description = "What to certify: the model, its family, the claims." };
        var folder = new Option<string>("--out") { Description = "Folder for certificates and report.", DefaultValueFactory = _ => "out", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var timeout = new Option<double>("--timeout") { Description = "Search time per claim.", DefaultValueFactory = _ => 20, HelpName = "SECONDS" };
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
        timeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= 1e7);
        gap.Takes("a share in [0, 1)", share => share is >= 0 and < 1);
        var command = new CertifyCommand("run", "Answers every claim of a spec; writes certificates and a report.", "certify run posterior.yaml --out out --timeout 30")
        {
            spec, folder, json, timeout, gap, seed, device, resume, allow,
        };
        command.Does((parsed, cancellation) =>
        {
            var session = new RunSession
            {
                OutFolder = parsed.GetValue(folder)!,
                TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Gap = parsed.GetValue(gap),
                Seed = parsed.GetValue(seed),
                Device = parsed.GetValue(device)!,
                Resume = parsed.GetValue(resume),
                AllowCommand = parsed.GetValue(allow),
            };
            var run = session.Run(parsed.GetValue(spec)!, cancellation);
            Print(run, session.OutFolder, parsed.GetValue(json));
            return ExitCode.Of(run.Verdict);
        });
        return command;
    }

    public static void Print(Guarantees.Certificates.RunSummary run, string folder, bool json)
    {
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            output.Write(RunDocument.ToBytes(run));
        }
        else
        {
            RunTable.Write(run, folder);
        }
    }
}
