using Estimators.Families;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

public sealed class FullGaussianHeadLaws
{
    /// <summary>The formula with Sigma = L Lᵀ formed, inverted and its determinant taken by MathNet, in place of a forward substitution by columns.</summary>
    [Property(MaxTest = 200)]
    public Property LogProb_is_the_normal_log_density_with_covariance_L_Lt() => Prop.ForAll(Cases(), example =>
    {
        var (dimension, raw, theta) = example;
        using var scope = NewDisposeScope();
        var actual = new FullGaussianHead(dimension).LogProb(Numbers.Matrix(raw), Numbers.Matrix(theta)).ToArray()[0];
        var expected = LogDensity(dimension, raw, theta);
        return (Math.Abs(actual - expected) <= 1e-9 * (1 + Math.Abs(expected))).Label($"expected {expected:R}, got {actual:R}");
    });

    [Property(MaxTest = 50)]
    public Property Gradients_equal_differences(/* of the independent formula */) => Prop.ForAll(Cases(), example =>
    {
        var (dimension, raw, theta) = example;
        using var scope = NewDisposeScope();
        var x = Numbers.Matrix(raw).requires_grad_();
        new FullGaussianHead(dimension).LogProb(x, Numbers.Matrix(theta)).sum().backward();
        var gradient = x.grad!.ToArray();
        const double h = 1e-5;
        var worst = Enumerable.Range(0, raw.Length).Max(i =>
        {
            var slope = (LogDensity(dimension, Moved(raw, i, h), theta) - LogDensity(dimension, Moved(raw, i, -h), theta)) / (2 * h);
            return Math.Abs(slope - gradient[i]) / (1 + Math.Abs(slope));
        });
        return (worst < 1e-5).Label($"relative difference {worst:E1}");
    });

    [Fact]
    public void A_batch_is_bounded_row_by_row()
    {
        using var scope = NewDisposeScope();
        var head = new FullGaussianHead(2);
        double[][] raws = [[0, 0, 0, 0, 0], [1, -1, 0.5, -0.5, 2], [-3, 2, -2, 1, -1]];
        double[][] thetas = [[0, 0], [1, 1], [-2, 0.5]];
        var together = head.LogProb(Numbers.Matrix(raws), Numbers.Matrix(thetas)).ToArray();
        var alone = raws.Zip(thetas, (raw, theta) => head.LogProb(Numbers.Matrix(raw), Numbers.Matrix(theta)).ToArray()[0]);
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Read_splits_mean_diagonal_and_lower_triangle()
    {
        using var scope = NewDisposeScope();
        var q = new FullGaussianHead(3).Read(Numbers.Matrix([1, 2, 3, 0, 1, -1, 10, 20, 21]));
        Assert.Equal([1, 2, 3], q.Mean.ToArray());
        Assert.All(q.Diagonal.ToArray().Zip([0.0, 1, -1]), pair => Assert.Equal(Math.Log(1 + Math.Exp(pair.Second)), pair.First, 1e-14));
        Assert.Equal([10, 20, 21], q.Lower.ToArray());
    }

    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(2, 5, 1)]
    [InlineData(5, 20, 10)]
    public void Counts_follow_the_dimension(int dimension, int inputs, int lower)
    {
        var head = new FullGaussianHead(dimension);
        Assert.Equal((inputs, lower), (head.InputCount, head.LowerCount));
    }

    [Fact]
    public void LogProb_leaves_one_tensor_behind()
    {
        using var scope = NewDisposeScope();
        var (raw, theta) = (zeros(4, 5), zeros(4, 2));
        var before = scope.DisposablesCount;
        _ = new FullGaussianHead(2).LogProb(raw, theta);
        Assert.Equal(before + 1, scope.DisposablesCount);
    }

    /// <summary>-(1/2) ln det(2 π Sigma) - (1/2) (theta - mu)ᵀ Sigma^-1 (theta - mu).</summary>
    private static double LogDensity(int dimension, double[] raw, double[] theta)
    {
        var factor = Matrix<double>.Build.Dense(dimension, dimension);
        for (var (i, next) = (0, 2 * dimension); i < dimension; i++)
        {
            for (var j = 0; j < i; j++)
            {
                factor[i, j] = raw[next++];
            }

            factor[i, i] = Math.Log(1 + Math.Exp(raw[dimension + i]));
        }

        var sigma = factor * factor.Transpose();
        var residual = Vector<double>.Build.Dense(dimension, i => theta[i] - raw[i]);
        return -0.5 * (Math.Log((sigma * (2 * Math.PI)).Determinant()) + residual.DotProduct(sigma.Solve(residual)));
    }

    private static double[] Moved(double[] point, int i, double by)
    {
        var moved = (double[])point.Clone();
        moved[i] += by;
        return moved;
    }

    /// <summary>Dimension 1 to 4; raw numbers and parameters in [-2, 2] by hundredths, zero often: standard deviations from 0.13 to 2.2, so the formed inverse keeps 9 digits.</summary>
    private static Arbitrary<(int Dimension, double[] Raw, double[] Theta)> Cases()
    {
        var number = Gen.Frequency((1, Gen.Constant(0.0)), (6, Gen.Choose(-200, 200).Select(i => i / 100.0)));
        return (from dimension in Gen.Choose(1, 4)
                from raw in Gen.ArrayOf(number, new FullGaussianHead(dimension).InputCount)
                from theta in Gen.ArrayOf(number, dimension)
                select (dimension, raw, theta)).ToArbitrary();
    }
}
