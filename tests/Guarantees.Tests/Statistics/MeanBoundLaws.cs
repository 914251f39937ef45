using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;
using Interval = Guarantees.Arithmetic.Interval;

namespace Guarantees.Tests.Statistics;

/// <summary>Bounds of means and of distribution functions: exact coverage for numbers with two or three values, and the published formulas.</summary>
/// <remarks>
/// Mutants planted and found: Hoeffding's radius 5 % short; Maurer and Pontil's without the width of the range, with ln(1 / alpha); the mean over n + 1; a band with the radius of one side; F_n with strict inequality.
/// Coverage finds only the last, since these bounds have room for coins and three values; the formulas find the others.
/// </remarks>
public class MeanBoundLaws
{
    private static readonly Interval Unit = new(0, 1);

    /// <remarks>Numbers 0 and 1 with mean p: the counts are binomial, and every sample with k ones has the same bound.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(30)]
    public void Bounds_of_a_mean_cover_it_for_coins(int n)
    {
        foreach (var alpha in new[] { 0.5, 0.1, 0.01 })
        {
            var samples = Enumerable.Range(0, n + 1).Select(k => Enumerable.Range(0, n).Select(i => i < k ? 1.0 : 0.0).ToArray()).ToArray();
            var bounds = new List<(double[] Lower, double[] Upper)>
            {
                ([.. samples.Select(sample => Hoeffding.Lower(sample, Unit, alpha))], [.. samples.Select(sample => Hoeffding.Upper(sample, Unit, alpha))]),
            };
            if (n > 1)
            {
                bounds.Add(([.. samples.Select(sample => EmpiricalBernstein.Lower(sample, Unit, alpha))], [.. samples.Select(sample => EmpiricalBernstein.Upper(sample, Unit, alpha))]));
            }

            // A grid, and the numbers just outside each bound, where most samples miss.
            foreach (var (lower, upper) in bounds)
            {
                foreach (var p in Enumerable.Range(0, 33).Select(i => i / 32.0).Concat(upper.Select(Math.BitIncrement)).Concat(lower.Select(Math.BitDecrement)).Where(p => p is >= 0 and <= 1))
                {
                    var mass = Exact.Binomial(n, Rational.Of(p));
                    Assert.True(Sum(mass, k => upper[k] < p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
                    Assert.True(Sum(mass, k => lower[k] > p) <= Rational.Of(alpha), $"{n} coins, {p:R}, {alpha}");
                }
            }
        }
    }

    /// <remarks>Three values -1, 0 and 3 with rational probabilities: all counts enumerated. The range is scaled and shifted.</remarks>
    [Fact]
    public void Bounds_of_a_mean_and_the_band_cover_for_three_values()
    {
        const int n = 12;
        const double alpha = 0.1;
        var range = new Interval(-1, 3);
        foreach (var (a, b) in new[] { (1, 1), (4, 3), (7, 1), (1, 7), (2, 3) })
        {
            var weights = new[] { new Rational(a, 9), new Rational(b, 9), new Rational(9 - a - b, 9) };
            var mean = (new Rational(9 - a - b, 9) * Rational.Of(3)) - weights[0];
            var missed = new Rational[5];
            for (var i = 0; i <= n; i++)
            {
                for (var j = 0; i + j <= n; j++)
                {
                    var sample = Enumerable.Repeat(-1.0, i).Concat(Enumerable.Repeat(0.0, j)).Concat(Enumerable.Repeat(3.0, n - i - j)).ToArray();
                    var mass = new Rational(Exact.Choose(n, i) * Exact.Choose(n - i, j), 1) * Power(weights[0], i) * Power(weights[1], j) * Power(weights[2], n - i - j);
                    void Count(int place, bool misses) => missed[place] += misses ? mass : Rational.Zero;
                    Count(0, mean.CompareTo(Hoeffding.Upper(sample, range, alpha)) > 0);
                    Count(1, mean.CompareTo(Hoeffding.Lower(sample, range, alpha)) < 0);
                    Count(2, mean.CompareTo(EmpiricalBernstein.Upper(sample, range, alpha)) > 0);
                    Count(3, mean.CompareTo(EmpiricalBernstein.Lower(sample, range, alpha)) < 0);
                    var (f0, f1) = (weights[0], weights[0] + weights[1]);
                    Count(4, !Holds(DvoretzkyKieferWolfowitz.Band(sample, -1, alpha), f0) || !Holds(DvoretzkyKieferWolfowitz.Band(sample, 1.5, alpha), f1));
                }
            }

            Assert.All(missed, share => Assert.True(share <= Rational.Of(alpha), $"{a}, {b}: {share}"));
        }
    }

    /// <remarks>Coins: the largest deviation of the distribution functions is |mean - p|. One side and both, on a grid and just beyond the radius.</remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(40)]
    public void The_band_covers_the_distribution_function_of_coins(int n)
    {
        foreach (var alpha in new[] { 0.5, 0.1, 0.01 })
        {
            var (both, one) = (DvoretzkyKieferWolfowitz.Radius(n, alpha), DvoretzkyKieferWolfowitz.OneSidedRadius(n, alpha));
            foreach (var p in Enumerable.Range(0, 65).Select(i => new Rational(i, 64)).Concat(Enumerable.Range(0, n + 1).Select(k => new Rational(k, n) + Rational.Of(Math.BitIncrement(one)))).Where(p => p <= Rational.One))
            {
                var mass = Exact.Binomial(n, p);
                Assert.True(Sum(mass, k => (new Rational(k, n) - p).CompareTo(both) > 0 || (p - new Rational(k, n)).CompareTo(both) > 0) <= Rational.Of(alpha));
                Assert.True(Sum(mass, k => (new Rational(k, n) - p).CompareTo(one) > 0) <= Rational.Of(alpha));
                Assert.True(Sum(mass, k => (p - new Rational(k, n)).CompareTo(one) > 0) <= Rational.Of(alpha));
            }
        }
    }

    /// <remarks>Massart's 95 % radii at six N to four digits; Hoeffding for 1000 numbers in [0, 1] at 0.05 is 0.0387; Maurer and Pontil's formula written out.</remarks>
    [Fact]
    public void Published_numbers_and_formulas()
    {
        Assert.Equal([0.0960, 0.0607, 0.0429, 0.0304, 0.0192, 0.0136], new[] { 200, 500, 1000, 2000, 5000, 10_000 }.Select(n => Math.Round(DvoretzkyKieferWolfowitz.Radius(n, 0.05), 4)));
        Assert.Equal(0.0387, Math.Round(Hoeffding.Radius(1000, 1, 0.05), 4));
        double[] sample = [0.25, 0.5, 0.375, 0.25, 0.125];
        var (log, mean) = (Math.Log(2 / 0.05), 0.3);
        var variance = sample.Sum(x => (x - mean) * (x - mean)) / 4;
        var radius = Math.Sqrt(2 * variance * log / 5) + (7 * 100 * log / (3 * 4));
        Assert.InRange(EmpiricalBernstein.Upper(sample, new Interval(-50, 50), 0.05), Math.Min(50, mean + radius) - 1e-9, Math.Min(50, mean + radius) + 1e-9);
        var narrow = Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 0.4 : 0.5).ToArray();
        var expected = 0.45 + Math.Sqrt(2 * (0.0025 * 400 / 399) * log / 400) + (7 * log / (3 * 399));
        Assert.InRange(EmpiricalBernstein.Upper(narrow, Unit, 0.05), expected, expected + 1e-12);
        Assert.InRange(EmpiricalBernstein.Lower(narrow, Unit, 0.05), 0.9 - expected - 1e-12, 0.9 - expected);
    }

    [Property(MaxTest = 100)]
    public Property Bounds_hold_the_mean_of_the_sample_and_narrow_with_alpha() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 1000).Select(i => i / 1000.0)).Where(list => list.Count >= 2).ToArbitrary(),
        list =>
        {
            double[] sample = [.. list];
            var mean = sample.Average();
            bool Fits(double lower, double upper, double lower2, double upper2) => lower2 <= lower && lower <= mean + 1e-12 && mean - 1e-12 <= upper && upper <= upper2 && lower2 >= 0 && upper2 <= 1;
            var band = DvoretzkyKieferWolfowitz.Band(sample, 0.5, 0.1);
            return Fits(Hoeffding.Lower(sample, Unit, 0.1), Hoeffding.Upper(sample, Unit, 0.1), Hoeffding.Lower(sample, Unit, 0.01), Hoeffding.Upper(sample, Unit, 0.01))
                && Fits(EmpiricalBernstein.Lower(sample, Unit, 0.1), EmpiricalBernstein.Upper(sample, Unit, 0.1), EmpiricalBernstein.Lower(sample, Unit, 0.01), EmpiricalBernstein.Upper(sample, Unit, 0.01))
                && band.Contains(sample.Count(x => x <= 0.5) / (double)sample.Length);
        });

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => Hoeffding.Radius(0, 1, 0.1), () => Hoeffding.Radius(1, -1, 0.1), () => Hoeffding.Radius(1, 1, 0), () => Hoeffding.Upper([], Unit, 0.1), () => Hoeffding.Upper([2], Unit, 0.1),
            () => Hoeffding.Lower([double.NaN], Unit, 0.1), () => Hoeffding.Upper([0.5], Interval.Entire, 0.1), () => EmpiricalBernstein.Upper([0.5], Unit, 0.1), () => EmpiricalBernstein.Lower([0.5, 0.5], Unit, 0.7),
            () => DvoretzkyKieferWolfowitz.Radius(0, 0.1), () => DvoretzkyKieferWolfowitz.OneSidedRadius(3, 0.51), () => DvoretzkyKieferWolfowitz.Band([1, double.NaN], 0, 0.1), () => DvoretzkyKieferWolfowitz.Band([1], double.NaN, 0.1),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }

    private static bool Holds(Interval band, Rational value) => value.CompareTo(band.Lower) >= 0 && value.CompareTo(band.Upper) <= 0;

    private static Rational Power(Rational value, int power) => Enumerable.Repeat(value, power).Aggregate(Rational.One, (product, factor) => product * factor);

    private static Rational Sum(Rational[] mass, Predicate<int> misses) => mass.Where((_, k) => misses(k)).Aggregate(Rational.Zero, (sum, term) => sum + term);
}
