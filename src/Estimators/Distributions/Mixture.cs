using System.Collections.Immutable;
using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>p(x) = Σ_k w_k p_k(x).</summary>
public sealed class Mixture : Distribution
{
    private readonly ImmutableArray<Distribution> parts;
    private readonly double[] logWeights;

    /// <summary>Creates the family member.</summary>
    /// <param name="weights">w, each positive; their sum is brought to 1.</param>
    /// <param name="parts">p_k, as many, of one length.</param>
    public Mixture(ImmutableArray<double> weights, ImmutableArray<Distribution> parts)
    {
        if (parts.IsDefaultOrEmpty || parts.Any(part => part.Length != parts[0].Length))
        {
            throw new ArgumentException("A mixture needs parts, all of one length.", nameof(parts));
        }

        if (weights.IsDefault || weights.Length != parts.Length || !weights.All(w => w > 0 && double.IsFinite(w)))
        {
            throw new ArgumentException($"Weights must be positive and finite, and {parts.Length}.", nameof(weights));
        }

        var sum = weights.Sum();
        (this.parts, Weights) = (parts, [.. weights.Select(w => w / sum)]);
        logWeights = [.. Weights.Select(Elementary.Log)];
    }

    /// <summary>w, of sum 1.</summary>
    public ImmutableArray<double> Weights { get; }

    /// <inheritdoc/>
    public override int Length => parts[0].Length;

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        var (terms, most) = (new double[parts.Length], double.NegativeInfinity);
        for (var k = 0; k < terms.Length; k++)
        {
            terms[k] = logWeights[k] + parts[k].LogDensity(x);
            most = Math.Max(most, terms[k]);
        }

        return double.IsFinite(most) ? most + Elementary.Log(terms.Sum(term => Elementary.Exp(term - most))) : most;
    }

    /// <inheritdoc/>
    public override void Sample(DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var (level, k) = (random.Uniform(), 0);
        while (k < parts.Length - 1 && level >= Weights[k])
        {
            level -= Weights[k++];
        }

        parts[k].Sample(random, x);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(" + ", parts.Zip(Weights, (part, weight) => $"{IndependentNormal.Words([weight])} {part}"));
}
