namespace Guarantees.Networks.Operators;

/// <summary>A named input vector: a free variable of the network.</summary>
public sealed class Input : Operator
{
    /// <summary>Creates the input.</summary>
    /// <param name="label">Name, unique within the network.</param>
    /// <param name="start">Place of its first coordinate in the network's whole input vector.</param>
    /// <param name="length">Number of coordinates, at least 1.</param>
    public Input(string label, int start, int length)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        (Label, Start, Length) = (label, start, length);
    }

    /// <summary>Name, unique within the network.</summary>
    public string Label { get; }

    /// <summary>Place of the first coordinate in the network's whole input vector.</summary>
    public int Start { get; }

    /// <summary>Number of coordinates.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => Length;

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y) => throw Unsupported();

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx) => throw Unsupported();

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y) => throw Unsupported();

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy) => throw Unsupported();

    private static InvalidOperationException Unsupported() => new("The value of an input comes from outside; the network's walkers set it.");
}
