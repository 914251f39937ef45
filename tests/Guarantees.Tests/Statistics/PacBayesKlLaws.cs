using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Maurer's bound: the sum on which it rests, the formula, and its statement about all posteriors at once, by exact enumeration.</summary>
/// <remarks>Mutants planted and found: without the root of n; n for it; 1 for the factor 2; without the divergence of Q (by enumeration too); n + 1 for n. The bound has room: enumeration alone finds one of them.</remarks>
public class PacBayesKlLaws
{
    /// <remarks>The sum of C(n, k) (k / n)^k (1 - k / n)^(n - k) is at most 2 sqrt(n), squared and exact: also for n below 8, which the source does not treat, and by how much.</remarks>
    [Fact]
    public void The_sum_is_at_most_twice_the_root()
    {
        for (var n = 1; n <= 60; n++)
        {
            var sum = Enumerable.Range(0, n + 1).Aggregate(Rational.Zero, (total, k) => total + (new Rational(Exact.Choose(n, k), 1) * Exact.Power(new Rational(k, n), k) * Exact.Power(new Rational(n - k, n), n - k)));
            Assert.True(sum * sum <= new Rational(4 * n, 1), $"n = {n}: {sum}");
            if (n <= 7)
            {
                Assert.Equal(new[] { 2, 2.5, 2.89, 3.22, 3.51, 3.77, 4.02 }[n - 1], Math.Round(sum.RoundUp(), 2, MidpointRounding.AwayFromZero));
            }
        }
    }

    /// <remarks>n kl(q, bound) = KL + ln(2 sqrt(n) / alpha), written out.</remarks>
    [Fact]
    public void The_ends_solve_the_equation()
    {
        foreach (var (q, divergence, n, alpha) in new[] { (0.1, 2.5, 100, 0.05), (0.0, 0.0, 10, 0.5), (0.3, 40.0, 5000, 0.01), (0.5, 1.0, 1000, 0.1) })
        {
            var budget = (divergence + Math.Log(2 * Math.Sqrt(n) / alpha)) / n;
            var (u, l) = (PacBayesKl.Upper(q, divergence, n, alpha), PacBayesKl.Lower(q, divergence, n, alpha));
            Assert.InRange(BinaryKl.Divergence(q, u).Middle, budget * (1 - 1e-9), budget * (1 + 1e-9));
            Assert.True(q == 0 ? l == 0 : Math.Abs(BinaryKl.Divergence(q, l).Middle - budget) <= 1e-9 * budget);
            Assert.True(PacBayesKl.Upper(q, divergence + 1, n, alpha) >= u && PacBayesKl.Upper(q, divergence, n, alpha / 2) >= u && PacBayesKl.Upper(q, divergence, 2 * n, alpha) <= u);
        }
    }

    /// <remarks>
    /// Three predictors with losses 0 and 1 of one observation, of any dependence; P uniform; posteriors at points, at pairs and uniform. The probability that any of these seven posteriors leaves its bounds is at most alpha.
    /// </remarks>
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(3, 0.5)]
    [InlineData(4, 0.25)]
    public void All_posteriors_hold_together(int n, double alpha)
    {
        (int[] Members, double Divergence)[] posteriors =
        [
            ([0], Elementary.LogUpper(3)), ([1], Elementary.LogUpper(3)), ([2], Elementary.LogUpper(3)), ([0, 1], Elementary.LogUpper(1.5)), ([0, 2], Elementary.LogUpper(1.5)), ([1, 2], Elementary.LogUpper(1.5)), ([0, 1, 2], 0),
        ];
        foreach (var weights in new[] { new[] { 1, 1, 1, 1, 1, 1, 1, 1 }, [9, 1, 2, 0, 3, 0, 0, 1], [15, 0, 0, 0, 0, 0, 0, 1], [1, 2, 4, 0, 8, 0, 0, 1], [0, 1, 1, 0, 1, 0, 0, 13] })
        {
            var total = weights.Sum();
            var missed = Rational.Zero;
            foreach (var (draws, orders) in Exact.Samples(8, n))
            {
                var mass = draws.Aggregate(new Rational(orders, 1), (product, draw) => product * new Rational(weights[draw], total));
                if (mass.Sign == 0)
                {
                    continue;
                }

                var misses = posteriors.Any(q =>
                {
                    var hits = draws.Sum(draw => q.Members.Count(member => ((draw >> member) & 1) == 1));
                    var risk = new Rational(Enumerable.Range(0, 8).Sum(draw => weights[draw] * q.Members.Count(member => ((draw >> member) & 1) == 1)), total * q.Members.Length);
                    var empirical = hits / (double)(n * q.Members.Length);
                    return risk.CompareTo(PacBayesKl.Upper(empirical, q.Divergence, n, alpha)) > 0 || risk.CompareTo(PacBayesKl.Lower(empirical, q.Divergence, n, alpha)) < 0;
                });
                missed += misses ? mass : Rational.Zero;
            }

            Assert.True(missed <= Rational.Of(alpha), $"{missed}");
        }
    }
}
