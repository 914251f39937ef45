using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Certify.Tensors;
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
        var device = DeviceOption.ForBounds();
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("bounds", "Bounds every output of a network over each box, rounded outward.", "certify bounds net.onnx --box boxes.csv --method crown") { model, box, method, device, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(device) is { Implicit: false } && result.GetValue(device) != "auto" && result.GetValue(method) is "alpha-crown" or "crown-ibp")
            {
                result.AddError($"--method {result.GetValue(method)} runs on the host; leave --device out.");
            }
        });
        command.Does((parsed, _) =>
        {
            var name = parsed.GetValue(device)!;
            var network = OnnxImporter.Read(parsed.GetValue(model)!);
            var boxes = BoxFile.Read(parsed.GetValue(box)!, network.InputLength);
            var bounds = name != "auto" ? OnDevice(network, boxes, parsed.GetValue(method) == "ibp", name)
                : parsed.GetValue(method) == "ibp" ? boxes.Select(network.Ranges)
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

    /// <summary>Apart, so that bounds of the host load no TorchSharp.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<Box[]> OnDevice(Network network, IReadOnlyList<Box> boxes, bool interval, string name)
    {
        var device = TensorDevice.Open(name);
        var (lower, upper) = (new double[boxes.Count, network.InputLength], new double[boxes.Count, network.InputLength]);
        for (var k = 0; k < boxes.Count; k++)
        {
            for (var j = 0; j < network.InputLength; j++)
            {
                (lower[k, j], upper[k, j]) = (boxes[k].Lower[j], boxes[k].Upper[j]);
            }
        }

        var found = new Dictionary<int, (double[,] Lower, double[,] Upper)>();
        foreach (var (output, node) in network.Outputs.DistinctBy(output => output.Node))
        {
            using var bounds = new TensorBounds(network, device, output: output);
            found[node] = interval ? bounds.Interval(lower, upper) : bounds.Crown(lower, upper);
        }

        Console.Error.WriteLine($"certify: bounds by tensors on {name}, float64, not rounded outward");
        var rows = new List<Box[]>(boxes.Count);
        for (var k = 0; k < boxes.Count; k++)
        {
            var ranges = new Box[network.Nodes.Length];
            foreach (var (node, (l, u)) in found)
            {
                // Where rounding crosses the ends of a point, the larger one stands.
                ranges[node] = new Box(Row(l, k), [.. Row(u, k).Zip(Row(l, k), Math.Max)]);
            }

            rows.Add(ranges);
        }

        return rows;

        static double[] Row(double[,] values, int k) => [.. Enumerable.Range(0, values.GetLength(1)).Select(j => values[k, j])];
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
