using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>The programs of docs/statistics.md, run; the page shows them, what they print, and every bound and test that is public.</summary>
/// <remarks>What is printed is compared with another library's quantiles and with closed forms, so that the page is not only held to what the code says. Planted and found: a page without each of the three outputs.</remarks>
public class StatisticsPageTests
{
    [Fact]
    public void Coverage_from_counts()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);

        // page begin
        int trials = 500, hits = 463; // sets of level 90 %, and how many of them held the truth
        var both = ClopperPearson.Bounds(hits, trials, confidence: 0.95);
        var least = ClopperPearson.Lower(hits, trials, alpha: 0.05);
        output.WriteLine($"coverage seen {hits / (double)trials:F4}, between {both.Lower:F4} and {both.Upper:F4}; at least {least:F4}");

        // page end
        Assert.InRange(both.Lower, Beta.InvCDF(463, 38, 0.025) - 1e-7, Beta.InvCDF(463, 38, 0.025) + 1e-7);
        Assert.InRange(both.Upper, Beta.InvCDF(464, 37, 0.975) - 1e-7, Beta.InvCDF(464, 37, 0.975) + 1e-7);
        Assert.InRange(least, Beta.InvCDF(463, 38, 0.05) - 1e-7, Beta.InvCDF(463, 38, 0.05) + 1e-7);
        Shows(output);
    }

    [Fact]
    public void Calibration_of_ranks()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);

        // page begin
        var random = new SeededGenerator(seed: 7);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        // theta ~ N(0, 1), x = theta + N(0, 1): the posterior is N(x / 2, 1 / 2), and the estimator's standard deviation is 0.8 of that.
        var pairs = Enumerable.Range(0, 1000).Select(_ =>
        {
            var theta = Normal();
            var x = theta + Normal();
            double[] draws = [.. Enumerable.Range(0, 100).Select(_ => (x / 2) + (0.8 * Math.Sqrt(0.5) * Normal()))];
            return RankStatistics.Of(theta, draws);
        });
        var result = SimulationBasedCalibration.Test([RankCounts.Break(pairs, random)]);
        var parameter = result.Parameters[0];
        var smallest = result.Test.SmallestDefect(power: 0.9);
        output.WriteLine($"p-value {result.PValue:E1}, rejected: {result.Rejected}");
        output.WriteLine($"bias {parameter.BiasSeen:F3} in [{parameter.Bias.Lower:F3}, {parameter.Bias.Upper:F3}]");
        output.WriteLine($"dispersion {parameter.DispersionSeen:F3} in [{parameter.Dispersion.Lower:F3}, {parameter.Dispersion.Upper:F3}]");
        output.WriteLine($"seen with probability 0.9: scales below {smallest.Narrow:F3} or above {smallest.Wide:F3}, shifts above {smallest.Shift:F3} standard deviations");

        // page end
        var ranks = new GaussianMisfit(0.8, 0).Ranks(100);
        var truth = ranks.Select((p, k) => p * Math.Pow((k / 100.0) - 0.5, 2)).Sum() / Enumerable.Range(0, 101).Average(k => Math.Pow((k / 100.0) - 0.5, 2));
        Assert.InRange(truth, parameter.Dispersion.Lower, parameter.Dispersion.Upper);
        Assert.True(parameter.Dispersion.Lower > 1 && parameter.Bias.Contains(0) && result.Rejected);
        Assert.InRange(result.Test.Power(new GaussianMisfit(smallest.Narrow, 0)), 0.9, 0.91);
        Shows(output);
    }

    [Fact]
    public void A_split_conformal_set()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);

        // page begin
        var random = new SeededGenerator(seed: 8);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        // The same estimator. The score of a pair: how many of the estimator's standard deviations theta is from its mean.
        var scale = 0.8 * Math.Sqrt(0.5);
        double[] scores = [.. Enumerable.Range(0, 999).Select(_ => Normal()).Select(theta => Math.Abs(theta - ((theta + Normal()) / 2)) / scale)];
        var rank = SplitConformal.Rank(scores.Length, 0.1);
        var threshold = SplitConformal.Threshold(scores, 0.1);
        var least = SplitConformal.CoverageQuantile(scores.Length, rank, delta: 0.05);
        var shortfall = SplitConformal.ShortfallProbability(scores.Length, rank, level: 0.88);
        output.WriteLine($"set: x / 2 ± {threshold * scale:F3}, coverage at least 0.9 on average over calibrations");
        output.WriteLine($"coverage of this calibration ~ Beta({rank}, {scores.Length + 1 - rank}): at least {least:F4} with probability 0.95, below 0.88 with probability {shortfall:F4}");

        // page end
        Assert.Equal(900, rank);
        Assert.InRange(least, Beta.InvCDF(900, 100, 0.05) - 1e-7, Beta.InvCDF(900, 100, 0.05) + 1e-7);
        Assert.InRange(shortfall, Beta.CDF(900, 100, 0.88) * (1 - 1e-6), Beta.CDF(900, 100, 0.88) * (1 + 1e-6));

        // The set that this calibration chose covers with the probability of a normal number: within six standard deviations of Beta(900, 100).
        Assert.InRange((2 * Elementary.NormalCdf(threshold * scale / Math.Sqrt(0.5))) - 1, 0.843, 0.957);
        Shows(output);
    }

    [Fact]
    public void The_page_shows_these_programs()
    {
        var programs = Read("tests", "Guarantees.Tests", "Statistics", "StatisticsPageTests.cs").Split("        // page begin\n")[1..4];
        Assert.All(programs, program => Assert.Contains($"```csharp\n{program.Split("        // page end")[0].Replace("\n        ", "\n", StringComparison.Ordinal).Trim()}\n```", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_bound_and_test_is_in_a_table_of_the_page()
    {
        string[] rows = [.. Page.Split('\n').Where(line => line.StartsWith('|'))];
        var named = typeof(ClopperPearson).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(ClopperPearson).Namespace && type.IsAbstract && type.IsSealed).Select(type => type.Name);
        Assert.All(named.Concat([nameof(EcdfBand), nameof(BettingSequence), nameof(SequentialGate), nameof(UniformityTest)]), name => Assert.Contains(rows, row => row.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    private static string Page => Read("docs", "statistics.md");

    private static void Shows(StringWriter output) => Assert.True(Page.Contains($"```text\n{output}```", StringComparison.Ordinal), $"The page does not show {output}");

    private static string Read(params string[] path)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Guarantees.slnx")))
        {
            root = root.Parent!;
        }

        return File.ReadAllText(Path.Combine([root.FullName, .. path]));
    }
}
