using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>Bounds the Lipschitz constant of a chain of linear maps and S-shaped functions over a part of a box.</summary>
/// <remarks>
/// Accepts: a <see cref="JacobianChain"/> whose activations are tanh, sigmoid or the Gaussian distribution function. Returns: a number not below
/// |J(x)|_(p to q) for every x of the part; on a convex set the supremum of the norms of a continuous Jacobian is the Lipschitz constant.
/// Idea: values and directional tangents are affine forms of t = x - center with errors, f and f' by their first Taylor terms with
/// the second and third derivatives enclosed. What a layer leaves over is carried to every later layer by the signed product of the linear
/// parts between, so that it is measured once, at its end, and not by the sizes of all the weights on its way. The entries of the
/// Jacobian share their t: sums of absolute values are bounded as one form, then once more as one directional derivative; the Gram matrix, in the
/// basis of its own eigenvectors at the center, is a matrix of forms whose elimination loses only second order. So the gap shrinks with the square
/// of the part's width.
/// Guarantee: sound; with branch and bound it converges.
/// Source: affine forms: J. Stolfi, L. H. de Figueiredo, "Self-Validated Numerical Methods and Applications", 1997 (from memory); the derivative
/// graph bounded by linear relaxation: Z. Shi, Y. Wang, H. Zhang, Z. Kolter, C.-J. Hsieh, "Efficiently Computing Local Lipschitz Constants of Neural
/// Networks via Bound Propagation", NeurIPS 2022 (its idea; the relaxation here is another).
/// </remarks>
public sealed class JacobianForms : IBounds
{
    private readonly JacobianChain chain;
    private readonly JacobianLayer[] layers;
    private readonly Level[] levels;
    private readonly int n;
    private readonly int outputs;
    private readonly MatrixNorm norm;
    private readonly double[] center;
    private readonly double[] radius;
    private readonly double[] scores;
    private readonly double[] corner;
    private readonly int width;
    private readonly double[] deviation;
    private readonly double[] identity;
    private Rows tangents;
    private Rows tangentsOut;
    private Rows spreads;
    private (double[] Point, double Value)? candidate;

    internal JacobianForms(JacobianChain chain)
    {
        this.chain = chain;
        (layers, n) = (chain.Layers, chain.Problem.Graph.InputLength);
        outputs = layers[^1].Outputs;
        norm = new MatrixNorm(n, outputs, chain.Problem.JacobianFrom!.Value, chain.Problem.JacobianTo);
        width = Kernels.Pad(layers.Max(layer => Math.Max(layer.Inputs, layer.Outputs)));
        levels = [.. layers.Select((layer, l) => new Level(layers, l, n))];
        Rows New(int rows) => new(new double[rows * width], width);
        (tangents, tangentsOut, spreads) = (New(n * (n + 1)), New(n * (n + 1)), New(n + 1));
        (center, radius, scores, corner, deviation) = (new double[n], new double[n], new double[n], new double[n], new double[width]);
        identity = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            identity[(j * n) + j] = 1;
        }
    }

    /// <inheritdoc/>
    public Problem Problem => chain.Problem;

    /// <inheritdoc/>
    public (double[] Point, double Value)? Candidate => candidate;

    internal static bool Accepts(JacobianChain chain) => chain.Problem.Graph.InputLength <= 64 && chain.Layers.All(layer => layer.Activation is null or SShaped);

    /// <inheritdoc/>
    public IBounds Clone() => new JacobianForms(chain);

    /// <inheritdoc/>
    public double UpperBound(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        candidate = null;
        Array.Clear(scores);
        if (!JacobianChain.Center(part, center, radius))
        {
            return double.PositiveInfinity;
        }

        Values();
        Tangents(identity, n, -1);
        var bound = Norm();
        if (double.IsNaN(bound))
        {
            return double.PositiveInfinity;
        }

        candidate = ([.. Enumerable.Range(0, n).Select(j => Math.Clamp(center[j] + corner[j], part.Lower[j], part.Upper[j]))], bound);
        return bound;
    }

    /// <inheritdoc/>
    public double LowerBoundAt(ReadOnlySpan<double> point)
    {
        if (!chain.IsInside(point))
        {
            return double.NegativeInfinity;
        }

        point.CopyTo(center);
        Array.Clear(radius);
        Values();
        Tangents(identity, n, -1);
        var jacobian = new Interval[outputs][];
        for (var i = 0; i < jacobian.Length; i++)
        {
            jacobian[i] = new Interval[n];
            for (var j = 0; j < n; j++)
            {
                var (middle, error) = (tangents.Data[Place(j, 0, i)], spreads.Data[((1 + j) * width) + i]);
                if (!double.IsFinite(middle) || !double.IsFinite(error))
                {
                    return double.NegativeInfinity;
                }

                jacobian[i][j] = new(Rounding.SubtractDown(middle, error), Rounding.AddUp(middle, error));
            }
        }

        return norm.Lower(jacobian);
    }

    /// <inheritdoc/>
    public void SplitScores(Box part, Span<double> scores)
    {
        ArgumentNullException.ThrowIfNull(part);
        for (var j = 0; j < n; j++)
        {
            scores[j] = this.scores[j] > 0 ? this.scores[j] : 1e-12 * (part.Upper[j] - part.Lower[j]);
        }
    }

    /// <summary>Where the coefficient of the tangent along input j is: k = 0 the constant, k = 1 + l that of t_l.</summary>
    private int Place(int j, int k, int i) => (((j * (n + 1)) + k) * width) + i;

    private Span<double> TangentRow(int j, int k, int m) => tangents.Row((j * (n + 1)) + k, m);

    /// <summary>The forms of all values over |t| &lt;= radius, the linear parts of all activations, and the products between layers.</summary>
    private void Values()
    {
        for (var l = 0; l < layers.Length; l++)
        {
            var (layer, level, m) = (layers[l], levels[l], layers[l].Outputs);
            var gamma = 2 * Rounding.Gamma(layer.Inputs + 3);
            var offset = level.Forms.Row(n, m);
            if (l == 0)
            {
                layer.Bias.AsSpan(0, m).CopyTo(offset);
                for (var i = 0; i < m; i++)
                {
                    level.Local[i] = Math.Abs(layer.Bias[i]);
                }

                for (var j = 0; j < n; j++)
                {
                    var weights = layer.Weights.Row(j, m);
                    weights.CopyTo(level.Forms.Row(j, m));
                    for (var i = 0; i < m; i++)
                    {
                        offset[i] += weights[i] * center[j];
                        level.Local[i] += Math.Abs(weights[i] * center[j]);
                    }
                }

                for (var i = 0; i < m; i++)
                {
                    level.Error[i] = level.Local[i] = (gamma * level.Local[i]) + Rounding.Tiny;
                }
            }
            else
            {
                Kernels.Multiply(levels[l - 1].After, layer.Weights, level.Forms, n + 1, layer.Inputs, m, accumulate: false);
                for (var i = 0; i < m; i++)
                {
                    level.Local[i] = (gamma * (Math.Abs(offset[i]) + Math.Abs(layer.Bias[i]))) + Rounding.Tiny;
                    offset[i] += layer.Bias[i];
                }

                Reach(l);
                Carry(level, static source => source.Rest, level.Error, level.Local);
            }

            SetTaylor(layer.Activation as SShaped, l);
        }
    }

    /// <summary>The products W_l C_(l-1) W_(l-1) ... W_(q+1), which carry what layer q left over to layer l, for q = l-1, l-2, ...; with their entrywise errors.</summary>
    private void Reach(int l)
    {
        var (level, m) = (levels[l], layers[l].Outputs);
        Array.Clear(level.ReachError[l - 1]);
        for (var q = l - 1; q > 0; q--)
        {
            var (from, to, slopes, inner) = (level.Reach[q], level.Reach[q - 1], levels[q].Slope, layers[q].Outputs);
            var gamma = 2 * Rounding.Gamma(inner + 3);
            var largest = 0.0;
            for (var k = 0; k < inner; k++)
            {
                largest = Math.Max(largest, slopes[k]);
            }

            for (var i = 0; i < m; i++)
            {
                var scaled = level.Scaled.Row(i, inner);
                var row = from.Row(i, inner);
                var most = 0.0;
                for (var k = 0; k < inner; k++)
                {
                    scaled[k] = row[k] * slopes[k];
                    most = Math.Max(most, Math.Abs(scaled[k]));
                }

                level.ReachError[q - 1][i] = (((gamma * most) + (largest * level.ReachError[q][i])) * layers[q].LargestColumn * (1 + 1e-9)) + Rounding.Tiny;
            }

            Kernels.Multiply(level.Scaled, layers[q].Plain, to, m, inner, layers[q].Inputs, accumulate: false);
        }
    }

    /// <summary>target_i = start_i + sum over earlier layers q of |product to q|_i rest_q, rounded up.</summary>
    private void Carry(Level level, Func<Level, double[]> rest, Span<double> target, ReadOnlySpan<double> start)
    {
        var (l, m) = (level.Index, layers[level.Index].Outputs);
        start[..m].CopyTo(target);
        for (var q = l - 1; q >= 0; q--)
        {
            var (left, inner) = (rest(levels[q]), layers[q].Outputs);
            var total = 0.0;
            for (var k = 0; k < inner; k++)
            {
                total += left[k];
            }

            for (var i = 0; i < m; i++)
            {
                var (_, size, _) = Kernels.DotWithSizes(level.Reach[q].Row(i, inner), left, left);
                target[i] += size + (level.ReachError[q][i] * total);
            }
        }

        var slack = 1 + (4 * Rounding.Gamma(width + l + 4));
        for (var i = 0; i < m; i++)
        {
            target[i] = (target[i] * slack) + Rounding.Tiny;
        }
    }

    /// <summary>
    /// Per element: f(z) = value + slope (z - z0) + rest and f'(z) = derivative + curvature (z - z0) + error, z0 the form's offset. What is left over is
    /// Taylor's, or from the range of the derivative by the mean value theorem, whichever is less. The rounding of the next layer's sums is added.
    /// </summary>
    private void SetTaylor(SShaped? f, int l)
    {
        var (level, m) = (levels[l], layers[l].Outputs);
        var offset = level.Forms.Row(n, m);
        Array.Clear(level.Deviation, 0, m);
        for (var k = 0; k < n; k++)
        {
            var row = level.Forms.Row(k, m);
            for (var i = 0; i < m; i++)
            {
                level.Deviation[i] += Math.Abs(row[i]) * radius[k];
            }
        }

        var after = level.After.Row(n, m);
        for (var i = 0; i < m; i++)
        {
            var (z0, dev) = (offset[i], (level.Deviation[i] * (1 + 1e-9)) + Rounding.Tiny);
            level.Deviation[i] = dev;
            if (f is null)
            {
                (level.Slope[i], after[i], level.Rest[i], level.Curvature[i], level.DerivativeError[i], level.Bending[i]) = (1, z0, level.Local[i], 0, 0, 0);
                continue;
            }

            var h = Rounding.AddUp(dev, level.Error[i]);
            var (low, high) = (Rounding.SubtractDown(z0, h), Rounding.AddUp(z0, h));
            if (!double.IsFinite(low) || !double.IsFinite(high))
            {
                (level.Slope[i], after[i], level.Rest[i], level.Curvature[i], level.DerivativeError[i], level.Bending[i]) = (0, 0, double.PositiveInfinity, 0, double.PositiveInfinity, 0);
                continue;
            }

            var z = new Interval(low, high);
            var (at, slopes) = (f.At(z0), f.Slope(z));
            var (slope0, second, third) = (f.DerivativeAt(z0), f.SecondDerivative(z), f.ThirdDerivative(z));
            var second0 = f.SecondDerivative(Interval.Point(z0));

            // f(z) = f(z0) + f'(z0) d + f''(ξ) d^2 / 2 and f'(z) = f'(z0) + f''(z0) d + f'''(ξ) d^2 / 2 with 0 <= d^2 <= h^2: the middles of the last terms
            // move the constants, and one slope s serves both. Or, where the part is wide, the range of f' alone.
            var square = new Interval(0, Rounding.MultiplyUp(h, h));
            var quadratic = at + (0.5 * (second * square));
            var cubic = slope0 + (0.5 * (third * square));
            var s = Math.Clamp(cubic.Middle, slopes.Lower, slopes.Upper);
            var taylor = Rounding.AddUp((quadratic - quadratic.Middle).Magnitude, Rounding.MultiplyUp((slope0 - s).Magnitude, h));
            var mean = Rounding.AddUp((at - at.Middle).Magnitude, Rounding.MultiplyUp((slopes - s).Magnitude, h));
            (level.Slope[i], after[i]) = (s, taylor < mean ? quadratic.Middle : at.Middle);

            // The form's own local error, and the rounding of s times its slopes.
            level.Rest[i] = ((Math.Min(taylor, mean) + (s * level.Local[i]) + (4 * Rounding.Gamma(1) * s * dev)) * (1 + 1e-9)) + Rounding.Tiny;

            var c = second0.Middle;
            var flat = (slopes - s).Magnitude;
            taylor = Rounding.AddUp((cubic - s).Magnitude, Rounding.MultiplyUp((second0 - c).Magnitude, h));
            mean = Rounding.AddUp((slope0 - s).Magnitude, Rounding.MultiplyUp((second - c).Magnitude, h));
            var bend = Math.Min(taylor, mean);
            (level.Curvature[i], level.DerivativeError[i]) = bend < flat ? (c, bend) : (0, flat);
            level.Bending[i] = (level.DerivativeError[i] + Math.Abs(level.Curvature[i] * h)) / dev;
        }

        for (var k = 0; k < n; k++)
        {
            var row = level.Forms.Row(k, m);
            var to = level.After.Row(k, m);
            var score = 0.0;
            for (var i = 0; i < m; i++)
            {
                to[i] = level.Slope[i] * row[i];
                score += level.Bending[i] * Math.Abs(row[i]) * radius[k];
            }

            scores[k] += double.IsFinite(score) ? score : 0;
        }

        // The a-priori error of the next product.
        var next = 2 * Rounding.Gamma(m + 3);
        for (var i = 0; i < m; i++)
        {
            level.Rest[i] = ((level.Rest[i] + (next * (Math.Abs(after[i]) + (level.Slope[i] * level.Deviation[i])))) * (1 + 1e-9)) + Rounding.Tiny;
        }
    }

    /// <summary>
    /// Forms of the derivatives along <paramref name="count"/> directions, of all outputs or, for their errors, of output <paramref name="only"/> alone:
    /// into tangents (constant, slopes) and the rows 1.. of spreads.
    /// </summary>
    private void Tangents(double[] directions, int count, int only)
    {
        var last = layers.Length - 1;
        for (var d = 0; d < count; d++)
        {
            var error = levels[0].TangentError.Row(d, layers[0].Outputs);
            var constant = TangentRow(d, 0, layers[0].Outputs);
            constant.Clear();
            error.Clear();
            var ones = 0;
            for (var j = 0; j < n; j++)
            {
                var (weights, v) = (layers[0].Plain, directions[(d * n) + j]);
                ones += v == 1 ? 1 : v == 0 ? 0 : 2;
                for (var i = 0; v != 0 && i < constant.Length; i++)
                {
                    var w = weights.Data[(i * weights.Stride) + j];
                    constant[i] += w * v;
                    error[i] += Math.Abs(w * v);
                }
            }

            for (var i = 0; i < constant.Length; i++)
            {
                // One column as it stands, or a sum that rounds.
                error[i] = ones <= 1 ? 0 : (2 * Rounding.Gamma(n + 2) * error[i]) + Rounding.Tiny;
            }

            error.CopyTo(levels[0].Coupled.Row(d, constant.Length));
            for (var k = 1; k <= n; k++)
            {
                TangentRow(d, k, constant.Length).Clear();
            }
        }

        for (var l = 0; l < last; l++)
        {
            for (var d = 0; d < count; d++)
            {
                Bend(l, d);
            }

            var (layer, next, m) = (layers[l + 1], levels[l + 1], layers[l + 1].Outputs);
            Kernels.Multiply(tangents, layer.Weights, tangentsOut, count * (n + 1), layer.Inputs, m, accumulate: false);
            (tangents, tangentsOut) = (tangentsOut, tangents);
            if (l + 1 < last)
            {
                // What values left over reaches tangents by the sizes of the weights; what tangents left over by the products.
                Kernels.Multiply(levels[l].CoupledAfter, layer.Sizes, next.Coupled, count, layer.Inputs, m, accumulate: false);
                for (var d = 0; d < count; d++)
                {
                    var (place, coupled) = (d, next.Coupled.Row(d, m).ToArray());
                    for (var i = 0; i < m; i++)
                    {
                        coupled[i] = (coupled[i] * (1 + 1e-9)) + Rounding.Tiny;
                    }

                    coupled.CopyTo(next.Coupled.Row(d, m));
                    Carry(next, source => source.TangentRest[place], next.TangentError.Row(d, m), coupled);
                }
            }
        }

        for (var d = 0; d < count; d++)
        {
            Finish(d, only);
        }
    }

    /// <summary>Tangent d of layer l times f': constants, slopes, and what is left over: curvature |z - z0| |t - t0| + error |t|.</summary>
    private void Bend(int l, int d)
    {
        var (level, m) = (levels[l], layers[l].Outputs);
        var constant = TangentRow(d, 0, m);
        var error = level.TangentError.Row(d, m);
        var coupled = level.Coupled.Row(d, m);
        var coupledAfter = level.CoupledAfter.Row(d, m);
        var coupling = level.Coupling.Row(d, m);
        var rest = level.TangentRest[d];
        Array.Clear(deviation, 0, m);
        for (var k = 0; k < n; k++)
        {
            var row = TangentRow(d, 1 + k, m);
            var value = level.Forms.Row(k, m);
            for (var i = 0; i < m; i++)
            {
                deviation[i] += Math.Abs(row[i]) * radius[k];
                row[i] = (level.Slope[i] * row[i]) + (constant[i] * level.Curvature[i] * value[i]);
            }
        }

        var gamma = (4 * Rounding.Gamma(n + 8)) + (2 * Rounding.Gamma(m + 3));
        for (var i = 0; i < m; i++)
        {
            var (c, h) = (Math.Abs(level.Curvature[i]), level.Deviation[i] + level.Error[i]);
            var (moves, size) = (deviation[i] + error[i], Math.Abs(constant[i]));
            var sum = (c * h * moves) + (level.DerivativeError[i] * (size + moves)) + (gamma * (((level.Slope[i] + (c * level.Deviation[i])) * size) + (level.Slope[i] * deviation[i])));
            rest[i] = (sum * (1 + 1e-9)) + Rounding.Tiny;
            coupling[i] = level.Curvature[i] * constant[i];
            coupledAfter[i] = (((c * size * level.Error[i]) + (level.Slope[i] * coupled[i])) * (1 + 1e-9)) + Rounding.Tiny;
            constant[i] *= level.Slope[i];
        }
    }

    /// <summary>The errors of the outputs along direction d: what tangents left over, and by the signed product through f'' what values left over.</summary>
    private void Finish(int d, int only)
    {
        var last = layers.Length - 1;
        var level = levels[last];
        var error = spreads.Row(1 + d, outputs);
        var (first, past) = only < 0 ? (0, outputs) : (only, only + 1);
        if (last == 0)
        {
            levels[0].TangentError.Row(d, outputs).CopyTo(error);
            return;
        }

        error.Clear();
        var start = levels[0].Coupled.Row(d, layers[0].Outputs);
        var rows = past - first;
        var (product, turned) = (level.Product, level.Turned);
        var productError = new double[rows];
        for (var q = last - 1; q >= 0; q--)
        {
            var (at, m, reach) = (levels[q], layers[q].Outputs, level.Reach[q]);
            var coupling = at.Coupling.Row(d, m);
            var total = 0.0;
            var (local, largest, most) = (0.0, 0.0, 0.0);
            for (var k = 0; k < m; k++)
            {
                total += at.TangentRest[d][k];
                local += at.Local[k];
                largest = Math.Max(largest, at.Slope[k]);
                most = Math.Max(most, Math.Abs(coupling[k]));
            }

            for (var i = 0; i < rows; i++)
            {
                var row = reach.Row(first + i, m);
                var through = turned.Row(i, m);
                var (sum, peak) = (0.0, 0.0);
                var old = product.Row(i, m);
                for (var k = 0; k < m; k++)
                {
                    // On z of layer q: through f' from what was there, and through f'' from the tangent.
                    through[k] = ((q == last - 1 ? 0 : old[k]) * at.Slope[k]) + (row[k] * coupling[k]);
                    var size = Math.Abs(through[k]);
                    peak = Math.Max(peak, size + Math.Abs(row[k] * coupling[k]));
                    sum += (Math.Abs(row[k]) * at.TangentRest[d][k]) + (size * at.Local[k]);
                    sum += q == 0 ? Math.Abs(row[k]) * at.Slope[k] * start[k] : 0;
                }

                var gamma = 2 * Rounding.Gamma(m + 6);
                var entry = (((largest * productError[i]) + (most * level.ReachError[q][first + i]) + (gamma * peak)) * (1 + 1e-9)) + Rounding.Tiny;
                error[first + i] += sum + (level.ReachError[q][first + i] * total) + (entry * local);
                if (q == 0)
                {
                    for (var k = 0; k < m; k++)
                    {
                        error[first + i] += level.ReachError[q][first + i] * at.Slope[k] * start[k];
                    }
                }

                productError[i] = (((entry * layers[q].LargestColumn) + (gamma * peak * layers[q].LargestColumn)) * (1 + 1e-9)) + Rounding.Tiny;
            }

            if (q > 0)
            {
                var (below, inner) = (levels[q - 1], layers[q - 1].Outputs);
                Kernels.Multiply(turned, layers[q].Plain, product, rows, m, inner, accumulate: false);
                var left = 0.0;
                for (var k = 0; k < inner; k++)
                {
                    left += below.Rest[k];
                }

                for (var i = 0; i < rows; i++)
                {
                    var (_, size, _) = Kernels.DotWithSizes(product.Row(i, inner), below.Rest, below.Rest);
                    error[first + i] += size + (productError[i] * left);
                }
            }
        }

        var slack = 1 + (16 * Rounding.Gamma((layers.Length * width) + 8));
        for (var i = first; i < past; i++)
        {
            error[i] = (error[i] * slack) + Rounding.Tiny;
        }
    }

    /// <summary>The norm of the matrix of forms; sets the corner where it is large.</summary>
    private double Norm()
    {
        var (from, to) = (chain.Problem.JacobianFrom!.Value, chain.Problem.JacobianTo);
        var m = outputs;
        if (from == Claims.Norm.Linf && to == Claims.Norm.Linf)
        {
            return LargestRow();
        }

        if (to == Claims.Norm.Linf || from == Claims.Norm.L1)
        {
            var (worst, best) = (double.NegativeInfinity, new double[n]);
            var rows = to == Claims.Norm.Linf && from != Claims.Norm.L1;
            var measure = to == Claims.Norm.Linf && from == Claims.Norm.L1 ? Claims.Norm.Linf : rows ? (from == Claims.Norm.L2 ? Claims.Norm.L2 : Claims.Norm.L1) : to;
            for (var q = 0; q < (rows ? m : n); q++)
            {
                var length = measure switch
                {
                    Claims.Norm.L1 => SumOfSizes(q, rows),
                    Claims.Norm.L2 => LengthOf(q, rows),
                    _ => LargestOf(q),
                };
                if (!(length <= worst))
                {
                    worst = length;
                    corner.CopyTo(best, 0);
                }

                if (double.IsNaN(length))
                {
                    return double.PositiveInfinity;
                }
            }

            best.CopyTo(corner, 0);
            return worst;
        }

        var interval = IntervalNorm();
        return from == Claims.Norm.L2 && to == Claims.Norm.L2 ? Math.Min(interval, Spectral(m)) : interval;
    }

    /// <summary>
    /// The largest sum of |J_ij| over j. Rows that look largest first: with |J_ij| &lt;= s_j J_ij + c_j the sum is the derivative along s, taken as one
    /// direction, and the constants.
    /// </summary>
    private double LargestRow()
    {
        var coarse = new double[outputs];
        var (slopes, constants) = (new double[outputs][], new double[outputs]);
        for (var i = 0; i < outputs; i++)
        {
            coarse[i] = SumOfSizes(i, rows: true);
            slopes[i] = new double[n];
            for (var j = 0; j < n; j++)
            {
                var (slope, intercept, _, _, _) = Chord(j, i);
                slopes[i][j] = slope;
                constants[i] = Rounding.AddUp(constants[i], intercept);
            }
        }

        var (worst, best, form) = (double.NegativeInfinity, new double[n], new double[n]);
        foreach (var i in Enumerable.Range(0, outputs).OrderByDescending(i => double.IsNaN(coarse[i]) ? double.PositiveInfinity : coarse[i]).ThenBy(i => i))
        {
            if (coarse[i] <= worst)
            {
                break;
            }

            Tangents(slopes[i], 1, i);
            var (size, dev) = (Math.Abs(tangents.Data[Place(0, 0, i)]), DeviationOf(0, i));
            for (var k = 0; k < n; k++)
            {
                form[k] = tangents.Data[Place(0, 1 + k, i)];
            }

            var fine = Rounding.AddUp(Close(tangents.Data[Place(0, 0, i)], spreads.Data[width + i], size + dev, form, 1), constants[i]);
            var bound = double.IsNaN(coarse[i]) ? fine : Math.Min(coarse[i], fine);
            if (double.IsNaN(bound))
            {
                return double.PositiveInfinity;
            }

            if (bound > worst)
            {
                worst = bound;
                corner.CopyTo(best, 0);
            }
        }

        best.CopyTo(corner, 0);
        return worst;
    }

    /// <summary>|J_ij| &lt;= slope J_ij + intercept over the range of J_ij; with its constant, deviation and error.</summary>
    private (double Slope, double Intercept, double Constant, double Deviation, double Error) Chord(int j, int i)
    {
        var (a, dev) = (tangents.Data[Place(j, 0, i)], DeviationOf(j, i));
        var s = spreads.Data[((1 + j) * width) + i];
        var reach = ((dev + s) * (1 + 1e-9)) + Rounding.Tiny;
        var (l, u) = (Rounding.SubtractDown(a, reach), Rounding.AddUp(a, reach));
        var slope = l >= 0 ? 1 : u <= 0 ? -1 : Math.Clamp((u + l) / (u - l), -1, 1);

        // The chord of |a|: intercept at least |l| - slope l and |u| - slope u.
        var intercept = l >= 0 || u <= 0 ? 0 : Math.Max(Rounding.MultiplyUp(Rounding.AddUp(1, slope), -l), Rounding.MultiplyUp(Rounding.SubtractUp(1, slope), u));
        return (slope, intercept, a, dev, s);
    }

    /// <summary>sum |a_q(t)| over a row or a column: |a| &lt;= s a + c on [l, u], s the chord's slope, so that the sum is one form.</summary>
    private double SumOfSizes(int q, bool rows)
    {
        var (constant, rest, size) = (0.0, 0.0, 0.0);
        Span<double> slopes = stackalloc double[n];
        var count = rows ? n : outputs;
        for (var p = 0; p < count; p++)
        {
            var (j, i) = rows ? (p, q) : (q, p);
            var (slope, intercept, a, dev, s) = Chord(j, i);
            constant += (slope * a) + intercept;
            rest += Math.Abs(slope) * s;
            size += Math.Abs(a) + intercept + dev;
            for (var k = 0; k < n; k++)
            {
                slopes[k] += slope * tangents.Data[Place(j, 1 + k, i)];
            }
        }

        return Close(constant, rest, size, slopes, count);
    }

    /// <summary>constant + sum |slopes_k| r_k + rest with rounding errors, and the corner where the form is largest.</summary>
    private double Close(double constant, double rest, double size, ReadOnlySpan<double> slopes, int count)
    {
        var sum = constant + rest;
        for (var k = 0; k < n; k++)
        {
            sum += Math.Abs(slopes[k]) * radius[k];
            corner[k] = slopes[k] < 0 ? -radius[k] : radius[k];
        }

        var error = 8 * Rounding.Gamma(count + n + 8) * (size + rest);
        return Rounding.AddUp(sum, error + Rounding.Tiny);
    }

    private double DeviationOf(int j, int i)
    {
        var sum = 0.0;
        for (var k = 0; k < n; k++)
        {
            sum += Math.Abs(tangents.Data[Place(j, 1 + k, i)]) * radius[k];
        }

        return sum * (1 + 1e-9);
    }

    /// <summary>The length of a row or a column: |a + B t|^2 &lt;= |a|^2 + 2 sum_k |a B_k| r_k + (sum_k |B_k| r_k)^2, then the spread's length.</summary>
    private double LengthOf(int q, bool rows)
    {
        var count = rows ? n : outputs;
        var (square, spread) = (0.0, 0.0);
        Span<double> slopes = stackalloc double[n];
        Span<double> squares = stackalloc double[n];
        for (var p = 0; p < count; p++)
        {
            var (j, i) = rows ? (p, q) : (q, p);
            var a = tangents.Data[Place(j, 0, i)];
            square += a * a;
            spread += spreads.Data[((1 + j) * width) + i] * spreads.Data[((1 + j) * width) + i];
            for (var k = 0; k < n; k++)
            {
                var b = tangents.Data[Place(j, 1 + k, i)];
                slopes[k] += 2 * a * b;
                squares[k] += b * b;
            }
        }

        var bent = 0.0;
        for (var k = 0; k < n; k++)
        {
            bent += Math.Sqrt(squares[k]) * radius[k];
        }

        var length = Math.Sqrt(square);
        var most = Close(square, bent * bent, square + (2 * length * bent), slopes, count);
        return Rounding.AddUp(Rounding.SqrtUp((most * (1 + 1e-13)) + Rounding.Tiny), (Rounding.SqrtUp(spread + Rounding.Tiny) * (1 + 1e-9)) + Rounding.Tiny);
    }

    private double LargestOf(int j)
    {
        var worst = 0.0;
        Span<double> slopes = stackalloc double[n];
        for (var i = 0; i < outputs; i++)
        {
            var size = (Math.Abs(tangents.Data[Place(j, 0, i)]) + DeviationOf(j, i) + spreads.Data[((1 + j) * width) + i]) * (1 + 1e-13);
            if (!(size <= worst))
            {
                worst = size;
                for (var k = 0; k < n; k++)
                {
                    slopes[k] = Math.Sign(tangents.Data[Place(j, 0, i)]) * tangents.Data[Place(j, 1 + k, i)];
                }
            }
        }

        Close(0, 0, 0, slopes, 1);
        return worst + Rounding.Tiny;
    }

    /// <summary>The norm of the interval matrix that holds the forms.</summary>
    private double IntervalNorm()
    {
        var m = outputs;
        var middle = new Rows(new double[n * width], width);
        var reach = new Rows(new double[n * width], width);
        for (var j = 0; j < n; j++)
        {
            TangentRow(j, 0, m).CopyTo(middle.Row(j, m));
            for (var i = 0; i < m; i++)
            {
                reach.Data[(j * width) + i] = (DeviationOf(j, i) + spreads.Data[((1 + j) * width) + i]) * (1 + 1e-9);
            }
        }

        Array.Clear(corner);
        return norm.Upper(middle, reach);
    }

    /// <summary>
    /// With V the eigenvectors of J^T J at the center: the root of the largest eigenvalue of the matrix of forms V^T J^T J V over the box, over the
    /// least singular value of V.
    /// </summary>
    private double Spectral(int m)
    {
        var middle = new Rows(new double[n * width], width);
        for (var j = 0; j < n; j++)
        {
            TangentRow(j, 0, m).CopyTo(middle.Row(j, m));
        }

        var basis = norm.RightVectors(middle);
        if (basis is null)
        {
            return double.PositiveInfinity;
        }

        // Columns J v_a as forms and errors, carried along the eigenvectors themselves.
        var directions = new double[n * n];
        for (var a = 0; a < n; a++)
        {
            for (var j = 0; j < n; j++)
            {
                directions[(a * n) + j] = basis[j, a];
            }
        }

        Tangents(directions, n, -1);
        var dev = new double[n, m];
        for (var a = 0; a < n; a++)
        {
            for (var i = 0; i < m; i++)
            {
                dev[a, i] = DeviationOf(a, i);
            }
        }

        var gram = new Interval[n, n];
        var gamma = 8 * Rounding.Gamma((2 * m) + (3 * n) + 8);
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var (constant, second, all, first) = (0.0, 0.0, 0.0, 0.0);
                for (var i = 0; i < m; i++)
                {
                    var (x, y) = (tangents.Data[Place(a, 0, i)], tangents.Data[Place(b, 0, i)]);
                    var (s, t) = (spreads.Data[((1 + a) * width) + i], spreads.Data[((1 + b) * width) + i]);
                    constant += x * y;
                    first += (Math.Abs(x) * t) + (Math.Abs(y) * s);
                    second += (dev[a, i] + s) * (dev[b, i] + t);
                    all += (Math.Abs(x) + dev[a, i]) * (Math.Abs(y) + dev[b, i]);
                }

                for (var k = 1; k <= n; k++)
                {
                    var slope = 0.0;
                    for (var i = 0; i < m; i++)
                    {
                        slope += (tangents.Data[Place(a, 0, i)] * tangents.Data[Place(b, k, i)]) + (tangents.Data[Place(a, k, i)] * tangents.Data[Place(b, 0, i)]);
                    }

                    first += Math.Abs(slope) * radius[k - 1];
                    if (a == 0)
                    {
                        corner[k - 1] = slope < 0 ? -radius[k - 1] : radius[k - 1];
                    }
                }

                // The second-order part of a diagonal entry is a square.
                var error = ((gamma * all) + first) * (1 + 1e-9);
                var down = a == b ? error : error + (second * (1 + 1e-9));
                var up = error + (second * (1 + 1e-9));
                gram[a, b] = gram[b, a] = double.IsFinite(constant) && double.IsFinite(up)
                    ? new(Rounding.SubtractDown(constant, down + Rounding.Tiny), Rounding.AddUp(constant, up + Rounding.Tiny))
                    : Interval.Entire;
            }
        }

        return MatrixNorm.TurnedRoot(gram, basis);
    }

    /// <summary>One layer: its forms over the part, the linear parts of its activation, and the products that lead to it.</summary>
    private sealed class Level
    {
        public Level(JacobianLayer[] layers, int l, int n)
        {
            Index = l;
            var m = layers[l].Outputs;
            var stride = Kernels.Pad(m);
            Rows New(int rows, int columns) => new(new double[rows * Kernels.Pad(columns)], Kernels.Pad(columns));
            (Forms, After) = (New(n + 1, m), New(n + 1, m));
            (TangentError, Coupled, CoupledAfter, Coupling) = (New(n, m), New(n, m), New(n, m), New(n, m));
            (Local, Error, Deviation, Slope, Curvature) = (new double[stride], new double[stride], new double[stride], new double[stride], new double[stride]);
            (DerivativeError, Bending, Rest) = (new double[stride], new double[stride], new double[stride]);
            TangentRest = [.. Enumerable.Range(0, n).Select(_ => new double[stride])];
            Reach = [.. Enumerable.Range(0, l).Select(q => q == l - 1 ? layers[l].Plain : New(m, layers[q].Outputs))];
            ReachError = [.. Enumerable.Range(0, l).Select(_ => new double[m])];
            var widest = layers.Max(layer => Math.Max(layer.Inputs, layer.Outputs));
            Scaled = New(m, widest);
            (Product, Turned) = l == layers.Length - 1 ? (New(m, widest), New(m, widest)) : (default, default);
        }

        public int Index { get; }

        /// <summary>Slopes along each input, then the offset, of z.</summary>
        public Rows Forms { get; }

        /// <summary>The same of f(z), without what is left over.</summary>
        public Rows After { get; }

        /// <summary>Law: the rounding error of this layer's own offset.</summary>
        public double[] Local { get; }

        /// <summary>Law: |z - form| is at most this over the part.</summary>
        public double[] Error { get; }

        /// <summary>Law: |form - offset| is at most this.</summary>
        public double[] Deviation { get; }

        public double[] Slope { get; }

        public double[] Curvature { get; }

        public double[] DerivativeError { get; }

        public double[] Bending { get; }

        /// <summary>What f left over beside its linear part.</summary>
        public double[] Rest { get; }

        /// <summary>Law: |tangent - form| is at most this.</summary>
        public Rows TangentError { get; }

        /// <summary>The share of it that comes from errors of values and of the direction.</summary>
        public Rows Coupled { get; }

        public Rows CoupledAfter { get; }

        /// <summary>How an error of z enters the tangent after the activation: f'' times the tangent.</summary>
        public Rows Coupling { get; }

        public double[][] TangentRest { get; }

        public Rows[] Reach { get; }

        public double[][] ReachError { get; }

        public Rows Scaled { get; }

        public Rows Product { get; }

        public Rows Turned { get; }
    }
}
