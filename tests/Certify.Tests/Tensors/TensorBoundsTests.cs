using Certify.Native;
using Certify.Tensors;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using static TorchSharp.torch;

namespace Certify.Tests.Tensors;

public sealed class TensorBoundsTests
{
    public static TheoryData<string, string> Acas => ReferenceBounds.Acas;

    public static TheoryData<string> Activations => [.. Supported.Keys];

    private static readonly Dictionary<string, Activation> Supported = new()
    {
        ["relu"] = new ReLU(),
        ["leaky"] = new LeakyReLU(0.1),
        ["steep leaky"] = new LeakyReLU(1),
        ["tanh"] = new Tanh(),
        ["sigmoid"] = new Sigmoid(),
    };

    public TensorBoundsTests() => NativeTorch.EnsureLoaded();

    [SharedDataTheory]
    [MemberData(nameof(Acas))]
    [InlineData("relu_3x256", "mlp_e0.05_b1")]
    [InlineData("tanh_3x256", "mlp_e0.05_b1")]
    public void Interval_equals_the_reference(string model, string boxes)
    {
        using var bounds = new TensorBounds(ReferenceBounds.Network(model));
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        ReferenceBounds.AssertClose(ReferenceBounds.Bounds(model, boxes, "IBP"), bounds.Interval(lower, upper), 1e-6);
    }

    [SharedDataTheory]
    [MemberData(nameof(Acas))]
    public void Crown_equals_the_reference_that_bounds_every_layer_backwards(string model, string boxes)
    {
        using var bounds = new TensorBounds(ReferenceBounds.Network(model));
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        ReferenceBounds.AssertClose(ReferenceBounds.Bounds(model, boxes, "CROWN-pure"), bounds.Crown(lower, upper), 1e-6);
    }

    [SharedDataTheory]
    [InlineData("relu_3x256", "mlp_e0.05_b1")]
    public void Crown_equals_the_default_reference_where_intervals_decide_no_neuron_wrongly(string model, string boxes)
    {
        using var bounds = new TensorBounds(ReferenceBounds.Network(model));
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        ReferenceBounds.AssertClose(ReferenceBounds.Bounds(model, boxes, "CROWN"), bounds.Crown(lower, upper), 1e-6);
    }

    /// <summary>The law of every supported activation, on random chains over thin, ordinary, wide and degenerate boxes.</summary>
    [Theory]
    [MemberData(nameof(Activations))]
    public void Bounds_hold_at_random_points(string activation)
    {
        var random = new Random(20261124);
        for (var trial = 0; trial < 20; trial++)
        {
            var network = Chain(random, Supported[activation], [3, 8, 6, 2]);
            using var bounds = new TensorBounds(network) { ChunkSize = 3 };
            var (lower, upper) = RandomBoxes(random, 8, 3);
            foreach (var (low, high) in new[] { bounds.Interval(lower, upper), bounds.Crown(lower, upper) })
            {
                for (var i = 0; i < 8; i++)
                {
                    for (var k = 0; k < 40; k++)
                    {
                        var y = network.Evaluate(Point(random, lower, upper, i))[^1];
                        Assert.All(y.Index(), output => Assert.InRange(output.Item, low[i, output.Index] - 1e-10, high[i, output.Index] + 1e-10));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Bounds_of_a_point_are_its_value(string activation)
    {
        var random = new Random(5);
        var network = Chain(random, Supported[activation], [3, 8, 6, 2]);
        using var bounds = new TensorBounds(network);
        var x = new double[,] { { 0.3, -0.7, 1.1 } };
        var y = network.Evaluate(x.Row(0))[^1];
        foreach (var (low, high) in new[] { bounds.Interval(x, x), bounds.Crown(x, x) })
        {
            Assert.All(y.Index(), output => Assert.Equal(output.Item, low[0, output.Index], 1e-7));
            Assert.All(y.Index(), output => Assert.Equal(output.Item, high[0, output.Index], 1e-7));
        }
    }

    [Fact]
    public void The_chunk_size_does_not_matter()
    {
        var random = new Random(6);
        var network = Chain(random, new ReLU(), [3, 16, 16, 2]);
        var (lower, upper) = RandomBoxes(random, 10, 3);
        using var whole = new TensorBounds(network);
        using var single = new TensorBounds(network) { ChunkSize = 1 };
        ReferenceBounds.AssertClose(whole.Crown(lower, upper), single.Crown(lower, upper), 1e-12);
        ReferenceBounds.AssertClose(whole.Interval(lower, upper), single.Interval(lower, upper), 1e-12);
    }

    [Fact]
    public void Float32_is_near_float64()
    {
        var random = new Random(7);
        var network = Chain(random, new Tanh(), [3, 16, 16, 2]);
        var (lower, upper) = RandomBoxes(random, 10, 3);
        using var exact = new TensorBounds(network);
        using var rounded = new TensorBounds(network, type: ScalarType.Float32);
        ReferenceBounds.AssertClose(exact.Crown(lower, upper), rounded.Crown(lower, upper), 1e-4);
    }

    [Fact]
    public void Linear_operators_and_constants_are_folded()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var scaled = builder.Apply(new Scale(Box.Point([2, 0.5])), x);
        var shifted = scaled - builder.Constant(1, -1);
        builder.Output("y", builder.Affine(builder.Apply(new ReLU(), shifted), [1, 1], [10]));
        using var bounds = new TensorBounds(builder.Build());

        // relu(2 x0 - 1) + relu(x1 / 2 + 1) + 10 over [1, 2] x [0, 4]: both neurons active, so CROWN is exact.
        var (lower, upper) = bounds.Crown(new double[,] { { 1, 0 } }, new double[,] { { 2, 4 } });
        Assert.Equal((12, 16), (lower[0, 0], upper[0, 0]));
    }

    [Fact]
    public void No_boxes_give_no_bounds()
    {
        using var bounds = new TensorBounds(Chain(new Random(1), new ReLU(), [3, 4, 2]));
        var (lower, upper) = bounds.Crown(new double[0, 3], new double[0, 3]);
        Assert.Equal((0, 2, 0, 2), (lower.GetLength(0), lower.GetLength(1), upper.GetLength(0), upper.GetLength(1)));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var scope = NewDisposeScope();
        using (var bounds = new TensorBounds(Chain(new Random(1), new Tanh(), [3, 4, 4, 2])))
        {
            var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            bounds.Crown(new double[5, 3], new double[5, 3]);
            bounds.Interval(new double[5, 3], new double[5, 3]);
            Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Networks_that_are_no_chain_are_refused_by_name()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var hidden = builder.Apply(new ReLU(), x);
        builder.Output("sum", x + hidden);
        builder.Output("exp", builder.Apply(new Exp(), x, "growth"));
        var network = builder.Build();

        Assert.Contains("sequential", Refusal("sum"), StringComparison.Ordinal);
        Assert.Contains("'growth' (Exp", Refusal("exp"), StringComparison.Ordinal);
        Assert.Contains("2 outputs", Refusal(null), StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => new TensorBounds(network, output: "none"));

        string Refusal(string? output) => Assert.Throws<NotSupportedException>(() => new TensorBounds(network, output: output)).Message;
    }

    [Fact]
    public void Boxes_that_do_not_fit_are_refused()
    {
        using var bounds = new TensorBounds(Chain(new Random(1), new ReLU(), [3, 4, 2]));
        Assert.Throws<ArgumentException>(() => bounds.Crown(new double[1, 2], new double[1, 2]));
        Assert.Throws<ArgumentException>(() => bounds.Crown(new double[1, 3], new double[2, 3]));
        Assert.Throws<ArgumentException>(() => bounds.Crown(new double[,] { { 0, 0, 1 } }, new double[1, 3]));
        Assert.Throws<ArgumentException>(() => bounds.Crown(new double[,] { { 0, 0, double.NaN } }, new double[1, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TensorBounds(Chain(new Random(1), new ReLU(), [3, 4, 2]), type: ScalarType.Int32));
    }

    private static Network Chain(Random random, Activation activation, int[] sizes)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", sizes[0]);
        for (var k = 1; k < sizes.Length; k++)
        {
            x = builder.Affine(k == 1 ? x : builder.Apply(activation, x), Draw(sizes[k] * sizes[k - 1], 1.5), Draw(sizes[k], 0.5));
        }

        builder.Output("y", x);
        return builder.Build();

        double[] Draw(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => scale * ((2 * random.NextDouble()) - 1))];
    }

    private static (double[,] Lower, double[,] Upper) RandomBoxes(Random random, int count, int length)
    {
        double[] radii = [0, 1e-9, 0.01, 0.3, 3];
        var (lower, upper) = (new double[count, length], new double[count, length]);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < length; j++)
            {
                var (middle, radius) = ((2 * random.NextDouble()) - 1, radii[random.Next(radii.Length)]);
                (lower[i, j], upper[i, j]) = (middle - radius, middle + radius);
            }
        }

        return (lower, upper);
    }

    /// <summary>A corner coordinate one time in three, else anywhere.</summary>
    private static double[] Point(Random random, double[,] lower, double[,] upper, int i) =>
        [.. Enumerable.Range(0, lower.GetLength(1)).Select(j => random.Next(6) switch
        {
            0 => lower[i, j],
            1 => upper[i, j],
            _ => Math.Clamp(lower[i, j] + (random.NextDouble() * (upper[i, j] - lower[i, j])), lower[i, j], upper[i, j]),
        })];
}
