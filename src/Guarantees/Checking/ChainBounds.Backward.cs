using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Backward rows. The invariant, in exact arithmetic and for every x of the part: target(x) &lt;= row . z_q(x) + bias + error, with q going down. Rows are computed
/// in nearest rounding; what that may have lost, times the size of what it multiplies, goes to error. Rows for lower bounds are those of the negated target.
/// </remarks>
internal sealed partial class ChainBounds
{
    private readonly int widest;
    private readonly double[] objectiveUpper;
    private readonly double[] objectiveBias;
    private readonly Rows objectiveRows;
    private Rows backward = new([], 0);
    private Rows spare = new([], 0);
    private double[] bias = [];
    private double[] error = [];

    /// <summary>Carries elements of layer k (or their negatives) to the input; <see cref="backward"/> then holds one row of slopes in x each.</summary>
    private void Backward(int k, int[] elements, bool upper)
    {
        var rows = elements.Length;
        Reserve(rows);
        var layer = layers[k].Layer;
        var sign = upper ? 1.0 : -1.0;
        backward = new Rows(backward.Data, layer.Stride);
        for (var r = 0; r < rows; r++)
        {
            var source = layer.Weights.AsSpan(elements[r] * layer.Stride, layer.Stride);
            var row = backward.Row(r, layer.Stride);
            if (upper)
            {
                source.CopyTo(row);
            }
            else
            {
                System.Numerics.Tensors.TensorPrimitives.Negate(source, row);
            }

            (bias[r], error[r]) = (sign * layer.Bias[elements[r]], 0);
        }

        for (var q = k - 1; q >= 0; q--)
        {
            Descend(layers[q], rows);
        }
    }

    /// <summary>From rows over y_q to rows over y_(q-1).</summary>
    private void Descend(LayerState state, int rows)
    {
        var layer = state.Layer;
        var padded = backward.Stride;
        var factor = 3 * Rounding.Gamma(state.Length + 8);
        var underflow = Rounding.Tiny * (1 + state.LargestSize);
        for (var r = 0; r < rows; r++)
        {
            var (change, size) = Pass(backward.Row(r, padded), state);
            AddToBias(r, change);
            error[r] += (factor * size) + underflow;
        }

        spare = new Rows(spare.Data, layer.Stride);
        Kernels.Multiply(backward, layer.Rows, spare, rows, state.Length, layer.Inputs, accumulate: false);
        (backward, spare) = (spare, backward);
    }

    /// <summary>
    /// One row through the activation: v = max(a, 0) upper slope + min(a, 0) lower slope, in place. Returns what the bias gains, the intercepts' and the
    /// layer's bias's share, and the size of all that was rounded.
    /// </summary>
    private static (double Change, double Size) Pass(Span<double> a, LayerState state)
    {
        var (change, size) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var i = 0; i < a.Length; i += Kernels.Lanes)
        {
            var value = Vector256.Create(a.Slice(i, Kernels.Lanes));
            var (positive, negative) = (Vector256.Max(value, Vector256<double>.Zero), Vector256.Min(value, Vector256<double>.Zero));
            var slopes = (positive * Vector256.Create(state.UpperSlopes.AsSpan(i, Kernels.Lanes))) + (negative * Vector256.Create(state.LowerSlopes.AsSpan(i, Kernels.Lanes)));
            slopes.CopyTo(a.Slice(i, Kernels.Lanes));
            var intercepts = (positive * Vector256.Create(state.UpperIntercepts.AsSpan(i, Kernels.Lanes)))
                + (negative * Vector256.Create(state.LowerIntercepts.AsSpan(i, Kernels.Lanes)));
            change += intercepts + (slopes * Vector256.Create(state.Layer.Bias.AsSpan(i, Kernels.Lanes)));
            size += Vector256.Abs(intercepts) + (Vector256.Abs(slopes) * Vector256.Create(state.Sizes.AsSpan(i, Kernels.Lanes)));
        }

        return (Vector256.Sum(change), Vector256.Sum(size));
    }

    private void AddToBias(int r, double increment)
    {
        bias[r] += increment;
        error[r] += 2 * Rounding.UnitRoundoff * (Math.Abs(bias[r]) + Math.Abs(increment));
    }

    /// <summary>Constant of row r's linear bound, error included.</summary>
    private double Total(int r) => Rounding.AddUp(bias[r], error[r] * (1 + 1e-6));

    /// <summary>A number not below row r's linear bound over the part.</summary>
    private double Concretize(int r) => Concretize(backward.Row(r, inputs), Total(r));

    private double Concretize(ReadOnlySpan<double> row, double constant)
    {
        var (sum, size) = (0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            sum += row[j] * (row[j] > 0 ? part.Upper[j] : part.Lower[j]);
            size += Math.Abs(row[j]) * inputMagnitude[j];
        }

        sum += (Rounding.Gamma(row.Length + 4) * size) + Rounding.Tiny;
        return Rounding.AddUp(sum, constant);
    }

    private void Reserve(int rows)
    {
        if (bias.Length >= rows)
        {
            return;
        }

        (bias, error) = (new double[rows], new double[rows]);
        backward = new Rows(new double[rows * Kernels.Pad(widest)], 0);
        spare = new Rows(new double[rows * Kernels.Pad(widest)], 0);
    }
}
