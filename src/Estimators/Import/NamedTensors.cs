using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>Weights by name, from a safetensors file or a state dictionary that PyTorch saved, and to a safetensors file.</summary>
/// <remarks>
/// Read are numbers of type float32, and of float64, float16 and bfloat16 where float32 holds each exactly; all must be finite. Everything else is refused in one line that names file, place, value and range.
/// Nothing in a file is executed, and no more memory is asked for than its own length allows (<see cref="SafetensorsFile"/>, <see cref="StateDictionaryFile"/>). No tensors of libtorch are made.
/// </remarks>
public sealed class NamedTensors
{
    /// <summary>Bytes of the largest file that is read.</summary>
    public const long LargestFile = 256L << 20;

    /// <summary>Numbers in all tensors of a file together.</summary>
    public const int MostNumbers = 1 << 26;

    private readonly Dictionary<string, NamedTensor> byName;

    /// <param name="tensors">No two of one name.</param>
    /// <param name="source">Where they are from, for messages.</param>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public NamedTensors(IEnumerable<NamedTensor> tensors, string source = "the tensors")
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(source);
        (All, Source, byName) = ([.. tensors], source, []);
        foreach (var tensor in All)
        {
            if (!byName.TryAdd(tensor.Name, tensor))
            {
                throw new ArgumentException($"{source}: two tensors are named {OneLine.Quote(tensor.Name)}.", nameof(tensors));
            }
        }
    }

    /// <summary>The tensors in the order of the file.</summary>
    public ImmutableArray<NamedTensor> All { get; }

    /// <summary>Where they are from.</summary>
    public string Source { get; }

    /// <summary>The tensor of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public NamedTensor this[string name] => TryGet(name, out var tensor) ? tensor : throw new KeyNotFoundException($"{Source}: no tensor {OneLine.Quote(name)}.");

    /// <summary>The tensor of a name, if there is one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out NamedTensor? tensor) => byName.TryGetValue(name, out tensor);

    /// <summary>Reads a file of either format; which, its first bytes tell.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">It is neither, or is refused; the message names file, place, value and range.</exception>
    public static NamedTensors Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        if (file.Length > LargestFile)
        {
            throw new ModelFormatException($"{path}: {file.Length} bytes, expected at most {LargestFile}.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Parse(bytes, path);
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ModelFormatException">They are refused; the message names file, place, value and range.</exception>
    public static NamedTensors Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return ZipEntries.Begins(bytes.Span) ? StateDictionaryFile.Parse(bytes, file)
            : bytes.Span is [0x80, <= 5, ..] ? throw new ModelFormatException($"{file}: a pickle without an archive, as PyTorch before 1.6 wrote; save it again with a newer one.")
            : SafetensorsFile.Parse(bytes, file);
    }

    /// <summary>The same tensors under other names, for example those of the modules that are to load them.</summary>
    /// <param name="name">The new name for an old one.</param>
    /// <exception cref="ArgumentException">Two get one name.</exception>
    public NamedTensors Renamed(Func<string, string> name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new NamedTensors(All.Select(tensor => new NamedTensor(name(tensor.Name), tensor.Shape, tensor.Values)), Source);
    }

    /// <summary>A safetensors file of type float32; the same tensors in the same order give the same bytes.</summary>
    public byte[] ToSafetensors() => SafetensorsFile.Write(this);
}
