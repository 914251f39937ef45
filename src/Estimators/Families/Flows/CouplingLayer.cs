using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>A coupling layer: of the parts (a, b) of u, a the first D / 2 elements, one moves as the other and the data say, which stays. For D = 1 there is b alone, and the data say.</summary>
/// <remarks>Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, "Density estimation using Real NVP", ICLR 2017.</remarks>
internal sealed class CouplingLayer : FlowLayer
{
    private readonly ElementMap map;
    private readonly int first;
    private readonly int second;
    private readonly bool movesSecond;

    private CouplingLayer(Perceptron conditioner, ElementMap map, int first, int second, bool movesSecond)
        : base(conditioner) => (this.map, this.first, this.second, this.movesSecond) = (map, first, second, movesSecond);

    /// <summary>Makes layer k of a flow, from 0: layers move b, a, b, ... in turn.</summary>
    public static CouplingLayer Of(int k, int dimension, int dataCount, ElementMap map, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
    {
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        var (first, movesSecond) = (dimension / 2, dimension == 1 || k % 2 == 0);
        var (read, moved) = movesSecond ? (first, dimension - first) : (dimension - first, first);
        return new CouplingLayer(new Perceptron([read + dataCount, .. hiddenSizes, map.Count * moved], function, random), map, first, dimension - first, movesSecond);
    }

    /// <inheritdoc/>
    public override (Tensor Result, Tensor Logs) Forward(Tensor u, Tensor data)
    {
        var (a, b) = Parts(u);
        var (moved, logs) = map.Forward(movesSecond ? b : a, Raw(movesSecond ? a : b, data));
        return (Join(a, b, moved), logs);
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor z, Tensor data)
    {
        var (a, b) = Parts(z);
        return Join(a, b, map.Inverse(movesSecond ? b : a, Raw(movesSecond ? a : b, data)));
    }

    /// <inheritdoc/>
    public override (string Result, string Logs) Write(OnnxGraphBuilder graph, string prefix, string u, string data)
    {
        if (first == 0)
        {
            return map.Write(graph, prefix, u, Conditioner.Write(graph, data, prefix), second);
        }

        var (a, b) = ($"{prefix}_first", $"{prefix}_second");
        graph.Node("Split", [a, b], [u, graph.Axes($"{prefix}_halves", first, second)], ("axis", 1));
        var raw = Conditioner.Write(graph, graph.Node("Concat", $"{prefix}_input", [movesSecond ? a : b, data], ("axis", 1)), prefix);
        var (moved, logs) = map.Write(graph, prefix, movesSecond ? b : a, raw, movesSecond ? second : first);
        return (graph.Node("Concat", $"{prefix}_joined", movesSecond ? [a, moved] : [moved, b], ("axis", 1)), logs);
    }

    private (Tensor First, Tensor Second) Parts(Tensor u) => (u.narrow(1, 0, first), u.narrow(1, first, second));

    private Tensor Raw(Tensor read, Tensor data) => Conditioner.forward(cat([read, data], 1));

    private Tensor Join(Tensor a, Tensor b, Tensor moved) => cat(movesSecond ? [a, moved] : [moved, b], 1);
}
