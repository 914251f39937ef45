using Certify.Tensors;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Xunit;

namespace Certify.Tests.Tensors;

/// <summary>The trusted bounds against bounds found elsewhere and against points.</summary>
public sealed class HostBoundsTests
{
    public static TheoryData<string, string> Acas => ReferenceBounds.Acas;

    [SharedDataTheory]
    [MemberData(nameof(Acas))]
    [InlineData("relu_3x256", "mlp_e0.05_b1")]
    [InlineData("tanh_3x256", "mlp_e0.05_b1")]
    public void Backward_bounds_contain_sampled_outputs(string model, string boxes)
    {
        var (random, network) = (new Random(20261124), ReferenceBounds.Network(model));
        var samples = ReferenceBounds.Boxes(boxes).Lower.GetLength(0) == 1 ? 2000 : 20;
        foreach (var (box, range, _) in Bounded(network, boxes))
        {
            for (var k = 0; k < samples; k++)
            {
                // Enclosures of the exact value: rounding in the sample is no excuse.
                double[] point = [.. Enumerable.Range(0, box.Length).Select(j => random.Next(5) switch
                {
                    0 => box.Lower[j],
                    1 => box.Upper[j],
                    _ => Math.Clamp(box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]),
                })];
                var value = network.Ranges(Box.Point(point))[network.Outputs[0].Node];
                for (var i = 0; i < range.Length; i++)
                {
                    Assert.True(range.Lower[i] <= value.Upper[i] && value.Lower[i] <= range.Upper[i], $"output {i} of {string.Join(", ", point)}");
                }
            }
        }
    }

    /// <summary>
    /// The reference's default, as ours, tightens only neurons that intervals leave undecided; ours also keeps the better of both bounds. That
    /// can turn the choice of a lower slope, so a single box may come out looser, but not the boxes together.
    /// </summary>
    [SharedDataTheory]
    [MemberData(nameof(Acas))]
    [InlineData("relu_3x256", "mlp_e0.05_b1")]
    public void Backward_bounds_are_together_at_least_as_tight_as_the_reference(string model, string boxes)
    {
        var (lower, upper) = ReferenceBounds.Bounds(model, boxes, "CROWN");
        var (ours, reference) = (0.0, 0.0);
        foreach (var (_, range, row) in Bounded(ReferenceBounds.Network(model), boxes))
        {
            for (var i = 0; i < range.Length; i++)
            {
                ours += range.Upper[i] - range.Lower[i];
                reference += upper[row, i] - lower[row, i];
            }
        }

        Assert.True(ours <= reference * (1 + 1e-6), $"total width {ours:R}, reference {reference:R}");
    }

    /// <summary>The fast path: over all boxes together tighter than every intermediate bound by full backward relaxation, and than slopes optimised in 20 rounds.</summary>
    [SharedDataTheory]
    [InlineData("acas_1_1", "acas_p1_b1", 0, "CROWN-pure")]
    [InlineData("acas_1_1", "acas_p1_b256", 0, "CROWN-pure")]
    [InlineData("acas_1_1", "acas_p3_b256", 0, "CROWN-pure")]
    [InlineData("acas_1_1", "acas_p4_b256", 0, "CROWN-pure")]
    [InlineData("acas_1_1", "acas_p1_b1", 10, "CROWN-Optimized")]
    [InlineData("acas_1_1", "acas_p1_b256", 10, "CROWN-Optimized")]
    [InlineData("acas_1_1", "acas_p3_b256", 10, "CROWN-Optimized")]
    public void Chains_are_bounded_more_tightly_than_the_reference_does(string model, string boxes, int steps, string method)
    {
        var network = ReferenceBounds.Network(model);
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        Box[] parts = [.. Enumerable.Range(0, lower.GetLength(0)).Select(row => new Box(lower.Row(row), upper.Row(row)))];
        var ours = new OutputBounds { Steps = steps }.Over(network, network.Outputs[0].Node, parts);
        var reference = ReferenceBounds.Bounds(model, boxes, method);
        var (width, referenceWidth) = (0.0, 0.0);
        for (var row = 0; row < parts.Length; row++)
        {
            for (var i = 0; i < ours[row].Length; i++)
            {
                width += ours[row].Upper[i] - ours[row].Lower[i];
                referenceWidth += reference.Upper[row, i] - reference.Lower[row, i];
                Assert.True(ours[row].Lower[i] <= reference.Upper[row, i] && reference.Lower[row, i] <= ours[row].Upper[i], "two sound ranges meet");
            }
        }

        Assert.True(width <= referenceWidth, $"total width {width:R}, reference {referenceWidth:R}");
    }

    /// <summary>The reference has 9 digits; the tensors have 16.</summary>
    [SharedDataTheory]
    [MemberData(nameof(Acas))]
    [InlineData("relu_3x256", "mlp_e0.05_b1")]
    [InlineData("tanh_3x256", "mlp_e0.05_b1")]
    public void Interval_ranges_equal_reference_and_tensors(string model, string boxes)
    {
        var network = ReferenceBounds.Network(model);
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        var (count, outputs) = (lower.GetLength(0), network.Nodes[network.Outputs[0].Node].Length);
        var (low, high) = (new double[count, outputs], new double[count, outputs]);
        for (var row = 0; row < count; row++)
        {
            var range = network.Ranges(new Box(lower.Row(row), upper.Row(row)))[network.Outputs[0].Node];
            for (var i = 0; i < outputs; i++)
            {
                (low[row, i], high[row, i]) = (range.Lower[i], range.Upper[i]);
            }
        }

        using var tensors = new TensorBounds(network);
        ReferenceBounds.AssertClose(tensors.Interval(lower, upper), (low, high), 1e-9);
        ReferenceBounds.AssertClose(ReferenceBounds.Bounds(model, boxes, "IBP"), (low, high), 1e-8);
    }

    private static IEnumerable<(Box Box, Box Range, int Row)> Bounded(Network network, string boxes)
    {
        var (lower, upper) = ReferenceBounds.Boxes(boxes);
        var output = network.Outputs[0].Node;
        for (var row = 0; row < lower.GetLength(0); row++)
        {
            var box = new Box(lower.Row(row), upper.Row(row));
            var bounds = new BoundPropagation(new Problem(network, output, new Domain(box)));
            yield return (box, bounds.Ranges(box)![output], row);
        }
    }
}
