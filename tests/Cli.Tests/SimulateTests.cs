using System.Globalization;
using System.Text.Json;
using Guarantees.Formats.Tables;
using Xunit;

namespace Cli.Tests;

/// <summary>Pairs of the standard tasks from the command line.</summary>
public sealed class SimulateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("simulate-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("gaussian_linear:10", 10, 10)]
    [InlineData("sir", 2, 10)]
    [InlineData("lotka_volterra", 4, 20)]
    public void A_table_has_a_row_for_each_pair_and_both_formats_hold_the_same_numbers(string task, int parameters, int data)
    {
        var ran = Program.Run(folder, "simulate", task, "--pairs", "1500", "--out", "pairs.csv", "--json");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(0, Program.Run(folder, "simulate", task, "--pairs", "1500", "--out", "pairs.npy").ExitCode);

        Assert.DoesNotContain("loaded TorchSharp", ran.Errors, StringComparison.Ordinal);
        using var answer = JsonDocument.Parse(ran.Output);
        Assert.Equal(1500, answer.RootElement.GetProperty("pairs").GetInt32());
        var (text, array) = (Table.Read(Path.Combine(folder, "pairs.csv")), Table.Read(Path.Combine(folder, "pairs.npy")));
        Assert.Equal((1500, 1500), (text.Rows, array.Rows));
        Assert.Equal((parameters, data, parameters + data), (text.Sequence("theta_").Length, text.Sequence("x_").Length, text.Columns.Length));
        for (var row = 0; row < 1500; row++)
        {
            Assert.Equal(array[row].ToArray(), text[row].ToArray().Select(value => (double)float.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void Seed_and_use_decide_the_pairs_and_a_longer_table_begins_with_the_shorter()
    {
        string Pairs(params string[] more)
        {
            Assert.Equal(0, Program.Run(folder, ["simulate", "two_moons", "--out", "p.csv", .. more]).ExitCode);
            return File.ReadAllText(Path.Combine(folder, "p.csv"));
        }

        var first = Pairs("--pairs", "5");
        Assert.Equal(first, Pairs("--pairs", "5", "--seed", "1", "--use", "calibration"));
        Assert.StartsWith(first, Pairs("--pairs", "3000"), StringComparison.Ordinal);
        Assert.NotEqual(first, Pairs("--pairs", "5", "--seed", "2"));
        Assert.NotEqual(first, Pairs("--pairs", "5", "--use", "training"));
    }

    [Theory]
    [InlineData(65, "There is no task 'two_mons'", "two_mons", "--pairs", "3", "--out", "p.csv")]
    [InlineData(64, "--pairs is '0'", "two_moons", "--pairs", "0", "--out", "p.csv")]
    [InlineData(66, "folder not found", "two_moons", "--pairs", "3", "--out", "none/p.csv")]
    public void What_cannot_be_is_told_in_one_line(int code, string words, params string[] arguments)
    {
        var ran = Program.Run(folder, ["simulate", .. arguments]);
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(words, Assert.Single(ran.Errors.Split('\n'), line => line.Length > 0 && !line.StartsWith("loaded ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }
}
