using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using Xunit;

namespace Cli.Tests;

/// <summary>The packages as users get them: from a folder, into empty places.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string Configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
    private readonly string folder = Directory.CreateTempSubdirectory("packages-").FullName;

    private string Feed => Path.Combine(folder, "feed");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_package_has_what_it_says()
    {
        Pack("Guarantees");
        using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(Feed, "Guarantees.*.nupkg")));
        var nuspec = XDocument.Load(package.Entries.Single(entry => entry.FullName == "Guarantees.nuspec").Open());
        string Field(string name) => nuspec.Descendants().First(element => element.Name.LocalName == name).Value;
        Assert.Equal("Apache-2.0", Field("license"));
        Assert.NotEmpty(Field("description"));
        Assert.Equal(Certify.Certifier.Tool, $"certify {Field("version")}");
        foreach (var file in new[] { Field("readme"), Field("icon"), "lib/net10.0/Guarantees.dll", "lib/net10.0/Guarantees.xml" })
        {
            Assert.True(package.GetEntry(file)?.Length > 0, file);
        }

        using var symbols = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(Feed, "Guarantees.*.snupkg")));
        Assert.True(symbols.GetEntry("lib/net10.0/Guarantees.pdb")?.Length > 0);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public void The_tool_is_installed_from_a_folder_and_certifies_a_model()
    {
        Pack("Cli");
        Assert.InRange(new FileInfo(Directory.GetFiles(Feed, "certify.*.nupkg").Single()).Length, 1, 150 << 20);
        var tools = Path.Combine(folder, "tools");
        Dotnet(folder, "tool", "install", "certify", "--tool-path", tools, "--configfile", Settings());
        Assert.Empty(Directory.GetFiles(tools, "libtorch*", SearchOption.AllDirectories));

        using var workshop = new Workshop();
        workshop.Write("spec.yaml", Workshop.Linear + "claims:\n  - robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 0.1, metric: wasserstein2, at-most: 0.0501 }\n");
        var tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "certify.exe" : "certify");
        var run = Start(workshop.Folder, tool, "run", "spec.yaml", "--out", "out");
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        var check = Start(workshop.PathOf("out"), tool, "check", "claim-001-robustness.json");
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);

        // Training needs tensors: it does with a PyTorch of the machine, or says in one line what is missing.
        var train = Start(workshop.Folder, tool, "train", "gaussian_linear", "--family", "ratio", "--epochs", "1", "--out", "model.onnx");
        Assert.True(
            train.ExitCode == 0 ? File.Exists(workshop.PathOf("model.onnx")) : train.Complaints is [var line] && line.StartsWith("certify: libtorch: ", StringComparison.Ordinal),
            train.Output + train.Errors);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public void A_project_that_refers_to_the_packages_runs_the_programs_of_their_readmes()
    {
        Pack("Guarantees", "Certify", "Guarantees.Xunit");
        Settings();
        var version = Certify.Certifier.Tool.Split(' ')[1];
        var project = Directory.CreateDirectory(Path.Combine(folder, "consumer")).FullName;
        File.WriteAllText(Path.Combine(project, "consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Guarantees" Version="{version}" />
                <PackageReference Include="Guarantees.Certify" Version="{version}" />
                <PackageReference Include="Guarantees.Xunit" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), $$"""
            using System.Security.Cryptography;
            using Certify;
            using Guarantees.Certificates;
            using Guarantees.Checking;
            using Guarantees.Claims;
            using Guarantees.Formats.Onnx;
            using Guarantees.Formats.Spec;
            using Guarantees.Xunit;

            {
            {{Program("Certify")}}
            CertificateFile.Write(answer.Certificate, "claim-001-robustness.json");
            }
            {
            {{Program("Guarantees")}}
            }
            try
            {
                await Certified.That(Path.GetFullPath("posterior.onnx"), "{ name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd }").IsRobust(Inputs.Around([0.1, 0.2], radius: 0.01), Metric.Wasserstein2, atMost: 0.003);
            }
            catch (CertificationException failure)
            {
                Console.WriteLine(failure.Message.Split('\n')[0]);
            }
            """);
        File.WriteAllBytes(Path.Combine(project, "posterior.onnx"), Model());
        var run = Dotnet(project, "run", "-c", "Release", "--disable-build-servers");
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).ToArray();
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("Proved: in [0.007", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Proved: in [0.007", lines[1], StringComparison.Ordinal);
        Assert.Equal("refuted: robustness of posterior.onnx", lines[2]);
    }

    /// <summary>A second system, with the .NET SDK and nothing else: the tool from a folder answers the first example.</summary>
    [Debian13Fact]
    [Trait("Category", "Nightly")]
    public void The_tool_certifies_a_model_on_a_bare_system()
    {
        // The root sees this repository, read only, and nothing else of this machine.
        Dotnet(folder, "pack", Path.Combine(Repository.Root, "src", "Cli", "Cli.csproj"), "-c", Configuration, "--no-build", "--disable-build-servers", "-o", Path.Combine(Repository.Root, "artifacts", "feed"));
        const string Script = """
            set -eu
            mkdir /tmp/work && cd /tmp/work
            cp "$1"/examples/01-can-noise-move-this-posterior/* .
            printf '<configuration><packageSources><clear /><add key="folder" value="%s/artifacts/feed" /></packageSources></configuration>' "$1" > nuget.config
            dotnet tool install certify --tool-path /tmp/tools --configfile nuget.config
            /tmp/tools/certify run spec.yaml --out out --gap 0.05
            /tmp/tools/certify check out/claim-*.json
            """;
        var ran = Start(folder, Path.Combine(Repository.Root, "eng", "debian13"), "bash", "-c", Script, "bash", Repository.Root);
        Assert.True(ran.ExitCode == 0, ran.Output + ran.Errors);
        Assert.Contains("claim-001-robustness.json: accepted: proved", ran.Output, StringComparison.Ordinal);
    }

    /// <summary>Mean x / 2, standard deviations e^-1, with the names of outputs that the pages have.</summary>
    private static byte[] Model()
    {
        var graph = new Guarantees.Formats.Onnx.OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        graph.Output(graph.Node("Gemm", "mean", [x, graph.Initializer("half", [0.5f, 0, 0, 0.5f], 2, 2)]), 2);
        graph.Output(graph.Node("Gemm", "log_sd", [x, graph.Initializer("none", [0f, 0, 0, 0], 2, 2), graph.Initializer("minus_one", [-1f, -1], 2)]), 2);
        return graph.ToBytes();
    }

    /// <summary>The program in the readme of a package.</summary>
    private static string Program(string project)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", project, "README.md"));
        const string Begin = "```csharp\n";
        var start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    /// <summary>Only the folder serves packages; what the build restored is at hand beside it, and nothing is written there.</summary>
    private string Settings()
    {
        var file = Path.Combine(folder, "nuget.config");
        var known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(file, $"""
            <configuration>
              <packageSources><clear /><add key="folder" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="known" value="{known}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{Path.Combine(folder, "own")}" /></config>
            </configuration>
            """);
        return file;
    }

    private void Pack(params string[] projects)
    {
        foreach (var project in projects)
        {
            var name = Path.Combine(Repository.Root, "src", project, project + ".csproj");
            Dotnet(folder, "pack", name, "-c", Configuration, "--no-build", "--disable-build-servers", "-o", Feed);
        }
    }

    private static Ran Dotnet(string folder, params string[] arguments)
    {
        var ran = Start(folder, "dotnet", arguments);
        return ran.ExitCode == 0 ? ran : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)}: {ran.Output}{ran.Errors}");
    }

    private static Ran Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var name in new[] { "NUGET_PACKAGES", "CERTIFY_LIBTORCH", "CERTIFY_DEBUG", "MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath" })
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        return Cli.Tests.Program.Finish(process);
    }
}
