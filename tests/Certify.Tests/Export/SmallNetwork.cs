using System.Globalization;
using System.Text;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Certify.Tests.Export;

/// <summary>A random fully connected ReLU network with float32 weights, and VNN-LIB questions about it.</summary>
internal sealed class SmallNetwork
{
    public SmallNetwork(Random random, params int[] sizes)
        : this(random, 1, sizes)
    {
    }

    /// <summary>The outputs times a power of two.</summary>
    public SmallNetwork(Random random, double scale, int[] sizes)
    {
        Sizes = sizes;
        Weights = new float[sizes.Length - 1][,];
        Biases = new float[sizes.Length - 1][];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", sizes[0]);
        for (var k = 0; k + 1 < sizes.Length; k++)
        {
            var (w, b) = (new float[sizes[k + 1], sizes[k]], new float[sizes[k + 1]]);
            for (var i = 0; i < sizes[k + 1]; i++)
            {
                for (var j = 0; j < sizes[k]; j++)
                {
                    w[i, j] = (float)(Normal(random) * Math.Sqrt(2.0 / sizes[k]) * (k + 2 == sizes.Length ? scale : 1));
                }

                b[i] = (float)(0.3 * Normal(random) * (k + 2 == sizes.Length ? scale : 1));
            }

            (Weights[k], Biases[k]) = (w, b);
            x = graph.Node("MatMul", $"m{k}", [x, graph.Initializer($"w{k}", Transposed(w), sizes[k], sizes[k + 1])]);
            x = graph.Node("Add", $"a{k}", [x, graph.Initializer($"b{k}", b, sizes[k + 1])]);
            x = k + 2 < sizes.Length ? graph.Node("Relu", $"r{k}", [x]) : x;
        }

        graph.Output(x, sizes[^1]);
        Model = graph.ToBytes();
        Network = OnnxImporter.Read(Model, "small");
    }

    public int[] Sizes { get; }

    public float[][,] Weights { get; }

    public float[][] Biases { get; }

    public byte[] Model { get; }

    public Network Network { get; }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>The first output, in double arithmetic.</summary>
    public double Value(double[] x) => Values(x)[0];

    /// <summary>The outputs, in double arithmetic.</summary>
    public double[] Values(double[] x)
    {
        for (var k = 0; k < Weights.Length; k++)
        {
            var y = new double[Sizes[k + 1]];
            for (var i = 0; i < y.Length; i++)
            {
                y[i] = Biases[k][i];
                for (var j = 0; j < x.Length; j++)
                {
                    y[i] += Weights[k][i, j] * x[j];
                }

                y[i] = k + 1 < Weights.Length ? Math.Max(y[i], 0) : y[i];
            }

            x = y;
        }

        return x;
    }

    public double[] Draw(Random random, double radius) => [.. Enumerable.Range(0, Sizes[0]).Select(_ => random.Next(4) == 0 ? random.Next(2) == 0 ? -radius : radius : radius * ((2 * random.NextDouble()) - 1))];

    public byte[] Question(string radius, string asserts)
    {
        var text = new StringBuilder();
        for (var j = 0; j < Sizes[0]; j++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(declare-const X_{j} Real)\n(assert (<= -{radius} X_{j} {radius}))\n");
        }

        for (var i = 0; i < Sizes[^1]; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(declare-const Y_{i} Real)\n");
        }

        return Encoding.ASCII.GetBytes(text.Append(asserts).Append('\n').ToString());
    }

    public static VnnLibProperty Read(byte[] question)
    {
        using var stream = new MemoryStream(question);
        return VnnLibFile.Read(stream, "q.vnnlib");
    }

    private static float[] Transposed(float[,] w)
    {
        var result = new float[w.Length];
        for (var i = 0; i < w.GetLength(0); i++)
        {
            for (var j = 0; j < w.GetLength(1); j++)
            {
                result[(j * w.GetLength(0)) + i] = w[i, j];
            }
        }

        return result;
    }
}
