using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Statistics;
using Guarantees.Tests.Statistics;
using Xunit;
using Beta = MathNet.Numerics.Distributions.Beta;
using Normal = MathNet.Numerics.Distributions.Normal;

namespace Guarantees.Tests.Claims;

/// <summary>Claims of kind conformal: the threshold from its definition, and the coverage of sets of tables not seen before by closed forms.</summary>
/// <remarks>Mutants seen to fail: the score of the rank before; a threshold not raised; a bound at twice the risk; an infinite density let through.</remarks>
public class PairConformalLaws
{
    private static SimulatedPairs Narrow { get; } = SimulatedPairs.Of(1, 0.4);

    /// <remarks>Scores from formulas here; the threshold is that of split conformal prediction, or above it by a billionth.</remarks>
    [Theory]
    [InlineData(CredibleSet.HighestDensity)]
    [InlineData(CredibleSet.Interval)]
    [InlineData(CredibleSet.Mahalanobis)]
    public void The_threshold_is_that_of_split_conformal_prediction(CredibleSet set)
    {
        foreach (var (n, level) in new[] { (1, 0.5), (9, 0.9), (10, 0.9), (99, 0.55), (200, 0.99), (57, 0.1) })
        {
            var rows = SimulatedPairs.Draw(n, 100 + n, 1);
            double[] scores = [.. rows.Select(row => Math.Abs(row[0] - (0.5 * row[1])) / (0.4 * Math.Sqrt(0.5))).Select(z => set switch
            {
                CredibleSet.HighestDensity => (0.5 * z * z) + Math.Log(0.4 * Math.Sqrt(0.5)),
                CredibleSet.Interval => Normal.CDF(0, 1, z) - 0.5,
                _ => z,
            })];
            var exact = SplitConformal.Threshold(scores, PairQuestion.Outside(level));
            var answer = Narrow.Conform(rows, set, level, 0.9);
            Assert.InRange(answer.Seen("score", "threshold"), exact - (1e-13 * (1 + Math.Abs(exact))), exact + (1.1e-9 * Math.Max(1, Math.Abs(exact))));
            var rank = SplitConformal.Rank(n, PairQuestion.Outside(level));
            Assert.Equal(rank, answer.Seen("score", "rank"));
            Assert.Equal(SplitConformal.CoverageQuantile(n, rank, Confidence.Risk(0.9)), answer.Lower);
            Assert.Equal(1, answer.Upper);
            Assert.Equal(Verdict.Proved, answer.Verdict);
        }
    }

    /// <remarks>
    /// The estimator's standard deviation is 0.4 of the right one. Of a threshold t the coverage is known: 2 Phi(0.4 t) - 1. Over 600 tables: the stated bound lies above it no more often than the confidence allows; its distribution function
    /// brings it to uniform numbers, by that of Beta(r, n + 1 - r); its mean is at least the level. False alarms: one in a million, 1e-9 and 1e-9.
    /// </remarks>
    [Theory]
    [InlineData(CredibleSet.Mahalanobis, 39, 0.9)]
    [InlineData(CredibleSet.Interval, 20, 0.8)]
    [InlineData(CredibleSet.HighestDensity, 45, 0.5)]
    public void Coverage_of_fresh_pairs_has_the_law_of_beta_and_the_stated_bound(CredibleSet set, int n, double level)
    {
        const int trials = 600;
        var (above, coverages) = (0, new List<double>());
        var rank = SplitConformal.Rank(n, PairQuestion.Outside(level));
        for (var seed = 0; seed < trials; seed++)
        {
            var answer = Narrow.Conform(SimulatedPairs.Draw(n, 5000 + seed, 1), set, level, 0.8);
            var t = answer.Seen("score", "threshold");
            var reach = set switch
            {
                CredibleSet.HighestDensity => Math.Sqrt(2 * (t - Math.Log(0.4 * Math.Sqrt(0.5)))),
                CredibleSet.Interval => t >= 0.5 ? double.PositiveInfinity : Normal.InvCDF(0, 1, 0.5 + t),
                _ => t,
            };
            var coverage = (2 * Normal.CDF(0, 1, 0.4 * reach)) - 1;
            coverages.Add(coverage);
            above += answer.Lower > coverage ? 1 : 0;
        }

        Assert.InRange(above, 0, Samples.Most(trials, 0.2));
        var sorted = coverages.Select(coverage => Beta.CDF(rank, n + 1 - rank, coverage)).Order().ToArray();
        Assert.InRange(Enumerable.Range(0, trials).Max(i => Math.Max(Math.Abs(sorted[i] - (i / (double)trials)), Math.Abs(sorted[i] - ((i + 1) / (double)trials)))), 0, DvoretzkyKieferWolfowitz.Radius(trials, 1e-9));
        Assert.True(coverages.Average() >= level - Hoeffding.Radius(trials, 1, 1e-9));
    }

    [Fact]
    public void Too_few_pairs_or_a_bound_out_of_reach_are_undecided_and_nothing_is_refuted()
    {
        var few = Narrow.Conform(SimulatedPairs.Draw(8, 1, 1), CredibleSet.Mahalanobis, 0.9, 0.9);
        Assert.Equal((Verdict.Undecided, double.PositiveInfinity), (few.Verdict, few.Seen("score", "threshold")));
        Assert.Contains("too few", few.Reason, StringComparison.Ordinal);
        var rows = SimulatedPairs.Draw(100, 1, 1);
        Assert.Equal(Verdict.Proved, Narrow.Conform(rows, CredibleSet.Mahalanobis, 0.9, 0.9, 0.8).Verdict);
        foreach (var bound in new[] { 0.95, 0.999 })
        {
            var answer = Narrow.Conform(rows, CredibleSet.Mahalanobis, 0.9, 0.9, bound);
            Assert.Equal(Verdict.Undecided, answer.Verdict);
            Assert.Contains("need not be so large", answer.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>A density of 0 is a score without end, and one without end is refused: no threshold would say anything.</summary>
    [Fact]
    public void Densities_that_are_zero_or_infinite_are_told()
    {
        var flat = Density("Log");
        double[][] rows = [.. Enumerable.Range(0, 20).Select(i => new[] { i < 3 ? 0.0 : 1 + i, 0.5 })];
        var answer = flat.Conform(rows, CredibleSet.HighestDensity, 0.9, 0.9); // ln 0 of three: the 19th of 20 is infinite
        Assert.Equal((Verdict.Undecided, double.PositiveInfinity), (answer.Verdict, answer.Seen("score", "threshold")));
        Assert.Contains("too many scores are infinite", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.Proved, flat.Conform(rows, CredibleSet.HighestDensity, 0.8, 0.9).Verdict);

        var steep = Density("Exp");
        rows[7][0] = 800;
        Assert.Equal("pairs.npy: row 7: The log density of the parameter is infinite.", Assert.Throws<TableFormatException>(() => steep.Conform(rows, CredibleSet.HighestDensity, 0.9, 0.9)).Message);
        rows[7][0] = -1;
        Assert.Equal("pairs.npy: row 7: what is measured there is not a number.", Assert.Throws<TableFormatException>(() => flat.Conform(rows, CredibleSet.HighestDensity, 0.9, 0.9)).Message);
    }

    /// <summary>Where all scores tie, a threshold that is a rounding too small holds nothing: it is raised.</summary>
    [Theory]
    [InlineData(CredibleSet.HighestDensity)]
    [InlineData(CredibleSet.Mahalanobis)]
    [InlineData(CredibleSet.Interval)]
    public void Thresholds_are_a_little_above_the_score_that_set_them(CredibleSet set)
    {
        var answer = Narrow.Conform([.. Enumerable.Repeat(new[] { 0.3, 0.2 }, 30)], set, 0.9, 0.9);
        var z = 0.2 / (0.4 * Math.Sqrt(0.5));
        var score = set switch { CredibleSet.HighestDensity => (0.5 * z * z) + Math.Log(0.4 * Math.Sqrt(0.5)), CredibleSet.Interval => Normal.CDF(0, 1, z) - 0.5, _ => z };
        Assert.InRange(answer.Seen("score", "threshold") - score, 1e-10, 1e-8);
        Assert.Equal(score, answer.LeastThreshold, 1e-12);
    }

    /// <summary>ln q(theta | x) = f(theta), whatever x is.</summary>
    private static SimulatedPairs Density(string operation)
    {
        var graph = new OnnxGraphBuilder();
        var (theta, x) = (graph.DoubleInput("theta", 1), graph.DoubleInput("x", 1));
        graph.Node("Add", "q", [graph.Node(operation, "f", [theta]), graph.Node("Mul", "nothing", [x, graph.Initializer("zero", [0.0], 1)])]);
        graph.DoubleOutput("q", 1);
        return SimulatedPairs.Of(graph.ToBytes(), """{ "name": "log-density", "parameters": "theta", "output": "q" }""");
    }
}
