using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>float32 tensors as bytes, element by element, in the machine's order.</summary>
internal static class StoredTensors
{
    public static void Write(BinaryWriter writer, IReadOnlyList<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            using var scope = NewDisposeScope();
            var numbers = tensor.detach().cpu().contiguous().data<float>().ToArray();
            writer.Write(numbers.Length);
            foreach (var number in numbers)
            {
                writer.Write(number);
            }
        }
    }

    /// <summary>Reads into tensors of the sizes that were written.</summary>
    /// <exception cref="InvalidDataException">A size differs.</exception>
    public static void Read(BinaryReader reader, IReadOnlyList<Tensor> tensors)
    {
        foreach (var target in tensors)
        {
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            var count = reader.ReadInt32();
            if (count != target.numel())
            {
                throw new InvalidDataException($"a tensor of {count} numbers, expected {target.numel()}");
            }

            var numbers = new float[count];
            for (var i = 0; i < count; i++)
            {
                numbers[i] = reader.ReadSingle();
            }

            target.copy_(tensor(numbers, target.shape));
        }
    }
}
