using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = Φ(x), the standard normal distribution function; f' = exp(-x²/2) / sqrt(2π).</summary>
public sealed class NormalCdf : SShaped
{
    /// <summary>1 / sqrt(2π) = 0.398942280401432677939946...</summary>
    internal static readonly Interval InverseRootTwoPi = new(0.3989422804014326, 0.3989422804014328);

    /// <inheritdoc/>
    public override double Value(double x) => Elementary.NormalCdf(x);

    /// <inheritdoc/>
    public override Interval At(double x) => new(Elementary.NormalCdfLower(x), Elementary.NormalCdfUpper(x));

    /// <inheritdoc/>
    public override double Derivative(double x) => DerivativeAt(x).Middle;

    /// <summary>sqrt(-2 log(sqrt(2π) slope)).</summary>
    protected override double WhereSlopeIs(double slope) => Math.Sqrt(Math.Max(0, -2 * Math.Log(slope / InverseRootTwoPi.Middle)));

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x)
    {
        var half = -(0.5 * Interval.Point(x).Square());
        return InverseRootTwoPi * new Interval(Elementary.ExpLower(half.Lower), Elementary.ExpUpper(half.Upper));
    }

    /// <summary>-x f'.</summary>
    public override Interval SecondDerivative(Interval x) => -(x * Slope(x));

    /// <summary>(x² - 1) f'.</summary>
    public override Interval ThirdDerivative(Interval x) => (x.Square() - 1) * Slope(x);
}
