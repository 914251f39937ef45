using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>A network that is trained on pairs (theta, x) to stand for a posterior, and can be exported. How it stands for one is its own affair.</summary>
public abstract class AmortizedNetwork(string name) : nn.Module(name)
{
    /// <summary>The family's name, as <c>certify train --family</c> takes it.</summary>
    public abstract string Family { get; }

    /// <summary>What the loss is, for people: "mean of -ln q(theta | x), nats".</summary>
    public abstract string LossText { get; }

    /// <summary>The matrices whose entries decay in training.</summary>
    public abstract IEnumerable<Perceptron> Perceptrons { get; }

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="theta">[batch, D].</param>
    /// <param name="x">[batch, n], row by row from the simulator at theta.</param>
    /// <param name="random">Source of whatever the loss draws.</param>
    public abstract Tensor Loss(Tensor theta, Tensor x, Generator random);

    /// <summary>The model file: opset 17, batch axis first and free. The same network gives the same bytes.</summary>
    /// <param name="name">Name of the graph, shown by viewers.</param>
    public abstract byte[] ToOnnx(string name);
}
