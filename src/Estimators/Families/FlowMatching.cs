using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>
/// A sampler: theta = m + s u_K with u_0 = z standard normal and K steps u_(k+1) = u_k + v(u_k, k / K, x) / K, the Euler method for du/dt = v(u, t, x); q(. | x) is the law of theta.
/// </summary>
/// <remarks>
/// What is deployed is these K steps, and they are what is exported and certified, not the differential equation. Loss: the mean of |v((1 - t) z + t u, t, x) - (u - z)|² over pairs (theta, x), u the
/// standardized theta, z standard normal and t uniform on [0, 1): its minimiser moves N(0, I) to the law of u given x. v is a tanh perceptron of (u, t, standardized x).
/// Exported as inputs <c>z</c> [batch, D] and <c>x</c> [batch, n] and output <c>theta</c> [batch, D]: the family <c>sampler</c> of specs.
/// Source: Y. Lipman et al., "Flow Matching for Generative Modeling", ICLR 2023.
/// </remarks>
public sealed class FlowMatching : AmortizedNetwork
{
    private readonly Standardization ofTheta;
    private readonly Standardization ofX;
    private readonly Perceptron velocity;

    /// <summary>Creates a sampler, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="steps">K, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of v, at least one.</param>
    /// <param name="random">Source of the weights.</param>
    public FlowMatching(Tensor theta, Tensor x, int steps, IReadOnlyList<int> hiddenSizes, Generator random)
        : base(nameof(FlowMatching))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfZero(hiddenSizes.Count);
        (Dimension, DataCount, Steps) = ((int)theta.shape[1], (int)x.shape[1], steps);
        (ofTheta, ofX) = (new Standardization(theta), new Standardization(x));
        velocity = new Perceptron([Dimension + 1 + DataCount, .. hiddenSizes, Dimension], HiddenFunction.Tanh, random);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        register_module(nameof(velocity), velocity);
    }

    /// <inheritdoc/>
    public override string Family => "flow-matching";

    /// <inheritdoc/>
    public override string LossText => "mean of |v - (u - z)|² in standardized parameters";

    /// <inheritdoc/>
    public override string FamilyText => """{ "name": "sampler", "noise": "z", "output": "theta" }""";

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => [velocity];

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <summary>K.</summary>
    public int Steps { get; }

    /// <summary>theta for given noise, [batch, D]; the caller owns it.</summary>
    /// <param name="z">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor Sample(Tensor z, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(z);
        using var scope = NewDisposeScope();
        var (u, data) = (z, ofX.forward(x));
        for (var k = 0; k < Steps; k++)
        {
            var time = full([z.shape[0], 1], (float)k / Steps, dtype: z.dtype);
            u += velocity.forward(cat([u, time, data], 1)) * (1f / Steps);
        }

        return ((u / ofTheta.InverseScale) + ofTheta.Mean).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        ArgumentNullException.ThrowIfNull(theta);
        using var scope = NewDisposeScope();
        var u = ofTheta.forward(theta);
        var z = randn(u.shape, dtype: u.dtype, generator: random);
        var t = rand([u.shape[0], 1], dtype: u.dtype, generator: random);
        var v = velocity.forward(cat([((1 - t) * z) + (t * u), t, ofX.forward(x)], 1));
        return (v - (u - z)).square().sum(1).mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var (z, x) = (graph.Input("z", Dimension), graph.Input("x", DataCount));
        var data = ofX.Write(graph, x, "standard_x");
        var (weight, bias) = velocity.Layers[0];
        var reads = cat([weight.narrow(1, 0, Dimension), weight.narrow(1, Dimension + 1, DataCount)], 1);
        var width = (int)weight.shape[0];
        var first = graph.Initializer("velocity_0.weight", OnnxLayers.Numbers(reads), width, Dimension + DataCount);
        var rest = velocity.Layers.Skip(1).Select((layer, i) => (
            Weight: graph.Initializer($"velocity_{i + 1}.weight", OnnxLayers.Numbers(layer.Weight), (int)layer.Weight.shape[0], (int)layer.Weight.shape[1]),
            Bias: graph.Initializer($"velocity_{i + 1}.bias", OnnxLayers.Numbers(layer.Bias), (int)layer.Bias.shape[0]))).ToArray();
        var size = graph.Initializer("step_size", [1f / Steps], 1);
        var u = z;
        for (var k = 0; k < Steps; k++)
        {
            // The time of a step is known: its term joins the bias.
            var atTime = bias + (weight.select(1, Dimension) * ((float)k / Steps));
            var hidden = graph.Node(
                "Gemm",
                $"step_{k}_0",
                [graph.Node("Concat", $"step_{k}_input", [u, data], ("axis", 1)), first, graph.Initializer($"step_{k}_0.bias", OnnxLayers.Numbers(atTime), width)],
                ("transB", 1));
            for (var i = 0; i < rest.Length; i++)
            {
                hidden = graph.Node("Gemm", $"step_{k}_{i + 1}", [graph.Node("Tanh", $"step_{k}_{i}_hidden", [hidden]), rest[i].Weight, rest[i].Bias], ("transB", 1));
            }

            u = graph.Node("Add", $"step_{k}_output", [u, graph.Node("Mul", $"step_{k}_move", [hidden, size])]);
        }

        var scale = graph.Initializer("theta_scale", OnnxLayers.Numbers(ofTheta.InverseScale.reciprocal()), Dimension);
        var mean = graph.Initializer("theta_mean", OnnxLayers.Numbers(ofTheta.Mean), Dimension);
        graph.Node("Add", "theta", [graph.Node("Mul", "theta_centred", [u, scale]), mean]);
        graph.Output("theta", Dimension);
        return graph.ToBytes();
    }
}
