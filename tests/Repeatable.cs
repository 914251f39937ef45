using FsCheck.Xunit;

[assembly: Tests.Repeatable]

namespace Tests;

/// <summary>Every property of an assembly draws the same inputs in every run, so that a change is judged by what it changes; with CERTIFY_SEEDS=fresh, as in the nightly run, each run draws its own.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RepeatableAttribute : PropertiesAttribute
{
    public RepeatableAttribute()
    {
        if (Environment.GetEnvironmentVariable("CERTIFY_SEEDS") != "fresh")
        {
            Replay = "10578639223060177947,11499692388117451231";
        }
    }
}
