using System.Globalization;
using System.Numerics;

namespace Certify.Smt;

/// <summary>The values that a solver's model gives to constants, exactly.</summary>
/// <remarks>Reads what z3, cvc5 and yices write: <c>(define-fun x () Real (/ 1.0 3.0))</c>, with or without a head word <c>model</c>.
/// An irrational value (z3's <c>root-obj</c>) has no entry: a replay needs a number that the network can read.</remarks>
public sealed class SmtModel
{
    private SmtModel(IReadOnlyDictionary<string, (BigInteger Numerator, BigInteger Denominator)> rationals) => Rationals = rationals;

    /// <summary>The rational constants by name, without quoting bars; lowest terms, positive denominators.</summary>
    public IReadOnlyDictionary<string, (BigInteger Numerator, BigInteger Denominator)> Rationals { get; }

    /// <summary>Reads a model.</summary>
    /// <exception cref="FormatException">The text is no balanced list of SMT-LIB expressions.</exception>
    public static SmtModel Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var expressions = SmtExpression.ParseAll(text);
        var rationals = new Dictionary<string, (BigInteger, BigInteger)>(StringComparer.Ordinal);
        foreach (var definition in expressions.SelectMany(e => e.Head == "define-fun" ? [e] : (e.Items ?? []).Where(item => item.Head == "define-fun")))
        {
            if (definition.Items is [_, { Atom: { } name }, { Items: [] }, { Atom: "Real" or "Int" }, var body] && Value(body) is { } value)
            {
                rationals[name] = value;
            }
        }

        return new SmtModel(rationals);
    }

    private static (BigInteger Numerator, BigInteger Denominator)? Value(SmtExpression term)
    {
        switch (term)
        {
            case { Atom: { } atom }:
                return Decimal(atom);
            case { Items: [{ Atom: "-" }, var inner] } when Value(inner) is { } negated:
                return (-negated.Numerator, negated.Denominator);
            case { Items: [{ Atom: "/" }, var top, var bottom] } when Value(top) is { } a && Value(bottom) is { } b && !b.Numerator.IsZero:
                return Reduce(a.Numerator * b.Denominator * b.Numerator.Sign, a.Denominator * BigInteger.Abs(b.Numerator));
            default:
                return null;
        }
    }

    private static (BigInteger Numerator, BigInteger Denominator)? Decimal(string atom)
    {
        var dot = atom.IndexOf('.', StringComparison.Ordinal);
        var digits = dot < 0 ? atom : atom.Remove(dot, 1);
        return digits.Length > 0 && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var numerator)
            ? Reduce(numerator, BigInteger.Pow(10, dot < 0 ? 0 : atom.Length - dot - 1))
            : null;
    }

    private static (BigInteger Numerator, BigInteger Denominator) Reduce(BigInteger numerator, BigInteger denominator)
    {
        var common = BigInteger.GreatestCommonDivisor(numerator, denominator);
        return (numerator / common, denominator / common);
    }
}
