using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Bentkus' bounds: exact coverage, the defining inequality in exact arithmetic, the rounding of sums, and closed forms.</summary>
/// <remarks>Mutants planted and found: alpha without e, with 2 for e; sums rounded the wrong way, for each side; one success too many in the lower tail.</remarks>
public class BentkusLaws
{
    private static readonly Interval Unit = new(0, 1);

    /// <summary>A rational number just above e = 2.718281828459045235...</summary>
    private static readonly Rational E = new(2718281828459045236, 1_000_000_000_000_000_000);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(25)]
    public void Coins_are_covered_at_the_worst_probabilities(int n)
    {
        foreach (var alpha in new[] { 0.5, 0.1, 0.01 })
        {
            var upper = Enumerable.Range(0, n + 1).Select(k => Bentkus.Upper(Coins(k, n), Unit, alpha)).ToArray();
            var lower = Enumerable.Range(0, n + 1).Select(k => Bentkus.Lower(Coins(k, n), Unit, alpha)).ToArray();
            foreach (var p in upper[..n].Select(Math.BitIncrement).Concat(lower[1..].Select(Math.BitDecrement)).Concat(Enumerable.Range(0, 17).Select(i => i / 16.0)))
            {
                var mass = Exact.Binomial(n, Rational.Of(p));
                Assert.True(Exact.Sum(mass, k => upper[k] < p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
                Assert.True(Exact.Sum(mass, k => lower[k] > p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
            }
        }
    }

    /// <remarks>Values 0, 1/2 and 1, brought to [-3, 1], n = 9: all counts.</remarks>
    [Fact]
    public void Three_values_are_covered()
    {
        const int n = 9;
        const double alpha = 0.25;
        var range = new Interval(-3, 1);
        foreach (var (a, b) in new[] { (1, 1), (3, 4), (7, 1), (1, 7), (2, 6), (5, 3) })
        {
            var weights = new[] { new Rational(a, 9), new Rational(b, 9), new Rational(9 - a - b, 9) };
            var mean = (weights[0] * Rational.Of(-3)) - weights[1] + weights[2];
            var (above, below) = (Rational.Zero, Rational.Zero);
            for (var i = 0; i <= n; i++)
            {
                for (var j = 0; i + j <= n; j++)
                {
                    double[] sample = [.. Enumerable.Repeat(-3.0, i), .. Enumerable.Repeat(-1.0, j), .. Enumerable.Repeat(1.0, n - i - j)];
                    var mass = new Rational(Exact.Choose(n, i) * Exact.Choose(n - i, j), 1) * Exact.Power(weights[0], i) * Exact.Power(weights[1], j) * Exact.Power(weights[2], n - i - j);
                    above += mean.CompareTo(Bentkus.Upper(sample, range, alpha)) > 0 ? mass : Rational.Zero;
                    below += mean.CompareTo(Bentkus.Lower(sample, range, alpha)) < 0 ? mass : Rational.Zero;
                }
            }

            Assert.True(above <= Rational.Of(alpha) && below <= Rational.Of(alpha), $"{a}, {b}: {above}, {below}");
        }
    }

    /// <remarks>On both sides of the change from exact to outward-rounded arithmetic. A number a relative 1e-7 further inside no longer has the inequality.</remarks>
    [Theory]
    [InlineData(30)]
    [InlineData(128)]
    [InlineData(200)]
    public void Every_bound_satisfies_its_inequality_exactly_and_hardly_more(int n)
    {
        foreach (var k in new[] { 0, 1, 5, n / 2, n - 1, n })
        {
            foreach (var alpha in new[] { 0.5, 0.05, 1e-9 })
            {
                var (l, u) = (Bentkus.Lower(Coins(k, n), Unit, alpha), Bentkus.Upper(Coins(k, n), Unit, alpha));
                Assert.True(k == n ? u == 1 : E * Exact.AtMost(k, n, u) <= Rational.Of(alpha) && E * Exact.AtMost(k, n, u * (1 - 1e-7)) > Rational.Of(alpha), $"upper bound of {k} of {n} at {alpha}");
                Assert.True(k == 0 ? l == 0 : E * Exact.AtLeast(k, n, l) <= Rational.Of(alpha) && E * Exact.AtLeast(k, n, l * (1 + 1e-7)) > Rational.Of(alpha), $"lower bound of {k} of {n} at {alpha}");
            }
        }
    }

    /// <remarks>A sum of 2.375 of 6 has the upper bound of three ones and the lower bound of two; so it is on any range.</remarks>
    [Fact]
    public void Sums_are_rounded_outward_to_whole_numbers()
    {
        double[] sample = [0.5, 0.25, 0, 1, 0.125, 0.5];
        Assert.Equal(Bentkus.Upper(Coins(3, 6), Unit, 0.05), Bentkus.Upper(sample, Unit, 0.05));
        Assert.Equal(Bentkus.Lower(Coins(2, 6), Unit, 0.05), Bentkus.Lower(sample, Unit, 0.05));
        double[] moved = [.. sample.Select(x => (8 * x) - 5)];
        Assert.InRange(Bentkus.Upper(moved, new(-5, 3), 0.05), (8 * Bentkus.Upper(sample, Unit, 0.05)) - 5 - 1e-9, (8 * Bentkus.Upper(sample, Unit, 0.05)) - 5 + 1e-9);
        Assert.InRange(Bentkus.Lower(moved, new(-5, 3), 0.05), (8 * Bentkus.Lower(sample, Unit, 0.05)) - 5 - 1e-9, (8 * Bentkus.Lower(sample, Unit, 0.05)) - 5 + 1e-9);
        Assert.Equal((0, 0), (Bentkus.Upper([0, 0], new(0, 0), 0.1), Bentkus.Lower([0, 0], new(0, 0), 0.1)));
    }

    /// <remarks>No success: 1 - (alpha / e)^(1/n). Between the bound for coins at alpha and at alpha / 3, and mirrored.</remarks>
    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Closed_forms_and_neighbours(int n)
    {
        var expected = 1 - Math.Pow(0.05 / Math.E, 1.0 / n);
        Assert.InRange(Bentkus.Upper(new double[n], Unit, 0.05), expected * (1 - 1e-12), expected * (1 + 1e-8));
        foreach (var k in new[] { 0, 1, n / 3, n - 1, n })
        {
            var u = Bentkus.Upper(Coins(k, n), Unit, 0.05);
            Assert.InRange(u, ClopperPearson.Upper(k, n, 0.05), ClopperPearson.Upper(k, n, 0.05 / 3));
            Assert.InRange(Bentkus.Lower(Coins(n - k, n), Unit, 0.05), 1 - u - 1e-9, 1 - u + 1e-9);
            Assert.True(Bentkus.Upper(Coins(k, n), Unit, 0.01) >= u && (k == n || Bentkus.Upper(Coins(k + 1, n), Unit, 0.05) >= u));
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => Bentkus.Upper([], Unit, 0.1), () => Bentkus.Upper([2], Unit, 0.1), () => Bentkus.Lower([double.NaN], Unit, 0.1), () => Bentkus.Upper([0.5], Interval.Entire, 0.1), () => Bentkus.Lower([0.5], Unit, 0),
            () => Bentkus.Upper([0.5], Unit, 0.6),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message.Replace("does not lie in", "Expected", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    private static double[] Coins(int k, int n) => [.. Enumerable.Range(0, n).Select(i => i < k ? 1.0 : 0)];
}
