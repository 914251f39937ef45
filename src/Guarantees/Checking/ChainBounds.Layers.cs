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
        private readonly double[] gathered;
        private readonly int[] live;
        private readonly int[] starts;
        private readonly sbyte[] sides;
        private readonly double[] middle;
        private readonly double[] radius;
        private readonly double negativeSlope;
        private bool mayBeEmpty;

        public LayerState(ChainLayer layer)
        {
            (Layer, Length) = (layer, layer.Outputs);
            var padded = Kernels.Pad(Length);
            (Lower, Upper, ImageLower, ImageUpper) = (new double[padded], new double[padded], new double[padded], new double[padded]);
            (Sizes, LowerSlopes, UpperSlopes, LowerIntercepts, UpperIntercepts) =
                (new double[padded], new double[padded], new double[padded], new double[padded], new double[padded]);
            (Bias, RowSizes, Signs) = (new double[padded], new double[padded], new double[padded]);
            sides = new sbyte[Length];
            (live, starts) = (new int[Length], new int[Length]);
            gathered = new double[layer.Weights.Length];
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

        /// <summary>Places of the elements of y that are decided or not 0 over the whole part, ascending. What follows holds one number for each, padded with zeros.</summary>
        public ReadOnlySpan<int> Live => live.AsSpan(0, Lives);

        /// <summary>Changes whenever the planes do.</summary>
        public int Version { get; private set; }

        /// <summary>How many elements are live.</summary>
        public int Lives { get; private set; }

        public double[] LowerSlopes { get; }

        public double[] UpperSlopes { get; }

        public double[] LowerIntercepts { get; }

        public double[] UpperIntercepts { get; }

        /// <summary>b.</summary>
        public double[] Bias { get; }

        /// <summary><see cref="Sizes"/>.</summary>
        public double[] RowSizes { get; }

        /// <summary>1 where z is at least 0 by decision, -1 where it is at most 0, 0 elsewhere.</summary>
        public double[] Signs { get; }

        /// <summary>How many elements are decided.</summary>
        public int Decided { get; private set; }

        /// <summary>Whether bounds contradict each other, as they may where no point lies on the decided sides.</summary>
        public bool IsEmpty { get; private set; }

        /// <summary>Where the live elements' rows start in <see cref="Weights"/>.</summary>
        public ReadOnlySpan<int> Starts => starts.AsSpan(0, Lives);

        /// <summary>W without the columns that multiply 0 over the whole part, padded with zeros.</summary>
        public Rows Weights { get; private set; }

        /// <summary>Columns of <see cref="Weights"/>, without padding.</summary>
        public int Inputs { get; private set; }

        /// <summary>Leaves out the columns of W that read an element that is 0.</summary>
        /// <param name="before">The layer that this one reads; null for the first.</param>
        public void Gather(LayerState? before)
        {
            Inputs = before?.Lives ?? Layer.Inputs;
            if (Inputs == Layer.Inputs)
            {
                Weights = Layer.Rows;
                return;
            }

            var places = before!.Live;
            var stride = Kernels.Pad(Inputs);
            Weights = new Rows(gathered, stride);
            for (var i = 0; i < Length; i++)
            {
                var from = Layer.Weights.AsSpan(i * Layer.Stride, Layer.Inputs);
                var to = gathered.AsSpan(i * stride, stride);
                for (var k = 0; k < places.Length; k++)
                {
                    to[k] = from[places[k]];
                }

                to[places.Length..].Clear();
            }
        }

        /// <summary>Ranges of z by interval arithmetic in middle and radius form, with the sizes of everything that backward rows may round.</summary>
        /// <param name="lower">Lower ends of y.</param>
        /// <param name="upper">Upper ends of y.</param>
        /// <param name="before">The layer that this one reads; null for the first.</param>
        public void BoundByIntervals(double[] lower, double[] upper, LayerState? before)
        {
            var n = Inputs;
            LargestSize = 0;
            for (var k = 0; k < n; k++)
            {
                var j = before is null ? k : before.live[k];
                var m = Math.Clamp(0.5 * (lower[j] + upper[j]), lower[j], upper[j]);
                middle[k] = m;
                radius[k] = Math.Max(Rounding.SubtractUp(upper[j], m), Rounding.SubtractUp(m, lower[j]));
                LargestSize = Math.Max(LargestSize, Math.Max(Math.Abs(lower[j]), Math.Abs(upper[j])));
            }

            var stride = Weights.Stride;
            middle.AsSpan(n, stride - n).Clear();
            radius.AsSpan(n, stride - n).Clear();
            var gamma = Rounding.Gamma(n + 4);
            for (var i = 0; i < Length; i++)
            {
                var (sum, size, spread) = Kernels.DotWithSizes(Weights.Data.AsSpan(i * stride, stride), middle.AsSpan(0, stride), radius.AsSpan(0, stride));
                var bias = Layer.Bias[i];
                var total = (size + spread + Math.Abs(bias)) * (1 + (2 * gamma));
                sum += bias;
                var width = (spread * (1 + (2 * gamma))) + (gamma * total) + Rounding.Tiny;
                (Lower[i], Upper[i]) = (Rounding.SubtractDown(sum, width), Rounding.AddUp(sum, width));
                Sizes[i] = total + Rounding.Tiny;
                LargestSize = Math.Max(LargestSize, Sizes[i]);
            }
        }

        /// <summary>Forgets what was decided.</summary>
        /// <param name="decides">Whether any layer's elements will be decided: then contradicting bounds mean that there is no such point.</param>
        public void Undecide(bool decides)
        {
            (Decided, IsEmpty, mayBeEmpty) = (0, false, decides);
            Array.Clear(sides);
        }

        /// <summary>Decides that z_i is at least 0, or at most 0; both leave 0 alone.</summary>
        public void Decide(int i, bool isActive)
        {
            Decided++;
            sides[i] = isActive ? (sbyte)(sides[i] < 0 ? 2 : 1) : (sbyte)(sides[i] > 0 ? 2 : -1);
        }

        /// <summary>Ranges on the decided sides.</summary>
        public void TakeSides()
        {
            for (var i = 0; Decided > 0 && i < Length; i++)
            {
                if (sides[i] > 0)
                {
                    LimitBelow(i, 0);
                }

                if (sides[i] is < 0 or 2)
                {
                    LimitAbove(i, 0);
                }
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
                if (mayBeEmpty)
                {
                    IsEmpty = true;
                    return;
                }

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

        /// <summary>Sets the ranges of y from those of z, which elements are live, and their planes.</summary>
        /// <exception cref="DomainException">The activation is not defined on some range.</exception>
        public void Relax()
        {
            Lives = 0;
            Version++;
            for (var i = 0; i < Length; i++)
            {
                var (l, u) = (Lower[i], Upper[i]);
                var band = Band.Exact(1);
                if (Layer.Activation is null || (HasKink && l >= 0))
                {
                    (ImageLower[i], ImageUpper[i]) = (l, u);
                }
                else if (Layer.Activation is ReLU && u <= 0)
                {
                    (ImageLower[i], ImageUpper[i], band) = (0, 0, Band.Exact(0));
                }
                else
                {
                    var z = new Interval(l, u);
                    var y = Layer.Activation.Range(z);
                    band = Layer.Activation.Relax(z);
                    (ImageLower[i], ImageUpper[i]) = (y.Lower, y.Upper);
                }

                if (ImageLower[i] == 0 && ImageUpper[i] == 0 && sides[i] == 0)
                {
                    continue; // y_i is 0 over the whole part, and no multiplier reads z_i
                }

                var k = Lives++;
                (live[k], starts[k]) = (i, i * Weights.Stride);
                (LowerSlopes[k], LowerIntercepts[k]) = (band.Lower.Slope, band.Lower.Intercept);
                (UpperSlopes[k], UpperIntercepts[k]) = (band.Upper.Slope, band.Upper.Intercept);
                (Bias[k], RowSizes[k], Signs[k]) = (Layer.Bias[i], Sizes[i], sides[i] is 1 or -1 ? sides[i] : 0);
            }

            for (var k = Lives; k < Kernels.Pad(Lives); k++)
            {
                (LowerSlopes[k], LowerIntercepts[k], UpperSlopes[k], UpperIntercepts[k], Bias[k], RowSizes[k], Signs[k]) = (0, 0, 0, 0, 0, 0, 0);
            }
        }
    }
}
