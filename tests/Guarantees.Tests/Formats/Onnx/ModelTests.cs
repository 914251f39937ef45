using System.Text.Json;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Xunit;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>Trained models: our reading agrees with ONNX Runtime, and with the outputs stored when they were exported.</summary>
public class ModelTests
{
    private const double Float32 = 1.0 / (1 << 24);

    private static string Stored => Path.Combine(AppContext.BaseDirectory, "Data", "sbi");

    public static TheoryData<string> StoredModels => [.. Directory.EnumerateFiles(Stored, "*.onnx").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> SharedModels => SharedData.Folder is null ? ["absent"] : [.. SharedData.Files("*.onnx")];

    [Theory]
    [MemberData(nameof(StoredModels))]
    public void Stored_model_agrees_with_onnx_runtime(string name) => Agrees(Path.Combine(Stored, name), 300);

    [SharedDataTheory]
    [MemberData(nameof(SharedModels))]
    public void Shared_model_agrees_with_onnx_runtime(string name) => Agrees(Path.Combine(SharedData.Folder!, name), 100);

    [Theory]
    [MemberData(nameof(StoredModels))]
    public void Stored_model_gives_the_outputs_stored_at_export(string name)
    {
        var network = OnnxImporter.Read(Path.Combine(Stored, name));
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Stored, Path.GetFileNameWithoutExtension(name) + "_expected.json")));
        var root = expected.RootElement;
        var rows = root.GetProperty("x").GetArrayLength();
        Assert.Equal(8, rows);
        for (var row = 0; row < rows; row++)
        {
            double[] input = [.. network.Inputs.SelectMany(node => Flat(root.GetProperty(node.Name)[row]))];
            var (exact, error) = RoundingBound.Of(network, input, Float32);
            foreach (var (output, node) in network.Outputs)
            {
                double[] values = [.. Flat(root.GetProperty(output)[row])];
                AssertNear(values, exact[node], error[node], $"{name}, {output}, row {row}");
            }
        }
    }

    [Fact]
    public void Mixture_has_the_shapes_and_names_of_the_model_and_few_nodes()
    {
        var network = OnnxImporter.Read(Path.Combine(Stored, "sbi_npe_mdn_two_moons_s0.onnx"));
        Assert.Equal(["x"], network.Inputs.Select(node => node.Name));
        Assert.Equal(["logits", "means", "precision_diagonal", "precision_upper"], network.Outputs.Select(output => output.Name));
        Assert.Equal([8], network.Output("logits").Shape.ToArray());
        Assert.Equal([8, 2], network.Output("means").Shape.ToArray());
        Assert.Equal([8, 2], network.Output("precision_diagonal").Shape.ToArray());
        Assert.Equal([8, 1], network.Output("precision_upper").Shape.ToArray());
        Assert.All(network.Outputs, output => Assert.Equal(output.Name, network.Nodes[output.Node].Name));

        // x, x - mean, / std, two hidden layers (affine, ReLU), four heads, means scaled and shifted in one node, softplus, two divisions.
        Assert.Equal(15, network.Nodes.Length);
        Assert.All(network.Nodes, node => Assert.NotEmpty(node.Name));
    }

    [Fact]
    public void Flow_has_two_inputs_in_order_and_a_scalar_output()
    {
        var network = OnnxImporter.Read(Path.Combine(Stored, "sbi_npe_maf_sir_s0.onnx"));
        Assert.Equal(["theta", "x"], network.Inputs.Select(node => node.Name));
        Assert.Equal([2, 10], network.Inputs.Select(node => node.Length));
        Assert.Equal(1, network.Output("log_density").Length);
        Assert.Empty(network.Output("log_density").Shape);
    }

    private static void Agrees(string path, int inputs)
    {
        var network = OnnxImporter.Read(path);
        using var reference = new Reference(File.ReadAllBytes(path));
        var random = new Random(20240607);
        for (var i = 0; i < inputs; i++)
        {
            var scale = Math.Pow(10, random.Next(-2, 2));
            double[] input = [.. Enumerable.Range(0, network.InputLength).Select(_ => (double)(float)(scale * ((2 * random.NextDouble()) - 1)))];
            var (exact, error) = RoundingBound.Of(network, input, Float32);
            var outputs = reference.Run(input);
            Assert.Equal(network.Outputs.Select(output => output.Name).Order(StringComparer.Ordinal), outputs.Keys.Order(StringComparer.Ordinal));
            foreach (var (output, node) in network.Outputs)
            {
                AssertNear(outputs[output], exact[node], error[node], $"{path}, {output}, input {i}");
            }

            // The heuristic evaluation lies in the enclosure up to its own rounding.
            var values = network.Evaluate(input);
            var (_, doubles) = RoundingBound.Of(network, input, Guarantees.Arithmetic.Rounding.UnitRoundoff);
            foreach (var (output, node) in network.Outputs)
            {
                AssertNear(values[node], exact[node], doubles[node], $"{path}, {output}, evaluation {i}");
            }
        }
    }

    internal static void AssertNear(double[] values, Box exact, double[] error, string what)
    {
        Assert.Equal(exact.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(
                values[i] >= exact.Lower[i] - error[i] && values[i] <= exact.Upper[i] + error[i],
                $"{what}, element {i}: {values[i]:R} is not within {error[i]:G3} of {exact[i]}.");
        }
    }

    private static IEnumerable<double> Flat(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flat)
        : [element.GetDouble()];
}
