using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = tanh x, f' = 1 - f².</summary>
public sealed class Tanh : SShaped
{
    /// <inheritdoc/>
    public override double Value(double x) => Elementary.Tanh(x);

    /// <inheritdoc/>
    public override Interval At(double x) => new(Elementary.TanhLower(x), Elementary.TanhUpper(x));

    /// <inheritdoc/>
    public override double Derivative(double x)
    {
        var f = Value(x);
        return (1 - f) * (1 + f);
    }

    /// <summary>artanh sqrt(1 - slope).</summary>
    protected override double WhereSlopeIs(double slope) => Math.Atanh(Math.Sqrt(Math.Clamp(1 - slope, 0, 1)));

    /// <summary>(1 - f)(1 + f), within [0, 1].</summary>
    public override Interval DerivativeAt(double x)
    {
        var f = At(x);
        var product = (Interval.Point(1) - f) * (Interval.Point(1) + f);
        return new(Math.Clamp(product.Lower, 0, 1), Math.Clamp(product.Upper, 0, 1));
    }

    /// <summary>-2 f f'.</summary>
    public override Interval SecondDerivative(Interval x) => -2 * (Range(x) * Slope(x));

    /// <summary>2 f' (3 f² - 1).</summary>
    public override Interval ThirdDerivative(Interval x) => 2 * (Slope(x) * ((3 * Range(x).Square()) - 1));
}
