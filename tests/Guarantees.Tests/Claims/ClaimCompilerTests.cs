using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Tests.Distributions;
using Xunit;
using Normal = MathNet.Numerics.Distributions.Normal;

namespace Guarantees.Tests.Claims;

public class ClaimCompilerTests
{
    /// <summary>The exact posterior of gaussian_linear, N(x/2, 0.05 I), as an estimator; sqrt(0.05) rounded to a double.</summary>
    private static Estimator GaussianLinear(int dimension, bool precision)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", dimension);
        builder.Output("mean", 0.5 * x);
        builder.Output("diagonal", builder.Constant([.. Enumerable.Repeat(precision ? Math.Sqrt(20) : Math.Sqrt(0.05), dimension)]));
        builder.Output("off", builder.Constant(new double[dimension * (dimension - 1) / 2]));
        var root = precision ? SquareRoot.PrecisionFactor("diagonal", "off") : SquareRoot.Cholesky("diagonal", "off");
        return new Estimator(builder.Build(), new Gaussian(dimension, "mean", root));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exact_truths_of_gaussian_linear(bool precision)
    {
        var estimator = GaussianLinear(2, precision);
        double[] x0 = [0.2, -0.4], x = [0.5, -0.1];
        var size = Math.Sqrt(0.18);
        double At(Metric metric) => SmallEstimators.Value(ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, 1)), x);
        Assert.Equal(0.5 * size, At(Metric.Wasserstein2), 1e-12);
        Assert.Equal(2.5 * size * size, At(Metric.Kl), 1e-12);
        Assert.Equal((2 * Normal.CDF(0, 1, 1.1180339887498949 * size)) - 1, At(Metric.TotalVariation), 1e-12);
        Assert.InRange(At(Metric.Hellinger), Math.Sqrt(1 - Math.Exp(-0.625 * size * size)), Math.Sqrt(0.625 * size * size) + 1e-12);
    }

    /// <summary>theta ~ N(0, I), x ~ N(A theta, 0.01 I): worst KL over an l2 ball of radius e is 99.735 e²/2, along the second coordinate.</summary>
    [Fact]
    public void Exact_truth_of_the_linear_gaussian_benchmark()
    {
        double[] a = [-.2633, -1.9402, 1.6822, -.29684, -.031292, -1.025, .056811, .29649, 1.2073, -1.7704];
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 10);
        var weights = new double[100];
        for (var i = 0; i < 10; i++)
        {
            weights[11 * i] = 100 * a[i] / (1 + (100 * a[i] * a[i]));
        }

        builder.Output("mean", builder.Affine(x, weights, new double[10]));
        builder.Output("sd", builder.Constant([.. a.Select(v => 1 / Math.Sqrt(1 + (100 * v * v)))]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(10, "mean", SquareRoot.Diagonal("sd")));
        var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Kl, new double[10], 1));
        var random = new Random(5);
        var along = new double[10];
        along[1] = 0.3;
        Assert.Equal(99.735 * 0.09 / 2, SmallEstimators.Value(problem, along), 1e-3);
        for (var k = 0; k < 100; k++)
        {
            var direction = SmallEstimators.Point(random, 10, 1);
            var length = Math.Sqrt(direction.Sum(v => v * v));
            Assert.True(SmallEstimators.Value(problem, [.. direction.Select(v => 0.3 * v / length)]) <= (99.736 * 0.09 / 2) + 1e-9);
        }
    }

    [Theory]
    [InlineData("diagonal")]
    [InlineData("precision")]
    [InlineData("cholesky")]
    public void Lipschitz_features_move_as_far_as_the_posterior(string kind)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var estimator = kind switch
            {
                "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 2),
                "precision" => SmallEstimators.Precision(seed, 3, 3),
                _ => SmallEstimators.Cholesky(seed, 3, 3),
            };
            var claim = new Claim { Kind = ClaimKind.Lipschitz, Norm = Norm.L2, DomainLower = [-1, -1, -1], DomainUpper = [1, 1, 1] };
            var problem = ClaimCompiler.Compile(estimator, claim);
            Assert.Equal(Norm.L2, problem.JacobianFrom);
            Assert.Equal(kind == "diagonal", problem.ExactMetric);
            var x = SmallEstimators.Point(random, 3, 1);
            var q = SmallEstimators.At(estimator, x);
            foreach (var step in new[] { 1e-5, 0.7 })
            {
                var direction = SmallEstimators.Point(random, 3, 1);
                double[] y = [.. x.Zip(direction, (a, b) => a + (step * b))];
                var (fx, fy) = (problem.Graph.Evaluate(x)[problem.Objective], problem.Graph.Evaluate(y)[problem.Objective]);
                var moved = Math.Sqrt(fx.Zip(fy, (a, b) => (a - b) * (a - b)).Sum());
                var p = SmallEstimators.At(estimator, y);
                var direct = Math.Sqrt(Math.Pow((q.Means[0] - p.Means[0]).L2Norm(), 2) + Math.Pow((q.Roots[0] - p.Roots[0]).FrobeniusNorm(), 2));
                Assert.Equal(direct, moved, 1e-9);
                if (step > 0.1)
                {
                    var exact = q.ExactWasserstein2(0, p, 0);
                    Assert.True(kind == "diagonal" ? Math.Abs(moved - exact) < 1e-6 : moved >= exact - 1e-7);
                }
                else
                {
                    // The Jacobian of the features, by reverse mode, against the finite difference.
                    var values = problem.Graph.Evaluate(x);
                    var predicted = Math.Sqrt(Enumerable.Range(0, fx.Length).Sum(e =>
                        Math.Pow(problem.Graph.Gradient(values, problem.Objective, e).Zip(direction, (g, d) => g * d * step).Sum(), 2)));
                    Assert.Equal(1, moved / predicted, 1e-3);
                }
            }
        }
    }

    [Theory]
    [InlineData(true, Metric.Wasserstein2)]
    [InlineData(false, Metric.Wasserstein2)]
    [InlineData(true, Metric.Kl)]
    [InlineData(false, Metric.Kl)]
    [InlineData(true, Metric.Hellinger)]
    [InlineData(false, Metric.TotalVariation)]
    public void Approximation_compares_with_the_exact_posterior(bool precision, Metric metric)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var estimator = precision ? SmallEstimators.Precision(seed, 3, 3) : SmallEstimators.Cholesky(seed, 3, 3);
            var claim = new Claim { Kind = ClaimKind.Approximation, Metric = metric, Reference = "gaussian-linear", DomainLower = [-1, -1, -1], DomainUpper = [1, 1, 1] };
            var problem = ClaimCompiler.Compile(estimator, claim);
            var x = SmallEstimators.Point(new Random(seed), 3, 1);
            var q = SmallEstimators.At(estimator, x);
            var identity = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseIdentity(3);
            var truth = new Mixture([1], [MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(3, i => x[i] / 2)], [0.05 * identity], [Math.Sqrt(0.05) * identity]);
            var value = SmallEstimators.Value(problem, x);
            switch (metric)
            {
                case Metric.Wasserstein2:
                    var exact = truth.ExactWasserstein2(0, q, 0);
                    var direct = Math.Sqrt(Math.Pow((q.Means[0] - truth.Means[0]).L2Norm(), 2) + Math.Pow((q.Roots[0] - truth.Roots[0]).FrobeniusNorm(), 2));
                    Assert.Equal(direct, value, 1e-9);
                    Assert.True(value >= exact - 1e-9);
                    Assert.InRange(MetricLowerBound.At(estimator, claim, problem, x)!.Value, 0, exact + 1e-9);
                    break;
                case Metric.Kl:
                    Assert.Equal(1, value / truth.ExactKl(0, q, 0), 1e-9);
                    break;
                case Metric.Hellinger:
                    Assert.InRange(value, Math.Sqrt(1 - truth.ExactBhattacharyya(0, q, 0)), 1);
                    break;
                default:
                    Assert.Equal(Math.Min(1, Math.Sqrt(truth.ExactKl(0, q, 0) / 2)), value, 1e-9 * (1 + value));
                    break;
            }
        }
    }

    [Fact]
    public void Approximation_by_the_exact_posterior_is_zero()
    {
        foreach (var precision in new[] { true, false })
        {
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.Kl, Metric.TotalVariation, Metric.Hellinger, Metric.Wasserstein1, Metric.KlReverse })
            {
                var claim = new Claim { Kind = ClaimKind.Approximation, Metric = metric, Reference = "gaussian-linear", DomainLower = [-1, -1], DomainUpper = [1, 1] };
                var problem = ClaimCompiler.Compile(GaussianLinear(2, precision), claim);
                Assert.InRange(problem.Graph.Ranges(Box.Point([0.3, -0.7]))[problem.Objective].Upper[0], 0, 1e-14);
            }
        }
    }

    /// <summary>A root that does not depend on x is still not that of the exact posterior: N(x/2, I) against N(x/2, 0.05 I).</summary>
    [Theory]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.KlReverse)]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.JensenShannon)]
    [InlineData(Metric.Wasserstein2)]
    public void Approximation_sees_a_constant_covariance_that_is_wrong(Metric metric)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("mean", 0.5 * x);
        builder.Output("sd", builder.Constant([1.0]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("sd")));
        var problem = ClaimCompiler.Compile(estimator, new Claim { Kind = ClaimKind.Approximation, Metric = metric, Reference = "gaussian-linear", DomainLower = [-1], DomainUpper = [1] });
        var sd0 = Math.Sqrt(0.05);

        // The densities cross where theta² (1/sd0² - 1) = -2 ln sd0.
        var cross = Math.Sqrt(-2 * Math.Log(sd0) / 19);
        var truth = metric switch
        {
            Metric.TotalVariation => 2 * (Normal.CDF(0, sd0, cross) - Normal.CDF(0, 1, cross)),
            Metric.Hellinger => Math.Sqrt(1 - Math.Sqrt(2 * sd0 / (1 + 0.05))),
            Metric.Kl => 0.5 * (0.05 - 1 - Math.Log(0.05)),
            Metric.KlReverse => 0.5 * (20 - 1 + Math.Log(0.05)),

            // E|(1 - sd0) Z|, the quantiles of both being multiples of those of Z.
            Metric.Wasserstein1 => (1 - sd0) * Math.Sqrt(2 / Math.PI),
            Metric.JensenShannon => 0.278504594, // by quadrature, rounded down
            _ => 1 - sd0,
        };
        Assert.True(SmallEstimators.Value(problem, [0.3]) >= truth - 1e-12);
        Assert.True(!problem.ExactMetric || Math.Abs(SmallEstimators.Value(problem, [0.3]) - truth) < 1e-12);
    }

    [Theory]
    [InlineData("diagonal", 0.2, 1.1)]
    [InlineData("precision", -0.5, double.PositiveInfinity)]
    [InlineData("cholesky", double.NegativeInfinity, 0.3)]
    [InlineData("mixture", -1, 0.5)]
    [InlineData("mixture", 0.1, double.PositiveInfinity)]
    public void Event_probability_is_the_marginal_probability(string kind, double lower, double upper)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var estimator = kind switch
            {
                "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 2),
                "precision" => SmallEstimators.Precision(seed, 3, 3),
                "cholesky" => SmallEstimators.Cholesky(seed, 3, 3),
                _ => SmallEstimators.Mixture(seed, 3, 4, 3),
            };
            var parameter = seed % estimator.Family.Dimension;
            var claim = new Claim
            {
                Kind = ClaimKind.EventProbability,
                Parameter = parameter,
                EventLower = lower,
                EventUpper = upper,
                Observation = [0, 0, 0],
                Radius = [1, 1, 1],
            };
            var x = SmallEstimators.Point(new Random(seed), 3, 1);
            var q = SmallEstimators.At(estimator, x);
            var expected = Enumerable.Range(0, q.Weights.Length).Sum(k =>
            {
                var (m, s) = (q.Means[k][parameter], Math.Sqrt(q.Covariances[k][parameter, parameter]));
                return q.Weights[k] * ((double.IsInfinity(upper) ? 1 : Normal.CDF(m, s, upper)) - (double.IsInfinity(lower) ? 0 : Normal.CDF(m, s, lower)));
            });
            Assert.Equal(expected, SmallEstimators.Value(ClaimCompiler.Compile(estimator, claim), x), 1e-10);
            var least = ClaimCompiler.Compile(estimator, claim with { AtLeast = 0.5 });
            Assert.Equal(-1, least.Sign);
            Assert.Equal(-expected, SmallEstimators.Value(least, x), 1e-10);
        }
    }

    /// <summary>200 000 draws; the check fails by chance with probability below 1e-6 (5 standard errors, at most 0.0056).</summary>
    [Fact]
    public void Event_probability_agrees_with_draws()
    {
        var estimator = SmallEstimators.Mixture(3, 2, 3, 3);
        double[] x = [0.3, -0.6];
        var claim = new Claim { Kind = ClaimKind.EventProbability, Parameter = 1, EventLower = -0.5, EventUpper = 1, DomainLower = [-1, -1], DomainUpper = [1, 1] };
        var value = SmallEstimators.Value(ClaimCompiler.Compile(estimator, claim), x);
        var q = SmallEstimators.At(estimator, x);
        var (random, hits, draws) = (new Random(1), 0, 200_000);
        for (var n = 0; n < draws; n++)
        {
            var (u, k) = (random.NextDouble(), 0);
            for (; k < q.Weights.Length - 1 && u >= q.Weights[k]; k++)
            {
                u -= q.Weights[k];
            }

            var e = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(3, _ => Normal.Sample(random, 0, 1));
            var theta = (q.Means[k] + (q.Roots[k] * e))[1];
            hits += theta is >= -0.5 and <= 1 ? 1 : 0;
        }

        Assert.Equal((double)hits / draws, value, 5 * Math.Sqrt(0.25 / draws));
    }

    /// <summary>100 000 draws for each of three x; a check fails by chance with probability below 1e-6 (5 standard errors, at most 0.008). Products are also compared with closed forms.</summary>
    [Theory]
    [InlineData("diagonal")]
    [InlineData("diagonal mixture")]
    [InlineData("precision")]
    [InlineData("cholesky")]
    [InlineData("mixture")]
    public void Probability_of_a_box_is_exact_for_independent_parameters_and_bracketed_for_others(string kind)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var estimator = kind switch
            {
                "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 3),
                "diagonal mixture" => SmallEstimators.DiagonalMixture(seed, 3, 2, 3),
                "precision" => SmallEstimators.Precision(seed, 3, 3),
                "cholesky" => SmallEstimators.Cholesky(seed, 3, 3),
                _ => SmallEstimators.Mixture(seed, 3, 2, 3),
            };
            EventRange[] ranges = [new(0, -1.5, 1), new(1, double.NegativeInfinity, 0.5), new(2, -2, 2.5)];
            var claim = new Claim { Kind = ClaimKind.EventProbability, EventLower = -1.5, EventUpper = 1, EventAlso = [.. ranges[1..]], Observation = [0, 0, 0], Radius = [1, 1, 1] };
            var x = SmallEstimators.Point(new Random(seed), 3, 1);
            var q = SmallEstimators.At(estimator, x);
            var (random, hits, draws) = (new Random(seed), 0, 100_000);
            for (var n = 0; n < draws; n++)
            {
                var (u, k) = (random.NextDouble(), 0);
                for (; k < q.Weights.Length - 1 && u >= q.Weights[k]; k++)
                {
                    u -= q.Weights[k];
                }

                var e = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(3, _ => Normal.Sample(random, 0, 1));
                var theta = (q.Means[k] + (q.Roots[k] * e)).ToArray();
                hits += ranges.All(range => range.Holds(theta)) ? 1 : 0;
            }

            var (share, error) = ((double)hits / draws, 5 * Math.Sqrt(0.25 / draws));
            var (most, least) = (ClaimCompiler.Compile(estimator, claim), ClaimCompiler.Compile(estimator, claim with { AtLeast = 0.5 }));
            var (upper, lower) = (SmallEstimators.Value(most, x), -SmallEstimators.Value(least, x));
            var isExact = kind.StartsWith("diagonal", StringComparison.Ordinal);
            Assert.Equal((isExact, isExact), (most.ExactMetric, least.ExactMetric));
            Assert.InRange(share, lower - error, upper + error);
            double Marginal(int k, EventRange range) => range is var (i, a, b) && (q.Means[k][i], Math.Sqrt(q.Covariances[k][i, i])) is var (m, s)
                ? (double.IsInfinity(b) ? 1 : Normal.CDF(m, s, b)) - (double.IsInfinity(a) ? 0 : Normal.CDF(m, s, a)) : double.NaN;
            double Sum(Func<IEnumerable<double>, double> of) => Enumerable.Range(0, q.Weights.Length).Sum(k => q.Weights[k] * of(ranges.Select(range => Marginal(k, range))));
            Assert.Equal(Sum(p => isExact ? p.Aggregate((a, b) => a * b) : p.Min()), upper, 1e-10);
            Assert.Equal(Sum(p => isExact ? p.Aggregate((a, b) => a * b) : Math.Max(0, 1 - p.Sum(one => 1 - one))), lower, 1e-10);
            Assert.Contains("theta_0 in [-1.5, 1] and theta_1 in [-Infinity, 0.5] and theta_2 in [-2, 2.5]", most.Text, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim with { Parameter = 1 }));
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim with { EventAlso = [new(3, 0, 1)] }));
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim with { EventAlso = [new(1, 1, 0)] }));
        }
    }

    [Theory]
    [InlineData("diagonal", 0.9)]
    [InlineData("precision", 0.5)]
    [InlineData("cholesky", 0.99)]
    public void Credible_interval_shift_is_the_larger_shift_of_an_end(string kind, double level)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var estimator = kind switch
            {
                "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 3),
                "precision" => SmallEstimators.Precision(seed, 3, 3),
                _ => SmallEstimators.Cholesky(seed, 3, 3),
            };
            double[] x0 = [0.1, 0.2, -0.3];
            var x = SmallEstimators.Point(new Random(seed), 3, 1);
            var claim = new Claim { Kind = ClaimKind.CredibleInterval, Parameter = 1, Level = level, Observation = [.. x0], Radius = [1, 1, 1] };
            var problem = ClaimCompiler.Compile(estimator, claim);
            var (q0, q) = (SmallEstimators.At(estimator, x0), SmallEstimators.At(estimator, x));
            (double, double) Ends(Mixture m)
            {
                var (mean, s, tail) = (m.Means[0][1], Math.Sqrt(m.Covariances[0][1, 1]), (1 - level) / 2);
                return (Normal.InvCDF(mean, s, tail), Normal.InvCDF(mean, s, 1 - tail));
            }

            var (a, b) = (Ends(q0), Ends(q));
            Assert.Equal(Math.Max(Math.Abs(a.Item1 - b.Item1), Math.Abs(a.Item2 - b.Item2)), SmallEstimators.Value(problem, x), 1e-8);
            Assert.InRange(problem.Graph.Ranges(Box.Point(x0))[problem.Objective].Upper[0], 0, 1e-12);
        }
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.95, 1.6448536269514722)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(1e-10, -6.361340902404056)]
    public void Normal_quantiles_are_enclosed_tightly(double p, double z)
    {
        var enclosure = NormalQuantile.Enclose(Guarantees.Arithmetic.Interval.Point(p));
        Assert.InRange(z, enclosure.Lower - 1e-14, enclosure.Upper + 1e-14);
        Assert.True(enclosure.Width < 1e-13);
    }

    [Fact]
    public void The_domain_holds_the_ball_and_is_cut_by_the_domain_given()
    {
        var claim = new Claim
        {
            Kind = ClaimKind.Robustness,
            Norm = Norm.L2,
            Observation = [0.1, 0.7, 1],
            Radius = [0.2, 0, 1],
            DomainLower = [-10, -10, -10],
            DomainUpper = [10, 10, 1.5],
        };
        var domain = ClaimCompiler.Compile(SmallEstimators.DiagonalGaussian(1, 3, 2), claim).Domain;
        Assert.True(domain.Box.Lower[0] <= 0.1 - 0.2 && domain.Box.Upper[0] >= 0.1 + 0.2 && domain.Box[0].Width < 0.4 + 1e-15);
        Assert.Equal((0.7, 0.7), (domain.Box.Lower[1], domain.Box.Upper[1]));
        Assert.Equal((0, 1.5), (domain.Box.Lower[2], domain.Box.Upper[2]));
        Assert.Equal(Norm.L2, domain.Norm);
        Assert.Equal([0.1, 0.7, 1], domain.Center.ToArray());
        Assert.Equal([0.2, 0, 1], domain.Radius.ToArray());
        var plain = ClaimCompiler.Compile(SmallEstimators.DiagonalGaussian(1, 3, 2), claim with { Norm = Norm.Linf }).Domain;
        Assert.Equal(Norm.Linf, plain.Norm);

        // The box is rounded outward; membership of the ball is not.
        Assert.False(plain.Contains([Math.BitIncrement(plain.Box.Upper[0]), 0.7, 1]));
        Assert.False(plain.Contains([0.1 + 0.2 + 1e-15, 0.7, 1]));
        Assert.True(plain.Contains([0.1, 0.7, 0]));
    }

    [Fact]
    public void Anchors_are_the_outputs_and_the_tail_follows_the_frontier()
    {
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation, Metric.Hellinger, Metric.Kl })
        {
            var estimator = SmallEstimators.Mixture(1, 3, 4, 3);
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, [0, 0, 0], 0.1));
            Assert.Equal(4, problem.Anchors.Length);
            Assert.Equal([4, 12, 12, 12], problem.Anchors.Select(id => problem.Graph.Nodes[id].Length));
            Assert.NotEmpty(problem.Frontier);
            Assert.All(problem.Frontier, id => Assert.True(id < problem.Objective));
            Assert.Equal(1, problem.Graph.Nodes[problem.Objective].Length);
            Assert.True(problem.MetricLower == -1 || problem.MetricLower > problem.Objective);
            Assert.EndsWith(".", problem.Text, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', problem.Text);
        }
    }

    public static TheoryData<string, string> Mistakes() => new()
    {
        { "no-ball", "needs an observation and a radius" },
        { "short-observation", "Expected 3 data in the observation; got 2" },
        { "negative-radius", "that of x_1 is -1" },
        { "nan-observation", "x_2 is NaN" },
        { "outside-domain", "does not meet the domain" },
        { "inverted-domain", "coordinate 0 has [1, -1]" },
        { "lipschitz-kl", "hellinger and total-variation, not kl" },
        { "lipschitz-ball", "over a box, not over a ball" },
        { "lipschitz-mixture", "one Gaussian component; the family is gaussian-mixture, 2 components in 2 dimensions" },
        { "log-density-mixture", "log-density is for one Gaussian component" },
        { "log-density-box", "Expected 2 numbers in the lower corner of the parameter box; got 0" },
        { "no-reference", "There is no reference 'nonsense'; there are 'gaussian-linear', 'network', 'table', 'beta-binomial'" },
        { "reference-size", "the family has 2 and x has 3" },
        { "event-order", "lower end below its upper end" },
        { "event-whole-line", "at least one of them finite" },
        { "parameter", "no parameter theta_2; the family has theta_0 to theta_1" },
        { "level", "strictly between 0 and 1; got 1" },
        { "at-least", "for event probabilities" },
        { "nothing", "needs a domain, or an observation with a radius" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void Mistakes_are_named_in_one_line(string which, string message)
    {
        var (gaussian, mixture) = (SmallEstimators.Precision(1, 3, 2), SmallEstimators.Mixture(1, 3, 2, 2));
        var good = SmallEstimators.Robustness(Metric.Wasserstein2, [0, 0, 0], 1);
        var box = new Claim { Kind = ClaimKind.Lipschitz, DomainLower = [-1, -1, -1], DomainUpper = [1, 1, 1] };
        var (estimator, claim) = which switch
        {
            "no-ball" => (gaussian, box with { Kind = ClaimKind.Robustness }),
            "short-observation" => (gaussian, good with { Observation = [0, 0] }),
            "negative-radius" => (gaussian, good with { Radius = [1, -1, 1] }),
            "nan-observation" => (gaussian, good with { Observation = [0, 0, double.NaN] }),
            "outside-domain" => (gaussian, good with { DomainLower = [5, 5, 5], DomainUpper = [6, 6, 6] }),
            "inverted-domain" => (gaussian, box with { DomainLower = [1, -1, -1], DomainUpper = [-1, 1, 1] }),
            "lipschitz-kl" => (gaussian, box with { Metric = Metric.Kl }),
            "lipschitz-ball" => (gaussian, good with { Kind = ClaimKind.Lipschitz, Norm = Norm.L2 }),
            "lipschitz-mixture" => (mixture, box),
            "log-density-mixture" => (mixture, good with { Metric = Metric.LogDensity }),
            "log-density-box" => (gaussian, good with { Metric = Metric.LogDensity }),
            "no-reference" => (gaussian, box with { Kind = ClaimKind.Approximation, Reference = "nonsense" }),
            "reference-size" => (gaussian, box with { Kind = ClaimKind.Approximation, Reference = "gaussian-linear" }),
            "event-order" => (gaussian, good with { Kind = ClaimKind.EventProbability, EventLower = 1, EventUpper = 1 }),
            "event-whole-line" => (gaussian, good with { Kind = ClaimKind.EventProbability }),
            "parameter" => (gaussian, good with { Kind = ClaimKind.CredibleInterval, Parameter = 2 }),
            "level" => (gaussian, good with { Kind = ClaimKind.CredibleInterval, Level = 1 }),
            "at-least" => (gaussian, good with { AtLeast = 0.1 }),
            _ => (gaussian, new Claim { Kind = ClaimKind.Lipschitz }),
        };
        var error = Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
