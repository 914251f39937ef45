using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>Bounds, and within its budget finds exactly, the Lipschitz constant of a chain of linear maps and (leaky) ReLUs over a part of a box.</summary>
/// <remarks>
/// Accepts: a <see cref="JacobianChain"/> whose activations are ReLU or LeakyReLU. Returns: a number not below |A_c|_(p to q) for every affine
/// piece F(x) = A_c x + b_c that meets the part. A segment between two points of the part is cut by finitely many cells into pieces on each of which F is
/// one of these affine maps, so the largest |A_c| bounds |F(x) - F(y)| / |x - y|.
/// Idea: layer by layer, every pre-activation of a cell is an exact affine form of the input; a neuron whose sign is open divides the cell by a
/// halfspace. A sign is closed by a linear program over the box and the halfspaces so far: its multipliers are guessed by the dual simplex method
/// and checked here, since any multipliers >= 0 prove a bound (Lagrange). Cells whose later layers cannot reach the largest norm found so far,
/// by affine forms with remainders and tangents in center and radius form, are not divided further.
/// Guarantee: sound; exact up to rounding when the budget lasts, but for cells thinner than rounding. The work ends at a fixed number of divisions.
/// Source: the enumeration is that of S. Bak, H.-D. Tran, K. Hobbs, T. T. Johnson, "Improved Geometric Path Enumeration for Verifying ReLU Neural
/// Networks", CAV 2020, the pruning that of A. Bhowmick, M. D'Souza, G. S. Raghavan, "LipBaB", ICANN 2021; both named from memory of their idea, not
/// followed in detail.
/// </remarks>
public sealed class JacobianCells : IBounds
{
    private const int MostHalfspaces = 400;
    private const int MostSymbols = 256;

    private readonly JacobianChain chain;
    private readonly JacobianLayer[] layers;
    private readonly int n;
    private readonly MatrixNorm norm;
    private readonly Level[] levels;
    private readonly JacobianProgram program;
    private readonly double[] center;
    private readonly double[] radius;
    private readonly double[] scores;
    private readonly Scratch scratch;
    private int divisions;
    private double most;
    private double work;
    private double enough;
    private double best;
    private double kept;
    private double[]? bestPoint;
    private bool scoring;

    internal JacobianCells(JacobianChain chain)
    {
        this.chain = chain;
        (layers, n) = (chain.Layers, chain.Problem.Graph.InputLength);
        norm = new MatrixNorm(n, layers[^1].Outputs, chain.Problem.JacobianFrom!.Value, chain.Problem.JacobianTo);
        levels = [.. layers.Select(layer => new Level(layer, n))];
        program = new JacobianProgram(n, MostHalfspaces);
        (center, radius, scores) = (new double[n], new double[n], new double[n]);
        scratch = new Scratch(n, layers.Max(layer => Kernels.Pad(Math.Max(layer.Inputs, layer.Outputs))));
    }

    /// <inheritdoc/>
    public Problem Problem => chain.Problem;

    /// <summary>
    /// Work for one part, in multiplications, after which its remaining cells are bounded, not divided; eight times that for the whole domain.
    /// A count, not a time, so that the same part gives the same number everywhere.
    /// </summary>
    public double MostWork { get; init; } = 5e8;

    /// <inheritdoc/>
    public (double[] Point, double Value)? Candidate => bestPoint is null ? null : (bestPoint, best);

    /// <summary>Divisions that the last bound took.</summary>
    public int Divisions => divisions;

    internal static bool Accepts(JacobianChain chain) => chain.Layers.All(layer => layer.Activation is null or ReLU or LeakyReLU);

    /// <inheritdoc/>
    public IBounds Clone() => new JacobianCells(chain) { MostWork = MostWork };

    /// <inheritdoc/>
    public double LowerBoundAt(ReadOnlySpan<double> point)
    {
        if (!chain.IsInside(point))
        {
            return double.NegativeInfinity;
        }

        point.CopyTo(center);
        Array.Clear(radius);
        SetFirst();
        for (var k = 0; k < layers.Length; k++)
        {
            // Differentiable only where every kink is surely left.
            SetRanges(levels[k], layers[k].Outputs);
            for (var i = 0; i < layers[k].Outputs; i++)
            {
                levels[k].Sides[i] = (sbyte)(layers[k].Activation is null || levels[k].Lower[i] > 0 ? 1 : levels[k].Upper[i] < 0 ? -1 : 0);
                if (levels[k].Sides[i] == 0)
                {
                    return double.NegativeInfinity;
                }
            }

            Pass(k, layers[k].Outputs);
            if (k + 1 < layers.Length)
            {
                Next(k);
            }
        }

        var jacobian = new Interval[layers[^1].Outputs][];
        for (var i = 0; i < jacobian.Length; i++)
        {
            jacobian[i] = new Interval[n];
            for (var j = 0; j < n; j++)
            {
                var middle = levels[^1].After.Data[(j * levels[^1].After.Stride) + i];
                var error = levels[^1].AfterSlopeError[i];
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
    public double UpperBound(Box part) => UpperBound(part, double.NegativeInfinity);

    /// <inheritdoc/>
    public double UpperBound(Box part, double enough)
    {
        ArgumentNullException.ThrowIfNull(part);
        (this.enough, divisions, best, kept, bestPoint, scoring) = (enough, 0, double.NegativeInfinity, double.NegativeInfinity, null, true);
        Array.Clear(scores);
        program.Clear();
        if (!JacobianChain.Center(part, center, radius))
        {
            return double.PositiveInfinity;
        }

        (most, work) = (IsWhole(part) ? 8 * MostWork : MostWork, 0);
        program.SetRadius(radius);
        SetFirst();
        Explore(0, double.PositiveInfinity, new double[n]);
        if (bestPoint is not null)
        {
            for (var j = 0; j < n; j++)
            {
                bestPoint[j] = Math.Clamp(center[j] + bestPoint[j], part.Lower[j], part.Upper[j]);
            }
        }

        return Math.Max(best, kept);
    }

    /// <inheritdoc/>
    public void SplitScores(Box part, Span<double> scores)
    {
        ArgumentNullException.ThrowIfNull(part);
        for (var j = 0; j < n; j++)
        {
            scores[j] = this.scores[j] > 0 ? this.scores[j] : 1e-12 * radius[j];
        }
    }

    private bool IsWhole(Box part) =>
        part.Lower.AsSpan().SequenceEqual(Problem.Domain.Box.Lower) && part.Upper.AsSpan().SequenceEqual(Problem.Domain.Box.Upper);

    /// <summary>A bound that counts: of cells not divided further.</summary>
    private void Keep(double bound) => kept = bound <= kept ? kept : bound;

    private bool IsClosed(double bound) => bound <= Math.Max(best, enough);

    /// <summary>The forms of the first layer: W (center + t) + b.</summary>
    private void SetFirst()
    {
        var (layer, level) = (layers[0], levels[0]);
        var m = layer.Outputs;
        var gamma = Rounding.Gamma(n + 3);
        var offset = level.Forms.Row(n, m);
        layer.Bias.AsSpan(0, m).CopyTo(offset);
        var sizes = level.OffsetError;
        for (var i = 0; i < m; i++)
        {
            (sizes[i], level.SlopeError[i]) = (Math.Abs(layer.Bias[i]), 0);
        }

        for (var j = 0; j < n; j++)
        {
            var weights = layer.Weights.Row(j, m);
            weights.CopyTo(level.Forms.Row(j, m));
            for (var i = 0; i < m; i++)
            {
                offset[i] += weights[i] * center[j];
                sizes[i] += Math.Abs(weights[i] * center[j]);
            }
        }

        for (var i = 0; i < m; i++)
        {
            sizes[i] = (2 * gamma * sizes[i]) + Rounding.Tiny;
        }
    }

    /// <summary>Bounds the cell whose layers before <paramref name="k"/> are decided and whose forms of layer k are set; p is a point of it, from the center.</summary>
    private void Explore(int k, double bound, double[] p)
    {
        var level = levels[k];
        if (layers[k].Activation is null)
        {
            Array.Fill(level.Sides, (sbyte)1);
            level.Open.Clear();
        }
        else
        {
            SetRanges(level, layers[k].Outputs);
            SetOpen(k);
            if (scoring || level.Open.Count > 0)
            {
                // For the part as a whole also signed: dearer, and the one that counts where the work will not last.
                bound = scoring ? Math.Min(Relaxed(k, signed: true), Relaxed(k, signed: false)) : Math.Min(bound, Relaxed(k, signed: false));
                if (IsClosed(bound))
                {
                    Keep(bound);
                    return;
                }
            }
        }

        Decide(k, 0, bound, p);
    }

    /// <summary>The ranges of the forms over the box, errors included.</summary>
    private void SetRanges(Level level, int m)
    {
        var offset = level.Forms.Row(n, m);
        var (spread, size) = (level.Upper, level.Size);
        for (var i = 0; i < m; i++)
        {
            spread[i] = 0;
        }

        for (var j = 0; j < n; j++)
        {
            var row = level.Forms.Row(j, m);
            var r = radius[j];
            for (var i = 0; i < m; i++)
            {
                spread[i] += Math.Abs(row[i]) * r;
            }
        }

        var gamma = Rounding.Gamma(n + 4);
        var reach = 0.0;
        for (var j = 0; j < n; j++)
        {
            reach += radius[j];
        }

        reach *= 1 + 1e-9;
        for (var i = 0; i < m; i++)
        {
            size[i] = Math.Abs(offset[i]) + spread[i];
            level.Error[i] = ((level.OffsetError[i] + (level.SlopeError[i] * reach)) * (1 + 1e-9)) + Rounding.Tiny;
            var width = spread[i] + level.Error[i] + (2 * gamma * size[i]) + Rounding.Tiny;
            width *= 1 + 1e-12;
            (level.Lower[i], level.Upper[i]) = (Rounding.SubtractDown(offset[i], width), Rounding.AddUp(offset[i], width));
        }
    }

    /// <summary>Sides closed by the ranges; the open neurons, those of the largest effect first.</summary>
    private void SetOpen(int k)
    {
        var (level, m) = (levels[k], layers[k].Outputs);
        level.Open.Clear();
        for (var i = 0; i < m; i++)
        {
            level.Sides[i] = (sbyte)(level.Lower[i] >= 0 ? 1 : level.Upper[i] <= 0 ? -1 : 0);
            if (level.Sides[i] == 0)
            {
                var effect = 0.0;
                for (var j = 0; j < n; j++)
                {
                    effect += Math.Abs(level.Forms.Data[(j * level.Forms.Stride) + i]);
                }

                level.Effect[i] = effect * (k + 1 < layers.Length ? levels[k + 1].ColumnSizes[i] : 1);
                level.Open.Add(i);
            }
        }

        level.Open.Sort((a, b) => level.Effect[b] != level.Effect[a] ? level.Effect[b].CompareTo(level.Effect[a]) : a.CompareTo(b));
    }

    /// <summary>Decides the open neurons of layer k from the given place on, then goes to the next layer.</summary>
    private void Decide(int k, int place, double bound, double[] p)
    {
        var level = levels[k];
        var m = layers[k].Outputs;
        for (var q = place; q < level.Open.Count; q++)
        {
            var i = level.Open[q];
            var value = level.Forms.Data[(n * level.Forms.Stride) + i];
            for (var j = 0; j < n; j++)
            {
                value += level.Forms.Data[(j * level.Forms.Stride) + i] * p[j];
            }

            // The side of p holds a point of the cell; is there one on the other side?
            sbyte side = value >= 0 ? (sbyte)1 : (sbyte)-1;
            if (program.Excludes(level.Forms, i, -side, level.Error[i], out var vertex))
            {
                level.Sides[i] = side;
                continue;
            }

            divisions++;
            if (work + program.Work > most || program.Count == MostHalfspaces)
            {
                Keep(bound);
            }
            else
            {
                // The side that looks larger first: the other one is then more often closed without work.
                var (first, second) = (Bound(k, i, side, bound), Bound(k, i, (sbyte)-side, bound));
                var other = Beyond(p, vertex, value, level.Forms, i);
                for (var turn = 0; turn < 2; turn++)
                {
                    var own = (turn == 0) == (first >= second);
                    var (sign, limit) = own ? (side, first) : ((sbyte)-side, second);
                    if (IsClosed(limit))
                    {
                        Keep(limit);
                        continue;
                    }

                    level.Sides[i] = sign;
                    program.Push(level.Forms, i, sign, level.Error[i]);
                    Decide(k, q + 1, limit, own ? p : other);
                    program.Pop();
                }
            }

            for (var back = place; back <= q; back++)
            {
                level.Sides[level.Open[back]] = 0;
            }

            return;
        }

        Pass(k, m);
        if (k == layers.Length - 1)
        {
            for (var j = 0; j < n; j++)
            {
                level.AfterSlopeError.AsSpan(0, m).CopyTo(scratch.Radius.Row(j, m));
            }

            var exact = norm.Upper(level.After, scratch.Radius, Math.Max(best, enough));
            if (IsClosed(exact))
            {
                Keep(exact);
            }
            else
            {
                (best, bestPoint) = (exact, (double[])p.Clone());
            }
        }
        else
        {
            Next(k);
            Explore(k + 1, bound, p);
        }

        for (var back = place; back < level.Open.Count; back++)
        {
            level.Sides[level.Open[back]] = 0;
        }
    }

    private double Bound(int k, int i, sbyte side, double bound)
    {
        levels[k].Sides[i] = side;
        var result = Math.Min(bound, Relaxed(k, signed: false));
        levels[k].Sides[i] = 0;
        return result;
    }

    /// <summary>A point of the cell on the other side of neuron i: between the vertex found there and where the segment to p leaves that side.</summary>
    private double[] Beyond(double[] p, double[] vertex, double value, Rows forms, int i)
    {
        var there = forms.Data[(n * forms.Stride) + i];
        for (var j = 0; j < n; j++)
        {
            there += forms.Data[(j * forms.Stride) + i] * vertex[j];
        }

        var share = value != there && Math.Abs(value) > 0 ? Math.Clamp(0.5 * there / (there - value), 0, 0.5) : 0;
        var point = new double[n];
        for (var j = 0; j < n; j++)
        {
            point[j] = vertex[j] + (share * (p[j] - vertex[j]));
        }

        return point;
    }

    /// <summary>The forms after the activation of layer k, all sides decided.</summary>
    private void Pass(int k, int m)
    {
        var level = levels[k];
        var inactive = InactiveSlope(layers[k].Activation);
        for (var j = 0; j <= n; j++)
        {
            var from = level.Forms.Row(j, m);
            var to = level.After.Row(j, m);
            for (var i = 0; i < m; i++)
            {
                to[i] = level.Sides[i] > 0 ? from[i] : inactive * from[i];
            }
        }

        for (var i = 0; i < m; i++)
        {
            var (slope, offset) = (level.SlopeError[i], level.OffsetError[i]);
            if (level.Sides[i] <= 0)
            {
                // inactive * x rounds, unless inactive is 0.
                var most = 0.0;
                for (var j = 0; j < n; j++)
                {
                    most = Math.Max(most, Math.Abs(level.After.Data[(j * level.After.Stride) + i]));
                }

                slope = inactive == 0 ? 0 : (((inactive * slope) + (2 * Rounding.Gamma(1) * most)) * (1 + 1e-9)) + Rounding.Tiny;
                offset = inactive == 0 ? 0 : (((inactive * offset) + (2 * Rounding.Gamma(1) * Math.Abs(level.After.Data[(n * level.After.Stride) + i]))) * (1 + 1e-9)) + Rounding.Tiny;
            }

            (level.AfterSlopeError[i], level.AfterOffsetError[i]) = (slope, offset);
        }
    }

    /// <summary>The forms of layer k + 1 from those after layer k.</summary>
    private void Next(int k)
    {
        var (level, next, layer) = (levels[k], levels[k + 1], layers[k + 1]);
        var (inner, m) = (layer.Inputs, layer.Outputs);
        work += (n + 3.0) * inner * m;
        Kernels.Multiply(level.After, layer.Weights, next.Forms, n + 1, inner, m, accumulate: false);
        var offset = next.Forms.Row(n, m);
        var gamma = 2 * Rounding.Gamma(inner + 2);
        var slopes = scratch.Errors.Row(0, inner);
        var offsets = scratch.Errors.Row(1, inner);
        for (var i = 0; i < inner; i++)
        {
            slopes[i] = 0;
        }

        for (var j = 0; j < n; j++)
        {
            var row = level.After.Row(j, inner);
            for (var i = 0; i < inner; i++)
            {
                slopes[i] = Math.Max(slopes[i], Math.Abs(row[i]));
            }
        }

        var constants = level.After.Row(n, inner);
        for (var i = 0; i < inner; i++)
        {
            slopes[i] = (gamma * slopes[i]) + level.AfterSlopeError[i];
            offsets[i] = (gamma * Math.Abs(constants[i])) + level.AfterOffsetError[i];
        }

        Kernels.Multiply(scratch.Errors, layer.Sizes, scratch.ErrorsOut, 2, inner, m, accumulate: false);
        var slopesOut = scratch.ErrorsOut.Row(0, m);
        var offsetsOut = scratch.ErrorsOut.Row(1, m);
        for (var i = 0; i < m; i++)
        {
            var before = Math.Abs(offset[i]);
            offset[i] += layer.Bias[i];
            next.SlopeError[i] = (slopesOut[i] * (1 + 1e-9)) + Rounding.Tiny;
            next.OffsetError[i] = ((offsetsOut[i] + (gamma * (before + Math.Abs(layer.Bias[i])))) * (1 + 1e-9)) + Rounding.Tiny;
        }
    }

    /// <summary>
    /// A bound of the norm over the cell with the open neurons of layer k and all later ones left open: values as affine forms with remainders over
    /// the box, tangents in center and radius form, an open slope anywhere in its range. Signed: what each open neuron leaves over travels on by
    /// the signed product of the linear parts, not by the sizes of the weights. Infinite where there are too many.
    /// </summary>
    private double Relaxed(int k, bool signed)
    {
        var level = levels[k];
        var m = layers[k].Outputs;
        var forms = scratch.Block;
        var spreads = scratch.Spread;
        scratch.Left.Clear();
        for (var j = 0; j <= n; j++)
        {
            level.Forms.Row(j, m).CopyTo(forms.Row(j, m));
        }

        for (var j = 0; j < n; j++)
        {
            level.Forms.Row(j, m).CopyTo(forms.Row(n + 1 + j, m));
            level.SlopeError.AsSpan(0, m).CopyTo(spreads.Row(1 + j, m));
            level.SlopeError.AsSpan(0, m).CopyTo(scratch.Total.Row(1 + j, m));
        }

        level.Error.AsSpan(0, m).CopyTo(spreads.Row(0, m));
        Activate(forms, spreads, m, layers[k].Activation, level.Lower, level.Upper, level.Sides, signed);
        for (var l = k + 1; l < layers.Length; l++)
        {
            var layer = layers[l];
            m = layer.Outputs;
            if (scratch.Left.Count > MostSymbols)
            {
                return double.PositiveInfinity;
            }

            Step(layer);
            StepSymbols(layer);
            (forms, spreads) = (scratch.Block, scratch.Spread);
            if (layer.Activation is not null)
            {
                RelaxedRanges(forms, scratch.Total, m);
                Activate(forms, spreads, m, layer.Activation, scratch.Lower, scratch.Upper, scratch.Sides, signed);
            }
        }

        scoring = false;
        return norm.Upper(Below(forms, n + 1), Below(scratch.Total, 1), Math.Max(best, enough));
    }

    /// <summary>The symbols through one linear map; the totals of remainders and radii, spreads included.</summary>
    private void StepSymbols(JacobianLayer layer)
    {
        var (inner, m, count) = (layer.Inputs, layer.Outputs, scratch.Left.Count);
        var total = scratch.Total;
        for (var j = 0; j <= n; j++)
        {
            scratch.Spread.Row(j, m).CopyTo(total.Row(j, m));
        }

        if (count == 0)
        {
            return;
        }

        var old = 0;
        while (old < count && !scratch.Left[old].Fresh)
        {
            old++;
        }

        if (old > 0)
        {
            work += 2.0 * old * inner * m;
            var gamma = 2 * Rounding.Gamma(inner + 3);
            for (var u = 0; u < old; u++)
            {
                var symbol = scratch.Left[u];
                symbol.ValueError = (((gamma * Largest(scratch.ValueSymbols.Row(u, inner))) + symbol.ValueError) * layer.LargestRow * (1 + 1e-9)) + Rounding.Tiny;
                symbol.TangentError = (((gamma * Largest(scratch.TangentSymbols.Row(u, inner))) + symbol.TangentError) * layer.LargestRow * (1 + 1e-9)) + Rounding.Tiny;
            }

            Kernels.Multiply(scratch.ValueSymbols, layer.Weights, scratch.ValueSymbolsOut, old, inner, m, accumulate: false);
            Kernels.Multiply(scratch.TangentSymbols, layer.Weights, scratch.TangentSymbolsOut, old, inner, m, accumulate: false);
            scratch.SwapSymbols();
        }

        for (var u = old; u < count; u++)
        {
            var symbol = scratch.Left[u];
            symbol.Fresh = false;
            layer.Weights.Row(symbol.Neuron, m).CopyTo(scratch.ValueSymbols.Row(u, m));
            layer.Weights.Row(symbol.Neuron, m).CopyTo(scratch.TangentSymbols.Row(u, m));
        }

        work += (n + 1.0) * count * m;
        var remainder = total.Row(0, m);
        for (var u = 0; u < count; u++)
        {
            var symbol = scratch.Left[u];
            var row = scratch.ValueSymbols.Row(u, m);
            for (var i = 0; i < m; i++)
            {
                remainder[i] += (Math.Abs(row[i]) + symbol.ValueError) * symbol.ValueRest;
            }

            row = scratch.TangentSymbols.Row(u, m);
            for (var j = 0; j < n; j++)
            {
                var target = total.Row(1 + j, m);
                var rest = scratch.TangentRest[(u * n) + j];
                for (var i = 0; i < m; i++)
                {
                    target[i] += (Math.Abs(row[i]) + symbol.TangentError) * rest;
                }
            }
        }

        for (var j = 0; j <= n; j++)
        {
            var row = total.Row(j, m);
            for (var i = 0; i < m; i++)
            {
                row[i] = (row[i] * (1 + 1e-9)) + Rounding.Tiny;
            }
        }
    }

    private static double Largest(ReadOnlySpan<double> row)
    {
        var most = 0.0;
        foreach (var entry in row)
        {
            most = Math.Max(most, Math.Abs(entry));
        }

        return most;
    }

    /// <summary>The block and its spreads through one linear map, a-priori rounding errors moved into the spreads.</summary>
    private void Step(JacobianLayer layer)
    {
        var (inner, m) = (layer.Inputs, layer.Outputs);
        var (forms, spreads) = (scratch.Block, scratch.Spread);
        var gamma = 2 * Rounding.Gamma(inner + 2);
        var remainder = spreads.Row(0, inner);
        for (var j = 0; j <= n; j++)
        {
            var row = forms.Row(j, inner);
            var r = gamma * (j < n ? radius[j] : 1);
            for (var i = 0; i < inner; i++)
            {
                remainder[i] += Math.Abs(row[i]) * r;
            }
        }

        for (var j = 0; j < n; j++)
        {
            var row = forms.Row(n + 1 + j, inner);
            var spread = spreads.Row(1 + j, inner);
            for (var i = 0; i < inner; i++)
            {
                spread[i] += gamma * Math.Abs(row[i]);
            }
        }

        work += ((3.0 * n) + 2) * inner * m;
        Kernels.Multiply(forms, layer.Weights, scratch.BlockOut, (2 * n) + 1, inner, m, accumulate: false);
        Kernels.Multiply(spreads, layer.Sizes, scratch.SpreadOut, n + 1, inner, m, accumulate: false);
        scratch.Swap();
        (forms, spreads) = (scratch.Block, scratch.Spread);
        var offset = forms.Row(n, m);
        remainder = spreads.Row(0, m);
        for (var i = 0; i < m; i++)
        {
            remainder[i] += gamma * (Math.Abs(offset[i]) + Math.Abs(layer.Bias[i]));
            offset[i] += layer.Bias[i];
        }

        for (var j = 0; j <= n; j++)
        {
            var row = spreads.Row(j, m);
            for (var i = 0; i < m; i++)
            {
                row[i] = (row[i] * (1 + 1e-9)) + Rounding.Tiny;
            }
        }
    }

    private void RelaxedRanges(Rows forms, Rows spreads, int m)
    {
        var (lower, upper) = (scratch.Lower, scratch.Upper);
        var offset = forms.Row(n, m);
        var remainder = spreads.Row(0, m);
        Array.Clear(upper, 0, m);
        for (var j = 0; j < n; j++)
        {
            var row = forms.Row(j, m);
            var r = radius[j];
            for (var i = 0; i < m; i++)
            {
                upper[i] += Math.Abs(row[i]) * r;
            }
        }

        for (var i = 0; i < m; i++)
        {
            var width = ((upper[i] + remainder[i]) * (1 + 1e-9)) + Rounding.Tiny;
            (lower[i], upper[i]) = (Rounding.SubtractDown(offset[i], width), Rounding.AddUp(offset[i], width));
            scratch.Sides[i] = (sbyte)(lower[i] >= 0 ? 1 : upper[i] <= 0 ? -1 : 0);
            if (scoring && scratch.Sides[i] == 0)
            {
                for (var j = 0; j < n; j++)
                {
                    scores[j] += Math.Abs(forms.Data[(j * forms.Stride) + i]) * radius[j] / (upper[i] - lower[i]);
                }
            }
        }
    }

    /// <summary>
    /// The block after the activation. On an open side f lies between s z and s z + c for the chord's slope s, f being convex; its slopes fill
    /// [inactive, 1].
    /// </summary>
    private void Activate(Rows forms, Rows spreads, int m, Activation? activation, double[] lower, double[] upper, sbyte[] sides, bool signed)
    {
        if (activation is null)
        {
            return;
        }

        var inactive = InactiveSlope(activation);
        var (value, tangent, half) = (scratch.ValueSlope, scratch.TangentSlope, scratch.HalfWidth);
        var offset = forms.Row(n, m);
        var remainder = spreads.Row(0, m);
        for (var i = 0; i < m; i++)
        {
            if (sides[i] != 0)
            {
                (value[i], tangent[i], half[i]) = sides[i] > 0 ? (1, 1, 0) : (inactive, inactive, 0);
                remainder[i] *= value[i];
                if (value[i] is not (0 or 1))
                {
                    remainder[i] = ((remainder[i] + (4 * Rounding.Gamma(2) * Math.Max(Math.Abs(lower[i]), Math.Abs(upper[i])))) * (1 + 1e-9)) + Rounding.Tiny;
                }

                continue;
            }

            var (l, u) = (lower[i], upper[i]);
            var s = Math.Clamp((u - (inactive * l)) / (u - l), inactive, 1);
            var c = Math.Max(Rounding.MultiplyUp(Rounding.SubtractUp(s, inactive), -l), Rounding.MultiplyUp(Rounding.SubtractUp(1, s), u));
            (value[i], tangent[i], half[i]) = (s, 0.5 * (1 + inactive), 0.5 * (1 - inactive));

            // z = form + remainder, f(z) = s form + c/2 + (s remainder + c/2); size bounds what rounding the scaled form may cost.
            scratch.Shift[i] = 0.5 * c;
            if (signed)
            {
                scratch.Left.Add(new Symbol { Neuron = i, Fresh = true, ValueRest = (0.5 * c * (1 + 1e-9)) + Rounding.Tiny });
                c = 0;
            }

            remainder[i] = (((s * remainder[i]) + (0.5 * c)) * (1 + 1e-9)) + Rounding.Tiny;
        }

        // The error of s times the form: u (|offset| + sum |slope| r), gathered before scaling.
        for (var j = 0; j <= n; j++)
        {
            var row = forms.Row(j, m);
            var r = 4 * Rounding.Gamma(2) * (j < n ? radius[j] : 1);
            for (var i = 0; i < m; i++)
            {
                remainder[i] += value[i] is 0 or 1 ? 0 : Math.Abs(row[i]) * r;
                row[i] *= value[i];
            }
        }

        for (var i = 0; i < m; i++)
        {
            if (sides[i] == 0)
            {
                offset[i] += scratch.Shift[i];
                remainder[i] += 4 * Rounding.Gamma(2) * (Math.Abs(offset[i]) + scratch.Shift[i]);
            }
        }

        for (var u = 0; signed && u < scratch.Left.Count && u < MostSymbols; u++)
        {
            var symbol = scratch.Left[u];
            if (symbol.Fresh)
            {
                // |(d - h) t| <= half (|center| + radius).
                for (var j = 0; j < n; j++)
                {
                    var size = Math.Abs(forms.Data[((n + 1 + j) * forms.Stride) + symbol.Neuron]) + scratch.Total.Data[((1 + j) * scratch.Total.Stride) + symbol.Neuron];
                    scratch.TangentRest[(u * n) + j] = (half[symbol.Neuron] * size * (1 + 1e-9)) + Rounding.Tiny;
                }
            }
            else
            {
                var (ofValues, ofTangents) = (0.0, 0.0);
                var values = scratch.ValueSymbols.Row(u, m);
                var slopes = scratch.TangentSymbols.Row(u, m);
                for (var i = 0; i < m; i++)
                {
                    values[i] *= value[i];
                    slopes[i] *= tangent[i];
                    (ofValues, ofTangents) = (Math.Max(ofValues, value[i]), Math.Max(ofTangents, tangent[i]));
                }

                (symbol.ValueError, symbol.TangentError) = (symbol.ValueError * ofValues, symbol.TangentError * ofTangents);
            }
        }

        for (var j = 0; j < n; j++)
        {
            var row = forms.Row(n + 1 + j, m);
            var spread = spreads.Row(1 + j, m);
            var total = scratch.Total.Row(1 + j, m);
            for (var i = 0; i < m; i++)
            {
                var size = Math.Abs(row[i]);

                // |d t - h t0| <= |d| |t - t0| + |d - h| |t0|, d at most 1 on an open side; signed, the second part and what travels are symbols.
                var (stretch, own) = half[i] > 0 ? (signed ? tangent[i] : 1, signed ? 0 : half[i]) : (tangent[i], 0);
                spread[i] = tangent[i] == 1 ? spread[i]
                    : tangent[i] == 0 ? 0
                    : (((stretch * spread[i]) + (own * size) + (4 * Rounding.Gamma(2) * size)) * (1 + 1e-9)) + Rounding.Tiny;
                total[i] = signed ? tangent[i] * total[i] * (1 + 1e-9) : spread[i];
                total[i] = Math.Max(total[i], spread[i]);
                row[i] *= tangent[i];
            }
        }
    }

    private static double InactiveSlope(Activation? activation) => activation is LeakyReLU leaky ? leaky.NegativeSlope : 0;

    /// <summary>The rows from <paramref name="first"/> on, as the first rows of a block.</summary>
    private Rows Below(Rows rows, int first)
    {
        var target = first == 1 ? scratch.RadiusOut : scratch.CenterOut;
        for (var j = 0; j < n; j++)
        {
            rows.Row(first + j, layers[^1].Outputs).CopyTo(target.Row(j, layers[^1].Outputs));
        }

        return target;
    }

    /// <summary>One layer of the cell at hand.</summary>
    private sealed class Level
    {
        public Level(JacobianLayer layer, int n)
        {
            var stride = Kernels.Pad(layer.Outputs);
            (Forms, After) = (new Rows(new double[(n + 1) * stride], stride), new Rows(new double[(n + 1) * stride], stride));
            (SlopeError, OffsetError, AfterSlopeError, AfterOffsetError) = (new double[stride], new double[stride], new double[stride], new double[stride]);
            (Error, Size, Lower, Upper, Effect) = (new double[stride], new double[stride], new double[stride], new double[stride], new double[stride]);
            Sides = new sbyte[layer.Outputs];
            ColumnSizes = [.. Enumerable.Range(0, layer.Inputs).Select(i => layer.Sizes.Row(i, layer.Outputs).ToArray().Sum())];
        }

        /// <summary>Slopes along each input, then the offset, of every z of the layer, in t = x - center.</summary>
        public Rows Forms { get; }

        /// <summary>The same after the activation.</summary>
        public Rows After { get; }

        /// <summary>Law: at least the error of every slope of a form.</summary>
        public double[] SlopeError { get; }

        /// <summary>Law: at least the error of the offset.</summary>
        public double[] OffsetError { get; }

        public double[] AfterSlopeError { get; }

        public double[] AfterOffsetError { get; }

        /// <summary>Law: |z - form| is at most this over the box.</summary>
        public double[] Error { get; }

        public double[] Size { get; }

        public double[] Lower { get; }

        public double[] Upper { get; }

        public double[] Effect { get; }

        /// <summary>1: z >= 0 on the cell, -1: z &lt;= 0, 0: open.</summary>
        public sbyte[] Sides { get; }

        public List<int> Open { get; } = [];

        /// <summary>Sum of the sizes of the weights that read each input of the layer.</summary>
        public double[] ColumnSizes { get; }
    }

    /// <summary>What an open neuron leaves over beside its linear part.</summary>
    private sealed class Symbol
    {
        public int Neuron { get; init; }

        /// <summary>Whether it still stands at its neuron, after the activation.</summary>
        public bool Fresh { get; set; }

        public double ValueRest { get; init; }

        /// <summary>Law: at least the error of every entry of its row.</summary>
        public double ValueError { get; set; }

        public double TangentError { get; set; }
    }

    private sealed class Scratch
    {
        public Scratch(int n, int width)
        {
            Rows New(int rows) => new(new double[rows * width], width);
            (Block, BlockOut, Spread, SpreadOut) = (New((2 * n) + 1), New((2 * n) + 1), New(n + 1), New(n + 1));
            (Errors, ErrorsOut, Radius, RadiusOut, CenterOut) = (New(2), New(2), New(n), New(n), New(n));
            (Lower, Upper, ValueSlope, TangentSlope, HalfWidth, Shift) =
                (new double[width], new double[width], new double[width], new double[width], new double[width], new double[width]);
            Sides = new sbyte[width];
            Total = New(n + 1);
            (ValueSymbols, ValueSymbolsOut, TangentSymbols, TangentSymbolsOut) = (New(MostSymbols), New(MostSymbols), New(MostSymbols), New(MostSymbols));
            TangentRest = new double[MostSymbols * n];
        }

        /// <summary>What open neurons left over: row u of the symbols is how it reaches the present layer.</summary>
        public List<Symbol> Left { get; } = [];

        public Rows ValueSymbols { get; private set; }

        public Rows ValueSymbolsOut { get; private set; }

        public Rows TangentSymbols { get; private set; }

        public Rows TangentSymbolsOut { get; private set; }

        public double[] TangentRest { get; }

        /// <summary>Remainder of the values, then the radii of the tangents, all parts together.</summary>
        public Rows Total { get; }

        /// <summary>Slopes and offset of the values, then the centers of the tangents.</summary>
        public Rows Block { get; private set; }

        public Rows BlockOut { get; private set; }

        /// <summary>Remainder of the values, then the radii of the tangents.</summary>
        public Rows Spread { get; private set; }

        public Rows SpreadOut { get; private set; }

        public Rows Errors { get; }

        public Rows ErrorsOut { get; }

        public Rows Radius { get; }

        public Rows RadiusOut { get; }

        public Rows CenterOut { get; }

        public double[] Lower { get; }

        public double[] Upper { get; }

        public double[] ValueSlope { get; }

        public double[] TangentSlope { get; }

        public double[] HalfWidth { get; }

        public double[] Shift { get; }

        public sbyte[] Sides { get; }

        public void SwapSymbols() =>
            (ValueSymbols, ValueSymbolsOut, TangentSymbols, TangentSymbolsOut) = (ValueSymbolsOut, ValueSymbols, TangentSymbolsOut, TangentSymbols);

        public void Swap() => (Block, BlockOut, Spread, SpreadOut) = (BlockOut, Block, SpreadOut, Spread);
    }
}
