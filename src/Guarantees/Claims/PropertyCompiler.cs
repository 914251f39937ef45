using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using BigInteger = System.Numerics.BigInteger;

namespace Guarantees.Claims;

/// <summary>Compiles a VNN-LIB property of a network, or of several, to one question a case: is there an x in the case's box with g(x) &gt;= 0?</summary>
/// <remarks>
/// For the constraints a_i . x + b_i . y &lt;= c_i of a case, y = f(x), g(x) = min_i (c_i - a_i . x - b_i . y). The case is unsatisfiable if g &lt; 0 on the box, which is rounded
/// outward. Each constraint is first multiplied by the common denominator of its coefficients, so that decimals such as 0.1 stay exact; c_i is rounded up, and
/// strict constraints are read as the others: both only add points, so "none" still means none.
/// With several networks x lists the inputs of all, y their outputs. Where constraints tie inputs together the question is asked in other variables
/// (<see cref="InputSubstitution"/>), and copies of one network share a graph that carries their differences (<see cref="JointNetwork"/>).
/// </remarks>
public static class PropertyCompiler
{
    /// <summary>g above this refutes "unsat": the largest double below 0.</summary>
    public const double Target = -double.Epsilon;

    /// <summary>Compiles every case of a property of one network.</summary>
    /// <exception cref="ArgumentException">The property does not speak of this network, or a coefficient has too many digits.</exception>
    public static ImmutableArray<Problem> Compile(Network network, VnnLibProperty property) => Compile([network], property);

    /// <summary>Compiles every case of a property.</summary>
    /// <param name="networks">The networks, in the order of the property; the same object where one is equal to another.</param>
    /// <param name="property">The property.</param>
    /// <exception cref="ArgumentException">The property does not speak of these networks, or a coefficient has too many digits.</exception>
    public static ImmutableArray<Problem> Compile(ImmutableArray<Network> networks, VnnLibProperty property)
    {
        ArgumentNullException.ThrowIfNull(property);
        if (property.Networks.Length != networks.Length)
        {
            throw new ArgumentException($"{property.Name}: the property speaks of {property.Networks.Length} networks; got {networks.Length}.", nameof(property));
        }

        foreach (var (k, network) in networks.Index())
        {
            Match(property, k, network);
        }

        return [.. property.Cases.Select(item => Compile(networks, property, item))];
    }

    /// <summary>The variables in which a case is searched: x itself, unless an equality or, with several networks, a distance between inputs ties them.</summary>
    public static InputSubstitution Variables(VnnLibProperty property, VnnLibCase item)
    {
        ArgumentNullException.ThrowIfNull(property);
        return InputSubstitution.Of(item, equalitiesOnly: property.Networks.Length == 1);
    }

    /// <summary>The property counts elements in its own order of tensors; the network in that of the file.</summary>
    private static void Match(VnnLibProperty property, int k, Network network)
    {
        var declared = property.Networks[k];
        var (inputs, outputs) = (declared.Inputs.Sum(tensor => tensor.Length), declared.Outputs.Sum(tensor => tensor.Length));
        var actual = network.Outputs.Sum(output => network.Nodes[output.Node].Length);
        if (inputs != network.InputLength || outputs != actual)
        {
            throw new ArgumentException(
                $"{property.Name}: the property has {inputs} inputs and {outputs} outputs{(property.Networks.Length > 1 ? $" of '{declared.Name}'" : "")}, the network {network.InputLength} and {actual}.",
                nameof(property));
        }

        Names(declared.Inputs, [.. network.Inputs.Select(node => (((Input)node.Operator).Label, node.Length))], "input");
        Names(declared.Outputs, [.. network.Outputs.Select(output => (output.Name, network.Nodes[output.Node].Length))], "output");

        void Names(ImmutableArray<VnnLibTensor> stated, (string Name, int Length)[] actual, string kind)
        {
            for (var t = 0; t < stated.Length; t++)
            {
                if (stated[t].OnnxName is { } name && (t >= actual.Length || name != actual[t].Name || stated[t].Length != actual[t].Length))
                {
                    throw new ArgumentException(
                        $"{property.Name}: {kind} {t + 1} stands for '{name}' with {stated[t].Length} elements; the network's is "
                        + (t < actual.Length ? $"'{actual[t].Name}' with {actual[t].Length}." : "missing."),
                        nameof(property));
                }
            }
        }
    }

    private static Problem Compile(ImmutableArray<Network> networks, VnnLibProperty property, VnnLibCase item)
    {
        var (builder, substitution) = (new NetworkBuilder(), Variables(property, item));
        var (inputs, outputs) = JointNetwork.Build(builder, property, networks, substitution);
        Vector[] sources = [.. inputs, .. outputs];
        var (rows, bias) = (new List<List<(int Argument, int Element, double Weight)>>(), new List<double>());
        foreach (var constraint in substitution.Remaining)
        {
            var scale = constraint.Inputs.Concat(constraint.Outputs).Aggregate(BigInteger.One, (all, term) => Common(all, term.Coefficient.Denominator));
            var row = new List<(int, int, double)>();
            Append(row, constraint.Inputs, 0, inputs.Length);
            Append(row, constraint.Outputs, inputs.Length, sources.Length);
            rows.Add(row);
            bias.Add((constraint.Bound * new Rational(scale, BigInteger.One)).RoundUp());

            void Append(List<(int, int, double)> row, ImmutableArray<LinearTerm> terms, int from, int to)
            {
                foreach (var term in terms)
                {
                    var weight = (-term.Coefficient * new Rational(scale, BigInteger.One)).Enclosure;
                    if (weight.Lower != weight.Upper)
                    {
                        throw new ArgumentException($"{property.Name}: the coefficients of '{constraint}' have too many digits to be exact in double arithmetic.", nameof(item));
                    }

                    var (source, element) = (from, term.Index);
                    while (element >= sources[source].Length && source + 1 < to)
                    {
                        element -= sources[source++].Length;
                    }

                    row.Add((source, element, weight.Lower));
                }
            }
        }

        if (substitution.IsEmpty)
        {
            rows.Add([(inputs.Length, 0, 0.0)]); // two constraints contradict each other: g = -1
            bias.Add(-1);
        }

        if (rows.Count == 0)
        {
            rows.Add([(inputs.Length, 0, 0.0)]); // no condition on the outputs: g = 0
            bias.Add(0);
        }

        // Only the sources that are read become arguments: with one of them the graph stays a chain.
        var read = rows.SelectMany(row => row.Select(term => term.Argument)).Distinct().Order().ToArray();
        var objective = builder.Add(
            new SparseAffine([.. rows.Select(row => row.Select(term => (Array.IndexOf(read, term.Argument), term.Element, term.Weight)).ToArray())], bias),
            [.. read.Select(source => sources[source])],
            "violation");
        builder.Output("violation", objective);
        return new Problem(builder.Build(), objective.Id, new Domain(substitution.Box))
        {
            Text = string.Join(" and ", item.Constraints.Select(constraint => constraint.ToString())),
        };
    }

    private static BigInteger Common(BigInteger a, BigInteger b) => a / BigInteger.GreatestCommonDivisor(a, b) * b;
}
