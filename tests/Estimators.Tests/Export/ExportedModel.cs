using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Estimators.Tests.Export;

/// <summary>A model file as ONNX Runtime and as our importer read it.</summary>
internal sealed class ExportedModel(byte[] bytes) : IDisposable
{
    private readonly InferenceSession session = new(bytes);

    public Network Imported { get; } = OnnxImporter.Read(bytes, "exported");

    /// <summary>One output for a batch of rows, in ONNX Runtime.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="inputs">Name, and rows of equal length, of each input.</param>
    public double[] Run(string output, params (string Name, double[][] Rows)[] inputs)
    {
        using var results = session.Run(
            [.. inputs.Select(input => NamedOnnxValue.CreateFromTensor(
                input.Name, new DenseTensor<float>(input.Rows.SelectMany(row => row).Select(value => (float)value).ToArray(), [input.Rows.Length, input.Rows[0].Length])))],
            [output]);
        return [.. results[0].AsEnumerable<float>().Select(value => (double)value)];
    }

    /// <summary>The same by the importer, row by row.</summary>
    public double[] Evaluate(string output, params (string Name, double[][] Rows)[] inputs)
    {
        var order = Imported.Inputs.Select(node => inputs.Single(input => input.Name == ((Input)node.Operator).Label).Rows).ToArray();
        return [.. Enumerable.Range(0, inputs[0].Rows.Length).SelectMany(row => Imported.Evaluate([.. order.SelectMany(rows => rows[row])])[Imported.Output(output).Id])];
    }

    public void Dispose() => session.Dispose();
}
