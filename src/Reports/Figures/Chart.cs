using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ScottPlot;

namespace Reports.Figures;

/// <summary>A small figure: geometry drawn by ScottPlot, text set by the reader's browser.</summary>
/// <remarks>
/// ScottPlot measures and places text with whatever fonts the machine has, none on many servers, and fixes every glyph's position. So the
/// layout here is fixed, ScottPlot draws the marks, and overlay are written as plain SVG text. The output has no identifiers (nothing can clash
/// on a page), no XML header and a transparent ground.
/// </remarks>
internal sealed partial class Chart
{
    /// <summary>Width of every figure, in its own units.</summary>
    public const int Width = 460;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    private readonly int height;
    private readonly PixelPadding margin;
    private readonly List<XElement> overlay = [];

    /// <summary>An empty figure with its axes.</summary>
    /// <param name="height">Height in units of which the width has <see cref="Width"/>.</param>
    /// <param name="margin">Room for overlay around the data.</param>
    /// <param name="x">Horizontal axis.</param>
    /// <param name="y">Vertical axis.</param>
    /// <param name="legend">Lines of the legend: runs of text, each with its ink.</param>
    /// <param name="frame">Whether the data are framed on four sides and have no grid (maps).</param>
    /// <param name="firstLine">Where the legend's first line stands; below the title of the vertical axis unless that is empty.</param>
    public Chart(int height, PixelPadding margin, Scale x, Scale y, IEnumerable<IReadOnlyList<(string Text, Ink Ink)>> legend, bool frame = false, int firstLine = 32)
    {
        (this.height, this.margin, X, Y) = (height, margin, x, y);
        Plot.FigureBackground.Color = Colors.Transparent;
        Plot.DataBackground.Color = Colors.Transparent;
        Plot.Layout.Fixed(margin);
        Plot.Axes.SetLimits(x.Lower, x.Upper, y.Lower, y.Upper);
        Plot.Axes.Bottom.TickGenerator = Marks(x);
        Plot.Axes.Left.TickGenerator = Marks(y);
        foreach (var axis in new IAxis[] { Plot.Axes.Bottom, Plot.Axes.Left, Plot.Axes.Top, Plot.Axes.Right })
        {
            axis.FrameLineStyle.Color = axis.MajorTickStyle.Color = Ink.Axis.Color;
            axis.FrameLineStyle.Width = frame || axis == Plot.Axes.Bottom ? 1 : 0;
            axis.MajorTickStyle.Length = axis == Plot.Axes.Bottom || (frame && axis == Plot.Axes.Left) ? 4 : 0;
            axis.MinorTickStyle.Length = 0;
        }

        Plot.Grid.MajorLineColor = Ink.Grid.Color;
        Plot.Grid.XAxisStyle.IsVisible = false;
        Plot.Grid.YAxisStyle.IsVisible = !frame && y.Ticks.Count > 0;

        foreach (var (at, label) in x.Ticks)
        {
            Text(AtX(at), height - margin.Bottom + 18, "middle", (label, Ink.Label));
        }

        foreach (var (at, label) in y.Ticks)
        {
            Text(margin.Left - 8, AtY(at) + 4, "end", (label, Ink.Label));
        }

        Text(0.5 * (margin.Left + Width - margin.Right), height - margin.Bottom + 37, "middle", (x.Title, Ink.Label));
        Text(0, frame ? AtY(0.5 * (y.Lower + y.Upper)) : 13, "start", (y.Title, Ink.Label));
        if (frame)
        {
            var middle = string.Create(Plain, $"rotate(-90 12 {AtY(0.5 * (y.Lower + y.Upper)):0.#})");
            overlay[^1].SetAttributeValue("transform", middle);
            overlay[^1].SetAttributeValue("text-anchor", "middle");
            overlay[^1].SetAttributeValue("x", "12");
        }

        foreach (var (line, runs) in legend.Index())
        {
            Text(0, firstLine + (19 * line), "start", [.. runs]);
        }
    }

    /// <summary>Horizontal axis.</summary>
    public Scale X { get; }

    /// <summary>Vertical axis.</summary>
    public Scale Y { get; }

    /// <summary>Where plottables are added, in the coordinates of the axes.</summary>
    public Plot Plot { get; } = new();

    /// <summary>A line through points given in the units of the axes.</summary>
    public void Line(IEnumerable<(double X, double Y)> points, Ink ink, float width = 2, LinePattern pattern = default)
    {
        var line = Plot.Add.ScatterLine(Places(points));
        line.LineStyle.Color = ink.Color;
        line.LineStyle.Width = width;
        line.LineStyle.Pattern = pattern;
    }

    /// <summary>A filled polygon.</summary>
    public void Area(IEnumerable<(double X, double Y)> corners, Ink ink)
    {
        var area = Plot.Add.Polygon(Places(corners));
        area.FillColor = ink.Color;
        area.LineWidth = 0;
    }

    /// <summary>Markers with a halo in the page's colour.</summary>
    public void Markers(IEnumerable<(double X, double Y)> points, Ink ink, MarkerShape shape = MarkerShape.FilledCircle, float size = 8)
    {
        foreach (var place in Places(points))
        {
            var marker = Plot.Add.Marker(place.X, place.Y, shape, size);
            marker.MarkerStyle.FillColor = ink.Color;
            marker.MarkerStyle.LineColor = Ink.Paper.Color;
            marker.MarkerStyle.LineWidth = 1.5f;
        }
    }

    /// <summary>Text at a place in the figure's own units, in runs of different inks.</summary>
    public void Text(double x, double y, string anchor, params (string Text, Ink Ink)[] runs)
    {
        if (runs.All(run => run.Text.Length == 0))
        {
            return;
        }

        var label = new XElement(Svg + "text", new XAttribute("x", Short(x)), new XAttribute("y", Short(y)));
        if (anchor != "start")
        {
            label.SetAttributeValue("text-anchor", anchor);
        }

        if (runs.Length == 1)
        {
            label.Add(Fill(runs[0].Ink), Html.Legal(runs[0].Text));
        }
        else
        {
            label.SetAttributeValue(XNamespace.Xml + "space", "preserve");
            label.Add(runs.Select(run => new XElement(
                Svg + "tspan", Fill(run.Ink), run.Ink == Ink.Label ? null : new XAttribute("font-weight", "700"), Html.Legal(run.Text))));
        }

        overlay.Add(label);
    }

    /// <summary>A filled rectangle in the figure's own units, outside the data too.</summary>
    public void Rectangle(double x, double y, double width, double height, string colour) => overlay.Add(new XElement(
        Svg + "rect",
        new XAttribute("x", Short(x)),
        new XAttribute("y", Short(y)),
        new XAttribute("width", Short(width)),
        new XAttribute("height", Short(height)),
        new XAttribute("fill", "#" + colour)));

    /// <summary>Horizontal place of a plot coordinate, in the figure's own units.</summary>
    public double AtX(double at) => margin.Left + ((at - X.Lower) / (X.Upper - X.Lower) * (Width - margin.Left - margin.Right));

    /// <summary>Vertical place of a plot coordinate.</summary>
    public double AtY(double at) => height - margin.Bottom - ((at - Y.Lower) / (Y.Upper - Y.Lower) * (height - margin.Top - margin.Bottom));

    /// <summary>The figure as one <c>svg</c> element.</summary>
    /// <param name="description">What a reader who cannot see it should know.</param>
    public string ToSvg(string description)
    {
        var drawn = XElement.Parse(Plot.GetSvgXml(Width, height));
        var figure = new XElement(
            Svg + "svg",
            new XAttribute("viewBox", string.Create(Plain, $"0 0 {Width} {height}")),
            new XAttribute("class", "fig"),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", Html.Legal(description)),
            new XAttribute("font-family", "sans-serif"),
            new XAttribute("font-size", "12.5"),
            new XElement(Svg + "style", Ink.StyleSheet));
        figure.Add(drawn.Descendants().Where(element => !element.HasElements && element.Name.LocalName is not ("text" or "tspan")
            && element.Parent?.Name.LocalName != "clipPath").Select(Themed).OfType<XElement>());
        figure.Add(overlay);
        return figure.ToString(SaveOptions.DisableFormatting);
    }

    private static ScottPlot.TickGenerators.NumericManual Marks(Scale scale) =>
        new([.. scale.Ticks.Select(tick => new Tick(tick.At, ""))]);

    private static IEnumerable<XAttribute> Fill(Ink ink) => [new("fill", ink.Light), new("class", "f-" + ink.Name)];

    /// <summary>A drawn element with short numbers, and a class for each ink it uses; null when it shows nothing.</summary>
    private static XElement? Themed(XElement drawn)
    {
        var classes = new StringBuilder();
        var element = new XElement(Svg + drawn.Name.LocalName);
        foreach (var attribute in drawn.Attributes())
        {
            var (name, value) = (attribute.Name.LocalName, attribute.Value);
            if (name is "fill" or "stroke" && Ink.All.FirstOrDefault(ink => ink.Light.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } ink)
            {
                classes.Append(classes.Length > 0 ? " " : "").Append(name[0]).Append('-').Append(ink.Name);
            }

            if (name is "d" or "x" or "y" or "width" or "height" or "cx" or "cy" or "rx" or "ry")
            {
                value = Number().Replace(value, match => Short(double.Parse(match.Value, Plain)));
            }

            if (name is not ("stroke-miterlimit" or "id"))
            {
                element.SetAttributeValue(name, name == "d" ? Shortened(value) : value);
            }
        }

        if (classes.Length > 0)
        {
            element.SetAttributeValue("class", classes.ToString());
        }

        return element.Attribute("d")?.Value.Length == 0 ? null : element;
    }

    /// <summary>Horizontal and vertical steps of a path written as such: half the size for maps.</summary>
    private static string Shortened(string path)
    {
        var (x, y) = ("", "");
        return Step().Replace(path, match =>
        {
            var (command, newX, newY) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
            var (sameX, sameY) = (newX == x, newY == y);
            (x, y) = (newX, newY);
            return command == "M" ? match.Value : sameY ? "H" + newX : sameX ? "V" + newY : match.Value;
        });
    }

    private static string Short(double number) => number.ToString("0.#", Plain);

    private Coordinates[] Places(IEnumerable<(double X, double Y)> points) => [.. points.Select(point => new Coordinates(X.Place(point.X), Y.Place(point.Y)))];

    [GeneratedRegex(@"-?\d+(\.\d+)?(e-?\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"([ML])(-?[\d.]+) (-?[\d.]+)")]
    private static partial Regex Step();
}
