using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Formats.VnnLib;

/// <summary>One case of a property: { (x, y) : x in <see cref="Region"/>, and every constraint holds at (x, y) }.</summary>
public sealed class VnnLibCase
{
    internal VnnLibCase(VnnLibRegion region, ImmutableArray<LinearConstraint> constraints) => (Region, Constraints) = (region, constraints);

    /// <summary>The inputs, exactly. Cases with the same inputs share the object.</summary>
    public VnnLibRegion Region { get; }

    /// <summary>A box that holds the inputs, rounded outward: what <c>unsat</c> is shown on. Shared: do not write to it.</summary>
    public Box Box => Region.Outer;

    /// <summary>All inputs that are doubles, rounded inward: where a witness is taken from. Null where there is none. Shared: do not write to it.</summary>
    public Box? InnerBox => Region.Inner;

    /// <summary>The constraints beyond the ranges of single inputs, in the order of the file. Empty: every output will do.</summary>
    public ImmutableArray<LinearConstraint> Constraints { get; }

    /// <summary>Whether (x, y) is a member, with zero tolerance.</summary>
    /// <param name="inputs">x, finite.</param>
    /// <param name="outputs">y, exact values or what stands for them.</param>
    public bool IsSatisfiedExactly(ReadOnlySpan<double> inputs, ReadOnlySpan<Rational> outputs)
    {
        if (!Region.Contains(inputs))
        {
            return false;
        }

        var x = new Rational[inputs.Length];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Rational.Of(inputs[i]);
        }

        return HoldAll(x, outputs);
    }

    /// <summary>Whether the rational point (x, y) is a member.</summary>
    public bool IsSatisfiedExactly(ReadOnlySpan<Rational> inputs, ReadOnlySpan<Rational> outputs) => Region.Contains(inputs) && HoldAll(inputs, outputs);

    /// <summary>Whether every (x, y), none, or neither is a member, for x and y in two boxes. Rigorous, whatever the boxes.</summary>
    /// <param name="inputs">Values of x: one point, or a part of the domain.</param>
    /// <param name="outputs">Enclosures of the outputs over those x.</param>
    /// <returns>
    /// <see cref="Truth.Satisfied"/>: all are; a witness where <paramref name="inputs"/> is a point. <see cref="Truth.Violated"/>: none is, since one range
    /// or constraint alone excludes all of them.
    /// </returns>
    public Truth Evaluate(Box inputs, Box outputs)
    {
        var truth = Region.Evaluate(inputs);
        foreach (var constraint in Constraints)
        {
            if (truth == Truth.Violated)
            {
                break;
            }

            var next = constraint.Evaluate(inputs, outputs);
            truth = next == Truth.Violated || truth == Truth.Satisfied ? next : truth;
        }

        return truth;
    }

    private bool HoldAll(ReadOnlySpan<Rational> inputs, ReadOnlySpan<Rational> outputs)
    {
        foreach (var constraint in Constraints)
        {
            if (!constraint.IsSatisfiedExactly(inputs, outputs))
            {
                return false;
            }
        }

        return true;
    }
}
