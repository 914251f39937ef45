using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>How far a posterior moves in total variation when its likelihood L(theta) becomes L'(theta), from draws of the prior: TV(mu, mu') &lt;= E |L - L'| / max(Z, Z').</summary>
/// <remarks>
/// <para>
/// Setting. theta is drawn from the prior, L = exp(-Phi) and L' = exp(-Phi') lie in [0, 1], Z = E L and Z' = E L' are above 0, and mu, mu' have the densities L / Z and L' / Z' with respect to the prior.
/// </para>
/// <para>
/// Theorem: TV(mu, mu') &lt;= E |L - L'| / max(Z, Z') &lt;= E |Phi - Phi'| / max(Z, Z'). Proof: TV is symmetric, so let Z >= Z'. TV = E (L / Z - L' / Z')^+, and L' / Z' >= L' / Z, so it is at most E (L - L')^+ / Z,
/// which is at most E |L - L'| / Z. The second inequality: exp(-t) has slopes in [-1, 0] for t >= 0. Hence, for a set of L' at once, TV(mu, mu') &lt;= E h / Z for every h(theta) that is at least |L - L'| for all of
/// them, since max(Z, Z') >= Z: it is Z of the one L that matters, and what Z' is need not be known. L and L' may be multiplied by a common factor, which changes neither side; that each may have its own (the
/// posterior does not change with it) is left to whoever writes L. The constant is not attained: E (L - L')^+ is E |L - L'| / 2 where Z = Z', but over a set of L' the largest of either sign may be as large.
/// </para>
/// <para>
/// From n independent draws of the prior: U with P(E h > U) &lt;= a / 2 and l with P(Z &lt; l) &lt;= a / 2, both empirical Bernstein bounds (<see cref="EmpiricalBernstein"/>) for numbers in [0, 1]. With probability at least
/// 1 - a over the draws both hold, whether they come from the same draws or not, and then TV(mu, mu') &lt;= min(1, U / l) for every L' of the set at once. h must be one function of theta, chosen without the draws.
/// </para>
/// <para>
/// Kullback-Leibler: KL(mu || mu') = E L (Phi' - Phi) / Z + ln(Z' / Z) &lt;= E L |Phi' - Phi| / Z + ln(1 + E |L' - L| / Z), since Z' &lt;= Z + E |L' - L|. It is not offered: L |Phi' - Phi| has no known range where Phi' may be
/// large, as it is for Gaussian noise, and without a range no bound of its mean holds for finitely many draws.
/// </para>
/// <para>All derived here. That posteriors are Lipschitz in data with a constant like this: A. M. Stuart, "Inverse Problems: A Bayesian Perspective", Acta Numerica 19, 2010 (there for the Hellinger distance).</para>
/// </remarks>
public static class LikelihoodChange
{
    /// <summary>U, l and min(1, U / l), every operation rounded outward.</summary>
    /// <param name="changes">h(theta_j) in [0, 1] for each draw, at least two: not below |L - L'| for any L' of the set.</param>
    /// <param name="likelihoods">For each draw a number in [0, 1], not above L(theta_j); the same function of theta for all.</param>
    /// <param name="confidence">1 - a, in [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static (double Change, double Evidence, double TotalVariation) Bound(ReadOnlySpan<double> changes, ReadOnlySpan<double> likelihoods, double confidence)
    {
        // Two statements, each with half of the risk.
        var alpha = 0.5 * Confidence.Risk(confidence);
        var range = new Interval(0, 1);
        var (change, evidence) = (EmpiricalBernstein.Upper(changes, range, alpha), EmpiricalBernstein.Lower(likelihoods, range, alpha));
        return (change, evidence, evidence > 0 ? Math.Min(1, Rounding.DivideUp(change, evidence)) : 1);
    }

    /// <summary>
    /// h and a lower bound of L at one theta, in units of exp(most): h is not below |exp(l + d) - exp(l)| for every l and d of the ranges with l and l + d at most <c>most</c>.
    /// </summary>
    /// <param name="value">Holds l = ln L.</param>
    /// <param name="change">Holds d = ln L' - ln L for every L' of the set.</param>
    /// <param name="most">Finite, not below ln L or any ln L'.</param>
    public static (double Change, double Likelihood) At(Interval value, Interval change, double most)
    {
        var (low, high) = (Rounding.SubtractDown(value.Lower, most), Rounding.SubtractUp(value.Upper, most));
        var least = low > double.NegativeInfinity ? Math.Clamp(Elementary.ExpLower(Math.Min(0, low)), 0, 1) : 0;
        var largest = high < 0 ? Math.Min(1, Elementary.ExpUpper(high)) : 1;

        // L' - L <= L (e^d - 1), and <= 1 - L; L - L' <= L (1 - e^d), d not below the lower end.
        var rise = change.Upper < double.PositiveInfinity ? Rounding.MultiplyUp(largest, Elementary.Expm1Upper(Math.Max(0, change.Upper))) : 1;
        var room = Rounding.SubtractUp(1, least);
        rise = rise <= room ? rise : room;
        var fall = change.Lower > double.NegativeInfinity ? Rounding.MultiplyUp(largest, -Elementary.Expm1Lower(Math.Min(0, change.Lower))) : 1;
        return (Math.Clamp(Math.Max(rise, fall), 0, 1), least);
    }
}
