using System.Diagnostics;
using System.Globalization;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary><c>--resume</c> after a kill at any moment: the same certificates but for times, which <c>certify check</c> accepts; what is damaged or foreign is refused in one line.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string Claims = "claims: [ { robustness: { observations: observations.csv, norm: linf, radius: 0.05, metric: wasserstein2 } } ]\n";
    private static readonly string[] Question = ["vnnlib", "net.onnx", "q.vnnlib", "--timeout", "200", "--certificate"];
    private static readonly string[] Spec = ["run", "moons.yaml", "--gap", "0.01", "--timeout", "200", "--out"];

    private readonly Workshop workshop = new();

    public ResumeTests()
    {
        workshop.Write("moons.yaml", Workshop.Moons + Claims);
        File.WriteAllBytes(workshop.PathOf("net.onnx"), Network());
        var box = string.Concat(Enumerable.Range(0, 8).Select(i => $"(declare-const X_{i} Real)\n(assert (>= X_{i} -1))\n(assert (<= X_{i} 1))\n"));
        workshop.Write("q.vnnlib", $"{box}(declare-const Y_0 Real)\n(assert (or (and (>= Y_0 2.5)) (and (<= Y_0 -2.5))))\n");
    }

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData(5)]
    public void A_killed_search_goes_on_to_the_same_certificate(int kills) => KillsAndResumes(kills, seed: 1);

    [Theory]
    [InlineData(200)]
    [Trait("Category", "Nightly")]
    public void However_often_a_search_is_killed_it_goes_on_to_the_same_certificate(int kills) => KillsAndResumes(kills, seed: 2);

    [Fact]
    public void What_does_not_fit_is_answered_anew()
    {
        var whole = Program.Run(workshop.Folder, [.. Spec, "out"]);
        var names = Names("out");
        var first = Contents(names[0]);

        // Nothing has changed: everything is taken over.
        var again = Program.Run(workshop.Folder, [.. Spec, "out", "--resume"]);
        Assert.Equal((whole.ExitCode, whole.Output), (again.ExitCode, again.Output));
        Assert.Equal(names.Length, again.Errors.Split('\n').Count(line => line.EndsWith(": taken over", StringComparison.Ordinal)));
        Assert.Empty(again.Complaints);

        // One certificate is damaged.
        var text = File.ReadAllText(names[0]);
        File.WriteAllText(names[0], text.Replace("\"upper\": ", "\"upper\": 1", StringComparison.Ordinal));
        var repaired = Program.Run(workshop.Folder, [.. Spec, "out", "--resume"]);
        Assert.Contains("answered anew", Assert.Single(repaired.Complaints), StringComparison.Ordinal);
        Assert.Equal(whole.Output, repaired.Output);
        Assert.Equal(first, Contents(names[0]));

        // Other options: nothing is taken over.
        var other = Program.Run(workshop.Folder, ["run", "moons.yaml", "--gap", "0.3", "--timeout", "200", "--out", "out", "--resume"]);
        Assert.Equal(names.Length, other.Complaints.Count(line => line.Contains("another model, claim, option or version", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_and_the_answer_is_the_same()
    {
        Program.Run(workshop.Folder, [.. Question, "whole.json"]);
        KillWhen(() => File.Exists(workshop.PathOf("q.json.checkpoint")), [.. Question, "q.json"]);
        var bytes = File.ReadAllBytes(workshop.PathOf("q.json.checkpoint"));
        foreach (var damaged in new[] { [.. bytes.Select((b, i) => i % 97 == 0 ? (byte)~b : b)], bytes[..(bytes.Length / 2)], [] })
        {
            File.WriteAllBytes(workshop.PathOf("q.json.checkpoint"), damaged);
            var ran = Program.Run(workshop.Folder, [.. Question, "q.json", "--resume"]);
            Assert.Equal((0, "unsat\n"), (ran.ExitCode, ran.Output));
            Assert.Contains("checkpoint refused, the search begins anew", Assert.Single(ran.Complaints), StringComparison.Ordinal);
            Assert.Equal(Contents(workshop.PathOf("whole.json")), Contents(workshop.PathOf("q.json")));
            Assert.False(File.Exists(workshop.PathOf("q.json.checkpoint")));
        }
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder_and_a_killed_one_keeps_nobody_out()
    {
        using var process = Start(["run", "moons.yaml", "--gap", "0", "--timeout", "200", "--out", "out"]);
        Until(() => Directory.Exists(workshop.PathOf("out")) && Names("out").Length > 0, process);
        var second = Program.Run(workshop.Folder, [.. Spec, "out"]);
        Assert.Equal(66, second.ExitCode);
        Assert.Equal("certify: out: another run is writing there", Assert.Single(second.Complaints));
        process.Kill();
        process.WaitForExit();
        Assert.Equal(0, Program.Run(workshop.Folder, [.. Spec, "out", "--resume"]).ExitCode);
    }

    [Fact]
    public void Resume_without_a_place_for_the_checkpoint_is_wrong_usage()
    {
        var ran = Program.Run(workshop.Folder, "vnnlib", "net.onnx", "q.vnnlib", "--resume");
        Assert.Equal(64, ran.ExitCode);
        Assert.Contains("--resume goes with --certificate FILE", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    private void KillsAndResumes(int kills, int seed)
    {
        var random = new Random(seed);
        foreach (var (command, target) in new[] { (Question, "a.json"), (Spec, "a") })
        {
            var clock = Stopwatch.StartNew();
            var whole = Program.Run(workshop.Folder, [.. command, $"whole-{target}"]);
            Assert.Equal(0, whole.ExitCode);
            var (longest, resume, stopped, saved) = (clock.Elapsed.TotalSeconds, false, 0, 0);
            for (var k = 0; k < kills; k++)
            {
                using var process = Start([.. command, target, .. resume ? ["--resume"] : Array.Empty<string>()]);
                Thread.Sleep(TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 0.7 * longest)));
                resume = !process.HasExited;
                process.Kill();
                process.WaitForExit();
                stopped += resume ? 1 : 0;
                saved += Directory.GetFiles(workshop.Folder, "*.checkpoint", SearchOption.AllDirectories).Length;
                if (!resume)
                {
                    // It came to its end: from the start again.
                    Remove(workshop.PathOf(target));
                }
            }

            Assert.True(stopped > kills / 3 && saved > 0, $"{stopped} of {kills} were stopped, {saved} checkpoints");
            var resumed = Program.Run(workshop.Folder, [.. command, target, "--resume"]);
            Assert.Equal(whole.ExitCode, resumed.ExitCode);
            Assert.Empty(resumed.Complaints);
            var (expected, found) = (Files($"whole-{target}"), Files(target));
            Assert.Equal(expected.Length, found.Length);
            Assert.All(expected.Zip(found), pair => Assert.Equal(Contents(pair.First), Contents(pair.Second)));
            Assert.Equal(0, Program.Run(workshop.Folder, ["check", .. found]).ExitCode);
            Assert.Empty(Directory.GetFiles(workshop.Folder, "*.checkpoint*", SearchOption.AllDirectories));
        }

        string[] Files(string target) => target.EndsWith(".json", StringComparison.Ordinal) ? [workshop.PathOf(target)] : Names(target);
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        File.Delete(path);
    }

    private void KillWhen(Func<bool> ready, string[] arguments)
    {
        using var process = Start(arguments);
        Until(ready, process);
        process.Kill();
        process.WaitForExit();
    }

    private static void Until(Func<bool> ready, Process process)
    {
        for (var clock = Stopwatch.StartNew(); !ready(); Thread.Sleep(5))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited);
        }
    }

    /// <summary>Starts the program, which saves its state twenty times a second; nobody reads what it says.</summary>
    private Process Start(string[] arguments)
    {
        var start = Program.Prepare(workshop.Folder, arguments);
        start.Environment["CERTIFY_CHECKPOINT_SECONDS"] = "0.05";
        return Process.Start(start)!;
    }

    private string[] Names(string folder) => [.. Directory.GetFiles(workshop.PathOf(folder), "claim-*.json").Order(StringComparer.Ordinal)];

    /// <summary>A certificate without the lines that tell the time, and without the digest of the whole.</summary>
    private static string Contents(string path) => string.Join('\n', File.ReadAllLines(path).Where(line =>
        !line.StartsWith("  \"seconds\"", StringComparison.Ordinal) && !line.StartsWith("  \"created\"", StringComparison.Ordinal) && !line.StartsWith("  \"digest\"", StringComparison.Ordinal)));

    /// <summary>A ReLU network of random weights with eight inputs, which takes a second or two to search.</summary>
    private static byte[] Network()
    {
        var random = new Random(7);
        var graph = new OnnxGraphBuilder();
        var y = graph.Input("x", 8);
        int[] sizes = [8, 32, 24, 1];
        for (var k = 1; k < sizes.Length; k++)
        {
            var name = k.ToString(CultureInfo.InvariantCulture);
            var weights = graph.Initializer($"w{name}", Draw(sizes[k] * sizes[k - 1]), sizes[k], sizes[k - 1]);
            y = graph.Node("Gemm", k < 3 ? $"g{name}" : "y", [k == 1 ? y : graph.Node("Relu", $"r{name}", [y]), weights, graph.Initializer($"b{name}", Draw(sizes[k]), sizes[k])], ("transB", 1));
        }

        graph.Output("y", 1);
        return graph.ToBytes();

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
