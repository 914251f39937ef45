using System.Collections.Immutable;
using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>The enclosure of the largest value against search time.</summary>
internal static class ProgressFigure
{
    /// <summary>The figure and its caption.</summary>
    public static (string Svg, string Caption) Draw(ClaimResult result)
    {
        var reading = Reading.Of(result);
        var legend = Legend(reading);
        var points = Thinned([.. result.Progress.OrderBy(point => point.Seconds)]);
        var (first, last) = (points[0], points[^1]);
        var start = points.Select(point => point.Seconds).FirstOrDefault(seconds => seconds > 0);
        var powers = start > 0 && last.Seconds / start >= 100;

        // Early bounds can be astronomically loose: the final enclosure decides the range, and what leaves it runs along the edge.
        var width = Math.Max(last.Upper - last.Lower, 0.02 * Math.Max(Math.Abs(last.Upper), Math.Abs(last.Lower)));
        var ceiling = last.Upper + (12 * width);
        var floor = last.Lower - (12 * width);
        var values = points.SelectMany(point => new[] { point.Lower, point.Upper })
            .Select(value => double.IsFinite(last.Upper) && double.IsFinite(last.Lower) ? Math.Clamp(value, floor, ceiling) : value);
        var (low, high) = SvgFigure.Range(result, values, fromZero: false);
        var references = SvgFigure.References(result);

        var x = powers ? Scale.Powers(start, last.Seconds, "Search time (s)") : Scale.Fitting(0, Math.Max(last.Seconds, 1e-3), "Search time (s)", 378);
        var y = Scale.Linear(low, high, Phrases.Quantity(result.Claim), 5);
        var chart = new Chart(
            references.Count > 0 ? 320 : 302,
            new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, references.Count > 0 ? 66 : 48),
            x,
            y,
            references.Count > 0 ? [legend, references] : [legend]);

        var certified = Steps(points, point => reading.Certified(point.Lower, point.Upper));
        var attack = Steps(points, point => reading.Attack(point.Lower, point.Upper));
        chart.Area([.. certified, .. attack.Reverse()], Ink.Between);
        var (left, right) = (powers ? start : 0, Math.Max(last.Seconds, 1e-3));
        if (SvgFigure.Goal(result) is { } goal && goal >= y.Lower && goal <= y.Upper)
        {
            chart.Line([(left, goal), (right, goal)], Ink.Goal, 1.5f, LinePattern.Dashed);
        }

        if (result.Truth is { } truth && truth >= y.Lower && truth <= y.Upper)
        {
            chart.Line([(left, truth), (right, truth)], Ink.Truth, 1.5f, LinePattern.Dotted);
        }

        chart.Line(attack.Where(Known), Ink.Attack);
        chart.Line(certified.Where(Known), Ink.Certified, 2.5f);
        return (
            chart.ToSvg(
                $"The enclosure against search time: from [{Numbers.Down(first.Lower)}, {Numbers.Up(first.Upper)}] at {Numbers.Near(first.Seconds, 3)} s "
                + $"to [{Numbers.Down(last.Lower)}, {Numbers.Up(last.Upper)}] at {Numbers.Near(last.Seconds, 3)} s."),
            $"How the enclosure closed during the search. The true {reading.Extreme} value lies in the shaded band at every moment."
            + (certified.Concat(attack).Any(point => !(point.Y >= y.Lower && point.Y <= y.Upper)) ? " Bounds beyond the edge run along it." : ""));
    }

    private static bool Known((double X, double Y) point) => double.IsFinite(point.Y);

    private static (string, Ink)[] Legend(Reading reading) =>
        [("— ", Ink.Certified), (reading.Bound, Ink.Label), ("    — ", Ink.Attack), ("reached by the attack", Ink.Label)];

    /// <summary>At most 200 points, the first and the last among them, closer together where the search began.</summary>
    private static ImmutableArray<ProgressPoint> Thinned(ImmutableArray<ProgressPoint> points) => points.Length <= 200
        ? points
        : [.. Enumerable.Range(0, 200).Select(i => (int)Math.Round(Math.Pow(points.Length, i / 199.0)) - 1).Distinct().Select(i => points[i])];

    /// <summary>A bound stays until the next one replaces it.</summary>
    private static (double X, double Y)[] Steps(ImmutableArray<ProgressPoint> points, Func<ProgressPoint, double> bound) =>
        [.. points.SelectMany((point, i) => i == 0
            ? new[] { (point.Seconds, bound(point)) }
            : [(point.Seconds, bound(points[i - 1])), (point.Seconds, bound(point))])];
}
