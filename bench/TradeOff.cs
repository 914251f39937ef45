using System.Globalization;
using Reports;

namespace Benchmarks;

/// <summary>The figure of a printed table of <see cref="TrainingTable"/>: dotnet run -c Release --project bench -- trade-off TABLE.md FIGURE.svg [FLOOR].</summary>
internal static class TradeOff
{
    public static void Draw(string table, string figure, double? floor)
    {
        var rows = File.ReadLines(table)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 9 && int.TryParse(cells[4], CultureInfo.InvariantCulture, out _))
            .GroupBy(cells => $"{cells[2]} {cells[3]}")
            .Select(setting => new TradeOffRow(setting.Key, [.. setting.Select(cells => Number(cells[6]))], [.. setting.Select(cells => Number(cells[8]))]));
        File.WriteAllText(figure, TradeOffFigure.Draw([.. rows], "C2ST", "certified W₂ change", "plain 1", floor));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
