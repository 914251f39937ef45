using Certify.Native;
using Certify.Search;
using Certify.Tensors;
using GpuBench;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using static TorchSharp.torch;

namespace Certify.Tests.Tensors;

/// <summary>What bench/gpu runs on a GPU, on the processor; and that its checks find faults.</summary>
/// <remarks>
/// Mutants that the checks found, each in several nets and both types: -a r for -|a| r at the input; max(a, 0) for min(a, 0) in a walk; a layer's constant left out; lower
/// slope 1 for every undecided neuron; a chord too flat by 1e-6; an interval's radius too small by 0.1 %. The test of the collector found a + b for a.add(b, One).
/// </remarks>
public sealed class DeviceBenchTests
{
    public DeviceBenchTests() => NativeTorch.EnsureLoaded();

    [Fact]
    public void Every_quick_check_of_the_benchmark_passes_on_the_processor()
    {
        var checks = new Checks(CPU, _ => { });
        checks.Run(quick: true);
        Assert.Equal(14, checks.Results.Count);
        Assert.All(checks.Results, check => Assert.True(check.Holds, $"{check.What}: {check.Figures}"));
    }

    /// <summary>A tolerance that holds anything proves nothing: products with ten bits of mantissa, as TF32 makes them, must be seen.</summary>
    [Fact]
    public void Rounding_to_the_bits_of_tf32_is_outside_the_tolerance()
    {
        var net = Net.Draw(1, 5, 50, 6, 5);
        var coarse = net with { Weights = [.. net.Weights.Select(matrix => matrix.Select(Coarse).ToArray())] };
        var (lower, upper) = net.Boxes(17, 12);
        using var bounds = new TensorBounds(coarse.ToNetwork(), type: ScalarType.Float32);
        var found = bounds.Layers(lower, upper, crown: true);
        var reference = new Reference(net, Math.ScaleB(1, -24));
        var outside = 0;
        for (var i = 0; i < 12; i++)
        {
            var layers = reference.Layers(lower.Row(i), upper.Row(i), crown: true, k => (found[k].Lower.Row(i), found[k].Upper.Row(i)));
            outside += layers.Index().Sum(layer => layer.Item.Error.Index().Count(o => Math.Abs(found[layer.Index].Upper[i, o.Index] - layer.Item.Upper[o.Index]) > o.Item));
        }

        Assert.True(outside > 1000, $"{outside} bounds are outside");

        static float Coarse(float value) => BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(value) + (1 << 12)) & ~((1 << 13) - 1));
    }

    [Fact]
    public void The_last_of_all_layers_is_the_output()
    {
        var net = Net.Draw(5, 4, 12, 3, 2);
        var (lower, upper) = net.Boxes(3, 7);
        using var bounds = new TensorBounds(net.ToNetwork()) { ChunkSize = 3 };
        foreach (var crown in (bool[])[false, true])
        {
            var layers = bounds.Layers(lower, upper, crown);
            Assert.Equal([12, 12, 12, 2], layers.Select(layer => layer.Lower.GetLength(1)));
            ReferenceBounds.AssertClose(crown ? bounds.Crown(lower, upper) : bounds.Interval(lower, upper), layers[^1], 1e-12);
        }
    }

    /// <summary>One box of net 2-3-1: W_0, W_1 by intervals 2 (2 * 6) + 2 * 2 * 3; CROWN 2 (2 * 6) + 2 * (2 * 1) * 6.</summary>
    [Fact]
    public void Operations_are_counted_by_the_formula()
    {
        using var bounds = new TensorBounds(Net.Draw(1, 2, 3, 1, 1).ToNetwork());
        Assert.Equal(24 + 12, bounds.Operations(crown: false));
        Assert.Equal(24 + 24, bounds.Operations(crown: true));
    }

    /// <summary>TorchSharp frees the numbers of an expression while libtorch may still read them: see <see cref="TensorArithmetic"/>.</summary>
    [Theory]
    [InlineData("relu")]
    [InlineData("leaky")]
    [InlineData("sigmoid")]
    public void Bounds_are_the_same_while_the_collector_runs(string activation)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 3);
        Activation function = activation switch { "relu" => new ReLU(), "leaky" => new LeakyReLU(0.1), _ => new Sigmoid() };
        x = builder.Apply(function, builder.Affine(x, [1, -2, 0.5, 0.3, 1, -1], [0.1, -0.2]));
        builder.Output("y", builder.Affine(builder.Apply(function, builder.Affine(x, [1, -1, 2, 0.5], [0, 0.1])), [1, -1], [0]));
        using var bounds = new TensorBounds(builder.Build());
        var (lower, upper) = (new double[,] { { -1, -1, -1 }, { 0, 0.1, 0.2 } }, new double[,] { { 1, 1, 1 }, { 0, 0.2, 0.4 } });
        var expected = Numbers();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var trial = 0; trial < 1500; trial++)
            {
                Assert.Equal(expected, Numbers());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }

        double[] Numbers() => [.. new[] { bounds.Crown(lower, upper), bounds.Interval(lower, upper) }.SelectMany(pair => pair.Lower.Cast<double>().Concat(pair.Upper.Cast<double>()))];
    }

    [Fact]
    public void A_guide_names_the_coordinate_that_settles_both_halves()
    {
        // g = max(x1, 0) - max(x1 - 0.25, 0) - 0.3 over [-1, 1]²: 0.7 for the whole and for halves across x0; -0.3 and -0.05 for halves across x1, where the second slope turns.
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var bend = builder.Apply(new ReLU(), builder.Affine(x, [0, 1, 0, 1], [0, -0.25]));
        builder.Output("g", builder.Affine(bend, [1, -1], [-0.3]));
        var network = builder.Build();
        var problem = new Problem(network, network.Outputs[0].Node, new Domain(new Box([-1, -1], [1, 1])));
        using var guide = TensorGuide.TryFor(problem, CPU, out var reason);
        Assert.True(guide is not null, reason);

        Assert.Equal([1], guide.Axes([problem.Domain.Box], -0.001));
        Assert.Equal([-1], guide.Axes([problem.Domain.Box], -5)); // nothing settles: no advice
        Assert.Equal([1, -1], guide.Axes([problem.Domain.Box, Box.Point([0.5, 0.5])], -0.001)); // a point cannot be halved
        Assert.Equal((4, 2), (guide.Asked, guide.Advised));
    }

    [Fact]
    public void A_search_that_is_advised_proves_and_refutes_as_one_that_is_not()
    {
        var net = Net.Draw(8, 3, 12, 2, 1);
        var network = net.ToNetwork();
        var box = new Box([-0.5, -0.5, -0.5], [0.5, 0.5, 0.5]);
        var problem = new Problem(network, network.Outputs[0].Node, new Domain(box));
        using var guide = TensorGuide.TryFor(problem, CPU, out _)!;
        var highest = new BranchAndBound { RelativeGap = 0, AbsoluteGap = 1e-3, Guide = guide }.Solve(problem);
        Assert.InRange(highest.Upper - highest.Lower, 0, 1.1e-3);
        foreach (var (target, outcome) in new[] { (highest.Upper + 1e-3, DecisionOutcome.Proved), (highest.Lower - 1e-3, DecisionOutcome.Refuted) })
        {
            Assert.Equal(outcome, new DecisionSearch { Target = target, Guide = guide }.Solve(problem).Outcome);
            Assert.Equal(outcome, new DecisionSearch { Target = target }.Solve(problem).Outcome);
        }
    }

    [Fact]
    public void A_problem_that_is_no_chain_gets_no_guide_and_a_reason()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("g", x[0] * x[1]);
        var network = builder.Build();
        Assert.Null(TensorGuide.TryFor(new Problem(network, network.Outputs[0].Node, new Domain(new Box([0, 0], [1, 1]))), CPU, out var reason));
        Assert.NotEmpty(reason);
    }
}
