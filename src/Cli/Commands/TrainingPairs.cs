using System.Globalization;
using Estimators;
using Estimators.Simulators;
using Estimators.Training;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary>What <c>certify train</c> trains on: draws from a task, or a table of pairs that was made elsewhere.</summary>
/// <param name="Source">The pairs.</param>
/// <param name="Task">Their simulator; null for a table.</param>
/// <param name="Name">As the user named it.</param>
internal sealed record TrainingPairs(IPairSource Source, Simulator? Task, string Name)
{
    /// <summary>The pairs of a task by name, or of FILE.csv or FILE.npy.</summary>
    /// <param name="name">TASK.</param>
    /// <param name="data">The table of data beside one of parameters; null where there is none.</param>
    /// <param name="seed">Seed of a task's draws.</param>
    /// <exception cref="ArgumentException">There is no such task, or a table of data is named beside one.</exception>
    /// <exception cref="TableFormatException">A table is malformed; the message names file, place and value.</exception>
    public static TrainingPairs Of(string name, string? data, int seed)
    {
        var kind = Path.GetExtension(name).ToLowerInvariant();
        if (kind == ".npy" && data is null)
        {
            throw new ArgumentException($"{name}: the columns of an array have no names; name an array of parameters here, and one of data with --data.");
        }

        if (kind is ".csv" or ".npy")
        {
            return new TrainingPairs(data is null ? TablePairs.Read(name) : TablePairs.Read(name, data), null, name);
        }

        var task = Catalogue.Task(name);
        return data is null
            ? new TrainingPairs(new SimulatedPairs(task, seed, "training"), task, name)
            : throw new ArgumentException($"--data goes with a table of parameters, FILE.csv or FILE.npy; got the task '{name}'.");
    }

    /// <summary>How many pairs train where the user does not say: as many as the family usually takes, or a table's, less what is kept for --observations.</summary>
    /// <exception cref="ArgumentException">The table has too few rows.</exception>
    public int Usual(int ofFamily, int kept) => Source.Count is not { } count
        ? ofFamily
        : count - kept >= PosteriorTraining.LeastSimulations
            ? (int)(count - kept)
            : throw new ArgumentException($"{Name}: {count} rows, expected at least {PosteriorTraining.LeastSimulations + kept}.");

    /// <summary>Data sets that no training sees: a task's fresh draws, or the table's rows behind those of the training.</summary>
    /// <exception cref="ArgumentException">The table has too few rows.</exception>
    public double[][] Observations(int rows, int simulations, int seed)
    {
        if (Task is not null)
        {
            return Catalogue.Observations(Task, rows, seed);
        }

        var needed = (long)simulations + rows;
        return Source.Count >= needed
            ? [.. Source.First(needed).SelectMany(block => Enumerable.Range(0, block.Count).Where(row => block.First + row >= simulations).Select(row => block.X(row).ToArray()))]
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{Name}: {Source.Count} rows, expected {needed}: {simulations} to train with and {rows} for --observations."));
    }
}
