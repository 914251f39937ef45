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
        var points = result.Curve.OrderBy(point => point.Share).ToImmutableArray();
        var uniform = !claim.Radius.IsDefaultOrEmpty && claim.Radius.Min() == claim.Radius.Max() && claim.Radius[0] > 0;
        var unit = uniform ? claim.Radius[0] : 1;
        var reach = points[^1].Share * unit;
        var (low, high) = SvgFigure.Range(result, points.SelectMany(point => new[] { point.Lower, point.Upper }), fromZero: true);
        var references = SvgFigure.References(result);

        var x = Scale.Linear(0, reach > 0 ? reach : 1, uniform ? $"Radius of the {Phrases.NormSymbol(claim.Norm)} ball (units of x)" : "Share of the radius", 5);
        var y = Scale.Linear(low, high, Phrases.Quantity(claim), 5);
        var chart = new Chart(
            references.Count > 0 ? 320 : 302,
            new PixelPadding(56, 14, 46, references.Count > 0 ? 66 : 48),
            x,
            y,
            references.Count > 0 ? [Legend, references] : [Legend]);

        var upper = points.Select(point => (point.Share * unit, point.Upper)).ToArray();
        var lower = points.Select(point => (point.Share * unit, point.Lower)).ToArray();
        chart.Area([.. upper, .. lower.Reverse()], Ink.Between);
        if (SvgFigure.Goal(result) is { } goal && goal >= y.Lower && goal <= y.Upper)
        {
            chart.Line([(0, goal), (x.Upper, goal)], Ink.Goal, 1.5f, LinePattern.Dashed);
        }

        if (result.Truth is { } truth && truth >= y.Lower && truth <= y.Upper)
        {
            chart.Line([(0, truth), (x.Upper, truth)], Ink.Truth, 1.5f, LinePattern.Dotted);
        }

        chart.Line(lower, Ink.Attack);
        chart.Line(upper, Ink.Certified, 2.5f);
        if (points.Length <= 24)
        {
            chart.Markers(lower, Ink.Attack, size: 7);
        }

        var last = points[^1];
        return (
            chart.ToSvg(
                $"Curve of the certified upper bound and the attack’s lower bound against the radius. At the full radius the bound is "
                + $"{Numbers.Up(last.Upper)} and the attack reaches {Numbers.Down(last.Lower)}."),
            "Certified bound and attack as the ball grows. The true largest value lies in the shaded band.");
    }

    private static (string, Ink)[] Legend { get; } =
        [("— ", Ink.Certified), ("certified upper bound", Ink.Label), ("    ● ", Ink.Attack), ("reached by the attack", Ink.Label)];
}
