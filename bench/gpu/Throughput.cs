using System.Diagnostics;
using Certify.Native;
using Certify.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuBench;

/// <summary>Boxes a second, and what share of the device's arithmetic that is.</summary>
public sealed class Throughput
{
    private static readonly int[] Batches = [1, 16, 256, 4096, 65536];

    private readonly Device device;
    private readonly CudaDevice? card;
    private readonly Func<bool> isLate;
    private readonly double longest;
    private readonly Action<string> tell;

    /// <summary>Prepares.</summary>
    /// <param name="device">Where.</param>
    /// <param name="card">What the driver says of it; null for the processor.</param>
    /// <param name="isLate">Whether the time is up.</param>
    /// <param name="longest">Seconds that one measurement may take.</param>
    /// <param name="tell">Told each row.</param>
    public Throughput(Device device, CudaDevice? card, Func<bool> isLate, double longest, Action<string> tell) =>
        (this.device, this.card, this.isLate, this.longest, this.tell) = (device, card, isLate, longest, tell);

    /// <summary>One measurement: end to end, boxes in host memory to bounds in host memory.</summary>
    /// <param name="Net">The net.</param>
    /// <param name="Method">interval or CROWN.</param>
    /// <param name="Type">float32 or float64.</param>
    /// <param name="Batch">Boxes in one call.</param>
    /// <param name="Chunk">Boxes that are bounded together.</param>
    /// <param name="Seconds">Median; NaN where it was not run.</param>
    /// <param name="Spread">(Largest less smallest) / median.</param>
    /// <param name="Runs">Repetitions.</param>
    /// <param name="Operations">By the formula of <see cref="TensorBounds.Operations"/>, all boxes.</param>
    public sealed record Row(string Net, string Method, string Type, int Batch, int Chunk, double Seconds, double Spread, int Runs, double Operations)
    {
        /// <summary>Boxes a second.</summary>
        public double Rate => Batch / Seconds;

        /// <summary>Operations a second, in 10^12.</summary>
        public double TeraOperations => Operations / Seconds / 1e12;
    }

    /// <summary>Rows so far.</summary>
    public List<Row> Rows { get; } = [];

    /// <summary>Chunk sizes tried for one net.</summary>
    public List<Row> Chunks { get; } = [];

    /// <summary>What the parts of a step move, in 10^9 bytes a second.</summary>
    public List<(string What, double Seconds, double GigaBytes)> Primitives { get; } = [];

    /// <summary>Measured rate of a large product, 10^12 operations a second.</summary>
    public Dictionary<string, double> Product { get; } = [];

    /// <summary>
    /// The card's documented peak for a type, 10^12 operations a second, and its source; null where none is known. Float64 products run on the tensor cores of these cards.
    /// </summary>
    /// <remarks>
    /// H100 SXM and H200: 132 multiprocessors, 128 float32 lanes each, 1.98 GHz: 66.9 in float32 and, on tensor cores, in float64 (glennklockwood.com/garden/processors/h100,
    /// read 2026-11; kinds differ by clock and multiprocessors, so these are read off the driver). A100: 108 multiprocessors, 64 lanes, 1.41 GHz: 19.5 in both.
    /// </remarks>
    public (double Rate, string Source)? Peak(string type)
    {
        if (card is null)
        {
            return null;
        }

        var lanes = card.Capability switch { 80 => 64, 90 => 128, _ => 0 };
        return lanes == 0 || type is not ("float32" or "float64")
            ? null
            : (card.Multiprocessors * lanes * 2.0 * card.Kilohertz * 1e3 / 1e12, $"{card.Multiprocessors} multiprocessors x {lanes} lanes x 2 x {card.Kilohertz / 1e6:F2} GHz");
    }

    /// <summary>Products, copies and the elementwise steps.</summary>
    public void Ceilings()
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            using var scope = NewDisposeScope();
            var n = device.type == DeviceType.CPU ? 768 : 8192;
            var (a, b) = (randn(n, n, type, device), randn(n, n, type, device));
            var seconds = Median(() => a.matmul(b).Dispose(), 7).Seconds;
            Product[Checks.Short(type)] = 2.0 * n * n * n / seconds / 1e12;
            tell($"product {n}^3 {Checks.Short(type)}: {Product[Checks.Short(type)]:G4} x 10^12 operations a second");
        }

        // The steps of one layer's walk, on coefficients [boxes, 100, 50] and [boxes, 512, 256].
        foreach (var (rows, width) in ((int, int)[])[(100, 50), (512, 256)])
        {
            using var scope = NewDisposeScope();
            var boxes = (device.type == DeviceType.CPU ? 1L << 21 : 1L << 28) / (rows * width);
            var a = randn(boxes, rows, width, ScalarType.Float32, device);
            var (negative, slope, w) = (a.clamp_max(0), rand(boxes, 1, width, ScalarType.Float32, device), randn(width, width, ScalarType.Float32, device));
            var column = slope.transpose(1, 2).contiguous();
            var bytes = 4.0 * boxes * rows * width;
            Step($"copy [{boxes}, {rows}, {width}]", 2 * bytes, () => a.clone().Dispose());
            Step("min(a, 0)", 2 * bytes, () => a.clamp_max(0).Dispose());
            Step("a k in place", 2 * bytes, () => a.mul_(slope));
            Step("a + a⁻ s in place", 3 * bytes, () => a.addcmul_(negative, slope, 0));
            Step("a⁻ d, batched", bytes, () => negative.bmm(column).Dispose());
            Step("a⁻ d, as product and sum", 4 * bytes, () => negative.mul(slope).sum([2]).Dispose());
            Step("a b, one vector", bytes, () => a.view(-1, width).mv(w[0]).Dispose());
            Step($"a W ({2 * bytes / 4 * width / 1e9:F0} x 10^9 operations)", 2 * bytes, () => a.matmul(w).Dispose());
        }
    }

    private void Step(string what, double bytes, Action action)
    {
        var (seconds, _, _) = Median(action, 5);
        Primitives.Add((what, seconds, bytes / seconds / 1e9));
        tell($"{what}: {seconds * 1e3:F3} ms, {bytes / seconds / 1e9:F0} x 10^9 bytes a second");
    }

    /// <summary>All nets, types, methods and batches; small batches first, so that a time limit costs the largest.</summary>
    /// <param name="quick">The two smaller nets, batches up to 256.</param>
    public void Measure(bool quick)
    {
        foreach (var batch in Batches.Where(batch => !quick || batch <= 256))
        {
            foreach (var net in Checks.Nets.Take(quick ? 2 : 3))
            {
                var (lower, upper) = net.Boxes(29, batch, [0.01]);
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
                {
                    using var bounds = new TensorBounds(net.ToNetwork(), device, type);
                    foreach (var crown in (bool[])[false, true])
                    {
                        Rows.Add(One(net, bounds, type, crown, batch, lower, upper));
                        Tell(Rows[^1]);
                    }
                }
            }
        }
    }

    /// <summary>CROWN of the middle net in float32, by size of chunk.</summary>
    public void TryChunks(bool quick)
    {
        var net = Checks.Nets[1];
        var batch = quick ? 64 : 4096;
        var (lower, upper) = net.Boxes(31, batch, [0.01]);
        foreach (var chunk in ((int[])[4, 16, 64, 256, 1024, 4096]).Where(chunk => chunk <= batch && (!quick || chunk <= 64)))
        {
            using var bounds = new TensorBounds(net.ToNetwork(), device, ScalarType.Float32) { ChunkSize = chunk };
            Chunks.Add(One(net, bounds, ScalarType.Float32, true, batch, lower, upper, chunks: true));
            Tell(Chunks[^1]);
        }
    }

    private Row One(Net net, TensorBounds bounds, ScalarType type, bool crown, int batch, double[,] lower, double[,] upper, bool chunks = false)
    {
        var operations = bounds.Operations(crown) * batch;
        var row = new Row(net.Name, crown ? "CROWN" : "interval", Checks.Short(type), batch, Math.Min(bounds.ChunkSize, batch), double.NaN, double.NaN, 0, operations);

        // What the next smaller batch took, or what the largest product would allow, says how long this one will take at least.
        var before = chunks ? null : Rows.LastOrDefault(other => other.Net == row.Net && other.Type == row.Type && other.Method == row.Method);
        var expected = before is null || double.IsNaN(before.Seconds)
            ? operations / (1e12 * Product.GetValueOrDefault(row.Type, 1))
            : before.Seconds * (before.Batch >= before.Chunk * 4 || before.Seconds > 0.2 ? (double)batch / before.Batch : 1);
        if (isLate() || expected > longest || (before is not null && double.IsNaN(before.Seconds)))
        {
            return row;
        }

        Action action = crown ? () => bounds.Crown(lower, upper) : () => bounds.Interval(lower, upper);
        var (seconds, spread, runs) = Median(action, expected > 1 ? 1 : 7);
        return row with { Seconds = seconds, Spread = spread, Runs = runs };
    }

    private void Tell(Row row) => tell(double.IsNaN(row.Seconds)
        ? $"{row.Net} {row.Method} {row.Type} batch {row.Batch}: not run, it would take too long"
        : $"{row.Net} {row.Method} {row.Type} batch {row.Batch} (chunks of {row.Chunk}): {row.Seconds * 1e3:G4} ms, {row.Rate:G4} boxes a second, {row.TeraOperations:G3} x 10^12 operations a second");

    /// <summary>Median of a few runs after one that counts for nothing; a single run, which counts, where <paramref name="most"/> is 1. At most half a second of repetitions.</summary>
    private (double Seconds, double Spread, int Runs) Median(Action action, int most)
    {
        if (most > 1)
        {
            action();
            Wait();
        }

        var (times, total) = (new List<double>(), Stopwatch.StartNew());
        while (times.Count < most && (times.Count < 2 || total.Elapsed.TotalSeconds < 0.5))
        {
            var clock = Stopwatch.StartNew();
            action();
            Wait();
            times.Add(clock.Elapsed.TotalSeconds);
        }

        times.Sort();
        return (times[times.Count / 2], (times[^1] - times[0]) / times[times.Count / 2], times.Count);
    }

    /// <summary>Work on a GPU is queued: a clock may be read when the queue is empty.</summary>
    private void Wait()
    {
        if (device.type != DeviceType.CPU)
        {
            cuda.synchronize();
        }
    }
}
