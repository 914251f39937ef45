using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;

namespace Guarantees.Checking;

/// <remarks>
/// Lower slopes of undecided kinks are free between a and 1; the bound of an element is concave in them once its intermediate ranges are fixed. A step:
/// carry the row backwards, find the corner x of the part where its linear bound is largest, evaluate the relaxed network there, and move each slope that
/// the row uses by its partial derivative, (coefficient) * (relaxed z at x), scaled to the neuron's range.
/// </remarks>
internal sealed partial class ChainBounds
{
    private readonly Improver improver;

    private sealed class Improver
    {
        private const double FirstStep = 2;
        private const double Decay = 0.7;

        private readonly ChainBounds owner;
        private readonly double[][] rows; // over y_k, before the activation
        private readonly double[][] slopes;
        private readonly double[][] points;
        private readonly double[] input;
        private readonly double[] corner;

        public Improver(ChainBounds owner)
        {
            this.owner = owner;
            rows = [.. owner.layers.Select(layer => new double[Kernels.Pad(layer.Length)])];
            slopes = [.. owner.layers.Select(layer => new double[Kernels.Pad(layer.Length)])];
            points = [.. owner.layers.Select(layer => new double[Kernels.Pad(layer.Length)])];
            (input, corner) = (new double[Kernels.Pad(owner.inputs)], new double[Kernels.Pad(owner.inputs)]);
        }

        /// <summary>Improves the bound of one element until it is at most the target or the steps are used up.</summary>
        public void Run(int element, double target)
        {
            var layers = owner.layers;
            if (!layers.Any(layer => layer.HasKink))
            {
                return;
            }

            for (var k = 0; k < layers.Length - 1; k++)
            {
                layers[k].LowerSlopes.CopyTo(slopes[k], 0);
            }

            var step = FirstStep;
            for (var round = 0; round < owner.ImprovingSteps; round++, step *= Decay)
            {
                var (constant, value) = Carry(element);
                if (value < owner.objectiveUpper[element])
                {
                    owner.objectiveUpper[element] = value;
                    owner.objectiveBias[element] = constant;
                    input.AsSpan(0, owner.inputs).CopyTo(owner.objectiveRows.Row(element, owner.inputs));
                    if (value <= target)
                    {
                        return;
                    }
                }

                if (round + 1 < owner.ImprovingSteps)
                {
                    Move(step);
                }
            }
        }

        /// <summary>The element's row at the present slopes, down to the input: its constant with every rounding error, and its largest value over the part.</summary>
        private (double Constant, double Value) Carry(int element)
        {
            var layers = owner.layers;
            var last = layers[^1].Layer;
            var row = last.Weights.AsSpan(element * last.Stride, last.Stride);
            var (bias, error) = (last.Bias[element], 0.0);
            for (var k = layers.Length - 2; k >= 0; k--)
            {
                row.CopyTo(rows[k]);
                var state = layers[k];
                var stride = state.Layer.Stride;
                var target = k > 0 ? owner.spare.Data.AsSpan(0, stride) : input;
                target.Clear();
                var (change, size) = (0.0, 0.0);
                for (var i = 0; i < state.Length; i++)
                {
                    var a = rows[k][i];
                    if (a == 0)
                    {
                        continue;
                    }

                    var (slope, intercept) = a > 0 ? (state.UpperSlopes[i], state.UpperIntercepts[i]) : (slopes[k][i], state.LowerIntercepts[i]);
                    var v = a * slope;
                    change += (a * intercept) + (v * state.Layer.Bias[i]);
                    size += Math.Abs(a * intercept) + (Math.Abs(v) * state.Sizes[i]);
                    if (v != 0)
                    {
                        AddScaled(v, state.Layer.Weights.AsSpan(i * stride, stride), target);
                    }
                }

                bias += change;
                error += (3 * Rounding.Gamma(state.Length + 8) * size) + (Rounding.Tiny * (1 + state.LargestSize))
                    + (2 * Rounding.UnitRoundoff * (Math.Abs(bias) + Math.Abs(change)));
                row = target;
            }

            var constant = Rounding.AddUp(bias, error * (1 + 1e-6));
            return (constant, owner.Concretize(input.AsSpan(0, owner.inputs), constant));
        }

        /// <summary>One subgradient step.</summary>
        private void Move(double step)
        {
            var part = owner.part;
            for (var j = 0; j < owner.inputs; j++)
            {
                corner[j] = input[j] > 0 ? part.Upper[j] : part.Lower[j];
            }

            var below = corner;
            for (var k = 0; k < owner.layers.Length - 1; k++)
            {
                var state = owner.layers[k];
                var (stride, point) = (state.Layer.Stride, points[k]);
                for (var i = 0; i < state.Length; i++)
                {
                    if (state.IsDead(i))
                    {
                        point[i] = 0;
                        continue;
                    }

                    var z = state.Layer.Bias[i] + Kernels.Dot(state.Layer.Weights.AsSpan(i * stride, stride), below);
                    var a = rows[k][i];
                    var (slope, intercept) = a > 0 ? (state.UpperSlopes[i], state.UpperIntercepts[i]) : (slopes[k][i], state.LowerIntercepts[i]);
                    if (a < 0 && state.HasKink && state.Lower[i] < 0 && state.Upper[i] > 0)
                    {
                        // The bound falls where a z slope falls: a < 0, so slopes grow where z > 0.
                        slopes[k][i] = Math.Clamp(slope + (step * z / (state.Upper[i] - state.Lower[i])), state.NegativeSlope, 1);
                    }

                    point[i] = (slope * z) + intercept;
                }

                below = point;
            }
        }

        private static void AddScaled(double factor, ReadOnlySpan<double> source, Span<double> target)
        {
            var v = Vector256.Create(factor);
            for (var j = 0; j < source.Length; j += Kernels.Lanes)
            {
                Vector256.FusedMultiplyAdd(v, Vector256.Create(source.Slice(j, Kernels.Lanes)), Vector256.Create(target.Slice(j, Kernels.Lanes)))
                    .CopyTo(target.Slice(j, Kernels.Lanes));
            }
        }
    }
}
