using System.Numerics.Tensors;

namespace GpuBench;

/// <summary>Interval and CROWN bounds of a <see cref="Net"/>, layer by layer, by plain loops in double, with a bound of how far a computation in another precision may be from them.</summary>
/// <remarks>
/// Each layer starts from the bounds that the other side found for the layers before it. So what is compared is one layer's step, over one walk back to the input, and its
/// tolerance is not that of a whole network, which in the worst case is larger than the bounds themselves.
/// Sums of n products in any order, with or without fused multiplications, differ from their exact value by at most gamma_n times the sum of absolute values,
/// gamma_n = n u / (1 - n u), u the unit roundoff (the standard model, as in the bounds for float32 semantics). Here u is that of the type under test and a few
/// of double's on top, for the loops themselves and for outward rounding. Errors of coefficients are carried through every step beside them.
/// The lower slope of a ReLU jumps where its range is symmetric (CROWN takes 1 for u &gt; -l, else 0). Both are right; where rounding of that one comparison could turn it, the
/// tolerance of what follows holds either, and such ties are counted.
/// </remarks>
public sealed class Reference
{
    private const double LeastWidth = 1e-8; // as in TensorRelaxation

    private readonly Net net;
    private readonly double[][] rows;
    private readonly double[][] sizes;
    private readonly double unit;

    /// <summary>Prepares.</summary>
    /// <param name="net">The network.</param>
    /// <param name="unit">u of the type under test: 2^-24 or 2^-53.</param>
    public Reference(Net net, double unit)
    {
        (this.net, this.unit) = (net, unit + (4 * Math.ScaleB(1, -53)));
        rows = [.. net.Weights.Select(matrix => matrix.Select(value => (double)value).ToArray())];
        sizes = [.. rows.Select(matrix => matrix.Select(Math.Abs).ToArray())];
    }

    /// <summary>Bounds of one layer and their allowance, one number for each neuron.</summary>
    /// <param name="Lower">Lower bounds.</param>
    /// <param name="Upper">Upper bounds.</param>
    /// <param name="Error">How far another computation of either may be away.</param>
    /// <param name="Drift">
    /// How far the true range may leave the bounds: <paramref name="Error"/>, and what it costs that lines bracket only the ranges found for earlier layers, at most twice
    /// the drift there times the coefficient.
    /// </param>
    public sealed record Layer(double[] Lower, double[] Upper, double[] Error, double[] Drift);

    /// <summary>Slope ties met so far.</summary>
    public int Ties { get; private set; }

    /// <summary>The images of each map over one box, by interval arithmetic or by backward relaxation.</summary>
    /// <param name="lower">The box.</param>
    /// <param name="upper">The box.</param>
    /// <param name="crown">How.</param>
    /// <param name="given">The bounds of layer k that the layers after it start from; null for those found here.</param>
    public List<Layer> Layers(double[] lower, double[] upper, bool crown, Func<int, (double[] Lower, double[] Upper)>? given = null)
    {
        var lines = new List<Line[]>();
        List<Layer> layers = [Image(0, lower, upper)];
        for (var k = 1; k < rows.Length; k++)
        {
            var (l, u) = given?.Invoke(k - 1) ?? (layers[^1].Lower, layers[^1].Upper);
            lines.Add([.. Enumerable.Range(0, l.Length).Select(i => Line.Of(l[i], u[i], unit))]);
            Ties += lines[^1].Count(line => line.SlopeError > 0);
            layers.Add(crown ? Backward(k, lines, layers, lower, upper) : Image(k, [.. l.Select(value => Math.Max(value, 0))], [.. u.Select(value => Math.Max(value, 0))]));
        }

        return layers;
    }

    private double Gamma(int n) => n * unit / (1 - (n * unit));

    /// <summary>W [l, u] + b by middle and radius.</summary>
    private Layer Image(int k, double[] l, double[] u)
    {
        var (n, m) = (net.Sizes[k + 1], net.Sizes[k]);
        double[] middle = [.. l.Zip(u, (a, b) => 0.5 * (a + b))], radius = [.. l.Zip(u, (a, b) => 0.5 * (b - a))];
        double[] magnitude = [.. l.Zip(u, (a, b) => Math.Abs(a) + Math.Abs(b))];
        var (lower, upper, errors) = (new double[n], new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            ReadOnlySpan<double> row = rows[k].AsSpan(i * m, m), size = sizes[k].AsSpan(i * m, m);
            var (center, reach) = (TensorPrimitives.Dot(row, middle) + net.Biases[k][i], TensorPrimitives.Dot(size, radius));
            (lower[i], upper[i]) = (center - reach, center + reach);
            errors[i] = Gamma(m + 8) * (TensorPrimitives.Dot(size, magnitude) + Math.Abs(net.Biases[k][i]));
        }

        return new Layer(lower, upper, errors, errors);
    }

    private Layer Backward(int k, List<Line[]> lines, List<Layer> before, double[] lower, double[] upper)
    {
        var n = net.Sizes[k + 1];
        var (least, errors, drifts) = (new double[2 * n], new double[2 * n], new double[2 * n]);
        Parallel.For(0, 2 * n, row =>
        {
            var sign = row < n ? 1 : -1;
            double[] a = [.. rows[k].AsSpan(row % n * net.Sizes[k], net.Sizes[k]).ToArray().Select(value => sign * value)], e = new double[net.Sizes[k]];
            var (c, ec, drift) = (sign * (double)net.Biases[k][row % n], 0.0, 0.0);
            for (var i = k - 1; i >= 0; i--)
            {
                var m = a.Length;
                var (p, ep, offset, eo, magnitude) = (new double[m], new double[m], 0.0, 0.0, Math.Abs(c));
                for (var j = 0; j < m; j++)
                {
                    var line = lines[i][j];
                    drift += 2 * (Math.Abs(a[j]) + e[j]) * before[i].Drift[j];
                    var (negative, bias) = (Math.Min(a[j], 0), net.Biases[i][j]);
                    p[j] = a[j] >= 0 ? a[j] * line.Slope : a[j] * line.Share;
                    ep[j] = (e[j] * Math.Max(line.Slope + line.SlopeError, line.Share)) + ((Math.Abs(a[j]) + e[j]) * (line.SlopeError + (12 * unit)));
                    offset += (negative * line.Intercept) + (p[j] * bias);
                    eo += (e[j] * line.Intercept) + (ep[j] * Math.Abs(bias));
                    magnitude += ((e[j] - negative) * line.Intercept) + ((Math.Abs(p[j]) + ep[j]) * Math.Abs(bias));
                }

                (c, ec) = (c + offset, ec + eo + (Gamma((2 * m) + 8) * (magnitude + ec)));
                var (next, en, inputs) = (new double[net.Sizes[i]], new double[net.Sizes[i]], net.Sizes[i]);
                var gamma = Gamma(m + 2);
                for (var j = 0; j < m; j++)
                {
                    if (p[j] != 0 || ep[j] != 0)
                    {
                        TensorPrimitives.MultiplyAdd(rows[i].AsSpan(j * inputs, inputs), p[j], next, next);
                        TensorPrimitives.MultiplyAdd(sizes[i].AsSpan(j * inputs, inputs), ep[j] + (gamma * (Math.Abs(p[j]) + ep[j])), en, en);
                    }
                }

                (a, e) = (next, en);
            }

            var (value, error, total) = (c, ec, Math.Abs(c) + ec);
            for (var j = 0; j < a.Length; j++)
            {
                var (middle, radius) = (0.5 * (lower[j] + upper[j]), 0.5 * (upper[j] - lower[j]));
                value += (a[j] * middle) - (Math.Abs(a[j]) * radius);
                error += e[j] * (Math.Abs(middle) + radius);
                total += (Math.Abs(a[j]) + e[j]) * (Math.Abs(middle) + radius);
            }

            (least[row], errors[row]) = (value, error + (Gamma((2 * a.Length) + 8) * total));
            drifts[row] = errors[row] + drift;
        });
        double[] Worse(double[] either) => [.. Enumerable.Range(0, n).Select(i => Math.Max(either[i], either[n + i]))];
        return new Layer(least[..n], [.. least[n..].Select(value => -value)], Worse(errors), Worse(drifts));
    }

    /// <summary>k x &lt;= max(x, 0) &lt;= s x + d over [l, u].</summary>
    private readonly record struct Line(double Slope, double SlopeError, double Share, double Intercept)
    {
        /// <summary>Slope and intercept of the chord are quotients and products of the two numbers given: right to a few units, which the walk adds.</summary>
        public static Line Of(double l, double u, double unit)
        {
            var low = Math.Min(l, 0);
            var high = Math.Max(Math.Max(u, 0), low + LeastWidth);
            var share = high / (high - low);
            var tie = low < 0 && Math.Abs(high + low) <= 8 * unit * (high - low);
            return new Line(share > 0.5 ? 1 : 0, tie ? 1 : 0, share, -low * share);
        }
    }
}
