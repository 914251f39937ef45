using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Z3;
using Version = System.Version;

namespace Certify.Smt;

/// <summary>Z3 in this process, where a native library loads that fits Microsoft.Z3; no start-up cost a question.</summary>
/// <remarks>
/// <para>Microsoft.Z3 4.12.2 brings natives for Windows and macOS only; on Linux .NET binds it to any <c>libz3</c> of the system. An older one (Debian 12 has 4.8.12) lacks
/// entry points, and a wrong one that did load would misbehave without a word. So the version is read through <c>Z3_get_version</c>, which every version has, before
/// anything else; accepted are 4.12.2 and later of major version 4. Then two questions with known answers are asked. One failure means: use a process.</para>
/// <para>Limits are Z3's own and cooperative: <c>timeout</c> with an interrupt from outside, and <c>memory_high_watermark_mb</c>, which counts for the whole process.
/// A question that must be stopped for certain belongs to <see cref="SolverProcess"/>.</para>
/// </remarks>
public sealed class Z3InProcess : SmtSolver
{
    private static readonly Version Required = new(4, 12, 2);
    private static readonly string[] Candidates = OperatingSystem.IsLinux() ? ["libz3.so", "libz3.so.4"] : ["libz3"];
    private static readonly Lazy<(Z3InProcess? Solver, string? Reason)> Attempt = new(Open);

    private readonly Version _version;

    private Z3InProcess(Version version) => _version = version;

    private delegate void GetVersion(out uint major, out uint minor, out uint build, out uint revision);

    /// <inheritdoc/>
    public override string Description => $"z3 {_version.ToString(3)} (in process)";

    /// <summary>The solver; null where no fitting native library loads, and then <paramref name="reason"/> says why in one line.</summary>
    public static Z3InProcess? TryOpen(out string? reason)
    {
        (var solver, reason) = Attempt.Value;
        return solver;
    }

    /// <summary>Whether a native library of this version fits the managed one.</summary>
    internal static bool Fits(Version version) => version.Major == Required.Major && version >= Required;

    /// <inheritdoc/>
    public override SmtAnswer Solve(string problem, SmtLimits limits, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(limits);
        cancellation.ThrowIfCancellationRequested();
        Global.SetParameter("memory_high_watermark_mb", limits.Megabytes.ToString(CultureInfo.InvariantCulture));
        using var context = new Context();
        using var solver = context.MkSolver();
        var milliseconds = (uint)Math.Ceiling(limits.Time.TotalMilliseconds);
        solver.Set("timeout", milliseconds);
        // Preprocessing looks at its timer late; the interrupt is a second way to stop it, and the way a caller cancels.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var registration = deadline.Token.Register(context.Interrupt);
        deadline.CancelAfter(limits.Time);
        try
        {
            solver.Assert(context.ParseSMTLIB2String(problem));
            var answer = solver.Check() switch
            {
                Status.UNSATISFIABLE => new SmtAnswer.Unsat(),
                Status.SATISFIABLE => new SmtAnswer.Sat(solver.Model.ToString()),
                _ => (SmtAnswer)new SmtAnswer.Unknown(deadline.IsCancellationRequested ? TimeReason(limits) : Reason(solver.ReasonUnknown, limits)),
            };
            cancellation.ThrowIfCancellationRequested();
            return answer;
        }
        catch (Z3Exception failure)
        {
            cancellation.ThrowIfCancellationRequested();
            return new SmtAnswer.Unknown(deadline.IsCancellationRequested ? TimeReason(limits) : $"the solver reported: {failure.Message.Split('\n', 2)[0]}");
        }
    }

    private static string Reason(string reason, SmtLimits limits) => reason switch
    {
        "timeout" or "canceled" => TimeReason(limits),
        _ when reason.Contains("memory", StringComparison.Ordinal) => $"memory limit of {limits.Megabytes} MiB",
        _ => $"the solver gave up ({reason})",
    };

    private static string TimeReason(SmtLimits limits) => string.Create(CultureInfo.InvariantCulture, $"time limit of {limits.Time.TotalSeconds:0.###} s");

    private static (Z3InProcess? Solver, string? Reason) Open()
    {
        var assembly = typeof(Context).Assembly;
        nint library = 0;
        if (!Candidates.Any(name => NativeLibrary.TryLoad(name, assembly, null, out library)))
        {
            return (null, "no native libz3 loads; install libz3 4.12.2 or later (Debian 13: apt-get install libz3-4)");
        }

        if (!NativeLibrary.TryGetExport(library, "Z3_get_version", out var entry))
        {
            return (null, "the native libz3 has no Z3_get_version, so it is not used");
        }

        Marshal.GetDelegateForFunctionPointer<GetVersion>(entry)(out var major, out var minor, out var build, out _);
        var version = new Version((int)major, (int)minor, (int)build);
        if (!Fits(version))
        {
            return (null, $"the native libz3 is {version.ToString(3)}, and Microsoft.Z3 needs {Required} or a later 4.x, so it is not used in process");
        }

        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name.StartsWith("libz3", StringComparison.Ordinal) ? library : 0);
        }
        catch (InvalidOperationException)
        {
            // The host program chose a library for itself; the questions below show whether it works.
        }

        try
        {
            var solver = new Z3InProcess(version);
            var limits = new SmtLimits(TimeSpan.FromSeconds(10), SmtLimits.Default.Megabytes);
            var holds = solver.Solve("(declare-const x Real)(assert (= (* 3 x) 1))", limits) is SmtAnswer.Sat model
                && SmtModel.Parse(model.Model).Rationals.TryGetValue("x", out var third) && third == (1, 3)
                && solver.Solve("(declare-const x Real)(assert (< x x))", limits) is SmtAnswer.Unsat;
            return holds ? (solver, null) : (null, $"the native libz3 {version.ToString(3)} answers a question with a known answer wrongly, so it is not used");
        }
        catch (Exception failure) when (failure is Z3Exception or EntryPointNotFoundException or DllNotFoundException or TypeInitializationException)
        {
            return (null, $"the native libz3 {version.ToString(3)} does not work with Microsoft.Z3: {failure.Message.Split('\n', 2)[0]}");
        }
    }
}
