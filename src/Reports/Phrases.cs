using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Claims;

namespace Reports;

/// <summary>How reports speak about claims: the words are chosen here, once, for every format.</summary>
internal static class Phrases
{
    /// <summary>"Robustness", "Lipschitz constant", ...</summary>
    public static string Kind(Claim claim) => claim.Kind switch
    {
        ClaimKind.Robustness => "Robustness",
        ClaimKind.Lipschitz => "Lipschitz constant",
        ClaimKind.Approximation => claim.Reference switch { Claim.Network => "Distance to another network", Claim.Table => "Distance to a table", _ => "Distance to the exact posterior" },
        ClaimKind.Symmetric => "Symmetry",
        ClaimKind.Modulus => "Modulus of continuity",
        ClaimKind.Monotone => $"Slope of {Read(claim)}",
        ClaimKind.EventProbability => "Event probability",
        ClaimKind.CredibleInterval => "Credible interval",
        ClaimKind.Functional => claim.IsChange ? $"Change of {Read(claim)}" : Capital(Read(claim)),
        ClaimKind.Decision => "Decision",
        ClaimKind.PosteriorStability => "Stability of the exact posterior",
        ClaimKind.Calibration => "Calibration",
        ClaimKind.Coverage => $"Coverage of {Sets(claim)}",
        ClaimKind.Conformal => $"Conformal {Sets(claim)}",
        _ => claim.Name,
    };

    /// <summary>"Wasserstein-2"; for claims on probabilities and intervals, what is measured instead.</summary>
    public static string Metric(Claim claim) => claim.Kind switch
    {
        ClaimKind.EventProbability => "probability",
        ClaimKind.CredibleInterval => "end-point shift",
        ClaimKind.Functional => claim.IsChange ? "change" : "value",
        ClaimKind.Decision => "margin",
        ClaimKind.Monotone => "slope",
        ClaimKind.Calibration => "ranks",
        ClaimKind.Coverage or ClaimKind.Conformal => string.Create(CultureInfo.InvariantCulture, $"level {claim.Level:R}"),
        _ => claim.Metric switch
        {
            Guarantees.Claims.Metric.Wasserstein2 => "Wasserstein-2",
            Guarantees.Claims.Metric.TotalVariation => "total variation",
            Guarantees.Claims.Metric.Hellinger => "Hellinger",
            Guarantees.Claims.Metric.Kl => "KL divergence",
            Guarantees.Claims.Metric.Wasserstein1 => "Wasserstein-1",
            Guarantees.Claims.Metric.KlReverse => "reverse KL divergence",
            Guarantees.Claims.Metric.JensenShannon => "Jensen-Shannon divergence",
            Guarantees.Claims.Metric.LogDensity => "log density",
            Guarantees.Claims.Metric.L1 => "ℓ1 of outputs",
            Guarantees.Claims.Metric.L2 => "ℓ2 of outputs",
            Guarantees.Claims.Metric.Linf => "ℓ∞ of outputs",
            _ => Words.Of(claim.Metric),
        },
    };

    /// <summary>What the numbers of a witness are.</summary>
    public static string Witness(Claim claim) => claim.Kind == ClaimKind.Modulus ? "(x' - x, x)" : "x";

    /// <summary>The metric as a noun in a sentence: "Wasserstein-2 distance".</summary>
    public static string MetricNoun(Claim claim) => Metric(claim) + (Metric(claim) is "Wasserstein-1" or "Wasserstein-2" or "Hellinger" ? " distance" : "");

    /// <summary>The quantity that is bounded, with its unit: the title of a figure's axis.</summary>
    public static string Quantity(Claim claim)
    {
        var unit = claim.Metric switch
        {
            Guarantees.Claims.Metric.Wasserstein1 or Guarantees.Claims.Metric.Wasserstein2 => "units of θ",
            Guarantees.Claims.Metric.Kl or Guarantees.Claims.Metric.KlReverse or Guarantees.Claims.Metric.JensenShannon or Guarantees.Claims.Metric.LogDensity => "nats",
            _ => "",
        };
        var of = unit.Length > 0 ? $" ({unit})" : "";
        return claim.Kind switch
        {
            ClaimKind.EventProbability => "Probability of the event",
            ClaimKind.CredibleInterval => "Shift of the interval’s ends (units of θ)",
            ClaimKind.Calibration => "Largest distance of a rank from uniform",
            ClaimKind.Coverage or ClaimKind.Conformal => "Coverage",
            ClaimKind.Functional => $"{Kind(claim)}{(claim.Quantity is Guarantees.Claims.Quantity.Weight or Guarantees.Claims.Quantity.SmallestWeight or Guarantees.Claims.Quantity.Mahalanobis or Guarantees.Claims.Quantity.Output ? "" : " (units of θ)")}",
            ClaimKind.Decision => "Margin of the decision (at most 0: it stays)",
            ClaimKind.Lipschitz => $"Lipschitz constant ({(claim.Metric is Guarantees.Claims.Metric.Wasserstein1 or Guarantees.Claims.Metric.Wasserstein2 ? unit : Metric(claim))} per unit of x)",
            ClaimKind.Approximation => $"{Capital(Metric(claim))} to the {claim.Reference switch { Claim.Network => "other network", Claim.Table => "tabulated reference", _ => "exact posterior" }}{of}",
            ClaimKind.Modulus => $"{Capital(Metric(claim))} between near data{of}",
            ClaimKind.Symmetric => $"{Capital(Metric(claim))} between exchanged data{of}",
            ClaimKind.Monotone => string.Create(CultureInfo.InvariantCulture, $"Smallest slope of {(claim.IsDecreasing ? "minus the " : "the ")}{Read(claim)} in x{claim.Coordinate}"),
            _ => claim.Metric switch
            {
                Guarantees.Claims.Metric.TotalVariation => "Total variation distance",
                Guarantees.Claims.Metric.LogDensity => $"Change of log density{of}",
                Guarantees.Claims.Metric.Kl or Guarantees.Claims.Metric.KlReverse or Guarantees.Claims.Metric.JensenShannon => $"{Capital(Metric(claim))}{of}",
                _ => $"{Metric(claim)} distance{of}",
            },
        };
    }

    private static string Sets(Claim claim) => claim.Pairs?.Set switch
    {
        CredibleSet.Interval => string.Create(CultureInfo.InvariantCulture, $"intervals of θ{claim.Parameter}"),
        CredibleSet.Mahalanobis => "ellipsoids",
        _ => "highest density sets",
    };

    /// <summary>"mean of θ0": what a functional reads.</summary>
    public static string Read(Claim claim) => claim.Quantity switch
    {
        Guarantees.Claims.Quantity.Mean => string.Create(CultureInfo.InvariantCulture, $"mean of θ{claim.Parameter}"),
        Guarantees.Claims.Quantity.StandardDeviation => string.Create(CultureInfo.InvariantCulture, $"standard deviation of θ{claim.Parameter}"),
        Guarantees.Claims.Quantity.Quantile => string.Create(CultureInfo.InvariantCulture, $"{claim.Level:R} quantile of θ{claim.Parameter}"),
        Guarantees.Claims.Quantity.Weight => string.Create(CultureInfo.InvariantCulture, $"weight of component {claim.Parameter}"),
        Guarantees.Claims.Quantity.SmallestWeight => "smallest weight",
        Guarantees.Claims.Quantity.SmallestScale => "smallest scale",
        Guarantees.Claims.Quantity.Output => string.Create(CultureInfo.InvariantCulture, $"output {claim.Parameter}"),
        Guarantees.Claims.Quantity.Mahalanobis => "Mahalanobis distance of θ",
        _ => "largest scale",
    };

    /// <summary>"ℓ∞".</summary>
    public static string NormSymbol(Norm norm) => norm switch { Norm.L0 => "ℓ0", Norm.L1 => "ℓ1", Norm.L2 => "ℓ2", _ => "ℓ∞" };

    /// <summary>The symbol of the claim's norm; empty where no norm enters, as for a distance over the whole domain.</summary>
    public static string NormOf(Claim claim) => claim.Kind != ClaimKind.Lipschitz && claim.Radius.IsDefaultOrEmpty ? "" : NormSymbol(claim.Norm);

    /// <summary>The radius on one line: one number where all coordinates share it.</summary>
    public static string Radius(Claim claim)
    {
        if (claim.Radius.IsDefaultOrEmpty)
        {
            return "";
        }

        var (low, high) = (claim.Radius.Min(), claim.Radius.Max());
        return low == high ? Numbers.Near(low, 4) : $"{Numbers.Near(low, 3)} to {Numbers.Near(high, 3)}";
    }

    /// <summary>The observation's row, or that the claim is about the whole domain.</summary>
    public static string Row(Claim claim) => claim.Pairs is not null ? "pairs" : claim.ObservationRow < 0 ? "domain" : claim.ObservationRow.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the claim asks for: "≤ 0.2", "≥ 0.9", or the tightest bound.</summary>
    public static string Goal(Claim claim) =>
        claim.AtMost is { } most ? "≤ " + Numbers.Exact(most) : claim.AtLeast is { } least ? "≥ " + Numbers.Exact(least) : "";

    /// <summary>"proved", "refuted", "undecided".</summary>
    public static string Of(Verdict verdict) => Words.Of(verdict);

    /// <summary>The verdict, and with which confidence it holds where it rests on draws: "proved (confidence 0.99)".</summary>
    public static string Of(ClaimResult result) => Of(result.Verdict) + (result.Claim.BoundConfidence is { } confidence ? string.Create(CultureInfo.InvariantCulture, $" (confidence {confidence:R})") : "");

    /// <summary>What the certified bound is: proved for the whole set, or that with a confidence.</summary>
    public static string Certainty(Claim claim) => claim.Pairs is { } pairs ? pairs.Words : claim.BoundConfidence is { } confidence
        ? string.Create(CultureInfo.InvariantCulture, $"for every point of the set, with confidence {confidence:R} over the draws")
        : "proved for every point of the set";

    /// <summary>A mark with a shape of its own, for formats without drawing.</summary>
    public static string Mark(Verdict verdict) => verdict switch { Verdict.Proved => "✓", Verdict.Refuted => "✗", _ => "?" };

    /// <summary>What a verdict means, in one or two sentences.</summary>
    public static string Meaning(Verdict verdict) => verdict switch
    {
        Verdict.Proved => "The claim holds for every point of its set, not only for the points that were tried. "
            + "The kernel re-derived the bound from the evidence, every operation rounded outward.",
        Verdict.Refuted => "The claim fails. The witness is a point of the set at which it does; the network was run on it again to be sure.",
        _ => "Neither was reached. The claim may hold or fail; the bounds are still true, and the reason says what stopped the search.",
    };

    /// <summary>"2 of 4 claims proved, 1 refuted, 1 undecided".</summary>
    public static string Tally(RunSummary run)
    {
        int Count(Verdict verdict) => run.Claims.Count(claim => claim.Verdict == verdict);
        var parts = new[] { Verdict.Refuted, Verdict.Undecided }.Where(verdict => Count(verdict) > 0)
            .Select(verdict => string.Create(CultureInfo.InvariantCulture, $", {Count(verdict)} {Of(verdict)}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(Verdict.Proved)} of {run.Claims.Length} {(run.Claims.Length == 1 ? "claim" : "claims")} proved{string.Concat(parts)}{Together(run)}");
    }

    /// <summary>With which confidence all that rests on draws holds at once.</summary>
    private static string Together(RunSummary run) => run.Claims.Select(result => result.Claim.Confidence).OfType<double>().ToArray() is { Length: > 0 } confidences
        ? $"; what rests on draws holds together with confidence at least {DrawCount.Together(confidences)}"
        : "";

    /// <summary>Whether the other end of the enclosure is what draws say at the observation, which no point reached.</summary>
    public static bool HasNoAttack(ClaimResult result) => result.Claim.BoundConfidence is not null;

    /// <summary>The difference between the two bounds, rounded up.</summary>
    public static string Gap(ClaimResult result)
    {
        var gap = result.Upper - result.Lower;
        return !double.IsFinite(gap) ? "" : gap == 0 ? "0" : Numbers.Up(Math.BitIncrement(gap), 3);
    }

    /// <summary>The command that checks the certificate, quoted for a POSIX shell where the name needs it.</summary>
    public static string CheckCommand(string certificate)
    {
        var path = certificate.StartsWith('-') ? "./" + certificate : certificate;
        var simple = path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or '=' or ':' or ',' or '@');
        return "certify check " + (simple ? path : "'" + path.Replace("'", @"'\''", StringComparison.Ordinal) + "'");
    }

    /// <summary>First letter in upper case.</summary>
    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
