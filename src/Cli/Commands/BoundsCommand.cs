using System.CommandLine;
using System.Text.Json;
using Guarantees.Checking;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;

namespace Cli.Commands;

/// <summary><c>certify bounds MODEL.onnx --box FILE.csv</c>: rigorous ranges of a network's outputs over boxes.</summary>
internal static class BoundsCommand
{
    public static CertifyCommand Create()
    {
        var model = new Argument<string>("MODEL.onnx") { Description = "The network." };
        var box = new Option<string>("--box") { Description = "Table of boxes: lo0, lo1, ..., hi0, hi1, ... a row.", Required = true, HelpName = "FILE.csv" };
        var method = new Option<string>("--method") { Description = "ibp (interval arithmetic), crown-ibp (interval arithmetic, and one backward pass for the outputs), crown (backward linear relaxation) or alpha-crown (with slopes improved by subgradient steps).", DefaultValueFactory = _ => "crown" };
        method.AcceptOnlyFromAmong("ibp", "crown-ibp", "crown", "alpha-crown");
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("bounds", "Bounds every output of a network over each box, rounded outward.", "certify bounds net.onnx --box boxes.csv --method crown") { model, box, method, json };
        command.Does((parsed, _) =>
        {
            var network = OnnxImporter.Read(parsed.GetValue(model)!);
            var boxes = BoxFile.Read(parsed.GetValue(box)!, network.InputLength);
            var bounds = parsed.GetValue(method) == "ibp"
                ? boxes.Select(network.Ranges)
                : Crown(network, boxes, new OutputBounds { Steps = parsed.GetValue(method) == "alpha-crown" ? 10 : 0, IntervalsOnly = parsed.GetValue(method) == "crown-ibp" });
            Print(network, bounds, parsed.GetValue(json));
            return ExitCode.Proved;
        });
        return command;
    }

    private static IEnumerable<Box[]> Crown(Network network, IReadOnlyList<Box> boxes, OutputBounds bounds)
    {
        var found = network.Outputs.Select(output => output.Node).Distinct().ToDictionary(node => node, node => bounds.Over(network, node, boxes));
        for (var k = 0; k < boxes.Count; k++)
        {
            var ranges = new Box[network.Nodes.Length];
            foreach (var (node, range) in found)
            {
                ranges[node] = range[k];
            }

            yield return ranges;
        }
    }

    private static void Print(Network network, IEnumerable<Box[]> bounds, bool json)
    {
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            using var writer = new Utf8JsonWriter(output);
            writer.WriteStartArray();
            foreach (var ranges in bounds)
            {
                writer.WriteStartObject();
                foreach (var (name, node) in network.Outputs)
                {
                    writer.WriteStartObject(name);
                    Numbers(writer, "lower", ranges[node].Lower);
                    Numbers(writer, "upper", ranges[node].Upper);
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            return;
        }

        // The form of the reference tables: l0, l1, ..., u0, u1, ..., one box a row.
        var count = network.Outputs.Sum(output => network.Nodes[output.Node].Length);
        Console.WriteLine(string.Join(",", Enumerable.Range(0, count).Select(i => $"l{i}").Concat(Enumerable.Range(0, count).Select(i => $"u{i}"))));
        foreach (var ranges in bounds)
        {
            Console.WriteLine(string.Join(",", network.Outputs.SelectMany(o => ranges[o.Node].Lower).Concat(network.Outputs.SelectMany(o => ranges[o.Node].Upper))
                .Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
        }
    }

    private static void Numbers(Utf8JsonWriter writer, string name, double[] values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue(); // JSON has no infinity
            }
        }

        writer.WriteEndArray();
    }
}
