namespace Certify.Native;

/// <summary>Finds the <c>torch/lib</c> folders of Python installations by looking at files: no Python is started.</summary>
/// <remarks>
/// Looked at, in this order: <c>PYTHONPATH</c>; the prefixes <c>VIRTUAL_ENV</c> and <c>CONDA_PREFIX</c>; for every <c>python3</c> and <c>python</c> on <c>PATH</c>, the
/// prefix of the file and of whatever it links to; <c>~/.local</c>; <c>/usr/local</c> and <c>/usr</c>; <c>/opt/*</c> and <c>/opt/*/.venv</c>.
/// </remarks>
public static class PyTorchFolders
{
    /// <summary>Every folder with a libtorch, the likeliest first.</summary>
    public static IReadOnlyList<string> All() =>
        [.. SitePackages().Select(folder => Path.Combine(folder, "torch", "lib")).Where(folder => File.Exists(Path.Combine(folder, "libtorch.so"))).Distinct()];

    /// <summary>Whether the libtorch in a folder was built with CUDA.</summary>
    public static bool HasCuda(string folder) => File.Exists(Path.Combine(folder, "libtorch_cuda.so"));

    /// <summary>The version that a PyTorch states beside its lib folder, such as 2.11.0+cu130; empty where there is none.</summary>
    public static string Version(string folder)
    {
        var file = Path.Combine(folder, "..", "version.py");
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("__version__", StringComparison.Ordinal)) : null;
        return line?.Split('=', 2)[^1].Trim().Trim('\'', '"') ?? "";
    }

    private static IEnumerable<string> SitePackages()
    {
        foreach (var entry in Variable("PYTHONPATH").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return entry;
        }

        foreach (var prefix in Prefixes().Distinct())
        {
            foreach (var library in (string[])["lib", "lib64"])
            {
                foreach (var python in Folders(Path.Combine(prefix, library), "python3*"))
                {
                    yield return Path.Combine(python, "site-packages");
                    yield return Path.Combine(python, "dist-packages");
                }
            }
        }
    }

    private static IEnumerable<string> Prefixes()
    {
        foreach (var variable in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (Variable(variable) is { Length: > 0 } prefix)
            {
                yield return prefix;
            }
        }

        foreach (var folder in Variable("PATH").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var name in (string[])["python3", "python"])
            {
                foreach (var file in Links(Path.Combine(folder, name)))
                {
                    yield return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, ".."));
                }
            }
        }

        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local");
        yield return "/usr/local";
        yield return "/usr";
        foreach (var folder in Folders("/opt", "*"))
        {
            yield return Path.Combine(folder, ".venv");
            yield return folder;
        }
    }

    /// <summary>The file, and each that it links to in turn; nothing where it does not exist.</summary>
    private static IEnumerable<string> Links(string file)
    {
        for (var hops = 0; hops < 16 && File.Exists(file); hops++)
        {
            yield return file;
            if (new FileInfo(file).LinkTarget is not { } target)
            {
                break;
            }

            file = Path.GetFullPath(target, Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
    }

    private static string[] Folders(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, pattern).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
