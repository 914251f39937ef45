using System.Globalization;
using System.Xml.Linq;
using SkiaSharp;

namespace Reports.Figures;

/// <summary>Figures as PDF: the SVG that <see cref="Chart"/> makes, drawn again, with its text in an embedded font.</summary>
/// <remarks>Reads what charts write and no more: paths, ellipses, rectangles and text, in plain colours. The font, a part of DejaVu Sans, comes along, so that the page is the same on every machine.</remarks>
internal static class PdfFigure
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;
    private static readonly Lazy<SKTypeface> Face = new(() =>
    {
        using var stream = typeof(PdfFigure).Assembly.GetManifestResourceStream("DejaVuSans.ttf") ?? throw new InvalidOperationException("The font of figures is missing.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException("The font of figures cannot be read.");
    });

    /// <summary>Characters that the font has no glyph for; tests ask.</summary>
    internal static string Missing(string text) => string.Concat(text.Where(c => !char.IsControl(c) && !Face.Value.ContainsGlyph(c)));

    /// <summary>One page that holds the figures, one below the other.</summary>
    /// <param name="figures">One or more <c>svg</c> elements, one after the other.</param>
    /// <param name="width">Width of the page in points (1/72 inch).</param>
    public static byte[] Of(string figures, double width)
    {
        var charts = XElement.Parse($"<all>{figures}</all>").Elements().Select(svg => (Svg: svg, Size: Size(svg))).ToArray();
        var scale = width / charts.Max(chart => chart.Size.Width);
        using var stream = new MemoryStream();
        using (var document = SKDocument.CreatePdf(stream, new SKDocumentPdfMetadata { Creation = null, Modified = null, Producer = "certify", RasterDpi = 300, EncodingQuality = 101 }))
        {
            var canvas = document.BeginPage((float)width, (float)(scale * charts.Sum(chart => chart.Size.Height)));
            canvas.Scale((float)scale);
            foreach (var (svg, size) in charts)
            {
                foreach (var element in svg.Elements())
                {
                    Draw(canvas, element);
                }

                canvas.Translate(0, (float)size.Height);
            }

            document.EndPage();
            document.Close();
        }

        return stream.ToArray();
    }

    private static (double Width, double Height) Size(XElement svg)
    {
        var box = (svg.Attribute("viewBox")?.Value ?? "").Split(' ');
        return box.Length == 4 ? (double.Parse(box[2], Plain), double.Parse(box[3], Plain)) : throw new FormatException("A figure has no viewBox.");
    }

    private static void Draw(SKCanvas canvas, XElement element)
    {
        switch (element.Name.LocalName)
        {
            case "style":
                break;
            case "path":
                using (var path = SKPath.ParseSvgPathData(element.Attribute("d")!.Value) ?? throw new FormatException("A path of a figure cannot be read."))
                {
                    Paint(element, paint => canvas.DrawPath(path, paint));
                }

                break;
            case "ellipse":
                Paint(element, paint => canvas.DrawOval(Number(element, "cx"), Number(element, "cy"), Number(element, "rx"), Number(element, "ry"), paint));
                break;
            case "circle":
                Paint(element, paint => canvas.DrawCircle(Number(element, "cx"), Number(element, "cy"), Number(element, "r"), paint));
                break;
            case "rect":
                Paint(element, paint => canvas.DrawRect(Number(element, "x"), Number(element, "y"), Number(element, "width"), Number(element, "height"), paint));
                break;
            case "line":
                Paint(element, paint => canvas.DrawLine(Number(element, "x1"), Number(element, "y1"), Number(element, "x2"), Number(element, "y2"), paint));
                break;
            case "text":
                Text(canvas, element);
                break;
            case var other:
                throw new FormatException($"A figure holds the element '{other}', which is not drawn as PDF.");
        }
    }

    /// <summary>Fill, then stroke, where there are.</summary>
    private static void Paint(XElement element, Action<SKPaint> draw)
    {
        var opacity = (byte)Math.Round(255 * Number(element, "opacity", 1));
        if (Colour(element, "fill", "black") is { } fill)
        {
            using var paint = new SKPaint { Style = SKPaintStyle.Fill, IsAntialias = true, Color = fill.WithAlpha((byte)(opacity * Number(element, "fill-opacity", 1))) };
            draw(paint);
        }

        if (Colour(element, "stroke", "none") is { } stroke)
        {
            using var paint = new SKPaint { Style = SKPaintStyle.Stroke, IsAntialias = true, StrokeWidth = Number(element, "stroke-width", 1), Color = stroke.WithAlpha((byte)(opacity * Number(element, "stroke-opacity", 1))) };
            draw(paint);
        }
    }

    private static void Text(SKCanvas canvas, XElement element)
    {
        using var font = new SKFont(Face.Value, 12.5f) { Subpixel = true };
        var runs = element.HasElements ? element.Elements().Select(run => (run.Value, run)).ToArray() : [(element.Value, element)];
        var length = runs.Sum(run => font.MeasureText(run.Value));
        var (x, y) = (Number(element, "x"), Number(element, "y"));
        canvas.Save();
        if (element.Attribute("transform")?.Value is { } transform)
        {
            var numbers = transform.StartsWith("rotate(", StringComparison.Ordinal) ? transform["rotate(".Length..].TrimEnd(')').Split(' ') : throw new FormatException($"A figure's text has the transform '{transform}'.");
            canvas.RotateDegrees(float.Parse(numbers[0], Plain), float.Parse(numbers[1], Plain), float.Parse(numbers[2], Plain));
        }

        x -= element.Attribute("text-anchor")?.Value switch { "middle" => length / 2, "end" => length, _ => 0 };
        foreach (var (text, run) in runs)
        {
            font.Embolden = run.Attribute("font-weight") is not null;
            using var paint = new SKPaint { IsAntialias = true, Color = Colour(run, "fill", "black") ?? SKColors.Black };
            canvas.DrawText(text, x, y, font, paint);
            x += font.MeasureText(text);
        }

        canvas.Restore();
    }

    private static SKColor? Colour(XElement element, string name, string otherwise) => (element.Attribute(name)?.Value ?? otherwise) switch
    {
        "none" => null,
        "black" => SKColors.Black,
        "white" => SKColors.White,
        var hex => SKColor.Parse(hex),
    };

    private static float Number(XElement element, string name, double? otherwise = null) =>
        element.Attribute(name)?.Value is { } value ? float.Parse(value, Plain) : (float)(otherwise ?? 0);
}
