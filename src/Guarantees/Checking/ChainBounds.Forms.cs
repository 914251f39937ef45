using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Affine forms: z_i(x) lies in c_i + sum_t g_it e_t + [-d_i, d_i] with the same e in [-1, 1]^m for all elements, one e_t an input and one a relaxed neuron. d
/// holds rounding errors and the symbols beyond the limit.
/// </remarks>
internal sealed partial class ChainBounds
{
    private readonly Forms? forms;

    private sealed class Forms
    {
        private readonly int inputs;
        private readonly int symbols;
        private readonly int stride;
        private readonly double[] values; // of y: [live element, column]; column 0 is c
        private readonly double[] images; // of z
        private readonly double[] valueRest;
        private readonly double[] valueSize;
        private readonly double[] imageRest;
        private readonly double[] imageSize;
        private readonly double[] weighted;
        private readonly double[] shares; // [symbol, input]: how much of a relaxed neuron's range an input causes
        private readonly int[] pendingColumn;
        private readonly int[] pendingRow;
        private readonly double[] pendingRadius;
        private int pendings;
        private int lives;
        private int columns;

        public Forms(LayerState[] layers, int inputs, int symbols)
        {
            (this.inputs, this.symbols) = (inputs, symbols);
            var widest = Math.Max(inputs, layers.Max(layer => layer.Length));
            stride = Kernels.Pad(1 + inputs + Math.Min(symbols, layers.Sum(layer => layer.Length)));
            (values, images) = (new double[widest * stride], new double[widest * stride]);
            (valueRest, valueSize, imageRest, imageSize) = (new double[widest], new double[widest], new double[widest], new double[widest]);
            weighted = new double[Kernels.Pad(widest)];
            shares = new double[(stride + 1) * inputs];
            (pendingColumn, pendingRow, pendingRadius) = (new int[symbols + 1], new int[symbols + 1], new double[symbols + 1]);
        }

        /// <summary>Whether the last propagation reached the objective with numbers.</summary>
        public bool IsKnown { get; private set; }

        /// <summary>y_0 = x.</summary>
        public void Start(Box part)
        {
            IsKnown = false;
            (columns, lives) = (1 + inputs, inputs);
            for (var j = 0; j < inputs; j++)
            {
                var row = values.AsSpan(j * stride, Kernels.Pad(columns));
                row.Clear();
                var middle = part[j].Middle;
                var radius = Math.Max(Rounding.SubtractUp(part.Upper[j], middle), Rounding.SubtractUp(middle, part.Lower[j]));
                (row[0], row[1 + j]) = (middle, radius);
                (valueRest[j], valueSize[j]) = (0, Math.Abs(middle) + radius);
            }
        }

        /// <summary>z = W y + b, and the ranges that follow.</summary>
        public void Map(LayerState state)
        {
            var layer = state.Layer;
            var (rows, width) = (state.Length, Kernels.Pad(columns));
            var target = new Rows(images, stride);
            Kernels.Multiply(state.Weights, new Rows(values, stride), target, rows, lives, columns, accumulate: false);

            // What an element of y was off by, and what the products with it round.
            var gamma = Rounding.Gamma(lives + 4);
            for (var k = 0; k < lives; k++)
            {
                weighted[k] = valueRest[k] + (2 * gamma * valueSize[k]) + double.Epsilon; // the product may underflow, and be multiplied by a large weight
            }

            weighted.AsSpan(lives, state.Weights.Stride - lives).Clear();

            var columnGamma = Rounding.Gamma(columns + 2);
            for (var i = 0; i < rows; i++)
            {
                var form = images.AsSpan(i * stride, width);
                var bias = layer.Bias[i];
                form[0] += bias;
                var rest = (Kernels.DotOfMagnitudes(state.Weights.Data.AsSpan(i * state.Weights.Stride, state.Weights.Stride), weighted) * (1 + (2 * gamma)))
                    + (2 * Rounding.UnitRoundoff * (Math.Abs(form[0]) + Math.Abs(bias))) + Rounding.Tiny;
                var size = Kernels.SumOfMagnitudes(form) * (1 + (2 * columnGamma));
                var center = form[0];
                var spread = Rounding.AddUp(size - Math.Abs(center), rest + (4 * columnGamma * size));
                (imageRest[i], imageSize[i]) = (rest, size);
                state.LimitBelow(i, Rounding.SubtractDown(center, spread));
                state.LimitAbove(i, Rounding.AddUp(center, spread));
            }

            IsKnown = true;
        }

        /// <summary>y = f(z): slope times the form, plus a symbol for the width of the band.</summary>
        public void Pass(LayerState state)
        {
            IsKnown = false;
            var old = columns;
            var room = Math.Min(stride - 1, 1 + inputs + symbols);
            lives = 0;
            foreach (var i in state.Live)
            {
                var form = images.AsSpan(i * stride, Kernels.Pad(old));
                var result = values.AsSpan(lives * stride, Kernels.Pad(old));
                if (state.LowerSlopes[lives] == 1 && state.UpperSlopes[lives] == 1 && state.LowerIntercepts[lives] == 0 && state.UpperIntercepts[lives] == 0)
                {
                    form.CopyTo(result);
                    (valueRest[lives], valueSize[lives]) = (imageRest[i], imageSize[i]);
                }
                else
                {
                    var (slope, low, high) = Parallel(state, lives, i);
                    System.Numerics.Tensors.TensorPrimitives.Multiply(form, slope, result);
                    var shift = Math.Clamp(0.5 * (low + high), low, high);
                    var radius = Math.Max(Rounding.SubtractUp(high, shift), Rounding.SubtractUp(shift, low));
                    result[0] += shift;
                    var size = ((Math.Abs(slope) * imageSize[i]) + Math.Abs(shift)) * (1 + 1e-12);
                    var rest = ((Math.Abs(slope) * imageRest[i]) + (8 * Rounding.UnitRoundoff * size)) * (1 + 1e-12) + Rounding.Tiny;
                    if (radius > 0 && columns < room)
                    {
                        Share(columns - 1 - inputs, form);
                        pendingColumn[pendings] = columns++;
                        pendingRow[pendings] = lives;
                        pendingRadius[pendings++] = radius;
                        size += radius;
                    }
                    else
                    {
                        rest = Rounding.AddUp(rest, radius);
                    }

                    (valueRest[lives], valueSize[lives]) = (rest, size);
                }

                lives++;
            }

            // New columns start as zeros, but for the symbol of the row itself.
            var (from, to) = (old, Kernels.Pad(columns));
            for (var k = 0; k < lives; k++)
            {
                values.AsSpan((k * stride) + from, to - from).Clear();
            }

            for (var p = 0; p < pendings; p++)
            {
                values[(pendingRow[p] * stride) + pendingColumn[p]] = pendingRadius[p];
            }

            pendings = 0;
        }

        /// <summary>How much each input would narrow objective element i, directly and through the relaxed neurons.</summary>
        public void Score(int i, Span<double> scores)
        {
            var form = images.AsSpan(i * stride, columns);
            for (var j = 0; j < inputs; j++)
            {
                scores[j] = Math.Abs(form[1 + j]);
            }

            for (var t = 1 + inputs; t < columns; t++)
            {
                var weight = Math.Abs(form[t]);
                for (var j = 0; j < inputs && weight > 0; j++)
                {
                    scores[j] += weight * shares[((t - 1 - inputs) * inputs) + j];
                }
            }
        }

        /// <summary>A slope s and numbers with low &lt;= f(z) - s z &lt;= high over the range of z, the live element k at place i.</summary>
        private static (double Slope, double Low, double High) Parallel(LayerState state, int k, int i)
        {
            var chord = state.UpperSlopes[k];
            if (chord == state.LowerSlopes[k])
            {
                return (chord, state.LowerIntercepts[k], state.UpperIntercepts[k]);
            }

            if (state.HasKink && state.NegativeSlope <= chord && chord <= 1)
            {
                // f has slope a below 0 and 1 above, f(0) = 0, and the chord's slope lies between: f(z) - s z is smallest at 0.
                return (chord, 0, Math.Max(0, state.UpperIntercepts[k]));
            }

            var z = new Interval(state.Lower[i], state.Upper[i]);
            var (below, above) = (new Line(state.LowerSlopes[k], state.LowerIntercepts[k]), new Line(state.UpperSlopes[k], state.UpperIntercepts[k]));
            var best = (Slope: 0.0, Low: double.NegativeInfinity, High: double.PositiveInfinity);
            foreach (var slope in stackalloc[] { below.Slope, above.Slope, 0.5 * (below.Slope + above.Slope) })
            {
                var product = Interval.Point(slope);
                var low = Math.Min((below.At(z.Lower) - (product * Interval.Point(z.Lower))).Lower, (below.At(z.Upper) - (product * Interval.Point(z.Upper))).Lower);
                var high = Math.Max((above.At(z.Lower) - (product * Interval.Point(z.Lower))).Upper, (above.At(z.Upper) - (product * Interval.Point(z.Upper))).Upper);
                if (high - low < best.High - best.Low)
                {
                    best = (slope, low, high);
                }
            }

            return best.High < double.PositiveInfinity ? best : (0, state.ImageLower[i], state.ImageUpper[i]);
        }

        private void Share(int symbol, ReadOnlySpan<double> form)
        {
            var radius = 0.0;
            for (var t = 1; t < form.Length; t++)
            {
                radius += Math.Abs(form[t]);
            }

            for (var j = 0; j < inputs; j++)
            {
                shares[(symbol * inputs) + j] = radius > 0 ? Math.Abs(form[1 + j]) / radius : 0;
            }
        }
    }
}
