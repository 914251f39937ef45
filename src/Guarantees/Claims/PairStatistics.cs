using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>Claims that pairs of prior and simulator answer: is the estimator calibrated, how often do its credible sets hold the truth, and which sets hold it as often as they should. Search and checker share this file.</summary>
/// <remarks>
/// The theorems stand with the statistics: <see cref="SimulationBasedCalibration"/>, <see cref="Tarp"/>, <see cref="ExpectedCoverage"/>, <see cref="ClopperPearson"/>, <see cref="SequentialGate"/>, <see cref="SplitConformal"/>.
/// Draws and ties come from numbers made of seed, claim, model and pair alone (<see cref="SeededBlocks"/>): a claim that is changed after its answer was seen gets other ones.
/// </remarks>
public static partial class PairStatistics
{
    /// <summary>Power at which the smallest defects are told.</summary>
    private const double Power = 0.9;

    /// <summary>What pairs say.</summary>
    public sealed record Answer
    {
        /// <summary>Lower end of what the claim is about.</summary>
        public required double Lower { get; init; }

        /// <summary>Upper end.</summary>
        public required double Upper { get; init; }

        /// <summary>The answer.</summary>
        public required Verdict Verdict { get; init; }

        /// <summary>Why the verdict is undecided; empty otherwise.</summary>
        public string Reason { get; init; } = "";

        /// <summary>All numbers.</summary>
        public required ImmutableArray<Finding> Findings { get; init; }

        /// <summary>What they amount to, in words.</summary>
        public required string Words { get; init; }

        /// <summary>The smallest threshold that these pairs allow: the score itself, where a threshold is found.</summary>
        internal double LeastThreshold { get; init; } = double.NaN;

        /// <summary>Curves for figures.</summary>
        public ImmutableArray<BandedCurve> Curves { get; init; } = [];
    }

    /// <summary>Whether pairs answer claims of this kind.</summary>
    public static bool Answers(ClaimKind kind) => kind is ClaimKind.Calibration or ClaimKind.Coverage or ClaimKind.Conformal;

    /// <summary>The claim in words.</summary>
    /// <param name="claim">The claim, checked.</param>
    /// <param name="family">The name of the estimator's family.</param>
    public static string Text(Claim claim, string family)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var question = claim.Pairs!;
        var source = $"Over pairs (theta, x) of prior and simulator, of which {OneLine.Quote(question.File)} holds {question.Pairs} independent ones that the estimator has not seen:";
        var goal = claim.AtLeast is { } least ? $"at least {Number(least)}" : claim.AtMost is { } most ? $"at most {Number(most)}" : "";
        var text = claim.Kind switch
        {
            ClaimKind.Calibration => claim.AtMost is null
                ? $"{source} theta and {question.Draws} draws of q(. | x) cannot be told apart by their ranks ({Quantities(family)})."
                : $"{source} the distribution function of each of the ranks of theta among {question.Draws} draws of q(. | x) ({Quantities(family)}) differs from the uniform one by {goal} everywhere.",
            ClaimKind.Coverage => $"{source} {SetWords(claim, question)} of q(. | x) holds theta with probability {(goal.Length > 0 ? goal : "in the interval found")}.",
            _ => $"{source} the set of all theta with {ScoreWords(claim, question)} of at most a threshold taken from these pairs holds a new theta with probability at least {Number(claim.Level)} on average over such tables"
                + (goal.Length > 0 ? $", and with this table {goal}." : "."),
        };
        return $"{text} With confidence {Number(question.Confidence)} over the pairs{(question.IsSequential ? ", whenever one stops to look at them" : "")}.";
    }

    /// <summary>Checks a claim.</summary>
    /// <param name="estimator">The estimator; null for one that is known by samples only.</param>
    /// <param name="description">The family as written.</param>
    /// <param name="claim">The claim.</param>
    /// <exception cref="ArgumentException">The claim does not fit; one line says why.</exception>
    public static void Check(Estimator? estimator, FamilyDescription description, Claim claim)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(claim);
        var question = claim.Pairs ?? throw ClaimChecks.Wrong($"Claims of kind {claim.Name} need a table of pairs.");
        var parameters = estimator?.Family.Dimension ?? description.Parameters ?? throw ClaimChecks.Wrong("The number of parameters is not known.");
        question.Check(parameters);
        var posterior = estimator is null ? null : Posterior.Of(estimator);
        if ((estimator is null) != (question.SamplesFile.Length > 0) || (estimator is null) != (description.Name == PairQuestion.Samples))
        {
            throw ClaimChecks.Wrong($"A table of posterior samples is for the family {PairQuestion.Samples}, and needed there; the family is {description.Name}.");
        }

        // Nothing that the answer does not speak of.
        var plain = new Claim { Kind = claim.Kind, Pairs = question, Level = claim.Level, Parameter = claim.Parameter, AtLeast = claim.AtLeast, AtMost = claim.AtMost };
        if (!CertificateFile.ToBytes(claim).SequenceEqual(CertificateFile.ToBytes(plain)) || (claim.AtLeast is not null && claim.AtMost is not null))
        {
            throw ClaimChecks.Wrong($"A claim of kind {claim.Name} has pairs, a level, a parameter and one bound, and nothing else.");
        }

        if (claim.Kind == ClaimKind.Calibration)
        {
            CheckCalibration(posterior, parameters, question, claim);
            return;
        }

        var set = question.Set;
        var wrong = claim.Level is not (> 0 and < 1) || !double.IsFinite(claim.Level) || claim.Level < 1e-9 || claim.Level > 1 - 1e-9 ? string.Create(CultureInfo.InvariantCulture, $"A level lies in [1e-9, 1 - 1e-9]; got {claim.Level:R}.")
            : (claim.AtLeast ?? claim.AtMost) is { } bound and not (> 0 and < 1) ? string.Create(CultureInfo.InvariantCulture, $"A coverage lies in (0, 1); got {bound:R}.")
            : claim.Kind == ClaimKind.Conformal && claim.AtMost is not null ? "A conformal set is claimed to cover at least something."
            : claim.Kind == ClaimKind.Conformal && question.IsSequential ? "Only a claim of kind coverage looks at pairs one after the other."
            : set == CredibleSet.Interval && (claim.Parameter < 0 || claim.Parameter >= parameters) ? $"There is no parameter theta_{claim.Parameter}; there are theta_0 to theta_{parameters - 1}."
            : set != CredibleSet.Interval && claim.Parameter != 0 ? "A parameter is for sets of kind interval."
            : set == CredibleSet.Mahalanobis && posterior?.HasDistance != true ? "Sets of kind mahalanobis are for one Gaussian."
            : set == CredibleSet.Mahalanobis && claim.Kind == ClaimKind.Coverage && parameters > ChiSquare.MostDegrees ? $"Ellipsoids of a level are for at most {ChiSquare.MostDegrees} parameters; got {parameters}."
            : set == CredibleSet.HighestDensity && posterior?.HasDensity != true ? $"Sets of kind highest-density need a density, which the family {description.Name} has not."
            : claim.Kind == ClaimKind.Coverage && set == CredibleSet.HighestDensity && !posterior!.HasDraws ? $"The level of highest density sets is known from draws, which the family {description.Name} has not; a claim of kind conformal needs none."
            : claim.Kind == ClaimKind.Conformal && set == CredibleSet.Interval && posterior?.HasMarginals != true ? "Conformal intervals need marginal probabilities, which only Gaussians and their mixtures have."
            : set == CredibleSet.Interval && posterior is { HasMarginals: false, HasDraws: false } ? $"Intervals need marginal probabilities or draws, which the family {description.Name} has not."
            : (question.Draws > 0) != NeedsDraws(posterior, claim) ? $"{(question.Draws > 0 ? "Draws are not needed" : "Draws are needed")} for sets of kind {Words.Of(set)} of the family {description.Name}."
            : "";
        if (wrong.Length > 0)
        {
            throw ClaimChecks.Wrong(wrong);
        }

        if (claim.Kind == ClaimKind.Coverage && question.Draws > 0)
        {
            _ = Places(claim.Level, question);
        }
    }

    /// <summary>Answers a claim.</summary>
    /// <param name="estimator">The estimator; null for one that is known by samples only.</param>
    /// <param name="description">The family as written.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="tables">What it rests on.</param>
    /// <param name="seed">Seed of draws, ties and replicates.</param>
    /// <param name="progress">Told the share of pairs done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The claim does not fit.</exception>
    /// <exception cref="TableFormatException">A table is malformed or not the one of the claim, or a posterior is not finite at a pair.</exception>
    public static Answer Solve(Estimator? estimator, FamilyDescription description, Claim claim, PairTables tables, int seed, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tables);
        Check(estimator, description, claim);
        var label = Encoding.UTF8.GetBytes($"\n{estimator?.ModelSha256}\n{description.ToJson()}");
        var dimension = estimator?.Family.Dimension ?? description.Parameters!.Value;
        var reader = new PairReader(estimator, claim.Pairs!, tables, dimension, (byte[])[.. CertificateFile.ToBytes(claim), .. label], seed);
        var work = new Work(estimator is null ? null : Posterior.Of(estimator), claim, dimension, reader, seed, progress, cancellation);
        return claim.Kind switch
        {
            ClaimKind.Calibration => Calibrate(work),
            ClaimKind.Coverage => Cover(work),
            _ => Conform(work),
        };
    }

    private static bool NeedsDraws(Posterior? posterior, Claim claim) =>
        claim.Kind == ClaimKind.Calibration || (claim.Kind == ClaimKind.Coverage && (claim.Pairs!.Set == CredibleSet.HighestDensity || (claim.Pairs.Set == CredibleSet.Interval && posterior?.HasMarginals != true)));

    private static string SetWords(Claim claim, PairQuestion question)
    {
        var draws = question.Draws > 0 ? $", its level by {question.Draws} draws," : "";
        return question.Set switch
        {
            CredibleSet.HighestDensity => $"the highest density set of level {Number(claim.Level)}{draws}",
            CredibleSet.Interval => $"the central interval of theta_{claim.Parameter} of level {Number(claim.Level)}{draws}",
            _ => $"the ellipsoid of level {Number(claim.Level)}",
        };
    }

    private static string ScoreWords(Claim claim, PairQuestion question) => question.Set switch
    {
        CredibleSet.HighestDensity => "-ln q(theta | x)",
        CredibleSet.Interval => string.Create(CultureInfo.InvariantCulture, $"|F(theta_{claim.Parameter} | x) - 1/2|, F the marginal distribution function of q(. | x),"),
        _ => "a Mahalanobis distance from the mean of q(. | x)",
    };

    private static string Quantities(string family) => family switch
    {
        PairQuestion.Samples or Sampler.Word => "each parameter, and the distance to a point chosen by x",
        _ => "each parameter, the density, and the distance to a point chosen by x",
    };

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>All that an answer is made of.</summary>
    private sealed record Work(Posterior? Posterior, Claim Claim, int Dimension, PairReader Reader, int Seed, IProgress<double>? Progress, CancellationToken Cancellation)
    {
        public PairQuestion Question => Claim.Pairs!;

        public double Alpha => Statistics.Confidence.Risk(Question.Confidence);

        public void Tell(long index)
        {
            if (index % 1000 == 0)
            {
                Progress?.Report(index / (double)Question.Pairs);
            }
        }
    }
}
