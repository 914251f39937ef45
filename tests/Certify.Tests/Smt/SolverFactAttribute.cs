using Certify.Smt;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>A test that needs a solver as a process; skipped, with the reason, where the command is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SolverFactAttribute : FactAttribute
{
    public SolverFactAttribute(string program = "z3")
    {
        Program = program;
        Skip = Missing(program);
    }

    public string Program { get; }

    internal static string? Missing(string program) => SolverProcess.OnPath(program) is null ? $"{program} is not on PATH (apt-get install {program})" : null;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SolverTheoryAttribute : TheoryAttribute
{
    public SolverTheoryAttribute(string program)
    {
        Program = program;
        Skip = SolverFactAttribute.Missing(program);
    }

    public string Program { get; }
}
