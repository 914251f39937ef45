using Estimators.Simulators;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Estimators.Tests.Simulators;

/// <summary>Elementary draws follow their laws; false alarms and smallest errors: <see cref="Law"/>, with n = 200,000 (limit 0.0073; a standard deviation off by 1.5 % is seen).</summary>
/// <remarks>Mutants seen to fail: binomial numbers that take the other half of a digit, one bit too many of the last word of coins.</remarks>
public sealed class DrawSourceTests
{
    private const int Draws = 200_000;

    [Fact]
    public void Normal_numbers_are_normal_and_neighbours_independent()
    {
        var random = new DrawSource(1);
        var z = Enumerable.Range(0, Draws).Select(_ => random.Normal()).ToArray();
        Law.IsStandardNormal(z, "normal");
        Law.HasMean(z.Select(value => Math.Pow(value, 4)), 3, "fourth powers");
        Law.HasMean(z.Zip(z.Skip(1), (a, b) => a * b), 0, "neighbours");
        Law.HasMean(z.Zip(z.Skip(1), (a, b) => ((a * a) - 1) * ((b * b) - 1)), 0, "squares of neighbours");
    }

    [Fact]
    public void Angles_are_uniform_on_the_right()
    {
        var random = new DrawSource(2);
        Law.IsUniform(
            Enumerable.Range(0, Draws).Select(_ =>
            {
                var (cosine, sine) = random.HalfTurn();
                Assert.Equal(1, (cosine * cosine) + (sine * sine), 1e-15);
                Assert.True(cosine > 0);
                return (Math.Atan2(sine, cosine) / Math.PI) + 0.5;
            }),
            "angles");
    }

    /// <summary>The binomial distribution function at the draw, ties spread: uniform numbers. Trials below, at and above a word of 64 bits.</summary>
    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(63, 0.5)]
    [InlineData(64, 0.7)]
    [InlineData(129, 1e-3)]
    [InlineData(1000, 0.352)]
    [InlineData(1000, 1e-6)]
    [InlineData(1000, 0.999)]
    public void Binomial_numbers_follow_their_law(int trials, double probability)
    {
        var random = new DrawSource(3);
        var draws = Enumerable.Range(0, Draws).Select(_ => random.Binomial(trials, probability)).ToArray();
        Law.HasMean(draws.Select(k => (double)k), trials * probability, "mean");
        Law.IsUniform(
            draws.Select(k =>
            {
                var below = k == 0 ? 0 : Binomial.CDF(probability, trials, k - 1);
                return below + (random.Uniform() * (Binomial.CDF(probability, trials, k) - below));
            }),
            $"binomial {trials}, {probability}");
    }

    [Fact]
    public void Certain_events_and_impossible_ones()
    {
        var random = new DrawSource(4);
        Assert.Equal((0, 7, 0), (random.Binomial(7, 0), random.Binomial(7, 1), random.Binomial(0, 0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Binomial(-1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Binomial(1, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Binomial(1, double.NaN));
    }
}
