using System.Globalization;
using System.Runtime.InteropServices;
using Certify.Native;
using Guarantees.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Certify.Tensors;

/// <summary>Bounds of a sequential network over many boxes at once, as tensors on any device. NOT TRUSTED: nothing is rounded outward.</summary>
/// <remarks>
/// Accepts: a network that is a chain of linear operators and activations (ReLU, LeakyReLU, Tanh, Sigmoid), and a batch of boxes.
/// Returns: for each box, a lower and an upper bound of every output.
/// Idea: <see cref="Interval"/> carries middle and radius forward. <see cref="Crown(double[,], double[,])"/> writes a bound of each layer as a linear function of the layer
/// before, replaces activations by lines around them, and so walks back to the input, for every layer in turn. Upper bounds of z are lower
/// bounds of -z: one walk with the rows W and -W finds both.
/// Guarantee: none. In exact arithmetic the bounds hold; in floating point they may fail by rounding errors of a few units in the last place of the
/// largest intermediate number. Use them to guide a search; what ends up in a certificate comes from <see cref="Guarantees.Checking.BoundPropagation"/>.
/// Boxes go to the device once and bounds come back once; between, chunk after chunk is queued and nothing waits for the device. Float32 products are made in float32: TF32, ten
/// bits of mantissa, stays off, as is libtorch's default.
/// Sources: S. Gowal et al., "On the Effectiveness of Interval Bound Propagation", 2018; H. Zhang et al., "Efficient Neural Network Robustness
/// Certification with General Activation Functions", NeurIPS 2018 (CROWN, with its adaptive lower slope for ReLU).
/// Any number of threads may use one instance.
/// </remarks>
public sealed class TensorBounds : IDisposable
{
    /// <summary>Size of the largest coefficient tensor: more than a few megabytes leave the caches of a CPU; a GPU wants large batches.</summary>
    private const long HostBytes = 8L << 20;
    private const long LeastDeviceBytes = 1L << 28;
    private const long MostDeviceBytes = 4L << 30;

    /// <summary>About four tensors of a chunk's coefficients are alive at once; an eighth of the memory goes to them.</summary>
    private const int ShareOfMemory = 32;

    private readonly AffineChain chain;
    private readonly Device device;
    private readonly ScalarType type;
    private readonly Tensor[] weights;
    private readonly Tensor[] sizes;
    private readonly Tensor[] biases;
    private readonly Tensor[] rows;
    private readonly Tensor[] rowBiases;
    private readonly Tensor[] negativeRows;

    /// <summary>Copies the network's numbers to the device.</summary>
    /// <param name="network">A sequential network.</param>
    /// <param name="device">Where the tensors live; the CPU when null.</param>
    /// <param name="type">Float64 or Float32.</param>
    /// <param name="output">Which output to bound; may be left out where there is one only.</param>
    /// <exception cref="NotSupportedException">The network branches or has an operator without a tensor form; the message names the node.</exception>
    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public TensorBounds(Network network, Device? device = null, ScalarType type = ScalarType.Float64, string? output = null)
        : this(network, Node(network, output), device, type)
    {
    }

    /// <summary>Copies the numbers of the part of a network that leads to a node, which need not be an output.</summary>
    internal TensorBounds(Network network, Node node, Device? device, ScalarType type)
    {
        if (type is not (ScalarType.Float64 or ScalarType.Float32))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "The element type must be Float64 or Float32.");
        }

        chain = AffineChain.Read(network, node);
        NativeTorch.EnsureLoaded();
        (this.device, this.type) = (device ?? CPU, type);
        using var scope = NewDisposeScope();
        var maps = chain.Maps;
        weights = [.. maps.Select(map => Keep(tensor(map.Weights)))];
        biases = [.. maps.Select(map => Keep(tensor(map.Bias)))];
        sizes = [.. weights.Select(weight => Keep(weight.abs()))];
        rows = [.. weights.Select(weight => Keep(cat([weight, -weight], 0).unsqueeze(0)))];
        rowBiases = [.. biases.Select(bias => Keep(cat([bias, -bias], 0).unsqueeze(0)))];
        negativeRows = [.. rows.Select(row => Keep(row.clamp_max(TensorArithmetic.Zero)))];
        ChunkSize = DefaultChunkSize();
    }

    /// <summary>Boxes that are bounded together; more of them take more memory. By default the coefficients of a chunk fill 8 MB on a CPU, a thirty-second of the memory of a GPU (at most 4 GB).</summary>
    public int ChunkSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    }

    /// <summary>Bounds by interval arithmetic.</summary>
    /// <param name="lower">Lower ends, [boxes, inputs].</param>
    /// <param name="upper">Upper ends, [boxes, inputs].</param>
    /// <returns>Lower and upper bounds, [boxes, outputs].</returns>
    public (double[,] Lower, double[,] Upper) Interval(double[,] lower, double[,] upper) => Chunked(lower, upper, Forward, everyLayer: false)[0];

    /// <summary>Bounds by backward linear relaxation, for every layer in turn.</summary>
    /// <param name="lower">Lower ends, [boxes, inputs].</param>
    /// <param name="upper">Upper ends, [boxes, inputs].</param>
    /// <returns>Lower and upper bounds, [boxes, outputs].</returns>
    public (double[,] Lower, double[,] Upper) Crown(double[,] lower, double[,] upper) => Chunked(lower, upper, LayerByLayer, everyLayer: false)[0];

    /// <summary>The same bounds before every activation and of the output: what a check of each layer by itself needs.</summary>
    /// <param name="lower">Lower ends, [boxes, inputs].</param>
    /// <param name="upper">Upper ends, [boxes, inputs].</param>
    /// <param name="crown">By backward linear relaxation or by intervals.</param>
    /// <returns>For each map, lower and upper bounds of its image, [boxes, neurons].</returns>
    public IReadOnlyList<(double[,] Lower, double[,] Upper)> Layers(double[,] lower, double[,] upper, bool crown) =>
        Chunked(lower, upper, crown ? LayerByLayer : Forward, everyLayer: true);

    /// <summary>Floating-point operations of the matrix products of one box, 2 for a multiplication and an addition: the rest is memory traffic.</summary>
    /// <param name="crown">Whether by backward relaxation of every layer: 2 sum_k sum_(i&lt;k) 2 n_k m_(i+1) m_i; intervals take two products a layer.</param>
    public double Operations(bool crown)
    {
        double[] products = [.. chain.Maps.Select(map => 2.0 * map.Weights.Length)];
        double total = 2 * products[0];
        for (var k = 1; k < chain.Maps.Length; k++)
        {
            total += crown ? Enumerable.Range(0, k).Sum(i => 2.0 * chain.Maps[k].Bias.Length * products[i]) : 2 * products[k];
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. weights, .. sizes, .. biases, .. rows, .. rowBiases, .. negativeRows])
        {
            tensor.Dispose();
        }
    }

    private static Node Node(Network network, string? output)
    {
        ArgumentNullException.ThrowIfNull(network);
        return output is not null ? network.Output(output)
            : network.Outputs.Length == 1 ? network.Nodes[network.Outputs[0].Node]
            : throw new NotSupportedException($"The network has {network.Outputs.Length} outputs; name the one to bound.");
    }

    private void Forward(Tensor middle, Tensor radius, Action<int, Tensor, Tensor> found)
    {
        using var scope = NewDisposeScope();
        var (lower, upper) = Image(0, middle, radius);
        found(0, lower, upper);
        for (var k = 1; k < weights.Length; k++)
        {
            using var step = NewDisposeScope();
            var (l, u) = (TensorRelaxation.Value(chain.Activations[k - 1], lower), TensorRelaxation.Value(chain.Activations[k - 1], upper));
            var (nextLower, nextUpper) = Image(k, l.Plus(u).mul_(TensorArithmetic.Half), u.Minus(l).mul_(TensorArithmetic.Half));
            lower.Dispose();
            upper.Dispose();
            (lower, upper) = (nextLower.MoveToOuterDisposeScope(), nextUpper.MoveToOuterDisposeScope());
            found(k, lower, upper);
        }
    }

    /// <summary>The image of boxes under map k.</summary>
    private (Tensor Lower, Tensor Upper) Image(int k, Tensor middle, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var center = nn.functional.linear(middle, weights[k], biases[k]);
        var reach = nn.functional.linear(radius, sizes[k]);
        return (center.Minus(reach).MoveToOuterDisposeScope(), center.PlusInPlace(reach).MoveToOuterDisposeScope());
    }

    private void LayerByLayer(Tensor middle, Tensor radius, Action<int, Tensor, Tensor> found)
    {
        using var scope = NewDisposeScope();
        var relaxations = new TensorRelaxation[chain.Activations.Length];
        var (lower, upper) = Image(0, middle, radius);
        found(0, lower, upper);
        for (var k = 1; k < weights.Length; k++)
        {
            relaxations[k - 1] = TensorRelaxation.Of(chain.Activations[k - 1], lower, upper);
            lower.Dispose();
            upper.Dispose();
            (lower, upper) = Backward(k, relaxations, middle, radius);
            found(k, lower, upper);
        }
    }

    /// <summary>Bounds of z = W_k f_k( ... ) + b_k: a z_i + c, with a the rows of W_k and -W_k, carried back to the input.</summary>
    private (Tensor Lower, Tensor Upper) Backward(int k, TensorRelaxation[] relaxations, Tensor middle, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var (a, c) = First(k, relaxations[k - 1]);
        for (var i = k - 1; ; i--)
        {
            using var step = NewDisposeScope();
            // [boxes, rows, m] times the matrix that all boxes share is one product of two matrices.
            var constant = addmv(c.view(-1), a.view(-1, a.shape[2]), biases[i], 1, 1).view(c.shape);
            var next = a.matmul(weights[i]);
            a.Dispose();
            c.Dispose();
            if (i > 0)
            {
                constant = ThroughActivation(next, constant, relaxations[i - 1]);
            }

            (a, c) = (next.MoveToOuterDisposeScope(), constant.MoveToOuterDisposeScope());
            if (i == 0)
            {
                break;
            }
        }

        var least = Plus(c.unsqueeze(2), a, middle.unsqueeze(2));
        least = Plus(least, a.abs_(), radius.unsqueeze(2), -1).squeeze(2);
        var n = biases[k].shape[0];
        return (least.narrow(1, 0, n).clone().MoveToOuterDisposeScope(), least.narrow(1, n, n).neg().MoveToOuterDisposeScope());
    }

    /// <summary>
    /// a f(x) &gt;= a⁺ (k x + c) + a⁻ ((k + s) x + c + d) = (a k + a⁻ s) x + a c + a⁻ d, with s and d the spreads, a⁻ = min(a, 0), for the rows a of W_k and -W_k, which
    /// all boxes share: a⁻ is known, and constants are one product of two matrices.
    /// </summary>
    private (Tensor Coefficients, Tensor Constant) First(int k, TensorRelaxation lines)
    {
        using var scope = NewDisposeScope();
        var (row, negative) = (rows[k], negativeRows[k]);
        var constant = rowBiases[k].Plus(lines.InterceptSpread.matmul(negative.squeeze(0).t()));
        if (lines.Intercept is not null)
        {
            constant.PlusInPlace(lines.Intercept.matmul(row.squeeze(0).t()));
        }

        var pulled = row * lines.Slope.unsqueeze(1);
        if (lines.SlopeSpread is not null)
        {
            pulled.addcmul_(negative, lines.SlopeSpread.unsqueeze(1), TensorArithmetic.One);
        }

        return (pulled.MoveToOuterDisposeScope(), constant.MoveToOuterDisposeScope());
    }

    /// <summary>The same for coefficients of each box, in place; returns the constant.</summary>
    /// <param name="a">[boxes, rows, n]; overwritten.</param>
    /// <param name="c">[boxes, rows].</param>
    /// <param name="lines">k, s, c, d, each [boxes, n].</param>
    private static Tensor ThroughActivation(Tensor a, Tensor c, TensorRelaxation lines)
    {
        using var scope = NewDisposeScope();
        var negative = a.clamp_max(TensorArithmetic.Zero);
        var constant = Plus(c.unsqueeze(2), negative, lines.InterceptSpread.unsqueeze(2));
        if (lines.Intercept is not null)
        {
            constant = Plus(constant, a, lines.Intercept.unsqueeze(2));
        }

        a.mul_(lines.Slope.unsqueeze(1));
        if (lines.SlopeSpread is not null)
        {
            a.addcmul_(negative, lines.SlopeSpread.unsqueeze(1), TensorArithmetic.One);
        }

        return constant.squeeze(2).MoveToOuterDisposeScope();
    }

    /// <summary>c + factor a b, batch by batch.</summary>
    /// <remarks>TorchSharp 0.107 hands the arguments of baddbmm on as (product, product, sum) although it names them (sum, product, product): they are given in the order that it uses.</remarks>
    private static Tensor Plus(Tensor c, Tensor a, Tensor b, float factor = 1) => baddbmm(a, b, c, 1, factor);

    /// <summary>Bounds of the output, or of every layer, chunk after chunk; one transfer to the device before, one for each layer back after.</summary>
    private (double[,] Lower, double[,] Upper)[] Chunked(
        double[,] lower, double[,] upper, Action<Tensor, Tensor, Action<int, Tensor, Tensor>> bounds, bool everyLayer)
    {
        Check(lower, upper);
        var (count, first) = (lower.GetLength(0), everyLayer ? 0 : weights.Length - 1);
        (double[,] Lower, double[,] Upper)[] results =
            [.. chain.Maps.Skip(first).Select(map => (new double[count, map.Bias.Length], new double[count, map.Bias.Length]))];
        if (count == 0)
        {
            return results;
        }

        using var constant = no_grad();
        using var scope = NewDisposeScope();
        var (l, u) = (tensor(lower).to(device), tensor(upper).to(device));
        var (middle, radius) = (l.Plus(u).mul_(TensorArithmetic.Half).to(type), u.Minus(l).mul_(TensorArithmetic.Half).to(type));
        Tensor[] all = [.. results.Select(result => empty([2, count, result.Lower.GetLength(1)], type, device))];
        for (var start = 0; start < count; start += ChunkSize)
        {
            using var chunk = NewDisposeScope();
            var (from, boxes) = (start, Math.Min(ChunkSize, count - start));
            bounds(middle.narrow(0, from, boxes), radius.narrow(0, from, boxes), (k, chunkLower, chunkUpper) =>
            {
                if (k >= first)
                {
                    all[k - first][0].narrow(0, from, boxes).copy_(chunkLower);
                    all[k - first][1].narrow(0, from, boxes).copy_(chunkUpper);
                }
            });
        }

        for (var k = 0; k < all.Length; k++)
        {
            var numbers = all[k].cpu().to(ScalarType.Float64).data<double>().ToArray();
            var half = numbers.Length / 2;
            numbers.AsSpan(0, half).CopyTo(MemoryMarshal.CreateSpan(ref results[k].Lower[0, 0], half));
            numbers.AsSpan(half).CopyTo(MemoryMarshal.CreateSpan(ref results[k].Upper[0, 0], half));
        }

        return results;
    }

    private void Check(double[,] lower, double[,] upper)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        if (lower.GetLength(1) != chain.InputLength || upper.GetLength(1) != chain.InputLength || lower.GetLength(0) != upper.GetLength(0))
        {
            throw new ArgumentException(
                $"Boxes of {chain.InputLength} coordinates are expected; got [{lower.GetLength(0)}, {lower.GetLength(1)}] and [{upper.GetLength(0)}, {upper.GetLength(1)}].", nameof(upper));
        }

        for (var i = 0; i < lower.GetLength(0); i++)
        {
            for (var j = 0; j < lower.GetLength(1); j++)
            {
                if (!(lower[i, j] <= upper[i, j]))
                {
                    throw new ArgumentException(
                        string.Create(CultureInfo.InvariantCulture, $"A box needs lower <= upper, both numbers; box {i}, coordinate {j} has [{lower[i, j]:R}, {upper[i, j]:R}]."), nameof(lower));
                }
            }
        }
    }

    private Tensor Keep(Tensor value) => value.to(type).to(device).DetachFromDisposeScope();

    private int DefaultChunkSize()
    {
        var widest = chain.Maps.Skip(1).Select(map => 2L * map.Bias.Length * chain.Maps.Max(other => other.Weights.GetLength(1))).DefaultIfEmpty(1).Max();
        // A CPU's caches want small chunks; a GPU fills up only with large ones, and reads its memory's size off the driver.
        var (bytes, most) = device.type == DeviceType.CPU
            ? (HostBytes, 256)
            : (Math.Clamp((CudaDevice.Find(out _)?.Memory ?? 0) / ShareOfMemory, LeastDeviceBytes, MostDeviceBytes), 1 << 16);
        return (int)Math.Clamp(bytes / (widest * (type == ScalarType.Float64 ? 8 : 4)), 1, most);
    }
}
