using System.Buffers.Binary;
using Guarantees.Formats.Onnx.Proto;

namespace Guarantees.Formats.Onnx;

/// <summary>Numbers stored in a model: float16, bfloat16, float32 and float64 become the doubles of the same value; NaN is refused, infinities are left to the user.</summary>
internal static class TensorReader
{
    public static Tensor Read(TensorProto proto, string what)
    {
        if (proto.DataLocation == TensorProto.Types.Location.External || proto.ExternalData.Count > 0)
        {
            throw new ModelFormatException($"{what} is stored outside the model file; external data is not supported, expected the data inside");
        }

        var shape = new int[proto.Dims.Count];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = proto.Dims[i] is >= 0 and < int.MaxValue
                ? (int)proto.Dims[i]
                : throw new ModelFormatException($"{what} has extent {proto.Dims[i]} on axis {i}; expected 0 to {int.MaxValue - 1}");
        }

        var type = (ElementType)proto.DataType;
        var count = Shapes.Count(shape);
        return type switch
        {
            ElementType.Float => Reals(4, proto.FloatData, v => v, bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            ElementType.Double => Reals(8, proto.DoubleData, v => v, bytes => BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
            ElementType.Float16 => Reals(2, proto.Int32Data, v => Half(v), bytes => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes)),
            ElementType.BFloat16 => Reals(2, proto.Int32Data, v => BrainFloat(v), bytes => BrainFloat(BinaryPrimitives.ReadUInt16LittleEndian(bytes))),
            ElementType.Int64 => Integers(8, proto.Int64Data, bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            ElementType.Int32 => Integers(4, proto.Int32Data, bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            ElementType.Bool => Integers(1, proto.Int32Data, bytes => bytes[0], 0, 1),
            ElementType.UInt8 => Integers(1, proto.Int32Data, bytes => bytes[0], 0, byte.MaxValue),
            ElementType.Int8 => Integers(1, proto.Int32Data, bytes => (sbyte)bytes[0], sbyte.MinValue, sbyte.MaxValue),
            ElementType.UInt16 => Integers(2, proto.Int32Data, bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes), 0, ushort.MaxValue),
            ElementType.Int16 => Integers(2, proto.Int32Data, bytes => BinaryPrimitives.ReadInt16LittleEndian(bytes), short.MinValue, short.MaxValue),
            _ => throw new ModelFormatException($"{what} has element type {type}; expected a float, integer or bool type"),
        };

        Tensor Reals<T>(int size, IList<T> typed, Func<T, double> convert, Func<byte[], double> read)
        {
            var values = Values(size, typed, convert, read);
            var nan = Array.FindIndex(values, double.IsNaN);
            return nan < 0
                ? new ConstantTensor(shape, type, values)
                : throw new ModelFormatException($"{what} has NaN at element {nan}; expected finite numbers");
        }

        Tensor Integers<T>(int size, IList<T> typed, Func<byte[], long> read, long least = long.MinValue, long most = long.MaxValue)
        {
            var values = Values(size, typed, v => Convert.ToInt64(v, null), read);
            var outside = Array.FindIndex(values, value => value < least || value > most);
            return outside < 0
                ? new IntegerTensor(shape, type, values)
                : throw new ModelFormatException($"{what} has {values[outside]} at element {outside}; expected {least} to {most}");
        }

        TResult[] Values<T, TResult>(int size, IList<T> typed, Func<T, TResult> convert, Func<byte[], TResult> read)
        {
            var stored = proto.FloatData.Count + proto.DoubleData.Count + proto.Int32Data.Count + proto.Int64Data.Count + proto.Uint64Data.Count + proto.StringData.Count;
            if (proto.RawData.Length > 0 ? stored > 0 : stored != typed.Count)
            {
                throw new ModelFormatException($"{what} stores its data twice or in a field of another type; expected {type} data in one field");
            }

            if (proto.RawData.Length > 0 ? proto.RawData.Length != (long)count * size : typed.Count != count)
            {
                throw new ModelFormatException(proto.RawData.Length > 0
                    ? $"{what} of shape {Shapes.Text(shape)} has {proto.RawData.Length} bytes of data; expected {(long)count * size}"
                    : $"{what} of shape {Shapes.Text(shape)} has {typed.Count} numbers; expected {count}");
            }

            var values = new TResult[count];
            var raw = proto.RawData.Span;
            var bytes = new byte[size];
            for (var i = 0; i < count; i++)
            {
                if (raw.IsEmpty)
                {
                    values[i] = convert(typed[i]);
                }
                else
                {
                    raw.Slice(i * size, size).CopyTo(bytes);
                    values[i] = read(bytes);
                }
            }

            return values;
        }

        double Half(int bits) => bits is >= 0 and <= ushort.MaxValue
            ? (double)BitConverter.UInt16BitsToHalf((ushort)bits)
            : throw new ModelFormatException($"{what} stores the 16-bit pattern {bits}; expected 0 to {ushort.MaxValue}");

        double BrainFloat(int bits) => bits is >= 0 and <= ushort.MaxValue
            ? BitConverter.Int32BitsToSingle(bits << 16)
            : throw new ModelFormatException($"{what} stores the 16-bit pattern {bits}; expected 0 to {ushort.MaxValue}");
    }
}
