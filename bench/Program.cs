using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Benchmarks;

/// <summary>
/// dotnet run -c Release --project bench -- --filter '*Bounds*', -- table FOLDER (<see cref="BoundsTable"/>), -- posteriors FOLDER (<see cref="PosteriorTable"/>), -- calibration FOLDER (<see cref="CalibrationTable"/>),
/// -- robust-conformal FOLDER (<see cref="RobustConformalTable"/>), -- training FOLDER (<see cref="TrainingTable"/>), -- flows FOLDER (<see cref="FlowTable"/>) or -- sizes (<see cref="SizeTable"/>).
/// </summary>
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

        if (arguments is ["posteriors", var folder, .. var rest])
        {
            PosteriorTable.Print(
                folder,
                rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 20,
                rest.Length > 1 ? double.Parse(rest[1], CultureInfo.InvariantCulture) : 30,
                rest.Length > 2 ? rest[2] : null);
            return;
        }

        if (arguments is ["calibration", var pairs, .. var task])
        {
            CalibrationTable.Print(pairs, task.Length > 0 ? task[0] : null);
            return;
        }

        if (arguments is ["training", var references, .. var choice])
        {
            TrainingTable.Print(
                references,
                choice.Length > 0 ? choice[0] : null,
                choice.Length > 1 ? double.Parse(choice[1], CultureInfo.InvariantCulture) : 3,
                choice.Length > 2 ? int.Parse(choice[2], CultureInfo.InvariantCulture) : 1);
            return;
        }

        if (arguments is ["flows", var samples, .. var setting])
        {
            FlowTable.Print(samples, setting.Length > 0 ? setting[0] : null, setting.Length > 1 ? int.Parse(setting[1], CultureInfo.InvariantCulture) : 1);
            return;
        }

        if (arguments is ["sizes"])
        {
            SizeTable.Print();
            return;
        }

        if (arguments is ["robust-conformal", var sbi, .. var more])
        {
            RobustConformalTable.Print(sbi, more.Length > 0 ? int.Parse(more[0], CultureInfo.InvariantCulture) : 1000);
            return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
            .Run(arguments, DefaultConfig.Instance.WithArtifactsPath(Path.Combine("artifacts", "benchmarks")).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
    }
}
