using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;

namespace Guarantees.Networks.Operators;

/// <summary>f(x) = min(x, c): an upper bound of a quantity that cannot exceed c, such as a total variation distance, is cut there.</summary>
/// <remarks>
/// f is concave: the chord from (l, l) to (u, c) lies below, the lines of slope 1 through the origin and of slope 0 at c lie above. Of these the
/// upper line takes the one that leaves the smaller triangle.
/// </remarks>
public sealed class Cap : Activation
{
    /// <summary>Creates the function.</summary>
    /// <param name="limit">c, finite.</param>
    public Cap(double limit)
    {
        if (!double.IsFinite(limit))
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "The limit of a cap must be finite.");
        }

        Limit = limit;
    }

    /// <summary>c.</summary>
    public double Limit { get; }

    /// <inheritdoc/>
    public override bool IsIncreasing => true;

    /// <inheritdoc/>
    public override double Value(double x) => Math.Min(x, Limit);

    /// <inheritdoc/>
    public override double Derivative(double x) => x < Limit ? 1 : 0;

    /// <inheritdoc/>
    public override Interval Range(Interval x) => new(Value(x.Lower), Value(x.Upper));

    /// <inheritdoc/>
    public override Interval Slope(Interval x) => x.Lower == Limit && x.Upper == Limit
        ? new(0, 1)
        : new(x.Upper <= Limit ? 1 : 0, x.Lower >= Limit ? 0 : 1);

    /// <inheritdoc/>
    public override SmtForm Encode(string x, string y, Interval over) => over.Upper <= Limit ? SmtForm.Same(x)
        : over.Lower >= Limit ? SmtForm.Same(SmtLib.Number(Limit))
        : SmtForm.Equal($"(ite (<= {x} {SmtLib.Number(Limit)}) {x} {SmtLib.Number(Limit)})");

    /// <inheritdoc/>
    public override Band Relax(Interval x)
    {
        var (l, u) = (x.Lower, x.Upper);
        return u <= Limit ? Band.Exact(1)
            : l >= Limit ? Band.Constant(Interval.Point(Limit))
            : new Band(Line.Below((Limit - l) / (u - l), l, l, u, Limit), Limit - l > u - Limit ? new Line(1, 0) : new Line(0, Limit));
    }

    /// <inheritdoc/>
    /// <remarks>x itself is a convex function above min(x, c), whatever its range; where it never lies below c, the constant c is lower.</remarks>
    public override bool TryConvexUpper(VertexStep step)
    {
        for (var i = 0; i < step.ResultRange.Length; i++)
        {
            var capped = step.Range(0).Lower[i] >= Limit;
            for (var at = i * step.Width; at < (i + 1) * step.Width; at++)
            {
                step.ResultUpper[at] = capped ? Limit : step.Upper(0)[at];
                step.ResultLower[at] = Math.Min(step.Lower(0)[at], Limit);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Cap({Limit:R})");
}
