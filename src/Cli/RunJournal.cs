using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Formats;

namespace Cli;

/// <summary>What a run has finished, one entry a claim: the file <c>run.journal</c> of its folder, which is also what keeps a second run out of it.</summary>
/// <remarks>
/// Form: the line "certify-journal/1", then for each entry its length, its SHA-256 and its bytes. What a kill or a full disk left of a last entry is cut off. An entry
/// names a certificate by its digest and holds what the report shows beside it; whoever takes it over checks the certificate. The lock is the system's lock of the open
/// file, so it ends with the process, however that ends.
/// </remarks>
internal sealed class RunJournal : IDisposable
{
    private static readonly byte[] Head = "certify-journal/1\n"u8.ToArray();

    private readonly FileStream file;
    private readonly Dictionary<string, Entry> entries = [];

    private readonly string path;

    private RunJournal(string path, FileStream file) => (this.path, this.file) = (path, file);

    /// <summary>One claim that is done.</summary>
    /// <param name="Certificate">File name of the certificate.</param>
    /// <param name="Sha256">Its digest.</param>
    /// <param name="Binding">Digest of the question and the options.</param>
    /// <param name="Limit">Seconds that the search was allowed, where they ended it; 0 otherwise.</param>
    /// <param name="Reason">Why there is no answer.</param>
    /// <param name="Curve">For the report.</param>
    /// <param name="Map">For the report.</param>
    /// <param name="Progress">For the report.</param>
    public sealed record Entry(
        string Certificate,
        string Sha256,
        string Binding,
        double Limit,
        string Reason,
        ImmutableArray<CurvePoint> Curve,
        ImmutableArray<MapCell> Map,
        ImmutableArray<ProgressPoint> Progress);

    /// <summary>Opens the journal of a folder, for this run alone.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="resume">Whether to keep what is there.</param>
    /// <exception cref="IOException">Another run is writing there, or the folder cannot be written; one line.</exception>
    public static RunJournal Open(string folder, bool resume)
    {
        WholeFile.MakeFolder(folder);
        var path = Path.Combine(folder, "run.journal");
        var journal = new RunJournal(path, Lock(path, folder));
        try
        {
            journal.Start(resume);
            return journal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            journal.Dispose();
            throw WholeFile.NotWritten(path, error);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that nobody else may open meanwhile.</summary>
    public static FileStream Lock(string path, string what, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 4096, options);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException) && IsHeld(path))
        {
            throw new IOException($"{what}: another run is writing there", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.NotWritten(path, error);
        }
    }

    /// <summary>The entry of a certificate, or null.</summary>
    public Entry? Find(string certificate) => entries.GetValueOrDefault(certificate);

    /// <summary>Adds an entry, down to the disk.</summary>
    public void Add(Entry entry)
    {
        var bytes = ToBytes(entry);
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(bytes.Length);
        writer.Write(SHA256.HashData(bytes));
        writer.Write(bytes);
        try
        {
            file.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            file.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw WholeFile.NotWritten(path, error);
        }
    }

    public void Dispose()
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // Bytes that found no room: told where they were added, and half an entry is cut off when it is read.
        }
    }

    /// <summary>Whether the file exists and may be written, so that what keeps us out is its holder.</summary>
    private static bool IsHeld(string path)
    {
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return File.Exists(path);
        }
    }

    private void Start(bool resume)
    {
        var end = 0L;
        if (resume && file.Length >= Head.Length)
        {
            end = ReadAll();
        }

        file.SetLength(end);
        file.Position = end;
        if (end == 0)
        {
            file.Write(Head);
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads the entries up to the first that is not whole. The result is where that begins.</summary>
    private long ReadAll()
    {
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        if (!reader.ReadBytes(Head.Length).AsSpan().SequenceEqual(Head))
        {
            return 0;
        }

        while (true)
        {
            var end = file.Position;
            try
            {
                var length = reader.ReadInt32();
                var digest = reader.ReadBytes(SHA256.HashSizeInBytes);
                if (length < 0 || length > file.Length - file.Position || reader.ReadBytes(length) is var bytes && !SHA256.HashData(bytes).AsSpan().SequenceEqual(digest))
                {
                    return end;
                }

                if (Read(bytes) is not { } entry)
                {
                    return end;
                }

                entries[entry.Certificate] = entry;
            }
            catch (EndOfStreamException)
            {
                return end;
            }
        }
    }

    private static byte[] ToBytes(Entry entry)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        writer.Write(entry.Certificate);
        writer.Write(entry.Sha256);
        writer.Write(entry.Binding);
        writer.Write(entry.Limit);
        writer.Write(entry.Reason);
        Write([.. entry.Curve.SelectMany(point => new[] { point.Share, point.Lower, point.Upper })]);
        Write([.. entry.Map.SelectMany(cell => new[] { cell.X0, cell.X1, cell.Y0, cell.Y1, cell.Upper })]);
        Write([.. entry.Progress.SelectMany(point => new[] { point.Seconds, point.Lower, point.Upper })]);
        return buffer.ToArray();

        void Write(double[] numbers)
        {
            writer.Write(numbers.Length);
            foreach (var number in numbers)
            {
                writer.Write(number);
            }
        }
    }

    /// <summary>The entry; null where the bytes are none, though their digest fits. (Of a length below zero the reader says <see cref="IOException"/>.)</summary>
    private static Entry? Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            return Read(reader, bytes.Length);
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static Entry Read(BinaryReader reader, int length)
    {
        var (certificate, sha256, binding, limit, reason) = (reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadDouble(), reader.ReadString());
        return new Entry(
            certificate,
            sha256,
            binding,
            limit,
            reason,
            [.. Numbers(3).Select(n => new CurvePoint(n[0], n[1], n[2]))],
            [.. Numbers(5).Select(n => new MapCell(n[0], n[1], n[2], n[3], n[4]))],
            [.. Numbers(3).Select(n => new ProgressPoint(n[0], n[1], n[2]))]);

        double[][] Numbers(int width)
        {
            var count = reader.ReadInt32();
            var numbers = count >= 0 && count <= (length - reader.BaseStream.Position) / sizeof(double) ? new double[count] : throw new EndOfStreamException();
            for (var i = 0; i < count; i++)
            {
                numbers[i] = reader.ReadDouble();
            }

            return [.. numbers.Chunk(width).Where(chunk => chunk.Length == width)];
        }
    }
}
