using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Arithmetic;
using Xunit;
using Norm = Guarantees.Claims.Norm;
using Vector = Guarantees.Networks.Vector;

namespace Guarantees.Tests.Checking;

/// <summary>The laws of <see cref="JacobianBounds"/>: no pair of points is stretched by more than the upper bound, and some pair by the lower one.</summary>
/// <remarks>
/// Piecewise linear maps are evaluated in rational numbers at both points, so a pair that is stretched too far is a proof of an error: there is no
/// tolerance. Pairs are laid along the direction that a linear piece stretches most, so that bounds that are 0.1 % too small fail.
/// Mutants planted and found: one side of the kinks left out; one sign vector left out; one column left out; 10 % less where kinks are many; a spectral
/// norm 0.1 % less; lower bounds on kinks; a tangent of a maximum that takes one side. Not found, and not wrong: taking the sides of |x| in turn, too.
/// </remarks>
public class JacobianBoundsLaws
{
    public static TheoryData<Norm> Norms => [Norm.L1, Norm.L2, Norm.Linf];

    [Theory]
    [MemberData(nameof(Norms))]
    public void No_pair_of_points_is_stretched_by_more_than_the_bound(Norm norm)
    {
        var (tight, attained) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var problem = DrawProblem(random, norm, smooth: false);
            var bounds = new JacobianBounds(problem);
            for (var k = 0; k < 4; k++)
            {
                var part = DrawPart(random, problem.Domain.Box, k);
                var upper = bounds.UpperBound(part);
                Assert.True(upper >= 0);
                Assert.Equal(upper, bounds.Clone().UpperBound(part));
                if (!double.IsFinite(upper))
                {
                    continue;
                }

                var largest = 0.0;
                foreach (var (x, y) in Pairs(random, problem, part))
                {
                    var (moved, distance) = (MovedSquared(problem, x, y), DistanceSquared(norm, x, y));
                    var limit = Rational.Of(upper);
                    Assert.True(moved <= limit * limit * distance, $"seed {seed}, part {k}: {norm}, a pair is stretched by {Math.Sqrt(moved.Over(distance)):R}, the bound is {upper:R}");
                    largest = Math.Max(largest, moved.Numerator.IsZero ? 0 : Math.Sqrt(moved.Over(distance)));
                }

                tight += largest >= 0.999 * upper ? 1 : 0;
                attained += largest > 0 ? 1 : 0;
            }
        }

        Assert.True(tight > 180 && attained > 360, $"{tight} of 600 bounds were nearly attained, {attained} said anything");
    }

    /// <summary>At a point where no kink is touched the map is linear nearby: the largest stretch there, by exact pairs, is not below the lower bound.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void Lower_bounds_are_attained_and_below_upper_bounds(Norm norm)
    {
        var said = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var problem = DrawProblem(random, norm, smooth: false);
            var bounds = new JacobianBounds(problem);
            var x = DrawPoint(random, problem.Domain.Box);
            var lower = bounds.LowerBoundAt(x);
            if (lower <= 0)
            {
                continue;
            }

            var piece = new Box([.. x.Select((v, j) => Math.Max(v - 1e-7, problem.Domain.Box.Lower[j]))], [.. x.Select((v, j) => Math.Min(v + 1e-7, problem.Domain.Box.Upper[j]))]);
            var largest = Pairs(random, problem, piece, x).Max(pair => Math.Sqrt(MovedSquared(problem, pair.X, pair.Y).Over(DistanceSquared(norm, pair.X, pair.Y))));
            Assert.InRange(lower, 0.99 * largest, largest * (1 + 1e-6));
            Assert.True(lower <= bounds.UpperBound(problem.Domain.Box), $"seed {seed}");
            said++;
        }

        Assert.True(said > 90, $"{said} points of 150");
    }

    [Fact]
    public void Points_on_a_kink_or_outside_give_no_lower_bound()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var relu = builder.Apply(new ReLU(), x);
        var problem = Compiled(builder, builder.Concat(relu, builder.Apply(new Cap(0.5), builder.Apply(new Abs(), x + 2))), new Box([-1, -1], [1, 1]), Norm.L2);
        var bounds = new JacobianBounds(problem);
        Assert.Equal(double.NegativeInfinity, bounds.LowerBoundAt([0, 0.5]));
        Assert.Equal(double.NegativeInfinity, bounds.LowerBoundAt([0.5, 1.5]));
        Assert.InRange(bounds.LowerBoundAt([0.5, 0.25]), 1 - 1e-12, 1);
        Assert.InRange(bounds.UpperBound(problem.Domain.Box), 1, 1 + 1e-12);

        // A cap that may be reached: only one side of it is smooth.
        builder = new NetworkBuilder();
        x = builder.Input("x", 1);
        bounds = new JacobianBounds(Compiled(builder, builder.Apply(new Cap(0.5), x), new Box([-1], [1]), Norm.L2));
        Assert.Equal(double.NegativeInfinity, bounds.LowerBoundAt([0.5]));
        Assert.Equal(1, bounds.LowerBoundAt([0.25]), 1e-12);
        Assert.Equal(0, bounds.LowerBoundAt([0.75]), 1e-12);
    }

    /// <summary>Smooth maps, whose values are known by enclosures of some ulps: the distance that a pair surely moves.</summary>
    [Theory]
    [MemberData(nameof(Norms))]
    public void Smooth_maps_stretch_no_pair_by_more_than_the_bound(Norm norm)
    {
        var tight = 0;
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var problem = DrawProblem(random, norm, smooth: true);
            var bounds = new JacobianBounds(problem);
            for (var k = 0; k < 4; k++)
            {
                var part = DrawPart(random, problem.Domain.Box, k);
                var upper = bounds.UpperBound(part);
                foreach (var (x, y) in Pairs(random, problem, part))
                {
                    var (fx, fy) = (problem.Graph.Ranges(Box.Point(x))[problem.Objective], problem.Graph.Ranges(Box.Point(y))[problem.Objective]);
                    var moved = Math.Sqrt(Enumerable.Range(0, fx.Length).Sum(i => Math.Pow((fx[i] - fy[i]).Mignitude, 2)));
                    var distance = Math.Sqrt(DistanceSquared(norm, x, y).Over(Rational.Of(1)));
                    Assert.True(moved <= upper * distance * (1 + 1e-12), $"seed {seed}, part {k}: {norm}, {moved / distance:R} above {upper:R}");
                    tight += moved >= 0.99 * upper * distance ? 1 : 0;
                }

                Assert.True(bounds.LowerBoundAt(DrawPoint(random, part)) <= upper);
            }
        }

        Assert.True(tight > 100, $"{tight} pairs came near their bound");
    }

    /// <summary>max(x_1, ..., x_n, 0)-like towers have kinks everywhere: more of them than are taken side by side.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(20)]
    public void Many_kinks_are_bounded_as_well(int kinks)
    {
        // y = sum_i relu(x - i h) with h = 1 / kinks: slopes 0 to kinks.
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var steps = builder.Apply(new ReLU(), builder.Affine(x, [.. Enumerable.Repeat(1.0, kinks)], [.. Enumerable.Range(0, kinks).Select(i => -(i + 0.5) / kinks)]));
        var bounds = new JacobianBounds(Compiled(builder, builder.Sum(steps), new Box([0], [1]), Norm.Linf));
        Assert.InRange(bounds.UpperBound(new Box([0], [1])), kinks, kinks * (1 + 1e-9));
        Assert.InRange(bounds.UpperBound(new Box([0], [0.25])), Math.Round(kinks / 4.0) - 1, (kinks / 4.0) + 1);
    }

    private static Problem Compiled(NetworkBuilder builder, Vector features, Box box, Norm norm)
    {
        builder.Output("features", features);
        return new Problem(builder.Build(), features.Id, new Domain(box)) { JacobianFrom = norm };
    }

    private static Problem DrawProblem(Random random, Norm norm, bool smooth)
    {
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0 ? 0 : random.Next(-256, 257) / 256.0)];
        var builder = new NetworkBuilder();
        var n = random.Next(1, 5);
        var x = builder.Input("x", n);
        var v = x;
        for (var layer = random.Next(1, 4); layer > 0; layer--)
        {
            var length = random.Next(1, 5);
            v = builder.Affine(v, Draw(length * v.Length), Draw(length));
            v = (smooth, random.Next(5)) switch
            {
                (false, 0) => builder.Apply(new LeakyReLU(0.25), v),
                (false, 1) => builder.Apply(new Abs(), v),
                (false, 2) => builder.Maximum(v, builder.Affine(x, Draw(length * n), Draw(length))),
                (false, _) => builder.Apply(new ReLU(), v),
                (_, 0) => builder.Apply(new Sigmoid(), v),
                (_, 1) => builder.Apply(new Reciprocal(), builder.Apply(new Softplus(), v) + 0.5),
                (_, 2) => builder.Multiply(builder.Apply(new Tanh(), v), builder.Affine(x, Draw(length * n), Draw(length))),
                (_, 3) => builder.Apply(new Square(), v),
                _ => builder.Apply(new Tanh(), v),
            };
        }

        var features = random.Next(3) == 0 ? builder.Concat(v, builder.Affine(x, Draw(2 * n), Draw(2))) : builder.Affine(v, Draw(3 * v.Length), Draw(3));
        double[] lower = Draw(n);
        return Compiled(builder, features, new Box(lower, [.. lower.Select(l => l + 0.05 + random.NextDouble())]), norm);
    }

    /// <summary>The whole, halves of halves, and tiny parts where the bound is tight.</summary>
    private static Box DrawPart(Random random, Box box, int k)
    {
        for (var cuts = new[] { 0, 6, 30, 60 }[k]; cuts > 0; cuts--)
        {
            var (left, right) = box.Split(random.Next(box.Length));
            box = random.Next(2) == 0 ? left : right;
        }

        return box;
    }

    private static double[] DrawPoint(Random random, Box box) =>
        [.. Enumerable.Range(0, box.Length).Select(j => Math.Clamp(box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]))];

    /// <summary>Pairs of distinct points of the part: anywhere, and beside one another along the direction that is stretched most.</summary>
    private static IEnumerable<(double[] X, double[] Y)> Pairs(Random random, Problem problem, Box part, double[]? at = null)
    {
        var n = part.Length;
        for (var k = 0; k < 3; k++)
        {
            var x = at ?? DrawPoint(random, part);
            var rows = Rows(problem, x);
            double[][] directions = problem.JacobianFrom switch
            {
                Norm.L1 => [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, n).Select(i => i == j ? 1.0 : 0).ToArray())],
                Norm.Linf => [.. Enumerable.Range(0, 1 << n).Select(signs => Enumerable.Range(0, n).Select(j => ((signs >> j) & 1) == 0 ? 1.0 : -1).ToArray())],
                _ => [TopDirection(rows, n)],
            };
            var best = directions.MaxBy(d => rows.Sum(row => Math.Pow(row.Zip(d, (a, b) => a * b).Sum(), 2)))!;

            // As far as the part allows, half as far, and close by.
            var reach = Enumerable.Range(0, n).Where(j => best[j] != 0)
                .Min(j => Math.Max(part.Upper[j] - x[j], x[j] - part.Lower[j]) / Math.Abs(best[j]));
            foreach (var step in new[] { reach, -reach, 0.1 * reach, -0.1 * reach, 1e-3 * reach, -1e-3 * reach })
            {
                double[] y = [.. x.Select((v, j) => v + (step * best[j]))];
                if (part.Contains(y) && !y.SequenceEqual(x))
                {
                    yield return (x, y);
                }
            }

            var z = DrawPoint(random, part);
            if (at is null && !z.SequenceEqual(x))
            {
                yield return (x, z);
            }
        }
    }

    private static double[][] Rows(Problem problem, double[] x)
    {
        var values = problem.Graph.Evaluate(x);
        return [.. Enumerable.Range(0, problem.Graph.Nodes[problem.Objective].Length).Select(i => problem.Graph.Gradient(values, problem.Objective, i))];
    }

    /// <summary>The first right singular vector, by power iteration.</summary>
    private static double[] TopDirection(double[][] rows, int n)
    {
        double[] d = [.. Enumerable.Range(0, n).Select(j => 1 + (0.1 * j))];
        for (var k = 0; k < 300; k++)
        {
            var images = rows.Select(row => row.Zip(d, (a, b) => a * b).Sum()).ToArray();
            double[] next = [.. Enumerable.Range(0, n).Select(j => rows.Zip(images, (row, image) => row[j] * image).Sum())];
            var length = Math.Sqrt(next.Sum(v => v * v));
            if (length < 1e-12)
            {
                break;
            }

            d = [.. next.Select(v => v / length)];
        }

        return d;
    }

    private static Rational DistanceSquared(Norm norm, double[] x, double[] y)
    {
        var parts = x.Zip(y, (a, b) => (Rational.Of(a) - Rational.Of(b)).Abs().Reduced()).ToArray();
        var zero = Rational.Of(0);
        var sum = parts.Aggregate(zero, (total, part) => (total + (norm == Norm.L2 ? part * part : part)).Reduced());
        return norm switch { Norm.L1 => sum * sum, Norm.L2 => sum, _ => parts.Max() * parts.Max() };
    }

    private static Rational MovedSquared(Problem problem, double[] x, double[] y) =>
        Exact(problem, x).Zip(Exact(problem, y), (a, b) => a - b).Aggregate(Rational.Of(0), (sum, d) => (sum + (d * d)).Reduced());

    /// <summary>F(x) of a piecewise linear graph, in rational numbers.</summary>
    private static Rational[] Exact(Problem problem, double[] x)
    {
        var zero = Rational.Of(0);
        var values = new Rational[problem.Graph.Nodes.Length][];
        foreach (var node in problem.Graph.Nodes)
        {
            Rational Argument(int k, int i) => values[node.Arguments[k]][i];
            values[node.Id] = [.. Enumerable.Range(0, node.Length).Select(i => node.Operator switch
            {
                Input slot => Rational.Of(x[slot.Start + i]),
                LinearOperator map => Sum(map, i),
                ReLU => Argument(0, i) >= zero ? Argument(0, i) : zero,
                LeakyReLU leaky => Argument(0, i) >= zero ? Argument(0, i) : Argument(0, i) * Rational.Of(leaky.NegativeSlope),
                Abs => Argument(0, i).Abs(),
                Maximum => Argument(0, i) >= Argument(1, i) ? Argument(0, i) : Argument(1, i),
                _ => throw new NotSupportedException(node.Operator.Name),
            })];

            Rational Sum(LinearOperator map, int i)
            {
                var sum = Rational.Of(map.Bias(i));
                var terms = map.Terms(i);
                for (var t = 0; t < terms.Count; t++)
                {
                    sum = (sum + (Rational.Of(terms[t].Weight) * Argument(terms[t].Argument, terms[t].Element))).Reduced();
                }

                return sum;
            }
        }

        return values[problem.Objective];
    }
}
