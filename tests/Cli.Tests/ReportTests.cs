using Xunit;

namespace Cli.Tests;

/// <summary>Reports made again from certificates.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void Every_format_is_written_to_standard_output_and_names_the_claims()
    {
        workshop.Write("spec.yaml", Workshop.Linear + """
            domain: { lower: [-1, -1], upper: [1, 1] }
            claims:
              - lipschitz: { norm: l2, metric: wasserstein2 }
            """);
        Assert.Equal(0, Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out").ExitCode);
        foreach (var (format, sign) in new[] { ("html", "<!DOCTYPE html>"), ("markdown", "| Claim |"), ("latex", @"\toprule") })
        {
            var answer = Program.Run(workshop.Folder, "report", "out/claim-001-lipschitz.json", "--format", format);
            Assert.Equal(0, answer.ExitCode);
            Assert.Contains(sign, answer.Output, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("Lipschitz constant", answer.Output, StringComparison.Ordinal);
        }
    }
}
