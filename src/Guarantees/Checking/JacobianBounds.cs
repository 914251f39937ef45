using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Checking;

/// <summary>Bounds the operator norm of the Clarke Jacobian of a feature map over a part of a box.</summary>
/// <remarks>
/// Accepts: a <see cref="Problem"/> whose objective is a feature vector F and whose <see cref="Problem.JacobianFrom"/> names the norm on inputs.
/// Returns: a number not below sup |J|_(p to 2) over generalised Jacobians J of F in the part. On a convex set that supremum is the Lipschitz
/// constant of F from |.|_p to the Euclidean norm (F. H. Clarke, "Optimization and Nonsmooth Analysis", Wiley, 1983, prop. 2.6.5), hence a bound
/// for every pair of points of the box.
/// Idea: ranges of all nodes by <see cref="BoundPropagation"/>; one tangent per input coordinate carried forward in interval
/// arithmetic, each operator with its own range of slopes; then the norm of the interval matrix. p = 1: the largest column. p = infinity: the
/// columns' signed sums, enumerated up to 12 inputs. p = 2: the largest eigenvalue of the interval Gram matrix J^T J, certified by a Cholesky
/// factorisation of t I - J^T J in interval arithmetic.
/// Where few ReLUs change sign in the part, each side of each is taken in turn: J is affine in every single slope, so its norm is convex in it and
/// largest at slope 0 or 1; enumeration loses nothing there, interval products would.
/// Held nodes (<see cref="Problem.Held"/>) have their ranges over the part, and no tangent; nothing before them is differentiated, so that no slope or kink there counts.
/// Guarantee: sound; with branch and bound it converges where kinks are isolated.
/// </remarks>
public sealed class JacobianBounds : IBounds
{
    private const int MostKinks = 8;

    private readonly BoundPropagation values;
    private readonly Network graph;
    private readonly MatrixNorm norm;
    private readonly bool[] needed;
    private readonly bool[] isHeld;
    private readonly int[] switches;

    /// <summary>Prepares the bounds.</summary>
    public JacobianBounds(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Problem = problem;
        graph = problem.Graph;
        var from = problem.JacobianFrom ?? throw new ArgumentException("The problem asks for no Jacobian.", nameof(problem));
        norm = new MatrixNorm(graph.InputLength, graph.Nodes[problem.Objective].Length, from, problem.JacobianTo);
        if (problem.Domain.Norm != Norm.Linf)
        {
            throw new ArgumentException("A Lipschitz constant is asked for over a box.", nameof(problem));
        }

        values = new BoundPropagation(problem);
        (needed, isHeld) = (new bool[graph.Nodes.Length], new bool[graph.Nodes.Length]);
        foreach (var node in problem.Held)
        {
            isHeld[node] = true;
        }

        needed[problem.Objective] = true;
        for (var i = problem.Objective; i >= 0; i--)
        {
            foreach (var argument in isHeld[i] ? [] : graph.Nodes[i].Arguments)
            {
                needed[argument] |= needed[i];
            }
        }

        // Arguments read by ReLUs alone: there a slope may be fixed by narrowing the range, which nothing else sees.
        switches = [.. graph.Nodes.Where(node => needed[node.Id] && node.Id != problem.Objective
            && graph.Nodes.Any(user => user.Arguments.Contains(node.Id))
            && graph.Nodes.All(user => !user.Arguments.Contains(node.Id) || user.Operator is ReLU or LeakyReLU)).Select(node => node.Id)];
    }

    /// <inheritdoc/>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public IBounds Clone() => new JacobianBounds(Problem);

    /// <inheritdoc/>
    public double UpperBound(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        try
        {
            return values.Ranges(part) is { } ranges ? OverKinks(ranges) : double.NegativeInfinity;
        }
        catch (DomainException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <inheritdoc/>
    public double LowerBoundAt(ReadOnlySpan<double> point)
    {
        // In a box without interior the Jacobian also speaks of directions that leave it.
        var box = Problem.Domain.Box;
        if (!Problem.Domain.Contains(point) || Enumerable.Range(0, box.Length).Any(j => !(box.Lower[j] < box.Upper[j])))
        {
            return double.NegativeInfinity;
        }

        try
        {
            var ranges = graph.Ranges(Box.Point(point));
            return IsSmoothAt(ranges) ? norm.Lower(Jacobian(ranges)) : double.NegativeInfinity;
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
        for (var j = 0; j < scores.Length; j++)
        {
            scores[j] = part.Upper[j] - part.Lower[j];
        }
    }

    private double OverKinks(Box[] ranges)
    {
        var kinks = new List<(int Node, int Element)>();
        foreach (var node in switches)
        {
            for (var i = 0; i < ranges[node].Length; i++)
            {
                if (ranges[node].Lower[i] < 0 && ranges[node].Upper[i] > 0)
                {
                    kinks.Add((node, i));
                }
            }
        }

        if (kinks.Count > MostKinks)
        {
            return norm.Upper(Jacobian(ranges));
        }

        var worst = 0.0;
        var ends = kinks.Select(kink => ranges[kink.Node][kink.Element]).ToArray();
        for (var sides = 0; sides < 1 << kinks.Count; sides++)
        {
            for (var k = 0; k < ends.Length; k++)
            {
                ranges[kinks[k].Node][kinks[k].Element] = ((sides >> k) & 1) == 0 ? new(ends[k].Lower, 0) : new(0, ends[k].Upper);
            }

            worst = Math.Max(worst, norm.Upper(Jacobian(ranges)));
        }

        return worst;
    }

    /// <summary>The interval Jacobian, [feature][input], over ranges already known.</summary>
    public Interval[][] Jacobian(Box[] ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var (n, m) = (graph.InputLength, graph.Nodes[Problem.Objective].Length);
        var jacobian = new Interval[m][];
        for (var i = 0; i < m; i++)
        {
            jacobian[i] = new Interval[n];
        }

        var tangents = new Box[graph.Nodes.Length];
        var (x, dx) = (new Box[8], new Box[8]);
        foreach (var node in graph.Nodes)
        {
            tangents[node.Id] = new Box(node.Length);
        }

        for (var j = 0; j < n; j++)
        {
            foreach (var node in graph.Nodes)
            {
                var tangent = tangents[node.Id];
                if (!needed[node.Id] || isHeld[node.Id])
                {
                    // Of held nodes the tangent stays 0.
                    continue;
                }

                if (node.Operator is Input slot)
                {
                    for (var i = 0; i < slot.Length; i++)
                    {
                        tangent[i] = Interval.Point(slot.Start + i == j ? 1 : 0);
                    }
                }
                else
                {
                    node.Operator.Tangent(Network.Gather(node, ranges, ref x), Network.Gather(node, tangents, ref dx), tangent);
                }
            }

            for (var i = 0; i < m; i++)
            {
                jacobian[i][j] = tangents[Problem.Objective][i];
            }
        }

        return jacobian;
    }

    /// <summary>Whether F is differentiable at a point whose value ranges are given: no kink is touched.</summary>
    private bool IsSmoothAt(Box[] ranges)
    {
        foreach (var node in graph.Nodes)
        {
            if (!needed[node.Id] || isHeld[node.Id])
            {
                continue;
            }

            var kinked = node.Operator switch
            {
                ReLU or LeakyReLU or Abs => Enumerable.Range(0, node.Length).Any(i => ranges[node.Arguments[0]][i].Contains(0)),
                Cap cap => Enumerable.Range(0, node.Length).Any(i => ranges[node.Arguments[0]][i].Contains(cap.Limit)),
                Maximum => Enumerable.Range(0, node.Length).Any(i => (ranges[node.Arguments[0]][i] - ranges[node.Arguments[1]][i]).Contains(0)),
                Networks.Operators.Norm or Change => true,
                _ => false,
            };
            if (kinked)
            {
                return false;
            }
        }

        return true;
    }
}
