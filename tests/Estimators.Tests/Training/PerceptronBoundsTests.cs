using Estimators.Families;
using Estimators.Training;
using Guarantees.Checking;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Xunit;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Tests.Training;

/// <summary>Bounds over boxes and derivatives of <see cref="Perceptron"/>.</summary>
public sealed class PerceptronBoundsTests
{
    public static TheoryData<HiddenFunction> Functions => [.. Enum.GetValues<HiddenFunction>()];

    /// <summary>Both kinds hold the network's numbers at 400 random points and corners of 50 boxes of every size; the rounding of float32 is far below 1e-5.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void Bounds_enclose(HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(8);
        using var network = new Perceptron([4, 16, 16, 5], function, random, lastScale: 1);
        for (var box = 0; box < 50; box++)
        {
            var (centre, radius) = (randn([1, 4], generator: random), rand([1, 4], generator: random) * Math.Pow(10, (box % 3) - 2));
            var places = cat([(rand([200, 4], generator: random) * 2) - 1, randn([200, 4], generator: random).sign()]);
            var values = network.forward(centre + (places * radius));
            foreach (var (lower, upper) in (ReadOnlySpan<(Tensor, Tensor)>)[network.Bound(centre, radius), network.BackwardBound(centre, radius)])
            {
                Assert.True((values - lower).min().item<float>() > -1e-5);
                Assert.True((upper - values).min().item<float>() > -1e-5);
                Assert.True((values.amax([0]) - lower.squeeze(0)).div((upper - lower).squeeze(0)).max().item<float>() > 0.3, "bounds are far wider than the values");
            }
        }
    }

    /// <summary>Over small boxes the backward bounds of layered sums are the narrower ones: here by more than a quarter.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void Backward_bounds_of_small_boxes_are_narrower(HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(8);
        using var network = new Perceptron([4, 16, 16, 5], function, random, lastScale: 1);
        var (centre, radius) = (randn([200, 4], generator: random), full([200, 4], 0.05));
        var (interval, backward) = (network.Bound(centre, radius), network.BackwardBound(centre, radius));
        Assert.InRange(((backward.Upper - backward.Lower).sum() / (interval.Upper - interval.Lower).sum()).item<float>(), 0.05, 0.75);
    }

    /// <summary>The kernel takes the better of both bounds. Equal but for float32 and outward rounding.</summary>
    [Fact]
    public void Backward_bounds_are_those_of_the_kernel()
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var random = new Generator(3);
        using var network = new MixturePosterior(randn([100, 3], generator: random) + 0.4, randn([100, 4], generator: random) * 0.7, 1, [16, 16], HiddenFunction.Relu, random);
        var body = network.Perceptrons.Single();
        body.Layers[^1].Weight.mul_(10);
        var model = OnnxImporter.Read(network.ToOnnx("q"), "q");
        var (inverse, x) = (network.DataScale(), Points.Draw(20, 4, 9));
        foreach (var share in (double[])[0.02, 0.2, 1])
        {
            var standard = network.Standardize(Numbers.Matrix(x).to(ScalarType.Float32));
            var (backward, interval) = (body.BackwardBound(standard, full_like(standard, share)), body.Bound(standard, full_like(standard, share)));
            var (lower, upper) = (maximum(backward.Lower, interval.Lower).ToArray(), minimum(backward.Upper, interval.Upper).ToArray());
            Box[] boxes = [.. x.Select(row => new Box([.. row.Select((value, j) => value - (share * inverse[j]))], [.. row.Select((value, j) => value + (share * inverse[j]))]))];
            var found = new OutputBounds { IntervalsOnly = true }.Over(model, model.Output("cholesky_lower").Id, boxes);
            var scale = network.ParameterDeviations();
            for (var row = 0; row < x.Length; row++)
            {
                // L_10, L_20, L_21 are numbers 7 to 9 of ten with the logit, which is not exported.
                foreach (var (i, of) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 2), (2, 2)])
                {
                    var at = (row * 10) + 7 + i;
                    Assert.Equal(lower[at] * scale[of], found[row].Lower[i], 1e-4);
                    Assert.Equal(upper[at] * scale[of], found[row].Upper[i], 1e-4);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Derivatives_are_those_of_the_tape_and_carry_gradients(HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(8);
        using var network = new Perceptron([4, 16, 16, 5], function, random, lastScale: 1);
        var x = randn([30, 4], generator: random).requires_grad_(true);
        var values = network.forward(x);
        var (again, jacobian) = network.WithJacobian(x);
        Assert.Equal(0, (values - again).abs().max().item<float>(), 1e-5);
        for (var output = 0; output < 5; output++)
        {
            var expected = autograd.grad([values.select(1, output).sum()], [x], retain_graph: true)[0];
            Assert.Equal(0, (jacobian.select(2, output) - expected).abs().max().item<float>(), 1e-5);
        }

        jacobian.square().sum().backward();
        Assert.All(network.Layers, layer => Assert.True(layer.Weight.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void Group_sort_of_odd_widths_is_refused()
    {
        using var random = new Generator(1);
        Assert.Contains("one has 5", Assert.Throws<ArgumentException>(() => new Perceptron([2, 5, 1], HiddenFunction.GroupSort, random)).Message, StringComparison.Ordinal);
    }
}
