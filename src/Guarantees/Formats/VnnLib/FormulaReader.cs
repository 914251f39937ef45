using System.Globalization;
using Guarantees.Arithmetic;

namespace Guarantees.Formats.VnnLib;

/// <summary>Reads conditions: and, or, not, => over comparisons of linear terms. Recursion is as deep as the lists, at most <see cref="SyntaxReader.DeepestNesting"/>.</summary>
/// <remarks>Meaning of the words: C. Barrett, P. Fontaine, C. Tinelli, "The SMT-LIB Standard, Version 2.6", theories Core and Reals; n-ary comparisons chain.</remarks>
internal sealed class FormulaReader(SyntaxReader syntax, Variables variables, KnownBounds bounds)
{
    /// <summary>Most bits of a number that arises, numerator and denominator together. Decimals read have at most 8,000.</summary>
    private const int LargestNumber = 1 << 15;

    private static readonly string[] Connectives = ["and", "or", "not", "=>", "<=", ">=", "<", ">", "=", "==", "!=", "distinct"];
    private static readonly string[] Operations = ["+", "-", "*", "/"];

    /// <summary>Coefficients of the comparison being read, by variable.</summary>
    private readonly Dictionary<int, Rational> sum = [];

    /// <summary>Numbers that lists of terms are equal to; a list with a variable has null.</summary>
    private readonly Dictionary<SyntaxNode, Rational?> constants = [];
    private Rational constant;

    /// <summary>The condition, or its negation.</summary>
    public Formula Read(SyntaxNode node, bool negated = false)
    {
        if (node.Kind == SyntaxKind.Word && node.Text is "true" or "false")
        {
            return node.Text == "true" != negated ? Formula.True : Formula.False;
        }

        switch (node.Head)
        {
            case "and" or "or":
                Need(node, 1, "at least one condition");
                return Join(node.Head == "and" != negated, Parts(node, 1, node.Children.Count, negated));
            case "not":
                NeedExactly(node, 1, "one condition");
                return Read(node.Children[1], !negated);
            case "=>":
                Need(node, 2, "at least two conditions");
                var parts = Parts(node, 1, node.Children.Count - 1, !negated);
                parts.Add(Read(node.Children[^1], negated));
                return Join(negated, parts);
            case "<=" or ">=" or "<" or ">" or "=" or "==":
                return Chain(node, negated);
            case "!=" or "distinct":
                var operands = Operands(node);
                return operands.Count == 2 ? Compare(operands[0], operands[1], "=", !negated)
                    : throw syntax.Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{OneLine.Quote(node.Head)} has {operands.Count} operands, expected 2."));
            case "":
                throw syntax.Wrong(node, $"found {node.Words}, expected a condition such as (<= X_0 0.5).");
            case "let":
                throw syntax.Wrong(node, "found 'let', which is not supported, expected the terms written out.");
            default:
                throw syntax.Wrong(node, $"found {node.Words} in place of a condition, {OneLine.Suggest(node.Head, Connectives)}");
        }
    }

    private static Formula Join(bool all, List<Formula> parts) => all ? Formula.And(parts) : Formula.Or(parts);

    private List<Formula> Parts(SyntaxNode node, int from, int to, bool negated)
    {
        var parts = new List<Formula>(to - from + 1);
        for (var i = from; i < to; i++)
        {
            parts.Add(Read(node.Children[i], negated));
        }

        return parts;
    }

    /// <summary>(op a b c ...) means a op b and b op c and ...</summary>
    private Formula Chain(SyntaxNode node, bool negated)
    {
        var operands = Operands(node);
        if (operands.Count < 2)
        {
            throw syntax.Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{OneLine.Quote(node.Head)} has {operands.Count} operands, expected 2 or more."));
        }

        var parts = new List<Formula>(operands.Count);
        for (var i = 1; i < operands.Count; i++)
        {
            parts.Add(Compare(operands[i - 1], operands[i], node.Head, negated));
        }

        return Join(!negated, parts);
    }

    /// <summary>left op right, or its negation, as bounds on left - right.</summary>
    private Formula Compare(Operand left, Operand right, string relation, bool negated)
    {
        sum.Clear();
        constant = Rational.Zero;
        Add(left, Rational.One);
        Add(right, -Rational.One);
        constants.Clear();
        return relation switch
        {
            "<=" => Bounded(below: !negated, strict: negated),
            "<" => Bounded(below: !negated, strict: !negated),
            ">=" => Bounded(below: negated, strict: negated),
            ">" => Bounded(below: negated, strict: !negated),
            _ => Join(!negated, [Bounded(below: true, strict: negated), Bounded(below: false, strict: negated)]),
        };
    }

    /// <summary>sum + constant &lt;= 0 where below, &gt;= 0 else; without equality where strict.</summary>
    private Formula Bounded(bool below, bool strict)
    {
        var (inputs, outputs) = (new List<LinearTerm>(), new List<LinearTerm>());
        foreach (var (variable, coefficient) in sum)
        {
            if (coefficient.Sign != 0)
            {
                var signed = below ? coefficient : -coefficient;
                (variable >= 0 ? inputs : outputs).Add(new LinearTerm(variable >= 0 ? variable : ~variable, signed));
            }
        }

        var bound = below ? -constant : constant;
        switch (inputs.Count, outputs.Count)
        {
            case (0, 0):
                return (strict ? bound.Sign > 0 : bound.Sign >= 0) ? Formula.True : Formula.False;
            case (1, 0):
                var (input, coefficient) = inputs[0];
                return new RangeFormula(input, coefficient.Sign > 0, bounds[new InputBound(bound / coefficient, strict)]);
            default:
                inputs.Sort((a, b) => a.Index.CompareTo(b.Index));
                outputs.Sort((a, b) => a.Index.CompareTo(b.Index));
                return new ConstraintFormula(new LinearConstraint([.. inputs], [.. outputs], bound, strict));
        }
    }

    /// <summary>Adds scale times the term to the sum.</summary>
    private void Add(Operand term, Rational scale)
    {
        if (Constant(term) is { } number)
        {
            constant = Checked(term.Node, constant + (scale * number));
            return;
        }

        if (term.Node.Kind == SyntaxKind.Word)
        {
            var variable = variables.Resolve(term.Node, term.Index);
            sum[variable] = Checked(term.Node, sum.TryGetValue(variable, out var coefficient) ? coefficient + scale : scale);
            return;
        }

        var operands = Operands(term.Node);
        switch (term.Node.Head)
        {
            case "*" or "/":
                var variablePart = operands.FindIndex(operand => Constant(operand) is null);
                for (var i = 0; i < operands.Count; i++)
                {
                    scale = i == variablePart ? scale
                        : Checked(term.Node, term.Node.Head == "*" ? scale * Constant(operands[i])!.Value : scale / Constant(operands[i])!.Value);
                }

                Add(operands[variablePart], scale);
                break;
            default:
                var minus = term.Node.Head == "-";
                for (var i = 0; i < operands.Count; i++)
                {
                    Add(operands[i], minus && (i > 0 || operands.Count == 1) ? -scale : scale);
                }

                break;
        }
    }

    /// <summary>The number that a term is equal to; null where it has a variable.</summary>
    private Rational? Constant(Operand term)
    {
        var node = term.Node;
        if (node.Kind == SyntaxKind.Word)
        {
            return Number(node);
        }

        if (!constants.TryGetValue(node, out var value))
        {
            constants.Add(node, value = Fold(node));
        }

        return value;
    }

    private Rational? Number(SyntaxNode node)
    {
        if (node.Text.Length > 0 && (char.IsAsciiLetter(node.Text[0]) || node.Text[0] == '_'))
        {
            return null;
        }

        return Rational.TryParse(node.Text, out var value) ? value
            : throw syntax.Wrong(node, $"found {node.Words}, expected a declared variable or a decimal number such as -0.5 or 1e-3.");
    }

    /// <summary>Checks a list of terms and computes it where it has no variable.</summary>
    private Rational? Fold(SyntaxNode node)
    {
        var operands = node.Kind == SyntaxKind.List && Operations.Contains(node.Head) ? Operands(node)
            : throw syntax.Wrong(node, node.Head.Length > 0
                ? $"found {node.Words} in place of a term, {OneLine.Suggest(node.Head, Operations)}"
                : $"found {node.Words}, expected a variable, a number or a term such as (* 2.0 X_0).");
        if (operands.Count == 0 || (node.Head == "/" && operands.Count < 2))
        {
            throw syntax.Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{OneLine.Quote(node.Head)} has {operands.Count} operands, expected {(node.Head == "/" ? 2 : 1)} or more."));
        }

        var (value, isConstant, withVariables) = (node.Head == "*" ? Rational.One : Rational.Zero, true, 0);
        for (var i = 0; i < operands.Count; i++)
        {
            if (Constant(operands[i]) is not { } number)
            {
                withVariables++;
                isConstant = false;
                if (node.Head == "*" ? withVariables > 1 : node.Head == "/" && i > 0)
                {
                    throw syntax.Wrong(operands[i].Node, node.Head == "*"
                        ? "found a product of two terms with variables, expected at most one such factor: only linear properties are supported."
                        : "found a variable in a divisor, expected a number: only linear properties are supported.");
                }

                continue;
            }

            if (node.Head == "/" && i > 0 && number.Sign == 0)
            {
                throw syntax.Wrong(operands[i].Node, "found a division by 0, expected another number.");
            }

            if (isConstant)
            {
                value = Checked(node, node.Head switch
                {
                    "*" => value * number,
                    "/" => i == 0 ? number : value / number,
                    "-" => i > 0 || operands.Count == 1 ? value - number : number,
                    _ => value + number,
                });
            }
        }

        return isConstant ? value : null;
    }

    /// <summary>What follows the head of a list; a bracket belongs to the name before it.</summary>
    private List<Operand> Operands(SyntaxNode node)
    {
        var operands = new List<Operand>(node.Children.Count);
        for (var i = 1; i < node.Children.Count; i++)
        {
            var child = node.Children[i];
            if (child.Kind is SyntaxKind.Bracket or SyntaxKind.Text)
            {
                throw syntax.Wrong(child, $"found {child.Words}, expected a variable, a number or a term such as (* 2.0 X_0).");
            }

            var index = child.Kind == SyntaxKind.Word && i + 1 < node.Children.Count && node.Children[i + 1].Kind == SyntaxKind.Bracket ? node.Children[++i] : null;
            operands.Add(new Operand(child, index));
        }

        return operands;
    }

    private Rational Checked(SyntaxNode node, Rational value) => value.Bits <= LargestNumber ? value
        : throw syntax.Wrong(node, string.Create(CultureInfo.InvariantCulture, $"a number of {value.Bits} bits arises here, expected at most {LargestNumber}."));

    private void Need(SyntaxNode node, int least, string what)
    {
        if (node.Children.Count - 1 < least)
        {
            throw syntax.Wrong(node, $"{OneLine.Quote(node.Head)} has {(node.Children.Count == 1 ? "nothing" : "one condition")} to work on, expected {what}.");
        }
    }

    private void NeedExactly(SyntaxNode node, int count, string what)
    {
        if (node.Children.Count - 1 != count)
        {
            throw syntax.Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{OneLine.Quote(node.Head)} has {node.Children.Count - 1} operands, expected {what}."));
        }
    }

    /// <summary>A term, and the bracket after it.</summary>
    private readonly record struct Operand(SyntaxNode Node, SyntaxNode? Index);
}
