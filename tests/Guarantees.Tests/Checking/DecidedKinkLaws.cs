using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Checking;

/// <summary>Bounds on the sides of kinks, against points whose sides interval arithmetic is sure of.</summary>
/// <remarks>
/// Mutants seen to fail: sides swapped in Decide; multipliers with the sign of the other side; the bias left out of a multiplier's share; an empty part called bounded by the
/// target; a kink beyond the last accepted by the checker; its left side taken for the right, and the right for the left; sides that outlive their part or a call that fails. Multipliers of the wrong sign change nothing: the kernel leaves them out.
/// </remarks>
public class DecidedKinkLaws
{
    [Fact]
    public void Points_on_the_decided_sides_above_the_target_stay_and_are_bounded()
    {
        var random = new Random(20261126);
        var (kept, cut, below) = (0, 0, 0);
        for (var trial = 0; trial < 400; trial++)
        {
            var net = Net.Draw(random, inputs: random.Next(1, 6), slope: random.Next(3) == 0 ? 0.25 : 0);
            var bounds = new ChainBounds(net.Problem, symbols: random.Next(3) switch { 0 => -1, 1 => 2, _ => 64 })
            {
                ObjectiveSteps = random.Next(1, 12),
                NeuronSteps = random.Next(2),
            };
            double[][] points = [.. Enumerable.Range(0, 30).Select(_ => net.Point(random))];
            int[] sides = [.. net.SidesOf(points[0]).Where(_ => random.Next(3) > 0)];
            var part = Copy(net.Problem.Domain.Box);
            var target = net.Value(points[random.Next(30)]).Middle - (0.1 * random.NextDouble());
            var free = Copy(part);
            var (bound, without) = (bounds.Contract(part, sides, target), bounds.Contract(free, target));
            below += bound < without && sides.Length > 0 ? 1 : 0;
            foreach (var point in points.Where(point => sides.All(net.SidesOf(point).Contains)))
            {
                var value = net.Value(point);
                if (value.Lower > target)
                {
                    Assert.True(part.Contains(point), $"trial {trial}: a point with {value} above {target} was cut away");
                    Assert.True(value.Lower <= bound, $"trial {trial}: {value} at a point, bound {bound}");
                    kept++;
                }
            }

            cut += Enumerable.Range(0, part.Length).Any(j => part.Lower[j] > net.Problem.Domain.Box.Lower[j] || part.Upper[j] < net.Problem.Domain.Box.Upper[j]) ? 1 : 0;
        }

        Assert.True(kept > 500 && cut > 50 && below > 100, $"{kept} kept, {cut} cut, {below} below");
    }

    /// <summary>What was decided for one part is forgotten for the next.</summary>
    [Fact]
    public void Sides_do_not_outlive_their_part()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 50; trial++)
        {
            var net = Net.Draw(random, inputs: 3, slope: 0);
            var (used, fresh) = (new ChainBounds(net.Problem), new ChainBounds(net.Problem));
            used.Contract(Copy(net.Problem.Domain.Box), net.SidesOf(net.Point(random)), double.NegativeInfinity);
            Assert.Equal(fresh.UpperBound(net.Problem.Domain.Box), used.UpperBound(net.Problem.Domain.Box));
        }
    }

    /// <summary>A call that fails after a side was decided left the side to the next call.</summary>
    [Fact]
    public void Sides_do_not_outlive_a_call_that_fails()
    {
        var builder = new NetworkBuilder();
        var y = builder.Affine(builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 1), [1], [0])), [1], [0]);
        builder.Output("y", y);
        var bounds = new ChainBounds(new Problem(builder.Build(), y.Id, new Domain(new Box([-1], [1]))));
        foreach (var stray in new[] { 7, int.MinValue })
        {
            Assert.Throws<NotSupportedException>(() => bounds.Contract(new Box([-1], [1]), [-1, stray], 0));
            Assert.True(bounds.UpperBound(new Box([-1], [1])) >= 1);
        }
    }

    /// <summary>Products of inputs below 1e-309 with rounding units underflow before large weights multiply what they were to cover.</summary>
    [Fact]
    public void Inputs_without_normal_digits_are_bounded_where_weights_are_huge()
    {
        foreach (var (point, weights) in new[]
        {
            (new[] { 1.3547829689705E-310, 4.0476198069605E-311 }, new[] { 1.785660080977557E+307, -5.976801136111569E+307 }),
            ([1.37067694160325E-310, 5.973099793685E-311], [1.1050917003793137E+307, -2.5359089323577765E+307]),
        })
        {
            var builder = new NetworkBuilder();
            var y = builder.Affine(builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 2), weights, [0])), [1e20], [0]);
            builder.Output("y", y);
            var (network, box) = (builder.Build(), Box.Point(point));
            var exact = ExactValues.Outputs(network, point)![0];
            Assert.True(exact.CompareTo(0) > 0 && exact.CompareTo(new ChainBounds(new Problem(network, y.Id, new Domain(box))).UpperBound(box)) <= 0, $"{exact}");
        }
    }

    [Fact]
    public void A_side_on_which_no_point_lies_leaves_nothing()
    {
        // y = max(x, 0) over [1, 2]: x <= 0 nowhere.
        var builder = new NetworkBuilder();
        var y = builder.Affine(builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 1), [1], [0])), [1], [0]);
        builder.Output("y", y);
        var bounds = new ChainBounds(new Problem(builder.Build(), y.Id, new Domain(new Box([1], [2]))));
        Assert.Equal(double.NegativeInfinity, bounds.Contract(new Box([1], [2]), [-1], 0));
        Assert.Equal(2, bounds.Contract(new Box([1], [2]), [1], 0), 1e-12);
        Assert.Equal(double.NegativeInfinity, bounds.Contract(new Box([1], [2]), [1, -1], 0));
        Assert.Throws<NotSupportedException>(() => bounds.Contract(new Box([1], [2]), [2], 0));
        Assert.Throws<NotSupportedException>(() => bounds.Contract(new Box([1], [2]), [0], 0));
        Assert.Throws<NotSupportedException>(() => ((IBounds)new BoundPropagation(bounds.Problem)).Contract(new Box([1], [2]), [1], 0));
    }

    /// <summary>
    /// Over [-1, 1]² the objective x - y, written as x⁺ - (-x)⁺ - y⁺ + (-y)⁺, is relaxed to (x - y)/2 + 1 + min(0, x) + min(0, -y), at most 2; on the side x - y &lt;= 0, which
    /// no range shows, that is at most 1, which takes the right multiplier.
    /// </summary>
    [Fact]
    public void Multipliers_find_the_best_that_the_relaxation_allows_on_a_side()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var hidden = builder.Apply(new ReLU(), builder.Affine(x, [1, -1, 1, 0, -1, 0, 0, 1, 0, -1], [0, 0, 0, 0, 0]));
        var y = builder.Affine(hidden, [0, 1, -1, -1, 1], [0]);
        builder.Output("y", y);
        var bounds = new ChainBounds(new Problem(builder.Build(), y.Id, new Domain(new Box([-1, -1], [1, 1])))) { ObjectiveSteps = 60 };
        Assert.True(bounds.Contract(new Box([-1, -1], [1, 1]), [], 0) >= 2 - 1e-12);
        var bound = bounds.Contract(new Box([-1, -1], [1, 1]), [-1], -1);
        Assert.InRange(bound, 1 - 1e-12, 1 + 1e-9);
    }

    [Fact]
    public void A_tree_of_decided_kinks_is_accepted_only_as_it_is()
    {
        // |x| - 1 over [-1, 1], as relu(x) + relu(-x) - 1.1: at most -0.1, but the relaxation says 0.9 or so.
        var builder = new NetworkBuilder();
        var hidden = builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 1), [1, -1], [0, 0]));
        var y = builder.Affine(hidden, [1, 1], [-1.1]);
        builder.Output("y", y);
        var problem = new Problem(builder.Build(), y.Id, new Domain(new Box([-1], [1])));
        Assert.Equal("", PropertyChecker.Walk(problem, new EvidenceTree([2, 0, 0]), 0, CancellationToken.None));
        Assert.Equal("", PropertyChecker.Walk(problem, new EvidenceTree([3, 0, 0]), 0, CancellationToken.None));
        Assert.Contains("kinks", PropertyChecker.Walk(problem, new EvidenceTree([4, 0, 0]), -0.11, CancellationToken.None), StringComparison.Ordinal);
        Assert.NotEqual("", PropertyChecker.Walk(problem, new EvidenceTree([2, 0, 0]), -0.11, CancellationToken.None));
    }

    /// <summary>Over [-1, 1], x⁺ is at most 0.6 only where x &lt;= 0, and (-x)⁺ only where x &gt;= 0: neither tree may pass on its good side alone.</summary>
    [Fact]
    public void Both_sides_of_a_kink_must_close()
    {
        foreach (var weights in new double[][] { [1, 0], [0, 1] })
        {
            var builder = new NetworkBuilder();
            var hidden = builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 1), [1, -1], [0, 0]));
            var y = builder.Affine(hidden, weights, [0]);
            builder.Output("y", y);
            var problem = new Problem(builder.Build(), y.Id, new Domain(new Box([-1], [1])));
            var bounds = new ChainBounds(problem);
            int[] good = [weights[0] > 0 ? -1 : 1];
            Assert.True(bounds.Contract(new Box([-1], [1]), good, 0.6) <= 0.6, "the good side closes");
            Assert.Contains("leaf", PropertyChecker.Walk(problem, new EvidenceTree([2, 0, 0]), 0.6, CancellationToken.None), StringComparison.Ordinal);
        }
    }

    private static Box Copy(Box box) => new([.. box.Lower], [.. box.Upper]);

    /// <summary>A chain of maps and (leaky) ReLUs whose kinks' nodes are known.</summary>
    private sealed record Net(Problem Problem, int[] Kinks)
    {
        public static Net Draw(Random random, int inputs, double slope)
        {
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", inputs);
            var kinks = new List<int>();
            double[] Numbers(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => random.Next(12) == 0 ? 0 : (double)(float)(size * ((2 * random.NextDouble()) - 1)))];
            for (var layer = random.Next(1, 4); layer > 0; layer--)
            {
                var width = random.Next(1, 11);
                vector = builder.Affine(vector, Numbers(width * vector.Length, 1.5), Numbers(width, 0.7));
                kinks.Add(vector.Id);
                vector = builder.Apply(slope == 0 ? new ReLU() : new LeakyReLU(slope), vector);
            }

            vector = builder.Affine(vector, Numbers(vector.Length * 2, 1), Numbers(2, 0.3));
            builder.Output("y", vector);
            var (middle, radius) = (Numbers(inputs, 1), Numbers(inputs, 1));
            return new Net(
                new Problem(
                    builder.Build(), vector.Id, new Domain(new Box([.. middle.Zip(radius, (m, r) => m - Math.Abs(r))], [.. middle.Zip(radius, (m, r) => m + Math.Abs(r))]))),
                [.. kinks]);
        }

        public double[] Point(Random random) => [.. Enumerable.Range(0, Problem.Domain.Box.Length).Select(j =>
        {
            var (l, u) = (Problem.Domain.Box.Lower[j], Problem.Domain.Box.Upper[j]);
            return random.Next(4) switch { 0 => l, 1 => u, _ => Math.Clamp(l + (random.NextDouble() * (u - l)), l, u) };
        })];

        /// <summary>g = min of the objective's elements.</summary>
        public Guarantees.Arithmetic.Interval Value(double[] point)
        {
            var range = Problem.Graph.Ranges(Box.Point(point))[Problem.Objective];
            return new(range.Lower.Min(), range.Upper.Min());
        }

        /// <summary>Sides that are sure at the point.</summary>
        public int[] SidesOf(double[] point)
        {
            var ranges = Problem.Graph.Ranges(Box.Point(point));
            var (sides, number) = (new List<int>(), 0);
            foreach (var node in Kinks)
            {
                for (var i = 0; i < ranges[node].Length; i++, number++)
                {
                    if (ranges[node].Lower[i] >= 0)
                    {
                        sides.Add(number + 1);
                    }
                    else if (ranges[node].Upper[i] <= 0)
                    {
                        sides.Add(-(number + 1));
                    }
                }
            }

            return [.. sides];
        }
    }
}
