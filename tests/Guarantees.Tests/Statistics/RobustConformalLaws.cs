using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Sets that cover under every perturbation: exact coverage on a finite world, over all orders of all lists of pairs and all answers of the adversary.</summary>
/// <remarks>
/// Exchangeable pairs are a mixture of shuffles of fixed ones, so the enumeration of all lists of n + 1 pairs, the last drawn uniformly among its members, is a proof for its n (as in SplitConformalLaws).
/// The world: x in 0, ..., 3 on a line, two parameters, scores with ties and infinite ones. Mutants planted and found: the lower ends of bounds at calibration; a set decided by the
/// upper end of the score (caught by one example only: bounds that are loose on both sides hide it), and by a strict comparison; the whole ball decided by the lower end; the score of the rank before; the quantile of the rank after; an audit that counts
/// what may be inside.
/// </remarks>
public class RobustConformalLaws
{
    private const double Up = double.PositiveInfinity;
    private static readonly double[] Alphas = [0.1, 0.2, 0.25, 0.4, 0.5, 0.7];

    private static readonly int[][][] Sorted = [.. Enumerable.Range(0, 6).Select(length => Exact.Samples(8, length).Select(one => one.Sample).ToArray())];

    /// <summary>[theta][x].</summary>
    private static readonly double[][] Scores = [[0, 3, 1, 2], [2, 0, Up, 1]];

    /// <summary>x to the data sets an adversary may show for it; both hold x.</summary>
    private static readonly int[][] Symmetric = [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]];

    private static readonly int[][] Skew = [[0, 1, 3], [1, 2], [2, 1, 0], [3]];

    /// <remarks>Bounds that hold: exact, loose by a half, and not closed for pairs of odd number. B need not be symmetric. With exact bounds and no ties coverage is the rank.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Calibrated_over_balls_covers_for_every_order_and_adversary(int n)
    {
        Func<int, Interval, Interval>[] bounds = [(_, exact) => exact, (_, exact) => new(exact.Lower - 0.5, exact.Upper + 0.5), (i, exact) => i % 2 == 1 ? Interval.Entire : exact];
        foreach (var (ball, bound, alpha) in from ball in (int[][][])[Symmetric, Skew] from bound in bounds from alpha in Alphas select (ball, bound, alpha))
        {
            var rank = SplitConformal.Rank(n, alpha);
            foreach (var list in Lists(n + 1))
            {
                var covered = 0;
                for (var last = 0; last <= n; last++)
                {
                    var threshold = RobustConformal.AtCalibration([.. Others(list, last).Select((pair, i) => bound(i, Interval.Point(Largest(pair, ball))))], alpha);
                    Assert.Equal((n, rank), (threshold.Count, threshold.Rank));
                    var (theta, x) = Pair(list[last]);
                    var always = ball[x].All(shown => threshold.Contains(Interval.Point(Scores[theta][shown])));
                    Assert.True(always || !threshold.ContainsAll(Interval.Point(Largest(list[last], ball))));
                    covered += always ? 1 : 0;
                }

                Assert.True(new Rational(covered, n + 1) >= Rational.One - Rational.Of(alpha) && covered >= rank, $"{string.Join(' ', list)} at {alpha}: {covered} of {n + 1}");
                var worst = list.Select(pair => Largest(pair, ball)).ToArray();
                Assert.True(bound != bounds[0] || worst.Distinct().Count() < worst.Length || covered == rank, $"{string.Join(' ', list)} at {alpha}: {covered}, not {rank}");
            }
        }
    }

    /// <remarks>Lower bounds of the inf over the ball of what is shown: exact, loose, and none. Scores at calibration: exact, and enclosed.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Widened_at_inference_covers_for_every_order_and_adversary_of_a_symmetric_ball(int n)
    {
        Func<double, Interval>[] bounds = [Interval.Point, exact => new(exact - 0.5, exact + 0.5), exact => exact > 1 ? Interval.Entire : Interval.Point(exact)];
        foreach (var (bound, alpha) in from bound in bounds from alpha in Alphas select (bound, alpha))
        {
            foreach (var list in Lists(n + 1))
            {
                var covered = Enumerable.Range(0, n + 1).Count(last => IsCovered(list, last, Symmetric, alpha, bound));
                Assert.True(new Rational(covered, n + 1) >= Rational.One - Rational.Of(alpha), $"{string.Join(' ', list)} at {alpha}: {covered} of {n + 1}");
            }
        }
    }

    /// <remarks>Both premises are needed: without symmetry the second kind fails, and with the scores as drawn the first does.</remarks>
    [Fact]
    public void Without_symmetry_or_without_the_ball_coverage_is_lost()
    {
        const int n = 3;
        const double alpha = 0.25;
        Assert.Contains(Lists(n + 1), list => Enumerable.Range(0, n + 1).Count(last => IsCovered(list, last, Skew, alpha, Interval.Point)) < 3);
        Assert.Contains(Lists(n + 1), list => Enumerable.Range(0, n + 1).Count(last =>
        {
            var threshold = RobustConformal.AtInference([.. Others(list, last).Select(Drawn)], alpha);
            var (theta, x) = Pair(list[last]);
            return Symmetric[x].All(shown => threshold.Contains(Interval.Point(Scores[theta][shown])));
        }) < 3);
    }

    /// <remarks>All calibrations of n independent pairs with rational weights: the probability that coverage under the worst adversary lies below b is at most delta, for both kinds.</remarks>
    [Fact]
    public void Coverage_given_the_calibration_is_no_worse_than_beta()
    {
        const int n = 4;
        int[] weights = [3, 1, 4, 1, 5, 2, 1, 6];
        var total = weights.Sum();
        Rational Chance(Predicate<int> holds) => new(Enumerable.Range(0, 8).Where(pair => holds(pair)).Sum(pair => weights[pair]), total);
        foreach (var alpha in new[] { 0.2, 0.4, 0.6 })
        {
            var (laws, inference) = (new List<(Rational Coverage, Rational Mass)>(), new List<(Rational Coverage, Rational Mass)>());
            var quantiles = new Dictionary<double, double>();
            foreach (var calibration in Exact.Sequences(8, n))
            {
                var mass = calibration.Aggregate(Rational.One, (product, pair) => product * new Rational(weights[pair], total));
                var threshold = RobustConformal.AtCalibration([.. calibration.Select(pair => Interval.Point(Largest(pair, Skew)))], alpha);
                laws.Add((Chance(pair => Skew[Pair(pair).X].All(shown => threshold.Contains(Interval.Point(Scores[Pair(pair).Theta][shown])))), mass));
                var plain = RobustConformal.AtInference([.. calibration.Select(Drawn)], alpha);
                inference.Add((Chance(pair => Symmetric[Pair(pair).X].All(shown => plain.Contains(Interval.Point(Smallest(Pair(pair).Theta, shown, Symmetric))))), mass));
                foreach (var delta in new[] { 0.5, 0.1, 0.01 })
                {
                    quantiles[delta] = threshold.CoverageQuantile(delta);
                }
            }

            foreach (var (delta, b) in quantiles)
            {
                Assert.All(new[] { laws, inference }, law => Assert.True(law.Where(one => one.Coverage.CompareTo(b) < 0).Aggregate(Rational.Zero, (sum, one) => sum + one.Mass) <= Rational.Of(delta), $"{alpha}, {delta}"));
            }
        }
    }

    /// <remarks>All samples of four audited pairs, exact and loose bounds: the lower bound lies above the coverage with probability at most alpha.</remarks>
    [Fact]
    public void An_audit_is_a_lower_bound_of_the_coverage_of_this_set()
    {
        int[] weights = [3, 1, 4, 1, 5, 2, 1, 6];
        var total = weights.Sum();
        var threshold = new RobustThreshold(9, 9, Interval.Point(2));
        foreach (var looser in new[] { 0.0, 0.5 })
        {
            var coverage = new Rational(Enumerable.Range(0, 8).Where(pair => Largest(pair, Skew) <= 2).Sum(pair => weights[pair]), total);
            foreach (var alpha in new[] { 0.5, 0.2, 0.05 })
            {
                var missed = Rational.Zero;
                foreach (var sample in Exact.Sequences(8, 4))
                {
                    var bound = threshold.Audit([.. sample.Select(pair => new Interval(0, Largest(pair, Skew) + looser))], alpha);
                    missed += coverage.CompareTo(bound) < 0 ? sample.Aggregate(Rational.One, (product, pair) => product * new Rational(weights[pair], total)) : Rational.Zero;
                }

                Assert.True(missed <= Rational.Of(alpha), $"{alpha}: {missed}");
            }
        }

        Assert.True(threshold.Audit([.. Enumerable.Repeat(Interval.Point(2), 500)], 0.05) > 0.99);
    }

    [Fact]
    public void Infinite_bounds_and_wrong_numbers()
    {
        Interval[] scores = [Interval.Point(1), Interval.Entire, new(3, Up), Interval.Point(2)];
        var threshold = RobustConformal.AtCalibration(scores, 0.5);
        Assert.Equal((3, new Interval(2, Up)), (threshold.Rank, threshold.Enclosure));
        Assert.True(threshold.Contains(Interval.Point(1e300)) && threshold.ContainsAll(Interval.Entire));
        var finite = RobustConformal.AtCalibration(scores, 0.61);
        Assert.Equal(2, finite.Value);
        Assert.Equal(1, finite.Enclosure.Lower);
        Assert.True(finite.Contains(Interval.Point(2)) && finite.Contains(new(1.9, 5)) && finite.Contains(Interval.Entire) && !finite.Contains(Interval.Point(2.0000001)));
        Assert.True(finite.ContainsAll(new(-9, 2)) && !finite.ContainsAll(new(1.9, 2.0000001)) && !finite.ContainsAll(Interval.Entire));
        Assert.Equal(Up, RobustConformal.AtInference([], 0.1).Value);
        foreach (var wrong in new Action[]
        {
            () => RobustConformal.AtCalibration(scores, 0), () => RobustConformal.AtInference(scores, 1), () => RobustConformal.AtInference(scores, double.NaN), () => finite.CoverageQuantile(0.6), () => finite.Audit([], 0.1),
            () => finite.Audit(scores, 0.7), () => RobustConformal.AtCalibration([], 0.1).CoverageQuantile(0.1),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static bool IsCovered(int[] list, int last, int[][] ball, double alpha, Func<double, Interval> bound)
    {
        var threshold = RobustConformal.AtInference([.. Others(list, last).Select(pair => bound(Drawn(pair).Lower))], alpha);
        var (theta, x) = Pair(list[last]);
        return ball[x].All(shown => threshold.Contains(bound(Smallest(theta, shown, ball))));
    }

    private static (int Theta, int X) Pair(int pair) => (pair / 4, pair % 4);

    private static Interval Drawn(int pair) => Interval.Point(Scores[pair / 4][pair % 4]);

    private static double Largest(int pair, int[][] ball) => ball[pair % 4].Max(x => Scores[pair / 4][x]);

    private static double Smallest(int theta, int shown, int[][] ball) => ball[shown].Min(x => Scores[theta][x]);

    /// <summary>All lists of pairs but for their order, which does not matter before the shuffle.</summary>
    private static int[][] Lists(int length) => Sorted[length];

    private static IEnumerable<int> Others(int[] list, int last) => list.Where((_, i) => i != last);
}
