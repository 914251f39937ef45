using System.Numerics.Tensors;
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
    private void Backward(int k, ReadOnlySpan<int> elements, bool upper)
    {
        Start(k, elements, upper);
        for (var q = k - 1; q >= 0; q--)
        {
            Descend(layers[q], elements.Length, default, null);
        }
    }

    /// <summary>Rows over the live elements of y_(k-1).</summary>
    private void Start(int k, ReadOnlySpan<int> elements, bool upper)
    {
        Reserve(elements.Length);
        var (weights, own) = (layers[k].Weights, layers[k].Layer.Bias);
        backward = new Rows(backward.Data, weights.Stride);
        for (var r = 0; r < elements.Length; r++)
        {
            var source = weights.Data.AsSpan(elements[r] * weights.Stride, weights.Stride);
            var row = backward.Row(r, weights.Stride);
            if (upper)
            {
                source.CopyTo(row);
            }
            else
            {
                TensorPrimitives.Negate(source, row);
            }

            (bias[r], error[r]) = (upper ? own[elements[r]] : -own[elements[r]], 0);
        }
    }

    /// <summary>Lines that each row chose for itself; those of the layer where there are none.</summary>
    private readonly record struct OwnLines(Rows? LowerSlopes, Rows? LowerIntercepts, Rows? UpperSlopes, Rows? UpperIntercepts);

    /// <summary>From rows over y_q to rows over y_(q-1), live elements only, with each row's own lines and multipliers where they are given.</summary>
    private void Descend(LayerState state, int rows, OwnLines lines, Rows? multipliers)
    {
        var padded = backward.Stride;
        var factor = 3 * Rounding.Gamma(state.Lives + 8);
        var underflow = Rounding.Tiny * (1 + state.LargestSize);
        for (var r = 0; r < rows; r++)
        {
            ReadOnlySpan<double> Own(Rows? own, double[] shared) => own is { } chosen ? chosen.Data.AsSpan(r * chosen.Stride, padded) : shared.AsSpan(0, padded);
            var (change, size) = Pass(
                backward.Data.AsSpan(r * padded, padded),
                Own(lines.LowerSlopes, state.LowerSlopes),
                Own(lines.LowerIntercepts, state.LowerIntercepts),
                Own(lines.UpperSlopes, state.UpperSlopes),
                Own(lines.UpperIntercepts, state.UpperIntercepts),
                state);
            AddToBias(r, change);
            error[r] += (factor * size) + underflow;
            if (multipliers is { } forces)
            {
                (change, size) = AddMultipliers(backward.Data.AsSpan(r * padded, padded), forces.Data.AsSpan(r * forces.Stride, padded), state);
                AddToBias(r, change);
                error[r] += (factor * size) + underflow;
            }
        }

        spare = new Rows(spare.Data, state.Weights.Stride);
        Kernels.Multiply(backward, state.Weights, state.Starts, spare, rows, state.Inputs, accumulate: false);
        (backward, spare) = (spare, backward);
    }

    /// <summary>
    /// One row through the activation: v = max(a, 0) upper slope + min(a, 0) lower slope, in place. Returns what the bias gains, the intercepts' and the
    /// layer's bias's share, and the size of all that was rounded.
    /// </summary>
    private static (double Change, double Size) Pass(
        Span<double> a,
        ReadOnlySpan<double> lowerSlopes,
        ReadOnlySpan<double> lowerIntercepts,
        ReadOnlySpan<double> upperSlopes,
        ReadOnlySpan<double> upperIntercepts,
        LayerState state)
    {
        var n = a.Length;
        lowerSlopes = lowerSlopes[..n];
        lowerIntercepts = lowerIntercepts[..n];
        upperSlopes = upperSlopes[..n];
        upperIntercepts = upperIntercepts[..n];
        ReadOnlySpan<double> biases = state.Bias.AsSpan(0, n);
        ReadOnlySpan<double> sizes = state.RowSizes.AsSpan(0, n);
        var i = 0;
        var (change, size) = (Vector256<double>.Zero, Vector256<double>.Zero);
        if (Vector512.IsHardwareAccelerated)
        {
            var (wideChange, wideSize) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (; i + Vector512<double>.Count <= n; i += Vector512<double>.Count)
            {
                var value = Vector512.Create<double>(a[i..]);
                var (positive, negative) = (Vector512.Max(value, Vector512<double>.Zero), Vector512.Min(value, Vector512<double>.Zero));
                var slopes = (positive * Vector512.Create(upperSlopes[i..])) + (negative * Vector512.Create(lowerSlopes[i..]));
                slopes.CopyTo(a[i..]);
                var intercepts = (positive * Vector512.Create(upperIntercepts[i..])) + (negative * Vector512.Create(lowerIntercepts[i..]));
                wideChange += intercepts + (slopes * Vector512.Create(biases[i..]));
                wideSize += Vector512.Abs(intercepts) + (Vector512.Abs(slopes) * Vector512.Create(sizes[i..]));
            }

            (change, size) = (wideChange.GetLower() + wideChange.GetUpper(), wideSize.GetLower() + wideSize.GetUpper());
        }

        for (; i < n; i += Kernels.Lanes)
        {
            var value = Vector256.Create<double>(a[i..]);
            var (positive, negative) = (Vector256.Max(value, Vector256<double>.Zero), Vector256.Min(value, Vector256<double>.Zero));
            var slopes = (positive * Vector256.Create(upperSlopes[i..])) + (negative * Vector256.Create(lowerSlopes[i..]));
            slopes.CopyTo(a[i..]);
            var intercepts = (positive * Vector256.Create(upperIntercepts[i..])) + (negative * Vector256.Create(lowerIntercepts[i..]));
            change += intercepts + (slopes * Vector256.Create(biases[i..]));
            size += Vector256.Abs(intercepts) + (Vector256.Abs(slopes) * Vector256.Create(sizes[i..]));
        }

        return (Vector256.Sum(change), Vector256.Sum(size));
    }

    /// <summary>
    /// Adds m_i to the coefficient of z_i: where m_i has the sign of the side that was decided, m_i z_i is at least 0 there, and the bound holds. Others are ignored.
    /// </summary>
    private static (double Change, double Size) AddMultipliers(Span<double> a, ReadOnlySpan<double> multipliers, LayerState state)
    {
        var (change, size) = (0.0, 0.0);
        for (var i = 0; i < state.Lives; i++)
        {
            var m = multipliers[i];
            if (m * state.Signs[i] > 0)
            {
                a[i] += m;
                change += m * state.Bias[i];
                size += (Math.Abs(m) + Math.Abs(a[i])) * state.RowSizes[i];
            }
        }

        return (change, size);
    }

    private void AddToBias(int r, double increment)
    {
        bias[r] += increment;
        error[r] += 2 * Rounding.UnitRoundoff * (Math.Abs(bias[r]) + Math.Abs(increment));
    }

    /// <summary>Constant of row r's linear bound, error included.</summary>
    private double Total(int r) => Rounding.AddUp(bias[r], error[r] * (1 + 1e-6));

    /// <summary>A number not below row r's linear bound over the part.</summary>
    private double Concretize(int r)
    {
        var row = backward.Data.AsSpan(r * backward.Stride, backward.Stride);
        var (sums, sizes) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var j = 0; j < row.Length; j += Kernels.Lanes)
        {
            var value = Vector256.Create<double>(row[j..]);
            sums += (Vector256.Max(value, Vector256<double>.Zero) * Vector256.Create<double>(partUpper.AsSpan(j)))
                + (Vector256.Min(value, Vector256<double>.Zero) * Vector256.Create<double>(partLower.AsSpan(j)));
            sizes += Vector256.Abs(value) * Vector256.Create<double>(inputMagnitude.AsSpan(j));
        }

        var sum = Vector256.Sum(sums) + (Rounding.Gamma(inputs + 6) * Vector256.Sum(sizes)) + Rounding.Tiny;
        return Rounding.AddUp(sum, Total(r));
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
