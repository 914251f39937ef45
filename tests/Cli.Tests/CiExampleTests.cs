using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reports.Tests;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Cli.Tests;

/// <summary>The steps of <c>examples/ci</c>, taken from their files and run as a runner does: by bash, in a clean checkout, with the variables that a runner sets and no others.</summary>
public sealed partial class CiExampleTests : IDisposable
{
    private const string Spec = Workshop.Linear + """
        claims:
          - robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 0.1, metric: wasserstein2, at-most: 0.08 }
        """;

    private readonly string root = Directory.CreateTempSubdirectory("runner-").FullName;
    private readonly string checkout;
    private readonly string program;

    public CiExampleTests()
    {
        checkout = Directory.CreateDirectory(Path.Combine(root, "work space")).FullName;
        program = Path.Combine(Directory.CreateDirectory(Path.Combine(root, "bin")).FullName, "certify");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Repository.Cli}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.WriteAllText(Path.Combine(checkout, "guarantees.yaml"), Spec);
        File.Copy(Path.Combine(Repository.Example, "observations.csv"), Path.Combine(checkout, "observations.csv"));
        Model(0.5f);
        Assert.Equal(0, Program.Run(checkout, "run", "guarantees.yaml", "--gate", "--baseline", "baseline", "--update-baseline").ExitCode);
        Directory.Delete(Path.Combine(checkout, "out"), recursive: true);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task The_action_passes_and_fails_as_a_step_of_GitHub()
    {
        Assert.Equal(0, Action().Code);
        Assert.StartsWith("## ✓ guarantees.yaml: the gate passes", File.ReadAllText(Path.Combine(root, "summary.md")), StringComparison.Ordinal);

        Model(0.6f);
        var failed = Action(("arguments", "--worse-by 0.1 --changed-model tell"));

        Assert.Equal(1, failed.Code);
        Assert.Matches("(?m)^::error file=guarantees.yaml,line=3,col=5,title=robustness[^:]*::proved in the baseline .* refuted: at x = ", failed.Errors);
        Assert.Equal("sarif=certify-gate/gate.sarif", File.ReadAllLines(Path.Combine(root, "output"))[^1]);
        Assert.Empty(await Schemas.Sarif(File.ReadAllBytes(Path.Combine(checkout, "certify-gate", "gate.sarif"))));
        Assert.Empty(Schemas.JUnit(File.ReadAllBytes(Path.Combine(checkout, "certify-gate", "gate.xml"))));
        Assert.Contains("## ✗ guarantees.yaml: the gate fails", File.ReadAllText(Path.Combine(root, "summary.md")), StringComparison.Ordinal);

        // Without a baseline nothing is made that could hide a loss; an input is a word and no script.
        Assert.Equal(66, Action(("baseline", "elsewhere")).Code);
        Assert.Equal(66, Action(("spec", "$(touch made).yaml")).Code);
        Assert.False(File.Exists(Path.Combine(checkout, "made")));
    }

    [Fact]
    public async Task The_job_passes_and_fails_as_a_job_of_GitLab()
    {
        Assert.Equal(0, Job().Code);
        Model(0.6f);
        Assert.Equal(1, Job().Code);

        var report = File.ReadAllBytes(Path.Combine(checkout, "gl-code-quality-report.json"));
        Assert.Empty(await Schemas.CodeQuality(report));
        Assert.Equal("guarantees.yaml", (string?)JsonNode.Parse(report)![0]!["location"]!["path"]);
        Assert.Empty(Schemas.JUnit(File.ReadAllBytes(Path.Combine(checkout, "certify-gate", "gate.xml"))));
    }

    /// <summary>Runs every 'run' step of the action with 'bash --noprofile --norc -eo pipefail FILE', inputs put into its variables.</summary>
    private (int Code, string Errors) Action(params (string Name, string Value)[] inputs)
    {
        var action = Read("action.yml");
        var given = ((YamlMappingNode)action["inputs"]).ToDictionary(input => ((YamlScalarNode)input.Key).Value!, input => ((YamlScalarNode)input.Value["default"]).Value!);
        given["certify"] = program;
        foreach (var (name, value) in inputs)
        {
            given[name] = value;
        }

        var variables = new Dictionary<string, string>
        {
            ["CI"] = "true",
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_WORKSPACE"] = checkout,
            ["GITHUB_ACTION_PATH"] = Path.Combine(Repository.Root, "examples", "ci"),
            ["GITHUB_OUTPUT"] = Path.Combine(root, "output"),
            ["GITHUB_STEP_SUMMARY"] = Path.Combine(root, "summary.md"),
            ["RUNNER_TEMP"] = root,
        };
        var (code, errors) = (0, "");
        var steps = ((YamlSequenceNode)action["runs"]["steps"]).OfType<YamlMappingNode>().Where(step => step.Children.ContainsKey("run")).ToArray();
        Assert.NotEmpty(steps);
        foreach (var step in steps)
        {
            Assert.Equal("bash", ((YamlScalarNode)step["shell"]).Value);
            var script = ((YamlScalarNode)step["run"]).Value!;
            Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
            foreach (var (name, value) in (YamlMappingNode)step["env"])
            {
                variables[((YamlScalarNode)name).Value!] = Input().Replace(((YamlScalarNode)value).Value!, match => given[match.Groups[1].Value]);
            }

            var ran = Bash(script, variables, "--noprofile", "--norc", "-eo", "pipefail");
            (code, errors) = (code == 0 ? ran.Code : code, errors + ran.Errors);
        }

        return (code, errors);
    }

    /// <summary>Runs the lines of the job's script in one shell that ends at the first failure.</summary>
    private (int Code, string Errors) Job()
    {
        var job = Read("gitlab-ci.yml")["guarantees"];
        var variables = ((YamlMappingNode)job["variables"]).ToDictionary(item => ((YamlScalarNode)item.Key).Value!, item => ((YamlScalarNode)item.Value).Value!);
        (variables["CI"], variables["GITLAB_CI"], variables["CI_PROJECT_DIR"]) = ("true", "true", checkout);
        return Bash(string.Join('\n', ((YamlSequenceNode)job["script"]).Select(line => ((YamlScalarNode)line).Value)), variables, "-eo", "pipefail");
    }

    private (int Code, string Errors) Bash(string script, Dictionary<string, string> variables, params string[] options)
    {
        var file = Path.Combine(root, "step.sh");
        File.WriteAllText(file, script);
        var start = new ProcessStartInfo("bash") { WorkingDirectory = checkout, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in options.Append(file))
        {
            start.ArgumentList.Add(argument);
        }

        var (path, home) = (Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("HOME"));
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        start.Environment.Clear();
        foreach (var (name, value) in variables.Append(new("PATH", $"{Path.GetDirectoryName(program)}:{path}")).Append(new("HOME", home ?? root)).Append(new("DOTNET_ROOT", dotnet ?? "")).Where(item => item.Value.Length > 0 || item.Key is "ARGUMENTS" or "BASELINE"))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.GetAwaiter().GetResult());
    }

    private static YamlMappingNode Read(string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Repository.Root, "examples", "ci", name))));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private void Model(float slope) => File.WriteAllBytes(Path.Combine(checkout, "linear.onnx"), Workshop.LinearModel(slope));

    [GeneratedRegex(@"\$\{\{ inputs\.([a-z]+) \}\}")]
    private static partial Regex Input();
}
