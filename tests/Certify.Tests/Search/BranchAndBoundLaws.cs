using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Arithmetic;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Tests.Search;

/// <summary>What a search promises whenever it stops: sup g lies in the enclosure, the witness attains the lower end, the tree repeats the upper one.</summary>
/// <remarks>
/// The referee is independent and exact: a ReLU network of one input is a piecewise linear function, whose breakpoints and maximum are found in
/// rational numbers. Networks of more inputs are compared with it along segments.
/// Mutants planted and found: children better than their parent by 0.1 %; a lower end a billionth above the witness; witnesses not replayed by the
/// kernel; halves exchanged in the tree; one half kept twice; the cut coordinate not recorded; an upper end 0.01 % lower. Not found, since the answer stays
/// sound: a search that gives up early at a target, and one that forgets finished parts while it runs (the upper end is taken from all leaves).
/// </remarks>
public class BranchAndBoundLaws
{
    /// <summary>Ways to stop: at a gap, at a target that holds, at one that does not, at a number of parts, at once.</summary>
    private static readonly Func<Random, double, BranchAndBound>[] Ways =
    [
        (_, _) => new() { RelativeGap = 1e-2, MostParts = 1000, AttackStarts = 5 },
        (random, _) => new() { RelativeGap = 0.2 * random.NextDouble(), MostParts = 1000, AttackStarts = 1, Threads = 3 },
        (random, sup) => new() { Target = sup + (1e-3 * random.NextDouble()), AttackStarts = 1, MostParts = 500 },
        (random, sup) => new() { Target = sup - (0.1 * random.NextDouble()), AttackStarts = 1, MostParts = 500 },
        (random, _) => new() { RelativeGap = 0, AbsoluteGap = 0, MostParts = random.Next(1, 60), AttackStarts = 0 },
        (_, _) => new() { RelativeGap = 0, AbsoluteGap = 0, TimeLimit = TimeSpan.Zero, AttackStarts = 1 },
    ];

    [Fact]
    public void The_exact_maximum_of_a_network_of_one_input_lies_in_the_enclosure()
    {
        var closed = 0;
        for (var seed = 0; seed < 180; seed++)
        {
            var random = new Random(seed);
            var net = new Net(random, inputs: 1);
            var sup = net.Maximum(net.Box.Lower, net.Box.Upper);
            var options = Ways[seed % Ways.Length](random, (double)sup.Numerator / (double)sup.Denominator);
            var result = options.Solve(net.Problem);
            Holds(net, result, $"seed {seed}");
            Assert.True(sup <= Rational.Of(result.Upper), $"seed {seed}: the maximum lies {(sup - Rational.Of(result.Upper)).Over(Rational.Of(1)):R} above the upper end {result.Upper:R}");
            Assert.True(Rational.Of(result.Lower) <= sup, $"seed {seed}: the lower end {result.Lower:R} is above the maximum");
            closed += result.TimedOut ? 0 : 1;
            if (options.Target is null && !result.TimedOut)
            {
                Assert.True(result.Upper - result.Lower <= (options.RelativeGap * Math.Abs(result.Upper)) + 1e-7, $"seed {seed}: [{result.Lower:R}, {result.Upper:R}]");
            }
        }

        Assert.True(closed > 90, $"{closed} searches ended by themselves");
    }

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L1)]
    [InlineData(Norm.L2)]
    public void No_segment_of_the_domain_holds_a_larger_value(Norm norm)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(1000 + seed);
            var net = new Net(random, inputs: random.Next(2, 4), norm);
            var result = Ways[new[] { 0, 1, 4 }[seed % 3]](random, 0).Solve(net.Problem);
            Holds(net, result, $"{norm}, seed {seed}");
            for (var k = 0; k < 10; k++)
            {
                // Both ends lie in the domain, which is convex; one of them is the witness or a point that an attack likes.
                var (a, b) = (k < 3 && result.Witness.Length > 0 ? result.Witness : net.Member(random), net.Member(random));
                Assert.True(net.Maximum(a, b) <= Rational.Of(result.Upper), $"{norm}, seed {seed}: a segment exceeds {result.Upper:R}");
            }
        }
    }

    [Fact]
    public void The_same_search_gives_the_same_tree_on_any_number_of_threads()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var net = new Net(new Random(seed), inputs: 2);
            var one = new BranchAndBound { RelativeGap = 1e-2, MostParts = 600, Threads = 1 }.Solve(net.Problem);
            var many = new BranchAndBound { RelativeGap = 1e-2, MostParts = 600, Threads = 5 }.Solve(net.Problem);
            Assert.Equal(one.Tree.Codes.ToArray(), many.Tree.Codes.ToArray());
            Assert.Equal((one.Lower, one.Upper), (many.Lower, many.Upper));
            Assert.Equal(one.Witness, many.Witness);
        }
    }

    /// <summary>Jacobians: sup |g'| of a network of one input is the steepest of its pieces, exactly.</summary>
    [Fact]
    public void The_steepest_piece_of_a_network_of_one_input_lies_in_the_enclosure()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var net = new Net(random, inputs: 1);
            var steepest = net.Steepest();
            var result = new BranchAndBound { RelativeGap = seed % 2 * 0.05, MostParts = 200 }.Solve(net.Problem with { JacobianFrom = Norm.Linf });
            Assert.True(steepest <= Rational.Of(result.Upper), $"seed {seed}: a piece is steeper than {result.Upper:R}");
            Assert.True(double.IsNegativeInfinity(result.Lower) || Rational.Of(result.Lower) <= steepest, $"seed {seed}: no piece is as steep as {result.Lower:R}");
        }
    }

    [Fact]
    public void A_cancelled_search_still_tells_what_it_knows()
    {
        var net = new Net(new Random(5), inputs: 2);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var result = new BranchAndBound { RelativeGap = 0, AbsoluteGap = 0 }.Solve(net.Problem, cancelled.Token);
        Assert.True(result.TimedOut);
        Holds(net, result, "cancelled");
    }

    /// <summary>What holds for every result, however the search ended.</summary>
    private static void Holds(Net net, SearchResult result, string what)
    {
        Assert.True(result.Lower <= result.Upper, $"{what}: [{result.Lower:R}, {result.Upper:R}]");
        if (result.Witness.Length > 0)
        {
            Assert.True(net.Problem.Domain.Contains(result.Witness), $"{what}: the witness lies outside");
            Assert.True(Rational.Of(result.Lower) <= net.Value(result.Witness), $"{what}: the witness does not attain {result.Lower:R}");
        }
        else
        {
            Assert.Equal(double.NegativeInfinity, result.Lower);
        }

        // The tree cuts the domain into the leaves, in order, and the kernel repeats the upper end from it.
        var (parts, bounds) = (Parts(result.Tree, net.Problem.Domain.Box), Bounds.For(net.Problem));
        Assert.Equal(result.Leaves.Count, parts.Count);
        var known = result.Leaves.Select(leaf => (string.Join(' ', leaf.Part.Lower), string.Join(' ', leaf.Part.Upper))).ToHashSet();
        foreach (var (part, ancestors) in parts)
        {
            Assert.Contains((string.Join(' ', part.Lower), string.Join(' ', part.Upper)), known);
            Assert.True(ancestors.Append(part).Reverse().Any(box => bounds.UpperBound(box, result.Upper) <= result.Upper), $"{what}: a leaf is not bounded by {result.Upper:R}");
        }

        // History only improves.
        foreach (var (before, after) in result.Progress.Zip(result.Progress.Skip(1)))
        {
            Assert.True(before.Lower <= after.Lower && after.Upper <= before.Upper);
        }
    }

    private static List<(Box Part, Box[] Ancestors)> Parts(EvidenceTree tree, Box domain)
    {
        var (place, parts) = (0, new List<(Box, Box[])>());
        Walk(domain, []);
        Assert.Equal(tree.Codes.Length, place);
        return parts;

        void Walk(Box part, Box[] ancestors)
        {
            var code = tree.Codes[place++];
            if (code == 0)
            {
                parts.Add((part, ancestors));
                return;
            }

            var (left, right) = part.Split(code - 1);
            Walk(left, [.. ancestors, part]);
            Walk(right, [.. ancestors, part]);
        }
    }

    /// <summary>A small ReLU network with one output, over a box or ball, in doubles for the search and in rational numbers for the referee.</summary>
    private sealed class Net
    {
        private readonly List<(double[] Weights, double[] Biases)> layers = [];

        public Net(Random random, int inputs, Norm norm = Norm.Linf)
        {
            // Multiples of 1/64, so that rational numbers stay small; rounding is the matter of other laws.
            double Draw() => random.Next(7) == 0 ? 0 : random.Next(-64, 65) / 64.0;
            int[] sizes = [inputs, random.Next(2, 7), random.Next(2, 5), 1];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", inputs);
            for (var k = 1; k < sizes.Length; k++)
            {
                double[] weights = [.. Enumerable.Range(0, sizes[k] * sizes[k - 1]).Select(_ => Draw())];
                double[] biases = [.. Enumerable.Range(0, sizes[k]).Select(_ => Draw())];
                layers.Add((weights, biases));
                vector = builder.Affine(k == 1 ? vector : builder.Apply(new ReLU(), vector), weights, biases);
            }

            builder.Output("y", vector);
            double[] center = [.. Enumerable.Range(0, inputs).Select(_ => Draw())];
            double[] radius = [.. Enumerable.Range(0, inputs).Select(_ => random.Next(8, 128) / 64.0)];
            Box = new Box([.. center.Zip(radius, (c, r) => c - r)], [.. center.Zip(radius, (c, r) => c + r)]);
            var domain = norm == Norm.Linf ? new Domain(Box) : new Domain(Box) { Norm = norm, Center = [.. center], Radius = [.. radius] };
            Problem = new Problem(builder.Build(), vector.Id, domain);
        }

        public Problem Problem { get; }

        public Box Box { get; }

        /// <summary>A point of the domain, often an extreme one.</summary>
        public double[] Member(Random random)
        {
            var domain = Problem.Domain;
            while (true)
            {
                double[] point = [.. Enumerable.Range(0, Box.Length).Select(j => random.Next(3) switch
                {
                    0 => Box.Lower[j],
                    1 => Box.Upper[j],
                    _ => Box.Lower[j] + (random.NextDouble() * (Box.Upper[j] - Box.Lower[j])),
                })];
                if (!domain.Center.IsEmpty)
                {
                    var shares = point.Select((x, j) => Math.Abs(x - domain.Center[j]) / domain.Radius[j]).ToArray();
                    var size = domain.Norm == Norm.L1 ? shares.Sum() : Math.Sqrt(shares.Sum(s => s * s));
                    point = [.. point.Select((x, j) => size > 1 ? domain.Center[j] + ((1 - 1e-14) * (x - domain.Center[j]) / size) : x)];
                }

                if (domain.Contains(point))
                {
                    return point;
                }
            }
        }

        public Rational Value(double[] x) => Forward([.. x.Select(Rational.Of)], layers.Count)[0];

        /// <summary>The largest value on the segment from a to b.</summary>
        public Rational Maximum(double[] a, double[] b) => Knots(a, b).Select(t => Forward(At(a, b, t), layers.Count)[0]).Max();

        /// <summary>The largest |slope| of a piece on the box of one coordinate.</summary>
        public Rational Steepest()
        {
            var knots = Knots(Box.Lower, Box.Upper);
            var length = Rational.Of(Box.Upper[0]) - Rational.Of(Box.Lower[0]);
            var values = knots.Select(t => Forward(At(Box.Lower, Box.Upper, t), layers.Count)[0]).ToArray();
            return Enumerable.Range(1, knots.Count - 1).Max(k => ((values[k] - values[k - 1]) / ((knots[k] - knots[k - 1]) * length)).Abs());
        }

        /// <summary>Places on the segment, 0 to 1, between which the network is linear: layer by layer, where an argument of a ReLU changes sign.</summary>
        private List<Rational> Knots(double[] a, double[] b)
        {
            var knots = new List<Rational> { Rational.Of(0), Rational.Of(1) };
            var zero = Rational.Of(0);
            for (var depth = 1; depth < layers.Count; depth++)
            {
                var values = knots.Select(t => Forward(At(a, b, t), depth)).ToArray();
                var more = new List<Rational>(knots);
                for (var k = 1; k < knots.Count; k++)
                {
                    for (var i = 0; i < values[k].Length; i++)
                    {
                        var (from, to) = (values[k - 1][i], values[k][i]);
                        if (from.CompareTo(zero) * to.CompareTo(zero) < 0)
                        {
                            more.Add((knots[k - 1] + ((knots[k] - knots[k - 1]) * (from / (from - to)))).Reduced());
                        }
                    }
                }

                knots = [.. more.Order().Distinct()];
            }

            return knots;
        }

        private static Rational[] At(double[] a, double[] b, Rational t) =>
            [.. a.Zip(b, (p, q) => (Rational.Of(p) + (t * (Rational.Of(q) - Rational.Of(p)))).Reduced())];

        /// <summary>The arguments of the ReLUs after <paramref name="depth"/> layers, or the output after all.</summary>
        private Rational[] Forward(Rational[] x, int depth)
        {
            var zero = Rational.Of(0);
            for (var k = 0; k < depth; k++)
            {
                var (weights, biases) = layers[k];
                Rational[] inputs = k == 0 ? x : [.. x.Select(v => v >= zero ? v : zero)];
                x = [.. biases.Select((bias, i) => inputs.Select((v, j) => v * Rational.Of(weights[(i * inputs.Length) + j]))
                    .Aggregate(Rational.Of(bias), (sum, term) => (sum + term).Reduced()))];
            }

            return x;
        }
    }
}
