using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Claims;

/// <summary>How far samples T(z; x) move with x: as compiled, its bounds over parts, and what is added for noise outside the box.</summary>
/// <remarks>
/// Networks are small Euler schemes u + h v(u, x) of tanh or ReLU layers, their inputs in either order. Independent sources: the network's own values, quotients of differences at points far out,
/// closed forms for linear maps, and a Wasserstein distance by numerical integration where the truth lies outside the box alone.
/// Mutants seen to fail: no tail; the tail of one side of each coordinate; the move of x in the place of the noise; a residual map whose state is forgotten; half of a function's slope.
/// </remarks>
public class SamplerLaws
{
    [Fact]
    public void G_is_the_length_of_the_move_with_a_tail_that_is_one_number()
    {
        for (var seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            var (network, sampler, claim) = Draw(random);
            var problem = ClaimCompiler.Compile(new Estimator(network, sampler), claim);
            var tail = claim.IsTruncated ? 0 : SamplerChange.Tail(network, sampler, claim, claim.NoiseBox!.Value);
            Assert.Equal(claim.IsTruncated, tail == 0);
            for (var trial = 0; trial < 10; trial++)
            {
                var point = Point(random, problem.Domain.Box);
                var (x, z) = (point[..claim.Observation.Length], point[claim.Observation.Length..]);
                var truth = Math.Sqrt(Math.Pow(Move(network, sampler, z, x, [.. claim.Observation]), 2) + (tail * tail));
                Assert.Equal(truth, problem.Graph.Evaluate(point)[problem.Objective][0], 1e-9 * (1 + truth));
            }
        }
    }

    [Fact]
    public void Bounds_hold_on_parts()
    {
        var close = 0;
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var (network, sampler, claim) = Draw(random);
            var problem = ClaimCompiler.Compile(new Estimator(network, sampler), claim);
            var bounds = new BoundPropagation(problem);
            for (var trial = 0; trial < 5; trial++)
            {
                var part = Part(random, problem.Domain.Box, Math.Pow(0.5, random.Next(8)));
                var upper = bounds.UpperBound(part);
                for (var k = 0; k < 30; k++)
                {
                    var point = Point(random, part);
                    if (problem.Domain.Contains(point))
                    {
                        var value = problem.Graph.Evaluate(point)[problem.Objective][0];
                        Assert.True(value <= upper + (1e-12 * (1 + value)), $"seed {seed}: {value:R} above {upper:R}");
                        close += value > 0.8 * upper ? 1 : 0;
                    }
                }
            }
        }

        Assert.True(close > 500, $"{close} values above four fifths of their bound");
    }

    /// <summary>Quotients of differences at noise and data of any size, those of near and far points alike.</summary>
    [Fact]
    public void No_quotient_exceeds_the_constant()
    {
        var tightest = double.PositiveInfinity;
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var (network, sampler, claim) = Draw(random);
            var constant = LipschitzInData.Of(network, sampler.DataInput, network.Output(sampler.Output).Id);
            Assert.True(double.IsFinite(constant));
            var largest = 0.0;
            for (var trial = 0; trial < 300; trial++)
            {
                var size = Math.Pow(10, (4 * random.NextDouble()) - 2);
                double[] z = Numbers(random, sampler.NoiseLength, size), x = Numbers(random, claim.Observation.Length, size);
                double[] other = [.. x.Select(value => value + (Math.Pow(10, -3 * random.NextDouble()) * ((2 * random.NextDouble()) - 1)))];
                var apart = Math.Sqrt(x.Zip(other, (a, b) => (a - b) * (a - b)).Sum());
                largest = Math.Max(largest, Move(network, sampler, z, x, other) / apart);
            }

            Assert.True(largest <= constant * (1 + 1e-6), $"seed {seed}: {largest:R} above {constant:R}");
            tightest = Math.Min(tightest, constant / largest);
        }

        Assert.InRange(tightest, 1, 1.5);
    }

    /// <summary>Wide maps have no elimination: theta_i = z_i + 2 x_(i+1) + 0.5 x_(i+2), a circulant matrix of norm 2.5, the sum of any row or column.</summary>
    [Fact]
    public void A_wide_map_is_bounded_by_its_rows_and_columns()
    {
        const int n = 150;
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", n), builder.Input("x", n));
        var map = new SparseAffine([.. Enumerable.Range(0, n).Select(i => new[] { (0, i, 1.0), (1, (i + 1) % n, 2.0), (1, (i + 2) % n, 0.5) })]);
        builder.Output("theta", builder.Add(map, [z, x]));
        var network = builder.Build();
        Assert.Equal(2.5, LipschitzInData.Of(network, "x", network.Output("theta").Id), 1e-12);
    }

    /// <summary>What has no constant is not taken for what does not move: exp of x plus z, and a product, have none; exp of x times 0 does not move.</summary>
    [Fact]
    public void What_has_no_constant_is_infinite()
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 1), builder.Input("x", 1));
        var steep = builder.Apply(new Exp(), x);
        builder.Output("steep", builder.Combine((1, z), (1, steep)));
        builder.Output("flat", builder.Combine((1, z), (1, builder.Apply(new Scale(Box.Point(new double[1])), steep))));
        builder.Output("product", builder.Combine((1, z), (1, z * x)));
        var network = builder.Build();
        double Of(string output) => LipschitzInData.Of(network, "x", network.Output(output).Id);
        Assert.Equal((double.PositiveInfinity, 0.0, double.PositiveInfinity), (Of("steep"), Of("flat"), Of("product")));
    }

    /// <summary>T = z + 2 x in one dimension: the laws are N(2 x, 1), W2 = 2 |x - x0|; the tail for |z| above 1 is 2 · 0.5 · sqrt(2 Phi(-1)), Phi(-1) = 0.158655253931457.</summary>
    [Fact]
    public void A_linear_sampler_has_its_closed_form()
    {
        var (network, sampler) = Linear(2);
        var claim = Ball([0], 0.5, 1, truncated: false);
        Assert.Equal(Math.Sqrt(2 * 0.158655253931457), SamplerChange.Tail(network, sampler, claim, 1), 1e-12);
        Assert.Equal(Math.Sqrt(1 + (2 * 0.158655253931457)), Upper(network, sampler, claim), 1e-9);
        Assert.Equal(1, Upper(network, sampler, claim with { IsTruncated = true }), 1e-9);
        Assert.Equal(0, SamplerChange.Tail(network, sampler, claim with { Radius = [0] }, 1));
        Assert.Equal(Math.Sqrt(2), SamplerChange.Tail(network, sampler, claim with { NoiseBox = 1e-9, Radius = [1 / Math.Sqrt(2)] }, 1e-9), 1e-6);
    }

    /// <summary>T = (z + x, x) moves by sqrt 2 |x - x'|: both parts count, and not their sum.</summary>
    [Fact]
    public void Parts_that_move_together_count_by_their_squares()
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 1), builder.Input("x", 1));
        builder.Output("theta", builder.Concat(builder.Combine((1, z), (1, x)), x));
        var network = builder.Build();
        Assert.Equal(Math.Sqrt(2), LipschitzInData.Of(network, "x", network.Output("theta").Id), 1e-6);
    }

    /// <summary>T = z + x_0 + x_1, C = sqrt 2: over the cube of radius 0.5 the farthest x is 0.5 sqrt 2 away, over the balls 0.5.</summary>
    [Theory]
    [InlineData(Norm.Linf, 1.0)]
    [InlineData(Norm.L0, 1.0)]
    [InlineData(Norm.L2, 0.707106781186548)]
    [InlineData(Norm.L1, 0.707106781186548)]
    public void The_tail_reaches_to_the_corners_of_the_ball(Norm norm, double reach)
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 1), builder.Input("x", 2));
        builder.Output("theta", builder.Combine((1, z), (1, builder.Sum(x))));
        var network = builder.Build();
        var claim = Ball([0, 0], 0.5, 1, truncated: false) with { Norm = norm, Entries = 2 };
        Assert.Equal(reach * Math.Sqrt(2 * 0.158655253931457), SamplerChange.Tail(network, Sampler.For(network, "z", "theta"), claim, 1), 1e-12);
    }

    /// <summary>
    /// T = max(z + x - 3, 0), x0 = 0, |x| &lt;= 1: nothing moves for |z| &lt;= 1, and the laws differ by what lies outside. T increases with z, so that reading the same z is the best coupling in one
    /// dimension; W2² at x = 1 is the integral of (max(z - 2, 0) - max(z - 3, 0))² under the normal density, by midpoint sums.
    /// </summary>
    [Fact]
    public void Noise_outside_the_box_counts()
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 1), builder.Input("x", 1));
        builder.Output("theta", builder.Apply(new ReLU(), builder.Combine([(1, z), (1, x)], -3)));
        var network = builder.Build();
        var sampler = Sampler.For(network, "z", "theta");
        var square = 0.0;
        for (var i = 0; i < 80_000; i++)
        {
            var t = 2 + ((i + 0.5) * 1e-4);
            square += 1e-4 * Math.Pow(Math.Max(t - 2, 0) - Math.Max(t - 3, 0), 2) * Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI);
        }

        var claim = Ball([0], 1, 1, truncated: false);
        Assert.Equal(0, Upper(network, sampler, claim with { IsTruncated = true }), 1e-9);
        Assert.InRange(Math.Sqrt(square), 0.05, Upper(network, sampler, claim));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var (network, sampler) = Linear(1);
        var claim = Ball([0], 0.5, 1, truncated: false);
        Refused("wasserstein2", claim with { Metric = Metric.TotalVariation });
        Refused("wasserstein2", claim with { Kind = ClaimKind.Lipschitz });
        Refused("noise box", claim with { NoiseBox = null });
        Refused("noise box", claim with { NoiseBox = 0 });
        Refused("noise box", claim with { NoiseBox = double.PositiveInfinity });
        Refused("data", claim with { Observation = [0, 0], Radius = [1, 1] });
        Refused("log-density", claim with { MassOutside = 0.1 });
        Assert.Contains("noise box", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(new Estimator(network, OutputVector.For(network)), claim with { Metric = Metric.L2 })).Message, StringComparison.Ordinal);
        Assert.Contains("no input 'e'", Assert.Throws<ArgumentException>(() => Sampler.For(network, "e", "theta")).Message, StringComparison.Ordinal);
        Assert.Contains("no output 'e'", Assert.Throws<ArgumentException>(() => Sampler.For(network, "z", "e")).Message, StringComparison.Ordinal);

        var builder = new NetworkBuilder();
        builder.Output("theta", builder.Input("z", 1) * builder.Input("x", 1));
        var product = builder.Build();
        var estimator = new Estimator(product, Sampler.For(product, "z", "theta"));
        Assert.Contains("truncated", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
        var truncated = ClaimCompiler.Compile(estimator, claim with { IsTruncated = true });
        Assert.Equal(0.5, new BoundPropagation(truncated).UpperBound(truncated.Domain.Box), 1e-9);

        void Refused(string named, Claim wrong) => Assert.Contains(named, Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(new Estimator(network, sampler), wrong)).Message, StringComparison.Ordinal);
    }

    private static double Upper(Network network, Sampler sampler, Claim claim)
    {
        var problem = ClaimCompiler.Compile(new Estimator(network, sampler), claim);
        return new BoundPropagation(problem).UpperBound(problem.Domain.Box);
    }

    private static (Network Network, Sampler Sampler) Linear(double slope)
    {
        var builder = new NetworkBuilder();
        var (z, x) = (builder.Input("z", 1), builder.Input("x", 1));
        builder.Output("theta", builder.Combine((1, z), (slope, x)));
        var network = builder.Build();
        return (network, Sampler.For(network, "z", "theta"));
    }

    private static Claim Ball(double[] center, double radius, double box, bool truncated) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = Metric.Wasserstein2,
        Norm = Norm.Linf,
        Observation = [.. center],
        Radius = [.. center.Select(_ => radius)],
        NoiseBox = box,
        IsTruncated = truncated,
    };

    private static double Move(Network network, Sampler sampler, double[] z, double[] x, double[] other)
    {
        var order = ((Input)network.Inputs[0].Operator).Label == sampler.NoiseInput;
        double[] At(double[] data) => network.Evaluate(order ? [.. z, .. data] : [.. data, .. z])[network.Output(sampler.Output).Id];
        return Math.Sqrt(At(x).Zip(At(other), (a, b) => (a - b) * (a - b)).Sum());
    }

    private static (Network Network, Sampler Sampler, Claim Claim) Draw(Random random)
    {
        var (m, n, width) = (random.Next(1, 4), random.Next(1, 4), random.Next(2, 6));
        var builder = new NetworkBuilder();
        Vector z, x;
        if (random.Next(2) == 0)
        {
            (z, x) = (builder.Input("noise", m), builder.Input("data", n));
        }
        else
        {
            x = builder.Input("data", n);
            z = builder.Input("noise", m);
        }

        var u = z;
        for (var step = random.Next(1, 4); step > 0; step--)
        {
            var hidden = builder.Affine(builder.Concat(u, x), Numbers(random, width * (m + n), 1), Numbers(random, width, 1));
            hidden = builder.Apply(random.Next(2) == 0 ? new Tanh() : new ReLU(), hidden);
            u = builder.Combine((1, u), (0.3, builder.Affine(hidden, Numbers(random, m * width, 1), Numbers(random, m, 1))));
        }

        builder.Output("theta", builder.Combine([(1.5, u)], 0.2));
        var network = builder.Build();
        var claim = Ball(Numbers(random, n, 1), 0.05 + (0.3 * random.NextDouble()), 1 + (4 * random.NextDouble()), random.Next(2) == 0);
        return (network, Sampler.For(network, "noise", "theta"), claim with { Norm = random.Next(3) switch { 0 => Norm.L1, 1 => Norm.L2, _ => Norm.Linf } });
    }

    private static double[] Point(Random random, Box box) =>
        [.. Enumerable.Range(0, box.Length).Select(j => random.Next(3) switch { 0 => box.Lower[j], 1 => box.Upper[j], _ => box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])) })];

    private static Box Part(Random random, Box box, double share)
    {
        var (lower, upper) = (new double[box.Length], new double[box.Length]);
        for (var j = 0; j < box.Length; j++)
        {
            var side = share * (box.Upper[j] - box.Lower[j]);
            lower[j] = box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j] - side));
            upper[j] = Math.Min(box.Upper[j], lower[j] + side);
        }

        return new Box(lower, upper);
    }

    private static double[] Numbers(Random random, int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
}
