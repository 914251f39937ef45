using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estimators;
using Estimators.Training.Methods;
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
        var family = new Option<string>("--family") { Description = $"What is trained: {string.Join(", ", Catalogue.Families)}.", Required = true, HelpName = "FAMILY" };
        var model = new Option<string>("--out") { Description = "The model file to write.", Required = true, HelpName = "MODEL.onnx" };
        var observations = new Option<string?>("--observations") { Description = $"Also writes {Rows} data sets, simulated afresh.", HelpName = "FILE.csv" };
        var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the simulations; by default what the family usually takes.", HelpName = "NUMBER" };
        var method = new Option<string>("--method") { Description = $"How gaussian and mixture are trained: {string.Join(", ", TrainingMethod.All.Select(one => one.Name))}.", DefaultValueFactory = _ => "plain", HelpName = "NAME" };
        var strength = new Option<double?>("--strength") { Description = "How much the method asks for; 1 by default.", HelpName = "NUMBER" };
        var simulations = new Option<int?>("--simulations") { Description = "Pairs for gaussian and mixture; 10000 by default.", HelpName = "NUMBER" };
        var latent = new Option<int>("--latent") { Description = "Length of the code of a vae-encoder.", DefaultValueFactory = _ => Catalogue.UsualLatent, HelpName = "NUMBER" };
        var spec = new Option<string?>("--spec") { Description = "Also writes what certify run reads: how far those data sets' posteriors move. For gaussian and mixture, with --observations.", HelpName = "FILE.yaml" };
        var metrics = new Option<string?>("--metrics") { Description = "Also writes every epoch's losses, for gaussian and mixture.", HelpName = "FILE.csv" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Keeps the state of the training here and goes on from it when it is there, for gaussian and mixture; removed at the end.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand(
            "train",
            "Trains a small estimator of a standard task and writes it as an ONNX model.",
            "certify train two_moons --family coupling-flow --out flow.onnx")
        {
            task, family, model, observations, seed, epochs, method, strength, simulations, latent, spec, metrics, checkpoint, json,
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
            if (Catalogue.Families.Contains(what) && what != "vae-encoder" && parsed.GetResult(latent) is { Implicit: false })
            {
                throw new ArgumentException($"--latent is for the family vae-encoder; got '{what}'.");
            }

            var terminal = new Terminal();
            if (Catalogue.Posterior(what) is { } training)
            {
                var chosen = TrainingMethod.Of(parsed.GetValue(method)!);
                training = training with
                {
                    Method = chosen.With(parsed.GetValue(strength) ?? chosen.Strength),
                    Epochs = parsed.GetValue(epochs) ?? training.Epochs,
                    Simulations = parsed.GetValue(simulations) ?? training.Simulations,
                };
                return new PosteriorTrainer(simulator, what, training, number)
                {
                    Model = path,
                    Observations = table,
                    Rows = Rows,
                    Spec = parsed.GetValue(spec),
                    Metrics = parsed.GetValue(metrics),
                    Checkpoint = parsed.GetValue(checkpoint),
                    Json = parsed.GetValue(json),
                }.Run(name, terminal, cancellation);
            }

            if (Catalogue.Families.Contains(what)
                && ((Option[])[method, strength, simulations, spec, metrics, checkpoint]).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } misplaced)
            {
                throw new ArgumentException($"{misplaced.Name} is for the families gaussian and mixture; got '{what}'.");
            }

            terminal.Show("training");
            using var trained = Catalogue.Train(simulator, what, number, parsed.GetValue(epochs), parsed.GetValue(latent), new Relay(terminal), cancellation);
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

    /// <summary>Data as CSV, rounded to float32, which is what networks read.</summary>
    public static string Table(double[][] rows)
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
