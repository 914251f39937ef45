using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = x².</summary>
public sealed class Square : ConvexActivation
{
    /// <inheritdoc/>
    public override bool IsConvex => true;

    /// <inheritdoc/>
    public override double Value(double x) => x * x;

    /// <inheritdoc/>
    public override double Derivative(double x) => 2 * x;

    /// <inheritdoc/>
    public override Interval At(double x) => Interval.Point(x).Square();

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) => Interval.Point(2 * x);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Square();

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Equal($"(* {x} {x})") with { IsLinear = false };

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x) => slope / 2;

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            var size = Math.Max(step.Upper(0)[i], -step.Lower(0)[i]);
            step.ResultUpper[i] = Rounding.MultiplyUp(size, size);
        }

        step.UseConstantLower();
        return true;
    }
}
