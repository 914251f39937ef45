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

    private static SmtSolver? Choose() => Z3InProcess.TryOpen(out _) ?? (SmtSolver?)SolverProcess.OnPath("z3") ?? SolverProcess.OnPath("cvc5");
}
