using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>A classifier of pairs: f(theta, x) is the logit of "x was drawn at theta" against "x was drawn at another theta"; the best f is ln p(theta | x) - ln p(theta).</summary>
/// <remarks>
/// So exp f(., x) times the prior is a posterior up to a factor that theta does not change, and f(theta, x) - f(theta, x') is the change of its log density, prior and normaliser aside.
/// Loss: the mean of ln(1 + e^-f) over pairs from the simulator plus the mean of ln(1 + e^f) over pairs in which theta is that of the batch's next row, both in nats: 2 ln 2 for a classifier that
/// knows nothing. Exported as inputs <c>theta</c> [batch, D] and <c>x</c> [batch, n] and output <c>log_ratio</c> [batch, 1]: the family <c>log-density</c> of specs.
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
    public RatioEstimator(Tensor theta, Tensor x, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
        : base(nameof(RatioEstimator))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        (Dimension, DataCount) = ((int)theta.shape[1], (int)x.shape[1]);
        (ofTheta, ofX) = (new Standardization(theta), new Standardization(x));
        classifier = new Perceptron([Dimension + DataCount, .. hiddenSizes, 1], function, random);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        register_module(nameof(classifier), classifier);
    }

    /// <inheritdoc/>
    public override string Family => "ratio";

    /// <inheritdoc/>
    public override string LossText => "mean of ln(1 + e^-f) over pairs and of ln(1 + e^f) over strangers, summed, nats";

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

    /// <summary>f(theta, x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n].</param>
    public Tensor LogRatio(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        return classifier.forward(cat([ofTheta.forward(theta), ofX.forward(x)], 1)).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        ArgumentNullException.ThrowIfNull(theta);
        using var scope = NewDisposeScope();
        var stranger = cat([theta.narrow(0, 1, theta.shape[0] - 1), theta.narrow(0, 0, 1)], 0);
        return (nn.functional.softplus(-LogRatio(theta, x)).mean() + nn.functional.softplus(LogRatio(stranger, x)).mean()).MoveToOuterDisposeScope();
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
}
