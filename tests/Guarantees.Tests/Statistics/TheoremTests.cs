using System.Text.RegularExpressions;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>
/// What doc comments say is proved stands in the theory they name, with its assumptions pinned; and what proofs/coq proves of statistics and distances, of float32 executions and of graphs,
/// proofs/README.md states.
/// </summary>
/// <remarks>Mutants seen to fail: a theorem renamed in its theory; a row of the README deleted; a doc comment that names another theorem; a theorem taken out of assumptions.v.</remarks>
public class TheoremTests
{
    [Fact]
    public void Every_theorem_that_a_doc_comment_names_is_proved_and_its_assumptions_are_pinned()
    {
        var printed = Printed;
        var named = Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => Regex.Matches(File.ReadAllText(path), @"theories/(?<theory>\w+/\w+)\.v(</c>)?(,[\s/]+<c>(?<theorem>\w+)</c>)+"))
            .SelectMany(match => match.Groups["theorem"].Captures.Select(theorem => (Theory: match.Groups["theory"].Value, Theorem: theorem.Value)))
            .ToArray();
        Assert.Contains(("Statistics/ClopperPearson", "clopper_pearson_upper"), named);
        Assert.Contains(("Statistics/Hoeffding", "hoeffding_lower_bound"), named);
        foreach (var (theory, theorem) in named)
        {
            Assert.Matches($@"\bTheorem {theorem}\b", File.ReadAllText(Path.Combine(Root, "proofs", "coq", "theories", $"{theory}.v")));
            Assert.Matches($@"\b{Path.GetFileName(theory)}\.{theorem}\b", printed);
        }
    }

    [Theory]
    [InlineData("Statistics")]
    [InlineData("Execution")]
    [InlineData("Graphs")]
    public void Every_theorem_of_a_folder_has_its_assumptions_pinned_and_its_row(string folder)
    {
        var rows = File.ReadAllLines(Path.Combine(Root, "proofs", "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToArray();
        var printed = Printed;
        var files = Directory.GetFiles(Path.Combine(Root, "proofs", "coq", "theories", folder), "*.v");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            foreach (var theorem in Regex.Matches(File.ReadAllText(file), @"^Theorem (\w+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value))
            {
                Assert.Matches($@"\b{Path.GetFileNameWithoutExtension(file)}\.{theorem}\b", printed);
                Assert.Contains(rows, row => row.Split('|')[1].Contains($"`{theorem}`", StringComparison.Ordinal));
            }
        }
    }

    private static string Printed => File.ReadAllText(Path.Combine(Root, "proofs", "coq", "assumptions.v"));

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
