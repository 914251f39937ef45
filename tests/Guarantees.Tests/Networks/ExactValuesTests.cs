using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Networks.Operators.Norm;

namespace Guarantees.Tests.Graphs;

/// <summary>Exact values are those of rational arithmetic, and lie in the ranges of interval arithmetic for operators that the referee does not know.</summary>
/// <remarks>Mutants planted and found: a term dropped from a sum; ReLU of the wrong sign; the larger of a cap; an exponent not added in a product.</remarks>
public class ExactValuesTests
{
    [Fact]
    public void Values_are_those_of_rational_arithmetic()
    {
        var random = new Random(4);
        for (var trial = 0; trial < 40; trial++)
        {
            var builder = new NetworkBuilder();
            var x = builder.Input("x", 3);
            var h = x;
            for (var layer = 0; layer < 1 + (trial % 4); layer++)
            {
                h = builder.Apply(new ReLU(), builder.Affine(h, Draw(4 * h.Length), Draw(4)));
            }

            builder.Output("y", builder.Concat(h, (0.1 * h) + 1e-300, (-3e200 * h) + 0.5));
            var network = builder.Build();
            var point = Draw(3);
            var expected = ExactNetwork.Evaluate(network, [.. point.Select(Rational.Of)]);
            Assert.Equal(network.Outputs.SelectMany(output => expected[output.Node]), ExactValues.Outputs(network, point)!);
        }

        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0 ? 0 : (random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-30, 30)))];
    }

    [Fact]
    public void Values_lie_in_their_ranges()
    {
        var random = new Random(5);
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        foreach (var (name, value) in new[]
        {
            ("leaky", builder.Apply(new LeakyReLU(0.1), x)), ("abs", builder.Apply(new Abs(), x)), ("cap", builder.Apply(new Cap(0.3), x)), ("square", builder.Apply(new Square(), x)),
            ("maximum", builder.Maximum(x[0], x[1])), ("product", builder.Multiply(x[0], x[1])), ("scale", builder.Apply(new Scale(Box.Point([0.1, -3])), x)),
        })
        {
            builder.Output(name, value);
        }

        var network = builder.Build();
        for (var trial = 0; trial < 200; trial++)
        {
            double[] point = [random.NextDouble() - 0.5, random.Next(3) == 0 ? 0.3 : random.NextDouble() - 0.5];
            var ranges = network.Ranges(Box.Point(point));
            var exact = ExactValues.Outputs(network, point)!;
            var intervals = network.Outputs.SelectMany(output => Enumerable.Range(0, network.Nodes[output.Node].Length).Select(i => ranges[output.Node][i])).ToArray();
            Assert.All(exact.Zip(intervals), pair => Assert.True(pair.First.CompareTo(pair.Second.Lower) >= 0 && pair.First.CompareTo(pair.Second.Upper) <= 0 && pair.Second.Width < 1e-14));
        }
    }

    [Fact]
    public void What_has_no_such_value_has_none()
    {
        foreach (Operator map in new Operator[] { new Exp(), new Sqrt(), new Reciprocal(), new Norm(1), new Scale(new Box([1], [1.5])) })
        {
            var builder = new NetworkBuilder();
            builder.Output("y", builder.Add(map, [builder.Input("x", 1)]));
            Assert.Null(ExactValues.Outputs(builder.Build(), [0.5]));
        }

        // x^(2^40) has too many digits, and is given up soon.
        var powers = new NetworkBuilder();
        var x = powers.Input("x", 1);
        for (var k = 0; k < 40; k++)
        {
            x = powers.Apply(new Square(), x);
        }

        powers.Output("y", x);
        Assert.Null(ExactValues.Outputs(powers.Build(), [0.1]));
    }

    /// <summary>Powers of 1/2 have one bit however small they are: 0.5^(2^32) came out as 1, for its exponent wrapped around.</summary>
    [Fact]
    public void Exponents_do_not_wrap()
    {
        for (var squares = 1; squares <= 70; squares++)
        {
            var powers = new NetworkBuilder();
            var x = powers.Input("x", 1);
            for (var k = 0; k < squares; k++)
            {
                x = powers.Apply(new Square(), x);
            }

            powers.Output("y", x);
            foreach (var point in new[] { 0.5, 2, double.Epsilon, Math.ScaleB(1, 1023) })
            {
                var y = ExactValues.Outputs(powers.Build(), [point]);
                Assert.True(squares <= 3 ? y is not null : squares <= 16 || y is null, $"{squares} squares of {point}");
                Assert.True(y is null || (point < 1 ? y[0].CompareTo(point) < 0 : y[0].CompareTo(point) > 0), $"{squares} squares of {point}");
            }
        }
    }
}
