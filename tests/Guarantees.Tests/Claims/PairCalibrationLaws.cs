using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Statistics;
using Guarantees.Tests.Statistics;
using Xunit;
using Xunit.Abstractions;

namespace Guarantees.Tests.Claims;

/// <summary>Claims of kind calibration: how often the posterior itself is refuted, which defects are, and what leaves the answer alone.</summary>
/// <remarks>
/// Numbers of refutations are held to exact binomial tails: each such test fails wrongly with probability at most one in a million, for seeds not yet seen.
/// Mutants seen to fail: pairs of reference counted; references that ignore x; ties not broken, broken among too few places, or counted as above; the best rank's distance for the worst one's, at either end; ranks from above; seed, model or
/// confidence left out of what draws are made of.
/// </remarks>
public class PairCalibrationLaws(ITestOutputHelper output)
{
    /// <remarks>Confidence 0.75: at most a quarter is refuted. Few tables here, which see a gross error only; the nightly test has more.</remarks>
    [Fact]
    public void The_posterior_itself_is_refuted_no_more_often_than_the_confidence_allows()
    {
        const int trials = 20;
        var (refuted, above) = (0, 0);
        for (var seed = 0; seed < trials; seed++)
        {
            var answer = SimulatedPairs.Right.Calibrate(SimulatedPairs.Draw(100, 1000 + seed), 0.75, 9, seed: seed);
            refuted += answer.Verdict == Verdict.Refuted ? 1 : 0;
            above += answer.Lower > 0 ? 1 : 0;
        }

        output.WriteLine($"{refuted} refuted, {above} with a distance above 0, of {trials}");
        Assert.InRange(refuted, 0, Samples.Most(trials, 0.25));
        Assert.InRange(above, 0, Samples.Most(trials, 0.25));
    }

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(60, 9, 0.8)]
    [InlineData(200, 19, 0.9)]
    [InlineData(45, 1, 0.8)]
    public void The_posterior_itself_is_refuted_no_more_often_than_the_confidence_allows_over_many_tables(int pairs, int draws, double confidence)
    {
        const int trials = 1500;
        var refuted = 0;
        for (var seed = 0; seed < trials; seed++)
        {
            refuted += SimulatedPairs.Right.Calibrate(SimulatedPairs.Draw(pairs, 10_000 + seed), confidence, draws, seed: seed).Verdict == Verdict.Refuted ? 1 : 0;
        }

        output.WriteLine($"{refuted} of {trials}");
        Assert.InRange(refuted, 1, Samples.Most(trials, 1 - confidence));
    }

    /// <remarks>Every table tried was refuted, by the ranks named.</remarks>
    [Theory]
    [InlineData(0.7, 0, 0.5, "theta_0, theta_1, density")]
    [InlineData(1.4, 0, 0.5, "theta_0, theta_1, density")]
    [InlineData(1, 0.4, 0.5, "theta_0, theta_1")]
    public void A_scale_and_a_shift_are_refuted(double scale, double shift, double slope, string named)
    {
        var estimator = SimulatedPairs.Of(2, scale, shift, slope);
        for (var seed = 0; seed < 2; seed++)
        {
            var answer = estimator.Calibrate(SimulatedPairs.Draw(700, 20 + seed), 0.99, 49, seed: seed);
            Assert.Equal(Verdict.Refuted, answer.Verdict);
            Assert.Contains($"Not uniform: {named}", answer.Words, StringComparison.Ordinal);
            if (shift != 0)
            {
                Assert.True(answer.Seen("theta_0", "bias") < -0.05); // estimates too high
            }

            Assert.True(scale < 1 ? answer.Seen("theta_0", "dispersion") > 1.1 : scale > 1 ? answer.Seen("theta_0", "dispersion") < 0.9 : shift != 0);
        }
    }

    /// <remarks>Ranks of parameters and density are uniform for the prior: the distance to the parameter of the nearest x alone tells.</remarks>
    [Fact]
    public void The_prior_in_the_place_of_the_posterior_is_refuted_by_the_distance_to_a_reference_alone()
    {
        var prior = SimulatedPairs.Of(1, Math.Sqrt(2), 0, 0);
        var seen = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var answer = prior.Calibrate(SimulatedPairs.Draw(1000, 40 + seed, 1), 0.99, 49, seed: seed);
            seen += answer.Verdict == Verdict.Refuted && answer.Words.StartsWith("Not uniform: distance to a reference (", StringComparison.Ordinal) ? 1 : 0;
        }

        output.WriteLine($"{seen} of 6 refuted by the distance alone");
        Assert.Equal(6, seen);
    }

    /// <summary>Parameters of the first tenth serve as references alone: wrong ones leave every rank uniform.</summary>
    [Fact]
    public void Pairs_of_reference_are_not_tested()
    {
        for (var seed = 0; seed < 2; seed++)
        {
            var rows = SimulatedPairs.Draw(1009, 60 + seed);
            for (var i = 0; i < 100; i++)
            {
                rows[i][0] = 100 + i;
            }

            var answer = SimulatedPairs.Right.Calibrate(rows, 0.99, 19, seed: seed);
            Assert.Equal(Verdict.Undecided, answer.Verdict);
            Assert.Equal(909, answer.Seen("all", "pairs"));
        }
    }

    [Theory]
    [InlineData(20, 18)]
    [InlineData(29, 27)]
    [InlineData(5009, 4509)]
    public void A_tenth_is_left_out_and_five_hundred_at_most(int pairs, int tested) =>
        Assert.Equal(tested, SimulatedPairs.Right.Calibrate(SimulatedPairs.Draw(pairs, 3), 0.9, 4).Seen("all", "pairs"));

    /// <remarks>theta and its draws are fair coins: every pair is one big tie, and unbroken its rank is 0 half of the time.</remarks>
    [Fact]
    public void Ties_are_broken_at_random()
    {
        var random = new SeededGenerator(9);
        double Coin() => random.Next(2);
        var pairs = SimulatedPairs.Csv("theta_0", Enumerable.Range(0, 900).Select(_ => new[] { Coin() }));
        var samples = SimulatedPairs.Csv("theta_0", Enumerable.Range(0, 9000).Select(_ => new[] { Coin() }));
        var answer = OfSamples(1, 900, 10, pairs, samples);
        Assert.Equal(Verdict.Undecided, answer.Verdict);

        // Of three equal draws the rank is one of four, each as often: chi-square with the other ranks absent.
        pairs = SimulatedPairs.Csv("theta_0", Enumerable.Repeat(new[] { 1.0 }, 900));
        samples = SimulatedPairs.Csv("theta_0", Enumerable.Repeat(new[] { 1.0 }, 2700));
        Assert.Equal(Verdict.Undecided, OfSamples(1, 900, 3, pairs, samples).Verdict);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0.6, true)]
    public void Posterior_samples_are_tested_without_a_model_and_without_x(double scale, bool isRefuted)
    {
        var random = new SeededGenerator(12);
        var rows = SimulatedPairs.Draw(600, 5);
        var samples = SimulatedPairs.Array([.. rows.SelectMany(row => Enumerable.Range(0, 19).Select(_ => new[] { 0, 1 }.Select(i => (0.5 * row[2 + i]) + (scale * Math.Sqrt(0.5) * Samples.Normal(random))).ToArray()))]);
        foreach (var pairs in new[] { SimulatedPairs.Csv("theta_0,theta_1", rows.Select(row => row[..2])), SimulatedPairs.Csv("theta_0,theta_1,x_0,x_1", rows), SimulatedPairs.Array(rows) })
        {
            var answer = OfSamples(2, 600, 19, pairs, samples);
            Assert.Equal(isRefuted ? Verdict.Refuted : Verdict.Undecided, answer.Verdict);
            Assert.DoesNotContain(answer.Findings, finding => finding.Name == "density");
            Assert.Equal(3, answer.Findings.Count(finding => finding.Measure == "distance"));
        }
    }

    /// <summary>Columns are known by their names and not by their order.</summary>
    [Fact]
    public void Columns_in_another_order_are_the_same_pairs()
    {
        var rows = SimulatedPairs.Draw(300, 8);
        var narrow = SimulatedPairs.Of(2, 0.5);
        foreach (var (header, order) in new[] { ("theta_0,theta_1,x_0,x_1", new[] { 0, 1, 2, 3 }), ("x_1,theta_0,x_0,theta_1", [3, 0, 2, 1]) })
        {
            var table = SimulatedPairs.Csv(header, rows.Select(row => order.Select(j => row[j]).ToArray()));
            var claim = new Claim { Kind = ClaimKind.Coverage, Level = 0.5, Pairs = SimulatedPairs.Question(table, 300, 0.9, 0, CredibleSet.Mahalanobis) };
            Assert.Equal(rows.Count(row => Math.Pow(row[0] - (0.5 * row[2]), 2) + Math.Pow(row[1] - (0.5 * row[3]), 2) <= 0.125 * -2 * Math.Log(0.5)), (int)narrow.Solve(claim, table).Seen("coverage", "hits"));
        }
    }

    [Fact]
    public void At_most_is_proved_for_the_posterior_and_refuted_for_what_is_far_off()
    {
        var rows = SimulatedPairs.Draw(1500, 15);
        Assert.Equal(Verdict.Proved, SimulatedPairs.Right.Calibrate(rows, 0.9, 19, 0.12).Verdict);
        Assert.Equal(Verdict.Undecided, SimulatedPairs.Right.Calibrate(rows, 0.9, 19, 0.03).Verdict);
        Assert.Equal(Verdict.Refuted, SimulatedPairs.Of(2, 1, 1).Calibrate(rows, 0.9, 19, 0.12).Verdict);

        // The claim is about the worst of the ranks: what is said of the largest distance is about each.
        var answer = SimulatedPairs.Of(2, 1, 0.5).Calibrate(rows, 0.9, 19, 0.2);
        var distances = answer.Findings.Where(finding => finding.Measure == "distance").ToArray();
        Assert.Equal(distances.Max(finding => finding.Lower), answer.Lower);
        Assert.Equal(distances.Max(finding => finding.Upper), answer.Upper);
        Assert.Equal(DvoretzkyKieferWolfowitz.Radius(1350, Confidence.Risk(0.9) / 4), distances[0].Upper!.Value - distances[0].Seen, 1e-12);
    }

    /// <remarks>Draws come from seed, claim, model and table: none may be changed and keep them.</remarks>
    [Fact]
    public void Draws_change_with_seed_claim_model_and_table_and_with_nothing_else()
    {
        var rows = SimulatedPairs.Draw(400, 21);
        double Answer(SimulatedPairs estimator, IReadOnlyList<double[]> table, double confidence, int seed) => estimator.Calibrate(table, confidence, 19, seed: seed).Seen("theta_0", "bias");
        var first = Answer(SimulatedPairs.Right, rows, 0.9, 1);
        Assert.Equal(first, Answer(SimulatedPairs.Of(2), rows, 0.9, 1));
        Assert.NotEqual(first, Answer(SimulatedPairs.Right, rows, 0.9, 2));
        Assert.NotEqual(first, Answer(SimulatedPairs.Right, rows, 0.90001, 1));
        Assert.NotEqual(first, Answer(SimulatedPairs.Right, [.. rows[..^1], [0, 0, 0, 0]], 0.9, 1));
        Assert.NotEqual(first, Answer(SimulatedPairs.Of(2, 1 + 1e-13), rows, 0.9, 1));
    }

    /// <summary>Defects that are not seen are not told, and shares are rounded to the side on which they hold.</summary>
    [Fact]
    public void Words_tell_the_smallest_defects_and_no_more()
    {
        var few = SimulatedPairs.Right.Calibrate(SimulatedPairs.Draw(20, 2), 0.999, 1);
        Assert.DoesNotContain("Infinity", few.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("below 0 ", few.Words, StringComparison.Ordinal);
        var many = SimulatedPairs.Right.Calibrate(SimulatedPairs.Draw(1000, 2), 0.9, 49);
        var words = many.Words.Split(' ');
        double After(string word) => double.Parse(words[Array.IndexOf(words, word) + 1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(After("below"), many.Seen("smallest defect", "scale below") - 0.01, many.Seen("smallest defect", "scale below"));
        Assert.InRange(After("above"), many.Seen("smallest defect", "scale above"), many.Seen("smallest defect", "scale above") + 0.01);
        Assert.InRange(After("by"), many.Seen("smallest defect", "shift"), many.Seen("smallest defect", "shift") + 0.01);
    }

    private static PairStatistics.Answer OfSamples(int parameters, int n, int draws, byte[] pairs, byte[] samples) => SimulatedPairs.Samples(parameters).Solve(
        new Claim
        {
            Kind = ClaimKind.Calibration,
            Pairs = SimulatedPairs.Question(pairs, n, 0.99, draws) with { SamplesFile = "samples", SamplesSha256 = SimulatedPairs.Hash(samples) },
        },
        pairs,
        samples: samples);
}
