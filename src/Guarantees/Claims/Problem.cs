using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>A claim compiled to a question about a graph: how large is g(x), over all x of a set?</summary>
/// <param name="Graph">The estimator's network followed by a distance, a probability or the features whose Jacobian is asked for.</param>
/// <param name="Objective">The node of g: length 1; or a vector whose smallest element is g, as for a conjunction of conditions; or the feature vector for a Lipschitz problem.</param>
/// <param name="Domain">The set of inputs.</param>
public sealed record Problem(Network Graph, int Objective, Domain Domain)
{
    /// <summary>
    /// Nodes whose affine bounds are found backwards (CROWN), such as the estimator's outputs; later nodes are bounded forward from them.
    /// A hint: any choice is sound.
    /// </summary>
    public ImmutableArray<int> Anchors { get; init; } = [];

    /// <summary>The estimator's outputs that the family reads, by name and node, where g is a function of them and of the input alone; empty otherwise.</summary>
    public ImmutableArray<(string Output, int Node)> Parameters { get; init; } = [];

    /// <summary>Which coordinate of the set each coordinate of the network's own input is, in the network's order; empty where they are the first ones, in order.</summary>
    public ImmutableArray<int> NetworkInput { get; init; } = [];

    /// <summary>The node of what the network reads, where that is computed from the point of the set; -1 where it is the point, or a part of it.</summary>
    public int Data { get; init; } = -1;

    /// <summary>A node (length 1) that says which points of <see cref="Domain"/> belong to the set: those where it is at least 0; -1 where all do.</summary>
    public int Condition { get; init; } = -1;

    /// <summary>Where to divide: each side's share of the whole set's, times its weight, and the largest first; empty for the scores of the bounds. A hint: any choice is sound.</summary>
    public ImmutableArray<double> SplitWeights { get; init; } = [];

    /// <summary>
    /// Narrow nodes, such as what a flow passes from one transform to the next: their linear bounds in the input are found first, and stand in for all before them where later ranges
    /// are found backwards. A hint: any choice is sound.
    /// </summary>
    public ImmutableArray<int> Waists { get; init; } = [];

    /// <summary>
    /// Nodes from which g is built by convex steps, such as the differences inside a norm: there the bound is taken at the vertices of the set.
    /// A hint: any choice is sound.
    /// </summary>
    public ImmutableArray<int> Frontier { get; init; } = [];

    /// <summary>For a Lipschitz problem, the norm on inputs; the objective's Jacobian is measured from this norm to <see cref="JacobianTo"/>. Null otherwise.</summary>
    public Norm? JacobianFrom { get; init; }

    /// <summary>For a Lipschitz problem, the norm on features; Euclidean unless said otherwise.</summary>
    public Norm JacobianTo { get; init; } = Norm.L2;

    /// <summary>
    /// For a Lipschitz problem, nodes that are no part of what is differentiated: the objective is F(x, h(x)) with these for h, and its Jacobian that of x -> F(x, h) at h = h(x). Empty where F reads x alone.
    /// </summary>
    public ImmutableArray<int> Held { get; init; } = [];

    /// <summary>Where g is the negative of a slope: of what, and in which entry. Null otherwise.</summary>
    public SlopeQuestion? Slope { get; init; }

    /// <summary>What g is, in words and formula, for certificates and reports.</summary>
    public string Text { get; init; } = "";

    /// <summary>Whether g is the metric itself; false where it is an upper bound of it.</summary>
    public bool ExactMetric { get; init; } = true;

    /// <summary>For a g that is an upper bound of its metric: a node (length 1) that is a lower bound of the metric; -1 where there is none.</summary>
    public int MetricLower { get; init; } = -1;

    /// <summary>+1 where g is compiled as claimed; -1 where g is the negative (lower bounds of probabilities).</summary>
    public int Sign { get; init; } = 1;

    /// <summary>Why what is proved of the real network says nothing of its float32 executions; empty where it may.</summary>
    public string RealOnly { get; init; } = "";

    /// <summary>A box that holds all that a network of n inputs reads.</summary>
    internal Box DataBox(int n) => Data < 0 ? Domain.Box.Slice(0, n) : Graph.Ranges(Domain.Box)[Data];

    /// <summary>The part of a point of the set that the network reads, in the network's own order; all of it where <see cref="NetworkInput"/> is empty.</summary>
    internal double[] InputOf(ReadOnlySpan<double> point)
    {
        var (source, places) = (point.ToArray(), NetworkInput);
        return places.IsEmpty ? source : [.. places.Select(place => source[place])];
    }
}

/// <summary>A box, optionally cut by a weighted ball: { x in box : |(x - center) / radius|_norm &lt;= 1 }.</summary>
/// <remarks>
/// For <see cref="Norm.L0"/>: { x in box : |x - center| &lt;= radius, and x differs from center in at most <see cref="Entries"/> of its consecutive groups of <see cref="Group"/> coordinates }.
/// Where the box has more coordinates than the ball, the ball is about the first ones and the others range over the box.</remarks>
/// <param name="Box">The box; for a ball, its bounding box (rounded outward).</param>
public sealed record Domain(Box Box)
{
    /// <summary>The ball's norm; Linf for a plain box.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>Center of the ball; empty for a plain box.</summary>
    public ImmutableArray<double> Center { get; init; } = [];

    /// <summary>Radius per coordinate; coordinates of radius 0 do not move. Empty for a plain box.</summary>
    public ImmutableArray<double> Radius { get; init; } = [];

    /// <summary>For <see cref="Norm.L0"/>: how many groups may differ from the center.</summary>
    public int Entries { get; init; }

    /// <summary>For <see cref="Norm.L0"/>: coordinates of a group.</summary>
    public int Group { get; init; } = 1;

    /// <summary>Whether the point surely is a member: exactly inside the box, and inside the ball by rounded-up arithmetic; no tolerance.</summary>
    public bool Contains(ReadOnlySpan<double> point)
    {
        if (!Box.Contains(point))
        {
            return false;
        }

        var sum = 0.0;
        if (Norm == Norm.L0)
        {
            var moved = 0;
            for (var start = 0; start < Center.Length; start += Group)
            {
                moved += point.Slice(start, Group).SequenceEqual(Center.AsSpan(start, Group)) ? 0 : 1;
            }

            if (moved > Entries)
            {
                return false;
            }
        }

        for (var j = 0; j < Center.Length; j++)
        {
            var away = Interval.Point(point[j]) - Center[j];
            if (Norm is Norm.Linf or Norm.L0)
            {
                // The box is rounded outward; the ball is not.
                if (!(away.Magnitude <= Radius[j]))
                {
                    return false;
                }
            }
            else if (Radius[j] > 0)
            {
                var share = away.Abs() / Interval.Point(Radius[j]);
                sum = Rounding.AddUp(sum, Norm == Norm.L1 ? share.Upper : Rounding.MultiplyUp(share.Upper, share.Upper));
            }
            else if (away.Magnitude > 0)
            {
                return false;
            }
        }

        return sum <= 1;
    }

    /// <summary>A box that holds every member of the part: where other coordinates have used up the ball, little of it is left. Null when nothing is.</summary>
    /// <remarks>With s_i the least share |x_i - center_i| / radius_i in the part, |x_j - center_j| / radius_j is at most 1 - sum of s_i over i other than j (l1), or the root of 1 - sum of s_i² (l2).</remarks>
    public Box? Tighten(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (Norm == Norm.Linf)
        {
            return part;
        }

        var n = Center.Length;
        if (Norm == Norm.L0)
        {
            var moved = Moved(part);
            return moved > Entries ? null : moved < Entries ? part : Still(part);
        }

        var shares = new double[n];
        for (var i = 0; i < n; i++)
        {
            var share = Radius[i] > 0 ? ((part[i] - Center[i]) / Interval.Point(Radius[i])).Mignitude : 0;
            shares[i] = Norm == Norm.L1 ? share : Rounding.MultiplyDown(share, share);
        }

        var (lower, upper) = ((double[])part.Lower.Clone(), (double[])part.Upper.Clone());
        for (var j = 0; j < n; j++)
        {
            var used = 0.0;
            for (var i = 0; i < n; i++)
            {
                used = i == j ? used : Rounding.AddDown(used, shares[i]);
            }

            var left = Math.Max(0, Rounding.SubtractUp(1, used));
            var reach = Rounding.MultiplyUp(Norm == Norm.L1 ? left : Rounding.SqrtUp(left), Radius[j]);
            lower[j] = Math.Max(lower[j], Rounding.SubtractDown(Center[j], reach));
            upper[j] = Math.Min(upper[j], Rounding.AddUp(Center[j], reach));
            if (!(lower[j] <= upper[j]))
            {
                return null;
            }
        }

        return new Box(lower, upper);
    }

    /// <summary>In how many groups every point of the part differs from the center.</summary>
    internal int Moved(Box part) => Enumerable.Range(0, Center.Length / Group).Count(g => !Holds(part, g * Group));

    /// <summary>Whether a group of coordinates may stay at the center.</summary>
    internal bool Holds(Box part, int start)
    {
        for (var j = start; j < start + Group; j++)
        {
            if (!part[j].Contains(Center[j]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The part with every group at the center that may be there.</summary>
    private Box Still(Box part)
    {
        var (lower, upper) = ((double[])part.Lower.Clone(), (double[])part.Upper.Clone());
        for (var start = 0; start < Center.Length; start += Group)
        {
            if (Holds(part, start))
            {
                Center.AsSpan(start, Group).CopyTo(lower.AsSpan(start));
                Center.AsSpan(start, Group).CopyTo(upper.AsSpan(start));
            }
        }

        return new Box(lower, upper);
    }
}
