using System.Globalization;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Xunit;

namespace Certify.Tests.Tensors;

/// <summary>Networks, boxes and the bounds that auto_LiRPA 0.7.1 found for them in float64, written with 9 digits.</summary>
internal static class ReferenceBounds
{
    /// <summary>Models with the boxes on which they were bounded.</summary>
    public static readonly TheoryData<string, string> Acas = new()
    {
        { "acas_1_1", "acas_p1_b1" }, { "acas_1_1", "acas_p1_b256" },
        { "acas_1_1", "acas_p3_b1" }, { "acas_1_1", "acas_p3_b256" },
        { "acas_1_1", "acas_p4_b1" }, { "acas_1_1", "acas_p4_b256" },
    };

    public static Network Network(string model) =>
        OnnxImporter.Read(SharedData.File(model == "acas_1_1" ? "acasxu/ACASXU_run2a_1_1_batch_2000.onnx" : $"bounds/{model}.onnx"));

    public static (double[,] Lower, double[,] Upper) Boxes(string boxes) => Read($"bounds/{boxes}.csv");

    public static (double[,] Lower, double[,] Upper) Bounds(string model, string boxes, string method) => Read($"bounds/{model}__{boxes}__{method}__f64.csv");

    /// <summary>Row i of a matrix.</summary>
    public static double[] Row(this double[,] values, int i) => [.. Enumerable.Range(0, values.GetLength(1)).Select(j => values[i, j])];

    public static void AssertClose((double[,] Lower, double[,] Upper) expected, (double[,] Lower, double[,] Upper) actual, double tolerance)
    {
        AssertClose(expected.Lower, actual.Lower, tolerance);
        AssertClose(expected.Upper, actual.Upper, tolerance);
    }

    private static void AssertClose(double[,] expected, double[,] actual, double tolerance)
    {
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (actual.GetLength(0), actual.GetLength(1)));
        for (var i = 0; i < expected.GetLength(0); i++)
        {
            for (var j = 0; j < expected.GetLength(1); j++)
            {
                var difference = Math.Abs(expected[i, j] - actual[i, j]) / Math.Max(1, Math.Abs(expected[i, j]));
                Assert.True(difference <= tolerance, $"box {i}, output {j}: expected {expected[i, j]:R}, got {actual[i, j]:R}");
            }
        }
    }

    /// <summary>A file of rows with the lower ends first, then the upper ends.</summary>
    private static (double[,] Lower, double[,] Upper) Read(string file)
    {
        var rows = File.ReadLines(SharedData.File(file)).Skip(1)
            .Select(line => line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        var columns = rows[0].Length / 2;
        var (lower, upper) = (new double[rows.Length, columns], new double[rows.Length, columns]);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                (lower[i, j], upper[i, j]) = (rows[i][j], rows[i][columns + j]);
            }
        }

        return (lower, upper);
    }
}
