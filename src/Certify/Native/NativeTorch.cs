using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Certify.Native;

/// <summary>Loads libtorch and the native half of TorchSharp before the first tensor. The one place that knows how.</summary>
/// <remarks>
/// <para><b>Old libstdc++.</b> <c>libLibTorchSharp.so</c> 0.107 requires the symbol version <c>GLIBCXX_3.4.32</c>; Debian 12 and Ubuntu 22.04 end at 3.4.30.
/// The only symbol behind that version, <c>_ZSt21ios_base_library_initv</c>, is used by no relocation, so the requirement is one of form. Where the
/// libstdc++ of this process does not define it, a copy with that requirement marked <i>weak</i> is loaded instead (System V ABI, "Symbol Versioning",
/// <c>vna_flags</c>; the loader then warns instead of refusing). The copy lives in memory (<c>memfd_create</c>): output folders hold hard links into the
/// NuGet cache, so nothing is ever written beside the original. Newer systems load the original.</para>
/// <para><b>How TorchSharp finds it.</b> TorchSharp asks the runtime for <c>torch_cpu</c> and <c>LibTorchSharp</c>. The runtime tries its folders and ends with the bare
/// name, which the system's loader answers with the library already loaded under that SONAME. So loading first is enough, as long as the folders hold no
/// other libtorch: two in one process register every operator twice and abort. Hence the build puts libtorch into the folder <c>libtorch</c> beside the program
/// (<c>eng/Torch.props</c>), where the runtime does not look.</para>
/// <para><b>A libtorch of one's own.</b> <c>CERTIFY_LIBTORCH</c> names a folder with <c>libtorch.so</c>, for example <c>site-packages/torch/lib</c> of a PyTorch
/// with CUDA; it takes the place of the folder <c>libtorch</c>. Where the variable is not set, a PyTorch found by <see cref="PyTorchFolders"/> serves in two cases: CUDA is
/// asked for and it has CUDA, or the program comes without a folder <c>libtorch</c>. A PyTorch is loaded as Python loads it: its dependencies first, globally, and CUDA's
/// libraries from the folders <c>nvidia/*/lib</c> beside it where the loader does not find them itself.</para>
/// <para><b>Memory of freed tensors.</b> glibc returns blocks of 32 MB and more to the system when they are freed, and smaller ones now and then; every tensor made then pays for
/// its pages again. It is told to keep half a gigabyte: bounds of wide networks on a processor are 2 to 8 times faster (bench/RESULTS.md).</para>
/// <para><b>Another version.</b> libLibTorchSharp.so 0.107 was built for libtorch 2.10. Whether another one has all that it asks for is found by reading the files
/// (<see cref="TorchFit"/>); where it does not load, the message says what is missing.</para>
/// </remarks>
public static class NativeTorch
{
    /// <summary>Names a folder with libtorch.so that replaces the packaged libtorch.</summary>
    public const string FolderVariable = "CERTIFY_LIBTORCH";

    private const string RequiredVersion = "GLIBCXX_3.4.32";
    private const string RequiredSymbol = "_ZSt21ios_base_library_initv";
    private const string Wrapper = "libLibTorchSharp.so";

    private static readonly Lock Gate = new();
    private static NativeTorchState? _state;
    private static NativeLoadException? _failure;

    /// <summary>Makes tensors usable, or throws one line that says what to install. Later calls return, or throw, at once; any thread may call.</summary>
    /// <param name="cuda">Whether to look for a libtorch with CUDA first. The first call decides: one process has one libtorch.</param>
    /// <returns>What was loaded, for logs and certificates.</returns>
    /// <exception cref="NativeLoadException">libtorch is absent, incomplete, or does not fit this system.</exception>
    public static NativeTorchState EnsureLoaded(bool cuda = false)
    {
        lock (Gate)
        {
            if (_failure is not null)
            {
                throw new NativeLoadException(_failure.Message, _failure);
            }

            try
            {
                return _state ??= Load(OwnFolder(cuda));
            }
            catch (NativeLoadException failure)
            {
                // A half-loaded libtorch cannot be unloaded, so a second attempt could not do better.
                _failure = failure;
                throw;
            }
        }
    }

    /// <summary>The folder that would be loaded, and libLibTorchSharp.so; null where there is none. Nothing is loaded.</summary>
    public static (string? Folder, string? Wrapper) Locate(bool cuda = false) =>
        (OwnFolder(cuda) ?? (File.Exists(Path.Combine(PackagedFolder, "libtorch.so")) ? PackagedFolder : null), Find(Wrapper));

    /// <summary>The ELF file with every requirement of symbol version <paramref name="version"/> marked weak, so that a system without it may load the file.</summary>
    /// <param name="elf">A 64-bit little-endian ELF file. It is read as the system's loader reads it: program headers, then the dynamic section.</param>
    /// <param name="version">For example <c>GLIBCXX_3.4.32</c>. A file that does not require it comes back unchanged.</param>
    /// <exception cref="BadImageFormatException">The bytes are no such file, or a table in them leads outside the file.</exception>
    public static byte[] WeakenVersion(ReadOnlySpan<byte> elf, string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        var patched = elf.ToArray();
        foreach (var flags in ElfVersions.FlagOffsets(elf, version))
        {
            patched[flags] |= ElfVersions.Weak;
        }

        return patched;
    }

    private static string PackagedFolder => Path.Combine(AppContext.BaseDirectory, "libtorch");

    /// <summary>The folder that takes the place of the packaged one, or null.</summary>
    private static string? OwnFolder(bool cuda)
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } named)
        {
            return named;
        }

        return !OperatingSystem.IsLinux() ? null
            : !Directory.Exists(PackagedFolder) ? PyTorchFolders.All().OrderByDescending(folder => cuda && PyTorchFolders.HasCuda(folder)).FirstOrDefault()
            : cuda ? PyTorchFolders.All().FirstOrDefault(PyTorchFolders.HasCuda)
            : null;
    }

    private static NativeTorchState Load(string? ownFolder)
    {
        var folder = Path.GetFullPath(ownFolder ?? PackagedFolder);
        if (ownFolder is not null || OperatingSystem.IsLinux())
        {
            LoadFolder(folder, ownFolder is not null);
        }

        var patched = OperatingSystem.IsLinux() && LoadWrapper(folder);
        if (OperatingSystem.IsLinux())
        {
            LibC.KeepFreedMemory();
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception failure) when (failure is NotSupportedException or DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            throw new NativeLoadException($"libtorch: TorchSharp did not start ({FirstLine(failure)}); its package and libtorch must fit (0.107 with 2.10).", failure);
        }

        return new NativeTorchState(ownFolder is null ? null : folder, patched) { HasCuda = PyTorchFolders.HasCuda(folder), Version = PyTorchFolders.Version(folder) };
    }

    private static void LoadFolder(string folder, bool own)
    {
        var (prefix, suffix) = OperatingSystem.IsWindows() ? ("", ".dll") : OperatingSystem.IsMacOS() ? ("lib", ".dylib") : ("lib", ".so");
        if (!File.Exists(Path.Combine(folder, $"{prefix}torch{suffix}")))
        {
            throw new NativeLoadException(own
                ? $"libtorch: {FolderVariable} is '{folder}', which holds no {prefix}torch{suffix}; name the lib folder of a PyTorch 2.10."
                : $"libtorch: none came with this program, and no PyTorch was found; install PyTorch 2.10, or set {FolderVariable} to the folder torch/lib of one. All that needs no tensors works without.");
        }

        if (own && Find($"{prefix}torch_cpu{suffix}") is { } other && Path.GetDirectoryName(other) != folder)
        {
            throw new NativeLoadException($"libtorch: {FolderVariable} is '{folder}', but TorchSharp would load '{other}' as well; remove that file.");
        }

        // torch_global_deps pulls the CUDA libraries that PyTorch keeps in folders of their own; torch_cuda exists only in CUDA builds.
        foreach (var name in (string[])["torch_global_deps", "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"])
        {
            var file = Path.Combine(folder, $"{prefix}{name}{suffix}");
            if (!File.Exists(file))
            {
                continue;
            }

            if (own && OperatingSystem.IsLinux())
            {
                LoadGlobally(file, folder);
            }
            else
            {
                LoadFile(file, folder);
            }
        }
    }

    /// <summary>Loads a library of a PyTorch for all that follow, with what it asks for and the loader does not find.</summary>
    private static void LoadGlobally(string file, string folder)
    {
        const string absent = ": cannot open shared object file";
        for (var more = 0; LibC.OpenGlobally(file) is { } reason; more++)
        {
            var end = reason.IndexOf(absent, StringComparison.Ordinal);
            var name = end > 0 ? reason[..end] : "";
            if (more == 64 || name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || Beside(folder, name) is not { } found || LibC.OpenGlobally(found) is not null)
            {
                // What only gathers dependencies may fail: those that matter are asked for again.
                if (Path.GetFileName(file) == "libtorch_global_deps.so")
                {
                    return;
                }

                throw new NativeLoadException($"libtorch: {Path.GetFileName(file)} does not load with the libtorch in '{folder}' ({reason}).");
            }
        }
    }

    /// <summary>A library of one of the packages that PyTorch's wheels depend on: site-packages/nvidia/PACKAGE/lib.</summary>
    private static string? Beside(string folder, string name)
    {
        var packages = Path.GetFullPath(Path.Combine(folder, "..", "..", "nvidia"));
        return Directory.Exists(packages) ? Directory.EnumerateFiles(packages, name, SearchOption.AllDirectories).FirstOrDefault() : null;
    }

    /// <summary>Loads libLibTorchSharp.so, or its weakened copy where this system needs that; says which.</summary>
    private static bool LoadWrapper(string folder)
    {
        var wrapper = Find(Wrapper)
            ?? throw new NativeLoadException($"libtorch: {Wrapper} is not beside the program; build again, or publish with the TorchSharp package for this platform.");
        if (SystemHasRequiredVersion())
        {
            LoadFile(wrapper, folder);
            return false;
        }

        LoadPatched(wrapper, folder);
        return true;
    }

    private static string? Find(string name)
    {
        var probed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] folders = [.. probed, AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static void LoadFile(string file, string folder)
    {
        try
        {
            NativeLibrary.Load(file);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeLoadException($"libtorch: {Path.GetFileName(file)} does not load with the libtorch in '{folder}' ({Reason(failure)}){Misfit(file, folder, failure)}.", failure);
        }
    }

    /// <summary>For libLibTorchSharp.so and a libtorch of another version: what is missing.</summary>
    private static string Misfit(string file, string folder, Exception failure)
    {
        if (Path.GetFileName(file) != Wrapper || !failure.Message.Contains("undefined symbol", StringComparison.Ordinal))
        {
            return "";
        }

        try
        {
            return $"; {TorchFit.Of(file, folder)}; it was built for libtorch 2.10{(PyTorchFolders.Version(folder) is { Length: > 0 } version ? $", this is {version}" : "")}";
        }
        catch (Exception unreadable) when (unreadable is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void LoadPatched(string wrapper, string folder)
    {
        try
        {
            using var copy = AnonymousFile.Create(Wrapper, WeakenVersion(File.ReadAllBytes(wrapper), RequiredVersion));
            NativeLibrary.Load(copy.Path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or IOException)
        {
            if (Misfit(wrapper, folder, failure) is { Length: > 0 } misfit)
            {
                throw new NativeLoadException($"libtorch: {Wrapper} does not load with the libtorch in '{folder}' ({Reason(failure)}){misfit}.", failure);
            }

            throw new NativeLoadException(
                $"libtorch: the C++ library of this system lacks {RequiredVersion} and the copy of {Wrapper} that does without it did not load ({Reason(failure)}); install libstdc++6 13 or later.", failure);
        }
    }

    /// <summary>Whether the libstdc++ that this process uses defines the symbol under the version that libLibTorchSharp.so requires.</summary>
    private static bool SystemHasRequiredVersion() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out var library) && LibC.FindVersioned(library, RequiredSymbol, RequiredVersion) != 0;

    private static string FirstLine(Exception failure) => failure.Message.Split('\n', 2)[0].Trim();

    /// <summary>The runtime lists every path that it tried; the loader's own words about a library follow its path and a colon.</summary>
    private static string Reason(Exception failure) =>
        failure.Message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith('/') && !line.EndsWith("No such file or directory", StringComparison.Ordinal))
        ?? FirstLine(failure);

    /// <summary>The requirements of symbol versions in an ELF file, found the way the system's loader finds them.</summary>
    /// <remarks>Layouts: System V gABI 4.1, chapter 5 (program header, dynamic section); Linux Standard Base Core 5.0, "Symbol Versioning" (Verneed, Vernaux).</remarks>
    private static class ElfVersions
    {
        /// <summary>VER_FLG_WEAK, in the low byte of vna_flags.</summary>
        public const byte Weak = 0x2;

        private const uint SegmentLoad = 1;
        private const uint SegmentDynamic = 2;
        private const ulong StringTable = 5;
        private const ulong StringTableSize = 10;
        private const ulong VersionsNeeded = 0x6FFFFFFE;
        private const ulong VersionsNeededCount = 0x6FFFFFFF;

        /// <summary>Where, in the file, the vna_flags of each requirement of <paramref name="version"/> begin.</summary>
        public static List<int> FlagOffsets(ReadOnlySpan<byte> elf, string version)
        {
            if (elf.Length < 64 || !elf.StartsWith("\u007FELF\u0002\u0001"u8))
            {
                throw new BadImageFormatException("Not a 64-bit little-endian ELF file.");
            }

            var segments = ReadSegments(elf);
            var dynamic = ReadDynamic(elf, segments);
            var found = new List<int>();
            if (!dynamic.TryGetValue(VersionsNeeded, out var neededAt))
            {
                return found;
            }

            if (!dynamic.TryGetValue(VersionsNeededCount, out var count) || !dynamic.TryGetValue(StringTable, out var stringsAt)
                || !dynamic.TryGetValue(StringTableSize, out var stringsSize))
            {
                throw new BadImageFormatException("The dynamic section requires versions but lacks their count or its strings.");
            }

            var strings = Slice(elf, FileOffset(segments, stringsAt), stringsSize);
            var name = Encoding.ASCII.GetBytes(version + "\0");
            var need = FileOffset(segments, neededAt);
            for (var i = 0UL; i < count; i++)
            {
                var record = Slice(elf, need, 16);
                var auxiliaries = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
                var auxiliary = Add(need, BinaryPrimitives.ReadUInt32LittleEndian(record[8..]));
                for (var j = 0; j < auxiliaries; j++)
                {
                    var entry = Slice(elf, auxiliary, 16);
                    var nameAt = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
                    if (nameAt >= stringsSize)
                    {
                        throw new BadImageFormatException("A required version has its name outside the string table.");
                    }

                    if (strings[(int)nameAt..].StartsWith(name))
                    {
                        found.Add((int)auxiliary + 4);
                    }

                    var next = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
                    RequireProgress(next, last: j == auxiliaries - 1);
                    auxiliary = Add(auxiliary, next);
                }

                var nextNeed = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
                RequireProgress(nextNeed, last: i == count - 1);
                need = Add(need, nextNeed);
            }

            return found;
        }

        private static List<Segment> ReadSegments(ReadOnlySpan<byte> elf)
        {
            var at = BinaryPrimitives.ReadUInt64LittleEndian(elf[32..]);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(elf[54..]);
            var count = BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]);
            if (size < 56)
            {
                throw new BadImageFormatException($"A program header of {size} bytes is too short.");
            }

            var segments = new List<Segment>(count);
            for (var i = 0; i < count; i++)
            {
                var header = Slice(elf, Add(at, (ulong)i * size), 56);
                segments.Add(new Segment(
                    BinaryPrimitives.ReadUInt32LittleEndian(header),
                    Offset: BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                    Address: BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
                    FileSize: BinaryPrimitives.ReadUInt64LittleEndian(header[32..])));
            }

            return segments;
        }

        private static Dictionary<ulong, ulong> ReadDynamic(ReadOnlySpan<byte> elf, List<Segment> segments)
        {
            var entries = new Dictionary<ulong, ulong>();
            foreach (var segment in segments.Where(segment => segment.Type == SegmentDynamic))
            {
                var section = Slice(elf, segment.Offset, segment.FileSize);
                for (; section.Length >= 16; section = section[16..])
                {
                    var tag = BinaryPrimitives.ReadUInt64LittleEndian(section);
                    if (tag == 0)
                    {
                        break;
                    }

                    entries[tag] = BinaryPrimitives.ReadUInt64LittleEndian(section[8..]);
                }
            }

            return entries;
        }

        private static ulong FileOffset(List<Segment> segments, ulong address)
        {
            foreach (var segment in segments)
            {
                if (segment.Type == SegmentLoad && address >= segment.Address && address - segment.Address < segment.FileSize)
                {
                    return Add(segment.Offset, address - segment.Address);
                }
            }

            throw new BadImageFormatException($"Address 0x{address:x} lies in no loaded segment.");
        }

        private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> elf, ulong offset, ulong size)
        {
            if (offset > (ulong)elf.Length || size > (ulong)elf.Length - offset)
            {
                throw new BadImageFormatException($"A table at 0x{offset:x} of {size} bytes leads outside the file of {elf.Length} bytes.");
            }

            return elf.Slice((int)offset, (int)size);
        }

        private static ulong Add(ulong a, ulong b) =>
            a <= ulong.MaxValue - b ? a + b : throw new BadImageFormatException("An offset does not fit 64 bits.");

        private static void RequireProgress(uint next, bool last)
        {
            // Zero ends a list; before its counted end it would be read again and again.
            if (next == 0 && !last)
            {
                throw new BadImageFormatException("A list of required versions ends before its count.");
            }
        }

        private readonly record struct Segment(uint Type, ulong Offset, ulong Address, ulong FileSize);
    }

    /// <summary>A file that has a path but no place in any folder; it goes when nothing maps it.</summary>
    private sealed class AnonymousFile : IDisposable
    {
        // Kernels since 6.3 may refuse to execute such files unless asked at creation; earlier ones do not know the flag.
        private const uint CloseOnExec = 0x1;
        private const uint Executable = 0x10;
        private readonly int _descriptor;

        private AnonymousFile(int descriptor) => _descriptor = descriptor;

        public string Path => $"/proc/self/fd/{_descriptor}";

        public static AnonymousFile Create(string name, byte[] content)
        {
            var descriptor = LibC.MemoryFile(name, CloseOnExec | Executable);
            if (descriptor < 0)
            {
                descriptor = LibC.MemoryFile(name, CloseOnExec);
            }

            if (descriptor < 0)
            {
                throw new IOException($"memfd_create: error {Marshal.GetLastPInvokeError()}");
            }

            var file = new AnonymousFile(descriptor);
            File.WriteAllBytes(file.Path, content);
            return file;
        }

        public void Dispose() => _ = LibC.Close(_descriptor);
    }

    private static class LibC
    {
        public static nint FindVersioned(nint library, string symbol, string version) => dlvsym(library, symbol, version);

        public static int MemoryFile(string name, uint flags) => memfd_create(name, flags);

        public static int Close(int descriptor) => close(descriptor);

        /// <summary>Asks malloc to serve blocks of up to 256 MB from memory that it keeps, half a gigabyte at most. Without effect on C libraries that have no such setting.</summary>
        public static void KeepFreedMemory()
        {
            try
            {
                _ = mallopt(-3, 256 << 20); // M_MMAP_THRESHOLD
                _ = mallopt(-1, 512 << 20); // M_TRIM_THRESHOLD
                _ = mallopt(-2, 64 << 20); // M_TOP_PAD
            }
            catch (EntryPointNotFoundException)
            {
            }
        }

        /// <summary>Loads a library, its symbols open to all libraries that follow and functions bound when they are called. Null, or the loader's reason.</summary>
        public static string? OpenGlobally(string file)
        {
            const int lazy = 0x1;
            const int global = 0x100;
            _ = dlerror(); // finds the function, which itself asks the loader, before there is a reason that this would clear
            return dlopen(file, lazy | global) != 0 ? null : Marshal.PtrToStringAnsi(dlerror())?.ReplaceLineEndings(" ") ?? "no reason given";
        }

        [DllImport("libc.so.6", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint dlvsym(nint handle, string symbol, string version);

        [DllImport("libc.so.6", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true, SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int memfd_create(string name, uint flags);

        [DllImport("libc.so.6")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int close(int descriptor);

        [DllImport("libc.so.6", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint dlopen(string file, int flags);

        [DllImport("libc.so.6")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int mallopt(int parameter, int value);

        [DllImport("libc.so.6")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint dlerror();
    }
}

/// <summary>What <see cref="NativeTorch.EnsureLoaded"/> loaded.</summary>
/// <param name="OwnFolder">The user's libtorch folder; null where the packaged libtorch is in use.</param>
/// <param name="Patched">Whether a copy of libLibTorchSharp.so with a weakened version requirement is in use.</param>
public sealed record NativeTorchState(string? OwnFolder, bool Patched)
{
    /// <summary>Whether that libtorch was built with CUDA.</summary>
    public bool HasCuda { get; init; }

    /// <summary>The version of the PyTorch that it belongs to; empty where it says none.</summary>
    public string Version { get; init; } = "";
}
