using System.Diagnostics;

namespace Cli.Tests;

/// <summary>What a run of the program left behind.</summary>
internal sealed record Ran(int ExitCode, string Output, string Errors)
{
    /// <summary>Lines on standard error without progress and without the trace of assemblies.</summary>
    public string[] Complaints => [.. Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("certify: ", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal) || line.Contains("xception", StringComparison.Ordinal))];

    /// <summary>Assemblies loaded at the end.</summary>
    public string[] Loaded => [.. Errors.Split('\n').Where(line => line.StartsWith("loaded ", StringComparison.Ordinal)).Select(line => line["loaded ".Length..].Trim())];
}

/// <summary>The program <c>certify</c> as a child process.</summary>
internal static class Program
{
    public static Ran Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return Finish(process);
    }

    public static Process Start(string folder, params string[] arguments) => Process.Start(Prepare(folder, arguments))!;

    public static ProcessStartInfo Prepare(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Repository.Cli);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["CERTIFY_TRACE_ASSEMBLIES"] = "1";
        foreach (var variable in new[] { "CERTIFY_DEBUG", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "GITLAB_CI", "CI_PROJECT_DIR" })
        {
            start.Environment.Remove(variable); // where the tests themselves run in CI
        }

        return start;
    }

    public static Ran Finish(Process process)
    {
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(4)))
        {
            process.Kill();
            throw new TimeoutException("certify did not end within four minutes.");
        }

        return new Ran(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
