using System.Globalization;
using Reports;

namespace Benchmarks;

/// <summary>Figure and summary of a printed table of <see cref="TrainingTable"/>: dotnet run -c Release --project bench -- trade-off TABLE.md FIGURE.svg [FLOOR]. Means over seeds, with the least and the most.</summary>
internal static class TradeOff
{
    public static void Draw(string table, string figure, double? floor)
    {
        var settings = File.ReadLines(table)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 11 && int.TryParse(cells[4], CultureInfo.InvariantCulture, out _))
            .GroupBy(cells => $"{cells[2]} {cells[3]}")
            .ToArray();
        File.WriteAllText(figure, TradeOffFigure.Draw([.. settings.Select(setting => new TradeOffRow(setting.Key, Column(setting, 6), Column(setting, 8)))], "C2ST", "certified W₂ change", "plain 1", floor));

        var plain = settings.FirstOrDefault(setting => setting.Key == "plain 1") is { } first ? Column(first, 8).Average() : double.NaN;
        Console.WriteLine("| method | seeds | -ln q held out | C2ST | W2 attained | W2 certified | plain / method | training, s |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var setting in settings)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {setting.Key} | {setting.Count()} | {Spread(setting, 5, "F3")} | {Spread(setting, 6, "F3")} | {Spread(setting, 7, "G3")} | {Spread(setting, 8, "G3")} | {plain / Column(setting, 8).Average():F2} | {Column(setting, 10).Average():F0} |"));
        }
    }

    /// <summary>"0.785 (0.774-0.795)".</summary>
    private static string Spread(IEnumerable<string[]> rows, int column, string format)
    {
        var numbers = Column(rows, column);
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(numbers.Average())} ({Text(numbers.Min())} to {Text(numbers.Max())})";
    }

    private static double[] Column(IEnumerable<string[]> rows, int column) => [.. rows.Select(cells => double.Parse(cells[column], CultureInfo.InvariantCulture))];
}
