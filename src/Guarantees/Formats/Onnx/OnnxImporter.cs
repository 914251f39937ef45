using Google.Protobuf;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Networks;

namespace Guarantees.Formats.Onnx;

/// <summary>Reads a trained network from an ONNX model.</summary>
/// <remarks>
/// The result is the model as a real function: weights and attributes are taken exactly, folded constants are exact or enclosed, casts between float types
/// do not round. The batch axis (dynamic, or 1) is 1 and is left out of all shapes. Opsets 8 to 21; operators: <see cref="OnnxOperators.All"/>.
/// Nodes that no output needs are skipped.
/// </remarks>
public static class OnnxImporter
{
    /// <summary>Names of the supported ONNX operators, in alphabetical order.</summary>
    public static IReadOnlyList<string> Operators { get; } = [.. OnnxOperators.All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">The file is no ONNX model, or uses what is not supported; one line says where and what was expected.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Network Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = Path.GetFileName(path);
        return new FileInfo(path) is { Exists: true, Length: > int.MaxValue - 1024 } info
            ? throw new ModelFormatException($"{name}: the file has {info.Length} bytes; expected less than 2 GiB")
            : Read(File.ReadAllBytes(path), name);
    }

    /// <summary>Reads a model held in memory.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ModelFormatException">The bytes are no ONNX model, or use what is not supported; one line says where and what was expected.</exception>
    public static Network Read(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            return new GraphReader(Parse(bytes), new Algebra()).Read();
        }
        catch (ModelFormatException problem)
        {
            throw new ModelFormatException($"{name}: {OneLine.Plain(problem.Message)}.", problem);
        }
    }

    internal static ModelProto Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes.Span);
        }
        catch (Exception problem) when (problem is InvalidProtocolBufferException or ArgumentException)
        {
            throw new ModelFormatException($"not a complete ONNX file ({problem.Message.TrimEnd('.')}); expected a protocol buffer message ModelProto", problem);
        }
    }
}
