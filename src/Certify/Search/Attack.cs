using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Search;

/// <summary>Looks for an input where g is large: gradient steps to extreme points, from many starts. UNTRUSTED: whatever it finds is replayed by the kernel.</summary>
/// <remarks>
/// Each start climbs by conditional gradient steps (the point of the domain that is best for the gradient here), which reach the vertices that maximise
/// nearly convex quantities, then by shrinking projected steps for those whose maximum lies inside.
/// Sources: M. Frank, P. Wolfe, "An algorithm for quadratic programming", Naval Research Logistics, 1956; A. Madry et al., "Towards Deep
/// Learning Models Resistant to Adversarial Attacks", ICLR 2018 (projected gradient with restarts).
/// </remarks>
public sealed class Attack
{
    /// <summary>What points outside the set lose.</summary>
    private const double Outside = 1e6;

    private readonly Problem problem;
    private readonly double[][] values;

    /// <summary>Prepares an attack on one problem, for one thread.</summary>
    public Attack(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        this.problem = problem;
        values = [.. problem.Graph.Nodes.Select(node => new double[node.Length])];
    }

    /// <summary>g(x) in ordinary arithmetic; where a condition of the set fails, a number far below, which rises towards the set.</summary>
    public double Value(double[] x)
    {
        problem.Graph.Evaluate(x, values);
        return IsOutside ? values[problem.Condition][0] - Outside : values[problem.Objective].Min();
    }

    /// <summary>Whether the point last evaluated fails the condition of the set, if only by a rounding.</summary>
    private bool IsOutside => problem.Condition >= 0 && !(values[problem.Condition][0] >= 1e-9);

    /// <summary>The gradient of g at the point last evaluated: that of the smallest element.</summary>
    private double[] Gradient()
    {
        if (IsOutside)
        {
            return problem.Graph.Gradient(values, problem.Condition, 0);
        }

        var elements = values[problem.Objective];
        return problem.Graph.Gradient(values, problem.Objective, Array.IndexOf(elements, elements.Min()));
    }

    /// <summary>
    /// The best point found from <paramref name="starts"/> random starts in the domain; the first one above <paramref name="enough"/> will do, and the best so far
    /// once <paramref name="stop"/> says so.
    /// </summary>
    public (double[] Point, double Value) Run(int starts, Random random, double enough = double.PositiveInfinity, Func<bool>? stop = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        var best = (Point: Inside(problem.Domain.Box.Middle()), Value: double.NegativeInfinity);
        for (var k = 0; k < starts && !(best.Value > enough) && stop?.Invoke() != true; k++)
        {
            var start = k == 0 ? best.Point : Draw(random, extreme: k % 2);
            var found = Climb(start, problem.Domain.Box);
            if (found.Value > best.Value)
            {
                best = found;
            }
        }

        return best;
    }

    /// <summary>
    /// Samples the domain, then climbs from the best points by sign-gradient steps that shrink, on g = min_i F_i element by element; the first value above
    /// <paramref name="enough"/> will do, and the best so far once <paramref name="stop"/> says so. For plain boxes and strongly nonlinear g, where <see cref="Run"/>
    /// jumps too far.
    /// </summary>
    public (double[] Point, double Value) Sweep(int samples, int climbs, Random random, double enough, Func<bool>? stop = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        var box = problem.Domain.Box;
        var pool = new PriorityQueue<double[], double>();
        var best = (Point: Inside(box.Middle()), Value: double.NegativeInfinity);
        for (var k = 0; k < samples && stop?.Invoke() != true; k++)
        {
            var point = k == 0 ? best.Point : Draw(random, extreme: k % 2 == 1 ? 0.4 : 0);
            var value = Value(point);
            best = value > best.Value ? (point, value) : best;
            pool.Enqueue(point, value);
            if (pool.Count > climbs)
            {
                pool.Dequeue();
            }
        }

        foreach (var (start, _) in pool.UnorderedItems.OrderByDescending(item => item.Priority))
        {
            if (best.Value > enough)
            {
                break;
            }

            var point = (double[])start.Clone();
            Value(point);
            for (var step = 0.1; step > 1e-4 && stop?.Invoke() != true; step *= 0.93)
            {
                var gradient = Gradient();
                for (var j = 0; j < point.Length; j++)
                {
                    point[j] = Math.Clamp(point[j] + (step * SignOf(gradient[j]) * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]);
                }

                point = Inside(point);
                var value = Value(point);
                if (value > best.Value)
                {
                    best = ((double[])point.Clone(), value);
                    if (value > enough)
                    {
                        break;
                    }
                }
            }
        }

        return best;
    }

    /// <summary>Climbs from one point, staying in the given part of the domain.</summary>
    public (double[] Point, double Value) Climb(double[] start, Box part)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(part);
        var (point, value) = (start, Value(start));
        for (var k = 0; k < 20; k++)
        {
            var gradient = Gradient();
            var next = BestFor(gradient, point, part);
            var reached = Value(next);
            if (!(reached > value))
            {
                break;
            }

            (point, value) = (next, reached);
        }

        for (var share = 0.5; share > 1e-3; share *= 0.5)
        {
            problem.Graph.Evaluate(point, values);
            var gradient = Gradient();
            var target = BestFor(gradient, point, part);
            var next = new double[point.Length];
            for (var j = 0; j < next.Length; j++)
            {
                next[j] = Math.Clamp(point[j] + (share * (target[j] - point[j])), part.Lower[j], part.Upper[j]);
            }

            next = Inside(next);
            var reached = Value(next);
            if (reached > value)
            {
                (point, value) = (next, reached);
                share = Math.Min(0.5, share * 4);
            }
        }

        return (point, value);
    }

    /// <summary>The point of the part that maximises a linear function; coordinates with no gradient stay.</summary>
    private double[] BestFor(double[] gradient, double[] at, Box part)
    {
        var domain = problem.Domain;
        var point = (double[])at.Clone();
        var n = domain.Norm == Norm.Linf ? 0 : domain.Center.Length;
        for (var j = n; j < point.Length; j++)
        {
            point[j] = gradient[j] > 0 ? part.Upper[j] : gradient[j] < 0 ? part.Lower[j] : at[j];
        }

        if (domain.Norm == Norm.L0)
        {
            for (var j = 0; j < n; j++)
            {
                point[j] = gradient[j] > 0 ? part.Upper[j] : gradient[j] < 0 ? part.Lower[j] : at[j];
            }

            return Fewest(point, Enumerable.Range(0, n / domain.Group).Select(g =>
                Enumerable.Range(g * domain.Group, domain.Group).Sum(j => gradient[j] * (point[j] - domain.Center[j]))).ToArray());
        }

        if (domain.Norm == Norm.L1)
        {
            var axis = 0;
            for (var j = 0; j < n; j++)
            {
                point[j] = domain.Center[j];
                axis = Math.Abs(gradient[j]) * domain.Radius[j] > Math.Abs(gradient[axis]) * domain.Radius[axis] ? j : axis;
            }

            point[axis] += SignOf(gradient[axis]) * domain.Radius[axis];
        }
        else if (domain.Norm == Norm.L2)
        {
            var length = Math.Sqrt(Enumerable.Range(0, n).Sum(j => gradient[j] * domain.Radius[j] * gradient[j] * domain.Radius[j]));
            for (var j = 0; j < n && length > 0; j++)
            {
                point[j] = domain.Center[j] + (gradient[j] * domain.Radius[j] * domain.Radius[j] / length);
            }
        }

        for (var j = 0; j < n; j++)
        {
            point[j] = Math.Clamp(point[j], part.Lower[j], part.Upper[j]);
        }

        return Inside(point);
    }

    /// <summary>A random point of the domain; each coordinate lies at an end with the given probability.</summary>
    private double[] Draw(Random random, double extreme)
    {
        var box = problem.Domain.Box;
        var point = new double[box.Length];
        for (var j = 0; j < point.Length; j++)
        {
            var share = random.NextDouble() < extreme ? random.Next(2) : random.NextDouble();
            point[j] = Math.Clamp(box.Lower[j] + (share * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]);
        }

        return problem.Domain.Norm == Norm.L0
            ? Fewest(point, Enumerable.Range(0, problem.Domain.Center.Length / problem.Domain.Group).Select(_ => random.NextDouble()).ToArray())
            : Inside(point);
    }

    /// <summary>The point with all groups at the center but those of the largest worth, each within its radius.</summary>
    private double[] Fewest(double[] point, double[] worth)
    {
        var domain = problem.Domain;
        var moved = (double[])point.Clone();
        var order = Enumerable.Range(0, worth.Length).OrderByDescending(g => worth[g]).ToArray();
        for (var rank = 0; rank < order.Length; rank++)
        {
            for (var j = order[rank] * domain.Group; j < (order[rank] + 1) * domain.Group; j++)
            {
                // The box is rounded outward; the radius is not.
                moved[j] = rank < domain.Entries
                    ? Math.Clamp(Math.Clamp(point[j], Rounding.AddUp(domain.Center[j], -domain.Radius[j]), Rounding.AddDown(domain.Center[j], domain.Radius[j])), domain.Box.Lower[j], domain.Box.Upper[j])
                    : domain.Center[j];
            }
        }

        return domain.Contains(moved) ? moved : [.. domain.Center, .. point[domain.Center.Length..]];
    }

    /// <summary>-1, 0 or 1; 0 for NaN: where numbers overflow, no way is better.</summary>
    private static int SignOf(double slope) => slope > 0 ? 1 : slope < 0 ? -1 : 0;

    /// <summary>Pulls a point towards the centre of the ball until it surely is a member.</summary>
    private double[] Inside(double[] point)
    {
        var domain = problem.Domain;
        if (domain.Contains(point))
        {
            return point;
        }

        if (domain.Norm == Norm.L0)
        {
            return Fewest(point, Enumerable.Range(0, domain.Center.Length / domain.Group).Select(g =>
                Enumerable.Range(g * domain.Group, domain.Group).Max(j => domain.Radius[j] > 0 ? Math.Abs(point[j] - domain.Center[j]) / domain.Radius[j] : 0)).ToArray());
        }

        if (domain.Norm == Norm.Linf)
        {
            // A corner of the box may lie a rounding outside the ball.
            var clamped = (double[])point.Clone();
            for (var j = 0; j < domain.Center.Length; j++)
            {
                clamped[j] = Math.Clamp(
                    point[j], Rounding.AddUp(domain.Center[j], -domain.Radius[j]), Rounding.AddDown(domain.Center[j], domain.Radius[j]));
                clamped[j] = Math.Clamp(clamped[j], domain.Box.Lower[j], domain.Box.Upper[j]);
            }

            return clamped;
        }

        var shares = Enumerable.Range(0, domain.Center.Length)
            .Where(j => domain.Radius[j] > 0).Select(j => Math.Abs(point[j] - domain.Center[j]) / domain.Radius[j]).ToArray();
        var size = domain.Norm == Norm.L1 ? shares.Sum() : Math.Sqrt(shares.Sum(share => share * share));
        var shrink = Math.Min(1, 1 / size);
        for (var attempt = 0; attempt < 40; attempt++, shrink *= 1 - 1e-14 * (1 << Math.Min(attempt, 30)))
        {
            var pulled = (double[])point.Clone();
            for (var j = 0; j < domain.Center.Length; j++)
            {
                var moved = domain.Radius[j] > 0 ? domain.Center[j] + (shrink * (point[j] - domain.Center[j])) : domain.Center[j];
                pulled[j] = Math.Clamp(moved, domain.Box.Lower[j], domain.Box.Upper[j]);
            }

            if (domain.Contains(pulled))
            {
                return pulled;
            }
        }

        return [.. domain.Center, .. point[domain.Center.Length..]];
    }
}
