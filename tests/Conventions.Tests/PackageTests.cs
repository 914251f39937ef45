using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Xunit;

namespace Conventions.Tests;

/// <summary>What packages show to others is pinned, one file each, and every package says what it is.</summary>
public sealed class PackageTests
{
    /// <summary>Assemblies by their package.</summary>
    public static TheoryData<string, string> Libraries => new()
    {
        { "Guarantees", "Guarantees" },
        { "Guarantees.Certify", "Certify" },
        { "Guarantees.Estimators", "Estimators" },
        { "Guarantees.Reports", "Reports" },
        { "Guarantees.Xunit", "Guarantees.Xunit" },
    };

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_of_a_package_is_the_pinned_one(string package, string assembly) => Surface.AssertPinned(
        Path.Combine("public-api", $"{package}.txt"),
        [.. Assembly.Load(assembly).GetExportedTypes().SelectMany(Surface.Lines).Distinct().Order(StringComparer.Ordinal)],
        nameof(PackageTests));

    [Fact]
    public void Every_project_of_src_is_a_package_with_a_description_and_a_readme_that_names_it()
    {
        var projects = Directory.GetFiles(Path.Combine(Surface.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(
            ["Guarantees", "Guarantees.Certify", "Guarantees.Estimators", "Guarantees.Reports", "Guarantees.Xunit", "certify"],
            projects.Select(Id).Order(StringComparer.Ordinal));
        foreach (var project in projects)
        {
            Assert.NotEmpty(Value(project, "Description"));
            Assert.StartsWith($"# {Id(project)}\n", File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "README.md")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_version_stands_in_one_place()
    {
        var files = Directory.GetFiles(Surface.Root, "*.csproj", SearchOption.AllDirectories).Append(Path.Combine(Surface.Root, "Directory.Build.props"));
        var found = files.Where(file => XDocument.Load(file).Descendants().Any(element => element.Name.LocalName is "Version" or "VersionPrefix" or "PackageVersion" or "AssemblyVersion" or "FileVersion"));
        Assert.Equal(["Directory.Build.props"], found.Select(Path.GetFileName));
    }

    [Fact]
    public void Undocumented_members_are_errors_in_packages()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Surface.Root, "src"), "*.*", SearchOption.AllDirectories).Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("CS1591", File.ReadAllText(file), StringComparison.Ordinal);
        }

        var sources = XDocument.Load(Path.Combine(Surface.Root, "Directory.Build.props")).Root!.Elements().Where(group => $"{group.Attribute("Condition")?.Value}".Contains("/src/", StringComparison.Ordinal)).Elements().ToArray();
        Assert.Contains(sources, element => element is { Name.LocalName: "GenerateDocumentationFile", Value: "true" });
        Assert.DoesNotContain(sources, element => element.Name.LocalName == "NoWarn");
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_path_of_the_machine_is_in_an_assembly(string package, string assembly)
    {
        var bytes = File.ReadAllBytes(Assembly.Load(assembly).Location);
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode })
        {
            Assert.True(bytes.AsSpan().IndexOf(encoding.GetBytes(Surface.Root + Path.DirectorySeparatorChar)) < 0, package);
        }
    }

    private static string Id(string project) => Value(project, "PackageId") is { Length: > 0 } id ? id
        : Path.GetFileNameWithoutExtension(project) is var name && name.StartsWith("Guarantees", StringComparison.Ordinal) ? name : $"Guarantees.{name}";

    private static string Value(string project, string property) => $"{XDocument.Load(project).Descendants(property).FirstOrDefault()?.Value}";
}
