using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Networks;

/// <summary>A vector of a graph under construction. Arithmetic on it adds nodes; lengths must agree, or one side has length 1.</summary>
public readonly struct Vector
{
    internal Vector(NetworkBuilder builder, int id) => (Builder, Id) = (builder, id);

    /// <summary>Place of its node.</summary>
    public int Id { get; }

    /// <summary>Number of elements.</summary>
    public int Length => Builder[Id].Length;

    /// <summary>Shape, without the batch axis.</summary>
    public ImmutableArray<int> Shape => Builder[Id].Shape;

    internal NetworkBuilder Builder { get; }

    /// <summary>Element <paramref name="i"/> alone, length 1.</summary>
    public Vector this[int i] => Builder.Select(this, [i]);

    /// <summary>Elements start .. start + length - 1.</summary>
    public Vector Slice(int start, int length) => Builder.Select(this, [.. Enumerable.Range(start, length)]);

    /// <summary>-a.</summary>
    public static Vector operator -(Vector a) => a.Builder.Combine((-1, a));

    /// <summary>a + b.</summary>
    public static Vector operator +(Vector a, Vector b) => a.Builder.Combine((1, a), (1, b));

    /// <summary>a - b.</summary>
    public static Vector operator -(Vector a, Vector b) => a.Builder.Combine((1, a), (-1, b));

    /// <summary>c a for an exact number c.</summary>
    public static Vector operator *(double c, Vector a) => a.Builder.Combine((c, a));

    /// <summary>a + c, for an exact number c.</summary>
    public static Vector operator +(Vector a, double c) => a.Builder.Combine([(1, a)], c);

    /// <summary>a - c, for an exact number c.</summary>
    public static Vector operator -(Vector a, double c) => a.Builder.Combine([(1, a)], -c);

    /// <summary>Elementwise product.</summary>
    public static Vector operator *(Vector a, Vector b) => a.Builder.Multiply(a, b);

    /// <summary>Elementwise quotient; the divisor's range must not hold 0.</summary>
    public static Vector operator /(Vector a, Vector b) => a.Builder.Multiply(a, b.Builder.Apply(new Reciprocal(), b));
}

/// <summary>Builds a <see cref="Network"/> node by node. Checks every length when a node is added.</summary>
public sealed class NetworkBuilder
{
    private readonly List<Node> nodes = [];
    private readonly List<(string Name, int Node)> outputs = [];
    private readonly HashSet<string> inputNames = [];
    private readonly HashSet<string> outputNames = [];
    private int inputLength;

    internal Node this[int id] => nodes[id];

    /// <summary>The vector at a place.</summary>
    internal Vector At(int id) => new(this, id);

    /// <summary>Declares the next input vector.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="shape">Shape without the batch axis; its product is the length.</param>
    public Vector Input(string name, params ReadOnlySpan<int> shape)
    {
        if (inputNames.Contains(name))
        {
            throw new ArgumentException($"There is an input '{name}' already.", nameof(name));
        }

        var length = 1;
        foreach (var extent in shape)
        {
            length = checked(length * extent);
        }

        var vector = Add(new Input(name, inputLength, length), [], name, [.. shape]);
        inputLength += length;
        inputNames.Add(name);
        return vector;
    }

    /// <summary>A vector of exact numbers.</summary>
    public Vector Constant(params ReadOnlySpan<double> values) => Add(new Constant(Box.Point(values)), []);

    /// <summary>A vector known to lie in a box.</summary>
    public Vector Constant(Box values) => Add(new Constant(values), []);

    /// <summary>The same number <paramref name="length"/> times, known to lie in an interval.</summary>
    public Vector Constant(Interval value, int length) =>
        Constant(new Box([.. Enumerable.Repeat(value.Lower, length)], [.. Enumerable.Repeat(value.Upper, length)]));

    /// <summary>Adds a node for any operator.</summary>
    /// <exception cref="ArgumentException">The arguments do not fit the operator.</exception>
    public Vector Add(Operator map, ReadOnlySpan<Vector> arguments, string name = "", ImmutableArray<int> shape = default)
    {
        ArgumentNullException.ThrowIfNull(map);
        var (lengths, ids) = (new int[arguments.Length], new int[arguments.Length]);
        for (var k = 0; k < arguments.Length; k++)
        {
            Own(arguments[k]);
            (lengths[k], ids[k]) = (arguments[k].Length, arguments[k].Id);
        }

        var length = map.OutputLength(lengths);
        shape = shape.IsDefault ? [length] : shape;
        if (shape.Aggregate(1, (product, extent) => product * extent) != length)
        {
            throw new ArgumentException($"Shape [{string.Join(", ", shape)}] does not hold {length} elements.", nameof(shape));
        }

        nodes.Add(new Node(nodes.Count, map, [.. ids], length, shape, name));
        return new Vector(this, nodes.Count - 1);
    }

    /// <summary>f(x), elementwise or grouped, keeping the shape where the length stays.</summary>
    public Vector Apply(Operator map, Vector x, string name = "") =>
        Add(map, [x], name, map is Activation ? x.Shape : default);

    /// <summary>The same elements with another shape.</summary>
    public Vector Reshape(Vector x, ImmutableArray<int> shape)
    {
        Own(x);
        return shape.AsSpan().SequenceEqual(x.Shape.AsSpan()) ? x : Select(x, [.. Enumerable.Range(0, x.Length)], shape);
    }

    /// <summary>W x + b; W is [out * in], row by row.</summary>
    public Vector Affine(Vector x, double[] weights, double[] bias, string name = "") => Add(new Affine(weights, bias), [x], name);

    /// <summary>(x[i0], x[i1], ...).</summary>
    public Vector Select(Vector x, ReadOnlySpan<int> elements, ImmutableArray<int> shape = default)
    {
        var rows = new (int, int, double)[elements.Length][];
        for (var i = 0; i < elements.Length; i++)
        {
            rows[i] = [(0, elements[i], 1)];
        }

        return Add(new SparseAffine(rows), [x], "", shape);
    }

    /// <summary>All vectors, one after the other.</summary>
    public Vector Concat(params ReadOnlySpan<Vector> parts)
    {
        var rows = new List<(int, int, double)[]>();
        for (var k = 0; k < parts.Length; k++)
        {
            for (var i = 0; i < parts[k].Length; i++)
            {
                rows.Add([(k, i, 1)]);
            }
        }

        return Add(new SparseAffine(rows), parts);
    }

    /// <summary>sum_k c_k x_k + offset with exact numbers c_k; vectors of length 1 are repeated.</summary>
    public Vector Combine(ReadOnlySpan<(double Weight, Vector Value)> terms, double offset = 0)
    {
        var length = 1;
        foreach (var (_, value) in terms)
        {
            length = Math.Max(length, value.Length);
        }

        var rows = new (int, int, double)[length][];
        var parts = new Vector[terms.Length];
        var shape = default(ImmutableArray<int>);
        for (var i = 0; i < length; i++)
        {
            rows[i] = new (int, int, double)[terms.Length];
            for (var k = 0; k < terms.Length; k++)
            {
                var (weight, value) = terms[k];
                if (value.Length != length && value.Length != 1)
                {
                    throw new ArgumentException($"Vectors of lengths {value.Length} and {length} cannot be combined.", nameof(terms));
                }

                parts[k] = value;
                shape = shape.IsDefault && value.Length == length ? value.Shape : shape;
                rows[i][k] = (k, value.Length == 1 ? 0 : i, weight);
            }
        }

        return Add(new SparseAffine(rows, offset == 0 ? null : [.. Enumerable.Repeat(offset, length)]), parts, "", shape);
    }

    /// <summary>sum_k c_k x_k with exact numbers c_k; vectors of length 1 are repeated.</summary>
    public Vector Combine(params ReadOnlySpan<(double Weight, Vector Value)> terms) => Combine(terms, 0);

    /// <summary>Elementwise product; a vector of length 1 is repeated.</summary>
    public Vector Multiply(Vector a, Vector b)
    {
        var length = Math.Max(a.Length, b.Length);
        return Add(new Multiply(), [Repeat(a, length), Repeat(b, length)], "", a.Length == length ? a.Shape : b.Shape);
    }

    /// <summary>Elementwise maximum; a vector of length 1 is repeated.</summary>
    public Vector Maximum(Vector a, Vector b)
    {
        var length = Math.Max(a.Length, b.Length);
        return Add(new Maximum(), [Repeat(a, length), Repeat(b, length)], "", a.Length == length ? a.Shape : b.Shape);
    }

    /// <summary>Elementwise minimum, as -max(-a, -b).</summary>
    public Vector Minimum(Vector a, Vector b) => -Maximum(-a, -b);

    /// <summary>The largest element, by halving, length 1.</summary>
    public Vector Largest(Vector x)
    {
        while (x.Length > 1)
        {
            var half = (x.Length + 1) / 2;
            x = Maximum(x.Slice(0, half), x.Slice(x.Length - half, half));
        }

        return x;
    }

    /// <summary>The sums of consecutive groups of <paramref name="groupSize"/> elements; of all of them when 0.</summary>
    public Vector Sum(Vector x, int groupSize = 0)
    {
        groupSize = groupSize == 0 ? x.Length : groupSize;
        if (x.Length % groupSize != 0)
        {
            throw new ArgumentException($"{x.Length} elements do not fall into groups of {groupSize}.", nameof(groupSize));
        }

        var rows = new (int, int, double)[x.Length / groupSize][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = [.. Enumerable.Range(i * groupSize, groupSize).Select(j => (0, j, 1.0))];
        }

        return Add(new SparseAffine(rows), [x]);
    }

    /// <summary>Softmax over consecutive groups: y_k = 1 / sum_l exp(x_l - x_k). Exact, and safe from overflow in one direction only, as bounds need it.</summary>
    public Vector Softmax(Vector x, int groupSize)
    {
        var (groups, n) = (x.Length / groupSize, groupSize);
        var rows = new List<(int, int, double)[]>();
        for (var g = 0; g < groups; g++)
        {
            for (var k = 0; k < n; k++)
            {
                for (var l = 0; l < n; l++)
                {
                    rows.Add(l == k ? [] : [(0, (g * n) + l, 1), (0, (g * n) + k, -1)]);
                }
            }
        }

        var ratios = Apply(new Exp(), Add(new SparseAffine(rows), [x]));
        return Add(new Reciprocal(), [Sum(ratios, n)], "", x.Shape);
    }

    /// <summary>Copies every node of <paramref name="network"/>, with its inputs replaced by the given vectors, and returns its outputs by name.</summary>
    public IReadOnlyDictionary<string, Vector> Insert(Network network, params ReadOnlySpan<Vector> inputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (inputs.Length != network.Inputs.Length)
        {
            throw new ArgumentException($"The network takes {network.Inputs.Length} input vectors, got {inputs.Length}.", nameof(inputs));
        }

        var places = new Vector[network.Nodes.Length];
        var next = 0;
        foreach (var node in network.Nodes)
        {
            if (node.Operator is Input)
            {
                var given = inputs[next++];
                if (given.Length != node.Length)
                {
                    throw new ArgumentException($"Input {node} has {node.Length} elements, got {given.Length}.", nameof(inputs));
                }

                places[node.Id] = given;
            }
            else
            {
                places[node.Id] = Add(node.Operator, [.. node.Arguments.Select(k => places[k])], node.Name, node.Shape);
            }
        }

        return network.Outputs.ToDictionary(output => output.Name, output => places[output.Node]);
    }

    /// <summary>Names a vector as an output.</summary>
    public void Output(string name, Vector value)
    {
        Own(value);
        if (!outputNames.Add(name))
        {
            throw new ArgumentException($"There is an output '{name}' already.", nameof(name));
        }

        outputs.Add((name, value.Id));
    }

    /// <summary>The finished network.</summary>
    public Network Build()
    {
        if (outputs.Count == 0)
        {
            throw new InvalidOperationException("A network needs at least one output.");
        }

        return new Network([.. nodes], [.. outputs]);
    }

    private Vector Repeat(Vector x, int length) => x.Length == length ? x
        : x.Length == 1 ? Select(x, new int[length])
        : throw new ArgumentException($"Vectors of lengths {x.Length} and {length} cannot be combined.", nameof(x));

    private void Own(Vector x)
    {
        if (!ReferenceEquals(x.Builder, this))
        {
            throw new ArgumentException("The vector belongs to another builder.", nameof(x));
        }
    }
}
