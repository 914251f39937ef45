using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Networks;

/// <summary>A network without branches: y_0 = x, z_k = W_k y_(k-1) + b_k, y_k = f_k(z_k), with dense W_k and exact coefficients.</summary>
/// <remarks>
/// Linear operators in a row become one map where the product of their coefficients is exact in double arithmetic, as it is for reshapes, selections and
/// signs; where it is not, they stay two maps with no activation between, so that the chain always equals the network.
/// </remarks>
internal sealed class Chain
{
    /// <summary>Networks with more coefficients in all are left to the general bounds.</summary>
    private const long MostCoefficients = 1L << 26;

    private Chain(ImmutableArray<ChainLayer> layers) => Layers = layers;

    /// <summary>The layers, first to last; the last has no activation.</summary>
    public ImmutableArray<ChainLayer> Layers { get; }

    /// <summary>Length of x.</summary>
    public int InputLength => Layers[0].Inputs;

    /// <summary>Length of the last z.</summary>
    public int OutputLength => Layers[^1].Outputs;

    /// <summary>Reads the chain from the whole input to a node; null where the network branches or an operator does not fit.</summary>
    public static Chain? TryRead(Network network, int objective)
    {
        ArgumentNullException.ThrowIfNull(network);
        var path = new Stack<Node>();
        var node = network.Nodes[objective];
        for (; node.Operator is not Input; node = network.Nodes[node.Arguments[0]])
        {
            if (node.Arguments.Length == 0 || node.Arguments.Any(argument => argument != node.Arguments[0]) || node.Operator is not (LinearOperator or Activation))
            {
                return null;
            }

            path.Push(node);
        }

        if (node.Length != network.InputLength)
        {
            return null;
        }

        var layers = ImmutableArray.CreateBuilder<ChainLayer>();
        ChainLayer? map = null;
        var (length, coefficients) = (network.InputLength, 0L);
        foreach (var step in path)
        {
            if (step.Operator is Activation activation and not Scale)
            {
                if (map is null && (coefficients += (long)length * Kernels.Pad(length)) > MostCoefficients)
                {
                    return null;
                }

                layers.Add((map ?? ChainLayer.Identity(length)) with { Activation = activation });
                map = null;
            }
            else
            {
                // Counted before they are kept.
                if ((coefficients += (long)step.Length * Kernels.Pad(length)) > MostCoefficients || ChainLayer.Of(step, length) is not { } next)
                {
                    return null;
                }

                if (map is not null && (long)step.Length * Kernels.Pad(map.Inputs) <= MostCoefficients && next.TryAfter(map) is { } product)
                {
                    map = product;
                }
                else
                {
                    if (map is not null)
                    {
                        layers.Add(map);
                    }

                    map = next;
                }
            }

            length = step.Length;
        }

        if (map is null && (long)length * Kernels.Pad(length) > MostCoefficients)
        {
            return null;
        }

        layers.Add(map ?? ChainLayer.Identity(length));
        var widest = layers.Max(layer => Math.Max(layer.Inputs, layer.Outputs));
        return (long)widest * Kernels.Pad(widest) > MostCoefficients ? null : new Chain(layers.ToImmutable());
    }
}

/// <summary>z = W y + b, and the activation that follows.</summary>
/// <param name="Inputs">Length of y.</param>
/// <param name="Outputs">Length of z.</param>
/// <param name="Weights">W, [out, <see cref="Stride"/>], padded with zeros.</param>
/// <param name="Bias">b, padded with zeros.</param>
internal sealed record ChainLayer(int Inputs, int Outputs, double[] Weights, double[] Bias)
{
    /// <summary>f; null for none.</summary>
    public Activation? Activation { get; init; }

    /// <summary>Doubles from one row of W to the next.</summary>
    public int Stride => Kernels.Pad(Inputs);

    /// <summary>W as rows.</summary>
    public Rows Rows => new(Weights, Stride);

    public static ChainLayer Empty(int inputs, int outputs) => new(inputs, outputs, new double[outputs * Kernels.Pad(inputs)], new double[Kernels.Pad(outputs)]);

    public static ChainLayer Identity(int length)
    {
        var layer = Empty(length, length);
        for (var i = 0; i < length; i++)
        {
            layer.Weights[(i * layer.Stride) + i] = 1;
        }

        return layer;
    }

    /// <summary>The map of a node that reads one vector; null where a coefficient is not known exactly.</summary>
    public static ChainLayer? Of(Node node, int inputs)
    {
        var layer = Empty(inputs, node.Length);
        for (var i = 0; i < node.Length; i++)
        {
            var row = layer.Weights.AsSpan(i * layer.Stride, inputs);
            switch (node.Operator)
            {
                case Scale scale when scale.Factors.Lower[i] == scale.Factors.Upper[i]:
                    row[i] = scale.Factors.Lower[i];
                    break;
                case LinearOperator linear:
                    layer.Bias[i] = linear.Bias(i);
                    var terms = linear.Terms(i);
                    for (var t = 0; t < terms.Count; t++)
                    {
                        var (_, element, weight) = terms[t];
                        if (!TryAdd(ref row[element], weight))
                        {
                            return null;
                        }
                    }

                    break;
                default:
                    return null;
            }
        }

        return layer;
    }

    /// <summary>This map after another, where every coefficient of the product is exact; null where one is not.</summary>
    public ChainLayer? TryAfter(ChainLayer first)
    {
        var product = Empty(first.Inputs, Outputs);
        for (var i = 0; i < Outputs; i++)
        {
            var target = product.Weights.AsSpan(i * product.Stride, first.Inputs);
            product.Bias[i] = Bias[i];
            for (var j = 0; j < Inputs; j++)
            {
                var weight = Weights[(i * Stride) + j];
                if (weight == 0)
                {
                    continue;
                }

                if (!TryAddProduct(ref product.Bias[i], weight, first.Bias[j]))
                {
                    return null;
                }

                for (var k = 0; k < first.Inputs; k++)
                {
                    if (!TryAddProduct(ref target[k], weight, first.Weights[(j * first.Stride) + k]))
                    {
                        return null;
                    }
                }
            }
        }

        return product;
    }

    private static bool TryAddProduct(ref double sum, double a, double b) =>
        a == 0 || b == 0 || (Rounding.IsExactProduct(a, b) && TryAdd(ref sum, a * b));

    private static bool TryAdd(ref double sum, double term)
    {
        if (!Rounding.IsExactSum(sum, term))
        {
            return false;
        }

        sum += term;
        return true;
    }
}
