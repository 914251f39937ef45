using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = 1 / x, for x &gt; 0 or for x &lt; 0.</summary>
/// <remarks>Convex and decreasing on the positive side; the negative side follows from f(-x) = -f(x).</remarks>
public sealed class Reciprocal : Activation
{
    private static readonly Positive Side = new();

    /// <inheritdoc/>
    public override double Value(double x) => 1 / x;

    /// <inheritdoc/>
    public override double Derivative(double x) => -1 / (x * x);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Contains(0) ? throw DomainException.Of(Name, x, "x > 0 or x < 0") : Interval.Point(1) / x;

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x.Contains(0) ? Interval.Entire : -(Interval.Point(1) / x.Square());

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Where($"(= (* {x} {y}) 1)");

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        if (x.Lower > 0)
        {
            return Side.Relax(x);
        }

        var mirror = Side.Relax(-x);
        return new Band(mirror.Upper with { Intercept = -mirror.Upper.Intercept }, mirror.Lower with { Intercept = -mirror.Lower.Intercept });
    }

    private sealed class Positive : ConvexActivation
    {
        public override bool IsConvex => true;

        public override double Value(double x) => 1 / x;

        public override Interval At(double x) => Interval.Point(1) / Interval.Point(x);

        public override Interval DerivativeAt(double x) => -(Interval.Point(1) / Interval.Point(x).Square());

        public override Interval Range(Interval x) => Interval.Point(1) / x;

        public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Where($"(= (* {x} {y}) 1)");

        protected override double TangentPoint(double slope, Interval x) => Math.Sqrt(-1 / slope);
    }
}
