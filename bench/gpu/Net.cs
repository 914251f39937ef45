using System.Globalization;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace GpuBench;

/// <summary>A ReLU network drawn from a seed: W [out, in] row by row, of variance 2 / in, and b. Every number is a float32, so that both element types start from the same network.</summary>
/// <param name="Sizes">Lengths of input, hidden layers and output.</param>
/// <param name="Weights">One matrix a map.</param>
/// <param name="Biases">One vector a map.</param>
public sealed record Net(int[] Sizes, float[][] Weights, float[][] Biases)
{
    /// <summary>Inputs.</summary>
    public int Inputs => Sizes[0];

    /// <summary>Outputs.</summary>
    public int Outputs => Sizes[^1];

    /// <summary>Such as 5-50x6-5.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Sizes[0]}-{Sizes[1]}x{Sizes.Length - 2}-{Sizes[^1]}");

    /// <summary>Draws one.</summary>
    public static Net Draw(int seed, int inputs, int width, int depth, int outputs)
    {
        var random = new Random(seed);
        int[] sizes = [inputs, .. Enumerable.Repeat(width, depth), outputs];
        var (weights, biases) = (new float[sizes.Length - 1][], new float[sizes.Length - 1][]);
        for (var k = 0; k < weights.Length; k++)
        {
            var scale = Math.Sqrt(2.0 / sizes[k]);
            weights[k] = [.. Enumerable.Range(0, sizes[k] * sizes[k + 1]).Select(_ => (float)(scale * Normal()))];
            biases[k] = [.. Enumerable.Range(0, sizes[k + 1]).Select(_ => (float)(0.1 * Normal()))];
        }

        return new Net(sizes, weights, biases);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>The same network for the kernel and for tensors.</summary>
    public Network ToNetwork()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", Inputs);
        for (var k = 0; k < Weights.Length; k++)
        {
            x = builder.Affine(k == 0 ? x : builder.Apply(new ReLU(), x), [.. Weights[k].Select(value => (double)value)], [.. Biases[k].Select(value => (double)value)]);
        }

        builder.Output("y", x);
        return builder.Build();
    }

    /// <summary>The same network as an ONNX file.</summary>
    public byte[] ToOnnx()
    {
        var graph = new OnnxGraphBuilder("net");
        var x = graph.Input("x", Inputs);
        for (var k = 0; k < Weights.Length; k++)
        {
            var (w, b) = (graph.Initializer($"w{k}", Weights[k], Sizes[k + 1], Sizes[k]), graph.Initializer($"b{k}", Biases[k], Sizes[k + 1]));
            var last = k == Weights.Length - 1;
            x = graph.Node("Gemm", last ? "y" : $"z{k}", [x, w, b], ("transB", 1L));
            x = last ? x : graph.Node("Relu", $"h{k}", [x]);
        }

        graph.Output("y", Outputs);
        return graph.ToBytes();
    }

    /// <summary>Boxes around points of [-1, 1]: radii from nothing to wide.</summary>
    public (double[,] Lower, double[,] Upper) Boxes(int seed, int count, double[]? radii = null)
    {
        var random = new Random(seed);
        radii ??= [0, 1e-4, 0.003, 0.01, 0.03, 0.1];
        var (lower, upper) = (new double[count, Inputs], new double[count, Inputs]);
        for (var i = 0; i < count; i++)
        {
            var radius = radii[i % radii.Length];
            for (var j = 0; j < Inputs; j++)
            {
                var middle = (2 * random.NextDouble()) - 1;
                (lower[i, j], upper[i, j]) = (middle - radius, middle + radius);
            }
        }

        return (lower, upper);
    }
}
