using Estimators.Families;
using static TorchSharp.torch;

namespace Estimators.Training.Methods;

/// <summary>Adds strength times the mean square of a_(i) - (i - ½) / B, a_(1) &lt;= ... &lt;= a_(B) the levels of the highest-density regions that have the batch's theta on their edge: how far coverage is from what it says. Bounds nothing.</summary>
/// <remarks>
/// Levels in closed form for one Gaussian, by 16 draws or more for mixtures (<see cref="MixturePosterior.Levels"/>). Of levels that are uniform, as those of the right posterior, the mean square is 1 / (6 B). Source: M. Falkiewicz,
/// N. Takeishi, I. Shekhzadeh, A. Wehenkel, A. Delaunoy, G. Louppe, A. Kalousis, "Calibrating Neural Simulation-Based Inference with Differentiable Coverage Probability", NeurIPS 2023 (from memory).
/// </remarks>
public sealed class CoverageError : MixtureMethod
{
    private const int Draws = 16;

    /// <inheritdoc/>
    public override string Name => "coverage";

    /// <inheritdoc/>
    public override TrainingMethod With(double strength) => new CoverageError { Radius = Radius, Strength = strength };

    /// <inheritdoc/>
    protected override Tensor Loss(MixturePosterior network, Tensor theta, Tensor standard, double warmth, Generator random)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        var raw = network.Raw(standard);
        var loss = Surprise(network, raw, theta);
        if (warmth > 0)
        {
            loss += Of(network.Levels(raw, theta, Math.Max(1, Draws / network.Components), random)) * (Strength * warmth);
        }

        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>Mean square of a_(i) - (i - ½) / B, a scalar with gradients; the caller owns it.</summary>
    /// <param name="levels">[B], in any order.</param>
    public static Tensor Of(Tensor levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        using var scope = NewDisposeScope();
        var count = levels.shape[0];
        return (levels.sort().Values - ((arange(count) + 0.5) / count)).square().mean().MoveToOuterDisposeScope();
    }
}
