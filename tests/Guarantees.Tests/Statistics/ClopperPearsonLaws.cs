using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;
using Interval = Guarantees.Arithmetic.Interval;

namespace Guarantees.Tests.Statistics;

/// <summary>Coverage by summation in exact rationals, the defining inequality at every bound, and how tight bounds are.</summary>
/// <remarks>
/// The worst p for upper bounds are those just above a bound: between two bounds the set of counts that miss p is {0, ..., k} and P(X &lt;= k) falls with p. So the first law is a proof for every p in [0, 1], for its n.
/// Mutants planted and found: the end of the bisection that does not hold; one term too few of the exact sum; ratios with n - i + 2; the sum ended at a rest of a thousandth; Stirling's series with 1/300; its sign;
/// p for 1 - p in lower bounds; two sides without halving alpha; alpha 1 % too large in the exact sum; exact tails rounded down, at most and at least.
/// </remarks>
public class ClopperPearsonLaws
{
    /// <remarks>Exact sums up to 128 trials: the next double, and not one below the probability.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(29)]
    [InlineData(128)]
    public void Tails_of_few_trials_are_the_next_doubles_above(int n)
    {
        foreach (var p in new[] { 0.1, 0.3, 0.75, 0.9 })
        {
            for (var k = 0; k < n; k++)
            {
                var (below, above) = (Exact.AtMost(k, n, p), Exact.AtLeast(k + 1, n, p));
                var (atMost, atLeast) = (BinomialTail.AtMostUpper(k, n, p), BinomialTail.AtLeastUpper(k + 1, n, p));
                Assert.True(below.CompareTo(atMost) <= 0 && below.CompareTo(Math.BitDecrement(atMost)) > 0, $"at most {k} of {n} at {p}: {atMost:R}");
                Assert.True(above.CompareTo(atLeast) <= 0 && above.CompareTo(Math.BitDecrement(atLeast)) > 0, $"at least {k + 1} of {n} at {p}: {atLeast:R}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(33)]
    [InlineData(45)]
    public void Coverage_is_never_below_the_level_at_the_worst_probabilities(int n)
    {
        foreach (var alpha in new[] { 0.5, 0.1, 0.05, 0.01, 1e-6 })
        {
            var upper = Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Upper(k, n, alpha)).ToArray();
            var lower = Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Lower(k, n, alpha)).ToArray();
            foreach (var p in upper[..n].Select(Math.BitIncrement).Concat(lower[1..].Select(Math.BitDecrement)))
            {
                var mass = Exact.Binomial(n, Rational.Of(p));
                Assert.True(Missed(mass, k => upper[k] < p) <= Rational.Of(alpha), $"upper bounds of {n} trials miss {p:R} too often at {alpha}");
                Assert.True(Missed(mass, k => lower[k] > p) <= Rational.Of(alpha), $"lower bounds of {n} trials miss {p:R} too often at {alpha}");
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(60)]
    public void Two_sided_coverage_is_never_below_the_level_on_a_grid(int n)
    {
        foreach (var confidence in new[] { 0.5, 0.9, 0.99 })
        {
            var bounds = Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Bounds(k, n, confidence)).ToArray();
            for (var i = 0; i <= 64; i++)
            {
                var missed = Missed(Exact.Binomial(n, new Rational(i, 64)), k => !bounds[k].Contains(i / 64.0));
                Assert.True(missed <= Rational.One - Rational.Of(confidence), $"{n} trials, {i}/64, {confidence}: {missed}");
            }
        }
    }

    /// <remarks>On both sides of the change from exact to outward-rounded arithmetic. A number a relative 1e-8 further inside no longer has the inequality.</remarks>
    [Theory]
    [InlineData(127, 1e-11)]
    [InlineData(129, 1e-8)]
    [InlineData(200, 1e-8)]
    [InlineData(300, 1e-8)]
    public void Every_bound_satisfies_its_inequality_exactly_and_hardly_more(int n, double close)
    {
        foreach (var k in new[] { 0, 1, 2, 5, 15, 16, 17, n / 3, n / 2, n - 17, n - 2, n - 1, n })
        {
            foreach (var alpha in new[] { 0.5, 0.05, 0.001, 1e-12 })
            {
                var (l, u) = (ClopperPearson.Lower(k, n, alpha), ClopperPearson.Upper(k, n, alpha));
                Assert.InRange(k / (double)n, l, u);
                if (k < n)
                {
                    Assert.True(Exact.AtMost(k, n, u) <= Rational.Of(alpha), $"upper bound of {k} of {n} at {alpha}");
                    Assert.True(Exact.AtMost(k, n, u * (1 - close)) > Rational.Of(alpha), $"upper bound of {k} of {n} at {alpha} is loose");
                }

                if (k > 0)
                {
                    Assert.True(Exact.AtLeast(k, n, l) <= Rational.Of(alpha), $"lower bound of {k} of {n} at {alpha}");
                    Assert.True(Exact.AtLeast(k, n, l * (1 + close)) > Rational.Of(alpha), $"lower bound of {k} of {n} at {alpha} is loose");
                }
            }
        }
    }

    /// <remarks>The tail itself, not the search: outward-rounded and exact arithmetic at the same places.</remarks>
    [Fact]
    public void The_bound_of_the_tail_is_never_below_it_and_close()
    {
        foreach (var (k, n) in new[] { (0, 40), (1, 40), (15, 40), (16, 40), (24, 40), (39, 40), (3, 300), (20, 300), (150, 300), (299, 300) })
        {
            foreach (var p in new[] { (k + 1.0) / n, (k + 4.0) / n, 0.5, 0.75, 0.99, 1 - 1e-9 }.Where(p => p * (n + 1) > k && p < 1))
            {
                var (exact, bound) = (Exact.AtMost(k, n, p), BinomialTail.Bound(k, n, Interval.Point(p), Interval.Point(1) - p));
                Assert.True(exact <= Rational.Of(bound), $"P(Bin({n}, {p:R}) <= {k})");
                Assert.True(bound == 1 || bound < 1e-290 || Rational.Of(bound) <= exact * new Rational(10_000_001, 10_000_000), $"P(Bin({n}, {p:R}) <= {k}) is bounded loosely by {bound:R}");
            }
        }
    }

    /// <remarks>No successes: 1 - alpha^(1/n). All but one: p^n = 1 - alpha. The other way round for lower bounds.</remarks>
    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void Closed_forms(int n)
    {
        foreach (var alpha in new[] { 0.05, 0.005 })
        {
            var power = Math.Log(alpha) / n;
            var none = -Math.Tanh(power / 2) * (Math.Exp(power) + 1); // 1 - e^power without cancellation
            Assert.InRange(ClopperPearson.Upper(0, n, alpha), none * (1 - 1e-12), none * (1 + 1e-8));
            Assert.InRange(ClopperPearson.Upper(n - 1, n, alpha), Math.Pow(1 - alpha, 1.0 / n) - 1e-12, Math.Pow(1 - alpha, 1.0 / n) + 1e-9);
            Assert.InRange(ClopperPearson.Lower(n, n, alpha), Math.Pow(alpha, 1.0 / n) * (1 - 1e-8), Math.Pow(alpha, 1.0 / n) * (1 + 1e-12));
            Assert.Equal((0, 1), (ClopperPearson.Lower(0, n, alpha), ClopperPearson.Upper(n, n, alpha)));
        }
    }

    /// <remarks>An independent source where exact sums are too long: quantiles of the beta distribution by another library, good to about 1e-9 there. The bound is outside, and close.</remarks>
    [Theory]
    [InlineData(12, 10_000)]
    [InlineData(5_000, 10_000)]
    [InlineData(99_000, 100_000)]
    [InlineData(300_000, 1_000_000)]
    public void Large_counts_agree_with_quantiles_of_the_beta_distribution(int k, int n)
    {
        var (u, l) = (ClopperPearson.Upper(k, n, 0.005), ClopperPearson.Lower(k, n, 0.005));
        var (beta, below) = (Beta.InvCDF(k + 1, n - k, 0.995), Beta.InvCDF(k, n - k + 1, 0.005));
        Assert.InRange(u, beta - 1e-7, beta + 1e-7);
        Assert.InRange(l, below - 1e-7, below + 1e-7);
    }

    [Fact]
    public void A_billion_trials_end_in_seconds() => Assert.InRange(ClopperPearson.Upper(500_000_000, 1_000_000_000, 0.01), 0.5 + 3.6e-5, 0.5 + 3.7e-5);

    [Property(MaxTest = 60)]
    public Property Bounds_are_ordered_and_mirror_each_other() => Prop.ForAll(
        Gen.Choose(1, 400).SelectMany(n => Gen.Choose(0, n).SelectMany(k => Gen.Elements(0.5, 0.2, 0.01, 1e-9).Select(alpha => (k, n, alpha)))).ToArbitrary(),
        item =>
        {
            var (k, n, alpha) = item;
            var (l, u) = (ClopperPearson.Lower(k, n, alpha), ClopperPearson.Upper(k, n, alpha));
            return 0 <= l && l <= k / (double)n && k / (double)n <= u && u <= 1
                && Math.Abs(1 - ClopperPearson.Upper(n - k, n, alpha) - l) <= 1e-9
                && ClopperPearson.Upper(k, n, alpha / 2) >= u
                && (k == n || ClopperPearson.Upper(k + 1, n, alpha) >= u)
                && ClopperPearson.Bounds(k, n, 1 - (2 * alpha * (1 - 1e-15)) is var c && c >= 0.5 ? c : 0.5).Upper >= u - 1e-9;
        });

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => ClopperPearson.Upper(1, 0, 0.1), () => ClopperPearson.Upper(-1, 3, 0.1), () => ClopperPearson.Upper(4, 3, 0.1), () => ClopperPearson.Upper(1, 3, 0), () => ClopperPearson.Upper(1, 3, 0.6),
            () => ClopperPearson.Lower(1, 3, double.NaN), () => ClopperPearson.Upper(1, ClopperPearson.MostTrials + 1, 0.1), () => ClopperPearson.Bounds(1, 3, 1), () => ClopperPearson.Bounds(1, 3, 0.4),
            () => ClopperPearson.Bounds(1, 3, double.NaN),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static Rational Missed(Rational[] mass, Predicate<int> misses) =>
        mass.Where((_, k) => misses(k)).Aggregate(Rational.Zero, (sum, term) => sum + term);
}
