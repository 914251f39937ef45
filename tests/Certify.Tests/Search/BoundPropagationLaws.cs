using System.Numerics;
using Certify.Search;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Search;

/// <summary>The law of <see cref="IBounds.UpperBound"/> on random graphs, with hints at random places, and on networks made to hurt rounding.</summary>
/// <remarks>
/// Mutants planted and found: balls 1 % smaller; parts near the sphere dropped; vertices of an l1 ball rounded by the size of the part; the rounding of linear
/// maps not counted. Found by <see cref="BoundsOfOneOperatorLaws"/> only: upper planes for negative coefficients; the wrong end of an uncertain constant;
/// the distance of two linear bounds dropped over an l2 ball. Not found, since other allowances are larger: the rounding of the final sum over a box, and
/// that of the bias alone.
/// </remarks>
public class BoundPropagationLaws
{
    [Theory]
    [InlineData(0, 150)]
    [InlineData(1000, 150)]
    [InlineData(2000, 150)]
    public void No_value_lies_above_the_bound(int firstSeed, int count) => CheckGraphs(firstSeed, count);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(100_000, 20_000)]
    public void No_value_lies_above_the_bound_on_many_graphs(int firstSeed, int count) => CheckGraphs(firstSeed, count);

    /// <summary>A bound that holds but says nothing passes every other law.</summary>
    [Fact]
    public void Bounds_of_random_graphs_are_finite_and_near_the_values()
    {
        var close = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var problem = DrawProblem(random);
            var found = new Attack(problem).Run(10, random).Value;
            var upper = new BoundPropagation(problem).UpperBound(problem.Domain.Box);
            close += double.IsFinite(upper) && upper - found < 3 * (1 + Math.Abs(found)) ? 1 : 0;
        }

        Assert.True(close > 50, $"{close} of 100");
    }

    /// <summary>The same vector as many arguments of one sum: the additions into its one coefficient round as often as it occurs.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_vector_that_occurs_often_in_one_sum_is_rounded_as_often(int times)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        const double big = 1L << 53;
        (double, Vector)[] terms = [(big, x), .. Enumerable.Repeat((1.0, x), times), (-big, x)];
        builder.Output("y", builder.Combine(terms));
        var graph = builder.Build();
        foreach (var sign in new[] { 1.0, -1.0 })
        {
            var problem = new Problem(graph, graph.Output("y").Id, new Domain(Box.Point([sign])));
            Assert.True(new BoundPropagation(problem).UpperBound(problem.Domain.Box) >= sign * times, $"y({sign}) = {sign * times}");
        }
    }

    /// <summary>A part near the origin of an l1 ball that is far from it: the ball's vertices are larger than anything in the part.</summary>
    [Fact]
    public void Vertices_of_a_ball_are_rounded_by_their_own_size()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            // The origin lies on the face where -a (x_1 + ... + x_n) is largest; g is that linear function, 0 there.
            var random = new Random(seed);
            var n = random.Next(3, 7);
            double[] center = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(1, 1 << 20))];
            var radius = center.Sum();
            var a = random.NextDouble() + 0.1;
            var builder = new NetworkBuilder();
            var x = builder.Input("x", n);
            var sum = builder.Affine(x, [.. Enumerable.Repeat(-a, n)], [0]);
            var positive = builder.Combine((1, sum), (0, sum));
            builder.Output("y", positive);
            var graph = builder.Build();
            var domain = new Domain(new Box([.. center.Select(c => c - radius)], [.. center.Select(c => c + radius)]))
            {
                Norm = Norm.L1,
                Center = [.. center],
                Radius = [.. Enumerable.Repeat(radius, n)],
            };
            var problem = new Problem(graph, graph.Output("y").Id, domain) { Anchors = [x.Id], Frontier = [sum.Id] };
            var part = new Box([.. Enumerable.Repeat(-1e-30, n)], [.. Enumerable.Repeat(1e-30, n)]);
            var upper = new BoundPropagation(problem).UpperBound(part);
            Assert.True(upper >= 0, $"seed {seed}: g(0) = 0 lies above the bound {upper:R} of {string.Join(", ", center)}, a = {a:R}");
        }
    }

    /// <summary>ReLU networks whose weights cancel, underflow and differ by powers of ten, against their exact values.</summary>
    [Fact]
    public void Hostile_weights_do_not_break_the_bound()
    {
        var tight = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int[] sizes = [random.Next(1, 4), random.Next(2, 7), random.Next(2, 7), 1];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", sizes[0]);
            var layers = new List<(double[] Weights, double[] Biases)>();
            for (var k = 1; k < sizes.Length; k++)
            {
                var (weights, biases) = (DrawHostile(random, sizes[k] * sizes[k - 1], sizes[k - 1]), DrawHostile(random, sizes[k], sizes[k]));
                layers.Add((weights, biases));
                vector = builder.Affine(k == 1 ? vector : builder.Apply(new ReLU(), vector), weights, biases);
            }

            builder.Output("y", vector);
            var graph = builder.Build();
            var center = DrawHostile(random, sizes[0], sizes[0]).Select(value => Math.Clamp(value, -1e6, 1e6)).ToArray();
            var thin = random.Next(3) * Math.Pow(10, random.Next(-12, 1));
            var box = new Box([.. center.Select(c => c - thin)], [.. center.Select(c => c + thin)]);
            var problem = new Problem(graph, vector.Id, new Domain(box));
            var upper = new BoundPropagation(problem).UpperBound(box);
            for (var k = 0; k < 8; k++)
            {
                var point = DrawPoint(random, box);
                var exact = Exact(layers, point);
                Assert.True(double.IsPositiveInfinity(upper) || Dyadic.Of(upper) >= exact, $"seed {seed}: {graph.Evaluate(point)[vector.Id][0]:R} above {upper:R}");
                tight += double.IsFinite(upper) ? 1 : 0;
            }
        }

        Assert.True(tight > 2000, $"{tight} comparisons with a finite bound");
    }

    /// <summary>Over a point, a long sum whose roundings all go one way: only the errors that the walk has counted keep the bound above it.</summary>
    [Fact]
    public void Counted_errors_carry_the_bound()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            int[] sizes = [4, 8, 8, 1];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", sizes[0]);
            var layers = new List<(double[] Weights, double[] Biases)>();
            for (var k = 1; k < sizes.Length; k++)
            {
                double[] weights = [.. Enumerable.Range(0, sizes[k] * sizes[k - 1]).Select(_ => random.NextDouble() - 0.5)];
                double[] biases = [.. Enumerable.Range(0, sizes[k]).Select(_ => k == 3 ? 0 : 3 + random.NextDouble())];
                layers.Add((weights, biases));
                vector = builder.Affine(k == 1 ? vector : builder.Apply(new LeakyReLU(1), vector), weights, biases);
            }

            builder.Output("y", vector);
            var box = Box.Point([random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble()]);
            var bounds = new BoundPropagation(new Problem(builder.Build(), vector.Id, new Domain(box)));
            Assert.True(Dyadic.Of(bounds.UpperBound(box)) >= Exact(layers, box.Lower, rectified: false), $"seed {seed}");
        }
    }

    private static void CheckGraphs(int firstSeed, int count)
    {
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            var random = new Random(seed);
            var problem = DrawProblem(random);
            var bounds = new BoundPropagation(problem);
            var clone = bounds.Clone();
            var attack = new Attack(problem);
            for (var k = 0; k < 6; k++)
            {
                var part = k == 0 ? problem.Domain.Box : DrawPart(random, problem.Domain.Box);
                var upper = bounds.UpperBound(part);
                Assert.False(double.IsNaN(upper));
                var ranges = bounds.Ranges(part);
                Assert.Equal(upper, bounds.UpperBound(part));
                clone.UpperBound(problem.Domain.Box);
                Assert.Equal(upper, clone.UpperBound(part));
                foreach (var point in Candidates(random, attack, problem.Domain, part))
                {
                    if (!part.Contains(point) || !problem.Domain.Contains(point))
                    {
                        continue;
                    }

                    var value = bounds.LowerBoundAt(point);
                    Assert.True(value <= upper, $"seed {seed}, part {k}: {value:R} above the bound {upper:R} at {string.Join(", ", point)}");
                    var truths = problem.Graph.Ranges(Box.Point(point));
                    foreach (var id in Ancestors(problem.Graph, problem.Objective))
                    {
                        for (var i = 0; i < truths[id].Length; i++)
                        {
                            Assert.True(ranges![id].Lower[i] <= truths[id].Upper[i] && truths[id].Lower[i] <= ranges[id].Upper[i],
                                $"seed {seed}, part {k}: {problem.Graph.Nodes[id]} [{i}] = {truths[id][i]} is not in {ranges[id][i]}");
                        }
                    }
                }
            }
        }
    }

    private static HashSet<int> Ancestors(Network graph, int objective)
    {
        var found = new HashSet<int> { objective };
        for (var id = objective; id >= 0; id--)
        {
            if (found.Contains(id))
            {
                found.UnionWith(graph.Nodes[id].Arguments);
            }
        }

        return found;
    }

    private static IEnumerable<double[]> Candidates(Random random, Attack attack, Domain domain, Box part)
    {
        for (var k = 0; k < 12; k++)
        {
            var point = DrawPoint(random, part);
            yield return point;
            yield return Pulled(random, domain, point, part);
        }

        var start = Pulled(random, domain, part.Middle(), part);
        yield return start;
        yield return attack.Climb(start, part).Point;
        yield return attack.Climb(start, domain.Box).Point;
    }

    /// <summary>The point moved to the sphere of the ball, or a little inside.</summary>
    private static double[] Pulled(Random random, Domain domain, double[] point, Box part)
    {
        var pulled = (double[])point.Clone();
        var n = domain.Center.Length;
        var shares = Enumerable.Range(0, n).Select(j => domain.Radius[j] > 0 ? Math.Abs(point[j] - domain.Center[j]) / domain.Radius[j] : 0).ToArray();
        var size = domain.Norm switch { Norm.L1 => shares.Sum(), Norm.L2 => Math.Sqrt(shares.Sum(s => s * s)), _ => shares.Append(0).Max() };
        var shrink = size > 1 ? (1 - (random.Next(2) * 1e-3 * random.NextDouble()) - 1e-15) / size : 1;
        for (var j = 0; j < n; j++)
        {
            pulled[j] = domain.Radius[j] > 0 ? Math.Clamp(domain.Center[j] + (shrink * (point[j] - domain.Center[j])), part.Lower[j], part.Upper[j]) : domain.Center[j];
        }

        return pulled;
    }

    private static Problem DrawProblem(Random random)
    {
        var builder = new NetworkBuilder();
        var vectors = new List<Vector>();
        for (var k = random.Next(1, 3); k > 0; k--)
        {
            vectors.Add(builder.Input($"x{k}", random.Next(1, 5)));
        }

        var inputs = vectors.Sum(vector => vector.Length);
        vectors.Add(builder.Constant(1.5, -0.3, 0.1));
        vectors.Add(builder.Constant(new Box([-1, 0.2, 0.3], [-0.9, 0.2, 0.4])));
        for (var k = random.Next(2, 14); k > 0; k--)
        {
            vectors.Add(Grow(builder, vectors, random));
        }

        var last = vectors[^1];
        if (random.Next(2) == 0)
        {
            last = builder.Apply(new Guarantees.Networks.Operators.Norm(last.Length), last);
            last = random.Next(3) switch { 0 => builder.Apply(new Tanh(), last), 1 => 2 * last, _ => last };
        }

        var objective = builder.Sum(last);
        builder.Output("g", objective);
        var graph = builder.Build();
        int[] Some() => [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(graph.Nodes.Length))];
        return new Problem(graph, objective.Id, DrawDomain(random, inputs)) { Anchors = [.. Some()], Frontier = [.. Some()] };
    }

    private static Vector Grow(NetworkBuilder builder, List<Vector> vectors, Random random)
    {
        Vector Any() => vectors[random.Next(3) == 0 ? random.Next(vectors.Count) : vectors.Count - 1 - random.Next(Math.Min(3, vectors.Count))];
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0 ? 0 : (2 * random.NextDouble()) - 1)];
        var a = Any();
        var b = random.Next(3) == 0 ? a : Any();
        b = b.Length == a.Length ? b : builder.Affine(b, Draw(a.Length * b.Length), Draw(a.Length));
        var length = random.Next(1, 6);
        Vector Squashed() => builder.Apply(new Tanh(), a);
        return random.Next(18) switch
        {
            0 or 1 or 2 => builder.Affine(a, Draw(a.Length * length), Draw(length)),
            3 => builder.Apply(new ReLU(), a),
            4 => builder.Apply(new LeakyReLU(0.1), a),
            5 => Squashed(),
            6 => builder.Apply(new Sigmoid(), a),
            7 => builder.Apply(new NormalCdf(), a),
            8 => builder.Apply(new Softplus(), a),
            9 => builder.Apply(new Exp(), Squashed()),
            10 => builder.Multiply(Squashed(), b.Id == a.Id ? Squashed() : builder.Apply(new Sigmoid(), b)),
            11 => builder.Maximum(a, b),
            12 => builder.Combine([(0.7, a), (-0.4, b), (0.1, a)], 0.3),
            13 => builder.Apply(random.Next(2) == 0 ? new Abs() : new Square(), Squashed()),
            14 => builder.Add(new Reciprocal(), [builder.Apply(new Sqrt(), builder.Apply(new Sigmoid(), a) + 0.5)]),
            15 => builder.Apply(new ScaleRoot(), 0.9 * Squashed()),
            16 => builder.Apply(new Scale(new Box([.. Enumerable.Repeat(-0.4, a.Length)], [.. Enumerable.Repeat(random.Next(2) - 0.4, a.Length)])), a),
            _ => builder.Apply(new Log(), builder.Apply(new Softplus(), a) + 0.1),
        };
    }

    private static Domain DrawDomain(Random random, int n)
    {
        double[] center = [.. Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1)];
        double[] radius = [.. Enumerable.Range(0, n).Select(_ => random.Next(5) == 0 ? 0 : random.NextDouble())];
        var box = new Box(
            [.. center.Zip(radius, Rounding.SubtractDown)],
            [.. center.Zip(radius, Rounding.AddUp)]);
        var kind = random.Next(4);
        if (kind == 0)
        {
            return new Domain(box);
        }

        // Sometimes the last coordinates are parameters: outside the ball, inside the box.
        var moving = random.Next(3) == 0 ? Math.Max(1, n - 1) : n;
        return new Domain(box) { Norm = kind switch { 1 => Norm.L1, 2 => Norm.L2, _ => Norm.Linf }, Center = [.. center[..moving]], Radius = [.. radius[..moving]] };
    }

    private static Box DrawPart(Random random, Box box)
    {
        for (var k = random.Next(10); k > 0; k--)
        {
            var (left, right) = box.Split(random.Next(box.Length));
            box = random.Next(2) == 0 ? left : right;
        }

        return random.Next(6) == 0 ? Box.Point(DrawPoint(random, box)) : box;
    }

    private static double[] DrawPoint(Random random, Box box) => [.. Enumerable.Range(0, box.Length).Select(j => random.Next(3) switch
    {
        0 => box.Lower[j],
        1 => box.Upper[j],
        _ => Math.Clamp(box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]),
    })];

    /// <summary>Numbers that cancel, vanish and dwarf each other.</summary>
    private static double[] DrawHostile(Random random, int count, int row)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.Next(9) switch
            {
                0 => 1e17 * (random.NextDouble() + 1),
                1 when i % row > 0 => -values[i - 1],
                2 => 1e-30 * random.NextDouble(),
                3 => double.Epsilon * random.Next(1, 100),
                4 => 1,
                5 => 0,
                _ => (2 * random.NextDouble()) - 1,
            };
        }

        return values;
    }

    private static Dyadic Exact(List<(double[] Weights, double[] Biases)> layers, double[] point, bool rectified = true)
    {
        var x = point.Select(Dyadic.Of).ToArray();
        for (var k = 0; k < layers.Count; k++)
        {
            var (weights, biases) = layers[k];
            var inputs = x;
            x = [.. biases.Select((b, i) => inputs.Select((value, j) => Dyadic.Of(weights[(i * inputs.Length) + j]) * value).Aggregate(Dyadic.Of(b), (sum, term) => sum + term))];
            if (k + 1 < layers.Count && rectified)
            {
                x = [.. x.Select(value => value.Units.Sign > 0 ? value : Dyadic.Of(0))];
            }
        }

        return x[0];
    }

    /// <summary>Units * 2^Exponent, exactly.</summary>
    private readonly record struct Dyadic(BigInteger Units, int Exponent)
    {
        public static Dyadic Of(double value)
        {
            Assert.True(double.IsFinite(value));
            var bits = BitConverter.DoubleToInt64Bits(value);
            var exponent = (int)((bits >> 52) & 0x7FF);
            var units = (bits & 0xF_FFFF_FFFF_FFFF) | (exponent == 0 ? 0 : 1L << 52);
            return new(bits < 0 ? -units : units, Math.Max(exponent, 1) - 1075);
        }

        public static Dyadic operator *(Dyadic a, Dyadic b) => new(a.Units * b.Units, a.Exponent + b.Exponent);

        public static Dyadic operator +(Dyadic a, Dyadic b)
        {
            var exponent = Math.Min(a.Exponent, b.Exponent);
            return new((a.Units << (a.Exponent - exponent)) + (b.Units << (b.Exponent - exponent)), exponent);
        }

        public static bool operator >=(Dyadic a, Dyadic b) => (a + new Dyadic(-b.Units, b.Exponent)).Units.Sign >= 0;

        public static bool operator <=(Dyadic a, Dyadic b) => b >= a;
    }
}
