using Guarantees.Arithmetic;
using Guarantees.Claims;

namespace Guarantees.Statistics;

/// <summary>What noise on the data does to an estimator of which nothing is known: q_bar(. | x) = E q(. | x + d), d ~ N(0, s² I), for x with |x - x0|_2 &lt;= r.</summary>
/// <remarks>
/// <para>
/// Distances. q_bar(. | x) is what the Markov kernel q makes of N(x, s² I), and no kernel brings two distributions further apart in a divergence that has the data processing property. So the total
/// variation, Hellinger distance and Kullback-Leibler divergence between q_bar(. | x) and q_bar(. | x0) are at most those between N(x, s² I) and N(x0, s² I), which grow with |x - x0|_2:
/// TV = 2 Phi(r / (2 s)) - 1, H² = 1 - exp(-r² / (8 s²)), KL = r² / (2 s²). No draws are needed, and none is better without knowledge of q: q = the point at x attains them.
/// </para>
/// <para>
/// Probabilities. f(y) = q(A | y) is a test with values in [0, 1]; q_bar(A | x) is its mean under N(x, s² I). Among tests whose mean under N(x0, s² I) is at most p, the one with the largest mean under
/// N(x, s² I) is, by the lemma of Neyman and Pearson, the half-space in the direction x - x0 with mean p: the likelihood ratio increases in that direction. Its mean is Phi(Phi^-1(p) + |x - x0|_2 / s). Hence
/// Phi(Phi^-1(p) - r / s) &lt;= q_bar(A | x) &lt;= Phi(Phi^-1(p) + r / s), the left side by the complement of A, and with bounds of p in its place.
/// </para>
/// <para>
/// Source: J. Cohen, E. Rosenfeld, Z. Kolter, "Certified Adversarial Robustness via Randomized Smoothing", ICML 2019, there for classes. Every operation rounds outward; Phi^-1 is bracketed by bounds of Phi.
/// </para>
/// </remarks>
public static class RandomizedSmoothing
{
    private const double Largest = 1e100;
    private const double Smallest = 1e-100;

    /// <summary>2 Phi(r / (2 s)) - 1, rounded up; at most 1.</summary>
    /// <param name="radius">r, from 0 to 1e100, in the units of x.</param>
    /// <param name="noise">s, from 1e-100 to 1e100, in the units of x.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double TotalVariation(double radius, double noise)
    {
        var half = Rounding.DivideUp(Checked(radius), 2 * CheckedNoise(noise));
        return radius == 0 ? 0 : Math.Min(1, Rounding.SubtractUp(2 * Elementary.NormalCdfUpper(half), 1));
    }

    /// <summary>sqrt(1 - exp(-r² / (8 s²))), rounded up; at most 1.</summary>
    /// <inheritdoc cref="TotalVariation"/>
    public static double Hellinger(double radius, double noise)
    {
        var exponent = Rounding.MultiplyUp(0.25, KullbackLeibler(radius, noise));
        return radius == 0 ? 0 : Math.Min(1, Rounding.SqrtUp(-Elementary.Expm1Lower(-exponent)));
    }

    /// <summary>r² / (2 s²) in nats, rounded up.</summary>
    /// <inheritdoc cref="TotalVariation"/>
    public static double KullbackLeibler(double radius, double noise)
    {
        var ratio = Rounding.DivideUp(Checked(radius), CheckedNoise(noise));
        return radius == 0 ? 0 : Rounding.MultiplyUp(0.5, Rounding.MultiplyUp(ratio, ratio));
    }

    /// <summary>Phi(Phi^-1(p) + r / s), rounded up: where the probability at x0 is at most p, that at x is at most this.</summary>
    /// <param name="probability">p, in [0, 1].</param>
    /// <param name="radius">r, from 0 to 1e100, in the units of x.</param>
    /// <param name="noise">s, from 1e-100 to 1e100, in the units of x.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Raised(double probability, double radius, double noise)
    {
        var shift = Rounding.DivideUp(Checked(radius), CheckedNoise(noise));
        return CheckedProbability(probability) is 0 or 1 || radius == 0 ? probability : Elementary.NormalCdfUpper(Rounding.AddUp(NormalQuantile.Enclose(Interval.Point(probability)).Upper, shift));
    }

    /// <summary>Phi(Phi^-1(p) - r / s), rounded down: where the probability at x0 is at least p, that at x is at least this.</summary>
    /// <inheritdoc cref="Raised"/>
    public static double Lowered(double probability, double radius, double noise)
    {
        var shift = Rounding.DivideUp(Checked(radius), CheckedNoise(noise));
        return CheckedProbability(probability) is 0 or 1 || radius == 0 ? probability : Elementary.NormalCdfLower(Rounding.SubtractDown(NormalQuantile.Enclose(Interval.Point(probability)).Lower, shift));
    }

    private static double Checked(double radius) => radius is >= 0 and <= Largest
        ? radius
        : throw new ArgumentOutOfRangeException(nameof(radius), radius, "Expected a radius from 0 to 1e100.");

    private static double CheckedNoise(double noise) => noise is >= Smallest and <= Largest
        ? noise
        : throw new ArgumentOutOfRangeException(nameof(noise), noise, "Expected a standard deviation of the noise from 1e-100 to 1e100.");

    private static double CheckedProbability(double probability) => probability is >= 0 and <= 1
        ? probability
        : throw new ArgumentOutOfRangeException(nameof(probability), probability, "Expected a probability in [0, 1].");
}
