using System.Globalization;
using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>The uniform distribution on a cube [a, b]^D: p(x) = (b - a)^-D inside, the faces included, 0 outside.</summary>
/// <remarks>Mean (a + b) / 2, variance (b - a)² / 12 in each coordinate. Draws are a + (b - a) u with u uniform on the multiples of 2^-53 in [0, 1).</remarks>
public sealed class UniformBox : Distribution
{
    private readonly double inside;

    /// <summary>Creates the family member.</summary>
    /// <param name="length">D &gt;= 1.</param>
    /// <param name="lower">a, finite.</param>
    /// <param name="upper">b &gt; a, finite.</param>
    public UniformBox(int length, double lower, double upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (!(lower < upper && double.IsFinite(lower) && double.IsFinite(upper)))
        {
            throw new ArgumentOutOfRangeException(nameof(upper), upper, string.Create(CultureInfo.InvariantCulture, $"Both ends must be finite and the upper one above {lower:R}."));
        }

        (Length, Lower, Upper) = (length, lower, upper);
        inside = -length * Elementary.Log(upper - lower);
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <summary>a.</summary>
    public double Lower { get; }

    /// <summary>b.</summary>
    public double Upper { get; }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        foreach (var value in x)
        {
            if (!(value >= Lower && value <= Upper))
            {
                return double.NegativeInfinity;
            }
        }

        return inside;
    }

    /// <inheritdoc/>
    public override void Sample(DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Lower + ((Upper - Lower) * random.Uniform());
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"U[{Lower:R}, {Upper:R}] in {Length} dimensions");
}
