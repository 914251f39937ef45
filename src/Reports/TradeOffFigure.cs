using Reports.Figures;
using ScottPlot;

namespace Reports;

/// <summary>What one way of training gave, model by model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">An error of each model, smaller is better; not finite where training failed.</param>
/// <param name="Change">The certified bound of each model's change, in the same order.</param>
public sealed record TradeOffRow(string Name, IReadOnlyList<double> Accuracy, IReadOnlyList<double> Change);

/// <summary>What a guarantee costs: the error of each way of training beside the change that is certified, a row for each, as SVG.</summary>
public static class TradeOffFigure
{
    private const int RowHeight = 19;

    /// <summary>The figure as one <c>svg</c> element, without an XML header. Rows stand in the order of their mean certified change, the smallest above.</summary>
    /// <param name="rows">At least one, each with at least one model.</param>
    /// <param name="accuracy">What the error is, with its unit.</param>
    /// <param name="change">What the change is, with its unit.</param>
    /// <param name="reference">Name of the row that others are compared with: a line through its means.</param>
    /// <param name="floor">A change that no exact posterior stays below; null if none is known.</param>
    public static string Draw(IReadOnlyList<TradeOffRow> rows, string accuracy, string change, string reference, double? floor = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        TradeOffRow[] ordered = [.. rows.OrderBy(row => Mean(row.Change))];
        var (n, plain) = (ordered.Length, ordered.SingleOrDefault(row => row.Name == reference));
        var left = 16 + (7.0 * ordered.Max(row => row.Name.Length));
        var bottom = n * RowHeight;
        List<(string, Ink)> legend = [("● ", Ink.Attack), ("each model    ", Ink.Label), ("| ", Ink.Certified), ("mean", Ink.Label)];
        if (plain is not null)
        {
            legend.AddRange([("    ‒ ‒ ", Ink.Goal), (reference, Ink.Label)]);
        }

        if (floor is not null)
        {
            legend.AddRange([("    — ", Ink.Truth), ("exact posterior", Ink.Label)]);
        }

        // Two axes share one chart, whose horizontal coordinate runs from 0 to 1 in the left panel and from 1.16 to 2.16 in the right one.
        var chart = new Chart(bottom + 72, new PixelPadding((float)left, 26, 46, 26), Scale.Linear(0, 2.16, "", 1).WithoutTicks(), Scale.Linear(0, n, "", 1).WithoutTicks(), [legend], firstLine: 13);
        Panel(0, accuracy, row => row.Accuracy, null);
        Panel(1.16, change, row => row.Change, floor);
        foreach (var (i, row) in ordered.Index())
        {
            chart.Text(left - 8, chart.AtY(n - i - 0.5) + 4, "end", (row.Name, Ink.Label));
        }

        return chart.ToSvg(string.Join("; ", ordered.Select(row => $"{row.Name}: {accuracy} {Text(Mean(row.Accuracy))}, {change} {Text(Mean(row.Change))}")) + ".");

        void Panel(double start, string title, Func<TradeOffRow, IReadOnlyList<double>> of, double? known)
        {
            double[] values = [.. ordered.SelectMany(of).Append(known ?? double.NaN).Where(double.IsFinite)];
            var (low, high) = values is [] ? (0, 1) : (values.Min(), values.Max());
            var room = 0.06 * Math.Max(high - low, 1e-12);
            var scale = Scale.Fitting(low - room, high + room, title, chart.AtX(1) - chart.AtX(0));
            foreach (var (at, label) in scale.Ticks)
            {
                chart.Line([(Place(at), 0), (Place(at), n)], Ink.Grid, 1);
                chart.Text(chart.AtX(Place(at)), chart.AtY(0) + 18, "middle", (label, Ink.Label));
            }

            chart.Text(chart.AtX(start + 0.5), chart.AtY(0) + 37, "middle", (scale.Title, Ink.Label));
            if (known is { } exact)
            {
                chart.Line([(Place(exact), 0), (Place(exact), n)], Ink.Truth, 1.5f);
            }

            if (plain is not null && double.IsFinite(Mean(of(plain))))
            {
                chart.Line([(Place(Mean(of(plain))), 0), (Place(Mean(of(plain))), n)], Ink.Goal, 1.5f, LinePattern.Dashed);
            }

            foreach (var (i, row) in ordered.Index())
            {
                var (middle, mean) = (n - i - 0.5, Mean(of(row)));
                chart.Markers(of(row).Where(double.IsFinite).Select(value => (Place(value), middle)), Ink.Attack, size: 6);
                if (double.IsFinite(mean))
                {
                    chart.Line([(Place(mean), middle - 0.36), (Place(mean), middle + 0.36)], Ink.Certified, 2.5f);
                }
                else
                {
                    chart.Text(chart.AtX(start) + 4, chart.AtY(middle) + 4, "start", ("failed", Ink.Label));
                }
            }

            double Place(double value) => start + ((value - scale.Lower) / (scale.Upper - scale.Lower));
        }
    }

    private static double Mean(IReadOnlyList<double> values) => values.Average();

    private static string Text(double value) => double.IsFinite(value) ? Numbers.Near(value, 3) : "none, training failed";
}
