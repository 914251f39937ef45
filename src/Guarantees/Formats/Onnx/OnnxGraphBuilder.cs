using System.Runtime.InteropServices;
using Google.Protobuf;
using Guarantees.Formats.Onnx.Proto;

namespace Guarantees.Formats.Onnx;

/// <summary>Writes an ONNX model node by node: opset 17, IR version 8. Equal calls give equal bytes.</summary>
/// <remarks>
/// The batch axis comes first and is dynamic, under the name <c>batch</c>. Nodes are written in the order of the calls, which must put producers first.
/// Weights of linear layers in the layout [out, in] go with <c>Gemm</c> and <c>transB = 1</c>.
/// </remarks>
public sealed class OnnxGraphBuilder
{
    private readonly GraphProto graph;
    private readonly HashSet<string> known = [];

    /// <summary>Starts an empty graph.</summary>
    /// <param name="name">Name of the graph.</param>
    /// <param name="opset">Version of the operator set, 8 to 21.</param>
    public OnnxGraphBuilder(string name = "estimator", int opset = 17)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (opset is < OnnxOperators.OldestOpset or > OnnxOperators.NewestOpset)
        {
            throw new ArgumentOutOfRangeException(nameof(opset), opset, $"The opset must lie in {OnnxOperators.OldestOpset} to {OnnxOperators.NewestOpset}.");
        }

        (graph, Opset) = (new GraphProto { Name = name }, opset);
    }

    /// <summary>Version of the operator set.</summary>
    public int Opset { get; }

    /// <summary>Declares a float32 input of shape [batch, shape...].</summary>
    /// <returns><paramref name="name"/>.</returns>
    public string Input(string name, params ReadOnlySpan<int> shape)
    {
        graph.Input.Add(Declare(New(name), (int)ElementType.Float, shape));
        return name;
    }

    /// <summary>Declares a float64 input of shape [batch, shape...].</summary>
    /// <returns><paramref name="name"/>.</returns>
    public string DoubleInput(string name, params ReadOnlySpan<int> shape)
    {
        graph.Input.Add(Declare(New(name), (int)ElementType.Double, shape));
        return name;
    }

    /// <summary>Stores float32 numbers.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="values">The numbers, row by row; finite.</param>
    /// <param name="shape">The shape, exactly as stored; empty for a scalar.</param>
    /// <returns><paramref name="name"/>.</returns>
    public string Initializer(string name, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape) =>
        Store(name, ElementType.Float, values, shape);

    /// <summary>Stores float64 numbers.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="values">The numbers, row by row; finite.</param>
    /// <param name="shape">The shape, exactly as stored; empty for a scalar.</param>
    /// <returns><paramref name="name"/>.</returns>
    public string Initializer(string name, ReadOnlySpan<double> values, params ReadOnlySpan<int> shape) =>
        Store(name, ElementType.Double, values, shape);

    /// <summary>Stores integers: shapes, indices, axes.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="values">The numbers, row by row.</param>
    /// <param name="shape">The shape, exactly as stored; empty for a scalar.</param>
    /// <returns><paramref name="name"/>.</returns>
    public string Initializer(string name, ReadOnlySpan<long> values, params ReadOnlySpan<int> shape) =>
        Store(name, ElementType.Int64, values, shape);

    /// <summary>Stores integers of eight bits: quantised weights.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="values">The numbers, row by row.</param>
    /// <param name="shape">The shape, exactly as stored; empty for a scalar.</param>
    /// <returns><paramref name="name"/>.</returns>
    public string Initializer(string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<int> shape) =>
        Store(name, ElementType.Int8, values, shape);

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">Name of the ONNX operator.</param>
    /// <param name="output">Unique name of its output, and of the node.</param>
    /// <param name="inputs">Names of its inputs; empty for an optional input left out.</param>
    /// <param name="attributes">Values of type long, int, float, string, long[], int[] or float[].</param>
    /// <returns><paramref name="output"/>.</returns>
    public string Node(string operation, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        Node(operation, [output], inputs, attributes);
        return output;
    }

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="operation">Name of the ONNX operator.</param>
    /// <param name="outputs">Unique names of its outputs, the first of which names the node.</param>
    /// <param name="inputs">Names of its inputs; empty for an optional input left out.</param>
    /// <param name="attributes">Values of type long, int, float, string, long[], int[] or float[].</param>
    public void Node(string operation, ReadOnlySpan<string> outputs, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        if (outputs.IsEmpty)
        {
            throw new ArgumentException("A node needs at least one output.", nameof(outputs));
        }

        var node = new NodeProto { OpType = operation, Name = outputs[0] };
        foreach (var input in inputs)
        {
            node.Input.Add(input.Length == 0 || known.Contains(input)
                ? input
                : throw new ArgumentException($"'{input}' is neither an input, an initializer nor the output of an earlier node.", nameof(inputs)));
        }

        foreach (var output in outputs)
        {
            node.Output.Add(New(output));
        }

        foreach (var (name, value) in attributes)
        {
            node.Attribute.Add(Attribute(name, value));
        }

        graph.Node.Add(node);
    }

    /// <summary>Declares a float32 output of shape [batch, shape...].</summary>
    public void Output(string name, params ReadOnlySpan<int> shape) => Output(name, ElementType.Float, shape);

    /// <summary>Declares a float64 output of shape [batch, shape...].</summary>
    public void DoubleOutput(string name, params ReadOnlySpan<int> shape) => Output(name, ElementType.Double, shape);

    /// <summary>The file's content.</summary>
    public byte[] ToBytes()
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "guarantees", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        return model.ToByteArray();
    }

    private void Output(string name, ElementType type, ReadOnlySpan<int> shape)
    {
        if (!known.Contains(name))
        {
            throw new ArgumentException($"'{name}' is computed by no node.", nameof(name));
        }

        graph.Output.Add(Declare(name, (int)type, shape));
    }

    private string Store<T>(string name, ElementType type, ReadOnlySpan<T> values, ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        var tensor = new TensorProto { Name = New(name), DataType = (int)type };
        var count = 1;
        foreach (var extent in shape)
        {
            tensor.Dims.Add(extent);
            count = checked(count * extent);
        }

        if (count != values.Length)
        {
            throw new ArgumentException($"Shape [{string.Join(", ", shape.ToArray())}] holds {count} numbers; got {values.Length}.", nameof(shape));
        }

        // The format is little-endian, as every machine that .NET 10 runs on but one.
        tensor.RawData = BitConverter.IsLittleEndian
            ? ByteString.CopyFrom(MemoryMarshal.AsBytes(values))
            : throw new PlatformNotSupportedException("Models are written on little-endian machines only.");
        graph.Initializer.Add(tensor);
        return name;
    }

    private string New(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return known.Add(name) ? name : throw new ArgumentException($"The name '{name}' is taken.", nameof(name));
    }

    private static ValueInfoProto Declare(string name, int type, ReadOnlySpan<int> shape)
    {
        var declared = new TensorShapeProto();
        declared.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        foreach (var extent in shape)
        {
            declared.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = declared } } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long integer:
                (attribute.Type, attribute.I) = (AttributeProto.Types.Kind.Int, integer);
                break;
            case int integer:
                (attribute.Type, attribute.I) = (AttributeProto.Types.Kind.Int, integer);
                break;
            case float number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.Kind.Float, number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeProto.Types.Kind.String, ByteString.CopyFromUtf8(text));
                break;
            case long[] integers:
                attribute.Type = AttributeProto.Types.Kind.Ints;
                attribute.Ints.AddRange(integers);
                break;
            case int[] integers:
                attribute.Type = AttributeProto.Types.Kind.Ints;
                attribute.Ints.AddRange(integers.Select(integer => (long)integer));
                break;
            case float[] numbers:
                attribute.Type = AttributeProto.Types.Kind.Floats;
                attribute.Floats.AddRange(numbers);
                break;
            default:
                throw new ArgumentException($"Attribute '{name}' has a value of type {value?.GetType().Name ?? "null"}; expected long, int, float, string or an array of numbers.", nameof(value));
        }

        return attribute;
    }
}
