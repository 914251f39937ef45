using static TorchSharp.torch;

namespace Estimators.Families;

/// <content>How often regions of highest density hold theta.</content>
public sealed partial class MixturePosterior
{
    /// <summary>Mass of q(. | x) where its density is above that at theta, row by row, [batch], in [0, 1]: the level of the highest-density region with theta on its edge. Uniform on [0, 1] where q is the posterior. The caller owns it.</summary>
    /// <remarks>
    /// K = 1: P(chi²_D &lt;= |L⁻¹ (theta - mu)|²). K &gt; 1: sum_k pi_k times the share of draws of component k whose density is above that at theta; the gradient is that of sigmoid(difference of ln q) in place of the step, and
    /// passes through the draws, mu_k + L_k normal numbers.
    /// </remarks>
    /// <param name="raw">The perceptron's numbers at x.</param>
    /// <param name="theta">[batch, D].</param>
    /// <param name="draws">Draws of each component; not used for K = 1.</param>
    /// <param name="random">Source of the draws.</param>
    public Tensor Levels(Tensor raw, Tensor theta, int draws, Generator random)
    {
        using var scope = NewDisposeScope();
        var (batch, k, d, at) = (raw.shape[0], Components, Dimension, Parts(raw));
        var scales = nn.functional.softplus(at.RawDiagonals);
        var here = LogProb(raw, theta);
        if (k == 1)
        {
            var peak = ofTheta.InverseScale.log().sum() - scales.log().sum([1, 2]) - (0.5 * d * Math.Log(2 * Math.PI));
            return special.gammainc(full_like(here, 0.5 * d), (peak - here).clamp_min(1e-6)).MoveToOuterDisposeScope();
        }

        var normal = randn([batch, k, d, draws], generator: random);
        var drawn = (at.Means.unsqueeze(3) + Root(scales, at.Lower).matmul(normal)).transpose(2, 3).reshape(-1, d);
        var there = LogProb(raw.repeat_interleave(k * draws, dim: 0), (drawn / ofTheta.InverseScale) + ofTheta.Mean).reshape(batch, k, draws);
        var excess = there - here.reshape(batch, 1, 1);
        var soft = excess.sigmoid();
        var above = (excess > 0).to(excess.dtype) + soft - soft.detach();
        return (nn.functional.softmax(at.Logits, 1) * above.mean([2])).sum(1).MoveToOuterDisposeScope();
    }
}
