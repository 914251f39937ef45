using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Tests.Distributions;
using Xunit;
using Beta = Guarantees.Distributions.Beta;
using Gamma = Guarantees.Distributions.Gamma;

namespace Guarantees.Tests.Claims;

/// <summary>Posteriors of conjugate models against prior times likelihood on a grid, distances to them against quadrature, networks that compute them exactly.</summary>
/// <remarks>
/// Mutants seen to fail: the change of a ratio taken for that of the parameter, the change of an inverse not divided by the reference, t0 for t0 + 1, changes subtracted where parameters are added, successes that do not
/// count as failures less, exposures left out, the factor n of the mean's distance and the factor 2 of the squared scale left out, two signs and the logarithm of the cut divergence, one tail left out, the side on which x lies left out.
/// Not found: half of a difference that outputs without a transform carry.
/// </remarks>
public class ConjugateLaws
{
    private static ConjugateModel Model(string name, params double[][] numbers) => new(name, [.. numbers.Select(list => list.ToImmutableArray())]);

    private static Claim ClaimOf(ConjugateModel model, Metric metric, double[] lower, double[] upper) => new()
    {
        Kind = ClaimKind.Approximation,
        Reference = model.Name,
        Conjugate = model,
        Metric = metric,
        DomainLower = [.. lower],
        DomainUpper = [.. upper],
    };

    /// <summary>A model with numbers of moderate size, and a box of its data: D parameters, m entries of x for each.</summary>
    private static (ConjugateModel Model, double[] Lower, double[] Upper) Draw(string name, Random random, int d, int m)
    {
        double Positive(double size = 1) => size * (0.5 + (2.5 * random.NextDouble()));
        double[] List(int count, double size = 1) => [.. Enumerable.Range(0, random.Next(2) == 0 ? 1 : count).Select(_ => Positive(size))];
        switch (name)
        {
            case ConjugateModel.BetaBinomial:
                var trials = List(d * m, 5);
                return (Model(name, List(d), List(d), trials), new double[d * m], [.. Enumerable.Range(0, d * m).Select(i => trials[trials.Length == 1 ? 0 : i])]);
            case ConjugateModel.GammaPoisson:
                return (Model(name, List(d), List(d), List(d * m)), new double[d * m], [.. Enumerable.Repeat(6.0, d * m)]);
            case ConjugateModel.NormalInverseGamma:
                // Halves: twice alpha plus n is a double.
                return (Model(name, [random.NextDouble() - 0.5], [Positive()], [1 + (0.5 * random.Next(6))], [Positive()]), [.. Enumerable.Repeat(-2.0, m)], [.. Enumerable.Repeat(2.0, m)]);
            default:
                return (Model(name, [-1 - random.NextDouble()], [1 + random.NextDouble()], List(d, 0.4)), [.. Enumerable.Repeat(-1.5, d)], [.. Enumerable.Repeat(1.5, d)]);
        }
    }

    private static double[] Within(Random random, double[] lower, double[] upper) => [.. lower.Zip(upper, (l, u) => l + ((u - l) * random.NextDouble()))];

    private static double Number(ConjugateModel model, int key, int i) => model.Numbers[key][model.Numbers[key].Length == 1 ? 0 : i];

    private static Estimator Network(string name, int seed, int inputs, int d, PositiveTransform transform, double nu = 5) => name switch
    {
        ConjugateModel.BetaBinomial => SmallEstimators.Build(seed, inputs, [("a", d, 0.7), ("b", d, 0.7)], new Beta(d, "a", "b", transform)),
        ConjugateModel.GammaPoisson => SmallEstimators.Build(seed, inputs, [("a", d, 0.7), ("b", d, 0.7)], new Gamma(d, "a", "b", transform)),
        ConjugateModel.NormalInverseGamma => SmallEstimators.Build(seed, inputs, [("m", 1, 1), ("s", 1, 0.5)], new StudentT(new Gaussian(1, "m", SquareRoot.Diagonal("s", ScaleKind.LogStandardDeviation)), nu)),
        _ => SmallEstimators.DiagonalGaussian(seed, inputs, d),
    };

    private static Estimator Outputs(int seed, int inputs, int d)
    {
        var plain = SmallEstimators.Build(seed, inputs, [("v", d, 1)], new Categorical(Math.Max(2, d), "v"));
        return plain with { Family = OutputVector.For(plain.Network) };
    }

    private static double[] Values(Network network, string output, double[] x) => network.Evaluate(x)[network.Output(output).Id];

    /// <summary>Prior times likelihood, without constants, as a function of theta.</summary>
    private static double LogJoint(ConjugateModel model, double[] x, int j, int d, double theta)
    {
        var m = x.Length / d;
        var (first, second) = (Number(model, 0, j), Number(model, 1, j));
        var sum = model.Name == ConjugateModel.BetaBinomial ? ((first - 1) * Math.Log(theta)) + ((second - 1) * Math.Log(1 - theta)) : ((first - 1) * Math.Log(theta)) - (second * theta);
        for (var i = j * m; i < (j + 1) * m; i++)
        {
            var third = Number(model, 2, i);
            sum += model.Name == ConjugateModel.BetaBinomial ? (x[i] * Math.Log(theta)) + ((third - x[i]) * Math.Log(1 - theta)) : (x[i] * Math.Log(third * theta)) - (third * theta);
        }

        return sum;
    }

    [Theory]
    [InlineData(ConjugateModel.BetaBinomial)]
    [InlineData(ConjugateModel.GammaPoisson)]
    public void Parameters_are_those_of_prior_times_likelihood(string name)
    {
        for (var seed = 0; seed < 24; seed++)
        {
            var random = new Random(seed);
            var (d, m) = (1 + (seed % 3), 1 + (seed / 3 % 3));
            var (model, lower, upper) = Draw(name, random, d, m);
            Assert.Equal("", model.Objection());
            var x = Within(random, lower, upper);
            var posterior = model.Posterior(Network(name, seed, d * m, d, seed % 2 == 0 ? PositiveTransform.None : PositiveTransform.Exp).Family, d * m);
            double Read(string output, int j) => Values(posterior.Network, output, x)[j] is var value && seed % 2 == 0 ? value : Math.Exp(value);
            var means = Values(model.Posterior(Outputs(seed, d * m, d).Family, d * m).Network, "mean", x);
            for (var j = 0; j < d; j++)
            {
                MathNet.Numerics.Distributions.IContinuousDistribution law = name == ConjugateModel.BetaBinomial
                    ? new MathNet.Numerics.Distributions.Beta(Read("first", j), Read("second", j))
                    : new MathNet.Numerics.Distributions.Gamma(Read("first", j), Read("second", j));
                double[] grid = [.. Enumerable.Range(1, 9).Select(k => name == ConjugateModel.BetaBinomial ? k / 10.0 : k / 2.0)];
                var ratios = grid.Select(theta => LogJoint(model, x, j, d, theta) - law.DensityLn(theta)).ToArray();

                // The same constant everywhere: the densities are proportional.
                Assert.All(ratios, ratio => Assert.Equal(ratios[0], ratio, 1e-8));
                Assert.Equal(law.Mean, means[j], 1e-9);
            }
        }
    }

    /// <summary>The variance integrated out by quadrature.</summary>
    [Fact]
    public void The_marginal_of_a_mean_of_unknown_variance_is_the_stated_Student_t()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var n = 1 + (seed % 4);
            var (model, lower, upper) = Draw(ConjugateModel.NormalInverseGamma, random, 1, n);
            var x = Within(random, lower, upper);
            var (mean, count, alpha, beta) = (model.Numbers[0][0], model.Numbers[1][0], model.Numbers[2][0], model.Numbers[3][0]);
            var nu = (2 * alpha) + n;
            var posterior = model.Posterior(Network(model.Name, seed, n, 1, default, nu).Family, n);
            var law = new MathNet.Numerics.Distributions.StudentT(Values(posterior.Network, "mean", x)[0], Math.Sqrt(Values(posterior.Network, "variance", x)[0]), nu);
            Assert.Equal(law.Location, Values(model.Posterior(Outputs(seed, n, 1).Family, n).Network, "mean", x)[0], 1e-12);
            var ratios = new[] { -1.5, -0.4, 0, 0.3, 1, 2.2 }.Select(theta =>
            {
                // Over u = ln s²: InverseGamma(alpha, beta) times N(theta; mean, s²/count) times the likelihood, and e^u for the change of variable.
                var sum = 0.0;
                for (var u = -25.0; u <= 25; u += 0.005)
                {
                    var squares = (count * Math.Pow(theta - mean, 2)) + x.Sum(value => Math.Pow(value - theta, 2));
                    sum += Math.Exp((-(alpha + 1) * u) - (beta * Math.Exp(-u)) - (0.5 * (1 + n) * u) - (0.5 * squares * Math.Exp(-u)) + u);
                }

                return Math.Log(sum) - law.DensityLn(theta);
            }).ToArray();
            Assert.All(ratios, ratio => Assert.Equal(ratios[0], ratio, 1e-7));
        }
    }

    public static TheoryData<string, Metric, PositiveTransform> Shapes()
    {
        var data = new TheoryData<string, Metric, PositiveTransform>();
        foreach (var name in new[] { ConjugateModel.BetaBinomial, ConjugateModel.GammaPoisson })
        {
            foreach (var metric in new[] { Metric.Wasserstein1, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon })
            {
                data.Add(name, metric, PositiveTransform.Exp);
                data.Add(name, metric, PositiveTransform.Softplus);
            }
        }

        return data;
    }

    private static double Truth(ConjugateModel model, Estimator estimator, Metric metric, double[] x, PositiveTransform transform)
    {
        var kind = model.Name == ConjugateModel.BetaBinomial ? "beta" : "gamma";
        double Positive(double value) => transform switch { PositiveTransform.Exp => Math.Exp(value), PositiveTransform.Softplus => Math.Log(1 + Math.Exp(value)), _ => value };
        var (a, b) = (Positive(Values(estimator.Network, "a", x)[0]), Positive(Values(estimator.Network, "b", x)[0]));
        var (a0, b0) = (Number(model, 0, 0) + x.Sum(), Number(model, 1, 0) + x.Select((value, i) => kind == "beta" ? Number(model, 2, i) - value : Number(model, 2, i)).Sum());
        return ShapeLaws.Truth(kind, metric, a0, b0, a, b);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Distances_to_gamma_and_beta_posteriors_are_never_too_small_at_points_and_over_boxes(string name, Metric metric, PositiveTransform transform)
    {
        var ratios = new List<double>();
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var m = 1 + (seed % 3);
            var (model, lower, upper) = Draw(name, random, 1, m);
            var estimator = Network(name, seed, m, 1, transform);
            var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, metric, lower, upper));
            Assert.False(problem.ExactMetric);
            var x = Within(random, lower, upper);
            var (truth, value) = (Truth(model, estimator, metric, x, transform), SmallEstimators.Value(problem, x));
            var slack = metric == Metric.Wasserstein1 ? 1e-3 : 1e-9;
            Assert.True(value >= (truth * (1 - 1e-3)) - slack, $"seed {seed}: {value} < {truth}");
            ratios.Add(value / truth);
            if (metric == Metric.Wasserstein1)
            {
                Assert.True(problem.Graph.Ranges(Box.Point(x))[problem.MetricLower].Lower[0] <= (truth * (1 + 1e-3)) + slack);
            }

            var reach = 0.02 + (0.3 * random.NextDouble());
            var box = new Box([.. x.Zip(lower, (v, l) => Math.Max(l, v - reach))], [.. x.Zip(upper, (v, u) => Math.Min(u, v + reach))]);
            var bound = Bounds.For(problem).UpperBound(box);
            for (var sample = 0; sample < 3; sample++)
            {
                var y = Within(random, box.Lower, box.Upper);
                Assert.True(bound >= (Truth(model, estimator, metric, y, transform) * (1 - 1e-3)) - slack, $"seed {seed}: bound {bound} at {string.Join(' ', y)}");
            }
        }

        var median = ratios.Order().ElementAt(5);
        Assert.True(median <= (metric is Metric.Kl or Metric.KlReverse ? 1.2 : metric == Metric.JensenShannon ? 12 : 6), $"median ratio {median}");
    }

    [Theory]
    [InlineData(Metric.Wasserstein2)]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    public void Distances_to_a_Student_posterior_hold(Metric metric)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var n = 1 + (seed % 4);
            var (model, lower, upper) = Draw(ConjugateModel.NormalInverseGamma, random, 1, n);
            var nu = (2 * model.Numbers[2][0]) + n;
            var estimator = Network(model.Name, seed, n, 1, default, nu);
            var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, metric, lower, upper));

            // Where nu is no sum of doubles the text says which alpha is meant: that of nu as it is.
            Assert.Equal(!Rounding.IsExactSum(2 * model.Numbers[2][0], n), problem.Text.Contains("2 alpha + n is", StringComparison.Ordinal));
            var x = Within(random, lower, upper);
            var (mu, sigma) = (Values(estimator.Network, "m", x)[0], Math.Exp(Values(estimator.Network, "s", x)[0]));
            var (mean, count, beta) = (model.Numbers[0][0], model.Numbers[1][0], model.Numbers[3][0]);

            // Another form of the same: beta + 1/2 (sum y² - (sum y)² / (count + n)) with y = x - mean.
            var y = x.Select(v => v - mean).ToArray();
            var (location, total) = (mean + (y.Sum() / (count + n)), beta + (0.5 * (y.Sum(v => v * v) - (Math.Pow(y.Sum(), 2) / (count + n)))));
            var scale = Math.Sqrt(2 * total / (nu * (count + n)));
            var (q, q0) = (new MathNet.Numerics.Distributions.StudentT(mu, sigma, nu), new MathNet.Numerics.Distributions.StudentT(location, scale, nu));
            var value = SmallEstimators.Value(problem, x);
            var integral = metric switch
            {
                Metric.Wasserstein2 => Math.Sqrt(Math.Pow(mu - location, 2) + (nu / (nu - 2) * Math.Pow(sigma - scale, 2))),
                Metric.Wasserstein1 => Math.Abs(mu - location),
                Metric.Kl => Sum(t => q0.Density(t) * (q0.DensityLn(t) - q.DensityLn(t))),
                Metric.TotalVariation => Sum(t => 0.5 * Math.Abs(q.Density(t) - q0.Density(t))),
                _ => Math.Sqrt(Sum(t => 0.5 * Math.Pow(Math.Sqrt(q.Density(t)) - Math.Sqrt(q0.Density(t)), 2))),
            };
            Assert.True(value >= integral - 1e-4, $"seed {seed}: {value} < {integral}");
            if (metric == Metric.Wasserstein2)
            {
                Assert.Equal(integral, value, 1e-9);
            }

            var reach = 0.1 * random.NextDouble();
            var bound = Bounds.For(problem).UpperBound(new Box([.. x.Zip(lower, (v, l) => Math.Max(l, v - reach))], [.. x.Zip(upper, (v, u) => Math.Min(u, v + reach))]));
            Assert.True(bound >= integral - 1e-4);
        }

        static double Sum(Func<double, double> f) => Enumerable.Range(-40_000, 80_001).Sum(i => f(i / 1000.0) / 1000);
    }

    /// <summary>Estimators that compute the posterior: the distance is 0 but for rounding, over the whole box where differences cancel.</summary>
    [Fact]
    public void Networks_that_are_the_posterior_are_at_distance_zero_over_the_whole_box()
    {
        foreach (var metric in new[] { Metric.Wasserstein1, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon })
        {
            Near(ConjugateModel.BetaBinomial, Model(ConjugateModel.BetaBinomial, [2], [3.5], [20]), metric, [1, -1], [2, 23.5], 20);
            Near(ConjugateModel.GammaPoisson, Model(ConjugateModel.GammaPoisson, [2], [0.75], [1.25]), metric, [1, 0], [2, 2], 30);
        }

        static void Near(string name, ConjugateModel model, Metric metric, double[] slopes, double[] constants, double most)
        {
            var builder = new NetworkBuilder();
            var x = builder.Input("x", 1);
            builder.Output("a", builder.Affine(x, [slopes[0]], [constants[0]]));
            builder.Output("b", builder.Affine(x, [slopes[1]], [constants[1]]));
            var family = name == ConjugateModel.BetaBinomial ? (Family)new Beta(1, "a", "b", PositiveTransform.None) : new Gamma(1, "a", "b", PositiveTransform.None);
            var problem = ClaimCompiler.Compile(new Estimator(builder.Build(), family), ClaimOf(model, metric, [0], [most]));
            var upper = Bounds.For(problem).UpperBound(problem.Domain.Box);
            Assert.True(upper is >= 0 and <= 1e-6, $"{name}, {metric}: {upper}");
        }
    }

    [Fact]
    public void Outputs_are_compared_with_the_mean_of_every_model()
    {
        foreach (var name in new[] { ConjugateModel.BetaBinomial, ConjugateModel.GammaPoisson, ConjugateModel.NormalInverseGamma })
        {
            var random = new Random(4);
            var d = name == ConjugateModel.NormalInverseGamma ? 1 : 2;
            var (model, lower, upper) = Draw(name, random, d, 2);
            var estimator = Outputs(1, 2 * d, d);
            var x = Within(random, lower, upper);
            var mean = Values(model.Posterior(estimator.Family, 2 * d).Network, "mean", x);
            foreach (var metric in new[] { Metric.L1, Metric.L2, Metric.Linf })
            {
                var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, metric, lower, upper));
                Assert.True(problem.ExactMetric);
                var change = Values(estimator.Network, "v", x).Zip(mean, (a, b) => Math.Abs(a - b)).ToArray();
                Assert.Equal(metric switch { Metric.L1 => change.Sum(), Metric.L2 => Math.Sqrt(change.Sum(v => v * v)), _ => change.Max() }, SmallEstimators.Value(problem, x), 1e-9);
            }
        }

        // The plain linear model: x / 2.
        var outputs = Outputs(2, 3, 3);
        double[] at = [0.3, -0.2, 0.9];
        var linear = new Claim { Kind = ClaimKind.Approximation, Reference = Claim.GaussianLinear, Metric = Metric.Linf, DomainLower = [-1, -1, -1], DomainUpper = [1, 1, 1] };
        Assert.Equal(Values(outputs.Network, "v", at).Zip(at, (v, t) => Math.Abs(v - (t / 2))).Max(), SmallEstimators.Value(ClaimCompiler.Compile(outputs, linear), at), 1e-12);
    }

    private static (double Kl, double TotalVariation) Cut(ConjugateModel model, double[] x, Estimator estimator)
    {
        var (kl, variation) = (0.0, 0.0);
        var q = SmallEstimators.At(estimator, x);
        for (var i = 0; i < x.Length; i++)
        {
            var (l, u, s) = (Number(model, 0, i), Number(model, 1, i), Number(model, 2, i));
            var (mu, sigma) = (q.Means[0][i], Math.Sqrt(q.Covariances[0][i, i]));
            const int count = 200_000;
            double[] points = [.. Enumerable.Range(0, count).Select(k => l + ((u - l) * (k + 0.5) / count))];
            var weights = Array.ConvertAll(points, t => Math.Exp(-0.5 * Math.Pow((t - x[i]) / s, 2)));
            var (mass, step) = (weights.Sum() * (u - l) / count, (u - l) / count);
            var inside = 0.0;
            for (var k = 0; k < count; k++)
            {
                var p = weights[k] / mass;
                var log = (-0.5 * Math.Pow((points[k] - mu) / sigma, 2)) - Math.Log(sigma * Math.Sqrt(2 * Math.PI));
                kl += p > 0 ? p * (Math.Log(p) - log) * step : 0;
                variation += 0.5 * Math.Abs(p - Math.Exp(log)) * step;
                inside += Math.Exp(log) * step;
            }

            variation += 0.5 * (1 - inside);
        }

        return (kl, variation);
    }

    /// <summary>x inside, near and outside the box of the prior.</summary>
    [Fact]
    public void Distances_to_a_cut_normal_posterior_are_those_of_quadrature()
    {
        for (var seed = 0; seed < 16; seed++)
        {
            var random = new Random(seed);
            var d = 1 + (seed % 2);
            var (model, lower, upper) = Draw(ConjugateModel.UniformNormal, random, d, 1);
            var estimator = seed % 3 == 0
                ? SmallEstimators.Build(seed, d, [("mean", d, 1), ("u", d, 0.5)], new Gaussian(d, "mean", SquareRoot.PrecisionFactor("u", null, PositiveTransform.Exp)))
                : Network(model.Name, seed, d, d, default);
            if (seed % 4 == 3)
            {
                (lower, upper) = ([.. lower.Select(v => v - 1)], [.. upper.Select(v => v - 2.5)]);
            }

            var x = Within(random, lower, upper);
            var exact = ClaimCompiler.Compile(estimator, ClaimOf(model, Metric.Kl, lower, upper));
            Assert.True(exact.ExactMetric);
            var (kl, variation) = Cut(model, x, estimator);
            var value = SmallEstimators.Value(exact, x);
            Assert.True(Math.Abs(value - kl) <= 1e-6 * (1 + kl), $"seed {seed}: {value} for {kl}");
            var loose = ClaimCompiler.Compile(estimator, ClaimOf(model, Metric.TotalVariation, lower, upper));
            Assert.False(loose.ExactMetric);

            // The sum over coordinates is at least the distance of the products, and the largest is at most it.
            Assert.True(SmallEstimators.Value(loose, x) >= Math.Min(1, variation / d) - 1e-6, $"seed {seed}");
            Assert.True(loose.Graph.Ranges(Box.Point(x))[loose.MetricLower].Lower[0] <= variation + 1e-6, $"seed {seed}");
            var box = new Box([.. x.Zip(lower, (v, l) => Math.Max(l, v - 0.02))], [.. x.Zip(upper, (v, u) => Math.Min(u, v + 0.02))]);
            foreach (var (problem, least) in new[] { (exact, kl - 1e-6), (loose, Math.Min(1, variation / d) - 1e-6) })
            {
                Assert.True(Bounds.For(problem).UpperBound(box) >= least, $"seed {seed}");
            }
        }
    }

    /// <summary>A prior box so wide that nothing is cut: the divergence is that of the Gaussians, and of the exact posterior 0.</summary>
    [Fact]
    public void Where_nothing_is_cut_the_exact_network_is_at_distance_zero()
    {
        var builder = new NetworkBuilder();
        builder.Output("mean", 1.0 * builder.Input("x", 2));
        builder.Output("sd", builder.Constant([0.25, 0.5]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("sd")));
        var model = Model(ConjugateModel.UniformNormal, [-20, -40], [20], [0.25, 0.5]);
        foreach (var metric in new[] { Metric.Kl, Metric.TotalVariation })
        {
            var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, metric, [-1, -1], [1, 1]));
            var upper = Bounds.For(problem).UpperBound(problem.Domain.Box);
            Assert.True(upper is >= 0 and < 1e-6, $"{metric}: {upper}");
        }
    }

    [Theory]
    [InlineData(ConjugateModel.BetaBinomial, new[] { 1.0 }, new[] { 0.0 }, new[] { 3.0 }, "beta holds 0, expected a number from 1e-12 to 1e12")]
    [InlineData(ConjugateModel.GammaPoisson, new[] { -1.0 }, new[] { 1.0 }, new[] { 3.0 }, "shape holds -1, expected a number from 1e-12 to 1e12")]
    [InlineData(ConjugateModel.UniformNormal, new[] { 1.0 }, new[] { 1.0 }, new[] { 3.0 }, "the prior has the side [1, 1] in coordinate 0, expected lower < upper")]
    [InlineData("gamma-normal", new[] { 1.0 }, new[] { 1.0 }, new[] { 3.0 }, "there is no model 'gamma-normal' of 3 lists of numbers")]
    public void What_is_no_model_is_refused(string name, double[] first, double[] second, double[] third, string objection) =>
        Assert.Equal(objection, Model(name, first, second, third).Objection());

    [Fact]
    public void What_does_not_fit_is_told_in_one_line()
    {
        var beta = Model(ConjugateModel.BetaBinomial, [1], [1], [10]);
        var t = Model(ConjugateModel.NormalInverseGamma, [0], [1], [2], [1]);
        var cut = Model(ConjugateModel.UniformNormal, [-1], [1], [0.3]);
        foreach (var (estimator, claim, expected) in new (Estimator, Claim, string)[]
        {
            (Network(beta.Name, 1, 1, 1, PositiveTransform.Exp), ClaimOf(beta, Metric.Kl, [0], [11]), "reads counts from 0 to 10 trials; x_0 ranges over [0, 11]"),
            (Network(beta.Name, 1, 1, 1, PositiveTransform.Exp), ClaimOf(beta, Metric.Kl, [-1], [1]), "reads counts from 0 to 10 trials; x_0 ranges over [-1, 1]"),
            (Network(beta.Name, 1, 3, 2, PositiveTransform.Exp), ClaimOf(beta, Metric.Kl, [0, 0, 0], [1, 1, 1]), "needs as many entries of x for each parameter; the family has 2 and x has 3"),
            (Network(beta.Name, 1, 1, 1, PositiveTransform.Exp), ClaimOf(beta, Metric.Wasserstein2, [0], [1]), "The metric wasserstein2 is not for the family beta"),
            (Network(ConjugateModel.GammaPoisson, 1, 1, 1, PositiveTransform.Exp), ClaimOf(beta, Metric.Kl, [0], [1]), "is for the family beta, or vector for its mean; the family is gamma"),
            (Network(beta.Name, 1, 1, 1, PositiveTransform.Exp), ClaimOf(beta with { Numbers = [[1, 2], [1], [10]] }, Metric.Kl, [0], [1]), "has 2 numbers of alpha, expected one or 1"),
            (Network(t.Name, 1, 2, 1, default, 5), ClaimOf(t, Metric.Kl, [0, 0], [1, 1]), "has 2 alpha + n = 6 degrees of freedom, the family 5"),
            (Network(cut.Name, 1, 1, 1, default), ClaimOf(cut, Metric.KlReverse, [0], [1]), "the metrics kl and total-variation"),
            (SmallEstimators.Cholesky(1, 2, 2), ClaimOf(cut, Metric.Kl, [0, 0], [1, 1]), "this covariance is read as a triangle"),
            (Network(cut.Name, 1, 1, 1, default), ClaimOf(cut, Metric.Kl, [0], [1]) with { Kind = ClaimKind.Lipschitz, Metric = Metric.Wasserstein2 }, "A conjugate model is for claims of kind approximation"),
            (Network(cut.Name, 1, 1, 1, default), ClaimOf(cut, Metric.Kl, [0], [1]) with { Reference = Claim.GaussianLinear }, "A conjugate model is for claims of kind approximation"),
        })
        {
            var message = Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }
}
