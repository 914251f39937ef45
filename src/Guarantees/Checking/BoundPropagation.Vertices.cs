using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// The convex tail. Frontier elements are replaced by their linear bounds U(x) and L(x); every later node gets an upper bound that is convex in x and a
/// lower bound that is concave, by the operators' rules, or its constant range. The bound of g is then convex in x, and its maximum over the part is at a
/// vertex. Only the coordinates that matter most are enumerated; the others enter the linear bounds through their ranges, which is sound for
/// each of their values at once.
/// </remarks>
public sealed partial class BoundPropagation
{
    private const int BlockWidth = 32;
    private readonly VertexStep step = new(BlockWidth);
    private readonly TailNode[] tail;
    private readonly FrontierNode[] frontier;
    private readonly Stack<int> chain = new();
    private double[] vertexBlock = [];

    private bool VisitVertices()
    {
        foreach (var node in tail)
        {
            foreach (var argument in node.Arguments)
            {
                if (argument.IsConstant)
                {
                    argument.FillConstant(BlockWidth);
                }
            }
        }

        var bound = OverBoxVertices();
        if (problem.Domain is { Norm: Claims.Norm.L1, Center.IsEmpty: false } or { Norm: Claims.Norm.L0, Entries: <= 1, Group: 1, Center.IsEmpty: false })
        {
            bound = Math.Min(bound, OverCrossPolytope());
        }

        if (!Intersect(ranges[core], 0, double.NegativeInfinity, bound))
        {
            return false;
        }

        // Carry the tightened bound up the final chain.
        for (var id = objective; id != core; id = graph.Nodes[id].Arguments[0])
        {
            chain.Push(id);
        }

        while (chain.TryPop(out var id))
        {
            var image = new Box(1);
            graph.Nodes[id].Operator.Range(Network.Gather(graph.Nodes[id], ranges, ref argumentRanges), image);
            if (!Intersect(ranges[id], 0, image.Lower[0], image.Upper[0]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Vertices of the part's box, over the coordinates with most influence.</summary>
    private double OverBoxVertices()
    {
        var n = graph.InputLength;
        var influence = new double[n];
        foreach (var node in frontier)
        {
            for (var i = 0; i < node.Length; i++)
            {
                var row = lines[node.Id]!.Upper.Row(i, n);
                for (var j = 0; j < n; j++)
                {
                    influence[j] += Math.Abs(row[j]) * (part.Upper[j] - part.Lower[j]);
                }
            }
        }

        var axes = Enumerable.Range(0, n).Where(j => influence[j] > 0).OrderByDescending(j => influence[j]).Take(VertexAxes).Order().ToArray();
        PackFrontier(axes, inputMagnitude);
        vertexBlock = Reserve(vertexBlock, Math.Max(1, axes.Length) * BlockWidth);
        var count = 1 << axes.Length;
        var best = double.NegativeInfinity;
        for (var start = 0; start < count; start += BlockWidth)
        {
            for (var e = 0; e < axes.Length; e++)
            {
                for (var v = 0; v < BlockWidth; v++)
                {
                    // A box with fewer than 32 vertices repeats them.
                    var vertex = (start + v) & (count - 1);
                    vertexBlock[(e * BlockWidth) + v] = ((vertex >> e) & 1) == 0 ? part.Lower[axes[e]] : part.Upper[axes[e]];
                }
            }

            best = Larger(best, BlockMaximum(axes.Length));
        }

        return best;
    }

    /// <summary>Vertices center +- radius_j e_j of an l1 ball, rounded outward: the polytope of these vertices holds the ball, and the points that differ from the center in one entry.</summary>
    private double OverCrossPolytope()
    {
        var domain = problem.Domain;
        var axes = Enumerable.Range(0, domain.Center.Length).ToArray();
        var magnitude = (double[])inputMagnitude.Clone();
        foreach (var j in axes)
        {
            // These vertices may lie outside the part: what is rounded there is as large as they are.
            magnitude[j] = Math.Max(magnitude[j], Rounding.AddUp(Math.Abs(domain.Center[j]), domain.Radius[j]));
        }

        PackFrontier(axes, magnitude);
        vertexBlock = Reserve(vertexBlock, axes.Length * BlockWidth);
        var best = double.NegativeInfinity;
        for (var start = 0; start < 2 * axes.Length; start += BlockWidth)
        {
            for (var v = 0; v < BlockWidth; v++)
            {
                var vertex = Math.Min(start + v, (2 * axes.Length) - 1);
                foreach (var j in axes)
                {
                    vertexBlock[(j * BlockWidth) + v] = vertex / 2 != j ? domain.Center[j]
                        : (vertex & 1) == 0 ? Rounding.SubtractDown(domain.Center[j], domain.Radius[j])
                        : Rounding.AddUp(domain.Center[j], domain.Radius[j]);
                }
            }

            best = Larger(best, BlockMaximum(axes.Length));
        }

        return best;
    }

    /// <summary>The larger of two bounds; NaN means nothing is known.</summary>
    private static double Larger(double best, double value) => double.IsNaN(value) ? double.PositiveInfinity : Math.Max(best, value);

    /// <summary>The largest convex upper bound of the core node at the vertices of the current block.</summary>
    private double BlockMaximum(int axes)
    {
        foreach (var node in frontier)
        {
            node.Evaluate(vertexBlock, axes);
        }

        foreach (var node in tail)
        {
            (step.Arguments, step.Result) = (node.Arguments, node.Values);
            node.Values.IsConstant = node.Arguments.All(argument => argument.IsConstant) || !node.Operator.TryConvexUpper(step);
            if (node.Values.IsConstant)
            {
                node.Values.FillConstant(BlockWidth);
                node.Values.IsConstant = true;
            }
        }

        var best = double.NegativeInfinity;
        foreach (var value in tail[^1].Values.Upper)
        {
            best = Larger(best, value);
        }

        return best;
    }

    /// <summary>Splits the linear bounds of the frontier into the coefficients of the visited axes and a constant: other coordinates at their worst, rounding errors added.</summary>
    private void PackFrontier(int[] axes, double[] magnitude)
    {
        var n = graph.InputLength;
        var gamma = 2 * Rounding.Gamma(n + 4);
        foreach (var node in frontier)
        {
            var known = lines[node.Id]!;
            Pack(known.Upper, known.UpperBias, +1, node.Upper ??= new FrontierSide(node.Length, n), node.Length);
            Pack(known.Lower, known.LowerBias, -1, node.Lower ??= new FrontierSide(node.Length, n), node.Length);
        }

        void Pack(Rows rows, double[] biases, int side, FrontierSide target, int length)
        {
            for (var i = 0; i < length; i++)
            {
                var row = rows.Row(i, n);
                var constant = biases[i];
                for (var (j, e) = (0, 0); j < n; j++)
                {
                    if (e < axes.Length && axes[e] == j)
                    {
                        target.Slopes[(i * axes.Length) + e++] = row[j];
                    }
                    else
                    {
                        constant += row[j] * (row[j] * side > 0 ? part.Upper[j] : part.Lower[j]);
                    }
                }

                target.Constants[i] = constant + (side * ((gamma * Lines.SizeOf(row, biases[i], magnitude)) + Rounding.Tiny));
            }
        }
    }

    /// <summary>The tail, in order, up to the core; and the frontier it reads. Empty when g has no tail.</summary>
    private (TailNode[] Tail, FrontierNode[] Frontier) BuildTail()
    {
        if (roles[objective] != Role.Tail)
        {
            return ([], []);
        }

        var values = new Dictionary<int, VertexValues>();
        var starts = new List<FrontierNode>();
        var nodes = new List<TailNode>();
        for (var id = 0; id <= core; id++)
        {
            if (roles[id] != Role.Tail)
            {
                continue;
            }

            var arguments = new List<VertexValues>();
            foreach (var argument in graph.Nodes[id].Arguments)
            {
                if (!values.TryGetValue(argument, out var known))
                {
                    values[argument] = known = new VertexValues(ranges[argument], BlockWidth) { IsConstant = true };
                    if (problem.Frontier.Contains(argument) && !fixedNodes[argument])
                    {
                        known.IsConstant = false;
                        starts.Add(new FrontierNode(argument, graph.Nodes[argument].Length, known));
                    }
                }

                arguments.Add(known);
            }

            values[id] = new VertexValues(ranges[id], BlockWidth);
            nodes.Add(new TailNode(graph.Nodes[id].Operator, [.. arguments], values[id]));
        }

        return ([.. nodes], [.. starts]);
    }

    private sealed record TailNode(Operator Operator, VertexValues[] Arguments, VertexValues Values);

    private sealed class FrontierSide(int elements, int inputs)
    {
        public double[] Slopes { get; } = new double[elements * inputs];

        public double[] Constants { get; } = new double[elements];
    }

    private sealed record FrontierNode(int Id, int Length, VertexValues Values)
    {
        public FrontierSide? Upper { get; set; }

        public FrontierSide? Lower { get; set; }

        public void Evaluate(double[] block, int axes)
        {
            Fill(Upper!, Values.Upper);
            Fill(Lower!, Values.Lower);

            void Fill(FrontierSide side, double[] target)
            {
                for (var i = 0; i < Length; i++)
                {
                    target.AsSpan(i * BlockWidth, BlockWidth).Fill(side.Constants[i]);
                }

                if (axes > 0)
                {
                    Kernels.Multiply(new Rows(side.Slopes, axes), new Rows(block, BlockWidth), new Rows(target, BlockWidth), Length, axes, BlockWidth, accumulate: true);
                }
            }
        }
    }
}
