using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Claims;

/// <summary>Sets x0 + A u: questions about u against the same questions about x, and roots of covariances against the ellipsoids that they must hold.</summary>
/// <remarks>Mutants seen to fail: a root that is not made wider, or taken without the exact check; A read backwards; what the network reads taken for u.</remarks>
public class DirectionsLaws
{
    private static double[] Draw(Random random, int count, double size = 1) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];

    [Fact]
    public void A_root_holds_the_whole_ellipsoid_and_little_more()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var n = 1 + (seed % 7);
            var half = Matrix<double>.Build.Dense(n, n, Draw(random, n * n));

            // From well to badly conditioned.
            var product = (half * half.Transpose()) + (Math.Pow(10, -(seed % 9)) * Matrix<double>.Build.DenseIdentity(n));
            var s = Matrix<double>.Build.Dense(n, n, (i, j) => i >= j ? product[i, j] : product[j, i]);
            var values = Directions.RootOver([.. s.ToRowMajorArray()], n);
            Assert.NotNull(values);
            var a = Matrix<double>.Build.DenseOfRowMajor(n, n, values.Value.ToArray());
            var cholesky = s.Cholesky().Factor;
            Assert.True((a - cholesky).InfinityNorm() <= 1e-5 * cholesky.InfinityNorm(), $"seed {seed}");
            for (var k = 0; k < 20; k++)
            {
                // A point of the boundary, x = C z / |z|, and its coordinates u = A^-1 x.
                var z = Vector<double>.Build.Dense(Draw(random, n));
                var u = a.Solve(cholesky * (z / z.L2Norm()));
                Assert.InRange(u.L2Norm(), 0.99999, 1 + 1e-13);
            }
        }
    }

    /// <summary>Nearly singular matrices, where rounding in a root is as large as the smallest eigenvalue: A A^T - S by its minors, in exact numbers.</summary>
    [Fact]
    public void A_root_of_a_nearly_singular_covariance_is_still_above_it()
    {
        var (roots, none) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var (a, b) = (random.NextDouble() + 0.1, random.NextDouble() + 0.1);
            var c = b * b / a * (1 + Math.ScaleB(1, -30 - (seed % 23)));
            if (Directions.RootOver([a, b, b, c], 2) is not { } root)
            {
                none++;
                continue;
            }

            roots++;
            Rational[] r = [.. root.Select(Rational.Of)];
            var (first, cross, last) = ((r[0] * r[0]) - Rational.Of(a), (r[0] * r[2]) - Rational.Of(b), (r[2] * r[2]) + (r[3] * r[3]) - Rational.Of(c));
            Assert.True(first.Sign > 0 && ((first * last) - (cross * cross)).Sign > 0, $"seed {seed}: A A^T - S is not positive definite");
        }

        Assert.True(roots > 100, $"{roots} roots, {none} without");
    }

    [Theory]
    [InlineData(new[] { 1.0, 2, 2, 1 }, 2)]
    [InlineData(new[] { 1.0, 0.5, 0.25, 1 }, 2)]
    [InlineData(new[] { 1.0, 1, 1, 1 }, 2)]
    [InlineData(new[] { 0.0 }, 1)]
    [InlineData(new[] { -1.0 }, 1)]
    [InlineData(new[] { double.NaN }, 1)]
    [InlineData(new[] { double.PositiveInfinity }, 1)]
    [InlineData(new[] { 1.0, 0, 0 }, 2)]
    public void What_is_no_covariance_has_no_root(double[] values, int n) => Assert.Null(Directions.RootOver([.. values], n));

    [Theory]
    [InlineData(Norm.L1)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.Linf)]
    public void A_question_about_u_is_the_question_about_x(Norm norm)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var columns = 1 + (seed % 3);
            var (x0, a) = (Draw(random, 3), Draw(random, 3 * columns, 0.1));
            foreach (var (estimator, metric) in new[]
            {
                (SmallEstimators.DiagonalGaussian(seed, 3, 2), Metric.Wasserstein2), (SmallEstimators.Precision(seed, 3, 2), Metric.Kl), (SmallEstimators.Mixture(seed, 3, 2, 2), Metric.TotalVariation),
                (SmallEstimators.Build(seed, 3, [("z", 4, 1.5)], new Categorical(4, "z")), Metric.Hellinger),
            })
            {
                var plain = SmallEstimators.Robustness(metric, x0, 1);
                var claim = plain with { Norm = norm, Directions = [.. a], Radius = [.. Enumerable.Repeat(1.0, columns)] };
                var (problem, about) = (ClaimCompiler.Compile(estimator, claim), ClaimCompiler.Compile(estimator, plain));
                var bounds = Bounds.For(problem);
                var (bound, data) = (bounds.UpperBound(problem.Domain.Box), problem.DataBox(3));
                var inside = 0;
                for (var k = 0; k < 200; k++)
                {
                    var u = Draw(random, columns);
                    if (!problem.Domain.Contains(u))
                    {
                        continue;
                    }

                    inside++;
                    double[] x = [.. Enumerable.Range(0, 3).Select(i => x0[i] + Enumerable.Range(0, columns).Sum(j => a[(i * columns) + j] * u[j]))];
                    Assert.All(x.Zip(Directions.DataAt(claim, u)), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
                    var (value, expected) = (problem.Graph.Evaluate(u)[problem.Objective][0], about.Graph.Evaluate(x)[about.Objective][0]);
                    Assert.Equal(expected, value, 1e-9 * (1 + expected));
                    Assert.True(value <= bound && bounds.LowerBoundAt(u) <= value + 1e-9, $"seed {seed}, {metric}: {value} against {bound}");
                    Assert.True(Enumerable.Range(0, 3).All(i => data[i].Lower <= x[i] + 1e-15 && x[i] - 1e-15 <= data[i].Upper), $"seed {seed}: what the network reads leaves its box");
                }

                Assert.True(inside > 5);
            }
        }
    }

    [Fact]
    public void Directions_that_say_no_set_are_refused()
    {
        var estimator = SmallEstimators.DiagonalGaussian(1, 2, 2);
        var good = SmallEstimators.Robustness(Metric.Wasserstein2, [0, 0], 1) with { Norm = Norm.L2, Directions = [1, 0, 0, 1] };
        ClaimCompiler.Compile(estimator, good);
        ClaimCompiler.Compile(estimator, good with { Directions = [1, 1], Radius = [1] });
        Assert.Equal([0, 0], Directions.DataAt(good, [0, 0]));
        Assert.Empty(Directions.DataAt(good, []));
        void Refused(Claim claim, string words) => Assert.Contains(words, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
        Refused(good with { Directions = [1, 0, 0] }, "Expected 2 rows of 2 numbers");
        Refused(good with { Radius = [] }, "Expected 2 rows of 0 numbers");
        Refused(good with { Directions = [1, 0, 0, double.NaN] }, "must be finite; got NaN");
        Refused(good with { Norm = Norm.L0, Entries = 1 }, "l0 counts entries");
        Refused(good with { DomainLower = [-1, -1], DomainUpper = [1, 1] }, "takes no domain");
        Refused(good with { Radius = [1, -1] }, "that of u_1 is -1");
        Refused(good with { Kind = ClaimKind.Monotone, AtLeast = 0 }, "not for monotone");
        Refused(good with { Kind = ClaimKind.Lipschitz, Observation = [], Radius = [], DomainLower = [-1, -1], DomainUpper = [1, 1] }, "not for lipschitz over a domain");
    }
}
