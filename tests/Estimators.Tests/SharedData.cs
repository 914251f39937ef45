using Xunit;

namespace Estimators.Tests;

/// <summary>Files beside the repository (<c>../shared/data</c>), for tests only; absent on a fresh clone.</summary>
internal static class SharedData
{
    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Guarantees.slnx")))
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

/// <summary>A test that needs <see cref="SharedData"/>; skipped, with that reason, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute() => Skip = SharedData.Folder is null ? "../shared/data is absent" : null;
}

/// <summary>A theory that needs <see cref="SharedData"/>; skipped, with that reason, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = SharedData.Folder is null ? "../shared/data is absent" : null;
}
