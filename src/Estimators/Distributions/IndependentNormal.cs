using System.Collections.Immutable;
using System.Globalization;
using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>N(m, diag(s²)): p(x) = Π_i (2 π)^(-1/2) / s_i exp(-(x_i - m_i)² / (2 s_i²)).</summary>
/// <remarks>Means m, standard deviations s. Draws are m + s z with standard normal z.</remarks>
public sealed class IndependentNormal : Distribution
{
    internal const double HalfLogTwoPi = 0.9189385332046727;

    private readonly double constant;

    /// <summary>Creates the family member.</summary>
    /// <param name="means">m, at least one, each finite.</param>
    /// <param name="deviations">s, as many, each positive and finite: standard deviations, not variances.</param>
    public IndependentNormal(ImmutableArray<double> means, ImmutableArray<double> deviations)
    {
        if (means.IsDefaultOrEmpty || !means.All(double.IsFinite))
        {
            throw new ArgumentException("Means must be finite, and at least one.", nameof(means));
        }

        if (deviations.IsDefault || deviations.Length != means.Length || !deviations.All(s => s > 0 && double.IsFinite(s)))
        {
            throw new ArgumentException($"Standard deviations must be positive and finite, and {means.Length}.", nameof(deviations));
        }

        (Means, Deviations) = (means, deviations);
        constant = deviations.Sum(Elementary.Log) + (means.Length * HalfLogTwoPi);
    }

    /// <summary>m.</summary>
    public ImmutableArray<double> Means { get; }

    /// <summary>s.</summary>
    public ImmutableArray<double> Deviations { get; }

    /// <inheritdoc/>
    public override int Length => Means.Length;

    /// <summary>N(0, v I).</summary>
    /// <param name="length">D &gt;= 1.</param>
    /// <param name="variance">v &gt; 0, finite: the variance of each coordinate, not its standard deviation.</param>
    public static IndependentNormal Isotropic(int length, double variance)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (!(variance > 0 && double.IsFinite(variance)))
        {
            throw new ArgumentOutOfRangeException(nameof(variance), variance, "The variance must be positive and finite.");
        }

        return new IndependentNormal([.. new double[length]], [.. Enumerable.Repeat(Math.Sqrt(variance), length)]);
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        var squares = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
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
            x[i] = Means[i] + (Deviations[i] * random.Normal());
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"N(({Words(Means)}), diag({Words(Deviations)})²)";

    internal static string Words(ImmutableArray<double> values) => string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
