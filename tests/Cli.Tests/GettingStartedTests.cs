using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Cli.Tests;

/// <summary>A new user's path: every block of <c>docs/getting-started.md</c>, word for word, by bash in a folder that holds what the page says it holds.</summary>
public sealed partial class GettingStartedTests
{
    [Fact]
    public async Task Every_line_of_the_page_does_what_it_says()
    {
        var folder = Directory.CreateTempSubdirectory("new user ").FullName;
        var example = Path.Combine(Repository.Examples, "01-can-noise-move-this-posterior");
        File.Copy(Path.Combine(example, "two_moons.onnx"), Path.Combine(folder, "posterior.onnx"));
        File.Copy(Path.Combine(example, "observations.csv"), Path.Combine(folder, "observed.csv"));
        File.WriteAllBytes(Path.Combine(folder, "retrained.onnx"), Louder(File.ReadAllBytes(Path.Combine(example, "two_moons.onnx"))));

        // The clone: the built program under the name that the page gives.
        var clone = Directory.CreateTempSubdirectory("clone-").FullName;
        File.WriteAllText(Path.Combine(clone, "certify"), $"#!/bin/sh\nexec dotnet '{Repository.Cli}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(clone, "certify"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "getting-started.md"));
        var blocks = Block().Matches(page).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(5, blocks.Length);
        var script = "set -eu\nshopt -s expand_aliases\n" + string.Concat(blocks.Select(block => Status().Replace(block, match => $"set +e\n{match.Groups[1].Value}\nstatus=$?\nset -e\n[ $status -eq {match.Groups[2].Value} ] || {{ echo \"exit status $status\" >&2; exit 99; }}\n")));
        var start = new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CLONE"] = clone;
        foreach (var variable in new[] { "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI" })
        {
            start.Environment.Remove(variable);
        }

        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, output + await errors);
        Assert.Contains("The gate passes", output, StringComparison.Ordinal);
        Assert.Contains("The gate fails", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "first", "report.html")) && File.Exists(Path.Combine(folder, "gate.xml")) && File.Exists(Path.Combine(folder, "gate.sarif")));
        Directory.Delete(folder, recursive: true);
        Directory.Delete(clone, recursive: true);
    }

    /// <summary>The model with the weights of its layer of means times three: the tensor of that name, whose numbers follow it in the file.</summary>
    private static byte[] Louder(byte[] model)
    {
        var name = "net._means_layer.weight"u8;
        var at = model.AsSpan().LastIndexOf(name) + name.Length;
        Assert.Equal(0x4A, model[at++]); // raw_data, then its length
        var (length, shift) = (0, 0);
        do
        {
            length |= (model[at] & 0x7F) << shift;
            shift += 7;
        }
        while ((model[at++] & 0x80) != 0);
        foreach (ref var weight in MemoryMarshal.Cast<byte, float>(model.AsSpan(at, length)))
        {
            weight *= 3;
        }

        return model;
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^(.*) # exit status ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex Status();
}
