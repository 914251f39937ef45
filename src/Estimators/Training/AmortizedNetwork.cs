using Estimators.Export;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>A network that is trained on pairs (theta, x) to stand for a posterior, and can be exported. How it stands for one is its own affair.</summary>
public abstract class AmortizedNetwork(string name) : nn.Module(name)
{
    /// <summary>The family's name, as <c>certify train --family</c> takes it.</summary>
    public abstract string Family { get; }

    /// <summary>What the loss is, for people: "mean of -ln q(theta | x), nats".</summary>
    public abstract string LossText { get; }

    /// <summary>The family as a spec names it: JSON, which is YAML too.</summary>
    public abstract string FamilyText { get; }

    /// <summary>The perceptrons of which the network is made.</summary>
    public abstract IEnumerable<Perceptron> Perceptrons { get; }

    /// <summary>How x is standardized; it belongs to the network.</summary>
    public abstract Standardization DataUnits { get; }

    /// <summary>Standard deviations of the columns of x, [n].</summary>
    public double[] DataScale()
    {
        using var scope = NewDisposeScope();
        return [.. OnnxLayers.Numbers(DataUnits.InverseScale).ToArray().Select(inverse => 1 / (double)inverse)];
    }

    /// <summary>x in units of its columns' standard deviations, [batch, n]; the caller owns it.</summary>
    public Tensor Standardize(Tensor x) => DataUnits.forward(x);

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n], row by row from the simulator at theta.</param>
    /// <param name="random">Source of whatever the loss draws.</param>
    public abstract Tensor Loss(Tensor theta, Tensor x, Generator random);

    /// <summary>The model file: opset 17, batch axis first and free. The same network gives the same bytes.</summary>
    /// <param name="name">Name of the graph, shown by viewers.</param>
    public abstract byte[] ToOnnx(string name);
}
