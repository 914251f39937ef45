using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>q(theta | x) = sum_k pi_k N(theta; m + s mu_k, (S L_k)(S L_k)ᵀ): a perceptron of the standardized x gives logits, mu_k and L_k; m, s are means and standard deviations of simulated theta, S = diag s.</summary>
/// <remarks>
/// The perceptron's numbers: logits [K], mu [K, D], raw diagonals [K, D] (softplus makes them L_ii) and strict lower triangles [K, D (D - 1) / 2], as <see cref="FullGaussianHead"/> reads them.
/// Exported as <c>x</c> [batch, n] -> <c>logits</c> [batch, K], <c>means</c> [batch, K D], <c>cholesky_diagonal</c> [batch, K D], <c>cholesky_lower</c> [batch, K D (D - 1) / 2] (absent for D = 1), in units of x and theta:
/// the family <c>gaussian-mixture</c> of specs. For K = 1 there are no logits and the means are named <c>mean</c>: the family <c>gaussian</c>. Covariance roots, and no precision roots, because bounds of W2 are
/// made of differences of covariance roots, which are then linear in the outputs.
/// Source: C. Bishop, "Mixture Density Networks", technical report, Aston University, 1994 (from memory).
/// </remarks>
public sealed partial class MixturePosterior : AmortizedNetwork, ITransportBounds
{
    private readonly Standardization ofTheta;
    private readonly Standardization ofX;
    private readonly Perceptron body;
    private readonly FullGaussianHead head;

    /// <summary>Creates an untrained network, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="components">K, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers.</param>
    /// <param name="function">What stands between the layers.</param>
    /// <param name="random">Source of the weights.</param>
    public MixturePosterior(Tensor theta, Tensor x, int components, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
        : base(nameof(MixturePosterior))
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        (Components, Dimension, DataCount) = (components, (int)theta.shape[1], (int)x.shape[1]);
        head = new FullGaussianHead(Dimension);
        (ofTheta, ofX) = (new Standardization(theta), new Standardization(x));
        body = new Perceptron([DataCount, .. hiddenSizes, components * (1 + head.InputCount)], function, random);
        register_module(nameof(ofTheta), ofTheta);
        register_module(nameof(ofX), ofX);
        register_module(nameof(body), body);
        if (components > 1)
        {
            // Components that start at one place would learn the same.
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            body.Layers[^1].Bias.narrow(0, components, components * Dimension).copy_(randn([components * Dimension], generator: random) * 0.7);
        }
    }

    /// <inheritdoc/>
    public override string Family => Components == 1 ? "gaussian" : "mixture";

    /// <inheritdoc/>
    public override string LossText => "mean of -ln q(theta | x), nats";

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => [body];

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override string FamilyText =>
        (Components == 1 ? """{ "name": "gaussian", "mean": "mean", """ : """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", """)
        + (Dimension == 1 ? """ "standard-deviation": "cholesky_diagonal" }""" : """ "cholesky": { "diagonal": "cholesky_diagonal", "lower": "cholesky_lower" } }""");

    /// <summary>Standard deviations of the columns of theta, [D].</summary>
    public double[] ParameterDeviations()
    {
        using var scope = NewDisposeScope();
        return [.. OnnxLayers.Numbers(ofTheta.InverseScale).ToArray().Select(inverse => 1 / (double)inverse)];
    }

    /// <summary>The perceptron's numbers at standardized data, [batch, K (1 + 2 D + D (D - 1) / 2)]; the caller owns them.</summary>
    public Tensor Raw(Tensor standard) => body.forward(standard);

    /// <summary>ln q(theta | x), row by row, [batch], from the perceptron's numbers; the caller owns it.</summary>
    public Tensor LogProb(Tensor raw, Tensor theta)
    {
        using var scope = NewDisposeScope();
        var whole = Components == 1 ? head.LogProb(raw.narrow(1, 1, head.InputCount), ofTheta.forward(theta)) : Mixed(raw, ofTheta.forward(theta));
        return (whole + ofTheta.InverseScale.log().sum()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        using var scope = NewDisposeScope();
        return (-LogProb(Raw(Standardize(x)), theta).mean()).MoveToOuterDisposeScope();
    }

    /// <summary>Upper bounds of W2²(q(. | x), q(. | x')) for all x' of boxes, row by row, [batch], in units of theta squared; differentiable, in float32: a signal for training and no proof. The caller owns them.</summary>
    /// <remarks>
    /// The components' roots are coupled by the same normal numbers: D_k² = |mu_k - mu'_k|² + |L_k - L'_k|_F² in units of theta. Of its weight pi_k a component loses at most pi_k - inf pi'_k, and what leaves k for l costs at most
    /// (c_kl + D_l)², c_kl the bound between components of q(. | x): W2² &lt;= sum_k pi_k D_k² + sum_k (pi_k - inf pi'_k) max_l (c_kl + D_l)². The kernel's bound moves weights along a tree and is smaller.
    /// </remarks>
    /// <param name="raw">The perceptron's numbers at x.</param>
    /// <param name="centre">Centres of boxes of standardized data, [batch, n].</param>
    /// <param name="radius">Half their sides.</param>
    /// <param name="backward">Share of <see cref="Perceptron.BackwardBound"/> in the bounds of the perceptron's numbers, in [0, 1]; the rest is of <see cref="Perceptron.Bound"/>.</param>
    public Tensor TransportBound(Tensor raw, Tensor centre, double radius, double backward = 0)
    {
        using var scope = NewDisposeScope();
        var (lower, upper) = body.Bound(centre, full_like(centre, radius));
        if (backward > 0)
        {
            var (low, high) = body.BackwardBound(centre, full_like(centre, radius));
            (lower, upper) = (lower.lerp(low, backward), upper.lerp(high, backward));
        }

        return Transport(raw, lower, upper).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    Tensor ITransportBounds.TransportBound(Tensor raw, Tensor centre, double radius) => TransportBound(raw, centre, radius);

    /// <summary>The same bound for one x' a row.</summary>
    /// <param name="raw">The perceptron's numbers at x.</param>
    /// <param name="other">The perceptron's numbers at x'.</param>
    public Tensor TransportBetween(Tensor raw, Tensor other)
    {
        using var scope = NewDisposeScope();
        return Transport(raw, other, other).MoveToOuterDisposeScope();
    }

    /// <summary>The length that W2 is measured by in losses: |s|.</summary>
    public double ParameterScale()
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(ofTheta.InverseScale.to(ScalarType.Float64).reciprocal().square().sum().item<double>());
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var graph = new OnnxGraphBuilder(name);
        var hidden = body.WriteHidden(graph, ofX.Write(graph, graph.Input("x", DataCount), "standard_x"), "body");
        var (weight, bias) = body.Maps()[^1];
        var (k, d) = (Components, Dimension);
        var scale = ofTheta.InverseScale.reciprocal();
        if (k > 1)
        {
            graph.Output(graph.Affine(hidden, "logits", weight.narrow(0, 0, k), bias.narrow(0, 0, k)), k);
        }

        var scales = scale.repeat(k);
        var means = k > 1 ? "means" : "mean";
        graph.Output(graph.Affine(hidden, means, weight.narrow(0, k, k * d) * scales.unsqueeze(1), (bias.narrow(0, k, k * d) * scales) + ofTheta.Mean.repeat(k)), k * d);
        var diagonal = graph.Node("Softplus", "standard_diagonal", [graph.Affine(hidden, "raw_diagonal", weight.narrow(0, k + (k * d), k * d), bias.narrow(0, k + (k * d), k * d))]);
        graph.Output(graph.Node("Mul", "cholesky_diagonal", [diagonal, graph.Initializer("scales", OnnxLayers.Numbers(scales), k * d)]), k * d);
        if (d > 1)
        {
            var (start, count) = (k + (2 * k * d), k * head.LowerCount);
            var rows = scale.index_select(0, LowerRows()).repeat(k);
            graph.Output(graph.Affine(hidden, "cholesky_lower", weight.narrow(0, start, count) * rows.unsqueeze(1), bias.narrow(0, start, count) * rows), count);
        }

        return graph.ToBytes();
    }

    /// <summary>ln sum_k pi_k N(u; mu_k, L_k L_kᵀ).</summary>
    private Tensor Mixed(Tensor raw, Tensor u)
    {
        var (k, parts) = (Components, Parts(raw));
        var each = cat([parts.Means, parts.RawDiagonals, parts.Lower], 2).reshape(raw.shape[0] * k, head.InputCount);
        var logs = head.LogProb(each, u.repeat_interleave(k, dim: 0)).reshape(raw.shape[0], k);
        return (logs + nn.functional.log_softmax(parts.Logits, 1)).logsumexp(1);
    }

    private Tensor Transport(Tensor raw, Tensor lower, Tensor upper)
    {
        var (scale, at, low, high) = (ofTheta.InverseScale.reciprocal(), Parts(raw), Parts(lower), Parts(upper));
        Tensor Features((Tensor Logits, Tensor Means, Tensor RawDiagonals, Tensor Lower) parts) =>
            cat([parts.Means * scale, nn.functional.softplus(parts.RawDiagonals) * scale, parts.Lower * scale.index_select(0, LowerRows())], 2);
        var features = Features(at);
        var change = maximum(Features(high) - features, features - Features(low)).square().sum(2);
        if (Components == 1)
        {
            return change.squeeze(1);
        }

        var weights = nn.functional.softmax(at.Logits, 1);
        var odds = (high.Logits.unsqueeze(1) - low.Logits.unsqueeze(2)).exp() * (1 - eye(Components));
        var lost = nn.functional.relu(weights - (1 + odds.sum(2)).reciprocal());
        var apart = Root((features.unsqueeze(2) - features.unsqueeze(1)).square().sum(3)) + Root(change).unsqueeze(1);
        return (weights * change).sum(1) + (lost * apart.square().amax([2])).sum(1);
    }

    /// <summary>The square root, with a slope also at 0.</summary>
    private static Tensor Root(Tensor square) => (square + 1e-12).sqrt();

    /// <summary>Row of each entry of the strict lower triangle.</summary>
    private Tensor LowerRows() => tensor(Enumerable.Range(1, Dimension - 1).SelectMany(row => Enumerable.Repeat((long)row, row)).ToArray(), dtype: ScalarType.Int64);

    private (Tensor Logits, Tensor Means, Tensor RawDiagonals, Tensor Lower) Parts(Tensor raw)
    {
        var (k, d, lower) = (Components, Dimension, head.LowerCount);
        var parts = raw.split([k, k * d, k * d, k * lower], 1);
        return (parts[0], parts[1].reshape(-1, k, d), parts[2].reshape(-1, k, d), parts[3].reshape([raw.shape[0], k, lower]));
    }
}
