using System.Globalization;

namespace Guarantees.Formats.Spec;

/// <summary>How much a search may cost. What is null is not said.</summary>
/// <remarks>Time ends a search at another place on every machine; parts end it at the same place on all of them, so verdicts under a budget of parts alone are the same everywhere.</remarks>
/// <param name="Seconds">Seconds for one claim, in (0, 1e7].</param>
/// <param name="Parts">Parts into which one claim's set may be divided, from 1 to 2,000,000.</param>
public sealed record Budget(double? Seconds = null, int? Parts = null)
{
    /// <summary>Most parts.</summary>
    public const int MostParts = 2_000_000;

    /// <summary>Most seconds.</summary>
    public const double MostSeconds = 1e7;

    /// <summary>Seconds for all claims of a run together, in (0, 1e7]; what is left of them bounds every claim's.</summary>
    public double? RunSeconds { get; init; }

    /// <summary>This budget, with what it does not say from another.</summary>
    public Budget Or(Budget? other) => new(Seconds ?? other?.Seconds, Parts ?? other?.Parts) { RunSeconds = RunSeconds ?? other?.RunSeconds };

    /// <summary>{ seconds: 60, parts: 20000, run-seconds: 600 }, the last for a whole spec only.</summary>
    internal static Budget Read(SpecNode node, bool whole)
    {
        var keys = new KeyReader(node, "the budget");
        var budget = new Budget(Time("seconds"), keys.Find("parts") is { } parts ? Whole(parts) : null) { RunSeconds = whole ? Time("run-seconds") : null };
        keys.Finish();
        return budget;

        double? Time(string key) => keys.Find(key) is not { } given ? null
            : KeyReader.Number(given, key) is > 0 and <= MostSeconds and var seconds ? seconds
            : throw given.Place.Wrong($"{key} is {given.Words}, expected seconds in (0, 1e7].");

        static int Whole(SpecNode given) => KeyReader.Number(given, "parts") is >= 1 and <= MostParts and var count && count == Math.Floor(count) ? (int)count
            : throw given.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"parts is {given.Words}, expected a whole number from 1 to {MostParts}."));
    }
}

/// <summary>When <c>certify run --gate</c> fails, beyond a claim that was proved and is not any more. What is null is not said.</summary>
/// <param name="WorseBy">By which share of the baseline's certified bound the new one may be worse, at least 0; null where that is told and fails nothing.</param>
/// <param name="FailsOnChangedModel">Whether a model with another SHA-256 than the baseline's fails.</param>
/// <param name="FailsOnUnproved">Whether a claim fails that is not proved, where the baseline does not prove it either.</param>
public sealed record GateSettings(double? WorseBy = null, bool? FailsOnChangedModel = null, bool? FailsOnUnproved = null)
{
    private static readonly string[] Actions = ["fail", "tell"];

    /// <summary>These settings, with what they do not say from others.</summary>
    public GateSettings Or(GateSettings? other) => new(WorseBy ?? other?.WorseBy, FailsOnChangedModel ?? other?.FailsOnChangedModel, FailsOnUnproved ?? other?.FailsOnUnproved);

    /// <summary>{ worse-by: 0.05, changed-model: tell, unproved: fail }.</summary>
    internal static GateSettings Read(SpecNode node)
    {
        var keys = new KeyReader(node, "the gate");
        var settings = new GateSettings(
            keys.Find("worse-by") is not { } share ? null
                : KeyReader.Number(share, "worse-by") is >= 0 and <= 1e6 and var by ? by
                : throw share.Place.Wrong($"worse-by is {share.Words}, expected a share in [0, 1e6]."),
            Fails("changed-model"),
            Fails("unproved"));
        keys.Finish();
        return settings;

        bool? Fails(string key) => keys.Find(key) is not { } node ? null
            : KeyReader.Text(node, key) is var word && Actions.Contains(word) ? word == "fail"
            : throw node.Place.Wrong($"{key} is {node.Words}, {OneLine.Suggest(word, Actions)}");
    }
}
