using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Distances to another network and to the same one at exchanged data: closed forms, quadrature and sums at points, bounds over boxes against samples.</summary>
/// <remarks>
/// Mutants seen to fail: the other root of the two in U L0 - I, a root that does not turn with the signs. Not found: distances between components of a varying mixture halved (the bound has room for it), and the sign of a carried change of reciprocals
/// (distances take absolute values of it).
/// </remarks>
public class MapReferenceLaws
{
    private const string Hash = "the other";

    private static Estimator Make(string kind, int seed, int inputs = 3) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, inputs, 3),
        "plain" => SmallEstimators.DiagonalGaussian(seed, inputs, 3, SquareRoot.Diagonal("scale")),
        "diagonal-precision" => SmallEstimators.Build(seed, inputs, [("mean", 3, 1), ("u", 3, 0.5)], new Gaussian(3, "mean", SquareRoot.PrecisionFactor("u", null, PositiveTransform.Exp))),
        "precision" => SmallEstimators.Precision(seed, inputs, 3),
        "cholesky" => SmallEstimators.Cholesky(seed, inputs, 3),
        "mixture" => SmallEstimators.Mixture(seed, inputs, 3, 1),
        "cholesky-mixture" => SmallEstimators.Mixture(seed, inputs, 3, 1, precision: false),
        "wide-mixture" => SmallEstimators.Mixture(seed, inputs, 3, 2),
        "student" => Student(seed, inputs),
        "gamma" => SmallEstimators.Build(seed, inputs, [("a", 1, 0.7), ("b", 1, 0.7)], new Guarantees.Distributions.Gamma(1, "a", "b", PositiveTransform.Exp)),
        "soft-beta" => SmallEstimators.Build(seed, inputs, [("a", 1, 0.7), ("b", 1, 0.7)], new Guarantees.Distributions.Beta(1, "a", "b", PositiveTransform.Softplus)),
        "beta" => SmallEstimators.Build(seed, inputs, [("a", 1, 0.7), ("b", 1, 0.7)], new Guarantees.Distributions.Beta(1, "a", "b", PositiveTransform.Exp)),
        "categorical" => SmallEstimators.Build(seed, inputs, [("z", 4, 1.5)], new Categorical(4, "z")),
        "bernoulli" => SmallEstimators.Build(seed, inputs, [("z", 3, 1.5)], new Binomial(3, 1, "z")),
        "binomial" => SmallEstimators.Build(seed, inputs, [("z", 1, 1)], new Binomial(1, 5, "z")),
        _ => Vector(seed, inputs),
    };

    private static Estimator Vector(int seed, int inputs)
    {
        var plain = SmallEstimators.Build(seed, inputs, [("a", 2, 1), ("b", 3, 1)], new Categorical(2, "a"));
        return plain with { Family = OutputVector.For(plain.Network) };
    }

    private static Estimator Student(int seed, int inputs)
    {
        var gaussian = SmallEstimators.DiagonalGaussian(seed, inputs, 3);
        return gaussian with { Family = new StudentT(new Gaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)), 5) };
    }

    /// <summary>The same network with every weight moved a little, and the same structure.</summary>
    private static Estimator Near(Estimator estimator, int seed, double size)
    {
        var random = new Random(seed);
        var builder = new NetworkBuilder();
        var places = new List<Guarantees.Networks.Vector>();
        foreach (var node in estimator.Network.Nodes)
        {
            places.Add(node.Operator switch
            {
                Input => builder.Input("x", node.Length),
                Affine affine => builder.Affine(places[node.Arguments[0]], Moved(affine.Weights.ToArray()), Moved(affine.Biases.ToArray())),
                _ => builder.Add(node.Operator, [.. node.Arguments.Select(k => places[k])]),
            });
        }

        foreach (var (name, place) in estimator.Network.Outputs)
        {
            builder.Output(name, places[place]);
        }

        return estimator with { Network = builder.Build() };
        double[] Moved(double[] values) => Array.ConvertAll(values, value => value + (size * ((2 * random.NextDouble()) - 1)));
    }

    private static (Estimator Estimator, Claim Claim) Compared(Estimator q, Estimator q0, Metric metric, double reach = 1) => (
        q with { References = [q0 with { ModelSha256 = Hash }] },
        new Claim
        {
            Kind = ClaimKind.Approximation,
            Reference = Claim.Network,
            ReferenceSha256 = Hash,
            Metric = metric,
            DomainLower = [.. Enumerable.Repeat(-reach, q.Network.InputLength)],
            DomainUpper = [.. Enumerable.Repeat(reach, q.Network.InputLength)],
        });

    private static (double A, double B) Shapes(Estimator estimator, double[] x)
    {
        double Read(string output)
        {
            var value = estimator.Network.Evaluate(x)[estimator.Network.Output(output).Id][0];
            return ((ShapeFamily)estimator.Family).GivesLogarithms ? Math.Exp(value) : Math.Log(1 + Math.Exp(value));
        }

        return (Read("a"), Read("b"));
    }

    private static double[] Joint(Estimator estimator, double[] x)
    {
        var z = estimator.Network.Evaluate(x)[estimator.Network.Output("z").Id];
        if (estimator.Family is Categorical)
        {
            var weights = Array.ConvertAll(z, Math.Exp);
            return Array.ConvertAll(weights, w => w / weights.Sum());
        }

        var trials = ((Binomial)estimator.Family).Describe().Contains("5 trials", StringComparison.Ordinal) ? 5 : 1;
        double[] joint = [1];
        foreach (var logit in z)
        {
            var p = 1 / (1 + Math.Exp(-logit));
            var one = Enumerable.Range(0, trials + 1).Select(k => MathNet.Numerics.SpecialFunctions.Binomial(trials, k) * Math.Pow(p, k) * Math.Pow(1 - p, trials - k)).ToArray();
            joint = [.. joint.SelectMany(a => one.Select(b => a * b))];
        }

        return joint;
    }

    /// <summary>The true distance and whether the value must be it; a lower bound of the true distance where the family has no closed form.</summary>
    private static (double Truth, bool IsClosed) Distance(Estimator q, Estimator q0, double[] x, double[] y, Metric metric, int[]? signs = null)
    {
        if (q.Family is OutputVector)
        {
            double[] All(Estimator e, double[] at) => [.. e.Network.Outputs.SelectMany(output => e.Network.Evaluate(at)[output.Node])];
            var change = All(q, x).Zip(All(q0, y), (a, b) => Math.Abs(a - b)).ToArray();
            return (metric switch { Metric.L1 => change.Sum(), Metric.L2 => Math.Sqrt(change.Sum(v => v * v)), _ => change.Max() }, true);
        }

        if (q.Family is ShapeFamily)
        {
            // A quadrature, whose error of 1e-4 must not count as a fault.
            var ((a, b), (a0, b0)) = (Shapes(q, x), Shapes(q0, y));
            return ((ShapeLaws.Truth(q.Family.Name, metric, a0, b0, a, b) * (1 - 1e-3)) - (metric == Metric.Wasserstein1 ? 1e-3 : 1e-9), false);
        }

        if (q.Family is DiscreteFamily)
        {
            var (p, p0) = (Joint(q, x), Joint(q0, y));
            return metric switch
            {
                Metric.TotalVariation => (0.5 * p0.Zip(p, (a, b) => Math.Abs(a - b)).Sum(), q.Family is Categorical),
                Metric.Hellinger => (Math.Sqrt(0.5 * p0.Zip(p, (a, b) => Math.Pow(Math.Sqrt(a) - Math.Sqrt(b), 2)).Sum()), q.Family is Categorical),
                Metric.KlReverse => (p.Zip(p0, (a, b) => a * Math.Log(a / b)).Sum(), true),
                Metric.JensenShannon => (p0.Zip(p, (a, b) => 0.5 * ((a * Math.Log(2 * a / (a + b))) + (b * Math.Log(2 * b / (a + b))))).Sum(), false),
                _ => (p0.Zip(p, (a, b) => a * Math.Log(a / b)).Sum(), true),
            };
        }

        var (other, reference) = (SmallEstimators.At(q, x), Turn(SmallEstimators.At(q0, y), signs));
        if (other.Weights.Length > 1)
        {
            return other.Dimension > 1 ? (0, false) : metric switch
            {
                Metric.Wasserstein2 => (Integrals.Wasserstein2(reference, other) - 2e-2, false),
                Metric.TotalVariation => (Integrals.TotalVariation(reference, other) - 1e-6, false),
                Metric.Hellinger => (Integrals.Hellinger(reference, other) - 1e-6, false),
                Metric.Wasserstein1 => (Integrals.Wasserstein1(reference, other) - 1e-2, false),
                Metric.KlReverse => (Integrals.Kl(other, reference) - 1e-6, false),
                Metric.JensenShannon => (Integrals.JensenShannon(reference, other) - 1e-6, false),
                _ => (Integrals.Kl(reference, other) - 1e-6, false),
            };
        }

        var isPlain = q.Family is not StudentT;
        return metric switch
        {
            Metric.Wasserstein2 => isPlain
                ? (reference.ExactWasserstein2(0, other, 0), IsDiagonal(other) && IsDiagonal(reference))
                : (Math.Sqrt(Math.Pow((reference.Means[0] - other.Means[0]).L2Norm(), 2) + (5 / 3.0 * Math.Pow((reference.Roots[0] - other.Roots[0]).FrobeniusNorm(), 2))), true),
            Metric.Kl => (reference.ExactKl(0, other, 0), true),
            Metric.KlReverse => (other.ExactKl(0, reference, 0), true),
            Metric.Wasserstein1 => ((reference.Means[0] - other.Means[0]).L2Norm(), false),
            Metric.JensenShannon => (isPlain && other.Dimension == 1 ? Integrals.JensenShannon(reference, other) - 1e-9 : 0, false),
            Metric.Hellinger => (isPlain ? Math.Sqrt(1 - reference.ExactBhattacharyya(0, other, 0)) : 0, false),
            _ => (Math.Min(1, Math.Sqrt(reference.ExactKl(0, other, 0) / 2)), true),
        };
    }

    private static bool IsDiagonal(Mixture q) => q.Roots[0].EnumerateIndexed(Zeros.AllowSkip).All(entry => entry.Item1 == entry.Item2 || entry.Item3 == 0);

    private static Mixture Turn(Mixture q, int[]? signs)
    {
        if (signs is null)
        {
            return q;
        }

        var turn = Matrix<double>.Build.DenseOfDiagonalArray([.. signs.Select(s => (double)s)]);
        return new(q.Weights, [.. q.Means.Select(m => turn * m)], [.. q.Covariances.Select(c => turn * c * turn)], [.. q.Roots.Select(r => turn * r * turn)]);
    }

    private static Metric[] Metrics(string kind) => kind switch
    {
        "vector" => [Metric.L1, Metric.L2, Metric.Linf],
        "categorical" or "bernoulli" or "binomial" => [Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.KlReverse, Metric.JensenShannon],
        "gamma" or "beta" or "soft-beta" => [Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.Wasserstein1, Metric.KlReverse, Metric.JensenShannon],
        _ => [Metric.Wasserstein2, Metric.TotalVariation, Metric.Hellinger, Metric.Kl, Metric.Wasserstein1, Metric.KlReverse, Metric.JensenShannon],
    };

    public static TheoryData<string, string> Pairs() => new()
    {
        { "diagonal", "diagonal" }, { "plain", "plain" }, { "plain", "diagonal" }, { "diagonal-precision", "diagonal-precision" }, { "precision", "precision" }, { "cholesky", "cholesky" },
        { "diagonal", "cholesky" }, { "cholesky", "diagonal" }, { "diagonal", "precision" }, { "precision", "diagonal" }, { "diagonal-precision", "cholesky" }, { "diagonal", "diagonal-precision" },
        { "mixture", "mixture" }, { "cholesky-mixture", "cholesky-mixture" }, { "wide-mixture", "wide-mixture" }, { "student", "student" },
        { "gamma", "gamma" }, { "beta", "beta" }, { "soft-beta", "beta" }, { "categorical", "categorical" }, { "bernoulli", "bernoulli" }, { "binomial", "binomial" }, { "vector", "vector" },
    };

    /// <summary>Networks that differ widely, and ones whose differences are carried through the layers.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public void Distances_at_points_are_those_of_the_two_posteriors(string kind, string other)
    {
        foreach (var metric in Metrics(kind).Where(metric => kind != "plain" || metric == Metric.Wasserstein2))
        {
            for (var seed = 0; seed < 12; seed++)
            {
                var random = new Random(seed);
                var q = Make(kind, seed);
                var q0 = seed % 3 > 0 && kind == other ? Near(q, seed, Math.Pow(10, -seed % 4)) : Make(other, seed + 100);
                var (estimator, claim) = Compared(q, q0, metric);
                var problem = ClaimCompiler.Compile(estimator, claim);
                var x = SmallEstimators.Point(random, 3, 1);
                var value = problem.Graph.Evaluate(x)[problem.Objective][0];
                var range = problem.Graph.Ranges(Box.Point(x))[problem.Objective][0];
                var (truth, isClosed) = Distance(q, q0, x, x, metric);
                Assert.True(range.Upper >= truth - (1e-7 * (1 + truth)), $"{metric}, seed {seed}: {range} for {truth}");
                Assert.True(range.Lower <= value && value <= range.Upper, $"{metric}, seed {seed}: {value} is not in {range}");
                if (isClosed)
                {
                    Assert.True(Math.Abs(value - truth) <= 1e-6 * (1 + truth), $"{metric}, seed {seed}: {value} for {truth}");
                }

                Assert.True(!problem.ExactMetric || isClosed, $"{metric}: called exact");
                if (metric == Metric.Wasserstein2 && !problem.ExactMetric && kind is not ("student" or "wide-mixture"))
                {
                    Assert.InRange(MetricLowerBound.At(estimator, claim, problem, x)!.Value, 0, truth + (kind.Contains("mixture", StringComparison.Ordinal) ? 4e-2 : 1e-7));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Bounds_over_boxes_hold_every_sample(string kind, string other)
    {
        foreach (var metric in Metrics(kind).Where(metric => kind != "plain" || metric == Metric.Wasserstein2))
        {
            for (var seed = 0; seed < 4; seed++)
            {
                var random = new Random(seed);
                var q = Make(kind, seed);
                var q0 = seed % 2 > 0 && kind == other ? Near(q, seed, 0.01) : Make(other, seed + 100);
                var (estimator, claim) = Compared(q, q0, metric, 0.5);
                var problem = ClaimCompiler.Compile(estimator, claim);
                var bounds = Bounds.For(problem);
                for (var part = 0; part < 6; part++)
                {
                    var (center, radius) = (SmallEstimators.Point(random, 3, 0.4), 0.1 * random.NextDouble());
                    var box = new Box([.. center.Select(c => c - radius)], [.. center.Select(c => c + radius)]);
                    var upper = bounds.UpperBound(box);
                    for (var sample = 0; sample < 20; sample++)
                    {
                        double[] x = [.. center.Select(c => c + (radius * ((2 * random.NextDouble()) - 1)))];
                        Assert.True(upper >= Distance(q, q0, x, x, metric).Truth - 1e-6, $"{metric}, seed {seed}: {upper}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("diagonal")]
    [InlineData("cholesky")]
    [InlineData("precision")]
    [InlineData("mixture")]
    [InlineData("gamma")]
    [InlineData("beta")]
    [InlineData("categorical")]
    [InlineData("binomial")]
    [InlineData("vector")]
    public void A_network_is_at_distance_zero_of_itself_and_the_bound_shrinks_with_the_change(string kind)
    {
        foreach (var metric in Metrics(kind))
        {
            var q = Make(kind, 5);
            double At(double size)
            {
                var (estimator, claim) = Compared(q, Near(q, 6, size), metric, 0.2);
                var problem = ClaimCompiler.Compile(estimator, claim);
                return Bounds.For(problem).UpperBound(problem.Domain.Box);
            }

            var (none, small, large) = (At(0), At(1e-6), At(1e-2));
            Assert.InRange(none, 0, 1e-6);
            Assert.True(small < 0.01 * large, $"{metric}: {none}, {small}, {large}");
        }
    }

    public static TheoryData<string> Kinds() => ["diagonal", "plain", "precision", "cholesky", "mixture", "student", "gamma", "beta", "categorical", "bernoulli", "vector"];

    [Theory, MemberData(nameof(Kinds))]
    public void Symmetries_compare_with_the_exchanged_data(string kind)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var q = Make(kind, seed);
            int[] permutation = [.. Enumerable.Range(0, 3).OrderBy(_ => random.Next())];
            int[] signs = [.. Enumerable.Range(0, 3).Select(_ => random.Next(2) == 0 ? 1 : -1)];
            int[]? turned = kind is "gamma" or "beta" or "categorical" or "bernoulli" or "vector" || seed % 2 == 0 ? null : [.. Enumerable.Range(0, q.Family.Dimension).Select(i => i % 2 == 0 ? -1 : 1)];
            foreach (var metric in Metrics(kind).Where(metric => kind != "plain" || metric == Metric.Wasserstein2))
            {
                var claim = new Claim
                {
                    Kind = ClaimKind.Symmetric,
                    Metric = metric,
                    Permutation = seed % 3 == 0 ? [] : [.. permutation],
                    InputSigns = seed % 3 == 1 ? [] : [.. signs],
                    ParameterSigns = turned is null ? [] : [.. turned],
                    DomainLower = [-1, -1, -1],
                    DomainUpper = [1, 1, 1],
                };
                var problem = ClaimCompiler.Compile(q, claim);
                var x = SmallEstimators.Point(random, 3, 1);
                double[] y = [.. Enumerable.Range(0, 3).Select(i => (seed % 3 == 1 ? 1 : signs[i]) * x[seed % 3 == 0 ? i : permutation[i]])];
                var (truth, isClosed) = Distance(q, q, x, y, metric, turned);
                var range = problem.Graph.Ranges(Box.Point(x))[problem.Objective][0];
                Assert.True(range.Upper >= truth - (1e-7 * (1 + truth)) && (!isClosed || range.Lower <= truth + (1e-6 * (1 + truth))), $"{metric}, seed {seed}: {range} for {truth}");
                var radius = 0.05;
                var upper = Bounds.For(problem).UpperBound(new Box([.. x.Select(v => Math.Max(-1, v - radius))], [.. x.Select(v => Math.Min(1, v + radius))]));
                Assert.True(upper >= truth - (1e-7 * (1 + truth)), $"{metric}, seed {seed}: bound {upper} for {truth}");
            }
        }
    }

    /// <summary>mean_0 = x_0 + x_1, mean_1 = x_0 - x_1: the first is symmetric, the second turns its sign.</summary>
    [Fact]
    public void An_exact_symmetry_is_at_distance_zero()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("mean", builder.Affine(x, [1, 1, 1, -1], [0, 0]));
        builder.Output("sd", builder.Constant([1, 2]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("sd")));
        Problem Of(int[] permutation, int[] inputs, int[] parameters) => ClaimCompiler.Compile(estimator, new Claim
        {
            Kind = ClaimKind.Symmetric,
            Metric = Metric.Wasserstein2,
            Permutation = [.. permutation],
            InputSigns = [.. inputs],
            ParameterSigns = [.. parameters],
            DomainLower = [-1, -1],
            DomainUpper = [1, 1],
        });
        double Bound(Problem problem) => Bounds.For(problem).UpperBound(problem.Domain.Box);
        Assert.InRange(Bound(Of([1, 0], [], [1, -1])), 0, 1e-12);
        Assert.InRange(Bound(Of([], [-1, -1], [-1, -1])), 0, 1e-12);
        Assert.InRange(Bound(Of([1, 0], [], [])), 4, 4 + 1e-9);
        Assert.Equal("Largest Wasserstein-2 distance between the posterior at the entries [1, 0] of x, theta times [1, -1], (q0) and at x (q), for x in the domain: |(mu - mu0, (sigma - sigma0))|, which is the distance.", Of([1, 0], [], [1, -1]).Text);
    }

    [Theory]
    [InlineData("cholesky", "precision", Metric.Kl, "Triangular roots")]
    [InlineData("diagonal", "mixture", Metric.Kl, "The two families differ")]
    [InlineData("student", "diagonal", Metric.Kl, "The two families differ")]
    [InlineData("categorical", "bernoulli", Metric.Kl, "The two families differ")]
    [InlineData("vector", "diagonal", Metric.L2, "The two families differ")]
    [InlineData("vector", "vector", Metric.Kl, "for the family vector l1")]
    [InlineData("diagonal", "diagonal", Metric.L2, "for the family vector l1")]
    [InlineData("categorical", "categorical", Metric.Wasserstein2, "not for the family categorical")]
    [InlineData("diagonal", "diagonal", Metric.LogDensity, "takes the metrics")]
    public void Families_that_do_not_fit_are_refused(string kind, string other, Metric metric, string expected)
    {
        var (estimator, claim) = Compared(Make(kind, 1), Make(other, 2), metric);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_is_not_given_or_reads_other_data_is_refused()
    {
        var (estimator, claim) = Compared(Make("diagonal", 1), Make("diagonal", 2), Metric.Kl);
        string Message(Estimator q, Claim about) => Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(q, about)).Message;
        Assert.Contains("is not given", Message(estimator with { References = [] }, claim with { ReferenceModel = "old.onnx" }), StringComparison.Ordinal);
        Assert.Contains("of one length", Message(estimator with { References = [Make("diagonal", 2, 4) with { ModelSha256 = Hash }] }, claim), StringComparison.Ordinal);
        Assert.Contains("is for claims of kind approximation", Message(estimator, claim with { Kind = ClaimKind.Symmetric, Permutation = [1, 0, 2] }), StringComparison.Ordinal);
        Assert.Contains("is for claims of kind approximation", Message(estimator, claim with { ReferenceSha256 = "" }), StringComparison.Ordinal);
        var symmetric = claim with { Kind = ClaimKind.Symmetric, Reference = "", ReferenceSha256 = "" };
        Assert.Contains("needs a permutation or signs", Message(estimator, symmetric), StringComparison.Ordinal);
        Assert.Contains("expected each of 0 to 2 once", Message(estimator, symmetric with { Permutation = [1, 0, 0] }), StringComparison.Ordinal);
        Assert.Contains("expected each of 0 to 2 once", Message(estimator, symmetric with { Permutation = [1, 0] }), StringComparison.Ordinal);
        Assert.Contains("Expected 3 numbers 1 or -1 for the signs of the inputs", Message(estimator, symmetric with { InputSigns = [1, 2, 1] }), StringComparison.Ordinal);
        Assert.Contains("Expected 3 numbers 1 or -1 for the signs of the parameters", Message(estimator, symmetric with { Permutation = [1, 0, 2], ParameterSigns = [1] }), StringComparison.Ordinal);
        Assert.Contains("not for vector", Message(Make("vector", 1), symmetric with { Metric = Metric.L2, Permutation = [1, 0, 2], ParameterSigns = [1, 1, 1, 1, 1] }), StringComparison.Ordinal);
    }
}
