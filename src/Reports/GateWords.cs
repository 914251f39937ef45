using Guarantees.Certificates;
using Guarantees.Claims;

namespace Reports;

/// <summary>The sentences of a gate.</summary>
public static class GateWords
{
    private const int MostCoordinates = 64;

    /// <summary>"robustness, Wasserstein-2, ℓ∞ 0.05, row 3": the same from run to run, so that services can follow a claim.</summary>
    public static string Name(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var parts = new[]
        {
            claim.Name,
            claim.Kind is ClaimKind.Functional or ClaimKind.Monotone ? Phrases.Kind(claim) : Phrases.Metric(claim),
            Phrases.Radius(claim) is { Length: > 0 } radius ? $"{Phrases.NormOf(claim)} {radius}" : Phrases.NormOf(claim),
            claim.ObservationRow >= 0 ? $"row {Phrases.Row(claim)}" : "",
        };
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    /// <summary>What is known of a claim that is not proved: the witness in full precision, the value there, the claimed bound; or the reason.</summary>
    public static string Finding(ClaimResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (reading, claim) = (Reading.Of(result), result.Claim);
        var goal = Phrases.Goal(claim) is { Length: > 0 } claimed ? $", claimed {claimed}" : "";
        if (result.Verdict == Verdict.Refuted && !result.Witness.IsDefaultOrEmpty)
        {
            var metric = result.MetricLower is { } least ? $", and the metric itself at least {Numbers.Down(least)}" : "";
            return $"refuted: at {Phrases.Witness(claim)} = {Numbers.Exact(result.Witness, MostCoordinates)} the value is {reading.AttackSide} {reading.AttackText(result.Lower, result.Upper)}{metric}{goal}.";
        }

        var bounds = $"in [{Numbers.Down(result.Lower)}, {Numbers.Up(result.Upper)}]{goal}";
        return $"{Phrases.Of(result)}: {bounds}.{(result.Reason.Length > 0 ? $" {result.Reason}" : "")}{(result.Verdict == Verdict.Refuted && result.Consequence.Length > 0 ? $" {result.Consequence}" : "")}";
    }

    /// <summary>"at most 0.19": the certified end of a certificate.</summary>
    public static string Certified(Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var reading = new Reading(certificate.Claim.AsksForSmallest);
        return reading.CertifiedText(certificate.Lower, certificate.Upper) is { } end ? $"{reading.CertifiedSide} {end}" : "without a bound";
    }

    /// <summary>"at most 0.19": the certified end of a result.</summary>
    public static string Certified(ClaimResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var reading = Reading.Of(result);
        return reading.CertifiedText(result.Lower, result.Upper) is { } end ? $"{reading.CertifiedSide} {end}" : "without a bound";
    }

    /// <summary>"at least 0.21": the end that a point reached.</summary>
    public static string Attained(ClaimResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var reading = Reading.Of(result);
        return $"{reading.AttackSide} {reading.AttackText(result.Lower, result.Upper) ?? "nothing"}";
    }

    /// <summary>"≤ 0.2", or that no bound is claimed.</summary>
    public static string Goal(Claim claim) => Phrases.Goal(claim) is { Length: > 0 } goal ? goal : "no bound";

    /// <summary>A command line, every argument quoted for a POSIX shell where it needs it.</summary>
    public static string Command(params IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    private static string Quoted(string argument) => argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or '=' or ':' or ',' or '@')
        ? argument
        : "'" + argument.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
