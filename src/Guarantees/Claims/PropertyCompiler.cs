using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using BigInteger = System.Numerics.BigInteger;

namespace Guarantees.Claims;

/// <summary>Compiles a VNN-LIB property of a network to one question a case: is there an x in the case's box with g(x) &gt;= 0?</summary>
/// <remarks>
/// For the constraints a_i . x + b_i . y &lt;= c_i of a case, y = f(x), g(x) = min_i (c_i - a_i . x - b_i . y). The case is unsatisfiable if g &lt; 0 on the box, which is rounded
/// outward. Each constraint is first multiplied by the common denominator of its coefficients, so that decimals such as 0.1 stay exact; c_i is rounded up, and
/// strict constraints are read as the others: both only add points, so "none" still means none.
/// </remarks>
public static class PropertyCompiler
{
    /// <summary>g above this refutes "unsat": the largest double below 0.</summary>
    public const double Target = -double.Epsilon;

    /// <summary>Compiles every case.</summary>
    /// <exception cref="ArgumentException">The property does not speak of this network, or a coefficient has too many digits.</exception>
    public static ImmutableArray<Problem> Compile(Network network, VnnLibProperty property)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(property);
        if (property.Networks.Length != 1)
        {
            throw new ArgumentException($"{property.Name}: the property speaks of {property.Networks.Length} networks; one is supported.", nameof(property));
        }

        var outputs = network.Outputs.Sum(output => network.Nodes[output.Node].Length);
        if (property.InputLength != network.InputLength || property.OutputLength != outputs)
        {
            throw new ArgumentException(
                $"{property.Name}: the property has {property.InputLength} inputs and {property.OutputLength} outputs, the network {network.InputLength} and {outputs}.",
                nameof(property));
        }

        // The property counts elements in its own order of tensors; the network in that of the file.
        Match(property.Networks[0].Inputs, [.. network.Inputs.Select(node => (((Input)node.Operator).Label, node.Length))], "input");
        Match(property.Networks[0].Outputs, [.. network.Outputs.Select(output => (output.Name, network.Nodes[output.Node].Length))], "output");
        return [.. property.Cases.Select(item => Compile(network, item, property.Name))];

        void Match(ImmutableArray<VnnLibTensor> stated, (string Name, int Length)[] actual, string kind)
        {
            for (var k = 0; k < stated.Length; k++)
            {
                if (stated[k].OnnxName is { } name && (k >= actual.Length || name != actual[k].Name || stated[k].Length != actual[k].Length))
                {
                    throw new ArgumentException(
                        $"{property.Name}: {kind} {k + 1} stands for '{name}' with {stated[k].Length} elements; the network's is "
                        + (k < actual.Length ? $"'{actual[k].Name}' with {actual[k].Length}." : "missing."),
                        nameof(property));
                }
            }
        }
    }

    private static Problem Compile(Network network, VnnLibCase item, string name)
    {
        var builder = new NetworkBuilder();
        var inputs = network.Inputs.Select(node => builder.Input(((Input)node.Operator).Label, [.. node.Shape])).ToArray();
        var named = builder.Insert(network, inputs);
        Vector[] sources = [.. inputs, .. network.Outputs.Select(output => named[output.Name])];
        var (rows, bias) = (new List<List<(int Argument, int Element, double Weight)>>(), new List<double>());
        foreach (var constraint in item.Constraints)
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
                        throw new ArgumentException($"{name}: the coefficients of '{constraint}' have too many digits to be exact in double arithmetic.", nameof(item));
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
        return new Problem(builder.Build(), objective.Id, new Domain(item.Box))
        {
            Text = string.Join(" and ", item.Constraints.Select(constraint => constraint.ToString())),
        };
    }

    private static BigInteger Common(BigInteger a, BigInteger b) => a / BigInteger.GreatestCommonDivisor(a, b) * b;
}
