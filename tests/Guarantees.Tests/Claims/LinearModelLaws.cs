using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Exact = Guarantees.Arithmetic.Rational;

namespace Guarantees.Tests.Claims;

/// <summary>Posteriors of linear models: exact identities in rational numbers, and the information form of ordinary linear algebra as a second source.</summary>
/// <remarks>
/// The kernel solves for the gain, G = S0 A^T (A S0 A^T + S)^-1; the tests ask G (A S0 A^T + S) = S0 A^T, and (S0^-1 + A^T S^-1 A) C = I, exactly or at the ends of enclosures.
/// Mutants seen to fail: what rounding the gain leaves not paid for, the factor of the wrong order for precision roots, the offset left out.
/// </remarks>
public class LinearModelLaws
{
    private static LinearModel Draw(Random random, int d, int n, double condition = 1)
    {
        double[] Covariance(int size)
        {
            var root = Matrix<double>.Build.Dense(size, size, (i, j) => ((2 * random.NextDouble()) - 1) * Math.Pow(condition, -j));
            var product = (root * root.Transpose()) + (Math.Pow(condition, -size) * 0.1 * Matrix<double>.Build.DenseIdentity(size));
            var symmetric = new double[size * size];
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    symmetric[(i * size) + j] = symmetric[(j * size) + i] = product[i, j];
                }
            }

            return symmetric;
        }

        return new([.. SmallEstimators.Point(random, d, 2)], [.. Covariance(d)], [.. SmallEstimators.Point(random, d * n, 1.5)], [.. SmallEstimators.Point(random, n, 1)], [.. Covariance(n)]);
    }

    private static Matrix<double> Dense(IReadOnlyList<double> values, int rows, int columns) => Matrix<double>.Build.Dense(rows, columns, (i, j) => values[(i * columns) + j]);

    /// <summary>Mean and covariance in the information form.</summary>
    private static (Vector<double> Mean, Matrix<double> Covariance) Truth(LinearModel model, double[] x)
    {
        var (d, n) = (model.Parameters, model.Data);
        var (prior, noise, map) = (Dense(model.PriorCovariance, d, d).Inverse(), Dense(model.NoiseCovariance, n, n).Inverse(), Dense(model.Matrix, n, d));
        var covariance = (prior + (map.Transpose() * noise * map)).Inverse();
        var data = Vector<double>.Build.Dense(x) - Vector<double>.Build.Dense([.. model.Offset]);
        return (covariance * ((prior * Vector<double>.Build.Dense([.. model.PriorMean])) + (map.Transpose() * noise * data)), covariance);
    }

    private static Claim ClaimOf(LinearModel? model, Metric metric, double reach = 1.5) => new()
    {
        Kind = ClaimKind.Approximation,
        Reference = Claim.GaussianLinear,
        LinearModel = model,
        Metric = metric,
        DomainLower = [.. Enumerable.Repeat(-reach, model!.Data)],
        DomainUpper = [.. Enumerable.Repeat(reach, model.Data)],
    };

    private static Exact[,] Rows(IReadOnlyList<double> values, int rows, int columns)
    {
        var result = new Exact[rows, columns];
        for (var i = 0; i < values.Count; i++)
        {
            result[i / columns, i % columns] = Exact.Of(values[i]);
        }

        return result;
    }

    private static Exact[,] Times(Exact[,] a, Exact[,] b)
    {
        var result = new Exact[a.GetLength(0), b.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < b.GetLength(1); j++)
            {
                for (var k = 0; k < a.GetLength(1); k++)
                {
                    result[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return result;
    }

    private static Exact[,] Transpose(Exact[,] a)
    {
        var result = new Exact[a.GetLength(1), a.GetLength(0)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < a.GetLength(1); j++)
            {
                result[j, i] = a[i, j];
            }
        }

        return result;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(300)]
    public void Gain_constant_and_covariance_satisfy_their_equations_exactly(double condition)
    {
        var asked = 0;
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var (d, n) = (1 + (seed % 4), 1 + (seed / 4 % 4));
            var model = Draw(random, d, n, condition);
            if (model.Objection().Length > 0)
            {
                // The rounding of a bad condition took its definiteness.
                Assert.True(condition > 100, model.Objection());
                continue;
            }

            asked++;
            var (prior, noise, map) = (Rows(model.PriorCovariance, d, d), Rows(model.NoiseCovariance, n, n), Rows(model.Matrix, n, d));
            var cross = Times(prior, Transpose(map));
            var marginal = Times(map, cross);
            for (var k = 0; k < n; k++)
            {
                for (var l = 0; l < n; l++)
                {
                    marginal[k, l] += noise[k, l];
                }
            }

            foreach (var lastFirst in new[] { false, true })
            {
                var (gain, constant, root) = model.Posterior(lastFirst);
                var product = Times(gain, marginal);
                var covariance = Times(gain, Transpose(cross));
                for (var i = 0; i < d; i++)
                {
                    for (var k = 0; k < n; k++)
                    {
                        Assert.Equal(cross[i, k], product[i, k]);
                    }

                    // c + G (A m + b) = m.
                    var mean = constant[i];
                    for (var k = 0; k < n; k++)
                    {
                        var expected = Exact.Of(model.Offset[k]);
                        for (var j = 0; j < d; j++)
                        {
                            expected += map[k, j] * Exact.Of(model.PriorMean[j]);
                        }

                        mean += gain[i, k] * expected;
                    }

                    Assert.Equal(Exact.Of(model.PriorMean[i]), mean);
                    for (var j = 0; j < d; j++)
                    {
                        // R R^T holds C = S0 - G A S0, and tells it to a few ulps of its diagonal.
                        var sum = Interval.Point(0);
                        for (var k = 0; k < d; k++)
                        {
                            sum += root(i, k) * root(j, k);
                        }

                        var truth = prior[i, j] - covariance[i, j];
                        Assert.True(truth.CompareTo(sum.Lower) >= 0 && truth.CompareTo(sum.Upper) <= 0, $"{seed}: C[{i}, {j}] is not in {sum}");
                        var (own, other) = (prior[i, i] - covariance[i, i], prior[j, j] - covariance[j, j]);
                        Assert.True(sum.Width <= 1e-14 * Math.Sqrt(own.RoundUp() * other.RoundUp()), $"{seed}: {sum}");
                        Assert.True(lastFirst ? i <= j || root(i, j).Magnitude == 0 : i >= j || root(i, j).Magnitude == 0);
                    }
                }
            }
        }

        Assert.True(asked > 20, $"{asked}");
    }

    /// <summary>At every corner of the box the enclosure of the mean holds c + G x, although the graph has doubles for G.</summary>
    [Fact]
    public void The_enclosure_of_the_mean_pays_for_the_rounding_of_the_gain()
    {
        var wide = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var (d, n) = (1 + (seed % 3), 1 + (seed / 3 % 3));
            var model = Draw(random, d, n);
            var reach = Math.Pow(10, seed % 7);
            var box = new Box([.. Enumerable.Repeat(-reach, n)], [.. Enumerable.Repeat(reach, n)]);
            var (gain, constant, _) = model.Posterior(false);
            var reference = ExactReference.Of(ClaimOf(model, Metric.Kl), new Pattern(d, Triangle.Lower), false, box);
            var builder = new NetworkBuilder();
            var means = reference.Means(builder, builder.Input("x", n));
            builder.Output("means", means);
            var graph = builder.Build();
            for (var corner = 0; corner < 1 << n; corner++)
            {
                double[] x = [.. Enumerable.Range(0, n).Select(k => ((corner >> k) & 1) == 0 ? -reach : reach)];

                // The exact values of the graph's own terms: the enclosure of the constant must hold what is left.
                var affine = (Guarantees.Networks.Operators.Affine)graph.Nodes.First(node => node.Operator is Guarantees.Networks.Operators.Affine).Operator;
                var box0 = ((Guarantees.Networks.Operators.Constant)graph.Nodes.First(node => node.Operator is Guarantees.Networks.Operators.Constant).Operator).Value;
                for (var i = 0; i < d; i++)
                {
                    var left = constant[i];
                    for (var k = 0; k < n; k++)
                    {
                        left += (gain[i, k] - Exact.Of(affine.Weights[(i * n) + k])) * Exact.Of(x[k]);
                    }

                    Assert.True(left.CompareTo(box0.Lower[i]) >= 0 && left.CompareTo(box0.Upper[i]) <= 0, $"{seed}: what is left of mean {i} is not in {box0[i]}");
                    wide += box0[i].Width > 1e-12 * box0[i].Magnitude ? 1 : 0;
                }
            }
        }

        Assert.True(wide > 20, "the law needs rounding that matters");
    }

    private static Estimator Estimator(string kind, int seed, int d, int n) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, n, d),
        "diagonal-precision" => SmallEstimators.Build(seed, n, [("mean", d, 1), ("u", d, 0.5)], new Gaussian(d, "mean", SquareRoot.PrecisionFactor("u", null, PositiveTransform.Exp))),
        "precision" => SmallEstimators.Precision(seed, n, d),
        _ => SmallEstimators.Cholesky(seed, n, d),
    };

    public static TheoryData<string, Metric> Cases()
    {
        var data = new TheoryData<string, Metric>();
        foreach (var kind in new[] { "diagonal", "diagonal-precision", "precision", "cholesky" })
        {
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.Kl, Metric.KlReverse, Metric.TotalVariation, Metric.Hellinger })
            {
                data.Add(kind, metric);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Distances_are_those_to_the_posterior(string kind, Metric metric)
    {
        for (var seed = 0; seed < 16; seed++)
        {
            var random = new Random(seed);
            var (d, n) = (2 + (seed % 2), 1 + (seed % 3));
            var (model, estimator) = (Draw(random, d, n), Estimator(kind, seed, d, n));
            var claim = ClaimOf(model, metric);
            var problem = ClaimCompiler.Compile(estimator, claim);
            var x = SmallEstimators.Point(random, n, 1.5);
            var (mean, covariance) = Truth(model, x);
            var truth = new Mixture([1], [mean], [covariance], [covariance.Cholesky().Factor]);
            var q = SmallEstimators.At(estimator, x);
            var value = SmallEstimators.Value(problem, x);
            switch (metric)
            {
                case Metric.Wasserstein2:
                    var exact = truth.ExactWasserstein2(0, q, 0);
                    Assert.True(value >= exact - 1e-7, $"{seed}: {value} below {exact}");
                    Assert.InRange(MetricLowerBound.At(estimator, claim, problem, x)!.Value, 0, exact + 1e-7);
                    break;
                case Metric.Kl:
                    Assert.True(problem.ExactMetric);
                    Assert.Equal(1, value / truth.ExactKl(0, q, 0), 1e-7);
                    break;
                case Metric.KlReverse:
                    Assert.True(problem.ExactMetric);
                    Assert.Equal(1, value / q.ExactKl(0, truth, 0), 1e-7);
                    break;
                case Metric.Hellinger:
                    Assert.InRange(value, Math.Sqrt(1 - truth.ExactBhattacharyya(0, q, 0)) - 1e-9, 1);
                    break;
                default:
                    Assert.Equal(Math.Min(1, Math.Sqrt(truth.ExactKl(0, q, 0) / 2)), value, 1e-7);
                    Assert.InRange(MetricLowerBound.At(estimator, claim, problem, x)!.Value, 0, value);
                    break;
            }
        }
    }

    /// <summary>A diagonal model keeps the diagonal shape, where W2 is exact; anything else is compared as a triangular root.</summary>
    [Fact]
    public void Wasserstein2_is_exact_where_both_covariances_are_diagonal()
    {
        var model = new LinearModel([0.5, -1], [2, 0, 0, 0.5], [1.5, 0, 0, -0.7], [0.1, 0], [0.3, 0, 0, 0.2]);
        var estimator = SmallEstimators.DiagonalGaussian(3, 2, 2);
        var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, Metric.Wasserstein2));
        Assert.True(problem.ExactMetric);
        double[] x = [0.3, -1.1];
        var (mean, covariance) = Truth(model, x);
        var truth = new Mixture([1], [mean], [covariance], [covariance.Cholesky().Factor]);
        Assert.Equal(truth.ExactWasserstein2(0, SmallEstimators.At(estimator, x), 0), SmallEstimators.Value(problem, x), 1e-7);
        Assert.False(ClaimCompiler.Compile(estimator, ClaimOf(model with { PriorCovariance = [2, 0.1, 0.1, 0.5] }, Metric.Wasserstein2)).ExactMetric);
    }

    /// <summary>theta ~ N(0, I), x ~ N(A theta, 0.01 I) in ten dimensions: an estimator that computes its posterior is at distance 0 but for the rounding of its own weights.</summary>
    [Fact]
    public void The_exact_estimator_of_a_known_benchmark_is_at_distance_zero()
    {
        double[] a = [-.2633, -1.9402, 1.6822, -.29684, -.031292, -1.025, .056811, .29649, 1.2073, -1.7704];
        double[] Diagonal(Func<int, double> entry) => [.. Enumerable.Range(0, 100).Select(i => i % 11 == 0 ? entry(i / 11) : 0)];
        var model = new LinearModel([.. new double[10]], [.. Diagonal(_ => 1)], [.. Diagonal(i => a[i])], [.. new double[10]], [.. Diagonal(_ => 0.01)]);
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 10);
        builder.Output("mean", builder.Affine(x, Diagonal(i => 100 * a[i] / (1 + (100 * a[i] * a[i]))), new double[10]));
        builder.Output("sd", builder.Constant([.. a.Select(v => 1 / Math.Sqrt(1 + (100 * v * v)))]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(10, "mean", SquareRoot.Diagonal("sd")));
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.Kl, Metric.TotalVariation })
        {
            var problem = ClaimCompiler.Compile(estimator, ClaimOf(model, metric));
            Assert.InRange(problem.Graph.Ranges(Box.Point(SmallEstimators.Point(new Random(1), 10, 1)))[problem.Objective].Upper[0], 0, 1e-13);
        }
    }

    [Theory]
    [InlineData("prior-covariance is not positive definite", new[] { 1.0, 1, 1, 1 }, new[] { 1.0 })]
    [InlineData("prior-covariance is not positive definite", new[] { 1.0, 2, 2, 1 }, new[] { 1.0 })]
    [InlineData("prior-covariance is not symmetric: entries (1, 0) and (0, 1) are 0.25 and 0.5", new[] { 1.0, 0.5, 0.25, 1 }, new[] { 1.0 })]
    [InlineData("noise-covariance is not positive definite", new[] { 1.0, 0, 0, 1 }, new[] { 0.0 })]
    [InlineData("noise-covariance holds 1E-16, expected 0 or a number of size 1e-15 to 1e15", new[] { 1.0, 0, 0, 1 }, new[] { 1e-16 })]
    [InlineData("prior-covariance has 3 numbers, expected 2 rows of 2", new[] { 1.0, 0, 1 }, new[] { 1.0 })]
    public void What_is_no_model_is_refused(string objection, double[] prior, double[] noise)
    {
        var model = new LinearModel([0, 0], [.. prior], [1, 1], [0], [.. noise]);
        Assert.Equal(objection, model.Objection());
        var claim = ClaimOf(model, Metric.Kl);
        Assert.Contains(objection, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(SmallEstimators.Cholesky(1, 1, 2), claim)).Message, StringComparison.Ordinal);
    }

    /// <summary>A covariance whose smallest eigenvalue is an ulp away from 0, on either side: only exact arithmetic tells.</summary>
    [Fact]
    public void Definiteness_is_decided_exactly()
    {
        var model = new LinearModel([0, 0], [1, 1, 1, 1], [1, 1], [0], [1]);
        Assert.Equal("", (model with { PriorCovariance = [1, 1, 1, Math.BitIncrement(1.0)] }).Objection());
        Assert.NotEqual("", (model with { PriorCovariance = [1, 1, 1, Math.BitDecrement(1.0)] }).Objection());
        Assert.NotEqual("", model.Objection());
    }

    [Fact]
    public void Models_of_other_sizes_are_refused()
    {
        var model = Draw(new Random(1), 2, 3);
        Assert.Contains("has 2 parameters and 3 data", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(SmallEstimators.Cholesky(1, 3, 3), ClaimOf(model, Metric.Kl))).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 32", new LinearModel([.. new double[33]], [], [], [0], [1]).Objection(), StringComparison.Ordinal);
        var lipschitz = ClaimOf(model, Metric.Wasserstein2) with { Kind = ClaimKind.Lipschitz, Norm = Norm.L2 };
        Assert.Contains("A linear model is for", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(SmallEstimators.Cholesky(1, 3, 2), lipschitz)).Message, StringComparison.Ordinal);
    }
}
