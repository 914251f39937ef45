using static TorchSharp.torch;

namespace Estimators.Distributions;

/// <summary>A probability density over vectors: priors and proposals.</summary>
/// <remarks>Immutable. A batch of draws has shape [n, <see cref="Length"/>]; log-densities drop the last axis. The caller owns what it receives.</remarks>
public abstract class Distribution
{
    /// <summary>Number of coordinates of one draw.</summary>
    public abstract int Length { get; }

    /// <summary>ln p(x) (natural logarithm), shape [n], for x of shape [n, <see cref="Length"/>].</summary>
    public abstract Tensor LogProb(Tensor x);

    /// <summary><paramref name="count"/> independent draws, float32, shape [count, <see cref="Length"/>].</summary>
    public abstract Tensor Sample(long count, Generator random);
}
