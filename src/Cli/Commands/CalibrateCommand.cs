using System.CommandLine;
using Guarantees.Claims;

namespace Cli.Commands;

/// <summary><c>certify calibrate SPEC.yaml</c>: answers the claims of a spec that pairs of prior and simulator answer.</summary>
internal static class CalibrateCommand
{
    public static CertifyCommand Create()
    {
        var spec = new Argument<string>("SPEC.yaml") { Description = "The estimator, and claims of kind calibration, coverage and conformal; others are left out." };
        var folder = new Option<string>("--out") { Description = "Folder for certificates and report.", DefaultValueFactory = _ => "out", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var seed = new Option<int>("--seed") { Description = "Seed of draws from the posterior, of ties and of replicates.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var command = new CertifyCommand("calibrate", "Tests whether an estimator is calibrated, how often its credible sets hold the truth, and makes sets that do.", "certify calibrate posterior.yaml --out out")
        {
            spec, folder, json, seed,
        };
        command.Does((parsed, cancellation) =>
        {
            var session = new RunSession { OutFolder = parsed.GetValue(folder)!, Seed = parsed.GetValue(seed), Asks = claim => PairStatistics.Answers(claim.Kind) };
            var run = session.Run(parsed.GetValue(spec)!, cancellation);
            RunCommand.Print(run, session.OutFolder, parsed.GetValue(json));
            return ExitCode.Of(run.Verdict);
        });
        return command;
    }
}
