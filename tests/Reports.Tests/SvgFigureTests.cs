using System.Globalization;
using System.Xml.Linq;
using Guarantees.Certificates;
using Reports.Figures;
using Xunit;

namespace Reports.Tests;

public class SvgFigureTests
{
    private static readonly ClaimResult Bar = SampleRun.Surrogate;

    public static TheoryData<string> Names { get; } = [.. Samples.Keys];

    private static Dictionary<string, ClaimResult> Samples => new()
    {
        ["curve"] = SampleRun.Curve,
        ["map"] = SampleRun.Map,
        ["fine map"] = SampleRun.Map with { Map = SampleRun.Cells(9) },
        ["map without witness"] = SampleRun.Map with { Witness = [] },
        ["flat map"] = SampleRun.Map with { Map = [.. SampleRun.Map.Map.Select(cell => cell with { Upper = 0 })] },
        ["progress"] = SampleRun.Progress,
        ["bar"] = Bar,
        ["at least"] = SampleRun.Progress with { Claim = SampleRun.Progress.Claim with { AtMost = null, AtLeast = 0.7 } },
        ["radius zero"] = SampleRun.Curve with { Lower = 0, Upper = 0, Claim = SampleRun.Curve.Claim with { Radius = [0, 0] }, Curve = [new(0, 0, 0), new(1, 0, 0)] },
        ["tiny"] = SampleRun.Curve with { Curve = [.. SampleRun.Curve.Curve.Select(point => new CurvePoint(point.Share, 1e-9 * point.Lower, 1e-9 * point.Upper))] },
        ["huge"] = SampleRun.Curve with { Curve = [.. SampleRun.Curve.Curve.Select(point => new CurvePoint(point.Share, 1e9 * point.Lower, 1e12 * point.Upper))] },
        ["no bounds"] = Bar with { Lower = double.NegativeInfinity, Upper = double.PositiveInfinity },
        ["not a number"] = Bar with { Lower = double.NaN, Upper = double.NaN },
        ["infinite progress"] = SampleRun.Progress with { Progress = [new(0, double.NegativeInfinity, double.PositiveInfinity), new(1, 0, double.PositiveInfinity)] },
        ["long progress"] = SampleRun.Progress with { Progress = [.. Enumerable.Range(1, 50_000).Select(i => new ProgressPoint(i * 1e-3, 0.7, 0.7 + (1.0 / i)))] },
        ["negative"] = Bar with { Lower = -3.2, Upper = -3.1 },
        ["far from zero"] = SampleRun.Map with { Witness = [123.4565, -0.0031005], Map = [.. SampleRun.Map.Map.Select(cell => new MapCell(123.456 + (cell.X0 * 1e-3), 123.456 + (cell.X1 * 1e-3), -0.0031 + (cell.Y0 * 1e-6), -0.0031 + (cell.Y1 * 1e-6), cell.Upper * 1e-7))] },
        ["half open"] = Bar with { Upper = double.PositiveInfinity },
        ["nearly closed"] = Bar with { Lower = 0.12345678901, Upper = 0.12345678902 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Figure_is_small_well_formed_and_has_no_identifiers(string name)
    {
        var text = SvgFigure.For(Samples[name]);
        var figure = XElement.Parse(text);
        Assert.StartsWith("<svg", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1_500, 60_000);
        Assert.DoesNotContain(figure.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName == "id");
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("∞ to", text, StringComparison.Ordinal);
        Assert.NotEmpty(figure.Attribute("aria-label")!.Value);
        Assert.All(figure.Elements().Where(element => element.Name.LocalName == "text"), label =>
        {
            Assert.InRange(double.Parse(label.Attribute("x")!.Value, CultureInfo.InvariantCulture), 0, Chart.Width);
            Assert.NotEmpty(label.Value);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Figure_has_a_sensible_number_of_labels(string name) =>
        Assert.InRange(XElement.Parse(SvgFigure.For(Samples[name])).Elements().Count(element => element.Name.LocalName == "text"), 2, 26);

    [Fact]
    public void The_same_result_gives_the_same_bytes() => Assert.Equal(SvgFigure.For(SampleRun.Map), SvgFigure.For(SampleRun.Map));

    [Fact]
    public void Tick_labels_stand_where_the_library_draws_the_ticks()
    {
        var figure = XElement.Parse(SvgFigure.For(SampleRun.Curve));
        var marks = figure.Elements().Where(element => (string?)element.Attribute("class") == "s-axis")
            .Select(element => element.Attribute("d")!.Value).Where(path => path.Contains('V', StringComparison.Ordinal))
            .Select(path => double.Parse(path[1..path.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture)).ToArray();
        var labels = figure.Elements().Where(element => (string?)element.Attribute("y") == "292").Select(element => double.Parse(element.Attribute("x")!.Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(6, labels.Length);
        Assert.All(labels, label => Assert.Contains(marks, mark => Math.Abs(mark - label) <= 0.2));
    }

    [Fact]
    public void A_coarse_map_never_shows_less_than_a_cell_it_covers()
    {
        var cells = SampleRun.Cells(9);
        var squares = MapFigure.OnGrid(cells, -1, 1, -1, 1, 44, new Reading(false));
        Assert.True(cells.Length > SvgFigure.MaxCells);
        Assert.InRange(squares.Length, 10, SvgFigure.MaxCells);
        Assert.Equal(4, squares.Sum(square => (square.X1 - square.X0) * (square.Y1 - square.Y0)), 9);
        foreach (var cell in cells)
        {
            var (x, y) = ((cell.X0 + cell.X1) / 2, (cell.Y0 + cell.Y1) / 2);
            Assert.Contains(squares, square => square.X0 <= x && x <= square.X1 && square.Y0 <= y && y <= square.Y1 && square.Upper >= cell.Upper);
        }
    }

    [Fact]
    public void Ticks_are_round_and_cover_the_range()
    {
        foreach (var (low, high) in new[] { (0, 0.05), (-1, 1), (0.42, 0.57), (1e-7, 3e-7), (0, 2e6), (-3.2, -3.1), (5.0, 5.0) })
        {
            var scale = Scale.Linear(low, high, "x", 5);
            Assert.InRange(scale.Ticks.Count, 2, 9);
            Assert.All(scale.Ticks, tick => Assert.InRange(tick.At, scale.Lower - 1e-9, scale.Upper + 1e-9));
            Assert.Equal(scale.Ticks.Count, scale.Ticks.Select(tick => tick.Label).Distinct().Count());
        }
    }
}
