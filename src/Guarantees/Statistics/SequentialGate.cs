using Guarantees.Arithmetic;
using Guarantees.Certificates;

namespace Guarantees.Statistics;

/// <summary>Decides a claim about a mean in [0, 1], such as a coverage, while observations come in: it may be looked at after each of them, and stopped whenever it has decided or patience ends.</summary>
/// <remarks>
/// <para>
/// At least c: proved once K⁺_t(c) >= 1 / alpha, refuted once K⁻_t(c) >= 1 / alpha, with the capitals and bets of <see cref="BettingSequence"/>. At most c: the other way round. The first decision stays.
/// </para>
/// <para>
/// Errors. The claim is true or false, so only one of the two answers can be wrong. If E X &lt;= c, P(K⁺_t(c) >= 1 / alpha for some t) &lt;= alpha; if E X >= c, the same for K⁻: capital is monotone in m (<see cref="Bets"/>), so that
/// at c it is at most that at E X, a martingale. Hence the probability that a wrong verdict is ever given is at most alpha: alpha for either claim, no halves. The interval is another statement with an error of its own: all
/// intervals ever shown hold E X with probability at least 1 - alpha, alpha / 2 a side. That verdict and intervals are right together has probability at least 1 - 2 alpha.
/// At E X = c both "proved" and "undecided" are right for either claim, and "refuted" is wrong.
/// </para>
/// <para>
/// Assumes observations in [0, 1], each with the same mean given those before it: independence is enough. Undecided says only that the observations so far do not suffice.
/// Source: I. Waudby-Smith, A. Ramdas, "Estimating Means of Bounded Random Variables by Betting", J. R. Stat. Soc. B 86, 2024 (arXiv:2010.09686).
/// </para>
/// </remarks>
public sealed class SequentialGate
{
    private readonly bool atLeast;
    private readonly double threshold;
    private readonly double goal;
    private readonly double side;
    private readonly Bets bets;
    private Bets.Capital above = new();
    private Bets.Capital below = new();

    private SequentialGate(bool atLeast, double threshold, double alpha)
    {
        Confidence.CheckRisk(alpha);
        if (!(threshold is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected a threshold in (0, 1).");
        }

        (this.atLeast, this.threshold, goal, side) = (atLeast, threshold, Rounding.DivideUp(1, alpha), 0.5 * alpha);
        bets = new Bets(side, null);
    }

    /// <summary>Observations so far.</summary>
    public int Count => bets.Count;

    /// <summary>The verdict so far, with its error probability and not as a proof by evidence; once decided it stays.</summary>
    public Verdict Verdict { get; private set; } = Verdict.Undecided;

    /// <summary>An interval for the mean from the observations so far: see the remarks for its error probability.</summary>
    public Interval Bounds => Interval.Hull(bets.Lower(side), bets.Upper(side));

    /// <summary>A gate for E X >= c.</summary>
    /// <param name="threshold">c, in (0, 1).</param>
    /// <param name="alpha">Probability of ever giving a wrong verdict, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static SequentialGate AtLeast(double threshold, double alpha) => new(true, threshold, alpha);

    /// <summary>A gate for E X &lt;= c.</summary>
    /// <inheritdoc cref="AtLeast"/>
    public static SequentialGate AtMost(double threshold, double alpha) => new(false, threshold, alpha);

    /// <summary>The next observation, whether the event happened; returns the verdict so far.</summary>
    /// <param name="happened">1 or 0 for the mean.</param>
    public Verdict Add(bool happened) => Add(happened ? 1.0 : 0);

    /// <summary>The next observation; returns the verdict so far.</summary>
    /// <param name="value">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in [0, 1].</exception>
    public Verdict Add(double value)
    {
        var round = bets.Add(value is >= 0 and <= 1
            ? Interval.Point(value)
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a number in [0, 1]."));
        (above, below) = (above.Times(round.Above(threshold)), below.Times(round.Below(threshold)));
        if (Verdict == Verdict.Undecided)
        {
            Verdict = (atLeast ? above : below).Reaches(goal) ? Verdict.Proved : (atLeast ? below : above).Reaches(goal) ? Verdict.Refuted : Verdict.Undecided;
        }

        return Verdict;
    }
}
