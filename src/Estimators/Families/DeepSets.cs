using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>How the features of points become those of a sample.</summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their largest value, feature by feature.</summary>
    Max,
}

/// <summary>q(theta | x) = N(mu, diag(sigma²)) with (mu, r) = rho(pool_i phi(x_i)), sigma = softplus(r) = ln(1 + e^r), for a sample x of n points of d coordinates.</summary>
/// <remarks>
/// A pool of equal functions of the points does not know their order: the posterior does not change when they are permuted (as a real function; a program that sums in another order rounds otherwise).
/// phi ends in tanh: features lie in [-1, 1], so k of n points, moved as far as anything, move a mean of features by at most 2 k / n each.
/// Points are standardized all alike. Exported as input <c>x</c> [batch, n d], point by point, and outputs <c>mean</c> and <c>standard_deviation</c> [batch, D]: the family <c>diagonal-gaussian</c> of
/// specs, whose claims count corrupted points by <c>norm: l0, group: d</c>.
/// Source: M. Zaheer et al., "Deep Sets", NeurIPS 2017.
/// </remarks>
public sealed class DeepSets : AmortizedNetwork
{
    private readonly Standardization ofX;
    private readonly Perceptron points;
    private readonly Perceptron sample;

    /// <summary>Creates an estimator, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n d].</param>
    /// <param name="pointLength">d, the coordinates of a point; a divisor of the length of x, above 0.</param>
    /// <param name="features">Features of a point.</param>
    /// <param name="hidden">Width of the one hidden layer before and the one after the pool.</param>
    /// <param name="pooling">The pool.</param>
    /// <param name="random">Source of the weights.</param>
    /// <exception cref="ArgumentException">The data are no sample of points.</exception>
    public DeepSets(Tensor theta, Tensor x, int pointLength, int features, int hidden, Pooling pooling, Generator random)
        : base(nameof(DeepSets))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        (Dimension, DataCount, PointLength, Pooling) = ((int)theta.shape[1], (int)x.shape[1], pointLength, pooling);
        if (pointLength < 1 || DataCount % pointLength != 0)
        {
            throw new ArgumentException($"The family deep-sets needs exchangeable points; {DataCount} data are no sample of points of length {pointLength}.", nameof(pointLength));
        }

        ofX = new Standardization(x, pointLength);
        points = new Perceptron([pointLength, hidden, features], HiddenFunction.Tanh, random, lastScale: 1);
        sample = new Perceptron([features, hidden, 2 * Dimension], HiddenFunction.Tanh, random);
        register_module(nameof(ofX), ofX);
        register_module(nameof(points), points);
        register_module(nameof(sample), sample);
    }

    /// <inheritdoc/>
    public override string Family => "deep-sets";

    /// <inheritdoc/>
    public override string LossText => "mean of -ln q(theta | x), nats";

    /// <inheritdoc/>
    public override string FamilyText => """{ "name": "diagonal-gaussian", "mean": "mean", "standard-deviation": "standard_deviation" }""";

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => [points, sample];

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n d.</summary>
    public int DataCount { get; }

    /// <summary>d.</summary>
    public int PointLength { get; }

    /// <summary>The pool.</summary>
    public Pooling Pooling { get; }

    /// <summary>mu and sigma, [batch, D] each; the caller owns them.</summary>
    /// <param name="x">[batch, n d].</param>
    public (Tensor Mean, Tensor Deviation) Posterior(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var scope = NewDisposeScope();
        var each = points.forward(ofX.forward(x).reshape(x.shape[0], DataCount / PointLength, PointLength)).tanh();
        var pooled = Pooling switch
        {
            Pooling.Mean => each.mean([1]),
            Pooling.Sum => each.sum(1),
            _ => each.amax([1]),
        };
        var raw = sample.forward(pooled);
        return (raw.narrow(1, 0, Dimension).MoveToOuterDisposeScope(), nn.functional.softplus(raw.narrow(1, Dimension, Dimension)).MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        using var scope = NewDisposeScope();
        var (mean, deviation) = Posterior(x);
        var each = (((theta - mean) / deviation).square() * 0.5) + deviation.log();
        return (each.sum(1).mean() + (0.5 * Dimension * Math.Log(2 * Math.PI))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var x = graph.Input("x", DataCount);
        var rows = graph.Node("Reshape", "points", [ofX.Write(graph, x, "standard_x"), graph.Initializer("point_shape", [-1L, PointLength], 2)]);
        var features = graph.Node("Tanh", "features", [points.Write(graph, rows, "phi")]);
        var count = (int)points.Layers[^1].Bias.shape[0];
        var samples = graph.Node("Reshape", "samples", [features, graph.Initializer("sample_shape", [-1L, DataCount / PointLength, count], 3)]);
        var pooled = Pooling switch
        {
            Pooling.Mean => graph.Node("ReduceMean", "pooled", [samples], ("axes", new long[] { 1 }), ("keepdims", 0L)),
            Pooling.Sum => graph.Node("ReduceSum", "pooled", [samples, graph.Axes("pooled_axes", 1)], ("keepdims", 0L)),
            _ => graph.Node("ReduceMax", "pooled", [samples], ("axes", new long[] { 1 }), ("keepdims", 0L)),
        };
        graph.Node("Split", ["mean_raw", "deviation_raw"], [sample.Write(graph, pooled, "rho"), graph.Axes("head_parts", Dimension, Dimension)], ("axis", 1));
        graph.Output(graph.Node("Identity", "mean", ["mean_raw"]), Dimension);
        graph.Output(graph.Node("Softplus", "standard_deviation", ["deviation_raw"]), Dimension);
        return graph.ToBytes();
    }
}
