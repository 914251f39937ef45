using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Graphs;
using Xunit;

namespace Guarantees.Tests.Checking;

/// <summary>CROWN-IBP: interval arithmetic before the output, one backward pass for it.</summary>
/// <remarks>
/// The reference below is the method of the paper in rational numbers, one coefficient at a time, and shares no code with the kernel but the graph: H. Zhang et al., "Towards Stable and
/// Efficient Training of Verifiably Robust Neural Networks", ICLR 2020, sec. 3.2, with the adaptive slopes of CROWN. Mutants planted and found: ranges before the output tightened
/// backwards; the backward bound dropped; a lower slope that is always 0.
/// </remarks>
public class CrownIbpTests
{
    [Fact]
    public void Bounds_equal_a_slow_reference_hold_at_exact_points_and_are_never_looser_than_intervals()
    {
        var (tighter, looser) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var (network, node) = Draw(random);
            var box = new Box(network.InputLength);
            for (var j = 0; j < box.Length; j++)
            {
                var (low, width) = (random.Next(-8, 5) / 4.0, random.Next(5) / (double)(1 << random.Next(4)));
                box[j] = new(low, low + width);
            }

            var found = Assert.Single(new OutputBounds { IntervalsOnly = true, Threads = 1 }.Over(network, node, [box]));
            var (plain, full) = (network.Ranges(box)[node], Assert.Single(new OutputBounds { Threads = 1 }.Over(network, node, [box])));
            var reference = Reference(network, node, box);
            for (var i = 0; i < found.Length; i++)
            {
                Assert.True(found.Lower[i] >= plain.Lower[i] && found.Upper[i] <= plain.Upper[i], $"seed {seed}: {found[i]} beyond {plain[i]}");
                var size = 1e-9 * (1 + plain[i].Magnitude);
                Assert.InRange(found.Lower[i] - reference[i].Lower, -size, size);
                Assert.InRange(found.Upper[i] - reference[i].Upper, -size, size);
                tighter += found[i].Width < plain[i].Width - size ? 1 : 0;
                looser += found[i].Width > full[i].Width + size ? 1 : 0;
            }

            for (var trial = 0; trial < 20; trial++)
            {
                Rational[] x = [.. Enumerable.Range(0, box.Length).Select(j => Rational.Of(box.Lower[j]) + ((Rational.Of(box.Upper[j]) - Rational.Of(box.Lower[j])) * Rational.Of(random.Next(9) / 8.0)))];
                var y = ExactNetwork.Evaluate(network, x)[node];
                for (var i = 0; i < y.Length; i++)
                {
                    Assert.True(y[i].CompareTo(found.Lower[i]) >= 0 && y[i].CompareTo(found.Upper[i]) <= 0, $"seed {seed}: {y[i]} outside {found[i]}");
                }
            }
        }

        Assert.True(tighter > 100 && looser > 30, $"{tighter} tighter than intervals, {looser} looser than CROWN");
    }

    /// <summary>Smooth functions and products: no exact values, so points in ordinary arithmetic, which may err by 1e-9.</summary>
    [Fact]
    public void Bounds_hold_on_other_operators()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var builder = new NetworkBuilder();
            var x = builder.Input("x", 3);
            var h = builder.Apply(seed % 2 == 0 ? new Tanh() : new Softplus(), Layer(builder, random, x, 4));
            var gate = builder.Apply(new Sigmoid(), Layer(builder, random, x, 4));
            builder.Output("y", Layer(builder, random, h * gate, 2));
            var network = builder.Build();
            var node = network.Outputs[0].Node;
            var box = new Box([-1, -0.5, 0], [-0.5, 0.5, 1]);
            var found = new OutputBounds { IntervalsOnly = true, Threads = 1 }.Over(network, node, [box, box])[1];
            var plain = network.Ranges(box)[node];
            for (var i = 0; i < 2; i++)
            {
                Assert.True(plain[i].Contains(found[i]));
            }

            for (var trial = 0; trial < 200; trial++)
            {
                var y = network.Evaluate([.. Enumerable.Range(0, 3).Select(j => box.Lower[j] + ((box.Upper[j] - box.Lower[j]) * random.NextDouble()))])[node];
                Assert.True(y.Index().All(item => item.Item >= found.Lower[item.Index] - 1e-9 && item.Item <= found.Upper[item.Index] + 1e-9));
            }
        }
    }

    /// <summary>The better of the interval bound and the backward bound of every element, in rational numbers, as doubles.</summary>
    private static Interval[] Reference(Network network, int target, Box box)
    {
        var ranges = new (Rational Lower, Rational Upper)[network.Nodes.Length][];
        var start = 0;
        foreach (var node in network.Nodes)
        {
            ranges[node.Id] = new (Rational, Rational)[node.Length];
            for (var i = 0; i < node.Length; i++)
            {
                ranges[node.Id][i] = node.Operator switch
                {
                    Input => (Rational.Of(box.Lower[start + i]), Rational.Of(box.Upper[start + i])),
                    ReLU => (Positive(ranges[node.Arguments[0]][i].Lower), Positive(ranges[node.Arguments[0]][i].Upper)),
                    LinearOperator linear => Weigh(linear, i, node),
                    _ => throw new NotSupportedException($"{node}"),
                };
            }

            start += node.Operator is Input ? node.Length : 0;
        }

        return [.. Enumerable.Range(0, network.Nodes[target].Length).Select(i =>
        {
            var (plain, upper, lower) = (ranges[target][i], Backward(i, Rational.One), -Backward(i, -Rational.One));
            return new Interval((lower > plain.Lower ? lower : plain.Lower).RoundDown(), (upper < plain.Upper ? upper : plain.Upper).RoundUp());
        })];

        (Rational, Rational) Weigh(LinearOperator linear, int i, Node node)
        {
            var (low, high) = (Rational.Of(linear.Bias(i)), Rational.Of(linear.Bias(i)));
            var terms = linear.Terms(i);
            for (var t = 0; t < terms.Count; t++)
            {
                var (argument, element, weight) = terms[t];
                var (l, u) = ranges[node.Arguments[argument]][element];
                var w = Rational.Of(weight);
                (low, high) = weight >= 0 ? (low + (w * l), high + (w * u)) : (low + (w * u), high + (w * l));
            }

            return (low, high);
        }

        // The largest value of sign times element i.
        Rational Backward(int i, Rational sign)
        {
            var open = new SortedDictionary<(int Node, int Element), Rational>(Comparer<(int, int)>.Create((a, b) => b.CompareTo(a))) { [(target, i)] = sign };
            var constant = Rational.Zero;
            while (open.Count > 0)
            {
                var ((id, element), a) = open.First();
                open.Remove((id, element));
                var node = network.Nodes[id];
                switch (node.Operator)
                {
                    case Input:
                        constant += a * (a.Sign > 0 ? ranges[id][element].Upper : ranges[id][element].Lower);
                        break;
                    case LinearOperator linear:
                        constant += a * Rational.Of(linear.Bias(element));
                        var terms = linear.Terms(element);
                        for (var t = 0; t < terms.Count; t++)
                        {
                            Add((node.Arguments[terms[t].Argument], terms[t].Element), a * Rational.Of(terms[t].Weight));
                        }

                        break;
                    default:
                        var (l, u) = ranges[node.Arguments[0]][element];
                        var (slope, intercept) = l.Sign >= 0 ? (Rational.One, Rational.Zero)
                            : u.Sign <= 0 ? (Rational.Zero, Rational.Zero)
                            : a.Sign > 0 ? (u / (u - l), -(u * l) / (u - l))
                            : (u > -l ? Rational.One : Rational.Zero, Rational.Zero);
                        constant += a * intercept;
                        Add((node.Arguments[0], element), a * slope);
                        break;
                }
            }

            return constant;

            void Add((int, int) place, Rational value) => open[place] = open.GetValueOrDefault(place) + value;
        }
    }

    private static Rational Positive(Rational x) => x.Sign > 0 ? x : Rational.Zero;

    /// <summary>A chain, or one with a shortcut around a layer.</summary>
    private static (Network Network, int Node) Draw(Random random)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", random.Next(1, 4));
        var h = builder.Apply(new ReLU(), Layer(builder, random, x, 4));
        for (var k = random.Next(3); k > 0; k--)
        {
            var next = builder.Apply(new ReLU(), Layer(builder, random, h, 4));
            h = random.Next(3) == 0 ? h + next : next;
        }

        builder.Output("y", Layer(builder, random, h, 2));
        var network = builder.Build();
        return (network, network.Outputs[0].Node);
    }

    private static Vector Layer(NetworkBuilder builder, Random random, Vector from, int n) => builder.Affine(
        from, [.. Enumerable.Range(0, n * from.Length).Select(_ => random.Next(-8, 9) / 8.0)], [.. Enumerable.Range(0, n).Select(_ => random.Next(-8, 9) / 8.0)]);
}
