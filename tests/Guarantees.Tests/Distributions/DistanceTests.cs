using Guarantees.Claims;
using Guarantees.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace Guarantees.Tests.Distributions;

/// <summary>Distances of Gaussians and mixtures against closed forms in plain numbers, and against integrals on the line.</summary>
/// <remarks>
/// Mutants seen to fail: in the reverse divergence the mean whitened by the wrong root, the sign of the scales, the reference's weights in place of q's, the weights' part too small; half of the
/// Jensen-Shannon bound, its cut at 0.5, it called exact; W1 called exact without a constant covariance, and its flows of one sign left out.
/// </remarks>
public class DistanceTests
{
    public static TheoryData<string, int> Gaussians()
    {
        var data = new TheoryData<string, int>();
        foreach (var kind in new[] { "diagonal", "precision", "cholesky" })
        {
            foreach (var dimension in new[] { 1, 2, 3, 5 })
            {
                if (kind != "cholesky" || dimension > 1)
                {
                    data.Add(kind, dimension);
                }
            }
        }

        return data;
    }

    private static Estimator Gaussian(string kind, int seed, int dimension) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, dimension),
        "precision" => SmallEstimators.Precision(seed, 3, dimension),
        _ => SmallEstimators.Cholesky(seed, 3, dimension),
    };

    /// <summary>Runs a check on 20 random estimators and pairs (x0, x), near and far.</summary>
    private static void ForPairs(Func<int, Estimator> make, Metric metric, Action<double, Problem, Mixture, Mixture, double[]> check)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(1000 + seed);
            var estimator = make(seed);
            var x0 = SmallEstimators.Point(random, 3, 1);
            var step = new[] { 1e-3, 0.05, 0.5, 2 }[seed % 4];
            var x = x0.Select(v => v + (step * ((2 * random.NextDouble()) - 1))).ToArray();
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, step));
            check(SmallEstimators.Value(problem, x), problem, SmallEstimators.At(estimator, x0), SmallEstimators.At(estimator, x), x);
        }
    }

    [Theory, MemberData(nameof(Gaussians))]
    public void Wasserstein2_is_exact_for_diagonal_roots_and_an_upper_bound_for_others(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.Wasserstein2, (value, problem, q0, q, _) =>
        {
            var exact = q0.ExactWasserstein2(0, q, 0);
            var direct = Math.Sqrt(Math.Pow((q0.Means[0] - q.Means[0]).L2Norm(), 2) + Math.Pow((q0.Roots[0] - q.Roots[0]).FrobeniusNorm(), 2));
            Assert.Equal(direct, value, 1e-9 * (1 + direct));
            Assert.Equal(kind == "diagonal" || dimension == 1, problem.ExactMetric);
            if (problem.ExactMetric)
            {
                Assert.Equal(exact, value, 1e-6);
            }
            else
            {
                Assert.True(value >= exact - 1e-7);
            }
        });

    /// <summary>N(x, x²) and N(-1, 1): a plain standard deviation of either sign stands for its absolute value.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scales_of_either_sign_are_their_absolute_values(bool precision)
    {
        var builder = new Guarantees.Networks.NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("mean", 0.1 * x);
        builder.Output("s", builder.Combine((1, x)));
        Family family = precision ? new Gaussian(1, "mean", SquareRoot.PrecisionFactor("s", null)) : new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("s"));
        foreach (var t in new[] { false, true })
        {
            var estimator = new Estimator(builder.Build(), t ? new StudentT(new Gaussian(1, "mean", precision ? SquareRoot.PrecisionFactor("s", null) : SquareRoot.Diagonal("s")), 4) : family);
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein2, [1], 4));
            Assert.True(problem.ExactMetric);
            foreach (var at in new[] { -2, -1, -0.9, 0.9, 1.5 })
            {
                var scale = precision ? 1 / Math.Abs(at) : Math.Abs(at);
                var expected = Math.Sqrt(Math.Pow(0.1 * (at - 1), 2) + ((t ? 2 : 1) * Math.Pow(scale - 1, 2)));
                Assert.Equal(expected, SmallEstimators.Value(problem, at), 1e-9);
            }
        }
    }

    [Theory, MemberData(nameof(Gaussians))]
    public void Kl_is_the_closed_form(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.Kl, (value, problem, q0, q, _) =>
        {
            Assert.True(problem.ExactMetric);
            Assert.Equal(q0.ExactKl(0, q, 0), value, 1e-9 * (1 + value));
        });

    [Theory, MemberData(nameof(Gaussians))]
    public void Reverse_kl_is_the_closed_form_of_the_other_direction(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.KlReverse, (value, problem, q0, q, _) =>
        {
            Assert.True(problem.ExactMetric);
            Assert.Equal(q.ExactKl(0, q0, 0), value, 1e-9 * (1 + value));
        });

    [Theory, MemberData(nameof(Gaussians))]
    public void Wasserstein1_lies_between_the_shift_of_the_mean_and_Wasserstein2(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.Wasserstein1, (value, problem, q0, q, x) =>
        {
            var (shift, root) = ((q0.Means[0] - q.Means[0]).L2Norm(), (q0.Roots[0] - q.Roots[0]).FrobeniusNorm());
            Assert.False(problem.ExactMetric);
            Assert.Equal(Math.Sqrt((shift * shift) + (root * root)), value, 1e-9 * (1 + value));
            Assert.Equal(shift, problem.Graph.Evaluate(x)[problem.MetricLower][0], 1e-9);
            if (dimension == 1)
            {
                Assert.InRange(Integrals.Wasserstein1(q0, q), shift - 1e-4, value + 1e-4);
            }
        });

    [Theory, MemberData(nameof(Gaussians))]
    public void Jensen_Shannon_is_at_most_the_bound_and_close_for_small_changes(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.JensenShannon, (value, problem, q0, q, _) =>
        {
            var jeffreys = q0.ExactKl(0, q, 0) + q.ExactKl(0, q0, 0);
            Assert.False(problem.ExactMetric);
            Assert.Equal(Math.Min(Math.Log(2), Math.Max(0, jeffreys) / 8), value, 1e-6);
            if (dimension == 1)
            {
                var exact = Integrals.JensenShannon(q0, q);
                Assert.True(value >= exact - 1e-9, $"{value} < {exact}");
                Assert.True(exact is <= 1e-7 or >= 1e-3 || value <= 1.05 * exact, $"{value} is far above {exact}");
            }
        });

    [Theory, MemberData(nameof(Gaussians))]
    public void Total_variation_of_gaussians_is_at_most_the_bound_of_Pinsker(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.TotalVariation, (value, problem, q0, q, _) =>
        {
            Assert.False(problem.ExactMetric);
            Assert.Equal(Math.Min(1, Math.Sqrt(Math.Max(0, q0.ExactKl(0, q, 0)) / 2)), value, 1e-6);
            if (dimension == 1)
            {
                Assert.True(value >= Integrals.TotalVariation(q0, q) - 1e-6);
            }
        });

    [Theory, MemberData(nameof(Gaussians))]
    public void Hellinger_bound_is_above_the_closed_form_and_close_for_small_changes(string kind, int dimension) =>
        ForPairs(seed => Gaussian(kind, seed, dimension), Metric.Hellinger, (value, problem, q0, q, x) =>
        {
            var exact = Math.Sqrt(Math.Max(0, 1 - q0.ExactBhattacharyya(0, q, 0)));
            var symmetric = Math.Sqrt(Math.Max(0, q0.ExactKl(0, q, 0) + q.ExactKl(0, q0, 0)) / 8);
            Assert.Equal(Math.Min(1, symmetric), value, 1e-6);
            Assert.True(value >= exact - 1e-7, $"{value} < {exact}");
            if (exact is > 1e-3 and < 0.02)
            {
                Assert.True(value <= 1.02 * exact, $"{value} is far above {exact}");
            }
        });

    [Theory]
    [InlineData(Metric.Wasserstein2)]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.KlReverse)]
    [InlineData(Metric.JensenShannon)]
    public void Every_distance_vanishes_at_the_observation(Metric metric)
    {
        foreach (var estimator in new[]
        {
            SmallEstimators.DiagonalGaussian(1, 3, 2), SmallEstimators.Precision(2, 3, 3), SmallEstimators.Cholesky(3, 3, 3),
            SmallEstimators.Mixture(4, 3, 4, 2), SmallEstimators.Mixture(5, 3, 5, 3, precision: false), SmallEstimators.Mixture(6, 3, 3, 1),
        })
        {
            var x0 = SmallEstimators.Point(new Random(7), 3, 1);
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, 0));
            var upper = problem.Graph.Ranges(problem.Domain.Box)[problem.Objective].Upper[0];

            // A mixture's W2 is the square root of a rounding error of the weights.
            Assert.True(upper <= (metric == Metric.Wasserstein2 && estimator.Family.Components > 1 ? 1e-6 : 1e-12), $"{estimator.Family}: {upper}");
        }
    }

    /// <summary>Means Ax and one covariance: W1 = |A x|, and both divergences are 1/2 |U0 A x|².</summary>
    [Fact]
    public void Distances_of_shifts_are_exact()
    {
        var builder = new Networks.NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("mean", builder.Affine(x, [1, 0.5, -0.25, 2], [0, 1]));
        builder.Output("scale", builder.Constant(0.5, 2));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("scale")));
        var (shift, second) = ((1 * 0.3) + (0.5 * -0.2), (-0.25 * 0.3) + (2 * -0.2));
        foreach (var (metric, expected) in new[]
        {
            (Metric.Wasserstein1, Math.Sqrt((shift * shift) + (second * second))),
            (Metric.KlReverse, 0.5 * ((shift * shift / 0.25) + (second * second / 4))),
        })
        {
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, [0, 0], 1));
            Assert.True(problem.ExactMetric && problem.MetricLower < 0);
            Assert.Equal(expected, SmallEstimators.Value(problem, 0.3, -0.2), 1e-12);
        }
    }

    [Fact]
    public void Total_variation_is_exact_when_the_covariance_is_constant()
    {
        var builder = new Networks.NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("mean", builder.Affine(x, [1, 0.5, -0.25, 2], [0, 1]));
        builder.Output("scale", builder.Constant(0.5, 2));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("scale")));
        var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.TotalVariation, [0, 0], 1));
        Assert.True(problem.ExactMetric);
        var (w0, w1) = (((1 * 0.3) + (0.5 * -0.2)) / 0.5, ((-0.25 * 0.3) + (2 * -0.2)) / 2);
        var expected = (2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, Math.Sqrt((w0 * w0) + (w1 * w1)) / 2)) - 1;
        Assert.Equal(expected, SmallEstimators.Value(problem, 0.3, -0.2), 1e-12);
    }

    [Theory]
    [InlineData(2, 1, true)]
    [InlineData(4, 1, true)]
    [InlineData(8, 1, false)]
    public void Mixture_bounds_are_above_the_integrals_on_the_line(int components, int dimension, bool precision)
    {
        Estimator Make(int seed) => SmallEstimators.Mixture(seed, 3, components, dimension, precision);
        ForPairs(Make, Metric.TotalVariation, (value, problem, q0, q, _) => Above(value, Integrals.TotalVariation(q0, q), problem));
        ForPairs(Make, Metric.Hellinger, (value, problem, q0, q, _) => Above(value, Integrals.Hellinger(q0, q), problem));
        ForPairs(Make, Metric.Kl, (value, problem, q0, q, _) => Above(value, Integrals.Kl(q0, q), problem));
        ForPairs(Make, Metric.KlReverse, (value, problem, q0, q, _) => Above(value, Integrals.Kl(q, q0), problem));
        ForPairs(Make, Metric.JensenShannon, (value, problem, q0, q, _) => Above(value, Integrals.JensenShannon(q0, q), problem));
        ForPairs(Make, Metric.Wasserstein1, (value, problem, q0, q, x) => Both(value, Integrals.Wasserstein1(q0, q), problem, x));
        ForPairs(Make, Metric.Wasserstein2, (value, problem, q0, q, x) => Both(value, Integrals.Wasserstein2(q0, q), problem, x));

        static void Both(double value, double truth, Problem problem, double[] x)
        {
            Above(value, truth, problem);
            var lower = problem.Graph.Ranges(Networks.Box.Point(x))[problem.MetricLower].Lower[0];
            Assert.True(lower <= truth + 1e-4, $"lower bound {lower} above {truth}");
        }

        static void Above(double value, double truth, Problem problem)
        {
            Assert.False(problem.ExactMetric);
            Assert.True(value >= truth - 1e-4, $"bound {value} below {truth}");
        }
    }

    [Theory]
    [InlineData(2, 1, true)]
    [InlineData(4, 2, true)]
    [InlineData(3, 3, false)]
    public void Mixture_bounds_are_their_formulas_in_plain_numbers(int components, int dimension, bool precision)
    {
        Estimator Make(int seed) => SmallEstimators.Mixture(seed, 3, components, dimension, precision);
        double[] Each(Func<int, double> f) => [.. Enumerable.Range(0, components).Select(f)];
        ForPairs(Make, Metric.TotalVariation, (value, _, q0, q, _) => Equal(
            Math.Min(1, Each(k => (Math.Abs(q.Weights[k] - q0.Weights[k]) / 2) + (Math.Min(q.Weights[k], q0.Weights[k]) * Math.Min(1, Math.Sqrt(Math.Max(0, q0.ExactKl(k, q, k)) / 2)))).Sum()), value));
        ForPairs(Make, Metric.Kl, (value, _, q0, q, _) =>
        {
            var logs = Each(k => Math.Log(q.Weights[k] / q0.Weights[k]));
            var mean = Each(k => q0.Weights[k] * logs[k]).Sum();
            Equal(Each(k => q0.Weights[k] * (Math.Exp(logs[k] - mean) - 1 + q0.ExactKl(k, q, k))).Sum(), value);
            Assert.True(value >= -mean - 1e-12);
        });
        ForPairs(Make, Metric.KlReverse, (value, _, q0, q, _) => Equal(Each(k => q.Weights[k] * (Math.Log(q.Weights[k] / q0.Weights[k]) + q.ExactKl(k, q0, k))).Sum(), value));
        ForPairs(Make, Metric.JensenShannon, (value, _, q0, q, _) => Equal(
            Math.Min(Math.Log(2), Each(k => (Math.Pow(Math.Sqrt(q.Weights[k]) - Math.Sqrt(q0.Weights[k]), 2) / 2)
                + ((q.Weights[k] + q0.Weights[k]) / 2 * Math.Min(1, (q0.ExactKl(k, q, k) + q.ExactKl(k, q0, k)) / 8))).Sum()), value));
        ForPairs(Make, Metric.Hellinger, (value, _, q0, q, _) => Equal(
            Math.Min(1, Math.Sqrt(Each(k => (Math.Pow(Math.Sqrt(q.Weights[k]) - Math.Sqrt(q0.Weights[k]), 2) / 2)
                + ((q.Weights[k] + q0.Weights[k]) / 2 * Math.Min(1, (q0.ExactKl(k, q, k) + q.ExactKl(k, q0, k)) / 8))).Sum())), value));

        if (components == 2)
        {
            ForPairs(Make, Metric.Wasserstein1, (value, _, q0, q, _) =>
            {
                double Between(Mixture a, int i, Mixture b, int j) => Math.Sqrt(Math.Pow((a.Means[i] - b.Means[j]).L2Norm(), 2) + Math.Pow((a.Roots[i] - b.Roots[j]).FrobeniusNorm(), 2));
                Equal((Math.Abs(q.Weights[0] - q0.Weights[0]) * Between(q0, 0, q0, 1)) + Each(k => q.Weights[k] * Between(q, k, q0, k)).Sum(), value);
            });
        }

        static void Equal(double expected, double value) => Assert.Equal(expected, value, 1e-6 * (1 + expected));
    }

    /// <summary>Components that are nearly points: the truth is the transport of weights on the line, by quantiles. Weights change from slightly to completely.</summary>
    [Fact]
    public void Mass_moved_along_the_tree_never_costs_less_than_optimal_transport()
    {
        var (tight, random) = (0, new Random(11));
        for (var round = 0; round < 300; round++)
        {
            var k = 2 + (round % 6);
            double[] means = [.. Enumerable.Range(0, k).Select(_ => 10 * random.NextDouble())];
            var from = SmallEstimators.Point(random, k, 3);
            var size = new[] { 0.01, 0.5, 6 }[round % 3];
            double[] to = [.. from.Select(v => v + (size * ((2 * random.NextDouble()) - 1)))];
            var builder = new Networks.NetworkBuilder();
            var x = builder.Input("x", k);
            builder.Output("logits", x);
            builder.Output("means", builder.Constant(means));
            builder.Output("scale", builder.Constant([.. means.Select(_ => 1e-3)]));
            var estimator = new Estimator(builder.Build(), new GaussianMixture(k, 1, "logits", "means", SquareRoot.Diagonal("scale")));
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein2, from, size));
            var value = SmallEstimators.Value(problem, to);
            var (p, q) = (SmallEstimators.At(estimator, from).Weights, SmallEstimators.At(estimator, to).Weights);
            var truth = Math.Sqrt(Transport(means, p, q));
            Assert.True(value >= truth - 2e-3, $"round {round}: {value} < {truth}");
            var first = SmallEstimators.Value(ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein1, from, size)), to);
            Assert.True(first >= Transport(means, p, q, 1) - 2e-3, $"round {round}: {first}");
            tight += value <= (1.5 * truth) + 2e-3 ? 1 : 0;
        }

        Assert.True(tight >= 150, $"only {tight} of 300 bounds lie within 1.5 of the truth");
    }

    /// <summary>W2² (or W1) of two laws on the same points of the line: the monotone coupling.</summary>
    private static double Transport(double[] points, double[] p, double[] q, int order = 2)
    {
        int[] places = [.. Enumerable.Range(0, points.Length).OrderBy(i => points[i])];
        var (a, b) = (places.Select(i => p[i]).ToArray(), places.Select(i => q[i]).ToArray());
        var (cost, i, j) = (0.0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            var mass = Math.Min(a[i], b[j]);
            cost += mass * Math.Pow(Math.Abs(points[places[i]] - points[places[j]]), order);
            (a[i], b[j]) = (a[i] - mass, b[j] - mass);
            if (a[i] <= 1e-15)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return cost;
    }

    [Fact]
    public void Weights_that_move_between_two_far_components_cost_their_distance()
    {
        // Two unit-free point-like components at 0 and 10; p(x) = softmax(x, 0).
        var builder = new Networks.NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("logits", builder.Concat(x, builder.Constant(0.0)));
        builder.Output("means", builder.Constant(0.0, 10.0));
        builder.Output("scale", builder.Constant(0.1, 0.1));
        var estimator = new Estimator(builder.Build(), new GaussianMixture(2, 1, "logits", "means", SquareRoot.Diagonal("scale")));
        var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein2, [0.0], 1));
        var moved = (1 / (1 + Math.Exp(-0.4))) - 0.5;
        Assert.Equal(Math.Sqrt(moved * 100), SmallEstimators.Value(problem, 0.4), 1e-6);
    }

    /// <summary>Chains of components: mass that passes through an inner component must be paid for where that component is too light.</summary>
    [Fact]
    public void Passing_more_mass_through_a_component_than_it_holds_stays_an_upper_bound()
    {
        // Weights (0.3, 0.4, 0.3) -> nearly (0, 0.02, 0.98): the middle one must pass on 0.68.
        var builder = new Networks.NetworkBuilder();
        var x = builder.Input("x", 3);
        builder.Output("logits", x);
        builder.Output("means", builder.Constant(-5.0, 0.0, 5.0));
        builder.Output("scale", builder.Constant(0.05, 0.05, 0.05));
        var estimator = new Estimator(builder.Build(), new GaussianMixture(3, 1, "logits", "means", SquareRoot.Diagonal("scale")));
        double[] from = [Math.Log(0.49), Math.Log(0.02), Math.Log(0.49)];
        foreach (var to in new double[][] { [Math.Log(0.01), Math.Log(0.01), Math.Log(0.98)], [Math.Log(0.98), Math.Log(0.01), Math.Log(0.01)], [Math.Log(0.3), Math.Log(0.4), Math.Log(0.3)] })
        {
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein2, from, 4));
            var truth = Integrals.Wasserstein2(SmallEstimators.At(estimator, from), SmallEstimators.At(estimator, to));
            var value = SmallEstimators.Value(problem, to);
            Assert.True(value >= truth - 1e-4, $"{value} < {truth}");

            var heavyMiddle = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Wasserstein2, [Math.Log(0.3), Math.Log(0.4), Math.Log(0.3)], 4));
            truth = Integrals.Wasserstein2(SmallEstimators.At(estimator, [Math.Log(0.3), Math.Log(0.4), Math.Log(0.3)]), SmallEstimators.At(estimator, to));
            Assert.True(SmallEstimators.Value(heavyMiddle, to) >= truth - 1e-4);
        }
    }

    [Theory]
    [InlineData("diagonal", 2)]
    [InlineData("precision", 3)]
    [InlineData("cholesky", 3)]
    public void Log_density_is_the_difference_of_plain_log_densities(string kind, int dimension)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var estimator = Gaussian(kind, seed, dimension);
            var (x0, x) = (SmallEstimators.Point(random, 3, 1), SmallEstimators.Point(random, 3, 1));
            var theta = SmallEstimators.Point(random, dimension, 2);
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.LogDensity, x0, 1) with
            {
                ParameterLower = [.. theta.Select(_ => -2.0)],
                ParameterUpper = [.. theta.Select(_ => 2.0)],
            });
            var at = Vector<double>.Build.DenseOfArray(theta);
            var expected = Math.Abs(SmallEstimators.At(estimator, x).LogDensity(at) - SmallEstimators.At(estimator, x0).LogDensity(at));
            Assert.True(problem.ExactMetric);
            Assert.Equal(3 + dimension, problem.Domain.Box.Length);
            Assert.Equal(expected, SmallEstimators.Value(problem, [.. x, .. theta]), 1e-8 * (1 + expected));
        }
    }
}
