using System.Buffers.Binary;
using System.Text;
using Guarantees.Formats;

namespace Estimators.Import;

/// <summary>The entries of a zip archive as torch.save writes it: stored, not compressed, no comment at its end; views of the archive's own bytes.</summary>
/// <remarks>
/// So nothing grows when it is read. Sizes and places are those of the central directory; entries lie before it and do not overlap; each has the CRC-32 that the directory states. Archives of 65,535 entries or more are refused, and with them
/// all that needs the 64-bit extension.
/// Source: PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", sec. 4.3 and 4.4 (from memory).
/// </remarks>
internal static class ZipEntries
{
    private const int EndLength = 22;
    private const int CentralLength = 46;
    private const int LocalLength = 30;
    private const int Encrypted = 1;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
        Enumerable.Range(0, 8).Aggregate((uint)i, (value, _) => (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1)))];

    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes is [(byte)'P', (byte)'K', 3, 4, ..];

    /// <exception cref="ModelFormatException">The archive is damaged, or of another kind.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> archive, string file)
    {
        var bytes = archive.Span;
        var end = bytes.Length - EndLength;
        if (end < 0 || U32(bytes, end) != 0x06054B50 || U16(bytes, end + 20) != 0)
        {
            throw new ModelFormatException($"{file}: the archive does not end as a zip archive without comment; it is cut off or damaged.");
        }

        var (count, size, start) = (U16(bytes, end + 10), U32(bytes, end + 12), U32(bytes, end + 16));
        if (count == ushort.MaxValue || (long)start + size > end)
        {
            throw new ModelFormatException($"{file}: the archive's directory of {count} entries has {size} bytes from {start} on, expected fewer than {ushort.MaxValue} entries before byte {end}.");
        }

        var (ranges, at) = (new List<(string Name, int Local, int Begin, int End)>(), (int)start);
        var entries = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var next = at + CentralLength;
            if (next > end || U32(bytes, at) != 0x02014B50)
            {
                throw new ModelFormatException($"{file}: entry {i} of the archive's directory is not where it should be, at byte {at}.");
            }

            next += U16(bytes, at + 28) + U16(bytes, at + 30) + U16(bytes, at + 32);
            var name = next <= end ? Name(bytes.Slice(at + CentralLength, U16(bytes, at + 28)), file, i) : throw new ModelFormatException($"{file}: entry {i} of the archive's directory ends at byte {next}, expected at most {end}.");
            var where = $"{file}: entry {OneLine.Quote(name)}";
            if (entries.ContainsKey(name))
            {
                throw new ModelFormatException($"{where} is there twice.");
            }

            var (flags, method, packed, length, local) = (U16(bytes, at + 8), U16(bytes, at + 10), U32(bytes, at + 20), U32(bytes, at + 24), U32(bytes, at + 42));
            if ((flags & Encrypted) != 0 || method != 0 || packed != length)
            {
                throw new ModelFormatException($"{where}: method {method}, {packed} bytes for {length}, expected entries that are stored as they are (method 0), as torch.save does.");
            }

            if ((long)local + LocalLength > start || U32(bytes, (int)local) != 0x04034B50)
            {
                throw new ModelFormatException($"{where}: begins at byte {local}, where no entry is.");
            }

            var begin = (long)local + LocalLength + U16(bytes, (int)local + 26) + U16(bytes, (int)local + 28);
            if (begin + length > start)
            {
                throw new ModelFormatException($"{where}: bytes {begin} to {begin + length}, expected at most {start}.");
            }

            ranges.Add((name, (int)local, (int)begin, (int)(begin + length)));
            entries.Add(name, archive[(int)begin..(int)(begin + length)]);
            at = next;
        }

        Disjoint(ranges, file);
        at = (int)start;
        foreach (var (name, _, begin, finish) in ranges)
        {
            var (stated, found) = (U32(bytes, at + 16), Checksum(bytes[begin..finish]));
            at += CentralLength + U16(bytes, at + 28) + U16(bytes, at + 30) + U16(bytes, at + 32);
            if (stated != found)
            {
                throw new ModelFormatException($"{file}: entry {OneLine.Quote(name)}: CRC-32 {found:X8}, expected {stated:X8}: it is damaged.");
            }
        }

        return entries;
    }

    private static void Disjoint(List<(string Name, int Local, int Begin, int End)> ranges, string file)
    {
        var free = 0;
        foreach (var (name, local, _, end) in ranges.OrderBy(range => range.Local))
        {
            free = local >= free ? end : throw new ModelFormatException($"{file}: entry {OneLine.Quote(name)} begins at byte {local}, within the entry before it, which ends at {free}.");
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
        {
            checksum = Table[(byte)(checksum ^ value)] ^ (checksum >> 8);
        }

        return ~checksum;
    }

    private static string Name(ReadOnlySpan<byte> bytes, string file, int index)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new ModelFormatException($"{file}: the name of entry {index} of the archive is not in UTF-8.", error);
        }
    }

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
