using System.Collections.Immutable;
using Guarantees.Certificates;
using Reports.Figures;

namespace Reports;

/// <summary>The figure of one claim, as SVG.</summary>
/// <remarks>
/// What pairs say as curves with their bands; certified bound against radius where the run measured it; otherwise the certified bound over the domain as a map; otherwise the enclosure
/// against time; otherwise the enclosure alone. The element stands on its own as a file and can be set into a page: transparent ground, no
/// identifiers, colours that follow the reader's light or dark setting.
/// </remarks>
public static class SvgFigure
{
    /// <summary>Cells of a map that are drawn one by one; a finer subdivision is drawn on a grid, each square with the largest bound it touches.</summary>
    public const int MaxCells = 2000;

    /// <summary>The figure as one <c>svg</c> element, without an XML header.</summary>
    public static string For(ClaimResult result) => For(result, out _);

    /// <summary>The figure, and what it shows in one sentence.</summary>
    internal static string For(ClaimResult result, out string caption)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (svg, words) = result switch
        {
            { Banded.IsDefault: false, Banded.Length: > 0 } => BandFigure.Draw(result),
            { Curve.IsDefault: false, Curve.Length: > 1 } => CurveFigure.Draw(result),
            { Map.IsDefault: false, Map.Length: > 1 } when MapFigure.Fits(result.Map) => MapFigure.Draw(result, MaxCells),
            { Progress.IsDefault: false, Progress.Length: > 1 } => ProgressFigure.Draw(result),
            _ => IntervalFigure.Draw(result),
        };
        caption = words;
        return svg;
    }

    /// <summary>The legend's entries for what was asked and what is known exactly; empty when neither is there.</summary>
    internal static IReadOnlyList<(string Text, Ink Ink)> References(ClaimResult result)
    {
        var runs = new List<(string, Ink)>();
        if (Goal(result) is { } goal)
        {
            runs.Add(("‒ ‒ ", Ink.Goal));
            runs.Add(($"claimed: at {(result.Claim.AtMost is null ? "least" : "most")} {Numbers.Near(goal, 6)}", Ink.Label));
        }

        if (result.Truth is { } truth && double.IsFinite(truth))
        {
            runs.Add((runs.Count > 0 ? "    ···· " : "···· ", Ink.Truth));
            runs.Add(($"for comparison: {Numbers.Near(truth, 6)}", Ink.Label));
        }

        return runs;
    }

    /// <summary>c in "at most c" or "at least c".</summary>
    internal static double? Goal(ClaimResult result) => result.Claim.AtMost ?? result.Claim.AtLeast;

    /// <summary>The vertical range that shows these values from a common floor, and the references where they are not far away.</summary>
    internal static (double Lower, double Upper) Range(ClaimResult result, IEnumerable<double> values, bool fromZero)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToImmutableArray();
        var (low, high) = (fromZero ? Math.Min(0, finite.Min()) : finite.Min(), finite.Max());
        var size = Math.Max(high - low, 1e-3 * Math.Max(Math.Abs(low), Math.Abs(high)));
        foreach (var reference in new[] { Goal(result), result.Truth })
        {
            if (reference is { } value && value > low - (2 * size) && value < high + (2 * size))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        // Never finer than a hundredth of the values: labels stay short, and a closed enclosure looks closed.
        var least = high == 0 && low == 0 ? 1 : 0.01 * Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low < least)
        {
            (low, high) = fromZero && low == 0 ? (0, low + least) : (low - (0.5 * least), high + (0.5 * least));
        }

        size = high - low;
        return (low >= 0 && low - (0.08 * size) < 0 ? 0 : fromZero && low == 0 ? 0 : low - (0.08 * size), high + (0.08 * size));
    }
}
