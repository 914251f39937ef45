using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Lower slopes of undecided kinks are free between a and 1, and each row may choose its own; with the intermediate ranges fixed, a row's bound is convex in them. A step:
/// carry the rows backwards, find for each the corner x of the part where its linear bound is largest, evaluate the relaxed network there, and move each
/// slope that the row uses against its partial derivative, (coefficient) * (relaxed z at x), scaled to the neuron's range. All rows of a layer go together.
/// </remarks>
internal sealed partial class ChainBounds
{
    private readonly Improver improver;

    private sealed class Improver
    {
        private const double FirstStep = 2;
        private const double Decay = 0.7;

        private readonly ChainBounds owner;
        private readonly Rows[] transposed; // W_q as [in, out]
        private readonly double[][] freedom; // 1 / (u - l) where the slope is free, 0 elsewhere
        private readonly Rows[] rows; // over y_q, before the activation
        private readonly Rows[] slopes;
        private readonly Rows[] points;
        private Rows corners;
        private double[] values = [];
        private int room;

        public Improver(ChainBounds owner)
        {
            this.owner = owner;
            var layers = owner.layers;
            CanImprove = layers.Any(state => state.HasKink);
            transposed = CanImprove ? [.. layers.Select(state => Transpose(state.Layer))] : [];
            freedom = [.. layers.Select(state => new double[Kernels.Pad(state.Length)])];
            (rows, slopes, points) = (new Rows[layers.Length], new Rows[layers.Length], new Rows[layers.Length]);
        }

        /// <summary>Whether any slope is ever free.</summary>
        public bool CanImprove { get; }

        /// <summary>Improves upper bounds (or those of the negated elements) of layer k, told for each row and round, until all are at most <paramref name="enough"/>.</summary>
        public void Run(int k, int[] elements, bool upper, int steps, double enough, Action<int, double> found)
        {
            var count = elements.Length;
            Reserve(count);
            for (var q = 0; q < k; q++)
            {
                var state = owner.layers[q];
                for (var i = 0; i < state.Length; i++)
                {
                    freedom[q][i] = state.HasKink && state.Lower[i] < 0 && state.Upper[i] > 0 ? 1 / (state.Upper[i] - state.Lower[i]) : 0;
                }

                for (var r = 0; r < count; r++)
                {
                    state.LowerSlopes.CopyTo(slopes[q].Row(r, slopes[q].Stride));
                }
            }

            var step = FirstStep;
            for (var round = 0; round < steps; round++, step *= Decay)
            {
                owner.Start(k, elements, upper);
                for (var q = k - 1; q >= 0; q--)
                {
                    owner.backward.Data.AsSpan(0, count * owner.backward.Stride).CopyTo(rows[q].Data);
                    owner.Descend(owner.layers[q], count, slopes[q]);
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
                Kernels.Multiply(below, transposed[q], points[q], count, state.Layer.Inputs, state.Length, accumulate: false);
                for (var r = 0; r < count; r++)
                {
                    Update(state, freedom[q], rows[q], slopes[q], points[q], r, step);
                }

                below = points[q];
            }
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
                var value = Vector256.Create(z.Slice(i, Kernels.Lanes)) + Vector256.Create(state.Layer.Bias.AsSpan(i, Kernels.Lanes));
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
            corners = new Rows(new double[count * Kernels.Pad(owner.inputs)], Kernels.Pad(owner.inputs));
            for (var q = 0; q < owner.layers.Length; q++)
            {
                var stride = Kernels.Pad(owner.layers[q].Length);
                (rows[q], slopes[q], points[q]) = (
                    new Rows(new double[count * stride], stride), new Rows(new double[count * stride], stride), new Rows(new double[count * stride], stride));
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
