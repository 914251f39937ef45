using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>How far a posterior moves in total variation when its likelihood L(theta) becomes L'(theta), from draws of the prior: TV(mu, mu') &lt;= max(E (L' - L)^+, E (L - L')^+) / max(Z, Z').</summary>
/// <remarks>
/// <para>
/// Setting. theta is drawn from the prior, L = exp(-Phi) and L' = exp(-Phi') lie in [0, 1], Z = E L and Z' = E L' are above 0, and mu, mu' have the densities L / Z and L' / Z' with respect to the prior.
/// </para>
/// <para>
/// Theorem: TV(mu, mu') &lt;= max(E (L' - L)^+, E (L - L')^+) / max(Z, Z') &lt;= E |L - L'| / max(Z, Z') &lt;= E |Phi - Phi'| / max(Z, Z'). Proof: where Z >= Z', TV = E (L / Z - L' / Z')^+, and L' / Z' >= L' / Z, so it is at
/// most E (L - L')^+ / Z; where Z' >= Z the same with L and L' exchanged. Neither part exceeds |L - L'|. The last inequality: exp(-t) has slopes in [-1, 0] for t >= 0. Equality in the first: Z = Z'.
/// </para>
/// <para>
/// For all L' of a set at once, cut into K parts: with h_k+ and h_k- functions of theta that are not below (L' - L)^+ and (L - L')^+ for any L' of part k, TV(mu, mu') &lt;= max over k and signs of E h_k / Z, since
/// max(Z, Z') >= Z. It is the Z of the one L that matters; what Z' is need not be known. Parts help since the largest value under a mean is the larger, the more L' it is taken over: on a part where L' - L has one sign for
/// each theta the bound is that of a single L'. L and L' may have a common factor, which changes neither side; that each may have its own (no posterior changes) is left to whoever writes L.
/// </para>
/// <para>
/// From n independent draws of the prior: an l with P(Z &lt; l) &lt;= a / 2 and, for each of the 2 K means, a U with P(E h > U) &lt;= a / (4 K), all of them empirical Bernstein bounds (<see cref="EmpiricalBernstein"/>) for
/// numbers in [0, 1]. By the sum of the risks all hold together with probability at least 1 - a, from the same draws or not, and then TV(mu, mu') &lt;= min(1, max U / l) for every L' of the set. Each h must be one
/// function of theta, and the parts fixed, without the draws.
/// </para>
/// <para>Kullback-Leibler: <see cref="LikelihoodDivergence"/>.</para>
/// <para>All derived here. That posteriors are Lipschitz in data with a constant like this: A. M. Stuart, "Inverse Problems: A Bayesian Perspective", Acta Numerica 19, 2010 (there for the Hellinger distance).</para>
/// </remarks>
public static class LikelihoodChange
{
    /// <summary>The largest U, l and min(1, U / l), every operation rounded outward.</summary>
    /// <param name="changes">2 K lists, each with h(theta_j) in [0, 1] for each draw, at least two: for every part one of each sign.</param>
    /// <param name="likelihoods">For each draw a number in [0, 1], not above L(theta_j); the same function of theta for all.</param>
    /// <param name="confidence">1 - a, in [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static (double Change, double Evidence, double TotalVariation) Bound(IReadOnlyList<double[]> changes, ReadOnlySpan<double> likelihoods, double confidence)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentOutOfRangeException.ThrowIfLessThan(changes.Count, 1);

        // Half of the risk for the evidence, the other half shared by the means.
        var half = 0.5 * Confidence.Risk(confidence);
        var each = Rounding.DivideDown(half, changes.Count);
        var range = new Interval(0, 1);
        var change = changes.Max(sample => EmpiricalBernstein.Upper(sample, range, each));
        var evidence = EmpiricalBernstein.Lower(likelihoods, range, half);
        return (change, evidence, evidence > 0 ? Math.Min(1, Rounding.DivideUp(change, evidence)) : 1);
    }

    /// <summary>h+, h- and a lower bound of L at one theta, in units of exp(most).</summary>
    /// <param name="value">Holds l = ln L.</param>
    /// <param name="change">Holds d = ln L' - ln L for every L' of the part.</param>
    /// <param name="most">Finite, not below ln L or any ln L'.</param>
    /// <returns>Numbers in [0, 1], not below exp(l + d) - exp(l) and exp(l) - exp(l + d) for any l and d of the ranges with l and l + d at most <c>most</c>; and one not above exp(l).</returns>
    public static (double Rise, double Fall, double Likelihood) At(Interval value, Interval change, double most)
    {
        var (low, high) = (Rounding.SubtractDown(value.Lower, most), Rounding.SubtractUp(value.Upper, most));
        var least = low > double.NegativeInfinity ? Math.Clamp(Elementary.ExpLower(Math.Min(0, low)), 0, 1) : 0;
        var largest = high < 0 ? Math.Min(1, Elementary.ExpUpper(high)) : 1;

        // L' - L <= L (e^d - 1), and <= 1 - L; L - L' <= L (1 - e^d), d not below the lower end.
        var rise = change.Upper < double.PositiveInfinity ? Rounding.MultiplyUp(largest, Elementary.Expm1Upper(Math.Max(0, change.Upper))) : 1;
        var room = Rounding.SubtractUp(1, least);
        var fall = change.Lower > double.NegativeInfinity ? Rounding.MultiplyUp(largest, -Elementary.Expm1Lower(Math.Min(0, change.Lower))) : 1;
        return (Math.Clamp(rise <= room ? rise : room, 0, 1), Math.Clamp(fall, 0, 1), least);
    }
}
