using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Xunit;

namespace Conventions.Tests;

/// <summary>The dependency rule: what a certificate is checked with reaches neither tensors, solvers, processes nor the network.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Forbidden = ["TorchSharp", "Microsoft.Z3", "Microsoft.ML.OnnxRuntime", "System.Diagnostics.Process", "System.Net"];

    [Fact]
    public void Guarantees_reaches_no_tensor_solver_process_or_network()
    {
        // Our own assemblies and packages, through and through; the framework's assemblies by name only, since System.Private.* refer to one another freely.
        var found = Reach("Guarantees").SelectMany(edge => edge.To.Where(IsForbidden).Select(to => $"{edge.From} -> {to}")).ToList();
        Assert.Empty(found);
    }

    [Fact]
    public void The_rule_sees_what_it_forbids() // the same walk from Certify must find all three
    {
        var reached = Reach("Certify").SelectMany(edge => edge.To).ToHashSet();
        Assert.Superset(new HashSet<string> { "TorchSharp", "Microsoft.Z3", "System.Diagnostics.Process" }, reached);
    }

    [Fact]
    public void Dependencies_point_inward()
    {
        string[] outward = ["Certify", "Estimators", "Reports", "Cli", "Guarantees.Xunit"];
        Assert.Empty(References("Guarantees").Intersect(outward));
        Assert.Empty(References("Certify").Intersect(["Estimators", "Reports", "Cli", "Guarantees.Xunit"]));
        Assert.Empty(References("Estimators").Intersect(["Reports", "Cli"]));
        Assert.Empty(References("Reports").Intersect(["Estimators", "Cli"]));
    }

    private static bool IsForbidden(string name) => Forbidden.Any(word => name == word || name.StartsWith(word + ".", StringComparison.Ordinal));

    private static List<(string From, List<string> To)> Reach(string start)
    {
        var edges = new List<(string, List<string>)>();
        var seen = new HashSet<string> { start };
        for (var open = new Queue<string>([start]); open.TryDequeue(out var name);)
        {
            var references = References(name);
            edges.Add((name, references));
            foreach (var reference in references.Where(reference => File.Exists(PathOf(reference)) && seen.Add(reference)))
            {
                open.Enqueue(reference);
            }
        }

        return edges;
    }

    /// <summary>Read from the file, so that nothing is loaded to ask what it would load.</summary>
    private static List<string> References(string assembly)
    {
        using var file = new PEReader(File.OpenRead(PathOf(assembly)));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static string PathOf(string assembly) => Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, assembly + ".dll");
}
