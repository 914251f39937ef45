using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Guarantees.Certificates;
using Xunit;

namespace Cli.Tests;

/// <summary>A run of many long claims that does not come to its end.</summary>
public sealed class InterruptTests(Workshop workshop) : IClassFixture<Workshop>
{
    private const string Claims = "claims: [ { robustness: { observations: observations.csv, norm: linf, radius: 0.05, metric: wasserstein2 } } ]\n";

    [Fact]
    public void A_killed_run_leaves_whole_files()
    {
        using var process = Begin("killed");
        process.Kill();
        process.WaitForExit();

        var certificates = Directory.GetFiles(workshop.PathOf("killed"), "claim-*.json");
        Assert.NotEmpty(certificates);
        Assert.All(certificates, file => CertificateFile.Read(file));
        using var summary = JsonDocument.Parse(File.ReadAllBytes(workshop.PathOf("killed", "summary.json")));
        Assert.Equal("undecided", summary.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(0, Program.Run(workshop.Folder, "check", workshop.PathOf("killed", "claim-001-robustness.json")).ExitCode);
    }

    [Fact]
    public void An_interrupted_run_stops_soon_and_proves_nothing_about_what_it_left_out()
    {
        using var process = Begin("stopped");
        var clock = Stopwatch.StartNew();
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -INT {process.Id}")]);
        var ran = Program.Finish(process);

        Assert.Equal(2, ran.ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(40), $"{clock.Elapsed}");
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal("undecided", document.RootElement.GetProperty("verdict").GetString());
        Assert.InRange(document.RootElement.GetProperty("claims").GetArrayLength(), 1, 9);
        Assert.Contains("stopped", Assert.Single(ran.Complaints), StringComparison.Ordinal);
        Assert.True(File.Exists(workshop.PathOf("stopped", "report.html")));
    }

    /// <summary>Starts a run and waits for its first answer.</summary>
    private Process Begin(string folder)
    {
        workshop.Write("long.yaml", Workshop.Moons + Claims);
        var process = Program.Start(workshop.Folder, "run", "long.yaml", "--out", folder, "--json", "--gap", "0", "--timeout", "6");
        for (var clock = Stopwatch.StartNew(); !File.Exists(workshop.PathOf(folder, "summary.json")); Thread.Sleep(20))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited);
        }

        return process;
    }
}
