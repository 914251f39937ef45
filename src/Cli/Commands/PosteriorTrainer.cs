using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Formats;
using Reports;

namespace Cli.Commands;

/// <summary>What <c>certify train</c> does: train, resume, write model, spec, data, losses and their figure.</summary>
internal sealed class PosteriorTrainer(TrainingPairs pairs, string family, PosteriorTraining training, int seed)
{
    public static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public required string Model { get; init; }

    public required string? Observations { get; init; }

    public required int Rows { get; init; }

    public required string? Spec { get; init; }

    public required string? Metrics { get; init; }

    public required string? Figure { get; init; }

    public required string? Checkpoint { get; init; }

    public required bool Json { get; init; }

    public required MethodSelector? Selector { get; init; }

    public int Run(Terminal terminal, CancellationToken cancellation)
    {
        if (Spec is not null && Observations is null)
        {
            throw new ArgumentException("--spec needs --observations, whose data sets it asks about.");
        }

        foreach (var file in (string?[])[Spec, Metrics, Figure, Checkpoint])
        {
            if (file is not null)
            {
                WholeFile.Probe(file);
            }
        }

        var observed = Observations is null ? [] : pairs.Observations(Rows, training.Simulations, seed);
        terminal.Show("training");
        var selection = Selector?.Run(training, pairs.Task!, seed, terminal, cancellation);
        using var trained = selection?.Trained ?? Train(terminal, cancellation);
        if (selection?.Settings[selection.Chosen] is { } chosen)
        {
            training = training with { Method = TrainingMethod.Of(chosen.Method).With(chosen.Strength) };
        }

        terminal.Clear();
        WholeFile.Write(Model, trained.Network.ToOnnx(pairs.Task?.Name ?? "posterior"));
        if (Observations is not null)
        {
            Write(Observations, TrainCommand.Table(observed));
        }

        if (Spec is not null)
        {
            Write(Spec, new TrainingSpec(Spec, Model, Observations!).Of(trained.Network, training, pairs.Source, observed));
        }

        if (Metrics is not null)
        {
            Write(Metrics, trained.ToCsv());
        }

        if (Figure is not null)
        {
            var loss = training.Method is Plain ? trained.Network.LossText : $"mean loss ({training.Method.Name})";
            Write(Figure, TrainingFigure.Draw([.. trained.Epochs.Select(one => new TrainingPoint(one.Epoch, one.Training, one.Validation))], trained.Best.Epoch, loss));
        }

        if (Checkpoint is not null)
        {
            File.Delete(Checkpoint);
        }

        var (method, best) = (training.Method, trained.Best);
        if (selection is not null && !Json)
        {
            Console.Write(Selector!.Text(selection, seed));
        }

        Console.WriteLine(Json
            ? JsonSerializer.Serialize(
            new
            {
                model = Model,
                task = pairs.Name,
                family,
                method = method.Name,
                strength = method.Strength,
                simulations = training.Simulations,
                seed,
                epoch = best.Epoch,
                trainingLoss = best.Training,
                validationLoss = best.Surprise,
                loss = trained.Network.LossText,
                selection = selection is null ? null : Selector!.Document(selection, seed),
            },
            WithoutNulls)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Model}: {family} of {pairs.Name} by {method.Name}, validation loss {best.Surprise:F4} in epoch {best.Epoch} of {trained.Epochs.Length} ({trained.Network.LossText})"));
        return ExitCode.Proved;
    }

    private TrainedPosterior Train(Terminal terminal, CancellationToken cancellation)
    {
        var saved = Checkpoint is not null && File.Exists(Checkpoint) ? File.ReadAllBytes(Checkpoint) : null;
        try
        {
            return training.Train(
                pairs.Source,
                seed,
                new Relay(terminal, training.Epochs),
                saved,
                Checkpoint is null ? null : state => WholeFile.Write(Checkpoint, state),
                cancellation);
        }
        catch (InvalidDataException error)
        {
            throw new ArgumentException($"{Checkpoint}: {error.Message}", error);
        }
        catch (ArithmeticException error) when (pairs.Task is null)
        {
            throw new ArithmeticException($"{pairs.Name}: {error.Message}", error);
        }
    }

    private static void Write(string path, string text) => WholeFile.Write(path, Encoding.UTF8.GetBytes(text));

    private sealed class Relay(Terminal terminal, int epochs) : IProgress<EpochMetrics>
    {
        public void Report(EpochMetrics value) => terminal.Show(string.Create(
            CultureInfo.InvariantCulture, $"training: epoch {value.Epoch} of at most {epochs}, loss {value.Training:F4}, in validation {value.Validation:F4}"));
    }
}
