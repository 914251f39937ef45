using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families;

/// <summary>The encoder q(z | x) = N(mu(x), diag e^(v(x))) of a variational autoencoder, with the decoder that it is trained with: p(x | z) = N(x; m + S d(z), S² diag e^(2 r)), z standard normal, S = diag s.</summary>
/// <remarks>
/// m and s are means and standard deviations of the columns of x; mu, v and d are perceptrons of the standardized x and of z, r [n] is learned. Parameters are not looked at: z is a summary of x that its decoder needs.
/// Loss: minus the evidence lower bound, the mean of -ln p(x | z) + KL(q(. | x) | N(0, I)) with one z = mu + e^(v / 2) e drawn for each x, e standard normal, and KL = sum (e^v + mu² - 1 - v) / 2, in nats and in units of x:
/// the mean of -ln p(x) of the decoder is never more. Without hidden layers the best decoder is a factor analysis (probabilistic PCA where the noise is alike), whose posterior the encoder can reach exactly.
/// Exported is the encoder: <c>x</c> [batch, n] -> <c>mean</c>, <c>log_variance</c> [batch, K], the family <c>diagonal-gaussian</c> of specs with <c>log-variance</c>.
/// Source: D. Kingma, M. Welling, "Auto-Encoding Variational Bayes", ICLR 2014; M. Tipping, C. Bishop, "Probabilistic Principal Component Analysis", JRSS B, 1999 (both from memory).
/// </remarks>
public sealed class VaeEncoder : AmortizedNetwork
{
    private readonly Standardization ofX;
    private readonly Perceptron encoder;
    private readonly Perceptron decoder;
    private readonly Parameter noise;

    /// <summary>Creates both networks, standardized by simulations.</summary>
    /// <param name="x">[rows, n].</param>
    /// <param name="latent">K, the length of z, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of the encoder, and in turned order of the decoder; none for affine maps.</param>
    /// <param name="function">What stands between the layers.</param>
    /// <param name="random">Source of the weights.</param>
    public VaeEncoder(Tensor x, int latent, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random)
        : base(nameof(VaeEncoder))
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(latent);
        (Latent, DataCount) = (latent, (int)x.shape[1]);
        ofX = new Standardization(x);
        encoder = new Perceptron([DataCount, .. hiddenSizes, 2 * latent], function, random);
        decoder = new Perceptron([latent, .. hiddenSizes.Reverse(), DataCount], function, random, lastScale: 0.5);
        noise = new Parameter(zeros(DataCount, dtype: ScalarType.Float32));
        noise.DetachFromDisposeScope();
        register_module(nameof(ofX), ofX);
        register_module(nameof(encoder), encoder);
        register_module(nameof(decoder), decoder);
        register_parameter(nameof(noise), noise);
    }

    /// <inheritdoc/>
    public override string Family => "vae-encoder";

    /// <inheritdoc/>
    public override string LossText => "minus the evidence lower bound of x, nats";

    /// <inheritdoc/>
    public override Standardization DataUnits => ofX;

    /// <inheritdoc/>
    public override IEnumerable<Perceptron> Perceptrons => [encoder, decoder];

    /// <summary>K.</summary>
    public int Latent { get; }

    /// <summary>n.</summary>
    public int DataCount { get; }

    /// <inheritdoc/>
    public override string FamilyText => """{ "name": "diagonal-gaussian", "mean": "mean", "log-variance": "log_variance" }""";

    /// <summary>mu and v, [batch, K] each; the caller owns them.</summary>
    /// <param name="x">[batch, n].</param>
    public (Tensor Mean, Tensor LogVariance) Encode(Tensor x)
    {
        using var scope = NewDisposeScope();
        var raw = encoder.forward(ofX.forward(x));
        return (raw.narrow(1, 0, Latent).MoveToOuterDisposeScope(), raw.narrow(1, Latent, Latent).MoveToOuterDisposeScope());
    }

    /// <summary>Mean [batch, n] and standard deviation [n] of p(x | z); the caller owns them.</summary>
    /// <param name="z">[batch, K].</param>
    public (Tensor Mean, Tensor Deviation) Decode(Tensor z)
    {
        using var scope = NewDisposeScope();
        return (((decoder.forward(z) / ofX.InverseScale) + ofX.Mean).MoveToOuterDisposeScope(), (noise.exp() / ofX.InverseScale).MoveToOuterDisposeScope());
    }

    /// <summary>Minus the evidence lower bound; theta is not looked at.</summary>
    /// <inheritdoc/>
    public override Tensor Loss(Tensor theta, Tensor x, Generator random)
    {
        using var scope = NewDisposeScope();
        var (mean, logVariance) = Encode(x);
        var z = mean + ((logVariance * 0.5).exp() * randn(mean.shape, dtype: mean.dtype, generator: random));
        var residual = (ofX.forward(x) - decoder.forward(z)) * (-noise).exp();
        var surprise = ((residual.square() * 0.5) + noise - ofX.InverseScale.log()).sum(1) + (0.5 * DataCount * Math.Log(2 * Math.PI));
        var divergence = (logVariance.exp() + mean.square() - 1 - logVariance).sum(1) * 0.5;
        return (surprise + divergence).mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(string name)
    {
        using var scope = NewDisposeScope();
        var graph = new OnnxGraphBuilder(name);
        var hidden = encoder.WriteHidden(graph, ofX.Write(graph, graph.Input("x", DataCount), "standard_x"), "encoder");
        var (weight, bias) = encoder.Layers[^1];
        graph.Output(graph.Affine(hidden, "mean", weight.narrow(0, 0, Latent), bias.narrow(0, 0, Latent)), Latent);
        graph.Output(graph.Affine(hidden, "log_variance", weight.narrow(0, Latent, Latent), bias.narrow(0, Latent, Latent)), Latent);
        return graph.ToBytes();
    }
}
