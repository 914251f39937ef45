using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Distributions;

/// <summary>A network that gives L and Sigma = L L^T: both readings are the same distribution, and bounds of the second hold for the first.</summary>
public class CovarianceLaws
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 2, 3 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Values_are_those_of_the_factor_and_bounds_hold_for_them(int dimension, int components)
    {
        var tight = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            var (factor, covariance) = Both(seed, dimension, components);
            var random = new Random(seed);
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation, Metric.Kl, Metric.Hellinger })
            {
                var claim = new Claim { Kind = ClaimKind.Robustness, Metric = metric, Norm = Norm.Linf, Observation = [0.1, -0.2], Radius = [0.02, 0.02] };
                var (first, second) = (ClaimCompiler.Compile(factor, claim), ClaimCompiler.Compile(covariance, claim));
                var bound = Bounds.For(second).UpperBound(second.Domain.Box);
                var largest = 0.0;
                for (var k = 0; k < 30; k++)
                {
                    double[] x = [0.1 + (0.02 * ((2 * random.NextDouble()) - 1)), -0.2 + (0.02 * ((2 * random.NextDouble()) - 1))];
                    var value = SmallEstimators.Value(first, x);
                    Assert.Equal(value, SmallEstimators.Value(second, x), 1e-7 * (1 + value));
                    largest = Math.Max(largest, value);
                }

                Assert.True(largest <= bound + 1e-9, $"{dimension} {components} {seed} {metric}: {largest} above {bound}");
                tight += double.IsFinite(bound) ? 1 : 0;
            }
        }

        Assert.True(tight >= 15, $"{tight} of 20 bounds are finite");
    }

    /// <summary>[[1, 2], [2, 1]] is no covariance.</summary>
    [Fact]
    public void A_matrix_that_is_no_covariance_is_told()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("m", builder.Affine(x, [1, 1], [0, 0]));
        builder.Output("s", builder.Affine(x, [0, 0, 0, 0], [1, 2, 2, 1]));
        var network = builder.Build();
        var estimator = new Estimator(network, Gaussian.For(network, "m", SquareRoot.Covariance("s")));
        var claim = new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.StandardDeviation, Parameter = 1, DomainLower = [0], DomainUpper = [1] };
        Assert.Contains("Sqrt needs x >= 0", Assert.Throws<DomainException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
    }

    private static (Estimator Factor, Estimator Covariance) Both(int seed, int dimension, int components)
    {
        var random = new Random(seed);
        double[] Draw(int count, double size, double about = 0) => [.. Enumerable.Range(0, count).Select(_ => about + (size * ((2 * random.NextDouble()) - 1)))];
        var (builder, d, off) = (new NetworkBuilder(), dimension, dimension * (dimension - 1) / 2);
        var hidden = builder.Apply(new Tanh(), builder.Affine(builder.Input("x", 2), Draw(10, 0.8), Draw(5, 0.3)));
        Vector Head(int length, double size, double about = 0) => builder.Affine(hidden, Draw(5 * length, size), Draw(length, size, about));
        var (diagonal, lower) = (Head(components * d, 0.1, 1), off > 0 ? Head(components * off, 0.2) : default);
        var entries = new List<Vector>();
        for (var c = 0; c < components; c++)
        {
            for (var i = 0; i < d; i++)
            {
                for (var j = 0; j < d; j++)
                {
                    entries.Add(Enumerable.Range(0, Math.Min(i, j) + 1).Select(k => L(c, i, k) * L(c, j, k)).Aggregate((a, b) => a + b));
                }
            }
        }

        builder.Output("logits", Head(components, 0.5));
        builder.Output("m", Head(components * d, 1));
        builder.Output("d", diagonal);
        if (off > 0)
        {
            builder.Output("l", lower);
        }

        builder.Output("s", builder.Concat([.. entries]));
        var network = builder.Build();
        return (Of(SquareRoot.Cholesky("d", off > 0 ? "l" : null)), Of(SquareRoot.Covariance("s")));

        Vector L(int c, int i, int k) => i == k ? builder.Select(diagonal, [(c * d) + i]) : builder.Select(lower, [(c * off) + (i * (i - 1) / 2) + k]);
        Estimator Of(SquareRoot root) => new(network, components == 1 ? Gaussian.For(network, "m", root) : GaussianMixture.For(network, "logits", "m", root));
    }
}
