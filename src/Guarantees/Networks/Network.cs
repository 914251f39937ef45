using System.Collections.Immutable;
using Guarantees.Networks.Operators;

namespace Guarantees.Networks;

/// <summary>One vector of the graph: an operator applied to earlier nodes.</summary>
/// <param name="Id">Place in <see cref="Network.Nodes"/>; arguments have smaller places.</param>
/// <param name="Operator">What computes it.</param>
/// <param name="Arguments">Places of its arguments.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="Shape">Shape for people and exporters, without the batch axis; its product is <paramref name="Length"/>.</param>
/// <param name="Name">Name for messages; may be empty.</param>
public sealed record Node(int Id, Operator Operator, ImmutableArray<int> Arguments, int Length, ImmutableArray<int> Shape, string Name)
{
    /// <summary>Name, operator and place, for messages.</summary>
    public override string ToString() => Name.Length > 0 ? $"'{Name}' ({Operator.Name}, node {Id})" : $"{Operator.Name}, node {Id}";
}

/// <summary>A real function of one or more input vectors, as an immutable acyclic graph of vector operators with exact coefficients.</summary>
/// <remarks>
/// Vectors are flat; a tensor of shape [k, d] is stored row by row. The batch axis of an imported model is not part of the graph: one data set in,
/// one distribution out. The whole input is the concatenation of the input vectors, in order of declaration.
/// Build with <see cref="NetworkBuilder"/>.
/// </remarks>
public sealed class Network
{
    internal Network(ImmutableArray<Node> nodes, ImmutableArray<(string Name, int Node)> outputs)
    {
        Nodes = nodes;
        Outputs = outputs;
        Inputs = [.. nodes.Where(node => node.Operator is Input)];
        InputLength = Inputs.Sum(node => node.Length);
    }

    /// <summary>All nodes, arguments before users.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The input nodes, in order of declaration.</summary>
    public ImmutableArray<Node> Inputs { get; }

    /// <summary>Named outputs.</summary>
    public ImmutableArray<(string Name, int Node)> Outputs { get; }

    /// <summary>Number of coordinates of the whole input.</summary>
    public int InputLength { get; }

    /// <summary>The node of the output of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Node Output(string name)
    {
        foreach (var (output, node) in Outputs)
        {
            if (output == name)
            {
                return Nodes[node];
            }
        }

        throw new KeyNotFoundException($"The network has no output '{name}'; it has {string.Join(", ", Outputs.Select(o => $"'{o.Name}'"))}.");
    }

    /// <summary>Values of all nodes at one input, in ordinary double arithmetic: for heuristics and displays, never for a verdict.</summary>
    public double[][] Evaluate(ReadOnlySpan<double> input)
    {
        var values = new double[Nodes.Length][];
        for (var i = 0; i < Nodes.Length; i++)
        {
            values[i] = new double[Nodes[i].Length];
        }

        Evaluate(input, values);
        return values;
    }

    /// <summary>Fills <paramref name="values"/>, one array a node, with the values at one input.</summary>
    public void Evaluate(ReadOnlySpan<double> input, double[][] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckLength(input.Length);
        var arguments = new double[8][];
        foreach (var node in Nodes)
        {
            if (node.Operator is Input slot)
            {
                input.Slice(slot.Start, slot.Length).CopyTo(values[node.Id]);
            }
            else
            {
                node.Operator.Evaluate(Gather(node, values, ref arguments), values[node.Id]);
            }
        }
    }

    /// <summary>The gradient of element <paramref name="element"/> of node <paramref name="node"/> with respect to the whole input, at values already computed.</summary>
    public double[] Gradient(double[][] values, int node, int element = 0)
    {
        ArgumentNullException.ThrowIfNull(values);
        var slopes = new double[Nodes.Length][];
        for (var i = 0; i <= node; i++)
        {
            slopes[i] = new double[Nodes[i].Length];
        }

        slopes[node][element] = 1;
        var gradient = new double[InputLength];
        var (arguments, targets) = (new double[8][], new double[8][]);
        for (var i = node; i >= 0; i--)
        {
            if (Nodes[i].Operator is Input slot)
            {
                slopes[i].CopyTo(gradient, slot.Start);
            }
            else
            {
                Nodes[i].Operator.Pullback(Gather(Nodes[i], values, ref arguments), values[i], slopes[i], Gather(Nodes[i], slopes, ref targets));
            }
        }

        return gradient;
    }

    /// <summary>Ranges of all nodes over a box, by interval arithmetic. At a point: enclosures of the exact values.</summary>
    /// <exception cref="DomainException">Some operator is not defined on the range that it receives.</exception>
    public Box[] Ranges(Box input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLength(input.Length);
        var ranges = new Box[Nodes.Length];
        var arguments = new Box[8];
        foreach (var node in Nodes)
        {
            if (node.Operator is Input slot)
            {
                ranges[node.Id] = input.Slice(slot.Start, slot.Length);
            }
            else
            {
                ranges[node.Id] = new Box(node.Length);
                node.Operator.Range(Gather(node, ranges, ref arguments), ranges[node.Id]);
            }
        }

        return ranges;
    }

    /// <summary>The values of a node's arguments, in order.</summary>
    internal static ReadOnlySpan<T> Gather<T>(Node node, T[] values, ref T[] buffer)
    {
        var count = node.Arguments.Length;
        if (buffer.Length < count)
        {
            buffer = new T[count];
        }

        for (var k = 0; k < count; k++)
        {
            buffer[k] = values[node.Arguments[k]];
        }

        return buffer.AsSpan(0, count);
    }

    private void CheckLength(int length)
    {
        if (length != InputLength)
        {
            throw new ArgumentException($"The network takes {InputLength} numbers, got {length}.", nameof(length));
        }
    }
}
