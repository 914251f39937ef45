using System.Buffers.Binary;
using Estimators.Training;
using Google.Protobuf;
using Guarantees.Formats.Onnx.Proto;
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
    private const int Float = 1;

    /// <summary>The model file.</summary>
    /// <param name="network">The network; it is not changed.</param>
    /// <param name="name">Name of the graph, shown by viewers.</param>
    public static byte[] Write(PosteriorNetwork network, string name = "posterior")
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var scope = NewDisposeScope();
        var graph = new GraphProto { Name = name };
        graph.Input.Add(Matrix("x", network.DataCount));
        var hidden = "x";
        for (var i = 0; i < network.Layers.Count - 1; i++)
        {
            var (weight, bias) = network.Layers[i];
            Gemm(graph, hidden, $"hidden_{i}", weight, bias);
            Apply(graph, "Relu", $"hidden_{i}", $"hidden_{i}_relu");
            hidden = $"hidden_{i}_relu";
        }

        var (dimension, lower) = (network.Head.Dimension, network.Head.LowerCount);
        Head("mean", "mean", 0, dimension);
        Head("cholesky_diagonal_raw", "cholesky_diagonal", dimension, dimension);
        Apply(graph, "Softplus", "cholesky_diagonal_raw", "cholesky_diagonal");
        if (lower > 0)
        {
            Head("cholesky_lower", "cholesky_lower", 2 * dimension, lower);
        }

        var model = new ModelProto { IrVersion = 8, ProducerName = "Guarantees", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return model.ToByteArray();

        void Head(string result, string output, int start, int count)
        {
            var (weight, bias) = network.Layers[^1];
            Gemm(graph, hidden, result, weight.narrow(0, start, count), bias.narrow(0, start, count));
            graph.Output.Add(Matrix(output, count));
        }
    }

    /// <summary>result = input Wᵀ + b.</summary>
    private static void Gemm(GraphProto graph, string input, string result, Tensor weight, Tensor bias)
    {
        graph.Initializer.Add(Constant($"{result}.weight", weight));
        graph.Initializer.Add(Constant($"{result}.bias", bias));
        var node = new NodeProto { OpType = "Gemm", Name = $"{result}.gemm", Input = { input, $"{result}.weight", $"{result}.bias" }, Output = { result } };
        node.Attribute.Add(new AttributeProto { Name = "transB", I = 1, Type = AttributeProto.Types.Kind.Int });
        graph.Node.Add(node);
    }

    private static void Apply(GraphProto graph, string operation, string input, string result) =>
        graph.Node.Add(new NodeProto { OpType = operation, Name = $"{result}.{operation.ToLowerInvariant()}", Input = { input }, Output = { result } });

    private static TensorProto Constant(string name, Tensor value)
    {
        var numbers = value.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), numbers[i]);
        }

        return new TensorProto { Name = name, DataType = Float, Dims = { value.shape }, RawData = ByteString.CopyFrom(bytes) };
    }

    private static ValueInfoProto Matrix(string name, int columns) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = Float,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = columns } },
                },
            },
        },
    };
}
