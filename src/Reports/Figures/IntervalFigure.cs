using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>The enclosure alone: a bar from what was reached to what was proved.</summary>
internal static class IntervalFigure
{
    /// <summary>The figure and its caption.</summary>
    public static (string Svg, string Caption) Draw(ClaimResult result)
    {
        // One end alone has no scale: it is shown against 0 and its double.
        var known = new[] { result.Lower, result.Upper }.Where(double.IsFinite).ToArray();
        var (low, high) = SvgFigure.Range(result, known.Length == 1 ? [0, known[0], 2 * known[0]] : known, fromZero: result.Lower >= 0 && result.Lower < 3 * (result.Upper - result.Lower));
        var reading = Reading.Of(result);
        var legend = Legend(reading);
        var references = SvgFigure.References(result);
        var lines = references.Count > 0 ? 2 : 1;
        var x = Scale.Fitting(low, high, Phrases.Quantity(result.Claim), 420);
        x = known.Length > 0 ? x : x.WithoutTicks();
        var chart = new Chart(
            114 + (19 * lines),
            new PixelPadding(14, 26, 46, 6 + (19 * lines)),
            x,
            Scale.Linear(0, 1, "", 1).WithoutTicks(),
            references.Count > 0 ? [legend, references] : [legend],
            firstLine: 13);

        var (left, right) = (x.Place(result.Lower), x.Place(result.Upper));
        if (known.Length > 0)
        {
            chart.Area([(left, 0.3), (right, 0.3), (right, 0.7), (left, 0.7)], Ink.Between);
        }

        if (SvgFigure.Goal(result) is { } goal && goal >= x.Lower && goal <= x.Upper)
        {
            chart.Line([(goal, 0), (goal, 1)], Ink.Goal, 1.5f, LinePattern.Dashed);
        }

        if (result.Truth is { } truth && truth >= x.Lower && truth <= x.Upper)
        {
            chart.Line([(truth, 0), (truth, 1)], Ink.Truth, 1.5f, LinePattern.Dotted);
        }

        var (certified, attack) = (reading.Certified(result.Lower, result.Upper), reading.Attack(result.Lower, result.Upper));
        if (double.IsFinite(certified))
        {
            chart.Line([(certified, 0.18), (certified, 0.82)], Ink.Certified, 3);
        }

        if (double.IsFinite(attack))
        {
            chart.Markers([(attack, 0.5)], Ink.Attack, size: 10);
        }

        return (
            chart.ToSvg(
                $"The enclosure: the attack reached {reading.AttackText(result.Lower, result.Upper) ?? "no value"}; "
                + $"{reading.CertifiedText(result.Lower, result.Upper) ?? "nothing"} is certified."),
            known.Length == 0 ? "No bound was found." : $"The true {reading.Extreme} value lies in the shaded bar.");
    }

    private static (string, Ink)[] Legend(Reading reading) =>
        [("| ", Ink.Certified), (reading.Bound, Ink.Label), ("    ● ", Ink.Attack), ("reached by the attack", Ink.Label)];
}
