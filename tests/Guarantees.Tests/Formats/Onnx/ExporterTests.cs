using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>What is written is read back, by us and by ONNX Runtime, byte for byte the same each time; and exact examples of the reading.</summary>
public class ExporterTests
{
    [Fact]
    public void Written_model_is_read_back_and_runs()
    {
        var bytes = Mixture().ToBytes();
        Assert.Equal(bytes, Mixture().ToBytes());
        var network = OnnxImporter.Read(bytes, "mixture.onnx");
        Assert.Equal([2, 2], network.Output("means").Shape.ToArray());
        using var reference = new Reference(bytes);
        double[] input = [0.25, -1.5];
        var (exact, error) = RoundingBound.Of(network, input, 1.0 / (1 << 24));
        foreach (var (name, node) in network.Outputs)
        {
            ModelTests.AssertNear(reference.Run(input)[name], exact[node], error[node], name);
        }
    }

    [Fact]
    public void File_is_written_only_if_it_can_be_read()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "m.onnx");
            OnnxExporter.Write(path, Mixture());
            Assert.Equal(3, OnnxImporter.Read(path).Outputs.Length);
            var broken = new OnnxGraphBuilder();
            broken.Input("x", 2);
            broken.Node("Erf", "y", ["x"]);
            broken.Output("y", 2);
            Assert.Throws<ModelFormatException>(() => OnnxExporter.Write(Path.Combine(folder.FullName, "n.onnx"), broken));
            Assert.Single(Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Builder_refuses_unknown_and_repeated_names()
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 2);
        Assert.Throws<ArgumentException>(() => graph.Node("Relu", "y", ["z"]));
        Assert.Throws<ArgumentException>(() => graph.Input("x", 2));
        Assert.Throws<ArgumentException>(() => graph.Output("y", 2));
        Assert.Throws<ArgumentException>(() => graph.Initializer("w", [1f, 2f], 3));
    }

    [Fact]
    public void Division_by_a_constant_encloses_the_quotient_of_real_numbers()
    {
        var graph = new OnnxGraphBuilder();
        graph.DoubleInput("x", 3);
        graph.Initializer("c", [3.0, 4.0, -7.0], 3);
        graph.Node("Div", "y", ["x", "c"]);
        graph.DoubleOutput("y", 3);
        var network = OnnxImporter.Read(graph.ToBytes(), "quotient");
        var y = network.Ranges(Networks.Box.Point([1, 1, 1]))[network.Outputs[0].Node];
        Assert.Equal(Interval.Point(1) / Interval.Point(3), y[0]);
        Assert.Equal(Interval.Point(0.25), y[1]);
        Assert.Equal(Interval.Point(1) / Interval.Point(-7), y[2]);
        Assert.True(y[0].Lower < y[0].Upper && y[0].Width <= 1e-16);
    }

    [Fact]
    public void Constants_are_folded_only_where_a_double_holds_the_result()
    {
        // x + 1e16 + 1 is not x + (1e16 + 1): no double holds 1e16 + 1.
        var graph = new OnnxGraphBuilder();
        graph.DoubleInput("x", 1);
        graph.Initializer("a", [1e16]);
        graph.Initializer("b", [1.0]);
        graph.Initializer("c", [-1e16]);
        graph.Node("Add", "p", ["x", "a"]);
        graph.Node("Add", "q", ["p", "b"]);
        graph.Node("Add", "y", ["q", "c"]);
        graph.DoubleOutput("y", 1);
        var network = OnnxImporter.Read(graph.ToBytes(), "sum");
        var y = network.Ranges(Networks.Box.Point([0]))[network.Outputs[0].Node];
        Assert.True(y[0].Contains(1), $"{y[0]} does not hold 1.");
    }

    [Fact]
    public void Multiple_and_offset_of_one_vector_are_one_node_and_reshapes_are_none()
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 6);
        graph.Initializer("s", [1f, 3f], 2);
        graph.Initializer("t", [5f, 7f], 2);
        graph.Initializer("shape", [-1L, 3, 2], 3);
        graph.Node("Reshape", "r", ["x", "shape"]);
        graph.Node("Mul", "m", ["r", "s"]);
        graph.Node("Add", "a", ["m", "t"]);
        graph.Node("Neg", "n", ["a"]);
        graph.Node("Identity", "y", ["n"]);
        graph.Output("y", 3, 2);
        var network = OnnxImporter.Read(graph.ToBytes(), "fused");
        Assert.Equal(2, network.Nodes.Length);
        Assert.IsType<SparseAffine>(network.Nodes[1].Operator);
        Assert.Equal([3, 2], network.Nodes[1].Shape.ToArray());
        Assert.Equal([-6.0, -10, -6, -10, -6, -10], network.Evaluate([1, 1, 1, 1, 1, 1])[1]);
    }

    [Fact]
    public void Outputs_that_are_one_vector_keep_their_own_names_and_shapes()
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 6);
        graph.Initializer("shape", [-1L, 3, 2], 3);
        graph.Node("Tanh", "flat", ["x"]);
        graph.Node("Reshape", "table", ["flat", "shape"]);
        graph.Node("Identity", "same", ["table"]);
        graph.Node("Reshape", "input", ["x", "shape"]);
        graph.Output("table", 3, 2);
        graph.Output("flat", 6);
        graph.Output("same", 3, 2);
        graph.Output("input", 3, 2);
        var network = OnnxImporter.Read(graph.ToBytes(), "shapes");
        Assert.Equal([3, 2], network.Output("table").Shape.ToArray());
        Assert.Equal([6], network.Output("flat").Shape.ToArray());
        Assert.Equal([3, 2], network.Output("same").Shape.ToArray());
        Assert.Equal([3, 2], network.Output("input").Shape.ToArray());
        Assert.Equal([6], network.Inputs[0].Shape.ToArray());
        var values = network.Evaluate([1, 2, 3, 4, 5, 6]);
        Assert.Equal(Math.Tanh(6), values[network.Output("table").Id][5], 1e-15);
        Assert.Equal(Math.Tanh(6), values[network.Output("flat").Id][5], 1e-15);
        Assert.Equal(Math.Tanh(6), values[network.Output("same").Id][5], 1e-15);
        Assert.Equal(6, values[network.Output("input").Id][5]);
    }

    private static OnnxGraphBuilder Mixture()
    {
        var graph = new OnnxGraphBuilder("mixture");
        var hidden = graph.Input("x", 2);
        graph.Initializer("w0", [0.5f, -1f, 2f, 0.25f, -0.125f, 1f], 3, 2);
        graph.Initializer("b0", [0.1f, 0.2f, -0.3f], 3);
        graph.Initializer("w1", [.. Enumerable.Range(0, 12).Select(i => (i - 5.5f) / 7)], 4, 3);
        graph.Initializer("b1", [0.1f, 0.2f, -0.3f, 0.4f], 4);
        graph.Initializer("shape", [-1L, 2, 2], 3);
        hidden = graph.Node("Relu", "h", [graph.Node("Gemm", "g", [hidden, "w0", "b0"], ("transB", 1))]);
        var flat = graph.Node("Gemm", "f", [hidden, "w1", "b1"], ("transB", 1));
        graph.Node("Reshape", "means", [flat, "shape"]);
        graph.Node("Softplus", "scales", [graph.Node("Tanh", "t", ["means"])]);
        graph.Node("LogSoftmax", "logits", [flat], ("axis", -1));
        graph.Output("means", 2, 2);
        graph.Output("scales", 2, 2);
        graph.Output("logits", 4);
        return graph;
    }
}
