using Estimators.Families;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>x -&gt; q(. | x): affine maps with max(., 0) between them, read by a Gaussian head. float32, weights [out, in], batch axis first.</summary>
public sealed class PosteriorNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Perceptron body;

    /// <summary>Creates the network with weights uniform on ± sqrt(6 / in) (He) in the hidden layers, a tenth of that in the last, and zero biases.</summary>
    /// <param name="dataCount">Length of x.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers.</param>
    /// <param name="head">How the last layer is read.</param>
    /// <param name="random">Source of the weights.</param>
    public PosteriorNetwork(int dataCount, IReadOnlyList<int> hiddenSizes, FullGaussianHead head, Generator random)
        : base(nameof(PosteriorNetwork))
    {
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        ArgumentNullException.ThrowIfNull(head);
        body = new Perceptron([dataCount, .. hiddenSizes, head.InputCount], HiddenFunction.Relu, random);
        register_module(nameof(body), body);
        (DataCount, Head) = (dataCount, head);
    }

    /// <summary>Length of x.</summary>
    public int DataCount { get; }

    /// <summary>How the last layer is read.</summary>
    public FullGaussianHead Head { get; }

    /// <summary>Weights [out, in] and biases [out] of the affine maps, first to last; they belong to the network.</summary>
    public IReadOnlyList<(Parameter Weight, Parameter Bias)> Layers => body.Layers;

    /// <summary>The numbers that the head reads, [batch, <see cref="FullGaussianHead.InputCount"/>]; the caller owns them.</summary>
    /// <param name="input">x, [batch, <see cref="DataCount"/>].</param>
    public override Tensor forward(Tensor input) => body.forward(input);

    /// <summary>q(. | x) for each row of x; the caller owns the result.</summary>
    /// <param name="x">[batch, <see cref="DataCount"/>].</param>
    public FullGaussianParameters Posterior(Tensor x)
    {
        using var scope = NewDisposeScope();
        var q = Head.Read(forward(x));
        q.Mean.MoveToOuterDisposeScope();
        q.Diagonal.MoveToOuterDisposeScope();
        q.Lower.MoveToOuterDisposeScope();
        return q;
    }

    /// <summary>ln q(theta | x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, <see cref="DataCount"/>].</param>
    public Tensor LogProb(Tensor theta, Tensor x)
    {
        using var scope = NewDisposeScope();
        return Head.LogProb(forward(x), theta).MoveToOuterDisposeScope();
    }

    /// <summary>Rewrites the first layer so that the network of (x - mean) / scale becomes a network of x.</summary>
    internal void AbsorbStandardization(Tensor mean, Tensor scale)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var (weight, bias) = body.Layers[0];
        var scaled = weight / scale;
        bias.sub_(scaled.mv(mean));
        weight.copy_(scaled);
    }
}
