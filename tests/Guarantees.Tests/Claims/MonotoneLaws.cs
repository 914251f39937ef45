using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Distributions;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Slopes of functionals against difference quotients of the functional itself, compiled on its own; bounds over boxes against pairs of points.</summary>
/// <remarks>Mutants seen to fail: one side of a kink at the end of a range.</remarks>
public class MonotoneLaws
{
    public static TheoryData<string, Quantity> Cases()
    {
        var data = new TheoryData<string, Quantity>();
        foreach (var kind in new[] { "diagonal", "plain", "precision", "cholesky", "mixture", "student", "relu", "leaky", "smooth" })
        {
            data.Add(kind, Quantity.Mean);
            data.Add(kind, Quantity.StandardDeviation);
            if (kind == "mixture")
            {
                data.Add(kind, Quantity.Weight);
                data.Add(kind, Quantity.SmallestWeight);
            }
            else if (kind != "student")
            {
                data.Add(kind, Quantity.Quantile);
            }
        }

        data.Add("diagonal", Quantity.SmallestScale);
        data.Add("diagonal", Quantity.LargestScale);
        return data;
    }

    private static Estimator Make(string kind, int seed) => kind switch
    {
        "diagonal" => SmallEstimators.DiagonalGaussian(seed, 3, 3),
        "plain" => SmallEstimators.DiagonalGaussian(seed, 3, 3, SquareRoot.Diagonal("scale", ScaleKind.StandardDeviation, softplus: true)),
        "precision" => SmallEstimators.Precision(seed, 3, 3),
        "cholesky" => SmallEstimators.Cholesky(seed, 3, 3),
        "mixture" => SmallEstimators.Mixture(seed, 3, 3, 2),
        "student" => SmallEstimators.DiagonalGaussian(seed, 3, 3) with { Family = new StudentT(new Gaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogVariance)), 4) },
        "relu" => Deep(seed, (builder, x) => builder.Apply(new ReLU(), x)),
        "leaky" => Deep(seed, (builder, x) => builder.Maximum(builder.Apply(new LeakyReLU(0.2), x), -0.5 * x)),
        _ => Deep(seed, (builder, x) => builder.Apply(new Sigmoid(), x) * builder.Apply(new Softplus(), x)),
    };

    /// <summary>Two hidden layers of an activation, and a skip connection.</summary>
    private static Estimator Deep(int seed, Func<NetworkBuilder, Vector, Vector> activation)
    {
        var random = new Random(seed);
        var builder = new NetworkBuilder();
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
        var x = builder.Input("x", 3);
        var h = activation(builder, builder.Affine(x, Draw(15), Draw(5)));
        h = activation(builder, builder.Affine(h, Draw(25), Draw(5)));
        var both = builder.Concat(h, x);
        builder.Output("mean", builder.Affine(both, Draw(24), Draw(3)));
        builder.Output("scale", builder.Affine(both, [.. Draw(24).Select(w => 0.3 * w)], Draw(3)));
        return new Estimator(builder.Build(), new DiagonalGaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)));
    }

    private static Claim Slope(Quantity quantity, int coordinate, bool decreasing, int parameter = 0) => new()
    {
        Kind = ClaimKind.Monotone,
        Quantity = quantity,
        Parameter = parameter,
        Level = 0.8,
        Coordinate = coordinate,
        IsDecreasing = decreasing,
        AtLeast = 0,
        DomainLower = [-1, -1, -1],
        DomainUpper = [1, 1, 1],
    };

    /// <summary>The functional as its own claim compiles it, which FunctionalLaws compare with ordinary linear algebra; smallest ones come with a minus.</summary>
    private static Func<double[], double> Value(Estimator estimator, Claim slope)
    {
        var problem = ClaimCompiler.Compile(estimator, slope with { Kind = ClaimKind.Functional, AtLeast = null, Coordinate = 0, IsDecreasing = false });
        return x => problem.Sign * problem.Graph.Evaluate(x)[problem.Objective][0] * (slope.IsDecreasing ? -1 : 1);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_objective_is_minus_the_derivative_and_bounds_hold_every_quotient(string kind, Quantity quantity)
    {
        var tight = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var (estimator, j) = (Make(kind, seed), seed % 3);
            var claim = Slope(quantity, j, seed % 2 == 0, seed % estimator.Family.Dimension);
            var problem = ClaimCompiler.Compile(estimator, claim);
            var value = Value(estimator, claim);
            Assert.Equal((true, -1), (problem.ExactMetric, problem.Sign));
            var x = SmallEstimators.Point(random, 3, 0.9);
            double[] Moved(double[] from, double by) => [.. from.Select((v, i) => i == j ? v + by : v)];
            var numeric = (value(Moved(x, 1e-5)) - value(Moved(x, -1e-5))) / 2e-5;
            var range = problem.Graph.Ranges(Box.Point(x))[problem.Objective][0];
            Assert.True(-range.Upper - (1e-5 * (1 + Math.Abs(numeric))) <= numeric && numeric <= -range.Lower + (1e-5 * (1 + Math.Abs(numeric))), $"seed {seed}: {numeric} for {range}");
            tight += range.Width < 1e-9 ? 1 : 0;

            var bounds = Bounds.For(problem);
            for (var part = 0; part < 8; part++)
            {
                var (center, radius) = (SmallEstimators.Point(random, 3, 0.7), 0.3 * random.NextDouble());
                var smallest = -bounds.UpperBound(new Box([.. center.Select(c => c - radius)], [.. center.Select(c => c + radius)]));
                for (var pair = 0; pair < 20; pair++)
                {
                    double[] from = [.. center.Select(c => c + (radius * ((2 * random.NextDouble()) - 1)))];
                    from[j] = center[j] - (radius * random.NextDouble());
                    var step = radius * (0.01 + random.NextDouble());
                    if (from[j] + step > center[j] + radius)
                    {
                        continue;
                    }

                    var quotient = (value(Moved(from, step)) - value(from)) / step;
                    Assert.True(smallest <= quotient + 1e-9, $"seed {seed}: the smallest slope is called {smallest}, a quotient is {quotient}");
                }
            }
        }

        Assert.True(tight >= 10, $"{tight} of 12 derivatives are numbers");
    }

    /// <summary>The bound closes in on the smallest slope when parts shrink: for tanh(2 x_0) + x_1² / 2 it is 2 (1 - tanh² 2) over x_0 in [0, 1], and -1 in x_1.</summary>
    [Fact]
    public void Known_slopes_are_enclosed()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 3);
        builder.Output("mean", builder.Apply(new Tanh(), 2 * x[0]) + (0.5 * builder.Apply(new Square(), x[1])));
        builder.Output("scale", builder.Constant([0.0]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)));
        double Smallest(Claim claim, double width)
        {
            var problem = ClaimCompiler.Compile(estimator, claim);
            var (bounds, least) = (Bounds.For(problem), double.PositiveInfinity);
            for (var at = problem.Domain.Box.Lower[claim.Coordinate]; at < problem.Domain.Box.Upper[claim.Coordinate]; at += width)
            {
                var part = new Box([.. problem.Domain.Box.Lower], [.. problem.Domain.Box.Upper]);
                (part.Lower[claim.Coordinate], part.Upper[claim.Coordinate]) = (at, at + width);
                least = Math.Min(least, -bounds.UpperBound(part));
            }

            return least;
        }

        var steep = Slope(Quantity.Mean, 0, false) with { DomainLower = [0, -1, 0] };
        var truth = 2 * (1 - Math.Pow(Math.Tanh(2), 2));
        Assert.InRange(Smallest(steep, 1.0 / 64), truth - 0.01, truth + 1e-12);
        Assert.InRange(Smallest(Slope(Quantity.Mean, 1, false), 1.0 / 64), -1 - 1e-9, -1 + 1e-9);
        Assert.InRange(Smallest(Slope(Quantity.Mean, 1, true), 1.0 / 64), -1 - 1e-9, -1 + 1e-9);
        Assert.InRange(Smallest(Slope(Quantity.Mean, 2, true), 1), 0, 0);
        Assert.Equal(
            "Smallest slope of minus the mean of theta_0 in x_1, for x in the domain: the least (f(x') - f(x)) / (x'_1 - x_1) over x and x' that differ in entry 1 alone, f = -(mu).",
            ClaimCompiler.Compile(estimator, Slope(Quantity.Mean, 1, true)).Text);
    }

    /// <summary>A ReLU whose argument is 0 everywhere, and one whose kink lies at the end of a part: both sides count.</summary>
    [Fact]
    public void Kinks_have_both_slopes()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 3);
        builder.Output("mean", builder.Apply(new ReLU(), x[0]) - builder.Apply(new ReLU(), 0.0 * x[1]));
        builder.Output("scale", builder.Constant([0.0]));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)));
        var problem = ClaimCompiler.Compile(estimator, Slope(Quantity.Mean, 0, false));
        double Of(double from, double to) => -Bounds.For(problem).UpperBound(new Box([from, -1, -1], [to, 1, 1]));
        Assert.InRange(Of(-1, 1), -1e-12, 0);
        Assert.InRange(Of(0.5, 1), 1 - 1e-12, 1);
        Assert.InRange(Of(0, 1), -1e-12, 0);
        var flat = ClaimCompiler.Compile(estimator, Slope(Quantity.Mean, 1, false));
        Assert.InRange(-Bounds.For(flat).UpperBound(flat.Domain.Box), -1e-12, 0);
    }

    [Fact]
    public void A_witness_is_two_points_of_the_set_that_differ_in_one_entry()
    {
        var estimator = Make("diagonal", 3);
        var claim = Slope(Quantity.Mean, 1, false);
        var problem = ClaimCompiler.Compile(estimator, claim);
        var value = Value(estimator, claim);
        double At(params double[] witness) => problem.Slope!.LowerBoundAt(problem, witness);
        Assert.Equal(-(value([0.1, 0.5, 0]) - value([0.1, -0.25, 0])) / 0.75, At(0.1, -0.25, 0, 0.1, 0.5, 0), 1e-12);
        Assert.True(At(0.1, -0.25, 0, 0.1, 0.5, 0) <= -(value([0.1, 0.5, 0]) - value([0.1, -0.25, 0])) / 0.75 + 1e-15);
        Assert.Equal(double.NegativeInfinity, At(0.1, 0.5, 0, 0.1, -0.25, 0));
        Assert.Equal(double.NegativeInfinity, At(0.1, 0.5, 0, 0.1, 0.5, 0));
        Assert.Equal(double.NegativeInfinity, At(0.1, -0.25, 0, 0.1001, 0.5, 0));
        Assert.Equal(double.NegativeInfinity, At(0.1, -0.25, 0, 0.1, 1.0000001, 0));
        Assert.Equal(double.NegativeInfinity, At(0.1, -1.0000001, 0, 0.1, 0.5, 0));
        Assert.Equal(double.NegativeInfinity, At(0.1, -0.25, 0));
        var near = problem.Slope!.WitnessNear(problem, [0.3, 1, -1])!;
        var slope = (value([0.3, 1, -1]) - value([0.3, 1 - 1e-6, -1])) / 1e-6;
        Assert.True(At(near) >= -slope - 1e-5, $"{At(near)} for {-slope}");
    }

    [Fact]
    public void What_has_no_slope_is_refused()
    {
        var estimator = Make("cholesky", 1);
        void Refuses(string expected, Claim claim, Estimator? other = null) =>
            Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(other ?? estimator, claim)).Message, StringComparison.Ordinal);
        var claim = Slope(Quantity.Mean, 0, false);
        Refuses("There is no input x_3", claim with { Coordinate = 3 });
        Refuses("There is no parameter theta_3", claim with { Parameter = 3 });
        Refuses("compiled as a bound", claim with { Quantity = Quantity.SmallestScale });
        Refuses("compiled as a bound", claim with { Quantity = Quantity.LargestScale, AtLeast = null });
        Refuses("holds one value of x_0", claim with { DomainLower = [1, -1, -1] });
        Refuses("holds one value of x_0", claim with { Observation = [0, 0, 0], Radius = [0, 1, 1] });
        Refuses("convex sets", claim with { Observation = [0, 0, 0], Radius = [1, 1, 1], Norm = Guarantees.Claims.Norm.L0, Entries = 1 });
        Refuses("'at-least'", claim with { AtLeast = null, AtMost = 1 });
        Refuses("not of kind monotone", claim, SmallEstimators.Build(1, 3, [("z", 4, 1.5)], new Categorical(4, "z")));
        var student = Make("student", 1);
        Refuses("has no finite variance", claim with { Quantity = Quantity.StandardDeviation }, student with { Family = new StudentT(new Gaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogVariance)), 2) });
        Refuses("has no mean", claim, student with { Family = new StudentT(new Gaussian(3, "mean", SquareRoot.Diagonal("scale", ScaleKind.LogVariance)), 1) });
        Refuses("not for claims of kind monotone of a quantile", claim with { Quantity = Quantity.Quantile }, student);
    }

    /// <summary>A small network of two inputs and two outputs.</summary>
    private static Estimator TwoInputs(int seed)
    {
        var random = new Random(seed);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 2), builder.Input("x", 1));
        var h = builder.Apply(new Tanh(), builder.Affine(builder.Concat(z, x), Draw(15), Draw(5)));
        builder.Output("first", builder.Affine(h, Draw(5), Draw(1)));
        builder.Output("second", builder.Affine(builder.Concat(h, z), Draw(14), Draw(2)));
        var network = builder.Build();
        return new Estimator(network, OutputVector.For(network));
    }

    [Fact]
    public void An_output_is_read_where_it_stands_and_its_slope_bounds_its_quotients()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var (estimator, random) = (TwoInputs(seed), new Random(seed));
            for (var element = 0; element < 3; element++)
            {
                var j = seed % 3;
                double At(double[] x) => estimator.Network.Outputs.SelectMany(output => estimator.Network.Evaluate(x)[output.Node]).ElementAt(element);
                var slope = Slope(Quantity.Output, j, seed % 2 == 1, element);
                var question = ClaimCompiler.Compile(estimator, slope);
                var least = -Bounds.For(question).UpperBound(question.Domain.Box);
                var over = slope with { Kind = ClaimKind.Functional, Coordinate = 0, IsDecreasing = false };
                var (low, high) = (ClaimCompiler.Compile(estimator, over with { AtLeast = 0 }), ClaimCompiler.Compile(estimator, over with { AtLeast = null }));
                var (smallest, largest) = (-Bounds.For(low).UpperBound(low.Domain.Box), Bounds.For(high).UpperBound(high.Domain.Box));
                double[] x0 = [.. SmallEstimators.Point(random, 3, 0.5)];
                var moved = ClaimCompiler.Compile(estimator, over with { AtLeast = null, IsChange = true, Observation = [.. x0], Radius = [0.5, 0.5, 0.5] });
                var most = Bounds.For(moved).UpperBound(moved.Domain.Box);
                for (var k = 0; k < 40; k++)
                {
                    var x = SmallEstimators.Point(random, 3, 1);
                    var y = (double[])x.Clone();
                    y[j] = (2 * random.NextDouble()) - 1;
                    Assert.InRange(At(x), smallest, largest);
                    Assert.Equal(At(x), high.Graph.Evaluate(x)[high.Objective][0], 1e-12);
                    if (Math.Abs(y[j] - x[j]) > 1e-3)
                    {
                        var quotient = (At(y) - At(x)) / (y[j] - x[j]) * (seed % 2 == 1 ? -1 : 1);
                        Assert.True(quotient >= least - 1e-9, $"seed {seed}, output {element}: {quotient} < {least}");
                    }

                    double[] near = [.. x0.Zip(x, (a, b) => a + (0.5 * b))];
                    Assert.True(Math.Abs(At(near) - At(x0)) <= most + 1e-12, $"seed {seed}, output {element}");
                }
            }
        }

        var two = TwoInputs(1);
        void Refused(Claim claim, string words) => Assert.Contains(words, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(two, claim)).Message, StringComparison.Ordinal);
        Refused(Slope(Quantity.Output, 0, false, 3), "There is no output element 3; the network has 0 to 2");
        Refused(Slope(Quantity.Output, 3, false), "There is no input x_3");
        Refused(Slope(Quantity.Mean, 0, false), "an output is read, not the mean");
        Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(Make("diagonal", 1), Slope(Quantity.Output, 0, false)));
    }

    /// <summary>y_0 = z_0 + 0.1 tanh(z_0), y_1 = 2 z_1 + x z_0: each output rises with its own entry at least as steeply as 1 and 2.</summary>
    [Fact]
    public void A_triangular_transform_is_proved_monotone_with_its_lower_slope()
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 2), builder.Input("x", 1));
        builder.Output("y", builder.Concat(z[0] + (0.1 * builder.Apply(new Tanh(), z[0])), (2.0 * z[1]) + (x * z[0])));
        var network = builder.Build();
        var transform = new Estimator(network, OutputVector.For(network));
        foreach (var (element, truth) in new[] { (0, 1 + (0.1 * (1 - (Math.Tanh(1) * Math.Tanh(1))))), (1, 2.0) })
        {
            var question = ClaimCompiler.Compile(transform, Slope(Quantity.Output, element, decreasing: false, element));
            var least = -Bounds.For(question).UpperBound(question.Domain.Box);
            Assert.InRange(least, 1, truth + 1e-12);
        }

        // y_1 falls with z_0 where x is negative: by no more than 1.
        var other = ClaimCompiler.Compile(transform, Slope(Quantity.Output, 0, decreasing: false, 1));
        Assert.InRange(-Bounds.For(other).UpperBound(other.Domain.Box), -1 - 1e-12, -1 + 1e-9);
    }
}
