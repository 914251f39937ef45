using System.Collections.Immutable;
using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>Certified bound and attack against the radius of the ball.</summary>
internal static class CurveFigure
{
    /// <summary>The figure and its caption.</summary>
    public static (string Svg, string Caption) Draw(ClaimResult result)
    {
        var claim = result.Claim;
        var reading = Reading.Of(result);
        var legend = Legend(reading);
        var points = result.Curve.OrderBy(point => point.Share).ToImmutableArray();
        var uniform = !claim.Radius.IsDefaultOrEmpty && claim.Radius.Min() == claim.Radius.Max() && claim.Radius[0] > 0;
        var unit = uniform ? claim.Radius[0] : 1;
        var reach = points[^1].Share * unit;
        var (low, high) = SvgFigure.Range(result, points.SelectMany(point => new[] { point.Lower, point.Upper }), fromZero: true);
        var references = SvgFigure.References(result);

        var x = Scale.Fitting(0, reach > 0 ? reach : 1, uniform ? $"Radius of the {Phrases.NormSymbol(claim.Norm)} ball (units of {(claim.Directions.IsEmpty ? "x" : "u")})" : "Share of the radius", 378);
        var y = Scale.Linear(low, high, Phrases.Quantity(claim), 5);
        var chart = new Chart(
            references.Count > 0 ? 320 : 302,
            new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, references.Count > 0 ? 66 : 48),
            x,
            y,
            references.Count > 0 ? [legend, references] : [legend]);

        var certified = points.Select(point => (point.Share * unit, reading.Certified(point.Lower, point.Upper))).ToArray();
        var attack = points.Select(point => (point.Share * unit, reading.Attack(point.Lower, point.Upper))).ToArray();
        chart.Area([.. certified, .. attack.Reverse()], Ink.Between);
        if (SvgFigure.Goal(result) is { } goal && goal >= y.Lower && goal <= y.Upper)
        {
            chart.Line([(0, goal), (x.Upper, goal)], Ink.Goal, 1.5f, LinePattern.Dashed);
        }

        if (result.Truth is { } truth && truth >= y.Lower && truth <= y.Upper)
        {
            chart.Line([(0, truth), (x.Upper, truth)], Ink.Truth, 1.5f, LinePattern.Dotted);
        }

        chart.Line(attack.Where(Known), Ink.Attack);
        chart.Line(certified.Where(Known), Ink.Certified, 2.5f);
        if (points.Length <= 24)
        {
            chart.Markers(attack.Where(Known), Ink.Attack, size: 7);
        }

        var last = points[^1];
        return (
            chart.ToSvg(
                $"Curve of the {reading.Bound} and of the value that the attack reached against the radius. At the full radius: "
                + $"{reading.CertifiedText(last.Lower, last.Upper) ?? "no bound"} and {reading.AttackText(last.Lower, last.Upper) ?? "no value"}."),
            $"Certified bound and attack as the ball grows. The true {reading.Extreme} value lies in the shaded band.");
    }

    private static bool Known((double X, double Y) point) => double.IsFinite(point.Y);

    private static (string, Ink)[] Legend(Reading reading) =>
        [("— ", Ink.Certified), (reading.Bound, Ink.Label), ("    ● ", Ink.Attack), ("reached by the attack", Ink.Label)];
}
