using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Certify.Search;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>What the tool promises on posteriors that sbi trained: ten observations a model, linf radius of 0.01 standard deviations of each column.</summary>
[Trait("Category", "Nightly")]
public class SbiAcceptanceTests(ITestOutputHelper output)
{
    /// <summary>The largest allowed upper / lower for each task.</summary>
    public static TheoryData<string, double> Tasks => new() { { "two_moons", 1.25 }, { "sir", 1.25 }, { "gaussian_linear", 1.6 }, { "slcp", 1.6 } };

    [SharedDataTheory]
    [MemberData(nameof(Tasks))]
    public void Enclosures_are_tight_within_twenty_seconds_an_observation(string task, double ratio)
    {
        var (estimator, observations, radius) = Load(task);
        var model = File.ReadAllBytes(PathOf(task) + ".onnx");
        var (searching, checking) = (0.0, 0.0);
        for (var row = 0; row < 10; row++)
        {
            foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation })
            {
                var claim = ClaimAt(observations[row], row, radius, metric);
                var clock = Stopwatch.StartNew();
                var (answer, certificate) = new Certifier { RelativeGap = 0.05 }.Run(estimator, Models.Mixture, claim);
                var seconds = clock.Elapsed.TotalSeconds;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task} row {row} {metric}: [{answer.Lower:G6}, {answer.Upper:G6}], ratio {answer.Upper / answer.Lower:F3}, {seconds:F1} s"));
                Assert.True(answer.Upper <= (ratio * answer.Lower) + 1e-6);
                Assert.True(seconds <= 20, $"row {row}: {seconds} s, curve included");
                var report = CertificateChecker.Check(certificate, model);
                Assert.Equal("", report.Reason);
                (searching, checking) = (searching + answer.Seconds, checking + report.Seconds);
            }
        }

        Assert.True(checking < searching, $"checked in {checking} s what was searched for in {searching} s");
    }

    /// <summary>The posterior that sbi trained for gaussian_linear against the exact one over a square: enclosures of relative width 10 %, here within 60 s.</summary>
    [SharedDataTheory]
    [InlineData(Metric.Wasserstein2)]
    [InlineData(Metric.Kl)]
    [InlineData(Metric.TotalVariation)]
    public void The_distance_to_the_exact_posterior_is_enclosed_over_a_square(Metric metric)
    {
        var (estimator, _, _) = Load("gaussian_linear");
        double[] corner = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        var claim = new Claim { Kind = ClaimKind.Approximation, Metric = metric, Reference = Claim.GaussianLinear, DomainLower = [.. corner.Select(v => -v)], DomainUpper = [.. corner] };
        var (answer, certificate) = new Certifier { RelativeGap = 0.05, TimeLimit = TimeSpan.FromSeconds(60) }.Run(estimator, Models.Mixture, claim);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{metric}: [{answer.Lower:G6}, {answer.Upper:G6}], the metric at least {answer.MetricLower:G6}, {answer.Seconds:F1} s"));
        Assert.True(answer.Upper - answer.Lower <= 0.1 * answer.Upper);
        Assert.Equal("", CertificateChecker.Check(certificate, File.ReadAllBytes(PathOf("gaussian_linear") + ".onnx")).Reason);
    }

    [SharedDataTheory]
    [MemberData(nameof(Tasks))]
    public void A_million_random_points_never_exceed_the_bound(string task, double ratio)
    {
        Assert.True(ratio > 1);
        var (estimator, observations, radius) = Load(task);
        foreach (var metric in new[] { Metric.Wasserstein2, Metric.TotalVariation })
        {
            var claim = ClaimAt(observations[0], 0, radius, metric);
            var upper = new Certifier { RelativeGap = 0.05, Curve = false }.Run(estimator, Models.Mixture, claim).Result.Upper;
            var problem = ClaimCompiler.Compile(estimator, claim);
            var largest = new double[2];
            Parallel.For(0, 2, thread =>
            {
                var (attack, random, bounds) = (new Attack(problem), new Random(thread), Bounds.For(problem));
                for (var k = 0; k < 500_000; k++)
                {
                    var point = Models.Draw(claim, random).ToArray();
                    if (k % 2 == 1)
                    {
                        // Every second point is a corner: large values live there.
                        point = [.. point.Select((x, j) => x > claim.Observation[j] ? problem.Domain.Box.Upper[j] : problem.Domain.Box.Lower[j])];
                    }

                    largest[thread] = Math.Max(largest[thread], attack.Value(point));
                }
            });
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task} {metric}: largest {largest.Max():G8}, certified {upper:G8}"));
            Assert.True(largest.Max() <= upper);
        }
    }

    private static Claim ClaimAt(double[] observation, int row, double[] radius, Metric metric) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = metric,
        Norm = Norm.Linf,
        Radius = [.. radius],
        Observation = [.. observation],
        ObservationRow = row,
    };

    private static string PathOf(string task) => Path.Combine(SharedData.Folder!, "sbi", $"sbi_npe_mdn_{task}_s0");

    private static (Estimator Estimator, double[][] Observations, double[] Radius) Load(string task)
    {
        var stem = PathOf(task);
        var bytes = File.ReadAllBytes(stem + ".onnx");
        var network = OnnxImporter.Read(bytes, task);
        var table = Guarantees.Formats.Tables.Table.Read(stem + "_simulations.csv");
        var columns = table.Sequence("x_");
        var data = Enumerable.Range(0, table.Rows).Select(i => columns.Select(j => table[i][j]).ToArray()).ToArray();
        var radius = columns.Select((_, j) =>
        {
            var mean = data.Average(row => row[j]);
            return 0.01 * Math.Sqrt(data.Average(row => (row[j] - mean) * (row[j] - mean)));
        }).ToArray();
        return (new Estimator(network, Models.Mixture.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), task), data, radius);
    }
}
