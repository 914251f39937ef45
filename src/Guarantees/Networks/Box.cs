using System.Globalization;
using Guarantees.Arithmetic;

namespace Guarantees.Networks;

/// <summary>A product of closed intervals: { x : Lower[i] &lt;= x[i] &lt;= Upper[i] }.</summary>
/// <remarks>
/// The arrays are exposed for the kernels that fill them; whoever creates a box owns it. Values that leave a public method are fresh.
/// </remarks>
public sealed class Box
{
    /// <summary>Creates the box with the given corners.</summary>
    /// <exception cref="ArgumentException">The lengths differ, an endpoint is NaN, or a lower end lies above its upper end.</exception>
    public Box(double[] lower, double[] upper)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        if (lower.Length != upper.Length)
        {
            throw new ArgumentException($"A box needs as many lower as upper ends; got {lower.Length} and {upper.Length}.", nameof(upper));
        }

        for (var i = 0; i < lower.Length; i++)
        {
            if (!(lower[i] <= upper[i]))
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"A box needs lower <= upper, both numbers; coordinate {i} has [{lower[i]:R}, {upper[i]:R}]."),
                    nameof(lower));
            }
        }

        Lower = lower;
        Upper = upper;
    }

    /// <summary>A box of <paramref name="length"/> coordinates, each [0, 0], to be filled.</summary>
    internal Box(int length)
    {
        Lower = new double[length];
        Upper = new double[length];
    }

    /// <summary>Lower ends.</summary>
    public double[] Lower { get; }

    /// <summary>Upper ends.</summary>
    public double[] Upper { get; }

    /// <summary>Number of coordinates.</summary>
    public int Length => Lower.Length;

    /// <summary>Coordinate <paramref name="i"/>.</summary>
    public Interval this[int i]
    {
        get => new(Lower[i], Upper[i]);
        internal set => (Lower[i], Upper[i]) = (value.Lower, value.Upper);
    }

    /// <summary>The box whose coordinates all range over one interval.</summary>
    internal static Box Repeat(Interval range, int length) => new([.. Enumerable.Repeat(range.Lower, length)], [.. Enumerable.Repeat(range.Upper, length)]);

    /// <summary>The box holding exactly one point.</summary>
    public static Box Point(ReadOnlySpan<double> point) => new(point.ToArray(), point.ToArray());

    /// <summary>Whether <paramref name="point"/> is a member; no tolerance.</summary>
    public bool Contains(ReadOnlySpan<double> point)
    {
        if (point.Length != Length)
        {
            return false;
        }

        for (var i = 0; i < Length; i++)
        {
            if (!(Lower[i] <= point[i] && point[i] <= Upper[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A double vector near the middle, inside the box.</summary>
    public double[] Middle()
    {
        var middle = new double[Length];
        for (var i = 0; i < middle.Length; i++)
        {
            middle[i] = this[i].Middle;
        }

        return middle;
    }

    /// <summary>The two halves of the box, cut across coordinate <paramref name="axis"/> at its middle; both hold the cut.</summary>
    public (Box Left, Box Right) Split(int axis)
    {
        var cut = this[axis].Middle;
        var (leftUpper, rightLower) = ((double[])Upper.Clone(), (double[])Lower.Clone());
        leftUpper[axis] = cut;
        rightLower[axis] = cut;
        return (new Box((double[])Lower.Clone(), leftUpper), new Box(rightLower, (double[])Upper.Clone()));
    }

    /// <summary>The coordinates from <paramref name="start"/> on.</summary>
    public Box Slice(int start, int length) => new(Lower[start..(start + length)], Upper[start..(start + length)]);

    /// <summary>Copies every coordinate from <paramref name="other"/>.</summary>
    internal void CopyFrom(Box other)
    {
        other.Lower.CopyTo(Lower, 0);
        other.Upper.CopyTo(Upper, 0);
    }

    /// <summary>Sets every coordinate to all real numbers.</summary>
    internal void SetEntire()
    {
        Array.Fill(Lower, double.NegativeInfinity);
        Array.Fill(Upper, double.PositiveInfinity);
    }
}
