using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>
/// z = g((u - t) exp(-c)), an <see cref="AffineMap"/> and then a spline g of K rational quadratic pieces on [-B, B], the identity outside, with continuous slope.
/// </summary>
/// <remarks>
/// Of 3 K + 1 numbers an element, two are the affine map's, K and K make widths w_k and heights h_k of the bins, 2 B times the softmax of R tanh(r / R), and K - 1 make slopes d_k = exp(C tanh(r / C)) at inner knots; slopes at the ends are 1.
/// R is such that no share is below 1/1000, and C = ln 1000. With s_k = h_k / w_k, a_k = d_k / s_k, b_k = d_(k+1) / s_k, δ_k = ln b_k - ln a_k, left ends x_k of bins, ξ_k = min(max((v - x_k) / w_k, 0), 1), q_k = ξ_k (1 - ξ_k),
/// D_k = 1 - 2 q_k + (a_k + b_k) q_k and R_k = (1 - ξ_k)² exp(-ξ_k δ_k) + 2 q_k exp(-ln a_k - ξ_k δ_k) + ξ_k² exp((1 - ξ_k) δ_k):
///     g(v) = v - min(max(v, -B), B) - B + sum_k h_k (ξ_k + q_k (a_k - 1 - (a_k + b_k - 2) ξ_k) / D_k),
///     ln g'(v) = sum_k (ξ_k δ_k + ln R_k - 2 ln D_k).
/// Every bin takes part at every v, so that there is no search: one that lies above v has ξ = 0 and adds nothing, one below has ξ = 1 and adds h_k to g and δ_k = ln d_(k+1) - ln d_k to ln g', which telescopes; D and R are 1 in both, whatever
/// the slopes, so bounds of bins that v is not in are exact. In each bin g is the interpolant of Gregory and Delbourgo in the form of the paper, value (s ξ² + d ξ (1 - ξ)) / (s + (d + d' - 2 s) ξ (1 - ξ)) and slope
/// s² (d' ξ² + 2 s ξ (1 - ξ) + d (1 - ξ)²) / (s + (d + d' - 2 s) ξ (1 - ξ))², divided by s and rearranged; what logarithms take is a sum of positive terms, in interval arithmetic too.
/// The inverse is the root of a quadratic in every bin, read the same way.
/// Source: C. Durkan, A. Bekasov, I. Murray, G. Papamakarios, "Neural Spline Flows", NeurIPS 2019 (from memory; the rearrangement is ours).
/// </remarks>
internal sealed class SplineMap : ElementMap
{
    private const double LeastShare = 1e-3;
    private const double LargestSlope = 1e3;

    /// <summary>No power in R is less: slopes differ by a factor of at most 1000², and d / s lies within 1/1000² and 1000². The factors before them sum to 1, so each power gives this up and the sum has it back: R is at least this in interval arithmetic too.</summary>
    private const double Least = LeastShare / LargestSlope;

    private static readonly double SlopeReach = Math.Log(LargestSlope);

    private readonly AffineMap affine = new();
    private readonly int bins;
    private readonly double bound;
    private readonly double shareReach;

    /// <summary>Creates the map.</summary>
    /// <param name="bins">K, at least 2 and below 1000.</param>
    /// <param name="bound">B, above 0.</param>
    public SplineMap(int bins, double bound)
    {
        // The least share is 1 / (1 + (K - 1) e^(2 R)).
        (this.bins, this.bound, shareReach) = (bins, bound, 0.5 * Math.Log(((1 / LeastShare) - 1) / (bins - 1)));
    }

    /// <inheritdoc/>
    public override int Count => affine.Count + (3 * bins) - 1;

    /// <inheritdoc/>
    public override (T Result, T Logs) Apply<T>(T u, T raw)
    {
        var (v, logs) = affine.Apply(u, raw.Rows(0, affine.Count));
        var spline = Read(raw);
        var xi = ((v - LeftEnds(spline.LogWidth.Exp())) * (spline.LogWidth * -1).Exp()).Clamp(0, 1);
        var q = ((xi + -0.5).Square() * -1) + 0.25;
        var (a, b, rise) = (spline.LogA.Exp(), spline.LogB.Exp(), spline.LogB - spline.LogA);
        var both = a + b;
        var logDivisor = ((q * -2) + 1 + (both * q)).Log();
        var share = xi + (q * (a + -1 - ((both + -2) * xi)) * (logDivisor * -1).Exp());
        var passed = xi * rise;
        var ratio = (((passed * -1).Exp() + -Least) * ((xi * -1) + 1).Square()) + (((spline.LogA + passed) * -1).Exp() + -Least) * (q * 2) + (((rise - passed).Exp() + -Least) * xi.Square()) + Least;
        return (v - v.Clamp(-bound, bound) + -bound + (spline.LogHeight.Exp() * share).Sum(), logs + (passed + ratio.Log() - (logDivisor * 2)).Sum());
    }

    /// <inheritdoc/>
    public override Tensor Invert(Tensor z, Tensor raw)
    {
        var spline = Read(new TensorFormula(raw));
        var (a, b, height) = (spline.LogA.Exp().Value, spline.LogB.Exp().Value, spline.LogHeight.Exp());
        var share = ((z - LeftEnds(height).Value) / height.Value).clamp(0, 1);
        var turn = a - (share * (a + b - 2));
        var xi = 2 * share / (turn + (turn.square() + (4 * share * (1 - turn))).clamp_min(0).sqrt());
        var v = z - z.clamp(-bound, bound) - bound + (spline.LogWidth.Exp().Value * xi).sum(1, keepdim: true);
        return affine.Invert(v, raw.narrow(1, 0, affine.Count));
    }

    /// <summary>ln w, ln h, ln a and ln b of every bin, [batch, K, m] each.</summary>
    private (T LogWidth, T LogHeight, T LogA, T LogB) Read<T>(T raw)
        where T : IFormula<T>
    {
        var (width, height) = (LogSizes(raw.Rows(affine.Count, bins)), LogSizes(raw.Rows(affine.Count + bins, bins)));
        var slopes = Bounded(raw.Rows(affine.Count + (2 * bins), bins - 1), SlopeReach);
        var ratio = height - width;
        return (width, height, slopes.MapRows(Matrix(bins - 1, (bin, knot) => knot == bin - 1)) - ratio, slopes.MapRows(Matrix(bins - 1, (bin, knot) => knot == bin)) - ratio);
    }

    /// <summary>ln of 2 B softmax.</summary>
    private T LogSizes<T>(T raw)
        where T : IFormula<T>
    {
        var bounded = Bounded(raw, shareReach);
        return bounded - (bounded.Exp().Sum().Log() + -Math.Log(2 * bound));
    }

    /// <summary>The sums of sizes of bins before each, less B.</summary>
    private T LeftEnds<T>(T sizes)
        where T : IFormula<T> => sizes.MapRows(Matrix(bins, (bin, other) => other < bin)) + -bound;

    private static T Bounded<T>(T raw, double reach)
        where T : IFormula<T> => (raw * (1 / reach)).Tanh() * reach;

    private float[,] Matrix(int columns, Func<int, int, bool> isOne)
    {
        var matrix = new float[bins, columns];
        for (var row = 0; row < bins; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                matrix[row, column] = isOne(row, column) ? 1 : 0;
            }
        }

        return matrix;
    }
}
