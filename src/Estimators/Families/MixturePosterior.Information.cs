using static TorchSharp.torch;

namespace Estimators.Families;

/// <content>How much theta tells of x: the Fisher information of q(. | x) about x.</content>
public sealed partial class MixturePosterior
{
    /// <summary>tr F(x), F = E of (d ln q(theta | x) / dx)(...)ᵀ over theta ~ q(. | x), in standardized x, row by row, [batch]; for K &gt; 1 an upper bound. Has gradients; the caller owns it.</summary>
    /// <remarks>
    /// N(mu, L Lᵀ): sum over coordinates i of x of |L⁻¹ d_i mu|² + ½ |M + Mᵀ|_F², M = L⁻¹ d_i L. K components: the trace for component and theta together, sum_k pi_k (that of component k + |d ln pi_k|²), of which
    /// theta alone keeps a part: a surrogate. It does not change when theta is standardized. To second order tr F r² / 2 is the mean of KL(q(. | x), q(. | x + r s)) over signs s.
    /// </remarks>
    /// <param name="standard">Standardized data, [batch, n].</param>
    public Tensor FisherTrace(Tensor standard)
    {
        using var scope = NewDisposeScope();
        var (raw, jacobian) = body.WithJacobian(standard);
        var (batch, n, k, d) = (raw.shape[0], jacobian.shape[1], Components, Dimension);
        var at = Parts(raw);
        var slopes = Parts(jacobian.reshape(batch * n, -1));
        var root = Root(nn.functional.softplus(at.RawDiagonals), at.Lower);
        var inverse = linalg.solve_triangular(root, eye(d).expand(batch, k, d, d), upper: false).unsqueeze(1);
        var means = inverse.matmul(slopes.Means.reshape(batch, n, k, d, 1)).square().sum([3, 4]);
        var diagonals = at.RawDiagonals.sigmoid().unsqueeze(1) * slopes.RawDiagonals.reshape(batch, n, k, d);
        var roots = inverse.matmul(Root(diagonals.reshape(batch * n, k, d), slopes.Lower).reshape(batch, n, k, d, d));
        var each = means + ((roots + roots.transpose(3, 4)).square().sum([3, 4]) * 0.5);
        if (k > 1)
        {
            var logits = slopes.Logits.reshape(batch, n, k);
            var weights = nn.functional.softmax(at.Logits, 1).unsqueeze(1);
            each = weights * (each + (logits - (weights * logits).sum(2, keepdim: true)).square());
        }

        return each.sum([1, 2]).MoveToOuterDisposeScope();
    }

    /// <summary>Lower triangles [rows, K, D, D] from diagonals [rows, K, D] and what is below them.</summary>
    private Tensor Root(Tensor diagonals, Tensor lower)
    {
        var (rows, d) = (diagonals.shape[0], Dimension);
        var places = Enumerable.Range(0, d).SelectMany(row => Enumerable.Range(0, row).Select(column => (long)((row * d) + column))).ToArray();
        var whole = diag_embed(diagonals);
        return places.Length == 0
            ? whole
            : whole + lower.matmul(nn.functional.one_hot(tensor(places, dtype: ScalarType.Int64), d * d).to(lower.dtype)).reshape(rows, Components, d, d);
    }
}
