using System.Collections.Immutable;
using Guarantees.Certificates;
using ScottPlot;

namespace Reports.Figures;

/// <summary>The certified bound over the first two coordinates: each cell of the final subdivision in the colour of its bound.</summary>
/// <remarks>Cells can overlap, when the input has more than two coordinates: the worse bound is on top.</remarks>
internal static class MapFigure
{
    private const int Levels = 24;

    /// <summary>Pale to deep blue, lightness falling evenly: the order survives grey print and colour blindness.</summary>
    private static readonly (double R, double G, double B)[] Ramp = [(240, 246, 252), (189, 214, 238), (120, 170, 217), (54, 118, 182), (18, 72, 133), (8, 33, 74)];

    /// <summary>Whether there is anything to draw: finite corners, some area, a finite bound.</summary>
    public static bool Fits(ImmutableArray<MapCell> cells)
    {
        var drawn = Drawable(cells);
        return drawn.Length > 1 && drawn.Max(cell => cell.X1) > drawn.Min(cell => cell.X0) && drawn.Max(cell => cell.Y1) > drawn.Min(cell => cell.Y0);
    }

    /// <summary>The figure and its caption.</summary>
    public static (string Svg, string Caption) Draw(ClaimResult result, int maxCells)
    {
        var reading = Reading.Of(result);
        var cells = Drawable(result.Map);
        var (left, right) = (cells.Min(cell => cell.X0), cells.Max(cell => cell.X1));
        var (bottom, top) = (cells.Min(cell => cell.Y0), cells.Max(cell => cell.Y1));
        var (low, high) = (cells.Min(cell => cell.Upper), cells.Max(cell => cell.Upper));
        var coarse = cells.Length > maxCells;
        if (coarse)
        {
            cells = OnGrid(cells, left, right, bottom, top, (int)Math.Sqrt(maxCells), reading);
        }

        var flat = high - low <= 1e-4 * Math.Max(Math.Abs(low), Math.Abs(high));
        var legend = new List<(string, Ink)> { (flat ? $"{reading.Bound}: {(reading.FromBelow ? Numbers.Down(low) : Numbers.Up(high))} everywhere" : $"{reading.Bound} by colour", Ink.Label) };
        var witness = result.Witness.IsDefault || result.Witness.Length < 2 ? ((double X, double Y)?)null : (result.Witness[0], result.Witness[1]);
        if (witness is { } shown && (shown.X < left || shown.X > right || shown.Y < bottom || shown.Y > top))
        {
            witness = null;
        }

        if (witness is not null)
        {
            legend.AddRange([("    ● ", Ink.Attack), ("best point of the attack", Ink.Label)]);
        }

        const int Height = 372;
        var bar = Scale.Linear(low, high, Phrases.Quantity(result.Claim), 5);
        var y = Scale.Linear(bottom, top, "x₁", 5);
        var margin = new PixelPadding((float)Math.Max(64, y.LabelWidth + 28), (float)Math.Max(98, bar.LabelWidth + 48), 46, 48);
        var x = Scale.Fitting(left, right, "x₀", Chart.Width - margin.Left - margin.Right);
        var chart = new Chart(Height, margin, x, y, [legend], frame: true);
        chart.Text(0, 13, "start", (bar.Title, Ink.Label));
        chart.Plot.Add.Plottable(new Cells(cells, cell => flat ? Levels / 2 : Level(cell.Upper, low, high), reading));
        if (witness is { } at)
        {
            chart.Markers([at], Ink.Attack, size: 12);
        }

        // The colour bar: as many steps as there are colours, labelled on its right.
        var (barLeft, barRight) = (Chart.Width - margin.Right + 20, Chart.Width - margin.Right + 36);
        var step = (Height - margin.Top - margin.Bottom) / Levels;
        for (var level = 0; level < Levels && !flat; level++)
        {
            chart.Rectangle(barLeft, Height - margin.Bottom - ((level + 1) * step), barRight - barLeft, step + (level > 0 ? 0.3 : 0), Colour(level).ToString()[3..]);
        }

        foreach (var (value, label) in flat ? [] : bar.Ticks)
        {
            var share = (value - bar.Lower) / (bar.Upper - bar.Lower);
            chart.Text(barRight + 7, Height - margin.Bottom - (share * (Height - margin.Top - margin.Bottom)) + 4, "start", (label, Ink.Label));
        }

        var worst = witness is { } w ? $" The attack’s best point is at ({Numbers.Near(w.X, 4)}, {Numbers.Near(w.Y, 4)})." : "";
        return (
            chart.ToSvg($"Map of the {reading.Bound} over the first two coordinates, from {Numbers.Down(low)} to {Numbers.Up(high)}.{worst}"),
            "The certified bound of each box of the final subdivision. Small boxes are where the search had to look closely."
            + (coarse ? $" Drawn on a grid: each square has the {reading.Extreme} bound that it touches." : ""));
    }

    /// <summary>The subdivision on a square grid, each square with the worst bound of the cells that cover part of it; equal neighbours in a row joined.</summary>
    internal static ImmutableArray<MapCell> OnGrid(ImmutableArray<MapCell> cells, double left, double right, double bottom, double top, int side, Reading reading)
    {
        var grid = new double[side, side];
        for (var i = 0; i < side; i++)
        {
            for (var j = 0; j < side; j++)
            {
                grid[i, j] = double.NaN;
            }
        }

        foreach (var cell in cells)
        {
            // A cell that only touches a square's edge does not cover it.
            int First(double value, double from, double to) => Math.Clamp((int)Math.Floor(((value - from) / (to - from) * side) + 1e-9), 0, side - 1);
            int Last(double value, double from, double to) => Math.Clamp((int)Math.Ceiling(((value - from) / (to - from) * side) - 1e-9) - 1, 0, side - 1);
            for (var i = First(cell.X0, left, right); i <= Last(cell.X1, left, right); i++)
            {
                for (var j = First(cell.Y0, bottom, top); j <= Last(cell.Y1, bottom, top); j++)
                {
                    var other = double.IsNaN(grid[i, j]) ? cell.Upper : grid[i, j];
                    grid[i, j] = reading.FromBelow ? Math.Min(other, cell.Upper) : Math.Max(other, cell.Upper);
                }
            }
        }

        var (width, height) = ((right - left) / side, (top - bottom) / side);
        var squares = ImmutableArray.CreateBuilder<MapCell>();
        for (var j = 0; j < side; j++)
        {
            for (var i = 0; i < side;)
            {
                var start = i;
                while (i < side && grid[i, j].Equals(grid[start, j]))
                {
                    i++;
                }

                if (double.IsFinite(grid[start, j]))
                {
                    squares.Add(new(left + (start * width), left + (i * width), bottom + (j * height), bottom + ((j + 1) * height), grid[start, j]));
                }
            }
        }

        return squares.ToImmutable();
    }

    private static ImmutableArray<MapCell> Drawable(ImmutableArray<MapCell> cells) =>
        [.. cells.Where(cell => double.IsFinite(cell.X0 + cell.X1 + cell.Y0 + cell.Y1 + cell.Upper))];

    private static int Level(double value, double low, double high) =>
        Math.Clamp((int)((value - low) / (high - low) * Levels), 0, Levels - 1);

    private static SkiaSharp.SKColor Colour(int level)
    {
        var place = level / (Levels - 1.0) * (Ramp.Length - 1);
        var i = Math.Min((int)place, Ramp.Length - 2);
        byte Mix(double a, double b) => (byte)Math.Round(a + ((b - a) * (place - i)));
        return new(Mix(Ramp[i].R, Ramp[i + 1].R), Mix(Ramp[i].G, Ramp[i + 1].G), Mix(Ramp[i].B, Ramp[i + 1].B));
    }

    /// <summary>All cells of one colour as one path, the worst bounds last.</summary>
    private sealed class Cells(ImmutableArray<MapCell> cells, Func<MapCell, int> level, Reading reading) : IPlottable
    {
        public bool IsVisible { get; set; } = true;

        public IAxes Axes { get; set; } = new Axes();

        public IEnumerable<LegendItem> LegendItems => [];

        public AxisLimits GetAxisLimits() => AxisLimits.NoLimits;

        public void Render(RenderPack rp)
        {
            foreach (var group in cells.GroupBy(level).OrderBy(group => reading.FromBelow ? -group.Key : group.Key))
            {
                using var path = new SkiaSharp.SKPath();
                foreach (var cell in group)
                {
                    // A hair wider than the cell: without it the page shines through between neighbours.
                    var (from, to) = (Axes.GetPixel(new(cell.X0, cell.Y1)), Axes.GetPixel(new(cell.X1, cell.Y0)));
                    path.AddRect(new(from.X, from.Y, to.X + 0.3f, to.Y + 0.3f));
                }

                using var paint = new SkiaSharp.SKPaint { Color = Colour(group.Key), IsAntialias = true };
                rp.Canvas.DrawPath(path, paint);
            }
        }
    }
}
