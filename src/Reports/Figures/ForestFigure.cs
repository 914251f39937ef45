using System.Globalization;
using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>Many enclosures of one quantity below each other: a bar from what was reached to what was proved, a row for each claim.</summary>
internal static class ForestFigure
{
    /// <summary>Rows that one figure holds.</summary>
    public const int MostRows = 40;

    private const int RowHeight = 19;

    /// <summary>The figure of claims about one quantity (<see cref="Phrases.Quantity"/>), and its caption.</summary>
    /// <param name="results">From 1 to <see cref="MostRows"/>, all with one quantity and one direction.</param>
    public static (string Svg, string Caption) Draw(IReadOnlyList<ClaimResult> results)
    {
        var reading = Reading.Of(results[0]);
        var ends = results.SelectMany(result => new[] { result.Lower, result.Upper, SvgFigure.Goal(result) ?? double.NaN, result.Truth ?? double.NaN }).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (least, most) = (Math.Min(0, ends.Min()), Math.Max(ends.Max(), ends.Min() + 1e-12));
        var isLog = ends.Min() > 0 && ends.Max() > 30 * ends.Min();
        string[] labels = [.. results.Select(Label)];
        var left = 16 + (7.6 * labels.Max(label => label.Length));
        var x = isLog ? Scale.Powers(0.8 * ends.Min(), 1.25 * ends.Max(), Phrases.Quantity(results[0].Claim)) : Scale.Fitting(least, most + (0.04 * (most - least)), Phrases.Quantity(results[0].Claim), Chart.Width - left - 26);
        var isInterval = Phrases.HasNoAttack(results[0]);
        List<(string, Ink)> legend = [("| ", Ink.Certified), (reading.Bound, Ink.Label)];
        if (!isInterval)
        {
            legend.AddRange([("    ● ", Ink.Attack), ("attack", Ink.Label)]);
        }

        if (results.Any(result => SvgFigure.Goal(result) is not null))
        {
            legend.AddRange([("    ‒ ", Ink.Goal), ("claimed", Ink.Label)]);
        }

        var n = results.Count;
        var chart = new Chart(72 + (RowHeight * n), new PixelPadding((float)left, 26, 46, 26), x, Scale.Linear(0, n, "", 1).WithoutTicks(), [legend], firstLine: 13);
        foreach (var (i, result) in results.Index())
        {
            var middle = n - i - 0.5;
            chart.Text(left - 8, chart.AtY(middle) + 4, "end", (labels[i], Ink.Label));
            if (double.IsFinite(result.Lower) || double.IsFinite(result.Upper))
            {
                Bar(result.Lower, result.Upper, middle, 0.28, Ink.Between);
            }

            if (SvgFigure.Goal(result) is { } goal)
            {
                Line(goal, middle, 0.42, Ink.Goal, 1.5f);
            }

            var (certified, attack) = (reading.Certified(result.Lower, result.Upper), reading.Attack(result.Lower, result.Upper));
            if (double.IsFinite(certified))
            {
                Line(certified, middle, 0.36, Ink.Certified, 2.5f);
            }

            if (!isInterval && double.IsFinite(attack))
            {
                chart.Markers([(attack, middle)], Ink.Attack, size: 7);
            }
        }

        return (
            chart.ToSvg($"{n} enclosures of one quantity, {results.Count(result => result.Verdict == Verdict.Proved)} of them proved."),
            $"{Phrases.Quantity(results[0].Claim)}: {reading.Bound}s{(isInterval ? "" : " and values that the attack reached")}{(isLog ? ", logarithmic scale" : "")}.");

        void Bar(double from, double to, double at, double half, Ink ink) => chart.Area([(from, at - half), (to, at - half), (to, at + half), (from, at + half)], ink);
        void Line(double value, double at, double half, Ink ink, float width) => chart.Line([(value, at - half), (value, at + half)], ink, width);
    }

    /// <summary>"row 3, ℓ∞ 0.05".</summary>
    private static string Label(ClaimResult result)
    {
        var claim = result.Claim;
        var row = claim.ObservationRow < 0 || claim.Pairs is not null ? Phrases.Row(claim) : string.Create(CultureInfo.InvariantCulture, $"row {claim.ObservationRow}");
        return Phrases.NormOf(claim) is { Length: > 0 } norm ? $"{row}, {norm}{(Phrases.Radius(claim) is { Length: > 0 and <= 8 } radius ? " " + radius : "")}" : row;
    }
}
