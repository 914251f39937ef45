using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = sqrt x, for x &gt;= 0.</summary>
public sealed class Sqrt : ConvexActivation
{
    /// <inheritdoc/>
    public override bool IsConvex => false;

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Math.Sqrt(Math.Max(x, 0));

    /// <inheritdoc/>
    public override double Derivative(double x) => 0.5 / Math.Sqrt(Math.Max(x, 1e-300));

    /// <inheritdoc/>
    public override Interval At(double x) => Range(Interval.Point(x));

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) =>
        x > 0 ? Interval.Point(0.5) / At(x) : new(double.MaxValue, double.PositiveInfinity);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Lower >= 0 ? x.Sqrt() : throw DomainException.Of(Name, x, "x >= 0");

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Where($"(and (>= {y} 0) (= (* {y} {y}) {x}))");

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x) => 0.25 / (slope * slope);
}
