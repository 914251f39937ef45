using System.Text.Json;
using Certify.Tests.Smt;
using Xunit;

namespace Certify.Tests.Native;

/// <summary>Both native libraries on the system that runs the tests, each time in a fresh process.</summary>
public sealed class ThisSystemTests
{
    [SolverFact]
    public void Torch_and_a_solver_work_here()
    {
        var report = Probe.Run();
        Probe.Check(report);
        if (report.GetProperty("System").GetString()!.StartsWith("Debian GNU/Linux 12", StringComparison.Ordinal))
        {
            Assert.True(report.GetProperty("Torch").GetProperty("Patched").GetBoolean());
            Assert.False(report.GetProperty("Solver").GetProperty("InProcess").GetBoolean());
            Assert.StartsWith("z3 (Z3 version 4.", report.GetProperty("Solver").GetProperty("Description").GetString(), StringComparison.Ordinal);
        }
    }

    [SolverFact]
    public void A_libtorch_of_ones_own_replaces_the_packaged_one()
    {
        var packaged = Path.Combine(Path.GetDirectoryName(Probe.Program)!, "libtorch");
        var own = Directory.CreateTempSubdirectory("libtorch-").FullName;
        try
        {
            // Copies, not links: the system's loader takes two links to one file for one library.
            foreach (var file in Directory.GetFiles(packaged))
            {
                File.Copy(file, Path.Combine(own, Path.GetFileName(file)));
            }

            var report = Probe.Run(ownTorch: own);
            Probe.Check(report);
            Assert.Equal(own, report.GetProperty("Torch").GetProperty("OwnFolder").GetString());
            Assert.Contains(report.GetProperty("Torch").GetProperty("Maps").EnumerateArray(), file => file.GetString() == Path.Combine(own, "libtorch_cpu.so"));
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    [Fact]
    public void A_folder_without_libtorch_is_one_clear_line()
    {
        var error = Probe.Run(ownTorch: "/no/such/folder").GetProperty("Torch").GetProperty("Error");
        Assert.Equal(JsonValueKind.String, error.ValueKind);
        Assert.Contains("CERTIFY_LIBTORCH is '/no/such/folder'", error.GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.GetString(), StringComparison.Ordinal);
    }
}
