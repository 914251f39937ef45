using System.Diagnostics;
using System.Formats.Tar;
using Certify.Native;
using Estimators.Families;
using Estimators.Import;
using Estimators.Training;
using Guarantees.Formats.Tables;
using Xunit;
using static TorchSharp.torch;

namespace Cli.Tests;

/// <summary>The Python package, in a Debian 13 root with its python3-torch and python3-onnx: its own tests, and what it exports is certified. Weights, to PyTorch and back.</summary>
/// <remarks>Mutants seen to fail: offsets of safetensors counted from the file's start; 1.999 in place of 2 in <c>CouplingFlow.LogProb</c>; another dtype in the header.</remarks>
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

    [Debian13Fact]
    public void Weights_go_to_PyTorch_and_back_and_mean_the_same_there()
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        CouplingFlow Flow()
        {
            var flow = new CouplingFlow(randn([90, 3], generator: random) + 1, randn([90, 2], generator: random) * 3, 3, [7, 5], HiddenFunction.Tanh, random);
            using var constant = no_grad();
            foreach (var parameter in flow.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * 0.3);
            }

            return flow;
        }

        using var ours = Flow();
        var (exit, archive, errors) = Python(ours.ToNamedTensors().ToSafetensors(), "tests/Cli.Tests/Data/weights-round-trip.py");
        Assert.True(exit == 0, errors);
        var folder = Directory.CreateTempSubdirectory("python-").FullName;
        TarFile.ExtractToDirectory(new MemoryStream(archive), folder, overwriteFiles: false);
        foreach (var file in new[] { "weights.pt", "weights.safetensors" })
        {
            using var back = Flow();
            Assert.NotEqual(ours.ToOnnx("q"), back.ToOnnx("q"));
            back.Load(NamedTensors.Read(Path.Combine(folder, file)));
            Assert.Equal(ours.ToOnnx("q"), back.ToOnnx("q"));
        }

        var rows = Table.Read(Path.Combine(folder, "pairs.csv"));
        Assert.Equal(20, rows.Rows);
        var pairs = tensor(Enumerable.Range(0, rows.Rows).SelectMany(row => rows[row].ToArray()).Select(number => (float)number).ToArray(), [rows.Rows, 6]);
        var difference = ours.LogProb(pairs.narrow(1, 0, 3), pairs.narrow(1, 3, 2)) - pairs.select(1, 5);
        Assert.InRange((difference / (1 + pairs.select(1, 5).abs())).abs().max().item<float>(), 0, 1e-5f);
        Directory.Delete(folder, recursive: true);
    }

    private static (int Exit, byte[] Output, string Errors) Python(params string[] arguments) => Python([], arguments);

    private static (int Exit, byte[] Output, string Errors) Python(byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "eng", "debian13"), ["--python", "python3", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return (process.ExitCode, output.ToArray(), errors.Result);
    }
}
