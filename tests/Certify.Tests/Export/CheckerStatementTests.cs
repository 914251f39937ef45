using System.Globalization;
using System.Numerics;
using Certify.Export;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>What an export states is what model and property say, exactly.</summary>
/// <remarks>Mutants that these tests saw: exponents of weights one less; lower ends of boxes rounded up; claims that hold at the bound of a constraint itself.</remarks>
public sealed class CheckerStatementTests
{
    [Fact]
    public void Every_weight_is_the_float32_of_the_model()
    {
        var net = new SmallNetwork(new Random(1), 3, 5, 4, 2);
        var words = new Queue<string>(CheckerStatement.Of(net.Network, SmallNetwork.Read(net.Question("1", "(assert (>= Y_0 9))"))).Text.Split(' ', '\n'));
        foreach (var expected in new[] { "statement", "precision", "24", "network", "3" })
        {
            Assert.Equal(expected, words.Dequeue());
        }

        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(["layer", $"{net.Sizes[k + 1]}", $"{net.Sizes[k]}"], new[] { words.Dequeue(), words.Dequeue(), words.Dequeue() });
            for (var i = 0; i < net.Sizes[k + 1]; i++)
            {
                for (var j = 0; j < net.Sizes[k]; j++)
                {
                    Assert.Equal(net.Weights[k][i, j], Weight());
                }

                Assert.Equal(net.Biases[k][i], Weight());
            }
        }

        double Weight()
        {
            var (m, e) = (BigInteger.Parse(words.Dequeue(), CultureInfo.InvariantCulture), int.Parse(words.Dequeue(), CultureInfo.InvariantCulture));
            return new Rational(m, BigInteger.One << e) is var exact && exact.RoundDown() == exact.RoundUp() ? exact.RoundDown() : double.NaN;
        }
    }

    [Theory]
    [InlineData("(assert (<= Y_0 0.5))", 1, (1 << 23) + 1)] // y0 > 1/2
    [InlineData("(assert (< Y_0 0.5))", 1, 1 << 23)] // y0 >= 1/2
    [InlineData("(assert (<= Y_0 0.1))", 1, 1677722)] // 0.1 lies between two multiples
    [InlineData("(assert (>= Y_0 0.1))", -1, -1677721)]
    [InlineData("(assert (<= (* 0.5 Y_0) 0.1))", 1, 3355444)] // y0 > 0.2, without a fraction
    public void Claims_are_the_strict_opposite_of_the_constraints(string constraint, int coefficient, long bound)
    {
        var net = new SmallNetwork(new Random(2), 2, 3, 1);

        var item = CheckerStatement.Of(net.Network, SmallNetwork.Read(net.Question("0.1", constraint))).Cases.Single();

        var claim = Assert.Single(item.Claims);
        var scale = claim.Coefficients[0] / (coefficient << 24);
        Assert.True(scale.Sign > 0);
        Assert.Equal(claim.Coefficients[0], scale * (coefficient << 24));
        Assert.Equal(bound, scale == 1 ? (long)claim.Bound : (long)Math.Ceiling((double)claim.Bound / (double)scale));
        Assert.Equal([-1677722, -1677722], item.Lower.Select(end => (long)end));
        Assert.Equal([1677722, 1677722], item.Upper.Select(end => (long)end));
    }

    [Fact]
    public void Another_network_box_or_claim_is_another_statement()
    {
        var (net, other) = (new SmallNetwork(new Random(3), 2, 4, 1), new SmallNetwork(new Random(4), 2, 4, 1));
        string Hash(SmallNetwork network, string radius, string asserts) => CheckerStatement.Of(network.Network, SmallNetwork.Read(network.Question(radius, asserts))).Sha256;

        string[] hashes =
        [
            Hash(net, "1", "(assert (>= Y_0 9))"), Hash(other, "1", "(assert (>= Y_0 9))"), Hash(net, "1.000001", "(assert (>= Y_0 9))"), Hash(net, "1", "(assert (>= Y_0 9.000001))"),
        ];

        Assert.Equal(4, hashes.Distinct().Count());
        Assert.Equal(hashes[0], Hash(net, "1", "(assert (>= Y_0 9))"));
    }

    [Fact]
    public void What_the_checker_does_not_know_is_refused_in_one_line()
    {
        var net = new SmallNetwork(new Random(5), 2, 4, 1);
        Refused(() => CheckerStatement.Of(net.Network, SmallNetwork.Read(net.Question("1", "(assert (>= Y_0 X_0))"))), "ties inputs to outputs");
        Refused(() => CheckerStatement.Of(new SmallNetwork(new Random(6), 2, 1).Network, SmallNetwork.Read(net.Question("1", "(assert (>= Y_0 9))"))), "no hidden layer");
        Refused(() => CheckerExport.Of(net.Network, SmallNetwork.Read(net.Question("1", "(assert (>= Y_0 9))")), []), "the certificate has evidence for 0");

        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        x = graph.Node("Tanh", "t", [x]);
        graph.Output(graph.Node("Gemm", "g", [x, graph.Initializer("w", [1f, 2f], 2, 1)]), 1);
        Refused(() => CheckerStatement.Of(OnnxImporter.Read(graph.ToBytes(), "tanh"), SmallNetwork.Read(net.Question("1", "(assert (>= Y_0 9))"))), "ReLU after every map");

        static void Refused(Action action, string reason)
        {
            var error = Assert.Throws<ModelFormatException>(action);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }
}
