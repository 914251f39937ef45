using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Certify.Tensors;

/// <summary>A network in the form y = W_L f_L( ... f_1(W_0 x + b_0) ... ) + b_L, with dense W row by row [out, in].</summary>
/// <param name="Maps">W_0 ... W_L and b_0 ... b_L, one more than activations.</param>
/// <param name="Activations">f_1 ... f_L.</param>
internal sealed record AffineChain(ImmutableArray<AffineChain.Map> Maps, ImmutableArray<Activation> Activations)
{
    /// <summary>x -&gt; W x + b.</summary>
    internal sealed record Map(double[,] Weights, double[] Bias)
    {
        public static Map Identity(int length)
        {
            var weights = new double[length, length];
            for (var i = 0; i < length; i++)
            {
                weights[i, i] = 1;
            }

            return new Map(weights, new double[length]);
        }
    }

    /// <summary>Length of x.</summary>
    public int InputLength => Maps[0].Weights.GetLength(1);

    /// <summary>Length of y.</summary>
    public int OutputLength => Maps[^1].Bias.Length;

    /// <summary>Reads the chain that ends at an output; linear operators in a row become one map.</summary>
    /// <remarks>Numbers that the network knows only to lie in an interval (quotients of constants) are taken at its middle.</remarks>
    /// <exception cref="NotSupportedException">The network branches, or has an operator that is no linear map and no activation of <see cref="TensorRelaxation"/>.</exception>
    public static AffineChain Read(Network network, Node output)
    {
        if (network.Inputs.Length != 1)
        {
            throw new NotSupportedException($"Tensor bounds take networks with one input vector; this one has {network.Inputs.Length}.");
        }

        var values = network.Evaluate(new double[network.InputLength]); // of nodes that no input reaches: their constant
        var (maps, activations) = (new List<Map>(), new List<Activation>());
        var map = Map.Identity(network.InputLength);
        foreach (var (node, source) in Path(network, output))
        {
            if (node.Operator is Activation activation and not Scale)
            {
                if (!TensorRelaxation.Supports(activation))
                {
                    throw Unsupported(node);
                }

                maps.Add(map);
                activations.Add(activation);
                map = Map.Identity(node.Length);
            }
            else
            {
                map = After(node, source, map, values);
            }
        }

        maps.Add(map);
        return new AffineChain([.. maps], [.. activations]);
    }

    /// <summary>The nodes after the input that depend on it, first to last, with the place of the vector that each reads beside constants.</summary>
    private static List<(Node Node, int Source)> Path(Network network, Node output)
    {
        var depends = new bool[network.Nodes.Length];
        foreach (var node in network.Nodes)
        {
            depends[node.Id] = node.Operator is Input || node.Arguments.Any(argument => depends[argument]);
        }

        var path = new List<(Node, int)>();
        for (var node = output; node.Operator is not Input;)
        {
            var free = node.Arguments.Where(argument => depends[argument]).Distinct().ToArray();
            if (free.Length != 1)
            {
                throw new NotSupportedException($"Tensor bounds take sequential networks; {node} reads {free.Length} vectors that depend on the input.");
            }

            path.Add((node, free[0]));
            node = network.Nodes[free[0]];
        }

        path.Reverse();
        return path;
    }

    /// <summary>The map of the node's operator after <paramref name="first"/>.</summary>
    private static Map After(Node node, int source, Map first, double[][] values)
    {
        var inputs = first.Weights.GetLength(1);
        var (weights, bias) = (new double[node.Length, inputs], new double[node.Length]);
        for (var i = 0; i < node.Length; i++)
        {
            switch (node.Operator)
            {
                case Scale scale:
                    Accumulate(i, i, scale.Factors[i].Middle);
                    break;
                case LinearOperator linear:
                    bias[i] = linear.Bias(i);
                    var terms = linear.Terms(i);
                    for (var t = 0; t < terms.Count; t++)
                    {
                        var (argument, element, weight) = terms[t];
                        if (node.Arguments[argument] == source)
                        {
                            Accumulate(i, element, weight);
                        }
                        else
                        {
                            bias[i] += weight * values[node.Arguments[argument]][element];
                        }
                    }

                    break;
                default:
                    throw Unsupported(node);
            }
        }

        return new Map(weights, bias);

        void Accumulate(int row, int element, double weight)
        {
            bias[row] += weight * first.Bias[element];
            for (var j = 0; j < inputs; j++)
            {
                weights[row, j] += weight * first.Weights[element, j];
            }
        }
    }

    private static NotSupportedException Unsupported(Node node) =>
        new($"Tensor bounds do not support {node}; they take linear operators and {TensorRelaxation.Names}.");
}
