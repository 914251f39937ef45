using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Confidence bounds for the probability p of an event that happened in k of n independent trials.</summary>
/// <remarks>
/// <para>
/// Upper: a u with P(Bin(n, u) &lt;= k) &lt;= alpha, 1 for k = n. Lower: an l with P(Bin(n, l) >= k) &lt;= alpha, 0 for k = 0. Whatever p is, the probability that the bound of the k that
/// is seen lies on the wrong side of p is at most alpha: for finite n, no approximation. Two-sided: one of each, at alpha / 2. Assumes independent trials with the same p, their number
/// fixed before the first.
/// </para>
/// <para>
/// The search for u is a bisection that proposes; what is returned satisfied the inequality in exact or outward-rounded arithmetic (<see cref="BinomialTail"/>), so u is at most a
/// relative 1e-12 above the smallest such number. That any u with the inequality covers p: proofs/coq/theories/Statistics/ClopperPearson.v, <c>clopper_pearson_upper</c>.
/// </para>
/// <para>Source: C. J. Clopper, E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26, 1934.</para>
/// </remarks>
public static class ClopperPearson
{
    /// <summary>Most trials.</summary>
    public const int MostTrials = BinomialTail.MostTrials;

    /// <summary>u with P(p > u) &lt;= alpha.</summary>
    /// <param name="successes">k, from 0 to n.</param>
    /// <param name="trials">n, from 1 to <see cref="MostTrials"/>.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(int successes, int trials, double alpha)
    {
        Check(successes, trials, alpha);
        return successes == trials ? 1 : Confidence.Bisect(successes / (double)trials, 1, p => BinomialTail.AtMost(successes, trials, p, alpha));
    }

    /// <summary>l with P(p &lt; l) &lt;= alpha.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(int successes, int trials, double alpha)
    {
        Check(successes, trials, alpha);
        return successes == 0 ? 0 : Confidence.Bisect(successes / (double)trials, 0, p => BinomialTail.AtLeast(successes, trials, p, alpha));
    }

    /// <summary>[l, u] with P(p outside) &lt;= 1 - confidence.</summary>
    /// <param name="successes">k, from 0 to n.</param>
    /// <param name="trials">n, from 1 to <see cref="MostTrials"/>.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Interval Bounds(int successes, int trials, double confidence)
    {
        var alpha = 0.5 * Confidence.Risk(confidence);
        return new(Lower(successes, trials, alpha), Upper(successes, trials, alpha));
    }

    internal static void Check(int successes, int trials, double alpha)
    {
        if (trials is < 1 or > MostTrials)
        {
            throw new ArgumentOutOfRangeException(nameof(trials), trials, $"Expected from 1 to {MostTrials} trials.");
        }

        if (successes < 0 || successes > trials)
        {
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"Expected from 0 to {trials} successes.");
        }

        Confidence.CheckRisk(alpha);
    }
}
