using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>The divergence of coins against exact rationals, its inverses, and the bounds of means that follow.</summary>
/// <remarks>
/// The referee: exp(n kl(k / n, p)) = (k / (n p))^k ((n - k) / (n (1 - p)))^(n - k) is a rational number for a double p. Mutants planted and found: p / q in the logarithm; an inequality of 0.999999 c; 1 - 0.999 p in the second
/// term; ln(2 / alpha); n + 1 for n; bounds brought back to the range with the wrong width, on each side. Not found: the lower end of the mean's enclosure for upper bounds, a part in 1e16.
/// </remarks>
public class BinaryKlLaws
{
    private static readonly Interval Unit = new(0, 1);

    [Fact]
    public void The_divergence_is_enclosed_and_its_enclosure_is_narrow()
    {
        foreach (var n in new[] { 1, 2, 4, 16, 64 })
        {
            for (var k = 0; k <= n; k += Math.Max(1, n / 8))
            {
                foreach (var p in new[] { 1e-9, 0.01, 0.1, 0.3, 0.5, 0.77, 1 - 1e-6 })
                {
                    var (kl, power) = (BinaryKl.Divergence(k / (double)n, p), ExpDivergence(k, n, p));
                    Assert.True(power.CompareTo(Elementary.ExpLower(n * kl.Lower)) >= 0 && power.CompareTo(Elementary.ExpUpper(n * kl.Upper)) <= 0, $"kl({k}/{n}, {p:R}) = {kl}");
                    Assert.InRange(kl.Width, 0, 1e-13 * (1 + kl.Upper));
                }
            }
        }

        Assert.Equal((0, 0), (BinaryKl.Divergence(0, 0).Upper, BinaryKl.Divergence(1, 1).Upper));
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity), (BinaryKl.Divergence(0.5, 0).Lower, BinaryKl.Divergence(0.5, 1).Lower));
    }

    /// <remarks>With c = ln(1 / alpha) / n the inequality is exp(n kl) >= 1 / alpha, exactly; a relative 1e-9 further inside it fails.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(128)]
    public void Every_bound_satisfies_its_inequality_exactly_and_hardly_more(int n)
    {
        foreach (var k in new[] { 0, 1, n / 4, n / 2, n - 1, n }.Distinct())
        {
            foreach (var alpha in new[] { 0.5, 0.0625, Math.ScaleB(1, -30) })
            {
                var goal = Rational.One / Rational.Of(alpha);
                var (l, u) = (BinaryKl.Lower(Coins(k, n), Unit, alpha), BinaryKl.Upper(Coins(k, n), Unit, alpha));
                Assert.True(l <= k / (double)n && k / (double)n <= u);
                Assert.True(k == n ? u == 1 : ExpDivergence(k, n, u) >= goal && ExpDivergence(k, n, u * (1 - 1e-9)) < goal, $"upper bound of {k} of {n} at {alpha}: {u:R}");
                Assert.True(k == 0 ? l == 0 : ExpDivergence(k, n, l) >= goal && ExpDivergence(k, n, l * (1 + 1e-9)) < goal, $"lower bound of {k} of {n} at {alpha}: {l:R}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(30)]
    public void Coins_are_covered_at_the_worst_probabilities(int n)
    {
        foreach (var alpha in new[] { 0.5, 0.1, 0.01 })
        {
            var upper = Enumerable.Range(0, n + 1).Select(k => BinaryKl.Upper(Coins(k, n), Unit, alpha)).ToArray();
            var lower = Enumerable.Range(0, n + 1).Select(k => BinaryKl.Lower(Coins(k, n), Unit, alpha)).ToArray();
            foreach (var p in upper[..n].Select(Math.BitIncrement).Concat(lower[1..].Select(Math.BitDecrement)))
            {
                var mass = Exact.Binomial(n, Rational.Of(p));
                Assert.True(Exact.Sum(mass, k => upper[k] < p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
                Assert.True(Exact.Sum(mass, k => lower[k] > p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
            }
        }
    }

    /// <remarks>Closed forms at 0: 1 - exp(-c). Never wider than Hoeffding's, mirrored, moved with the range, nested.</remarks>
    [Fact]
    public void Closed_forms_neighbours_and_symmetries()
    {
        Assert.InRange(BinaryKl.UpperInverse(0, 0.25), 1 - Math.Exp(-0.25), 1 - Math.Exp(-0.25) + 1e-11);
        Assert.InRange(BinaryKl.LowerInverse(1, 0.25), Math.Exp(-0.25) - 1e-11, Math.Exp(-0.25));
        Assert.Equal((1, 0), (BinaryKl.UpperInverse(1, 3), BinaryKl.LowerInverse(0, 3)));
        Assert.InRange(BinaryKl.UpperInverse(0, 0), 0, 1e-300);
        Assert.InRange(BinaryKl.LowerInverse(1, 0), 1 - 1e-11, 1);
        Assert.InRange(BinaryKl.UpperInverse(0.3, 0), 0.3, 0.3 + 1e-7);
        Assert.Equal(1, BinaryKl.UpperInverse(0.3, double.PositiveInfinity));
        foreach (var sample in new double[][] { [0.25, 0.5, 0.125, 1, 0, 0.75], [0, 0, 0.0625], [1, 1, 1, 0.9375, 1, 1, 1, 1, 1, 1] })
        {
            foreach (var alpha in new[] { 0.5, 0.05, 1e-6 })
            {
                var (l, u) = (BinaryKl.Lower(sample, Unit, alpha), BinaryKl.Upper(sample, Unit, alpha));
                Assert.True(Hoeffding.Lower(sample, Unit, alpha) <= l + 1e-12 && u <= Hoeffding.Upper(sample, Unit, alpha) + 1e-12);
                Assert.True(BinaryKl.Lower(sample, Unit, alpha / 2) <= l && u <= BinaryKl.Upper(sample, Unit, alpha / 2));
                double[] mirrored = [.. sample.Select(x => 1 - x)], moved = [.. sample.Select(x => (4 * x) - 1)];
                Assert.InRange(BinaryKl.Lower(mirrored, Unit, alpha), 1 - u - 1e-11, 1 - u + 1e-11);
                Assert.InRange(BinaryKl.Upper(moved, new(-1, 3), alpha), (4 * u) - 1 - 1e-11, (4 * u) - 1 + 1e-11);
                Assert.InRange(BinaryKl.Lower(moved, new(-1, 3), alpha), (4 * l) - 1 - 1e-11, (4 * l) - 1 + 1e-11);
            }
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => BinaryKl.Divergence(-0.1, 0.5), () => BinaryKl.Divergence(0.5, 1.5), () => BinaryKl.Divergence(double.NaN, 0.5), () => BinaryKl.UpperInverse(0.5, -1), () => BinaryKl.LowerInverse(0.5, double.NaN),
            () => BinaryKl.UpperInverse(2, 1), () => BinaryKl.Upper([], Unit, 0.1), () => BinaryKl.Lower([0.5], Unit, 0), () => PacBayesKl.Upper(0.5, -1, 10, 0.1), () => PacBayesKl.Upper(0.5, double.NaN, 10, 0.1),
            () => PacBayesKl.Upper(1.5, 0, 10, 0.1), () => PacBayesKl.Lower(0.5, 0, 0, 0.1), () => PacBayesKl.Lower(0.5, 0, 10, 0.9),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }

    private static Rational ExpDivergence(int k, int n, double p)
    {
        var hit = Rational.Of(p);
        return Exact.Power(new Rational(k, n) / hit, k) * Exact.Power(new Rational(n - k, n) / (Rational.One - hit), n - k);
    }

    private static double[] Coins(int k, int n) => [.. Enumerable.Range(0, n).Select(i => i < k ? 1.0 : 0)];
}
