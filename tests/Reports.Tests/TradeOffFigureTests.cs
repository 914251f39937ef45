using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Reports.Tests;

/// <summary>The figure of what a guarantee costs: every model is where its error and its change are.</summary>
public sealed partial class TradeOffFigureTests
{
    private static readonly TradeOffRow[] Rows =
    [
        new("plain 1", [0.5, 0.6, 0.7], [0.08, 0.09, 0.1]),
        new("interval 20", [0.62, 0.64, 0.66], [0.02, 0.03, 0.04]),
        new("noise 2", [0.9, 0.8, 0.85], [0.05, 0.06, 0.07]),
    ];

    [Fact]
    public void Every_model_has_a_dot_in_each_panel_at_its_values()
    {
        var figure = Draw(Rows);
        var dots = Dots(figure);
        Assert.Equal(18, dots.Count);
        var (error, change) = (Axis(figure, right: false), Axis(figure, right: true));
        foreach (var (row, values) in new[] { "interval 20", "noise 2", "plain 1" }.Select((name, row) => (row, Rows.Single(one => one.Name == name))))
        {
            var here = dots.Where(dot => Math.Abs(dot.Y - Middle(figure, values.Name)) < 1).ToArray();
            Assert.Equal(6, here.Length);
            Same(values.Accuracy, here.Where(dot => dot.X < Split(figure)).Select(dot => error(dot.X)));
            Same(values.Change, here.Where(dot => dot.X > Split(figure)).Select(dot => change(dot.X)));
            Assert.Equal(row, Rows.Count(other => Middle(figure, other.Name) < Middle(figure, values.Name)));
        }
    }

    [Fact]
    public void Lines_go_through_the_means_of_the_reference_and_through_the_floor()
    {
        var figure = Draw(Rows, floor: 0.015);
        var dashed = Lines(figure, "f-goal").Select(left => left + 0.75).ToArray(); // dashes are rectangles, 1.5 wide
        Assert.Equal([0.6, 0.09], [Math.Round(Axis(figure, right: false)(dashed.Min()), 3), Math.Round(Axis(figure, right: true)(dashed.Max()), 4)]);
        Assert.Equal(0.015, Axis(figure, right: true)(Assert.Single(Lines(figure, "s-truth"))), 3);
        Assert.Empty(Lines(Draw(Rows), "s-truth"));
    }

    [Fact]
    public void What_failed_is_said_to_have_failed()
    {
        var figure = Draw([.. Rows, new("crown-ibp 5", [double.PositiveInfinity], [double.PositiveInfinity])]);
        Assert.Equal(18, Dots(figure).Count);
        Assert.Equal(2, figure.Descendants().Count(element => element.Name.LocalName == "text" && element.Value == "failed"));
        Assert.Contains("crown-ibp 5: C2ST none, training failed", figure.Attribute("aria-label")!.Value, StringComparison.Ordinal);
    }

    private static XElement Draw(TradeOffRow[] rows, double? floor = null) => XElement.Parse(TradeOffFigure.Draw(rows, "C2ST", "certified", "plain 1", floor));

    private static void Same(IEnumerable<double> expected, IEnumerable<double> found) => Assert.Equal(expected.Order().Select(one => Math.Round(one, 2)), found.Order().Select(one => Math.Round(one, 2)));

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static IEnumerable<XElement> Texts(XElement figure) => figure.Descendants().Where(element => element.Name.LocalName == "text");

    private static double Middle(XElement figure, string name) => Number(Texts(figure).Single(text => text.Value == name), "y") - 4;

    private static double Split(XElement figure) => 0.5 * (Number(Texts(figure).Single(text => text.Value == "C2ST"), "x") + Number(Texts(figure).Single(text => text.Value == "certified"), "x"));

    /// <summary>The value at a horizontal place, by two of the panel's labels.</summary>
    private static Func<double, double> Axis(XElement figure, bool right)
    {
        var labels = Texts(figure).Where(text => double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && Number(text, "x") > Split(figure) == right)
            .Select(text => (X: Number(text, "x"), Value: double.Parse(text.Value, CultureInfo.InvariantCulture))).OrderBy(label => label.X).ToArray();
        return x => labels[0].Value + ((x - labels[0].X) / (labels[^1].X - labels[0].X) * (labels[^1].Value - labels[0].Value));
    }

    private static List<(double X, double Y)> Dots(XElement figure) =>
        [.. figure.Descendants().Where(element => element.Name.LocalName == "ellipse").Select(element => (Number(element, "cx"), Number(element, "cy"))).Distinct()];

    private static double[] Lines(XElement figure, string ink) =>
        [.. figure.Descendants().Where(element => element.Name.LocalName == "path" && (element.Attribute("class")?.Value ?? "").Split(' ').Contains(ink)).Select(element => double.Parse(Start().Match(element.Attribute("d")!.Value).Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^M([\d.]+)")]
    private static partial Regex Start();
}
