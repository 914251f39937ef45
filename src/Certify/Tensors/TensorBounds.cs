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
/// Idea: <see cref="Interval"/> carries middle and radius forward. <see cref="Crown"/> writes a bound of each layer as a linear function of the layer
/// before, replaces activations by lines around them, and so walks back to the input, for every layer in turn. Upper bounds of z are lower
/// bounds of -z: one walk with the rows W and -W finds both.
/// Guarantee: none. In exact arithmetic the bounds hold; in floating point they may fail by rounding errors of a few units in the last place of the
/// largest intermediate number. Use them to guide a search; what ends up in a certificate comes from <see cref="Guarantees.Checking.BoundPropagation"/>.
/// Sources: S. Gowal et al., "On the Effectiveness of Interval Bound Propagation", 2018; H. Zhang et al., "Efficient Neural Network Robustness
/// Certification with General Activation Functions", NeurIPS 2018 (CROWN, with its adaptive lower slope for ReLU).
/// Any number of threads may use one instance.
/// </remarks>
public sealed class TensorBounds : IDisposable
{
    /// <summary>Size of the largest coefficient tensor: more than a few tens of megabytes leave the caches of a CPU; a GPU wants large batches.</summary>
    private const long HostBytes = 32L << 20;
    private const long DeviceBytes = 1L << 30;

    private readonly AffineChain chain;
    private readonly Device device;
    private readonly ScalarType type;
    private readonly Tensor[] weights;
    private readonly Tensor[] sizes;
    private readonly Tensor[] biases;
    private readonly Tensor[] rows;
    private readonly Tensor[] rowBiases;

    /// <summary>Copies the network's numbers to the device.</summary>
    /// <param name="network">A sequential network.</param>
    /// <param name="device">Where the tensors live; the CPU when null.</param>
    /// <param name="type">Float64 or Float32.</param>
    /// <param name="output">Which output to bound; may be left out where there is one only.</param>
    /// <exception cref="NotSupportedException">The network branches or has an operator without a tensor form; the message names the node.</exception>
    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public TensorBounds(Network network, Device? device = null, ScalarType type = ScalarType.Float64, string? output = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (type is not (ScalarType.Float64 or ScalarType.Float32))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "The element type must be Float64 or Float32.");
        }

        if (output is null && network.Outputs.Length != 1)
        {
            throw new NotSupportedException($"The network has {network.Outputs.Length} outputs; name the one to bound.");
        }

        chain = AffineChain.Read(network, output is null ? network.Nodes[network.Outputs[0].Node] : network.Output(output));
        NativeTorch.EnsureLoaded();
        (this.device, this.type) = (device ?? CPU, type);
        using var scope = NewDisposeScope();
        var maps = chain.Maps;
        weights = [.. maps.Select(map => Keep(tensor(map.Weights)))];
        biases = [.. maps.Select(map => Keep(tensor(map.Bias)))];
        sizes = [.. weights.Select(weight => Keep(weight.abs()))];
        rows = [.. weights.Select(weight => Keep(cat([weight, -weight], 0).unsqueeze(0)))];
        rowBiases = [.. biases.Select(bias => Keep(cat([bias, -bias], 0).unsqueeze(0)))];
        ChunkSize = DefaultChunkSize();
    }

    /// <summary>Boxes that are bounded together; more of them take more memory. By default the coefficients of a chunk fill 32 MB on a CPU, 1 GB on a GPU.</summary>
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
    public (double[,] Lower, double[,] Upper) Interval(double[,] lower, double[,] upper) => Chunked(lower, upper, Forward);

    /// <summary>Bounds by backward linear relaxation, for every layer in turn.</summary>
    /// <param name="lower">Lower ends, [boxes, inputs].</param>
    /// <param name="upper">Upper ends, [boxes, inputs].</param>
    /// <returns>Lower and upper bounds, [boxes, outputs].</returns>
    public (double[,] Lower, double[,] Upper) Crown(double[,] lower, double[,] upper) => Chunked(lower, upper, LayerByLayer);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. weights, .. sizes, .. biases, .. rows, .. rowBiases])
        {
            tensor.Dispose();
        }
    }

    private (Tensor Lower, Tensor Upper) Forward(Tensor middle, Tensor radius)
    {
        var (lower, upper) = Image(0, middle, radius);
        for (var k = 1; k < weights.Length; k++)
        {
            using var scope = NewDisposeScope();
            var (l, u) = (TensorRelaxation.Value(chain.Activations[k - 1], lower), TensorRelaxation.Value(chain.Activations[k - 1], upper));
            var (nextLower, nextUpper) = Image(k, (l + u).mul_(0.5), (u - l).mul_(0.5));
            lower.Dispose();
            upper.Dispose();
            (lower, upper) = (nextLower.MoveToOuterDisposeScope(), nextUpper.MoveToOuterDisposeScope());
        }

        return (lower, upper);
    }

    /// <summary>The image of boxes under map k.</summary>
    private (Tensor Lower, Tensor Upper) Image(int k, Tensor middle, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var center = nn.functional.linear(middle, weights[k], biases[k]);
        var reach = nn.functional.linear(radius, sizes[k]);
        return ((center - reach).MoveToOuterDisposeScope(), center.add_(reach).MoveToOuterDisposeScope());
    }

    private (Tensor Lower, Tensor Upper) LayerByLayer(Tensor middle, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var relaxations = new TensorRelaxation[chain.Activations.Length];
        var (lower, upper) = Image(0, middle, radius);
        for (var k = 1; k < weights.Length; k++)
        {
            relaxations[k - 1] = TensorRelaxation.Of(chain.Activations[k - 1], lower, upper);
            lower.Dispose();
            upper.Dispose();
            (lower, upper) = Backward(k, relaxations, middle, radius);
        }

        return (lower.MoveToOuterDisposeScope(), upper.MoveToOuterDisposeScope());
    }

    /// <summary>Bounds of z = W_k f_k( ... ) + b_k: a z_i + c, with a the rows of W_k and -W_k, carried back to the input.</summary>
    private (Tensor Lower, Tensor Upper) Backward(int k, TensorRelaxation[] relaxations, Tensor middle, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var (a, c) = (rows[k].alias(), rowBiases[k].alias());
        for (var i = k - 1; i >= 0; i--)
        {
            using var step = NewDisposeScope();
            var (pulled, offset) = ThroughActivation(a, relaxations[i]);
            var constant = offset.add_(c).add_(pulled.matmul(biases[i]));
            var next = pulled.matmul(weights[i]);
            a.Dispose();
            c.Dispose();
            (a, c) = (next.MoveToOuterDisposeScope(), constant.MoveToOuterDisposeScope());
        }

        var least = c.add_(a.matmul(middle.unsqueeze(2)).squeeze(2)).sub_(a.abs_().matmul(radius.unsqueeze(2)).squeeze(2));
        var n = biases[k].shape[0];
        return (least.narrow(1, 0, n).clone().MoveToOuterDisposeScope(), least.narrow(1, n, n).neg().MoveToOuterDisposeScope());
    }

    /// <summary>
    /// a f(x) &gt;= a⁺ (k x + c) + a⁻ ((k + s) x + c + d) = (a k + a⁻ s) x + a c + a⁻ d, with s and d the spreads, a⁻ = min(a, 0).
    /// </summary>
    /// <param name="a">[boxes or 1, rows, n].</param>
    /// <param name="lines">k, s, c, d, each [boxes, n].</param>
    private static (Tensor Pulled, Tensor Offset) ThroughActivation(Tensor a, TensorRelaxation lines)
    {
        using var scope = NewDisposeScope();
        var negative = a.clamp_max(0);
        var offset = Times(negative, lines.InterceptSpread);
        if (lines.Intercept is not null)
        {
            offset.add_(Times(a, lines.Intercept));
        }

        var pulled = a * lines.Slope.unsqueeze(1);
        if (lines.SlopeSpread is not null)
        {
            pulled.addcmul_(negative, lines.SlopeSpread.unsqueeze(1), 1);
        }

        return (pulled.MoveToOuterDisposeScope(), offset.MoveToOuterDisposeScope());
    }

    /// <summary>sum_j a[., r, j] v[., j]: [boxes, rows]. One matrix product where all boxes share a.</summary>
    private static Tensor Times(Tensor a, Tensor v) => a.shape[0] == 1 ? v.matmul(a.squeeze(0).t()) : a.bmm(v.unsqueeze(2)).squeeze(2);

    private (double[,] Lower, double[,] Upper) Chunked(double[,] lower, double[,] upper, Func<Tensor, Tensor, (Tensor, Tensor)> bounds)
    {
        Check(lower, upper);
        var count = lower.GetLength(0);
        var (resultLower, resultUpper) = (new double[count, chain.OutputLength], new double[count, chain.OutputLength]);
        using var constant = no_grad();
        for (var start = 0; start < count; start += ChunkSize)
        {
            using var scope = NewDisposeScope();
            var boxes = Math.Min(ChunkSize, count - start);
            var (l, u) = (Upload(lower, start, boxes), Upload(upper, start, boxes));
            var (chunkLower, chunkUpper) = bounds((l + u).mul_(0.5).to(type), (u - l).mul_(0.5).to(type));
            Download(chunkLower, resultLower, start);
            Download(chunkUpper, resultUpper, start);
        }

        return (resultLower, resultUpper);
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

    private Tensor Upload(double[,] values, int start, int count)
    {
        var columns = values.GetLength(1);
        var part = MemoryMarshal.CreateSpan(ref values[start, 0], count * columns).ToArray();
        return tensor(part, [count, columns]).to(device);
    }

    private static void Download(Tensor values, double[,] target, int start)
    {
        var numbers = values.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        numbers.CopyTo(MemoryMarshal.CreateSpan(ref target[start, 0], numbers.Length));
    }

    private Tensor Keep(Tensor value) => value.to(type).to(device).DetachFromDisposeScope();

    private int DefaultChunkSize()
    {
        var widest = chain.Maps.Skip(1).Select(map => 2L * map.Bias.Length * chain.Maps.Max(other => other.Weights.GetLength(1))).DefaultIfEmpty(1).Max();
        var (bytes, most) = device.type == DeviceType.CPU ? (HostBytes, 256) : (DeviceBytes, 1 << 16);
        return (int)Math.Clamp(bytes / (widest * (type == ScalarType.Float64 ? 8 : 4)), 1, most);
    }
}
