using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Google.Protobuf;
using Guarantees.Arithmetic;
using Guarantees.Formats.Onnx;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>Random graphs over all operators, opsets and styles: our reading agrees with ONNX Runtime, in float32 and in float64.</summary>
public class RandomModelTests
{
    /// <summary>Constants are at most 3, and few linear operators follow each other.</summary>
    private const double Fused = 30;

    private static readonly Lazy<(int Runs, IReadOnlyDictionary<string, int> Operators)> Coverage = new(() => Compare(Enumerable.Range(0, 2000)));

    /// <summary>Stored integers have suites of their own: <see cref="QuantizedWeightTests"/>, bit by bit and without rewriting, for which no rounding bound speaks.</summary>
    [Fact]
    public void Every_operator_of_the_table_is_compared()
    {
        var missing = OnnxImporter.Operators.Where(name => !Coverage.Value.Operators.ContainsKey(name)).ToArray();
        Assert.Equal(["DequantizeLinear", "ReduceProd"], missing);
        Assert.True(Coverage.Value.Runs > 1900, $"Only {Coverage.Value.Runs} of 2000 models ran in ONNX Runtime.");
    }

    [Property(MaxTest = 300)]
    public Property Any_graph_agrees() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>().Generator.Resize(1 << 30).ToArbitrary(), seed => Compare([seed & int.MaxValue]).Runs >= 0);

    /// <summary>A model whose first output is its input: memory that moved before it was read gave other numbers, in 373 of 400 runs.</summary>
    [Fact]
    public void An_output_that_is_an_input_survives_a_collection()
    {
        var (model, _) = RandomModel.Make(2046866906, false);
        using var reference = new Reference(model.ToByteArray()) { CollectBeforeReading = () => GC.Collect(2, GCCollectionMode.Forced, true, true) };
        var length = OnnxImporter.Read(model.ToByteArray(), "model").InputLength;
        for (var k = 1; k <= 40; k++)
        {
            Assert.All(reference.Run([.. Enumerable.Repeat((double)k, length)])["v0"], value => Assert.Equal(k, value));
        }
    }

    private static (int Runs, IReadOnlyDictionary<string, int> Operators) Compare(IEnumerable<int> seeds)
    {
        var (runs, operators) = (0, new Dictionary<string, int>());
        foreach (var seed in seeds)
        {
            if (Agrees(seed, seed % 2 == 1, out var used) || Agrees(seed, false, out used))
            {
                runs++;
                foreach (var name in used)
                {
                    operators[name] = operators.GetValueOrDefault(name) + 1;
                }
            }
        }

        return (runs, operators);
    }

    /// <summary>False where ONNX Runtime has no kernel for some operator in that element type.</summary>
    private static bool Agrees(int seed, bool isDouble, out IReadOnlyList<string> operators)
    {
        (var model, operators) = RandomModel.Make(seed, isDouble);
        var bytes = model.ToByteArray();
        var what = $"seed {seed}, {(isDouble ? "float64" : "float32")}, opset {model.OpsetImport[0].Version}";
        Reference reference;
        try
        {
            reference = new Reference(bytes);
        }
        catch (OnnxRuntimeException refused) when (refused.Message.Contains("Could not find an implementation", StringComparison.Ordinal))
        {
            return false;
        }
        catch (OnnxRuntimeException refused)
        {
            throw new InvalidOperationException($"{what}: the generator made a model that ONNX Runtime refuses: {refused.Message}", refused);
        }

        using (reference)
        {
            var network = OnnxImporter.Read(bytes, what);
            var random = new Random(seed);
            for (var i = 0; i < 3; i++)
            {
                double[] input = [.. Enumerable.Range(0, network.InputLength).Select(_ => (double)(float)((4 * random.NextDouble()) - 2))];
                var (exact, error) = RoundingBound.Of(network, input, isDouble ? Rounding.UnitRoundoff : 1.0 / (1 << 24), Fused);
                var outputs = reference.Run(input);
                foreach (var (output, node) in network.Outputs)
                {
                    ModelTests.AssertNear(outputs[output], exact[node], error[node], $"{what}, {string.Join(" ", operators)}, output {output} of {network.Nodes[node]}");

                    // The comparison says something: the allowance is far below the size of a mistake.
                    Assert.True(isDouble ? error[node].All(e => e < 1e-6) : exact[node].Length > 0, $"{what}, output {output}: the allowance is {error[node].Max():G3}.");
                }
            }
        }

        return true;
    }
}
