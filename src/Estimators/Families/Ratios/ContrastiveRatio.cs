using static TorchSharp.torch;

namespace Estimators.Families.Ratios;

/// <summary>The mean of -ln (e^f(theta_1, x) / sum_k e^f(theta_k, x)) over rows, theta_1 the one that x was drawn at and theta_2, ..., theta_K those of other rows, nats: ln K for a network that knows nothing.</summary>
/// <remarks>
/// Smallest at f = ln p(theta | x) - ln p(theta) + c(x) with any function c: the ratio is known up to a factor that depends on x only. Within one x nothing is lost (the posterior is normalized anyway), but
/// f(theta, x') - f(theta, x) contains c(x') - c(x), so that a bound of the change of log density is a bound up to that; the binary losses have no such freedom.
/// Source: C. Durkan, I. Murray, G. Papamakarios, "On Contrastive Learning for Likelihood-free Inference", ICML 2020 ("NRE-B"; from memory).
/// </remarks>
public sealed record ContrastiveRatio : RatioObjective
{
    /// <param name="candidates">K, at least 2, below the batch's rows.</param>
    public ContrastiveRatio(int candidates = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 2);
        Candidates = candidates;
    }

    /// <summary>K.</summary>
    public int Candidates { get; }

    /// <inheritdoc/>
    public override string Family => "contrastive-ratio";

    /// <inheritdoc/>
    public override string LossText => $"mean of -ln softmax of f at the right one of {Candidates} theta, nats";

    /// <inheritdoc/>
    public override int StrangerCount => Candidates - 1;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor pairs, Tensor strangers)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var scope = NewDisposeScope();
        return (cat([pairs.unsqueeze(1), strangers], 1).logsumexp(1) - pairs).mean().MoveToOuterDisposeScope();
    }
}
