using System.Runtime.InteropServices;
using System.Text.Json;
using Certify.Native;
using Certify.Smt;
using Guarantees.Formats.Smt;
using TorchSharp;

// A failure is part of the answer, so that a test can show it.
object torchReport;
try
{
    var state = NativeTorch.EnsureLoaded();
    using var scope = torch.NewDisposeScope();
    var product = torch.mm(torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } }), torch.tensor(new double[,] { { 5, 6 }, { 7, 8 } }));
    torchReport = new { state.Patched, state.OwnFolder, Product = product.data<double>().ToArray(), Cuda = torch.cuda.is_available(), Maps = TorchMaps() };
}
catch (NativeLoadException failure)
{
    torchReport = new { Error = failure.Message };
}

object solverReport;
try
{
    var inProcess = Z3InProcess.TryOpen(out var reason) is not null;
    var solver = SmtSolvers.Best();
    var limits = SmtLimits.Default;
    var third = solver.Solve("(set-logic QF_LRA)\n(declare-const x Real)\n(assert (= (* 3 x) 1))", limits);
    var never = solver.Solve("(set-logic QF_LRA)\n(declare-const x Real)\n(assert (< x x))", limits);
    // Products of reals without end: the time limit must stop it.
    var clock = System.Diagnostics.Stopwatch.StartNew();
    var hard = solver.Solve(HardProblem(), new SmtLimits(TimeSpan.FromSeconds(1), 1024));
    solverReport = new
    {
        InProcess = inProcess,
        Reason = reason,
        solver.Description,
        Third = third is SmtAnswer.Sat sat && SmtModel.Parse(sat.Model).Rationals.TryGetValue("x", out var x) ? $"{x.Numerator}/{x.Denominator}" : third.ToString(),
        Never = never.GetType().Name,
        Hard = hard.ToString(),
        HardSeconds = clock.Elapsed.TotalSeconds,
        Broken = solver.Solve("(assert (< undeclared 1))", limits).ToString(),
    };
}
catch (NativeLoadException failure)
{
    solverReport = new { Error = failure.Message };
}

Console.WriteLine(JsonSerializer.Serialize(new { System = RuntimeInformation.OSDescription, Torch = torchReport, Solver = solverReport }));

// The files of libtorch in this process: one of each, or operators would be registered twice.
static string[] TorchMaps() => OperatingSystem.IsLinux()
    ? [.. File.ReadLines("/proc/self/maps").Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
        .Where(columns => columns.Length == 6 && columns[5].Contains("orch", StringComparison.Ordinal) && columns[5].Contains(".so", StringComparison.Ordinal))
        .Select(columns => columns[5].Trim()).Distinct()]
    : [];

// 15 pigeons in 14 holes.
static string HardProblem()
{
    const int holes = 14;
    var smt = new SmtLib("QF_UF");
    var at = Enumerable.Range(0, holes + 1).Select(pigeon => Enumerable.Range(0, holes).Select(hole => smt.DeclareBool($"p{pigeon}_{hole}")).ToArray()).ToArray();
    foreach (var pigeon in at)
    {
        smt.Assert($"(or {string.Join(' ', pigeon)})");
    }

    for (var hole = 0; hole < holes; hole++)
    {
        for (var a = 0; a < at.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                smt.Assert($"(not (and {at[a][hole]} {at[b][hole]}))");
            }
        }
    }

    return smt.ToString();
}
