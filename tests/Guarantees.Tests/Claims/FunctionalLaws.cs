using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Normal = MathNet.Numerics.Distributions.Normal;
using StudentLaw = MathNet.Numerics.Distributions.StudentT;

namespace Guarantees.Tests.Claims;

/// <summary>Functionals of posteriors, plain vectors and Student t against ordinary linear algebra and quadrature.</summary>
/// <remarks>
/// Mutants seen to fail: the spread of means left out of a mixture's standard deviation, the change of weights left out of the change of its mean, the quantile's z with the wrong sign, the Frobenius norm
/// of the wrong root, smallest and largest exchanged, nu / (nu - 2) inverted or left out, l1 and linf exchanged.
/// </remarks>
public class FunctionalLaws
{
    private static Claim Functional(Quantity quantity, double[] x0, bool change = false, int parameter = 0, double level = 0.9) => new()
    {
        Kind = ClaimKind.Functional,
        Quantity = quantity,
        IsChange = change,
        Parameter = parameter,
        Level = level,
        Observation = [.. x0],
        Radius = [.. x0.Select(_ => 5.0)],
    };

    private static (double Mean, double Deviation) Moments(Mixture q, int i)
    {
        var mean = q.Weights.Select((w, k) => w * q.Means[k][i]).Sum();
        return (mean, Math.Sqrt(q.Weights.Select((w, k) => w * (q.Covariances[k][i, i] + Math.Pow(q.Means[k][i] - mean, 2))).Sum()));
    }

    public static TheoryData<string> Kinds() => ["diagonal", "precision", "cholesky", "mixture", "cholesky-mixture"];

    private static Estimator Make(string kind, int seed) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 3),
        "precision" => SmallEstimators.Precision(seed, 3, 3),
        "cholesky" => SmallEstimators.Cholesky(seed, 3, 3),
        "mixture" => SmallEstimators.Mixture(seed, 3, 4, 2),
        _ => SmallEstimators.Mixture(seed, 3, 3, 2, precision: false),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Values_and_changes_are_those_of_the_posterior(string kind)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var estimator = Make(kind, seed);
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = SmallEstimators.Point(random, 3, 1);
            Mixture q0 = SmallEstimators.At(estimator, x0), q = SmallEstimators.At(estimator, x);
            var i = seed % q.Dimension;
            double Value(Claim claim) => SmallEstimators.Value(ClaimCompiler.Compile(estimator, claim), x);
            var ((mean0, deviation0), (mean, deviation)) = (Moments(q0, i), Moments(q, i));
            Assert.Equal(mean, Value(Functional(Quantity.Mean, x0, parameter: i)), 1e-9);
            Assert.Equal(Math.Abs(mean - mean0), Value(Functional(Quantity.Mean, x0, true, i)), 1e-9);
            Assert.Equal(-mean, Value(Functional(Quantity.Mean, x0, parameter: i) with { AtLeast = 0 }), 1e-9);
            Assert.Equal(deviation, Value(Functional(Quantity.StandardDeviation, x0, parameter: i)), 1e-9);
            Assert.Equal(Math.Abs(deviation - deviation0), Value(Functional(Quantity.StandardDeviation, x0, true, i)), 1e-9);
            var eigen = q.Covariances.SelectMany(c => c.Evd(Symmetricity.Symmetric).EigenValues.Real()).ToArray();
            var (smallest, largest) = (-Value(Functional(Quantity.SmallestScale, x0)), Value(Functional(Quantity.LargestScale, x0)));
            Assert.True(smallest <= Math.Sqrt(eigen.Min()) + 1e-9 && smallest >= Math.Sqrt(eigen.Min() / q.Dimension) - 1e-9, $"{smallest} for {Math.Sqrt(eigen.Min())}");
            Assert.True(largest >= Math.Sqrt(eigen.Max()) - 1e-9 && largest <= Math.Sqrt(eigen.Max() * q.Dimension) + 1e-9, $"{largest} for {Math.Sqrt(eigen.Max())}");
            if (kind == "diagonal")
            {
                Assert.Equal(Math.Sqrt(eigen.Min()), smallest, 1e-9);
                Assert.Equal(Math.Sqrt(eigen.Max()), largest, 1e-9);
            }

            if (q.Weights.Length > 1)
            {
                Assert.Equal(q.Weights[1], Value(Functional(Quantity.Weight, x0, parameter: 1)), 1e-9);
                Assert.Equal(Math.Abs(q.Weights[1] - q0.Weights[1]), Value(Functional(Quantity.Weight, x0, true, 1)), 1e-9);
                Assert.Equal(-q.Weights.Min(), Value(Functional(Quantity.SmallestWeight, x0)), 1e-9);
            }
            else
            {
                var z = Normal.InvCDF(0, 1, 0.2);
                Assert.Equal(mean + (z * deviation), Value(Functional(Quantity.Quantile, x0, parameter: i, level: 0.2)), 1e-8);
                Assert.Equal(Math.Abs(mean - mean0 + (z * (deviation - deviation0))), Value(Functional(Quantity.Quantile, x0, true, i, 0.2)), 1e-8);
            }
        }
    }

    [Fact]
    public void Whether_a_bound_is_the_quantity_is_said()
    {
        double[] x0 = [0, 0, 0];
        bool IsExact(string kind, Quantity quantity) => ClaimCompiler.Compile(Make(kind, 1), Functional(quantity, x0)).ExactMetric;
        Assert.True(IsExact("diagonal", Quantity.SmallestScale) && IsExact("diagonal", Quantity.LargestScale) && IsExact("mixture", Quantity.StandardDeviation));
        Assert.False(IsExact("precision", Quantity.SmallestScale) || IsExact("cholesky", Quantity.LargestScale) || IsExact("mixture", Quantity.SmallestScale));
    }

    [Theory]
    [InlineData(Metric.L1)]
    [InlineData(Metric.L2)]
    [InlineData(Metric.Linf)]
    public void Plain_vectors_move_by_the_norm_of_the_difference(Metric metric)
    {
        var network = SmallEstimators.Build(3, 3, [("a", 2, 1), ("b", 3, 1)], new DiagonalGaussian(2, "a", SquareRoot.Diagonal("a"))).Network;
        var estimator = new Estimator(network, OutputVector.For(network));
        var random = new Random(2);
        for (var k = 0; k < 20; k++)
        {
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = SmallEstimators.Point(random, 3, 1);
            var (y0, y) = (network.Evaluate(x0), network.Evaluate(x));
            var change = network.Outputs.SelectMany(output => y[output.Node].Zip(y0[output.Node], (p, q) => Math.Abs(p - q))).ToArray();
            var expected = metric switch { Metric.L1 => change.Sum(), Metric.L2 => Math.Sqrt(change.Sum(v => v * v)), _ => change.Max() };
            Assert.Equal(expected, SmallEstimators.Value(ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, x0, 5)), x), 1e-9);
        }
    }

    /// <summary>On the line, by quadrature: densities of Student t for the divergences, quantile functions for W2.</summary>
    [Theory]
    [InlineData(2.5)]
    [InlineData(5)]
    [InlineData(30)]
    public void Distances_of_Student_t_are_bounded_by_those_of_the_Gaussians(double nu)
    {
        for (var seed = 0; seed < 16; seed++)
        {
            var random = new Random(seed);
            var gaussian = SmallEstimators.Cholesky(seed, 3, 2);
            var flat = SmallEstimators.Build(seed, 3, [("mean", 1, 1), ("s", 1, 0.5)], new StudentT(new Gaussian(1, "mean", SquareRoot.Diagonal("s", ScaleKind.LogStandardDeviation)), nu));
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = [.. x0.Select(v => v + ((seed % 2 == 0 ? 0.1 : 1) * ((2 * random.NextDouble()) - 1)))];
            double Value(Metric metric) => SmallEstimators.Value(ClaimCompiler.Compile(flat, SmallEstimators.Robustness(metric, x0, 5)), x);
            var (a, b) = (SmallEstimators.At(flat, x0), SmallEstimators.At(flat, x));
            var (p, q) = (new StudentLaw(a.Means[0][0], a.Roots[0][0, 0], nu), new StudentLaw(b.Means[0][0], b.Roots[0][0, 0], nu));

            // theta = tan u takes the line to an interval; the tails of t fall like a power.
            var (variation, hellinger, divergence) = (0.0, 0.0, 0.0);
            const int points = 40_000;
            for (var k = 0; k < points; k++)
            {
                var u = (((k + 0.5) / points) - 0.5) * Math.PI;
                var (theta, weight) = (Math.Tan(u), Math.PI / points / Math.Pow(Math.Cos(u), 2));
                var (f, g) = (p.Density(theta), q.Density(theta));
                variation += 0.5 * Math.Abs(f - g) * weight;
                hellinger += 0.5 * Math.Pow(Math.Sqrt(f) - Math.Sqrt(g), 2) * weight;
                divergence += f > 0 && g > 0 ? f * Math.Log(f / g) * weight : 0;
            }

            Assert.True(Value(Metric.TotalVariation) >= variation - 1e-6);
            Assert.True(Value(Metric.Hellinger) >= Math.Sqrt(hellinger) - 1e-5);
            Assert.True(Value(Metric.Kl) >= divergence - 1e-6);
            Assert.True(seed % 2 == 1 || Value(Metric.Kl) <= (3 + (6 / (nu - 2))) * divergence, $"{Value(Metric.Kl)} is far above {divergence}");
            var shift = Math.Pow(a.Means[0][0] - b.Means[0][0], 2) + (nu / (nu - 2) * Math.Pow(a.Roots[0][0, 0] - b.Roots[0][0, 0], 2));
            Assert.Equal(Math.Sqrt(shift), Value(Metric.Wasserstein2), 1e-9);
            if (nu >= 5)
            {
                var levels = Enumerable.Range(0, 4000).Select(k => (k + 0.5) / 4000);
                var transport = Math.Sqrt(levels.Average(level => Math.Pow(p.InverseCumulativeDistribution(level) - q.InverseCumulativeDistribution(level), 2)));
                Assert.Equal(transport, Value(Metric.Wasserstein2), 0.06 * transport);
            }

            var full = new Estimator(gaussian.Network, new StudentT(new Gaussian(2, "mean", SquareRoot.Cholesky("diagonal", "lower", PositiveTransform.Exp)), nu));
            Assert.False(ClaimCompiler.Compile(full, SmallEstimators.Robustness(Metric.Wasserstein2, x0, 5)).ExactMetric);
            Assert.Equal(
                Math.Sqrt(nu / (nu - 2)) * Moments(SmallEstimators.At(gaussian, x), 1).Deviation,
                SmallEstimators.Value(ClaimCompiler.Compile(full, Functional(Quantity.StandardDeviation, x0, parameter: 1)), x),
                1e-9);
        }
    }

    /// <summary>Chi-squared mixing, drawn: W2 of two full Student t is at most the compiled bound, by the coupling through one (e, c).</summary>
    [Fact]
    public void The_coupling_behind_the_Wasserstein_bound_has_its_cost()
    {
        const double nu = 6;
        var gaussian = SmallEstimators.Cholesky(2, 3, 2);
        var full = new Estimator(gaussian.Network, new StudentT(new Gaussian(2, "mean", SquareRoot.Cholesky("diagonal", "lower", PositiveTransform.Exp)), nu));
        double[] x0 = [0.1, -0.3, 0.5], x = [0.6, 0.2, -0.4];
        Mixture a = SmallEstimators.At(gaussian, x0), b = SmallEstimators.At(gaussian, x);
        var random = new MathNet.Numerics.Random.MersenneTwister(3);
        var sum = 0.0;
        const int draws = 400_000;
        for (var k = 0; k < draws; k++)
        {
            var e = Vector<double>.Build.Dense([Normal.Sample(random, 0, 1), Normal.Sample(random, 0, 1)]);
            var scale = Math.Sqrt(nu / MathNet.Numerics.Distributions.ChiSquared.Sample(random, nu));
            sum += Math.Pow((a.Means[0] - b.Means[0] + (scale * ((a.Roots[0] - b.Roots[0]) * e))).L2Norm(), 2);
        }

        var bound = SmallEstimators.Value(ClaimCompiler.Compile(full, SmallEstimators.Robustness(Metric.Wasserstein2, x0, 5)), x);
        Assert.Equal(Math.Sqrt(sum / draws), bound, 0.01 * bound);
    }

    [Fact]
    public void Claims_that_do_not_fit_are_refused_in_one_line()
    {
        double[] x0 = [0, 0, 0];
        void Refused(Estimator estimator, Claim claim, string words)
        {
            var message = Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message;
            Assert.Contains(words, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        foreach (var ball in new[] { false, true })
        {
            var lipschitz = new Claim { Kind = ClaimKind.Lipschitz, Norm = Norm.L0, Entries = 1, DomainLower = [-1, -1, -1], DomainUpper = [1, 1, 1] };
            Refused(Make("diagonal", 1), ball ? lipschitz with { Observation = [0, 0, 0], Radius = [1, 1, 1] } : lipschitz, "l0 counts entries");
        }

        var few = SmallEstimators.Robustness(Metric.Kl, x0, 1) with { Norm = Norm.L0, Entries = 1 };
        Refused(Make("diagonal", 1), few with { Group = 2 }, "groups of 2");
        Refused(Make("diagonal", 1), few with { Group = 0 }, "groups of 0");
        Refused(Make("diagonal", 1), few with { Entries = 4 }, "expected 0 to 3");
        Refused(Make("diagonal", 1), few with { Entries = -1 }, "expected 0 to 3");
        Refused(Make("diagonal", 1), few with { DomainLower = [1, 1, 1], DomainUpper = [2, 2, 2] }, "must lie in the domain");
        Refused(Make("diagonal", 1), few with { DomainLower = [-1, -1, -1], DomainUpper = [1] }, "Expected 3 numbers");
        var heavy = SmallEstimators.Build(1, 3, [("mean", 1, 1), ("s", 1, 0.5)], new StudentT(new Gaussian(1, "mean", SquareRoot.Diagonal("s", ScaleKind.LogStandardDeviation)), 1));
        Refused(heavy, SmallEstimators.Robustness(Metric.Wasserstein2, x0, 1), "needs more than 2");
        Refused(heavy, Functional(Quantity.StandardDeviation, x0), "needs more than 2");
        Refused(heavy, Functional(Quantity.Mean, x0), "has no mean");
        Refused(heavy, Functional(Quantity.Quantile, x0), "of a quantile");
        Refused(heavy, SmallEstimators.Robustness(Metric.LogDensity, x0, 1), "log-density");
        Refused(Make("diagonal", 1), Functional(Quantity.Weight, x0), "more than one component");
        Refused(Make("mixture", 1), Functional(Quantity.Weight, x0, parameter: 4), "no component 4");
        Refused(Make("mixture", 1), Functional(Quantity.Quantile, x0), "one Gaussian component");
        Refused(Make("diagonal", 1), Functional(Quantity.Mean, x0, parameter: 3), "no parameter theta_3");
        Refused(Make("diagonal", 1), Functional(Quantity.Quantile, x0, level: 1), "strictly between 0 and 1");
        Refused(Make("diagonal", 1), Functional(Quantity.SmallestScale, x0, true), "is not compiled");
        Refused(Make("diagonal", 1), Functional(Quantity.SmallestScale, x0) with { AtMost = 1 }, "from below");
        Refused(Make("diagonal", 1), Functional(Quantity.LargestScale, x0) with { AtLeast = 1 }, "from above");
        Refused(Make("diagonal", 1), Functional(Quantity.Mean, x0, true) with { AtLeast = 1 }, "excludes 'at most'");
        foreach (var degrees in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Contains("degrees of freedom", Assert.Throws<ArgumentException>(() => new StudentT(new Gaussian(1, "mean", SquareRoot.Diagonal("s")), degrees)).Message, StringComparison.Ordinal);
        }
    }
}
