using System.Globalization;
using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Tests.Statistics;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Claims of kind coverage: wrong verdicts by enumeration of all hits of few pairs, places and levels in whole numbers, and shares of hits where the truth is known.</summary>
/// <remarks>
/// Mutants seen to fail: a place too many; a place too few; an odd rest of intervals; an interval of one side; the whole risk on each side; the gate of "at least" for "at most"; a gate with more than the risk; the other side printed beside a
/// gate's verdict; a table whose rest is not counted.
/// </remarks>
public class PairCoverageLaws
{
    private const double Inside = 0;
    private const double Outside = 50;

    /// <remarks>
    /// For each number of hits of n pairs the verdict; for each true coverage p the exact probability of a wrong one: "at least c" proved where p &lt; c, refuted where p >= c, "at most c" the other way round. p runs over a grid with c and its
    /// neighbours among it. All are sums of at most half of the risk.
    /// </remarks>
    [Theory]
    [InlineData(1, 0.6)]
    [InlineData(4, 0.75)]
    [InlineData(9, 0.8)]
    [InlineData(14, 0.9)]
    public void A_wrong_verdict_has_at_most_half_of_the_risk_for_every_coverage(int n, double confidence)
    {
        var decided = 0;
        foreach (var c in new[] { 0.1, 0.3, 0.5, 0.7, 0.9, 0.97 })
        {
            foreach (var isLeast in new[] { true, false })
            {
                var verdicts = Enumerable.Range(0, n + 1).Select(hits => Hits(n, hits, confidence, isLeast ? c : null, isLeast ? null : c).Verdict).ToArray();
                decided += verdicts.Count(verdict => verdict != Verdict.Undecided);
                foreach (var p in Enumerable.Range(0, 41).Select(i => new Rational(i, 40)).Concat([Rational.Of(c), Rational.Of(Math.BitDecrement(c)), Rational.Of(Math.BitIncrement(c))]))
                {
                    var mass = Exact.Binomial(n, p);
                    var holds = isLeast ? p >= Rational.Of(c) : p <= Rational.Of(c);
                    var wrong = Exact.Sum(mass, k => verdicts[k] == (holds ? Verdict.Refuted : Verdict.Proved));
                    Assert.True(wrong <= (Rational.One - Rational.Of(confidence)) * new Rational(1, 2), $"n = {n}, c = {c}, p = {p.Number()}: {wrong.Number()}");
                }
            }
        }

        Assert.True(n == 1 || decided > 0);
    }

    /// <remarks>P(Bin(n, upper) &lt;= k) and P(Bin(n, lower) >= k) are at most half of the risk, and more a little further in: each end is where it must be.</remarks>
    [Fact]
    public void The_interval_is_that_of_Clopper_and_Pearson_by_exact_sums()
    {
        foreach (var (n, confidence) in new[] { (1, 0.5), (7, 0.9), (12, 0.999) })
        {
            var half = (Rational.One - Rational.Of(confidence)) * new Rational(1, 2);
            for (var hits = 0; hits <= n; hits++)
            {
                var answer = Hits(n, hits, confidence, null, null);
                Assert.Equal(Verdict.Proved, answer.Verdict);
                Assert.Equal(hits, answer.Seen("coverage", "hits"));
                Assert.True(hits == n ? answer.Upper == 1 : Exact.AtMost(hits, n, answer.Upper) <= half && Exact.AtMost(hits, n, answer.Upper - 1e-6) > half);
                Assert.True(hits == 0 ? answer.Lower == 0 : Exact.AtLeast(hits, n, answer.Lower) <= half && Exact.AtLeast(hits, n, answer.Lower + 1e-6) > half);
            }
        }
    }

    /// <remarks>All sequences of n hits and misses, looked at one after the other; the risk belongs to one answer alone, so that it is whole.</remarks>
    [Theory]
    [InlineData(8, 0.6)]
    [InlineData(9, 0.75)]
    public void A_gate_gives_a_wrong_verdict_with_at_most_the_risk(int n, double confidence)
    {
        var decided = 0;
        foreach (var (c, isLeast) in new[] { (0.3, true), (0.6, true), (0.6, false), (0.8, false) })
        {
            var answers = Exact.Sequences(2, n).Select(list => (Hits: list.Sum(), Answer: Sequence(list, confidence, isLeast ? c : null, isLeast ? null : c))).ToArray();
            foreach (var p in Enumerable.Range(0, 11).Select(i => new Rational(i, 10)).Append(Rational.Of(c)).Append(Rational.Of(Math.BitDecrement(c))).Append(Rational.Of(Math.BitIncrement(c))))
            {
                var holds = isLeast ? p >= Rational.Of(c) : p <= Rational.Of(c);
                var wrong = answers.Where(item => item.Answer.Verdict == (holds ? Verdict.Refuted : Verdict.Proved))
                    .Aggregate(Rational.Zero, (sum, item) => sum + (Exact.Power(p, item.Hits) * Exact.Power(Rational.One - p, n - item.Hits)));
                Assert.True(wrong <= Rational.One - Rational.Of(confidence), $"c = {c}, p = {p.Number()}: {wrong.Number()}");

                // What is printed holds wherever the verdict does: there is no interval beside it that could be wrong by itself.
                foreach (var (_, answer) in answers)
                {
                    var (lower, upper) = (Rational.Of(answer.Lower), Rational.Of(answer.Upper));
                    Assert.True(answer.Verdict == Verdict.Undecided ? (answer.Lower, answer.Upper) == (0, 1) : (lower <= p && p <= upper) || (answer.Verdict == Verdict.Proved) != holds, $"{answer.Verdict}, p = {p.Number()} and [{answer.Lower:R}, {answer.Upper:R}]");
                }
            }

            decided += answers.Count(item => item.Answer.Verdict != Verdict.Undecided);
            Assert.All(answers.Where(item => item.Answer.Verdict == Verdict.Undecided), item => Assert.Equal(n, item.Answer.Seen("coverage", "pairs")));
        }

        Assert.True(decided > 50);
    }

    /// <remarks>Without a number to decide, the interval of the whole sequence is given, and all pairs are looked at.</remarks>
    [Fact]
    public void A_sequence_without_a_bound_gives_an_interval_at_the_risk()
    {
        const int n = 10;
        var answers = Exact.Sequences(2, n).Select(list => (Hits: list.Sum(), Answer: Sequence(list, 0.7, null, null))).ToArray();
        Assert.All(answers, item => Assert.Equal((Verdict.Proved, n), (item.Answer.Verdict, (int)item.Answer.Seen("coverage", "pairs"))));
        Assert.Contains(answers, item => item.Answer.Lower > 0.1);
        for (var i = 0; i <= 20; i++)
        {
            var p = new Rational(i, 20);
            var wrong = answers.Where(item => Rational.Of(item.Answer.Lower) > p || Rational.Of(item.Answer.Upper) < p)
                .Aggregate(Rational.Zero, (sum, item) => sum + (Exact.Power(p, item.Hits) * Exact.Power(Rational.One - p, n - item.Hits)));
            Assert.True(wrong <= new Rational(3, 10), $"{p.Number()}: {wrong.Number()}");
        }
    }

    /// <remarks>The smallest whole number of places with at least the level of the decimal that is written; for intervals the rest is even.</remarks>
    [Theory]
    [InlineData(99, 0.9, 90, 90)]
    [InlineData(99, 0.55, 55, 56)] // the double is a little more than 55 / 100
    [InlineData(99, 0.29, 29, 30)]
    [InlineData(99, 0.991, 0, 0)] // all: no set
    [InlineData(99, 0.99, 99, 0)]
    [InlineData(9, 0.8, 8, 8)]
    [InlineData(9, 0.81, 9, 0)]
    [InlineData(10, 0.8, 9, 9)]
    [InlineData(999, 0.9, 900, 900)]
    [InlineData(999, 0.9001, 901, 902)]
    [InlineData(1, 0.5, 1, 0)]
    [InlineData(2, 0.3, 1, 1)]
    [InlineData(3, 1e-9, 1, 2)]
    public void Levels_by_draws_are_the_smallest_that_are_enough(int draws, double level, int places, int middle)
    {
        var (rows, t) = (SimulatedPairs.Draw(1, 1), Heavy());
        foreach (var (set, expected) in new[] { (CredibleSet.HighestDensity, places), (CredibleSet.Interval, middle) })
        {
            if (expected == 0)
            {
                Assert.Contains($"needs more than {draws} draws", Assert.Throws<ArgumentException>(() => t.Cover(rows, set, level, 0.9, draws)).Message, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(expected / (draws + 1.0), t.Cover(rows, set, level, 0.9, draws).Seen("coverage", "level"));
            }
        }
    }

    [Fact]
    public void Shares_outside_are_exact_decimals()
    {
        foreach (var level in new[] { 0.9, 0.1, 0.3, 0.999999999, 1e-9, 1.2345678901234567e-9, 0.12345678901234566, 0.99999999876543212, 1 / 3.0, 0.5, 5e-5 })
        {
            string[] text = [.. level.ToString("R", CultureInfo.InvariantCulture).Split('E'), "0"];
            string[] parts = [.. text[0].Split('.'), ""];
            var (whole, scale) = (BigInteger.Pow(10, 40), parts[1].Length - int.Parse(text[1], CultureInfo.InvariantCulture));
            var inside = BigInteger.Parse(parts[0] + parts[1], CultureInfo.InvariantCulture) * BigInteger.Pow(10, 40 - scale);
            Assert.Equal(new Rational(whole - inside, whole), PairQuestion.Outside(level));
        }
    }

    /// <remarks>For the posterior a set by draws holds theta with probability m / (L + 1) exactly: hits of 4000 pairs on both sides to one in a million each.</remarks>
    [Theory]
    [InlineData(CredibleSet.HighestDensity, 9, 0.8)]
    [InlineData(CredibleSet.HighestDensity, 4, 0.2)]
    [InlineData(CredibleSet.Interval, 9, 0.8)]
    [InlineData(CredibleSet.Interval, 10, 0.3)]
    public void Sets_by_draws_of_the_posterior_cover_as_often_as_their_level(CredibleSet set, int draws, double level)
    {
        const int n = 4000;
        var rows = SimulatedPairs.Draw(n, 31, 1);
        var estimator = set == CredibleSet.Interval ? Sampler() : SimulatedPairs.Of(1);
        var answer = estimator.Cover(rows, set, level, 0.99, draws);
        var share = answer.Seen("coverage", "level");
        Assert.InRange(answer.Seen("coverage", "hits"), n - Samples.Most(n, 1 - share), Samples.Most(n, share));
    }

    /// <remarks>theta - x / 2 in units of the estimator's standard deviations is normal with scale 1 / s and shift -m / s.</remarks>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(0.7, 0)]
    [InlineData(1.5, 0)]
    [InlineData(1, 0.8)]
    public void Hits_are_as_many_as_closed_forms_say(double scale, double shift)
    {
        const int n = 4000;
        var estimator = SimulatedPairs.Of(1, scale, shift);
        var rows = SimulatedPairs.Draw(n, 17, 1);
        var z = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, 0.9);
        var p = Phi(shift + (scale * z)) - Phi(shift - (scale * z));
        foreach (var (set, draws) in new[] { (CredibleSet.Interval, 0), (CredibleSet.Mahalanobis, 0), (CredibleSet.HighestDensity, 199) })
        {
            var answer = estimator.Cover(rows, set, 0.8, 0.99, draws, atLeast: 0.75);
            var slack = draws > 0 ? 0.01 : 0; // draws blur the level a little where it is not the posterior's
            Assert.InRange(answer.Seen("coverage", "hits"), n - Samples.Most(n, 1 - p + slack), Samples.Most(n, p + slack));
            Assert.Equal(p > 0.75 ? Verdict.Proved : Verdict.Refuted, answer.Verdict);
            Assert.Equal(p > 0.75 ? Verdict.Refuted : Verdict.Proved, estimator.Cover(rows, set, 0.8, 0.99, draws, atMost: 0.75).Verdict);
        }
    }

    /// <remarks>In two dimensions the ellipsoid of level 0.8 is a disk: chi-square with two degrees has the quantile -2 ln 0.2.</remarks>
    [Fact]
    public void Ellipsoids_are_those_of_chi_square()
    {
        var rows = SimulatedPairs.Draw(500, 18);
        Assert.Equal(
            rows.Count(row => (Math.Pow(row[0] - (0.5 * row[2]), 2) + Math.Pow(row[1] - (0.5 * row[3]), 2)) / 0.5 <= -2 * Math.Log(0.2)),
            SimulatedPairs.Right.Cover(rows, CredibleSet.Mahalanobis, 0.8, 0.9).Seen("coverage", "hits"));
        Assert.Equal(
            rows.Count(row => Math.Abs(row[0] - (0.5 * row[2])) / Math.Sqrt(0.5) <= 1.2815515655446004),
            SimulatedPairs.Right.Cover(rows, CredibleSet.Interval, 0.8, 0.9).Seen("coverage", "hits"));
    }

    [Fact]
    public void Confidences_and_levels_at_their_ends_are_answered()
    {
        var rows = SimulatedPairs.Draw(300, 4, 1);
        var estimator = SimulatedPairs.Of(1);
        foreach (var confidence in new[] { 0.5, 1 - 1e-15, Math.BitDecrement(1.0) })
        {
            foreach (var level in new[] { 1e-9, 1 - 1e-9 })
            {
                foreach (var set in new[] { CredibleSet.Interval, CredibleSet.Mahalanobis })
                {
                    var answer = estimator.Cover(rows, set, level, confidence, atLeast: 0.5);
                    Assert.Equal(level > 0.5 ? Verdict.Proved : Verdict.Refuted, answer.Verdict);
                    Assert.Equal(level > 0.5 ? 300 : 0, answer.Seen("coverage", "hits"));
                    Assert.Equal(level > 0.5 ? Verdict.Proved : Verdict.Refuted, estimator.Cover(rows, set, level, confidence, atLeast: 0.5, sequential: true).Verdict);
                }
            }
        }
    }

    /// <summary>A gate that stops early still answers for the whole table: its length is part of what is stated.</summary>
    [Fact]
    public void A_gate_that_stops_early_has_counted_all_pairs()
    {
        var estimator = SimulatedPairs.Of(1);
        foreach (var (rows, stated) in new[] { (10_000, 10_000), (10_000, 9_999), (10_000, 10_001), (10_000, 10_000_000), (4096, 4096), (4096, 8192) })
        {
            var table = SimulatedPairs.Array([.. Enumerable.Repeat(new[] { Inside, 0 }, rows)]);
            var claim = new Claim { Kind = ClaimKind.Coverage, Level = 0.5, AtLeast = 0.5, Pairs = SimulatedPairs.Question(table, stated, 0.99, 0, CredibleSet.Mahalanobis, sequential: true) };
            if (rows == stated)
            {
                Assert.InRange(estimator.Solve(claim, table).Seen("coverage", "pairs"), 1, 50);
            }
            else
            {
                Assert.Equal($"pairs.npy: the table has {rows} pairs, the claim speaks of {stated}.", Assert.Throws<TableFormatException>(() => estimator.Solve(claim, table)).Message);
            }
        }
    }

    /// <remarks>theta at each of the L + 1 places among draws 1, ..., L: the middle ones are held, as many left out below as above.</remarks>
    [Theory]
    [InlineData(9, 0.8, 1, 8)]
    [InlineData(9, 0.4, 3, 6)]
    [InlineData(10, 0.6, 2, 8)]
    [InlineData(4, 0.1, 2, 2)]
    public void Intervals_by_draws_are_in_the_middle(int draws, double level, int first, int last)
    {
        var samples = SimulatedPairs.Csv("theta_0", Enumerable.Range(1, draws).Select(l => new[] { (double)l }));
        for (var place = 0; place <= draws; place++)
        {
            var pairs = SimulatedPairs.Csv("theta_0", [[place + 0.5]]);
            var claim = new Claim { Kind = ClaimKind.Coverage, Level = level, Pairs = SimulatedPairs.Question(pairs, 1, 0.9, draws, CredibleSet.Interval) with { SamplesFile = "s.csv", SamplesSha256 = SimulatedPairs.Hash(samples) } };
            Assert.Equal(place >= first && place <= last ? 1 : 0, SimulatedPairs.Samples(1).Solve(claim, pairs, samples: samples).Seen("coverage", "hits"));
        }
    }

    [Fact]
    public void Posterior_samples_are_counted_to_the_last_also_where_a_gate_stops_early()
    {
        var pairs = SimulatedPairs.Csv("theta_0", Enumerable.Repeat(new[] { 0.5 }, 200));
        foreach (var (count, isRight) in new[] { (800, true), (801, false), (799, false), (1000, false) })
        {
            foreach (var sequential in new[] { true, false })
            {
                var samples = SimulatedPairs.Csv("theta_0", Enumerable.Range(0, count).Select(i => new[] { i % 4 / 3.0 }));
                var claim = new Claim
                {
                    Kind = ClaimKind.Coverage,
                    Level = 0.6,
                    AtLeast = 0.3,
                    Pairs = SimulatedPairs.Question(pairs, 200, 0.99, 4, CredibleSet.Interval, sequential) with { SamplesFile = "s.csv", SamplesSha256 = SimulatedPairs.Hash(samples) },
                };
                if (isRight)
                {
                    Assert.Equal(Verdict.Proved, SimulatedPairs.Samples(1).Solve(claim, pairs, samples: samples).Verdict);
                }
                else
                {
                    Assert.Throws<TableFormatException>(() => SimulatedPairs.Samples(1).Solve(claim, pairs, samples: samples));
                }
            }
        }
    }

    private static double Phi(double z) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, z);

    private static PairStatistics.Answer Hits(int n, int hits, double confidence, double? atLeast, double? atMost) =>
        One.Cover([.. Enumerable.Range(0, n).Select(i => new[] { i < hits ? Inside : Outside, 0 })], CredibleSet.Mahalanobis, 0.9, confidence, 0, atLeast, atMost);

    private static PairStatistics.Answer Sequence(int[] list, double confidence, double? atLeast, double? atMost) =>
        One.Cover([.. list.Select(hit => new[] { hit == 1 ? Inside : Outside, 0 })], CredibleSet.Mahalanobis, 0.9, confidence, 0, atLeast, atMost, sequential: true);

    private static SimulatedPairs One { get; } = SimulatedPairs.Of(1);

    /// <summary>Student t: intervals and highest density sets both by draws.</summary>
    private static SimulatedPairs Heavy() => SimulatedPairs.Of(SimulatedPairs.Right.Model, """{ "name": "student-t", "mean": "mean", "log-standard-deviation": "log_sd", "degrees-of-freedom": 3 }""");

    /// <summary>The posterior in one dimension as a sampler, x / 2 + sqrt(1/2) z.</summary>
    private static SimulatedPairs Sampler()
    {
        var graph = new Guarantees.Formats.Onnx.OnnxGraphBuilder();
        var sum = graph.Node("Add", "theta", [graph.Node("Mul", "a", [graph.DoubleInput("x", 1), graph.Initializer("half", [0.5], 1)]), graph.Node("Mul", "b", [graph.DoubleInput("z", 1), graph.Initializer("sd", [Math.Sqrt(0.5)], 1)])]);
        graph.DoubleOutput(sum, 1);
        return SimulatedPairs.Of(graph.ToBytes(), """{ "name": "sampler", "noise": "z", "output": "theta" }""");
    }
}
