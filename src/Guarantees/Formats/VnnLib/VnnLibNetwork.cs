using System.Collections.Immutable;

namespace Guarantees.Formats.VnnLib;

/// <summary>A network that a property speaks of: its inputs and outputs, in the order in which the property counts them.</summary>
/// <param name="Name">Its name; <c>network</c> in VNN-LIB 1.0, which names none.</param>
/// <param name="Inputs">Input tensors, one or more.</param>
/// <param name="Outputs">Output tensors, one or more.</param>
/// <param name="EqualTo">The network declared before whose structure and weights it shares; null for none.</param>
/// <param name="IsomorphicTo">The network declared before whose structure it shares, with other weights; null for none.</param>
public sealed record VnnLibNetwork(
    string Name, ImmutableArray<VnnLibTensor> Inputs, ImmutableArray<VnnLibTensor> Outputs, string? EqualTo = null, string? IsomorphicTo = null);

/// <summary>A tensor of inputs or outputs, flattened in row-major order (last index fastest).</summary>
/// <param name="Name">Its name; <c>X</c> or <c>Y</c> in VNN-LIB 1.0.</param>
/// <param name="ElementType">
/// <c>real</c>, <c>float32</c> or <c>float64</c>. The property is read over the real numbers in every case; with a float type its author asks for an
/// answer that holds for executions in that type.
/// </param>
/// <param name="Shape">Sizes of the axes, each at least 1; empty for a scalar.</param>
/// <param name="Offset">Place of its first element among all inputs, or all outputs, of the property.</param>
/// <param name="Length">Number of elements: the product of the shape.</param>
/// <param name="OnnxName">Name of the graph's node that it stands for; null where order decides.</param>
public sealed record VnnLibTensor(string Name, string ElementType, ImmutableArray<int> Shape, int Offset, int Length, string? OnnxName = null);
