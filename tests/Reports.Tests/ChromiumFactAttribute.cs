using Xunit;

namespace Reports.Tests;

/// <summary>A fact that needs Debian's <c>chromium</c>; skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    /// <summary>Where Debian installs it.</summary>
    public const string Path = "/usr/bin/chromium";

    /// <summary>Runs the fact only where the browser is.</summary>
    public ChromiumFactAttribute()
    {
        if (!File.Exists(Path))
        {
            Skip = $"{Path} is not there; apt-get install chromium.";
        }
    }
}
