using System.Buffers.Binary;
using System.IO.Compression;

namespace Guarantees.Formats.VnnLib;

/// <summary>A stream that is read once, from its beginning to its end.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public abstract override int Read(Span<byte> buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream whose first bytes were looked at, and whose last ones are remembered; it need not be able to go back.</summary>
internal sealed class FirstBytes : ForwardStream
{
    // Four, so that a byte order mark arrives in one piece.
    private readonly byte[] first = new byte[4];
    private readonly byte[] last = new byte[8];
    private readonly Stream inner;
    private readonly int count;
    private int given;

    public FirstBytes(Stream inner)
    {
        this.inner = inner;
        count = inner.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
    }

    /// <summary>The last eight bytes read.</summary>
    public ReadOnlySpan<byte> Last => last;

    public bool BeginWith(byte a, byte b) => count >= 2 && first[0] == a && first[1] == b;

    public override int Read(Span<byte> buffer)
    {
        int taken;
        if (given < count)
        {
            taken = Math.Min(count - given, buffer.Length);
            first.AsSpan(given, taken).CopyTo(buffer);
            given += taken;
        }
        else
        {
            taken = inner.Read(buffer);
        }

        var kept = Math.Min(taken, last.Length);
        last.AsSpan(kept).CopyTo(last);
        buffer[(taken - kept)..taken].CopyTo(last.AsSpan(last.Length - kept));
        return taken;
    }
}

/// <summary>Expands one gzip file and checks, at its end, the checksum and the length that it states.</summary>
/// <remarks>
/// The framework's stream ends without a word where the file is cut off: assertions at the end would be lost, and <c>sat</c> with them.
/// Source: P. Deutsch, "GZIP file format specification version 4.3", RFC 1952, sec. 2.3.1 (CRC32, ISIZE) and 8 (the CRC).
/// </remarks>
internal sealed class Gunzip(FirstBytes packed) : ForwardStream
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
        Enumerable.Range(0, 8).Aggregate((uint)i, (value, _) => (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1)))];

    private readonly GZipStream expanded = new(packed, CompressionMode.Decompress, leaveOpen: true);
    private uint checksum = uint.MaxValue;
    private uint length;

    /// <exception cref="InvalidDataException">The file is damaged, cut off, or followed by something else.</exception>
    public override int Read(Span<byte> buffer)
    {
        var taken = expanded.Read(buffer);
        foreach (var value in buffer[..taken])
        {
            checksum = Table[(byte)(checksum ^ value)] ^ (checksum >> 8);
        }

        length = unchecked(length + (uint)taken);
        if (taken == 0 && !buffer.IsEmpty)
        {
            Span<byte> rest = stackalloc byte[256];
            while (packed.Read(rest) > 0)
            {
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(packed.Last) != ~checksum || BinaryPrimitives.ReadUInt32LittleEndian(packed.Last[4..]) != length)
            {
                throw new InvalidDataException("The checksum or the length at the end of a gzip file is not that of its content.");
            }
        }

        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            expanded.Dispose();
        }

        base.Dispose(disposing);
    }
}
