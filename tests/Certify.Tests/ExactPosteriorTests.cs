using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Xunit;
using Xunit.Abstractions;
using Norm = Guarantees.Claims.Norm;
using Normal = MathNet.Numerics.Distributions.Normal;

namespace Certify.Tests;

/// <summary>Networks that are the exact posterior of a linear Gaussian model: the enclosures hold truths that nobody can argue with, to a relative width of 1e-6 where the formula is exact.</summary>
public class ExactPosteriorTests(ITestOutputHelper output)
{
    private static readonly double[] Amplitudes = [-.2633, -1.9402, 1.6822, -.29684, -.031292, -1.025, .056811, .29649, 1.2073, -1.7704];

    private static readonly Certifier Certifier = new() { TimeLimit = TimeSpan.FromMinutes(3), RelativeGap = 1e-7, Curve = false, Draws = 1000 };

    /// <summary>sbibm's gaussian_linear: q(. | x) = N(x/2, 0.05 I).</summary>
    private static Estimator Halves(int dimension)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", dimension);
        builder.Output("mean", 0.5 * x);
        builder.Output("sd", builder.Constant([.. Enumerable.Repeat(Math.Sqrt(0.05), dimension)]));
        return new Estimator(builder.Build(), new DiagonalGaussian(dimension, "mean", SquareRoot.Diagonal("sd")));
    }

    /// <summary>theta ~ N(0, I), x ~ N(A theta, 0.01 I), A diagonal.</summary>
    private static Estimator Benchmark()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 10);
        var weights = new double[100];
        for (var i = 0; i < 10; i++)
        {
            weights[11 * i] = 100 * Amplitudes[i] / (1 + (100 * Amplitudes[i] * Amplitudes[i]));
        }

        builder.Output("mean", builder.Affine(x, weights, new double[10]));
        builder.Output("sd", builder.Constant([.. Amplitudes.Select(a => 1 / Math.Sqrt(1 + (100 * a * a)))]));
        return new Estimator(builder.Build(), new DiagonalGaussian(10, "mean", SquareRoot.Diagonal("sd")));
    }

    [Theory]
    [InlineData(Metric.Wasserstein2, 1)]
    [InlineData(Metric.Wasserstein2, 3)]
    [InlineData(Metric.Wasserstein2, 10)]
    [InlineData(Metric.Kl, 1)]
    [InlineData(Metric.Kl, 3)]
    [InlineData(Metric.Kl, 10)]
    [InlineData(Metric.TotalVariation, 1)]
    [InlineData(Metric.TotalVariation, 3)]
    [InlineData(Metric.TotalVariation, 10)]
    [InlineData(Metric.Hellinger, 1)]
    [InlineData(Metric.Hellinger, 3)]
    [InlineData(Metric.Hellinger, 10)]
    public void Gaussian_linear_posteriors_move_as_far_as_they_do(Metric metric, int dimension)
    {
        foreach (var norm in new[] { Norm.L1, Norm.L2, Norm.Linf, Norm.L0 })
        {
            foreach (var radius in new[] { 0.01, 0.3 })
            {
                var claim = new Claim
                {
                    Kind = ClaimKind.Robustness,
                    Metric = metric,
                    Norm = norm,
                    Entries = norm == Norm.L0 ? 1 : 0,
                    Observation = [.. Enumerable.Range(0, dimension).Select(i => 0.25 * (i % 3))],
                    Radius = [.. Enumerable.Repeat(radius, dimension)],
                };
                var size = norm == Norm.Linf ? radius * Math.Sqrt(dimension) : radius;
                var truth = metric switch
                {
                    Metric.Wasserstein2 => 0.5 * size,
                    Metric.Kl => 2.5 * size * size,
                    Metric.TotalVariation => (2 * Normal.CDF(0, 1, Math.Sqrt(1.25) * size)) - 1,
                    _ => Math.Sqrt(1 - Math.Exp(-0.625 * size * size)),
                };
                var found = Certifier.Run(Halves(dimension), Description(), claim).Result;
                Assert.True(found.ExactMetric);
                Within(found.Lower, found.Upper, truth, $"{metric}, {dimension} dimensions, {norm} {radius}", found.Seconds);
            }
        }
    }

    /// <summary>Over {x0 + A u : |u|_2 &lt;= r} the mean moves by r times the largest singular value of A / 2.</summary>
    [Fact]
    public void Over_an_ellipsoid_the_posterior_moves_by_its_longest_axis()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            var covariance = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Random(3, 3, seed);
            covariance = (covariance * covariance.Transpose()) + (0.1 * MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseIdentity(3));
            var symmetric = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(3, 3, (i, j) => covariance[Math.Max(i, j), Math.Min(i, j)]);
            var found = Certifier.Run(Halves(3), Description(), new Claim
            {
                Kind = ClaimKind.Robustness,
                Metric = Metric.Wasserstein2,
                Norm = Norm.L2,
                Observation = [0.1, -0.4, 2],
                Radius = [0.3, 0.3, 0.3],
                Directions = Directions.RootOver([.. symmetric.ToRowMajorArray()], 3)!.Value,
            }).Result;
            Within(found.Lower, found.Upper, 0.5 * 0.3 * Math.Sqrt(symmetric.Evd().EigenValues.Max(value => value.Real)), $"seed {seed}");
        }
    }

    [Fact]
    public void The_linear_Gaussian_benchmark_is_enclosed()
    {
        foreach (var e in new[] { 0.1, 0.5, 1, 2 })
        {
            var claim = new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Kl, Norm = Norm.L2, Observation = [.. new double[10]], Radius = [.. Enumerable.Repeat(e, 10)] };
            var found = Certifier.Run(Benchmark(), Description(), claim).Result;
            var exact = Amplitudes.Max(a => 100 * a * 100 * a / (1 + (100 * a * a))) * e * e / 2;
            Assert.Equal(99.735, exact / (e * e / 2), 0.001);
            Within(found.Lower, found.Upper, exact, $"radius {e}");
        }

        var lipschitz = Certifier.Run(Benchmark(), Description(), new Claim
        {
            Kind = ClaimKind.Lipschitz,
            Metric = Metric.Wasserstein2,
            Norm = Norm.L2,
            DomainLower = [.. Enumerable.Repeat(-3.0, 10)],
            DomainUpper = [.. Enumerable.Repeat(3.0, 10)],
        }).Result;
        var constant = Amplitudes.Max(a => 100 * Math.Abs(a) / (1 + (100 * a * a)));
        Assert.Equal(4.295, constant, 0.001);
        Within(lipschitz.Lower, lipschitz.Upper, constant, "Lipschitz");
    }

    /// <summary>Hellinger: sqrt(I) / sqrt 8 with I the largest precision times the square of the shift; total variation: the shift over sqrt(2 pi).</summary>
    [Fact]
    public void Lipschitz_constants_in_Hellinger_and_total_variation_are_those_of_linear_posteriors()
    {
        var (halves, benchmark) = (0.5 / Math.Sqrt(0.05), Math.Sqrt(Amplitudes.Max(a => 100 * a * 100 * a / (1 + (100 * a * a)))));
        foreach (var (estimator, speed, dimension) in new[] { (Halves(3), halves, 3), (Benchmark(), benchmark, 10) })
        {
            foreach (var (metric, factor) in new[] { (Metric.Hellinger, 1 / Math.Sqrt(8)), (Metric.TotalVariation, 1 / Math.Sqrt(2 * Math.PI)) })
            {
                var found = Certifier.Run(estimator, Description(), new Claim
                {
                    Kind = ClaimKind.Lipschitz,
                    Metric = metric,
                    Norm = Norm.L2,
                    DomainLower = [.. Enumerable.Repeat(-3.0, dimension)],
                    DomainUpper = [.. Enumerable.Repeat(3.0, dimension)],
                }).Result;
                Assert.True(found.ExactMetric);
                Within(found.Lower, found.Upper, factor * speed, $"{metric}, {dimension} dimensions");
            }
        }
    }

    [Theory]
    [InlineData(Norm.L1, 0.5)]
    [InlineData(Norm.L2, 0.5)]
    [InlineData(Norm.Linf, 0.8660254037844386)]
    public void The_Lipschitz_constant_of_gaussian_linear_is_one_half(Norm norm, double truth)
    {
        var found = Certifier.Run(Halves(3), Description(), new Claim
        {
            Kind = ClaimKind.Lipschitz,
            Metric = Metric.Wasserstein2,
            Norm = norm,
            DomainLower = [-1, -1, -1],
            DomainUpper = [1, 1, 1],
        }).Result;
        Within(found.Lower, found.Upper, truth, $"{norm}");
    }

    private static Guarantees.Formats.Spec.FamilyDescription Description() => Guarantees.Formats.Spec.FamilyDescription.Parse(
        System.Text.Json.JsonDocument.Parse("""{ "name": "diagonal-gaussian", "mean": "mean", "standard-deviation": "sd" }""").RootElement);

    private void Within(double lower, double upper, double truth, string what, double seconds = 0)
    {
        output.WriteLine($"{what}: [{lower:R}, {upper:R}], truth {truth:R}, relative width {(upper - lower) / truth:G2}, {seconds:F1} s");
        Assert.True(lower <= truth * (1 + 1e-12) && upper >= truth * (1 - 1e-12), $"{what}: {truth:R} is not in [{lower:R}, {upper:R}]");
        Assert.True(upper - lower <= 1e-6 * truth, $"{what}: [{lower:R}, {upper:R}] is {(upper - lower) / truth:G2} wide");
    }
}
