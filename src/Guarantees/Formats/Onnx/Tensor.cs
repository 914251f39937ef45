using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Formats.Onnx;

/// <summary>Element types of ONNX tensors, with their numbers in the file format (TensorProto.DataType).</summary>
internal enum ElementType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
}

/// <summary>The value of an ONNX name while a model is read: a shape, batch axis included (as 1), and one entry per element, row by row.</summary>
internal abstract class Tensor(int[] shape, ElementType type)
{
    public int[] Shape { get; } = Shapes.Checked(shape);

    public ElementType Type { get; } = type;

    public int Rank => Shape.Length;

    public abstract int Count { get; }

    /// <summary>The tensor whose element i is element places[i] of this one.</summary>
    public abstract Tensor Select(int[] shape, int[] places);

    /// <summary>The same elements with another shape of the same size, and another type of the same kind.</summary>
    public abstract Tensor As(int[] shape, ElementType type);

    public override string ToString() => $"{Type} {Shapes.Text(Shape)}";
}

/// <summary>Known integers or truth values: shapes, indices, masks.</summary>
internal sealed class IntegerTensor(int[] shape, ElementType type, long[] values) : Tensor(shape, type)
{
    public long[] Values { get; } = values;

    public override int Count => Values.Length;

    public override Tensor Select(int[] shape, int[] places) => new IntegerTensor(shape, Type, Array.ConvertAll(places, place => Values[place]));

    public override Tensor As(int[] shape, ElementType type) => new IntegerTensor(shape, type, Values);
}

/// <summary>Real numbers.</summary>
internal abstract class RealTensor(int[] shape, ElementType type) : Tensor(shape, type);

/// <summary>Known real numbers: exact where both ends agree, otherwise enclosed.</summary>
internal sealed class ConstantTensor(int[] shape, ElementType type, double[] lower, double[] upper) : RealTensor(shape, type)
{
    private bool? finite;

    public ConstantTensor(int[] shape, ElementType type, double[] values)
        : this(shape, type, values, values)
    {
    }

    public ConstantTensor(int[] shape, ElementType type, Interval[] values)
        : this(shape, type, Array.ConvertAll(values, value => value.Lower), Array.ConvertAll(values, value => value.Upper))
    {
    }

    public double[] Lower { get; } = lower;

    public double[] Upper { get; } = upper;

    public override int Count => Lower.Length;

    /// <summary>Whether every element is known exactly.</summary>
    public bool IsExact => ReferenceEquals(Lower, Upper) || Lower.AsSpan().SequenceEqual(Upper);

    public Interval this[int i] => new(Lower[i], Upper[i]);

    public override Tensor Select(int[] shape, int[] places)
    {
        var chosen = Array.ConvertAll(places, place => Lower[place]);
        return new ConstantTensor(shape, Type, chosen, ReferenceEquals(Lower, Upper) ? chosen : Array.ConvertAll(places, place => Upper[place]));
    }

    public override Tensor As(int[] shape, ElementType type) => new ConstantTensor(shape, type, Lower, Upper);

    public void RequireFinite(string name)
    {
        finite ??= Lower.All(double.IsFinite) && Upper.All(double.IsFinite);
        if (!finite.Value)
        {
            var i = Enumerable.Range(0, Count).First(i => !double.IsFinite(Lower[i]) || !double.IsFinite(Upper[i]));
            throw new ModelFormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{name}' has {(Lower[i].Equals(Upper[i]) ? Lower[i].ToString("R", CultureInfo.InvariantCulture) : this[i].ToString())} at element {i}; expected finite numbers"));
        }
    }
}

/// <summary>Weight * (element Index of vector Source) + Offset, exactly; a Source of -1 means the number Offset alone.</summary>
internal readonly record struct Element(int Source, int Index, double Weight, double Offset)
{
    public bool IsConstant => Source < 0;

    public static Element Constant(double value) => new(-1, 0, 0, value);

    public static Element Of(int source, int index) => new(source, index, 1, 0);

    /// <summary>factor * this, if doubles hold it exactly.</summary>
    public bool TryTimes(double factor, out Element product)
    {
        var fits = Exact.TryMultiply(Offset, factor, out var offset);
        if (IsConstant || factor == 0)
        {
            product = Constant(offset);
            return fits;
        }

        fits &= Exact.TryMultiply(Weight, factor, out var weight);
        product = new(Source, Index, weight, offset);
        return fits;
    }
}

/// <summary>W x + b that has not become a node yet, so that a bias added later can join it.</summary>
internal sealed record PendingAffine(Vector Input, double[] Weights, double[] Bias);

/// <summary>Real numbers that depend on the input.</summary>
internal sealed class VariableTensor : RealTensor
{
    private Element[]? elements;

    public VariableTensor(int[] shape, ElementType type, Element[] elements)
        : base(shape, type)
    {
        this.elements = elements;
        Count = elements.Length;
    }

    public VariableTensor(int[] shape, ElementType type, PendingAffine pending)
        : base(shape, type)
    {
        Pending = pending;
        Count = pending.Bias.Length;
    }

    public PendingAffine? Pending { get; private set; }

    /// <summary>The ONNX name, once it has one.</summary>
    public string Name { get; set; } = "";

    /// <summary>The tensor of which this is a renaming; a node made for one serves both.</summary>
    public VariableTensor? Original { get; private init; }

    public override int Count { get; }

    public Element[] Elements => elements ?? throw new InvalidOperationException("The affine map has not become a node yet.");

    public override Tensor Select(int[] shape, int[] places)
    {
        var from = Elements;
        return new VariableTensor(shape, Type, Array.ConvertAll(places, place => from[place]));
    }

    public override Tensor As(int[] shape, ElementType type) => new VariableTensor(shape, type, Elements) { Original = Original ?? this };

    /// <summary>Replaces the elements by equal ones.</summary>
    public void Become(Element[] equal)
    {
        elements = equal;
        Pending = null;
    }
}

/// <summary>Sums and products that are taken only when a double holds them.</summary>
internal static class Exact
{
    public static bool TryAdd(double a, double b, out double sum)
    {
        sum = Rounding.AddDown(a, b);
        return double.IsFinite(sum) && sum == Rounding.AddUp(a, b);
    }

    public static bool TryMultiply(double a, double b, out double product)
    {
        if (Math.Abs(b) == 1)
        {
            product = a * b;
            return double.IsFinite(product);
        }

        product = Rounding.MultiplyDown(a, b);
        return double.IsFinite(product) && product == Rounding.MultiplyUp(a, b);
    }
}
