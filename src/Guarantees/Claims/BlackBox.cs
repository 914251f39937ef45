using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Formats;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>Claims about an estimator that can only be sampled, averaged over normal noise on its data: the family <c>black-box</c>, without a model.</summary>
/// <remarks>
/// The formulas and their proofs stand in <see cref="RandomizedSmoothing"/>, the bounds of probabilities in <see cref="ClopperPearson"/>. Search and checker share this file. There is nothing to search:
/// what is stated follows from radius, noise and counts. Real normal noise is meant: the floating-point x + d keeps bits of x below the grid of d, and an estimator that reads them tells x0 and x apart. Draws can speak against a claim, but they refute nothing.
/// </remarks>
public static class BlackBox
{
    /// <summary>Name in specs and certificates.</summary>
    public const string Word = "black-box";

    /// <summary>What draws of a table are to come from.</summary>
    private const string Law = "q_bar(. | x0), each with noise of its own";

    /// <summary>Checks that a claim is one of those that need no model.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="noise">s, the standard deviation of the noise.</param>
    /// <exception cref="ArgumentException">It is not; one line says why.</exception>
    public static void Check(Claim claim, double noise)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var isEvent = claim.Kind == ClaimKind.EventProbability;
        if (!isEvent && !(claim.Kind == ClaimKind.Robustness && claim.Metric is Metric.TotalVariation or Metric.Hellinger or Metric.Kl))
        {
            throw ClaimChecks.Wrong($"The family {Word} is for claims of kind robustness with the metric total-variation, hellinger or kl, and event-probability, not of kind {claim.Name}{(claim.Kind == ClaimKind.Robustness ? $" with the metric {Words.Of(claim.Metric)}" : "")}.");
        }

        if (!(noise is >= 1e-100 and <= 1e100))
        {
            throw ClaimChecks.Wrong($"The noise of the family {Word} is a standard deviation from 1e-100 to 1e100; got {Number(noise)}.");
        }

        if (claim.Radius.IsEmpty || claim.Norm == Norm.L0)
        {
            throw ClaimChecks.Wrong($"The family {Word} needs an observation and a radius in the norm l1, l2 or linf.");
        }

        if (!claim.Directions.IsEmpty)
        {
            throw ClaimChecks.Wrong($"Directions are not for the family {Word}.");
        }

        ClaimChecks.CheckBall(claim);
        if (!(Radius(claim) <= 1e100))
        {
            throw ClaimChecks.Wrong($"The family {Word} needs a radius of at most 1e100; got {Number(Radius(claim))}.");
        }

        if (claim.MassOutside is not null || claim.DensityAtLeast is not null || claim.Draws is not null != isEvent)
        {
            throw ClaimChecks.Wrong(isEvent && claim.Draws is null
                ? $"An event probability of the family {Word} is bounded from draws: 'samples' or 'draws', with a 'confidence'."
                : $"Of the family {Word} only event probabilities are bounded from draws.");
        }

        if (claim.Prior is not null || claim.DensityAtMost is not null || claim.NoiseBox is not null || claim.IsTruncated || claim.ReferenceFamily is not null || claim.LinearModel is not null || claim.Conjugate is not null || claim.TableRow is not null || claim.Reference.Length + claim.ReferenceModel.Length + claim.ReferenceSha256.Length > 0)
        {
            throw ClaimChecks.Wrong($"A claim of the family {Word} has no noise box and no reference.");
        }

        if (isEvent)
        {
            ClaimChecks.CheckEvent(claim, int.MaxValue);
        }

        claim.Draws?.Check();
    }

    /// <summary>What is known of the extreme value over the ball: of the distance, largest, [0, bound]; of a probability, largest or smallest, from what draws say of x0 to the bound.</summary>
    /// <inheritdoc cref="Check"/>
    public static Interval Enclosure(Claim claim, double noise)
    {
        Check(claim, noise);
        var radius = Radius(claim);
        if (claim.Draws is { } draws)
        {
            var at = draws.Bounds;
            return claim.AsksForSmallest
                ? new(RandomizedSmoothing.Lowered(at.Lower, radius, noise), at.Upper)
                : new(at.Lower, RandomizedSmoothing.Raised(at.Upper, radius, noise));
        }

        return new(0, claim.Metric switch
        {
            Metric.TotalVariation => RandomizedSmoothing.TotalVariation(radius, noise),
            Metric.Hellinger => RandomizedSmoothing.Hellinger(radius, noise),
            _ => RandomizedSmoothing.KullbackLeibler(radius, noise),
        });
    }

    /// <summary>Whether the bounded quantity is the one that the claim names: a probability is, a distance between the noises is an upper bound.</summary>
    public static bool IsExact(Claim claim) => claim?.Draws is not null;

    /// <summary>The verdict on an enclosure: <see cref="Decision"/>, but what draws say against a claim refutes nothing.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="lower">Lower end.</param>
    /// <param name="upper">Upper end.</param>
    public static (Verdict Verdict, string Reason) Decide(Claim claim, double lower, double upper) => Decision.Of(claim, lower, upper, IsExact(claim)) is var (verdict, reason) && verdict == Verdict.Refuted
        ? (Verdict.Undecided, $"{Capital(claim.Draws!.Words)}, the probability at the observation itself is on the wrong side; draws refute nothing.")
        : (verdict, reason);

    /// <summary>The claim in words.</summary>
    /// <inheritdoc cref="Check"/>
    public static string Text(Claim claim, double noise)
    {
        Check(claim, noise);
        var (radius, s) = (Number(Radius(claim)), Number(noise));
        var smoothed = $"q_bar(. | x) = E q(. | x + d), d ~ N(0, s² I) in real arithmetic, s = {s}";
        if (claim.Draws is { } draws)
        {
            var (extreme, sign, side) = claim.AsksForSmallest ? ("Smallest", "-", "lower") : ("Largest", "+", "upper");
            return $"{Capital(draws.Words)}: {extreme.ToLowerInvariant()} probability of {claim.EventWords} under {smoothed}, for {ClaimCompiler.Where(claim)}: "
                + $"Phi(Phi^-1(p) {sign} r / s), r = {radius} the largest |x - x0|_2, p the {side} bound of Clopper and Pearson of the probability at x0; {draws.Assumed(Law)}.";
        }

        var (name, formula) = claim.Metric switch
        {
            Metric.TotalVariation => ("total variation", "2 Phi(r / (2 s)) - 1"),
            Metric.Hellinger => ("Hellinger distance", "sqrt(1 - exp(-r² / (8 s²)))"),
            _ => ("Kullback-Leibler divergence (nats)", "r² / (2 s²)"),
        };
        return $"Largest {name} between q_bar(. | x0) and q_bar(. | x), {smoothed}, for {ClaimCompiler.Where(claim)}: {formula}, r = {radius} the largest |x - x0|_2, which is at least that of any estimator q.";
    }

    /// <summary>What it rests on, in words.</summary>
    public static string Basis(Claim claim) => claim?.Draws is { } draws
        ? $"{Capital(draws.Words)}, the probability at the observation lies in [{OutwardText.Down(draws.Bounds.Lower, 6)}, {OutwardText.Up(draws.Bounds.Upper, 6)}], and what is said of the ball follows; {draws.Assumed(Law)}."
        : "It holds for every estimator whose data get normal noise, whatever it computes; no draw was needed. Noise of a computer lies on a grid: an estimator that reads bits below it, which no noise hides, is not covered.";

    /// <summary>What of a claim from draws no check can see, in words; empty for any other.</summary>
    public static string Unchecked(Claim claim) => claim?.Draws?.Assumed(claim.Kind == ClaimKind.EventProbability ? Law : "q(. | x0)") ?? "";

    /// <summary>The largest |x - x0|_2 in the ball, rounded up.</summary>
    private static double Radius(Claim claim) => claim.Norm == Norm.Linf
        ? Rounding.SqrtUp(claim.Radius.Aggregate(0.0, (sum, r) => Rounding.AddUp(sum, Rounding.MultiplyUp(r, r))))
        : claim.Radius.Max();

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
