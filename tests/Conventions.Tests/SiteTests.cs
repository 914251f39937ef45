using System.Diagnostics;
using Xunit;

namespace Conventions.Tests;

/// <summary>The site builds without a warning: every link leads somewhere, every public type has its page.</summary>
[Trait("Category", "Nightly")]
public sealed class SiteTests
{
    [SiteFact]
    public void The_site_builds_without_a_warning()
    {
        Run("python3", "make.py");
        Run("npm", "ci", "--no-audit", "--no-fund");
        var output = Run("npx", "vitepress", "build");
        Assert.Contains("build complete", output, StringComparison.Ordinal);
        Assert.DoesNotContain("(!)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn", output, StringComparison.OrdinalIgnoreCase);
        var site = Path.Combine(Repository(), "site");
        Assert.Contains("CertifiedModel", File.ReadAllText(Path.Combine(site, "dist", "api", "Guarantees.Xunit.html")), StringComparison.Ordinal);
        Assert.DoesNotContain("Answering", File.ReadAllText(Path.Combine(site, "pages", "api", "Guarantees.Xunit.md")), StringComparison.Ordinal);
        Assert.True(Directory.GetFiles(Path.Combine(site, "dist", "claims"), "*.html").Length > 15);
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.Combine(Repository(), "site"), RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors.GetAwaiter().GetResult());
        return output;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class SiteFactAttribute : FactAttribute
    {
        public SiteFactAttribute() => Skip = new[] { "python3", "npm" }.All(tool => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)))) ? null : "needs python3 and npm";
    }
}
