using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Arithmetic;
using Xunit;
using Xunit.Abstractions;

namespace Conventions.Tests;

/// <summary>What must be believed is pinned: what the kernel shows to others, what it refers to, and who writes files. Its size is printed.</summary>
public sealed partial class KernelTests(ITestOutputHelper output)
{
    private static readonly string[] Kernel = ["Guarantees.Arithmetic", "Guarantees.Certificates", "Guarantees.Checking"];
    private static readonly string Root = Surface.Root;

    [Fact]
    public void The_public_surface_and_the_references_of_the_kernel_are_the_pinned_ones()
    {
        var assembly = typeof(Interval).Assembly;
        string[] found =
        [
            .. assembly.GetReferencedAssemblies().Select(reference => $"reference {reference.Name}").Order(StringComparer.Ordinal),
            .. assembly.GetExportedTypes().Where(type => Kernel.Contains(type.Namespace)).SelectMany(Surface.Lines).Order(StringComparer.Ordinal),
        ];
        Surface.AssertPinned("kernel-surface.txt", found, nameof(KernelTests));
    }

    [Fact]
    public void The_size_of_the_kernel_is_printed()
    {
        // What a check executes: the checker, the arithmetic, the operators and networks, the compilation of claims, the readers of its inputs, the bounds from draws that claims rest on. Statements and reports are not in it.
        var text = new StringBuilder("Lines that are neither blank nor comment\n");
        var total = 0;
        foreach (var folder in (string[])["Arithmetic", "Certificates", "Checking", "Claims", "Distributions", "Networks", "Networks/Operators", "Statistics", "Formats/Onnx", "Formats/Smt", "Formats/Spec", "Formats/VnnLib"])
        {
            var files = Directory.GetFiles(Path.Combine(Root, "src", "Guarantees", folder), "*.cs");
            var lines = (folder == "Statistics" ? Reached(files) : files).Sum(Count);
            Assert.True(lines > 0, folder);
            total += lines;
            text.Append(CultureInfo.InvariantCulture, $"{folder,-20} {lines,6}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{"a check executes",-20} {total,6}\n");
        output.WriteLine(text.ToString());
        File.WriteAllText(Path.Combine(Root, "artifacts", "kernel-lines.txt"), text.ToString());
    }

    [Fact]
    public void Files_are_written_by_one_helper()
    {
        // The exceptions: the helper, a journal whose entries are appended, and a file that lives in memory.
        string[] exempt = ["WholeFile.cs", "RunJournal.cs", "NativeTorch.cs"];
        string[] writers = ["File.WriteAll", "File.AppendAll", "File.Create(", "File.CreateText", "File.Move(", "File.Copy(", "File.Replace(", "new StreamWriter(", "FileMode.Create", "FileMode.OpenOrCreate", "FileMode.Append"];
        var found = Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(path => !exempt.Contains(Path.GetFileName(path)))
            .SelectMany(path => File.ReadAllLines(path).Where(line => writers.Any(word => line.Replace("WholeFile.", "", StringComparison.Ordinal).Contains(word, StringComparison.Ordinal))).Select(line => $"{Path.GetFileName(path)}: {line.Trim()}"));
        Assert.Empty(found);
    }

    private static int Count(string path)
    {
        var inComment = false;
        return File.ReadLines(path).Select(line => line.Trim()).Count(line =>
        {
            if (inComment || line.StartsWith("/*", StringComparison.Ordinal))
            {
                inComment = !line.Contains("*/", StringComparison.Ordinal);
                return false;
            }

            return line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal);
        });
    }

    /// <summary>Of some files, each named after its type, those whose types the kernel's other folders name, or such a file does.</summary>
    private static string[] Reached(string[] files)
    {
        var known = files.ToDictionary(Type, file => file, StringComparer.Ordinal);
        var open = new Stack<string>(((string[])["Certificates", "Checking", "Claims", "Distributions"]).SelectMany(folder => Directory.GetFiles(Path.Combine(Root, "src", "Guarantees", folder), "*.cs")));
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out var file))
        {
            foreach (Match word in Words().Matches(File.ReadAllText(file)))
            {
                if (known.TryGetValue(word.Value, out var next) && reached.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return [.. reached];
    }

    private static string Type(string file) => Path.GetFileNameWithoutExtension(file);

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Words();
}
