using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>What is known of one layer over the current part: ranges of z, planes of the activation, ranges of y.</remarks>
internal sealed partial class ChainBounds
{
    private sealed class LayerState
    {
        private readonly List<int> open = [];
        private readonly double[] middle;
        private readonly double[] radius;
        private readonly double negativeSlope;

        public LayerState(ChainLayer layer)
        {
            (Layer, Length) = (layer, layer.Outputs);
            var padded = Kernels.Pad(Length);
            (Lower, Upper, ImageLower, ImageUpper) = (new double[padded], new double[padded], new double[padded], new double[padded]);
            (Sizes, LowerSlopes, UpperSlopes, LowerIntercepts, UpperIntercepts) =
                (new double[padded], new double[padded], new double[padded], new double[padded], new double[padded]);
            (middle, radius) = (new double[layer.Stride], new double[layer.Stride]);
            All = [.. Enumerable.Range(0, Length)];
            HasKink = layer.Activation is ReLU or LeakyReLU;
            negativeSlope = layer.Activation is LeakyReLU leaky ? leaky.NegativeSlope : 0;
        }

        public ChainLayer Layer { get; }

        public int Length { get; }

        /// <summary>Every element's place.</summary>
        public int[] All { get; }

        /// <summary>Whether the activation has slope a below 0 and slope 1 above.</summary>
        public bool HasKink { get; }

        /// <summary>a.</summary>
        public double NegativeSlope => negativeSlope;

        /// <summary>Lower ends of z.</summary>
        public double[] Lower { get; }

        /// <summary>Upper ends of z.</summary>
        public double[] Upper { get; }

        /// <summary>Lower ends of y = f(z).</summary>
        public double[] ImageLower { get; }

        /// <summary>Upper ends of y.</summary>
        public double[] ImageUpper { get; }

        /// <summary>At least sum_j |W_ij| |y_j| + |b_i| over the part, hence at least |z_i|.</summary>
        public double[] Sizes { get; }

        /// <summary>At least every |z_i| and every |y_j| that the layer reads: what a coefficient that underflowed may have multiplied.</summary>
        public double LargestSize { get; private set; }

        public double[] LowerSlopes { get; }

        public double[] UpperSlopes { get; }

        public double[] LowerIntercepts { get; }

        public double[] UpperIntercepts { get; }

        /// <summary>Ranges of z by interval arithmetic in middle and radius form, with the sizes of everything that backward rows may round.</summary>
        public void BoundByIntervals(double[] lower, double[] upper)
        {
            var n = Layer.Inputs;
            LargestSize = 0;
            for (var j = 0; j < n; j++)
            {
                var m = Math.Clamp(0.5 * (lower[j] + upper[j]), lower[j], upper[j]);
                middle[j] = m;
                radius[j] = Math.Max(Rounding.SubtractUp(upper[j], m), Rounding.SubtractUp(m, lower[j]));
                LargestSize = Math.Max(LargestSize, Math.Max(Math.Abs(lower[j]), Math.Abs(upper[j])));
            }

            var gamma = Rounding.Gamma(n + 4);
            var stride = Layer.Stride;
            for (var i = 0; i < Length; i++)
            {
                var (sum, size, spread) = Kernels.DotWithSizes(Layer.Weights.AsSpan(i * stride, stride), middle, radius);
                var bias = Layer.Bias[i];
                var total = (size + spread + Math.Abs(bias)) * (1 + (2 * gamma));
                sum += bias;
                var width = (spread * (1 + (2 * gamma))) + (gamma * total) + Rounding.Tiny;
                (Lower[i], Upper[i]) = (Rounding.SubtractDown(sum, width), Rounding.AddUp(sum, width));
                Sizes[i] = total + Rounding.Tiny;
                LargestSize = Math.Max(LargestSize, Sizes[i]);
            }
        }

        /// <summary>Whether every range is one of numbers.</summary>
        public bool IsFinite()
        {
            for (var i = 0; i < Length; i++)
            {
                if (!double.IsFinite(Lower[i]) || !double.IsFinite(Upper[i]) || !double.IsFinite(Sizes[i]))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Takes the upper bound where it is better; a NaN says nothing.</summary>
        public void LimitAbove(int i, double bound)
        {
            if (bound < Upper[i])
            {
                Upper[i] = bound;
                Require(i);
            }
        }

        /// <summary>Takes the lower bound where it is better; a NaN says nothing.</summary>
        public void LimitBelow(int i, double bound)
        {
            if (bound > Lower[i])
            {
                Lower[i] = bound;
                Require(i);
            }
        }

        private void Require(int i)
        {
            if (!(Lower[i] <= Upper[i]))
            {
                throw new InvalidOperationException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"Broken invariant: sound bounds of element {i} contradict each other, [{Lower[i]:R}, {Upper[i]:R}]."));
            }
        }

        /// <summary>Elements whose relaxation a better range would improve.</summary>
        public int[] Undecided()
        {
            if (Layer.Activation is null)
            {
                return [];
            }

            open.Clear();
            for (var i = 0; i < Length; i++)
            {
                if (HasKink ? Lower[i] < 0 && Upper[i] > 0 : Lower[i] < Upper[i])
                {
                    open.Add(i);
                }
            }

            return [.. open];
        }

        /// <summary>Sets the planes and the ranges of y from those of z.</summary>
        /// <exception cref="DomainException">The activation is not defined on some range.</exception>
        public void Relax()
        {
            if (Layer.Activation is null)
            {
                Array.Fill(LowerSlopes, 1, 0, Length);
                Array.Fill(UpperSlopes, 1, 0, Length);
                Lower.CopyTo(ImageLower, 0);
                Upper.CopyTo(ImageUpper, 0);
                return;
            }

            for (var i = 0; i < Length; i++)
            {
                var (l, u) = (Lower[i], Upper[i]);
                if (Layer.Activation is ReLU && (l >= 0 || u <= 0))
                {
                    LowerSlopes[i] = UpperSlopes[i] = l >= 0 ? 1 : 0;
                    LowerIntercepts[i] = UpperIntercepts[i] = 0;
                    (ImageLower[i], ImageUpper[i]) = (Math.Max(l, 0), Math.Max(u, 0));
                    continue;
                }

                var z = new Interval(l, u);
                var y = Layer.Activation.Range(z);
                var band = Layer.Activation.Relax(z);
                (ImageLower[i], ImageUpper[i]) = (y.Lower, y.Upper);
                (LowerSlopes[i], LowerIntercepts[i]) = (band.Lower.Slope, band.Lower.Intercept);
                (UpperSlopes[i], UpperIntercepts[i]) = (band.Upper.Slope, band.Upper.Intercept);
            }
        }

        /// <summary>Whether y_i is 0 over the whole part.</summary>
        public bool IsDead(int i) => ImageLower[i] == 0 && ImageUpper[i] == 0;
    }
}
