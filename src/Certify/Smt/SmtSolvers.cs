using Certify.Native;

namespace Certify.Smt;

/// <summary>Chooses how to reach a solver: in process where a fitting Z3 loads, else z3, else cvc5 as a process.</summary>
public static class SmtSolvers
{
    /// <summary>Whether any solver is there.</summary>
    public static bool Available => Choose() is not null;

    /// <summary>The solver to use.</summary>
    /// <exception cref="NativeLoadException">None is there; the message says in one line what to install.</exception>
    public static SmtSolver Best() => Choose()
        ?? throw new NativeLoadException("no SMT solver found: install z3 or cvc5 so that the command is on PATH (Debian, Ubuntu: apt-get install z3)");

    /// <summary>A solver by name: <c>auto</c> for any, <c>z3</c>, <c>cvc5</c>. A process comes first, since its limits are hard. Null where there is none.</summary>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    public static SmtSolver? Find(string name) => name switch
    {
        "auto" => Find("z3") ?? Find("cvc5"),
        "z3" => (SmtSolver?)SolverProcess.OnPath("z3") ?? Z3InProcess.TryOpen(out _),
        "cvc5" => SolverProcess.OnPath("cvc5"),
        _ => throw new ArgumentException($"'{name}' is none of auto, z3, cvc5.", nameof(name)),
    };

    private static SmtSolver? Choose() => Z3InProcess.TryOpen(out _) ?? (SmtSolver?)SolverProcess.OnPath("z3") ?? SolverProcess.OnPath("cvc5");
}
