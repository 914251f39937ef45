using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Tests of many hypotheses: their error over all couplings of a kind and all p-values of false hypotheses, closed testing as a second source, and the laws of e-values.</summary>
/// <remarks>
/// Mutants planted and found: m - 1 for m; a share rounded up; Holm with one hypothesis fewer left, in the order given, that does not count down, and without the largest so far; a first test that always rejects; an average over m - 1; a product rounded up, a p-value down.
/// </remarks>
public class MultipleTestingLaws
{
    private const int K = 16;

    /// <remarks>
    /// p-values of true hypotheses are uniform on 1/16, ..., 1 and shifts of one number modulo 1, which makes small p-values disjoint: the worst dependence. Those of false hypotheses take all values. At alpha = 3/16 and 6/16
    /// Bonferroni's bound is attained for three true hypotheses.
    /// </remarks>
    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void The_probability_of_any_wrong_rejection_is_at_most_alpha(int sixteenths)
    {
        var alpha = sixteenths / (double)K;
        var most = new Dictionary<string, int>();
        foreach (var truth in Enumerable.Range(1, 7)) // bits: which of three hypotheses are true
        {
            foreach (var numbers in Exact.Sequences(K, 3)) // shifts of true, p-values of false hypotheses
            {
                var (bonferroni, holm, sequence) = (0, 0, 0);
                for (var z = 0; z < K; z++)
                {
                    double[] p = [.. numbers.Select((number, i) => ((truth >> i) & 1) == 1 ? (((z + number) % K) + 1) / (double)K : number / (double)K)];
                    bool Wrong(bool[] rejected) => Enumerable.Range(0, 3).Any(i => rejected[i] && ((truth >> i) & 1) == 1);
                    bonferroni += Wrong(Bonferroni.Rejected(p, alpha)) ? 1 : 0;
                    holm += Wrong(Holm.Rejected(p, alpha)) ? 1 : 0;
                    sequence += Wrong(FixedSequence.Rejected(p, alpha)) ? 1 : 0;
                }

                Assert.True(bonferroni <= sixteenths && holm <= sixteenths && sequence <= sixteenths, $"true {truth}, {string.Join(' ', numbers)}: {bonferroni}, {holm}, {sequence} of {K}");
                most["bonferroni"] = Math.Max(bonferroni, most.GetValueOrDefault("bonferroni"));
                most["holm"] = Math.Max(holm, most.GetValueOrDefault("holm"));
                most["sequence"] = Math.Max(sequence, most.GetValueOrDefault("sequence"));
            }
        }

        Assert.All(most, pair => Assert.Equal(sixteenths, pair.Value));
    }

    /// <remarks>Holm's test is the closed test of Bonferroni's: i is rejected if and only if every set of hypotheses with i has a p-value of at most alpha over its size.</remarks>
    [Fact]
    public void Holm_is_closed_testing_and_rejects_at_least_as_much_as_Bonferroni()
    {
        foreach (var numbers in Exact.Sequences(7, 4))
        {
            double[] p = [.. numbers.Select(i => i / 16.0)];
            const double alpha = 0.25;
            var holm = Holm.Rejected(p, alpha);
            for (var i = 0; i < 4; i++)
            {
                var closed = Enumerable.Range(1, 15).Where(set => ((set >> i) & 1) == 1).All(set =>
                {
                    var members = Enumerable.Range(0, 4).Where(j => ((set >> j) & 1) == 1).ToArray();
                    return members.Any(j => members.Length * p[j] <= alpha);
                });
                Assert.Equal(closed, holm[i]);
                Assert.Equal(4 * p[i] <= alpha, Bonferroni.Rejected(p, alpha)[i]);
                Assert.True(holm[i] || !Bonferroni.Rejected(p, alpha)[i]);
                Assert.Equal(p[..(i + 1)].All(q => q <= alpha), FixedSequence.Rejected(p, alpha)[i]);
            }
        }
    }

    /// <remarks>Holm's procedure by its definition: hypothesis (i) in rising order is rejected while p(i) &lt;= alpha / (d - i + 1).</remarks>
    [Fact]
    public void Adjusted_p_values_are_those_of_the_step_down_procedure()
    {
        var random = new SeededGenerator(4);
        for (var r = 0; r < 300; r++)
        {
            double[] values = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => random.Next(40) / 200.0)];
            var adjusted = Holm.Adjusted(values);
            for (var alpha = 0.0005; alpha < 0.5; alpha += 0.001)
            {
                var stop = values.Order().Select((p, i) => (p, i)).FirstOrDefault(item => item.p > alpha / (values.Length - item.i), (p: double.PositiveInfinity, i: 0)).p;
                Assert.Equal(values.Select(p => p < stop), adjusted.Select(p => p <= alpha));
                Assert.Equal(Holm.Rejected(values, alpha), adjusted.Select(p => p <= alpha));
            }
        }
    }

    [Fact]
    public void Shares_add_up_to_at_most_alpha()
    {
        foreach (var (alpha, m) in new[] { (0.05, 1), (0.05, 3), (0.1, 7), (0.5, 1000) })
        {
            var share = Bonferroni.Share(alpha, m);
            Assert.True(Rational.Of(share) * new Rational(m, 1) <= Rational.Of(alpha));
            Assert.InRange(share, alpha / m * (1 - 1e-15), alpha / m);
        }
    }

    /// <remarks>E-values with values 0, 1/2 and 3 and mean 1 (probabilities 1/2, 3/10, 2/10 or others), independent for products, and equal or opposite for averages.</remarks>
    [Fact]
    public void Merged_e_values_have_mean_at_most_one_and_small_tails()
    {
        var values = new[] { 0.0, 0.5, 3 };
        var weights = new[] { new Rational(1, 2), new Rational(4, 15), new Rational(7, 30) };
        Assert.True((weights[1] * Rational.Of(0.5)) + (weights[2] * Rational.Of(3)) <= Rational.One);
        var (product, average, tails) = (Rational.Zero, Rational.Zero, new Dictionary<double, Rational>());
        foreach (var path in Exact.Sequences(3, 3))
        {
            var mass = path.Aggregate(Rational.One, (whole, i) => whole * weights[i]);
            double[] e = [.. path.Select(i => values[i])];
            product += mass * Rational.Of(EValues.Product(e));
            average += mass * Rational.Of(EValues.Average(e));
            foreach (var p in new[] { EValues.PValue(EValues.Product(e)), EValues.PValue(EValues.Average(e)) + 2 })
            {
                tails[p] = tails.GetValueOrDefault(p) + mass;
            }
        }

        Assert.True(product <= Rational.One && average <= Rational.One);
        foreach (var level in tails.Keys)
        {
            var tail = tails.Where(pair => level < 2 ? pair.Key <= level : pair.Key >= 2 && pair.Key <= level).Aggregate(Rational.Zero, (sum, pair) => sum + pair.Value);
            Assert.True(tail.CompareTo(level < 2 ? level : level - 2) <= 0, $"{level}");
        }

        // Equal e-values: the average stays one, the product does not: its condition is needed.
        var equal = weights.Select((mass, i) => (mass, new[] { values[i], values[i] })).ToArray();
        Assert.True(equal.Aggregate(Rational.Zero, (sum, item) => sum + (item.mass * Rational.Of(EValues.Average(item.Item2)))) <= Rational.One);
        Assert.True(equal.Aggregate(Rational.Zero, (sum, item) => sum + (item.mass * Rational.Of(EValues.Product(item.Item2)))) > Rational.One);
    }

    [Fact]
    public void E_values_are_rounded_down_and_p_values_up()
    {
        double[] e = [0.1, 1.7, 23.3, 1e-5, 1e7];
        var exact = e.Select(Rational.Of).ToArray();
        Assert.True(exact.Aggregate(Rational.One, (product, x) => product * x).CompareTo(EValues.Product(e)) >= 0);
        Assert.True((exact.Aggregate(Rational.Zero, (sum, x) => sum + x) / new Rational(5, 1)).CompareTo(EValues.Average(e)) >= 0);
        Assert.InRange(EValues.Product(e), 396.1 * (1 - 1e-14), 396.1 * (1 + 1e-14));
        Assert.InRange(EValues.Average(e), 2000005.02000200 * (1 - 1e-14), 2000005.02000200 * (1 + 1e-14));
        Assert.True((Rational.One / Rational.Of(3.3)).CompareTo(EValues.PValue(3.3)) <= 0);
        Assert.Equal((1, 1, 0.25, 0), (EValues.PValue(0), EValues.PValue(1), EValues.PValue(4), EValues.PValue(double.PositiveInfinity)));
        Assert.Equal(double.PositiveInfinity, EValues.Average([1, double.PositiveInfinity]));
        Assert.Equal(0, EValues.Product([0, double.PositiveInfinity]));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => Bonferroni.Rejected([], 0.1), () => Bonferroni.Rejected([1.1], 0.1), () => Holm.Rejected([double.NaN], 0.1), () => Holm.Adjusted([]), () => Holm.Adjusted([1.5]), () => Holm.Rejected([0.1], 0), () => FixedSequence.Rejected([-0.1], 0.1), () => FixedSequence.Rejected([0.1], 0.6),
            () => Bonferroni.Share(0.1, 0), () => Bonferroni.Share(0, 1), () => EValues.Average([]), () => EValues.Product([-1]), () => EValues.PValue(double.NaN),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }
}
