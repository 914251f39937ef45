using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Guarantees.Formats.Smt;

namespace Certify.Smt;

/// <summary>Any SMT-LIB 2 solver as a child process: text in by standard input, answer out by standard output.</summary>
/// <remarks>
/// Both limits are hard. Time: the process and its children are killed. Memory: on Linux the address space is limited by the shell's <c>ulimit -v</c> before the solver
/// starts; elsewhere the resident size is watched and the process killed. An answer counts only where it is whole: a solver that reports an error before its answer has
/// dropped an assertion, so what it says then is <see cref="SmtAnswer.Unknown"/>.
/// </remarks>
public sealed class SolverProcess : SmtSolver
{
    private const int LongestOutput = 64 << 20;
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly string[] _arguments;
    private readonly Lazy<string> _description;

    /// <summary>A solver by the path of its program, and the arguments that make it read standard input.</summary>
    public SolverProcess(string path, params string[] arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(arguments);
        _path = path;
        _arguments = [.. arguments];
        _description = new Lazy<string>(Describe);
    }

    /// <summary>Program name and version, as the program itself states it.</summary>
    public override string Description => _description.Value;

    /// <summary>z3, cvc5 or yices-smt2 where it is on PATH; null where it is not.</summary>
    /// <exception cref="ArgumentException">The program is none of these: give its arguments to the constructor.</exception>
    public static SolverProcess? OnPath(string program)
    {
        string[] arguments = program switch
        {
            "z3" => ["-smt2", "-in"],
            "cvc5" => ["--lang=smt2", "-q"],
            "yices-smt2" => [],
            _ => throw new ArgumentException($"'{program}' is none of z3, cvc5, yices-smt2.", nameof(program)),
        };
        var file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        return path is null ? null : new SolverProcess(path, arguments);
    }

    /// <inheritdoc/>
    public override SmtAnswer Solve(string problem, SmtLimits limits, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(limits);
        var run = Run(_arguments, SmtLib.Complete(problem), limits, cancellation);
        return run.Stopped is { } reason ? new SmtAnswer.Unknown(reason) : Read(run.Output, run.Errors, run.ExitCode);
    }

    /// <summary>The answer in a solver's output.</summary>
    internal static SmtAnswer Read(string output, string errors, int exitCode)
    {
        List<SmtExpression> expressions;
        try
        {
            expressions = SmtExpression.ParseAll(output);
        }
        catch (FormatException)
        {
            return new SmtAnswer.Unknown($"the solver's answer is cut off or malformed: {FirstLine(output)}");
        }

        var lines = expressions.Where(expression => expression is not { Atom: "success" }).ToList();
        switch (lines)
        {
            case [{ Atom: "unsat" }, ..] when lines.Skip(1).All(line => line.Head == "error"):
                return new SmtAnswer.Unsat(); // get-model after unsat is the error
            case [{ Atom: "sat" }, { Items: not null } first, ..] when first.Head != "error":
                return new SmtAnswer.Sat(output[(output.IndexOf("sat", StringComparison.Ordinal) + 3)..].Trim());
            case [{ Atom: "unknown" or "timeout" }, ..]:
                return new SmtAnswer.Unknown("the solver gave up");
            case []:
                var reason = errors.Length > 0 ? FirstLine(errors) : string.Create(CultureInfo.InvariantCulture, $"exit status {exitCode}");
                return new SmtAnswer.Unknown($"the solver ended without an answer ({reason})");
            default:
                return new SmtAnswer.Unknown($"the solver reported: {FirstLine(output)}");
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.Trim().Split('\n', 2)[0].Trim();
        return line.Length <= 200 ? line : line[..200] + "...";
    }

    private string Describe()
    {
        var run = Run(["--version"], "", new SmtLimits(TimeSpan.FromSeconds(5), 2048), CancellationToken.None);
        var version = run.Stopped is null ? FirstLine(run.Output) : "of unknown version";
        return $"{Path.GetFileNameWithoutExtension(_path)} ({(version.Length > 0 ? version : "of unknown version")})";
    }

    private Result Run(string[] arguments, string input, SmtLimits limits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        using var process = new Process { StartInfo = StartInfo(arguments, limits) };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            return new Result("", "", -1, $"{_path} does not start: {failure.Message}");
        }

        string? stopped = null;
        // Threads of their own: where the pool is busy, its continuations may start seconds after the solver has answered.
        var output = OnThread(() => ReadAll(process.StandardOutput));
        var errors = OnThread(() => ReadAll(process.StandardError));
        var written = OnThread(() => WriteAll(process.StandardInput, input));
        while (!process.WaitForExit(Watch < limits.Time - clock.Elapsed ? Watch : Positive(limits.Time - clock.Elapsed)))
        {
            stopped =
                cancellation.IsCancellationRequested ? "cancelled"
                : clock.Elapsed >= limits.Time ? string.Create(CultureInfo.InvariantCulture, $"time limit of {limits.Time.TotalSeconds:0.###} s")
                : !OperatingSystem.IsLinux() && Resident(process) > (long)limits.Megabytes << 20 ? $"memory limit of {limits.Megabytes} MiB"
                : output.IsFaulted ? "the solver printed more than 64 MiB"
                : null;
            if (stopped is not null)
            {
                Kill(process);
                break;
            }
        }

        // A grandchild may keep the pipes open after the solver has gone: the answer is not worth waiting for it.
        var whole = Ended([output, errors, written], TimeSpan.FromSeconds(1));
        if (stopped is null && (!whole || output.IsFaulted))
        {
            Kill(process);
            stopped = whole ? "the solver printed more than 64 MiB" : "the solver left its output open";
        }

        cancellation.ThrowIfCancellationRequested();
        if (stopped is not null)
        {
            return new Result("", "", -1, stopped);
        }

        return new Result(output.Result, errors.IsCompletedSuccessfully ? errors.Result : "", process.ExitCode, null);
    }

    private ProcessStartInfo StartInfo(string[] arguments, SmtLimits limits)
    {
        // 'exec' keeps the process number, so the limit and the kill reach the solver itself.
        string[] command = OperatingSystem.IsLinux()
            ? ["/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -v {(long)limits.Megabytes << 10} && exec \"$0\" \"$@\""), _path, .. arguments]
            : [_path, .. arguments];
        return new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            UseShellExecute = false,
            CreateNoWindow = true,
        };
    }

    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static bool Ended(Task[] tasks, TimeSpan time)
    {
        try
        {
            return Task.WaitAll(tasks, time);
        }
        catch (AggregateException)
        {
            return true; // ended in a failure, which the caller looks at
        }
    }

    private static string ReadAll(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[1 << 14];
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            text.Append(buffer, 0, read);
            if (text.Length > LongestOutput)
            {
                throw new InvalidDataException("The output is too long.");
            }
        }

        return text.ToString();
    }

    private static bool WriteAll(StreamWriter writer, string text)
    {
        try
        {
            writer.Write(text);
            writer.Dispose();
            return true;
        }
        catch (IOException)
        {
            return false; // the solver ended before it read everything; what it printed says why
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(1000);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has already ended.
        }
    }

    private static long Resident(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private readonly record struct Result(string Output, string Errors, int ExitCode, string? Stopped);
}
