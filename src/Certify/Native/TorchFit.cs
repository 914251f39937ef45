using System.Runtime.InteropServices;

namespace Certify.Native;

/// <summary>Whether the libtorch in a folder has what libLibTorchSharp.so asks for, found by reading both files: nothing is loaded but the system's own libraries.</summary>
/// <param name="Wrapper">The libLibTorchSharp.so that was looked at.</param>
/// <param name="Folder">The libtorch folder.</param>
/// <param name="Asked">Symbols that it asks for.</param>
/// <param name="Missing">Those that neither a library of the folder nor the system offers, each with whether loading fails without it; the others fail when they are called.</param>
/// <remarks>
/// libLibTorchSharp.so is bound lazily: a missing function ends the process only when it is called ("symbol lookup error"), a missing datum or virtual
/// table keeps it from loading. A libtorch of another version that lacks functions which nobody calls still works.
/// </remarks>
public sealed record TorchFit(string Wrapper, string Folder, int Asked, IReadOnlyList<(string Symbol, bool Early)> Missing)
{
    private static readonly string[] SystemLibraries = ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2"];

    /// <summary>Whether it would load.</summary>
    public bool Loads => !Missing.Any(missing => missing.Early);

    /// <summary>Compares.</summary>
    /// <exception cref="BadImageFormatException">A file is no ELF file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static TorchFit Of(string wrapper, string folder)
    {
        var asked = ElfSymbols.Read(wrapper).Undefined;
        var open = new Dictionary<string, bool>(asked, StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder, "lib*.so").Where(file => !Path.GetFileName(file).Contains("python", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            try
            {
                foreach (var symbol in ElfSymbols.Read(file).Defined)
                {
                    open.Remove(symbol);
                }
            }
            catch (BadImageFormatException)
            {
                // A linker script or a file of another machine: it offers nothing.
            }
        }

        foreach (var library in SystemLibraries)
        {
            if (NativeLibrary.TryLoad(library, out var handle))
            {
                foreach (var symbol in open.Keys.Where(symbol => NativeLibrary.TryGetExport(handle, symbol, out _)).ToArray())
                {
                    open.Remove(symbol);
                }
            }
        }

        return new TorchFit(wrapper, folder, asked.Count, [.. open.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => (item.Key, item.Value))]);
    }

    /// <summary>One line: fits, or what is missing.</summary>
    public override string ToString() => Missing.Count == 0
        ? $"all {Asked} symbols that {Path.GetFileName(Wrapper)} asks for are there"
        : $"{Missing.Count} of {Asked} symbols that {Path.GetFileName(Wrapper)} asks for are missing, {Missing.Count(missing => missing.Early)} of them needed to load: "
            + string.Join(", ", Missing.OrderByDescending(missing => missing.Early).Take(4).Select(missing => missing.Symbol)) + (Missing.Count > 4 ? ", ..." : "");
}
