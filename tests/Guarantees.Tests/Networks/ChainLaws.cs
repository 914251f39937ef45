using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Graphs;

/// <summary>A chain is the network that it was read from, exactly.</summary>
/// <remarks>
/// The referee is exact: rational numbers, node by node of the network and layer by layer of the chain. Mutants planted and found: products merged whatever they
/// round; a bias lost in a product; sums of coefficients merged whatever they round; a map used before and again behind an activation; a vector read twice
/// read once.
/// </remarks>
public class ChainLaws
{
    private static readonly double[] Dyadic = [1, -1, 0.5, 2, -0.25, 0, 3];
    private static readonly double[] Decimal = [0.1, -0.3, 1.0 / 3, 0.7, -1e-3, 1, 0, 1e17, -1e17];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chain_equals_its_network_in_rational_numbers(bool decimals)
    {
        var (merged, kept) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var (network, objective, maps) = Draw(random, decimals ? Decimal : Dyadic);
            var chain = Chain.TryRead(network, objective);
            Assert.NotNull(chain);
            Assert.Null(chain.Layers[^1].Activation);
            Assert.Equal((network.InputLength, network.Nodes[objective].Length), (chain.InputLength, chain.OutputLength));
            for (var trial = 0; trial < 4; trial++)
            {
                Rational[] x = [.. Enumerable.Range(0, network.InputLength).Select(_ => Rational.Of((random.NextDouble() * 4) - 2))];
                Assert.Equal(ExactNetwork.Evaluate(network, x)[objective], Evaluate(chain, x));
            }

            // A layer ends at an activation, and otherwise only where a product was not exact.
            var needed = network.Nodes.Count(node => node.Operator is ReLU) + 1;
            Assert.InRange(chain.Layers.Length, needed, needed + maps);
            merged += chain.Layers.Length == needed ? 1 : 0;
            kept += chain.Layers.Length > needed ? 1 : 0;
        }

        Assert.True(decimals ? kept > 30 : merged == 150, $"{merged} merged, {kept} kept apart");
    }

    [Fact]
    public void Activations_of_every_kind_stay_in_their_place()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var y = builder.Apply(new Tanh(), builder.Apply(new Sigmoid(), builder.Apply(new ReLU(), builder.Affine(x, [1, 0.1, -2, 0.3, 0, 1], [0.1, 0, -1]))));
        y = builder.Apply(new LeakyReLU(0.1), y);
        builder.Output("y", y);
        var network = builder.Build();
        var chain = Chain.TryRead(network, y.Id)!;
        Assert.Equal(["ReLU", "Sigmoid", "Tanh", "LeakyReLU", "none"], chain.Layers.Select(layer => layer.Activation?.GetType().Name ?? "none"));
        var random = new Random(4);
        for (var trial = 0; trial < 50; trial++)
        {
            double[] point = [(random.NextDouble() * 6) - 3, (random.NextDouble() * 6) - 3];
            double[] values = point;
            foreach (var layer in chain.Layers)
            {
                values = [.. Enumerable.Range(0, layer.Outputs).Select(i =>
                    layer.Bias[i] + Enumerable.Range(0, layer.Inputs).Sum(j => layer.Weights[(i * layer.Stride) + j] * values[j]))];
                values = layer.Activation is { } f ? [.. values.Select(f.Value)] : values;
            }

            Assert.All(network.Evaluate(point)[y.Id].Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        }
    }

    [Fact]
    public void A_vector_read_twice_is_read_twice()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var sum = builder.Add(new SparseAffine([[(0, 0, 1.0), (1, 0, 2.0), (1, 1, -1.0)]]), [x, x]);
        builder.Output("y", sum);
        var chain = Chain.TryRead(builder.Build(), sum.Id)!;
        Assert.Equal([3, -1], chain.Layers[0].Weights[..2]);
    }

    /// <summary>Coefficients that are only known by an interval, sums of them that round, branches, several inputs, products, constants.</summary>
    [Fact]
    public void What_is_no_chain_with_exact_coefficients_is_left_to_others()
    {
        Assert.Null(Read(builder => builder.Apply(new Scale(new Box([0.1, 1], [0.2, 1])), builder.Input("x", 2))));
        Assert.NotNull(Read(builder => builder.Apply(new Scale(new Box([0.1, 1], [0.1, 1])), builder.Input("x", 2))));
        Assert.Null(Read(builder => builder.Input("x", 2) is var x ? builder.Add(new SparseAffine([[(0, 0, 1.0), (1, 0, 1e-30)]]), [x, x]) : x));
        Assert.Null(Read(builder => builder.Input("x", 2) is var x ? x + builder.Apply(new ReLU(), x) : x));
        Assert.Null(Read(builder => builder.Input("x", 2) is var x ? x * x : x));
        Assert.Null(Read(builder => builder.Input("x", 2) + builder.Input("z", 2)));
        Assert.Null(Read(builder => builder.Input("x", 2) is var x ? builder.Apply(new ReLU(), builder.Input("z", 2)) : x));
        Assert.Null(Read(builder => builder.Input("x", 2) is var x ? builder.Apply(new ReLU(), builder.Constant(1, 2)) : x));
        Assert.NotNull(Read(builder => builder.Input("x", 2)));
    }

    /// <summary>A dense matrix of a selection of 100,000 elements would take 80 GB, one of 20,000 3.2 GB.</summary>
    [Theory]
    [InlineData(100_000)]
    [InlineData(20_000)]
    public void A_long_vector_is_left_to_others_before_memory_is_taken(int length)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Read(builder => builder.Add(new SparseAffine([.. Enumerable.Range(0, length).Select(i => new[] { (0, i, 2.0) })]), [builder.Input("x", length)])));
        Assert.Null(Read(builder => builder.Apply(new ReLU(), builder.Input("x", length))));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 500_000_000);
    }

    private static Chain? Read(Func<NetworkBuilder, Vector> make)
    {
        var builder = new NetworkBuilder();
        var y = make(builder);
        builder.Output("y", y);
        return Chain.TryRead(builder.Build(), y.Id);
    }

    private static (Network Network, int Objective, int Maps) Draw(Random random, double[] weights)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", random.Next(1, 5));
        var maps = random.Next(1, 8);
        for (var k = 0; k < maps; k++)
        {
            var n = random.Next(1, 5);
            x = random.Next(6) switch
            {
                0 => builder.Apply(new ReLU(), x),
                1 => builder.Select(x, [.. Enumerable.Range(0, n).Select(_ => random.Next(x.Length))]),
                2 => Weight() * x + Weight(),
                3 when Enumerable.Range(0, x.Length).Select(_ => Weight()).ToArray() is var factors => builder.Apply(new Scale(new Box(factors, factors)), x),
                _ => builder.Affine(x, [.. Enumerable.Range(0, n * x.Length).Select(_ => Weight())], [.. Enumerable.Range(0, n).Select(_ => Weight())]),
            };
        }

        builder.Output("y", x);
        return (builder.Build(), x.Id, maps);

        double Weight() => weights[random.Next(weights.Length)];
    }

    private static Rational[] Evaluate(Chain chain, Rational[] x)
    {
        foreach (var layer in chain.Layers)
        {
            x = [.. Enumerable.Range(0, layer.Outputs).Select(i =>
            {
                var sum = Rational.Of(layer.Bias[i]);
                for (var j = 0; j < layer.Inputs; j++)
                {
                    sum += Rational.Of(layer.Weights[(i * layer.Stride) + j]) * x[j];
                }

                return layer.Activation is ReLU && sum.Sign < 0 ? Rational.Zero : sum;
            })];
        }

        return x;
    }
}
