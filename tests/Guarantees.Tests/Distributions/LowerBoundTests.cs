using Guarantees.Claims;
using Guarantees.Distributions;
using Xunit;

namespace Guarantees.Tests.Distributions;

public class LowerBoundTests
{
    /// <summary>
    /// 300 repetitions at confidence 0.8. If each failed with probability 0.2, more than 95 failures have probability below 1e-6 (binomial tail, 5 standard
    /// deviations above 60); the bound is conservative, so far fewer are seen. An error of twice the standard error in the bound's centre would be noticed.
    /// </summary>
    [Fact]
    public void Total_variation_bound_fails_at_most_as_often_as_stated()
    {
        var estimator = SmallEstimators.Mixture(2, 2, 3, 1);
        double[] x0 = [0.1, 0.2], x = [0.4, -0.1];
        var truth = Integrals.TotalVariation(SmallEstimators.At(estimator, x0), SmallEstimators.At(estimator, x));
        var bounds = Enumerable.Range(0, 300).Select(seed => SampledLowerBound.Between(Metric.TotalVariation, estimator.Network, estimator.Family, x, x0, 2_000, seed, 0.8)).ToArray();
        Assert.True(bounds.Count(bound => bound > truth + 1e-6) <= 95);
        Assert.True(bounds.Average() > 0.7 * truth, $"{bounds.Average()} against {truth}");
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.01)]
    public void Total_variation_bound_is_close_with_many_draws(double step)
    {
        var estimator = SmallEstimators.Mixture(4, 2, 4, 1);
        double[] x0 = [0.1, 0.2], x = [0.1 + step, 0.2 - step];
        var truth = Integrals.TotalVariation(SmallEstimators.At(estimator, x0), SmallEstimators.At(estimator, x));
        Assert.InRange(SampledLowerBound.Between(Metric.TotalVariation, estimator.Network, estimator.Family, x, x0, seed: 3), 0.9 * truth, truth);
    }

    [Theory]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.Wasserstein2)]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.KlReverse)]
    [InlineData(Metric.JensenShannon)]
    public void Lower_bounds_of_the_metric_lie_below_the_truth_and_the_compiled_value(Metric metric)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var estimator = SmallEstimators.Mixture(seed, 2, 3, 1);
            double[] x0 = [0.1, 0.2], x = [0.6, -0.1];
            var claim = SmallEstimators.Robustness(metric, x0, 1);
            var problem = ClaimCompiler.Compile(estimator, claim);
            var (q0, q) = (SmallEstimators.At(estimator, x0), SmallEstimators.At(estimator, x));
            var truth = metric switch
            {
                Metric.TotalVariation => Integrals.TotalVariation(q0, q),
                Metric.Hellinger => Integrals.Hellinger(q0, q),
                Metric.Kl => Integrals.Kl(q0, q),
                Metric.KlReverse => Integrals.Kl(q, q0),
                Metric.JensenShannon => Integrals.JensenShannon(q0, q),
                Metric.Wasserstein1 => Integrals.Wasserstein1(q0, q),
                _ => Integrals.Wasserstein2(q0, q),
            };
            var lower = MetricLowerBound.At(estimator, claim, problem, x)!.Value;
            Assert.InRange(lower, 0.75 * truth, truth + 1e-5);
            Assert.True(truth <= SmallEstimators.Value(problem, x) + 1e-5);
        }
    }

    [Fact]
    public void Exact_metrics_need_no_lower_bound()
    {
        var estimator = SmallEstimators.DiagonalGaussian(1, 2, 2);
        var claim = SmallEstimators.Robustness(Metric.Wasserstein2, [0, 0], 1);
        Assert.Null(MetricLowerBound.At(estimator, claim, ClaimCompiler.Compile(estimator, claim), [0.1, 0.1]));
    }
}
