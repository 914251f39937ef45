using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = e^x.</summary>
public sealed class Exp : ConvexActivation
{
    /// <inheritdoc/>
    public override bool IsConvex => true;

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Elementary.Exp(x);

    /// <inheritdoc/>
    public override Interval At(double x) => new(Elementary.ExpLower(x), Elementary.ExpUpper(x));

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) => At(x);

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(Elementary.ExpLower(x.Lower), Elementary.ExpUpper(x.Upper));

    /// <summary>No algebraic form.</summary>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Free;

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x) => Math.Log(slope);

    /// <inheritdoc/>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            step.ResultUpper[i] = Elementary.ExpUpper(step.Upper(0)[i]);
        }

        step.UseConstantLower();
        return true;
    }
}
