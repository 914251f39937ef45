using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>Posteriors that are known exactly.</summary>
internal static class ExactReference
{
    /// <summary>N(x/2, I/20): the posterior for prior N(0, I/10) and data x = theta + N(0, I/10), as in sbibm's gaussian_linear.</summary>
    /// <remarks>1/20 is no double: the root is an enclosure of sqrt(1/20), or of sqrt(20) for precision roots. Halving x is exact.</remarks>
    public static ParameterBox GaussianLinear(Pattern pattern, bool isPrecision, ReadOnlySpan<double> x)
    {
        var root = (isPrecision ? Interval.Point(20) : Interval.Point(1) / Interval.Point(20)).Sqrt();
        var (d, zeros) = (pattern.Dimension, new double[pattern.Count - pattern.Dimension]);
        var means = new double[d];
        for (var i = 0; i < d; i++)
        {
            means[i] = 0.5 * x[i];
        }

        return new ParameterBox(
            1,
            pattern,
            isPrecision,
            Box.Point(means),
            new Box([.. Enumerable.Repeat(root.Lower, d), .. zeros], [.. Enumerable.Repeat(root.Upper, d), .. zeros]),
            null,
            null);
    }
}
