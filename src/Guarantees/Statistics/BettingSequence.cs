using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Bounds of a mean from a stream of numbers in [a, b], by betting: all the intervals that it ever shows hold the mean at once, with probability at least the confidence.</summary>
/// <remarks>
/// <para>
/// As <see cref="BettingInterval"/>, for any number of numbers: it may be looked at after each, and stopped for any reason. Bets: l_t = sqrt(2 ln(2 / alpha) / (v_(t-1) t ln(t + 1))), c = 1/2, alpha = 1 - confidence, half
/// of it for each side. Why all means beyond an end are excluded, and with which probability wrongly: <see cref="Bets"/>, and
/// proofs/coq/theories/Statistics/Ville.v, <c>betting_lower_bound</c>, <c>betting_upper_bound</c>.
/// </para>
/// <para>
/// Each interval lies within those before. Where its ends cross, which happens with at most probability alpha, or shows that the assumptions fail, it is the interval between them and may grow.
/// Assumes numbers in [a, b], each with the same mean given those before it: independence is enough. Looking costs time in proportion to the numbers so far.
/// Source: I. Waudby-Smith, A. Ramdas, "Estimating Means of Bounded Random Variables by Betting", J. R. Stat. Soc. B 86, 2024 (arXiv:2010.09686).
/// </para>
/// </remarks>
public sealed class BettingSequence
{
    private readonly Interval range;
    private readonly double alpha;
    private readonly Bets bets;

    /// <summary>A stream without numbers yet.</summary>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public BettingSequence(Interval range, double confidence)
    {
        if (!double.IsFinite(range.Lower) || !double.IsFinite(range.Upper))
        {
            throw new ArgumentOutOfRangeException(nameof(range), range, "Expected a finite range.");
        }

        alpha = 0.5 * Confidence.Risk(confidence);
        this.range = range;
        bets = new Bets(alpha, null);
    }

    /// <summary>Numbers so far.</summary>
    public int Count => bets.Count;

    /// <summary>The interval so far; the whole range before the first number.</summary>
    public Interval Bounds => Interval.Hull(Confidence.Below(bets.Lower(alpha), range), Confidence.Above(bets.Upper(alpha), range));

    /// <summary>The next number.</summary>
    /// <param name="value">In [a, b].</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in the range.</exception>
    public void Add(double value) => bets.Add(range.Contains(value)
        ? Confidence.Share(Interval.Point(value), range)
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"Expected a number in {range}."));
}
