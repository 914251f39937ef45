using Guarantees.Checking;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Fuzzing;

/// <summary>Models; those read are bounded over the unit box and evaluated there.</summary>
internal sealed class OnnxTarget : Target
{
    private const string File = "input.onnx";

    public override string Name => "onnx";

    protected override IEnumerable<byte[]> Seeds => [Workshop.Model, Small(), Shapes(), Convolution(), Attention()];

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Nested(100_000),
        () => new byte[100_000],
        () => Enumerable.Repeat((byte)0x0A, 200_000).ToArray(),
        () => ManyInputs(50_000),
        () => ManyOutputs(50_000),
        () => LongChain(20_000),
        () => Doubling(60),
        () => Huge("Expand", [40_000, 40_000]),
        () => Huge("Expand", [int.MaxValue, int.MaxValue]),
        () => Huge("Expand", [4_000, 4_000]),
        () => Huge("Reshape", [-1, 0]),
        () => Huge("Tile", [60_000, 60_000]),
        () => Huge("Tile", [2_000, 2_000]),
        () => Huge("ConstantOfShape", [1L << 40]),
        () => Huge("ConstantOfShape", [30_000, 1000]),
        () => WideInput(1 << 24),
        () => WideInput(int.MaxValue - 1),
        () => OuterProduct(8_000),
    ];

    public override bool Run(byte[] input)
    {
        Network network;
        try
        {
            network = OnnxImporter.Read(input, File);
        }
        catch (ModelFormatException error)
        {
            return Refused(error, File);
        }

        if (network.InputLength is 0 or > 64 || network.Nodes.Sum(node => (long)node.Length) > 2_000 || network.Outputs.Length > 8)
        {
            return true;
        }

        var box = new Box([.. Enumerable.Repeat(-1.0, network.InputLength)], [.. Enumerable.Repeat(1.0, network.InputLength)]);
        try
        {
            var ranges = network.Ranges(box);
            var backward = network.Outputs.Select(output => new OutputBounds { Threads = 1 }.Over(network, output.Node, [box])[0]).ToArray();
            var point = Enumerable.Range(0, box.Length).Select(j => Math.Sin(1 + (7 * j))).ToArray();
            var exact = network.Ranges(Box.Point(point));
            foreach (var (k, (name, node)) in network.Outputs.Index())
            {
                for (var i = 0; i < network.Nodes[node].Length; i++)
                {
                    // The enclosure of the exact value meets each range of the whole box, or one of them is wrong.
                    FindingException.Unless(
                        exact[node].Lower[i] <= ranges[node].Upper[i] && ranges[node].Lower[i] <= exact[node].Upper[i] && exact[node].Lower[i] <= backward[k].Upper[i] && backward[k].Lower[i] <= exact[node].Upper[i],
                        $"output '{name}' element {i} is in [{FindingException.Text(exact[node].Lower[i])}, {FindingException.Text(exact[node].Upper[i])}], bounded by {ranges[node][i]} and {backward[k][i]}");
                }
            }
        }
        catch (DomainException)
        {
            // Not defined on all of the box: an answer, and what the program says.
        }

        return true;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Chance(0.3) ? mutator.Bytes(parent) : mutator.Message(parent);

    private static byte[] Small()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 3);
        var z = graph.Node("Add", "z", [graph.Node("MatMul", "m", [x, graph.Initializer("w", [1f, 2, -1, 0.5f, 3, -2], 3, 2)]), graph.Initializer("b", [0.1f, -0.2f], 2)]);
        var tanh = graph.Node("Tanh", "t", [z]);
        graph.Output(graph.Node("Mul", "y", [tanh, graph.Node("Sigmoid", "s", [z])]), 2);
        graph.Output(graph.Node("Div", "d", [tanh, graph.Node("Exp", "e", [z])]), 2);
        graph.Output(graph.Node("Softmax", "p", [z], ("axis", -1)), 2);
        return graph.ToBytes();
    }

    private static byte[] Shapes()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2, 3);
        var turned = graph.Node("Transpose", "turned", [x], ("perm", new[] { 0, 2, 1 }));
        var flat = graph.Node("Reshape", "flat", [turned, graph.Initializer("shape", [1L, 6L], 2)]);
        var part = graph.Node("Slice", "part", [flat, graph.Initializer("starts", [1L], 1), graph.Initializer("ends", [5L], 1), graph.Initializer("axes", [1L], 1), graph.Initializer("steps", [2L], 1)]);
        var taken = graph.Node("Gather", "taken", [flat, graph.Initializer("indices", [0L, 5L, -1L], 3)], ("axis", 1));
        var both = graph.Node("Concat", "both", [part, taken], ("axis", 1));
        var squeezed = graph.Node("Unsqueeze", "wide", [both, graph.Initializer("at", [1L], 1)]);
        var sum = graph.Node("ReduceSum", "sum", [squeezed, graph.Initializer("over", [2L], 1)], ("keepdims", 0));
        graph.Output(graph.Node("Clip", "y", [sum, graph.Initializer("low", [-1f]), graph.Initializer("high", [2f])]), 1);
        graph.Output(graph.Node("Split", "one", [both], ("axis", 1)), 5);
        return graph.ToBytes();
    }

    private static byte[] Convolution()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1, 4, 4);
        var z = graph.Node("Conv", "z", [x, graph.Initializer("k", [1f, -1, 0.5f, 2, 1, 0, -1, 1], 2, 1, 2, 2)], ("strides", new[] { 1, 1 }), ("pads", new[] { 0, 0, 1, 1 }));
        graph.Output(graph.Node("Flatten", "y", [graph.Node("LeakyRelu", "r", [z], ("alpha", 0.1f))], ("axis", 1)), 32);
        return graph.ToBytes();
    }

    private static byte[] Attention()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var shape = graph.Node("Shape", "shape", [x]);
        var filled = graph.Node("ConstantOfShape", "filled", [shape]);
        var product = graph.Node("Mul", "product", [x, graph.Node("Softplus", "plus", [x])]);
        var larger = graph.Node("Max", "larger", [product, filled]);
        graph.Output(graph.Node("Where", "y", [graph.Node("Greater", "g", [filled, graph.Initializer("zero", [0f])]), larger, graph.Node("Sqrt", "root", [graph.Node("Abs", "abs", [larger])])]), 2);
        return graph.ToBytes();
    }

    /// <summary>A graph attribute in a graph attribute, and so on.</summary>
    private static byte[] Nested(int depth)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < depth; i++)
        {
            bytes.AddRange([0x3A, 0xFF, 0xFF, 0x03]);
        }

        return [.. bytes];
    }

    private static byte[] ManyInputs(int count)
    {
        var graph = new OnnxGraphBuilder();
        for (var i = 0; i < count; i++)
        {
            graph.Input($"x{i}");
        }

        graph.Output(graph.Node("Relu", "y", ["x0"]));
        return graph.ToBytes();
    }

    private static byte[] ManyOutputs(int count)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        for (var i = 0; i < count; i++)
        {
            graph.Output(graph.Node("Identity", $"y{i}", [x]), 1);
        }

        return graph.ToBytes();
    }

    private static byte[] LongChain(int count)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        for (var i = 0; i < count; i++)
        {
            x = graph.Node(i % 2 == 0 ? "Relu" : "Tanh", $"n{i}", [x]);
        }

        graph.Output(x, 1);
        return graph.ToBytes();
    }

    /// <summary>Each node concatenates the one before with itself.</summary>
    private static byte[] Doubling(int count)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        for (var i = 0; i < count; i++)
        {
            x = graph.Node("Concat", $"n{i}", [x, x], ("axis", 1));
        }

        graph.Output(x, 1);
        return graph.ToBytes();
    }

    private static byte[] Huge(string operation, long[] sizes)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        var shape = graph.Initializer("shape", sizes, sizes.Length);
        var y = operation == "ConstantOfShape" ? graph.Node("Add", "y", [graph.Node(operation, "c", [shape]), x]) : graph.Node(operation, "y", [x, shape]);
        graph.Output(y, 1);
        return graph.ToBytes();
    }

    private static byte[] WideInput(int width)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", width);
        graph.Output(graph.Node("Relu", "y", [x]), width);
        return graph.ToBytes();
    }

    private static byte[] OuterProduct(int width)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", width);
        var column = graph.Node("Reshape", "column", [x, graph.Initializer("shape", [(long)width, 1L], 2)]);
        graph.Output(graph.Node("Mul", "y", [x, column]), width);
        return graph.ToBytes();
    }
}
