using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y = W_1 x_1 + ... + W_k x_k + b with exact coefficients.</summary>
public abstract class LinearOperator : Operator
{
    /// <summary>
    /// Law: weight[i] &gt;= sum_j |W_ij| magnitude_j(x) + |b_i|: the size of what <see cref="PullRows"/> may round, per element of y.
    /// </summary>
    public abstract void Sizes(ReadOnlySpan<Box> x, double[] weight);

    /// <summary>
    /// Law: for each row r, sum_i a[r, i] y_i = sum_k sum_j c_k[r, j] x_kj + bias change, up to the rounding error
    /// <see cref="ErrorFactor"/> * sum_i |a[r, i]| weight_i + (rounding of the additions into c_k); c_k and bias are added to.
    /// </summary>
    /// <param name="a">Coefficients over y, [rows, strideOut].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="c">Coefficients over each argument, [rows, stride of that argument], added to.</param>
    /// <param name="fresh">Whether c_k holds nothing yet and must be overwritten.</param>
    /// <param name="bias">Added to, one number a row.</param>
    internal abstract void PullRows(Rows a, int rows, ReadOnlySpan<Rows> c, ReadOnlySpan<bool> fresh, double[] bias);

    /// <summary>The factor of the law of <see cref="PullRows"/>.</summary>
    internal abstract double ErrorFactor { get; }

    /// <summary>Visits the coefficients of y_i: argument, element, W. For the walkers that go forward, one element at a time.</summary>
    internal abstract LinearTerms Terms(int i);

    /// <summary>b_i.</summary>
    internal abstract double Bias(int i);

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            dy[i] = Weigh(Terms(i), dx, 0);
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Weigh(Terms(i), x, Bias(i));
        }
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        var width = step.Width;
        for (var i = 0; i < step.ResultRange.Length; i++)
        {
            var upper = step.ResultUpper.Slice(i * width, width);
            var lower = step.ResultLower.Slice(i * width, width);
            upper.Fill(Bias(i));
            lower.Fill(Bias(i));
            var terms = Terms(i);
            for (var t = 0; t < terms.Count; t++)
            {
                var (argument, element, weight) = terms[t];
                var above = (weight >= 0 ? step.Upper(argument) : step.Lower(argument)).Slice(element * width, width);
                var below = (weight >= 0 ? step.Lower(argument) : step.Upper(argument)).Slice(element * width, width);

                for (var v = 0; v < width; v++)
                {
                    upper[v] = Rounding.AddUp(upper[v], Rounding.MultiplyUp(weight, above[v]));
                    lower[v] = Rounding.AddDown(lower[v], Rounding.MultiplyDown(weight, below[v]));
                }
            }
        }

        return true;
    }

    private static Interval Weigh(LinearTerms terms, ReadOnlySpan<Box> x, double bias)
    {
        var (lower, upper) = (bias, bias);
        for (var t = 0; t < terms.Count; t++)
        {
            var (argument, element, weight) = terms[t];
            var (l, u) = (x[argument].Lower[element], x[argument].Upper[element]);
            lower = Rounding.AddDown(lower, Rounding.MultiplyDown(weight, weight >= 0 ? l : u));
            upper = Rounding.AddUp(upper, Rounding.MultiplyUp(weight, weight >= 0 ? u : l));
        }

        return new Interval(lower, upper);
    }
}

/// <summary>The nonzero coefficients of one output element.</summary>
internal readonly ref struct LinearTerms(ReadOnlySpan<int> arguments, ReadOnlySpan<int> elements, ReadOnlySpan<double> weights)
{
    private readonly ReadOnlySpan<int> arguments = arguments;
    private readonly ReadOnlySpan<int> elements = elements;
    private readonly ReadOnlySpan<double> weights = weights;

    public int Count => weights.Length;

    /// <summary>Term t. An empty argument list means argument 0, an empty element list means element t (dense rows).</summary>
    public (int Argument, int Element, double Weight) this[int t] =>
        (arguments.IsEmpty ? 0 : arguments[t], elements.IsEmpty ? t : elements[t], weights[t]);
}

/// <summary>A block of coefficient rows over the elements of one node: row r starts at r * Stride, Stride a multiple of the vector width.</summary>
internal readonly struct Rows(double[] data, int stride)
{
    public double[] Data { get; } = data;

    public int Stride { get; } = stride;

    public Span<double> Row(int r, int length) => Data.AsSpan(r * Stride, length);
}
