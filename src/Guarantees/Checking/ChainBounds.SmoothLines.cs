using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <content>Lines of S-shaped functions that each row chooses for itself.</content>
internal sealed partial class ChainBounds
{
    /// <summary>The lines of one S-shaped layer: a table for every live element and side, and each row's mixture of two neighbours in it.</summary>
    /// <remarks>
    /// Guarantee: with L_0 and L_1 above f on the range, (1 - s) L_0 + s L_1 is too, for s in [0, 1]. What mixing intercepts rounds goes outward here; what mixing slopes rounds, at
    /// most 3 u of the slope, is part of the error that the pass adds for slope times size. Idea: Z. Shi et al., "Neural Network Verification with Branch-and-Bound for General
    /// Nonlinearities", TACAS 2025, optimise tangent points (from memory of the idea; the table and its mixtures are ours).
    /// </remarks>
    private sealed class SmoothLines(SShaped activation, int length)
    {
        private readonly Side below = new(length, -1);
        private readonly Side above = new(length, 1);
        private int version = -1; // of the planes that the tables are for

        public OwnLines Lines(Rows slopes) => new(slopes, below.Intercepts, above.Slopes, above.Intercepts);

        /// <summary>Fills the tables over the present ranges; every row starts with the layer's own lines. Lower slopes are kept in <paramref name="slopes"/>.</summary>
        public void Start(LayerState state, Rows slopes, int rows)
        {
            var live = state.Live;
            for (var i = 0; i < live.Length && version != state.Version; i++)
            {
                var z = new Interval(state.Lower[live[i]], state.Upper[live[i]]);
                for (var choice = 0; choice < Side.Choices; choice++)
                {
                    var band = activation.Relax(z, (double)choice / (Side.Choices - 1));
                    below.Set(choice, i, band.Lower);
                    above.Set(choice, i, band.Upper);
                }

                below.Finish(i, z, state.LowerSlopes[i]);
                above.Finish(i, z, state.UpperSlopes[i]);
            }

            version = state.Version;
            below.Start(slopes, rows, live.Length, state.LowerSlopes, state.LowerIntercepts);
            above.Start(null, rows, live.Length, state.UpperSlopes, state.UpperIntercepts);
        }

        /// <summary>Turns z into the relaxed y, and moves the line that the row used against its derivative: up where it bounds from below, down where from above.</summary>
        public void Update(LayerState state, Rows rows, Rows points, int r, double step)
        {
            for (var i = 0; i < state.Lives; i++)
            {
                var place = (r * points.Stride) + i;
                var z = points.Data[place] + state.Bias[i];
                var side = rows.Data[place] > 0 ? above : below;
                points.Data[place] = side.At(place, z);
                if (rows.Data[place] != 0)
                {
                    side.Move(place, i, z, step);
                }
            }
        }

        /// <summary>Lines on one side of the function.</summary>
        /// <param name="length">Most elements.</param>
        /// <param name="sign">1 above, -1 below.</param>
        private sealed class Side(int length, int sign)
        {
            public const int Choices = 5;

            private readonly double[] slopes = new double[Choices * length]; // [choice, live element]
            private readonly double[] intercepts = new double[Choices * length];
            private readonly double[] scale = new double[length]; // 1 over how far the ends of the table differ on the range; 0 where they are one line
            private readonly double[] start = new double[length]; // where in the table the layer's own line lies
            private double[] places = []; // of each row and element, in [0, Choices - 1]

            public Rows Slopes { get; private set; }

            public Rows Intercepts { get; private set; }

            public void Set(int choice, int i, Line line) => (slopes[(choice * length) + i], intercepts[(choice * length) + i]) = (line.Slope, line.Intercept);

            /// <summary>What follows from the table of element i.</summary>
            public void Finish(int i, Interval z, double own)
            {
                var last = ((Choices - 1) * length) + i;
                var (slope, intercept) = (slopes[last] - slopes[i], intercepts[last] - intercepts[i]);
                var most = Math.Max(Math.Abs((slope * z.Lower) + intercept), Math.Abs((slope * z.Upper) + intercept));
                scale[i] = most > 1e-12 && double.IsFinite(most) ? 1 / most : 0;

                // Slopes of the table are monotone.
                start[i] = (own - slopes[i]) * (slopes[i] - slopes[last]) > 0 ? 0 : Choices - 1;
                for (var choice = 0; choice + 1 < Choices; choice++)
                {
                    var (a, b) = (slopes[(choice * length) + i], slopes[((choice + 1) * length) + i]);
                    if (a != b && (own - a) * (own - b) <= 0)
                    {
                        start[i] = choice + ((own - a) / (b - a));
                        return;
                    }
                }
            }

            /// <summary>Every row at the layer's own lines.</summary>
            public void Start(Rows? kept, int rows, int count, double[] ownSlopes, double[] ownIntercepts)
            {
                var stride = Kernels.Pad(count);
                if (places.Length < rows * stride)
                {
                    (places, Intercepts) = (new double[rows * stride], new Rows(new double[rows * stride], stride));
                    Slopes = kept is null ? new Rows(new double[rows * stride], stride) : Slopes;
                }

                Intercepts = new Rows(Intercepts.Data, stride);
                Slopes = kept ?? new Rows(Slopes.Data, stride);
                for (var r = 0; r < rows; r++)
                {
                    ownSlopes.AsSpan(0, stride).CopyTo(Slopes.Row(r, stride));
                    ownIntercepts.AsSpan(0, stride).CopyTo(Intercepts.Row(r, stride));
                    start.AsSpan(0, count).CopyTo(places.AsSpan(r * stride));
                }
            }

            public double At(int place, double z) => (Slopes.Data[place] * z) + Intercepts.Data[place];

            /// <summary>One step of a row's line along the table.</summary>
            public void Move(int place, int i, double z, double step)
            {
                if (scale[i] == 0)
                {
                    return;
                }

                var (low, high, _) = Neighbours(places[place], i);
                var gain = ((slopes[high] - slopes[low]) * z) + intercepts[high] - intercepts[low];
                var moved = places[place] - (sign * step * (Choices - 1) * gain * scale[i]);
                places[place] = double.IsNaN(moved) ? places[place] : Math.Clamp(moved, 0, Choices - 1);
                (low, high, var share) = Neighbours(places[place], i);
                var mixed = ((1 - share) * intercepts[low]) + (share * intercepts[high]);
                var error = (8 * Rounding.UnitRoundoff * (Math.Abs(intercepts[low]) + Math.Abs(intercepts[high]))) + Rounding.Tiny;
                Slopes.Data[place] = ((1 - share) * slopes[low]) + (share * slopes[high]);
                Intercepts.Data[place] = sign > 0 ? Rounding.AddUp(mixed, error) : Rounding.SubtractDown(mixed, error);
            }

            private (int Low, int High, double Share) Neighbours(double at, int i)
            {
                var low = Math.Clamp((int)at, 0, Choices - 2);
                return ((low * length) + i, ((low + 1) * length) + i, Math.Clamp(at - low, 0, 1));
            }
        }
    }
}
