using static TorchSharp.torch;

namespace Estimators.Tests;

/// <summary>Tensors to and from plain arrays.</summary>
internal static class Numbers
{
    /// <summary>The elements in row-major order, as doubles.</summary>
    public static double[] ToArray(this Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>A float64 matrix of rows of equal length.</summary>
    public static Tensor Matrix(params double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
}
