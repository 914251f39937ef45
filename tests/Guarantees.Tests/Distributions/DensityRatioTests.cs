using Guarantees.Distributions;
using Xunit;

namespace Guarantees.Tests.Distributions;

/// <summary>What a bound of |ln q - ln q0| on a set says about total variation, against integrals and the densities that attain it.</summary>
/// <remarks>Mutants planted and found: tanh(e) and tanh(e/4) for tanh(e/2); 1 - exp(-e)(1 + m); the mass outside left out.</remarks>
public class DensityRatioTests
{
    [Fact]
    public void Gaussians_never_differ_by_more()
    {
        var tightest = 0.0;
        foreach (var (shift, spread) in new[] { (0.02, 1.0), (0.2, 1.0), (0.0, 1.1), (-0.3, 0.8), (1.0, 1.5), (0.05, 1.01) })
        {
            foreach (var end in new[] { 0.7, 1.5, 2.5, 4.0 })
            {
                // q0 = N(0, 1), q = N(shift, spread²), A = [-end, end].
                const int steps = 40_000;
                var (e, mass0, mass, whole) = (0.0, 0.0, 0.0, 0.0);
                var points = Enumerable.Range(0, steps).Select(k => -12 + (24 * (k + 0.5) / steps)).ToArray();
                foreach (var t in points)
                {
                    var (p0, p) = (Density(t, 0, 1), Density(t, shift, spread));
                    whole += 0.5 * Math.Abs(p - p0) * 24 / steps;
                    if (Math.Abs(t) <= end)
                    {
                        (mass0, mass) = (mass0 + (p0 * 24 / steps), mass + (p * 24 / steps));
                        e = Math.Max(e, Math.Abs(Math.Log(p) - Math.Log(p0)));
                    }
                }

                var restricted = points.Where(t => Math.Abs(t) <= end).Sum(t => 0.5 * Math.Abs((Density(t, shift, spread) / mass) - (Density(t, 0, 1) / mass0)) * 24 / steps);
                Assert.True(restricted <= DensityRatio.Restricted(e) + 1e-6, $"{restricted} above {DensityRatio.Restricted(e)}");
                Assert.True(whole <= DensityRatio.Whole(e, Math.Max(0, 1 - mass0)) + 1e-6, $"{whole} above {DensityRatio.Whole(e, 1 - mass0)}");
                tightest = Math.Max(tightest, restricted / DensityRatio.Restricted(e));
            }
        }

        Assert.InRange(tightest, 0.3, 1);
    }

    /// <summary>Two points: q0 = (s, 1 - s), q = (s e^e, (1 - s) e^-e) with s = 1/(1 + e^e) differ by tanh(e/2) exactly; q = e^-e q0 with all the rest outside by 1 - e^-e (1 - m).</summary>
    [Theory]
    [InlineData(1e-9)]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(7)]
    public void Both_are_attained(double e)
    {
        var s = 1 / (1 + Math.Exp(e));
        Assert.Equal(1, (s * Math.Exp(e)) + ((1 - s) * Math.Exp(-e)), 12);
        var distance = s * (Math.Exp(e) - 1);
        Assert.InRange(DensityRatio.Restricted(e), distance * (1 - 1e-6), distance * (1 + 1e-6));
        foreach (var m in new[] { 0, 0.01, 0.5 })
        {
            // q0: 1 - m on A and m at a place where q has nothing; q: exp(-e)(1 - m) on A and the rest where q0 has nothing.
            var (on, rest) = ((1 - m) * (1 - Math.Exp(-e)), 1 - (Math.Exp(-e) * (1 - m)));
            Assert.InRange(DensityRatio.Whole(e, m), 0.5 * (on + m + rest) * (1 - 1e-6), 0.5 * (on + m + rest) * (1 + 1e-6));
        }
    }

    [Fact]
    public void Ends_of_the_ranges_are_exact_and_wrong_numbers_are_refused()
    {
        Assert.Equal(1, DensityRatio.Restricted(double.PositiveInfinity));
        Assert.Equal(1, DensityRatio.Whole(double.PositiveInfinity, 0));
        Assert.Equal(1, DensityRatio.Whole(0, 1));
        Assert.InRange(DensityRatio.Whole(0, 0), 0, 1e-15);
        Assert.InRange(DensityRatio.Restricted(0), 0, 1e-15);
        Assert.Throws<ArgumentOutOfRangeException>(() => DensityRatio.Restricted(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => DensityRatio.Whole(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DensityRatio.Whole(1, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DensityRatio.Whole(1, double.NaN));
    }

    private static double Density(double t, double mean, double deviation) => Math.Exp(-0.5 * (t - mean) * (t - mean) / (deviation * deviation)) / (deviation * Math.Sqrt(2 * Math.PI));
}
