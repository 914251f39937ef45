using System.Runtime.InteropServices;
using Certify.Search;
using Guarantees.Claims;
using Guarantees.Networks;
using TorchSharp;

namespace Certify.Tensors;

/// <summary>Chooses where to divide by trying: both halves across every coordinate are bounded on a device, all together. NOT TRUSTED, and need not be.</summary>
/// <remarks>
/// Accepts: a problem over a plain box whose objective ends a chain (<see cref="AffineChain"/>); g is the least element of the objective. Returns: for each part
/// the coordinate whose worse half has the lowest bound by <see cref="TensorBounds.Crown(double[,], double[,])"/>; the sum of both halves decides between equals.
/// Idea: strong branching, as mixed-integer programming knows it. With up to 32 inputs the kernel's bounds carry affine forms and are far tighter than these, which misled
/// the search where they were followed everywhere (over eight times the parts on ACAS Xu 1_1, property 3): there, advice is given only where both halves come out settled. With
/// more inputs both bounds are of one kind, and the best coordinate is always named. Measured: 0 to 20 % fewer parts (bench/RESULTS.md). On a processor
/// the 2 d bounds of a part cost more than the parts that they save, so nothing asks unless told to.
/// Guarantee: none. The advice changes the tree, and the kernel derives every leaf of whatever tree comes out.
/// </remarks>
public sealed class TensorGuide : ISplitGuide, IDisposable
{
    /// <summary>Networks with fewer coefficients are bounded on the host in well under a millisecond: a device could not help.</summary>
    private const long LeastCoefficients = 200_000;

    /// <summary>With more inputs the kernel's bounds of chains carry no affine forms.</summary>
    private const int MostFormInputs = 32;

    private readonly TensorBounds bounds;
    private readonly Lock gate = new();

    private TensorGuide(TensorBounds bounds) => this.bounds = bounds;

    /// <summary>Why there is no more advice, such as memory of the device that ran out; null while there is.</summary>
    public string? Failure { get; private set; }

    /// <summary>Parts that were asked about.</summary>
    public long Asked { get; private set; }

    /// <summary>Parts that got advice.</summary>
    public long Advised { get; private set; }

    /// <summary>A guide for the problem, or null with the reason.</summary>
    /// <param name="problem">The question.</param>
    /// <param name="device">A device that is ready.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="type">Float32 is enough to choose.</param>
    public static TensorGuide? TryFor(Problem problem, torch.Device device, out string reason, torch.ScalarType type = torch.ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.JacobianFrom is not null || problem.Domain.Norm != Norm.Linf || !problem.Domain.Center.IsEmpty)
        {
            reason = "tensors bound values over plain boxes only";
            return null;
        }

        try
        {
            reason = "";
            return new TensorGuide(new TensorBounds(problem.Graph, problem.Graph.Nodes[problem.Objective], device, type));
        }
        catch (NotSupportedException unsupported)
        {
            reason = unsupported.Message;
            return null;
        }
    }

    /// <summary>Whether the problem's networks are large enough for <c>--device auto</c> to look for a CUDA device.</summary>
    public static bool IsLarge(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Nodes.Sum(node => node.Operator is Guarantees.Networks.Operators.Affine ? (long)node.Length * network.Nodes[node.Arguments[0]].Length : 0) >= LeastCoefficients;
    }

    /// <inheritdoc/>
    public int[] Axes(IReadOnlyList<Box> parts, double enough)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var tried = new List<(int Part, int Axis)>();
        for (var k = 0; k < parts.Count; k++)
        {
            for (var j = 0; j < parts[k].Length; j++)
            {
                var middle = parts[k][j].Middle;
                if (parts[k].Lower[j] < middle && middle < parts[k].Upper[j])
                {
                    tried.Add((k, j));
                }
            }
        }

        var axes = Enumerable.Repeat(-1, parts.Count).ToArray();
        if (tried.Count == 0)
        {
            return axes;
        }

        var inputs = parts[0].Length;
        var (lower, upper) = (new double[2 * tried.Count, inputs], new double[2 * tried.Count, inputs]);
        for (var i = 0; i < tried.Count; i++)
        {
            var (left, right) = parts[tried[i].Part].Split(tried[i].Axis);
            for (var j = 0; j < inputs; j++)
            {
                (lower[2 * i, j], upper[2 * i, j]) = (left.Lower[j], left.Upper[j]);
                (lower[(2 * i) + 1, j], upper[(2 * i) + 1, j]) = (right.Lower[j], right.Upper[j]);
            }
        }

        double[,] found;
        lock (gate)
        {
            if (Failure is not null)
            {
                return axes;
            }

            Asked += parts.Count;
            try
            {
                found = bounds.Crown(lower, upper).Upper;
            }
            catch (ExternalException failure)
            {
                // libtorch's own words: the first line says what, the others where in its code.
                Failure = failure.Message.Split('\n', 2)[0];
                return axes;
            }
        }

        var best = new (double Worse, double Sum)[parts.Count];
        for (var i = 0; i < tried.Count; i++)
        {
            var (a, b) = (Least(found, 2 * i), Least(found, (2 * i) + 1));
            var score = (Math.Max(a, b), a + b);
            var k = tried[i].Part;
            if (!double.IsNaN(score.Item2) && (inputs > MostFormInputs || score.Item1 <= enough) && (axes[k] < 0 || score.CompareTo(best[k]) < 0))
            {
                (axes[k], best[k]) = (tried[i].Axis, score);
            }
        }

        lock (gate)
        {
            Advised += axes.Count(axis => axis >= 0);
        }

        return axes;
    }

    /// <inheritdoc/>
    public void Dispose() => bounds.Dispose();

    private static double Least(double[,] values, int row)
    {
        var least = double.PositiveInfinity;
        for (var j = 0; j < values.GetLength(1); j++)
        {
            least = Math.Min(least, values[row, j]);
        }

        return least;
    }
}
