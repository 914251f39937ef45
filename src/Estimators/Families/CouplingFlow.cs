using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>
/// q(theta | x) by affine coupling layers: u = (theta - m) / s is cut in two parts (a, b); layers in turn map b -&gt; (b - t(a, x)) exp(-c(a, x)) and
/// a -&gt; (a - t(b, x)) exp(-c(b, x)); what comes out is standard normal. ln q = -|u|² / 2 - (D / 2) ln 2π - sum c - sum ln s.
/// </summary>
/// <remarks>
/// t and the raw logarithm r come from a perceptron of the other part and the standardized x; c = 2 tanh(r / 2) lies in (-2, 2), so that no layer can stretch by more than e².
/// Exported as inputs <c>theta</c> [batch, D] and <c>x</c> [batch, n] and output <c>log_density</c> [batch, 1], in nats: the family <c>log-density</c> of specs.
/// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, "Density estimation using Real NVP", ICLR 2017 (affine coupling layers).
/// </remarks>
public sealed class CouplingFlow : AmortizedNetwork
{
    private readonly Standardization ofTheta;
    private readonly Standardization ofX;
    private readonly Perceptron[] layers;
    private readonly int first;

    /// <summary>Creates a flow near the identity, standardized by simulations.</summary>
    /// <param name="theta">[rows, D], D at least 2.</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="depth">Coupling layers, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of each perceptron.</param>
    /// <param name="function">What stands between its layers.</param>
    /// <param name="random">Source of the weights.</param>
    public CouplingFlow(Tensor theta, Tensor x, int depth, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
        : base(nameof(CouplingFlow))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        if (theta.shape[1] < 2)
        {
            throw new ArgumentException("A coupling flow needs at least two parameters: one part is moved as the other says.", nameof(theta));
        }

        (Dimension, DataCount) = ((int)theta.shape[1], (int)x.shape[1]);
        first = Dimension / 2;
        (ofTheta, ofX, layers) = (new Standardization(theta), new Standardization(x), new Perceptron[depth]);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        for (var k = 0; k < depth; k++)
        {
            var (read, moved) = MovesSecond(k) ? (first, Dimension - first) : (Dimension - first, first);
            layers[k] = new Perceptron([read + DataCount, .. hiddenSizes, 2 * moved], function, random);
            register_module($"layer_{k}", layers[k]);
        }
    }

    /// <inheritdoc/>
    public override string Family => "coupling-flow";

    /// <inheritdoc/>
    public override string LossText => "mean of -ln q(theta | x), nats";

    /// <inheritdoc/>
    public override string FamilyText => """{ "name": "log-density", "parameters": "theta", "output": "log_density" }""";

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => layers;

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <summary>ln q(theta | x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor LogProb(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        var (u, data) = (ofTheta.forward(theta), ofX.forward(x));
        var (a, b) = (u.narrow(1, 0, first), u.narrow(1, first, Dimension - first));
        var logs = zeros(u.shape[0], dtype: u.dtype);
        for (var k = 0; k < layers.Length; k++)
        {
            var (read, moved) = MovesSecond(k) ? (a, b) : (b, a);
            var raw = layers[k].forward(cat([read, data], 1));
            var half = moved.shape[1];
            var c = (raw.narrow(1, half, half) * 0.5).tanh() * 2;
            moved = (moved - raw.narrow(1, 0, half)) * (-c).exp();
            logs += c.sum(1);
            (a, b) = MovesSecond(k) ? (a, moved) : (moved, b);
        }

        return ((cat([a, b], 1).square().sum(1) * -0.5) - logs + Constant()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        using var scope = NewDisposeScope();
        return (-LogProb(theta, x).mean()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var (theta, x) = (graph.Input("theta", Dimension), graph.Input("x", DataCount));
        var data = ofX.Write(graph, x, "standard_x");
        var (half, two) = (graph.Initializer("half", [0.5f], 1), graph.Initializer("minus_two", [-2f], 1));
        graph.Node("Split", ["theta_first", "theta_second"], [ofTheta.Write(graph, theta, "standard_theta"), graph.Axes("theta_parts", first, Dimension - first)], ("axis", 1));
        var (a, b) = ("theta_first", "theta_second");
        var logs = new string[layers.Length];
        for (var k = 0; k < layers.Length; k++)
        {
            var (read, moved) = MovesSecond(k) ? (a, b) : (b, a);
            var length = MovesSecond(k) ? Dimension - first : first;
            var hidden = graph.Node("Concat", $"layer_{k}_input", [read, data], ("axis", 1));
            var raw = layers[k].Write(graph, hidden, $"layer_{k}");
            graph.Node("Split", [$"layer_{k}_shift", $"layer_{k}_raw"], [raw, graph.Axes($"layer_{k}_parts", length, length)], ("axis", 1));
            logs[k] = graph.Node("Mul", $"layer_{k}_minus_log", [graph.Node("Tanh", $"layer_{k}_tanh", [graph.Node("Mul", $"layer_{k}_half", [$"layer_{k}_raw", half])]), two]);
            moved = graph.Node("Mul", $"layer_{k}_output", [graph.Node("Sub", $"layer_{k}_shifted", [moved, $"layer_{k}_shift"]), graph.Node("Exp", $"layer_{k}_factor", [logs[k]])]);
            (a, b) = MovesSecond(k) ? (a, moved) : (moved, b);
        }

        var last = graph.Axes("last_axis", 1);
        var squares = graph.Node("ReduceSumSquare", "squares", [graph.Node("Concat", "normal", [a, b], ("axis", 1))], ("axes", new long[] { 1 }), ("keepdims", 1L));
        var quadratic = graph.Node("Mul", "quadratic", [squares, graph.Initializer("minus_half", [-0.5f], 1)]);
        var sum = graph.Node("ReduceSum", "minus_logs", [logs.Length > 1 ? graph.Node("Concat", "all_logs", logs, ("axis", 1)) : logs[0], last], ("keepdims", 1L));
        graph.Node("Add", "log_density", [graph.Node("Add", "changing", [quadratic, sum]), graph.Initializer("normalizer", [(float)Constant()], 1)]);
        graph.Output("log_density", 1);
        return graph.ToBytes();
    }

    private static bool MovesSecond(int layer) => layer % 2 == 0;

    /// <summary>-(D / 2) ln 2π - sum ln s.</summary>
    private double Constant()
    {
        using var scope = NewDisposeScope();
        return ofTheta.InverseScale.to(ScalarType.Float64).log().sum().item<double>() - (0.5 * Dimension * Math.Log(2 * Math.PI));
    }
}
