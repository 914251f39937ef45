using System.Collections.Immutable;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Tests.Claims;
using Guarantees.Tests.Statistics;
using Xunit;

namespace Guarantees.Tests.Checking;

/// <summary>Certificates of claims that pairs answer: what a run writes is accepted as it is read back, and nothing else is.</summary>
/// <remarks>Mutants seen to fail: a threshold below the score by a billionth; a slack of p-values that is not in proportion; verdict and lower end not compared; a table longer than stated, found at its end or not at all; a family without a model under another name.</remarks>
public class PairCertificateTests
{
    private static readonly double[][] Rows = SimulatedPairs.Draw(150, 2);
    private static readonly byte[] Table = SimulatedPairs.Array(Rows);
    private static readonly byte[] OtherTable = SimulatedPairs.Array(SimulatedPairs.Draw(150, 3));

    public static TheoryData<string> Kinds { get; } = [.. Claims.Keys];

    private static Dictionary<string, Claim> Claims => new()
    {
        ["calibration"] = new() { Kind = ClaimKind.Calibration, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 9) },
        ["calibration at most"] = new() { Kind = ClaimKind.Calibration, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 9), AtMost = 0.3 },
        ["density"] = new() { Kind = ClaimKind.Coverage, Level = 0.8, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 19), AtLeast = 0.6 },
        ["interval"] = new() { Kind = ClaimKind.Coverage, Level = 0.8, Parameter = 1, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 0, CredibleSet.Interval) },
        ["ellipsoid"] = new() { Kind = ClaimKind.Coverage, Level = 0.8, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 0, CredibleSet.Mahalanobis), AtMost = 0.95 },
        ["gate"] = new() { Kind = ClaimKind.Coverage, Level = 0.8, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 0, CredibleSet.Mahalanobis, sequential: true), AtLeast = 0.5 },
        ["conformal"] = new() { Kind = ClaimKind.Conformal, Level = 0.8, Pairs = SimulatedPairs.Question(Table, 150, 0.9) },
        ["conformal interval"] = new() { Kind = ClaimKind.Conformal, Level = 0.9, Parameter = 1, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 0, CredibleSet.Interval), AtLeast = 0.8 },
        ["conformal everything"] = new() { Kind = ClaimKind.Conformal, Level = 0.999, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 0, CredibleSet.Mahalanobis) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_run_writes_is_read_back_and_accepted(string kind)
    {
        var honest = Honest(kind);
        var read = CertificateFile.Read(CertificateFile.ToBytes(honest), "c.json");
        Assert.Equal(CertificateFile.ToBytes(honest), CertificateFile.ToBytes(read));
        Assert.Equal(honest.Claim.Pairs, read.Claim.Pairs);
        Assert.Equal(honest.Findings, read.Findings.AsEnumerable());
        var report = Check(read);
        Assert.True(report.Accepted, report.Reason);
        Assert.Equal((honest.Verdict, honest.Lower, honest.Upper), (report.Verdict, report.Lower, report.Upper));
        Assert.Contains("which is not given", CertificateChecker.Check(read, SimulatedPairs.Right.Model).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_changed_is_rejected(string kind)
    {
        var c = Honest(kind);
        var (claim, pairs) = (c.Claim, c.Claim.Pairs!);
        var forged = new List<(string What, Certificate Certificate)>
        {
            ("text", c with { Text = c.Text + " " }),
            ("other text", c with { Text = c.Text.Replace("150", "1500", StringComparison.Ordinal) }),
            ("model", c with { ModelSha256 = new string('a', 64) }),
            (kind is "gate" or "conformal everything" ? "words" : "family", kind is "gate" or "conformal everything" ? c with { Text = "" } : c with { Family = SimulatedPairs.Of(SimulatedPairs.Right.Model, """{ "name": "diagonal-gaussian", "mean": "mean", "log-variance": "log_sd" }""").Family }),
            ("no model", c with { Family = SimulatedPairs.Samples(2).Family, ModelSha256 = SimulatedPairs.Hash([]) }),
            ("lower", c with { Lower = Math.BitIncrement(c.Lower) }),
            ("lower below", c with { Lower = Math.BitDecrement(c.Lower) }),
            ("upper", c with { Upper = Math.BitDecrement(c.Upper) }),
            ("upper above", c with { Upper = Math.BitIncrement(c.Upper) }),
            ("ends", c with { Lower = double.NegativeInfinity, Upper = double.PositiveInfinity }),
            ("surrogate", c with { ExactMetric = false }),
            ("float32", c with { Float32 = c.Upper, Semantics = c.Verdict == Verdict.Proved ? "float32" : "real" }),
            ("semantics", c with { Semantics = "float32" }),
            ("total variation", c with { TotalVariation = 0.5 }),
            ("restricted", c with { RestrictedTotalVariation = 0.5 }),
            ("witness", c with { Witness = [0, 0] }),
            ("evidence", c with { Evidence = new EvidenceTree([1, 0, 0]) }),
            ("no pairs", c with { Claim = claim with { Pairs = null } }),
            ("count", c with { Claim = claim with { Pairs = pairs with { Pairs = 151 } } }),
            ("fewer", c with { Claim = claim with { Pairs = pairs with { Pairs = 149 } } }),
            ("none", c with { Claim = claim with { Pairs = pairs with { Pairs = 0 } } }),
            ("confidence", c with { Claim = claim with { Pairs = pairs with { Confidence = 0.99 } } }),
            ("confidence of a coin", c with { Claim = claim with { Pairs = pairs with { Confidence = 0.4 } } }),
            ("certain", c with { Claim = claim with { Pairs = pairs with { Confidence = 1 } } }),
            ("table", c with { Claim = claim with { Pairs = pairs with { Sha256 = SimulatedPairs.Hash(OtherTable) } } }),
            ("no hash", c with { Claim = claim with { Pairs = pairs with { Sha256 = "" } } }),
            ("capitals", c with { Claim = claim with { Pairs = pairs with { Sha256 = pairs.Sha256.ToUpperInvariant() } } }),
            ("name", c with { Claim = claim with { Pairs = pairs with { File = "other.npy" } } }),
            ("samples", c with { Claim = claim with { Pairs = pairs with { SamplesFile = "s.npy", SamplesSha256 = pairs.Sha256 } } }),
            ("hash of no samples", c with { Claim = claim with { Pairs = pairs with { SamplesSha256 = pairs.Sha256 } } }),
            ("draws", c with { Claim = claim with { Pairs = pairs with { Draws = pairs.Draws + 1 } } }),
            ("many draws", c with { Claim = claim with { Pairs = pairs with { Draws = int.MaxValue } } }),
            ("fewer draws", c with { Claim = claim with { Pairs = pairs with { Draws = pairs.Draws - 1 } } }),
            ("sequence", c with { Claim = claim with { Pairs = pairs with { IsSequential = !pairs.IsSequential } } }),
            ("level", c with { Claim = claim with { Level = claim.Level + 0.01 } }),
            ("not a level", c with { Claim = claim with { Level = double.NaN } }),
            ("parameter", c with { Claim = claim with { Parameter = 1 - claim.Parameter } }),
            ("no parameter", c with { Claim = claim with { Parameter = 2 } }),
            ("at least", c with { Claim = claim with { AtLeast = (claim.AtLeast ?? 0.1) * 0.99 } }),
            ("at most", c with { Claim = claim with { AtMost = 1 - ((1 - (claim.AtMost ?? 0.9)) * 0.99) } }),
            ("other claim", c with { Claim = new Claim { Kind = ClaimKind.Robustness, Radius = [0.1, 0.1], Observation = [0, 0], Pairs = pairs } }),
            ("findings of another kind", c with { Claim = new Claim { Kind = ClaimKind.Robustness, Radius = [0.1, 0.1], Observation = [0, 0] } }),
            ("no findings", c with { Findings = [] }),
            ("one less", c with { Findings = c.Findings[..^1] }),
            ("one more", c with { Findings = c.Findings.Add(new Finding("all", "trust", 1)) }),
            ("order", c with { Findings = [.. c.Findings.Reverse()] }),
        };
        forged.AddRange(Enum.GetValues<Verdict>().Where(verdict => verdict != c.Verdict).Select(verdict => ($"{verdict}", c with { Verdict = verdict })));
        forged.AddRange(Enum.GetValues<CredibleSet>().Where(set => set != pairs.Set).Select(set => ($"{set}", c with { Claim = claim with { Pairs = pairs with { Set = set } } })));
        forged.AddRange(Enum.GetValues<ClaimKind>().Where(other => other != claim.Kind).Select(other => ($"{other}", c with { Claim = claim with { Kind = other } })));
        foreach (var (i, finding) in c.Findings.Index())
        {
            void Change(string what, Finding changed)
            {
                // A calibration takes a while: every kind of change, and not at every number.
                if (claim.Kind != ClaimKind.Calibration || ((7 * i) + what.Length) % 23 == 0)
                {
                    forged.Add(($"{finding.Name}, {finding.Measure}: {what}", c with { Findings = c.Findings.SetItem(i, changed) }));
                }
            }

            Change("name", finding with { Name = finding.Name + "s" });
            Change("measure", finding with { Measure = finding.Measure + "s" });
            Change("more", finding with { Seen = double.IsFinite(finding.Seen) ? finding.Seen + Math.Max(1e-8, 1e-8 * Math.Abs(finding.Seen)) : 1 });
            Change("less", finding with { Seen = double.IsFinite(finding.Seen) ? finding.Seen - Math.Max(1e-8, 1e-8 * Math.Abs(finding.Seen)) : 1 });
            Change("lower", finding with { Lower = finding.Lower is { } lower ? Math.BitIncrement(lower) : 0 });
            Change("upper", finding with { Upper = finding.Upper is { } upper ? Math.BitDecrement(upper) : 1 });
            Change("no set", finding.Lower is null ? finding with { Lower = 0, Upper = 1 } : finding with { Lower = null, Upper = null });
        }

        foreach (var (what, certificate) in forged)
        {
            var report = Check(certificate);
            Assert.False(report.Accepted, what);
            Assert.NotEmpty(report.Reason);
            Assert.DoesNotContain('\n', report.Reason);
        }
    }

    /// <summary>Every member of a claim that an answer does not speak of must be as nothing: members that come later, too.</summary>
    [Fact]
    public void Members_of_other_claims_are_rejected()
    {
        var c = Honest("conformal");
        var tried = 0;
        foreach (var member in typeof(Claim).GetProperties().Where(property => property.CanWrite && property.Name is not (nameof(Claim.Kind) or nameof(Claim.Pairs))))
        {
            foreach (var value in Values(member.PropertyType).Where(value => !Equals(value, member.GetValue(c.Claim))))
            {
                var claim = c.Claim with { };
                member.SetValue(claim, value);
                byte[] bytes;
                try
                {
                    bytes = CertificateFile.ToBytes(c with { Claim = claim });
                }
                catch (Exception error) when (error is ArgumentException or InvalidOperationException)
                {
                    continue; // no file holds it
                }

                Certificate read;
                try
                {
                    read = CertificateFile.Read(bytes, "c.json");
                }
                catch (ModelFormatException)
                {
                    continue;
                }

                tried++;
                Assert.True(!Check(read).Accepted || CertificateFile.ToBytes(read.Claim).SequenceEqual(CertificateFile.ToBytes(c.Claim)), member.Name);
            }
        }

        Assert.True(tried > 20, $"{tried} tried");
    }

    /// <summary>A threshold may be stated somewhat above the score that set it; below it, the set may hold nothing, as here, where all scores tie and distances are small.</summary>
    [Fact]
    public void A_threshold_below_the_score_that_set_it_is_rejected_however_little()
    {
        var wide = SimulatedPairs.Of(1, 1e10);
        double[][] rows = [.. Enumerable.Repeat(new[] { 0.3, 0.2 }, 30)];
        foreach (var (set, estimator) in new[] { (CredibleSet.Mahalanobis, wide), (CredibleSet.HighestDensity, SimulatedPairs.Of(1)), (CredibleSet.Interval, SimulatedPairs.Of(1)) })
        {
            var table = SimulatedPairs.Array(rows);
            var c = ConformalSetTests.Certificate(estimator, rows, set, 0.9);
            CheckReport Stated(double threshold) => CertificateChecker.Check(c with { Findings = c.Findings.SetItem(0, c.Findings[0] with { Seen = threshold }) }, estimator.Model, pairs: new PairTables(() => new MemoryStream(table)));
            var score = new ConformalSet(estimator.Estimator!, c).Score([0.3], [0.2]);
            Assert.True(Stated(c.Findings[0].Seen).Accepted);
            Assert.True(Stated(score).Accepted);
            foreach (var threshold in new[] { Math.BitDecrement(score), score - 1e-12, score - 1e-9, set == CredibleSet.Mahalanobis ? 0 : score - 1e-10, score + 1e-7 })
            {
                Assert.False(Stated(threshold).Accepted, $"{set}: {threshold:R} for {score:R}");
            }
        }
    }

    /// <summary>A small p-value is small in proportion.</summary>
    [Fact]
    public void Numbers_near_zero_are_not_forged_within_an_absolute_slack()
    {
        var rows = SimulatedPairs.Draw(400, 9);
        var narrow = SimulatedPairs.Of(2, 0.5);
        var table = SimulatedPairs.Array(rows);
        var c = ConformalSetTests.Certify(narrow, new Claim { Kind = ClaimKind.Calibration, Pairs = SimulatedPairs.Question(table, 400, 0.9, 19) }, table);
        var (finding, i) = c.Findings.Select((finding, i) => (finding, i)).First(item => item.finding is { Name: "all", Measure: "p-value" });
        Assert.InRange(finding.Seen, 0, 1e-10);
        Assert.True(CertificateChecker.Check(c, narrow.Model, pairs: new PairTables(() => new MemoryStream(table))).Accepted);
        Assert.False(CertificateChecker.Check(c with { Findings = c.Findings.SetItem(i, finding with { Seen = finding.Seen / 2 }) }, narrow.Model, pairs: new PairTables(() => new MemoryStream(table))).Accepted);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_table_is_rejected(string kind)
    {
        var c = Honest(kind);
        foreach (var table in new[] { OtherTable, SimulatedPairs.Array(Rows[..^1]), SimulatedPairs.Array([.. Rows, Rows[0]]), SimulatedPairs.Array([.. Rows.Select(row => new[] { row[0], row[1], row[3], row[2] })]), [], Table[..^1] })
        {
            var report = CertificateChecker.Check(c, SimulatedPairs.Right.Model, pairs: new PairTables(() => new MemoryStream(table)));
            Assert.False(report.Accepted);
            Assert.Contains("the table has SHA-256", report.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>Tables of the right hash that do not fit the claim: the forger names what he likes.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_table_that_does_not_fit_is_rejected_in_one_line(string kind)
    {
        var c = Honest(kind);
        foreach (var (table, named) in new[]
        {
            (SimulatedPairs.Array(Rows[..^1]), "has 149 pairs, the claim speaks of 150"),
            (SimulatedPairs.Array([.. Rows, Rows[0]]), "has 151 pairs, the claim speaks of 150"),
            (SimulatedPairs.Array([.. Rows.Select(row => row[..3])]), "expected 2, 2 and none"),
            (SimulatedPairs.Array([.. Rows.Select(row => row[..1])]), "expected 2, 2 and none"),
            (SimulatedPairs.Array([.. Rows[..^1], [0, 0, double.NaN, 0]]), "row 149, column 2 has NaN"),
            (SimulatedPairs.Csv("theta_0,theta_1,x_0,x_0", Rows), "'x_0' appears twice"),
            (SimulatedPairs.Csv("theta_0,theta_1,x_0,x_2", Rows), "'x_1' is missing"),
            (SimulatedPairs.Csv("theta_0,theta_1,x_0,y", Rows), "1 others"),
            (SimulatedPairs.Csv("theta_0,theta_1,x_0,x_1", [.. Rows, Rows[0]]), "has 151 pairs"),
            ([], "empty"),
        })
        {
            var pairs = c.Claim.Pairs! with { Sha256 = SimulatedPairs.Hash(table), File = table.Length > 0 && table[0] == 0x93 ? "t.npy" : "t.csv" };
            var claim = c.Claim with { Pairs = pairs };
            var report = CertificateChecker.Check(c with { Claim = claim, Text = PairStatistics.Text(claim, c.Family.Name) }, SimulatedPairs.Right.Model, pairs: new PairTables(() => new MemoryStream(table)));
            Assert.False(report.Accepted);
            Assert.Contains(named, report.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', report.Reason);
        }
    }

    /// <summary>Seeds of draws are part of a certificate: another gives other numbers, but where there are no draws.</summary>
    [Theory]
    [InlineData("calibration", true)]
    [InlineData("density", true)]
    [InlineData("interval", false)]
    [InlineData("conformal", false)]
    public void Another_seed_gives_other_numbers_where_there_are_draws(string kind, bool matters) => Assert.Equal(!matters, Check(Honest(kind) with { Seed = 2 }).Accepted);

    /// <summary>A family without a model is known by posterior samples; another name for it would promise tests that are not made.</summary>
    [Fact]
    public void Samples_are_accepted_under_their_own_name_only()
    {
        var random = new Guarantees.Statistics.SeededGenerator(5);
        var samples = SimulatedPairs.Array([.. Rows.SelectMany(row => Enumerable.Range(0, 9).Select(_ => new[] { 0, 1 }.Select(i => (0.5 * row[2 + i]) + (Math.Sqrt(0.5) * Samples.Normal(random))).ToArray()))]);
        var claim = new Claim { Kind = ClaimKind.Calibration, AtMost = 0.4, Pairs = SimulatedPairs.Question(Table, 150, 0.9, 9) with { SamplesFile = "s.npy", SamplesSha256 = SimulatedPairs.Hash(samples) } };
        var c = ConformalSetTests.Certify(SimulatedPairs.Samples(2), claim, Table, samples);
        CheckReport Report(Certificate certificate, byte[]? table = null) => CertificateChecker.Check(certificate, Array.Empty<byte>(), pairs: new PairTables(() => new MemoryStream(Table), () => new MemoryStream(table ?? samples)));
        Assert.True(Report(c).Accepted, Report(c).Reason);
        Assert.Equal(Verdict.Proved, c.Verdict);
        Assert.Contains("which is not given", CertificateChecker.Check(c, Array.Empty<byte>(), pairs: new PairTables(() => new MemoryStream(Table))).Reason, StringComparison.Ordinal);
        Assert.Contains("SHA-256", Report(c, Table).Reason, StringComparison.Ordinal);

        var blackBox = SimulatedPairs.Of([], """{ "name": "black-box", "noise": 0.25, "parameters": 2 }""").Family;
        Assert.Contains("the family is black-box", Report(c with { Family = blackBox, Text = PairStatistics.Text(claim, blackBox.Name) }).Reason, StringComparison.Ordinal);
        var three = SimulatedPairs.Samples(3).Family;
        Assert.Contains("2 columns", Report(c with { Family = three, Claim = claim with { Pairs = claim.Pairs with { File = "x.npy" } }, Text = PairStatistics.Text(claim with { Pairs = claim.Pairs with { File = "x.npy" } }, three.Name) }).Reason, StringComparison.Ordinal);
        Assert.False(CertificateChecker.Check(c, SimulatedPairs.Right.Model, pairs: new PairTables(() => new MemoryStream(Table), () => new MemoryStream(samples))).Accepted);
    }

    private static Certificate Honest(string kind) => ConformalSetTests.Certify(SimulatedPairs.Right, Claims[kind], Table);

    private static CheckReport Check(Certificate certificate) => CertificateChecker.Check(certificate, SimulatedPairs.Right.Model, pairs: new PairTables(() => new MemoryStream(Table)));

    private static IEnumerable<object> Values(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Values(inner)
        : type == typeof(double) ? [0.25, 1.0]
        : type == typeof(int) ? [0, 1, 3]
        : type == typeof(bool) ? [true, false]
        : type == typeof(string) ? ["network", "other"]
        : type == typeof(ImmutableArray<double>) ? [ImmutableArray.Create(0.5, 0.5), ImmutableArray.Create(1.0)]
        : type == typeof(ImmutableArray<int>) ? [ImmutableArray.Create(1, 0), ImmutableArray.Create(1)]
        : type.IsEnum ? Enum.GetValues(type).Cast<object>()
        : type == typeof(DrawCount) ? [new DrawCount { File = "d.csv", Sha256 = new string('a', 64), Draws = 100, Hits = 3, Confidence = 0.9 }]
        : [];
}
