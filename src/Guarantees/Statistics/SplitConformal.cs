using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// Split conformal prediction: with n scores S_1, ..., S_n of observations that the model did not see and t the r-th smallest, r = ⌈(n + 1)(1 - alpha)⌉, the score of a new observation is at most t with probability at
/// least 1 - alpha.
/// </summary>
/// <remarks>
/// <para>
/// Marginal: if S_1, ..., S_(n+1) are exchangeable, P(S_(n+1) &lt;= t) >= r / (n + 1) >= 1 - alpha, over calibration and new observation together; for r > n the threshold is +infinity. Ties only raise it; without ties it is
/// exactly r / (n + 1). So the set {y : score(x, y) &lt;= t} holds the truth with this probability. proofs/coq/theories/Statistics/Conformal.v, <c>split_conformal_coverage</c>.
/// Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", Springer, 2005.
/// </para>
/// <para>
/// Given the calibration scores: if they are independent with one distribution, the coverage P(S_(n+1) &lt;= t | S_1, ..., S_n) has exactly the law Beta(r, n + 1 - r) where that distribution has no jumps, and is stochastically
/// larger where it has. With P(Beta(r, n + 1 - r) &lt; b) = P(Bin(n, b) >= r), its quantile is the lower bound of <see cref="ClopperPearson"/> for r successes in n. That P(coverage &lt; b) is at most P(Bin(n, b) >= r):
/// proofs/coq/theories/Statistics/CoverageLaw.v, <c>coverage_shortfall</c>, on finite sets. Source: V. Vovk, "Conditional Validity of
/// Inductive Conformal Predictors", ACML 2012; S. S. Wilks, "Determination of Sample Sizes for Setting Tolerance Limits", Ann. Math. Statist. 12, 1941.
/// </para>
/// <para>
/// r follows from alpha in exact arithmetic: for alpha as a double, which may be a little less than the decimal written and then asks for one rank more, or as a rational number.
/// </para>
/// </remarks>
public static class SplitConformal
{
    /// <summary>r = ⌈(n + 1)(1 - alpha)⌉, exactly; n + 1 where no score is large enough.</summary>
    /// <param name="count">n, from 0 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static int Rank(int count, double alpha) => alpha is > 0 and < 1 ? Rank(count, Rational.Of(alpha)) : throw Alpha(alpha);

    /// <inheritdoc cref="Rank(int, double)"/>
    public static int Rank(int count, Rational alpha)
    {
        CheckCount(count, 0);
        var mass = alpha > Rational.Zero && alpha < Rational.One ? new Rational(count + 1, 1) * (Rational.One - alpha) : throw Alpha(alpha);
        return (int)((mass.Numerator + mass.Denominator - 1) / mass.Denominator);
    }

    /// <summary>t, the r-th smallest score: +infinity where r = n + 1.</summary>
    /// <param name="scores">In any order, possibly infinite and none NaN; possibly none.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Threshold(ReadOnlySpan<double> scores, double alpha) => Order(scores, Rank(scores.Length, alpha));

    /// <inheritdoc cref="Threshold(ReadOnlySpan{double}, double)"/>
    public static double Threshold(ReadOnlySpan<double> scores, Rational alpha) => Order(scores, Rank(scores.Length, alpha));

    /// <summary>The score of a rank: +infinity for n + 1.</summary>
    /// <param name="scores">In any order, none NaN.</param>
    /// <param name="rank">r, from 1 to n + 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Order(ReadOnlySpan<double> scores, int rank)
    {
        CheckRank(scores.Length, rank);
        foreach (var score in scores)
        {
            CheckScore(score, nameof(scores));
        }

        if (rank > scores.Length)
        {
            return double.PositiveInfinity;
        }

        var sorted = scores.ToArray();
        Array.Sort(sorted);
        return sorted[rank - 1];
    }

    /// <summary>b with P(coverage &lt; b) &lt;= delta over the calibration scores, for the r-th smallest as threshold; 1 for r = n + 1.</summary>
    /// <param name="count">n, from 1 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="rank">r, from 1 to n + 1.</param>
    /// <param name="delta">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double CoverageQuantile(int count, int rank, double delta)
    {
        CheckCount(count, 1);
        CheckRank(count, rank);
        Confidence.CheckRisk(delta);
        return rank > count ? 1 : ClopperPearson.Lower(rank, count, delta);
    }

    /// <summary>P(coverage &lt; level) = P(Bin(n, level) >= r) over the calibration scores, rounded up; beyond 128 scores 1 where r is not above the most probable number of scores below that level.</summary>
    /// <param name="count">n, from 1 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="rank">r, from 1 to n + 1.</param>
    /// <param name="level">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double ShortfallProbability(int count, int rank, double level)
    {
        CheckCount(count, 1);
        CheckRank(count, rank);
        CheckLevel(level);
        return rank > count ? 0 : Math.Min(1, BinomialTail.AtLeastUpper(rank, count, level));
    }

    /// <summary>The smallest r whose threshold has coverage of at least the level with probability at least 1 - delta over the calibration scores; n + 1 where no score has.</summary>
    /// <param name="count">n, from 1 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="level">In (0, 1).</param>
    /// <param name="delta">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static int RankWithConfidence(int count, double level, double delta)
    {
        CheckCount(count, 1);
        CheckLevel(level);
        Confidence.CheckRisk(delta);
        var (outside, inside) = (0, count + 1); // at 0 it fails; what is returned holds
        while (inside - outside > 1)
        {
            var middle = outside + ((inside - outside) / 2);
            (outside, inside) = BinomialTail.AtLeast(middle, count, level, delta) ? (outside, middle) : (middle, inside);
        }

        return inside;
    }

    internal static void CheckScore(double score, string name)
    {
        if (double.IsNaN(score))
        {
            throw new ArgumentOutOfRangeException(name, score, "Expected a score that is a number or infinite.");
        }
    }

    internal static ArgumentOutOfRangeException Alpha(object alpha) => new(nameof(alpha), alpha, "Expected an alpha in (0, 1).");

    private static void CheckCount(int count, int least)
    {
        if (count < least || count > ClopperPearson.MostTrials)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Expected from {least} to {ClopperPearson.MostTrials} scores.");
        }
    }

    private static void CheckRank(int count, int rank)
    {
        if (rank < 1 || rank > count + 1)
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"Expected a rank from 1 to {count + 1}.");
        }
    }

    private static void CheckLevel(double level)
    {
        if (!(level is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "Expected a coverage in (0, 1).");
        }
    }
}
