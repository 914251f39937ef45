using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Checking;

/// <summary>Lines of S-shaped functions that rows choose for themselves: whatever is chosen holds, and choosing helps.</summary>
/// <remarks>
/// Mutants planted and found: upper intercepts of mixtures at 0.99 of themselves; shares that sum to 0.99; -0.01 in place of what a touching line's slope misses by; moves in the
/// wrong direction (the total stays at 1.00 of the width, where right ones reach 0.81); own upper intercepts set for the first row alone.
/// </remarks>
public class SmoothLineLaws
{
    private static readonly SShaped[] Functions = [new Tanh(), new Sigmoid(), new NormalCdf()];

    [Fact]
    public void Steps_narrow_the_bounds_of_smooth_networks()
    {
        var (wide, narrow) = (0.0, 0.0);
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", 4);
            for (var layer = 0; layer < 3; layer++)
            {
                vector = builder.Apply(Functions[random.Next(Functions.Length)], builder.Affine(vector, Draw(16 * vector.Length, 1), Draw(16, 0.5)));
            }

            var y = builder.Affine(vector, Draw(2 * vector.Length, 1), [0, 0]);
            builder.Output("y", y);
            var box = new Box(Draw(4, 0), [.. Draw(4, 0).Select(_ => 0.5)]);
            var problem = new Problem(builder.Build(), y.Id, new Domain(box));
            var (plain, chosen) = (new ChainBounds(problem).Range(box)!, new ChainBounds(problem) { NeuronSteps = 10 }.Range(box)!);
            for (var i = 0; i < 2; i++)
            {
                (wide, narrow) = (wide + plain.Upper[i] - plain.Lower[i], narrow + chosen.Upper[i] - chosen.Lower[i]);
            }
        }

        Assert.InRange(narrow / wide, 0.3, 0.9);
    }

    [Fact]
    public void Every_choice_of_lines_brackets_the_curve()
    {
        var random = new Random(1);
        for (var k = 0; k < 20_000; k++)
        {
            var f = Functions[k % Functions.Length];
            var size = random.Next(4) switch { 0 => 30, 1 => 1e-3, _ => 3 };
            var (a, b) = (size * ((2 * random.NextDouble()) - 1), size * ((2 * random.NextDouble()) - 1));
            var x = Interval.Hull(a, random.Next(8) == 0 ? Math.BitIncrement(a) : b);
            var band = f.Relax(x, random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() });
            for (var p = 0; p < 12; p++)
            {
                var t = p switch { 0 => x.Lower, 1 => x.Upper, 2 => Math.Clamp(0, x.Lower, x.Upper), _ => Math.Clamp(x.Lower + (random.NextDouble() * (x.Upper - x.Lower)), x.Lower, x.Upper) };
                var y = f.At(t);
                Assert.True(band.Lower.At(t).Lower <= y.Upper && y.Lower <= band.Upper.At(t).Upper, $"case {k}: {f.Name} over {x} at {t:R}");
            }
        }
    }

    [Fact]
    public void Chosen_lines_hold_at_every_point_and_are_no_wider()
    {
        var (wide, narrow, points) = (0.0, 0.0, 0);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var builder = new NetworkBuilder();
            var n = random.Next(1, 5);
            var vector = builder.Input("x", n);
            for (var (layer, depth) = (0, random.Next(1, 4)); layer < depth; layer++)
            {
                var width = random.Next(1, 12);
                double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
                vector = builder.Affine(vector, Draw(width * vector.Length, 3), Draw(width, 1));
                vector = builder.Apply(random.Next(4) == 0 ? new ReLU() : Functions[random.Next(Functions.Length)], vector);
            }

            var y = builder.Affine(vector, [.. Enumerable.Range(0, 2 * vector.Length).Select(_ => (2 * random.NextDouble()) - 1)], [0.1, -0.2]);
            builder.Output("y", y);
            var network = builder.Build();
            double[] middle = [.. Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1)];
            var radius = Math.Pow(10, -2 * random.NextDouble());
            var box = new Box([.. middle.Select(x => x - radius)], [.. middle.Select(x => x + radius)]);
            var problem = new Problem(network, y.Id, new Domain(box));
            var (plain, chosen) = (new ChainBounds(problem).Range(box)!, new ChainBounds(problem) { NeuronSteps = random.Next(1, 12) }.Range(box)!);
            for (var i = 0; i < 2; i++)
            {
                (wide, narrow) = (wide + plain.Upper[i] - plain.Lower[i], narrow + chosen.Upper[i] - chosen.Lower[i]);
                Assert.True(chosen.Upper[i] - chosen.Lower[i] <= 1.05 * (plain.Upper[i] - plain.Lower[i]), $"seed {seed}: {chosen[i]} is wider than {plain[i]}"); // other ranges before, other lines
            }

            for (var p = 0; p < 60; p++, points++)
            {
                double[] x = [.. Enumerable.Range(0, n).Select(j => random.Next(3) switch { 0 => box.Lower[j], 1 => box.Upper[j], _ => box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])) })];
                var value = network.Ranges(Box.Point([.. x.Select((v, j) => Math.Clamp(v, box.Lower[j], box.Upper[j]))]))[y.Id];
                for (var i = 0; i < 2; i++)
                {
                    Assert.True(chosen.Lower[i] <= value.Upper[i] && value.Lower[i] <= chosen.Upper[i], $"seed {seed}: {value[i]} outside {chosen[i]}");
                }
            }
        }

        Assert.True(points == 18_000 && narrow < 0.95 * wide, $"total width {narrow} with chosen lines, {wide} without");
    }
}
