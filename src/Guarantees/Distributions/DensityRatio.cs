using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Claims;

namespace Guarantees.Distributions;

/// <summary>What follows for total variation from |ln q(theta) - ln q0(theta)| &lt;= e for every theta of a set A.</summary>
/// <remarks>
/// On A alone: let p and p0 be q and q0 restricted to A and normalised. L = p / p0 is exp(ln q - ln q0) times a constant, so it lies in some [1/a, b] with a b = exp(2e), and its
/// mean under p0 is 1. TV(p, p0) = E (L - 1)^+ is at most the chord of the convex (L - 1)^+ over [1/a, b], taken at 1: (b - 1)(a - 1)/(a b - 1) = 1 - (a + b - 2)/(a b - 1), largest where
/// a + b is least, a = b = exp(e): (exp(e) - 1)/(exp(e) + 1) = tanh(e/2). Factors of q and q0 that theta does not change cancel: neither needs its normaliser.
/// On the whole space, for normalised q and q0 with q0 outside A at most m: TV(q, q0) = integral of (q0 - q)^+ is at most (1 - exp(-e)) q0(A) on A, since q >= exp(-e) q0 there, and at
/// most 1 - q0(A) outside; together 1 - exp(-e) q0(A) &lt;= 1 - exp(-e)(1 - m). It is attained where q is exp(-e) q0 on A and has all the rest where q0 has nothing, so no better follows
/// without knowledge of q outside A.
/// Both derived here, and in proofs/coq/theories/Statistics/Divergence.v, <c>log_density_variation</c>, <c>log_density_whole</c>.
/// </remarks>
public static class DensityRatio
{
    /// <summary>tanh(e/2), rounded up: a bound of the total variation between q and q0 restricted to A, whatever their normalisers.</summary>
    /// <param name="change">e, at least 0; may be infinite.</param>
    public static double Restricted(double change) => change >= 0
        ? double.IsFinite(change) ? Math.Min(1, Elementary.TanhUpper(Rounding.MultiplyUp(0.5, change))) : 1
        : throw new ArgumentOutOfRangeException(nameof(change), change, "Expected a number of at least 0.");

    /// <summary>1 - exp(-e)(1 - m), rounded up: a bound of the total variation between normalised q and q0.</summary>
    /// <param name="change">e, at least 0; may be infinite.</param>
    /// <param name="massOutside">m in [0, 1]: at least the mass that q0 has outside A.</param>
    public static double Whole(double change, double massOutside)
    {
        if (!(massOutside is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(massOutside), massOutside, "Expected a number in [0, 1].");
        }

        var share = change >= 0
            ? double.IsFinite(change) ? Rounding.MultiplyDown(Elementary.ExpLower(-change), Rounding.SubtractDown(1, massOutside)) : 0
            : throw new ArgumentOutOfRangeException(nameof(change), change, "Expected a number of at least 0.");
        return Math.Clamp(Rounding.SubtractUp(1, share), 0, 1);
    }

    /// <summary>The statement in words.</summary>
    /// <param name="claim">The claim about the change of a log density.</param>
    /// <param name="change">e as certified.</param>
    public static string Words(Claim claim, double change)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var whole = claim.MassOutside is { } mass
            ? claim.Draws is { } draws
                ? $"; that is proved. {char.ToUpperInvariant(draws.Words[0])}{draws.Words[1..]} outside, at most {Above(mass)} of the mass of q(. | x0) is outside (q normalised, the draws independent of one another and of these theta), "
                    + $"and then the posteriors differ by at most {Above(Whole(change, mass))}"
                : $"; and with at most {Number(mass)} of the mass of q(. | x0) outside (assumed, q normalised) the posteriors differ by at most {Above(Whole(change, mass))}"
            : "";
        return $"In total variation, q(. | x) and q(. | x0) restricted to these theta differ by at most {Above(Restricted(change))}{whole}.";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Six digits, not below the value.</summary>
    private static string Above(double value)
    {
        var steps = Math.Ceiling(value * 1e6);
        return Number(Math.Min(1, steps / 1e6 < value ? (steps + 1) / 1e6 : steps / 1e6));
    }
}
