using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Spectre.Console;

namespace Cli;

/// <summary>The answer of a run for people: a table that fits 80 columns, then where the files are.</summary>
internal static class RunTable
{
    public static void Write(RunSummary run, string folder)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in new[] { "claim", "metric", "row", "attack", "certified", "claimed", "verdict" })
        {
            var column = new TableColumn(name).NoWrap().Padding(0, 0, 0, 0);
            table.AddColumn(name is "claim" or "metric" or "verdict" ? column : column.RightAligned());
        }

        foreach (var result in run.Claims)
        {
            var claim = result.Claim;
            var least = claim.AsksForSmallest;
            table.AddRow(
                claim.Name,
                Measured(claim),
                Row(claim),
                run.ModelName == BlackBox.Word || claim.Kind == ClaimKind.PosteriorStability || claim.Pairs is not null ? "" : Number(least ? result.Upper : result.Lower), // nothing attacks a black box: what draws say at the observation was reached by no point
                (claim.Pairs is not null ? $"{OutwardText.Down(result.Lower, 3)} to {OutwardText.Up(result.Upper, 3)}" : claim.Confidence is null ? Number(least ? result.Lower : result.Upper) : least ? OutwardText.Down(result.Lower, 4) : OutwardText.Up(result.Upper, 4)) + (result.ExactMetric ? "" : " *"),
                claim.AtMost is { } most ? $"<= {Number(most)}" : claim.AtLeast is { } bound ? $">= {Number(bound)}" : "",
                Colored(result.Verdict) + (result.Verdict == Verdict.Undecided ? "" : Confidence(claim)));
        }

        AnsiConsole.Write(table);
        if (run.Claims.Any(result => !result.ExactMetric))
        {
            Console.WriteLine("* certified for an upper bound of the metric; see the report.");
        }

        foreach (var result in run.Claims.Where(result => result.Consequence.Length > 0))
        {
            Console.WriteLine($"{result.Claim.Name}{(result.Claim.ObservationRow >= 0 ? $" row {result.Claim.ObservationRow}" : "")}: {result.Consequence}");
        }

        if (run.Claims.Select(result => result.Claim.Confidence).OfType<double>().ToArray() is { Length: > 0 } confidences)
        {
            Console.WriteLine($"What rests on draws holds with the confidence beside it, together with confidence at least {DrawCount.Together(confidences)}.");
        }

        WriteFloat32([.. run.Claims.Where(result => result.Claim.Pairs is null)]);
        foreach (var result in run.Claims.Where(result => result.Truth is not null))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Claim.Name}{(result.Claim.ObservationRow >= 0 ? $" row {result.Claim.ObservationRow}" : "")}: certified {Number(result.Upper)}; {result.TruthText}: {Number(result.Truth!.Value)}"));
        }

        foreach (var result in run.Claims.Where(result => result.Reason.Length > 0))
        {
            Console.WriteLine($"{(result.Certificate.Length > 0 ? result.Certificate : result.Claim.Name)}: {result.Reason}");
        }

        Console.WriteLine($"Report: {Path.Combine(folder, "report.html")}");
        Console.WriteLine($"Check:  certify check {Path.Combine(folder, "claim-*.json")}");
    }

    /// <summary>" (0.99)" beside a verdict that holds with this confidence.</summary>
    private static string Confidence(Claim claim) => claim.BoundConfidence is { } confidence ? string.Create(CultureInfo.InvariantCulture, $" ({confidence:R})") : "";

    /// <summary>For how many claims float32 executions are covered, by how much more, and why not for the others.</summary>
    private static void WriteFloat32(IReadOnlyList<ClaimResult> claims)
    {
        var bounded = claims.Where(result => result.Float32 is not null).ToArray();
        if (bounded.Length > 0)
        {
            var most = bounded.Max(result => Math.Abs(result.Float32!.Value - (result.Claim.AsksForSmallest ? result.Lower : result.Upper)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"float32: {bounded.Count(result => result.Semantics == "float32")} of {claims.Count} also hold for every float32 execution, which moves a certified end by up to about {most:G2}."));
        }

        foreach (var result in bounded.Where(result => result.Verdict == Verdict.Proved && result.Semantics != "float32"))
        {
            Console.WriteLine($"{result.Certificate}: proved for real arithmetic only; in float32 the certified end is {Number(result.Float32!.Value)}.");
        }

        foreach (var group in claims.Where(result => result.Float32Reason.Length > 0).GroupBy(result => result.Float32Reason))
        {
            Console.WriteLine($"float32, {string.Join(", ", group.Select(result => result.Claim.Name).Distinct())}: no bound, since {group.Key}.");
        }
    }

    /// <summary>What the claim measures: a metric, a quantity, a level.</summary>
    public static string Measured(Claim claim) => claim.Kind switch
    {
        ClaimKind.EventProbability or ClaimKind.CredibleInterval or ClaimKind.Decision => "",
        ClaimKind.Functional or ClaimKind.Monotone => Quantity(claim),
        ClaimKind.Calibration => "ranks",
        ClaimKind.Coverage or ClaimKind.Conformal => string.Create(CultureInfo.InvariantCulture, $"level {claim.Level:R}"),
        _ => Words.Of(claim.Metric),
    };

    /// <summary>Where the claim is made: at a row of the observations, over a box, over pairs.</summary>
    public static string Row(Claim claim) => claim.Pairs is not null ? "pairs" : claim.ObservationRow >= 0 ? claim.ObservationRow.ToString(CultureInfo.InvariantCulture) : "box";

    /// <summary>A verdict in its colour.</summary>
    public static string Colored(Verdict verdict) => verdict switch { Verdict.Proved => "[green]proved[/]", Verdict.Refuted => "[red]refuted[/]", _ => "[yellow]undecided[/]" };

    /// <summary>A number to four digits.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Quantity(Claim claim)
    {
        var of = claim.Quantity switch
        {
            Guarantees.Claims.Quantity.StandardDeviation => $"sd {claim.Parameter}",
            Guarantees.Claims.Quantity.Mean or Guarantees.Claims.Quantity.Quantile or Guarantees.Claims.Quantity.Weight => $"{Words.Of(claim.Quantity)} {claim.Parameter}",
            _ => Words.Of(claim.Quantity),
        };
        return claim.IsChange ? $"change of {of}" : of;
    }
}
