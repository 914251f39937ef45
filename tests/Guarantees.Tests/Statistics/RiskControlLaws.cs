using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Parameters chosen by their losses: exact error probabilities over all samples, and the exact mean loss over all lists of exchangeable losses.</summary>
/// <remarks>
/// Mutants planted and found: the sum without the largest loss; 1/2 more than n + 1; bounds at 1/2 for delta; p-values with floor for ceiling, without e, with n + 1 for n, for means above the risk, and 1 close below it.
/// And: conformal risk control with 0.8 of each loss; a parameter that fails passed over; p-values for a risk of 1/2 in place of the allowed, and times 0.6; Holm's procedure exchanged for the fixed
/// sequence and the other way round; no correction for the number of parameters.
/// </remarks>
public class RiskControlLaws
{
    /// <remarks>
    /// Loss j is 1 where the observation lies below q_j: one observation, three parameters that fail together, risks falling or not. Observations are cells between the q; all samples of 7, or of 5 in every order where
    /// the bound depends on it. At a risk just below a q the error is largest.
    /// </remarks>
    [Theory]
    [InlineData(MeanBound.Hoeffding)]
    [InlineData(MeanBound.BinaryKl)]
    [InlineData(MeanBound.Bentkus)]
    [InlineData(MeanBound.EmpiricalBernstein)]
    [InlineData(MeanBound.Betting)]
    public void A_parameter_chosen_with_confidence_has_too_large_a_risk_with_at_most_delta(MeanBound bound)
    {
        var samples = bound == MeanBound.Betting ? Exact.Sequences(4, 5).Select(path => (path, BigInteger.One)) : Exact.Samples(4, 7);
        var list = samples.ToArray();
        foreach (var (order, risks) in new[] { (new[] { 0, 1, 2 }, new[] { 10, 6, 2 }), ([0, 1, 2], [13, 12, 11]), ([1, 0, 2], [14, 9, 1]), ([2, 1, 0], [12, 8, 4]) })
        {
            // Cell c, c = 0 to 3: below risks[i] for the first 3 - c of risks in descending order.
            var cells = new[] { risks[2], risks[1] - risks[2], risks[0] - risks[1], 16 - risks[0] };
            foreach (var (risk, delta) in risks.SelectMany(q => new[] { (Math.BitDecrement(q / 16.0), 0.5), (Math.BitDecrement(q / 16.0), 0.2), (q / 16.0, 0.5) }))
            {
                var wrong = Rational.Zero;
                foreach (var (path, orders) in list)
                {
                    double[][] losses = [.. order.Select(i => path.Select(cell => cell < 3 - i ? 1.0 : 0).ToArray())];
                    if (RiskControl.WithConfidence(losses, risk, delta, bound) is { } chosen && new Rational(risks[order[chosen]], 16).CompareTo(risk) > 0)
                    {
                        wrong += path.Aggregate(new Rational(orders, 1), (product, cell) => product * new Rational(cells[cell], 16));
                    }
                }

                Assert.True(wrong <= Rational.Of(delta), $"{bound}, {risk:R}, {delta}: wrong with {wrong.RoundUp()}");
            }
        }
    }

    /// <remarks>The same of what is learnt and then tested: any parameter returned with too large a risk. Also that bounds certify at all, and that Holm returns what Bonferroni does, and more.</remarks>
    [Theory]
    [InlineData(MultipleTest.Bonferroni)]
    [InlineData(MultipleTest.Holm)]
    [InlineData(MultipleTest.FixedSequence)]
    public void No_certified_parameter_has_too_large_a_risk_but_with_delta(MultipleTest test)
    {
        var list = Exact.Samples(4, 7).ToArray();
        foreach (var (order, risks) in new[] { (new[] { 2, 1, 0 }, new[] { 10, 6, 2 }), ([0, 1, 2], [13, 12, 11]), ([1, 0, 2], [15, 12, 1]) })
        {
            var cells = new[] { risks[2], risks[1] - risks[2], risks[0] - risks[1], 16 - risks[0] };
            foreach (var (risk, delta) in risks.SelectMany(q => new[] { (Math.BitDecrement(q / 16.0), 0.5), (Math.BitDecrement(q / 16.0), 0.2) }))
            {
                var (wrong, certified) = (Rational.Zero, 0);
                foreach (var (path, orders) in list)
                {
                    double[][] losses = [.. order.Select(i => path.Select(cell => cell < 3 - i ? 1.0 : 0).ToArray())];
                    var found = LearnThenTest.Certified(losses, risk, delta, test);
                    certified += found.Count;
                    wrong += found.Any(j => new Rational(risks[order[j]], 16).CompareTo(risk) > 0) ? path.Aggregate(new Rational(orders, 1), (product, cell) => product * new Rational(cells[cell], 16)) : Rational.Zero;
                    Assert.True(test != MultipleTest.Holm || LearnThenTest.Certified(losses, risk, delta, MultipleTest.Bonferroni).All(found.Contains));
                }

                Assert.True(wrong <= Rational.Of(delta), $"{test}, {risk:R}, {delta}: wrong with {wrong.RoundUp()}");
                Assert.True(certified > 0 || risk < 0.2);
            }
        }
    }

    /// <remarks>
    /// Four cells of probability 1/4, and the loss of parameter j is 0 in cell j alone: risks of 3/4, just too large, and parameters that err apart. All samples of four; delta from the smallest p-value on. Tested one by one,
    /// or taken wherever the bound holds, they would be wrong four times as often. Bonferroni's error is attained.
    /// </remarks>
    [Fact]
    public void Parameters_that_err_apart_are_paid_for()
    {
        var risk = Math.BitDecrement(0.75);
        var smallest = LearnThenTest.PValue([0, 0, 0, 0], risk);
        Assert.InRange(smallest * 256, 1, 1 + 1e-12);
        foreach (var delta in new[] { 1.001, 2, 3, 4.001 }.Select(factor => factor * smallest))
        {
            var wrong = new int[5];
            foreach (var path in Exact.Sequences(4, 4))
            {
                double[][] losses = [.. Enumerable.Range(0, 4).Select(j => path.Select(cell => cell == j ? 0.0 : 1).ToArray())];
                wrong[0] += LearnThenTest.Certified(losses, risk, delta, MultipleTest.Bonferroni).Count > 0 ? 1 : 0;
                wrong[1] += LearnThenTest.Certified(losses, risk, delta, MultipleTest.Holm).Count > 0 ? 1 : 0;
                wrong[2] += LearnThenTest.Certified(losses, risk, delta, MultipleTest.FixedSequence).Count > 0 ? 1 : 0;
                wrong[3] += RiskControl.WithConfidence(losses, risk, delta, MeanBound.BinaryKl) is null ? 0 : 1;
                wrong[4] += RiskControl.WithConfidence(losses, risk, delta, MeanBound.Bentkus) is null ? 0 : 1;
            }

            Assert.All(wrong, count => Assert.True(count <= 256 * delta, $"{delta}: wrong {string.Join(' ', wrong)} of 256"));
            Assert.Equal(delta > 4 * smallest ? (4, 4, 1, 1) : (0, 0, 1, 1), (wrong[0], wrong[1], wrong[2], wrong[3]));
        }
    }

    /// <remarks>Coins with the risk allowed as mean: P(p &lt;= t) &lt;= t at each t that occurs; and losses between 0 and 1, three values. The formula written out.</remarks>
    [Fact]
    public void P_values_are_valid_and_those_of_the_formula()
    {
        foreach (var n in new[] { 1, 4, 20 })
        {
            foreach (var risk in new[] { 0.0625, 0.3, 0.5, 0.9 })
            {
                var values = Enumerable.Range(0, n + 1).Select(k => LearnThenTest.PValue([.. Enumerable.Range(0, n).Select(i => i < k ? 1.0 : 0)], risk)).ToArray();
                var mass = Exact.Binomial(n, Rational.Of(risk));
                Assert.All(values, t => Assert.True(Exact.Sum(mass, k => values[k] <= t).CompareTo(t) <= 0));
                for (var k = 0; k <= n; k++)
                {
                    var q = k / (double)n;
                    var kl = q >= risk ? 1 : Math.Exp(-n * ((q == 0 ? 0 : q * Math.Log(q / risk)) + ((1 - q) * Math.Log((1 - q) / (1 - risk)))));
                    var expected = Math.Min(1, Math.Min(kl, Math.E * Exact.AtMost(k, n, risk).RoundUp()));
                    Assert.InRange(values[k], expected * (1 - 1e-14), expected * (1 + 1e-10));
                }
            }
        }

        foreach (var (a, b) in new[] { (4, 8), (1, 14), (10, 3), (12, 0) })
        {
            var law = new[] { new Rational(a, 16), new Rational(b, 16), new Rational(16 - a - b, 16) };
            var risk = ((0.5 * b) + 16 - a - b) / 16;
            var outcomes = Exact.Sequences(3, 5).Select(path => (P: LearnThenTest.PValue([.. path.Select(i => 0.5 * i)], risk), Mass: path.Aggregate(Rational.One, (product, i) => product * law[i]))).ToArray();
            foreach (var t in outcomes.Select(outcome => outcome.P).Distinct())
            {
                Assert.True(outcomes.Where(outcome => outcome.P <= t).Aggregate(Rational.Zero, (sum, outcome) => sum + outcome.Mass).CompareTo(t) <= 0, $"{a}, {b}: {t:R}");
            }
        }

        // A sum between whole numbers is rounded up: 1.5 of 6 counts as 2.
        Assert.Equal(LearnThenTest.PValue([1, 1, 0, 0, 0, 0], 0.9) < LearnThenTest.PValue([1, 0.5, 0, 0, 0, 0], 0.9), BinaryKl.Divergence(2 / 6.0, 0.9).Lower > BinaryKl.Divergence(0.25, 0.9).Lower);
        Assert.InRange(Bentkus.Tail(1.5, 6, 0.75), Math.E * Exact.AtMost(2, 6, 0.75).RoundUp() * (1 - 1e-15), Math.E * Exact.AtMost(2, 6, 0.75).RoundUp() * (1 + 1e-14));
        Assert.Equal((1, 1), (Bentkus.Tail(6, 6, 0.75), Bentkus.Tail(5.5, 6, 0.75)));
    }

    /// <remarks>
    /// Losses of three parameters that never rise, of 0, 1/2 and 1: ten kinds of observation. All lists of four, each member the new one in turn: its mean loss is at most the risk allowed, with loss 0 where none is chosen. It is
    /// attained.
    /// </remarks>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_mean_loss_of_a_new_observation_is_at_most_the_risk_allowed(int size)
    {
        double[][] kinds = [.. Exact.Sequences(3, 3).Where(steps => steps[0] >= steps[1] && steps[1] >= steps[2]).Select(steps => steps.Select(step => 0.5 * step).ToArray())];
        Assert.Equal(10, kinds.Length);
        foreach (var risk in new[] { 0.25, 0.3, 0.375, 0.5, 0.625, 0.75, 0.9 })
        {
            var largest = Rational.Zero;
            foreach (var list in Exact.Sequences(10, size).Where(list => list.SequenceEqual(list.Order())))
            {
                var loss = Rational.Zero;
                for (var last = 0; last < size; last++)
                {
                    var others = list.Where((_, i) => i != last).ToArray();
                    double[][] losses = [.. Enumerable.Range(0, 3).Select(j => others.Select(kind => kinds[kind][j]).ToArray())];
                    loss += RiskControl.OnAverage(losses, risk, 1) is { } chosen ? Rational.Of(kinds[list[last]][chosen]) : Rational.Zero;
                }

                loss *= new Rational(1, size);
                largest = loss > largest ? loss : largest;
                Assert.True(loss <= Rational.Of(risk), $"{string.Join(' ', list)} at {risk}: {loss}");
            }

            Assert.True(risk * size < 1 || largest.Sign > 0);
        }
    }

    /// <remarks>The coverage loss gives split conformal prediction: parameters are thresholds, the loss is 1 where the score is larger, and the first one chosen is the smallest threshold not below its own.</remarks>
    [Fact]
    public void The_loss_of_missing_gives_split_conformal_prediction()
    {
        for (var n = 1; n <= 30; n++)
        {
            double[] scores = [.. Enumerable.Range(0, n).Select(i => (double)(i * 11 % 13))];
            double[][] losses = [.. Enumerable.Range(0, 14).Select(threshold => scores.Select(score => score > threshold ? 1.0 : 0).ToArray())];
            foreach (var alpha in new[] { 0.1, 0.2, 0.25, 0.5, 0.75 })
            {
                var expected = SplitConformal.Threshold(scores, alpha);
                Assert.Equal(double.IsInfinity(expected) ? null : (int)expected, RiskControl.OnAverage(losses, alpha, 1));
            }
        }
    }

    /// <remarks>The first from the cautious end on whose bound holds; one that fails stops the search, whatever comes before it.</remarks>
    [Fact]
    public void The_search_stops_at_the_first_that_fails()
    {
        double[] none = new double[100], half = [.. Enumerable.Range(0, 100).Select(i => i % 2.0)];
        Assert.Equal(2, RiskControl.WithConfidence([none, half, none], 0.1, 0.1, MeanBound.BinaryKl));
        Assert.Equal(0, RiskControl.WithConfidence([none, none, none], 0.1, 0.1, MeanBound.BinaryKl));
        Assert.Null(RiskControl.WithConfidence([none, none, half], 0.1, 0.1, MeanBound.BinaryKl));
        Assert.Equal([0, 2], LearnThenTest.Certified([none, half, none], 0.1, 0.1, MultipleTest.Holm));
        Assert.Equal([0], LearnThenTest.Certified([none, half, none], 0.1, 0.1, MultipleTest.FixedSequence));
        Assert.Equal(1, RiskControl.OnAverage([[4, 4, 4], [2, 1, 0]], 2, 4));
        Assert.Null(RiskControl.OnAverage([[4, 4, 4], [2, 2, 0.5]], 2, 4));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => RiskControl.WithConfidence([], 0.1, 0.1, MeanBound.Hoeffding), () => RiskControl.WithConfidence([[0], [0, 0]], 0.1, 0.1, MeanBound.Hoeffding), () => RiskControl.WithConfidence([[0]], 1, 0.1, MeanBound.Hoeffding),
            () => RiskControl.WithConfidence([[0]], 0.1, 0, MeanBound.Hoeffding), () => RiskControl.WithConfidence([[2]], 0.1, 0.1, MeanBound.Hoeffding), () => RiskControl.WithConfidence([[0]], 0.1, 0.1, (MeanBound)9),
            () => RiskControl.OnAverage([], 0.1, 1), () => RiskControl.OnAverage([[0.5], [0.75]], 0.5, 1), () => RiskControl.OnAverage([[2]], 0.5, 1), () => RiskControl.OnAverage([[double.NaN]], 0.5, 1), () => RiskControl.OnAverage([[0]], 1, 1),
            () => RiskControl.OnAverage([[0]], 0.5, 0), () => LearnThenTest.PValue([], 0.5), () => LearnThenTest.PValue([0.5], 0), () => LearnThenTest.PValue([1.5], 0.5), () => LearnThenTest.Certified([[0.5]], 0.5, 0.1, (MultipleTest)9),
            () => LearnThenTest.Certified([[0.5]], 0.5, 0.9, MultipleTest.Holm),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }
}
