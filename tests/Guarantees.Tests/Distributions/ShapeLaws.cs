using Guarantees.Claims;
using Guarantees.Distributions;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Guarantees.Tests.Distributions;

/// <summary>Distances of Gamma and Beta heads against closed forms with MathNet's special functions and against quadrature.</summary>
/// <remarks>
/// Mutants seen to fail: base point and end of the divergence exchanged, the remainder of the series left out, t for t + 1, no guard of an output that may be negative, the shape at x0 for that at x in
/// W1, the sign of the term that shape and rate share.
/// </remarks>
public class ShapeLaws
{
    private static Estimator Make(string kind, int seed, int dimension, double size = 1) => kind == "gamma"
        ? SmallEstimators.Build(seed, 3, [("a", dimension, size), ("b", dimension, size)], new Guarantees.Distributions.Gamma(dimension, "a", "b", PositiveTransform.Softplus))
        : SmallEstimators.Build(seed, 3, [("a", dimension, size), ("b", dimension, size)], new Guarantees.Distributions.Beta(dimension, "a", "b", PositiveTransform.Exp));

    private static (double[] A, double[] B) Shapes(string kind, Estimator estimator, double[] x)
    {
        var values = estimator.Network.Evaluate(x);
        double[] Of(string output) => Array.ConvertAll(values[estimator.Network.Output(output).Id].ToArray(), v => kind == "gamma" ? Math.Log(1 + Math.Exp(v)) : Math.Exp(v));
        return (Of("a"), Of("b"));
    }

    private static IContinuousDistribution Law(string kind, double a, double b) => kind == "gamma" ? new MathNet.Numerics.Distributions.Gamma(a, b) : new MathNet.Numerics.Distributions.Beta(a, b);

    private static double Kl(string kind, double a0, double b0, double a, double b)
    {
        double Psi(double t) => SpecialFunctions.DiGamma(t);
        double Log(double t) => SpecialFunctions.GammaLn(t);
        return kind == "gamma"
            ? ((a0 - a) * Psi(a0)) - Log(a0) + Log(a) + (a * Math.Log(b0 / b)) + (a0 * (b - b0) / b0)
            : Log(a) + Log(b) - Log(a + b) - Log(a0) - Log(b0) + Log(a0 + b0) + ((a0 - a) * Psi(a0)) + ((b0 - b) * Psi(b0)) + ((a - a0 + b - b0) * Psi(a0 + b0));
    }

    /// <summary>The integral of f(density, density0) over the line, in the variable ln t (and ln(1 - t)) in which heads with small shapes are smooth.</summary>
    private static double Integrate(string kind, IContinuousDistribution p, IContinuousDistribution q, Func<double, double, double> f)
    {
        var sum = 0.0;
        const int count = 60_000;
        for (var i = 0; i <= count; i++)
        {
            // t = e^u, or 1 / (1 + e^-u).
            var u = -60 + (120.0 * i / count);
            var t = kind == "gamma" ? Math.Exp(u) : 1 / (1 + Math.Exp(-u));
            var jacobian = kind == "gamma" ? t : t * (1 / (1 + Math.Exp(u)));
            if (jacobian > 1e-18 && t < 1 - 1e-15 | kind == "gamma" && t < 1e6)
            {
                sum += f(p.Density(t), q.Density(t)) * jacobian;
            }
        }

        return sum * 120.0 / count;
    }

    internal static double Truth(string kind, Metric metric, double a0, double b0, double a, double b)
    {
        var (p, q) = (Law(kind, a, b), Law(kind, a0, b0));
        return metric switch
        {
            Metric.Kl => Kl(kind, a0, b0, a, b),
            Metric.KlReverse => Kl(kind, a, b, a0, b0),
            Metric.TotalVariation => Integrate(kind, p, q, (f, g) => 0.5 * Math.Abs(f - g)),
            Metric.Hellinger => Math.Sqrt(Integrate(kind, p, q, (f, g) => 0.5 * Math.Pow(Math.Sqrt(f) - Math.Sqrt(g), 2))),
            Metric.JensenShannon => Integrate(kind, p, q, (f, g) => 0.5 * ((f > 0 ? f * Math.Log(2 * f / (f + g)) : 0) + (g > 0 ? g * Math.Log(2 * g / (f + g)) : 0))),

            // The integral of |F - F0|: of 1 in place of both densities, with distribution functions in the place of f and g.
            _ => Enumerable.Range(0, 40_000).Sum(i =>
            {
                var (top, step) = kind == "gamma" ? (Math.Max(p.Mean + (40 * p.StdDev), q.Mean + (40 * q.StdDev)), 0.0) : (1.0, 0.0);
                step = top / 40_000;
                var t = (i + 0.5) * step;
                return Math.Abs(p.CumulativeDistribution(t) - q.CumulativeDistribution(t)) * step;
            }),
        };
    }

    [Theory]
    [InlineData("gamma", Metric.Wasserstein1)]
    [InlineData("gamma", Metric.TotalVariation)]
    [InlineData("gamma", Metric.Hellinger)]
    [InlineData("gamma", Metric.Kl)]
    [InlineData("gamma", Metric.KlReverse)]
    [InlineData("gamma", Metric.JensenShannon)]
    [InlineData("beta", Metric.Wasserstein1)]
    [InlineData("beta", Metric.TotalVariation)]
    [InlineData("beta", Metric.Hellinger)]
    [InlineData("beta", Metric.Kl)]
    [InlineData("beta", Metric.KlReverse)]
    [InlineData("beta", Metric.JensenShannon)]
    public void Bounds_on_the_line_are_never_too_small_and_close(string kind, Metric metric)
    {
        var ratios = new List<double>();
        for (var seed = 0; seed < 24; seed++)
        {
            var random = new Random(seed);
            var estimator = Make(kind, seed, 1, seed % 3 == 0 ? 2 : 1);
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = [.. x0.Select(v => v + ((seed % 2 == 0 ? 0.05 : 1) * ((2 * random.NextDouble()) - 1)))];
            var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, 5));
            Assert.False(problem.ExactMetric);
            var ((a0, b0), (a, b)) = (Shapes(kind, estimator, x0), Shapes(kind, estimator, x));
            var (truth, value) = (Truth(kind, metric, a0[0], b0[0], a[0], b[0]), SmallEstimators.Value(problem, x));
            Assert.True(value >= truth * (1 - 1e-4) - (metric == Metric.Wasserstein1 ? 1e-5 : 1e-10), $"seed {seed}: {value} < {truth}; ({a0[0]}, {b0[0]}) to ({a[0]}, {b[0]})");
            if (metric == Metric.Wasserstein1)
            {
                var lower = problem.Graph.Ranges(Networks.Box.Point(x))[problem.MetricLower].Lower[0];
                Assert.InRange(truth, (lower * (1 - 1e-4)) - 1e-5, (value * (1 + 1e-4)) + 1e-5);
                Assert.Equal(Math.Abs(Law(kind, a[0], b[0]).Mean - Law(kind, a0[0], b0[0]).Mean), lower, 1e-9);
            }

            ratios.Add(value / truth);
        }

        // Small steps: a divergence is right to second order, Pinsker's inequality costs up to 1.5, and Hellinger's bound a root of 2.
        var median = ratios.Order().ElementAt(12);
        Assert.True(median <= (metric is Metric.Kl or Metric.KlReverse ? 1.05 : metric == Metric.JensenShannon ? 2.6 : 1.7), $"median ratio {median}");
    }

    [Theory]
    [InlineData("gamma")]
    [InlineData("beta")]
    public void Several_parameters_add_up(string kind)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var estimator = Make(kind, seed, 3);
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = SmallEstimators.Point(random, 3, 1);
            double Value(Metric metric) => SmallEstimators.Value(ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, 5)), x);
            var ((a0, b0), (a, b)) = (Shapes(kind, estimator, x0), Shapes(kind, estimator, x));
            foreach (var metric in new[] { Metric.Kl, Metric.KlReverse, Metric.Wasserstein1 })
            {
                var truth = Enumerable.Range(0, 3).Sum(i => Truth(kind, metric, a0[i], b0[i], a[i], b[i]));
                Assert.InRange(Value(metric), (truth * (1 - 1e-4)) - 1e-5, metric == Metric.Wasserstein1 ? double.PositiveInfinity : (1.5 * truth) + 1e-5);
            }
        }
    }

    [Theory]
    [InlineData("gamma")]
    [InlineData("beta")]
    public void Means_and_deviations_are_those_of_the_law(string kind)
    {
        var random = new Random(3);
        var estimator = Make(kind, 2, 2);
        double[] x0 = SmallEstimators.Point(random, 3, 1), x = SmallEstimators.Point(random, 3, 1);
        var ((a0, b0), (a, b)) = (Shapes(kind, estimator, x0), Shapes(kind, estimator, x));
        foreach (var quantity in new[] { Quantity.Mean, Quantity.StandardDeviation })
        {
            double Read(double p, double q) => quantity == Quantity.Mean ? Law(kind, p, q).Mean : Law(kind, p, q).StdDev;
            double Value(bool change, double? least) => SmallEstimators.Value(
                ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(default, x0, 5) with { Kind = ClaimKind.Functional, Quantity = quantity, Parameter = 1, IsChange = change, AtLeast = least }), x);
            Assert.Equal(Read(a[1], b[1]), Value(false, null), 1e-9);
            Assert.Equal(-Read(a[1], b[1]), Value(false, 0.1), 1e-9);
            Assert.Equal(Math.Abs(Read(a[1], b[1]) - Read(a0[1], b0[1])), Value(true, null), 1e-9);
        }
    }

    /// <summary>Shape x over [-1, 1] is no shape below 0, and has no bound there.</summary>
    [Theory]
    [InlineData(Metric.Wasserstein1)]
    [InlineData(Metric.Kl)]
    public void An_output_that_may_be_negative_is_no_shape(Metric metric)
    {
        var builder = new Networks.NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("a", 1.0 * x);
        builder.Output("b", builder.Constant([1.0]));
        var estimator = new Estimator(builder.Build(), new Guarantees.Distributions.Gamma(1, "a", "b", PositiveTransform.None));
        var problem = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, [1.5], 1));
        Assert.Equal(metric == Metric.Kl ? Truth("gamma", metric, 1.5, 1, 2, 1) : 0.5, SmallEstimators.Value(problem, 2), metric == Metric.Kl ? 0.02 : 1e-9);
        Assert.Throws<Networks.Operators.DomainException>(() => problem.Graph.Ranges(new Networks.Box([-1.0], [1.0])));
        Assert.Throws<Networks.Operators.DomainException>(() => problem.Graph.Ranges(new Networks.Box([0.0], [0.0])));
        Assert.Throws<Networks.Operators.DomainException>(() => ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, [-0.5], 1)));
    }

    [Fact]
    public void Claims_that_do_not_fit_are_refused_in_one_line()
    {
        var ball = SmallEstimators.Robustness(Metric.Wasserstein2, [0, 0, 0], 1);
        foreach (var claim in new[] { ball, ball with { Kind = ClaimKind.Lipschitz }, ball with { Kind = ClaimKind.Functional, Quantity = Quantity.Quantile }, ball with { Kind = ClaimKind.EventProbability, EventLower = 1 } })
        {
            var message = Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(Make("beta", 1, 1), claim)).Message;
            Assert.StartsWith("The family beta is for claims of kind robustness with the metric wasserstein1", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        Assert.Contains("no parameter theta_2", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(Make("gamma", 1, 2), ball with { Kind = ClaimKind.Functional, Parameter = 2 })).Message, StringComparison.Ordinal);
    }
}
