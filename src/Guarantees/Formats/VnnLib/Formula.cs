namespace Guarantees.Formats.VnnLib;

/// <summary>A condition on inputs and outputs, without negation.</summary>
internal abstract class Formula
{
    /// <summary>Holds always.</summary>
    public static Formula True { get; } = new Conjunction([]);

    /// <summary>Holds never.</summary>
    public static Formula False { get; } = new Disjunction([]);

    /// <summary>All hold. Always true parts are left out; one false part makes it false.</summary>
    public static Formula And(List<Formula> parts)
    {
        parts.RemoveAll(part => ReferenceEquals(part, True));
        return parts.Contains(False) ? False : parts.Count == 0 ? True : parts is [var one] ? one : new Conjunction([.. parts]);
    }

    /// <summary>At least one holds. Always false parts are left out; one true part makes it true.</summary>
    public static Formula Or(List<Formula> parts)
    {
        parts.RemoveAll(part => ReferenceEquals(part, False));
        return parts.Contains(True) ? True : parts.Count == 0 ? False : parts is [var one] ? one : new Disjunction([.. parts]);
    }
}

internal sealed class Conjunction(Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;
}

internal sealed class Disjunction(Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;
}

/// <summary>An input lies at or below its upper end, or at or above its lower end.</summary>
internal sealed class RangeFormula(int input, bool isUpper, KnownBound bound) : Formula
{
    public int Input { get; } = input;

    public bool IsUpper { get; } = isUpper;

    public KnownBound Bound { get; } = bound;
}

/// <summary>A constraint that is no range of one input.</summary>
internal sealed class ConstraintFormula(LinearConstraint constraint) : Formula
{
    public LinearConstraint Constraint { get; } = constraint;
}

/// <summary>An end of a range with its roundings at hand, one object for each value; Id tells them apart.</summary>
internal sealed class KnownBound(InputBound bound, int id)
{
    private readonly double down = bound.Value.RoundDown();
    private readonly double up = bound.Value.RoundUp();

    public InputBound Bound { get; } = bound;

    public int Id { get; } = id;

    /// <summary>The order of the two numbers, exactly; roundings decide where they can.</summary>
    public int CompareTo(KnownBound other) => up < other.down ? -1 : down > other.up ? 1 : Bound.Value.CompareTo(other.Bound.Value);
}

/// <summary>All ends of ranges met so far.</summary>
internal sealed class KnownBounds
{
    private readonly Dictionary<InputBound, KnownBound> known = [];

    public KnownBound this[InputBound bound]
    {
        get
        {
            if (!known.TryGetValue(bound, out var found))
            {
                known.Add(bound, found = new KnownBound(bound, known.Count + 1));
            }

            return found;
        }
    }
}
