using System.Globalization;
using System.Text.RegularExpressions;
using Certify.Export;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>What the extracted checker allows for float32 executions (<c>--float32</c>), against executions in random orders and against the kernel's own bound.</summary>
/// <remarks>Mutants that these tests saw: in ExecutionBounds.v n for n + 3 roundings, neurons taken as dead up to 1; proves for proves_executed in main.ml.</remarks>
public sealed partial class ExecutedExportTests
{
    [CheckerFact]
    public void Every_order_of_the_sums_stays_within_what_the_checker_allows()
    {
        var (equal, smaller) = (0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int[] sizes = [1 + random.Next(3), .. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => 2 + random.Next(12)), 1];
            var net = new SmallNetwork(random, Math.ScaleB(1, random.Next(12)), sizes);
            var (bound, allowance) = Allowed(net);
            var printed = 1e-6 + (1e-8 * Math.Abs(bound)); // nine digits

            Assert.Equal((seed, 0), (seed, Check(net, bound - (1.001 * allowance) - printed, "--float32").ExitCode));
            Assert.Equal((seed, 1), (seed, Check(net, bound - (0.999 * allowance) + printed, "--float32").ExitCode));
            Assert.Equal((seed, 0), (seed, Check(net, bound - printed).ExitCode));
            for (var trial = 0; trial < 200; trial++)
            {
                float[] x = [.. net.Draw(random, 0.5).Select(value => (float)value)];
                var error = Math.Abs(Executed(net, x, random) - net.Values([.. x.Select(value => (double)value)])[0]);
                Assert.True(error <= allowance, $"seed {seed}: {error} > {allowance}");
            }

            // The kernel goes through the same formula by other code; the checker knows besides that a dead neuron rounds nothing.
            var kernel = Float32Execution.Over(net.Model, "m", new Box([.. Enumerable.Repeat(-0.5, sizes[0])], [.. Enumerable.Repeat(0.5, sizes[0])])).Values.Single().Error[0];
            Assert.True(allowance <= 1.001 * kernel, $"seed {seed}: {allowance} > {kernel}");
            (equal, smaller) = allowance >= 0.999 * kernel ? (equal + 1, smaller) : (equal, smaller + 1);
        }

        Assert.True(equal >= 10 && smaller >= 1, $"{equal} equal, {smaller} smaller");
    }

    [CheckerFact]
    public void An_answer_with_room_is_accepted_for_every_execution_and_says_so()
    {
        var export = CheckerExportTests.Solved(3, [3, 12, 12, 2]);

        var (code, output) = ExtractedChecker.Run(export.Text, "--statement", export.Statement.Sha256, "--float32", "--show");

        Assert.True(code == 0, output);
        Assert.Contains("one of these holds for what every float32 execution gives as y = f(x):\n", output, StringComparison.Ordinal);
        Assert.Contains(": accepted for every float32 execution: 1 case, ", output, StringComparison.Ordinal);
    }

    [CheckerFact]
    public void Where_an_order_may_overflow_nothing_is_accepted()
    {
        var net = new SmallNetwork(new Random(5), Math.ScaleB(1, 126), [2, 24, 1]);

        var (code, output) = Check(net, -1e20, "--float32");

        Assert.Equal(1, code);
        Assert.Contains("without overflow in any order", output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"the lower bound for claim 1 is (\S+), needed \S+ and (\S+) for what executions round")]
    private static partial Regex Needed();

    private static (double Bound, double Allowance) Allowed(SmallNetwork net)
    {
        var (code, output) = Check(net, 1e9, "--float32");
        Assert.Equal(1, code);
        var found = Needed().Match(output);
        Assert.True(found.Success, output);
        return (double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>One leaf, with the slopes that the checker chooses, for "the output is at least this" where the inputs are within 1/2 of 0.</summary>
    private static (int ExitCode, string Output) Check(SmallNetwork net, double atLeast, params string[] options)
    {
        var question = net.Question("0.5", string.Create(CultureInfo.InvariantCulture, $"(assert (<= Y_0 {(decimal)atLeast}))"));
        var statement = CheckerStatement.Of(net.Network, SmallNetwork.Read(question)).Text;
        return ExtractedChecker.Run($"certify-coq 1\n{statement}evidence\ntree\np 0\nend\n", ["--jobs", "1", .. options]);
    }

    /// <summary>The first output in float32, terms joined in a random order, some of them fused.</summary>
    private static float Executed(SmallNetwork net, float[] x, Random random)
    {
        for (var k = 0; k < net.Weights.Length; k++)
        {
            var y = new float[net.Sizes[k + 1]];
            for (var i = 0; i < y.Length; i++)
            {
                List<float> parts = [net.Biases[k][i]];
                foreach (var j in Enumerable.Range(0, x.Length).OrderBy(_ => random.Next()))
                {
                    var at = random.Next(parts.Count);
                    if (random.Next(2) == 0)
                    {
                        parts[at] = MathF.FusedMultiplyAdd(net.Weights[k][i, j], x[j], parts[at]);
                    }
                    else
                    {
                        parts.Add(net.Weights[k][i, j] * x[j]);
                    }
                }

                while (parts.Count > 1)
                {
                    var (a, b) = (Taken(), Taken());
                    parts.Add(a + b);
                }

                y[i] = k + 1 < net.Weights.Length ? MathF.Max(parts[0], 0) : parts[0];

                float Taken()
                {
                    var at = random.Next(parts.Count);
                    var part = parts[at];
                    parts.RemoveAt(at);
                    return part;
                }
            }

            x = y;
        }

        return x[0];
    }
}
