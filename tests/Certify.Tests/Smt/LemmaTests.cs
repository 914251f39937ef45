using Certify.Smt;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>The inequalities under <c>proofs/smt</c>, discharged by z3, and a false one that must not be.</summary>
public class LemmaTests
{
    [SolverFact]
    public void Every_lemma_is_proved()
    {
        var files = Directory.GetFiles(Path.Combine(Root(), "proofs", "smt"), "*.smt2");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var answer = Ask(File.ReadAllText(file));
            Assert.True(answer is SmtAnswer.Unsat, $"{Path.GetFileName(file)}: {answer}");
        }
    }

    [SolverFact]
    public void A_lemma_made_one_percent_too_strong_is_refuted()
    {
        var lemma = File.ReadAllText(Path.Combine(Root(), "proofs", "smt", "product_planes.smt2"));
        Assert.IsType<SmtAnswer.Sat>(Ask(lemma.Replace("(* r s)", "(* 0.99 (* r s))", StringComparison.Ordinal)));
    }

    private static SmtAnswer Ask(string text) =>
        SmtSolvers.Best().Solve(text.Replace("(check-sat)", "", StringComparison.Ordinal), new SmtLimits(TimeSpan.FromSeconds(30), 1024));

    private static string Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Guarantees.slnx")))
        {
            root = root.Parent!;
        }

        return root.FullName;
    }
}
