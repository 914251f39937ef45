using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Certify.Search;
using Certify.Tensors;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using static TorchSharp.torch;

namespace GpuBench;

/// <summary>Whether the tensors of a device compute what they should. Every tolerance is derived (<see cref="Reference"/>); a NaN passes nothing.</summary>
public sealed class Checks
{
    private readonly Device device;
    private readonly Action<string> tell;

    /// <summary>Prepares.</summary>
    /// <param name="device">The device under test.</param>
    /// <param name="tell">Told each result.</param>
    public Checks(Device device, Action<string> tell) => (this.device, this.tell) = (device, tell);

    /// <summary>One line for every check: what, whether it holds, and the figures.</summary>
    public List<(string What, bool Holds, string Figures)> Results { get; } = [];

    /// <summary>The nets of the table.</summary>
    public static ImmutableArray<Net> Nets { get; } = [Net.Draw(1, 5, 50, 6, 5), Net.Draw(2, 10, 256, 3, 20), Net.Draw(3, 100, 1024, 4, 100)];

    /// <summary>Runs all.</summary>
    /// <param name="quick">Without the wide net and with fewer boxes.</param>
    public void Run(bool quick)
    {
        Float32IsFloat32();
        foreach (var (net, boxes) in new[] { (Nets[0], quick ? 24 : 96), (Nets[1], quick ? 6 : 24), (Nets[2], 3) }.Take(quick ? 2 : 3))
        {
            // The widest net is drawn around few radii, so that some boxes are neither points nor decided by intervals.
            var (lower, upper) = net.Boxes(17, boxes, boxes < 6 ? [1e-4, 0.003, 0.01] : null);
            Layers(net, lower, upper, crown: false);
            Layers(net, lower, upper, crown: true);
            Contains(net, lower, upper);
        }

        Certificates(Net.Draw(4, 5, 50, 6, 5), quick);
    }

    /// <summary>Adds a result.</summary>
    public void Add(string what, bool holds, string figures)
    {
        Results.Add((what, holds, figures));
        tell($"{(holds ? "passed" : "FAILED")}: {what}: {figures}");
    }

    /// <summary>Products of float32 keep 24 bits: (1 + 2^-12) * 1 is exact, where TF32 with 10 bits gives 1.</summary>
    private void Float32IsFloat32()
    {
        using var scope = NewDisposeScope();
        var a = full([256, 256], 1 + Math.ScaleB(1, -12), ScalarType.Float32, device);
        var product = a.matmul(eye(256, dtype: ScalarType.Float32, device: device)).cpu().data<float>().ToArray();
        Add("float32 products are float32, not TF32", product.All(value => value == 1 + MathF.ScaleB(1, -12)), string.Create(CultureInfo.InvariantCulture, $"(1 + 2^-12) 1 = {product[0]:R}"));
    }

    /// <summary>Every neuron of every layer against plain loops that start from the device's own bounds of the layers before; of the whole network, the difference is told.</summary>
    private void Layers(Net net, double[,] lower, double[,] upper, bool crown)
    {
        var (network, count) = (net.ToNetwork(), lower.GetLength(0));
        foreach (var type in Types)
        {
            using var bounds = new TensorBounds(network, device, type);
            var (found, output) = (bounds.Layers(lower, upper, crown), crown ? bounds.Crown(lower, upper) : bounds.Interval(lower, upper));
            var (reference, exact) = (new Reference(net, Unit(type)), new Reference(net, Unit(ScalarType.Float64)));
            var (comparison, whole, ends, same) = (new Comparison(), 0.0, 0.0, true);
            for (var i = 0; i < count; i++)
            {
                var (l, u) = (Row(lower, i), Row(upper, i));
                foreach (var (k, layer) in reference.Layers(l, u, crown, k => (Row(found[k].Lower, i), Row(found[k].Upper, i))).Index())
                {
                    comparison.Add(found[k], i, layer);
                }

                var alone = exact.Layers(l, u, crown)[^1];
                for (var o = 0; o < net.Outputs; o++)
                {
                    var size = Math.Max(1, Math.Max(Math.Abs(alone.Lower[o]), Math.Abs(alone.Upper[o])));
                    whole = Math.Max(whole, Math.Max(Math.Abs(output.Lower[i, o] - alone.Lower[o]), Math.Abs(output.Upper[i, o] - alone.Upper[o])) / size);
                    same &= output.Lower[i, o] == found[^1].Lower[i, o] && output.Upper[i, o] == found[^1].Upper[i, o];
                }

                if (!crown)
                {
                    var ranges = network.Ranges(new Box(l, u))[network.Outputs[0].Node];
                    ends = Math.Max(ends, Enumerable.Range(0, net.Outputs).Max(o =>
                        Math.Max(Math.Abs(output.Lower[i, o] - ranges.Lower[o]), Math.Abs(output.Upper[i, o] - ranges.Upper[o])) / Math.Max(1, Math.Abs(ranges.Upper[o]))));
                }
            }

            Add(
                $"{net.Name} {(crown ? "CROWN" : "interval")} {Short(type)} equals plain loops in every layer",
                comparison.Holds,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{comparison}; {reference.Ties} slope ties; the whole network differs from loops in double by {whole:E1}{(crown ? "" : $", from the kernel's rounded ranges by {ends:E1}")}{(same ? "" : "; the output alone comes out otherwise than with all layers")}"));
        }
    }

    /// <summary>Bounds hold at points, whose values the kernel encloses, and meet the kernel's bounds.</summary>
    private void Contains(Net net, double[,] lower, double[,] upper)
    {
        var network = net.ToNetwork();
        var (node, count) = (network.Outputs[0].Node, lower.GetLength(0));
        Box[] boxes = [.. Enumerable.Range(0, count).Select(i => new Box(Row(lower, i), Row(upper, i)))];
        var host = new OutputBounds().Over(network, node, boxes);
        foreach (var type in Types)
        {
            var reference = new Reference(net, Unit(type));
            using var bounds = new TensorBounds(network, device, type);
            var layers = bounds.Layers(lower, upper, crown: true);
            var found = layers[^1];
            var (random, holds, points) = (new Random(5), true, 0);
            var (ours, hosts, allowed) = (0.0, 0.0, 0.0);
            for (var i = 0; i < count; i++)
            {
                var drift = reference.Layers(boxes[i].Lower, boxes[i].Upper, crown: true, k => (Row(layers[k].Lower, i), Row(layers[k].Upper, i)))[^1].Drift;
                for (var k = 0; k < (net.Sizes[1] > 500 ? 4 : 16); k++)
                {
                    double[] point = [.. Enumerable.Range(0, net.Inputs).Select(j => random.Next(3) switch { 0 => lower[i, j], 1 => upper[i, j], _ => boxes[i][j].Middle })];
                    var value = network.Ranges(Box.Point(point))[node];
                    holds &= Enumerable.Range(0, net.Outputs).All(o => found.Lower[i, o] - drift[o] <= value.Upper[o] && value.Lower[o] <= found.Upper[i, o] + drift[o]);
                    points++;
                }

                for (var o = 0; o < net.Outputs; o++)
                {
                    allowed = Math.Max(allowed, drift[o] / Math.Max(1, Math.Abs(found.Upper[i, o])));
                    holds &= found.Lower[i, o] - drift[o] <= host[i].Upper[o] && host[i].Lower[o] <= found.Upper[i, o] + drift[o];
                    (ours, hosts) = (ours + found.Upper[i, o] - found.Lower[i, o], hosts + host[i].Upper[o] - host[i].Lower[o]);
                }
            }

            Add(
                $"{net.Name} CROWN {Short(type)} holds at points and meets the kernel's bounds",
                holds,
                string.Create(CultureInfo.InvariantCulture, $"{points} points; total width {ours / hosts:F4} of the kernel's, which also has affine forms; rounding of all layers may move a bound by {allowed:E1} of its size"));
        }
    }

    /// <summary>A search that a device advises ends in trees that the kernel derives again, and forged ones are refused.</summary>
    private void Certificates(Net net, bool quick)
    {
        var (model, network) = (net.ToOnnx(), net.ToNetwork());
        var box = net.Boxes(23, 1, [quick ? 0.15 : 0.3]);
        var (lower, upper) = (Row(box.Lower, 0), Row(box.Upper, 0));

        // An output's bound between what points reach and what one box gives: several parts are needed.
        var range = new OutputBounds().Over(network, network.Outputs[0].Node, [new Box(lower, upper)])[0];
        var random = new Random(7);
        var reached = Enumerable.Range(0, 2000).Max(_ =>
            network.Evaluate(lower.Zip(upper, (a, b) => a + (random.NextDouble() * (b - a))).ToArray())[network.Outputs[0].Node][0]);
        var threshold = reached + (0.15 * (range.Upper[0] - reached));
        var text = new StringBuilder();
        for (var j = 0; j < net.Inputs; j++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"(declare-const X_{j} Real)");
        }

        for (var j = 0; j < net.Outputs; j++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"(declare-const Y_{j} Real)");
        }

        for (var j = 0; j < net.Inputs; j++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"(assert (>= X_{j} {lower[j]:F6}))").AppendLine(CultureInfo.InvariantCulture, $"(assert (<= X_{j} {upper[j]:F6}))");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {threshold:F6}))");
        var property = Encoding.UTF8.GetBytes(text.ToString());
        using var stream = new MemoryStream(property);
        var imported = OnnxImporter.Read(model, "net.onnx");
        var problem = PropertyCompiler.Compile(imported, VnnLibFile.Read(stream, "p.vnnlib"))[0];

        var alone = Timed(null);
        using var guide = TensorGuide.TryFor(problem, device, out var reason) ?? throw new InvalidOperationException(reason);
        var guided = Timed(guide);
        PropertyReport Check(EvidenceTree tree) => PropertyChecker.Check(
            new PropertyCertificate
            {
                ModelName = "net.onnx",
                ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(model)),
                PropertyName = "p.vnnlib",
                PropertySha256 = Convert.ToHexStringLower(SHA256.HashData(property)),
                IsUnsatisfiable = true,
                Evidence = [tree],
            },
            model,
            property);
        var accepted = guided.Outcome == DecisionOutcome.Proved ? Check(guided.Tree) : null;
        Add(
            $"{net.Name} the kernel accepts the certificate of a search that the device advised",
            accepted is { Accepted: true } && guide.Failure is null && guide.Asked > 0,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{guided.Outcome}, {guided.Parts} parts in {guided.Seconds:F2} s (host alone {alone.Parts} in {alone.Seconds:F2} s), asked {guide.Asked} times, followed {guide.Advised}; "
                + $"checked in {accepted?.Seconds ?? double.NaN:F2} s {accepted?.Reason}{guide.Failure}"));

        DecisionResult Timed(ISplitGuide? advice) =>
            new DecisionSearch { Target = PropertyCompiler.Target, TimeLimit = TimeSpan.FromSeconds(40), AttackStarts = 5, Guide = advice }.Solve(problem);
    }

    private static ScalarType[] Types => [ScalarType.Float64, ScalarType.Float32];

    private static double Unit(ScalarType type) => Math.ScaleB(1, type == ScalarType.Float64 ? -53 : -24);

    internal static string Short(ScalarType type) => type == ScalarType.Float64 ? "float64" : "float32";

    private static double[] Row(double[,] values, int i) => [.. Enumerable.Range(0, values.GetLength(1)).Select(j => values[i, j])];

    /// <summary>Differences against their allowance.</summary>
    private sealed class Comparison
    {
        private double difference;
        private double share;
        private double allowance;
        private int count;

        public bool Holds { get; private set; } = true;

        public void Add((double[,] Lower, double[,] Upper) found, int i, Reference.Layer expected)
        {
            for (var o = 0; o < expected.Error.Length; o++)
            {
                Add(found.Lower[i, o], expected.Lower[o], expected.Error[o]);
                Add(found.Upper[i, o], expected.Upper[o], expected.Error[o]);
            }
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{count} bounds, off by {difference:E1} of their size at most and by {share:P0} of what rounding may do, which is {allowance:E1} of the size at most");

        private void Add(double found, double expected, double error)
        {
            // Written so that a NaN fails.
            Holds &= Math.Abs(found - expected) <= error;
            var size = Math.Max(1, Math.Abs(expected));
            difference = Math.Max(difference, Math.Abs(found - expected) / size);
            share = Math.Max(share, found == expected ? 0 : Math.Abs(found - expected) / error);
            allowance = Math.Max(allowance, error / size);
            count++;
        }
    }
}
