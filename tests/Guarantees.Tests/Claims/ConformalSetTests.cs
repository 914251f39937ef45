using System.Diagnostics;
using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Claims;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>The set of a conformal certificate, in C# and in Python as its page has it.</summary>
/// <remarks>Mutant seen to fail: the family that the caller reads the model by.</remarks>
public class ConformalSetTests
{
    [Theory]
    [InlineData(CredibleSet.HighestDensity)]
    [InlineData(CredibleSet.Interval)]
    [InlineData(CredibleSet.Mahalanobis)]
    public void The_set_holds_as_many_of_its_pairs_as_the_rank_says(CredibleSet set)
    {
        var rows = SimulatedPairs.Draw(200, 6);
        var certificate = Certificate(SimulatedPairs.Right, rows, set, 0.9);
        var conformal = new ConformalSet(SimulatedPairs.Right.Estimator!, certificate);
        Assert.Equal(certificate.Findings[0].Seen, conformal.Threshold);
        Assert.Equal(181, rows.Count(row => conformal.Contains(row.AsSpan(0, 2), row.AsSpan(2))));
        Assert.True(conformal.Contains([0.5, 0.5], [1, 1]));
        Assert.False(conformal.Contains([9, 9], [1, 1]));
        Assert.False(conformal.Contains([double.NaN, 0], [1, 1]));
    }

    [Fact]
    public void Where_no_threshold_was_found_the_set_is_everything()
    {
        var certificate = Certificate(SimulatedPairs.Right, SimulatedPairs.Draw(5, 6), CredibleSet.Mahalanobis, 0.9);
        var conformal = new ConformalSet(SimulatedPairs.Right.Estimator!, CertificateFile.Read(CertificateFile.ToBytes(certificate), "c.json"));
        Assert.Equal(double.PositiveInfinity, conformal.Threshold);
        Assert.True(conformal.Contains([1e6, -1e6], [0, 0]));
    }

    /// <summary>The model is read as the certificate reads it, whatever family the caller reads it by.</summary>
    [Fact]
    public void The_family_is_that_of_the_certificate()
    {
        var rows = SimulatedPairs.Draw(100, 6);
        var certificate = Certificate(SimulatedPairs.Right, rows, CredibleSet.Mahalanobis, 0.8);
        var network = SimulatedPairs.Right.Estimator!.Network;
        var misread = SimulatedPairs.Right.Estimator with { Family = SimulatedPairs.Of(SimulatedPairs.Right.Model, """{ "name": "diagonal-gaussian", "mean": "mean", "log-variance": "log_sd" }""").Estimator!.Family };
        var (right, other) = (new ConformalSet(SimulatedPairs.Right.Estimator, certificate), new ConformalSet(misread, certificate));
        Assert.Equal(right.Score([0.1, 0.7], [0.3, -1]), other.Score([0.1, 0.7], [0.3, -1]));
        var family = SimulatedPairs.Of(SimulatedPairs.Right.Model, """{ "name": "diagonal-gaussian", "mean": "mean", "log-variance": "log_sd" }""").Family;
        Assert.Contains("does not fit the model", Assert.Throws<ArgumentException>(() => new ConformalSet(SimulatedPairs.Right.Estimator, certificate with { Family = SimulatedPairs.Samples(2).Family })).Message, StringComparison.Ordinal);
        Assert.NotNull(new ConformalSet(new Estimator(network, SimulatedPairs.Right.Estimator.Family, certificate.ModelSha256), certificate with { Family = family }));
    }

    [Fact]
    public void Other_certificates_models_and_lengths_are_refused()
    {
        var certificate = Certificate(SimulatedPairs.Right, SimulatedPairs.Draw(100, 6), CredibleSet.Mahalanobis, 0.8);
        var estimator = SimulatedPairs.Right.Estimator!;
        foreach (var (forged, named) in new[]
        {
            (certificate with { Claim = certificate.Claim with { Kind = ClaimKind.Coverage } }, "of kind conformal; got coverage"),
            (certificate with { ModelSha256 = new string('a', 64) }, "speaks of the model with SHA-256 aaaa"),
            (certificate with { Findings = [] }, "no threshold"),
            (certificate with { Claim = certificate.Claim with { Pairs = certificate.Claim.Pairs! with { Confidence = 0.2 } } }, "lies in [0.5, 1); got 0.2"),
            (certificate with { Claim = certificate.Claim with { Level = 0 } }, "A level lies in"),
        })
        {
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => new ConformalSet(estimator, forged)).Message, StringComparison.Ordinal);
        }

        var set = new ConformalSet(estimator, certificate);
        Assert.Contains("Expected 2 parameters and 2 data; got 1 and 2", Assert.Throws<ArgumentException>(() => set.Score([1], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("Expected 2 parameters and 2 data; got 2 and 3", Assert.Throws<ArgumentException>(() => set.Contains([1, 2], [1, 2, 3])).Message, StringComparison.Ordinal);
    }

    /// <summary>One set for many threads: each has its own answer.</summary>
    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        var set = new ConformalSet(SimulatedPairs.Right.Estimator!, Certificate(SimulatedPairs.Right, SimulatedPairs.Draw(100, 6), CredibleSet.Mahalanobis, 0.8));
        Parallel.For(0, 4000, i => Assert.Equal(Math.Sqrt(2) * (i % 50), set.Score([(i % 50) + (0.5 * i), 0.5 * i], [i, i]), 1e-9));
    }

    /// <remarks>The program of docs/claims/conformal.md, as it stands there, run on a certificate file for points in and out of the set, near its edge among them.</remarks>
    [PythonFact]
    public void The_program_of_the_page_agrees()
    {
        var rows = SimulatedPairs.Draw(150, 33);
        var estimator = SimulatedPairs.Of(2, 0.6, 0.3);
        var certificate = Certificate(estimator, rows, CredibleSet.HighestDensity, 0.9);
        var set = new ConformalSet(estimator.Estimator!, certificate);
        var folder = Directory.CreateTempSubdirectory("conformal-").FullName;
        try
        {
            CertificateFile.Write(certificate, Path.Combine(folder, "c.json"));
            CertificateFile.Write(Certificate(estimator, rows[..5], CredibleSet.HighestDensity, 0.9), Path.Combine(folder, "everything.json"));
            var page = File.ReadAllText(Page());
            var start = page.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length;
            var program = new StringBuilder(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
            var (sd, random) = (0.6 * Math.Sqrt(0.5), new Random(4));
            var points = Enumerable.Range(0, 300).Select(i => new[] { -1 + (2 * random.NextDouble()), -1 + (2 * random.NextDouble()), -2 + (4 * random.NextDouble()), -2 + (4 * random.NextDouble()) }).ToArray();
            program.Append("\nt, all = threshold('c.json'), threshold('everything.json')\nprint(''.join('01'[contains(th, m, [").Append(CultureInfo.InvariantCulture, $"{Math.Log(sd):R}] * 2, t)] for th, m in [");
            foreach (var p in points)
            {
                program.Append(CultureInfo.InvariantCulture, $"([{p[0]:R}, {p[1]:R}], [{(0.5 * p[2]) + (0.3 * Math.Sqrt(0.5)):R}, {(0.5 * p[3]) + (0.3 * Math.Sqrt(0.5)):R}]),");
            }

            program.Append("]))\nprint(contains([1e9, 0], [0, 0], [0, 0], all), t)\n");
            File.WriteAllText(Path.Combine(folder, "p.py"), program.ToString());
            using var python = Process.Start(new ProcessStartInfo("python3", "p.py") { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            var told = python.StandardOutput.ReadToEnd().Split('\n');
            python.WaitForExit();
            Assert.Equal(0, python.ExitCode);
            Assert.Equal(string.Concat(points.Select(p => set.Contains(p.AsSpan(0, 2), p.AsSpan(2)) ? '1' : '0')), told[0]);
            Assert.InRange(told[0].Count(c => c == '1'), 50, 250);
            Assert.Equal(FormattableString.Invariant($"True {set.Threshold:R}"), told[1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Page()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "docs", "claims", "conformal.md");
    }

    internal static Certificate Certificate(SimulatedPairs estimator, IReadOnlyList<double[]> rows, CredibleSet set, double level)
    {
        var table = SimulatedPairs.Array(rows);
        var claim = new Claim { Kind = ClaimKind.Conformal, Level = level, Pairs = SimulatedPairs.Question(table, rows.Count, 0.9, 0, set) };
        return Certify(estimator, claim, table);
    }

    /// <summary>What a run writes.</summary>
    internal static Certificate Certify(SimulatedPairs estimator, Claim claim, byte[] table, byte[]? samples = null, int seed = 1)
    {
        var answer = estimator.Solve(claim, table, seed, samples);
        return new Certificate
        {
            Claim = claim,
            Text = PairStatistics.Text(claim, estimator.Family.Name),
            ModelName = "model.onnx",
            ModelSha256 = SimulatedPairs.Hash(estimator.Model),
            Family = estimator.Family,
            Verdict = answer.Verdict,
            Lower = answer.Lower,
            Upper = answer.Upper,
            Findings = answer.Findings,
            Evidence = new EvidenceTree([0]),
            Seed = seed,
        };
    }
}

/// <summary>A fact that needs a Python on the path.</summary>
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "python3"))))
        {
            Skip = "There is no python3 on the path.";
        }
    }
}
