using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Claims;

/// <summary>|ln q(theta | x) - ln q(theta | x0)| as compiled: its value, its bounds over parts, the theta that count.</summary>
/// <remarks>
/// Networks are small random masked autoregressive flows: products, softplus, logarithms, tanh and squares, with narrow vectors between the transforms.
/// Mutants planted and found: a product's change without half the change of the other factor; lines of a waist taken from the wrong side; a waist's bias forgotten; the condition's sign
/// turned; inputs of the network in the order x, theta whatever the file says.
/// </remarks>
public class DensityChangeLaws
{
    [Fact]
    public void G_is_the_difference_of_the_networks_values()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (network, density, claim) = Draw(random);
            var problem = ClaimCompiler.Compile(new Estimator(network, density), claim);
            for (var trial = 0; trial < 10; trial++)
            {
                var point = Point(random, problem.Domain.Box);
                var (x, theta) = (point[..3], point[3..]);
                var truth = Math.Abs(Value(network, theta, x) - Value(network, theta, [.. claim.Observation]));
                var g = problem.Graph.Evaluate(point)[problem.Objective][0];
                Assert.True(Math.Abs(g - truth) <= 1e-9 * (1 + Math.Abs(Value(network, theta, x))), $"seed {seed}: {g:R}, {truth:R}");
            }
        }
    }

    /// <summary>Bounds hold on parts of any size, for every norm, with and without a condition, and through waists.</summary>
    [Fact]
    public void Bounds_hold_on_parts_and_nothing_that_counts_is_left_out()
    {
        var (bounded, empty, counted, waists) = (0, 0, 0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var (network, density, claim) = Draw(random);
            var problem = ClaimCompiler.Compile(new Estimator(network, density), claim);
            waists += problem.Waists.Length;
            var bounds = new BoundPropagation(problem);
            for (var trial = 0; trial < 6; trial++)
            {
                var part = Part(random, problem.Domain.Box, Math.Pow(0.5, random.Next(8)));
                var upper = bounds.UpperBound(part);
                (bounded, empty) = (bounded + (double.IsFinite(upper) ? 1 : 0), empty + (upper == double.NegativeInfinity ? 1 : 0));
                for (var k = 0; k < 30; k++)
                {
                    var point = Point(random, part);
                    var theta = point[3..];
                    var counts = problem.Domain.Contains(point) && !(Value(network, theta, [.. claim.Observation]) < claim.DensityAtLeast + 1e-9);
                    if (counts)
                    {
                        counted++;
                        var g = problem.Graph.Evaluate(point)[problem.Objective][0];
                        Assert.True(g <= upper + (1e-12 * (1 + g)), $"seed {seed}: {g:R} above {upper:R}");
                    }

                    Assert.True(bounds.LowerBoundAt(point) <= upper, $"seed {seed}");
                    if (Value(network, theta, [.. claim.Observation]) < claim.DensityAtLeast - 1e-9)
                    {
                        Assert.Equal(double.NegativeInfinity, bounds.LowerBoundAt(point));
                    }
                }
            }
        }

        Assert.True(bounded > 300 && empty > 20 && counted > 3_000 && waists >= 300, $"{bounded} bounded, {empty} empty, {counted} points, {waists} waists");
    }

    /// <summary>A waist is a hint: without it the bounds differ little, and the difference shrinks with the ball, not with the box of theta.</summary>
    [Fact]
    public void Bounds_shrink_with_the_ball_and_hardly_differ_without_waists()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (network, density, claim) = Draw(new Random(seed));
            claim = claim with { DensityAtLeast = null, Norm = Norm.Linf, ParameterLower = [-0.1, 0.1], ParameterUpper = [0.1, 0.3] };
            double Upper(double share, bool waists)
            {
                var problem = ClaimCompiler.Compile(new Estimator(network, density), claim with { Radius = [.. claim.Radius.Select(radius => radius * share)] });
                return new BoundPropagation(waists ? problem : problem with { Waists = [] }).UpperBound(problem.Domain.Box);
            }

            Assert.True(Upper(0.01, true) <= 0.02 * Upper(1, true), $"seed {seed}: {Upper(0.01, true)}, {Upper(1, true)}");
            Assert.InRange(Upper(0.1, true), 0.9 * Upper(0.1, false), 1.3 * Upper(0.1, false));
        }
    }

    [Fact]
    public void Change_of_a_logarithm_holds_where_the_argument_falls()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var (least, fall) = (Math.Exp((4 * random.NextDouble()) - 3), 0.99 * random.NextDouble());
            var a = new Interval(least, least * (1 + random.NextDouble()));
            var b = new Interval(-least * fall, (-least * fall) + random.NextDouble());
            var (map, y, planes) = (new Change(new Log()), new Box(1), new Planes(1, 1));
            Box[] over = [new([a.Lower], [a.Upper]), new([b.Lower], [b.Upper])];
            map.Range(over, y);
            map.Relax(over, y, planes);
            for (var k = 0; k < 10; k++)
            {
                var (p, q) = (a.Lower + (random.NextDouble() * a.Width), b.Lower + (random.NextDouble() * b.Width));
                (p, q) = (Math.Clamp(p, a.Lower, a.Upper), Math.Clamp(q, b.Lower, b.Upper));
                var truth = Math.Log(p + q) - Math.Log(p);
                Assert.InRange(truth, y.Lower[0] - 1e-12, y.Upper[0] + 1e-12);
                Assert.InRange(truth, (planes.LowerSlopes[0] * q) + planes.LowerIntercepts[0] - 1e-12, (planes.UpperSlopes[0] * q) + planes.UpperIntercepts[0] + 1e-12);
            }
        }
    }

    [Fact]
    public void A_density_needs_two_inputs_its_own_output_and_a_claim_that_fits()
    {
        var (network, density, claim) = Draw(new Random(1));
        Assert.Contains("no input 'phi'", Assert.Throws<ArgumentException>(() => ConditionalDensity.For(network, "phi", "q")).Message, StringComparison.Ordinal);
        Assert.Contains("no output 'p'", Assert.Throws<ArgumentException>(() => ConditionalDensity.For(network, "theta", "p")).Message, StringComparison.Ordinal);
        var one = new NetworkBuilder();
        one.Output("q", one.Input("x", 2));
        Assert.Contains("two inputs", Assert.Throws<ArgumentException>(() => ConditionalDensity.For(one.Build(), "x", "q")).Message, StringComparison.Ordinal);
        var wide = new NetworkBuilder();
        wide.Output("q", wide.Input("theta", 2) + wide.Input("x", 2));
        Assert.Contains("has 2 elements", Assert.Throws<ArgumentException>(() => ConditionalDensity.For(wide.Build(), "theta", "q")).Message, StringComparison.Ordinal);
        foreach (var wrong in new[]
        {
            claim with { Metric = Metric.TotalVariation }, claim with { Kind = ClaimKind.Lipschitz }, claim with { ParameterLower = [0], ParameterUpper = [1] },
            claim with { Observation = [0], Radius = [1] }, claim with { MassOutside = 1.5 }, claim with { DensityAtLeast = double.NaN },
        })
        {
            Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(new Estimator(network, density), wrong));
        }
    }

    private static double Value(Network network, double[] theta, double[] x) =>
        network.Evaluate([.. network.Inputs.SelectMany(node => ((Input)node.Operator).Label == "theta" ? theta : x)])[network.Output("q").Id][0];

    /// <summary>Two transforms z -> (softplus(s) + 1/8) z + m with (s, m) = W tanh(V z + tanh(U x)), a standard normal behind them; theta and x in either order.</summary>
    private static (Network Network, ConditionalDensity Density, Claim Claim) Draw(Random random)
    {
        var builder = new NetworkBuilder();
        var (first, second) = random.Next(2) == 0 ? ("theta", "x") : ("x", "theta");
        var (one, other) = (builder.Input(first, first == "x" ? 3 : 2), builder.Input(second, second == "x" ? 3 : 2));
        var (theta, x) = first == "x" ? (other, one) : (one, other);
        var z = theta;
        var logarithms = new List<Vector>();
        for (var k = 0; k < 2; k++)
        {
            var context = builder.Apply(new Tanh(), builder.Affine(x, Numbers(18, 1), Numbers(6, 0.3)));
            var hidden = builder.Apply(new Tanh(), builder.Affine(z, Numbers(12, 1), Numbers(6, 0.3)) + context);
            var parts = builder.Affine(hidden, Numbers(24, 0.8), Numbers(4, 0.3));
            var scale = builder.Apply(new Softplus(), parts.Slice(0, 2)) + 0.125;
            logarithms.Add(builder.Sum(builder.Apply(new Log(), scale)));
            z = builder.Select((scale * z) + parts.Slice(2, 2), [1, 0]);
        }

        builder.Output("q", (-0.5 * builder.Sum(builder.Apply(new Square(), z))) + logarithms[0] + logarithms[1]);
        var network = builder.Build();
        return (network, ConditionalDensity.For(network, "theta", "q"), new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.LogDensity,
            Norm = (Norm)random.Next(3),
            Observation = [.. Numbers(3, 1)],
            Radius = [.. Numbers(3, 0.1).Select(Math.Abs)],
            ParameterLower = [-1, -0.5],
            ParameterUpper = [1, 1.5],
            DensityAtLeast = random.Next(2) == 0 ? null : -0.5 - (2 * random.NextDouble()),
        });

        double[] Numbers(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => Math.Round(scale * ((2 * random.NextDouble()) - 1) * 64) / 64)];
    }

    private static double[] Point(Random random, Box box) => [.. Enumerable.Range(0, box.Length).Select(j => random.Next(4) switch
    {
        0 => box.Lower[j],
        1 => box.Upper[j],
        _ => Math.Clamp(box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]),
    })];

    private static Box Part(Random random, Box box, double share)
    {
        var (lower, upper) = ((double[])box.Lower.Clone(), (double[])box.Upper.Clone());
        for (var j = 0; j < lower.Length; j++)
        {
            var start = random.NextDouble() * (1 - share);
            var width = upper[j] - lower[j];
            (lower[j], upper[j]) = (lower[j] + (start * width), Math.Min(upper[j], lower[j] + ((start + share) * width)));
        }

        return new Box(lower, upper);
    }
}
