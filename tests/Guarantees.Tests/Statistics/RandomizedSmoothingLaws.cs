using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Bounds for estimators with noise on their data, against estimators whose average over the noise is known in closed form, and against any set of data.</summary>
/// <remarks>
/// Probabilities of the truth come from another library, good to about 1e-14; a bound may lie below the truth by 1e-12 and no more. Mutants planted and found: total variation and the shift of a lowered
/// probability 1 % short, Kullback-Leibler 2 %, the argument of a raised probability 1 %.
/// </remarks>
public class RandomizedSmoothingLaws
{
    private const double Close = 1e-12;

    /// <remarks>q(. | x) = N(w x, t²) becomes N(w x, t² + w² s²). With t = 0 the bounds are attained: nothing is lost in them.</remarks>
    [Theory]
    [InlineData(0, 0.3, 1.0)]
    [InlineData(0, 2.5, 0.5)]
    [InlineData(0, 1e-3, 7.0)]
    [InlineData(1, 0.3, 1.0)]
    [InlineData(0.1, 4, 2.0)]
    public void Linear_Gaussian_estimators_never_move_further_and_the_point_at_x_as_far(double spread, double radius, double noise)
    {
        const double w = 1.7;
        var deviation = Math.Sqrt((spread * spread) + (w * w * noise * noise));
        var shift = w * radius / deviation;
        var (variation, divergence) = ((2 * Phi(shift / 2)) - 1, shift * shift / 2);
        var hellinger = Math.Sqrt(1 - Math.Exp(-shift * shift / 8));
        var (tv, kl, h) = (RandomizedSmoothing.TotalVariation(radius, noise), RandomizedSmoothing.KullbackLeibler(radius, noise), RandomizedSmoothing.Hellinger(radius, noise));
        Assert.True(variation <= tv + Close && divergence <= kl * (1 + Close) && hellinger <= h + Close);
        foreach (var level in new[] { -3.0, -1, 0, 0.4, 2, 5 })
        {
            // The event theta >= level at x0 = 0, and at x = radius or -radius.
            var (at, above, below) = (Phi(-level / deviation), Phi(shift - (level / deviation)), Phi(-shift - (level / deviation)));
            var (raised, lowered) = (RandomizedSmoothing.Raised(at, radius, noise), RandomizedSmoothing.Lowered(at, radius, noise));
            Assert.True(above <= raised + Close && below >= lowered - Close, $"{level}: {above:R} {raised:R}, {below:R} {lowered:R}");
            Assert.True(spread > 0 || (raised <= above + 1e-9 && lowered >= below - 1e-9));
        }

        Assert.True(spread > 0 || (tv <= variation + 1e-12 && kl <= divergence * (1 + 1e-12) && h <= hellinger + 1e-12));
    }

    /// <remarks>
    /// Deterministic estimators with an answer in A for x in two intervals: all numbers of the two data sets are known, and the two-point distances of (in A, not in A) must not exceed the bounds. The
    /// statements are about p0 "at most" and "at least": a p0 rounded to 1 - 8e-10 has lost digits of 1 - p0, which the shift enlarges, so each gets a p0 on its own side of the truth.
    /// </remarks>
    [Property(MaxTest = 2000)]
    public Property No_set_of_data_changes_its_probability_by_more() => Prop.ForAll(
        Number(-4, 4).SelectMany(a => Number(0, 3).SelectMany(b => Number(0, 3).SelectMany(c => Number(0, 3).SelectMany(d => Number(-4, 4).SelectMany(x => Gen.Elements(0.2, 1, 3).Select(noise => (a, b, c, d, x, noise))))))).ToArbitrary(),
        item =>
        {
            var (a, b, c, d, x, noise) = item;
            double Between(double u, double v) => u > 0 ? Phi(-u) - Phi(-v) : Phi(v) - Phi(u); // in the tail that keeps its digits
            double Mass(double at) => Between((a - at) / noise, (a + b - at) / noise) + Between((a + b + c - at) / noise, (a + b + c + d - at) / noise);
            var (p0, p, radius) = (Math.Clamp(Mass(0), 0, 1), Math.Clamp(Mass(x), 0, 1), Math.Abs(x));
            var roots = Square(Math.Sqrt(p) - Math.Sqrt(p0)) + Square(Math.Sqrt(1 - p) - Math.Sqrt(1 - p0));
            return p <= RandomizedSmoothing.Raised(Math.Min(1, p0 * (1 + Close)), radius, noise) + Close && p >= RandomizedSmoothing.Lowered(p0 * (1 - Close), radius, noise) - Close
                && Math.Abs(p - p0) <= RandomizedSmoothing.TotalVariation(radius, noise) + Close
                && Math.Sqrt(roots / 2) <= RandomizedSmoothing.Hellinger(radius, noise) + 1e-9
                && Entropy(p0, p) <= RandomizedSmoothing.KullbackLeibler(radius, noise) + 1e-9;
        });

    /// <remarks>The whole statement about a ball, from draws: for the estimator that attains the bound, what k of n draws say of x is false with probability at most 1 - confidence, by exact summation over k.</remarks>
    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void What_draws_say_of_the_ball_is_false_no_more_often_than_stated(int n)
    {
        foreach (var confidence in new[] { 0.5, 0.9, 0.99 })
        {
            var bounds = Enumerable.Range(0, n + 1).Select(k => ClopperPearson.Bounds(k, n, confidence)).ToArray();
            foreach (var p in new[] { 0.03125, 0.25, 0.5, 0.6875, 0.96875 })
            {
                var mass = Exact.Binomial(n, Rational.Of(p));
                foreach (var shift in new[] { -2.0, -0.5, 0.5, 2 })
                {
                    var truth = Phi(Normal.InvCDF(0, 1, p) + shift);
                    var missed = mass.Where((_, k) => !(RandomizedSmoothing.Lowered(bounds[k].Lower, Math.Abs(shift), 1) <= truth + 1e-10 && truth - 1e-10 <= RandomizedSmoothing.Raised(bounds[k].Upper, Math.Abs(shift), 1)));
                    Assert.True(missed.Aggregate(Rational.Zero, (sum, term) => sum + term) <= Rational.One - Rational.Of(confidence));
                }
            }
        }
    }

    [Fact]
    public void Known_numbers()
    {
        Assert.InRange(RandomizedSmoothing.TotalVariation(1, 1), 0.38292492254802624 - 1e-15, 0.38292492254802624 + 1e-15);
        Assert.InRange(RandomizedSmoothing.Hellinger(2, 1), 0.62727134502332138 - 1e-12, 0.62727134502332138 + 1e-12);
        Assert.Equal(0.5, RandomizedSmoothing.KullbackLeibler(0.25, 0.25));
        Assert.InRange(RandomizedSmoothing.Raised(0.5, 1, 1), 0.84134474606854293, 0.84134474606854293 + 1e-14);
        Assert.InRange(RandomizedSmoothing.Lowered(0.5, 1, 1), 0.15865525393145707 - 1e-14, 0.15865525393145707);
        Assert.Equal((0, 0, 0, 0.3, 0.3), (RandomizedSmoothing.TotalVariation(0, 1), RandomizedSmoothing.Hellinger(0, 1), RandomizedSmoothing.KullbackLeibler(0, 1), RandomizedSmoothing.Raised(0.3, 0, 1), RandomizedSmoothing.Lowered(0.3, 0, 1)));
        Assert.Equal((1, 1, 0, 1, 0, 1), (RandomizedSmoothing.TotalVariation(1e6, 1), RandomizedSmoothing.Hellinger(1e6, 1), RandomizedSmoothing.Raised(0, 3, 1), RandomizedSmoothing.Raised(1, 3, 1), RandomizedSmoothing.Lowered(0, 3, 1), RandomizedSmoothing.Lowered(1, 3, 1)));
        Assert.InRange(RandomizedSmoothing.Raised(1e-300, 1, 1e9), 1e-300, 1.1e-300);
        Assert.InRange(RandomizedSmoothing.Lowered(1 - 1e-16, 50, 1), 0, 1e-300);
        Assert.Equal(1, RandomizedSmoothing.Raised(0.5, 100, 1));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => RandomizedSmoothing.TotalVariation(-1, 1), () => RandomizedSmoothing.TotalVariation(1, 0), () => RandomizedSmoothing.Hellinger(double.NaN, 1), () => RandomizedSmoothing.KullbackLeibler(1, double.PositiveInfinity),
            () => RandomizedSmoothing.Raised(1.5, 1, 1), () => RandomizedSmoothing.Raised(double.NaN, 1, 1), () => RandomizedSmoothing.Lowered(-0.1, 1, 1), () => RandomizedSmoothing.Lowered(0.5, 1, -1), () => RandomizedSmoothing.Raised(0.5, double.PositiveInfinity, 1),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static Gen<double> Number(double from, double to) => Gen.Choose(0, 1000).Select(i => from + ((to - from) * i / 1000));

    private static double Phi(double z) => Normal.CDF(0, 1, z);

    private static double Square(double x) => x * x;

    /// <summary>KL((p0, 1 - p0) || (p, 1 - p)).</summary>
    private static double Entropy(double p0, double p)
    {
        double Term(double a, double b) => a <= 1e-12 ? 0 : b <= 1e-13 ? 0 : a * Math.Log(a / b);
        return Term(p0, p) + Term(1 - p0, 1 - p);
    }
}
