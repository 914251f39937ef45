using System.Collections.Immutable;
using System.Text;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Tables;
using Guarantees.Networks;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Distances to tabulated distributions: closed forms and sums at points, bounds over balls, what is assumed around a row, tables that do not fit.</summary>
/// <remarks>
/// Mutants seen to fail: a table's covariance taken for the estimator's, the last parameter not first for precision roots, standard deviations for their inverses, a lower bound without what is assumed, the error or the Lipschitz
/// constant left out, what is assumed called exact, draws of another reference as a lower bound.
/// </remarks>
public class TableReferenceLaws
{
    private static ReferenceRow Row(string[] names, double[][] values, double error = 0, double lipschitz = 0) => new([.. names], [.. values.Select(list => list.ToImmutableArray())], error, lipschitz);

    private static Claim ClaimOf(ReferenceRow row, Metric metric, double[] x0, double radius = 0.3, Norm norm = Norm.Linf) => new()
    {
        Kind = ClaimKind.Approximation,
        Reference = Claim.Table,
        ReferenceModel = "table.csv",
        ReferenceSha256 = "its hash",
        TableRow = row,
        Metric = metric,
        Norm = norm,
        Observation = [.. x0],
        ObservationRow = 4,
        Radius = [.. x0.Select(_ => radius)],
    };

    private static Estimator Make(string kind, int seed) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 3),
        "diagonal-precision" => SmallEstimators.Build(seed, 3, [("mean", 3, 1), ("u", 3, 0.5)], new Gaussian(3, "mean", SquareRoot.PrecisionFactor("u", null, PositiveTransform.Exp))),
        "precision" => SmallEstimators.Precision(seed, 3, 3),
        "cholesky" => SmallEstimators.Cholesky(seed, 3, 3),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static TheoryData<string, bool, Metric> Gaussians()
    {
        var data = new TheoryData<string, bool, Metric>();
        foreach (var kind in new[] { "diagonal", "diagonal-precision", "precision", "cholesky" })
        {
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.Kl, Metric.KlReverse, Metric.TotalVariation, Metric.Hellinger })
            {
                data.Add(kind, false, metric);
                data.Add(kind, true, metric);
            }
        }

        return data;
    }

    /// <summary>A table of standard deviations, or of the lower triangles of covariance roots.</summary>
    [Theory, MemberData(nameof(Gaussians))]
    public void Distances_to_a_tabulated_Gaussian_are_those_of_closed_forms(string kind, bool isTriangle, Metric metric)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var estimator = Make(kind, seed);
            double[] x0 = SmallEstimators.Point(random, 3, 1), x = [.. x0.Select(v => v + (0.3 * ((2 * random.NextDouble()) - 1)))];
            var mean = SmallEstimators.Point(random, 3, 1);
            double[] spread = isTriangle
                ? [0.5 + random.NextDouble(), random.NextDouble() - 0.5, 0.5 + random.NextDouble(), random.NextDouble() - 0.5, random.NextDouble() - 0.5, 0.5 + random.NextDouble()]
                : [.. Enumerable.Range(0, 3).Select(_ => 0.5 + random.NextDouble())];
            var root = Matrix<double>.Build.Dense(3, 3, (i, j) => isTriangle ? (j > i ? 0 : spread[(i * (i + 1) / 2) + j]) : i == j ? spread[i] : 0);
            var truth = new Mixture([1], [Vector<double>.Build.Dense(mean)], [root * root.Transpose()], [root]);
            var claim = ClaimOf(Row(["mean", isTriangle ? "cholesky" : "sd"], [mean, spread]), metric, x0);
            var problem = ClaimCompiler.Compile(estimator, claim);
            var (q, value) = (SmallEstimators.At(estimator, x), SmallEstimators.Value(problem, x));
            var least = metric switch
            {
                Metric.Wasserstein2 => truth.ExactWasserstein2(0, q, 0),
                Metric.Kl => truth.ExactKl(0, q, 0),
                Metric.KlReverse => q.ExactKl(0, truth, 0),
                Metric.Hellinger => Math.Sqrt(1 - truth.ExactBhattacharyya(0, q, 0)),
                _ => Math.Min(1, Math.Sqrt(truth.ExactKl(0, q, 0) / 2)),
            };
            Assert.True(value >= least - 1e-7, $"seed {seed}: {value} below {least}");
            if (metric is Metric.Kl or Metric.KlReverse or Metric.TotalVariation || problem.ExactMetric)
            {
                Assert.Equal(1, value / least, 1e-6);
            }

            if (metric == Metric.Wasserstein2)
            {
                Assert.Equal(!isTriangle && kind.StartsWith("diagonal", StringComparison.Ordinal), problem.ExactMetric);
                Assert.True(problem.ExactMetric || MetricLowerBound.At(estimator, claim, problem, x)!.Value <= least + 1e-7);
            }

            Assert.True(Bounds.For(problem).UpperBound(problem.Domain.Box) >= least - 1e-7);
        }
    }

    /// <summary>An estimator of one covariance, and a table with another: what is exact for q at two points is not for these.</summary>
    [Theory]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.KlReverse)]
    [InlineData(Metric.TotalVariation)]
    [InlineData(Metric.Hellinger)]
    [InlineData(Metric.JensenShannon)]
    [InlineData(Metric.Wasserstein2)]
    public void A_covariance_that_does_not_vary_is_not_taken_for_that_of_the_table(Metric metric)
    {
        var builder = new NetworkBuilder();
        builder.Output("mean", 1.0 * builder.Input("x", 1));
        builder.Output("sd", builder.Constant([1.0]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("sd")));
        var problem = ClaimCompiler.Compile(estimator, ClaimOf(Row(["mean", "sd"], [[0], [2]]), metric, [0]));
        Mixture Of(double sd) => new([1], [Vector<double>.Build.Dense(1)], [Matrix<double>.Build.Dense(1, 1, sd * sd)], [Matrix<double>.Build.Dense(1, 1, sd)]);
        var (q, q0) = (Of(1), Of(2));
        var truth = metric switch
        {
            Metric.Kl => q0.ExactKl(0, q, 0),
            Metric.KlReverse => q.ExactKl(0, q0, 0),
            Metric.TotalVariation => Integrals.TotalVariation(q, q0),
            Metric.Hellinger => Integrals.Hellinger(q, q0),
            Metric.JensenShannon => Integrals.JensenShannon(q, q0),
            _ => 1,
        };
        Assert.InRange(truth, 0.05, SmallEstimators.Value(problem, 0) + 1e-7);
    }

    [Theory]
    [InlineData("gamma")]
    [InlineData("beta")]
    public void Distances_to_tabulated_shapes_are_never_too_small(string kind)
    {
        foreach (var metric in new[] { Metric.Wasserstein1, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon })
        {
            for (var seed = 0; seed < 4; seed++)
            {
                var random = new Random(seed);
                Family family = kind == "gamma" ? new Guarantees.Distributions.Gamma(1, "a", "b", PositiveTransform.Exp) : new Guarantees.Distributions.Beta(1, "a", "b", PositiveTransform.Exp);
                var estimator = SmallEstimators.Build(seed, 3, [("a", 1, 0.6), ("b", 1, 0.6)], family);
                var (a0, b0) = (0.5 + (3 * random.NextDouble()), 0.5 + (3 * random.NextDouble()));
                var x = SmallEstimators.Point(random, 3, 1);
                var claim = ClaimOf(Row(kind == "gamma" ? ["shape", "rate"] : ["alpha", "beta"], [[a0], [b0]]), metric, x);
                var problem = ClaimCompiler.Compile(estimator, claim);
                double Read(string output) => Math.Exp(estimator.Network.Evaluate(x)[estimator.Network.Output(output).Id][0]);
                var truth = ShapeLaws.Truth(kind, metric, a0, b0, Read("a"), Read("b"));
                var value = SmallEstimators.Value(problem, x);
                Assert.True(value >= (truth * (1 - 1e-3)) - 1e-4, $"{metric}, seed {seed}: {value} below {truth}");
                Assert.True(metric is not (Metric.Kl or Metric.KlReverse) || value <= (1.5 * truth) + 1e-9, $"{metric}, seed {seed}: {value} for {truth}");
                Assert.True(metric != Metric.Wasserstein1 || MetricLowerBound.At(estimator, claim, problem, x) <= truth + 1e-3);
            }
        }
    }

    [Theory]
    [InlineData("categorical")]
    [InlineData("bernoulli")]
    [InlineData("binomial")]
    public void Distances_to_tabulated_probabilities_are_those_of_sums(string kind)
    {
        foreach (var metric in new[] { Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon })
        {
            for (var seed = 0; seed < 6; seed++)
            {
                var trials = kind == "binomial" ? 4 : 1;
                var estimator = SmallEstimators.Build(seed, 3, [("z", kind == "categorical" ? 3 : 1, 1)], kind == "categorical" ? new Categorical(3, "z") : new Binomial(1, trials, "z"));
                double[] given = kind == "categorical" ? [0.2, 0.3, 0.5] : [0.35];
                var x = SmallEstimators.Point(new Random(seed), 3, 1);
                var z = estimator.Network.Evaluate(x)[estimator.Network.Output("z").Id];
                double[] Law(double p) => [.. Enumerable.Range(0, trials + 1).Select(k => MathNet.Numerics.SpecialFunctions.Binomial(trials, k) * Math.Pow(p, k) * Math.Pow(1 - p, trials - k))];
                var p = kind == "categorical" ? Array.ConvertAll(z, v => Math.Exp(v) / z.Sum(Math.Exp)) : Law(1 / (1 + Math.Exp(-z[0])));
                var p0 = kind == "categorical" ? given : Law(given[0]);
                var problem = ClaimCompiler.Compile(estimator, ClaimOf(Row(["probability"], [given]), metric, x));
                var value = SmallEstimators.Value(problem, x);
                var truth = metric switch
                {
                    Metric.TotalVariation => 0.5 * p.Zip(p0, (a, b) => Math.Abs(a - b)).Sum(),
                    Metric.Hellinger => Math.Sqrt(0.5 * p.Zip(p0, (a, b) => Math.Pow(Math.Sqrt(a) - Math.Sqrt(b), 2)).Sum()),
                    Metric.Kl => p0.Zip(p, (a, b) => a * Math.Log(a / b)).Sum(),
                    Metric.KlReverse => p.Zip(p0, (a, b) => a * Math.Log(a / b)).Sum(),
                    _ => p.Zip(p0, (a, b) => 0.5 * ((a * Math.Log(2 * a / (a + b))) + (b * Math.Log(2 * b / (a + b))))).Sum(),
                };
                Assert.True(value >= truth - 1e-9, $"{metric}, seed {seed}: {value} below {truth}");
                Assert.True(!problem.ExactMetric || Math.Abs(value - truth) <= 1e-8, $"{metric}, seed {seed}: {value} for {truth}");
            }
        }
    }

    /// <summary>The reference N(x/2, 1/20) is Lipschitz with constant 1/2 in W2; a table with an error of its own and that constant bounds the distance to it everywhere in the ball.</summary>
    [Theory]
    [InlineData(Norm.L2)]
    [InlineData(Norm.L1)]
    [InlineData(Norm.Linf)]
    public void What_is_assumed_of_the_reference_is_paid_for(Norm norm)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var estimator = SmallEstimators.DiagonalGaussian(seed, 3, 3);
            var x0 = SmallEstimators.Point(random, 3, 1);
            var error = 0.1 * random.NextDouble();

            // A table that is off by the error in one mean; linf distances of x are up to sqrt 3 times shorter.
            double[] mean = [(x0[0] / 2) + error, x0[1] / 2, x0[2] / 2];
            var lipschitz = norm == Norm.Linf ? 0.5 * Math.Sqrt(3) : 0.5;
            var row = Row(["mean", "sd"], [mean, [.. Enumerable.Repeat(Math.Sqrt(0.05), 3)]], error + 1e-12, lipschitz);
            var (claim, plain) = (ClaimOf(row, Metric.Wasserstein2, x0, 0.3, norm), ClaimOf(row with { Error = 0, Lipschitz = 0 }, Metric.Wasserstein2, x0, 0.3, norm));
            var (problem, bare) = (ClaimCompiler.Compile(estimator, claim), ClaimCompiler.Compile(estimator, plain));
            Assert.Equal((false, true), (problem.ExactMetric, bare.ExactMetric));
            Assert.Contains("Assumes, and does not check", problem.Text, StringComparison.Ordinal);
            Assert.Equal("", ClaimCompiler.AssumptionOf(plain));
            var bound = Bounds.For(problem).UpperBound(problem.Domain.Box);
            for (var sample = 0; sample < 30; sample++)
            {
                double[] x = [.. x0.Select(v => v + (0.1 * ((2 * random.NextDouble()) - 1)))];
                double[] away = [.. x.Zip(x0, (a, b) => Math.Abs(a - b))];
                var size = norm switch { Norm.L1 => away.Sum(), Norm.L2 => Math.Sqrt(away.Sum(v => v * v)), _ => away.Max() };
                var q = SmallEstimators.At(estimator, x);
                var truth = Math.Sqrt(Enumerable.Range(0, 3).Sum(i => Math.Pow(q.Means[0][i] - (x[i] / 2), 2) + Math.Pow(q.Roots[0][i, i] - Math.Sqrt(0.05), 2)));
                var (value, less) = (SmallEstimators.Value(problem, x), SmallEstimators.Value(bare, x));
                Assert.Equal(less + row.Error + (lipschitz * size), value, 1e-9);
                Assert.InRange(truth, Math.Max(0, problem.Graph.Ranges(Box.Point(x))[problem.MetricLower].Lower[0]) - 1e-9, value + 1e-9);
                Assert.Equal(less - row.Error - (lipschitz * size), problem.Graph.Ranges(Box.Point(x))[problem.MetricLower].Lower[0], 1e-9);
                Assert.True(bound >= truth - 1e-9);
            }
        }
    }

    private static Table TableOf(string text) => Table.Read(Encoding.UTF8.GetBytes(text), "t.csv");

    [Fact]
    public void Columns_are_found_by_name_or_by_order()
    {
        var named = ReferenceRow.Layout(TableOf("sd_0,x_1,mean_0,x_0,sd_1,mean_1\n1,2,3,4,5,6\n"), "gaussian", 0);
        Assert.Equal([3, 1], named.Data.ToArray());
        Assert.Equal(["mean", "sd"], named.Names.ToArray());
        Assert.Equal([[2, 5], [0, 4]], named.Columns.Select(list => list.ToArray()));
        var triangle = ReferenceRow.Layout(TableOf("x_0,mean_0,cholesky_0\n1,2,3\n"), "gaussian", 0);
        Assert.Equal(["mean", "cholesky"], triangle.Names.ToArray());
        var ordered = ReferenceRow.Layout(TableOf("a,b,c,d,e\n1,2,3,4,5\n"), "beta", 1);
        Assert.Equal([0], ordered.Data.ToArray());
        Assert.Equal([[1, 2], [3, 4]], ordered.Columns.Select(list => list.ToArray()));
        foreach (var (text, family, inputs, expected) in new[]
        {
            ("x_0,mean_0\n1,2\n", "gaussian", 0, "needs the columns x_0, x_1, ... and mean_0, ... and sd_0, ..., or mean_0, ... and cholesky_0, ... for the family gaussian; it has 'x_0,mean_0'"),
            ("a,b,c,d\n1,2,3,4\n", "beta", 1, "has 4 columns, of which 1 are x; expected after them the lists alpha, beta, of one length"),
            ("a,b\n1,2\n", "vector", 2, "has 2 columns, of which 2 are x"),
            ("x_0,mean_0\n1,2\n", "sampler", 0, "A table is no reference for the family sampler"),
        })
        {
            Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ReferenceRow.Layout(TableOf(text), family, inputs)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused_in_one_line()
    {
        var (diagonal, x) = (SmallEstimators.DiagonalGaussian(1, 3, 3), new double[3]);
        var good = Row(["mean", "sd"], [[0, 0, 0], [1, 1, 1]]);
        foreach (var (claim, expected) in new[]
        {
            (ClaimOf(Row(["mean", "sd"], [[0, 0], [1, 1]]), Metric.Kl, x), "Row 4 of the table 'table.csv' has 2 columns mean_0, ..., expected 3"),
            (ClaimOf(Row(["mean", "sd"], [[0, 0, 0], [1, 0, 1]]), Metric.Kl, x), "has sd_1 = 0, expected a number above 0"),
            (ClaimOf(Row(["mean", "cholesky"], [[0, 0, 0], [1, 0, -1, 0, 0, 1]]), Metric.Kl, x), "has cholesky_2 = -1, expected a number above 0"),
            (ClaimOf(Row(["alpha", "beta"], [[0, 0, 0], [1, 1, 1]]), Metric.Kl, x), "has no list of parameters for the family diagonal-gaussian"),
            (ClaimOf(good with { Error = -1 }, Metric.Kl, x), "has the error -1 and the Lipschitz constant 0"),
            (ClaimOf(good with { Error = 0.1 }, Metric.Kl, x), "needs a metric with a triangle inequality"),
            (ClaimOf(good with { Lipschitz = 0.1 }, Metric.JensenShannon, x), "needs a metric with a triangle inequality"),
            (ClaimOf(good with { Lipschitz = 0.1 }, Metric.Wasserstein2, x, 0.1, Norm.L0), "l0 counts entries"),
            (ClaimOf(good, Metric.L2, x), "The metric l2 is not for the family diagonal-gaussian and a table"),
            (ClaimOf(good, Metric.Kl, x) with { Reference = Claim.GaussianLinear }, "is for claims of kind approximation"),
            (ClaimOf(good, Metric.Kl, x) with { ReferenceSha256 = "" }, "is for claims of kind approximation"),
            (ClaimOf(good, Metric.Kl, x) with { Kind = ClaimKind.Robustness, ReferenceSha256 = "" }, "A row of a table is for claims of kind approximation"),
            (ClaimOf(good, Metric.Kl, x) with { TableRow = null }, "A row of a table is for claims of kind approximation"),
        })
        {
            var message = Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(diagonal, claim)).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        var categorical = SmallEstimators.Build(1, 3, [("z", 2, 1)], new Categorical(2, "z"));
        Assert.Contains("add up to 0.75, expected 1", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(categorical, ClaimOf(Row(["probability"], [[0.25, 0.5]]), Metric.Kl, x))).Message, StringComparison.Ordinal);
        Assert.Contains("one component", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(SmallEstimators.Mixture(1, 3, 2, 1), ClaimOf(good, Metric.Kl, x))).Message, StringComparison.Ordinal);
    }
}
