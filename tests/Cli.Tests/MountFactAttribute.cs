using System.Diagnostics;
using Xunit;

namespace Cli.Tests;

/// <summary>A test with a small or read-only file system of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute()
    {
        var folder = Directory.CreateTempSubdirectory("certify-mount-").FullName;
        try
        {
            if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder))
            {
                Skip = "needs root that may mount a tmpfs";
            }
            else
            {
                Run("umount", folder);
            }
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    /// <summary>Whether a program of the system ends well.</summary>
    public static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
