using Reports;
using Spectre.Console;

namespace Cli.Gate;

/// <summary>The answer of a gate for people: a table that fits 80 columns, then what does not pass and what to do.</summary>
internal static class GateTable
{
    /// <summary>So many lines below the table; the report and the files have all.</summary>
    private const int MostTold = 50;

    public static void Write(GateReport gate, string folder)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in new[] { "claim", "metric", "row", "baseline", "now", "verdict", "gate" })
        {
            var column = new TableColumn(name).NoWrap().Padding(0, 0, 0, 0);
            table.AddColumn(name is "row" or "baseline" or "now" ? column.RightAligned() : column);
        }

        foreach (var row in gate.Rows.Where(row => row.Now is not null))
        {
            var result = row.Now!;
            var least = result.Claim.AsksForSmallest;
            table.AddRow(
                result.Claim.Name,
                RunTable.Measured(result.Claim),
                RunTable.Row(result.Claim),
                row.Before is { } before ? RunTable.Number(least ? before.Lower : before.Upper) : "",
                RunTable.Number(least ? result.Lower : result.Upper),
                RunTable.Colored(result.Verdict),
                $"[{Colour(row.Effect)}]{Guarantees.Claims.Words.Of(row.Change)}[/]");
        }

        AnsiConsole.Write(table);
        foreach (var row in gate.Told.Take(MostTold))
        {
            Console.WriteLine(FormattableString.Invariant($"{gate.SpecFile}:{row.Line}:{row.Column}: {row.Name}: {row.Message}"));
            if (row.Replay.Length > 0)
            {
                Console.WriteLine($"  replay: {row.Replay}");
            }
        }

        if (gate.Told.Count() is var told && told > MostTold)
        {
            Console.WriteLine(FormattableString.Invariant($"{told - MostTold} more lines are in the report."));
        }

        Console.WriteLine(gate.Headline);
        if (gate.Effect != GateEffect.Passes)
        {
            Console.WriteLine($"If what is now is right, make it the baseline and commit it:\n  {gate.Accept}");
        }

        Console.WriteLine($"Report: {Path.Combine(folder, "report.html")}");
    }

    private static string Colour(GateEffect effect) => effect switch { GateEffect.Fails => "red", GateEffect.Passes => "green", _ => "yellow" };
}
