using Guarantees.Arithmetic;
using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Conformal thresholds and p-values over all orders of scores with all ties, and the law of coverage given the calibration.</summary>
/// <remarks>
/// Exchangeable scores are a mixture of the shuffles of fixed ones. So a statement that holds for every list of n + 1 values, the last of them drawn uniformly among its members, holds for all exchangeable scores: the
/// enumeration of all lists over n + 1 values is a proof for its n, ties included.
/// Mutants planted and found: n for n + 1, floor for ceiling and floor + 1 in the rank; the score of the rank before; a score for +infinity; quantiles with n + 1 scores and on the other side; a shortfall with r + 1; the
/// rank with confidence that just fails; scores of all groups, and of other groups; p-values without the own score, without ties, over n; the randomised one without the own score, and with scores as large counted twice.
/// </remarks>
public class SplitConformalLaws
{
    private static readonly double[] Alphas = [0.01, 0.1, 0.15, 1 / 6.0, 0.2, 0.25, 0.3, 1 / 3.0, 0.4, 0.5, 0.6, 0.75, 0.8, 0.99];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_threshold_covers_for_every_order_with_every_tie(int n)
    {
        foreach (var alpha in Alphas)
        {
            var rank = SplitConformal.Rank(n, alpha);
            foreach (var list in Exact.Sequences(n + 1, n + 1).Where(list => list.SequenceEqual(list.Order()))) // the order before the shuffle does not matter
            {
                var covered = 0;
                for (var last = 0; last <= n; last++)
                {
                    var (scores, score) = Split(list, last);
                    var threshold = SplitConformal.Threshold(scores, alpha);
                    covered += score <= threshold ? 1 : 0;
                    Assert.Equal(score <= threshold, Rational.Of(ConformalPValue.Conservative(scores, score)) > Rational.Of(alpha));
                }

                Assert.True(new Rational(covered, n + 1) >= Rational.One - Rational.Of(alpha), $"{string.Join(' ', list)} at {alpha}: {covered} of {n + 1}");
                Assert.True(covered >= rank && (covered == rank || list.Distinct().Count() < list.Length), $"{string.Join(' ', list)} at {alpha}: {covered}, rank {rank}");
            }
        }
    }

    /// <remarks>P(p &lt;= t) &lt;= t at every t that occurs, and equality for the randomised one: U on the middles of 480 cells, whose ends hold every place where the answer changes.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void P_values_are_valid_and_the_randomised_one_is_exact(int n)
    {
        const int cells = 480;
        foreach (var list in Exact.Sequences(n + 1, n + 1).Where(list => list.SequenceEqual(list.Order())))
        {
            var splits = Enumerable.Range(0, n + 1).Select(last => Split(list, last)).ToArray();
            double[] values = [.. splits.Select(split => ConformalPValue.Conservative(split.Scores, split.Score))];
            Assert.All(values, t => Assert.True(new Rational(values.Count(p => p <= t), n + 1).CompareTo(t) <= 0));
            for (var eighths = 1; eighths < 8; eighths++)
            {
                var hits = splits.Sum(split => Enumerable.Range(0, cells).Count(i => ConformalPValue.Randomized(split.Scores, split.Score, ((2 * i) + 1) / (2.0 * cells)) <= eighths / 8.0));
                Assert.Equal(eighths * cells * (n + 1), 8 * hits);
            }

            Assert.All(splits, split => Assert.True(ConformalPValue.Randomized(split.Scores, split.Score, 1) <= ConformalPValue.Conservative(split.Scores, split.Score) && ConformalPValue.Randomized(split.Scores, split.Score, 0.25) > 0));
        }
    }

    /// <remarks>r = n + 1 - l with l = floor((n + 1) alpha), for alpha as decimals and as the doubles nearest to them, which may lie on the other side of a whole number.</remarks>
    [Fact]
    public void Ranks_are_exact()
    {
        foreach (var n in Enumerable.Range(0, 60).Concat([99, 100, 999, 1000, 10_000, 1 << 29]))
        {
            foreach (var percent in new[] { 1, 5, 10, 20, 29, 30, 50, 70, 90, 99 })
            {
                Assert.Equal(n + 1 - (int)((n + 1L) * percent / 100), SplitConformal.Rank(n, new Rational(percent, 100)));
                var l = new Rational(n + 1, 1) * Rational.Of(percent / 100.0);
                Assert.Equal(n + 1 - (int)(l.Numerator / l.Denominator), SplitConformal.Rank(n, percent / 100.0));
            }
        }

        Assert.Equal((7, 8), (SplitConformal.Rank(9, new Rational(3, 10)), SplitConformal.Rank(9, 0.3))); // the double 0.3 is less than 3/10
        Assert.Equal((9, 9), (SplitConformal.Rank(9, 0.1), SplitConformal.Rank(8, 0.1)));
        Assert.Equal(double.PositiveInfinity, SplitConformal.Threshold([1, 2, 3, 4, 5, 6, 7, 8], 0.1));
        Assert.Equal(9, SplitConformal.Threshold([9, 2, 3, 4, 5, 6, 7, 8, 1], 0.1));
        Assert.Equal(7, SplitConformal.Threshold([9, 2, 3, 4, 5, 6, 7, 8, 1], new Rational(3, 10)));
        Assert.Equal(double.PositiveInfinity, SplitConformal.Threshold([], 0.5));
        Assert.Equal(double.NegativeInfinity, SplitConformal.Threshold([double.NegativeInfinity, 2, double.PositiveInfinity], 0.75));
    }

    /// <remarks>FACTS: at alpha = 0.1 the 5 % quantile of Beta(n + 1 - l, l) is .848, .884 and .895 for n = 100, 1000 and 10 000. Another library's quantiles and probabilities beside.</remarks>
    [Theory]
    [InlineData(100, 0.848)]
    [InlineData(1000, 0.884)]
    [InlineData(10_000, 0.895)]
    public void Coverage_given_the_calibration_is_beta(int n, double quantile)
    {
        var rank = SplitConformal.Rank(n, 0.1);
        var b = SplitConformal.CoverageQuantile(n, rank, 0.05);
        Assert.Equal(quantile, Math.Round(b, 3));
        Assert.InRange(b, Beta.InvCDF(rank, n + 1 - rank, 0.05) - 1e-7, Beta.InvCDF(rank, n + 1 - rank, 0.05) + 1e-7);
        foreach (var level in new[] { b - 0.02, b, b + 0.0005 })
        {
            var (shortfall, beta) = (SplitConformal.ShortfallProbability(n, rank, level), Beta.CDF(rank, n + 1 - rank, level));
            Assert.InRange(shortfall, beta * (1 - 1e-6), beta * (1 + 1e-6));
        }

        Assert.InRange(SplitConformal.ShortfallProbability(n, rank, b), 0, 0.05);
    }

    /// <remarks>Scores on 1, ..., 6 with rational weights, ties and all: all calibrations of 5 scores. Coverage below b is never more probable than stated, and as probable where b needs one value less.</remarks>
    [Fact]
    public void Coverage_given_the_calibration_is_no_worse_with_ties()
    {
        const int n = 5;
        foreach (var weights in new[] { new[] { 1, 1, 1, 1, 1, 1 }, [10, 1, 1, 1, 1, 10], [1, 2, 4, 8, 16, 1], [20, 0, 0, 0, 0, 4] })
        {
            var total = weights.Sum();
            for (var rank = 1; rank <= n; rank++)
            {
                var law = new Rational[7];
                foreach (var path in Exact.Sequences(6, n))
                {
                    var threshold = (int)SplitConformal.Order([.. path.Select(i => (double)i)], rank);
                    law[threshold] += path.Aggregate(Rational.One, (product, i) => product * new Rational(weights[i], total));
                }

                Rational F(int value) => new(weights[..(value + 1)].Sum(), total);
                foreach (var level in Enumerable.Range(0, 6).Select(value => F(value)).Where(f => f < Rational.One).SelectMany(f => new[] { f.RoundDown(), Math.BitIncrement(f.RoundUp()), 0.5 }).Where(level => level > 0))
                {
                    var below = Exact.Sum(law[..6], value => F(value).CompareTo(level) < 0);
                    Assert.True(below.CompareTo(SplitConformal.ShortfallProbability(n, rank, level)) <= 0, $"rank {rank}, {level:R}: {below}");
                }

                foreach (var delta in new[] { 0.5, 0.1, 0.01 })
                {
                    Assert.True(Exact.Sum(law[..6], value => F(value).CompareTo(SplitConformal.CoverageQuantile(n, rank, delta)) < 0) <= Rational.Of(delta));
                }
            }
        }
    }

    /// <remarks>Below 129 scores the probability is the next double above the exact one; the rank with confidence is the smallest that has it.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(59)]
    [InlineData(128)]
    [InlineData(200)]
    public void Shortfalls_and_ranks_with_confidence_are_exact(int n)
    {
        foreach (var (level, delta) in new[] { (0.95, 0.05), (0.9, 0.1), (0.5, 0.5), (0.99, 0.01) })
        {
            for (var rank = 1; rank <= n; rank += Math.Max(1, n / 7))
            {
                var (exact, bound) = (Exact.AtLeast(rank, n, level), SplitConformal.ShortfallProbability(n, rank, level));
                Assert.True(exact.CompareTo(bound) <= 0 && (n > 128 || exact.RoundUp() == bound), $"{rank} of {n} at {level}");
            }

            var chosen = SplitConformal.RankWithConfidence(n, level, delta);
            Assert.True(chosen == n + 1 || Exact.AtLeast(chosen, n, level) <= Rational.Of(delta));
            Assert.True(Exact.AtLeast(chosen - 1, n, level) > Rational.Of(delta));
            Assert.Equal(0, SplitConformal.ShortfallProbability(n, n + 1, level));
            Assert.Equal(1, SplitConformal.CoverageQuantile(n, n + 1, delta));
        }

        // Wilks: 59 scores are the fewest whose largest covers 95 % with confidence 95 %.
        Assert.Equal((59, 59), (SplitConformal.RankWithConfidence(59, 0.95, 0.05), SplitConformal.RankWithConfidence(58, 0.95, 0.05)));
    }

    /// <remarks>All lists of five pairs of a score in 0, 1, 2 and a group in 0, 1: given the groups, each member of a group is the new one with the same probability.</remarks>
    [Fact]
    public void Every_group_is_covered_on_its_own()
    {
        const int size = 5;
        foreach (var alpha in new[] { 0.2, 0.25, 0.4, 0.5, 0.7 })
        {
            foreach (var list in Exact.Sequences(6, size).Where(list => list.SequenceEqual(list.Order())))
            {
                foreach (var group in new[] { 0, 1 })
                {
                    var members = Enumerable.Range(0, size).Where(i => list[i] % 2 == group).ToArray();
                    var covered = members.Count(last =>
                    {
                        var others = list.Where((_, i) => i != last).ToArray();
                        return list[last] / 2 <= MondrianConformal.Threshold([.. others.Select(pair => (double)(pair / 2))], [.. others.Select(pair => pair % 2)], group, alpha);
                    });
                    Assert.True(members.Length == 0 || new Rational(covered, members.Length) >= Rational.One - Rational.Of(alpha), $"{string.Join(' ', list)}, group {group}, {alpha}");
                }
            }
        }

        Assert.Equal(double.PositiveInfinity, MondrianConformal.Threshold([1, 2, 3], [0, 0, 0], 1, 0.5));
        Assert.Equal(2, MondrianConformal.Threshold([1, 7, 2, 3, 9], [0, 1, 0, 0, 1], 0, 0.5));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => SplitConformal.Rank(-1, 0.1), () => SplitConformal.Rank(5, 0.0), () => SplitConformal.Rank(5, 1.0), () => SplitConformal.Rank(5, double.NaN), () => SplitConformal.Rank(5, new Rational(3, 2)), () => SplitConformal.Rank(5, Rational.Zero),
            () => SplitConformal.Threshold([double.NaN], 0.1), () => SplitConformal.Order([1, 2], 0), () => SplitConformal.Order([1, 2], 4), () => SplitConformal.CoverageQuantile(0, 1, 0.1), () => SplitConformal.CoverageQuantile(5, 7, 0.1),
            () => SplitConformal.CoverageQuantile(5, 3, 0.6), () => SplitConformal.ShortfallProbability(5, 3, 1), () => SplitConformal.ShortfallProbability(5, 0, 0.5), () => SplitConformal.RankWithConfidence(0, 0.9, 0.1),
            () => SplitConformal.RankWithConfidence(5, 0.9, 0), () => MondrianConformal.Threshold([1, 2], [0], 0, 0.1), () => MondrianConformal.Threshold([double.NaN, 1], [1, 0], 0, 0.1), () => MondrianConformal.Threshold([1], [0], 0, 0),
            () => ConformalPValue.Conservative([1], double.NaN), () => ConformalPValue.Conservative([double.NaN], 1), () => ConformalPValue.Randomized([1], 1, 1.5), () => ConformalPValue.Randomized([1], 1, double.NaN),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static (double[] Scores, double Score) Split(int[] list, int last) => ([.. list.Where((_, i) => i != last).Select(value => (double)value)], list[last]);
}
