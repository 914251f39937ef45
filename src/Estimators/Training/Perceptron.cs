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

    /// <summary>Sorts numbers i and i + width / 2: (a, b) -&gt; (max(a, b), min(a, b)), of even width. Keeps every norm of h and of gradients.</summary>
    /// <remarks>
    /// MaxMin, GroupSort of groups of two. Exported as max = a + max(b - a, 0), min = b - max(b - a, 0). Source: C. Anil, J. Lucas, R. Grosse, "Sorting out Lipschitz Function Approximation", ICML 2019 (from memory).
    /// </remarks>
    GroupSort,
}

/// <summary>Affine maps with one function between them: h -&gt; W_L f(... f(W_1 h + b_1) ...) + b_L. float32, weights [out, in], batch axis first.</summary>
public sealed partial class Perceptron : nn.Module<Tensor, Tensor>
{
    private readonly Parameter[] weights;
    private readonly Parameter[] biases;
    private readonly Tensor[] masks;
    private LipschitzLaw? law;
    private Parameter[] others = [];

    /// <summary>Creates the network with weights uniform on ± sqrt(6 / in) (He; sqrt(3 / in) for tanh) in the hidden layers, a given share of that in the last, and zero biases.</summary>
    /// <param name="sizes">Length of the input, widths of the hidden layers, length of the output.</param>
    /// <param name="function">f.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="lastScale">Share of the reach that the last layer starts with.</param>
    /// <param name="masks">1 where a weight may stand, 0 where there is none, one matrix [out, in] a layer; null for all weights. Weights that are masked are 0 and stay so.</param>
    public Perceptron(IReadOnlyList<int> sizes, HiddenFunction function, Generator random, double lastScale = 0.1, IReadOnlyList<Tensor>? masks = null)
        : base(nameof(Perceptron))
    {
        ArgumentNullException.ThrowIfNull(sizes);
        using var scope = NewDisposeScope();
        (weights, biases) = (new Parameter[sizes.Count - 1], new Parameter[sizes.Count - 1]);
        this.masks = [.. (masks ?? []).Select(mask => mask.clone().DetachFromDisposeScope())];
        foreach (var (i, mask) in this.masks.Index())
        {
            register_buffer($"mask_{i}", mask, persistent: false);
        }

        for (var i = 0; i < weights.Length; i++)
        {
            var reach = Math.Sqrt((function == HiddenFunction.Relu ? 6.0 : 3.0) / sizes[i]) * (i == weights.Length - 1 ? lastScale : 1);
            var uniform = rand([sizes[i + 1], sizes[i]], dtype: ScalarType.Float32, generator: random);
            var weight = (uniform * (2 * reach)) - reach;
            weights[i] = Own($"weight_{i}", masks is null ? weight : weight * masks[i]);
            biases[i] = Own($"bias_{i}", zeros(sizes[i + 1], dtype: ScalarType.Float32));
        }

        Use(function);
    }

    /// <summary>f.</summary>
    public HiddenFunction Function { get; private set; }

    /// <summary>What is trained, first layer to last: matrices [out, in] and biases [out]. The matrices are the weights unless a law makes those of them (<see cref="Maps"/>). They belong to the network.</summary>
    public IReadOnlyList<(Parameter Weight, Parameter Bias)> Layers => [.. weights.Zip(biases)];

    /// <summary>Weights [out, in] and biases [out] of the affine maps, first to last, with gradients; for the caller's dispose scope.</summary>
    public IReadOnlyList<(Tensor Weight, Tensor Bias)> Maps() => [.. Weights().Zip(biases, (weight, bias) => (weight, (Tensor)bias))];

    /// <summary>From now on the weights follow from what is trained by a law, and f is the law's.</summary>
    /// <param name="bound">The law.</param>
    /// <param name="random">Source of the first values of what the law trains beside the matrices.</param>
    public void Hold(LipschitzLaw bound, Generator random)
    {
        ArgumentNullException.ThrowIfNull(bound);
        if (masks.Length > 0)
        {
            throw new InvalidOperationException("A law makes whole matrices; the weights of this network are masked.");
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        Use(bound.Function);
        others = [.. bound.Others([.. weights.Select(weight => (int)weight.shape[0])], random).Select(one => Own(one.Name, one.Value))];
        law = bound;
    }

    /// <summary>The last layer's numbers, [..., out]; the caller owns them.</summary>
    /// <param name="input">[..., in].</param>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var maps = Maps();
        var h = nn.functional.linear(input, maps[0].Weight, maps[0].Bias);
        foreach (var (weight, bias) in maps.Skip(1))
        {
            h = nn.functional.linear(Hidden(h), weight, bias);
        }

        return h.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the network to a model under construction.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="input">Name of h, [batch, in].</param>
    /// <param name="prefix">Unique beginning of names.</param>
    /// <returns>Name of the result, [batch, out].</returns>
    internal string Write(OnnxGraphBuilder graph, string input, string prefix)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = Maps()[^1];
        return graph.Affine(WriteHidden(graph, input, prefix), $"{prefix}_{weights.Length - 1}", weight, bias);
    }

    /// <summary>Adds all layers but the last.</summary>
    /// <returns>Name of what the last layer reads.</returns>
    internal string WriteHidden(OnnxGraphBuilder graph, string input, string prefix)
    {
        using var scope = NewDisposeScope();
        foreach (var (i, (weight, bias)) in Maps().SkipLast(1).Index())
        {
            var affine = graph.Affine(input, $"{prefix}_{i}", weight, bias);
            input = Function switch
            {
                HiddenFunction.GroupSort => WriteSorted(graph, affine, (int)weight.shape[0], $"{prefix}_{i}"),
                HiddenFunction.Tanh => graph.Node("Tanh", $"{prefix}_{i}_hidden", [affine]),
                _ => graph.Node("Relu", $"{prefix}_{i}_hidden", [affine]),
            };
        }

        return input;
    }

    /// <summary>h + Q max(D h, 0), D h = b - a and Q d = (d, -d) for the halves a, b of h: operators that every verifier of ReLU networks reads.</summary>
    private static string WriteSorted(OnnxGraphBuilder graph, string h, int width, string prefix)
    {
        using var scope = NewDisposeScope();
        var unit = eye(width / 2);
        var rise = graph.Node("Relu", $"{prefix}_rise", [graph.Affine(h, $"{prefix}_difference", cat([-unit, unit], 1), zeros(width / 2))]);
        return graph.Node("Add", $"{prefix}_hidden", [h, graph.Affine(rise, $"{prefix}_exchange", cat([unit, -unit], 0), zeros(width))]);
    }

    private IReadOnlyList<Tensor> Weights() => law is not null ? law.Weights(weights, others)
        : masks.Length > 0 ? [.. weights.Zip(masks, (weight, mask) => weight * mask)]
        : weights;

    private Tensor Hidden(Tensor h)
    {
        if (Function != HiddenFunction.GroupSort)
        {
            return Function == HiddenFunction.Relu ? nn.functional.relu(h) : h.tanh();
        }

        var halves = h.chunk(2, -1);
        return cat([maximum(halves[0], halves[1]), minimum(halves[0], halves[1])], -1);
    }

    private void Use(HiddenFunction function)
    {
        if (function == HiddenFunction.GroupSort && weights.SkipLast(1).FirstOrDefault(weight => weight.shape[0] % 2 != 0) is { } odd)
        {
            throw new ArgumentException($"GroupSort needs hidden layers of even width, one has {odd.shape[0]}.");
        }

        Function = function;
    }

    private Parameter Own(string name, Tensor value)
    {
        var parameter = new Parameter(value.DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }
}
