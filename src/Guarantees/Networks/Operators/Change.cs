using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>y_i = f(a_i + b_i) - f(a_i): how much an activation f moves when its argument a moves by b. Two arguments of equal length.</summary>
/// <remarks>
/// Two copies of a network that read x and x + b are compared by carrying the differences: bounds of y then shrink with b, not with the box of x.
/// With [s, t] the range of difference quotients of f over a and a + b, y lies between s b and t b. Their maximum is convex in b, so its chord over the range of b is
/// above y; their minimum is concave, so its chord is below. Where f is linear on the range, as ReLU on one side, y = s b exactly.
/// The logarithm is defined for positive arguments only: where the range of a or of a + b is not positive there is a <see cref="DomainException"/>, as for <see cref="Log"/> itself.
/// Source of the idea: B. Paulsen, J. Wang, C. Wang, "ReluDiff: Differential Verification of Deep Neural Networks", ICSE 2020; the planes are derived here.
/// </remarks>
public sealed class Change : NonlinearOperator
{
    /// <summary>The change of one activation.</summary>
    /// <param name="of">f, one of those that <see cref="Accepts"/> names.</param>
    public Change(Activation of)
    {
        ArgumentNullException.ThrowIfNull(of);
        Of = Accepts(of) ? of : throw new ArgumentException($"There are no planes for changes of {of.Name}.", nameof(of));
    }

    /// <summary>f.</summary>
    public Activation Of { get; }

    /// <inheritdoc/>
    internal override int TermsPerElement => 1;

    /// <summary>Whether an activation has the same f for every element, defined on one interval.</summary>
    public static bool Accepts(Activation map) => map is ReLU or LeakyReLU or Abs or Cap or Tanh or Sigmoid or Softplus or NormalCdf or Square or Exp or Log;

    /// <inheritdoc/>
    internal override (int Argument, int Element) Term(int i, int t) => (1, i);

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => arguments.Length == 2 && arguments[0] == arguments[1]
        ? arguments[0]
        : throw new ArgumentException($"A change needs two arguments of equal length, got [{string.Join(", ", arguments.ToArray())}].", nameof(arguments));

    /// <summary>Nothing but the range and the planes: questions to a solver are written for networks side by side, where no changes occur.</summary>
    public override SmtForm Encode(int i, IReadOnlyList<string> x, string y, IReadOnlyList<Interval> over) => SmtForm.Free;

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Of.Value(x[0][i] + x[1][i]) - Of.Value(x[0][i]);
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var moved = Of.Derivative(x[0][i] + x[1][i]);
            dx[0][i] += (moved - Of.Derivative(x[0][i])) * dy[i];
            dx[1][i] += moved * dy[i];
        }
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var (a, b) = (x[0][i], x[1][i]);
            var (apart, slope) = (Of.Range(a + b) - Of.Range(a), SlopeOf(a, b));
            if (IsFinite(slope) && IsFinite(b))
            {
                // Both hold y, so they meet.
                var close = slope * b;
                var (lower, upper) = (Math.Max(apart.Lower, close.Lower), Math.Min(apart.Upper, close.Upper));
                apart = lower <= upper ? new(lower, upper) : throw new InvalidOperationException($"Broken invariant: {Of} over {a} moved by {b} lies in {apart} and in {close}.");
            }

            y[i] = apart;
        }
    }

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        for (var i = 0; i < dy.Length; i++)
        {
            dy[i] = (Of.Slope(x[0][i] + x[1][i]) * (dx[0][i] + dx[1][i])) - (Of.Slope(x[0][i]) * dx[0][i]);
        }
    }

    /// <inheritdoc/>
    public override void Relax(ReadOnlySpan<Box> x, Box y, Planes planes)
    {
        for (var i = 0; i < y.Length; i++)
        {
            var (a, b) = (x[0][i], x[1][i]);
            var slope = SlopeOf(a, b);
            if (!IsFinite(slope) || !IsFinite(b) || !double.IsFinite((slope * b).Width) || !double.IsFinite(b.Width))
            {
                planes.SetConstant(i, y[i]);
                continue;
            }

            var (s, t, l, u) = (slope.Lower, slope.Upper, b.Lower, b.Upper);
            planes.Set(i, s == t ? Band.Exact(s)
                : l >= 0 ? new Band(new Line(s, 0), new Line(t, 0))
                : u <= 0 ? new Band(new Line(t, 0), new Line(s, 0))
                : new Band(
                    Line.Below(Chord(t * l, s * u, l, u), l, Rounding.MultiplyDown(t, l), u, Rounding.MultiplyDown(s, u)),
                    Line.Above(Chord(s * l, t * u, l, u), l, Rounding.MultiplyUp(s, l), u, Rounding.MultiplyUp(t, u))));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"Change({Of})";

    /// <summary>Difference quotients between points of a and of a + b.</summary>
    private Interval SlopeOf(Interval a, Interval b) => Of.Slope(Interval.Hull(a, a + b));

    private static double Chord(double yl, double yu, double l, double u) => (yu - yl) / (u - l) is var slope && double.IsFinite(slope) ? slope : 0;

    private static bool IsFinite(Interval range) => double.IsFinite(range.Lower) && double.IsFinite(range.Upper);
}
