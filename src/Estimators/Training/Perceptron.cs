using Estimators.Export;
using Guarantees.Formats.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Training;

/// <summary>What stands between the affine maps of a <see cref="Perceptron"/>.</summary>
public enum HiddenFunction
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>tanh x.</summary>
    Tanh,
}

/// <summary>Affine maps with one function of one number between them: h -&gt; W_L f(... f(W_1 h + b_1) ...) + b_L. float32, weights [out, in], batch axis first.</summary>
public sealed class Perceptron : nn.Module<Tensor, Tensor>
{
    private readonly Parameter[] weights;
    private readonly Parameter[] biases;

    /// <summary>Creates the network with weights uniform on ± sqrt(6 / in) (He; sqrt(3 / in) for tanh) in the hidden layers, a given share of that in the last, and zero biases.</summary>
    /// <param name="sizes">Length of the input, widths of the hidden layers, length of the output.</param>
    /// <param name="function">f.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="lastScale">Share of the reach that the last layer starts with.</param>
    public Perceptron(IReadOnlyList<int> sizes, HiddenFunction function, Generator random, double lastScale = 0.1)
        : base(nameof(Perceptron))
    {
        ArgumentNullException.ThrowIfNull(sizes);
        using var scope = NewDisposeScope();
        (weights, biases) = (new Parameter[sizes.Count - 1], new Parameter[sizes.Count - 1]);
        for (var i = 0; i < weights.Length; i++)
        {
            var reach = Math.Sqrt((function == HiddenFunction.Relu ? 6.0 : 3.0) / sizes[i]) * (i == weights.Length - 1 ? lastScale : 1);
            var uniform = rand([sizes[i + 1], sizes[i]], dtype: ScalarType.Float32, generator: random);
            weights[i] = Own($"weight_{i}", (uniform * (2 * reach)) - reach);
            biases[i] = Own($"bias_{i}", zeros(sizes[i + 1], dtype: ScalarType.Float32));
        }

        Function = function;
    }

    /// <summary>f.</summary>
    public HiddenFunction Function { get; }

    /// <summary>Weights [out, in] and biases [out] of the affine maps, first to last; they belong to the network.</summary>
    public IReadOnlyList<(Parameter Weight, Parameter Bias)> Layers => [.. weights.Zip(biases)];

    /// <summary>The last layer's numbers, [..., out]; the caller owns them.</summary>
    /// <param name="input">[..., in].</param>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var h = nn.functional.linear(input, weights[0], biases[0]);
        for (var i = 1; i < weights.Length; i++)
        {
            h = nn.functional.linear(Hidden(h), weights[i], biases[i]);
        }

        return h.MoveToOuterDisposeScope();
    }

    /// <summary>Interval bounds of the last layer's numbers over boxes, [..., out]; differentiable, in float32 without outward rounding: a signal for training and no proof. The caller owns them.</summary>
    /// <param name="centre">[..., in].</param>
    /// <param name="radius">Half the sides, not negative, [..., in].</param>
    public (Tensor Lower, Tensor Upper) Bound(Tensor centre, Tensor radius)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < weights.Length; i++)
        {
            if (i > 0)
            {
                var (lower, upper) = (Hidden(centre - radius), Hidden(centre + radius));
                (centre, radius) = ((lower + upper) * 0.5, (upper - lower) * 0.5);
            }

            (centre, radius) = (nn.functional.linear(centre, weights[i], biases[i]), nn.functional.linear(radius, weights[i].abs()));
        }

        return ((centre - radius).MoveToOuterDisposeScope(), (centre + radius).MoveToOuterDisposeScope());
    }

    /// <summary>Adds the network to a model under construction.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="input">Name of h, [batch, in].</param>
    /// <param name="prefix">Unique beginning of names.</param>
    /// <returns>Name of the result, [batch, out].</returns>
    internal string Write(OnnxGraphBuilder graph, string input, string prefix)
    {
        var last = weights.Length - 1;
        return graph.Affine(WriteHidden(graph, input, prefix), $"{prefix}_{last}", weights[last], biases[last]);
    }

    /// <summary>Adds all layers but the last.</summary>
    /// <returns>Name of what the last layer reads.</returns>
    internal string WriteHidden(OnnxGraphBuilder graph, string input, string prefix)
    {
        for (var i = 0; i < weights.Length - 1; i++)
        {
            input = graph.Node(Function == HiddenFunction.Relu ? "Relu" : "Tanh", $"{prefix}_{i}_hidden", [graph.Affine(input, $"{prefix}_{i}", weights[i], biases[i])]);
        }

        return input;
    }

    private Tensor Hidden(Tensor h) => Function == HiddenFunction.Relu ? nn.functional.relu(h) : h.tanh();

    private Parameter Own(string name, Tensor value)
    {
        var parameter = new Parameter(value.DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }
}
