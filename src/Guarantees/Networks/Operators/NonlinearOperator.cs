using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = f(x_1[.], ..., x_k[.]), each y_i reading a few elements of the arguments; bounded from both sides by planes.</summary>
public abstract class NonlinearOperator : Operator
{
    /// <summary>How many elements each y_i reads.</summary>
    internal abstract int TermsPerElement { get; }

    /// <summary>The argument and the element that term t of y_i reads.</summary>
    internal abstract (int Argument, int Element) Term(int i, int t);

    /// <summary>
    /// Law: with z_t the elements that y_i reads, sum_t LowerSlopes[i, t] z_t + LowerIntercepts[i] &lt;= y_i &lt;= sum_t UpperSlopes[i, t] z_t + UpperIntercepts[i]
    /// for every point of <paramref name="x"/>, in exact arithmetic. Slopes are free, intercepts are rounded outward.
    /// </summary>
    /// <param name="x">Ranges of the arguments.</param>
    /// <param name="y">A range of the result, already computed.</param>
    /// <param name="planes">Receives the planes.</param>
    public abstract void Relax(ReadOnlySpan<Box> x, Box y, Planes planes);

    /// <summary>Law: y_i = f(x) satisfies the form wherever the elements that y_i reads lie in <paramref name="over"/>; where the form is exact, no other y does.</summary>
    /// <param name="i">The element of y.</param>
    /// <param name="x">SMT-LIB terms of the elements that y_i reads, as <see cref="Term"/> lists them.</param>
    /// <param name="y">The symbol of y_i.</param>
    /// <param name="over">Ranges of those elements; ends may be infinite.</param>
    public abstract SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over);
}

/// <summary>A lower and an upper plane for every element of one node.</summary>
public sealed class Planes
{
    internal Planes(int elements, int terms)
    {
        Terms = terms;
        LowerSlopes = new double[Kernels.Pad(elements * terms)];
        UpperSlopes = new double[Kernels.Pad(elements * terms)];
        LowerIntercepts = new double[Kernels.Pad(elements)];
        UpperIntercepts = new double[Kernels.Pad(elements)];
    }

    /// <summary>Slopes per element.</summary>
    public int Terms { get; }

    /// <summary>[element, term].</summary>
    public double[] LowerSlopes { get; }

    /// <summary>[element, term].</summary>
    public double[] UpperSlopes { get; }

    /// <summary>[element].</summary>
    public double[] LowerIntercepts { get; }

    /// <summary>[element].</summary>
    public double[] UpperIntercepts { get; }

    /// <summary>Sets element <paramref name="i"/> of a one-term operator.</summary>
    public void Set(int i, Band band) =>
        (LowerSlopes[i], LowerIntercepts[i], UpperSlopes[i], UpperIntercepts[i]) =
        (band.Lower.Slope, band.Lower.Intercept, band.Upper.Slope, band.Upper.Intercept);

    /// <summary>Sets element <paramref name="i"/> to the horizontal planes around a range.</summary>
    public void SetConstant(int i, Interval range)
    {
        LowerSlopes.AsSpan(i * Terms, Terms).Clear();
        UpperSlopes.AsSpan(i * Terms, Terms).Clear();
        (LowerIntercepts[i], UpperIntercepts[i]) = (range.Lower, range.Upper);
    }
}
