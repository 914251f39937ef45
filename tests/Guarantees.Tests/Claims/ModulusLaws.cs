using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Distributions;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Claims;

/// <summary>The modulus of continuity against pairs of points, each pair measured by the claim <c>robustness</c> around one of them, which other laws compare with closed forms.</summary>
/// <remarks>Mutants seen to fail: x before x' - x in the set; a bound for float32 executions; the change taken off the value instead of added; the box beside the ball at its middle. Not found: the difference of the slopes above and below left out beside the ball.</remarks>
public class ModulusLaws
{
    public static TheoryData<string, Metric> Cases()
    {
        var data = new TheoryData<string, Metric>();
        foreach (var kind in new[] { "diagonal", "precision", "cholesky", "mixture" })
        {
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.Wasserstein1, Metric.Kl, Metric.KlReverse, Metric.Hellinger, Metric.TotalVariation })
            {
                data.Add(kind, metric);
            }
        }

        foreach (var metric in new[] { Metric.Kl, Metric.KlReverse, Metric.Hellinger, Metric.TotalVariation })
        {
            data.Add("categories", metric);
            data.Add("events", metric);
        }

        foreach (var metric in new[] { Metric.Wasserstein1, Metric.Kl, Metric.KlReverse, Metric.Hellinger, Metric.TotalVariation })
        {
            data.Add("gamma", metric);
            data.Add("beta", metric);
        }

        foreach (var metric in new[] { Metric.L1, Metric.L2, Metric.Linf })
        {
            data.Add("relu", metric);
        }

        return data;
    }

    private static Estimator Make(string kind, int seed)
    {
        switch (kind)
        {
            case "diagonal": return SmallEstimators.DiagonalGaussian(seed, 2, 2);
            case "precision": return SmallEstimators.Precision(seed, 2, 2);
            case "cholesky": return SmallEstimators.Cholesky(seed, 2, 2);
            case "mixture": return SmallEstimators.Mixture(seed, 2, 2, 2);
            case "categories": return SmallEstimators.Build(seed, 2, [("z", 4, 1.5)], new Categorical(4, "z"));
            case "gamma": return SmallEstimators.Build(seed, 2, [("a", 2, 1), ("b", 2, 1)], new Gamma(2, "a", "b", PositiveTransform.Exp));
            case "beta": return SmallEstimators.Build(seed, 2, [("a", 2, 1), ("b", 2, 1)], new Beta(2, "a", "b", PositiveTransform.Softplus));
            case "events": return SmallEstimators.Build(seed, 2, [("z", 2, 1.5)], new Binomial(2, 3, "z"));
        }

        var random = new Random(seed);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
        var builder = new NetworkBuilder();
        var h = builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 2), Draw(12), Draw(6)));
        builder.Output("y", builder.Affine(h, Draw(18), Draw(3)));
        var network = builder.Build();
        return new Estimator(network, OutputVector.For(network));
    }

    private static Claim Modulus(Metric metric, Norm norm, double[] center, double reach, double radius) => new()
    {
        Kind = ClaimKind.Modulus,
        Metric = metric,
        Norm = norm,
        DomainLower = [.. center.Select(c => c - reach)],
        DomainUpper = [.. center.Select(c => c + reach)],
        Radius = [.. center.Select(_ => radius)],
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pair_has_the_value_that_robustness_gives_it_and_no_pair_exceeds_the_bound(string kind, Metric metric)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var (estimator, random, norm) = (Make(kind, seed), new Random(seed), new[] { Norm.L1, Norm.L2, Norm.Linf }[seed % 3]);
            var center = SmallEstimators.Point(random, 2, 1);
            var problem = ClaimCompiler.Compile(estimator, Modulus(metric, norm, center, 0.05, 0.02));
            var bounds = Bounds.For(problem);
            Assert.NotEqual("", problem.RealOnly);
            var (bound, most) = (bounds.UpperBound(problem.Domain.Box), 0.0);
            for (var pair = 0; pair < 40; pair++)
            {
                var x = center.Select(c => c + (0.05 * ((2 * random.NextDouble()) - 1))).ToArray();
                var d = x.Select(_ => 0.02 * ((2 * random.NextDouble()) - 1)).ToArray();
                double[] point = [.. d, .. x];
                if (!problem.Domain.Contains(point))
                {
                    continue;
                }

                var (mine, other) = ClaimCompiler.DataAt(Modulus(metric, norm, center, 0.05, 0.02), point);
                Assert.Equal(x, other);
                var robustness = ClaimCompiler.Compile(estimator, SmallEstimators.Robustness(metric, other, 1));
                var (expected, value) = (SmallEstimators.Value(robustness, mine), problem.Graph.Evaluate(point)[problem.Objective][0]);
                Assert.True(Math.Abs(value - expected) <= 1e-6 * (1 + Math.Abs(expected)), $"{kind}, {metric}, seed {seed}: {value} against {expected}");
                Assert.True(bounds.LowerBoundAt(point) <= value + 1e-9, $"{kind}, {metric}, seed {seed}");
                Assert.True(value <= bound + 1e-12, $"{kind}, {metric}, seed {seed}: {value} > {bound}");
                most = Math.Max(most, value);
            }

            Assert.True(most > 0, $"{kind}, {metric}, seed {seed}");
        }
    }

    /// <summary>A linear map moves by the same everywhere: the bound over the whole domain is the value, without dividing it.</summary>
    [Theory]
    [InlineData(Norm.L1, 0.4)]
    [InlineData(Norm.L2, 0.4)]
    [InlineData(Norm.Linf, 0.5656854249492381)]
    public void A_linear_posterior_has_a_modulus_that_no_division_improves(Norm norm, double truth)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("mean", 2.0 * x);
        builder.Output("sd", builder.Constant([0.5, 0.7]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("sd")));
        var problem = ClaimCompiler.Compile(estimator, Modulus(Metric.Wasserstein2, norm, [3, -2], 100, 0.2));
        var upper = Bounds.For(problem).UpperBound(problem.Domain.Box);
        Assert.InRange(upper, truth, truth * (1 + 1e-9));
    }

    /// <summary>|A d + B v| for d in an l2 ball and v in a box is largest at a corner of v: an independent maximum by the singular values of A about each corner's image, and by sampling.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_norm_over_a_ball_beside_a_box_is_bounded_for_every_corner_of_the_box(bool isLinear)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
            var builder = new NetworkBuilder();
            var weights = Draw(3 * 5, 1);
            var input = builder.Input("x", 5);
            var image = builder.Affine(input, weights, Draw(3, 0.1));
            image = isLinear ? image : builder.Affine(builder.Apply(new Tanh(), builder.Affine(input, Draw(30, 2), Draw(6, 1))), Draw(18, 1), Draw(3, 0.1));
            var value = builder.Apply(new Networks.Operators.Norm(3), image);
            builder.Output("objective", value);
            var (radius, center) = (0.3 + (seed % 3), Draw(2, 1));
            var (lower, upper) = (Draw(3, 1), Draw(3, 1));
            var box = new Box([.. center.Select(c => c - radius), .. lower.Zip(upper, Math.Min)], [.. center.Select(c => c + radius), .. lower.Zip(upper, Math.Max)]);
            var problem = new Problem(builder.Build(), value.Id, new Domain(box) { Norm = Norm.L2, Center = [.. center], Radius = [radius, radius] }) { Frontier = [image.Id], Anchors = [image.Id] };
            var (bound, most) = (Bounds.For(problem).UpperBound(box), 0.0);
            for (var corner = 0; corner < 8; corner++)
            {
                for (var k = 0; k < 360; k++)
                {
                    double[] x = [center[0] + (radius * Math.Cos(Math.PI * k / 180)), center[1] + (radius * Math.Sin(Math.PI * k / 180)), .. Enumerable.Range(2, 3).Select(j => ((corner >> (j - 2)) & 1) == 0 ? box.Lower[j] : box.Upper[j])];
                    most = Math.Max(most, problem.Graph.Evaluate(x)[value.Id][0]);
                }
            }

            Assert.True(most <= bound * (1 + 1e-12), $"seed {seed}: {most} > {bound}");
            Assert.True(!isLinear || bound <= 2.5 * most, $"seed {seed}: {bound} is far above {most}");
        }
    }

    /// <summary>What is read beside a claim at x' must not lie further from x than the pair that was tested.</summary>
    [Fact]
    public void Data_that_are_no_doubles_are_rounded_towards_x()
    {
        var claim = Modulus(Metric.Wasserstein2, Norm.Linf, [1e8, -1e8], 1, 0.9e-8);
        foreach (var sign in new[] { -1, 1 })
        {
            // The nearest double to 1e8 + 0.9e-8 is 1e8 + 1.49e-8.
            var (mine, other) = ClaimCompiler.DataAt(claim, [sign * 0.9e-8, sign * 0.9e-8, 1e8, -1e8]);
            Assert.Equal([1e8, -1e8], other);
            Assert.Equal([1e8, -1e8], mine);
        }

        Assert.Equal([1.25, 1.75], ClaimCompiler.DataAt(claim, [0.25, -0.25, 1, 2]).Mine);
    }

    [Fact]
    public void What_is_no_set_of_pairs_is_refused()
    {
        var estimator = Make("diagonal", 1);
        var good = Modulus(Metric.Wasserstein2, Norm.L2, [0, 0], 1, 0.1);
        ClaimCompiler.Compile(estimator, good);
        void Refused(Claim claim, string words) => Assert.Contains(words, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
        Refused(good with { Radius = [] }, "in the radius; got 0");
        Refused(good with { Radius = [0.1, double.NaN] }, "that of x_1 is NaN");
        Refused(good with { Radius = [0.1, -1] }, "that of x_1 is -1");
        Refused(good with { Observation = [0, 0] }, "over a domain, not around an observation");
        Refused(good with { DomainLower = [], DomainUpper = [] }, "of the domain; got 0");
        Refused(good with { Norm = Norm.L0 }, "l0 counts entries");
        Refused(good with { Metric = Metric.LogDensity }, "got log-density");
        Refused(good with { Reference = Claim.Network, ReferenceFamily = FamilyDescription.Vector }, "A model to compare with is for claims of kind approximation");
    }
}
