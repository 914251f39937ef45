using Estimators.Distributions;
using Estimators.Simulators;
using Estimators.Tests.Simulators;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using LogNormal = Estimators.Distributions.LogNormal;

namespace Estimators.Tests.Distributions;

/// <summary>Densities against MathNet's, draws against the densities, refusals.</summary>
/// <remarks>Mutants seen to fail: a mirrored tail with a wrong far end, an exponential proposal accepted by the test of another rate.</remarks>
public sealed class DistributionTests
{
    private const int Draws = 100_000;

    [Fact]
    public void Parameters_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => IndependentNormal.Isotropic(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndependentNormal.Isotropic(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndependentNormal.Isotropic(2, double.NaN));
        Assert.Throws<ArgumentException>(() => new IndependentNormal([], []));
        Assert.Throws<ArgumentException>(() => new IndependentNormal([0, 1], [1]));
        Assert.Throws<ArgumentException>(() => new IndependentNormal([0, double.NaN], [1, 1]));
        Assert.Throws<ArgumentException>(() => new LogNormal([0], [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UniformBox(2, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TruncatedNormal([0], [1], 1, 0));
        Assert.Throws<ArgumentException>(() => new TruncatedNormal([100], [1], -1, 1));
        Assert.Throws<ArgumentException>(() => new PrecisionNormal(new double[,] { { 1, 2 }, { 2, 1 } }));
        Assert.Throws<ArgumentException>(() => new PrecisionNormal(new double[,] { { 1, 0.5 }, { 0.4, 1 } }));
        Assert.Throws<ArgumentException>(() => new PrecisionNormal(new double[1, 2]));
        Assert.Throws<ArgumentException>(() => new Mixture([1, -1], [new UniformBox(1, 0, 1), new UniformBox(1, 0, 2)]));
        Assert.Throws<ArgumentException>(() => new Mixture([1], [new UniformBox(1, 0, 1), new UniformBox(1, 0, 2)]));
    }

    [Fact]
    public void Densities_are_those_of_MathNet()
    {
        Assert.Equal(Normal.PDFLn(1, 2, 0.3) + Normal.PDFLn(-1, 0.5, 0.4), new IndependentNormal([1, -1], [2, 0.5]).LogDensity([0.3, 0.4]), 1e-13);
        Assert.Equal(Normal.PDFLn(0, Math.Sqrt(0.1), 0.3), IndependentNormal.Isotropic(1, 0.1).LogDensity([0.3]), 1e-13);
        Assert.Equal(MathNet.Numerics.Distributions.LogNormal.PDFLn(-0.125, 0.5, 0.7), new LogNormal([-0.125], [0.5]).LogDensity([0.7]), 1e-13);
        Assert.Equal(double.NegativeInfinity, new LogNormal([0], [1]).LogDensity([0]));
        Assert.Equal(-2 * Math.Log(6), new UniformBox(2, -3, 3).LogDensity([3, -3]), 1e-13);
        Assert.Equal(double.NegativeInfinity, new UniformBox(2, -3, 3).LogDensity([0, 3.0000001]));
        var precision = Matrix<double>.Build.DenseOfArray(new[,] { { 2, -0.5, 0.1 }, { -0.5, 1, 0.3 }, { 0.1, 0.3, 4 } });
        var x = Vector<double>.Build.Dense([0.3, -1, 0.7]);
        Assert.Equal(0.5 * (Math.Log(precision.Determinant()) - (3 * Math.Log(2 * Math.PI)) - x.DotProduct(precision * x)), new PrecisionNormal(precision.ToArray()).LogDensity(x.ToArray()), 1e-13);
        Assert.Equal(
            Normal.PDFLn(2, 0.5, 0.9) - Math.Log(Normal.CDF(2, 0.5, 1) - Normal.CDF(2, 0.5, -1)), new TruncatedNormal([2], [0.5], -1, 1).LogDensity([0.9]), 1e-12);
        Assert.Equal(
            Math.Log((0.25 * Normal.PDF(0, 1, 0.4)) + (0.75 * Normal.PDF(1, 2, 0.4))), new Mixture([1, 3], [new IndependentNormal([0], [1]), new IndependentNormal([1], [2])]).LogDensity([0.4]), 1e-13);
    }

    /// <summary>Cut normal laws of every shape: mean inside, interval in a tail (long, short, far), short around the mean, mirrored. 100,000 draws, limit 0.0103.</summary>
    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 1)]
    [InlineData(-0.2, 0.3)]
    [InlineData(0.5, 9)]
    [InlineData(2, 2.1)]
    [InlineData(4, 20)]
    [InlineData(4, 4.3)]
    [InlineData(-5, -1)]
    [InlineData(-6.1, -6)]
    public void Cut_normal_numbers_follow_their_law(double a, double b)
    {
        var (law, random, x) = (new TruncatedNormal([0], [1], a, b), new DrawSource(5), new double[1]);
        var mirrored = b < 0;
        var (from, to) = mirrored ? (-b, -a) : (a, b);
        Law.IsUniform(
            Enumerable.Range(0, Draws).Select(_ =>
            {
                law.Sample(random, x);
                var t = mirrored ? -x[0] : x[0];
                return (Normal.CDF(0, 1, -from) - Normal.CDF(0, 1, -t)) / (Normal.CDF(0, 1, -from) - Normal.CDF(0, 1, -to));
            }),
            $"[{a}, {b}]");
    }

    [Fact]
    public void Words_name_the_parameters()
    {
        Assert.Equal("N((0, 1), diag(1, 0.5)²)", new IndependentNormal([0, 1], [1, 0.5]).ToString());
        Assert.Equal("U[-1, 1] in 2 dimensions", new UniformBox(2, -1, 1).ToString());
    }
}
