using Estimators.Export;
using Guarantees.Formats.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Training;

/// <summary>v -&gt; (v - mean) / scale, elementwise, with means and standard deviations of simulations; the scale enters as the float32 number nearest its reciprocal. Nothing here is trained.</summary>
public sealed class Standardization : nn.Module<Tensor, Tensor>
{
    private readonly Tensor mean;
    private readonly Tensor inverseScale;

    /// <summary>Takes means and standard deviations of the columns of a table.</summary>
    /// <param name="table">[rows, length], at least two rows; no column constant.</param>
    /// <param name="group">Columns j and j + group, j + 2 group, ... are draws of one quantity and share a mean and a scale; 0 where each stands for itself.</param>
    /// <exception cref="ArithmeticException">A column is constant, or not finite.</exception>
    public Standardization(Tensor table, int group = 0)
        : base(nameof(Standardization))
    {
        ArgumentNullException.ThrowIfNull(table);
        using var scope = NewDisposeScope();
        var pooled = group > 0 ? table.reshape(-1, group) : table;
        var (center, inverse) = (pooled.mean([0]), pooled.std(dim: 0).reciprocal());
        var usable = center.isfinite().logical_and(inverse.isfinite());
        if (usable.cpu().data<bool>().ToArray() is var columns && Array.IndexOf(columns, false) is var column and >= 0)
        {
            throw new ArithmeticException($"Column {column} of {columns.Length} of the simulations (counted from 0) is constant or not finite; it cannot be standardized.");
        }

        var repeats = group > 0 ? table.shape[1] / group : 1;
        mean = center.repeat(repeats).DetachFromDisposeScope();
        inverseScale = inverse.repeat(repeats).DetachFromDisposeScope();
        register_buffer(nameof(mean), mean);
        register_buffer(nameof(inverseScale), inverseScale);
    }

    /// <summary>Means, [length]; they belong to the module.</summary>
    public Tensor Mean => mean;

    /// <summary>Reciprocals of the standard deviations, [length]; they belong to the module.</summary>
    public Tensor InverseScale => inverseScale;

    /// <summary>(v - mean) / scale; the caller owns it.</summary>
    /// <param name="input">v, [batch, length].</param>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return ((input - mean) * inverseScale).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the map to a model under construction; the result is its name.</summary>
    internal string Write(OnnxGraphBuilder graph, string input, string result) => graph.Standardize(input, result, mean, inverseScale);
}
