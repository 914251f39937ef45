using System.Collections.Immutable;
using System.Globalization;
using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>N(m, diag(s²)) given that it lies in the cube [a, b]^D: p(x) = Π_i φ((x_i - m_i) / s_i) / (s_i (Φ((b - m_i) / s_i) - Φ((a - m_i) / s_i))) inside.</summary>
/// <remarks>
/// Coordinates are independent. Draws are exact, by rejection: from the normal itself where the interval holds its mean, from an exponential where it lies in a tail, from the uniform where it is short.
/// Source of the exponential: C. P. Robert, "Simulation of Truncated Normal Variables", Statistics and Computing 5, 1995 (from memory).
/// </remarks>
public sealed class TruncatedNormal : Distribution
{
    private readonly double constant;

    /// <summary>Creates the family member.</summary>
    /// <param name="means">m, at least one, each finite; they may lie outside the cube.</param>
    /// <param name="deviations">s, as many, each positive and finite.</param>
    /// <param name="lower">a, finite.</param>
    /// <param name="upper">b &gt; a, finite.</param>
    /// <exception cref="ArgumentException">A parameter is out of range, or the cube has no probability that a double holds.</exception>
    public TruncatedNormal(ImmutableArray<double> means, ImmutableArray<double> deviations, double lower, double upper)
    {
        var uncut = new IndependentNormal(means, deviations);
        if (!(lower < upper && double.IsFinite(lower) && double.IsFinite(upper)))
        {
            throw new ArgumentOutOfRangeException(nameof(upper), upper, string.Create(CultureInfo.InvariantCulture, $"Both ends must be finite and the upper one above {lower:R}."));
        }

        (Means, Deviations, Lower, Upper) = (uncut.Means, uncut.Deviations, lower, upper);
        LogMass = Enumerable.Range(0, Length).Sum(i => LogInterval(means[i], deviations[i], lower, upper));
        constant = deviations.Sum(Elementary.Log) + (Length * IndependentNormal.HalfLogTwoPi) + LogMass;
        if (!double.IsFinite(LogMass))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The box from {lower:R} to {upper:R} is more than 37 standard deviations away from a mean of ({IndependentNormal.Words(means)})."), nameof(means));
        }
    }

    /// <summary>m, of the normal before the cut.</summary>
    public ImmutableArray<double> Means { get; }

    /// <summary>s, of the normal before the cut.</summary>
    public ImmutableArray<double> Deviations { get; }

    /// <summary>a.</summary>
    public double Lower { get; }

    /// <summary>b.</summary>
    public double Upper { get; }

    /// <summary>ln of the probability of the cube before the cut.</summary>
    public double LogMass { get; }

    /// <inheritdoc/>
    public override int Length => Means.Length;

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        var squares = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            if (!(x[i] >= Lower && x[i] <= Upper))
            {
                return double.NegativeInfinity;
            }

            var z = (x[i] - Means[i]) / Deviations[i];
            squares += z * z;
        }

        return (-0.5 * squares) - constant;
    }

    /// <inheritdoc/>
    public override void Sample(DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        for (var i = 0; i < x.Length; i++)
        {
            var (a, b) = ((Lower - Means[i]) / Deviations[i], (Upper - Means[i]) / Deviations[i]);
            var z = a > 0 ? Tail(random, a, b) : b < 0 ? -Tail(random, -b, -a) : Middle(random, a, b);
            x[i] = Math.Clamp(Means[i] + (Deviations[i] * z), Lower, Upper);
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"N(({IndependentNormal.Words(Means)}), diag({IndependentNormal.Words(Deviations)})²) cut to [{Lower:R}, {Upper:R}]");

    /// <summary>ln(Φ(b') - Φ(a')), on the side where the numbers are small; -∞ where that underflows.</summary>
    internal static double LogInterval(double mean, double deviation, double lower, double upper)
    {
        var (a, b) = ((lower - mean) / deviation, (upper - mean) / deviation);
        (a, b) = a > 0 ? (-b, -a) : (a, b);
        var mass = Elementary.NormalCdf(b) - Elementary.NormalCdf(a);
        return mass > 0 ? Elementary.Log(mass) : double.NegativeInfinity;
    }

    /// <summary>Standard normal given [a, b] with a &lt;= 0 &lt;= b.</summary>
    private static double Middle(DrawSource random, double a, double b)
    {
        while (true)
        {
            if (b - a < 1.25)
            {
                var z = a + ((b - a) * random.Uniform());
                if (random.Uniform() < Elementary.Exp(-0.5 * z * z))
                {
                    return z;
                }
            }
            else if (random.Normal() is var z && z >= a && z <= b)
            {
                return z;
            }
        }
    }

    /// <summary>Standard normal given [a, b] with 0 &lt; a.</summary>
    private static double Tail(DrawSource random, double a, double b)
    {
        var rate = 0.5 * (a + Math.Sqrt((a * a) + 4));
        while (true)
        {
            if ((b - a) * rate < 1)
            {
                var z = a + ((b - a) * random.Uniform());
                if (random.Uniform() < Elementary.Exp(0.5 * (a - z) * (a + z)))
                {
                    return z;
                }
            }
            else
            {
                var z = a - (Elementary.Log(1 - random.Uniform()) / rate);
                if (z <= b && random.Uniform() < Elementary.Exp(-0.5 * (z - rate) * (z - rate)))
                {
                    return z;
                }
            }
        }
    }
}
