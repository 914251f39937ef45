using Xunit;

namespace Cli.Tests;

public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("frob", "there is no command 'frob'; the commands are demo, train, run, simulate, calibrate, check, key, sign, verify, report, bounds, lipschitz, vnnlib, export. See 'certify --help'.")]
    [InlineData("--frob", "there is no option '--frob'; the commands are demo, train, run, simulate, calibrate, check, key, sign, verify, report, bounds, lipschitz, vnnlib, export. See 'certify --help'.")]
    [InlineData("run", "Required argument 'SPEC.yaml' missing for command: 'run'. See 'certify run --help'.")]
    [InlineData("run --frob", "there is no option '--frob'. See 'certify run --help'.")]
    [InlineData("run --frob spec.yaml", "there is no option '--frob'. See 'certify run --help'.")]
    [InlineData("run a.yaml --timeout abc", "--timeout is 'abc', expected seconds in (0, 1e7]. See 'certify run --help'.")]
    [InlineData("run a.yaml --timeout -1", "--timeout is '-1', expected seconds in (0, 1e7]. See 'certify run --help'.")]
    [InlineData("run a.yaml --gap 1", "--gap is '1', expected a share in [0, 1). See 'certify run --help'.")]
    [InlineData("run a.yaml --parts 0", "--parts is '0', expected a whole number from 1 to 2000000. See 'certify run --help'.")]
    [InlineData("run a.yaml --run-timeout 0", "--run-timeout is '0', expected seconds in (0, 1e7]. See 'certify run --help'.")]
    [InlineData("run a.yaml --junit a.xml", "--junit goes with --gate. See 'certify run --help'.")]
    [InlineData("run a.yaml --gate --update-baseline", "--update-baseline goes with --baseline. See 'certify run --help'.")]
    [InlineData("run a.yaml --gate --baseline out", "--baseline and --out are both 'out'; a run would write over what it is compared with. See 'certify run --help'.")]
    [InlineData("run a.yaml --gate --worse-by -1", "--worse-by is '-1', expected a share in [0, 1e6]. See 'certify run --help'.")]
    [InlineData("run a.yaml --gate --unproved maybe", "Argument 'maybe' not recognized. Must be one of: 'fail' 'tell' See 'certify run --help'.")]
    [InlineData("lipschitz a.onnx --box b.csv --timeout nan", "--timeout is 'nan', expected seconds in (0, 1e7]. See 'certify lipschitz --help'.")]
    [InlineData("bounds a.onnx", "Option '--box' is required. See 'certify bounds --help'.")]
    [InlineData("bounds a.onnx --box b.csv --method best", "Argument 'best' not recognized. Must be one of: 'ibp' 'crown-ibp' 'crown' 'alpha-crown' See 'certify bounds --help'.")]
    [InlineData("export a.json", "Option '--to' is required. See 'certify export --help'.")]
    [InlineData("export a.json --to lean", "Argument 'lean' not recognized. Must be one of: 'coq' See 'certify export --help'.")]
    [InlineData("train sir --family gaussian --out q.onnx --method plain --select plain", "--method goes without --select. See 'certify train --help'.")]
    [InlineData("train sir --family gaussian --out q.onnx --selection t.csv", "--selection goes with --select. See 'certify train --help'.")]
    [InlineData("check", null)]
    [InlineData("run a.yaml --seed 1.5", null)]
    [InlineData("run a.yaml b.yaml", null)]
    public void A_wrong_command_line_is_told_in_one_line(string line, string? message)
    {
        var ran = Program.Run(Repository.Root, line.Split(' '));

        Assert.Equal(64, ran.ExitCode);
        Assert.Empty(ran.Output);
        var complaint = Assert.Single(ran.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.StartsWith("loaded ", StringComparison.Ordinal));
        Assert.StartsWith("certify: ", complaint, StringComparison.Ordinal);
        if (message is not null)
        {
            Assert.Equal($"certify: {message}", complaint);
        }
    }
}
