using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary><c>certify train</c>.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("gaussian_linear", "coupling-flow", "theta,x", "log_density")]
    [InlineData("two_moons", "ratio", "theta,x", "log_ratio")]
    [InlineData("two_moons", "contrastive-ratio", "theta,x", "log_ratio")]
    [InlineData("gaussian_linear", "balanced-ratio", "theta,x", "log_ratio")]
    [InlineData("slcp", "vae-encoder", "x", "mean,log_variance")]
    [InlineData("exchangeable_gaussian", "deep-sets", "x", "mean,standard_deviation")]
    [InlineData("gaussian_linear", "flow-matching", "z,x", "theta")]
    [InlineData("gaussian_linear_uniform:3", "flow-matching", "z,x", "theta")]
    [InlineData("slcp", "deep-sets", "x", "mean,standard_deviation")]
    [InlineData("sir", "coupling-flow", "theta,x", "log_density")]
    [InlineData("sir", "spline-flow", "theta,x", "log_density")]
    [InlineData("gaussian_linear:1", "spline-flow", "theta,x", "log_density")]
    [InlineData("gaussian_linear:3", "autoregressive-flow", "theta,x", "log_density")]
    public void A_model_and_observations_are_written_and_the_same_seed_repeats_them(string task, string family, string inputs, string outputs)
    {
        var first = Program.Run(folder, "train", task, "--family", family, "--out", "first.onnx", "--observations", "first.csv", "--epochs", "1", "--simulations", "10000", "--json");
        var second = Program.Run(folder, "train", task, "--family", family, "--out", "second.onnx", "--observations", "second.csv", "--epochs", "1", "--simulations", "10000");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(Bytes("first.onnx"), Bytes("second.onnx"));
        Assert.Equal(Bytes("first.csv"), Bytes("second.csv"));
        using var document = JsonDocument.Parse(first.Output);
        Assert.Equal((task, family), (document.RootElement.GetProperty("task").GetString(), document.RootElement.GetProperty("family").GetString()));
        Assert.True(double.IsFinite(document.RootElement.GetProperty("validationLoss").GetDouble()));
        Assert.Contains("validation loss", second.Output, StringComparison.Ordinal);
        var network = OnnxImporter.Read(Path.Combine(folder, "first.onnx"));
        Assert.Equal(inputs.Split(',').Order(), network.Inputs.Select(node => ((Guarantees.Networks.Operators.Input)node.Operator).Label).Order());
        Assert.Equal(outputs.Split(','), network.Outputs.Select(output => output.Name));
        Assert.Equal(11, File.ReadAllLines(Path.Combine(folder, "first.csv")).Length);
    }

    [Theory]
    [InlineData("mixture", "interval")]
    [InlineData("gaussian", "plain")]
    [InlineData("coupling-flow", "noise")]
    [InlineData("spline-flow", "plain")]
    [InlineData("autoregressive-flow", "spectral")]
    [InlineData("ratio", "spectral")]
    [InlineData("flow-matching", "plain")]
    public void A_method_leaves_a_model_and_a_spec_that_run_answers(string family, string method)
    {
        string[] arguments = ["train", "two_moons", "--family", family, "--method", method, "--simulations", "400", "--epochs", "2", "--observations", "x.csv"];
        Assert.Equal(0, Program.Run(folder, [.. arguments, "--out", "q.onnx", "--spec", "spec.yaml", "--metrics", "losses.csv", "--figure", "losses.svg", "--checkpoint", "state"]).ExitCode);
        Assert.Equal(0, Program.Run(folder, [.. arguments, "--out", "again.onnx"]).ExitCode);
        Assert.Equal(Bytes("q.onnx"), Bytes("again.onnx"));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(folder, "losses.csv")).Length);
        Assert.False(File.Exists(Path.Combine(folder, "state")));
        Assert.StartsWith("<svg", File.ReadAllText(Path.Combine(folder, "losses.svg")), StringComparison.Ordinal);
        var ran = Program.Run(folder, "run", "spec.yaml", "--parts", "8", "--json");
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal(10, document.RootElement.GetProperty("claims").GetArrayLength());
        Assert.All(document.RootElement.GetProperty("claims").EnumerateArray(), claim => Assert.True(claim.GetProperty("lower").GetDouble() > 0));
    }

    /// <summary>How far the code of a data set moves: the certificates of both metrics have upper ends above 0 that the checker accepts.</summary>
    [Fact]
    public void A_trained_encoder_is_certified()
    {
        Assert.Equal(0, Program.Run(folder, "train", "two_moons", "--family", "vae-encoder", "--latent", "3", "--epochs", "1", "--out", "encoder.onnx", "--observations", "x.csv").ExitCode);
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), """
            estimator: { model: encoder.onnx, family: { name: diagonal-gaussian, mean: mean, log-variance: log_variance } }
            claims:
              - robustness: { observations: x.csv, rows: [0, 1], norm: linf, radius: 0.02, metric: wasserstein2 }
              - robustness: { observations: x.csv, rows: [0, 1], norm: linf, radius: 0.02, metric: kl }
            """);
        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "certificates", "--timeout", "3", "--json");
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal(4, document.RootElement.GetProperty("claims").GetArrayLength());
        Assert.All(document.RootElement.GetProperty("claims").EnumerateArray(), claim => Assert.True(claim.GetProperty("upper").GetDouble() is > 0 and < 100, claim.ToString()));
        var checkedAgain = Program.Run(folder, ["check", .. Directory.GetFiles(Path.Combine(folder, "certificates"), "claim-*.json")]);
        Assert.Equal(0, checkedAgain.ExitCode);
    }

    /// <summary>From a list with a table as JSON, and from a file with one as CSV: the same rows but for the seconds, and the model of the chosen setting, as if it had been trained alone.</summary>
    [Fact]
    public void Of_several_settings_one_is_kept_and_all_are_told()
    {
        File.WriteAllText(Path.Combine(folder, "settings.txt"), "# two\nplain\n\n interval:20\n");
        string[] arguments = ["train", "two_moons", "--family", "gaussian", "--simulations", "400", "--epochs", "3"];
        var text = Program.Run(folder, [.. arguments, "--select", "settings.txt", "--tolerance", "100", "--selection", "table.csv", "--out", "q.onnx", "--observations", "x.csv", "--spec", "spec.yaml"]);
        var json = Program.Run(folder, [.. arguments, "--select", "plain,interval:20", "--tolerance", "100", "--selection", "table.json", "--out", "again.onnx", "--json"]);
        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Equal(0, Program.Run(folder, [.. arguments, "--method", "interval", "--strength", "20", "--out", "alone.onnx"]).ExitCode);
        Assert.Equal(Bytes("alone.onnx"), Bytes("q.onnx"));
        Assert.Equal(Bytes("alone.onnx"), Bytes("again.onnx"));
        Assert.True(File.Exists(Path.Combine(folder, "spec.yaml")));
        Assert.Contains("Selected of 2 settings", text.Output, StringComparison.Ordinal);
        Assert.Contains("neither training's nor those to calibrate with", text.Output, StringComparison.Ordinal);

        using var printed = JsonDocument.Parse(json.Output);
        using var table = JsonDocument.Parse(Bytes("table.json"));
        Assert.Equal("interval", printed.RootElement.GetProperty("method").GetString());
        Assert.Equal(table.RootElement.GetRawText(), printed.RootElement.GetProperty("selection").GetRawText());
        var rows = File.ReadAllLines(Path.Combine(folder, "table.csv"));
        Assert.Equal("method,strength,surprise,attained,certified,seconds,chosen", rows[0]);
        foreach (var (i, setting) in table.RootElement.GetProperty("settings").EnumerateArray().Index())
        {
            var cells = rows[i + 1].Split(',');
            string[] numbers = ["strength", "surprise", "attained", "certified"];
            Assert.Equal(numbers.Select(name => setting.GetProperty(name).GetDouble()), cells[1..5].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)));
            Assert.Equal((setting.GetProperty("method").GetString(), setting.GetProperty("chosen").GetBoolean() ? "1" : "0"), (cells[0], cells[6]));
            Assert.True(setting.GetProperty("attained").GetDouble() <= setting.GetProperty("certified").GetDouble());
        }

        Assert.Equal(0, Program.Run(folder, [.. arguments[..^1], "1", "--select", "plain,noise", "--tolerance", "100", "--selection", "figure.svg", "--out", "drawn.onnx"]).ExitCode);
        var labels = XDocument.Load(Path.Combine(folder, "figure.svg")).Descendants().Where(element => element.Name.LocalName == "text").Select(text => text.Value.Split(' ')).ToArray();
        Assert.Equal(["noise", "plain"], labels.Select(label => label[0].Split(':')[0]).Where(name => name is "plain" or "noise").Order());
        Assert.Single(labels, label => label is [var name, "✓"] && name.Contains(':', StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_line_of_a_file_of_settings_is_named()
    {
        File.WriteAllText(Path.Combine(folder, "settings.txt"), "plain\ninterval:-1\n");
        var ran = Program.Run(folder, "train", "two_moons", "--family", "gaussian", "--select", "settings.txt", "--out", "q.onnx");
        Assert.Equal(65, ran.ExitCode);
        Assert.Contains("settings.txt, line 2: 'interval:-1' has the strength '-1', expected a positive number", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two_suns", "coupling-flow", 65, "There is no task 'two_suns'")]
    [InlineData("two_moons:3", "ratio", 65, "The task 'two_moons' has one size only; got 'two_moons:3'")]
    [InlineData("gaussian_linear:0", "ratio", 65, "expected a whole number from 1 to 1000")]
    [InlineData("two_moons", "flow", 65, "There is no family 'flow'")]
    [InlineData("two_moons", "deep-sets", 65, "needs exchangeable points")]
    [InlineData("two_moons", "mixture --method magic", 65, "There is no method 'magic'")]
    [InlineData("two_moons", "mixture --strength 0", 65, "strength must be positive, is 0")]
    [InlineData("two_moons", "mixture --simulations 5", 65, "is 5")]
    [InlineData("two_moons", "mixture --spec spec.yaml", 65, "--spec needs --observations")]
    [InlineData("two_moons", "ratio --method interval", 65, "The method interval needs a family whose movement in W2 it can bound: gaussian or mixture; got ratio")]
    [InlineData("two_moons", "spline-flow --method small-box", 65, "needs a family whose movement in W2 it can bound: gaussian or mixture; got spline-flow")]
    [InlineData("two_moons", "autoregressive-flow --method orthogonal", 65, "got autoregressive-flow")]
    [InlineData("two_moons", "vae-encoder --latent 0", 65, "The latent dimension is 0, expected 1 to 1000")]
    [InlineData("two_moons", "ratio --latent 3", 65, "--latent is for the family vae-encoder; got 'ratio'")]
    [InlineData("two_moons", "mixture --latent 3", 65, "--latent is for the family vae-encoder; got 'mixture'")]
    [InlineData("two_moons", "mixture --select magic", 65, "--select: There is no method 'magic'")]
    [InlineData("two_moons", "mixture --select plain,", 65, "--select: There is no method ''")]
    [InlineData("two_moons", "mixture --select plain,plain:1", 65, "plain:1 is named twice")]
    [InlineData("two_moons", "mixture --select plain --selection table.txt", 65, "expected a name that ends in .csv, .json or .svg")]
    [InlineData("two_moons", "mixture --select plain --strength 2", 64, "--strength goes without --select")]
    [InlineData("two_moons", "mixture --select plain --checkpoint state", 64, "--checkpoint goes without --select")]
    [InlineData("two_moons", "mixture --tolerance 1", 64, "--tolerance goes with --select")]
    [InlineData("two_moons", "mixture --select plain --tolerance -1", 64, "--tolerance is '-1', expected nats in [0, 1e6]")]
    [InlineData("two_moons", "ratio --select plain", 65, "--select is for the families gaussian and mixture; got 'ratio'")]
    [InlineData("two_moons", "coupling-flow --epochs 0", 65, "Epochs must be positive, is 0")]
    [InlineData("two_moons", "coupling-flow --epochs many", 64, "many")]
    public void What_is_wrong_is_told_in_one_line_and_nothing_is_written(string task, string family, int code, string named)
    {
        var ran = Program.Run(folder, ["train", task, "--out", "model.onnx", "--family", .. family.Split(' ')]);
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    /// <summary>A table of a task's own training draws trains as the task does, to the last digit of every loss; its last rows are the observations.</summary>
    [Fact]
    public void A_table_of_pairs_trains_as_the_program_that_drew_it()
    {
        Assert.Equal(0, Program.Run(folder, "simulate", "two_moons", "--use", "training", "--pairs", "310", "--out", "pairs.csv").ExitCode);
        var lines = File.ReadAllLines(Path.Combine(folder, "pairs.csv"));
        string Columns(int from) => string.Concat(lines.Select(line => string.Join(',', line.Split(',')[from..(from + 2)]) + "\n"));
        File.WriteAllText(Path.Combine(folder, "theta.csv"), Columns(0));
        File.WriteAllText(Path.Combine(folder, "x.csv"), Columns(2));
        string[] arguments = ["--family", "gaussian", "--epochs", "3", "--out", "q.onnx", "--metrics"];
        Assert.Equal(0, Program.Run(folder, ["train", "two_moons", "--simulations", "300", .. arguments, "task.csv"]).ExitCode);
        Assert.Equal(0, Program.Run(folder, ["train", "pairs.csv", "--observations", "observed.csv", "--spec", "spec.yaml", .. arguments, "table.csv"]).ExitCode);
        Assert.Equal(0, Program.Run(folder, ["train", "theta.csv", "--data", "x.csv", "--simulations", "300", .. arguments, "tables.csv"]).ExitCode);
        Assert.Equal(Bytes("task.csv"), Bytes("table.csv"));
        Assert.Equal(Bytes("task.csv"), Bytes("tables.csv"));
        Assert.Equal(["x_0,x_1", .. lines[^10..].Select(line => string.Join(',', line.Split(',')[2..]))], File.ReadAllLines(Path.Combine(folder, "observed.csv")));
        Assert.Equal(0, Program.Run(folder, "run", "spec.yaml", "--parts", "20").ExitCode);
    }

    [Theory]
    [InlineData("pairs.csv", "", "pairs.csv: 12 rows, expected at least 20")]
    [InlineData("pairs.csv", "--observations seen.csv", "pairs.csv: 12 rows, expected at least 30")]
    [InlineData("pairs.csv", "--simulations 50", "pairs.csv must hold 50 pairs, is 12")]
    [InlineData("pairs.csv", "--family deep-sets", "The family deep-sets needs a task")]
    [InlineData("pairs.csv", "--select plain", "--select judges by fresh draws and needs a task; got the table 'pairs.csv'")]
    [InlineData("x.csv", "", "x.csv: no column 'theta_0'")]
    [InlineData("x.npy", "", "x.npy: the columns of an array have no names; name an array of parameters here, and one of data with --data")]
    [InlineData("flat.csv", "", "flat.csv: Column 0 of 1 of the simulations (counted from 0) is constant")]
    [InlineData("flat.csv", "--observations seen.csv --simulations 25", "flat.csv: 30 rows, expected 35: 25 to train with and 10 for --observations")]
    [InlineData("sir", "--data x.csv", "--data goes with a table of parameters, FILE.csv or FILE.npy; got the task 'sir'")]
    public void What_is_wrong_with_a_table_is_told_in_one_line(string table, string more, string named)
    {
        File.WriteAllText(Path.Combine(folder, "pairs.csv"), "theta_0,x_0\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"{i},{i}\n")));
        File.WriteAllText(Path.Combine(folder, "x.csv"), "x_0\n1\n");
        File.WriteAllText(Path.Combine(folder, "flat.csv"), "theta_0,x_0\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},5\n")));
        var ran = Program.Run(folder, ["train", table, "--out", "model.onnx", .. more.Contains("--family", StringComparison.Ordinal) ? (string[])[] : ["--family", "gaussian"], .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(65, ran.ExitCode);
        Assert.Contains(named, Assert.Single(ran.Complaints), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "model.onnx")) || File.Exists(Path.Combine(folder, "seen.csv")));
    }

    private byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(folder, name));
}
