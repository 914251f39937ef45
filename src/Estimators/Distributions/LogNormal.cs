using System.Collections.Immutable;
using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>exp(m + s z), z standard normal, coordinates independent: p(x) = Π_i (2 π)^(-1/2) / (s_i x_i) exp(-(ln x_i - m_i)² / (2 s_i²)) for x &gt; 0.</summary>
/// <remarks>m and s are mean and standard deviation of the logarithm; the median of a coordinate is e^m.</remarks>
public sealed class LogNormal : Distribution
{
    private readonly IndependentNormal logarithm;

    /// <summary>Creates the family member.</summary>
    /// <param name="means">m, at least one, each finite.</param>
    /// <param name="deviations">s, as many, each positive and finite.</param>
    public LogNormal(ImmutableArray<double> means, ImmutableArray<double> deviations) => logarithm = new IndependentNormal(means, deviations);

    /// <summary>m.</summary>
    public ImmutableArray<double> Means => logarithm.Means;

    /// <summary>s.</summary>
    public ImmutableArray<double> Deviations => logarithm.Deviations;

    /// <inheritdoc/>
    public override int Length => logarithm.Length;

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        var (logarithms, sum) = (new double[x.Length], 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            if (!(x[i] > 0) || double.IsInfinity(x[i]))
            {
                return double.NegativeInfinity;
            }

            sum += logarithms[i] = Elementary.Log(x[i]);
        }

        return logarithm.LogDensity(logarithms) - sum;
    }

    /// <inheritdoc/>
    public override void Sample(DrawSource random, Span<double> x)
    {
        logarithm.Sample(random, x);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Elementary.Exp(x[i]);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"log-normal, logarithms {logarithm}";
}
