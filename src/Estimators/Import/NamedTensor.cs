using System.Collections.Immutable;

namespace Estimators.Import;

/// <summary>Finite float32 numbers with a shape and a name: a weight, as a file keeps it.</summary>
public sealed class NamedTensor
{
    /// <param name="name">Any text: "body.weight_0".</param>
    /// <param name="shape">Extents, none of them negative; empty for one number.</param>
    /// <param name="values">As many as the product of the extents, the last index fastest.</param>
    /// <exception cref="ArgumentException">The numbers do not fill the shape, or one is not finite.</exception>
    public NamedTensor(string name, ImmutableArray<long> shape, ImmutableArray<float> values)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (shape.IsDefault || values.IsDefault || shape.Any(extent => extent < 0) || shape.Aggregate((Int128)1, (product, extent) => Int128.Min(product, int.MaxValue) * extent) != values.Length)
        {
            throw new ArgumentException($"{(values.IsDefault ? 0 : values.Length)} numbers are no tensor of shape {(shape.IsDefault ? "[]" : Text(shape))}.", nameof(shape));
        }

        if (values.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new ArgumentException($"The tensor '{name}' holds a number that is not finite.", nameof(values));
        }

        (Name, Shape, Values) = (name, shape, values);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Extents; those of a weight matrix are [out, in].</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The numbers, the last index fastest.</summary>
    public ImmutableArray<float> Values { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Text(Shape)}";

    /// <summary>"[2, 3]".</summary>
    internal static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
