using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>Bounds every node of a graph over a part of the domain, in outward-rounded arithmetic. The kernel's only way to know anything about a network.</summary>
/// <remarks>
/// Accepts: a <see cref="Problem"/> and a box (a part of its domain). Returns: a number not below g(x) for every x of the part, and ranges of all nodes.
/// Idea: (1) interval arithmetic forward; before a nonlinear operator its arguments are tightened by backward linear relaxation;
/// (2) the anchors (the estimator's outputs) get a linear lower and upper bound in x, also backwards, and later nodes get theirs forward from them;
/// (3) where g is a convex function of the frontier nodes, replace them by their linear bounds: the result is convex in x, so its
/// maximum over the part is attained at a vertex, and the vertices are visited.
/// Guarantee: sound for the real function with exact coefficients; not complete by itself, branch and bound over parts makes it converge.
/// Deterministic: the same part gives the same bound, whoever asks.
/// Sources: H. Zhang et al., "Efficient Neural Network Robustness Certification with General Activation Functions", NeurIPS 2018 (CROWN);
/// K. Xu et al., "Automatic Perturbation Analysis for Scalable Certified Robustness and Beyond", NeurIPS 2020 (general graphs, forward bounds);
/// R. T. Rockafellar, "Convex Analysis", Princeton, 1970, sec. 32 (a convex function attains its maximum over a polytope at a vertex).
/// Instances hold buffers and serve one thread at a time; <see cref="Clone"/> makes another for a second thread.
/// </remarks>
public sealed partial class BoundPropagation : IBounds
{
    /// <summary>At most 2^this vertices are visited; further coordinates are bounded by intervals.</summary>
    private const int VertexAxes = 10;

    private readonly Problem problem;
    private readonly Network graph;
    private readonly int objective;
    private readonly Role[] roles;
    private readonly bool[] fixedNodes;
    private readonly bool[] refined;
    private readonly int[] anchors;
    private readonly int core;
    private readonly Box[] ranges;
    private readonly Planes?[] planes;
    private Box[] argumentRanges = new Box[8];
    private bool undefined;

    /// <summary>Prepares the bounds of one problem: what does not depend on the input is computed here, once.</summary>
    /// <exception cref="DomainException">A constant part of the graph is not well defined.</exception>
    public BoundPropagation(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        (this.problem, graph, objective) = (problem, problem.Graph, problem.Objective);
        var count = graph.Nodes.Length;
        (roles, fixedNodes, refined) = (new Role[count], new bool[count], new bool[count]);
        (ranges, planes, coefficients, lines) = (new Box[count], new Planes?[count], new Rows[count], new Lines?[count]);
        (pending, waists) = (new bool[count], new bool[count]);
        ClassifyNodes();
        anchors = [.. Enumerable.Range(0, count).Where(i => roles[i] == Role.Anchor)];
        core = PeelIncreasingTail();
        foreach (var node in graph.Nodes)
        {
            ranges[node.Id] = new Box(node.Length);
            if (fixedNodes[node.Id])
            {
                node.Operator.Range(Network.Gather(node, ranges, ref argumentRanges), ranges[node.Id]);
            }
            else if (node.Operator is NonlinearOperator nonlinear)
            {
                planes[node.Id] = new Planes(node.Length, nonlinear.TermsPerElement);
                if (roles[node.Id] is Role.Trunk or Role.Anchor)
                {
                    foreach (var argument in node.Arguments)
                    {
                        refined[argument] = !fixedNodes[argument] && !IsExactByIntervals(argument);
                    }
                }
            }
        }

        inputMagnitude = new double[graph.InputLength];
        (tail, frontier) = BuildTail();
        if (ReadGroups() is { } read)
        {
            try
            {
                (atCenter, groups) = (graph.Ranges(Box.Point([.. problem.Domain.Center, .. new double[graph.InputLength - problem.Domain.Center.Length]])), read);
                separable = [.. groups.Select(elements => !elements.Contains(Several))];
            }
            catch (DomainException)
            {
                // What is not defined at the center has no value there: groups are not told apart.
            }
        }
    }

    private enum Role
    {
        /// <summary>Nothing that g needs.</summary>
        Unused,

        /// <summary>Before the anchors: bounded backwards.</summary>
        Trunk,

        /// <summary>Gets linear bounds backwards.</summary>
        Anchor,

        /// <summary>After the anchors: gets linear bounds forward.</summary>
        Forward,

        /// <summary>As Forward, and the convex steps start here.</summary>
        Frontier,

        /// <summary>After the frontier: bounded at the vertices.</summary>
        Tail,
    }

    /// <summary>The problem.</summary>
    public Problem Problem => problem;

    /// <inheritdoc/>
    public IBounds Clone() => new BoundPropagation(problem) { IntervalsOnly = IntervalsOnly };

    /// <summary>
    /// Whether ranges before the anchors come from interval arithmetic alone, so that there is one backward pass, for the anchors (CROWN-IBP: H. Zhang et al., "Towards Stable and
    /// Efficient Training of Verifiably Robust Neural Networks", ICLR 2020, sec. 3.2). Faster by the number of layers, and looser.
    /// </summary>
    public bool IntervalsOnly { get; init; }

    /// <inheritdoc/>
    public double LowerBoundAt(ReadOnlySpan<double> point)
    {
        if (!problem.Domain.Contains(point))
        {
            return double.NegativeInfinity;
        }

        try
        {
            var values = graph.Ranges(Box.Point(point));
            return problem.Condition >= 0 && !(values[problem.Condition].Lower[0] >= 0) ? double.NegativeInfinity : values[objective].Lower.Min();
        }
        catch (DomainException)
        {
            return double.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public void SplitScores(Box part, Span<double> scores)
    {
        ArgumentNullException.ThrowIfNull(part);
        var n = graph.InputLength;
        scores.Clear();
        foreach (var id in frontier.Length > 0 ? frontier.Select(node => node.Id) : anchors)
        {
            for (var i = 0; !undefined && problem.SplitWeights.IsEmpty && lines[id] is { } known && i < graph.Nodes[id].Length; i++)
            {
                var upper = known.Upper.Row(i, n);
                var lower = known.Lower.Row(i, n);
                for (var j = 0; j < n; j++)
                {
                    scores[j] += Math.Max(Math.Abs(upper[j]), Math.Abs(lower[j])) * (part.Upper[j] - part.Lower[j]);
                }
            }
        }

        if (undefined || !problem.SplitWeights.IsEmpty)
        {
            // Where nothing is known, parts must become small before an operator is defined there: the side that is longest against that of the whole set.
            for (var j = 0; j < n; j++)
            {
                var whole = problem.Domain.Box.Upper[j] - problem.Domain.Box.Lower[j];
                scores[j] = whole > 0 ? (part.Upper[j] - part.Lower[j]) / whole * (problem.SplitWeights.IsEmpty ? 1 : problem.SplitWeights[j]) : 0;
            }
        }
    }

    /// <inheritdoc/>
    public double UpperBound(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        undefined = false;
        try
        {
            if (!Propagate(part))
            {
                return double.NegativeInfinity;
            }
        }
        catch (DomainException)
        {
            undefined = true;
            return double.PositiveInfinity;
        }

        return Objective.Upper.Min();
    }

    /// <summary>Ranges of all nodes over the part, fresh; null when the part holds no point of the domain.</summary>
    /// <exception cref="DomainException">Some operator is not defined on the range found for its argument.</exception>
    public Box[]? Ranges(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Propagate(part) ? [.. ranges.Select(box => new Box((double[])box.Lower.Clone(), (double[])box.Upper.Clone()))] : null;
    }

    /// <summary>Ranges after the last call of <see cref="UpperBound"/>, valid until the next.</summary>
    /// <exception cref="ArgumentException">The objective does not depend on the node, so nothing bounds it.</exception>
    internal Box Range(int node) => roles[node] == Role.Unused && !fixedNodes[node] ? throw new ArgumentException($"Node {node} is not bounded: the objective does not depend on it.", nameof(node)) : ranges[node];

    private Box Objective => ranges[objective];

    /// <summary>Fills <see cref="ranges"/>. False when the part is found to hold no point of the domain.</summary>
    private bool Propagate(Box part)
    {
        if (part.Length != graph.InputLength)
        {
            throw new ArgumentException($"The part has {part.Length} coordinates, the problem {graph.InputLength}.", nameof(part));
        }

        if (MissesBall(part) || problem.Domain.Tighten(part) is not { } met)
        {
            return false;
        }

        this.part = part = met;
        for (var j = 0; j < part.Length; j++)
        {
            inputMagnitude[j] = part[j].Magnitude;
        }

        foreach (var node in graph.Nodes)
        {
            if (roles[node.Id] == Role.Unused || fixedNodes[node.Id])
            {
                continue;
            }

            if (node.Operator is Input slot)
            {
                for (var i = 0; i < slot.Length; i++)
                {
                    ranges[node.Id][i] = part[slot.Start + i];
                }
            }
            else
            {
                var x = Network.Gather(node, ranges, ref argumentRanges);
                node.Operator.Range(x, ranges[node.Id]);
                if (node.Operator is NonlinearOperator nonlinear && roles[node.Id] != Role.Tail)
                {
                    nonlinear.Relax(x, ranges[node.Id], planes[node.Id]!);
                }
            }

            var sound = roles[node.Id] switch
            {
                Role.Trunk => IntervalsOnly || !refined[node.Id] || Tighten(node),
                Role.Anchor => BoundAnchor(node),
                Role.Forward or Role.Frontier => BoundForward(node),
                Role.Tail => BoundOverEllipsoid(node),
                _ => true,
            };
            if (!sound || (node.Id == problem.Condition && ranges[node.Id].Upper[0] < 0))
            {
                return false;
            }
        }

        return roles[objective] != Role.Tail || VisitVertices();
    }

    /// <summary>Trunk: what anchors are computed from. Tail: what is computed from the frontier. Everything is restricted to what g needs.</summary>
    private void ClassifyNodes()
    {
        var count = graph.Nodes.Length;
        var needed = new bool[count];
        var trunk = new bool[count];
        var tail = new bool[count];
        needed[objective] = true;
        foreach (var anchor in problem.Anchors)
        {
            trunk[anchor] = true;
        }

        trunk[objective] |= problem.Anchors.IsEmpty;
        if (problem.Condition >= 0)
        {
            (needed[problem.Condition], trunk[problem.Condition]) = (true, true);
        }

        for (var i = count - 1; i >= 0; i--)
        {
            foreach (var argument in graph.Nodes[i].Arguments)
            {
                needed[argument] |= needed[i];
                trunk[argument] |= trunk[i];
            }
        }

        foreach (var node in graph.Nodes)
        {
            fixedNodes[node.Id] = node.Operator is not Input && node.Arguments.All(argument => fixedNodes[argument]);
            tail[node.Id] = node.Arguments.Any(argument => tail[argument] || (problem.Frontier.Contains(argument) && !trunk[node.Id]));
        }

        foreach (var node in graph.Nodes)
        {
            roles[node.Id] = !needed[node.Id] ? Role.Unused
                : trunk[node.Id] ? Role.Trunk
                : tail[node.Id] ? Role.Tail
                : problem.Frontier.Contains(node.Id) ? Role.Frontier
                : Role.Forward;
        }

        // Trunk nodes whose linear bounds anything after the trunk reads are anchors too; inputs are their own linear bounds.
        foreach (var node in graph.Nodes)
        {
            foreach (var argument in node.Arguments.Where(argument => roles[argument] == Role.Trunk && !fixedNodes[argument]))
            {
                if (roles[node.Id] is Role.Forward or Role.Frontier || (roles[node.Id] == Role.Tail && problem.Frontier.Contains(argument)))
                {
                    roles[argument] = Role.Anchor;
                }
            }
        }

        if (roles[objective] == Role.Trunk && !fixedNodes[objective])
        {
            roles[objective] = Role.Anchor;
        }

        if (problem.Condition >= 0 && !fixedNodes[problem.Condition])
        {
            roles[problem.Condition] = Role.Anchor;
        }

        foreach (var waist in problem.Waists.Where(waist => roles[waist] is Role.Trunk or Role.Anchor && !fixedNodes[waist]))
        {
            (roles[waist], waists[waist]) = (Role.Anchor, true);
        }
    }

    /// <summary>The node below a final chain of functions of one number that together increase: the vertices bound it from above, and the chain carries the bound up.</summary>
    private int PeelIncreasingTail()
    {
        var (node, best, sign) = (objective, objective, 1);
        while (roles[node] == Role.Tail && graph.Nodes[node] is { Length: 1, Arguments: [var argument] } outer && graph.Nodes[argument].Length == 1 && roles[argument] == Role.Tail)
        {
            sign *= Direction(outer);
            if (sign == 0)
            {
                break;
            }

            node = argument;
            best = sign > 0 ? node : best;
        }

        return best;
    }

    /// <summary>1 where a node surely increases with its one argument, -1 where it decreases, 0 where that is not known.</summary>
    private int Direction(Node node)
    {
        switch (node.Operator)
        {
            case Activation { IsIncreasing: true }:
                return 1;
            case Square when graph.Nodes[node.Arguments[0]].Operator is Networks.Operators.Norm or Abs or Square or Exp or Sqrt:
                return 1;
            case Scale scale:
                return scale.Factors.Lower[0] > 0 ? 1 : scale.Factors.Upper[0] < 0 ? -1 : 0;
            case LinearOperator:
                var (at0, at1) = (new double[1], new double[1]);
                node.Operator.Evaluate([new double[1]], at0);
                node.Operator.Evaluate([[1.0]], at1);
                return Math.Sign(at1[0] - at0[0]);
            default:
                return 0;
        }
    }

    /// <summary>Whether interval arithmetic loses nothing at this node: a linear map of inputs that were only moved and scaled.</summary>
    private bool IsExactByIntervals(int id)
    {
        var node = graph.Nodes[id];
        return node.Operator switch
        {
            Input => true,
            LinearOperator => node.Arguments.All(argument => fixedNodes[argument] || IsMoved(argument)),
            _ => IsMoved(id),
        };
    }

    private bool IsMoved(int id)
    {
        var node = graph.Nodes[id];
        return node.Operator switch
        {
            Input => true,
            Scale => IsMoved(node.Arguments[0]),
            SparseAffine map => Enumerable.Range(0, node.Length).All(i => CountFree(map.Terms(i), node) <= 1)
                && node.Arguments.All(argument => fixedNodes[argument] || IsMoved(argument)),
            _ => false,
        };
    }

    private int CountFree(LinearTerms terms, Node node)
    {
        var count = 0;
        for (var t = 0; t < terms.Count; t++)
        {
            count += fixedNodes[node.Arguments[terms[t].Argument]] ? 0 : 1;
        }

        return count;
    }

    /// <summary>Intersects element i of a range with [lower, upper]; NaN means no information. False when nothing is left: then no point of the part is in the ball.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left over a plain box: two sound bounds cannot contradict each other, so one of them is wrong.</exception>
    private bool Intersect(Box range, int i, double lower, double upper)
    {
        if (lower > range.Lower[i])
        {
            range.Lower[i] = lower;
        }

        if (upper < range.Upper[i])
        {
            range.Upper[i] = upper;
        }

        return range.Lower[i] <= range.Upper[i] || (problem.Domain.Norm == Claims.Norm.Linf
            ? throw new InvalidOperationException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Broken invariant: bounds of element {i} leave [{range.Lower[i]:R}, {range.Upper[i]:R}] over {string.Join(" x ", Enumerable.Range(0, part.Length).Select(j => part[j]))}."))
            : false);
    }
}
