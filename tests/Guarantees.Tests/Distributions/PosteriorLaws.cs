using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Normal = MathNet.Numerics.Distributions.Normal;

namespace Guarantees.Tests.Distributions;

/// <summary>q(. | x) in numbers: densities, draws, marginal probabilities and distances of every family, against dense matrix algebra, integrals and closed forms of MathNet.</summary>
/// <remarks>
/// Draws: each sample of 20,000 is brought to uniform numbers by a distribution function that MathNet computes; by Dvoretzky, Kiefer, Wolfowitz and Massart the largest distance from uniform is above 0.0231 with probability at most
/// 1e-9, so that all tests here together fail wrongly with probability below 1e-7, for seeds not yet seen; a shift of 0.06 standard deviations, or a scale off by 10 %, is seen. Random directions see every covariance.
/// Mutants seen to fail: chi-square with twice the degrees in draws of t, and one degree less in its density; the first component for all; weights left out of the density; the determinant's other sign; the root transposed; normal numbers
/// too wide by 10 %; variances for deviations; deviations of the x before; a root of 0 let through. Not seen: the shape of the gamma number for nu below 2 off by 0.1.
/// </remarks>
public class PosteriorLaws
{
    private const int Draws = 20_000;

    private static readonly string[] Names =
    [
        "diagonal log-sd", "diagonal sd", "diagonal variance", "diagonal log-variance", "one parameter", "cholesky", "precision", "mixture precision", "mixture cholesky", "mixture of one", "mixture in 1-d",
        "t 3", "t 0.7", "t 3 precision", "t 3 diagonal",
    ];

    public static TheoryData<string> Families { get; } = [.. Names];

    [Theory]
    [MemberData(nameof(Families))]
    public void Log_densities_differ_from_dense_algebra_by_one_constant(string name)
    {
        for (var seed = 0; seed < 8; seed++)
        {
            var (estimator, random) = (Make(name, seed), new Random(seed));
            var posterior = Posterior.Of(estimator);
            Assert.True(posterior.HasDensity && posterior.HasDraws);
            double? constant = null;
            for (var trial = 0; trial < 12; trial++)
            {
                var x = SmallEstimators.Point(random, 2, 2);
                Assert.True(posterior.At(x));
                var truth = SmallEstimators.At(estimator, x);
                for (var k = 0; k < 3; k++)
                {
                    var theta = SmallEstimators.Point(random, posterior.Dimension, k == 0 ? 30 : 3);
                    var difference = posterior.LogDensity(theta) - LogDensity(truth, Degrees(estimator), Vector<double>.Build.DenseOfArray(theta));
                    constant ??= difference;
                    Assert.Equal(constant.Value, difference, 1e-7 * (1 + Math.Abs(posterior.LogDensity(theta))));
                }
            }

            // The constant that the page of conformal claims names.
            if (Degrees(estimator) is null)
            {
                Assert.Equal(0.5 * posterior.Dimension * Math.Log(2 * Math.PI), constant!.Value, 1e-7);
            }
        }
    }

    /// <remarks>The rule of equal steps errs by less than 1e-12 for Gaussians whose standard deviation is a step or more; the tail of t with 3 degrees beyond the grid is added.</remarks>
    [Fact]
    public void Densities_integrate_to_one_in_one_and_two_dimensions()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            foreach (var name in new[] { "one parameter", "mixture in 1-d" })
            {
                var posterior = Posterior.Of(Make(name, seed));
                Assert.True(posterior.At([0.3, -0.8]));
                var sum = Enumerable.Range(-60_000, 120_001).Sum(i => Math.Exp(posterior.LogDensity([i * 1e-3])));
                Assert.Equal(1, sum * 1e-3 / Math.Sqrt(2 * Math.PI), 1e-9);
            }

            foreach (var estimator in seed > 1 ? [] : new[] { SmallEstimators.Cholesky(seed, 2, 2), SmallEstimators.Precision(seed, 2, 2), SmallEstimators.Mixture(seed, 2, 3, 2) })
            {
                var posterior = Posterior.Of(estimator);
                Assert.True(posterior.At([0.3, -0.8]));
                var (sum, theta) = (0.0, new double[2]);
                for (var i = -400; i <= 400; i++)
                {
                    for (var j = -400; j <= 400; j++)
                    {
                        (theta[0], theta[1]) = (i * 0.1, j * 0.1);
                        sum += Math.Exp(posterior.LogDensity(theta));
                    }
                }

                Assert.Equal(1, sum * 0.1 * 0.1 / (2 * Math.PI), 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Marginal_probabilities_and_distances_are_those_of_the_covariance(string name)
    {
        for (var seed = 0; seed < 8; seed++)
        {
            var (estimator, random) = (Make(name, seed), new Random(seed));
            var posterior = Posterior.Of(estimator);
            Assert.Equal(Degrees(estimator) is null, posterior.HasMarginals);
            Assert.Equal(Degrees(estimator) is null && estimator.Family.Components == 1, posterior.HasDistance);
            for (var trial = 0; trial < 10 && posterior.HasMarginals; trial++)
            {
                var x = SmallEstimators.Point(random, 2, 2);
                Assert.True(posterior.At(x));
                var truth = SmallEstimators.At(estimator, x);
                var theta = SmallEstimators.Point(random, posterior.Dimension, 3);
                for (var i = 0; i < posterior.Dimension; i++)
                {
                    var p = Enumerable.Range(0, truth.Weights.Length).Sum(k => truth.Weights[k] * Normal.CDF(truth.Means[k][i], Math.Sqrt(truth.Covariances[k][i, i]), theta[i]));
                    Assert.Equal(p, posterior.Probability(i, theta[i]), 1e-11);
                    Assert.Equal(0, posterior.Probability(i, -1e9), 1e-15);
                    Assert.InRange(posterior.Probability(i, 1e9), 1 - 1e-12, 1);
                }

                if (posterior.HasDistance)
                {
                    var away = Vector<double>.Build.DenseOfArray(theta) - truth.Means[0];
                    var distance = Math.Sqrt(away.DotProduct(truth.Covariances[0].Solve(away)));
                    Assert.Equal(distance, posterior.Distance(theta), 1e-9 * (1 + distance));
                }
            }
        }
    }

    /// <remarks>Projected on a direction, a Gaussian is one of standard deviation sqrt(a^T Sigma a), Student t one with that scale.</remarks>
    [Theory]
    [MemberData(nameof(Families))]
    public void Draws_have_the_distribution_of_the_family_in_every_direction(string name)
    {
        var (estimator, random) = (Make(name, 3), new Random(5));
        var posterior = Posterior.Of(estimator);
        var x = SmallEstimators.Point(random, 2, 2);
        Assert.True(posterior.At(x));
        var truth = SmallEstimators.At(estimator, x);
        var draws = Drawn(posterior, 41);
        Vector<double>[] directions =
        [
            .. Enumerable.Range(0, posterior.Dimension).Select(i => Vector<double>.Build.Dense(posterior.Dimension, j => i == j ? 1 : 0)),
            .. Enumerable.Range(0, 4).Select(_ => Vector<double>.Build.DenseOfArray(SmallEstimators.Point(random, posterior.Dimension, 1))),
        ];
        foreach (var a in directions)
        {
            Uniform(draws.Select(theta => Enumerable.Range(0, truth.Weights.Length).Sum(k =>
            {
                var z = a.DotProduct(theta - truth.Means[k]) / Math.Sqrt(a.DotProduct(truth.Covariances[k] * a));
                return truth.Weights[k] * (Degrees(estimator) is { } nu ? MathNet.Numerics.Distributions.StudentT.CDF(0, 1, nu, z) : Normal.CDF(0, 1, z));
            })));
        }

        if (posterior.HasDistance)
        {
            Uniform(draws.Select(theta => SpecialFunctions.GammaLowerRegularized(0.5 * posterior.Dimension, 0.5 * Math.Pow(posterior.Distance(theta.AsArray()), 2))));
        }

        // One draw after the other is independent: whether each is above the one before in the first coordinate, in pairs, is a fair coin.
        var ups = Enumerable.Range(0, Draws / 2).Count(i => draws[2 * i][0] < draws[(2 * i) + 1][0]);
        Assert.InRange(Math.Abs((ups / (0.5 * Draws)) - 0.5), 0, Hoeffding.Radius(Draws / 2, 1, 1e-9));
    }

    [Fact]
    public void The_same_numbers_give_the_same_draws_and_others_give_others()
    {
        var posterior = Posterior.Of(SmallEstimators.Mixture(1, 2, 3, 2));
        Assert.True(posterior.At([0.1, 0.2]));
        Assert.Equal(Drawn(posterior, 1)[17].ToArray(), Drawn(posterior, 1)[17].ToArray());
        Assert.NotEqual(Drawn(posterior, 1)[17].ToArray(), Drawn(posterior, 2)[17].ToArray());
    }

    /// <summary>What is kept of one x must not be seen at the next.</summary>
    [Fact]
    public void Turning_to_other_data_forgets_those_before()
    {
        foreach (var name in Names)
        {
            var estimator = Make(name, 2);
            var (used, fresh) = (Posterior.Of(estimator), Posterior.Of(estimator));
            var theta = new double[used.Dimension];
            Assert.True(used.At([5, 5]));
            _ = used.LogDensity(theta);
            _ = used.HasMarginals ? used.Probability(0, 0) : 0;
            Assert.True(used.At([-0.4, 0.2]));
            Assert.True(fresh.At([-0.4, 0.2]));
            Assert.Equal(fresh.LogDensity(theta), used.LogDensity(theta));
            Assert.Equal(fresh.HasMarginals ? fresh.Probability(0, 0.1) : 0, used.HasMarginals ? used.Probability(0, 0.1) : 0);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, true)] // |root| is what counts
    [InlineData(1e-300, true)]
    public void A_posterior_without_density_is_none(double scale, bool isOne)
    {
        var posterior = Posterior.Of(Constant(0, scale));
        Assert.Equal(isOne, posterior.At([1]));
    }

    [Fact]
    public void A_posterior_that_overflows_is_none()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("mean", builder.Affine(x, [1], [0]));
        builder.Output("scale", builder.Affine(x, [1], [0]));
        var posterior = Posterior.Of(new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation))));
        Assert.True(posterior.At([700]));
        Assert.False(posterior.At([710])); // e^710 is no double
        Assert.False(posterior.At([-800])); // e^-800 is 0
    }

    /// <remarks>theta ~ N(x, 1/10) written as a density, its inputs in either order.</remarks>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_of_densities_is_read_as_it_is(bool thetaFirst)
    {
        var builder = new NetworkBuilder();
        var (theta, x) = Inputs(builder, "theta", 2, "x", 3, thetaFirst);
        var away = theta - x.Slice(1, 2);
        builder.Output("q", builder.Combine([(-5, builder.Sum(away * away))], 1.25));
        var network = builder.Build();
        var posterior = Posterior.Of(new Estimator(network, ConditionalDensity.For(network, "theta", "q")));
        Assert.Equal((2, 3), (posterior.Dimension, posterior.DataLength));
        Assert.True(posterior.HasDensity && !posterior.HasDraws && !posterior.HasMarginals && !posterior.HasDistance);
        Assert.True(posterior.At([7, 0.5, -1]));
        Assert.Equal(1.25 - (5 * ((0.25 * 0.25) + (3 * 3))), posterior.LogDensity([0.75, 2]), 1e-12);
        Assert.Equal(1.25, posterior.LogDensity([0.5, -1]), 1e-12);
        Assert.Throws<NotSupportedException>(() => posterior.Draw(new SeededGenerator(1), new double[2]));
    }

    /// <remarks>T(z; x) = (x_0 + z_0, x_1 + 2 z_0 + z_1): normal with covariance [1 2; 2 5].</remarks>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sampler_draws_what_its_network_makes_of_normal_noise(bool noiseFirst)
    {
        var builder = new NetworkBuilder();
        var (z, x) = Inputs(builder, "noise", 2, "data", 2, noiseFirst);
        builder.Output("theta", x + builder.Affine(z, [1, 0, 2, 1], [0, 0]));
        var network = builder.Build();
        var posterior = Posterior.Of(new Estimator(network, Sampler.For(network, "noise", "theta")));
        Assert.Equal((2, 2), (posterior.Dimension, posterior.DataLength));
        Assert.True(!posterior.HasDensity && posterior.HasDraws && !posterior.HasMarginals && !posterior.HasDistance);
        Assert.True(posterior.At([3, -1]));
        var draws = Drawn(posterior, 12);
        Uniform(draws.Select(theta => Normal.CDF(3, 1, theta[0])));
        Uniform(draws.Select(theta => Normal.CDF(-1, Math.Sqrt(5), theta[1])));
        Uniform(draws.Select(theta => Normal.CDF(-1 - (2 * 3), 1, theta[1] - (2 * theta[0]))));
        Assert.Throws<NotSupportedException>(() => posterior.LogDensity([0, 0]));
    }

    [Fact]
    public void A_draw_that_is_not_finite_is_refused()
    {
        var builder = new NetworkBuilder();
        var (z, x) = Inputs(builder, "noise", 1, "data", 1, true);
        builder.Output("theta", builder.Apply(new Exp(), builder.Combine([(1000.0, z), (1, x)])) + 0.0);
        var network = builder.Build();
        var posterior = Posterior.Of(new Estimator(network, Sampler.For(network, "noise", "theta")));
        Assert.True(posterior.At([0]));
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => Drawn(posterior, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Families_without_a_posterior_in_numbers_are_refused_with_the_list_of_those_that_have_one()
    {
        var network = Constant(0, 1).Network;
        Assert.Contains("gaussian, diagonal-gaussian, gaussian-mixture, student-t, log-density, sampler and samples, not for vector", Assert.Throws<ArgumentException>(() => Posterior.Of(new Estimator(network, OutputVector.For(network)))).Message, StringComparison.Ordinal);
    }

    private static (Vector First, Vector Second) Inputs(NetworkBuilder builder, string first, int m, string second, int n, bool inOrder)
    {
        if (inOrder)
        {
            return (builder.Input(first, m), builder.Input(second, n));
        }

        var later = builder.Input(second, n);
        return (builder.Input(first, m), later);
    }

    private static Estimator Constant(double mean, double scale)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("mean", builder.Affine(x, [0], [mean]));
        builder.Output("scale", builder.Affine(x, [0], [scale]));
        return new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("scale")));
    }

    private static Estimator Make(string name, int seed) => name switch
    {
        "diagonal log-sd" => SmallEstimators.DiagonalGaussian(seed, 2, 3),
        "diagonal sd" => SmallEstimators.DiagonalGaussian(seed, 2, 2, SquareRoot.Diagonal("scale", ScaleKind.StandardDeviation, softplus: true)),
        "diagonal variance" => SmallEstimators.DiagonalGaussian(seed, 2, 2, SquareRoot.Diagonal("scale", ScaleKind.Variance, softplus: true)),
        "diagonal log-variance" => SmallEstimators.DiagonalGaussian(seed, 2, 2, SquareRoot.Diagonal("scale", ScaleKind.LogVariance)),
        "one parameter" => SmallEstimators.DiagonalGaussian(seed, 2, 1),
        "cholesky" => SmallEstimators.Cholesky(seed, 2, 3),
        "precision" => SmallEstimators.Precision(seed, 2, 3),
        "mixture precision" => SmallEstimators.Mixture(seed, 2, 3, 3),
        "mixture cholesky" => SmallEstimators.Mixture(seed, 2, 4, 2, precision: false),
        "mixture of one" => SmallEstimators.Mixture(seed, 2, 1, 2),
        "mixture in 1-d" => SmallEstimators.Mixture(seed, 2, 3, 1),
        "t 3" => Student(SmallEstimators.Cholesky(seed, 2, 3), 3),
        "t 0.7" => Student(SmallEstimators.Cholesky(seed, 2, 2), 0.7),
        "t 3 precision" => Student(SmallEstimators.Precision(seed, 2, 3), 3),
        _ => Student(SmallEstimators.Build(seed, 2, [("mean", 2, 1), ("scale", 2, 0.5)], new Gaussian(2, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation))), 3),
    };

    private static Estimator Student(Estimator estimator, double degrees) => estimator with { Family = new StudentT((Gaussian)estimator.Family, degrees) };

    private static double? Degrees(Estimator estimator) => (estimator.Family as StudentT)?.DegreesOfFreedom;

    private static double LogDensity(Mixture truth, double? degrees, Vector<double> theta)
    {
        if (degrees is not { } nu)
        {
            return truth.LogDensity(theta);
        }

        var (d, away) = (truth.Dimension, theta - truth.Means[0]);
        return SpecialFunctions.GammaLn(0.5 * (nu + d)) - SpecialFunctions.GammaLn(0.5 * nu) - (0.5 * d * Math.Log(nu * Math.PI)) - (0.5 * Math.Log(truth.Covariances[0].Determinant()))
            - (0.5 * (nu + d) * Math.Log(1 + (away.DotProduct(truth.Covariances[0].Inverse() * away) / nu)));
    }

    private static Vector<double>[] Drawn(Posterior posterior, int seed)
    {
        var random = new SeededGenerator(seed);
        return [.. Enumerable.Range(0, Draws).Select(_ =>
        {
            var theta = new double[posterior.Dimension];
            posterior.Draw(random, theta);
            return Vector<double>.Build.DenseOfArray(theta);
        })];
    }

    /// <summary>Draws of a continuous distribution at its distribution function: false alarm at most 1e-9.</summary>
    private static void Uniform(IEnumerable<double> probabilities)
    {
        var sorted = probabilities.Order().ToArray();
        var distance = Enumerable.Range(0, sorted.Length).Max(i => Math.Max(Math.Abs(sorted[i] - (i / (double)sorted.Length)), Math.Abs(sorted[i] - ((i + 1) / (double)sorted.Length))));
        Assert.InRange(distance, 0, DvoretzkyKieferWolfowitz.Radius(sorted.Length, 1e-9));
    }
}
