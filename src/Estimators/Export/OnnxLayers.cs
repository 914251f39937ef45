using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Export;

/// <summary>Pieces that exported models share. Names of results are those of the tensors in the file; weights are the module's float32 numbers, unchanged.</summary>
internal static class OnnxLayers
{
    /// <summary>result = input Wᵀ + b, W [out, in].</summary>
    public static string Affine(this OnnxGraphBuilder graph, string input, string result, Tensor weight, Tensor bias)
    {
        var (rows, columns) = ((int)weight.shape[0], (int)weight.shape[1]);
        var w = graph.Initializer($"{result}.weight", Numbers(weight), rows, columns);
        var b = graph.Initializer($"{result}.bias", Numbers(bias), rows);
        return graph.Node("Gemm", result, [input, w, b], ("transB", 1));
    }

    /// <summary>result = (input - mean) / scale, the quotient as a product with the float32 number nearest 1 / scale.</summary>
    public static string Standardize(this OnnxGraphBuilder graph, string input, string result, Tensor mean, Tensor inverseScale)
    {
        var m = graph.Initializer($"{result}.mean", Numbers(mean), (int)mean.shape[0]);
        var s = graph.Initializer($"{result}.inverse_scale", Numbers(inverseScale), (int)inverseScale.shape[0]);
        return graph.Node("Mul", result, [graph.Node("Sub", $"{result}.centred", [input, m]), s]);
    }

    /// <summary>The axes of a reduction, as the input that it reads from opset 13 (sums) or 18 (others) on.</summary>
    public static string Axes(this OnnxGraphBuilder graph, string name, params ReadOnlySpan<long> axes) => graph.Initializer(name, axes, axes.Length);

    /// <summary>The elements, row by row.</summary>
    public static ReadOnlySpan<float> Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().contiguous().data<float>().ToArray();
    }
}
