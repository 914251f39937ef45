using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>How far a posterior moves in Kullback-Leibler divergence when its likelihood L(theta) becomes L'(theta) = L(theta) e^d(theta), from draws of the prior: KL(mu || mu') &lt;= E L (e^d - 1 - d) / Z.</summary>
/// <remarks>
/// <para>Setting. theta is drawn from the prior, L lies in [0, 1], d is finite, Z = E L and Z' = E L e^d are above 0, and mu, mu' have the densities L / Z and L' / Z' with respect to the prior. Natural logarithms.</para>
/// <para>
/// Theorem: KL(mu || mu') = ln(E_mu e^d) - E_mu d &lt;= E_mu (e^d - 1 - d) = E L (e^d - 1 - d) / Z. Proof: the density of mu over that of mu' is e^-d Z' / Z, and Z' / Z = E_mu e^d; ln t &lt;= t - 1. What is added to d for every
/// theta alike (L' has another unit) changes the divergence not at all and the bound much: equality where E_mu e^d = 1, and, where d is small against 1 and has the mean 0 under mu, both are near half of its variance. For
/// likelihoods with a bounded log ratio the bound has the order of its square, where the inequality of Sprungk has that of the ratio: B. Sprungk, "On the local Lipschitz stability of Bayesian inverse problems", Inverse Problems 36, 2020
/// (from memory); the one here is derived here.
/// </para>
/// <para>
/// For all L' of a set at once, cut into K parts: with h_k a function of theta that is not below L (e^d - 1 - d) for any d of part k, KL(mu || mu') &lt;= max over k of E h_k / Z. A bound of a mean from finitely many draws needs a
/// range: h_k &lt;= M for all theta of the prior, which is why M has to be known, and there is none where d may be anything (Gaussian noise, unbounded parameters).
/// </para>
/// <para>
/// From n independent draws of the prior: an l with P(Z &lt; l) &lt;= a / 2 and, for each of the K means, a U with P(E h > U) &lt;= a / (2 K), all of them empirical Bernstein bounds (<see cref="EmpiricalBernstein"/>). By the sum of the
/// risks all hold together with probability at least 1 - a, and then KL(mu || mu') &lt;= max U / l for every L' of the set. Each h must be one function of theta, and M and the parts fixed, without the draws.
/// </para>
/// </remarks>
public static class LikelihoodDivergence
{
    /// <summary>The largest U, l and U / l (infinity where no bound follows), every operation rounded outward.</summary>
    /// <param name="terms">K lists, each with a number not below h(theta_j) for each draw, at least two; what lies above M counts as M.</param>
    /// <param name="most">M, at least 0; infinity where it is not known.</param>
    /// <param name="likelihoods">For each draw a number in [0, 1], not above L(theta_j); the same function of theta for all.</param>
    /// <param name="confidence">1 - a, in [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static (double Mean, double Evidence, double Divergence) Bound(IReadOnlyList<double[]> terms, double most, ReadOnlySpan<double> likelihoods, double confidence)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentOutOfRangeException.ThrowIfLessThan(terms.Count, 1);
        if (!(most >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(most), most, "The largest term is at least 0.");
        }

        // Half of the risk for the evidence, the other half shared by the means.
        var half = 0.5 * Confidence.Risk(confidence);
        var evidence = EmpiricalBernstein.Lower(likelihoods, new Interval(0, 1), half);
        if (!double.IsFinite(most))
        {
            return (double.PositiveInfinity, evidence, double.PositiveInfinity);
        }

        var each = Rounding.DivideDown(half, terms.Count);
        var mean = most == 0 ? 0 : terms.Max(sample => EmpiricalBernstein.Upper([.. sample.Select(term => Math.Min(term, most))], new Interval(0, most), each));
        return (mean, evidence, evidence > 0 ? Rounding.DivideUp(mean, evidence) : double.PositiveInfinity);
    }

    /// <summary>At one theta a number not below L (e^d - 1 - d), in units of exp(unit); infinity where a range is not bounded.</summary>
    /// <param name="value">Holds ln L.</param>
    /// <param name="change">Holds d for every L' of the part.</param>
    /// <param name="unit">Finite.</param>
    public static double Term(Interval value, Interval change, double unit)
    {
        if (!(double.IsFinite(change.Lower) && double.IsFinite(change.Upper) && value.Upper < double.PositiveInfinity))
        {
            return double.PositiveInfinity;
        }

        // e^d - 1 - d is convex and at least 0: the ends decide.
        var largest = Math.Max(Excess(change.Lower), Excess(change.Upper));
        return largest == 0 ? 0 : Rounding.MultiplyUp(Elementary.ExpUpper(Rounding.SubtractUp(value.Upper, unit)), largest);
    }

    /// <summary>e^d - 1 - d at most: as it stands, or d² e^max(d, 0) / 2 by Taylor, where the difference would cancel.</summary>
    private static double Excess(double d) =>
        Math.Min(Rounding.SubtractUp(Elementary.Expm1Upper(d), d), Rounding.MultiplyUp(0.5, Rounding.MultiplyUp(Rounding.MultiplyUp(d, d), Elementary.ExpUpper(Math.Max(d, 0)))));
}
