using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>The score interval is what its formula says, and no guarantee: its coverage, by exact summation, falls far below the confidence it states.</summary>
/// <remarks>Mutants planted and found: z of one side; half of z² in the denominator.</remarks>
public class WilsonTests
{
    /// <remarks>The smallest coverage on the grid i/1024 of 10 trials at 95 %, as the documentation of the class states it; and below the lower end for one success of 100.</remarks>
    [Fact]
    public void Its_coverage_falls_below_the_confidence_as_documented()
    {
        var bounds = Enumerable.Range(0, 11).Select(k => Wilson.Bounds(k, 10, 0.95)).ToArray();
        var (least, at) = Enumerable.Range(0, 1025).Select(i => (Coverage(bounds, i / 1024.0), i)).Min();
        Assert.Equal((0.8374, 18), (Math.Floor(1e4 * least) / 1e4, at));
        var hundred = Enumerable.Range(0, 101).Select(k => Wilson.Bounds(k, 100, 0.95)).ToArray();
        Assert.Equal(0.8378, Math.Floor(1e4 * Coverage(hundred, Math.BitDecrement(hundred[1].Lower))) / 1e4);
        foreach (var (n, confidence) in new[] { (5, 0.9), (10, 0.99), (40, 0.95), (100, 0.99) })
        {
            var own = Enumerable.Range(0, n + 1).Select(k => Wilson.Bounds(k, n, confidence)).ToArray();
            Assert.True(own.Min(interval => Coverage(own, Math.BitDecrement(Math.Max(interval.Lower, double.Epsilon)))) < confidence - 0.01, $"{n} trials at {confidence} are covered");
        }
    }

    /// <remarks>The ends solve (k - n p)² = z² n p (1 - p) with z = 1.959963984540054 and 2.5758293035489004 (tables).</remarks>
    [Theory]
    [InlineData(0.95, 1.959963984540054)]
    [InlineData(0.99, 2.5758293035489004)]
    public void The_ends_solve_the_equation(double confidence, double z)
    {
        foreach (var (k, n) in new[] { (0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (17, 400), (500, 1000) })
        {
            var interval = Wilson.Bounds(k, n, confidence);
            foreach (var p in new[] { interval.Lower, interval.Upper }.Where(p => p is > 0 and < 1))
            {
                Assert.InRange(((k - (n * p)) * (k - (n * p))) - (z * z * n * p * (1 - p)), -1e-9 * n, 1e-9 * n);
            }

            Assert.True(interval.Contains(k / (double)n));
            Assert.Equal(k == 0, interval.Lower == 0);
            Assert.Equal(k == n, interval.Upper == 1);
            var mirrored = Wilson.Bounds(n - k, n, confidence);
            Assert.InRange(mirrored.Upper, 1 - interval.Lower - 1e-12, 1 - interval.Lower + 1e-12);
        }
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[] { () => Wilson.Bounds(1, 0, 0.9), () => Wilson.Bounds(-1, 3, 0.9), () => Wilson.Bounds(4, 3, 0.9), () => Wilson.Bounds(1, 3, 1), () => Wilson.Bounds(1, 3, 0.4), () => Wilson.Bounds(1, 3, double.NaN) })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static double Coverage(Interval[] bounds, double p) =>
        Exact.Sum(Exact.Binomial(bounds.Length - 1, Rational.Of(p)), k => bounds[k].Contains(p)).RoundDown();
}
