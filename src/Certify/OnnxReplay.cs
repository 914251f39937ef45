using System.Globalization;
using Guarantees.Networks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Certify;

/// <summary>Replays an input through ONNX Runtime: the program that users run must agree with the network that was analysed.</summary>
internal static class OnnxReplay
{
    /// <summary>Outputs may differ by this share of their size: float32 rounding through a few layers is far smaller, another network far larger.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Null when every output agrees; otherwise what differs.</summary>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="network">The network read from them.</param>
    /// <param name="input">The whole input; coordinates beyond the network's (parameters of a density) are ignored.</param>
    public static string? Disagreement(byte[] model, Network network, ReadOnlySpan<double> input)
    {
        var (outputs, rounded) = Run(model, network, input);
        var expected = network.Evaluate(rounded);
        foreach (var (name, values) in outputs)
        {
            var ours = expected[network.Output(name).Id];
            var scale = 1e-6 + ours.Max(Math.Abs);
            for (var i = 0; i < ours.Length; i++)
            {
                if (!(Math.Abs(values[i] - ours[i]) <= Tolerance * scale))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"output '{name}'[{i}] is {values[i]:G9} there, {ours[i]:G9} here");
                }
            }
        }

        return null;
    }

    /// <summary>All outputs as ONNX Runtime computes them, one after the other in the network's order.</summary>
    public static double[] Outputs(byte[] model, Network network, ReadOnlySpan<double> input)
    {
        var outputs = Run(model, network, input).Outputs;
        return [.. network.Outputs.SelectMany(output => outputs[output.Name])];
    }

    private static (Dictionary<string, double[]> Outputs, double[] Rounded) Run(byte[] model, Network network, ReadOnlySpan<double> input)
    {
        using var session = new InferenceSession(model);
        var feeds = new Dictionary<string, OrtValue>();
        var rounded = new double[network.InputLength];
        var start = 0;
        try
        {
            foreach (var node in network.Inputs)
            {
                var values = new float[node.Length];
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)input[start + i];
                    rounded[start + i] = values[i];
                }

                start += node.Length;
                var metadata = session.InputMetadata[node.Name];
                long[] shape = [.. metadata.Dimensions.Select(extent => extent > 0 ? (long)extent : 1)];
                feeds[node.Name] = metadata.ElementType == typeof(double)
                    ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (double)value), shape)
                    : OrtValue.CreateTensorValueFromMemory(values, shape);
            }

            // An output that is an input is the caller's own memory: the feeds stay pinned until every output is read.
            using var options = new RunOptions();
            using var results = session.Run(options, feeds, session.OutputNames);
            var outputs = session.OutputNames.Zip(results, (name, value) => (name, Numbers(value))).ToDictionary(item => item.name, item => item.Item2);
            return (outputs, rounded);
        }
        finally
        {
            foreach (var feed in feeds.Values)
            {
                feed.Dispose();
            }
        }
    }

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double
        ? value.GetTensorDataAsSpan<double>().ToArray()
        : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), number => (double)number);
}
