namespace Guarantees.Networks.Operators;

/// <summary>A vector map y = f(x_1, ..., x_k) with every reading of f that certification uses.</summary>
/// <remarks>
/// One sealed class per map, one file per class. There are four kinds: inputs and constants; linear maps (<see cref="LinearOperator"/>);
/// elementwise functions of one argument (<see cref="Activation"/>); and functions of a few elements at a time, such as products and
/// Euclidean norms, which are bounded by planes (<see cref="NonlinearOperator"/>). Each member states the law it keeps;
/// <c>tests/Guarantees.Tests/Networks/OperatorLaws.cs</c> checks those laws for every entry of the catalogue.
/// Operators are immutable and hold local mathematics only: search, tuned slopes and caching belong to the methods.
/// </remarks>
public abstract class Operator
{
    /// <summary>The name used in messages, documentation and hashes.</summary>
    public string Name => GetType().Name;

    /// <summary>Length of y for arguments of the given lengths.</summary>
    /// <exception cref="ArgumentException">The arguments do not fit; the message names lengths received and expected.</exception>
    public abstract int OutputLength(ReadOnlySpan<int> arguments);

    /// <summary>y = f(x), in ordinary double arithmetic: for heuristics only, never for a verdict.</summary>
    public abstract void Evaluate(ReadOnlySpan<double[]> x, double[] y);

    /// <summary>dx_k += (df/dx_k)^T dy at x, y = f(x); at a kink any one-sided derivative. For heuristics only.</summary>
    public abstract void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx);

    /// <summary>Law: f(t) is in y for every t in x.</summary>
    public abstract void Range(ReadOnlySpan<Box> x, Box y);

    /// <summary>
    /// Law: for every x and t with |x_k - middle_k| &lt;= radius_k, the Clarke directional derivative of f at x along t lies in dy.
    /// </summary>
    /// <param name="x">Ranges of the arguments.</param>
    /// <param name="dx">Ranges of the tangents of the arguments.</param>
    /// <param name="dy">Receives the range of the tangent of y.</param>
    public abstract void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy);

    /// <summary>
    /// Law: if for some set V the functions v -&gt; step.Upper(k)[i] are convex, v -&gt; step.Lower(k)[i] concave, and they bracket x_k[i],
    /// then so do the values that are written for y. False (the default) means no rule: the caller uses the constant range.
    /// </summary>
    /// <remarks>Rules of convex analysis: nonnegative sums, maxima and nondecreasing convex functions of convex functions are convex (R. T. Rockafellar, "Convex Analysis", Princeton, 1970, sec. 5).</remarks>
    public virtual bool TryConvexUpper(VertexStep step) => false;
}
