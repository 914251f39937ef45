using System.Collections.Immutable;
using Guarantees.Arithmetic;

namespace Guarantees.Formats.VnnLib;

/// <summary>
/// A question about a network f: is there a case, and an x in its region, such that every constraint of the case holds at (x, f(x))?
/// <c>sat</c> if there is, <c>unsat</c> if not. Without cases it is <c>unsat</c>.
/// </summary>
/// <remarks>
/// A property of several networks (VNN-LIB 2.0) asks the same about their product: x lists the inputs of the first network, then those of the second, and so on,
/// y their outputs. Two networks of which one is <c>equal-to</c> the other are two copies of one network.
/// </remarks>
public sealed class VnnLibProperty
{
    internal VnnLibProperty(string name, int majorVersion, ImmutableArray<VnnLibNetwork> networks, ImmutableArray<VnnLibCase> cases)
    {
        (Name, MajorVersion, Networks, Cases) = (name, majorVersion, networks, cases);
        InputLength = networks.Sum(network => network.Inputs.Sum(tensor => tensor.Length));
        OutputLength = networks.Sum(network => network.Outputs.Sum(tensor => tensor.Length));
        Groups = [.. cases.GroupBy(item => item.Region).Select(group => new VnnLibGroup(group.Key, [.. group]))];
    }

    /// <summary>Name of the file, for messages.</summary>
    public string Name { get; }

    /// <summary>1 for files of <c>declare-const</c>, 2 for files of <c>declare-network</c>.</summary>
    public int MajorVersion { get; }

    /// <summary>The networks: one in VNN-LIB 1.0.</summary>
    public ImmutableArray<VnnLibNetwork> Networks { get; }

    /// <summary>Number of inputs, of all networks together.</summary>
    public int InputLength { get; }

    /// <summary>Number of outputs, of all networks together.</summary>
    public int OutputLength { get; }

    /// <summary>The cases, in the order of the file: the first alternative of each disjunction first.</summary>
    public ImmutableArray<VnnLibCase> Cases { get; }

    /// <summary>The cases by region, so that what is computed from the inputs alone is computed once.</summary>
    public ImmutableArray<VnnLibGroup> Groups { get; }

    /// <summary>Whether (x, y) satisfies some case, with zero tolerance.</summary>
    public bool IsSatisfiedExactly(ReadOnlySpan<double> inputs, ReadOnlySpan<Rational> outputs)
    {
        foreach (var item in Cases)
        {
            if (item.IsSatisfiedExactly(inputs, outputs))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the rational point (x, y) satisfies some case.</summary>
    public bool IsSatisfiedExactly(ReadOnlySpan<Rational> inputs, ReadOnlySpan<Rational> outputs)
    {
        foreach (var item in Cases)
        {
            if (item.IsSatisfiedExactly(inputs, outputs))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>All cases with the same inputs.</summary>
/// <param name="Region">The inputs.</param>
/// <param name="Cases">The cases, one or more, in the order of the file.</param>
public sealed record VnnLibGroup(VnnLibRegion Region, ImmutableArray<VnnLibCase> Cases);
