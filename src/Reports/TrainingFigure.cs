using Reports.Figures;
using ScottPlot;

namespace Reports;

/// <summary>The losses of one pass over the data.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Training">Mean loss of the steps.</param>
/// <param name="Validation">Mean loss on data that no step sees.</param>
public sealed record TrainingPoint(int Epoch, double Training, double Validation);

/// <summary>Losses of training and validation by epoch, with the epoch that was kept, as SVG.</summary>
public static class TrainingFigure
{
    /// <summary>The figure as one <c>svg</c> element, without an XML header.</summary>
    /// <param name="epochs">At least one, in order. A loss that is not finite is left out, and its line is broken there.</param>
    /// <param name="kept">The epoch whose network was kept; its losses are finite.</param>
    /// <param name="loss">What the loss is, with its unit.</param>
    /// <exception cref="ArgumentException">There are no epochs, or not the one that was kept.</exception>
    public static string Draw(IReadOnlyList<TrainingPoint> epochs, int kept, string loss)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        ArgumentOutOfRangeException.ThrowIfZero(epochs.Count, nameof(epochs));
        if (epochs.FirstOrDefault(one => one.Epoch == kept && double.IsFinite(one.Training) && double.IsFinite(one.Validation)) is not { } best)
        {
            throw new ArgumentException($"No finite losses of epoch {kept}, which was kept.", nameof(kept));
        }

        // The first epochs can be far above the rest: what counts is how the losses settle. What is not far above is shown.
        double[] all = [.. Losses(epochs)];
        var (low, high, highest) = (all.Min(), Losses([best, .. epochs.Skip(epochs.Count / 10)]).Max(), all.Max());
        high = highest - low <= 2 * (high - low) ? highest : high;
        var room = Math.Max(0.05 * (high - low), 1e-3 * Math.Max(1, Math.Abs(high)));
        var last = epochs[^1].Epoch;
        var x = last < 6 ? Scale.Linear(0, last, "Epoch", last) : Scale.Fitting(0, last, "Epoch", 378);
        var y = Scale.Linear(low - room, high + room, loss, 5);
        var above = highest > y.Upper;
        var chart = new Chart(
            302,
            new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, 48),
            x,
            y,
            [[("— ", Ink.Attack), ("training", Ink.Label), ("    — ", Ink.Certified), ("validation", Ink.Label), ("    ● ", Ink.Certified), (above ? "kept    (along the edge: above it)" : "kept", Ink.Label)]]);
        Line(chart, epochs, one => one.Training, Ink.Attack, 2);
        Line(chart, epochs, one => one.Validation, Ink.Certified, 2.5f);
        chart.Markers([(kept, best.Validation)], Ink.Certified);
        var (first, missing) = (epochs[0], (2 * epochs.Count) - all.Length);
        return chart.ToSvg(
            $"Losses by epoch: {Text(first.Training)} in training and {Text(first.Validation)} in validation after the first, "
            + $"{Text(best.Training)} and {Text(best.Validation)} after epoch {kept}, which was kept."
            + (above ? " Losses above the edge run along it." : "")
            + (missing > 0 ? $" {missing} that are not finite are left out." : ""));
    }

    private static IEnumerable<double> Losses(IEnumerable<TrainingPoint> epochs) => epochs.SelectMany(one => new[] { one.Training, one.Validation }).Where(double.IsFinite);

    private static string Text(double loss) => double.IsFinite(loss) ? Numbers.Near(loss, 3) : "none";

    /// <summary>A line for each run of finite losses; a run of one is a dot.</summary>
    private static void Line(Chart chart, IEnumerable<TrainingPoint> epochs, Func<TrainingPoint, double> loss, Ink ink, float width)
    {
        var run = new List<(double X, double Y)>();
        foreach (var one in epochs.Append(new TrainingPoint(0, double.NaN, double.NaN)))
        {
            if (double.IsFinite(loss(one)))
            {
                run.Add((one.Epoch, loss(one)));
                continue;
            }

            if (run.Count == 1)
            {
                chart.Markers(run, ink, size: 6);
            }
            else if (run.Count > 1)
            {
                chart.Line([.. run], ink, width);
            }

            run.Clear();
        }
    }
}
