using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>How the weights of a <see cref="Perceptron"/> follow from free parameters, so that whatever these are |N(x) - N(x')|₂ &lt;= gamma |x - x'|₂.</summary>
/// <remarks>Computed in float64 and rounded to float32, with a share of gamma kept for that rounding: the bound is of the exported weights, read as real numbers. The kernel takes nothing of this on trust.</remarks>
public abstract class LipschitzLaw
{
    /// <summary>What is kept for the rounding of weights to float32: of |W|_F by at most 6e-8.</summary>
    protected const double Kept = 1 - 1e-5;

    private protected LipschitzLaw(double bound)
    {
        if (!(bound > 0) || !double.IsFinite(bound))
        {
            throw new ArgumentOutOfRangeException(nameof(bound), bound, "A Lipschitz bound must be positive and finite.");
        }

        Bound = bound;
    }

    /// <summary>gamma.</summary>
    public double Bound { get; }

    /// <summary>What stands between the layers.</summary>
    public abstract HiddenFunction Function { get; }

    /// <summary>First values of what is trained beside the matrices.</summary>
    /// <param name="widths">Lengths of the layers' outputs.</param>
    /// <param name="random">Source of the values.</param>
    internal abstract IEnumerable<(string Name, Tensor Value)> Others(int[] widths, Generator random);

    /// <summary>The weights, first layer to last, [out, in], in the current dispose scope.</summary>
    /// <param name="matrices">Free matrices of the same shapes.</param>
    /// <param name="others">What <see cref="Others"/> named.</param>
    internal abstract IReadOnlyList<Tensor> Weights(IReadOnlyList<Tensor> matrices, IReadOnlyList<Tensor> others);

    /// <summary>A matrix Q [m, n], m &gt;= n, with QᵀQ = I from a free one of that shape, its Cayley transform: for [X; Y] with X [n, n] and Z = X - Xᵀ + YᵀY, Q = [(I + Z)⁻¹(I - Z); -2 Y (I + Z)⁻¹]. float64.</summary>
    /// <remarks>I + Z is invertible: the symmetric part of Z is YᵀY. Source: A. Trockman, J. Z. Kolter, "Orthogonalizing Convolutional Layers with the Cayley Transform", ICLR 2021 (from memory).</remarks>
    public static Tensor Cayley(Tensor free)
    {
        ArgumentNullException.ThrowIfNull(free);
        using var scope = NewDisposeScope();
        var n = free.shape[1];
        var wide = free.to(ScalarType.Float64);
        var (x, y) = (wide.narrow(0, 0, n), wide.narrow(0, n, free.shape[0] - n));
        var (unit, z) = (eye(n, dtype: ScalarType.Float64), x - x.t() + y.t().matmul(y));
        var inverse = linalg.inv(unit + z);
        return cat([inverse.matmul(unit - z), y.matmul(inverse) * -2], 0).MoveToOuterDisposeScope();
    }
}

/// <summary>Hidden weights whose singular values are all 1 (<see cref="LipschitzLaw.Cayley"/>, of the transpose where there are fewer rows than columns) with GroupSort between; the last W gamma / max(gamma, |W|₂).</summary>
/// <remarks>
/// GroupSort and the hidden layers keep gradients' lengths; the last layer may shrink, because numbers that need not depend on x exist (a constant scale). Sources: C. Anil, J. Lucas, R. Grosse, "Sorting out Lipschitz
/// Function Approximation", ICML 2019; A. Trockman, J. Z. Kolter, "Orthogonalizing Convolutional Layers with the Cayley Transform", ICLR 2021 (both from memory).
/// </remarks>
/// <param name="bound">gamma.</param>
public sealed class OrthogonalLaw(double bound) : LipschitzLaw(bound)
{
    /// <inheritdoc/>
    public override HiddenFunction Function => HiddenFunction.GroupSort;

    internal override IEnumerable<(string Name, Tensor Value)> Others(int[] widths, Generator random) => [];

    internal override IReadOnlyList<Tensor> Weights(IReadOnlyList<Tensor> matrices, IReadOnlyList<Tensor> others)
    {
        var last = matrices[^1].to(ScalarType.Float64);
        var shorter = Bound * Kept / linalg.matrix_norm(last, 2).clamp_min(Bound);
        return [.. matrices.SkipLast(1).Select(free => (Hidden(free) * Kept).to(ScalarType.Float32)), (last * shorter).to(ScalarType.Float32)];
    }

    private static Tensor Hidden(Tensor free) => free.shape[0] >= free.shape[1] ? Cayley(free) : Cayley(free.t()).t();
}

/// <summary>Sandwich layers h -&gt; √2 AᵀΨ f(√2 Ψ⁻¹ B h + b), A Aᵀ + B Bᵀ = I, Ψ = diag e^d, and a last map B h + b, each of Lipschitz constant 1, multiplied out: W_1 = √(2 gamma) Ψ_1⁻¹ B_1, W_k = 2 Ψ_k⁻¹ B_k A_(k-1)ᵀ Ψ_(k-1), W_L = √(2 gamma) B_L A_(L-1)ᵀ Ψ_(L-1).</summary>
/// <remarks>
/// [A B]ᵀ is the Cayley transform of a free matrix. f has slopes in [0, 1]. A single weight may have a norm above gamma; all together meet the matrix inequality of LipSDP with multipliers Ψ². Source: R. Wang,
/// I. Manchester, "Direct Parameterization of Lipschitz-Bounded Deep Networks", ICML 2023 (from memory).
/// </remarks>
/// <param name="bound">gamma.</param>
public sealed class SandwichLaw(double bound) : LipschitzLaw(bound)
{
    /// <inheritdoc/>
    public override HiddenFunction Function => HiddenFunction.Relu;

    internal override IEnumerable<(string Name, Tensor Value)> Others(int[] widths, Generator random) => widths.Length < 2
        ? throw new ArgumentException("Sandwich layers need a hidden layer.")
        : widths.Select((width, k) => ($"square_{k}", randn([width, width], generator: random) * (1 / Math.Sqrt(width))))
            .Concat(widths.SkipLast(1).Select((width, k) => ($"log_scale_{k}", zeros(width))));

    internal override IReadOnlyList<Tensor> Weights(IReadOnlyList<Tensor> matrices, IReadOnlyList<Tensor> others)
    {
        var ends = Math.Sqrt(2 * Bound) * Kept;
        var (weights, before) = (new List<Tensor>(), (Tensor?)null);
        for (var k = 0; k < matrices.Count; k++)
        {
            var width = matrices[k].shape[0];
            var both = Cayley(cat([others[k], matrices[k].t()], 0));
            var (transposed, b) = (both.narrow(0, 0, width), both.narrow(0, width, both.shape[0] - width).t());
            var weight = before is null ? b * ends : b.matmul(before) * (k == matrices.Count - 1 ? ends : 2 * Kept);
            if (k < matrices.Count - 1)
            {
                var scale = others[matrices.Count + k].to(ScalarType.Float64).exp();
                weight /= scale.unsqueeze(1);
                before = transposed * scale;
            }

            weights.Add(weight.to(ScalarType.Float32));
        }

        return weights;
    }
}
