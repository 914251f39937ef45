using static TorchSharp.torch;

namespace Estimators.Families.Ratios;

/// <summary>The mean of ln(1 + e^-f) over pairs plus the mean of ln(1 + e^f) over strangers, nats: 2 ln 2 for a classifier that knows nothing.</summary>
/// <remarks>
/// Smallest at f = ln p(theta | x) - ln p(theta).
/// Source: J. Hermans, V. Begy, G. Louppe, "Likelihood-free MCMC with Amortized Approximate Ratio Estimators", ICML 2020.
/// </remarks>
public sealed record BinaryRatio : RatioObjective
{
    /// <inheritdoc/>
    public override string Family => "ratio";

    /// <inheritdoc/>
    public override string LossText => "mean of ln(1 + e^-f) over pairs and of ln(1 + e^f) over strangers, summed, nats";

    /// <inheritdoc/>
    public override int StrangerCount => 1;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor pairs, Tensor strangers)
    {
        using var scope = NewDisposeScope();
        return CrossEntropy(pairs, strangers).MoveToOuterDisposeScope();
    }
}
