using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Benchmarks;

/// <summary>dotnet run -c Release --project bench -- --filter '*Bounds*', or -- table FOLDER: see <see cref="BoundsTable"/>.</summary>
/// <remarks>In this process: BenchmarkDotNet's own builds do not know the repository's artifacts folder and central versions.</remarks>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is ["table", var data])
        {
            BoundsTable.Print(data);
            return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
            .Run(arguments, DefaultConfig.Instance.WithArtifactsPath(Path.Combine("artifacts", "benchmarks")).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
    }
}
