using System.Collections.Immutable;
using System.Numerics.Tensors;
using Guarantees.Networks;

namespace Certify.Export;

/// <summary>The bounds that the extracted checker will find, foretold in double arithmetic, and the advice that makes them good.</summary>
/// <remarks>
/// Not relied on: what is foretold wrongly is rejected by the checker. Method: <c>proofs/coq/theories/Checker/LinearBounds.v</c>, a backward pass with the chord above an undecided ReLU and a
/// free slope below it. From every bound an allowance is taken for what the checker may lose by rounding to multiples of 2^-24: a coefficient times the largest input, an
/// intercept, a product for each neuron that is not 0.
/// </remarks>
internal sealed class CheckerBounds
{
    private const double Unit = 1.0 / (1 << CheckerStatement.Precision);
    private const double Spare = 1e-9;
    private readonly double[][] weights; // [out, in], row by row
    private readonly double[][] biases;
    private readonly double[][] coefficients; // lam of the last descent, of each layer
    private readonly double[][] lines; // what the ReLU of each layer makes of them
    private readonly double[][] points;
    private readonly double[] corner;
    private double[] row;
    private double[] next;

    public CheckerBounds(ImmutableArray<ChainLayer> layers)
    {
        Hidden = layers.Length - 1;
        Inputs = layers[0].Inputs;
        Sizes = [.. layers.Take(Hidden).Select(layer => layer.Outputs)];
        weights = [.. layers.Select(layer => Enumerable.Range(0, layer.Outputs).SelectMany(i => layer.Weights.AsSpan(i * layer.Stride, layer.Inputs).ToArray()).ToArray())];
        biases = [.. layers.Select(layer => layer.Bias[..layer.Outputs])];
        (coefficients, lines, points) = (Like(), Like(), Like());
        corner = new double[Inputs];
        var widest = Math.Max(Inputs, Sizes.Max());
        (row, next) = (new double[widest], new double[widest]);
        double[][] Like() => [.. Sizes.Select(size => new double[size])];
    }

    /// <summary>Number of hidden layers.</summary>
    public int Hidden { get; }

    public int Inputs { get; }

    /// <summary>Neurons of each hidden layer.</summary>
    public int[] Sizes { get; }

    /// <summary>Coefficients before the ReLUs of layer q in the last descent.</summary>
    public ReadOnlySpan<double> Coefficients(int q) => coefficients[q];

    /// <summary>Coefficients of the inputs in the last descent.</summary>
    public ReadOnlySpan<double> InputRow => row.AsSpan(0, Inputs);

    /// <summary>Sizes of the coefficients of the layers before k in the last descent.</summary>
    public float[][] Sensitivities(int k) => [.. coefficients[..k].Select((layer, q) => layer.Select(c => (float)Math.Abs(c)).ToArray())];

    /// <summary>Interval bounds of all pre-activations over a box.</summary>
    public Ranges Start(double[] lower, double[] upper)
    {
        var ranges = new Ranges(lower, upper, Sizes);
        for (var k = 0; k < Hidden; k++)
        {
            Intersect(ranges, k);
        }

        return ranges;
    }

    /// <summary>Interval bounds of layer k from the layer before it, intersected with what is known.</summary>
    public void Intersect(Ranges ranges, int k)
    {
        var (lower, upper) = k == 0 ? (ranges.BoxLower, ranges.BoxUpper) : (ranges.Lower[k - 1], ranges.Upper[k - 1]);
        for (var i = 0; i < Sizes[k]; i++)
        {
            var (l, u) = Row(k, i, lower, upper);
            ranges.Lower[k][i] = Math.Max(ranges.Lower[k][i], l);
            ranges.Upper[k][i] = Math.Min(ranges.Upper[k][i], u);
        }
    }

    /// <summary>Interval bounds of the outputs.</summary>
    public (double Lower, double Upper)[] Outputs(Ranges ranges) =>
        [.. Enumerable.Range(0, biases[^1].Length).Select(i => Row(Hidden, i, ranges.Lower[^1], ranges.Upper[^1]))];

    /// <summary>Interval bounds of z_ki from those before the ReLUs of the layer before, or the box.</summary>
    private (double Lower, double Upper) Row(int k, int i, double[] lower, double[] upper)
    {
        var (l, u) = (biases[k][i], biases[k][i]);
        var own = weights[k].AsSpan(i * lower.Length, lower.Length);
        for (var j = 0; j < own.Length; j++)
        {
            var (a, b) = k == 0 ? (lower[j], upper[j]) : (Math.Max(lower[j], 0), Math.Max(upper[j], 0));
            (l, u) = own[j] > 0 ? (l + (own[j] * a), u + (own[j] * b)) : (l + (own[j] * b), u + (own[j] * a));
        }

        return (l - (2 * Unit), u + (2 * Unit));
    }

    /// <summary>A lower bound of z_kj, or of -z_kj.</summary>
    public double Neuron(Ranges ranges, int k, int j, bool negated)
    {
        var columns = Sizes[k - 1];
        var own = weights[k].AsSpan(j * columns, columns);
        if (negated)
        {
            TensorPrimitives.Negate(own, row.AsSpan(0, columns));
        }
        else
        {
            own.CopyTo(row);
        }

        return Descend(ranges, k, negated ? -biases[k][j] : biases[k][j], null);
    }

    /// <summary>A lower bound of c . y - d, with given slopes below undecided ReLUs or those of no advice.</summary>
    public double Claim(Ranges ranges, double[] c, double d, double[][]? slopes)
    {
        var columns = Sizes[^1];
        var bias = -d;
        Array.Clear(row, 0, columns);
        for (var i = 0; i < c.Length; i++)
        {
            if (c[i] != 0)
            {
                bias += c[i] * biases[^1][i];
                TensorPrimitives.MultiplyAdd(weights[^1].AsSpan(i * columns, columns), c[i], row.AsSpan(0, columns), row.AsSpan(0, columns));
            }
        }

        return Descend(ranges, Hidden, bias, slopes);
    }

    /// <summary>Moves slopes along the subgradient at the corner where the last descent, of <see cref="Claim"/>, attains its bound.</summary>
    public void Improve(Ranges ranges, double[][] slopes, double step)
    {
        for (var j = 0; j < Inputs; j++)
        {
            corner[j] = row[j] > 0 ? ranges.BoxLower[j] : ranges.BoxUpper[j];
        }

        var below = corner;
        for (var q = 0; q < Hidden; q++)
        {
            var (lower, upper, y) = (ranges.Lower[q], ranges.Upper[q], points[q]);
            for (var i = 0; i < y.Length; i++)
            {
                var (l, u) = (lower[i], upper[i]);
                if (u <= 0)
                {
                    y[i] = 0;
                    continue;
                }

                var z = biases[q][i] + TensorPrimitives.Dot(weights[q].AsSpan(i * below.Length, below.Length), below);
                if (l >= 0)
                {
                    y[i] = z;
                }
                else if (coefficients[q][i] >= 0)
                {
                    y[i] = Quantized(slopes[q][i]) * z;
                    slopes[q][i] = Math.Clamp(slopes[q][i] + (step * z / (u - l)), 0, 1);
                }
                else
                {
                    y[i] = u / (u - l) * (z - l);
                }
            }

            below = y;
        }
    }

    /// <summary>The slopes of no advice.</summary>
    public double[][] Slopes(Ranges ranges) =>
        [.. Enumerable.Range(0, Hidden).Select(q => Enumerable.Range(0, Sizes[q]).Select(i => ranges.Lower[q][i] + ranges.Upper[q][i] >= 0 ? 1.0 : 0).ToArray())];

    /// <summary>The slope that the format can say.</summary>
    public static double Quantized(double slope) => Math.Round(slope * 32) / 32;

    /// <summary>From a row over the outputs of layer k - 1, in <see cref="row"/>, to the inputs.</summary>
    private double Descend(Ranges ranges, int k, double bias, double[][]? slopes)
    {
        var loss = 0.0;
        for (var q = k - 1; q >= 0; q--)
        {
            var (lower, upper, lam, line) = (ranges.Lower[q], ranges.Upper[q], coefficients[q], lines[q]);
            var columns = q == 0 ? Inputs : Sizes[q - 1];
            var target = next.AsSpan(0, columns);
            target.Clear();
            for (var i = 0; i < lam.Length; i++)
            {
                var (l, u, a) = (lower[i], upper[i], row[i]);
                lam[i] = a;
                if (u <= 0)
                {
                    line[i] = 0;
                    continue;
                }

                loss += u;
                var d = a;
                if (l < 0)
                {
                    loss += 2 + u - l;
                    if (a >= 0)
                    {
                        d = slopes is null ? (l + u >= 0 ? a : 0) : a * Quantized(slopes[q][i]);
                    }
                    else
                    {
                        d = a * u / (u - l);
                        bias -= d * l;
                    }
                }

                line[i] = d;
                if (d != 0)
                {
                    bias += d * biases[q][i];
                    TensorPrimitives.MultiplyAdd(weights[q].AsSpan(i * columns, columns), d, target, target);
                }
            }

            (row, next) = (next, row);
        }

        for (var j = 0; j < Inputs; j++)
        {
            var (l, u) = (ranges.BoxLower[j], ranges.BoxUpper[j]);
            bias += row[j] > 0 ? row[j] * l : row[j] * u;
            loss += 1 + (2 * Math.Max(Math.Abs(l), Math.Abs(u)));
        }

        return bias - (Unit * (loss + 2)) - (Spare * (1 + Math.Abs(bias)));
    }

    /// <summary>A part of the box and what is known of all pre-activations over it.</summary>
    public sealed class Ranges
    {
        public Ranges(double[] lower, double[] upper, int[] sizes)
        {
            (BoxLower, BoxUpper) = (lower, upper);
            Lower = [.. sizes.Select(size => Filled(size, double.NegativeInfinity))];
            Upper = [.. sizes.Select(size => Filled(size, double.PositiveInfinity))];
        }

        private Ranges(Ranges other)
        {
            (BoxLower, BoxUpper) = ((double[])other.BoxLower.Clone(), (double[])other.BoxUpper.Clone());
            (Lower, Upper) = ([.. other.Lower.Select(layer => (double[])layer.Clone())], [.. other.Upper.Select(layer => (double[])layer.Clone())]);
        }

        public double[] BoxLower { get; }

        public double[] BoxUpper { get; }

        public double[][] Lower { get; }

        public double[][] Upper { get; }

        /// <summary>The neuron of a layer whose bounds contradict each other by more than a foretold bound can err; -1 for none.</summary>
        public int Contradiction(int k)
        {
            for (var j = 0; j < Lower[k].Length; j++)
            {
                if (Lower[k][j] > Upper[k][j] + 1e-6)
                {
                    return j;
                }
            }

            return -1;
        }

        public Ranges Clone() => new(this);

        private static double[] Filled(int size, double value)
        {
            var result = new double[size];
            Array.Fill(result, value);
            return result;
        }
    }
}
