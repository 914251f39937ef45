using Xunit;

namespace Certify.Tests.Native;

/// <summary>The second system: Debian 13, where nothing needs a patch and Z3 runs in process.</summary>
[Trait("Category", "Nightly")]
public sealed class Debian13Tests
{
    [Debian13Fact]
    public void Z3_runs_in_process_and_TorchSharp_unpatched()
    {
        // The first run fetches 100 MB with debootstrap.
        var report = Probe.Run(inside: [Path.Combine(Probe.Repository, "eng", "debian13")], limit: TimeSpan.FromMinutes(15));
        Probe.Check(report);
        Assert.StartsWith("Debian GNU/Linux 13", report.GetProperty("System").GetString(), StringComparison.Ordinal);
        Assert.False(report.GetProperty("Torch").GetProperty("Patched").GetBoolean());
        Assert.True(report.GetProperty("Solver").GetProperty("InProcess").GetBoolean());
        Assert.StartsWith("z3 4.13.", report.GetProperty("Solver").GetProperty("Description").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Path.Combine("artifacts", "debian13"), File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class Debian13FactAttribute : FactAttribute
    {
        public Debian13FactAttribute() => Skip =
            !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "needs root on Linux to make a Debian 13 root"
            : !File.Exists("/usr/sbin/debootstrap") ? "needs debootstrap (apt-get install debootstrap)"
            : null;
    }
}
