using System.Globalization;
using System.Numerics.Tensors;
using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y = W x + b, W dense. Weight layout [out, in].</summary>
public sealed class Affine : LinearOperator
{
    private readonly double[] weights;
    private readonly double[] bias;

    /// <summary>Creates the map.</summary>
    /// <param name="weights">W, [out * in], row by row; finite.</param>
    /// <param name="bias">b, [out]; finite.</param>
    /// <exception cref="ArgumentException">A length does not fit or a number is not finite.</exception>
    public Affine(double[] weights, double[] bias)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(bias);
        if (bias.Length == 0 || weights.Length == 0 || weights.Length % bias.Length != 0)
        {
            throw new ArgumentException($"W needs a whole number of rows of b's length; got {weights.Length} weights for {bias.Length} outputs.", nameof(weights));
        }

        CheckFinite(weights, nameof(weights));
        CheckFinite(bias, nameof(bias));
        (this.weights, this.bias) = ([.. weights], [.. bias]);
        Inputs = weights.Length / bias.Length;
        Stride = Kernels.Pad(Inputs);
        Padded = new double[Stride * Outputs];
        for (var i = 0; i < Outputs; i++)
        {
            weights.AsSpan(i * Inputs, Inputs).CopyTo(Padded.AsSpan(i * Stride));
        }
    }

    /// <summary>Length of x.</summary>
    public int Inputs { get; }

    /// <summary>Length of y.</summary>
    public int Outputs => bias.Length;

    /// <summary>W, [out * in], row by row.</summary>
    public ReadOnlySpan<double> Weights => weights;

    /// <summary>b.</summary>
    public ReadOnlySpan<double> Biases => bias;

    /// <inheritdoc/>
    internal override double ErrorFactor => Rounding.Gamma(Outputs + 2);

    private int Stride { get; }

    private double[] Padded { get; }

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 1 && arguments[0] == Inputs
        ? Outputs
        : throw new ArgumentException($"An affine map of {Inputs} inputs received arguments of lengths [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = bias[i] + TensorPrimitives.Dot(weights.AsSpan(i * Inputs, Inputs), x[0]);
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            if (dy[i] != 0)
            {
                TensorPrimitives.MultiplyAdd(weights.AsSpan(i * Inputs, Inputs), dy[i], dx[0], dx[0]);
            }
        }
    }

    /// <summary>Middle and radius form: one matrix product with W and one with |W|, then the a-priori rounding error (S. M. Rump, "Fast and Parallel Interval Arithmetic", BIT, 1999).</summary>
    public override void Range(ReadOnlySpan<Box> x, Box y) => Image(x[0], y, 1);

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy) => Image(dx[0], dy, 0);

    private void Image(Box box, Box y, int withBias)
    {
        var (middle, radius) = (new double[Inputs], new double[Inputs]);
        for (var j = 0; j < Inputs; j++)
        {
            middle[j] = box[j].Middle;
            radius[j] = Math.Max(Rounding.SubtractUp(box.Upper[j], middle[j]), Rounding.SubtractUp(middle[j], box.Lower[j]));
        }

        var gamma = Rounding.Gamma(Inputs + 3);
        for (var i = 0; i < Outputs; i++)
        {
            var (sum, size, spread) = Kernels.DotWithSizes(Padded.AsSpan(i * Stride, Inputs), middle, radius);
            var offset = withBias * bias[i];
            sum += offset;
            var error = (gamma * (size + spread + Math.Abs(offset))) + Rounding.Tiny;
            var reach = Rounding.AddUp(spread, error * (1 + 1e-9));
            var (lower, upper) = (Rounding.SubtractDown(sum, reach), Rounding.AddUp(sum, reach));
            y[i] = lower <= upper ? new Interval(lower, upper) : Interval.Entire;
        }
    }

    /// <inheritdoc/>
    public override void Sizes(ReadOnlySpan<Box> x, double[] weight)
    {
        var magnitude = new double[Inputs];
        for (var j = 0; j < Inputs; j++)
        {
            magnitude[j] = x[0][j].Magnitude;
        }

        for (var i = 0; i < Outputs; i++)
        {
            var (_, size, _) = Kernels.DotWithSizes(Padded.AsSpan(i * Stride, Inputs), magnitude, magnitude);
            weight[i] = ((size + Math.Abs(bias[i])) * (1 + 1e-9)) + Rounding.Tiny;
        }
    }

    /// <inheritdoc/>
    internal override void PullRows(Rows a, int rows, ReadOnlySpan<Rows> c, ReadOnlySpan<bool> fresh, double[] bias)
    {
        Kernels.Multiply(a, new Rows(Padded, Stride), c[0], rows, Outputs, Inputs, accumulate: !fresh[0]);
        for (var r = 0; r < rows; r++)
        {
            bias[r] += TensorPrimitives.Dot(a.Row(r, Outputs), this.bias);
        }
    }

    /// <inheritdoc/>
    internal override LinearTerms Terms(int i) => new([], [], weights.AsSpan(i * Inputs, Inputs));

    /// <inheritdoc/>
    internal override double Bias(int i) => bias[i];

    private static void CheckFinite(double[] values, string name)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Entry {i} is {values[i]}; every coefficient must be finite."), name);
            }
        }
    }
}
