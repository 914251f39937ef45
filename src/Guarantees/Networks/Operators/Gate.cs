using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = f'(a_i) b_i for a piecewise linear f, the directional derivative of f at a along b; at a kink of f, any number between those of its two sides. Two arguments of equal length.</summary>
/// <remarks>
/// With [s, t] the range of slopes of f over the range of a, y lies between s b and t b. Their maximum is convex in b, so its chord over the range of b is above y; their minimum is
/// concave, so its chord is below. Where the range of a touches no kink, y = s b exactly. Smooth f need no such operator: their derivatives are graphs.
/// </remarks>
public sealed class Gate : NonlinearOperator
{
    /// <summary>The derivative of one activation.</summary>
    /// <param name="of">f: ReLU, LeakyReLU, Abs or Cap.</param>
    public Gate(Activation of)
    {
        ArgumentNullException.ThrowIfNull(of);
        Of = of is ReLU or LeakyReLU or Abs or Cap ? of : throw new ArgumentException($"{of.Name} is not piecewise linear.", nameof(of));
    }

    /// <summary>f.</summary>
    public Activation Of { get; }

    /// <inheritdoc/>
    internal override int TermsPerElement => 1;

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (1, i);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 2 && arguments[0] == arguments[1]
        ? arguments[0]
        : throw new ArgumentException($"A gate needs two arguments of equal length, got [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <summary>Nothing but the range and the planes: questions about slopes do not go to a solver.</summary>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over) => SmtForm.Free;

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Of.Derivative(x[0][i]) * x[1][i];
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            dx[1][i] += Of.Derivative(x[0][i]) * dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = SlopeOf(x[0][i]) * x[1][i];
        }
    }

    /// <summary>y jumps where a crosses a kink: there is a bound where none is in reach only.</summary>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            var slope = SlopeOf(x[0][i]);
            dy[i] = slope.Lower == slope.Upper ? slope * dx[1][i] : Interval.Entire;
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var (slope, b) = (SlopeOf(x[0][i]), x[1][i]);
            var (s, t, l, u) = (slope.Lower, slope.Upper, b.Lower, b.Upper);
            if (s != t && !(double.IsFinite(l) && double.IsFinite(u) && double.IsFinite(b.Width)))
            {
                planes.SetConstant(i, y[i]);
                continue;
            }

            planes.Set(i, s == t ? Band.Exact(s)
                : l >= 0 ? new Band(new Line(s, 0), new Line(t, 0))
                : u <= 0 ? new Band(new Line(t, 0), new Line(s, 0))
                : new Band(
                    Line.Below(((s * u) - (t * l)) / (u - l), l, Rounding.MultiplyDown(t, l), u, Rounding.MultiplyDown(s, u)),
                    Line.Above(((t * u) - (s * l)) / (u - l), l, Rounding.MultiplyUp(s, l), u, Rounding.MultiplyUp(t, u))));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"Gate({Of})";

    /// <summary>All slopes near a; both sides of a kink at which it ends.</summary>
    private Interval SlopeOf(Interval a) => Of.Slope(new(Math.BitDecrement(a.Lower), Math.BitIncrement(a.Upper)));
}
