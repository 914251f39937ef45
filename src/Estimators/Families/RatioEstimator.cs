using Estimators.Families.Ratios;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>A network f(theta, x) of pairs that learns to tell "x was drawn at theta" from "x was drawn at another theta"; the best f is ln p(theta | x) - ln p(theta).</summary>
/// <remarks>
/// So exp f(., x) times the prior is a posterior up to a factor that theta does not change, and f(theta, x) - f(theta, x') is the change of its log density, prior and normaliser aside.
/// The loss is a <see cref="RatioObjective"/>: of <see cref="BinaryRatio"/> (the usual one) and <see cref="BalancedRatio"/> this f is the only best one, of <see cref="ContrastiveRatio"/> it is up to a function of x.
/// Strangers are the thetas of the batch's next rows. Exported as inputs <c>theta</c> [batch, D] and <c>x</c> [batch, n] and output <c>log_ratio</c> [batch, 1]: the family <c>log-density</c> of specs.
/// Source: J. Hermans, V. Begy, G. Louppe, "Likelihood-free MCMC with Amortized Approximate Ratio Estimators", ICML 2020.
/// </remarks>
public sealed class RatioEstimator : AmortizedNetwork
{
    private readonly Standardization ofTheta;
    private readonly Standardization ofX;
    private readonly Perceptron classifier;

    /// <summary>Creates a classifier, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="hiddenSizes">Widths of the hidden layers.</param>
    /// <param name="function">What stands between the layers.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="objective">The loss; <see cref="BinaryRatio"/> when null.</param>
    public RatioEstimator(Tensor theta, Tensor x, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random, RatioObjective? objective = null)
        : base(nameof(RatioEstimator))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        (Dimension, DataCount, Objective) = ((int)theta.shape[1], (int)x.shape[1], objective ?? new BinaryRatio());
        (ofTheta, ofX) = (new Standardization(theta), new Standardization(x));
        classifier = new Perceptron([Dimension + DataCount, .. hiddenSizes, 1], function, random);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        register_module(nameof(classifier), classifier);
    }

    /// <inheritdoc/>
    public override string Family => Objective.Family;

    /// <inheritdoc/>
    public override string LossText => Objective.LossText;

    /// <inheritdoc/>
    public override string FamilyText => """{ "name": "log-density", "parameters": "theta", "output": "log_ratio" }""";

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => [classifier];

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <summary>The loss.</summary>
    public RatioObjective Objective { get; }

    /// <summary>f(theta, x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor LogRatio(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        return Classify(ofTheta.forward(theta), ofX.forward(x)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        var (rows, others) = (theta.shape[0], Objective.StrangerCount);
        if (rows <= others)
        {
            throw new ArgumentException($"A batch of {rows} rows; the family {Family} pairs every x with the theta of {others} other rows.", nameof(theta));
        }

        using var scope = NewDisposeScope();
        var (ours, data) = (ofTheta.forward(theta), ofX.forward(x));
        var strangers = Enumerable.Range(1, others).Select(shift => Classify(ours.roll(-shift, 0), data)).ToArray();
        return Objective.Loss(Classify(ours, data), stack(strangers, 1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var (theta, x) = (graph.Input("theta", Dimension), graph.Input("x", DataCount));
        var pair = graph.Node("Concat", "pair", [ofTheta.Write(graph, theta, "standard_theta"), ofX.Write(graph, x, "standard_x")], ("axis", 1));
        graph.Node("Identity", "log_ratio", [classifier.Write(graph, pair, "classifier")]);
        graph.Output("log_ratio", 1);
        return graph.ToBytes();
    }

    private Tensor Classify(Tensor standardTheta, Tensor standardX) => classifier.forward(cat([standardTheta, standardX], 1)).squeeze(1);
}
