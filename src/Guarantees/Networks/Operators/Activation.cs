using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = f(x_i): an elementwise function, with every reading of f that certification uses.</summary>
public abstract class Activation : NonlinearOperator
{
    /// <summary>Whether f is nondecreasing where it is defined; then a bound may pass through it unchanged in form.</summary>
    public virtual bool IsIncreasing => false;

    /// <inheritdoc/>
    internal override int TermsPerElement => 1;

    /// <summary>f(x), in ordinary double arithmetic.</summary>
    public abstract double Value(double x);

    /// <summary>f'(x), in ordinary double arithmetic; at a kink any one-sided derivative.</summary>
    public abstract double Derivative(double x);

    /// <summary>Law: f(t) is in Range(x) for every t in x.</summary>
    /// <exception cref="DomainException">f is not defined on all of x.</exception>
    public abstract Interval Range(Interval x);

    /// <summary>Law: (f(t) - f(s)) / (t - s) is in Slope(x) for all distinct s, t in x.</summary>
    public abstract Interval Slope(Interval x);

    /// <summary>Law: Lower(t) &lt;= f(t) &lt;= Upper(t) for every t in x. Called with finite x only.</summary>
    public abstract Band Relax(Interval x);

    /// <summary>Law: y = f(x) satisfies the form for every x of the range; where the form is exact, no other y does.</summary>
    /// <param name="x">The SMT-LIB term of x.</param>
    /// <param name="y">The symbol of y.</param>
    /// <param name="over">A range of x; its ends may be infinite.</param>
    public abstract SmtForm Encode(string x, string y, Interval over);

    /// <inheritdoc/>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(over);
        return Encode(x[0], y, over[0]);
    }

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 1
        ? arguments[0]
        : throw new ArgumentException($"{Name} takes one argument, got {arguments.Length}.", nameof(arguments));

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (0, i);

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Value(x[0][i]);
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            dx[0][i] += Derivative(x[0][i]) * dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Range(x[0][i]);
        }
    }

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            dy[i] = Slope(x[0][i]) * dx[0][i];
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var box = x[0][i];
            if (double.IsFinite(box.Lower) && double.IsFinite(box.Upper))
            {
                planes.Set(i, Relax(box));
            }
            else
            {
                planes.SetConstant(i, y[i]);
            }
        }
    }
}
