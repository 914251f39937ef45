using Guarantees.Arithmetic;
using Guarantees.Claims;

namespace Guarantees.Statistics;

/// <summary>Wilson's score interval for a probability: an approximation, for comparison only. It is no guarantee.</summary>
/// <remarks>
/// <para>
/// All p with |k - n p| &lt;= z sqrt(n p (1 - p)), Phi(z) = 1 - (1 - confidence) / 2: (k + z²/2 ± z sqrt(k (n - k) / n + z²/4)) / (n + z²). Its error probability is 1 - confidence only in the limit of
/// many trials at a fixed p. For p near 0 or 1 it misses far too often, however many trials there are: what it says with 95 % of 10 trials holds p = 18/1024 with probability 0.8374, the least of all i/1024, and
/// of 100 trials a p just below its lower end for one success with 0.8378. Use <see cref="ClopperPearson"/> for a statement.
/// </para>
/// <para>
/// The ends are those of the formula, rounded outward, within [0, 1].
/// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", J. Amer. Statist. Assoc. 22, 1927.
/// </para>
/// </remarks>
public static class Wilson
{
    /// <summary>The score interval.</summary>
    /// <param name="successes">k, from 0 to n.</param>
    /// <param name="trials">n, from 1 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static Interval Bounds(int successes, int trials, double confidence)
    {
        var risk = Confidence.Risk(confidence);
        ClopperPearson.Check(successes, trials, risk);
        var z = -NormalQuantile.Enclose(Interval.Point(0.5 * risk));
        var (k, n, square) = (Interval.Point(successes), Interval.Point(trials), z.Square());
        var (centre, root) = (k + (0.5 * square), z * ((k * (n - k) / n) + (0.25 * square)).Sqrt());
        return new(
            successes == 0 ? 0 : Math.Max(0, ((centre - root) / (n + square)).Lower),
            successes == trials ? 1 : Math.Min(1, ((centre + root) / (n + square)).Upper));
    }
}
