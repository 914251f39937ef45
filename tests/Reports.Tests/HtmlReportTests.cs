using Xunit;

namespace Reports.Tests;

public class HtmlReportTests
{
    [Fact]
    public void Draft()
    {
        Directory.CreateDirectory("/tmp/reports-png");
        File.WriteAllText("/tmp/reports-png/report.html", HtmlReport.Render(SampleRun.Run));
    }
}
