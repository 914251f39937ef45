using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Formats.VnnLib;

/// <summary>A variable times a number other than 0.</summary>
/// <param name="Index">Which input or output, from 0.</param>
/// <param name="Coefficient">The number, exactly.</param>
public readonly record struct LinearTerm(int Index, Rational Coefficient)
{
    /// <summary>The smallest interval of doubles that holds the coefficient.</summary>
    public Interval Enclosure => Coefficient.Enclosure;
}

/// <summary>sum_i a_i x_i + sum_j b_j y_j &lt;= c over inputs x and outputs y, or &lt; c where <see cref="IsStrict"/>. All numbers are exact.</summary>
/// <remarks>
/// Whoever refutes a case may read a strict constraint as the other: if no point satisfies "&lt;=", none satisfies "&lt;". Whoever states a witness may not;
/// the members here never confuse them.
/// </remarks>
public sealed class LinearConstraint
{
    internal LinearConstraint(ImmutableArray<LinearTerm> inputs, ImmutableArray<LinearTerm> outputs, Rational bound, bool isStrict) =>
        (Inputs, Outputs, Bound, IsStrict) = (inputs, outputs, bound, isStrict);

    /// <summary>The terms a_i x_i, by rising index.</summary>
    public ImmutableArray<LinearTerm> Inputs { get; }

    /// <summary>The terms b_j y_j, by rising index.</summary>
    public ImmutableArray<LinearTerm> Outputs { get; }

    /// <summary>c.</summary>
    public Rational Bound { get; }

    /// <summary>Whether equality violates the constraint.</summary>
    public bool IsStrict { get; }

    /// <summary>The smallest interval of doubles that holds c. Its upper end relaxes the constraint, its lower end tightens it.</summary>
    public Interval BoundEnclosure => Bound.Enclosure;

    /// <summary>Whether the point (x, y) satisfies the constraint, exactly.</summary>
    public bool IsSatisfiedExactly(ReadOnlySpan<Rational> inputs, ReadOnlySpan<Rational> outputs)
    {
        var sum = Rational.Zero;
        foreach (var term in Inputs)
        {
            sum += term.Coefficient * inputs[term.Index];
        }

        foreach (var term in Outputs)
        {
            sum += term.Coefficient * outputs[term.Index];
        }

        return IsStrict ? sum < Bound : sum <= Bound;
    }

    /// <summary>An enclosure of sum_i a_i x_i + sum_j b_j y_j over all x and y of two boxes.</summary>
    public Interval Range(Box inputs, Box outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var sum = Interval.Point(0);
        foreach (var term in Inputs)
        {
            sum += term.Enclosure * inputs[term.Index];
        }

        foreach (var term in Outputs)
        {
            sum += term.Enclosure * outputs[term.Index];
        }

        return sum;
    }

    /// <summary>Whether the constraint holds, or fails, at every (x, y) of two boxes.</summary>
    /// <returns>With finite boxes the exact answer; <see cref="Truth.Unknown"/> then means that it holds at some corner and fails at another.</returns>
    public Truth Evaluate(Box inputs, Box outputs)
    {
        var truth = Compare(Range(inputs, outputs));
        return truth == Truth.Unknown && IsFinite(Inputs, inputs) && IsFinite(Outputs, outputs) ? EvaluateExactly(inputs, outputs) : truth;
    }

    /// <summary>The constraint as text: <c>1 X_0 - 1/2 Y_1 &lt;= 3</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, Inputs, 'X');
        Append(text, Outputs, 'Y');
        return text.Append(IsStrict ? "< " : "<= ").Append(Bound).ToString();
    }

    private static void Append(StringBuilder text, ImmutableArray<LinearTerm> terms, char name)
    {
        foreach (var term in terms)
        {
            var sign = term.Coefficient.Sign < 0 ? "- " : text.Length > 0 ? "+ " : "";
            text.Append(CultureInfo.InvariantCulture, $"{sign}{(term.Coefficient.Sign < 0 ? -term.Coefficient : term.Coefficient)} {name}_{term.Index} ");
        }
    }

    private static bool IsFinite(ImmutableArray<LinearTerm> terms, Box box)
    {
        foreach (var term in terms)
        {
            if (!double.IsFinite(box.Lower[term.Index]) || !double.IsFinite(box.Upper[term.Index]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The least and greatest value of the sum lie at corners: a rational number each.</summary>
    private Truth EvaluateExactly(Box inputs, Box outputs)
    {
        var (least, greatest) = (Rational.Zero, Rational.Zero);
        foreach (var (terms, box) in new[] { (Inputs, inputs), (Outputs, outputs) })
        {
            foreach (var (index, coefficient) in terms)
            {
                var (a, b) = (coefficient * Rational.Of(box.Lower[index]), coefficient * Rational.Of(box.Upper[index]));
                (least, greatest) = coefficient.Sign > 0 ? (least + a, greatest + b) : (least + b, greatest + a);
            }
        }

        var (always, never) = IsStrict ? (greatest < Bound, least >= Bound) : (greatest <= Bound, least > Bound);
        return always ? Truth.Satisfied : never ? Truth.Violated : Truth.Unknown;
    }

    /// <summary>What an enclosure of the sum says of the constraint.</summary>
    private Truth Compare(Interval sum)
    {
        var (above, below) = (Bound.CompareTo(sum.Upper), Bound.CompareTo(sum.Lower));
        return above > 0 || (above == 0 && !IsStrict) ? Truth.Satisfied : below < 0 || (below == 0 && IsStrict) ? Truth.Violated : Truth.Unknown;
    }
}
