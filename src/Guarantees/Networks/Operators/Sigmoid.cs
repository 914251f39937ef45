using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = 1 / (1 + e^-x), f' = f(x) f(-x).</summary>
public sealed class Sigmoid : SShaped
{
    /// <inheritdoc/>
    public override double Value(double x) => Elementary.Sigmoid(x);

    /// <inheritdoc/>
    public override Interval At(double x) => new(Elementary.SigmoidLower(x), Elementary.SigmoidUpper(x));

    /// <inheritdoc/>
    public override double Derivative(double x) => Value(x) * Value(-x);

    /// <summary>2 artanh sqrt(1 - 4 slope).</summary>
    protected override double WhereSlopeIs(double slope) => 2 * Math.Atanh(Math.Sqrt(Math.Clamp(1 - (4 * slope), 0, 1)));

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) => At(x) * At(-x);

    /// <summary>f' (1 - 2 f).</summary>
    public override Interval SecondDerivative(Interval x) => Slope(x) * (Interval.Point(1) - (2 * Range(x)));

    /// <summary>f' (1 - 6 f').</summary>
    public override Interval ThirdDerivative(Interval x) => Slope(x) * (Interval.Point(1) - (6 * Slope(x)));
}
