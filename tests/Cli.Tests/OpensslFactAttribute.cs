using Xunit;

namespace Cli.Tests;

/// <summary>A test that asks <c>openssl</c>, another implementation of the signatures.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpensslFactAttribute : FactAttribute
{
    public OpensslFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "openssl"))))
        {
            Skip = "needs openssl";
        }
    }
}
