namespace Guarantees.Networks.Operators;

/// <summary>y = c, a vector known exactly or to lie in a box. Claims with an inexact constant hold for every vector of the box.</summary>
public sealed class Constant : Operator
{
    /// <summary>Creates the constant.</summary>
    /// <param name="value">The box that holds c; a point when c is made of doubles.</param>
    public Constant(Box value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value;
    }

    /// <summary>The box that holds c.</summary>
    public Box Value { get; }

    /// <inheritdoc/>
    public override int OutputLength(ReadOnlySpan<int> arguments) => Value.Length;

    /// <inheritdoc/>
    public override void Evaluate(ReadOnlySpan<double[]> x, double[] y)
    {
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Value[i].Middle;
        }
    }

    /// <inheritdoc/>
    public override void Pullback(ReadOnlySpan<double[]> x, double[] y, double[] dy, ReadOnlySpan<double[]> dx)
    {
    }

    /// <inheritdoc/>
    public override void Range(ReadOnlySpan<Box> x, Box y) => y.CopyFrom(Value);

    /// <inheritdoc/>
    public override void Tangent(ReadOnlySpan<Box> x, ReadOnlySpan<Box> dx, Box dy)
    {
        Array.Clear(dy.Lower);
        Array.Clear(dy.Upper);
    }
}
