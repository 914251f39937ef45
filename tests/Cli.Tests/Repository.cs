namespace Cli.Tests;

/// <summary>Places in the repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The built command line, of the same configuration as these tests.</summary>
    public static string Cli { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "Cli.dll"));

    public static string Examples { get; } = Path.Combine(Root, "examples");

    public static string Example { get; } = Path.Combine(Examples, "01-can-noise-move-this-posterior");

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests must be run from below the repository.");
        }

        return folder.FullName;
    }
}
