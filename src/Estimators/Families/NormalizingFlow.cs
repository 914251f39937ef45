using Estimators.Export;
using Estimators.Families.Flows;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>
/// q(theta | x) by invertible layers: u = (theta - m) / s, or (ln theta - m) / s for positive parameters, goes through layers z = f_K(... f_1(u)) that the standardized x steers, and z is standard normal.
/// ln q = -|z|² / 2 - (D / 2) ln 2π + sum_k ln |df_k / du| - sum ln s, and - sum ln theta where logarithms are learned.
/// </summary>
/// <remarks>
/// m and s are means and standard deviations of the simulations' columns. Exported as inputs <c>theta</c> [batch, D] and <c>x</c> [batch, n] and output <c>log_density</c> [batch, 1], in nats: the family <c>log-density</c> of specs.
/// The graphs take exp(-ln v) for 1 / v: the kernel carries changes through logarithms and exponentials, not through quotients, so bounds shrink with the ball of x.
/// </remarks>
public abstract class NormalizingFlow : AmortizedNetwork
{
    private readonly Standardization ofTheta;
    private readonly Standardization ofX;
    private readonly FlowLayer[] layers;

    /// <summary>Creates a flow, standardized by simulations.</summary>
    /// <param name="name">Name of the module.</param>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="depth">Layers, at least 1.</param>
    /// <param name="isPositive">Whether parameters are positive and their logarithms learned.</param>
    /// <param name="layer">Makes layer k, from 0.</param>
    private protected NormalizingFlow(string name, Tensor theta, Tensor x, int depth, bool isPositive, Func<int, FlowLayer> layer)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        using var scope = NewDisposeScope();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        if (isPositive && theta.min().item<float>() is var least and not > 0)
        {
            throw new ArgumentException($"Logarithms of parameters are learned, so every parameter must be positive; got {least}.", nameof(theta));
        }

        (Dimension, DataCount, IsPositive) = ((int)theta.shape[1], (int)x.shape[1], isPositive);
        (ofTheta, ofX, layers) = (new Standardization(isPositive ? theta.log() : theta), new Standardization(x), new FlowLayer[depth]);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        for (var k = 0; k < depth; k++)
        {
            layers[k] = layer(k);
            register_module($"layer_{k}", layers[k].Conditioner);
        }
    }

    /// <inheritdoc/>
    public sealed override string LossText => "mean of -ln q(theta | x), nats";

    /// <inheritdoc/>
    public sealed override string FamilyText => """{ "name": "log-density", "parameters": "theta", "output": "log_density" }""";

    /// <inheritdoc/>
    public sealed override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public sealed override IEnumerable<Perceptron> Perceptrons => layers.Select(layer => layer.Conditioner);

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <summary>Whether logarithms of parameters are learned: q is then a density over positive theta.</summary>
    public bool IsPositive { get; }

    /// <summary>ln q(theta | x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor LogProb(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        var (z, logs) = Forward(theta, x);
        return ((z.square().sum(1) * -0.5) + logs + Constant()).MoveToOuterDisposeScope();
    }

    /// <summary>z, standard normal where theta is drawn from q(. | x), [batch, D]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor Normalize(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        return Forward(theta, x).Result.MoveToOuterDisposeScope();
    }

    /// <summary>theta for given noise, the inverse of <see cref="Normalize"/>, [batch, D]; the caller owns it.</summary>
    /// <param name="z">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor Sample(Tensor z, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(z);
        using var scope = NewDisposeScope();
        var (u, data) = (z, ofX.forward(x));
        foreach (var layer in layers.Reverse())
        {
            u = layer.Inverse(u, data);
        }

        var learned = (u / ofTheta.InverseScale) + ofTheta.Mean;
        return (IsPositive ? learned.exp() : learned).MoveToOuterDisposeScope();
    }

    /// <summary>Independent draws from q(. | x), [count, D], without gradients; the caller owns them.</summary>
    /// <param name="x">One data set, [n].</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="random">Source of the noise.</param>
    public Tensor Draw(Tensor x, int count, Generator random)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (x.dim() != 1 || x.shape[0] != DataCount)
        {
            throw new ArgumentException($"Expected one data set of {DataCount} numbers; got the shape [{string.Join(", ", x.shape)}].", nameof(x));
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        return Sample(randn([count, Dimension], dtype: ScalarType.Float32, generator: random), x.unsqueeze(0).expand(count, DataCount)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public sealed override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        using var scope = NewDisposeScope();
        return (-LogProb(theta, x).mean()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public sealed override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var (theta, x) = (graph.Input("theta", Dimension), graph.Input("x", DataCount));
        var data = ofX.Write(graph, x, "standard_x");
        var learned = IsPositive ? graph.Node("Log", "log_theta", [theta]) : theta;
        var u = ofTheta.Write(graph, learned, "standard_theta");
        var logs = new List<string>();
        foreach (var (k, layer) in layers.Index())
        {
            (u, var change) = layer.Write(graph, $"layer_{k}", u, data);
            logs.Add(change);
        }

        if (IsPositive)
        {
            logs.Add(graph.Node("Neg", "minus_log_theta", [learned]));
        }

        var squares = graph.Node("ReduceSumSquare", "squares", [u], ("axes", new long[] { 1 }), ("keepdims", 1L));
        var quadratic = graph.Node("Mul", "quadratic", [squares, graph.Initializer("minus_half", [-0.5f], 1)]);
        var sum = graph.Node("ReduceSum", "logs", [logs.Count > 1 ? graph.Node("Concat", "all_logs", [.. logs], ("axis", 1)) : logs[0], graph.Axes("last_axis", 1)], ("keepdims", 1L));
        graph.Node("Add", "log_density", [graph.Node("Add", "changing", [quadratic, sum]), graph.Initializer("normalizer", [(float)Constant()], 1)]);
        graph.Output("log_density", 1);
        return graph.ToBytes();
    }

    /// <summary>z, [batch, D], and the logarithms that change with theta and x, summed, [batch].</summary>
    private (Tensor Result, Tensor Logs) Forward(Tensor theta, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(theta);
        var (learned, data) = (IsPositive ? theta.log() : theta, ofX.forward(x));
        var u = ofTheta.forward(learned);
        var logs = IsPositive ? -learned.sum(1) : zeros(u.shape[0], dtype: u.dtype);
        foreach (var layer in layers)
        {
            (u, var change) = layer.Forward(u, data);
            logs += change.sum(1);
        }

        return (u, logs);
    }

    /// <summary>-(D / 2) ln 2π - sum ln s.</summary>
    private double Constant()
    {
        using var scope = NewDisposeScope();
        return ofTheta.InverseScale.to(ScalarType.Float64).log().sum().item<double>() - (0.5 * Dimension * Math.Log(2 * Math.PI));
    }
}
