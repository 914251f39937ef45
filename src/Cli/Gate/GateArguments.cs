using System.CommandLine;
using Guarantees.Formats.Spec;

namespace Cli.Gate;

/// <summary>The options of a gate.</summary>
internal sealed class GateArguments
{
    private readonly Option<bool> gate = new("--gate") { Description = "Pass or fail, for CI: see docs/gate.md." };
    private readonly Option<string> baseline = new("--baseline") { Description = "Folder of an earlier run: fail where a claim that it proves is lost.", HelpName = "DIR" };
    private readonly Option<bool> update = new("--update-baseline") { Description = "Make what is now the baseline." };
    private readonly Option<double> worseBy = new("--worse-by") { Description = "Fail where a certified bound is worse than the baseline's by more than this share.", HelpName = "SHARE" };
    private readonly Option<string> changedModel = new("--changed-model") { Description = "What another model than the baseline's does; tell unless given." };
    private readonly Option<string> unproved = new("--unproved") { Description = "What a claim does that is proved neither now nor in the baseline; fail unless given." };
    private readonly Option<string> junit = new("--junit") { Description = "Write JUnit XML.", HelpName = "FILE" };
    private readonly Option<string> sarif = new("--sarif") { Description = "Write SARIF 2.1.0.", HelpName = "FILE" };
    private readonly Option<string> summary = new("--summary") { Description = "Write a summary as Markdown.", HelpName = "FILE" };
    private readonly Option<string> codeQuality = new("--code-quality") { Description = "Write GitLab's code quality report.", HelpName = "FILE" };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="folder">Where the run writes, which must not be the baseline.</param>
    public GateArguments(CertifyCommand command, Option<string> folder)
    {
        worseBy.Takes("a share in [0, 1e6]", share => share is >= 0 and <= 1e6);
        changedModel.AcceptOnlyFromAmong("fail", "tell");
        unproved.AcceptOnlyFromAmong("fail", "tell");
        Option[] others = [baseline, update, worseBy, changedModel, unproved, junit, sarif, summary, codeQuality];
        command.Add(gate);
        foreach (var option in others)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (Array.Find(others, option => result.GetResult(option) is { Implicit: false }) is { } needs && !result.GetValue(gate))
            {
                result.AddError($"{needs.Name} goes with --gate.");
            }
            else if (result.GetValue(update) && string.IsNullOrEmpty(result.GetValue(baseline)))
            {
                result.AddError("--update-baseline goes with --baseline.");
            }
            else if (result.GetValue(baseline) is { Length: > 0 } there && (result.GetResult(folder) is { Tokens: [var token] } ? token.Value : folder.GetDefaultValue() as string) is { Length: > 0 } here && Path.GetFullPath(there) == Path.GetFullPath(here))
            {
                result.AddError($"--baseline and --out are both '{there}'; a run would write over what it is compared with.");
            }
        });
    }

    /// <summary>What is asked; null where no gate is.</summary>
    public GateOptions? Of(ParseResult parsed) => !parsed.GetValue(gate) ? null : new GateOptions
    {
        Baseline = parsed.GetValue(baseline) ?? "",
        Updates = parsed.GetValue(update),
        Settings = new GateSettings(parsed.GetResult(worseBy) is { Implicit: false } ? parsed.GetValue(worseBy) : null, Fails(parsed.GetValue(changedModel)), Fails(parsed.GetValue(unproved))),
        Files = new GateFiles(parsed.GetValue(junit) ?? "", parsed.GetValue(sarif) ?? "", parsed.GetValue(summary) ?? "", parsed.GetValue(codeQuality) ?? ""),
    };

    private static bool? Fails(string? action) => action is null ? null : action == "fail";
}
