using System.Globalization;
using System.Numerics;
using System.Text;
using Guarantees.Arithmetic;

namespace Guarantees.Formats.Smt;

/// <summary>Writes SMT-LIB 2.6 text: a problem, line by line, and the terms that need care.</summary>
/// <remarks>
/// Every number is the exact rational that the double is: no decimal rounding on the way.
/// Source: C. Barrett, P. Fontaine, C. Tinelli, "The SMT-LIB Standard, Version 2.6", sec. 3.1 (symbols, numerals) and 3.9 (commands).
/// </remarks>
public sealed class SmtLib
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a problem in a logic, for example <c>QF_LRA</c> or <c>QF_NRA</c>.</summary>
    public SmtLib(string logic)
    {
        ArgumentException.ThrowIfNullOrEmpty(logic);
        Logic = logic;
    }

    /// <summary>The logic, which may turn out only while the problem is written.</summary>
    public string Logic { get; set; }

    /// <summary>x, declared as a real constant; returns the symbol as terms must write it.</summary>
    public string DeclareReal(string name) => Declare(name, "Real");

    /// <summary>p, declared as a Boolean constant; returns the symbol as terms must write it.</summary>
    public string DeclareBool(string name) => Declare(name, "Bool");

    /// <summary>x, defined as a real term; returns the symbol as terms must write it.</summary>
    public string DefineReal(string name, string term)
    {
        ArgumentException.ThrowIfNullOrEmpty(term);
        var symbol = Symbol(name);
        _text.Append("(define-fun ").Append(symbol).Append(" () Real ").Append(term).Append(")\n");
        return symbol;
    }

    /// <summary>Adds an assertion.</summary>
    public void Assert(string term)
    {
        ArgumentException.ThrowIfNullOrEmpty(term);
        _text.Append("(assert ").Append(term).Append(")\n");
    }

    /// <summary>Adds a remark for the reader, one comment line for each line of it.</summary>
    public void Comment(string remark)
    {
        ArgumentNullException.ThrowIfNull(remark);
        foreach (var line in remark.ReplaceLineEndings("\n").Split('\n'))
        {
            _text.Append("; ").Append(line).Append('\n');
        }
    }

    /// <summary>The problem as solvers are asked: logic, declarations, assertions, and no <c>check-sat</c>.</summary>
    public override string ToString() => $"(set-logic {Logic})\n{_text}";

    /// <summary>A problem as a file of its own that any solver answers: models on, then <c>check-sat</c> and <c>get-model</c>.</summary>
    public static string Complete(string problem) => $"(set-option :produce-models true)\n{problem}\n(check-sat)\n(get-model)\n(exit)\n";

    /// <summary>The rational number that a finite double is: <c>(/ 3 4)</c>, <c>(- 2)</c>, <c>0</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is infinite or NaN.</exception>
    public static string Number(double value) => Number(Rational.Of(value));

    /// <summary>The rational number itself.</summary>
    public static string Number(Rational value) => Number(value.Numerator, value.Denominator);

    /// <summary>numerator / denominator, denominator > 0.</summary>
    public static string Number(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(denominator, BigInteger.One);
        var common = BigInteger.GreatestCommonDivisor(numerator, denominator);
        var (top, bottom) = (BigInteger.Abs(numerator) / common, denominator / common);
        var magnitude = bottom.IsOne
            ? top.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"(/ {top} {bottom})");
        return numerator.Sign < 0 ? $"(- {magnitude})" : magnitude;
    }

    /// <summary>A symbol as SMT-LIB writes it: plain where its letters allow, else between bars.</summary>
    /// <exception cref="ArgumentException">The name is empty, or holds a bar, a backslash or a control character, which no symbol can.</exception>
    public static string Symbol(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Any(c => c is '|' or '\\' || char.IsControl(c)))
        {
            throw new ArgumentException($"'{name}' cannot be an SMT-LIB symbol: it holds a bar, a backslash or a control character.", nameof(name));
        }

        // '@' and '.' begin names that solvers keep for themselves; a reserved word is a symbol only between bars.
        var plain = name.All(c => char.IsAsciiLetterOrDigit(c) || "~!$%^&*_-+=<>.?/".Contains(c, StringComparison.Ordinal))
            && !char.IsAsciiDigit(name[0]) && name[0] != '.' && !ReservedWords.Contains(name);
        return plain ? name : $"|{name}|";
    }

    private static readonly HashSet<string> ReservedWords =
        ["!", "_", "as", "BINARY", "DECIMAL", "exists", "HEXADECIMAL", "forall", "let", "match", "NUMERAL", "par", "STRING"];

    private string Declare(string name, string sort)
    {
        var symbol = Symbol(name);
        _text.Append("(declare-const ").Append(symbol).Append(' ').Append(sort).Append(")\n");
        return symbol;
    }
}
