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
    /// <param name="epochs">At least one, in order.</param>
    /// <param name="kept">The epoch whose network was kept.</param>
    /// <param name="loss">What the loss is, with its unit.</param>
    public static string Draw(IReadOnlyList<TrainingPoint> epochs, int kept, string loss)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        ArgumentOutOfRangeException.ThrowIfZero(epochs.Count, nameof(epochs));
        var best = epochs.Single(one => one.Epoch == kept);

        // The first epochs can be far above the rest: what counts is how the losses settle.
        double[] settled = [.. epochs.Skip(epochs.Count / 10).SelectMany(one => new[] { one.Training, one.Validation }).Order()];
        var (low, high) = (settled[0], settled[^1]);
        var room = Math.Max(0.05 * (high - low), 1e-3 * Math.Max(1, Math.Abs(high)));
        var x = Scale.Fitting(0, epochs[^1].Epoch, "Epoch", 378);
        var y = Scale.Linear(low - room, high + room, loss, 5);
        var chart = new Chart(
            302,
            new PixelPadding((float)Math.Max(56, y.LabelWidth + 10), 26, 46, 48),
            x,
            y,
            [[("— ", Ink.Attack), ("training", Ink.Label), ("    — ", Ink.Certified), ("validation", Ink.Label), ("    ● ", Ink.Certified), ("kept", Ink.Label)]]);
        chart.Line(epochs.Select(one => (one.Epoch * 1.0, Math.Min(one.Training, y.Upper))), Ink.Attack);
        chart.Line(epochs.Select(one => (one.Epoch * 1.0, Math.Min(one.Validation, y.Upper))), Ink.Certified, 2.5f);
        chart.Markers([(kept, best.Validation)], Ink.Certified);
        return chart.ToSvg(
            $"Losses by epoch: {Numbers.Near(epochs[0].Training, 3)} in training and {Numbers.Near(epochs[0].Validation, 3)} in validation after the first, "
            + $"{Numbers.Near(best.Training, 3)} and {Numbers.Near(best.Validation, 3)} after epoch {kept}, which was kept. Losses above the edge run along it.");
    }
}
