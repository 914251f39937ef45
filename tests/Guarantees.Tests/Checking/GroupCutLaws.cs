using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Checking;

/// <summary>Bounds where few groups of coordinates move and the network treats each group by itself before it pools them.</summary>
/// <remarks>
/// Networks: phi of each group (shared, one or two layers), a pool with weights of its own, sometimes plus a linear map of x past phi, a constant and a term of two groups; then one more layer. The independent
/// source is the network's value at members: groups at their center, and at most k others at corners or anywhere.
/// Mutants seen to fail: one group fewer may move; a group that is off its center not counted, or at its value there; no gain of groups that move; values at the center in place of their range.
/// </remarks>
public class GroupCutLaws
{
    [Fact]
    public void Bounds_hold_at_every_member_of_every_part()
    {
        var (finite, members, close) = (0, 0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var problem = Draw(random);
            var bounds = new BoundPropagation(problem);
            for (var trial = 0; trial < 4; trial++)
            {
                var part = trial == 0 ? problem.Domain.Box : Part(random, problem.Domain);
                var upper = bounds.UpperBound(part);
                finite += double.IsFinite(upper) ? 1 : 0;
                for (var k = 0; k < 60; k++)
                {
                    var point = Member(random, problem.Domain, part);
                    if (point is not null && problem.Domain.Contains(point))
                    {
                        members++;
                        var value = problem.Graph.Evaluate(point)[problem.Objective][0];
                        Assert.True(value <= upper + (1e-12 * (1 + Math.Abs(value))), $"seed {seed}, trial {trial}: {value:R} above {upper:R}");
                        close += value > upper - (0.02 * (1 + Math.Abs(upper))) ? 1 : 0;
                    }
                }
            }
        }

        Assert.True(finite > 1000 && members > 20_000 && close > 1000, $"{finite} bounds, {members} members, {close} close to their bound");
    }

    /// <summary>Where the pool is the answer, so is the bound: of four points at 0 two move to 1, whatever the relaxation of tanh on [-1, 1]; one that cannot be at 0 is one of the two.</summary>
    [Fact]
    public void A_pool_of_functions_is_bounded_exactly()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 4);
        var pooled = builder.Add(new SparseAffine([[(0, 0, 0.25), (0, 1, 0.25), (0, 2, 0.25), (0, 3, 0.25)]]), [builder.Apply(new Tanh(), x)]);
        builder.Output("pooled", pooled);
        var domain = new Domain(new Box([-1, -1, -1, -1], [1, 1, 1, 1])) { Norm = Norm.L0, Center = [0, 0, 0, 0], Radius = [1, 1, 1, 1], Entries = 2 };
        var bounds = new BoundPropagation(new Problem(builder.Build(), pooled.Id, domain));
        Assert.Equal(0.5 * Math.Tanh(1), bounds.UpperBound(domain.Box), 1e-12);
        Assert.Equal(0.25 * (Math.Tanh(1) + Math.Tanh(-0.5)), bounds.UpperBound(new Box([-1, -1, -1, -1], [1, 1, 1, -0.5])), 1e-12);
        Assert.Equal(double.NegativeInfinity, bounds.UpperBound(new Box([-1, 0.5, 0.5, -1], [1, 1, 1, -0.5])));
    }

    private static Problem Draw(Random random)
    {
        var (size, count, features) = (random.Next(1, 3), random.Next(2, 6), random.Next(1, 4));
        var n = size * count;
        var builder = new NetworkBuilder();
        var x = builder.Input("x", n);
        var hidden = x;
        var width = size;
        for (var layer = random.Next(1, 3); layer > 0; layer--)
        {
            var weights = Numbers(random, features * width, 1.5);
            var (from, bias) = (width, Numbers(random, features, 1));
            hidden = builder.Add(
                new SparseAffine(
                    [.. Enumerable.Range(0, count * features).Select(i => Enumerable.Range(0, from).Select(j => (0, ((i / features) * from) + j, weights[((i % features) * from) + j])).ToArray())],
                    [.. Enumerable.Range(0, count * features).Select(i => bias[i % features])]),
                [hidden]);
            hidden = builder.Apply(random.Next(4) switch { 0 => new Tanh(), 1 => new Sigmoid(), 2 => new Square(), _ => new ReLU() }, hidden);
            width = features;
        }

        var arguments = new List<Vector> { hidden };
        var terms = new List<(int, int, double)>[3];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = [.. Enumerable.Range(0, count * features).Select(j => (0, j, (2 * random.NextDouble()) - 1))];
        }

        if (random.Next(2) == 0)
        {
            arguments.Add(x);
            terms[0].Add((1, random.Next(n), 1.0));
            terms[1].Add((1, random.Next(n), -0.5));
        }

        if (random.Next(3) == 0)
        {
            terms[2].Add((arguments.Count, 0, 1));
            arguments.Add(builder.Constant(0.7));
        }

        if (random.Next(3) == 0)
        {
            terms[0].Add((arguments.Count, 0, 0.5));
            arguments.Add(builder.Apply(new Tanh(), builder.Affine(x, Numbers(random, n, 1), [0.1])));
        }

        var pooled = builder.Add(new SparseAffine([.. terms.Select(row => row.ToArray())]), [.. arguments]);
        var last = builder.Apply(random.Next(2) == 0 ? new Tanh() : new ReLU(), builder.Affine(pooled, Numbers(random, 12, 1), Numbers(random, 4, 0.5)));
        var objective = random.Next(3) == 0 ? builder.Select(pooled, [0]) : builder.Affine(last, Numbers(random, 4, 1), [0]);
        builder.Output("objective", objective);
        double[] center = Numbers(random, n, 1), radius = [.. Numbers(random, n, 2).Select(Math.Abs)];
        var box = new Box([.. center.Zip(radius, (c, r) => Math.BitDecrement(c - r))], [.. center.Zip(radius, (c, r) => Math.BitIncrement(c + r))]);
        return new Problem(builder.Build(), objective.Id, new Domain(box) { Norm = Norm.L0, Center = [.. center], Radius = [.. radius], Entries = random.Next(1, count), Group = size });
    }

    /// <summary>A part that here and there leaves the center out.</summary>
    private static Box Part(Random random, Domain domain)
    {
        var (lower, upper) = ((double[])domain.Box.Lower.Clone(), (double[])domain.Box.Upper.Clone());
        for (var j = 0; j < lower.Length; j++)
        {
            var cut = random.Next(4) == 0 ? domain.Center[j] + ((random.NextDouble() - 0.5) * domain.Radius[j]) : double.NaN;
            (lower[j], upper[j]) = double.IsNaN(cut) ? (lower[j], upper[j]) : random.Next(2) == 0 ? (lower[j], cut) : (cut, upper[j]);
        }

        return new Box(lower, upper);
    }

    /// <summary>A point of the part in which a group stays at its center unless it cannot or is one of those that move; null where too many cannot.</summary>
    private static double[]? Member(Random random, Domain domain, Box part)
    {
        var count = domain.Center.Length / domain.Group;
        var order = Enumerable.Range(0, count).OrderBy(_ => random.Next()).OrderBy(g => Enumerable.Range(g * domain.Group, domain.Group).All(j => part[j].Contains(domain.Center[j]))).ToArray();
        var point = domain.Center.ToArray();
        var style = random.Next(3);
        foreach (var g in order.Take(domain.Entries))
        {
            for (var j = g * domain.Group; j < (g + 1) * domain.Group; j++)
            {
                var share = style == 0 ? random.NextDouble() : random.Next(2);
                point[j] = Math.Clamp(part.Lower[j] + (share * (part.Upper[j] - part.Lower[j])), domain.Center[j] - domain.Radius[j], domain.Center[j] + domain.Radius[j]);
            }
        }

        return part.Contains(point) ? point : null;
    }

    private static double[] Numbers(Random random, int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
}
