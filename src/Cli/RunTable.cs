using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Claims;
using Spectre.Console;

namespace Cli;

/// <summary>The answer of a run for people: a table that fits 80 columns, then where the files are.</summary>
internal static class RunTable
{
    public static void Write(RunSummary run, string folder)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in new[] { "claim", "metric", "row", "attack", "certified", "float32", "claimed", "verdict" })
        {
            var column = new TableColumn(name).NoWrap().Padding(0, 0, 0, 0);
            table.AddColumn(name is "claim" or "metric" or "verdict" ? column : column.RightAligned());
        }

        foreach (var result in run.Claims)
        {
            var claim = result.Claim;
            var least = claim.AtLeast is not null;
            table.AddRow(
                claim.Name,
                claim.Kind is ClaimKind.EventProbability or ClaimKind.CredibleInterval ? "" : Words.Of(claim.Metric),
                claim.ObservationRow >= 0 ? claim.ObservationRow.ToString(CultureInfo.InvariantCulture) : "box",
                Number(least ? result.Upper : result.Lower),
                Number(least ? result.Lower : result.Upper) + (result.ExactMetric ? "" : " *"),
                result.Float32 is { } executed ? Number(executed) : "-",
                claim.AtMost is { } most ? $"<= {Number(most)}" : claim.AtLeast is { } bound ? $">= {Number(bound)}" : "",
                result.Verdict switch
                {
                    Verdict.Proved => "[green]proved[/]",
                    Verdict.Refuted => "[red]refuted[/]",
                    _ => "[yellow]undecided[/]",
                });
        }

        AnsiConsole.Write(table);
        if (run.Claims.Any(result => !result.ExactMetric))
        {
            Console.WriteLine("* certified for an upper bound of the metric; see the report.");
        }

        if (run.Claims.Any(result => result.Float32 is not null))
        {
            Console.WriteLine("float32: the certified end for every float32 execution of the network.");
        }

        foreach (var (reason, rows) in run.Claims.Where(result => result.Float32Reason.Length > 0).GroupBy(result => result.Float32Reason).Select(group => (group.Key, group.ToArray())))
        {
            Console.WriteLine($"float32, {string.Join(", ", rows.Select(result => result.Claim.Name).Distinct())}: none, since {reason}.");
        }

        foreach (var result in run.Claims.Where(result => result.Truth is not null))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Claim.Name}{(result.Claim.ObservationRow >= 0 ? $" row {result.Claim.ObservationRow}" : "")}: certified {Number(result.Upper)}; {result.TruthText}: {Number(result.Truth!.Value)}"));
        }

        foreach (var result in run.Claims.Where(result => result.Reason.Length > 0))
        {
            Console.WriteLine($"{result.Certificate}: {result.Reason}");
        }

        Console.WriteLine($"Report: {Path.Combine(folder, "report.html")}");
        Console.WriteLine($"Check:  certify check {Path.Combine(folder, "claim-*.json")}");
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
