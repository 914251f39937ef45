using Xunit;

namespace Cli.Tests;

/// <summary>A test in a throw-away Debian 13 root (<c>eng/debian13</c>).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Debian13FactAttribute : FactAttribute
{
    public Debian13FactAttribute() => Skip =
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "needs root on Linux to make a Debian 13 root"
        : !File.Exists("/usr/sbin/debootstrap") ? "needs debootstrap (apt-get install debootstrap)"
        : null;
}
