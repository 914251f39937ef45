using System.Text;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>An inequality for all real numbers, as a file for solvers: its negation under its premises has no solution.</summary>
internal record Lemma(string Name, string Says, string ReliedOnBy, string[] Symbols, Formula[] Premises, Formula Conclusion)
{
    /// <summary>Products of nonnegative terms, and squares: true of all real numbers, told to solvers that do not find them.</summary>
    public Formula[] Hints { get; init; } = [];

    /// <summary>What y is: text of the operator itself where it has one, else what is known of it.</summary>
    public string[] Facts { get; init; } = [];

    public static Formula Square(Real a) => a * a >= 0;

    public static Formula Product(Real a, Real b) => ((a >= 0) & (b >= 0)).Then(a * b >= 0);

    public string File()
    {
        var text = new StringBuilder();
        foreach (var line in Says.Split('\n'))
        {
            text.Append("; ").Append(line).Append('\n');
        }

        text.Append("; Relied on by ").Append(ReliedOnBy).Append(". Negated claim; unsat means proved.\n(set-logic QF_NRA)\n");
        foreach (var symbol in Symbols)
        {
            text.Append("(declare-const ").Append(symbol).Append(" Real)\n");
        }

        foreach (var fact in Facts)
        {
            text.Append("(assert ").Append(fact).Append(") ; what y is\n");
        }

        foreach (var premise in Premises)
        {
            text.Append("(assert ").Append(premise.Text).Append(")\n");
        }

        foreach (var hint in Hints)
        {
            text.Append("(assert ").Append(hint.Text).Append(") ; true of all numbers\n");
        }

        return text.Append("(assert (not ").Append(Conclusion.Text).Append("))\n(check-sat)\n").ToString();
    }
}
