using System.Diagnostics;
using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Spec;

namespace Certify;

/// <summary>The largest radius up to which a claim about a ball was proved, and the smallest at which it was refuted, as shares of the radius asked for.</summary>
/// <param name="Proved">Share in [0, 1] at which the claim is proved; 0 where none was. It then holds at every smaller radius: the ball is smaller.</param>
/// <param name="Refuted">Share at which it is refuted; it then fails at every larger radius. Null where none was.</param>
/// <param name="Holds">The proof at <paramref name="Proved"/>; where there is none, the last answer.</param>
/// <param name="Fails">The refutation at <paramref name="Refuted"/>.</param>
public sealed record RadiusEnclosure(double Proved, double? Refuted, Certification Holds, Certification? Fails)
{
    /// <summary>One line.</summary>
    public string Words()
    {
        var radius = Holds.Result.Claim.Radius;
        string Of(double share) => string.Create(
            CultureInfo.InvariantCulture, $"{share:R} of the radius asked for{(radius.All(r => r == radius[0]) ? $", {share * Asked:R}" : "")}");
        return Refuted == 0 ? "refuted at the observation itself."
            : (Proved > 0 ? $"proved up to {Of(Proved)}" : "not proved at any radius tried") + (Refuted is { } fails ? $"; refuted from {Of(fails)} on." : Proved >= 1 ? "." : "; refuted at none.");
    }

    /// <summary>The first coordinate's radius that was asked for.</summary>
    public required double Asked { get; init; }
}

/// <summary>Searches for the largest radius at which a claim holds. Every step is an ordinary question with an ordinary certificate: nothing here is trusted.</summary>
/// <remarks>
/// Bisection on the share s of the radius, started where the value attained so far suggests: a claim proved at s holds at all smaller radii and one refuted at s fails at all larger ones, so
/// [proved, refuted] encloses the largest radius. An undecided answer limits the search on both sides. A claim that does not hold at the whole radius is tried at the observation alone first.
/// The search ends when the two are within the gap, or with the time.
/// </remarks>
public static class LargestRadius
{
    private const int MostSteps = 40;

    /// <summary>Searches.</summary>
    /// <param name="certifier">Makes the search of one step for its time limit; <see cref="Certifier.RelativeGap"/> of what it makes is not used, its target decides.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="family">Its family as described.</param>
    /// <param name="claim">A claim over a ball with 'at most' or 'at least'; its radius is the largest that is tried.</param>
    /// <param name="gap">Ends when (refuted - proved) / refuted is at most this, in (0, 1).</param>
    /// <param name="limit">Time for the whole search.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="cancellation">Stops it; what is known is returned.</param>
    /// <exception cref="ArgumentException">The claim is not over a ball, or claims nothing.</exception>
    public static RadiusEnclosure Find(
        Func<TimeSpan, Certifier> certifier,
        Estimator estimator,
        FamilyDescription family,
        Claim claim,
        double gap,
        TimeSpan limit,
        Action<string>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(certifier);
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.Radius.IsEmpty || (claim.AtMost ?? claim.AtLeast) is null)
        {
            throw new ArgumentException("The largest radius is searched for a claim over a ball with 'at-most' or 'at-least'.", nameof(claim));
        }

        var (clock, rise) = (Stopwatch.StartNew(), 0.5 * gap);
        var (proved, share) = (0.0, 1.0);
        (double Least, double Most)? open = null;
        (double? refuted, Certification? holds, Certification? fails, Certification? last, Certification? above) = (null, null, null, null, null);
        for (var step = 0; step < MostSteps && !cancellation.IsCancellationRequested; step++)
        {
            var left = limit - clock.Elapsed;
            if (step > 0 && left <= TimeSpan.Zero)
            {
                break;
            }

            var tried = claim with { Radius = [.. claim.Radius.Select(radius => share * radius)] };
            last = certifier(step == 0 ? limit / 4 : TimeSpan.FromTicks(Math.Max(1, Math.Min(left.Ticks, limit.Ticks / 8)))).Run(estimator, family, tried, null, cancellation);
            progress?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{Words.Of(last.Result.Verdict)} at {share:G4} of the radius"));
            switch (last.Result.Verdict)
            {
                case Verdict.Proved:
                    (proved, holds) = share > proved ? (share, last) : (proved, holds);
                    break;
                case Verdict.Refuted:
                    (refuted, fails, above) = (share, last, last);
                    break;
                default:
                    open = (Math.Min(share, open?.Least ?? share), Math.Max(share, open?.Most ?? share));
                    above = last;
                    break;
            }

            var (ceiling, floor) = (Math.Min(refuted ?? 1, open?.Least ?? 1), Math.Max(proved, open?.Most ?? 0));
            if (proved >= 1 || ceiling <= 0)
            {
                break;
            }

            if (step == 0)
            {
                share = 0;
            }
            else if (proved == 0)
            {
                share = ceiling * Guess(claim, above!.Result) * (1 - (0.25 * gap));
            }
            else if (ceiling - proved > 0.5 * gap * ceiling)
            {
                share = 0.5 * (proved + ceiling);
            }
            else if (refuted is { } fail && fail - floor > 0.5 * gap * fail)
            {
                // Below, the search is done; above, go up in growing steps from what is proved or open.
                share = floor + Math.Min(rise * floor, 0.5 * (fail - floor));
                rise *= 2;
            }
            else
            {
                break;
            }
        }

        return new RadiusEnclosure(proved, refuted, holds ?? last!, fails) { Asked = claim.Radius[0] };
    }

    /// <summary>Where to go on below a radius at which nothing was proved: a distance grows about as the radius does.</summary>
    private static double Guess(Claim claim, ClaimResult result) =>
        claim.AtMost is { } most && result.Upper > most && most > 0 ? Math.Clamp(most / (result.Lower > most ? result.Lower : result.Upper), 0.05, 0.95) : 0.5;
}
