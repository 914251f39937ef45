using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Certify.Native;

/// <summary>The dynamic symbols of a 64-bit little-endian ELF file, as <c>nm -D</c> lists them. Only the tables are read, so files of a gigabyte take milliseconds.</summary>
/// <param name="Needed">Names of the libraries that the file asks for.</param>
/// <param name="Defined">Symbols that it offers.</param>
/// <param name="Undefined">Symbols that it asks for and cannot do without, each with whether the loader needs it at once (data, virtual tables) and not only when it is called.</param>
/// <remarks>Layouts: System V gABI 4.1, chapters 4 (section header, symbol table, relocation) and 5 (dynamic section); AMD64 supplement for R_X86_64_JUMP_SLOT.</remarks>
internal sealed record ElfSymbols(IReadOnlyList<string> Needed, IReadOnlySet<string> Defined, IReadOnlyDictionary<string, bool> Undefined)
{
    private const uint Relocations = 4;
    private const uint Dynamic = 6;
    private const uint DynamicSymbols = 11;
    private const uint JumpSlot = 7;
    private const int Weak = 2;
    private const long Largest = 1 << 30;

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadImageFormatException">It is no such file, or a table leads outside it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ElfSymbols Read(string path)
    {
        using var file = File.OpenHandle(path);
        var header = Bytes(file, 0, 64);
        if (!header.AsSpan().StartsWith("\u007FELF\u0002\u0001"u8))
        {
            throw new BadImageFormatException($"{path} is no 64-bit little-endian ELF file.");
        }

        var (size, count) = (U16(header, 58), U16(header, 60));
        if (size < 64 || count == 0)
        {
            throw new BadImageFormatException($"{path} has no section headers.");
        }

        var table = Bytes(file, (long)U64(header, 40), (long)size * count);
        Section At(int i) => i >= 0 && i < count
            ? new Section(U32(table, (i * size) + 4), (long)U64(table, (i * size) + 24), (long)U64(table, (i * size) + 32), (int)U32(table, (i * size) + 40))
            : throw new BadImageFormatException($"{path} has no section {i}.");
        Section[] sections = [.. Enumerable.Range(0, count).Select(At)];

        var symbols = sections.FirstOrDefault(section => section.Type == DynamicSymbols) ?? throw new BadImageFormatException($"{path} has no dynamic symbols.");
        var (entries, names) = (Bytes(file, symbols.Offset, symbols.Size), Bytes(file, At(symbols.Link).Offset, At(symbols.Link).Size));
        var early = new HashSet<uint>();
        foreach (var section in sections.Where(section => section.Type == Relocations))
        {
            var relocations = Bytes(file, section.Offset, section.Size);
            for (var i = 0; i + 24 <= relocations.Length; i += 24)
            {
                var info = U64(relocations, i + 8);
                if ((uint)info != JumpSlot)
                {
                    early.Add((uint)(info >> 32));
                }
            }
        }

        var (defined, undefined) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, bool>(StringComparer.Ordinal));
        for (var i = 1; (i + 1) * 24 <= entries.Length; i++)
        {
            var at = i * 24;
            var name = Text(names, U32(entries, at));
            if (U16(entries, at + 6) != 0)
            {
                defined.Add(name);
            }
            else if (entries[at + 4] >> 4 != Weak)
            {
                undefined[name] = early.Contains((uint)i);
            }
        }

        List<string> needed = [];
        foreach (var section in sections.Where(section => section.Type == Dynamic))
        {
            var (dynamic, strings) = (Bytes(file, section.Offset, section.Size), Bytes(file, At(section.Link).Offset, At(section.Link).Size));
            for (var i = 0; i + 16 <= dynamic.Length && U64(dynamic, i) != 0; i += 16)
            {
                if (U64(dynamic, i) == 1)
                {
                    needed.Add(Text(strings, U64(dynamic, i + 8)));
                }
            }
        }

        return new ElfSymbols(needed, defined, undefined);
    }

    private static byte[] Bytes(SafeFileHandle file, long offset, long length)
    {
        if (offset < 0 || length is < 0 or > Largest || offset > RandomAccess.GetLength(file) - length)
        {
            throw new BadImageFormatException($"A table at 0x{offset:x} of {length} bytes leads outside the file.");
        }

        var bytes = new byte[length];
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            read += more > 0 ? more : throw new IOException("The file ends early.");
        }

        return bytes;
    }

    private static string Text(byte[] strings, ulong at)
    {
        if (at >= (ulong)strings.Length)
        {
            throw new BadImageFormatException("A name lies outside its table.");
        }

        var text = strings.AsSpan((int)at);
        var end = text.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]);
    }

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static ulong U64(byte[] bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));

    private sealed record Section(uint Type, long Offset, long Size, int Link);
}
