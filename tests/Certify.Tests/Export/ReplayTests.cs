using System.Globalization;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>Small exports as theorems that the Coq kernel checks (<c>proofs/replay</c>).</summary>
/// <remarks>Mutants that these tests saw: a node's halves exchanged, and the observation read as the box.</remarks>
public sealed class ReplayTests
{
    [CheckerFact]
    [Trait("Category", "Nightly")]
    public void Exports_of_answers_are_proved_by_the_kernel_and_changed_ones_are_not()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var export = CheckerExportTests.Solved(seed, [2, 5, 5, 2]);

            var (code, output) = ExtractedChecker.Replay(export.Text);

            Assert.True(code == 0, output);
            Assert.Contains("proved by the Coq kernel; it rests on ClassicalDedekindReals", output, StringComparison.Ordinal);
            var lines = export.Text.Split('\n');
            var claim = Array.FindIndex(lines, line => line.StartsWith("claims ", StringComparison.Ordinal)) + 1;
            var words = lines[claim].Split(' ');
            words[^1] = (long.Parse(words[^1], CultureInfo.InvariantCulture) + (1L << 26)).ToString(CultureInfo.InvariantCulture); // 4 more than was proved
            lines[claim] = string.Join(' ', words);
            (code, output) = ExtractedChecker.Replay(string.Join('\n', lines));
            Assert.True(code == 1, output);
            Assert.Contains("NOT PROVED", output, StringComparison.Ordinal);
        }
    }

    [CheckerFact]
    [Trait("Category", "Nightly")]
    public void Gaussian_heads_are_proved_by_the_kernel_and_smaller_bounds_are_not()
    {
        var export = GaussianExportTests.Small();

        var (code, output) = ExtractedChecker.Replay(export.Text);

        Assert.True(code == 0, output);
        (code, output) = ExtractedChecker.Replay(export.Text.Replace($"at-most {export.Statement.AtMost}", $"at-most {export.Statement.AtMost / 2}", StringComparison.Ordinal));
        Assert.True(code == 1, output);
    }

    [CheckerFact]
    [Trait("Category", "Nightly")]
    public void What_is_malformed_or_too_large_is_refused_in_one_line()
    {
        var good = CheckerExportTests.Solved(0, [2, 5, 5, 2]).Text;
        foreach (var (text, reason) in new[]
        {
            ("", "expected 'certify-coq 1'"),
            (good.Replace("precision 24", "precision 23", StringComparison.Ordinal), "expected 'precision 24'"),
            (good[..good.IndexOf("tree\n", StringComparison.Ordinal)] + "tree\n" + string.Concat(Enumerable.Repeat("i 0\n", 2001)), "too large to replay"),
            (good.Replace("box 2", "box two", StringComparison.Ordinal), "not an export"),
            (good[..^4] + "p 0\n", "expected 'end'"),
        })
        {
            var (code, output) = ExtractedChecker.Replay(text);
            Assert.Equal((reason, 65), (reason, code));
            Assert.Contains(reason, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }
}
