using System.Diagnostics;
using System.Formats.Tar;
using Xunit;

namespace Cli.Tests;

/// <summary>The Python package, in a Debian 13 root with its python3-torch and python3-onnx: its own tests, and what it exports is certified.</summary>
[Trait("Category", "Nightly")]
public sealed class PythonTests
{
    [Debian13Fact]
    public void The_tests_of_the_package_pass()
    {
        // The first run fetches a gigabyte.
        var (exit, _, errors) = Python("-m", "unittest", "discover", "-v", "python/tests");
        Assert.True(exit == 0, errors);
        Assert.Matches(@"Ran [1-9]\d* tests", errors);
        Assert.DoesNotContain("skipped", errors, StringComparison.Ordinal);
    }

    [Debian13Fact]
    public void What_it_exports_is_certified_and_checked()
    {
        var (exit, archive, errors) = Python("python/tests/examples.py");
        Assert.True(exit == 0, errors);
        var folder = Directory.CreateTempSubdirectory("python-").FullName;
        TarFile.ExtractToDirectory(new MemoryStream(archive), folder, overwriteFiles: false);
        foreach (var name in new[] { "mixture", "flow", "ratio" })
        {
            var spec = Path.Combine(folder, name);
            var ran = Program.Run(spec, "run", "spec.yaml", "--out", "out", "--gap", "0.5", "--timeout", "120");
            Assert.True(ran.ExitCode == 0, name + ran.Output + ran.Errors);
            var check = Program.Run(spec, ["check", .. Directory.GetFiles(Path.Combine(spec, "out"), "claim-*.json")]);
            Assert.True(check.ExitCode == 0, name + check.Output + check.Errors);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static (int Exit, byte[] Output, string Errors) Python(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "eng", "debian13"), ["--python", "python3", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return (process.ExitCode, output.ToArray(), errors.Result);
    }
}
