using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>A term over real numbers, written once: as SMT-LIB for a solver, and as a value in exact rationals for a comparison with code.</summary>
/// <param name="Text">SMT-LIB.</param>
/// <param name="Of">The value where symbols have values.</param>
internal sealed record Real(string Text, Func<IReadOnlyDictionary<string, Rational>, Rational> Of)
{
    public static Real Symbol(string name) => new(name, values => values[name]);

    public static implicit operator Real(double number) => new(SmtLib.Number(number), _ => Rational.Of(number));

    public static Real operator +(Real a, Real b) => new($"(+ {a.Text} {b.Text})", at => a.Of(at) + b.Of(at));

    public static Real operator -(Real a, Real b) => new($"(- {a.Text} {b.Text})", at => a.Of(at) - b.Of(at));

    public static Real operator -(Real a) => new($"(- {a.Text})", at => -a.Of(at));

    public static Real operator *(Real a, Real b) => new($"(* {a.Text} {b.Text})", at => a.Of(at) * b.Of(at));

    public static Real operator /(Real a, Real b) => new($"(/ {a.Text} {b.Text})", at => a.Of(at) / b.Of(at));

    public static Formula operator <=(Real a, Real b) => new($"(<= {a.Text} {b.Text})", at => a.Of(at) <= b.Of(at));

    public static Formula operator >=(Real a, Real b) => b <= a;

    public static Formula operator <(Real a, Real b) => new($"(< {a.Text} {b.Text})", at => a.Of(at) < b.Of(at));

    public static Formula operator >(Real a, Real b) => b < a;

    public Formula Is(Real other) => new($"(= {Text} {other.Text})", at => Of(at) == other.Of(at));
}

/// <summary>A formula about real numbers, likewise.</summary>
internal sealed record Formula(string Text, Func<IReadOnlyDictionary<string, Rational>, bool> Holds)
{
    public static Formula operator &(Formula a, Formula b) => new($"(and {a.Text} {b.Text})", at => a.Holds(at) && b.Holds(at));

    public static Formula operator |(Formula a, Formula b) => new($"(or {a.Text} {b.Text})", at => a.Holds(at) || b.Holds(at));

    public Formula Then(Formula b) => new($"(=> {Text} {b.Text})", at => !Holds(at) || b.Holds(at));
}
