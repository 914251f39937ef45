using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>Stored integers become the float32 numbers that ONNX Runtime makes of them, bit by bit.</summary>
/// <remarks>Mutants seen to fail: the zero point left out, the axis counted from the end, parts taken along the wrong axis.</remarks>
public class QuantizedWeightTests
{
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(1, -1, true)]
    public void Weights_are_those_of_onnx_runtime(int rank, int axis, bool shifted)
    {
        var random = new Random((3 * axis) + rank + 7);
        var (n, m) = (3, 4);
        var parts = rank == 0 ? 1 : axis == 0 ? n : m;
        var graph = new OnnxGraphBuilder();
        var weights = graph.Initializer("q", (sbyte[])[.. Enumerable.Range(0, n * m).Select(i => (sbyte)(i == 0 ? -128 : i == 1 ? 127 : random.Next(-128, 128)))], n, m);
        int[] shape = rank == 0 ? [] : [parts];
        List<string> inputs = [weights, graph.Initializer("s", (float[])[.. Enumerable.Range(0, parts).Select(_ => 0.01f + random.NextSingle())], shape)];
        if (shifted)
        {
            inputs.Add(graph.Initializer("z", (sbyte[])[.. Enumerable.Range(0, parts).Select(_ => (sbyte)random.Next(-128, 128))], shape));
        }

        var w = graph.Node("DequantizeLinear", "w", [.. inputs], ("axis", (long)axis));
        graph.Output(graph.Node("MatMul", "y", [graph.Input("x", n), w]), m);
        var model = graph.ToBytes();

        var network = OnnxImporter.Read(model, "q.onnx");
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL }; // else products are rewritten
        using var session = new InferenceSession(model, options);
        for (var i = 0; i < n; i++)
        {
            // A unit vector selects a row of the weights, without rounding.
            var unit = new float[n];
            unit[i] = 1;
            using var answer = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(unit, [1, n]))]);
            Assert.Equal(answer[0].AsEnumerable<float>().Select(value => (double)value), network.Evaluate([.. unit.Select(value => (double)value)])[network.Output("y").Id]);
        }
    }

    [Fact]
    public void What_is_computed_and_then_quantised_is_refused_in_one_line()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var (s, z) = (graph.Initializer("s", [0.1f]), graph.Initializer("z", [(sbyte)3]));
        graph.Output(graph.Node("DequantizeLinear", "y", [graph.Node("QuantizeLinear", "q", [x, s, z]), s, z]), 2);
        Assert.Contains("QuantizeLinear", Assert.Throws<ModelFormatException>(() => OnnxImporter.Read(graph.ToBytes(), "m.onnx")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scale", "the scale has 3 elements; expected 2")]
    [InlineData("zero", "the zero point is")]
    [InlineData("type", "expected stored integers")]
    [InlineData("axis", "axis")]
    [InlineData("block", "block_size is 2")]
    public void A_malformed_node_is_refused_in_one_line(string what, string message)
    {
        var graph = new OnnxGraphBuilder();
        var weights = what == "type" ? graph.Initializer("q", [1L, 2, 3, 4], 2, 2) : graph.Initializer("q", (sbyte[])[1, 2, 3, 4], 2, 2);
        var count = what == "scale" ? 3 : 2;
        var scale = graph.Initializer("s", (float[])[.. Enumerable.Repeat(0.1f, count)], count);
        var zero = what == "zero" ? graph.Initializer("z", (sbyte[])[1], 1) : graph.Initializer("z", (sbyte[])[.. Enumerable.Repeat((sbyte)1, count)], count);
        (string, object)[] attributes = what == "block" ? [("block_size", 2L)] : [("axis", what == "axis" ? 2L : 0L)];
        graph.Output(graph.Node("MatMul", "y", [graph.Input("x", 2), graph.Node("DequantizeLinear", "w", [weights, scale, zero], attributes)]), 2);
        Assert.Contains(message, Assert.Throws<ModelFormatException>(() => OnnxImporter.Read(graph.ToBytes(), "m.onnx")).Message, StringComparison.Ordinal);
    }
}
