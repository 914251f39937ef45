using System.Diagnostics;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Search;

/// <summary>What a search ended with.</summary>
/// <param name="Lower">Value of g at the witness, as the kernel re-derives it; -infinity without a witness.</param>
/// <param name="Upper">A bound of g over the whole domain, re-derivable from the tree.</param>
/// <param name="Witness">The input of <paramref name="Lower"/>; empty when none was found.</param>
/// <param name="Tree">How the domain was divided.</param>
/// <param name="Leaves">The final parts and their bounds.</param>
/// <param name="Progress">The enclosure over time.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="TimedOut">Whether the time limit ended the search.</param>
public sealed record SearchResult(
    double Lower,
    double Upper,
    double[] Witness,
    EvidenceTree Tree,
    IReadOnlyList<(Box Part, double Upper)> Leaves,
    IReadOnlyList<ProgressPoint> Progress,
    double Seconds,
    bool TimedOut);

/// <summary>Encloses sup g over a domain by dividing it: best-first branch and bound over input boxes. UNTRUSTED: the kernel re-derives its tree.</summary>
/// <remarks>
/// Accepts: a <see cref="Problem"/>. Returns: an enclosure of sup g, at any moment, with a witness and the tree.
/// Idea: keep the parts by their upper bounds; split the worst across the coordinate that moves the frontier most; raise the lower bound by
/// climbing from the middle of the worst part. Rounds of parts are bounded in parallel and entered in a fixed order, so that the same
/// number of rounds gives the same tree on any number of threads, and so does a search that was ended after any round and goes on from its checkpoint.
/// Guarantee: the enclosure is sound at every moment (each bound is the kernel's); it closes when parts shrink, up to rounding.
/// Source: A. H. Land, A. G. Doig, "An Automatic Method of Solving Discrete Programming Problems", Econometrica, 1960; for
/// networks R. Bunel et al., "Branch and Bound for Piecewise Linear Neural Network Verification", JMLR, 2020.
/// </remarks>
public sealed class BranchAndBound
{
    /// <summary>Stops when upper - lower &lt;= this share of upper.</summary>
    public double RelativeGap { get; init; } = 0.01;

    /// <summary>Stops when upper - lower &lt;= this.</summary>
    public double AbsoluteGap { get; init; } = 1e-9;

    /// <summary>Stops when the answer to "g &lt;= target" is known; null to close the gap.</summary>
    public double? Target { get; init; }

    /// <summary>Wall time limit.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>At most this many parts.</summary>
    public int MostParts { get; init; } = 2_000_000;

    /// <summary>Starts of the first attack.</summary>
    public int AttackStarts { get; init; } = 40;

    /// <summary>Seed of the attack.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Advice on where to divide; null for the kernel's own scores.</summary>
    public ISplitGuide? Guide { get; init; }

    /// <summary>Told the enclosure a few times a second.</summary>
    public IProgress<ProgressPoint>? Progress { get; init; }

    /// <summary>Where to leave the state after a round, and where to go on; null for neither.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Encloses sup g.</summary>
    public SearchResult Solve(Problem problem, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new Run(this, problem).Solve(cancellation);
    }

    /// <summary>The bound stated for a computed one: a little larger, so that other processors' rounding re-derives it.</summary>
    public static double Portable(double upper) => double.IsFinite(upper) ? upper + (1e-9 * Math.Abs(upper)) + 1e-14 : upper;

    private sealed class Run
    {
        private const int Round = 16;

        private readonly BranchAndBound options;
        private readonly Problem problem;
        private readonly IBounds[] bounds;
        private readonly Attack? attack;
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly List<TreeNode> nodes = [];
        private readonly PriorityQueue<int, (double, int)> open = new();
        private readonly List<ProgressPoint> history = [];
        private double closedUpper = double.NegativeInfinity;
        private double lower = double.NegativeInfinity;
        private double[] witness = [];
        private double lastReport = double.NegativeInfinity;
        private TimeSpan before;

        public Run(BranchAndBound options, Problem problem)
        {
            (this.options, this.problem) = (options, problem);
            bounds = new IBounds[Math.Max(1, options.Threads)];
            bounds[0] = Bounds.For(problem);
            for (var t = 1; t < bounds.Length; t++)
            {
                bounds[t] = bounds[0].Clone();
            }

            attack = problem.JacobianFrom is null ? new Attack(problem) : null;
        }

        /// <summary>Search time, that of the run before included; deriving its bounds again is not counted.</summary>
        private TimeSpan Elapsed => before + clock.Elapsed;

        private double Upper => Math.Max(closedUpper, open.TryPeek(out _, out var worst) ? -worst.Item1 : double.NegativeInfinity);

        public SearchResult Solve(CancellationToken cancellation)
        {
            var timedOut = false;
            if (options.Checkpoint?.Saved is not { } saved || !TryRestore(saved, cancellation))
            {
                Begin();
            }

            while (open.Count > 0 && !Finished())
            {
                if (Elapsed > options.TimeLimit || cancellation.IsCancellationRequested || nodes.Count >= options.MostParts)
                {
                    timedOut = true;
                    break;
                }

                SplitRound();
                Report(force: false);
                options.Checkpoint?.Offer(State);
            }

            Report(force: true);
            if (options.Checkpoint is { } checkpoint && (clock.Elapsed >= checkpoint.Every || cancellation.IsCancellationRequested))
            {
                checkpoint.Offer(State, force: true);
            }

            var leaves = nodes.Where(node => node.Left < 0).Select(node => (node.Box!, node.Upper)).ToArray();
            return new SearchResult(lower, Portable(leaves.Max(leaf => leaf.Upper)), witness, Tree(), leaves, history, Elapsed.TotalSeconds, timedOut);
        }

        /// <summary>The first attack and the whole domain.</summary>
        private void Begin()
        {
            if (attack?.Run(options.AttackStarts, new Random(options.Seed)) is { } found)
            {
                Offer(found.Point);
            }

            if (attack is null)
            {
                Offer(problem.Domain.Box.Middle());
            }

            var root = new TreeNode(problem.Domain.Box) { Upper = bounds[0].UpperBound(problem.Domain.Box, Enough()) };
            root.Axis = ChooseAxis(bounds[0], problem.Domain.Box);
            Advise([root]);
            nodes.Add(root);
            Offer(bounds[0].Candidate?.Point ?? problem.Domain.Box.Middle());
            Enter(0);
            Report(force: true);
        }

        private bool Finished()
        {
            var upper = Upper;
            return options.Target is { } target
                ? Portable(upper) <= target || lower > target
                : double.IsFinite(upper) && upper - lower <= Math.Max(options.AbsoluteGap, options.RelativeGap * Math.Abs(upper));
        }

        /// <summary>A bound of a part at which the search would end, if every part had one.</summary>
        private double Enough() => options.Target is { } target
            ? target > 0 ? (target - 2e-14) / (1 + 2e-9) : double.NegativeInfinity
            : lower > 0 ? Math.Max(lower / (1 - options.RelativeGap), lower + options.AbsoluteGap) : double.NegativeInfinity;

        private void SplitRound()
        {
            var parents = new List<int>(Round);
            while (parents.Count < Round && open.TryDequeue(out var id, out _))
            {
                parents.Add(id);
            }

            var children = new TreeNode[2 * parents.Count];
            for (var k = 0; k < parents.Count; k++)
            {
                var (left, right) = nodes[parents[k]].Box!.Split(nodes[parents[k]].Axis);
                (children[2 * k], children[(2 * k) + 1]) = (new TreeNode(left), new TreeNode(right));
            }

            var (next, enough) = (-1, Enough());
            Parallel.For(0, bounds.Length, new ParallelOptions { MaxDegreeOfParallelism = bounds.Length }, thread =>
            {
                for (var k = Interlocked.Increment(ref next); k < children.Length; k = Interlocked.Increment(ref next))
                {
                    var parent = nodes[parents[k / 2]];
                    var child = children[k];
                    child.Upper = Math.Min(parent.Upper, bounds[thread].UpperBound(child.Box!, enough));
                    child.Candidate = bounds[thread].Candidate;
                    child.Axis = ChooseAxis(bounds[thread], child.Box!);
                }
            });

            Advise(children);
            for (var k = 0; k < parents.Count; k++)
            {
                var parent = nodes[parents[k]];
                parent.Left = nodes.Count;
                nodes.Add(children[2 * k]);
                nodes.Add(children[(2 * k) + 1]);
                parent.Box = null;
                Enter(parent.Left);
                Enter(parent.Left + 1);
            }

            Improve(children);
        }

        /// <summary>Takes the guide's advice for parts that can be divided.</summary>
        private void Advise(TreeNode[] parts)
        {
            if (options.Guide?.Axes([.. parts.Select(part => part.Box!)], Enough()) is { } axes)
            {
                foreach (var (part, axis) in parts.Zip(axes).Where(item => item.First.Axis >= 0 && item.Second >= 0))
                {
                    part.Axis = axis;
                }
            }
        }

        /// <summary>Raises the lower bound from the worst new part.</summary>
        private void Improve(TreeNode[] children)
        {
            if (children.Where(child => child.Candidate is not null).MaxBy(child => child.Candidate!.Value.Value) is { } promising)
            {
                if (promising.Candidate!.Value.Value > lower)
                {
                    Offer(promising.Candidate.Value.Point);
                }

                return;
            }

            var worst = children.MaxBy(child => child.Upper)!;
            var middle = worst.Box!.Middle();
            if (attack is null)
            {
                Offer(middle);
            }
            else if (problem.Domain.Contains(middle))
            {
                var (point, value) = attack.Climb(middle, problem.Domain.Box);
                if (value > lower)
                {
                    Offer(point);
                }
            }
        }

        /// <summary>Takes a witness if the kernel's value of g there is better.</summary>
        private void Offer(double[] point)
        {
            var value = bounds[0].LowerBoundAt(point);
            if (value > lower)
            {
                (lower, witness) = (value, point);
            }
        }

        private void Enter(int id)
        {
            var node = nodes[id];
            if (node.Axis >= 0 && node.Upper > double.NegativeInfinity)
            {
                open.Enqueue(id, (-node.Upper, id));
            }
            else
            {
                closedUpper = Math.Max(closedUpper, node.Upper);
            }
        }

        /// <summary>The coordinate to split, -1 when the part is a point up to rounding.</summary>
        private static int ChooseAxis(IBounds bounds, Box part)
        {
            var scores = new double[part.Length];
            bounds.SplitScores(part, scores);
            var (best, bestScore) = (-1, -1.0);
            for (var j = 0; j < scores.Length; j++)
            {
                var middle = part[j].Middle;
                if (part.Lower[j] < middle && middle < part.Upper[j] && (scores[j] > bestScore))
                {
                    (best, bestScore) = (j, scores[j]);
                }
            }

            return best;
        }

        private void Report(bool force)
        {
            var now = Elapsed.TotalSeconds;
            if (force || now - lastReport > 0.2)
            {
                lastReport = now;
                var point = new ProgressPoint(now, lower, Upper);
                history.Add(point);
                options.Progress?.Report(point);
            }
        }

        /// <summary>All that the next round depends on: nodes in the order of their creation, and the witness.</summary>
        private byte[] State() => Checkpoint.Write(writer =>
        {
            writer.Write(Elapsed.Ticks);
            Checkpoint.WriteNumbers(writer, witness);
            writer.Write(lower);
            writer.Write(nodes.Count);
            foreach (var node in nodes)
            {
                writer.Write(node.Upper);
                writer.Write7BitEncodedInt(node.Axis + 1);
            }

            foreach (var (id, _) in nodes.Select((node, id) => (id, node.Left)).Where(item => item.Left >= 0).OrderBy(item => item.Left))
            {
                writer.Write7BitEncodedInt(id);
            }

            Checkpoint.WriteNumbers(writer, [.. history.SelectMany(point => new[] { point.Seconds, point.Lower, point.Upper })]);
        });

        /// <summary>Takes over a state, trusting nothing in it: boxes follow from the cuts, every open or closed part is bounded again, the witness is evaluated again.</summary>
        private bool TryRestore(byte[] saved, CancellationToken cancellation)
        {
            if (options.Checkpoint!.TryRead(saved, reader => Restore(reader, cancellation)))
            {
                clock.Restart();
                return true;
            }

            nodes.Clear();
            open.Clear();
            history.Clear();
            (lower, witness, closedUpper, before, lastReport) = (double.NegativeInfinity, [], double.NegativeInfinity, default, double.NegativeInfinity);
            return false;
        }

        private void Restore(BinaryReader reader, CancellationToken cancellation)
        {
            before = new TimeSpan(Math.Max(0, reader.ReadInt64()));
            (witness, lower) = (Checkpoint.ReadNumbers(reader), reader.ReadDouble());
            if (witness.Length > 0 ? witness.Length != problem.Domain.Box.Length || bounds[0].LowerBoundAt(witness) != lower : lower != double.NegativeInfinity)
            {
                throw new FormatException("the witness does not have the value stated");
            }

            var (boxes, parents) = (new Box?[Checkpoint.Count(reader, sizeof(double) + 1)], new List<int> { -1 });
            for (var id = 0; id < boxes.Length; id++)
            {
                nodes.Add(new TreeNode(problem.Domain.Box) { Upper = reader.ReadDouble(), Axis = reader.Read7BitEncodedInt() - 1 });
            }

            if (boxes.Length % 2 == 0)
            {
                throw new FormatException($"{boxes.Length} nodes are not one tree");
            }

            boxes[0] = problem.Domain.Box;
            while (parents.Count < boxes.Length)
            {
                var id = reader.Read7BitEncodedInt();
                if (id < 0 || id >= parents.Count || boxes[id] is not { } box || !Divides(box, nodes[id].Axis))
                {
                    throw new FormatException($"part {id} cannot be divided as stated");
                }

                (nodes[id].Left, boxes[id]) = (parents.Count, null);
                (boxes[parents.Count], boxes[parents.Count + 1]) = box.Split(nodes[id].Axis);
                parents.AddRange([id, id]);
            }

            var numbers = Checkpoint.ReadNumbers(reader);
            for (var i = 0; i + 2 < numbers.Length; i += 3)
            {
                history.Add(new ProgressPoint(numbers[i], numbers[i + 1], numbers[i + 2]));
            }

            var (next, wrong) = (-1, -1);
            Parallel.For(0, bounds.Length, new ParallelOptions { MaxDegreeOfParallelism = bounds.Length }, thread =>
            {
                for (var id = Interlocked.Increment(ref next); id < boxes.Length && wrong < 0 && !cancellation.IsCancellationRequested; id = Interlocked.Increment(ref next))
                {
                    if (boxes[id] is not null && (!(nodes[id].Axis < 0 || Divides(boxes[id]!, nodes[id].Axis)) || !IsBounded(bounds[thread], id, parents)))
                    {
                        wrong = id;
                    }
                }
            });
            cancellation.ThrowIfCancellationRequested();
            if (wrong >= 0)
            {
                throw new FormatException($"part {wrong} does not have the bound stated");
            }

            for (var id = 0; id < boxes.Length; id++)
            {
                nodes[id].Box = boxes[id];
                if (boxes[id] is not null)
                {
                    Enter(id);
                }
            }
        }

        /// <summary>Whether the bound stated for a part comes out again: no lower, and no higher either, which the checker would refuse.</summary>
        private bool IsBounded(IBounds bounds, int id, List<int> parents)
        {
            // A part that could not be bounded better than its parent has its parent's bound.
            var stated = nodes[id].Upper;
            var holder = id;
            while (parents[holder] >= 0 && nodes[parents[holder]].Upper == stated)
            {
                holder = parents[holder];
            }

            var again = bounds.UpperBound(BoxOf(holder, parents), stated);
            return again == stated || (again <= Portable(stated) && stated <= Portable(again));
        }

        private Box BoxOf(int id, List<int> parents) => parents[id] < 0 ? problem.Domain.Box
            : BoxOf(parents[id], parents).Split(nodes[parents[id]].Axis) is var (left, right) && id == nodes[parents[id]].Left ? left : right;

        private static bool Divides(Box part, int axis) =>
            axis >= 0 && axis < part.Length && part.Lower[axis] < part[axis].Middle && part[axis].Middle < part.Upper[axis];

        private EvidenceTree Tree()
        {
            var codes = new List<int>(nodes.Count);
            var stack = new Stack<int>([0]);
            while (stack.TryPop(out var id))
            {
                var node = nodes[id];
                codes.Add(node.Left < 0 ? 0 : node.Axis + 1);
                if (node.Left >= 0)
                {
                    stack.Push(node.Left + 1);
                    stack.Push(node.Left);
                }
            }

            return new EvidenceTree(codes.ToArray());
        }
    }

    private sealed class TreeNode(Box box)
    {
        public Box? Box { get; set; } = box;

        public double Upper { get; set; }

        public int Axis { get; set; } = -1;

        public (double[] Point, double Value)? Candidate { get; set; }

        public int Left { get; set; } = -1;
    }
}
