using System.Diagnostics;

namespace Certify.Search;

/// <summary>Where a search leaves its state now and then, and what an earlier one left.</summary>
/// <remarks>
/// A state is a hint and never evidence: who resumes derives every bound again before using it, so that a wrong state costs time and nothing else. Saving takes
/// at most a twentieth of the time: where it is slow, it is done less often.
/// </remarks>
public sealed class Checkpoint
{
    private const int Share = 20;
    private readonly Stopwatch sinceSaved = Stopwatch.StartNew();
    private TimeSpan wait;

    /// <summary>The state to go on from; null to begin anew.</summary>
    public byte[]? Saved { get; init; }

    /// <summary>Keeps a state in place of the one before. Called by one thread at a time; the search waits.</summary>
    public required Action<byte[]> Save { get; init; }

    /// <summary>Told why <see cref="Saved"/> cannot be used, in one line; the search begins anew.</summary>
    public Action<string>? Refused { get; init; }

    /// <summary>The shortest time between two states. Zero: one at every chance, whatever it costs.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Saves when it is time to, or at once.</summary>
    internal void Offer(Func<byte[]> state, bool force = false)
    {
        if (force || Every == TimeSpan.Zero || sinceSaved.Elapsed >= (wait > Every ? wait : Every))
        {
            sinceSaved.Restart();
            Save(state());
            wait = Share * sinceSaved.Elapsed;
            sinceSaved.Restart();
        }
    }

    /// <summary>The bytes of a state.</summary>
    internal static byte[] Write(Action<BinaryWriter> write)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        write(writer);
        writer.Flush();
        return buffer.ToArray();
    }

    /// <summary>Reads a state to its last byte; false, and the reason told, where it is none.</summary>
    internal bool TryRead(byte[] state, Action<BinaryReader> read)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(state));
            read(reader);
            return reader.BaseStream.Position == state.Length ? true : throw new FormatException("it goes on after its end");
        }
        catch (Exception error) when (error is FormatException or IOException or ArgumentException)
        {
            Refused?.Invoke(error is EndOfStreamException ? "it breaks off" : error.Message.ReplaceLineEndings(" "));
            return false;
        }
    }

    /// <summary>A number of items of at least <paramref name="bytes"/> bytes each, no more than the state can hold.</summary>
    internal static int Count(BinaryReader reader, int bytes)
    {
        var count = reader.ReadInt32();
        return count >= 0 && (long)count * bytes <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new FormatException($"it counts {count} items where it ends before");
    }

    internal static void WriteNumbers(BinaryWriter writer, ReadOnlySpan<double> numbers)
    {
        writer.Write(numbers.Length);
        foreach (var number in numbers)
        {
            writer.Write(number);
        }
    }

    internal static double[] ReadNumbers(BinaryReader reader)
    {
        var numbers = new double[Count(reader, sizeof(double))];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.ReadDouble();
        }

        return numbers;
    }

    internal static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    internal static byte[] ReadBytes(BinaryReader reader) => reader.ReadBytes(Count(reader, 1));
}
