namespace Guarantees.Networks.Operators;

/// <summary>How the text of a form speaks of y.</summary>
public enum SmtFormKind
{
    /// <summary>y is this very term: no symbol is needed.</summary>
    Alias,

    /// <summary>y equals this term.</summary>
    Value,

    /// <summary>This formula about y holds.</summary>
    Relation,
}

/// <summary>What SMT-LIB can say of one element y = f(x): a term or a formula over rational numbers.</summary>
/// <param name="Text">The term or formula.</param>
/// <param name="Kind">Which of them, and how y comes in.</param>
/// <param name="IsExact">Whether only y = f(x) satisfies it. Where not, a solver's <c>unsat</c> still counts and its <c>sat</c> is a candidate.</param>
/// <param name="IsLinear">Whether it is linear, disjunctions by <c>ite</c> aside.</param>
public readonly record struct SmtForm(string Text, SmtFormKind Kind, bool IsExact, bool IsLinear)
{
    /// <summary>Nothing: y is any number of its range, between the operator's planes.</summary>
    public static SmtForm Free => new("true", SmtFormKind.Relation, false, true);

    /// <summary>y is another term.</summary>
    public static SmtForm Same(string term) => new(term, SmtFormKind.Alias, true, true);

    /// <summary>y is the value of a piecewise-linear term.</summary>
    public static SmtForm Equal(string term) => new(term, SmtFormKind.Value, true, true);

    /// <summary>y is the only number that satisfies a polynomial formula.</summary>
    public static SmtForm Where(string formula) => new(formula, SmtFormKind.Relation, true, false);
}
