using System.Diagnostics;
using System.Globalization;
using Guarantees.Checking;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Tables;
using Guarantees.Networks;

namespace Benchmarks;

/// <summary>Output bounds of the networks and boxes of <c>data/bounds</c>: time, and total width beside that of the reference's bounds stored there (auto_LiRPA, float64).</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- table ../shared/data. Medians in a warm process; the network is prepared by a first call. For grids beyond those stored the first box is cut
/// into equal parts along its first four coordinates. A width smaller than the reference's is a tighter bound: ours are rounded outward, the reference's are not.
/// </remarks>
internal static class BoundsTable
{
    private const int Warm = 40;

    public static void Print(string data)
    {
        var bounds = Path.Combine(data, "bounds");
        var acas = Path.Combine(data, "acasxu", "ACASXU_run2a_1_1_batch_2000.onnx");
        Console.WriteLine(Invariant($"{"network, boxes",-28} {"steps",5} {"median ms",10} {"fastest",9} {"calls",6} {"total width",12} {"reference",12}"));
        foreach (var (model, stem, table) in new[]
        {
            (acas, "acas_1_1", "acas_p1_b1"), (acas, "acas_1_1", "acas_p1_b256"), (acas, "acas_1_1", "acas_p3_b1"), (acas, "acas_1_1", "acas_p3_b256"), (acas, "acas_1_1", "acas_p4_b1"),
            (acas, "acas_1_1", "acas_p4_b256"), (Path.Combine(bounds, "relu_3x256.onnx"), "relu_3x256", "mlp_e0.05_b1"), (Path.Combine(bounds, "tanh_3x256.onnx"), "tanh_3x256", "mlp_e0.05_b1"),
        })
        {
            var network = OnnxImporter.Read(model);
            var boxes = Boxes(Path.Combine(bounds, table + ".csv"));
            foreach (var (steps, method) in new[] { (0, "CROWN"), (10, "CROWN-Optimized") })
            {
                var pure = Path.Combine(bounds, $"{stem}__{table}__{method}-pure__f64.csv");
                var reference = File.Exists(pure) ? pure : Path.Combine(bounds, $"{stem}__{table}__{method}__f64.csv");
                Row($"{stem}, {table}", network, boxes, steps, File.Exists(reference) ? Width(Boxes(reference)) : null);
            }

            if (boxes.Length == 1)
            {
                var side = table == "acas_p1_b1" ? 8 : table.StartsWith("mlp", StringComparison.Ordinal) ? 4 : 0;
                if (side > 0)
                {
                    var parts = Grid(boxes[0], side);
                    Row(Invariant($"{stem}, {parts.Length} parts"), network, parts, 0, null);
                }
            }
        }
    }

    private static void Row(string name, Network network, Box[] boxes, int steps, double? reference)
    {
        var (engine, node) = (new OutputBounds { Steps = steps }, network.Outputs[0].Node);
        var width = Width(engine.Over(network, node, boxes));
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(1.5);)
        {
            engine.Over(network, node, boxes);
        }

        var (times, whole) = (new List<double>(), Stopwatch.StartNew());
        while (times.Count < 5 || (whole.Elapsed < TimeSpan.FromSeconds(4) && times.Count < (boxes.Length == 1 ? 10 * Warm : Warm)))
        {
            var clock = Stopwatch.StartNew();
            engine.Over(network, node, boxes);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(Invariant($"{name,-28} {steps,5} {times[times.Count / 2],10:F3} {times[0],9:F3} {times.Count,6} {width,12:G6} {(reference is { } other ? other.ToString("G6", CultureInfo.InvariantCulture) : ""),12}"));
    }

    private static double Width(Box[] boxes) => boxes.Sum(box => Enumerable.Range(0, box.Length).Sum(i => box.Upper[i] - box.Lower[i]));

    /// <summary>All lower ends, then all upper ends a row.</summary>
    private static Box[] Boxes(string path)
    {
        var table = Table.Read(path);
        return [.. Enumerable.Range(0, table.Rows).Select(i => new Box(table[i][..(table.Columns.Length / 2)].ToArray(), table[i][(table.Columns.Length / 2)..].ToArray()))];
    }

    private static Box[] Grid(Box box, int side) => [.. Enumerable.Range(0, side * side * side * side).Select(k =>
    {
        var part = new Box([.. box.Lower], [.. box.Upper]);
        for (var j = 0; j < 4; j++, k /= side)
        {
            var place = k % side;
            var (low, width) = (box.Lower[j], box.Upper[j] - box.Lower[j]);
            (part.Lower[j], part.Upper[j]) = (low + (width * place / side), low + (width * (place + 1) / side));
        }

        return part;
    })];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
