using System.Collections.Frozen;

namespace Guarantees.Formats.Onnx;

/// <summary>How one ONNX operator is read.</summary>
/// <param name="Since">First opset that has it.</param>
/// <param name="Inputs">Fewest and most inputs.</param>
/// <param name="Outputs">Most outputs.</param>
/// <param name="Attributes">Attributes it may have; any other is refused, because it might change the meaning.</param>
/// <param name="Read">Its outputs.</param>
internal sealed record OnnxOperator(int Since, (int Least, int Most) Inputs, int Outputs, string[] Attributes, Func<NodeReader, Tensor[]> Read);

/// <summary>The supported operators of the default ONNX domain, opsets 8 to 21, as real functions.</summary>
/// <remarks>
/// Meanings: ONNX operator schemas, github.com/onnx/onnx, docs/Operators.md and docs/Changelog.md. Attribute floats are taken exactly.
/// </remarks>
internal static partial class OnnxOperators
{
    public const int OldestOpset = 8;
    public const int NewestOpset = 21;

    private const int Many = int.MaxValue;

    /// <summary>The table that the importer and the documentation read.</summary>
    public static FrozenDictionary<string, OnnxOperator> All { get; } = new Dictionary<string, OnnxOperator>
    {
        // Elementwise functions.
        ["Relu"] = Function(_ => new Networks.Operators.ReLU()),
        ["LeakyRelu"] = new(1, (1, 1), 1, ["alpha"], LeakyRelu),
        ["Abs"] = new(1, (1, 1), 1, [], Abs),
        ["Tanh"] = Function(_ => new Networks.Operators.Tanh()),
        ["Sigmoid"] = Function(_ => new Networks.Operators.Sigmoid()),
        ["Softplus"] = Function(_ => new Networks.Operators.Softplus()),
        ["Exp"] = Function(_ => new Networks.Operators.Exp()),
        ["Log"] = Function(_ => new Networks.Operators.Log()),
        ["Sqrt"] = Function(_ => new Networks.Operators.Sqrt()),
        ["Reciprocal"] = Function(_ => new Networks.Operators.Reciprocal()),
        ["Neg"] = new(1, (1, 1), 1, [], Negate),
        ["Clip"] = new(1, (1, 3), 1, ["min", "max"], Clip),
        ["Pow"] = new(1, (2, 2), 1, [], Power),

        // Arithmetic.
        ["Add"] = new(1, (2, 2), 1, [], Add),
        ["Sub"] = new(1, (2, 2), 1, [], Subtract),
        ["Mul"] = new(1, (2, 2), 1, [], Multiply),
        ["Div"] = new(1, (2, 2), 1, [], Divide),
        ["Max"] = new(1, (1, Many), 1, [], Maximum),
        ["Min"] = new(1, (1, Many), 1, [], Minimum),
        ["Sum"] = new(1, (1, Many), 1, [], Add),
        ["MatMul"] = new(1, (2, 2), 1, [], MatMul),
        ["Gemm"] = new(1, (2, 3), 1, ["alpha", "beta", "transA", "transB"], Gemm),
        ["BatchNormalization"] = new(1, (5, 5), 5, ["epsilon", "momentum", "spatial", "training_mode"], BatchNormalization),

        // Groups.
        ["Softmax"] = new(1, (1, 1), 1, ["axis"], Softmax),
        ["LogSoftmax"] = new(1, (1, 1), 1, ["axis"], LogSoftmax),
        ["ReduceSum"] = Reduction(13),
        ["ReduceMean"] = Reduction(18),
        ["ReduceMax"] = Reduction(18),
        ["ReduceMin"] = Reduction(18),
        ["ReduceSumSquare"] = Reduction(18),
        ["ReduceL1"] = Reduction(18),
        ["ReduceL2"] = Reduction(18),
        ["ReduceProd"] = Reduction(18),

        // Structure.
        ["Identity"] = new(1, (1, 1), 1, [], node => [node.Any(0)]),
        ["Dropout"] = new(1, (1, 3), 2, ["ratio", "seed"], Dropout),
        ["Cast"] = new(1, (1, 1), 1, ["to", "saturate"], Cast),
        ["Concat"] = new(1, (1, Many), 1, ["axis"], Concat),
        ["Split"] = new(1, (1, 2), Many, ["axis", "split", "num_outputs"], Split),
        ["Slice"] = new(1, (1, 5), 1, ["starts", "ends", "axes"], Slice),
        ["Gather"] = new(1, (2, 2), 1, ["axis"], Gather),
        ["Reshape"] = new(1, (2, 2), 1, ["allowzero"], Reshape),
        ["Flatten"] = new(1, (1, 1), 1, ["axis"], Flatten),
        ["Transpose"] = new(1, (1, 1), 1, ["perm"], Transpose),
        ["Squeeze"] = new(1, (1, 2), 1, ["axes"], Squeeze),
        ["Unsqueeze"] = new(1, (1, 2), 1, ["axes"], Unsqueeze),
        ["Expand"] = new(8, (2, 2), 1, [], Expand),

        // Constants and shapes.
        ["Constant"] = new(1, (0, 0), 1, ["value", "value_float", "value_floats", "value_int", "value_ints", "value_string", "value_strings", "sparse_value"], Constant),
        ["DequantizeLinear"] = new(10, (2, 3), 1, ["axis", "block_size"], Dequantize),
        ["ConstantOfShape"] = new(9, (1, 1), 1, ["value"], ConstantOfShape),
        ["Shape"] = new(1, (1, 1), 1, ["start", "end"], Shape),
        ["Range"] = new(11, (3, 3), 1, [], Range),
        ["Equal"] = new(1, (2, 2), 1, [], Equal),
        ["Where"] = new(9, (3, 3), 1, [], Where),
    }.ToFrozenDictionary();

    private static OnnxOperator Function(Func<NodeReader, Networks.Operators.Activation> make) =>
        new(1, (1, 1), 1, [], node => [node.Algebra.Apply(make(node), node.Real(0))]);

    /// <summary>The axes are an attribute before the given opset, and an input from it on.</summary>
    private static OnnxOperator Reduction(int axesAreInputSince) =>
        new(1, (1, 2), 1, ["axes", "keepdims", "noop_with_empty_axes"], node => [Reduce(node, axesAreInputSince)]);
}
