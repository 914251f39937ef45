using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Norm = Guarantees.Claims.Norm;
using Reference = MathNet.Numerics.Distributions.ChiSquared;

namespace Guarantees.Tests.Claims;

/// <summary>The chi-square distribution against closed forms and MathNet.Numerics, and Mahalanobis distances against linear algebra.</summary>
/// <remarks>Mutants seen to fail: the first factor of odd degrees; the quantile's upper end by the upper bound; a level rounded to the wrong side; the distance whitened by the reference alone.</remarks>
public class ChiSquareLaws
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(31)]
    [InlineData(100)]
    [InlineData(300)]
    public void The_enclosure_is_thin_and_holds_the_probability(int degrees)
    {
        for (var t = 1e-6; t < 1300; t *= 1.37)
        {
            var (range, reference) = (ChiSquare.Cdf(Interval.Point(t), degrees), Reference.CDF(degrees, t));
            Assert.True(range.Lower - 1e-12 <= reference && reference <= range.Upper + 1e-12, $"{degrees}, {t}: {reference:R} is not in {range}");
            Assert.True(range.Width <= 1e-11, $"{degrees}, {t}: {range} is wide");

            // Two degrees have a closed form, one the normal distribution's, whose bounds are proved elsewhere.
            if (degrees == 2)
            {
                Assert.InRange(1 - Math.Exp(-0.5 * t), range.Lower - 1e-15, range.Upper + 1e-15);
            }
            else if (degrees == 1)
            {
                var root = Interval.Point(t).Sqrt();
                Assert.True(range.Lower <= 1 - (2 * Elementary.NormalCdfLower(-root.Upper)) && range.Upper >= 1 - (2 * Elementary.NormalCdfUpper(-root.Lower)), $"{t}");
            }
        }

        Assert.Equal(0, ChiSquare.Cdf(Interval.Point(0), degrees).Upper);
        Assert.Equal(1, ChiSquare.Cdf(new(5000, double.PositiveInfinity), degrees).Upper);
        Assert.True(ChiSquare.Cdf(new(5000, double.PositiveInfinity), degrees).Lower > 0.999999);
    }

    /// <summary>F(t) of one degree is at least sqrt(2 t / pi) e^(-t / 2), also where half of t is no double.</summary>
    [Fact]
    public void The_smallest_numbers_have_a_probability()
    {
        for (var k = 1; k <= 9; k++)
        {
            var t = k * double.Epsilon;
            var range = ChiSquare.Cdf(Interval.Point(t), 1);
            Assert.InRange(Math.Sqrt(k / Math.PI) * Math.Sqrt(2 * double.Epsilon), range.Lower, range.Upper * (1 + 1e-12));
        }
    }

    [Theory]
    [InlineData(1, 0.95, 3.841458820694124)]
    [InlineData(2, 0.9, 4.605170185988092)]
    [InlineData(3, 0.5, 2.365973884375338)]
    [InlineData(10, 0.99, 23.209251158954356)]
    public void Quantiles_are_those_of_tables(int degrees, double p, double expected)
    {
        var range = ChiSquare.Quantile(p, degrees);
        Assert.InRange(expected, range.Lower - (1e-11 * expected), range.Upper + (1e-11 * expected));
        Assert.InRange(range.Width, 0, 1e-9);
        Assert.True(ChiSquare.Cdf(Interval.Point(range.Lower), degrees).Upper <= p && ChiSquare.Cdf(Interval.Point(range.Upper), degrees).Lower >= p);
    }

    [Theory]
    [InlineData("diagonal")]
    [InlineData("precision")]
    [InlineData("cholesky")]
    public void A_Mahalanobis_distance_is_that_of_linear_algebra_and_stays_within_its_bounds(string kind)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var estimator = kind switch { "diagonal" => SmallEstimators.DiagonalGaussian(seed, 2, 3), "precision" => SmallEstimators.Precision(seed, 2, 3), _ => SmallEstimators.Cholesky(seed, 2, 3) };
            var random = new Random(seed);
            var (center, theta) = (SmallEstimators.Point(random, 2, 1), SmallEstimators.Point(random, 3, 2));
            var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.Mahalanobis, Point = [.. theta], Norm = Norm.L2, Observation = [.. center], Radius = [0.1, 0.1] };
            var (largest, smallest) = (ClaimCompiler.Compile(estimator, claim), ClaimCompiler.Compile(estimator, claim with { AtLeast = 1 }));
            var (upper, lower) = (Bounds.For(largest).UpperBound(largest.Domain.Box), -Bounds.For(smallest).UpperBound(smallest.Domain.Box));
            Assert.True(largest.ExactMetric && smallest.ExactMetric && largest.Sign == 1 && smallest.Sign == -1);
            for (var k = 0; k < 20; k++)
            {
                var (angle, r) = (2 * Math.PI * random.NextDouble(), 0.1 * Math.Sqrt(random.NextDouble()));
                double[] x = [center[0] + (r * Math.Cos(angle)), center[1] + (r * Math.Sin(angle))];
                var at = SmallEstimators.At(estimator, x);
                var shift = Vector<double>.Build.Dense(theta) - at.Means[0];
                var expected = Math.Sqrt(shift.DotProduct(at.Covariances[0].Inverse() * shift));
                Assert.Equal(expected, SmallEstimators.Value(largest, x), 1e-8 * (1 + expected));
                Assert.InRange(expected, lower - 1e-9, upper + 1e-9);
            }
        }
    }

    [Fact]
    public void Levels_are_rounded_to_the_safe_side()
    {
        var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.Mahalanobis, Point = [0, 0] };
        var distance = Math.Sqrt(-2 * Math.Log(1 - 0.9));
        Assert.Equal("At every x of the set, theta lies in the highest-density region of every level from 0.900001 on.", HighestDensityRegion.Words(claim, 0, distance * (1 + 1e-12), largest: true));
        Assert.Equal("At every x of the set, theta lies outside the highest-density region of every level up to 0.899999.", HighestDensityRegion.Words(claim, distance * (1 - 1e-12), 9, largest: false));
        Assert.Equal("", HighestDensityRegion.Words(claim, 0, 60, largest: true));
        Assert.Equal("", HighestDensityRegion.Words(claim, 0, 60, largest: false));
    }

    [Fact]
    public void A_region_of_something_else_is_refused()
    {
        var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.Mahalanobis, Point = [0, 0, 0], Observation = [0, 0], Radius = [0.1, 0.1] };
        void Refused(Estimator estimator, Claim wrong, string words) => Assert.Contains(words, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, wrong)).Message, StringComparison.Ordinal);
        var one = SmallEstimators.DiagonalGaussian(1, 2, 3);
        Refused(SmallEstimators.Mixture(1, 2, 2, 3), claim, "one Gaussian component");
        Refused(one with { Family = new StudentT(new Gaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)), 5) }, claim, "of a mahalanobis");
        Refused(one, claim with { Point = [0, 0] }, "in theta; got 2");
        Refused(one, claim with { Point = [0, double.NaN, 0] }, "got NaN");
        Refused(one, claim with { IsChange = true }, "The change of mahalanobis");
        Refused(one, claim with { Quantity = Quantity.Mean }, "A theta is for the Mahalanobis distance");
        Refused(one, claim with { Kind = ClaimKind.Monotone, AtLeast = 0 }, "A theta is for the Mahalanobis distance");
    }
}
