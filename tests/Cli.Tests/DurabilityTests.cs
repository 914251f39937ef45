using Guarantees.Certificates;
using Xunit;

namespace Cli.Tests;

/// <summary>What cannot be written is told in one line that names the file, exits with 66, leaves no half file, and leaves an older file as it was.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const string Claims = "claims: [ { robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 0.1, metric: wasserstein2 } } ]\n";
    private static readonly string[] Question = ["vnnlib", "linear.onnx", "q.vnnlib", "--certificate"];

    private readonly Workshop workshop = new();

    public DurabilityTests()
    {
        workshop.Write("spec.yaml", Workshop.Linear + Claims);
        workshop.Write("q.vnnlib", string.Concat(Enumerable.Range(0, 2).Select(i => $"(declare-const X_{i} Real)\n(assert (<= 0 X_{i} 1))\n"))
            + string.Concat(Enumerable.Range(0, 4).Select(i => $"(declare-const Y_{i} Real)\n")) + "(assert (>= Y_0 0.6))\n");
    }

    public void Dispose() => workshop.Dispose();

    [MountFact]
    public void A_full_disk_is_told_and_leaves_whole_files() => Mounted("size=20k", folder =>
    {
        // Journal, model, certificate and summary have room; the page has none.
        var run = Complains("the disk is full", "run", "spec.yaml", "--out", Path.Combine(folder, "out"));
        Assert.StartsWith($"certify: {Path.Combine(folder, "out", "report.html")}: not written: ", run, StringComparison.Ordinal);
        CertificateFile.Read(Path.Combine(folder, "out", "claim-001-robustness.json"));

        var target = Path.Combine(folder, "answer.json");
        File.WriteAllText(target, "older");
        Fill(Path.Combine(folder, "filler"));
        Complains($"{target}: not written: the disk is full; free some space", [.. Question, target]);
        Assert.Equal("older", File.ReadAllText(target));
        Assert.Empty(Directory.GetFiles(folder, "*.partial", SearchOption.AllDirectories));
    });

    [MountFact]
    public void A_read_only_folder_is_told_before_the_search() => Mounted("ro", folder =>
    {
        Complains($"{Path.Combine(folder, "out")}: folder not made: the file system is read-only", "run", "spec.yaml", "--out", Path.Combine(folder, "out"));
        Complains($"{Path.Combine(folder, "run.journal")}: not written: the file system is read-only", "run", "spec.yaml", "--out", folder);
        Complains($"{Path.Combine(folder, "a.json")}: not written: the file system is read-only; choose another place", [.. Question, Path.Combine(folder, "a.json")]);
        Complains($"{Path.Combine(folder, "k.private.pem")}: not written: the file system is read-only", "key", "--out", Path.Combine(folder, "k"));
    });

    [Fact]
    public void A_folder_in_the_place_of_a_file_and_a_file_in_the_place_of_a_folder_are_told()
    {
        Directory.CreateDirectory(workshop.PathOf("folder"));
        Complains("folder: not written: it is a folder; name a file", [.. Question, "folder"]);
        Complains("spec.yaml: folder not made: there is a file of that name", "run", "spec.yaml", "--out", "spec.yaml");
        Complains("spec.yaml is no folder", [.. Question, "spec.yaml/a.json"]);
        Complains("nowhere: folder not found", [.. Question, "nowhere/a.json"]);
        Assert.Empty(Directory.GetFileSystemEntries(workshop.PathOf("folder")));
        Assert.Empty(Directory.GetFiles(workshop.Folder, "*.partial"));
    }

    [Fact]
    public void What_a_kill_left_is_removed_and_what_others_write_is_not()
    {
        Directory.CreateDirectory(workshop.PathOf("out"));
        workshop.Write("out/summary.json.0123456789abcdef.partial", "half");
        workshop.Write("out/claim-001-robustness.json.fedcba9876543210.partial", "half");
        workshop.Write("out/summary.json.mine.partial", "other");

        Assert.Equal(0, Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out").ExitCode);
        Assert.Equal("summary.json.mine.partial", Path.GetFileName(Assert.Single(Directory.GetFiles(workshop.PathOf("out"), "*.partial"))));
    }

    [Fact]
    public void A_folder_that_is_in_use_keeps_a_demo_out_before_it_trains()
    {
        Directory.CreateDirectory(workshop.PathOf("out"));
        using (new FileStream(workshop.PathOf("out", "run.journal"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Equal("certify: out: another run is writing there", Complains("out", "demo", "--out", "out"));
        }

        Assert.False(File.Exists(workshop.PathOf("out", "model.onnx")));
    }

    [Fact]
    public void Two_that_write_one_file_at_once_both_end_well()
    {
        Assert.Equal(0, Program.Run(workshop.Folder, [.. Question, "a.json"]).ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "key", "--out", "k").ExitCode);
        var both = Enumerable.Range(0, 2).Select(_ => Program.Start(workshop.Folder, "sign", "a.json", "--key", "k.private.pem", "--out", "a.dsse")).ToArray();
        Assert.All(both, process => Assert.Equal(0, Program.Finish(process).ExitCode));
        Assert.Equal(0, Program.Run(workshop.Folder, "verify", "a.dsse", "--key", "k.public.pem").ExitCode);
        Assert.Empty(Directory.GetFiles(workshop.Folder, "*.partial"));
    }

    [Fact]
    public void A_device_is_written_and_not_replaced_and_a_link_stays_one()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Complains("/dev/full: not written: the disk is full", [.. Question, "/dev/full"]);
        Assert.Contains("character special", Stat("/dev/full"), StringComparison.Ordinal);
        var ran = Program.Run(workshop.Folder, [.. Question, "/dev/stdout"]);
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("\"guarantees-property/1\"", ran.Output, StringComparison.Ordinal);

        File.CreateSymbolicLink(workshop.PathOf("link.json"), workshop.PathOf("real.json"));
        Assert.Equal(0, Program.Run(workshop.Folder, [.. Question, "link.json"]).ExitCode);
        Assert.NotNull(new FileInfo(workshop.PathOf("link.json")).LinkTarget);
        PropertyCertificate.Read(File.ReadAllBytes(workshop.PathOf("real.json")), "real");
    }

    [Fact]
    public void Another_spec_is_rejected_and_a_changed_one_is_named_on_resume()
    {
        Assert.Equal(0, Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out").ExitCode);
        string[] check = ["check", "out/claim-001-robustness.json", "--spec", "spec.yaml"];
        Assert.Equal(0, Program.Run(workshop.Folder, check).ExitCode);

        workshop.Write("spec.yaml", "# another comment\n" + Workshop.Linear + Claims);
        var other = Program.Run(workshop.Folder, check);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("REJECTED: the spec file has SHA-256 ", other.Output, StringComparison.Ordinal);

        Assert.Contains(": taken over", Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out", "--resume").Errors, StringComparison.Ordinal);
        Assert.Equal(0, Program.Run(workshop.Folder, check).ExitCode);
        Assert.Contains(": taken over", Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out", "--resume").Errors, StringComparison.Ordinal);
    }

    private string Complains(string what, params string[] arguments)
    {
        var ran = Program.Run(workshop.Folder, arguments);
        var complaint = Assert.Single(ran.Complaints);
        Assert.Contains(what, complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("xception", complaint, StringComparison.Ordinal);
        Assert.Equal(66, ran.ExitCode);
        return complaint;
    }

    private void Mounted(string options, Action<string> test)
    {
        var folder = Directory.CreateDirectory(workshop.PathOf("mounted")).FullName;
        Assert.True(MountFactAttribute.Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder));
        try
        {
            test(folder);
        }
        finally
        {
            Assert.True(MountFactAttribute.Run("umount", folder));
        }
    }

    private static void Fill(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static string Stat(string path)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%F", path]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }
}
