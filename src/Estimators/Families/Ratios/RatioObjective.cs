using static TorchSharp.torch;

namespace Estimators.Families.Ratios;

/// <summary>What makes f(theta, x) a log ratio: a loss over pairs from the simulator and pairs whose theta is that of another row ("strangers").</summary>
public abstract record RatioObjective
{
    /// <summary>The family's name, as <c>certify train --family</c> takes it.</summary>
    public abstract string Family { get; }

    /// <summary>What the loss is, for people.</summary>
    public abstract string LossText { get; }

    /// <summary>Thetas of other rows that every x is paired with, at least 1.</summary>
    public abstract int StrangerCount { get; }

    /// <summary>The mean loss of a batch, a scalar with gradients; the caller owns it.</summary>
    /// <param name="pairs">f at the pairs, [batch].</param>
    /// <param name="strangers">f at x of the same row and theta of another, [batch, <see cref="StrangerCount"/>].</param>
    public abstract Tensor Loss(Tensor pairs, Tensor strangers);

    /// <summary>ln(1 + e^-f) over pairs and ln(1 + e^f) over strangers, their means summed: minus the log-likelihood of a classifier.</summary>
    private protected static Tensor CrossEntropy(Tensor pairs, Tensor strangers) => nn.functional.softplus(-pairs).mean() + nn.functional.softplus(strangers).mean();
}
