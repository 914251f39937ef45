using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>r(t) = sign(t) sqrt(h(t)) with h(t) = (1 + t)² - 1 - 2 ln(1 + t), for t &gt; -1.</summary>
/// <remarks>
/// For Gaussians whose scale ratio is s = 1 + t the Kullback-Leibler divergence is h(t) / 2, so r(t) is the coordinate in which that divergence is
/// half a squared Euclidean norm. r increases and is concave with r'(0) = sqrt 2: with s = e^x, the sign of the second derivative of sqrt h is that of
/// tanh x - x. Hence sqrt 2 t is a tangent: r(t) &lt;= sqrt 2 t everywhere, and r'(t) lies between sqrt 2 and (2 + t) / (sqrt 2 (1 + t)), from
/// r' = (s - 1/s) / r and |r| against sqrt 2 |t|.
/// </remarks>
public sealed class ScaleRoot : ConvexActivation
{
    private static readonly Interval RootTwo = Interval.Point(2).Sqrt();

    /// <inheritdoc/>
    public override bool IsConvex => false;

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => x > -1 ? At(x).Middle : double.NegativeInfinity;

    /// <inheritdoc/>
    public override Interval At(double x)
    {
        if (!(x > -1))
        {
            throw DomainException.Of(Name, Interval.Point(x), "t > -1");
        }

        var root = new Interval(Math.Max(0, Elementary.ScaleDivergenceLower(x)), Elementary.ScaleDivergenceUpper(x)).Sqrt();
        return x >= 0 ? root : -root;
    }

    /// <inheritdoc/>
    public override Interval DerivativeAt(double x)
    {
        var s = Interval.Point(1) + x;
        if (s.Lower <= 0)
        {
            return new(0, double.PositiveInfinity);
        }

        var other = (Interval.Point(2) + x) / (RootTwo * s);
        var wide = Interval.Hull(RootTwo, other);
        if (Math.Abs(x) < 1e-3)
        {
            return wide;
        }

        var direct = (s - (Interval.Point(1) / s)) / At(x);
        return new(Math.Max(wide.Lower, direct.Lower), Math.Min(wide.Upper, direct.Upper));
    }

    /// <inheritdoc/>
    public override Interval Range(Interval x) => x.Lower > -1
        ? new(At(x.Lower).Lower, At(x.Upper).Upper)
        : throw DomainException.Of(Name, x, "t > -1");

    /// <summary>No algebraic form.</summary>
    public override SmtForm Encode(string x, string y, Interval over) => SmtForm.Free;

    /// <inheritdoc/>
    protected override double TangentPoint(double slope, Interval x)
    {
        // r' falls.
        var (low, high) = (x.Lower, x.Upper);
        for (var k = 0; k < 40; k++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = Derivative(middle) > slope ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }

    /// <summary>Above: the tangent sqrt 2 t. Below: r is concave and increasing, so r of a concave lower bound is concave.</summary>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultUpper.Length; i++)
        {
            var t = step.Upper(0)[i];
            step.ResultUpper[i] = Rounding.MultiplyUp(t >= 0 ? RootTwo.Upper : RootTwo.Lower, t);
            var low = step.Lower(0)[i];
            step.ResultLower[i] = low > -1 ? At(low).Lower : double.NegativeInfinity;
        }

        return true;
    }
}
