using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = sum_t w_it x_[a_it][e_it] + b_i: selections, concatenations, transposes, sums, differences and scalings by exact numbers.</summary>
/// <remarks>One class for every map that only moves, adds and scales elements, so that the kernel needs one proof for all of them.</remarks>
public sealed class SparseAffine : LinearOperator
{
    private readonly int[] starts;
    private readonly int[] arguments;
    private readonly int[] elements;
    private readonly double[] weights;
    private readonly double[] bias;
    private readonly int[] required;
    private readonly int fanOut;

    /// <summary>Creates the map from its rows.</summary>
    /// <param name="rows">For each output element its terms (argument, element, weight), weights finite.</param>
    /// <param name="bias">b, one number a row, finite; empty for zero.</param>
    /// <exception cref="ArgumentException">A weight is not finite, an index is negative, or the bias does not fit.</exception>
    public SparseAffine(IReadOnlyList<IReadOnlyList<(int Argument, int Element, double Weight)>> rows, IReadOnlyList<double>? bias = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || (bias is not null && bias.Count != rows.Count))
        {
            throw new ArgumentException($"Got {rows.Count} rows and {bias?.Count ?? 0} biases.", nameof(rows));
        }

        starts = new int[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++)
        {
            starts[i + 1] = starts[i] + rows[i].Count;
        }

        (arguments, elements, weights) = (new int[starts[^1]], new int[starts[^1]], new double[starts[^1]]);
        this.bias = bias is null ? new double[rows.Count] : [.. bias];
        var last = -1;
        for (var (i, t) = (0, 0); i < rows.Count; i++)
        {
            foreach (var (argument, element, weight) in rows[i])
            {
                if (argument < 0 || element < 0 || !double.IsFinite(weight))
                {
                    throw new ArgumentException($"Row {i} has the term ({argument}, {element}, {weight}).", nameof(rows));
                }

                (arguments[t], elements[t], weights[t]) = (argument, element, weight);
                last = Math.Max(last, argument);
                t++;
            }
        }

        if (!this.bias.All(double.IsFinite))
        {
            throw new ArgumentException("Every bias must be finite.", nameof(bias));
        }

        required = new int[last + 1];
        for (var t = 0; t < weights.Length; t++)
        {
            required[arguments[t]] = Math.Max(required[arguments[t]], elements[t] + 1);
        }

        // Two arguments may be the same node: what each adds to element e then goes into one coefficient.
        var uses = new int[required.Append(0).Max()];
        for (var t = 0; t < weights.Length; t++)
        {
            fanOut = Math.Max(fanOut, ++uses[elements[t]]);
        }
    }

    /// <inheritdoc/>
    internal override double ErrorFactor => Rounding.Gamma(Math.Max(fanOut, bias.Length) + 2);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments)
    {
        if (arguments.Length < required.Length)
        {
            throw new ArgumentException($"Got {arguments.Length} arguments, need {required.Length}.", nameof(arguments));
        }

        for (var k = 0; k < required.Length; k++)
        {
            if (arguments[k] < required[k])
            {
                throw new ArgumentException($"Argument {k} has {arguments[k]} elements, needs at least {required[k]}.", nameof(arguments));
            }
        }

        return bias.Length;
    }

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var sum = bias[i];
            for (var t = starts[i]; t < starts[i + 1]; t++)
            {
                sum += weights[t] * x[arguments[t]][elements[t]];
            }

            y[i] = sum;
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            for (var t = starts[i]; t < starts[i + 1]; t++)
            {
                dx[arguments[t]][elements[t]] += weights[t] * dy[i];
            }
        }
    }

    /// <inheritdoc/>
    public override void Sizes(ReadOnlySpan<Box> x, double[] weight)
    {
        for (var i = 0; i < bias.Length; i++)
        {
            var size = Math.Abs(bias[i]);
            for (var t = starts[i]; t < starts[i + 1]; t++)
            {
                size = Rounding.AddUp(size, Rounding.MultiplyUp(Math.Abs(weights[t]), x[arguments[t]][elements[t]].Magnitude));
            }

            weight[i] = size;
        }
    }

    /// <inheritdoc/>
    internal override void PullRows(Rows a, int rows, ReadOnlySpan<Rows> c, ReadOnlySpan<bool> fresh, double[] bias)
    {
        for (var k = 0; k < c.Length; k++)
        {
            if (fresh[k])
            {
                Array.Clear(c[k].Data, 0, rows * c[k].Stride);
            }
        }

        for (var r = 0; r < rows; r++)
        {
            var row = a.Row(r, this.bias.Length);
            for (var i = 0; i < row.Length; i++)
            {
                var value = row[i];
                if (value == 0)
                {
                    continue;
                }

                bias[r] += value * this.bias[i];
                for (var t = starts[i]; t < starts[i + 1]; t++)
                {
                    var target = c[arguments[t]];
                    target.Data[(r * target.Stride) + elements[t]] += value * weights[t];
                }
            }
        }
    }

    /// <inheritdoc/>
    internal override LinearTerms Terms(int i)
    {
        var (start, count) = (starts[i], starts[i + 1] - starts[i]);
        return new(arguments.AsSpan(start, count), elements.AsSpan(start, count), weights.AsSpan(start, count));
    }

    /// <inheritdoc/>
    internal override double Bias(int i) => bias[i];
}
