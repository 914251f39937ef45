using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = a_i x_i with a known to lie in a box: division by constants and other factors that no double holds exactly.</summary>
public sealed class Scale : Activation
{
    /// <summary>Creates the map.</summary>
    /// <param name="factors">The box that holds a; finite.</param>
    public Scale(Box factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        if (!factors.Lower.All(double.IsFinite) || !factors.Upper.All(double.IsFinite))
        {
            throw new ArgumentException("Every factor must be finite.", nameof(factors));
        }

        Factors = factors;
    }

    /// <summary>The box that holds a.</summary>
    public Box Factors { get; }

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 1 && arguments[0] == Factors.Length
        ? Factors.Length
        : throw new ArgumentException($"A scaling of {Factors.Length} elements received arguments of lengths [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <inheritdoc/>
    public override double Value(double x) => throw PerElement();

    /// <inheritdoc/>
    public override double Derivative(double x) => throw PerElement();

    /// <inheritdoc/>
    public override Interval Range(Interval x) => throw PerElement();

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => throw PerElement();

    /// <inheritdoc/>
    public override Band Relax(Interval x) => throw PerElement();

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => throw PerElement();

    /// <inheritdoc/>
    /// <remarks>A factor known to lie in [l, u] gives y the values between l x and u x: linear, and every such y is the image under some factor, though not under all.</remarks>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over)
    {
        ArgumentNullException.ThrowIfNull(x);
        var (l, u) = (SmtLib.Number(Factors.Lower[i]), SmtLib.Number(Factors.Upper[i]));
        return Factors.Lower[i] == Factors.Upper[i]
            ? SmtForm.Equal($"(* {l} {x[0]})")
            : new SmtForm($"(ite (>= {x[0]} 0) (and (<= (* {l} {x[0]}) {y}) (<= {y} (* {u} {x[0]}))) (and (<= (* {u} {x[0]}) {y}) (<= {y} (* {l} {x[0]}))))", SmtFormKind.Relation, false, true);
    }

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Factors[i].Middle * x[0][i];
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            dx[0][i] += Factors[i].Middle * dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Factors[i] * x[0][i];
        }
    }

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy) => Range(dx, dy);

    /// <summary>Both slopes are the middle m of the factor; a x - m x lies in (a - m) x.</summary>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var slope = Factors[i].Middle;
            var rest = (Factors[i] - slope) * x[0][i];
            planes.Set(i, new Band(new Line(slope, rest.Lower), new Line(slope, rest.Upper)));
        }
    }

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        var width = step.Width;
        for (var i = 0; i < Factors.Length; i++)
        {
            var a = Factors[i];
            if (a.Lower < 0)
            {
                return false;
            }

            for (var v = i * width; v < (i + 1) * width; v++)
            {
                // a x <= max(a_lower x, a_upper x), a maximum of increasing linear functions of x.
                var (u, l) = (step.Upper(0)[v], step.Lower(0)[v]);
                step.ResultUpper[v] = Math.Max(Rounding.MultiplyUp(a.Lower, u), Rounding.MultiplyUp(a.Upper, u));
                step.ResultLower[v] = Math.Min(Rounding.MultiplyDown(a.Lower, l), Rounding.MultiplyDown(a.Upper, l));
            }
        }

        return true;
    }

    private static InvalidOperationException PerElement() => new("A scaling has one factor an element; use the vector forms.");
}
