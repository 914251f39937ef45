using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Certify.Search;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;

namespace Cli.Commands;

/// <summary><c>certify lipschitz MODEL.onnx --box FILE.csv --norm l2</c>: the Lipschitz constant of a network over boxes.</summary>
internal static class LipschitzCommand
{
    public static CertifyCommand Create()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The network; all its outputs together are one vector." };
        var box = new Option<string>("--box") { Description = "Table of boxes: lo0, lo1, ..., hi0, hi1, ... a row.", Required = true, HelpName = "FILE.csv" };
        var norm = new Option<string>("--norm") { Description = "Norm on inputs: l1, l2 or linf.", DefaultValueFactory = _ => "l2" };
        norm.AcceptOnlyFromAmong("l1", "l2", "linf");
        var outputNorm = new Option<string>("--output-norm") { Description = "Norm on outputs: l1, l2 or linf.", DefaultValueFactory = _ => "l2" };
        outputNorm.AcceptOnlyFromAmong("l1", "l2", "linf");
        var gap = new Option<double>("--gap") { Description = "Stop when (upper - lower) / upper is at most this.", DefaultValueFactory = _ => 0.01, HelpName = "SHARE" };
        gap.Takes("a share in [0, 1)", share => share is >= 0 and < 1);
        var timeout = new Option<double>("--timeout") { Description = "Search time per box.", DefaultValueFactory = _ => 20, HelpName = "SECONDS" };
        timeout.Takes("seconds in (0, 1e7]", seconds => seconds is > 0 and <= 1e7);
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("lipschitz", "Encloses the Lipschitz constant of a network over each box.", "certify lipschitz net.onnx --box boxes.csv --norm l2") { model, box, norm, outputNorm, gap, timeout, json };
        command.Does((parsed, cancellation) =>
        {
            var network = OnnxImporter.Read(parsed.GetValue(model)!);
            var boxes = BoxFile.Read(parsed.GetValue(box)!, network.InputLength);
            var from = Words.TryParse<Norm>(parsed.GetValue(norm)!, out var known) ? known : Norm.L2;
            var to = Words.TryParse<Norm>(parsed.GetValue(outputNorm)!, out known) ? known : Norm.L2;
            var builder = new NetworkBuilder();
            var inputs = network.Inputs.Select(node => builder.Input(node.Name, node.Length)).ToArray();
            var outputs = builder.Insert(network, inputs);
            var features = builder.Concat([.. network.Outputs.Select(output => outputs[output.Name])]);
            builder.Output("features", features);
            var graph = builder.Build();
            var terminal = new Terminal();
            var answers = new List<SearchResult>();
            foreach (var (i, part) in boxes.Index())
            {
                var problem = new Problem(graph, features.Id, new Domain(part)) { JacobianFrom = from, JacobianTo = to };
                var search = new BranchAndBound { RelativeGap = parsed.GetValue(gap), TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(timeout)), Progress = terminal.Enclosure($"box {i + 1} of {boxes.Count}") };
                answers.Add(search.Solve(problem, cancellation));
            }

            terminal.Clear();
            Print(answers, from, to, parsed.GetValue(json));
            return answers.All(answer => double.IsFinite(answer.Upper)) ? ExitCode.Proved : ExitCode.Undecided;
        });
        return command;
    }

    private static void Print(List<SearchResult> answers, Norm from, Norm to, bool json)
    {
        if (!json)
        {
            Console.WriteLine("lower,upper,seconds");
            foreach (var answer in answers)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Lower:R},{answer.Upper:R},{answer.Seconds:F3}"));
            }

            return;
        }

        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartArray();
        foreach (var answer in answers)
        {
            writer.WriteStartObject();
            RunDocument.Optional(writer, "lower", answer.Lower);
            RunDocument.Optional(writer, "upper", answer.Upper);
            writer.WriteString("norm", Words.Of(from));
            writer.WriteString("outputNorm", Words.Of(to));
            writer.WriteNumber("seconds", answer.Seconds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
