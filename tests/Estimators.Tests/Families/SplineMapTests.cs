using Estimators.Families.Flows;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

/// <remarks>Mutant seen to fail: the slopes at a bin's two ends exchanged.</remarks>
public sealed class SplineMapTests
{
    private const int Bins = 8;
    private const double Bound = 5;
    private const int Rows = 4000;

    private readonly SplineMap map = new(Bins, Bound);

    /// <summary>The interpolant as the paper has it: the bin is searched for, its two knots, heights and slopes give value and slope. An affine map of t = 0.7 and c = 2 tanh(0.2) stands before.</summary>
    [Fact]
    public void It_is_the_interpolant_of_the_paper()
    {
        using var scope = NewDisposeScope();
        var (u, raw) = Inputs(1.5);
        var (z, logs) = map.Forward(u, raw);
        var numbers = raw.ToArray().Chunk(map.Count).ToArray();
        foreach (var (row, value) in u.ToArray().Index())
        {
            var (expected, logSlope) = Textbook(value, numbers[row]);
            Assert.Equal(expected, z[row, 0].item<double>(), 1e-10 * (1 + Math.Abs(expected)));
            Assert.Equal(logSlope, logs[row, 0].item<double>(), 1e-9);
        }
    }

    /// <summary>Also for numbers that reach every limit: ln g' is the logarithm of the derivative, which is positive.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void The_logarithm_is_that_of_the_derivative(double size)
    {
        using var scope = NewDisposeScope();
        var (u, raw) = Inputs(size);
        u = u.requires_grad_(true);
        var (z, logs) = map.Forward(u, raw);
        var slope = autograd.grad([z.sum()], [u])[0];
        Assert.All(slope.ToArray().Zip(logs.ToArray()), pair => Assert.Equal(Math.Log(pair.First), pair.Second, 1e-6));
    }

    [Theory]
    [InlineData(1, 1e-9)]
    [InlineData(30, 1e-5)]
    public void The_inverse_undoes_it(double size, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (u, raw) = Inputs(size);
        var again = map.Inverse(map.Forward(u, raw).Result, raw);
        Assert.All(u.ToArray().Zip(again.ToArray()), pair => Assert.Equal(pair.First, pair.Second, tolerance * (1 + Math.Abs(pair.First))));
    }

    /// <summary>Outside [-B, B] it is the identity after the affine map, whatever the numbers: at knots that are met from both sides too.</summary>
    [Fact]
    public void Outside_it_is_the_identity()
    {
        using var scope = NewDisposeScope();
        var (_, raw) = Inputs(3);
        raw.narrow(1, 0, 2).zero_();
        var far = (arange(Rows, dtype: ScalarType.Float64) * 0.01) + Bound;
        foreach (var u in (Tensor[])[far.unsqueeze(1), -far.unsqueeze(1)])
        {
            var (z, logs) = map.Forward(u, raw);
            Assert.All(u.ToArray().Zip(z.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            Assert.All(logs.ToArray(), log => Assert.Equal(0, log, 1e-9));
        }
    }

    private (Tensor U, Tensor Raw) Inputs(double size)
    {
        using var random = new Generator(7);
        var u = randn([Rows, 1], dtype: ScalarType.Float64, generator: random) * 4;
        var raw = randn([Rows, map.Count], dtype: ScalarType.Float64, generator: random) * size;
        raw.narrow(1, 0, 1).fill_(0.7);
        raw.narrow(1, 1, 1).fill_(0.4);
        return (u, raw);
    }

    private static (double Value, double LogSlope) Textbook(double u, double[] raw)
    {
        var c = 2 * Math.Tanh(0.2);
        var v = (u - 0.7) * Math.Exp(-c);
        if (Math.Abs(v) >= Bound)
        {
            return (v, -c);
        }

        var reach = 0.5 * Math.Log(999.0 / (Bins - 1));
        var (x, y) = (Knots(raw[2..(2 + Bins)]), Knots(raw[(2 + Bins)..(2 + (2 * Bins))]));
        double[] slopes = [1, .. raw[(2 + (2 * Bins))..].Select(number => Math.Exp(Math.Log(1000) * Math.Tanh(number / Math.Log(1000)))), 1];
        var k = Array.FindLastIndex(x, knot => knot <= v);
        var (width, height) = (x[k + 1] - x[k], y[k + 1] - y[k]);
        var (s, xi, d, next) = (height / width, (v - x[k]) / width, slopes[k], slopes[k + 1]);
        var divisor = s + ((next + d - (2 * s)) * xi * (1 - xi));
        var value = y[k] + (height * ((s * xi * xi) + (d * xi * (1 - xi))) / divisor);
        var slope = s * s * ((next * xi * xi) + (2 * s * xi * (1 - xi)) + (d * (1 - xi) * (1 - xi))) / (divisor * divisor);
        return (value, Math.Log(slope) - c);

        double[] Knots(double[] numbers)
        {
            double[] powers = [.. numbers.Select(number => Math.Exp(reach * Math.Tanh(number / reach)))];
            return [.. Enumerable.Range(0, Bins + 1).Select(knot => (2 * Bound * powers.Take(knot).Sum() / powers.Sum()) - Bound)];
        }
    }
}
