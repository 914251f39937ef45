using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Xunit;

namespace Guarantees.Tests.Distributions;

public class FamilyTests
{
    private static Network Constants(params (string Name, double[] Values)[] outputs)
    {
        var builder = new NetworkBuilder();
        _ = builder.Input("x", 1);
        foreach (var (name, values) in outputs)
        {
            builder.Output(name, builder.Constant(values));
        }

        return builder.Build();
    }

    private static Mixture At(Network network, Family family) => SmallEstimators.At(new Estimator(network, family), [0]);

    [Theory]
    [InlineData(ScaleKind.StandardDeviation, false, 0.3, 0.3)]
    [InlineData(ScaleKind.LogStandardDeviation, false, -1.2, 0.30119421191220214)]
    [InlineData(ScaleKind.Variance, false, 0.09, 0.3)]
    [InlineData(ScaleKind.LogVariance, false, -2.4, 0.30119421191220214)]
    [InlineData(ScaleKind.StandardDeviation, true, 0, 0.6931471805599453)]
    [InlineData(ScaleKind.Variance, true, 0, 0.8325546111576977)]
    public void Scales_are_read_as_named(ScaleKind kind, bool softplus, double output, double sigma)
    {
        var network = Constants(("m", [1]), ("s", [output]));
        var q = At(network, DiagonalGaussian.For(network, "m", SquareRoot.Diagonal("s", kind, softplus)));
        Assert.Equal(sigma * sigma, q.Covariances[0][0, 0], 1e-14);
    }

    [Fact]
    public void Triangles_are_read_row_by_row()
    {
        var network = Constants(("m", [1, 2, 3]), ("d", [2, 3, 4]), ("t", [0.5, 0.25, -0.5]), ("l", [2, 99, 99, 0.5, 3, 99, 0.25, -0.5, 4]));
        var lower = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(new[,] { { 2, 0, 0 }, { 0.5, 3, 0 }, { 0.25, -0.5, 4 } });
        var upper = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(new[,] { { 2, 0.5, 0.25 }, { 0, 3, -0.5 }, { 0, 0, 4 } });
        var packed = At(network, Gaussian.For(network, "m", SquareRoot.Cholesky("d", "t")));
        var matrix = At(network, Gaussian.For(network, "m", SquareRoot.CholeskyMatrix("l")));
        var precision = At(network, Gaussian.For(network, "m", SquareRoot.PrecisionFactor("d", "t")));
        Assert.True((packed.Covariances[0] - (lower * lower.Transpose())).FrobeniusNorm() < 1e-12);
        Assert.True((matrix.Covariances[0] - packed.Covariances[0]).FrobeniusNorm() < 1e-12);
        Assert.True((precision.Covariances[0].Inverse() - (upper.Transpose() * upper)).FrobeniusNorm() < 1e-10);
    }

    [Fact]
    public void Mixtures_of_matrices_keep_components_apart()
    {
        var network = Constants(("z", [0, Math.Log(3)]), ("m", [1, 2, 3, 4]), ("l", [1, 9, 0.5, 2, 3, 9, -0.5, 4]));
        var q = At(network, GaussianMixture.For(network, "z", "m", SquareRoot.CholeskyMatrix("l")));
        Assert.Equal(0.75, q.Weights[1], 1e-12);
        Assert.Equal([3, 4], q.Means[1].ToArray());
        Assert.Equal(new[,] { { 3.0, 0 }, { -0.5, 4 } }, q.Roots[1].ToArray());
        Assert.Equal(new[,] { { 1.0, 0 }, { 0.5, 2 } }, q.Roots[0].ToArray());
    }

    [Fact]
    public void Families_describe_themselves()
    {
        Assert.Equal("gaussian-mixture, 8 components in 2 dimensions", new GaussianMixture(8, 2, "z", "m", SquareRoot.PrecisionFactor("d", "u")).Describe());
        Assert.Equal("gaussian in 1 dimension", new Gaussian(1, "m", SquareRoot.PrecisionFactor("d", null)).Describe());
        Assert.Equal("diagonal-gaussian in 3 dimensions", $"{new DiagonalGaussian(3, "m", SquareRoot.Diagonal("s"))}");
    }

    [Fact]
    public void Wrong_outputs_are_named()
    {
        var network = Constants(("z", [0, 1]), ("m", [1, 2, 3]), ("d", [1, 1, 1]));
        Fails(() => GaussianMixture.For(network, "z", "m", SquareRoot.Diagonal("d")), "'m' has 3 elements, which 2 logits do not divide");
        Fails(() => GaussianMixture.For(network, "w", "m", SquareRoot.Diagonal("d")), "no output 'w'; it has 'z', 'm', 'd'");
        Fails(() => At(network, new Gaussian(3, "m", SquareRoot.PrecisionFactor("d", "u"))), "reads an output 'u'; the network has 'z', 'm', 'd'");
        Fails(() => At(network, new Gaussian(3, "m", SquareRoot.PrecisionFactor("d", "z"))), "Output 'z' has 2 elements; the family gaussian needs 3 (1 x 3)");
        Fails(() => new DiagonalGaussian(3, "m", SquareRoot.PrecisionFactor("d", "u")), "reads diagonals only");
        Fails(() => SquareRoot.Diagonal("d", ScaleKind.LogVariance, softplus: true), "leave one of them out");
    }

    [Fact]
    public void A_scale_of_zero_at_the_observation_is_refused()
    {
        var network = Constants(("m", [1, 2]), ("d", [1, 0]));
        var estimator = new Estimator(network, new DiagonalGaussian(2, "m", SquareRoot.Diagonal("d")));
        var error = Assert.Throws<Guarantees.Networks.Operators.DomainException>(() => ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(Metric.Kl, [0], 1)));
        Assert.Contains("a scale other than 0", error.Message, StringComparison.Ordinal);
    }

    private static void Fails(Func<object> action, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}
