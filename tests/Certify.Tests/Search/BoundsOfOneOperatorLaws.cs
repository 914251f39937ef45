using Certify.Search;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Search;

/// <summary>The law of <see cref="IBounds.UpperBound"/> on graphs with one nonlinear operator, where bounds are tight enough for a wrong plane to show.</summary>
/// <remarks>
/// Mutants planted and found: upper planes for negative coefficients; the wrong end of an uncertain constant; the distance of two linear bounds dropped over an
/// l2 ball; parts near the sphere dropped; a part cut to the l2 ball without the root, or by a coordinate's own share. Not found: coordinates beyond
/// the tenth taken at the upper line's worst in the lower lines too.
/// </remarks>
public class BoundsOfOneOperatorLaws
{
    public static TheoryData<string> Operators => ["product", "maximum", "norm", "absolute", "square", "cap"];

    /// <summary>Backwards: an affine map, the operator, a sum with coefficients of both signs; sometimes the affine map reaches the sum beside it too.</summary>
    [Theory]
    [MemberData(nameof(Operators))]
    public void No_value_lies_above_the_bound(string name)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var builder = new NetworkBuilder();
            var x = builder.Input("x", 2);
            Vector Mixed(int length) => builder.Affine(x, Draw(random, 2 * length), Draw(random, length));
            var (a, b) = (Mixed(4), Mixed(4));
            var middle = name switch
            {
                "product" => builder.Multiply(a, b),
                "maximum" => builder.Maximum(a, b),
                "norm" => builder.Apply(new Guarantees.Networks.Operators.Norm(2), a),
                "absolute" => builder.Apply(new Abs(), a),
                "square" => builder.Apply(new Square(), a),
                _ => builder.Apply(new Cap(0.3), a),
            };
            var last = builder.Affine(middle, Draw(random, middle.Length), Draw(random, 1));
            var objective = random.Next(2) == 0 ? last : last + builder.Affine(a, Draw(random, 4), [0]);
            builder.Output("y", objective);
            Check(random, new Problem(builder.Build(), objective.Id, DrawDomain(random, 2)), $"{name}, seed {seed}");
        }
    }

    /// <summary>At the vertices and over ellipsoids: the length of features with kinks, which lie far from the middle of their two linear bounds.</summary>
    [Theory]
    [InlineData("absolute")]
    [InlineData("relu")]
    [InlineData("square")]
    public void No_length_lies_above_the_bound(string name)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var n = new[] { 1, 2, 3, 13 }[seed % 4];
            var builder = new NetworkBuilder();
            var x = builder.Input("x", n);
            var a = builder.Affine(x, Draw(random, 3 * n), [.. Draw(random, 3).Select(v => 0.2 * v)]);
            var features = builder.Apply(name switch { "absolute" => new Abs(), "relu" => new ReLU(), _ => (Activation)new Square() }, a);
            var objective = builder.Apply(new Guarantees.Networks.Operators.Norm(3), features);
            builder.Output("y", objective);
            Check(random, new Problem(builder.Build(), objective.Id, DrawDomain(random, n)) { Anchors = [a.Id], Frontier = [features.Id] }, $"{name}, seed {seed}");
        }
    }

    /// <summary>A constant known to lie in a box stands for each of its members: the bound covers the graphs with either end.</summary>
    [Fact]
    public void Bounds_with_an_uncertain_constant_hold_for_both_its_ends()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var uncertain = new BoundPropagation(Make(new Box([-0.4], [0.6]))).UpperBound(new Box([-1], [1]));
            foreach (var end in new[] { -0.4, 0.6 })
            {
                var bounds = new BoundPropagation(Make(Box.Point([end])));
                foreach (var at in new[] { -1, -0.3, 0, 0.5, 1 })
                {
                    Assert.True(bounds.LowerBoundAt([at]) <= uncertain, $"seed {seed}, constant {end}, x {at}");
                }
            }

            Problem Make(Box constant)
            {
                var random = new Random(seed);
                var builder = new NetworkBuilder();
                var a = builder.Apply(new Tanh(), builder.Affine(builder.Input("x", 1), Draw(random, 2), Draw(random, 2)));
                var c = builder.Constant(constant);
                var features = builder.Combine(((2 * random.NextDouble()) - 1, a), ((2 * random.NextDouble()) - 1, builder.Select(c, [0, 0])));
                var objective = random.Next(2) == 0 ? builder.Apply(new Guarantees.Networks.Operators.Norm(2), features) : builder.Affine(features, Draw(random, 2), [0]);
                builder.Output("y", objective);
                return new Problem(builder.Build(), objective.Id, new Domain(new Box([-1], [1]))) { Anchors = [a.Id], Frontier = [features.Id] };
            }
        }
    }

    /// <summary>Every member of the part lies in the tightened part, and no coordinate of it could be cut further by much.</summary>
    [Theory]
    [InlineData(Norm.L1)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.Linf)]
    public void A_part_cut_to_the_ball_keeps_every_member(Norm norm)
    {
        var (members, smaller, empty) = (0, 0, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var domain = DrawDomain(random, 3, norm);
            var part = Part(random, domain.Box);
            var cut = domain.Tighten(part);
            for (var k = 0; k < 60; k++)
            {
                var point = Member(random, domain, part);
                if (part.Contains(point) && domain.Contains(point))
                {
                    Assert.True(cut is not null && cut.Contains(point), $"seed {seed}");
                    members++;
                }
            }

            empty += cut is null ? 1 : 0;
            smaller += cut is not null && Enumerable.Range(0, 3).Any(j => cut[j].Width < 0.9 * part[j].Width) ? 1 : 0;
        }

        Assert.True(members > 3000);
        Assert.Equal(norm != Norm.Linf, smaller > 30);
        Assert.Equal(norm != Norm.Linf, empty > 5);
    }

    private static void Check(Random random, Problem problem, string what)
    {
        var (bounds, attack) = (new BoundPropagation(problem), new Attack(problem));
        for (var k = 0; k < 4; k++)
        {
            var part = k == 0 ? problem.Domain.Box : Part(random, problem.Domain.Box);
            var upper = bounds.UpperBound(part);
            for (var p = 0; p < 60; p++)
            {
                var point = Member(random, problem.Domain, part);
                point = p % 6 == 0 ? attack.Climb(point, part).Point : point;
                if (part.Contains(point) && problem.Domain.Contains(point))
                {
                    Assert.True(bounds.LowerBoundAt(point) <= upper, $"{what}, part {k}: {bounds.LowerBoundAt(point):R} above {upper:R} at {string.Join(", ", point)}");
                }
            }
        }
    }

    private static double[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];

    private static Domain DrawDomain(Random random, int n, Norm? norm = null)
    {
        double[] center = [.. Draw(random, n).Select(v => 0.2 * v)];
        double[] radius = [.. Enumerable.Range(0, n).Select(_ => 0.1 + random.NextDouble())];
        var box = new Box([.. center.Zip(radius, Guarantees.Arithmetic.Rounding.SubtractDown)], [.. center.Zip(radius, Guarantees.Arithmetic.Rounding.AddUp)]);
        return new Domain(box) { Norm = norm ?? (Norm)random.Next(3), Center = [.. center], Radius = [.. radius] };
    }

    private static Box Part(Random random, Box box)
    {
        for (var k = random.Next(12); k > 0; k--)
        {
            var (left, right) = box.Split(random.Next(box.Length));
            box = random.Next(2) == 0 ? left : right;
        }

        return box;
    }

    /// <summary>A point of the part, pulled to the sphere where it lies outside the ball.</summary>
    private static double[] Member(Random random, Domain domain, Box part)
    {
        double[] point = [.. Enumerable.Range(0, part.Length).Select(j => random.Next(3) switch
        {
            0 => part.Lower[j],
            1 => part.Upper[j],
            _ => part.Lower[j] + (random.NextDouble() * (part.Upper[j] - part.Lower[j])),
        })];
        var shares = point.Select((x, j) => Math.Abs(x - domain.Center[j]) / domain.Radius[j]).ToArray();
        var size = domain.Norm switch { Norm.L1 => shares.Sum(), Norm.L2 => Math.Sqrt(shares.Sum(s => s * s)), _ => shares.Max() };
        return size <= 1 ? point : [.. point.Select((x, j) => domain.Center[j] + ((1 - 1e-15) * (x - domain.Center[j]) / size))];
    }
}
