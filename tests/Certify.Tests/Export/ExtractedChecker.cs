using System.Diagnostics;
using System.Text;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>The checker extracted from Coq (<c>proofs/ocaml/check-export</c>), built where it is missing or old.</summary>
internal static class ExtractedChecker
{
    private static readonly Lazy<string?> Tried = new(Build);

    /// <summary>Why it cannot run; null where it can.</summary>
    public static string? Absence =>
        Missing("coqc", "coq_makefile", "ocamlfind", "make") is { } tool ? $"{tool} is not on PATH (apt-get install --no-install-recommends coq ocaml ocaml-findlib libzarith-ocaml-dev)" : null;

    private static string Proofs => Path.Combine(Root(), "proofs");

    /// <summary>Puts a text to it.</summary>
    public static (int ExitCode, string Output) Run(string export, params string[] options) => With(export, file => Execute(Path.Combine(Proofs, "ocaml", "check-export"), [.. options, file]));

    /// <summary>Has the Coq kernel itself check it (<c>proofs/replay</c>), one at a time.</summary>
    public static (int ExitCode, string Output) Replay(string export)
    {
        lock (Tried)
        {
            return With(export, file => Execute(Path.Combine(Proofs, "replay"), [file]));
        }
    }

    /// <summary>Has <c>coqchk</c> go through the theories (<c>proofs/check --kernel</c>), one at a time with the rest.</summary>
    public static (int ExitCode, string Output) Kernel()
    {
        lock (Tried)
        {
            return Execute(Path.Combine(Proofs, "check"), ["--kernel"]);
        }
    }

    private static (int ExitCode, string Output) With(string export, Func<string, (int ExitCode, string Output)> run)
    {
        Assert.Null(Tried.Value);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, Encoding.Latin1.GetBytes(export));
            return run(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string? Build() => Execute("make", ["-s", "-C", Path.Combine(Proofs, "coq"), "checker"]) is (not 0, var text) ? text : null;

    private static (int ExitCode, string Output) Execute(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>The first of the tools that is not on PATH.</summary>
    public static string? Missing(params string[] tools) => tools.FirstOrDefault(tool =>
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool))));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}

/// <summary>A test that needs <see cref="ExtractedChecker"/>; skipped, with the reason, where it cannot be built.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CheckerFactAttribute : FactAttribute
{
    public CheckerFactAttribute() => Skip = ExtractedChecker.Absence;
}
