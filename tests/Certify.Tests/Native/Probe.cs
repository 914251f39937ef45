using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Certify.Tests.Native;

/// <summary>Runs eng/NativeProbe in a process of its own, on this system or in another, and reads its report.</summary>
internal static class Probe
{
    /// <summary>The repository: the build output lies in artifacts/bin/PROJECT/CONFIGURATION.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    public static string Program { get; } =
        Path.Combine(Repository, "artifacts", "bin", "NativeProbe", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "NativeProbe.dll");

    public static JsonElement Run(string? ownTorch = null, string[]? inside = null, TimeSpan? limit = null)
    {
        string[] command = [.. inside ?? [], "dotnet", Program];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CERTIFY_LIBTORCH"] = ownTorch;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit ?? TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("The probe did not end in time.");
        }

        Assert.True(process.ExitCode == 0, $"exit status {process.ExitCode}: {errors.Result}");
        return JsonSerializer.Deserialize<JsonElement>(output.Result);
    }

    /// <summary>What every system must show: a right product, one libtorch, right answers, and a limit that holds.</summary>
    public static void Check(JsonElement report)
    {
        var torch = report.GetProperty("Torch");
        Assert.False(torch.TryGetProperty("Error", out var error), error.ToString());
        Assert.Equal([19, 22, 43, 50], torch.GetProperty("Product").EnumerateArray().Select(entry => entry.GetDouble()));
        Assert.Single(torch.GetProperty("Maps").EnumerateArray(), file => Path.GetFileName(file.GetString()) == "libtorch_cpu.so");
        Assert.Single(torch.GetProperty("Maps").EnumerateArray(), file => file.GetString()!.Contains("LibTorchSharp", StringComparison.Ordinal));

        var solver = report.GetProperty("Solver");
        Assert.False(solver.TryGetProperty("Error", out error), error.ToString());
        Assert.Equal("1/3", solver.GetProperty("Third").GetString());
        Assert.Equal("Unsat", solver.GetProperty("Never").GetString());
        Assert.Contains("time limit of 1 s", solver.GetProperty("Hard").GetString(), StringComparison.Ordinal);
        Assert.InRange(solver.GetProperty("HardSeconds").GetDouble(), 0.5, 4);
        Assert.Contains("undeclared", solver.GetProperty("Broken").GetString(), StringComparison.Ordinal);
    }
}
