using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>An autoregressive layer: every element moves as the data and the elements before it say, in the order 1 to D or D to 1, by one perceptron with masked weights.</summary>
/// <remarks>
/// Element i has degree i of its order, data have 0, hidden units 0, 1, ..., D - 1 in turn; a weight stands where a unit's degree is at least that of what it reads, in the last layer where it is above. So number p of element i depends on data
/// and elements of lower degree only, and dz / du is triangular. The inverse takes D passes, each of which makes one more element right.
/// Sources: G. Papamakarios, T. Pavlakou, I. Murray, "Masked Autoregressive Flow for Density Estimation", NeurIPS 2017; M. Germain, K. Gregor, I. Murray, H. Larochelle, "MADE: Masked Autoencoder for Distribution Estimation", ICML 2015 (both from memory).
/// </remarks>
internal sealed class AutoregressiveLayer : FlowLayer
{
    private readonly ElementMap map;
    private readonly int dimension;

    private AutoregressiveLayer(Perceptron conditioner, ElementMap map, int dimension)
        : base(conditioner) => (this.map, this.dimension) = (map, dimension);

    /// <summary>Makes layer k of a flow, from 0: the order turns from one layer to the next.</summary>
    public static AutoregressiveLayer Of(int k, int dimension, int dataCount, ElementMap map, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
    {
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        if (function == HiddenFunction.GroupSort)
        {
            throw new ArgumentException("GroupSort mixes units of different degrees; expected a function of single numbers.", nameof(function));
        }

        using var scope = NewDisposeScope();
        int[] order = [.. Enumerable.Range(1, dimension).Select(degree => k % 2 == 0 ? degree : dimension + 1 - degree)];
        int[][] degrees =
        [
            [.. order, .. Enumerable.Repeat(0, dataCount)],
            .. hiddenSizes.Select(width => Enumerable.Range(0, width).Select(unit => unit % dimension).ToArray()),
            [.. Enumerable.Repeat(order, map.Count).SelectMany(degree => degree)],
        ];
        var masks = degrees.Zip(degrees.Skip(1)).Index().Select(layer => Mask(layer.Item.First, layer.Item.Second, layer.Index == hiddenSizes.Count)).ToArray();
        return new AutoregressiveLayer(new Perceptron([dimension + dataCount, .. hiddenSizes, map.Count * dimension], function, random, masks: masks), map, dimension);
    }

    /// <inheritdoc/>
    public override (Tensor Result, Tensor Logs) Forward(Tensor u, Tensor data) => map.Forward(u, Raw(u, data));

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor z, Tensor data)
    {
        var u = zeros_like(z);
        for (var pass = 0; pass < dimension; pass++)
        {
            u = map.Inverse(z, Raw(u, data));
        }

        return u;
    }

    /// <inheritdoc/>
    public override (string Result, string Logs) Write(OnnxGraphBuilder graph, string prefix, string u, string data) =>
        map.Write(graph, prefix, u, Conditioner.Write(graph, graph.Node("Concat", $"{prefix}_input", [u, data], ("axis", 1)), prefix), dimension);

    private Tensor Raw(Tensor u, Tensor data) => Conditioner.forward(cat([u, data], 1));

    private static Tensor Mask(int[] read, int[] made, bool isLast)
    {
        var least = tensor(made, dtype: ScalarType.Int32).unsqueeze(1) - (isLast ? 1 : 0);
        return least.ge(tensor(read, dtype: ScalarType.Int32).unsqueeze(0)).to(ScalarType.Float32);
    }
}
