using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Weighted conformal thresholds: exact coverage under a shift of x, the unweighted case, and a definition written out.</summary>
/// <remarks>Mutants planted and found: without the weight of the new observation; a strict comparison; an allowance of 1 - alpha, and of 1.2 alpha; weights in the order given beside sorted scores.</remarks>
public class WeightedConformalLaws
{
    /// <remarks>
    /// Six outcomes: x in 0, 1, 2, two scores each with their own odds. P and Q differ in x alone, Q / P is any multiple of the weights. All calibrations of up to four outcomes and all new ones: with the weight of the new x,
    /// and with the largest weight in its place.
    /// </remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void New_observations_from_the_other_distribution_are_covered(int n)
    {
        foreach (var (before, after, scores) in new[]
        {
            (new[] { 2, 1, 1 }, new[] { 1, 1, 2 }, new[] { 0, 1, 1, 2, 2, 3 }), ([4, 3, 1], [1, 3, 4], [0, 0, 1, 1, 5, 5]), ([1, 1, 6], [6, 1, 1], [3, 4, 1, 2, 0, 0]), ([5, 2, 1], [0, 1, 7], [1, 0, 0, 1, 2, 0]),
        })
        {
            double Weight(int outcome) => after[outcome / 2] / (double)before[outcome / 2] * 0.75;
            Rational Chance(int[] law, int outcome) => new Rational(law[outcome / 2], law.Sum()) * (outcome % 2 == 0 ? new Rational(2, 3) : new Rational(1, 3));
            var largest = Enumerable.Range(0, 6).Max(Weight);
            foreach (var alpha in new[] { 0.1, 0.25, 0.4, 0.5, 0.7 })
            {
                var (own, bounded) = (Rational.Zero, Rational.Zero);
                foreach (var path in Exact.Sequences(6, n))
                {
                    var mass = path.Aggregate(Rational.One, (product, outcome) => product * Chance(before, outcome));
                    double[] calibration = [.. path.Select(outcome => (double)scores[outcome])], weights = [.. path.Select(Weight)];
                    var limit = WeightedConformal.Threshold(calibration, weights, largest, alpha);
                    for (var next = 0; next < 6; next++)
                    {
                        var chance = mass * Chance(after, next);
                        var threshold = WeightedConformal.Threshold(calibration, weights, Weight(next), alpha);
                        Assert.True(threshold <= limit);
                        own += scores[next] <= threshold ? chance : Rational.Zero;
                        bounded += scores[next] <= limit ? chance : Rational.Zero;
                    }
                }

                Assert.True(own >= Rational.One - Rational.Of(alpha), $"{string.Join(' ', after)}, {alpha}: {own.RoundUp()}");
                Assert.True(bounded >= own);
            }
        }
    }

    /// <remarks>The smallest score t with (sum of weights of scores up to t) at least (1 - alpha) of all weights, in rational numbers; for dyadic alpha and weights nothing is lost by rounding.</remarks>
    [Fact]
    public void The_threshold_is_the_weighted_quantile()
    {
        foreach (var places in Exact.Sequences(4, 4))
        {
            double[] scores = [.. places.Select(i => (double)i)], weights = [0.5, 2, 0.125, 1];
            foreach (var (own, alpha) in new[] { (0.25, 0.25), (1.0, 0.5), (0.0, 0.125), (4.0, 0.375), (0.5, 0.875) })
            {
                var whole = Rational.Of(own) + weights.Aggregate(Rational.Zero, (sum, w) => sum + Rational.Of(w));
                var expected = scores.Order().Cast<double?>().FirstOrDefault(t => Exact.Sum([.. weights.Select(Rational.Of)], i => scores[i] <= t) >= (Rational.One - Rational.Of(alpha)) * whole) ?? double.PositiveInfinity;
                Assert.Equal(expected, WeightedConformal.Threshold(scores, weights, own, alpha));
            }
        }
    }

    [Fact]
    public void Equal_weights_give_the_unweighted_threshold()
    {
        for (var n = 0; n <= 40; n++)
        {
            double[] scores = [.. Enumerable.Range(0, n).Select(i => (double)(i * 17 % 23))];
            foreach (var alpha in new[] { 0.05, 0.1, 0.2, 0.25, 0.5, 0.9 })
            {
                Assert.Equal(SplitConformal.Threshold(scores, alpha), WeightedConformal.Threshold(scores, [.. Enumerable.Repeat(1.0, n)], 1, alpha));
            }
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => WeightedConformal.Threshold([1, 2], [1], 1, 0.1), () => WeightedConformal.Threshold([1], [-1], 1, 0.1), () => WeightedConformal.Threshold([1], [double.PositiveInfinity], 1, 0.1),
            () => WeightedConformal.Threshold([1], [1], double.NaN, 0.1), () => WeightedConformal.Threshold([double.NaN], [1], 1, 0.1), () => WeightedConformal.Threshold([1], [1], 1, 1), () => WeightedConformal.Threshold([1], [1], 1, 0),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }
}
