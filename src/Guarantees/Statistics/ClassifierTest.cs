using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Classifier two-sample tests: how well are members of P and Q told apart on data that the classifier was not trained on, and how far are P and Q apart at least?</summary>
/// <remarks>
/// <para>
/// The classifier, a set A where it says "Q", is fixed before the held-out members are drawn: m of P and m' of Q, independent. Balanced accuracy a = (P(not A) + Q(A)) / 2, and 2 a - 1 = Q(A) - P(A) &lt;= TV(P, Q), the largest such
/// difference over all sets. So a lower confidence bound l of a gives TV >= 2 l - 1.
/// </para>
/// <para>
/// With m = m' the number S of right answers is a sum of n = 2 m independent trials with two probabilities of mean a. By Hoeffding (1956), P(S >= k) &lt;= P(Bin(n, a) >= k) for k >= n a + 1. Let l(k) be the smaller of the lower bound of
/// Clopper and Pearson and (k - 1) / n; it grows with k. If l(S) > a, then S >= k for the smallest k with l(k) > a, so k - 1 >= n l(k) > n a, and P(S >= k) &lt;= P(Bin(n, a) >= k) &lt;= P(Bin(n, l(k)) >= k) &lt;= alpha. With m other than m': the bounds of
/// both shares at alpha / 2 each, and TV >= their sum - 1.
/// </para>
/// <para>
/// The binomial test, m = m' : P = Q makes a = 1/2, and P(Bin(2 m, 1/2) >= S) is a valid p-value for S > m by the same inequality, 1 for S &lt;= m.
/// </para>
/// <para>
/// Sources: D. Lopez-Paz, M. Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017; W. Hoeffding, "On the Distribution of the Number of Successes in Independent Trials", Ann. Math. Statist. 27, 1956.
/// </para>
/// </remarks>
public static class ClassifierTest
{
    /// <summary>Right answers of scores: below 1/2 for members of P, at least 1/2 for members of Q.</summary>
    /// <param name="first">Scores of held-out members of P, in [0, 1].</param>
    /// <param name="second">Scores of held-out members of Q, in [0, 1].</param>
    /// <exception cref="ArgumentException">A sample is empty, or a score is out of its range.</exception>
    public static HeldOut Count(ReadOnlySpan<double> first, ReadOnlySpan<double> second) => new(first.Length - Above(first), first.Length, Above(second), second.Length);

    /// <summary>l with P(TV(P, Q) &lt; l) &lt;= alpha.</summary>
    /// <param name="heldOut">Right answers on held-out members.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double TotalVariation(HeldOut heldOut, double alpha)
    {
        if (heldOut.First == heldOut.Second)
        {
            var (right, all) = (heldOut.Right, heldOut.First + heldOut.Second);
            var accuracy = Math.Min(ClopperPearson.Lower(right, all, alpha), Rounding.DivideDown(right - 1, all));
            return Math.Max(0, Rounding.SubtractDown(2 * accuracy, 1));
        }

        var (one, other) = (ClopperPearson.Lower(heldOut.FirstRight, heldOut.First, 0.5 * alpha), ClopperPearson.Lower(heldOut.SecondRight, heldOut.Second, 0.5 * alpha));
        return Math.Max(0, Rounding.SubtractDown(Rounding.AddDown(one, other), 1));
    }

    /// <summary>A number not below P(Bin(2 m, 1/2) >= right answers): small values speak against P = Q. For samples of one size.</summary>
    /// <param name="heldOut">Right answers on held-out members, as many of P as of Q.</param>
    /// <exception cref="ArgumentException">The samples differ in size.</exception>
    public static double BinomialPValue(HeldOut heldOut) => heldOut.First == heldOut.Second
        ? heldOut.Right <= heldOut.First ? 1 : BinomialTail.Bound((2 * heldOut.First) - heldOut.Right, 2 * heldOut.First, Interval.Point(0.5), Interval.Point(0.5))
        : throw new ArgumentException($"Expected as many members of P as of Q; got {heldOut.First} and {heldOut.Second}. Use a permutation test.", nameof(heldOut));

    /// <summary>
    /// The p-value of a classifier at one observation (local C2ST): the mean of (score - 1/2)² over one set of points, against those of B classifiers trained in the same way with labels exchanged at random.
    /// </summary>
    /// <remarks>
    /// Valid for the hypothesis that q(. | x) is the posterior for all x, with (1 + #{>=}) / (B + 1) instead of a share: then theta and a draw of q at the same x may exchange labels. So labels are exchanged within pairs that share x,
    /// or freely where no two members share x; exchanges across such pairs change the joint distribution. The points are drawn apart from the training data. That the level also holds where q is the posterior at this x
    /// alone is not claimed.
    /// Source of the statistic: J. Linhart, A. Gramfort, P. Rodrigues, "L-C2ST: Local Diagnostics for Posterior Approximations in Simulation-Based Inference", NeurIPS 2023.
    /// </remarks>
    /// <param name="scores">Of the classifier, in [0, 1], at m points.</param>
    /// <param name="exchanged">B times m scores of the other classifiers at the same points, one classifier after the other.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or a score is out of its range.</exception>
    public static double LocalPValue(ReadOnlySpan<double> scores, ReadOnlySpan<double> exchanged)
    {
        var m = scores.Length;
        if (m == 0 || exchanged.IsEmpty || exchanged.Length % m != 0)
        {
            throw new ArgumentException($"Expected m scores and B times m others; got {m} and {exchanged.Length}.", nameof(exchanged));
        }

        var replicates = new double[exchanged.Length / m];
        for (var b = 0; b < replicates.Length; b++)
        {
            replicates[b] = MeanSquare(exchanged.Slice(b * m, m));
        }

        return MonteCarloTest.PValue(MeanSquare(scores), replicates);
    }

    private static double MeanSquare(ReadOnlySpan<double> scores)
    {
        var sum = 0.0;
        foreach (var score in scores)
        {
            sum += (Checked(score) - 0.5) * (score - 0.5);
        }

        return sum / scores.Length;
    }

    private static int Above(ReadOnlySpan<double> scores)
    {
        var above = 0;
        foreach (var score in scores)
        {
            above += Checked(score) >= 0.5 ? 1 : 0;
        }

        return above;
    }

    private static double Checked(double score) => score is >= 0 and <= 1 ? score : throw new ArgumentOutOfRangeException(nameof(score), score, "Expected a score in [0, 1].");
}

/// <summary>Right answers of a classifier on members that it was not trained on.</summary>
public readonly record struct HeldOut
{
    /// <param name="firstRight">Members of P told to be of P, from 0 to first.</param>
    /// <param name="first">m, members of P, at least 1.</param>
    /// <param name="secondRight">Members of Q told to be of Q, from 0 to second.</param>
    /// <param name="second">m', members of Q, at least 1; m + m' at most <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public HeldOut(int firstRight, int first, int secondRight, int second)
    {
        if (first < 1 || second < 1 || (long)first + second > ClopperPearson.MostTrials)
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, $"Expected at least one member of each, together at most {ClopperPearson.MostTrials}.");
        }

        if (firstRight < 0 || firstRight > first || secondRight < 0 || secondRight > second)
        {
            throw new ArgumentOutOfRangeException(nameof(firstRight), firstRight, "Expected from 0 right answers to as many as members.");
        }

        (FirstRight, First, SecondRight, Second) = (firstRight, first, secondRight, second);
    }

    /// <summary>Members of P told to be of P.</summary>
    public int FirstRight { get; }

    /// <summary>m.</summary>
    public int First { get; }

    /// <summary>Members of Q told to be of Q.</summary>
    public int SecondRight { get; }

    /// <summary>m'.</summary>
    public int Second { get; }

    /// <summary>All right answers.</summary>
    public int Right => FirstRight + SecondRight;

    /// <summary>(share right of P + share right of Q) / 2.</summary>
    public double BalancedAccuracy => 0.5 * ((FirstRight / (double)First) + (SecondRight / (double)Second));
}
