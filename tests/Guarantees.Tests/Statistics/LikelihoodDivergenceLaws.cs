using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;
using Interval = Guarantees.Arithmetic.Interval;

namespace Guarantees.Tests.Statistics;

/// <summary>The theorem on finite priors, the term at one theta against values, the quotient of two confidence bounds, and how often it holds.</summary>
public class LikelihoodDivergenceLaws
{
    /// <remarks>Priors of two to six atoms, log likelihoods that differ by up to 3. Divergence by its definition; where E_mu e^d = 1 it is the bound.</remarks>
    [Fact]
    public void The_divergence_is_at_most_the_mean_term_over_the_evidence_and_equal_where_the_evidence_stays()
    {
        var (random, near) = (new Random(1), 0);
        for (var trial = 0; trial < 20_000; trial++)
        {
            var n = random.Next(2, 7);
            double[] Draw(double scale) => [.. Enumerable.Range(0, n).Select(_ => scale * random.NextDouble())];
            var (prior, first) = (Draw(1), Draw(1));
            var scale = Math.Pow(10, -3 * random.NextDouble());
            double[] change = [.. Draw(scale).Select(d => 3 * (d - (0.5 * scale)))];
            double z = Mean(first), moved = Mean([.. first.Zip(change, (l, d) => l * Math.Exp(d))]);
            if (trial % 3 == 0)
            {
                change = [.. change.Select(d => d - Math.Log(moved / z))];
                moved = z;
            }

            var truth = Mean([.. first.Zip(change, (l, d) => l / z * (Math.Log(moved / z) - d))]);
            var bound = Mean([.. first.Zip(change, (l, d) => l * (Math.Exp(d) - 1 - d))]) / z;
            Assert.True(truth <= bound + 1e-12, $"trial {trial}: {truth} above {bound}");
            near += Math.Abs(truth - bound) <= 1e-12 + (1e-9 * bound) ? 1 : 0;

            double Mean(double[] values) => values.Zip(prior, (v, p) => v * p).Sum() / prior.Sum();
        }

        Assert.True(near >= 20_000 / 3, $"{near} equal");
    }

    /// <summary>A term holds L (e^d - 1 - d) for every pair of the ranges, and is that number where they are points, also where the difference cancels.</summary>
    [Fact]
    public void The_term_at_one_theta_holds_every_value_and_is_sharp_at_points()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 20_000; trial++)
        {
            var unit = Math.Round(4 * ((2 * random.NextDouble()) - 1), 2);
            var value = new Interval(unit - 5, unit + (2 * random.NextDouble()) - 1.5);
            var middle = Math.Pow(10, -12 * random.NextDouble()) * 4 * ((2 * random.NextDouble()) - 1);
            var reach = random.Next(3) == 0 ? 0 : 2 * Math.Abs(middle) * random.NextDouble();
            var change = new Interval(middle - reach, middle + reach);
            var term = LikelihoodDivergence.Term(value, change, unit);
            for (var k = 0; k < 20; k++)
            {
                var d = k == 0 ? change.Lower : k == 1 ? change.Upper : Pick(change);
                var exact = Math.Exp((k < 2 ? value.Upper : Pick(value)) - unit) * Excess(d);
                Assert.True(exact <= term * (1 + 1e-14), $"trial {trial}: {exact:R} at {d:R} of {change}, {term:R}");
            }

            var sharp = LikelihoodDivergence.Term(Interval.Point(value.Upper), Interval.Point(middle), unit);
            var truth = Math.Exp(value.Upper - unit) * Excess(middle);
            Assert.InRange(sharp, truth * (1 - 1e-14), truth * (1 + Math.Max(1e-9, Math.Abs(middle) < 1e-4 ? 1e-3 : 0)));
        }

        Assert.Equal(0, LikelihoodDivergence.Term(new Interval(-1, 0), Interval.Point(0), 0));
        Assert.Equal(double.PositiveInfinity, LikelihoodDivergence.Term(Interval.Entire, Interval.Point(0.1), 0));
        Assert.Equal(double.PositiveInfinity, LikelihoodDivergence.Term(Interval.Point(0), new Interval(double.NegativeInfinity, 0), 0));

        double Pick(Interval of) => of.Lower + (of.Width * random.NextDouble());
    }

    /// <remarks>Three theta with terms 0, 0.1, 0.5 and M = 0.5: the quotient of the means is known. 2000 tables of 200 draws at 0.9: above 260 misses has probability below 1e-4 if a tenth misses; the seed is fixed.</remarks>
    [Fact]
    public void The_bound_covers_the_quotient_and_comes_down_to_it()
    {
        Assert.True(1 - Binomial.CDF(0.1, 2000, 260) < 1e-4);
        var (random, misses) = (new Random(3), 0);
        (double Term, double Likelihood)[] atoms = [(0, 0.2), (0.1, 0.9), (0.5, 0.6)];
        var truth = atoms.Average(atom => atom.Term) / atoms.Average(atom => atom.Likelihood);
        for (var trial = 0; trial < 2000; trial++)
        {
            misses += Sample(200, 0.9) < truth ? 1 : 0;
        }

        Assert.True(misses <= 260, $"{misses} misses");
        Assert.InRange(Sample(1_000_000, 0.99), truth, 1.01 * truth);

        double Sample(int n, double confidence)
        {
            var drawn = Enumerable.Range(0, n).Select(_ => atoms[random.Next(3)]).ToArray();
            double[] none = [.. drawn.Select(_ => 0.0)];
            return LikelihoodDivergence.Bound([none, [.. drawn.Select(atom => atom.Term)]], 0.5, [.. drawn.Select(atom => atom.Likelihood)], confidence).Divergence;
        }
    }

    [Fact]
    public void Without_a_range_or_evidence_nothing_follows_and_above_the_range_counts_as_its_end()
    {
        double[] terms = [0.1, 0.2, 7], likelihoods = [0.5, 0.6, 0.7];
        Assert.Equal(double.PositiveInfinity, LikelihoodDivergence.Bound([terms], double.PositiveInfinity, likelihoods, 0.9).Divergence);
        Assert.Equal(double.PositiveInfinity, LikelihoodDivergence.Bound([terms], 1, [0, 0, 0], 0.9).Divergence);
        Assert.Equal(LikelihoodDivergence.Bound([[0.1, 0.2, 1]], 1, likelihoods, 0.9), LikelihoodDivergence.Bound([terms], 1, likelihoods, 0.9));
        var (many, evidence) = (Enumerable.Repeat(0.0, 1000).ToArray(), Enumerable.Repeat(0.5, 1000).ToArray());
        Assert.Equal(0, LikelihoodDivergence.Bound([many], 0, evidence, 0.9).Divergence);
        Assert.Throws<ArgumentOutOfRangeException>(() => LikelihoodDivergence.Bound([terms], -1, likelihoods, 0.9));
        Assert.Throws<ArgumentOutOfRangeException>(() => LikelihoodDivergence.Bound([terms], double.NaN, likelihoods, 0.9));
        Assert.Throws<ArgumentOutOfRangeException>(() => LikelihoodDivergence.Bound([], 1, likelihoods, 0.9));
    }

    /// <summary>e^d - 1 - d by its series where the difference cancels.</summary>
    private static double Excess(double d)
    {
        if (Math.Abs(d) > 0.5)
        {
            return Math.Exp(d) - 1 - d;
        }

        var (sum, power) = (0.0, d);
        for (var k = 2; k < 25; k++)
        {
            power *= d / k;
            sum += power;
        }

        return sum;
    }
}
