using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Lower slopes of undecided kinks are free between a and 1, and each row may choose its own; with the intermediate ranges fixed, a row's bound is convex in them. A step:
/// carry the rows backwards, find for each the corner x of the part where its linear bound is largest, evaluate the relaxed network there, and move each
/// slope that the row uses against its partial derivative, (coefficient) * (relaxed z at x), scaled to the neuron's range. All rows of a layer go together. Elements
/// on a decided side, s z &gt;= 0, have a multiplier b &gt;= 0 too, which adds b s z to the row: S. Wang et al., "Beta-CROWN: Efficient Bound Propagation with Per-neuron Split
/// Constraints for Neural Network Robustness Verification", NeurIPS 2021. Lines of S-shaped functions: <see cref="SmoothLines"/>.
/// </remarks>
internal sealed partial class ChainBounds
{
    private readonly Improver improver;

    private sealed class Improver
    {
        private const double FirstStep = 2;
        private const double Decay = 0.7;
        private const double MultiplierPace = 2;

        private readonly ChainBounds owner;
        private Rows[]? transposed; // W_q as [in, out]
        private readonly double[][] freedom; // of live elements: 1 / (u - l) where the slope is free, 0 elsewhere
        private readonly Rows[] rows; // over y_q, before the activation
        private readonly Rows[] slopes;
        private readonly Rows[] points;
        private readonly Rows[] multipliers; // of decided elements, with the sign of the side
        private readonly bool hasKinks;
        private readonly bool hasCurves;
        private readonly SmoothLines?[] smooth; // of S-shaped layers, where their lines are free
        private int scored = -1; // how many layers the rows are those of the objective for
        private Rows corners;
        private readonly int[] places;
        private double[] images = [];
        private double[] values = [];
        private int room;

        public Improver(ChainBounds owner)
        {
            this.owner = owner;
            var layers = owner.layers;
            hasKinks = layers.Any(state => state.HasKink);
            hasCurves = layers.Any(state => state.Layer.Activation is SShaped);
            smooth = new SmoothLines?[layers.Length];
            freedom = [.. layers.Select(state => new double[Kernels.Pad(state.Length)])];
            places = new int[owner.widest];
            (rows, slopes, points, multipliers) = (new Rows[layers.Length], new Rows[layers.Length], new Rows[layers.Length], new Rows[layers.Length]);
        }

        /// <summary>Whether any slope is free. Lines of S-shaped functions are only where every neuron's are improved; in a search, which improves the objective's alone, they stay the layer's own.</summary>
        public bool CanImprove => hasKinks || (owner.NeuronSteps > 0 && hasCurves);

        /// <summary>Forgets the rows that kinks are scored by.</summary>
        public void Forget() => scored = -1;

        /// <summary>Improves upper bounds (or those of the negated elements) of layer k, told for each row and round, until all are at most <paramref name="enough"/>.</summary>
        public void Run(int k, int[] elements, bool upper, int steps, double enough, Action<int, double> found)
        {
            var count = elements.Length;
            Reserve(count);
            transposed ??= [.. owner.layers.Select(state => Transpose(state.Layer))];
            scored = -1;
            for (var q = 0; q < k; q++)
            {
                var state = owner.layers[q];
                var live = state.Live;
                var stride = Kernels.Pad(live.Length);
                for (var i = 0; i < live.Length; i++)
                {
                    var (l, u) = (state.Lower[live[i]], state.Upper[live[i]]);
                    freedom[q][i] = state.HasKink && l < 0 && u > 0 ? 1 / (u - l) : 0;
                }

                freedom[q].AsSpan(live.Length, stride - live.Length).Clear();
                (rows[q], slopes[q], points[q]) = (new Rows(rows[q].Data, stride), new Rows(slopes[q].Data, stride), new Rows(points[q].Data, stride));
                multipliers[q] = new Rows(multipliers[q].Data, stride);
                multipliers[q].Data.AsSpan(0, state.Decided > 0 ? count * stride : 0).Clear();
                for (var r = 0; r < count; r++)
                {
                    state.LowerSlopes.AsSpan(0, stride).CopyTo(slopes[q].Row(r, stride));
                }

                if (owner.NeuronSteps > 0 && state.Layer.Activation is SShaped f)
                {
                    (smooth[q] ??= new SmoothLines(f, state.Length)).Start(state, slopes[q], count);
                }
            }

            var step = FirstStep;
            for (var round = 0; round < steps; round++, step *= Decay)
            {
                owner.Start(k, elements, upper);
                for (var q = k - 1; q >= 0; q--)
                {
                    owner.backward.Data.AsSpan(0, count * owner.backward.Stride).CopyTo(rows[q].Data);
                    var lines = smooth[q] is { } own ? own.Lines(slopes[q]) : new OwnLines(slopes[q], null, null, null);
                    owner.Descend(owner.layers[q], count, lines, owner.layers[q].Decided > 0 ? multipliers[q] : null);
                }

                var worst = double.NegativeInfinity;
                for (var r = 0; r < count; r++)
                {
                    var value = owner.Concretize(r);
                    values[r] = round == 0 ? value : Math.Min(values[r], value);
                    worst = Math.Max(worst, values[r]);
                    found(r, value);
                }

                if (worst <= enough || round + 1 == steps)
                {
                    scored = k;
                    return;
                }

                Move(k, count, step);
            }
        }

        /// <summary>One subgradient step of every row.</summary>
        private void Move(int k, int count, double step)
        {
            var part = owner.part;
            for (var r = 0; r < count; r++)
            {
                var row = owner.backward.Row(r, owner.inputs);
                var corner = corners.Row(r, owner.inputs);
                for (var j = 0; j < row.Length; j++)
                {
                    corner[j] = row[j] > 0 ? part.Upper[j] : part.Lower[j];
                }
            }

            var below = corners;
            for (var q = 0; q < k; q++)
            {
                var state = owner.layers[q];
                var all = new Rows(images, transposed![q].Stride);
                Kernels.Multiply(below, transposed![q], Places(q), all, count, state.Length, accumulate: false);
                for (var r = 0; r < count; r++)
                {
                    var from = all.Row(r, all.Stride);
                    var to = points[q].Row(r, points[q].Stride);
                    var live = state.Live;
                    for (var i = 0; i < live.Length; i++)
                    {
                        to[i] = from[live[i]];
                    }

                    to[live.Length..].Clear();
                    if (state.Decided > 0)
                    {
                        Force(q, r, step);
                    }

                    if (smooth[q] is { } lines)
                    {
                        lines.Update(state, rows[q], points[q], r, step);
                    }
                    else
                    {
                        Update(state, freedom[q], rows[q], slopes[q], points[q], r, step);
                    }
                }

                below = points[q];
            }
        }

        /// <summary>
        /// Scores of kinks: what the chord's intercept adds to row 0's bound, which is the intercept's part of the score BaBSR (R. Bunel et al., "Branch and Bound for Piecewise
        /// Linear Neural Network Verification", JMLR, 2020) without that of biases, and, far below, how far lines from below can be off. False where no kink is free.
        /// </summary>
        public bool Score(Span<double> scores, int[] first)
        {
            var any = false;
            for (var q = 0; q < scored; q++)
            {
                var state = owner.layers[q];
                for (var i = 0; i < state.Lives; i++)
                {
                    if (freedom[q][i] > 0 && rows[q].Data[i] is var a && a != 0)
                    {
                        var (l, u) = (state.Lower[state.Live[i]], state.Upper[state.Live[i]]);
                        scores[first[q] + state.Live[i]] = (a > 0 ? a : 1e-9 * -a) * -l * u * freedom[q][i];
                        any = true;
                    }
                }
            }

            return any;
        }

        /// <summary>Moves the multipliers of decided elements: a bound falls where one grows whose element is on the wrong side at the corner.</summary>
        private void Force(int q, int r, double step)
        {
            var state = owner.layers[q];
            var stride = points[q].Stride;
            var live = state.Live;
            var a = rows[q].Data.AsSpan(r * stride, stride);
            var z = points[q].Data.AsSpan(r * stride, stride);
            var m = multipliers[q].Data.AsSpan(r * stride, stride);
            var size = 0.0;
            foreach (var coefficient in a)
            {
                size = Math.Max(size, Math.Abs(coefficient));
            }

            for (var i = 0; i < live.Length; i++)
            {
                var sign = state.Signs[i];
                var width = state.Upper[live[i]] - state.Lower[live[i]];
                if (sign != 0 && width > 0)
                {
                    m[i] = sign * Math.Max(0, (sign * m[i]) - (MultiplierPace * step * size * sign * (z[i] + state.Bias[i]) / width));
                }
            }
        }

        /// <summary>Where the rows of W_q' that read a live element start.</summary>
        private ReadOnlySpan<int> Places(int q)
        {
            var count = q == 0 ? owner.inputs : owner.layers[q - 1].Lives;
            for (var k = 0; k < count; k++)
            {
                places[k] = transposed![q].Stride * (q == 0 ? k : owner.layers[q - 1].Live[k]);
            }

            return places.AsSpan(0, count);
        }

        /// <summary>Turns z into the relaxed y, and moves the slopes that the row used from below: a bound falls where a slope with a &lt; 0 follows the sign of z.</summary>
        private static void Update(LayerState state, double[] freedom, Rows rows, Rows slopes, Rows points, int r, double step)
        {
            var stride = points.Stride;
            var a = rows.Data.AsSpan(r * stride, stride);
            var s = slopes.Data.AsSpan(r * stride, stride);
            var z = points.Data.AsSpan(r * stride, stride);
            var (least, most, pace) = (Vector256.Create(state.NegativeSlope), Vector256.Create(1.0), Vector256.Create(step));
            for (var i = 0; i < stride; i += Kernels.Lanes)
            {
                var value = Vector256.Create(z.Slice(i, Kernels.Lanes)) + Vector256.Create(state.Bias.AsSpan(i, Kernels.Lanes));
                var fromAbove = Vector256.GreaterThan(Vector256.Create(a.Slice(i, Kernels.Lanes)), Vector256<double>.Zero);
                var old = Vector256.Create(s.Slice(i, Kernels.Lanes));
                var slope = Vector256.ConditionalSelect(fromAbove, Vector256.Create(state.UpperSlopes.AsSpan(i, Kernels.Lanes)), old);
                var intercept = Vector256.ConditionalSelect(
                    fromAbove, Vector256.Create(state.UpperIntercepts.AsSpan(i, Kernels.Lanes)), Vector256.Create(state.LowerIntercepts.AsSpan(i, Kernels.Lanes)));
                ((slope * value) + intercept).CopyTo(z.Slice(i, Kernels.Lanes));
                var free = Vector256.Create(freedom.AsSpan(i, Kernels.Lanes));
                var used = Vector256.LessThan(Vector256.Create(a.Slice(i, Kernels.Lanes)), Vector256<double>.Zero) & Vector256.GreaterThan(free, Vector256<double>.Zero);
                var moved = Vector256.Min(Vector256.Max(old + (pace * value * free), least), most);
                Vector256.ConditionalSelect(used, moved, old).CopyTo(s.Slice(i, Kernels.Lanes));
            }
        }

        private void Reserve(int count)
        {
            if (room >= count)
            {
                return;
            }

            room = count;
            values = new double[count];
            images = new double[count * Kernels.Pad(owner.widest)];
            corners = new Rows(new double[count * Kernels.Pad(owner.inputs)], Kernels.Pad(owner.inputs));
            for (var q = 0; q < owner.layers.Length; q++)
            {
                var stride = Kernels.Pad(owner.layers[q].Length);
                (rows[q], slopes[q]) = (new Rows(new double[count * stride], stride), new Rows(new double[count * stride], stride));
                (points[q], multipliers[q]) = (new Rows(new double[count * stride], stride), new Rows(new double[count * stride], stride));
            }
        }

        private static Rows Transpose(Networks.ChainLayer layer)
        {
            var stride = Kernels.Pad(layer.Outputs);
            var result = new Rows(new double[layer.Inputs * stride], stride);
            for (var i = 0; i < layer.Outputs; i++)
            {
                for (var j = 0; j < layer.Inputs; j++)
                {
                    result.Data[(j * stride) + i] = layer.Weights[(i * layer.Stride) + j];
                }
            }

            return result;
        }
    }
}
