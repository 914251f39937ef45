using Xunit;

namespace Cli.Tests;

/// <summary>A test that needs z3 as a command; skipped, with the reason, where it is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SolverFactAttribute : FactAttribute
{
    public SolverFactAttribute() => Skip = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "z3")))
        ? null
        : "z3 is not on PATH (apt-get install z3)";
}
