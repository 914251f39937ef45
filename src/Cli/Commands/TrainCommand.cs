using System.CommandLine;
using System.Globalization;
using System.Text;
using Certify.Tensors;
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
        var task = new Argument<string>("TASK") { Description = $"{string.Join(", ", Catalogue.Tasks)}; or a table of pairs, FILE.csv or FILE.npy, with columns theta_0, ... and x_0, ..." };
        var data = new Option<string?>("--data") { Description = "The data, where TASK is a table of parameters alone: row beside row.", HelpName = "FILE" };
        var family = new Option<string>("--family") { Description = $"What is trained: {string.Join(", ", Catalogue.Families)}.", Required = true, HelpName = "FAMILY" };
        var model = new Option<string>("--out") { Description = "The model file to write.", Required = true, HelpName = "MODEL.onnx" };
        var observations = new Option<string?>("--observations") { Description = $"Also writes {Rows} data sets: simulated afresh, or rows of the table that train nothing.", HelpName = "FILE.csv" };
        var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the simulations; by default what the family usually takes.", HelpName = "NUMBER" };
        var method = new Option<string>("--method") { Description = $"How it is trained: {string.Join(", ", TrainingMethod.All.Select(one => one.Name))}.", DefaultValueFactory = _ => "plain", HelpName = "NAME" };
        var strength = new Option<double?>("--strength") { Description = "How much the method asks for; 1 by default.", HelpName = "NUMBER" };
        var select = new Option<string?>("--select") { Description = "Trains these settings, METHOD[:STRENGTH],... or a file with one a line, for gaussian and mixture, and keeps one: of those about as accurate as the best on held-out pairs, that which certifies the smallest change in Wasserstein-2. In place of --method.", HelpName = "LIST" };
        var tolerance = new Option<double>("--tolerance") { Description = "What 'about' is: nats of -ln q.", DefaultValueFactory = _ => 0.1, HelpName = "NATS" };
        tolerance.Takes("nats in [0, 1e6]", nats => nats is >= 0 and <= 1e6);
        var selection = new Option<string?>("--selection") { Description = "Also writes the table of settings, as FILE.csv or FILE.json, or draws it, as FILE.svg.", HelpName = "FILE" };
        var simulations = new Option<int?>("--simulations") { Description = "Pairs, a tenth of which validate; by default what the family usually takes.", HelpName = "NUMBER" };
        var latent = new Option<int>("--latent") { Description = "Length of the code of a vae-encoder.", DefaultValueFactory = _ => Catalogue.UsualLatent, HelpName = "NUMBER" };
        var spec = new Option<string?>("--spec") { Description = "Also writes what certify run reads: how far those data sets' posteriors move. With --observations.", HelpName = "FILE.yaml" };
        var metrics = new Option<string?>("--metrics") { Description = "Also writes every epoch's losses.", HelpName = "FILE.csv" };
        var figure = new Option<string?>("--figure") { Description = "Also draws the losses of training and validation by epoch.", HelpName = "FILE.svg" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Keeps the state of the training here and goes on from it when it is there; removed at the end.", HelpName = "FILE" };
        var device = new Option<string>("--device") { Description = "Where it is trained: cpu or cuda. Only the CPU gives the same model in every run.", DefaultValueFactory = _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand(
            "train",
            "Trains a small estimator of a standard task, or from a table of pairs, and writes it as an ONNX model.",
            "certify train two_moons --family coupling-flow --out flow.onnx\n  certify train sir --family gaussian --select plain,noise:2 --out q.onnx")
        {
            task, data, family, model, observations, seed, epochs, method, strength, select, tolerance, selection, simulations, latent, spec, metrics, figure, checkpoint, device, json,
        };
        command.Validators.Add(result =>
        {
            var asked = result.GetResult(select) is { Implicit: false };
            if (((Option[])(asked ? [method, strength, checkpoint] : [tolerance, selection])).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } misplaced)
            {
                result.AddError($"{misplaced.Name} goes {(asked ? "without" : "with")} --select.");
            }
        });
        command.Does((parsed, cancellation) =>
        {
            var (name, what, path, table, number) = (parsed.GetValue(task)!, parsed.GetValue(family)!, parsed.GetValue(model)!, parsed.GetValue(observations), parsed.GetValue(seed));
            WholeFile.Probe(path);
            if (table is not null)
            {
                WholeFile.Probe(table);
            }

            var pairs = TrainingPairs.Of(name, parsed.GetValue(data), number);
            if (Catalogue.Families.Contains(what) && what != "vae-encoder" && parsed.GetResult(latent) is { Implicit: false })
            {
                throw new ArgumentException($"--latent is for the family vae-encoder; got '{what}'.");
            }

            if (parsed.GetValue(select) is not null && Catalogue.Families.Contains(what) && what is not ("gaussian" or "mixture"))
            {
                throw new ArgumentException($"--select is for the families gaussian and mixture; got '{what}'.");
            }

            if (parsed.GetValue(select) is not null && pairs.Task is null)
            {
                throw new ArgumentException($"--select judges by fresh draws and needs a task; got the table '{name}'.");
            }

            var training = Catalogue.Training(pairs.Task, what, parsed.GetValue(latent));
            var chosen = TrainingMethod.Of(parsed.GetValue(method)!);
            training = training with
            {
                Method = chosen.With(parsed.GetValue(strength) ?? chosen.Strength),
                Epochs = parsed.GetValue(epochs) ?? training.Epochs,
                Device = parsed.GetValue(device) == "cpu" ? null : TensorDevice.Open(parsed.GetValue(device)!),
                Simulations = parsed.GetValue(simulations) ?? pairs.Usual(training.Simulations, table is null ? 0 : Rows),
            };
            var selector = parsed.GetValue(select) is { } settings ? new MethodSelector(settings, parsed.GetValue(tolerance), parsed.GetValue(selection)) : null;
            return new PosteriorTrainer(pairs, what, training, number)
            {
                Model = path,
                Observations = table,
                Rows = Rows,
                Spec = parsed.GetValue(spec),
                Metrics = parsed.GetValue(metrics),
                Figure = parsed.GetValue(figure),
                Checkpoint = parsed.GetValue(checkpoint),
                Json = parsed.GetValue(json),
                Selector = selector,
            }.Run(new Terminal(), cancellation);
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
}
