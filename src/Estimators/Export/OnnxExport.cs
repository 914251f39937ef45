using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;

namespace Estimators.Export;

/// <summary>Writes a trained network as an ONNX model.</summary>
/// <remarks>
/// Opset 17, IR version 8. Input <c>x</c> [batch, n]; outputs <c>mean</c> [batch, D], <c>cholesky_diagonal</c> [batch, D] (positive) and
/// <c>cholesky_lower</c> [batch, D (D - 1) / 2] (left out for D = 1); the batch axis is free. Weights are the network's float32 numbers, unchanged.
/// The same network gives the same bytes.
/// </remarks>
public static class OnnxExport
{
    /// <summary>The model file.</summary>
    /// <param name="network">The network; it is not changed.</param>
    /// <param name="name">Name of the graph, shown by viewers.</param>
    public static byte[] Write(PosteriorNetwork network, string name = "posterior")
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var hidden = graph.Input("x", network.DataCount);
        for (var i = 0; i < network.Layers.Count - 1; i++)
        {
            var (weight, bias) = network.Layers[i];
            hidden = graph.Node("Relu", $"hidden_{i}_relu", [graph.Affine(hidden, $"hidden_{i}", weight, bias)]);
        }

        var (last, lastBias) = network.Layers[^1];
        var (dimension, lower) = (network.Head.Dimension, network.Head.LowerCount);
        Head("mean", 0, dimension);
        graph.Output("mean", dimension);
        graph.Node("Softplus", "cholesky_diagonal", [Head("cholesky_diagonal_raw", dimension, dimension)]);
        graph.Output("cholesky_diagonal", dimension);
        if (lower > 0)
        {
            Head("cholesky_lower", 2 * dimension, lower);
            graph.Output("cholesky_lower", lower);
        }

        return graph.ToBytes();

        string Head(string result, int start, int count) =>
            graph.Affine(hidden, result, last.narrow(0, start, count), lastBias.narrow(0, start, count));
    }
}
