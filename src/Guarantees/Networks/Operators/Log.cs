using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = ln x, for x &gt; 0.</summary>
public sealed class Log : ConvexActivation
{
    /// <inheritdoc/>
    public override bool IsConvex => false;

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Math.Log(x);

    /// <inheritdoc/>
    public override double Derivative(double x) => 1 / x;

    /// <inheritdoc/>
    public override Interval At(double x) => x > 0
        ? new(Elementary.LogLower(x), Elementary.LogUpper(x))
        : throw DomainException.Of(Name, Interval.Point(x), "x > 0");

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) => Interval.Point(1) / Interval.Point(x);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Lower > 0
        ? new(Elementary.LogLower(x.Lower), Elementary.LogUpper(x.Upper))
        : throw DomainException.Of(Name, x, "x > 0");

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x.Lower > 0 ? base.Slope(x) : throw DomainException.Of(Name, x, "x > 0");

    /// <summary>No algebraic form.</summary>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Free;

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x) => 1 / slope;
}
