using System.Collections.Concurrent;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>Rigorous ranges of a network's outputs over boxes, by backward linear relaxation, on all cores.</summary>
/// <remarks>
/// Accepts: a network, an output and boxes. Returns: for each box a box that holds the output at every point. Chains take the fast path
/// (affine forms, then backward rows); other graphs, and all of them with <see cref="IntervalsOnly"/>, <see cref="BoundPropagation"/>. Guarantee: sound for the real function
/// with exact coefficients; a wider result is never wrong. One instance serves any number of threads, and keeps what it prepared for the last network. Sources: see
/// <see cref="BoundPropagation"/>.
/// </remarks>
public sealed class OutputBounds
{
    private readonly ConcurrentBag<ChainBounds> ready = [];
    private readonly Lock gate = new();
    private (Network Network, int Node)? prepared;
    private ChainBounds? pattern;

    /// <summary>
    /// Subgradient steps for the lower slopes of every row (alpha-CROWN: K. Xu et al., "Fast and Complete", ICLR 2021); 0 for the adaptive slopes of CROWN. Chains only.
    /// </summary>
    public int Steps { get; init; }

    /// <summary>
    /// Whether layers before the output are bounded by interval arithmetic and only the output backwards (CROWN-IBP: H. Zhang et al., "Towards Stable and Efficient Training of
    /// Verifiably Robust Neural Networks", ICLR 2020); the interval bound is kept where it is the better one. <see cref="Steps"/> has no effect then.
    /// </summary>
    public bool IntervalsOnly { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Ranges of one output node over each box; all numbers where nothing is known.</summary>
    /// <param name="network">The network.</param>
    /// <param name="node">Place of the output's node.</param>
    /// <param name="boxes">Boxes over the whole input.</param>
    public Box[] Over(Network network, int node, IReadOnlyList<Box> boxes)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(boxes);
        var result = new Box[boxes.Count];
        if (boxes.Count == 0)
        {
            return result;
        }

        var problem = new Problem(network, node, new Domain(boxes[0]));
        var chain = Prepare(problem);
        var (next, threads) = (-1, Math.Min(Math.Max(1, Threads), boxes.Count));
        if (threads == 1)
        {
            Work();
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Work());
        }

        return result;

        void Work()
        {
            var fast = chain is null ? null : ready.TryTake(out var idle) && idle.NeuronSteps == Steps && idle.Problem.Graph == network && idle.Problem.Objective == node
                ? idle : (ChainBounds)chain.Clone();
            var general = chain is null ? new BoundPropagation(problem) { IntervalsOnly = IntervalsOnly } : null;
            for (var k = Interlocked.Increment(ref next); k < boxes.Count; k = Interlocked.Increment(ref next))
            {
                result[k] = (fast is null ? General(general!, node, boxes[k]) : fast.Range(boxes[k])) ?? Entire(network.Nodes[node].Length);
            }

            if (fast is not null)
            {
                ready.Add(fast);
            }
        }
    }

    /// <summary>The chain, read once for calls with the same network and output; null where there is none.</summary>
    private ChainBounds? Prepare(Problem problem)
    {
        lock (gate)
        {
            if (prepared != (problem.Graph, problem.Objective))
            {
                ready.Clear();
                pattern = !IntervalsOnly && Chain.TryRead(problem.Graph, problem.Objective) is { Layers.Length: > 1 } ? new ChainBounds(problem) { NeuronSteps = Steps } : null;
                prepared = (problem.Graph, problem.Objective);
            }

            return pattern;
        }
    }

    private static Box? General(BoundPropagation bounds, int node, Box box)
    {
        try
        {
            return bounds.Ranges(box)?[node];
        }
        catch (Networks.Operators.DomainException)
        {
            return null;
        }
    }

    private static Box Entire(int length)
    {
        var box = new Box(length);
        box.SetEntire();
        return box;
    }
}
