using System.Globalization;
using System.Text;
using System.Text.Json;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Formats;
using Reports;

namespace Cli.Commands;

/// <summary>What <c>certify train --select</c> does before the chosen network is written: train the settings, show them, pick.</summary>
internal sealed class MethodSelector
{
    private readonly MethodSelection rule;
    private readonly string? table;

    /// <param name="settings">NAME[:STRENGTH],..., or a file with one a line.</param>
    /// <param name="tolerance">Nats.</param>
    /// <param name="table">Where the table goes: FILE.csv, FILE.json, or FILE.svg for a figure.</param>
    public MethodSelector(string settings, double tolerance, string? table)
    {
        (rule, this.table) = (new MethodSelection { Methods = [.. Parse(settings)], Tolerance = tolerance }, table);
        if (table is null)
        {
            return;
        }

        if (Path.GetExtension(table).ToLowerInvariant() is not (".csv" or ".json" or ".svg"))
        {
            throw new ArgumentException($"--selection is '{table}', expected a name that ends in .csv, .json or .svg.");
        }

        WholeFile.Probe(table);
    }

    public Selection Run(PosteriorTraining training, Simulator simulator, int seed, Terminal terminal, CancellationToken cancellation)
    {
        terminal.Show("selecting");
        var selection = rule.Run(training, simulator, seed, new Relay(terminal), cancellation);
        terminal.Clear();
        if (table is not null)
        {
            WholeFile.Write(table, Path.GetExtension(table).ToLowerInvariant() switch
            {
                ".json" => JsonSerializer.SerializeToUtf8Bytes(Document(selection, seed), PosteriorTrainer.WithoutNulls),
                ".svg" => Encoding.UTF8.GetBytes(Figure(selection)),
                _ => Encoding.UTF8.GetBytes(Csv(selection)),
            });
        }

        return selection;
    }

    /// <summary>The table for people, and what was done.</summary>
    public string Text(Selection selection, int seed)
    {
        var text = new StringBuilder();
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{"setting",-20} {"-ln q",10} {"W2 attained",12} {"W2 certified",12} {"seconds",8}"));
        foreach (var (i, one) in selection.Settings.Index())
        {
            text.AppendLine(one.Failure is null
                ? string.Create(CultureInfo.InvariantCulture, $"{one,-20} {one.Surprise,10:F4} {one.Attained,12:G4} {one.Certified,12:G4} {one.Seconds,8:F0}{(i == selection.Chosen ? "  chosen" : "")}")
                : $"{one,-20} failed: {one.Failure}");
        }

        return text.AppendLine(Statement(seed)).ToString();
    }

    /// <summary>The same for programs.</summary>
    public object Document(Selection selection, int seed) => new
    {
        statement = Statement(seed),
        tolerance = rule.Tolerance,
        pairs = rule.Pairs,
        observations = rule.Observations,
        draws = new { seed, pairs = MethodSelection.PairsUse, observations = MethodSelection.ObservationsUse },
        settings = selection.Settings.Select((one, i) => new
        {
            method = one.Method,
            strength = one.Strength,
            surprise = Finite(one.Surprise),
            attained = Finite(one.Attained),
            certified = Finite(one.Certified),
            seconds = one.Seconds,
            failure = one.Failure,
            chosen = i == selection.Chosen,
        }),
    };

    private string Statement(int seed) => string.Create(
        CultureInfo.InvariantCulture,
        $"Selected of {rule.Methods.Length} settings: within {rule.Tolerance} nats of the smallest mean of -ln q over {rule.Pairs} held-out pairs, the smallest median certified W2 change at {rule.Observations} observations; draws of seed {seed} for '{MethodSelection.PairsUse}' and '{MethodSelection.ObservationsUse}', which are neither training's nor those to calibrate with.");

    private static string Csv(Selection selection) => "method,strength,surprise,attained,certified,seconds,chosen\n"
        + string.Concat(selection.Settings.Select((one, i) => string.Create(
            CultureInfo.InvariantCulture, $"{one.Method},{one.Strength:R},{one.Surprise:R},{one.Attained:R},{one.Certified:R},{one.Seconds:F1},{(i == selection.Chosen ? 1 : 0)}\n")));

    private static string Figure(Selection selection) => TradeOffFigure.Draw(
        [.. selection.Settings.Select((one, i) => new TradeOffRow($"{one}{(i == selection.Chosen ? " ✓" : "")}", [one.Surprise], [one.Certified]))],
        "−ln q held out, nats",
        "certified W₂ change",
        $"{selection.Settings[selection.Chosen]} ✓");

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static IEnumerable<TrainingMethod> Parse(string settings)
    {
        var isFile = File.Exists(settings);
        var entries = (isFile ? File.ReadAllLines(settings) : settings.Split(',')).Select(entry => entry.Trim()).Index();
        foreach (var (i, entry) in entries.Where(entry => !isFile || (entry.Item.Length > 0 && entry.Item[0] != '#')))
        {
            TrainingMethod method;
            try
            {
                method = TrainingMethod.Parse(entry);
            }
            catch (ArgumentException error)
            {
                throw new ArgumentException($"{(isFile ? $"{settings}, line {i + 1}" : "--select")}: {error.Message}", error);
            }

            yield return method;
        }
    }

    private sealed class Relay(Terminal terminal) : IProgress<string>
    {
        public void Report(string value) => terminal.Show(value);
    }
}
