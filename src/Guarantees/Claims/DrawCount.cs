using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>What draws said about the probability of an event: in how many of them it happened. Its confidence bounds are those of Clopper and Pearson.</summary>
/// <remarks>
/// Assumed, and no part of a check: the draws are independent, come from the distribution that the claim names, their number was fixed before, and the event was not chosen by looking at them.
/// </remarks>
public sealed record DrawCount
{
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>File name of the table of draws.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of that file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How many draws, at least 1.</summary>
    public required int Draws { get; init; }

    /// <summary>In how many the event happened.</summary>
    public required int Hits { get; init; }

    /// <summary>Probability, over the draws, that the bounds hold: in [1/2, 1).</summary>
    public required double Confidence { get; init; }

    /// <summary>The program that drew, and its arguments; empty where the table was given.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>An upper bound of the probability, at the confidence.</summary>
    public double Upper => ClopperPearson.Upper(Hits, Draws, Statistics.Confidence.Risk(Confidence));

    /// <summary>A lower and an upper bound of the probability, both at once at the confidence.</summary>
    public Interval Bounds => ClopperPearson.Bounds(Hits, Draws, Confidence);

    /// <summary>"with confidence 0.99, from 12 of 10000 draws".</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"with confidence {Confidence:R}, from {Hits} of {Draws} draws");

    /// <summary>Where the draws come from and what of it no check can see, in words.</summary>
    /// <param name="law">"q(. | x0)".</param>
    public string Assumed(string law) => Command.IsEmpty
        ? $"that the rows of the table {OneLine.Quote(File)} are drawn independently from {law}, their number and the event fixed beforehand, is assumed and not checked"
        : $"that the rows of the table {OneLine.Quote(File)} are answers of the command {JsonSerializer.Serialize(Command.ToArray(), AsWritten)} to x0 + d with independent d, each an independent draw from q(. | x0 + d), their number and the event fixed beforehand, is assumed and not checked";

    /// <summary>1 minus the sum of the risks, at least: with this confidence all of several statements hold together. "0.98"; "0" where nothing is left.</summary>
    /// <param name="confidences">That of each.</param>
    public static string Together(IEnumerable<double> confidences)
    {
        // The decimals as they are printed elsewhere, added exactly.
        var risk = confidences.Sum(confidence => 1 - decimal.Parse(confidence.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));
        return Math.Max(0, 1 - risk).ToString("0.############################", CultureInfo.InvariantCulture);
    }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Check()
    {
        if (Draws is < 1 or > ClopperPearson.MostTrials || Hits < 0 || Hits > Draws)
        {
            throw new ArgumentException($"Expected from 1 to {ClopperPearson.MostTrials} draws and as many hits at most; got {Hits} of {Draws}.");
        }

        if (!(Confidence is >= 0.5 and < 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A confidence lies in [0.5, 1); got {Confidence:R}."));
        }
    }
}
