using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Guarantees.Formats;

/// <summary>How every file of a result is written: whole, or not at all.</summary>
/// <remarks>
/// The bytes go to a temporary file in the same folder, down to the disk, and get their name by a rename, which the file system does at once: whoever looks finds the old
/// file or the new one, after a kill and after a power failure as well. Temporary names ("NAME.0123456789abcdef.partial") are drawn at random, so that two programs that
/// write one file do not meet in it; the last rename stands. What fails leaves nothing behind; what a kill leaves is removed by <see cref="Sweep"/>. Failures are an
/// <see cref="IOException"/> of one line that names the file and what to do. What lies under /dev or /proc (/dev/stdout) is no file and is written as it is.
/// </remarks>
public static class WholeFile
{
    private const string Ending = ".partial";
    private const int RandomBytes = 8;

    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left of the attempt, and a file that was there is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes) => Publish(path, bytes, static (file, content) => file.Write(content), replace: true, secret: false);

    /// <summary>Writes a file that is too large for memory, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fill">Writes the content; where it fails, nothing is left of the attempt.</param>
    /// <exception cref="IOException">It cannot be written; nothing is left of the attempt, and a file that was there is as it was.</exception>
    public static void Write(string path, Action<Stream> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        Publish(
            path,
            [],
            (file, _) =>
            {
                var buffered = new BufferedStream(file, 1 << 16); // not closed: the file is flushed down to the disk after
                fill(buffered);
                buffered.Flush();
            },
            replace: true,
            secret: false);
    }

    /// <summary>Writes a file that must not be there yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="secret">Whether only its owner may read it (mode 0600, from the first byte on).</param>
    /// <exception cref="IOException">It is there, or cannot be written.</exception>
    public static void Create(string path, ReadOnlySpan<byte> bytes, bool secret = false) => Publish(path, bytes, static (file, content) => file.Write(content), replace: false, secret);

    /// <summary>Fails as <see cref="Write(string, ReadOnlySpan{byte})"/> would, before the work whose result is to be written.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Probe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (IsDevice(path))
        {
            return;
        }

        var temporary = "";
        try
        {
            temporary = Temporary(Target(path));
            using (Open(temporary, secret: false))
            {
                // Only whether it can be.
            }

            File.Delete(temporary);
            if (Directory.Exists(path))
            {
                throw new IOException();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure(path, temporary, error);
        }
    }

    /// <summary>Removes what killed programs left of a file. Only for who alone writes it: the temporary file of another would go too.</summary>
    public static void Sweep(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (folder, name) = (FolderOf(path), Path.GetFileName(path) + ".");
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.GetFiles(folder, "*" + Ending))
        {
            var found = Path.GetFileName(file);
            if (found.Length == name.Length + (2 * RandomBytes) + Ending.Length && found.StartsWith(name, StringComparison.Ordinal))
            {
                File.Delete(file);
            }
        }
    }

    private delegate void Fill(Stream file, ReadOnlySpan<byte> bytes);

    private static void Publish(string path, ReadOnlySpan<byte> bytes, Fill fill, bool replace, bool secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var temporary = "";
        try
        {
            if (replace && IsDevice(path))
            {
                using var device = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
                fill(device, bytes);
                return;
            }

            var target = replace ? Target(path) : path;
            temporary = Temporary(target);
            using (var file = Open(temporary, secret))
            {
                fill(file, bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, replace);
            FlushFolder(FolderOf(target));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure(path, temporary, error);
        }
        catch when (temporary.Length > 0)
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static FileStream Open(string temporary, bool secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (secret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(temporary, options);
    }

    private static string Temporary(string target) => $"{target}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}{Ending}";

    /// <summary>Where a symbolic link leads: the link stays.</summary>
    private static string Target(string path) => new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;

    private static string FolderOf(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";

    /// <summary>Whether a path names no file but a device or a stream of a process, such as /dev/stdout.</summary>
    public static bool IsDevice(string path) => !OperatingSystem.IsWindows() && Path.GetFullPath(path) is var full
        && (full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal)) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static IOException Failure(string path, string temporary, Exception error)
    {
        try
        {
            if (temporary.Length > 0)
            {
                // On a full disk the half file is what takes the place.
                File.Delete(temporary);
            }
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to tell.
        }

        return NotWritten(path, error);
    }

    /// <summary>A failure to write, in one line that names the file and what to do; for files that are written in another way.</summary>
    public static IOException NotWritten(string path, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var folder = FolderOf(path);
        return !Directory.Exists(folder) && !File.Exists(folder) ? new DirectoryNotFoundException($"{folder}: folder not found", error)
            : new IOException($"{path}: not written: {Reason(path, folder, error)}", error);
    }

    /// <summary>Makes a folder, and those above it, where there is none.</summary>
    /// <exception cref="IOException">It cannot be made; one line.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: folder not made: {(File.Exists(path) ? "there is a file of that name; choose another place" : Reason(path, FolderOf(path), error))}", error);
        }
    }

    private static string Reason(string path, string folder, Exception error)
    {
        // Numbers of errno.h that Linux and macOS share, and the one of Windows.
        const int NoSpace = 28, ReadOnly = 30, DiskFull = unchecked((int)0x80070070);
        return Directory.Exists(path) ? "it is a folder; name a file"
            : error.HResult is NoSpace or DiskFull ? "the disk is full; free some space or choose another place"
            : error.HResult is ReadOnly ? "the file system is read-only; choose another place"
            : File.Exists(folder) ? $"{folder} is no folder; choose another place"
            : error is UnauthorizedAccessException ? $"no permission to write to {folder}; change it or choose another place"
            : File.Exists(path) && error is IOException { HResult: 17 or unchecked((int)0x80070050) or unchecked((int)0x800700B7) } ? "it is there already; choose another name"
            : string.Create(CultureInfo.InvariantCulture, $"{error.Message.ReplaceLineEndings(" ")}; choose another place");
    }

    /// <summary>Makes a rename outlast a power failure, where the system can: a folder that cannot be flushed is none of the caller's concern.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = LibC.open([.. Encoding.UTF8.GetBytes(folder), 0], 0);
        if (descriptor >= 0)
        {
            _ = LibC.fsync(descriptor);
            _ = LibC.close(descriptor);
        }
    }

    /// <summary>.NET opens no folders.</summary>
    private static class LibC
    {
#pragma warning disable IDE1006 // the names of the C library
        [DllImport("libc", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int open(byte[] path, int flags);

        [DllImport("libc", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int fsync(int descriptor);

        [DllImport("libc", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int close(int descriptor);
#pragma warning restore IDE1006
    }
}
