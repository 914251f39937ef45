using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Reports.Figures;
using Xunit;

namespace Reports.Tests;

/// <summary>The curves of a training, read as a person reads them: a drawn place means what the labels beside it say.</summary>
/// <remarks>Mutants seen to fail: validation drawn as training; the dot at the kept epoch's training loss; the epoch after the kept one; early low losses cut off; a gap closed; fractions of epochs as labels; losses above the edge left out.</remarks>
public sealed partial class TrainingFigureTests
{
    private const double Resolution = 0.1;

    private static readonly TrainingPoint[] Falling = [.. Enumerable.Range(1, 20).Select(epoch => new TrainingPoint(epoch, (3.0 / epoch) - 1.5, (2.5 / epoch) - 1 + (0.01 * epoch)))];

    /// <summary>Losses within one range, of both signs, nearly constant, and from thousandths to thousands: the axis stays linear.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1e-4, 0)]
    [InlineData(1e7, 0)]
    [InlineData(1e-3, 5)]
    [InlineData(300, -1000)]
    public void Points_lie_where_the_labels_say(double scale, double shift)
    {
        TrainingPoint[] epochs = [.. Falling.Skip(2).Select(one => new TrainingPoint(one.Epoch - 2, shift + (scale * one.Training), shift + (scale * one.Validation)))];
        var figure = Read(epochs, 7);
        Same(figure, [.. epochs.Select(one => (one.Epoch * 1.0, one.Training))], Assert.Single(figure.Lines("attack")));
        Same(figure, [.. epochs.Select(one => (one.Epoch * 1.0, one.Validation))], Assert.Single(figure.Lines("certified")));
        Same(figure, [(7, epochs[6].Validation)], figure.Dots("certified"));
        Assert.Empty(figure.Dots("attack"));
        Assert.DoesNotContain("edge", figure.Svg.Value + figure.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_above_the_edge_run_along_it_and_the_figure_says_so()
    {
        TrainingPoint[] epochs = [new(1, 1e6, 2e6), new(2, 0.9, 400), .. Falling.Skip(2)];
        var figure = Read(epochs, 20);
        var validation = Assert.Single(figure.Lines("certified"));
        Assert.Equal(20, validation.Length);
        Assert.Equal(validation[0].Y, validation[1].Y, Resolution);
        Assert.InRange(figure.Loss(validation[0].Y), epochs.Skip(2).Max(one => one.Validation), 1);
        Same(figure, [.. epochs.Skip(2).Select(one => (one.Epoch * 1.0, one.Validation))], validation[2..]);
        Assert.Contains("along the edge: above it", figure.Svg.Value, StringComparison.Ordinal);
        Assert.Contains("Losses above the edge run along it.", figure.Description, StringComparison.Ordinal);
    }

    /// <summary>Where a method's demands rise in the warm-up, the first losses are the smallest.</summary>
    [Fact]
    public void Early_losses_below_all_others_are_shown()
    {
        TrainingPoint[] epochs = [new(1, -9, -8), .. Falling.Skip(1)];
        var figure = Read(epochs, 20);
        Same(figure, [.. epochs.Select(one => (one.Epoch * 1.0, one.Training))], Assert.Single(figure.Lines("attack")));
    }

    [Fact]
    public void Losses_that_are_not_finite_break_their_line_only()
    {
        TrainingPoint[] epochs = [.. Falling.Select(one => one.Epoch switch
        {
            6 => one with { Validation = double.NaN },
            8 => one with { Validation = double.PositiveInfinity },
            _ => one,
        })];
        var figure = Read(epochs, 20);
        Assert.Equal(20, Assert.Single(figure.Lines("attack")).Length);
        Assert.Equal([5, 12], figure.Lines("certified").Select(line => line.Length));
        Same(figure, [(7, epochs[6].Validation), (20, epochs[19].Validation)], [.. figure.Dots("certified").OrderBy(dot => dot.X)]);
        Assert.EndsWith("2 that are not finite are left out.", figure.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(100)]
    [InlineData(12_345)]
    public void Epochs_are_labelled_by_whole_numbers_apart_from_each_other(int count)
    {
        var figure = Read([.. Enumerable.Range(1, count).Select(epoch => new TrainingPoint(epoch, 1.0 / epoch, 1.1 / epoch))], count);
        Assert.InRange(figure.EpochLabels.Length, 2, 7);
        Assert.All(figure.EpochLabels, label => Assert.Equal(0, label.Value - Math.Floor(label.Value)));
        Assert.All(figure.EpochLabels, label => Assert.DoesNotContain('.', label.Text));
        Assert.All(figure.EpochLabels.Zip(figure.EpochLabels.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At > 4 * (pair.First.Text.Length + pair.Second.Text.Length)));
        Assert.All(figure.EpochLabels, label => Assert.InRange(label.At + (4 * label.Text.Length), 0, Chart.Width));
    }

    [Fact]
    public void One_epoch_is_two_dots()
    {
        var figure = Read([new(1, 0.5, 0.25)], 1);
        Assert.Empty(figure.Lines("attack"));
        Assert.Empty(figure.Lines("certified"));
        Same(figure, [(1, 0.5)], figure.Dots("attack"));
        Assert.All(figure.Dots("certified"), dot => Same(figure, [(1, 0.25)], [dot]));
        Assert.StartsWith("Losses by epoch: 0.5 in training and 0.25 in validation after the first, 0.5 and 0.25 after epoch 1, which was kept.", figure.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_legend_names_each_colour_and_fits()
    {
        var figure = Read([new(1, 1e6, 2e6), .. Falling.Skip(1)], 20);
        var legend = figure.Svg.Elements().Single(element => element.Name.LocalName == "text" && element.HasElements);
        Assert.Equal(
            [("f-attack", "— "), ("f-label", "training"), ("f-certified", "    — "), ("f-label", "validation"), ("f-certified", "    ● "), ("f-label", "kept    (along the edge: above it)")],
            legend.Elements().Select(run => (run.Attribute("class")!.Value, run.Value)));
        Assert.InRange(legend.Value.Length * 6.5, 0, Chart.Width);
        Assert.Contains(figure.Svg.Elements(), element => element.Value == "mean loss, nats");
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingFigure.Draw([], 1, "loss"));
        foreach (var epochs in new TrainingPoint[][] { Falling, [.. Falling, new TrainingPoint(21, 1, double.NaN)] })
        {
            Assert.StartsWith("No finite losses of epoch 21, which was kept.", Assert.Throws<ArgumentException>(() => TrainingFigure.Draw(epochs, 21, "loss")).Message, StringComparison.Ordinal);
        }
    }

    private static void Same(Figure figure, (double Epoch, double Loss)[] expected, (double X, double Y)[] drawn)
    {
        Assert.Equal(expected.Length, drawn.Length);
        Assert.All(expected.Zip(drawn), pair =>
        {
            Assert.Equal(pair.First.Epoch, figure.Epoch(pair.Second.X), 2 * Resolution * figure.EpochUnit);
            Assert.Equal(pair.First.Loss, figure.Loss(pair.Second.Y), 2 * Resolution * figure.LossUnit);
        });
    }

    private static Figure Read(IReadOnlyList<TrainingPoint> epochs, int kept) => new(XElement.Parse(TrainingFigure.Draw(epochs, kept, "mean loss, nats")));

    /// <summary>A drawn figure with the axes that its labels say.</summary>
    private sealed partial class Figure
    {
        private readonly (double At, double Value) firstEpoch;
        private readonly (double At, double Value) firstLoss;

        public Figure(XElement svg)
        {
            Svg = svg;
            var labels = svg.Elements().Where(element => element.Name.LocalName == "text" && !element.HasElements).ToArray();
            var power = labels.Select(label => Power().Match(label.Value)).FirstOrDefault(match => match.Success)?.Groups[1].Value.Select(digit => digit == '⁻' ? '-' : (char)('0' + "⁰¹²³⁴⁵⁶⁷⁸⁹".IndexOf(digit))).ToArray();
            var unit = power is null ? 1 : Math.Pow(10, int.Parse(power, CultureInfo.InvariantCulture));
            EpochLabels = [.. Ticks(labels, "middle", "x", 1, 0)];
            (EpochUnit, firstEpoch) = Axis(EpochLabels);
            (LossUnit, firstLoss) = Axis([.. Ticks(labels, "end", "y", unit, -4)]);
            LossUnit = Math.Abs(LossUnit);
        }

        public XElement Svg { get; }

        public string Description => Svg.Attribute("aria-label")!.Value;

        public (double At, double Value, string Text)[] EpochLabels { get; }

        public double EpochUnit { get; }

        public double LossUnit { get; }

        public double Epoch(double x) => firstEpoch.Value + ((x - firstEpoch.At) * EpochUnit);

        public double Loss(double y) => firstLoss.Value - ((y - firstLoss.At) * LossUnit);

        public (double X, double Y)[][] Lines(string ink) => [.. Svg.Elements().Where(element => element.Name.LocalName == "path" && (string?)element.Attribute("class") == "s-" + ink).Select(path =>
        {
            var (x, y, places) = (0.0, 0.0, new List<(double, double)>());
            foreach (Match step in Step().Matches(path.Attribute("d")!.Value))
            {
                double[] numbers = [.. step.Groups[2].Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
                (x, y) = step.Groups[1].Value switch { "H" => (numbers[0], y), "V" => (x, numbers[0]), _ => (numbers[0], numbers[1]) };
                places.Add((x, y));
            }

            return places.ToArray();
        })];

        public (double X, double Y)[] Dots(string ink) => [.. Svg.Elements().Where(element => element.Name.LocalName == "ellipse" && ((string?)element.Attribute("class") ?? "").Split(' ').Contains("f-" + ink))
            .Select(dot => (double.Parse(dot.Attribute("cx")!.Value, CultureInfo.InvariantCulture), double.Parse(dot.Attribute("cy")!.Value, CultureInfo.InvariantCulture)))];

        private static IEnumerable<(double At, double Value, string Text)> Ticks(XElement[] labels, string anchor, string axis, double unit, double offset)
        {
            foreach (var label in labels.Where(label => (string?)label.Attribute("text-anchor") == anchor))
            {
                if (double.TryParse(label.Value.Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                {
                    yield return (double.Parse(label.Attribute(axis)!.Value, CultureInfo.InvariantCulture) + offset, unit * value, label.Value);
                }
            }
        }

        /// <summary>Value of one unit of length, and one label; all labels lie on one line.</summary>
        private static (double Unit, (double At, double Value) First) Axis((double At, double Value, string Text)[] labels)
        {
            var (first, last) = (labels[0], labels[^1]);
            var unit = (last.Value - first.Value) / (last.At - first.At);
            Assert.All(labels, label => Assert.Equal(label.Value, first.Value + ((label.At - first.At) * unit), 2 * Resolution * Math.Abs(unit)));
            return (unit, (first.At, first.Value));
        }

        [GeneratedRegex("× 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")]
        private static partial Regex Power();

        [GeneratedRegex(@"([MLHV])(-?[\d.]+(?: -?[\d.]+)?)")]
        private static partial Regex Step();
    }
}
