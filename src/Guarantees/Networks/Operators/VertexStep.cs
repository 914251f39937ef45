namespace Guarantees.Networks.Operators;

/// <summary>One node of the convex tail at a block of vertices: bounds of its arguments as functions of the vertex, and where to write its own.</summary>
/// <remarks>
/// All arrays are laid out [element, vertex] with <see cref="Width"/> vertices a row. <c>Upper</c> values are convex and <c>Lower</c> values
/// concave in the vertex; a constant range is both, so every argument has them.
/// </remarks>
public sealed class VertexStep
{
    internal VertexStep(int width) => Width = width;

    /// <summary>Vertices in this block, a multiple of the vector width.</summary>
    public int Width { get; }

    /// <summary>Number of arguments.</summary>
    public int Count => Arguments.Length;

    /// <summary>Upper bounds of argument <paramref name="k"/>, [element, vertex].</summary>
    public ReadOnlySpan<double> Upper(int k) => Arguments[k].Upper;

    /// <summary>Lower bounds of argument <paramref name="k"/>, [element, vertex].</summary>
    public ReadOnlySpan<double> Lower(int k) => Arguments[k].Lower;

    /// <summary>The range of argument <paramref name="k"/> over the whole part.</summary>
    public Box Range(int k) => Arguments[k].Range;

    /// <summary>The range of the result over the whole part.</summary>
    public Box ResultRange => Result.Range;

    /// <summary>Whether argument <paramref name="k"/> is known by its constant range only.</summary>
    public bool IsConstant(int k) => Arguments[k].IsConstant;

    /// <summary>Receives upper bounds of the result, [element, vertex].</summary>
    public Span<double> ResultUpper => Result.Upper;

    /// <summary>Receives lower bounds of the result, [element, vertex].</summary>
    public Span<double> ResultLower => Result.Lower;

    internal VertexValues[] Arguments { get; set; } = [];

    internal VertexValues Result { get; set; } = null!;

    /// <summary>Writes the constant lower ends of the result's range: always concave and always below.</summary>
    public void UseConstantLower()
    {
        for (var i = 0; i < Result.Range.Length; i++)
        {
            ResultLower.Slice(i * Width, Width).Fill(Result.Range.Lower[i]);
        }
    }
}

/// <summary>Bounds of one node at a block of vertices.</summary>
internal sealed class VertexValues(Box range, int width)
{
    public Box Range { get; } = range;

    public double[] Upper { get; } = new double[range.Length * width];

    public double[] Lower { get; } = new double[range.Length * width];

    public bool IsConstant { get; set; }

    public void FillConstant(int width)
    {
        IsConstant = true;
        for (var i = 0; i < Range.Length; i++)
        {
            Upper.AsSpan(i * width, width).Fill(Range.Upper[i]);
            Lower.AsSpan(i * width, width).Fill(Range.Lower[i]);
        }
    }
}
