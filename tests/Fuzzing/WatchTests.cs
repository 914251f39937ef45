using Xunit;

namespace Fuzzing;

/// <summary>A batch finds what it is for: exceptions, ended processes, memory, hangs and messages that are not one line with the file's name.</summary>
public sealed class WatchTests
{
    [Fact]
    public void A_batch_finds_every_planted_fault_and_nothing_else()
    {
        var report = Batch.Run(PlantedTarget.Word, 1, 12);
        string[] expected = ["InvalidOperationException", "the process ended", "OutOfMemoryException", "hang", "the message is not one line", "the message is not one line"];
        Assert.Equal(expected.Length, report.Findings.Count);
        foreach (var (finding, word, index) in report.Findings.Zip(expected, [2, 4, 6, 8, 10, 11]))
        {
            Assert.Contains($"{PlantedTarget.Word}-1-{index}: ", finding, StringComparison.Ordinal);
            Assert.Contains(word, finding, StringComparison.Ordinal);
        }
    }
}
