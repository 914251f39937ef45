using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estimators;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary><c>certify train TASK --family FAMILY --out MODEL.onnx</c>: a small estimator of a standard task, as a model to certify.</summary>
internal static class TrainCommand
{
    /// <summary>Draws of --observations.</summary>
    private const int Rows = 10;

    public static CertifyCommand Create()
    {
        var task = new Argument<string>("TASK") { Description = $"{string.Join(", ", Catalogue.Tasks)}." };
        var family = new Option<string>("--family") { Description = "What is trained: coupling-flow, ratio, deep-sets or flow-matching.", Required = true, HelpName = "FAMILY" };
        var model = new Option<string>("--out") { Description = "The model file to write.", Required = true, HelpName = "MODEL.onnx" };
        var observations = new Option<string?>("--observations") { Description = $"Also writes {Rows} data sets, simulated afresh.", HelpName = "FILE.csv" };
        var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the simulations; by default what the family usually takes.", HelpName = "NUMBER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand(
            "train",
            "Trains a small estimator of a standard task and writes it as an ONNX model.",
            "certify train two_moons --family coupling-flow --out flow.onnx")
        {
            task, family, model, observations, seed, epochs, json,
        };
        command.Does((parsed, cancellation) =>
        {
            var (name, what, path, table, number) = (parsed.GetValue(task)!, parsed.GetValue(family)!, parsed.GetValue(model)!, parsed.GetValue(observations), parsed.GetValue(seed));
            WholeFile.Probe(path);
            if (table is not null)
            {
                WholeFile.Probe(table);
            }

            var simulator = Catalogue.Task(name);
            var terminal = new Terminal();
            terminal.Show("training");
            using var trained = Catalogue.Train(simulator, what, number, parsed.GetValue(epochs), new Relay(terminal), cancellation);
            terminal.Clear();
            WholeFile.Write(path, trained.Network.ToOnnx(simulator.Name));
            if (table is not null)
            {
                WholeFile.Write(table, Encoding.UTF8.GetBytes(Table(Catalogue.Observations(simulator, Rows, number))));
            }

            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { model = path, task = name, family = what, seed = number, trainingLoss = trained.TrainingLoss, validationLoss = trained.ValidationLoss, loss = trained.Network.LossText })
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {what} of {name}, validation loss {trained.ValidationLoss:F4} (in training {trained.TrainingLoss:F4}; {trained.Network.LossText})"));
            return ExitCode.Proved;
        });
        return command;
    }

    private static string Table(double[][] rows)
    {
        var text = new StringBuilder(string.Join(',', Enumerable.Range(0, rows[0].Length).Select(j => $"x_{j}"))).Append('\n');
        foreach (var row in rows)
        {
            text.Append(string.Join(',', row.Select(value => ((float)value).ToString("R", CultureInfo.InvariantCulture)))).Append('\n');
        }

        return text.ToString();
    }

    private sealed class Relay(Terminal terminal) : IProgress<(int Epoch, int Epochs, double Loss)>
    {
        public void Report((int Epoch, int Epochs, double Loss) value) =>
            terminal.Show(string.Create(CultureInfo.InvariantCulture, $"training: epoch {value.Epoch} of {value.Epochs}, loss {value.Loss:F4}"));
    }
}
