using Xunit;

namespace Certify.Tests;

/// <summary>Files beside the repository (<c>../shared/data</c>), for tests only; absent on a fresh clone.</summary>
internal static class SharedData
{
    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The path of a file of the folder.</summary>
    public static string File(string relative) => Path.Combine(Folder ?? throw new InvalidOperationException("../shared/data is absent"), relative);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Guarantees.slnx")))
            {
                // A linked working tree lies elsewhere: the environment may name the folder.
                var beside = Environment.GetEnvironmentVariable("GUARANTEES_SHARED_DATA")
                    ?? Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
                return Directory.Exists(beside) ? beside : null;
            }
        }

        return null;
    }
}

/// <summary>A theory that needs <see cref="SharedData"/>; skipped, with that reason, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = SharedData.Folder is null ? "../shared/data is absent" : null;
}
