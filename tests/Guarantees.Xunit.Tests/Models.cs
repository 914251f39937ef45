using System.Runtime.CompilerServices;
using Guarantees.Formats.Onnx;

namespace Guarantees.Xunit.Tests;

/// <summary>Small models beside the test assembly.</summary>
internal static class Models
{
    /// <summary>How the outputs of <c>linear.onnx</c> and <c>posterior.onnx</c> are read.</summary>
    public const string Family = "{ name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd }";

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, name);

    /// <summary>Before the runner looks for rows of theories.</summary>
    [ModuleInitializer]
    internal static void Write()
    {
        // Mean x / 2, standard deviations e^-1: the Wasserstein distance between posteriors is |x - x'| / 2.
        Put("linear.onnx", Linear(0.5f, 0));
        Put("shifted.onnx", Linear(0.5f, 0.25f));
        Put("posterior.onnx", Bent());
        Put("categories.onnx", Categories());
    }

    private static byte[] Linear(float slope, float shift)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        graph.Output(graph.Node("Gemm", "mean", [x, graph.Initializer("a", [slope, 0, 0, slope], 2, 2), graph.Initializer("s", [shift, 0], 2)]), 2);
        graph.Output(graph.Node("Gemm", "log_sd", [x, graph.Initializer("none", [0f, 0, 0, 0], 2, 2), graph.Initializer("minus_one", [-1f, -1], 2)]), 2);
        return graph.ToBytes();
    }

    private static byte[] Bent()
    {
        var random = new Random(7);
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];
        var graph = new OnnxGraphBuilder();
        var h = graph.Node("Tanh", "h", [graph.Node("Gemm", "a", [graph.Input("x", 2), graph.Initializer("w", Draw(16, 1), 2, 8), graph.Initializer("b", Draw(8, 0.5), 8)])]);
        foreach (var name in new[] { "mean", "log_sd" })
        {
            graph.Output(graph.Node("Gemm", name, [h, graph.Initializer($"v_{name}", Draw(16, 0.3), 8, 2), graph.Initializer($"c_{name}", Draw(2, 0.3), 2)]), 2);
        }

        return graph.ToBytes();
    }

    /// <summary>Logits (x_0, 0).</summary>
    private static byte[] Categories()
    {
        var graph = new OnnxGraphBuilder();
        graph.Output(graph.Node("Gemm", "logits", [graph.Input("x", 2), graph.Initializer("pick", [1f, 0, 0, 0], 2, 2), graph.Initializer("zero", [0f, 0], 2)]), 2);
        return graph.ToBytes();
    }

    private static void Put(string name, byte[] bytes) => File.WriteAllBytes(PathOf(name), bytes);
}
