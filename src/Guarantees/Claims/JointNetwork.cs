using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>Several networks as one: the inputs of the first, then those of the second, ...; outputs likewise.</summary>
internal static class JointNetwork
{
    /// <summary>Copies whose coefficients differ by more than this share of the largest one gain nothing from differences.</summary>
    private const double Near = 0.25;

    /// <summary>The networks side by side, nothing shared: what witnesses are replayed on.</summary>
    public static Network Of(VnnLibProperty property, ImmutableArray<Network> networks)
    {
        if (networks.Length == 1)
        {
            return networks[0];
        }

        var builder = new NetworkBuilder();
        foreach (var (k, network) in networks.Index())
        {
            var inputs = Inputs(builder, property.Networks[k].Name, network);
            var outputs = builder.Insert(network, inputs);
            foreach (var (name, _) in network.Outputs)
            {
                builder.Output($"{property.Networks[k].Name}/{name}", outputs[name]);
            }
        }

        return builder.Build();
    }

    /// <summary>x from u and y from x, for one case; a copy that resembles a network before it is carried as the difference to that one.</summary>
    /// <returns>Vectors of x, one an input tensor, and of y, one an output tensor.</returns>
    public static (ImmutableArray<Vector> Inputs, ImmutableArray<Vector> Outputs) Build(
        NetworkBuilder builder, VnnLibProperty property, ImmutableArray<Network> networks, InputSubstitution substitution)
    {
        Vector[][] u = [.. networks.Select((network, k) => Inputs(builder, networks.Length == 1 ? "" : property.Networks[k].Name, network))];
        Vector[] all = [.. u.SelectMany(part => part)];
        var starts = networks.Select((_, k) => networks.Take(k).Sum(before => before.InputLength)).ToArray();
        Vector[][] x = [.. networks.Select((network, k) => Values(k))];
        var (places, outputs) = (new Vector[networks.Length][], ImmutableArray.CreateBuilder<Vector>());
        for (var k = 0; k < networks.Length; k++)
        {
            var origin = Enumerable.Range(0, k).FirstOrDefault(j => places[j] is not null && Resembles(networks[j], networks[k]), -1);
            if (origin < 0)
            {
                places[k] = Insert(builder, networks[k], x[k]);
                outputs.AddRange(networks[k].Outputs.Select(output => places[k][output.Node]));
            }
            else
            {
                var changes = Changes(builder, networks[origin], networks[k], places[origin], Differences(origin, k));
                outputs.AddRange(networks[k].Outputs.Select(output => builder.Combine((1, places[origin][output.Node]), (1, changes[output.Node]))));
            }
        }

        return ([.. x.SelectMany(part => part)], outputs.ToImmutable());

        Vector[] Values(int k)
        {
            var (result, start) = (new Vector[u[k].Length], starts[k]);
            for (var t = 0; t < result.Length; t++)
            {
                var from = start;
                result[t] = Enumerable.Range(from, u[k][t].Length).All(substitution.IsPlain)
                    ? u[k][t]
                    : Combination([.. Enumerable.Range(from, u[k][t].Length).Select(i => substitution.Expression(i).ToDictionary())], u[k][t].Shape) ?? throw new InvalidOperationException("Broken invariant: a substitution has inexact coefficients.");
                start += u[k][t].Length;
            }

            return result;
        }

        // x_k - x_origin, in u where the coefficients allow: what both read cancels exactly.
        Vector[] Differences(int origin, int k)
        {
            var (result, start) = (new Vector[u[k].Length], 0);
            for (var t = 0; t < result.Length; t++)
            {
                var rows = new Dictionary<int, Rational>[u[k][t].Length];
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = substitution.Expression(starts[k] + start + i).ToDictionary();
                    foreach (var (j, coefficient) in substitution.Expression(starts[origin] + start + i))
                    {
                        rows[i][j] = rows[i].GetValueOrDefault(j) - coefficient;
                    }
                }

                result[t] = Combination(rows, u[k][t].Shape) ?? builder.Combine((1, x[k][t]), (-1, x[origin][t]));
                start += rows.Length;
            }

            return result;
        }

        Vector? Combination(Dictionary<int, Rational>[] rows, ImmutableArray<int> shape)
        {
            var read = rows.SelectMany(row => row.Where(term => term.Value.Sign != 0).Select(term => Locate(term.Key).Vector)).Distinct().Order().ToArray();
            if (read.Length == 0)
            {
                return builder.Constant(new double[rows.Length]);
            }

            var terms = new List<(int, int, double)[]>();
            foreach (var row in rows)
            {
                var weights = new List<(int, int, double)>();
                foreach (var (index, coefficient) in row.Where(term => term.Value.Sign != 0).OrderBy(term => term.Key))
                {
                    var (vector, element) = Locate(index);
                    if (coefficient.Enclosure is var both && (both.Lower != both.Upper || !double.IsFinite(both.Lower)))
                    {
                        return null;
                    }

                    weights.Add((Array.IndexOf(read, vector), element, both.Lower));
                }

                terms.Add([.. weights]);
            }

            return builder.Add(new SparseAffine(terms), [.. read.Select(vector => all[vector])], "", shape);
        }

        (int Vector, int Element) Locate(int index)
        {
            var vector = 0;
            while (index >= all[vector].Length)
            {
                index -= all[vector++].Length;
            }

            return (vector, index);
        }
    }

    /// <summary>Every node of a network at x, and how far each moves when x moves: f(x + dx) - f(x), carried as differences through the whole network.</summary>
    /// <param name="builder">The graph under construction.</param>
    /// <param name="network">f.</param>
    /// <param name="inputs">x, one vector an input.</param>
    /// <param name="moves">dx, one vector an input.</param>
    public static (Vector[] Values, Vector[] Changes) Compare(NetworkBuilder builder, Network network, Vector[] inputs, Vector[] moves)
    {
        var values = Insert(builder, network, inputs);
        return (values, Changes(builder, network, network, values, moves));
    }

    /// <summary>
    /// The outputs of two networks at vectors of one graph, and those of the first minus those of the second (null where their lengths differ): carried as differences where the networks
    /// resemble each other and read the same.
    /// </summary>
    /// <param name="builder">The graph under construction.</param>
    /// <param name="first">A network of one input.</param>
    /// <param name="second">Another, with as many outputs.</param>
    /// <param name="x">What the first one reads.</param>
    /// <param name="y">What the second one reads.</param>
    public static (Vector[] First, Vector[] Second, Vector?[] Differences) Outputs(NetworkBuilder builder, Network first, Network second, Vector x, Vector y)
    {
        var (values, others) = (Insert(builder, first, [x]), Insert(builder, second, [y]));
        Vector[] a = [.. first.Outputs.Select(output => values[output.Node])];
        Vector[] b = [.. second.Outputs.Select(output => others[output.Node])];
        if (x.Id != y.Id || !Resembles(second, first))
        {
            return (a, b, [.. a.Zip(b, (mine, other) => mine.Length == other.Length ? mine - other : (Vector?)null)]);
        }

        var changes = Changes(builder, second, first, others, [builder.Constant(new double[x.Length])], withReciprocals: true);
        return (a, b, [.. first.Outputs.Select(output => changes[output.Node])]);
    }

    /// <summary>The outputs of a network at x + d and at x, and by how much they differ, carried as differences through the whole network.</summary>
    public static (Vector[] First, Vector[] Second, Vector?[] Differences) Moved(NetworkBuilder builder, Network network, Vector x, Vector d)
    {
        var values = Insert(builder, network, [x]);
        var changes = Changes(builder, network, network, values, [d], withReciprocals: true);
        Vector[] second = [.. network.Outputs.Select(output => values[output.Node])];
        Vector[] moved = [.. network.Outputs.Select(output => changes[output.Node])];
        return ([.. second.Zip(moved, (value, change) => builder.Combine((1, value), (1, change)))], second, [.. moved.Select(change => (Vector?)change)]);
    }

    private static Vector[] Inputs(NetworkBuilder builder, string prefix, Network network) =>
        [.. network.Inputs.Select(node => builder.Input(prefix.Length == 0 ? ((Input)node.Operator).Label : $"{prefix}/{((Input)node.Operator).Label}", [.. node.Shape]))];

    /// <summary>Every node of a network.</summary>
    private static Vector[] Insert(NetworkBuilder builder, Network network, Vector[] inputs)
    {
        var (places, next) = (new Vector[network.Nodes.Length], 0);
        foreach (var node in network.Nodes)
        {
            places[node.Id] = node.Operator is Input
                ? inputs[next++]
                : builder.Add(node.Operator, [.. node.Arguments.Select(k => places[k])], node.Name, node.Shape);
        }

        return places;
    }

    /// <summary>
    /// Every node of a network minus the same node of another: W' x' + b' - (W x + b) = W' (x' - x) + (W' - W) x + (b' - b) for linear maps, <see cref="Change"/> for activations,
    /// a' b' - a b = (a' - a)(b + b')/2 + (b' - b)(a + a')/2 for products, where asked for 1/a' - 1/a = -(a' - a) (1/a) (1/a'), and the value itself minus the other for the rest.
    /// </summary>
    private static Vector[] Changes(NetworkBuilder builder, Network origin, Network copy, Vector[] values, Vector[] inputs, bool withReciprocals = false)
    {
        var (changes, next) = (new Vector[copy.Nodes.Length], 0);
        foreach (var node in copy.Nodes)
        {
            var other = origin.Nodes[node.Id].Operator;
            Vector[] x = [.. node.Arguments.Select(k => values[k])];
            Vector[] d = [.. node.Arguments.Select(k => changes[k])];
            changes[node.Id] = node.Operator switch
            {
                Input => inputs[next++],
                Constant constant when ReferenceEquals(constant, other) => builder.Constant(new double[node.Length]),
                LinearOperator linear when Difference((LinearOperator)other, linear, node.Length, x.Length) is var (map, readsValues) =>
                    builder.Add(map, readsValues ? [.. d, .. x] : d, node.Name, node.Shape),
                Scale scale when ReferenceEquals(scale, other) => builder.Add(scale, d, node.Name, node.Shape),
                Activation activation and not Scale when Change.Accepts(activation) && IsSame(activation, other) => builder.Add(new Change(activation), [x[0], d[0]], node.Name, node.Shape),
                Reciprocal when withReciprocals => -(d[0] * (values[node.Id] * builder.Add(node.Operator, [x[0] + d[0]], node.Name, node.Shape))),
                Multiply => builder.Combine(
                    (1, builder.Multiply(d[0], builder.Combine((1, x[1]), (0.5, d[1])))),
                    (1, builder.Multiply(builder.Combine((1, x[0]), (0.5, d[0])), d[1]))),
                _ => builder.Combine((1, builder.Add(node.Operator, [.. x.Zip(d, (a, b) => builder.Combine((1, a), (1, b)))], node.Name, node.Shape)), (-1, values[node.Id])),
            };
        }

        return changes;
    }

    /// <summary>The linear map of the difference, and whether it reads the values too; null where it has a number that is no double.</summary>
    private static (LinearOperator Map, bool ReadsValues)? Difference(LinearOperator first, LinearOperator second, int length, int arguments)
    {
        if (ReferenceEquals(first, second) && second is Affine dense)
        {
            return (new Affine(dense.Weights.ToArray(), new double[length]), false);
        }

        var (rows, bias, reads) = (new List<(int, int, double)[]>(), new double[length], false);
        for (var i = 0; i < length; i++)
        {
            var ours = second.Terms(i);
            var theirs = first.Terms(i);
            var row = new List<(int, int, double)>();
            for (var t = 0; t < ours.Count; t++)
            {
                var (argument, element, weight) = ours[t];
                row.Add((argument, element, weight));
                var before = theirs[t].Weight;
                if (weight != before)
                {
                    reads = true;
                    row.AddRange(Rounding.IsExactSum(weight, -before)
                        ? [(arguments + argument, element, weight - before)]
                        : [(arguments + argument, element, weight), (arguments + argument, element, -before)]);
                }
            }

            if (!Rounding.IsExactSum(second.Bias(i), -first.Bias(i)))
            {
                return null;
            }

            bias[i] = second.Bias(i) - first.Bias(i);
            rows.Add([.. row]);
        }

        return (new SparseAffine(rows, bias), reads);
    }

    /// <summary>Whether the same network, or one with the same structure and coefficients close by.</summary>
    private static bool Resembles(Network a, Network b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Nodes.Length != b.Nodes.Length || !a.Outputs.Select(output => output.Node).SequenceEqual(b.Outputs.Select(output => output.Node)))
        {
            return false;
        }

        foreach (var (first, second) in a.Nodes.Zip(b.Nodes))
        {
            if (first.Length != second.Length || !first.Arguments.SequenceEqual(second.Arguments) || first.Operator.GetType() != second.Operator.GetType()
                || (first.Operator is LinearOperator linear && !IsNear(linear, (LinearOperator)second.Operator, first.Length)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNear(LinearOperator a, LinearOperator b, int length)
    {
        var (largest, apart) = (0.0, 0.0);
        for (var i = 0; i < length; i++)
        {
            var first = a.Terms(i);
            var second = b.Terms(i);
            if (first.Count != second.Count)
            {
                return false;
            }

            for (var t = 0; t < first.Count; t++)
            {
                if (first[t].Argument != second[t].Argument || first[t].Element != second[t].Element)
                {
                    return false;
                }

                (largest, apart) = (Math.Max(largest, Math.Abs(first[t].Weight)), Math.Max(apart, Math.Abs(first[t].Weight - second[t].Weight)));
            }
        }

        return apart <= Near * largest;
    }

    private static bool IsSame(Activation a, Operator other) => ReferenceEquals(a, other) || (a.GetType() == other.GetType() && (a, other) switch
    {
        (LeakyReLU first, LeakyReLU second) => first.NegativeSlope == second.NegativeSlope,
        (Cap first, Cap second) => first.Limit == second.Limit,
        _ => Change.Accepts(a),
    });
}
