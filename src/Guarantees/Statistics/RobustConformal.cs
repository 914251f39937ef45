using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// Split conformal sets that hold the truth whatever an adversary does to the data within a ball: by scores certified over the ball at calibration, or at inference. With W = sup of s(theta, x') over x' in B(x):
/// P(s(theta, x~) &lt;= t for every x~ in B(x)) = P(W &lt;= t) >= 1 - alpha.
/// </summary>
/// <remarks>
/// <para>
/// Setting: pairs (theta_i, x_i), i = 1, ..., n + 1, exchangeable; s a score and B a map from a data set to a set of data sets that holds it, both fixed without the calibration pairs (a radius that is a share of
/// a standard deviation too). The adversary sees everything, theta_(n+1) and the calibration included, and shows any x~ in B(x_(n+1)) in place of x_(n+1); the calibration pairs are as drawn. r = ⌈(n + 1)(1 - alpha)⌉.
/// </para>
/// <para>
/// <see cref="AtCalibration"/>: numbers S_i >= W_i = sup of s(theta_i, x') over x' in B(x_i), t the r-th smallest S_i, the set {theta : s(theta, x~) &lt;= t}. Then P(theta_(n+1) in the set for every x~ in B(x_(n+1)))
/// = P(W_(n+1) &lt;= t) >= r / (n + 1) >= 1 - alpha. Why: W_1, ..., W_(n+1) are exchangeable, being one function of each pair, so W_(n+1) is at most the r-th smallest of W_1, ..., W_n with this probability, ties included
/// (<see cref="SplitConformal"/>); and the r-th smallest rises with each number, so it is at most t. proofs/coq/theories/Statistics/Conformal.v, <c>robust_conformal_coverage</c>. Of the S_i nothing else is needed: how well each was bounded may depend on all pairs, on a target that they set, or on time, and a
/// bound that did not close is +infinity. B need not be symmetric.
/// </para>
/// <para>
/// <see cref="AtInference"/>: numbers s_i at least s(theta_i, x_i), t their r-th smallest, the set {theta : m(theta, x~) &lt;= t} with m at most the inf of s(theta, x') over x' in B(x~). Then P(theta_(n+1) in the set for every
/// x~ in B(x_(n+1))) >= r / (n + 1). Assumes that B is symmetric: x in B(x~) whenever x~ in B(x), as for balls of one radius, also where a domain cuts them, and not for radii that grow with x. Why: then x_(n+1) is one of the
/// x', so m &lt;= s(theta_(n+1), x_(n+1)), which is at most t with this probability. A bound that did not close is -infinity and leaves theta inside. The set holds that of no perturbation at the true x, for every x~ and theta.
/// </para>
/// <para>
/// Given the calibration: if the pairs are independent with one distribution, the coverage under the worst adversary is at least P(W &lt;= the r-th smallest W_i), or P(s &lt;= the r-th smallest s(theta_i, x_i)), whose law is
/// Beta(r, n + 1 - r) or stochastically larger (<see cref="SplitConformal"/>): <see cref="RobustThreshold.CoverageQuantile"/>. Both kinds cover too much where bounds are loose, and where x is not moved.
/// </para>
/// <para>
/// A set is decided by an enclosure of the score: theta is inside unless the enclosure lies above t (<see cref="RobustThreshold.Contains"/>). So roundings only enlarge it.
/// Source: L. Jeary, T. Kuipers, M. Hosseini, N. Paoletti, "Verifiably Robust Conformal Prediction", NeurIPS 2024 (both kinds, for classes and regression); A. Gendler, T.-W. Weng, L. Daniel, Y. Romano, "Adversarially Robust Conformal
/// Prediction", ICLR 2022 (by smoothing); both from memory. Proofs here.
/// </para>
/// </remarks>
public static class RobustConformal
{
    /// <summary>The threshold for sets {theta : s(theta, x~) &lt;= t}, from enclosures of the largest scores over balls: their upper ends decide.</summary>
    /// <param name="largest">For each calibration pair an interval that holds the sup of s(theta_i, x') over x' in B(x_i); infinite ends where nothing is known.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static RobustThreshold AtCalibration(IReadOnlyList<Interval> largest, double alpha) => Of(largest, alpha);

    /// <summary>The threshold for sets {theta : m(theta, x~) &lt;= t}, m a lower bound of the score over B(x~), from enclosures of the scores of the pairs as drawn: their upper ends decide.</summary>
    /// <param name="scores">For each calibration pair an interval that holds s(theta_i, x_i).</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static RobustThreshold AtInference(IReadOnlyList<Interval> scores, double alpha) => Of(scores, alpha);

    private static RobustThreshold Of(IReadOnlyList<Interval> scores, double alpha)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var rank = SplitConformal.Rank(scores.Count, alpha);
        return new(scores.Count, rank, new(SplitConformal.Order([.. scores.Select(score => score.Lower)], rank), SplitConformal.Order([.. scores.Select(score => score.Upper)], rank)));
    }
}

/// <summary>A threshold of <see cref="RobustConformal"/>.</summary>
/// <param name="Count">n, the number of calibration pairs.</param>
/// <param name="Rank">r, from 1 to n + 1.</param>
/// <param name="Enclosure">Holds the threshold that exact scores would give; its upper end is the threshold t, and the width is what the bounds cost.</param>
public sealed record RobustThreshold(int Count, int Rank, Interval Enclosure)
{
    /// <summary>t: +infinity for r = n + 1, or where too many bounds did not close.</summary>
    public double Value => Enclosure.Upper;

    /// <summary>Whether a theta belongs to the set: unless its score surely lies above t.</summary>
    /// <param name="score">Calibrated over balls: holds s(theta, x~). At inference: holds the inf of s(theta, x') over x' in B(x~).</param>
    public bool Contains(Interval score) => score.Lower <= Value;

    /// <summary>Whether theta belongs to the set for every x~ of the ball, surely. False says nothing.</summary>
    /// <param name="largest">Calibrated over balls: holds the sup of s(theta, x') over x' in B(x).</param>
    public bool ContainsAll(Interval largest) => largest.Upper <= Value;

    /// <summary>b with P(coverage under the worst adversary &lt; b) &lt;= delta over independent calibration pairs: see <see cref="SplitConformal.CoverageQuantile"/>.</summary>
    /// <param name="delta">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">The error probability is out of its range, or there are no pairs.</exception>
    public double CoverageQuantile(double delta) => SplitConformal.CoverageQuantile(Count, Rank, delta);

    /// <summary>
    /// A lower bound of P(the set holds theta for every x~ in B(x)) from pairs beyond the calibration, for this set and threshold: Clopper and Pearson's for the number of pairs that <see cref="ContainsAll"/>.
    /// </summary>
    /// <param name="largest">For each pair an interval that holds the sup of s(theta, x') over x' in B(x); the pairs independent of one another and of the calibration.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <remarks>
    /// Count(S &lt;= t) is at most count(W &lt;= t) ~ Bin(m, coverage), and the bound rises with the count: so it holds however the S were found. Given the calibration, hence also over both.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The error probability is out of its range, or there are no pairs.</exception>
    public double Audit(IReadOnlyList<Interval> largest, double alpha)
    {
        ArgumentNullException.ThrowIfNull(largest);
        return ClopperPearson.Lower(largest.Count(ContainsAll), largest.Count, alpha);
    }
}
