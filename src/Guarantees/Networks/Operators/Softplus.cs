using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = ln(1 + e^x).</summary>
/// <remarks>f' is the logistic function. PyTorch and ONNX replace f by x above a threshold (20); the certificate speaks of the function itself.</remarks>
public sealed class Softplus : ConvexActivation
{
    /// <inheritdoc/>
    public override bool IsConvex => true;

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Elementary.Softplus(x);

    /// <inheritdoc/>
    public override Interval At(double x) => new(Elementary.SoftplusLower(x), Elementary.SoftplusUpper(x));

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x) => new(Elementary.SigmoidLower(x), Elementary.SigmoidUpper(x));

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(Elementary.SoftplusLower(x.Lower), Elementary.SoftplusUpper(x.Upper));

    /// <summary>No algebraic form.</summary>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Free;

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x) => Math.Log(slope / (1 - slope));
}
