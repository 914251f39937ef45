using System.Text;
using Guarantees.Formats;
using Reports;

namespace Cli.Gate;

/// <summary>Files of a gate; empty for none.</summary>
/// <param name="JUnit">JUnit XML.</param>
/// <param name="Sarif">SARIF 2.1.0.</param>
/// <param name="Summary">Markdown.</param>
/// <param name="CodeQuality">GitLab's code quality report.</param>
internal sealed record GateFiles(string JUnit = "", string Sarif = "", string Summary = "", string CodeQuality = "")
{
    /// <summary>Fails as writing would, before the work.</summary>
    public void Probe()
    {
        foreach (var path in new[] { JUnit, Sarif, Summary, CodeQuality }.Where(path => path.Length > 0))
        {
            WholeFile.Probe(path);
        }
    }

    /// <summary>Writes them.</summary>
    public void Write(GateReport gate)
    {
        Write(JUnit, () => JUnitReport.ToBytes(gate));
        Write(Sarif, () => SarifReport.ToBytes(gate));
        Write(Summary, () => Encoding.UTF8.GetBytes(GateSummary.Render(gate)));
        Write(CodeQuality, () => Annotations.ForGitLab(gate));
    }

    private static void Write(string path, Func<byte[]> bytes)
    {
        if (path.Length > 0)
        {
            WholeFile.Write(path, bytes());
        }
    }
}

/// <summary>What the services that run a gate say of themselves, and want told in their own way.</summary>
internal static class CiEnvironment
{
    private const string CodeQuality = "gl-code-quality-report.json";

    /// <summary>The path of a file as the service shows it: relative to the checkout, with forward slashes.</summary>
    public static string Shown(string path)
    {
        var checkout = Variable("GITHUB_WORKSPACE") ?? Variable("CI_PROJECT_DIR");
        var relative = checkout is null ? path : Path.GetRelativePath(checkout, Path.GetFullPath(path));
        var shown = (relative.StartsWith("..", StringComparison.Ordinal) ? path : relative).Replace('\\', '/');
        return shown.StartsWith("./", StringComparison.Ordinal) ? shown[2..] : shown;
    }

    /// <summary>GitHub: annotations on standard error, where the runner reads them as on standard output, and the job's summary. GitLab: the code quality report in the checkout, unless a place was named.</summary>
    public static void Tell(GateReport gate, GateFiles files)
    {
        if (Variable("GITHUB_ACTIONS") == "true")
        {
            foreach (var line in Annotations.ForGitHub(gate))
            {
                Console.Error.WriteLine(line);
            }
        }

        if (Variable("GITHUB_STEP_SUMMARY") is { } summary)
        {
            // Other steps of the job may have written there.
            var before = File.Exists(summary) ? File.ReadAllBytes(summary) : [];
            WholeFile.Write(summary, [.. before, .. Encoding.UTF8.GetBytes(GateSummary.Render(gate))]);
        }

        if (Variable("GITLAB_CI") == "true" && files.CodeQuality.Length == 0)
        {
            WholeFile.Write(Path.Combine(Variable("CI_PROJECT_DIR") ?? "", CodeQuality), Annotations.ForGitLab(gate));
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
