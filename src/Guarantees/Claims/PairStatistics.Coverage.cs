using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>Coverage of sets of a given level, and sets of a given coverage.</summary>
public static partial class PairStatistics
{
    /// <summary>By which share thresholds are raised.</summary>
    private const double Raise = 1e-9;

    /// <summary>How often sets of a level hold the parameter: an interval for that probability, with half of the risk a side; one after the other, intervals that all hold together.</summary>
    private static Answer Cover(Work work)
    {
        var (question, claim) = (work.Question, work.Claim);
        var (hits, looked) = (0, 0);
        var gate = !question.IsSequential ? null
            : claim.AtMost is { } most ? SequentialGate.AtMost(most, work.Alpha)
            : SequentialGate.AtLeast(claim.AtLeast ?? claim.Level, work.Alpha);
        work.Reader.Visit(0, 1, IsCovered(work), (pair, results) =>
        {
            work.Tell(pair.Index);
            hits += results[0] > 0 ? 1 : 0;
            looked++;
            return gate is null || gate.Add(results[0] > 0) == Verdict.Undecided || (claim.AtMost ?? claim.AtLeast) is null;
        }, countsRest: true, work.Cancellation);
        var bounds = gate?.Bounds ?? ClopperPearson.Bounds(hits, looked, question.Confidence);
        var (verdict, reason) = Decision.Of(claim, bounds.Lower, bounds.Upper, exactMetric: true);
        if (gate is not null && (claim.AtLeast ?? claim.AtMost) is { } goal)
        {
            // What was decided is one side only; an interval beside it would share the risk. With its end: the coverage may lie between that number and the next double.
            (verdict, reason) = (gate.Verdict, gate.Verdict == Verdict.Undecided ? "All pairs were looked at, and they do not suffice." : "");
            var isAbove = (verdict == Verdict.Proved) == claim.AtLeast is not null;
            bounds = verdict == Verdict.Undecided ? new Interval(0, 1) : isAbove ? new Interval(goal, 1) : new Interval(0, goal);
        }

        var realised = question.Draws == 0 ? claim.Level : Level(Places(claim.Level, question), question);
        return new Answer
        {
            Lower = bounds.Lower,
            Upper = bounds.Upper,
            Verdict = verdict,
            Reason = reason,
            Findings = [new("coverage", "share", hits / (double)looked, bounds.Lower, bounds.Upper), new("coverage", "hits", hits), new("coverage", "pairs", looked), new("coverage", "level", realised)],
            Words = string.Create(CultureInfo.InvariantCulture, $"{hits} of {looked} sets hold the parameter; the coverage lies in [{OutwardText.Down(bounds.Lower, 4)}, {OutwardText.Up(bounds.Upper, 4)}]{(realised == claim.Level ? "" : $", of sets whose level by draws is {realised:G6}")}."),
        };
    }

    /// <summary>1 where the set holds the parameter, 0 where not.</summary>
    private static PairReader.Measure IsCovered(Work work)
    {
        var (claim, question) = (work.Claim, work.Question);
        if (question.Set == CredibleSet.Mahalanobis)
        {
            var limit = Math.Sqrt(ChiSquare.Quantile(claim.Level, work.Posterior!.Dimension).Middle);
            return (posterior, pair, results) => results[0] = posterior!.Distance(pair.Theta) <= limit ? 1 : 0;
        }

        if (question.Draws == 0)
        {
            var tail = 0.5 * (1 - claim.Level);
            return (posterior, pair, results) => results[0] = posterior!.Probability(claim.Parameter, pair.Theta[claim.Parameter]) is var p && p >= tail && p <= 1 - tail ? 1 : 0;
        }

        var places = Places(claim.Level, question);
        return question.Set == CredibleSet.HighestDensity
            ? (posterior, pair, results) => results[0] = DensityRank(posterior!, pair, question.Draws) < places ? 1 : 0
            : (posterior, pair, results) =>
            {
                // Of L + 1 places the middle ones, as many as the level asks for.
                var least = (question.Draws + 1 - places) / 2;
                var rank = ParameterRank(posterior, pair, question.Draws, claim.Parameter);
                results[0] = rank >= least && rank < least + places ? 1 : 0;
            };
    }

    /// <summary>m, the smallest with m / (L + 1) at least the level; of intervals as many places left out below as above.</summary>
    private static int Places(double level, PairQuestion question)
    {
        var sides = question.Draws + 1;
        var outside = PairQuestion.Outside(level) * new Rational(sides, 1);
        var m = sides - (int)(outside.Numerator / outside.Denominator);
        m += question.Set == CredibleSet.Interval && (sides - m) % 2 == 1 ? 1 : 0;
        return m < sides ? m : throw ClaimChecks.Wrong(string.Create(CultureInfo.InvariantCulture, $"A level of {level:R} needs more than {question.Draws} draws for each pair."));
    }

    private static double Level(int places, PairQuestion question) => places / (question.Draws + 1.0);

    /// <summary>The threshold below which scores of new pairs lie as often as the level asks.</summary>
    /// <remarks>The score of a rank, raised by far more than sums in another order change it: who computes scores elsewhere must not lose the pair that set the threshold, nor all that tie with it. A larger set covers no less.</remarks>
    private static Answer Conform(Work work)
    {
        var (question, claim) = (work.Question, work.Claim);
        var scores = new double[question.Pairs];
        work.Reader.Visit(0, 1, (posterior, pair, results) => results[0] = Score(posterior!, claim, pair.Theta), (pair, results) =>
        {
            work.Tell(pair.Index);
            scores[pair.Index] = results[0];
            return true;
        }, countsRest: true, work.Cancellation);
        var rank = SplitConformal.Rank(scores.Length, PairQuestion.Outside(claim.Level));
        var score = SplitConformal.Order(scores, rank);
        var threshold = Raised(score, question.Set);
        var lower = SplitConformal.CoverageQuantile(scores.Length, rank, work.Alpha);
        var (verdict, reason) = double.IsPositiveInfinity(threshold)
            ? (Verdict.Undecided, $"{scores.Length} pairs are too few for a finite threshold at the level {Number(claim.Level)}, or too many scores are infinite; the set is everything.")
            : claim.AtLeast is null ? (Verdict.Proved, "") : Decision.Of(claim, lower, 1, exactMetric: true);
        return new Answer
        {
            Lower = lower,
            Upper = 1,
            LeastThreshold = score,
            Verdict = verdict,
            Reason = verdict == Verdict.Undecided && reason.StartsWith("The enclosure", StringComparison.Ordinal) ? "The coverage of this table's threshold need not be so large; ask for a higher level, or take more pairs." : reason,
            Findings =
            [
                new("score", "threshold", threshold),
                new("score", "rank", rank),
                new("score", "pairs", scores.Length),
                new("coverage", "average", (double)rank / (scores.Length + 1)),
                new("coverage", "this table", lower, lower, 1),
            ],
            Words = double.IsPositiveInfinity(threshold) ? "No finite threshold." : string.Create(
                CultureInfo.InvariantCulture,
                $"The threshold is about {threshold:G6}, score {rank} of {scores.Length} by size and {Raise:R} of it for roundings; sets of scores up to it hold a new parameter with probability at least {rank}/{scores.Length + 1} on average over tables, and with this one at least {OutwardText.Down(lower, 4)} at the confidence."),
        };
    }

    /// <summary>Scores of distances and probabilities by a share of themselves; logarithms of densities by at least that number.</summary>
    private static double Raised(double score, CredibleSet set) => score + (Raise * (set == CredibleSet.HighestDensity ? Math.Max(1, Math.Abs(score)) : score));

    /// <summary>The score of a parameter: the smaller, the better it fits.</summary>
    /// <exception cref="ArgumentException">The density there is infinite: no threshold says more than that.</exception>
    internal static double Score(Posterior posterior, Claim claim, ReadOnlySpan<double> theta) => claim.Pairs!.Set switch
    {
        CredibleSet.HighestDensity => posterior.LogDensity(theta) is var log && !double.IsPositiveInfinity(log) ? -log : throw ClaimChecks.Wrong("The log density of the parameter is infinite."),
        CredibleSet.Interval => Math.Abs(posterior.Probability(claim.Parameter, theta[claim.Parameter]) - 0.5),
        _ => posterior.Distance(theta),
    };

    /// <summary>How many of L draws have a higher density than the parameter, ties at random.</summary>
    private static int DensityRank(Posterior posterior, OnePair pair, int draws)
    {
        var (own, higher, equal) = (posterior.LogDensity(pair.Theta), 0, 0);
        var theta = new double[posterior.Dimension];
        for (var l = 0; l < draws; l++)
        {
            posterior.Draw(pair.Random, theta);
            Compare(own, posterior.LogDensity(theta), ref higher, ref equal);
        }

        return new TiedRank(higher, equal, draws).Break(pair.Random);
    }

    /// <summary>How many of L draws have a smaller theta_i than the parameter, ties at random.</summary>
    private static int ParameterRank(Posterior? posterior, OnePair pair, int draws, int parameter)
    {
        var (own, lower, equal, d) = (pair.Theta[parameter], 0, 0, pair.Theta.Length);
        var theta = new double[d];
        for (var l = 0; l < draws; l++)
        {
            posterior?.Draw(pair.Random, theta);
            Compare(-own, -(posterior is null ? pair.Draws[(l * d) + parameter] : theta[parameter]), ref lower, ref equal);
        }

        return new TiedRank(lower, equal, draws).Break(pair.Random);
    }

    private static void Compare(double own, double other, ref int above, ref int equal)
    {
        above += other > own ? 1 : 0;
        equal += other == own ? 1 : double.IsNaN(other) || double.IsNaN(own) ? throw ClaimChecks.Wrong("A log density or a draw is not a number.") : 0;
    }
}
