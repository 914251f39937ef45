using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>Distribution functions of ranks less the uniform one, with the band that uniform ranks do not leave; and coverage against level.</summary>
internal static class BandFigure
{
    /// <summary>The figures, one below the other, and their caption.</summary>
    public static (string Svg, string Caption) Draw(ClaimResult result)
    {
        var ranks = result.Banded.Where(curve => !curve.IsCoverage).ToArray();
        var svg = (ranks.Length > 0 ? Ranks(ranks) : "") + string.Concat(result.Banded.Where(curve => curve.IsCoverage).Select(Coverage));
        return (svg, $"{(ranks.Length > 0 ? "How far each rank’s distribution function is from the uniform one. Calibrated ranks stay in the shaded band everywhere, all of them together with the confidence of the claim. " : "")}"
            + (result.Banded.Any(curve => curve.IsCoverage) ? "Below: how often highest density sets hold the parameter, with a set for all levels at once; a calibrated estimator is on the diagonal." : ""));
    }

    private static string Ranks(BandedCurve[] curves)
    {
        var (band, outside) = (curves[0].Points, curves.Where(Leaves).Select(curve => curve.Name).ToArray());
        var reach = 1.15 * curves.SelectMany(curve => curve.Points).Max(point => Math.Max(Math.Abs(point.Value), Math.Max(Math.Abs(point.Lower), Math.Abs(point.Upper))));
        var x = Scale.Fitting(0, 1, "Rank / number of draws", 378);
        var y = Scale.Linear(-reach, reach, "Distribution function of ranks − uniform", 5);
        var chart = new Chart(
            320,
            new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, 66),
            x,
            y,
            [[("— ", Ink.Certified), ("inside the band    ", Ink.Label), ("— ", Ink.Attack), ("leaves it", Ink.Label)], [(outside.Length == 0 ? "none leaves the band" : Names(outside), Ink.Label)]]);
        chart.Area([.. band.Select(point => (point.At, point.Upper)), .. band.Reverse().Select(point => (point.At, point.Lower))], Ink.Between);
        chart.Line([(0, 0), (1, 0)], Ink.Goal, 1.5f, LinePattern.Dashed);
        foreach (var curve in curves.OrderBy(Leaves))
        {
            chart.Line(curve.Points.Select(point => (point.At, point.Value)), Leaves(curve) ? Ink.Attack : Ink.Certified, 1.5f);
        }

        return chart.ToSvg($"Distribution functions of {curves.Length} ranks less the uniform one, with a band: {(outside.Length == 0 ? "all lie in it" : $"outside: {string.Join(", ", outside)}")}.");
    }

    private static string Coverage(BandedCurve curve)
    {
        var x = Scale.Fitting(0, 1, "Level of the set", 378);
        var y = Scale.Linear(0, 1, "Coverage", 5);
        var chart = new Chart(302, new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, 48), x, y, [[("— ", Ink.Certified), ($"{curve.Name}    ", Ink.Label), ("‒ ‒ ", Ink.Goal), ("coverage = level", Ink.Label)]]);
        chart.Area([.. curve.Points.Select(point => (point.At, point.Upper)), .. curve.Points.Reverse().Select(point => (point.At, point.Lower))], Ink.Between);
        chart.Line([(0, 0), (1, 1)], Ink.Goal, 1.5f, LinePattern.Dashed);
        chart.Line(curve.Points.Select(point => (point.At, point.Value)), Ink.Certified, 2.5f);
        var last = curve.Points[^1];
        return chart.ToSvg($"Coverage of {curve.Name} against their level; at level {Numbers.Near(last.At, 3)} it is {Numbers.Near(last.Value, 3)}.");
    }

    /// <summary>A curve is outside where it is at one of the points at which the band is tested.</summary>
    private static bool Leaves(BandedCurve curve) => curve.Points.Any(point => point.Value < point.Lower - 1e-12 || point.Value > point.Upper + 1e-12);

    private static string Names(string[] names) => $"outside: {(names.Length <= 4 ? string.Join(", ", names) : $"{string.Join(", ", names[..3])} and {names.Length - 3} more")}";
}
