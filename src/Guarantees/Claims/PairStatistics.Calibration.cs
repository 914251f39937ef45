using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>Calibration: are ranks uniform?</summary>
public static partial class PairStatistics
{
    /// <summary>Most pairs that serve as points of reference, and the share of all that do.</summary>
    private const int MostReferences = 500;
    private const int ReferenceShare = 10;

    /// <summary>Fewest pairs: fewer show nothing.</summary>
    private const int FewestPairs = 20;

    private static void CheckCalibration(Posterior? posterior, int parameters, PairQuestion question, Claim claim)
    {
        var wrong = question.Draws < 1 ? "Calibration needs draws for each pair."
            : posterior is { HasDraws: false } ? $"Calibration needs draws of q(. | x), which the family {ConditionalDensity.Word} has not."
            : question.Pairs < FewestPairs ? $"Calibration needs at least {FewestPairs} pairs; got {question.Pairs}."
            : question.Draws > GaussianMisfit.MostDraws ? $"Expected at most {GaussianMisfit.MostDraws} draws for each pair; got {question.Draws}."
            : claim.AtLeast is not null || (claim.AtMost is { } most && !(most is > 0 and < 1)) ? "A calibration is claimed to be off by at most a number in (0, 1)."
            : claim.Level != new Claim { Kind = ClaimKind.Calibration }.Level || claim.Parameter != 0 || question.Set != default || question.IsSequential ? "A claim of kind calibration has no level, parameter or set."
            : Statistics.Confidence.Risk(question.Confidence) / (3.0 * (parameters + 2)) < EcdfBand.LeastAlpha ? string.Create(CultureInfo.InvariantCulture, $"A band needs a risk of at least {EcdfBand.LeastAlpha:R} for each of {3 * (parameters + 2)} tests; the confidence {question.Confidence:R} leaves less.")
            : "";
        if (wrong.Length > 0)
        {
            throw ClaimChecks.Wrong(wrong);
        }
    }

    /// <summary>Ranks of every parameter, of the density where there is one, and of the distance to a point chosen by x, all tested together.</summary>
    /// <remarks>
    /// The point of reference of a pair is the parameter of the pair, among a tenth of all that are left out of the tests, whose x is the nearest: made from x and what is independent of theta given x, as
    /// <see cref="Tarp"/> asks, and near theta, so that the prior passes no more. Distances in units of the standard deviation of each column over those pairs.
    /// </remarks>
    private static Answer Calibrate(Work work)
    {
        var (question, claim, hasDensity) = (work.Question, work.Claim, work.Posterior?.HasDensity == true);
        var references = References.Of(work, Math.Min(MostReferences, question.Pairs / ReferenceShare));
        int[][] counts = [.. Enumerable.Range(0, Tested(work)).Select(_ => new int[question.Draws + 1])];
        work.Reader.Visit(references.Count, counts.Length, Measure, (pair, results) =>
        {
            work.Tell(pair.Index);
            for (var k = 0; k < counts.Length && pair.Index >= references.Count; k++)
            {
                counts[k][(int)results[k]]++;
            }

            return true;
        }, countsRest: true, work.Cancellation);
        string[] names = [.. Enumerable.Range(0, work.Dimension).Select(i => $"theta_{i}"), .. hasDensity ? ["density"] : (string[])[], "distance to a reference"];
        RankCounts[] ranks = [.. counts.Select(count => new RankCounts(count))];
        var result = SimulationBasedCalibration.Test(ranks, new UniformityOptions { Alpha = work.Alpha, Seed = work.Seed });
        return Describe(claim, names, ranks, hasDensity, result);

        void Measure(Posterior? posterior, OnePair pair, Span<double> results)
        {
            var d = pair.Theta.Length;
            var draws = pair.Draws;
            if (posterior is not null)
            {
                draws = new double[question.Draws * d];
                for (var l = 0; l < question.Draws; l++)
                {
                    posterior.Draw(pair.Random, draws.Slice(l * d, d));
                }
            }

            for (var i = 0; i < d; i++)
            {
                var (lower, equal) = (0, 0);
                for (var l = 0; l < question.Draws; l++)
                {
                    Compare(-pair.Theta[i], -draws[(l * d) + i], ref lower, ref equal);
                }

                results[i] = new TiedRank(lower, equal, question.Draws).Break(pair.Random);
            }

            if (hasDensity)
            {
                var (own, higher, equal) = (posterior!.LogDensity(pair.Theta), 0, 0);
                for (var l = 0; l < question.Draws; l++)
                {
                    Compare(own, posterior.LogDensity(draws.Slice(l * d, d)), ref higher, ref equal);
                }

                results[d] = new TiedRank(higher, equal, question.Draws).Break(pair.Random);
            }

            var (reference, scales) = references.Near(pair.Data, pair.Random);
            results[hasDensity ? d + 1 : d] = Tarp.Rank(pair.Theta, draws, reference, scales).Break(pair.Random);
        }
    }

    /// <summary>How many ranks are tested.</summary>
    private static int Tested(Work work) => work.Dimension + (work.Posterior?.HasDensity == true ? 2 : 1);

    private static Answer Describe(Claim claim, string[] names, RankCounts[] ranks, bool hasDensity, CalibrationResult result)
    {
        var parameters = result.Parameters;
        var (lower, upper) = (parameters.Max(one => one.Distance.Lower), parameters.Max(one => one.Distance.Upper));
        var rejected = names.Where((_, k) => result.Adjusted[k] <= result.Test.Options.Alpha).ToArray();
        var smallest = result.Test.SmallestDefect(Power);
        var seen = Seen(smallest);
        var (verdict, reason) = claim.AtMost is not null ? Decision.Of(claim, lower, upper, exactMetric: true)
            : rejected.Length > 0 ? (Verdict.Refuted, "")
            : (Verdict.Undecided, "No rank is found to be other than uniform, which shows only that large defects are absent; a claim with 'at-most' can be proved.");
        var findings = new List<Finding>();
        foreach (var (k, one) in parameters.Index())
        {
            findings.AddRange(
            [
                new(names[k], "distance", one.DistanceSeen, one.Distance.Lower, one.Distance.Upper),
                new(names[k], "bias", one.BiasSeen, one.Bias.Lower, one.Bias.Upper),
                new(names[k], "dispersion", one.DispersionSeen, one.Dispersion.Lower, one.Dispersion.Upper),
                new(names[k], "p-value", result.Adjusted[k]),
            ]);
        }

        findings.AddRange([new("all", "p-value", result.PValue), new("all", "pairs", ranks[0].Pairs), new("all", "draws", ranks[0].Draws), new("smallest defect", "scale below", smallest.Narrow), new("smallest defect", "scale above", smallest.Wide), new("smallest defect", "shift", smallest.Shift)]);
        return new Answer
        {
            Lower = lower,
            Upper = upper,
            Verdict = verdict,
            Reason = reason,
            Findings = [.. findings],
            Words = $"{(rejected.Length > 0 ? $"Not uniform: {string.Join(", ", rejected)}" : "No rank is found to be other than uniform")} (p {Small(result.PValue)} for all together, {ranks[0].Pairs} pairs). {seen}",
            Curves = [.. ranks.Select((rank, k) => Curve(names[k], rank, result.Test.Band)), .. hasDensity ? [Coverage(ranks[^2], result.Test.Options.Alpha)] : (BandedCurve[])[]],
        };
    }

    /// <summary>Rounded to the side on which it holds; defects that are not seen are left out.</summary>
    private static string Seen(SmallestDefect smallest)
    {
        string[] scales = [.. smallest.Narrow > 0 ? [$"below {OutwardText.Down(smallest.Narrow, 3)}"] : (string[])[], .. double.IsFinite(smallest.Wide) ? [$"above {OutwardText.Up(smallest.Wide, 4)}"] : (string[])[]];
        string[] defects =
        [
            .. scales.Length > 0 ? [$"whose standard deviations are {string.Join(" or ", scales)} times the right ones"] : (string[])[],
            .. double.IsFinite(smallest.Shift) ? [$"whose means are off by {OutwardText.Up(smallest.Shift, 3)} of them"] : (string[])[],
        ];
        return defects.Length == 0 ? "So few pairs and draws show no defect with a probability worth telling."
            : string.Create(CultureInfo.InvariantCulture, $"A normal posterior {string.Join(", or ", defects)}{(defects.Length > 1 ? "," : "")} is seen with probability {Power:R}.");
    }

    /// <summary>"= 0.031", "&lt; 0.0001".</summary>
    private static string Small(double p) => p < 1e-4 ? "< 0.0001" : $"= {OutwardText.Up(p, 2)}";

    private static BandedCurve Curve(string name, RankCounts ranks, EcdfBand band)
    {
        var (counts, lower, upper, n) = (band.CountsAt(ranks), band.Lower.ToArray(), band.Upper.ToArray(), (double)ranks.Pairs);
        return new(name, false, [(0, 0, 0, 0), .. band.Points.Select((t, j) => (t, (counts[j] / n) - t, (lower[j] / n) - t, (upper[j] / n) - t)), (1, 0, 0, 0)]);
    }

    private static BandedCurve Coverage(RankCounts ranks, double alpha) => new(
        "highest density sets", true, [.. ExpectedCoverage.Curve(ranks, Math.Min(19, ranks.Draws), alpha).Select(point => (point.Level, point.Seen, point.Together.Lower, point.Together.Upper))]);

    /// <summary>Parameters and data of the pairs that are left out of the tests.</summary>
    private sealed class References
    {
        private readonly List<double[]> thetas = [];
        private readonly List<double[]> data = [];
        private readonly double[] scales;
        private readonly double[] units;

        private References(Work work, int count)
        {
            work.Reader.Visit(long.MaxValue, 0, (_, _, _) => { }, (pair, _) =>
            {
                thetas.Add(pair.Theta.ToArray());
                data.Add(pair.Data.ToArray());
                return thetas.Count < count;
            }, countsRest: false, work.Cancellation);
            (scales, units) = (Deviations(thetas), Deviations(data));
        }

        public int Count => thetas.Count;

        public static References Of(Work work, int count) => new(work, count);

        /// <summary>The parameter of the pair whose x is nearest, and the units of distances. Where there is no x, one drawn at random: by turns, ranks would not have one distribution.</summary>
        public (double[] Reference, double[] Scales) Near(ReadOnlySpan<double> x, SeededGenerator random)
        {
            if (x.IsEmpty)
            {
                return (thetas[random.Next(Count)], scales);
            }

            var (best, least) = (0, double.PositiveInfinity);
            for (var k = 0; k < Count; k++)
            {
                var (sum, other) = (0.0, data[k]);
                for (var i = 0; i < x.Length; i++)
                {
                    var difference = (x[i] - other[i]) / units[i];
                    sum += difference * difference;
                }

                (best, least) = sum < least ? (k, sum) : (best, least);
            }

            return (thetas[best], scales);
        }

        private static double[] Deviations(List<double[]> rows)
        {
            var units = new double[rows[0].Length];
            for (var i = 0; i < units.Length; i++)
            {
                var mean = rows.Average(row => row[i]);
                var deviation = Math.Sqrt(rows.Average(row => (row[i] - mean) * (row[i] - mean)));
                units[i] = deviation > 0 && double.IsFinite(deviation) ? deviation : 1;
            }

            return units;
        }
    }
}
