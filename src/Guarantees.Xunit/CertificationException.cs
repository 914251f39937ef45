using System.Globalization;
using Guarantees.Claims;
using Guarantees.Formats;
using Xunit.Sdk;

namespace Guarantees.Xunit;

/// <summary>A claim is refuted, or undecided: the message tells the bounds, the witness, and the command that replays it.</summary>
public sealed class CertificationException : XunitException
{
    internal CertificationException(CertifiedAnswer answer, string model)
        : base(MessageOf(answer, model)) => Answer = answer;

    /// <summary>What is known.</summary>
    public CertifiedAnswer Answer { get; }

    /// <summary>The command that derives the answer again and replays its witness.</summary>
    internal static string Replay(string certificate) =>
        $"certify check {(certificate.Any(c => char.IsWhiteSpace(c) || "'\"$`\\&;|<>()*?[]{}!#~".Contains(c, StringComparison.Ordinal)) ? $"'{certificate.Replace("'", "'\\''", StringComparison.Ordinal)}'" : certificate)}";

    private static string MessageOf(CertifiedAnswer answer, string model)
    {
        var (result, claim) = (answer.Result, answer.Result.Claim);
        var limit = claim.AtMost is { } most ? $"at most {Exact(most)}" : claim.AtLeast is { } least ? $"at least {Exact(least)}" : "a finite bound";

        // Of the two ends one is proved for the whole set, the other is attained at the witness.
        var (proved, attained) = claim.AsksForSmallest
            ? ($"never below {OutwardText.Down(result.Lower, 6)}", $"{OutwardText.Up(result.Upper, 6)} or less")
            : ($"never above {OutwardText.Up(result.Upper, 6)}", $"{OutwardText.Down(result.Lower, 6)} or more");
        string?[] lines =
        [
            $"{Words.Of(result.Verdict)}: {claim.Name} of {model}",
            result.Text,
            $"claimed:     {limit}",
            $"proved:      {proved}{(result.ExactMetric ? "" : ", an upper bound of the metric")}",
            result.Witness.IsEmpty ? null : $"attained:    {attained}{(result is { ExactMetric: false, MetricLower: { } metric } ? $"; the metric itself is at least {OutwardText.Down(metric, 6)}" : "")}",
            result.Witness.IsEmpty ? null : $"witness:     x = [{string.Join(", ", result.Witness.Select(Exact))}]",
            result.Reason.Length == 0 ? null : $"reason:      {result.Reason}",
            $"certificate: {answer.CertificateFile}",
            $"replay:      {Replay(answer.CertificateFile)}",
        ];
        return string.Join(Environment.NewLine, lines.OfType<string>());
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
