using static TorchSharp.torch;

namespace Estimators.Families;

/// <summary>
/// q(theta) = N(theta; mu, L Lᵀ), read from D + D + D (D - 1) / 2 numbers: mu, raw diagonal r, and the strict lower triangle of L row by row
/// (L_10, L_20, L_21, L_30, ...); L_ii = softplus(r_i) = ln(1 + e^r_i), so L is the Cholesky factor of the covariance.
/// </summary>
/// <remarks>
/// ln q(theta) = -|z|² / 2 - sum_i ln L_ii - (D / 2) ln 2π with L z = theta - mu, z by forward substitution.
/// Output names in exported models: <c>mean</c>, <c>cholesky_diagonal</c> (after the softplus), <c>cholesky_lower</c> (absent for D = 1).
/// </remarks>
public sealed class FullGaussianHead
{
    /// <summary>Creates the head.</summary>
    /// <param name="dimension">D &gt;= 1, the number of parameters.</param>
    public FullGaussianHead(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        Dimension = dimension;
    }

    /// <summary>D, the number of parameters.</summary>
    public int Dimension { get; }

    /// <summary>Entries of the strict lower triangle, D (D - 1) / 2.</summary>
    public int LowerCount => Dimension * (Dimension - 1) / 2;

    /// <summary>Numbers that describe one distribution, 2 D + D (D - 1) / 2.</summary>
    public int InputCount => (2 * Dimension) + LowerCount;

    /// <summary>Reads the numbers of a network as parameters. The caller owns the result.</summary>
    /// <param name="raw">[batch, <see cref="InputCount"/>].</param>
    public FullGaussianParameters Read(Tensor raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        using var scope = NewDisposeScope();
        var parts = raw.split([Dimension, Dimension, LowerCount], 1);
        return new FullGaussianParameters(parts[0].MoveToOuterDisposeScope(), nn.functional.softplus(parts[1]).MoveToOuterDisposeScope(), parts[2].MoveToOuterDisposeScope());
    }

    /// <summary>ln q(theta), row by row, shape [batch]; differentiable in <paramref name="raw"/>. The caller owns the result.</summary>
    /// <param name="raw">[batch, <see cref="InputCount"/>].</param>
    /// <param name="theta">[batch, <see cref="Dimension"/>].</param>
    public Tensor LogProb(Tensor raw, Tensor theta)
    {
        ArgumentNullException.ThrowIfNull(theta);
        using var scope = NewDisposeScope();
        var q = Read(raw);

        // One split in place of a slice for each i: the gradients of slices are whole tensors, added one by one.
        var (residual, diagonal) = ((theta - q.Mean).split(1, 1), q.Diagonal.split(1, 1));
        var lower = Dimension > 1 ? q.Lower.split([.. Enumerable.Range(1, Dimension - 1).Select(row => (long)row)], 1) : [];
        var z = residual[0] / diagonal[0];
        for (var i = 1; i < Dimension; i++)
        {
            z = cat([z, (residual[i] - (lower[i - 1] * z).sum(1, keepdim: true)) / diagonal[i]], 1);
        }

        var normalizer = 0.5 * Dimension * Math.Log(2 * Math.PI);
        return ((z.square().sum(1) * -0.5) - q.Diagonal.log().sum(1) - normalizer).MoveToOuterDisposeScope();
    }
}

/// <summary>A batch of Gaussians N(mu, L Lᵀ).</summary>
/// <param name="Mean">mu, [batch, D].</param>
/// <param name="Diagonal">L_ii &gt; 0, [batch, D].</param>
/// <param name="Lower">L_ij for i &gt; j, row by row, [batch, D (D - 1) / 2].</param>
public sealed record FullGaussianParameters(Tensor Mean, Tensor Diagonal, Tensor Lower) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Diagonal.Dispose();
        Lower.Dispose();
    }
}
