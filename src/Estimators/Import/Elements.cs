using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>A type of stored numbers that is read.</summary>
/// <param name="Word">For messages.</param>
/// <param name="Size">Bytes of a number.</param>
internal sealed record ElementType(string Word, int Size)
{
    public static ElementType Float32 { get; } = new("float32", 4);

    public static ElementType Float64 { get; } = new("float64", 8);

    public static ElementType Float16 { get; } = new("float16", 2);

    public static ElementType BFloat16 { get; } = new("bfloat16", 2);
}

/// <summary>Stored numbers, least byte first, as float32.</summary>
internal static class Elements
{
    /// <summary>Numbers that stand one after another.</summary>
    /// <param name="bytes">As many as numbers times size.</param>
    /// <param name="type">Their type.</param>
    /// <param name="where">File and tensor, for messages.</param>
    /// <exception cref="ModelFormatException">A number is not finite, or float32 does not hold it.</exception>
    public static float[] Read(ReadOnlySpan<byte> bytes, ElementType type, string where)
    {
        var values = new float[bytes.Length / type.Size];
        if (type == ElementType.Float32 && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
            var bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            return bad < 0 ? values : throw Refusal(where, bad, values[bad], type);
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = One(bytes[(i * type.Size)..], type, where, i);
        }

        return values;
    }

    /// <summary>The first number of some bytes.</summary>
    /// <param name="bytes">At least one number.</param>
    /// <param name="type">Their type.</param>
    /// <param name="where">File and tensor, for messages.</param>
    /// <param name="index">Which number it is, for messages.</param>
    public static float One(ReadOnlySpan<byte> bytes, ElementType type, string where, long index)
    {
        var value = type.Size switch
        {
            8 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            4 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            _ when type == ElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes) << 16),
            _ => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        };
        return double.IsFinite(value) && (float)value == value ? (float)value : throw Refusal(where, index, value, type);
    }

    private static ModelFormatException Refusal(string where, long index, double value, ElementType type) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{where}: number {index} is {value:R} of type {type.Word}, expected a finite number that float32 holds exactly."));
}
