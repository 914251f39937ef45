using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Benchmarks;

/// <summary>
/// dotnet run -c Release --project bench -- --filter '*Bounds*', -- table FOLDER (<see cref="BoundsTable"/>), -- posteriors FOLDER (<see cref="PosteriorTable"/>), -- calibration FOLDER (<see cref="CalibrationTable"/>),
/// -- robust-conformal FOLDER (<see cref="RobustConformalTable"/>), -- training FOLDER (<see cref="TrainingTable"/>), -- training-speed (<see cref="TrainingSpeed"/>), -- exact-change (<see cref="ExactChange"/>), -- flows FOLDER (<see cref="FlowTable"/>),
/// -- trade-off TABLE FIGURE (<see cref="TradeOff"/>) or -- sizes (<see cref="SizeTable"/>).
/// </summary>
/// <remarks>In this process: BenchmarkDotNet's own builds do not know the repository's artifacts folder and central versions.</remarks>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["table", var folder]:
                BoundsTable.Print(folder);
                break;
            case ["posteriors", var folder, .. var rest]:
                PosteriorTable.Print(folder, Whole(rest, 0, 20), Real(rest, 1) ?? 30, Word(rest, 2));
                break;
            case ["calibration", var folder, .. var rest]:
                CalibrationTable.Print(folder, Word(rest, 0));
                break;
            case ["training", var folder, .. var rest]:
                TrainingTable.Print(folder, Word(rest, 0), Real(rest, 1) ?? 3, Word(rest, 2) ?? "1", Word(rest, 3));
                break;
            case ["training-speed", "one", var network, var epochs, var warm]:
                TrainingSpeed.Run(network, int.Parse(epochs, CultureInfo.InvariantCulture), int.Parse(warm, CultureInfo.InvariantCulture));
                break;
            case ["training-speed", .. var rest]:
                TrainingSpeed.Print(Whole(rest, 0, 9), Whole(rest, 1, 1));
                break;
            case ["flows", var folder, .. var rest]:
                FlowTable.Print(folder, Word(rest, 0), Whole(rest, 1, 1));
                break;
            case ["trade-off", var table, var figure, .. var rest]:
                TradeOff.Draw(table, figure, Real(rest, 0));
                break;
            case ["exact-change"]:
                ExactChange.Print();
                break;
            case ["sizes"]:
                SizeTable.Print();
                break;
            case ["robust-conformal", var folder, .. var rest]:
                RobustConformalTable.Print(folder, Whole(rest, 0, 1000));
                break;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
                    .Run(arguments, DefaultConfig.Instance.WithArtifactsPath(Path.Combine("artifacts", "benchmarks")).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
                break;
        }
    }

    private static string? Word(string[] rest, int place) => rest.Length > place ? rest[place] : null;

    private static int Whole(string[] rest, int place, int usual) => Word(rest, place) is { } word ? int.Parse(word, CultureInfo.InvariantCulture) : usual;

    private static double? Real(string[] rest, int place) => Word(rest, place) is { } word ? double.Parse(word, CultureInfo.InvariantCulture) : null;
}
