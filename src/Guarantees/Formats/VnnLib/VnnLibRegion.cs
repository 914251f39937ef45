using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Formats.VnnLib;

/// <summary>One end of the range of an input, as written: x &lt;= Value, or x &lt; Value where strict; a lower end likewise.</summary>
/// <param name="Value">The number, exactly.</param>
/// <param name="IsStrict">Whether the number itself lies outside.</param>
public sealed record InputBound(Rational Value, bool IsStrict);

/// <summary>A set of inputs, { x : l_i &lt;= x_i &lt;= u_i }, its ends exact rational numbers and some of them perhaps left out (&lt;).</summary>
/// <remarks>
/// <see cref="Outer"/> holds the set, and <see cref="Inner"/> holds exactly its members that are doubles: <c>unsat</c> is shown on the first, a witness is
/// taken from the second. Cases with the same set share one object.
/// </remarks>
public sealed class VnnLibRegion
{
    internal VnnLibRegion(ImmutableArray<InputBound> lower, ImmutableArray<InputBound> upper)
    {
        (Lower, Upper) = (lower, upper);
        var (outer, inner, inhabited) = (new Box(lower.Length), new Box(lower.Length), true);
        for (var i = 0; i < lower.Length; i++)
        {
            outer[i] = new(lower[i].Value.RoundDown(), upper[i].Value.RoundUp());
            var (first, last) = (
                lower[i].IsStrict ? lower[i].Value.DoubleAbove() : lower[i].Value.RoundUp(),
                upper[i].IsStrict ? upper[i].Value.DoubleBelow() : upper[i].Value.RoundDown());
            inhabited &= first <= last;
            if (inhabited)
            {
                inner[i] = new(first, last);
            }
        }

        (Outer, Inner) = (outer, inhabited ? inner : null);
    }

    /// <summary>The lower ends l_i.</summary>
    public ImmutableArray<InputBound> Lower { get; }

    /// <summary>The upper ends u_i.</summary>
    public ImmutableArray<InputBound> Upper { get; }

    /// <summary>The smallest box with ends that are doubles which holds the set. Shared: do not write to it.</summary>
    public Box Outer { get; }

    /// <summary>The largest box with ends that are doubles inside the set: a vector of doubles is a member of one exactly if it is of the other. Null where there is none. Shared: do not write to it.</summary>
    public Box? Inner { get; }

    /// <summary>Number of inputs.</summary>
    public int Length => Lower.Length;

    /// <summary>Whether a vector of doubles is a member; no tolerance.</summary>
    public bool Contains(ReadOnlySpan<double> point) => Inner?.Contains(point) ?? false;

    /// <summary>Whether a rational vector is a member.</summary>
    public bool Contains(ReadOnlySpan<Rational> point)
    {
        var member = point.Length == Length;
        for (var i = 0; member && i < point.Length; i++)
        {
            var (below, above) = (point[i].CompareTo(Lower[i].Value), point[i].CompareTo(Upper[i].Value));
            member = (Lower[i].IsStrict ? below > 0 : below >= 0) && (Upper[i].IsStrict ? above < 0 : above <= 0);
        }

        return member;
    }

    /// <summary>Whether every point of a box is a member, none is, or neither is so.</summary>
    public Truth Evaluate(Box box)
    {
        ArgumentNullException.ThrowIfNull(box);
        if (box.Length != Length)
        {
            throw new ArgumentException($"The region has {Length} inputs, the box {box.Length}.", nameof(box));
        }

        if (Inner is not null && Contains(box.Lower) && Contains(box.Upper))
        {
            return Truth.Satisfied;
        }

        for (var i = 0; i < Length; i++)
        {
            var (right, left) = (Lower[i].Value.CompareTo(box.Upper[i]), Upper[i].Value.CompareTo(box.Lower[i]));
            if (right > 0 || (right == 0 && Lower[i].IsStrict) || left < 0 || (left == 0 && Upper[i].IsStrict))
            {
                return Truth.Violated;
            }
        }

        return Truth.Unknown;
    }
}
