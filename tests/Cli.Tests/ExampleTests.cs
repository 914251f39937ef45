using System.Globalization;
using Xunit;

namespace Cli.Tests;

/// <summary>Every numbered example prints what its <c>expected.txt</c> says: the words exactly, the numbers to three digits.</summary>
public sealed class ExampleTests
{
    [Fact]
    public void Can_noise_move_this_posterior()
    {
        var folder = Directory.CreateTempSubdirectory("example-").FullName;
        foreach (var file in Directory.GetFiles(Repository.Example))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--gap", "0.001");

        Assert.Equal(0, ran.ExitCode);
        Same(File.ReadAllText(Path.Combine(folder, "expected.txt")), ran.Output);
        Assert.Equal(0, Program.Run(folder, ["check", .. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json")]).ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    private static void Same(string expected, string actual)
    {
        var (wanted, found) = (Lines(expected), Lines(actual));
        Assert.Equal(wanted.Length, found.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            var (left, right) = (Words(wanted[i]), Words(found[i]));
            Assert.True(left.Length == right.Length && left.Zip(right).All(pair => Agree(pair.First, pair.Second)), $"expected: {wanted[i]}\nfound:    {found[i]}");
        }
    }

    private static bool Agree(string expected, string found) =>
        expected == found
        || (double.TryParse(expected, CultureInfo.InvariantCulture, out var a) && double.TryParse(found, CultureInfo.InvariantCulture, out var b) && Math.Abs(a - b) <= 5e-3 * Math.Abs(a));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
