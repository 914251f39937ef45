using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Search;

/// <summary>How a decision ended.</summary>
public enum DecisionOutcome
{
    /// <summary>g &lt;= target on the whole domain, re-derivable from the tree.</summary>
    Proved,

    /// <summary>A point with g above the target was confirmed.</summary>
    Refuted,

    /// <summary>Time, memory or a request to stop ended the search.</summary>
    Stopped,

    /// <summary>Some parts could be neither bounded nor divided further, or were handed over; everything else is settled.</summary>
    Stuck,
}

/// <summary>A leaf of a tree that the kernel's bounds did not settle.</summary>
/// <param name="Entry">Its place among the codes of the tree.</param>
/// <param name="Part">What <see cref="IBounds.Contract(Box, ReadOnlySpan{int}, double)"/> left of it.</param>
public sealed record OpenPart(int Entry, Box Part);

/// <summary>What a decision ended with.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Witness">The confirmed point; empty without one.</param>
/// <param name="Tree">How the domain was divided; meaningful when proved.</param>
/// <param name="Parts">Parts bounded.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record DecisionResult(DecisionOutcome Outcome, double[] Witness, EvidenceTree Tree, long Parts, double Seconds)
{
    /// <summary>For <see cref="DecisionOutcome.Stuck"/>: every leaf that is open, by place; null where there were too many to go on.</summary>
    public IReadOnlyList<OpenPart>? Open { get; init; }
}

/// <summary>How far a decision is.</summary>
/// <param name="Seconds">Wall time so far.</param>
/// <param name="Parts">Parts bounded.</param>
/// <param name="Open">Parts waiting.</param>
/// <param name="Share">Share of the domain that is settled, by volume.</param>
public sealed record DecisionProgress(double Seconds, long Parts, int Open, double Share);

/// <summary>Decides "g(x) &lt;= target for every x of the domain": depth-first branch and cut over boxes, on all cores. UNTRUSTED: the kernel re-derives its tree.</summary>
/// <remarks>
/// Accepts: a <see cref="Problem"/> and a target. Returns: proved with a tree, refuted with a confirmed point, or neither.
/// Idea: a part is bounded and cut down to what can still exceed the target (<see cref="IBounds.Contract(Box, ReadOnlySpan{int}, double)"/>), then halved across the
/// coordinate that matters most, the more dangerous half first; with many inputs, the sides of a kink take the place of halves. A part that can be neither bounded nor
/// divided is set aside, and the others are searched on. Every decision depends on the part alone, so any number of threads, and the checker, walk the same tree. Before the first part and
/// now and then later, a gradient attack from the part's middle looks for a point. A search that goes on from a checkpoint takes over where parts were halved, and
/// nothing else: each is cut and bounded again on the way down, without attacks, and what was settled counts only if it is settled again.
/// Guarantee: "proved" only when every leaf is bounded by the kernel; "refuted" only when the caller's check confirmed the point. Complete for strict inequalities
/// up to rounding, as parts shrink.
/// Sources: R. Bunel et al., "Branch and Bound for Piecewise Linear Neural Network Verification", JMLR, 2020; D. Zhou et al., "Clip-and-Verify: Linear
/// Constraint-Driven Domain Clipping for Accelerating Neural Network Verification", NeurIPS 2025 (cutting parts by linear bounds).
/// </remarks>
public sealed class DecisionSearch
{
    /// <summary>The question is g &lt;= this.</summary>
    public double Target { get; init; } = -double.Epsilon;

    /// <summary>Wall time limit.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>At most this many parts: about 100 bytes each.</summary>
    public long MostParts { get; init; } = 16_000_000;

    /// <summary>Climbs of the first attack; 0 for none.</summary>
    public int AttackStarts { get; init; } = 60;

    /// <summary>The search goes on beside parts that can be neither bounded nor divided further, so that a point may still be found; with more of them than this it ends.</summary>
    public int MostStuck { get; init; } = 64;

    /// <summary>Asked once, with the open parts, after this time: whether the search shall end and hand them over as stuck. Null for never.</summary>
    public (TimeSpan After, int MostParts, Func<IReadOnlyList<Box>, bool> Take)? HandOver { get; init; }

    /// <summary>Seed of the attack.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Turns a candidate into a confirmed point with g above the target, or null. Default: the point itself, where the kernel's value of g there exceeds the target.</summary>
    public Func<double[], double[]?>? Confirm { get; init; }

    /// <summary>Advice on where to divide; null for the kernel's own scores.</summary>
    public ISplitGuide? Guide { get; init; }

    /// <summary>Told now and then.</summary>
    public IProgress<DecisionProgress>? Progress { get; init; }

    /// <summary>Where to leave the state now and then, and where to go on; null for neither.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>The state of a search that settled every part, dividing as the tree says.</summary>
    internal static byte[] Settled(EvidenceTree tree) => Run.State(0, 0, [.. tree.Codes], []);

    /// <summary>The first attack alone: a confirmed point, or null.</summary>
    public double[]? Attack(Problem problem, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new Run(this, problem, cancellation).Attack();
    }

    /// <summary>Decides.</summary>
    public DecisionResult Solve(Problem problem, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new Run(this, problem, cancellation).Solve();
    }

    private sealed class Run
    {
        private const int ClimbEvery = 64;
        private const int SamplesPerClimb = 40;
        private const int Waiting = -1;

        private readonly DecisionSearch options;
        private readonly Problem problem;
        private readonly CancellationToken cancellation;
        private readonly Func<double[], double[]?> confirm;
        private readonly Attack attack;
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private readonly Stack<Pending> open = new();
        private readonly HashSet<TreeNode> taken = [];
        private readonly List<(int Rank, Pending Item)> waiting = [];
        private readonly Dictionary<TreeNode, Box> stuck = [];
        private bool offered;
        private readonly object gate = new();
        private Trail? trail;
        private TimeSpan before;
        private long parts;
        private double settled;
        private double lastReport;
        private volatile bool ended;
        private DecisionOutcome outcome = DecisionOutcome.Proved;
        private double[] witness = [];
        private ExceptionDispatchInfo? broken;

        public Run(DecisionSearch options, Problem problem, CancellationToken cancellation)
        {
            (this.options, this.problem, this.cancellation) = (options, problem, cancellation);
            attack = new Attack(problem);
            var checker = options.Confirm is null ? Bounds.For(problem) : null;
            confirm = options.Confirm ?? (point => checker!.LowerBoundAt(point) > options.Target ? point : null);
        }

        /// <summary>Search time, that of the run before included; walking down its tree again is not counted.</summary>
        private TimeSpan Elapsed => before + clock.Elapsed;

        private bool IsLate => cancellation.IsCancellationRequested || (trail is null && Elapsed > options.TimeLimit);

        public double[]? Attack()
        {
            var random = new Random(options.Seed);
            var found = Try(attack.Sweep(SamplesPerClimb * options.AttackStarts, options.AttackStarts, random, options.Target, () => IsLate))
                || Try(attack.Run(options.AttackStarts / 4, random, options.Target, () => IsLate));
            return found ? witness : null;
        }

        public DecisionResult Solve()
        {
            var root = new TreeNode();
            if (options.Checkpoint is { Saved: { } saved } checkpoint)
            {
                checkpoint.TryRead(saved, Restore);
            }

            if (trail is null && options.AttackStarts > 0 && Attack() is not null)
            {
                return Result(root);
            }

            if (trail is not null && before > options.TimeLimit)
            {
                End(DecisionOutcome.Stopped);
                return Result(root);
            }

            open.Push(new Pending(root, Copy(problem.Domain.Box), [], 1, 0));
            var first = Bounds.For(problem);
            var threads = Math.Max(1, options.Threads);
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                try
                {
                    Work(root, thread == 0 ? first : first.Clone(), thread == 0 ? attack : new Attack(problem));
                }
                catch (Exception error)
                {
                    // The others wait for what this thread took.
                    broken = ExceptionDispatchInfo.Capture(error);
                    End(DecisionOutcome.Stopped);
                }
            });
            broken?.Throw();
            if (!ended && stuck.Count > 0)
            {
                End(DecisionOutcome.Stuck);
            }

            return Result(root, first);
        }

        private DecisionResult Result(TreeNode root, IBounds? bounds = null) =>
            new(outcome, witness, root.ToTree(), parts, Elapsed.TotalSeconds)
            {
                Open = outcome == DecisionOutcome.Stuck && stuck.Count <= options.MostStuck && bounds is not null ? OpenParts(root, bounds) : null,
            };

        /// <summary>What is stuck, and what waited when the search ended, each cut as a checker cuts it.</summary>
        private List<OpenPart> OpenParts(TreeNode root, IBounds bounds)
        {
            foreach (var item in open)
            {
                if (!(bounds.Contract(item.Part, item.Sides, options.Target) <= options.Target))
                {
                    stuck.Add(item.Node, item.Part);
                }
            }

            var (found, entry) = (new List<OpenPart>(), 0);
            root.Walk((node, _) =>
            {
                if (stuck.TryGetValue(node, out var part))
                {
                    found.Add(new OpenPart(entry, part));
                }

                entry++;
                return true;
            });
            return found;
        }

        /// <summary>Whether the caller takes what is open; asked once.</summary>
        private bool IsTaken()
        {
            if (offered || trail is not null || options.HandOver is not var (after, most, take) || Elapsed < after || open.Count + taken.Count + stuck.Count > most)
            {
                return false;
            }

            offered = true;
            return take([.. open.Select(item => Copy(item.Part)), .. stuck.Values]);
        }

        private void Work(TreeNode root, IBounds bounds, Attack attack)
        {
            var scores = new double[problem.Domain.Box.Length + bounds.Kinks];
            while (!ended)
            {
                Pending item;
                long number;
                lock (gate)
                {
                    while (open.Count == 0 && taken.Count > 0 && !ended)
                    {
                        Monitor.Wait(gate);
                    }

                    if (open.Count == 0 && trail is not null && !ended)
                    {
                        GoOn();
                    }

                    if (open.Count == 0 || ended)
                    {
                        Monitor.PulseAll(gate);
                        return;
                    }

                    item = open.Pop();
                    taken.Add(item.Node);
                    number = trail is null ? ++parts : 0; // with the part it counts, so that a state written now counts what it does not leave open
                }

                (Pending First, Pending Second)? found;
                try
                {
                    found = trail is null ? Visit(item, number, bounds, attack, scores) : Follow(item, bounds, trail);
                }
                catch
                {
                    // The other threads must not wait for a part that will never be done.
                    End(DecisionOutcome.Stuck);
                    throw;
                }

                lock (gate)
                {
                    taken.Remove(item.Node);
                    if (found is var (first, second))
                    {
                        open.Push(second);
                        open.Push(first);
                    }

                    if (!ended)
                    {
                        var stops = IsLate || (trail is null && parts > options.MostParts);
                        if (trail is null)
                        {
                            options.Checkpoint?.Offer(() => State(root), force: stops);
                        }

                        if (stops)
                        {
                            End(DecisionOutcome.Stopped);
                        }
                        else if (IsTaken())
                        {
                            End(DecisionOutcome.Stuck);
                        }
                    }

                    if (options.Progress is { } progress && Elapsed.TotalSeconds - lastReport > 0.2)
                    {
                        lastReport = Elapsed.TotalSeconds;
                        progress.Report(new DecisionProgress(lastReport, parts, open.Count + taken.Count, settled));
                    }

                    Monitor.PulseAll(gate);
                }
            }
        }

        /// <summary>Bounds and cuts a part; null when it is settled, otherwise its halves, the one to visit first first.</summary>
        private (Pending First, Pending Second)? Visit(Pending item, long number, IBounds bounds, Attack attack, double[] scores)
        {
            var part = item.Part;
            var bound = bounds.Contract(part, item.Sides, options.Target);
            if (bound <= options.Target)
            {
                lock (gate)
                {
                    settled += item.Share;
                }

                return null;
            }

            bounds.SplitScores(part, scores);
            var axis = ChooseAxis(part, scores);
            if (axis >= 0 && axis < part.Length && options.Guide?.Axes([part], options.Target)[0] is { } advised and >= 0)
            {
                axis = advised;
            }

            var middle = part.Middle();
            if (attack.Value(middle) > options.Target ? Try((middle, attack.Value(middle))) : number % ClimbEvery == 0 && Try(attack.Climb(middle, part)))
            {
                return null;
            }

            if (axis < 0)
            {
                lock (gate)
                {
                    stuck.Add(item.Node, part);
                    if (stuck.Count > options.MostStuck)
                    {
                        End(DecisionOutcome.Stuck);
                    }
                }

                return null;
            }

            var (first, second) = Divide(item, axis, 0, 0);
            return axis >= part.Length || attack.Value(first.Part.Middle()) >= attack.Value(second.Part.Middle()) ? (first, second) : (second, first);
        }

        /// <summary>Both halves across a coordinate, or both sides of a kink.</summary>
        private static (Pending Left, Pending Right) Divide(Pending item, int axis, int leftPlace, int rightPlace)
        {
            var kink = axis - item.Part.Length;
            var (left, right) = kink < 0 ? item.Part.Split(axis) : (item.Part, Copy(item.Part));
            var (leftNode, rightNode) = item.Node.Divide(axis);
            int[] Sides(int side) => kink < 0 ? item.Sides : [.. item.Sides, side];
            return (
                new Pending(leftNode, left, Sides(-(kink + 1)), item.Share / 2, leftPlace), new Pending(rightNode, right, Sides(kink + 1), item.Share / 2, rightPlace));
        }

        /// <summary>Repeats a step of the run before: cuts and bounds the part, and divides it where it was divided. What was open then waits untouched.</summary>
        private (Pending First, Pending Second)? Follow(Pending item, IBounds bounds, Trail trail)
        {
            var (code, part) = (trail.Codes[item.Place], item.Part);
            var untouched = code == 0 ? Copy(part) : part;
            if (code != Waiting && bounds.Contract(part, item.Sides, options.Target) <= options.Target)
            {
                lock (gate)
                {
                    settled += item.Share;
                }

                return null;
            }

            var axis = code - 1;
            if (axis >= 0 && (axis < part.Length ? part.Lower[axis] < part[axis].Middle && part[axis].Middle < part.Upper[axis] : axis < part.Length + bounds.Kinks))
            {
                return Divide(item, axis, item.Place + 1, trail.Ends[item.Place + 1]);
            }

            lock (gate)
            {
                waiting.Add((trail.Ranks.GetValueOrDefault(item.Place, -1), item with { Part = untouched }));
            }

            return null;
        }

        /// <summary>The tree of the run before stands again: its open parts return to their places, and the clock starts.</summary>
        private void GoOn()
        {
            foreach (var (_, item) in waiting.OrderBy(entry => entry.Rank))
            {
                open.Push(item);
            }

            waiting.Clear();
            (trail, lastReport) = (null, 0);
            clock.Restart();
        }

        /// <summary>The state of a search: its tree in preorder, and the order in which the open parts wait.</summary>
        public static byte[] State(long ticks, long parts, IReadOnlyList<int> codes, IReadOnlyList<int> ranks) => Checkpoint.Write(writer =>
        {
            writer.Write(ticks);
            writer.Write(parts);
            foreach (var code in codes)
            {
                writer.Write7BitEncodedInt(code + 1);
            }

            foreach (var rank in ranks)
            {
                writer.Write7BitEncodedInt(rank);
            }
        });

        /// <summary>To be called when no other thread enters or leaves a part.</summary>
        private byte[] State(TreeNode root)
        {
            var ranks = new Dictionary<TreeNode, int>();
            foreach (var node in open.Reverse().Select(item => item.Node).Concat(taken))
            {
                ranks.Add(node, ranks.Count);
            }

            var (codes, order) = (new List<int>(), new List<int>());
            root.Walk((node, code) =>
            {
                // A part that a thread works at may have halves already; it counts as open, and its halves do not exist yet.
                var isOpen = ranks.TryGetValue(node, out var rank);
                if (isOpen)
                {
                    order.Add(rank);
                }

                codes.Add(isOpen ? Waiting : code);
                return !isOpen;
            });
            return State(Elapsed.Ticks, parts - taken.Count, codes, order);
        }

        private void Restore(BinaryReader reader)
        {
            var (ticks, number, codes) = (reader.ReadInt64(), reader.ReadInt64(), new List<int>());
            for (long missing = 1; missing > 0; missing += codes[^1] > 0 ? 1 : -1)
            {
                codes.Add(reader.Read7BitEncodedInt() - 1);
                if (codes[^1] < Waiting)
                {
                    throw new FormatException("it is not one tree");
                }
            }

            var (ranks, ends) = (new Dictionary<int, int>(), new int[codes.Count]);
            foreach (var (i, _) in codes.Index().Where(entry => entry.Item == Waiting))
            {
                ranks.Add(i, reader.Read7BitEncodedInt());
            }

            for (var i = ends.Length - 1; i >= 0; i--)
            {
                ends[i] = codes[i] <= 0 ? i + 1 : ends[ends[i + 1]];
            }

            if (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                throw new FormatException("it goes on after its end");
            }

            (before, parts, trail) = (new TimeSpan(Math.Max(0, ticks)), Math.Max(0, number), new Trail([.. codes], ends, ranks));
        }

        private static int ChooseAxis(Box part, double[] scores)
        {
            var (best, bestScore) = (-1, -1.0);
            for (var j = 0; j < scores.Length; j++)
            {
                var isDivisible = j >= part.Length ? scores[j] > 0 : part.Lower[j] < part[j].Middle && part[j].Middle < part.Upper[j];
                if (isDivisible && scores[j] > bestScore)
                {
                    (best, bestScore) = (j, scores[j]);
                }
            }

            return best;
        }

        private bool Try((double[] Point, double Value) found)
        {
            if (!(found.Value > options.Target) || confirm(found.Point) is not { } point)
            {
                return false;
            }

            lock (gate)
            {
                witness = point;
                End(DecisionOutcome.Refuted);
            }

            return true;
        }

        private void End(DecisionOutcome how)
        {
            lock (gate)
            {
                if (!ended || (how == DecisionOutcome.Refuted && outcome == DecisionOutcome.Stuck))
                {
                    (outcome, ended) = (how, true);
                    Monitor.PulseAll(gate);
                }
            }
        }

        private static Box Copy(Box box) => new((double[])box.Lower.Clone(), (double[])box.Upper.Clone());
    }

    /// <param name="Node">Where the part stands in the tree.</param>
    /// <param name="Part">The part's box.</param>
    /// <param name="Sides">The kinks that are decided, as <see cref="IBounds.Contract(Box, ReadOnlySpan{int}, double)"/> takes them.</param>
    /// <param name="Share">Its share of the domain.</param>
    /// <param name="Place">Its place in the trail, while one is followed.</param>
    private readonly record struct Pending(TreeNode Node, Box Part, int[] Sides, double Share, int Place);

    /// <summary>The tree of a run before, in preorder: where each subtree ends, and how the open parts waited.</summary>
    private sealed record Trail(int[] Codes, int[] Ends, Dictionary<int, int> Ranks);

    private sealed class TreeNode
    {
        private int code;
        private TreeNode? left;
        private TreeNode? right;

        public (TreeNode Left, TreeNode Right) Divide(int axis)
        {
            (code, left, right) = (axis + 1, new TreeNode(), new TreeNode());
            return (left, right);
        }

        public EvidenceTree ToTree()
        {
            var codes = new List<int>();
            Walk((_, code) =>
            {
                codes.Add(code);
                return true;
            });
            return new EvidenceTree(codes.ToArray());
        }

        /// <summary>Visits the tree in preorder; what is below a node only where the visitor says so.</summary>
        public void Walk(Func<TreeNode, int, bool> visit)
        {
            var stack = new Stack<TreeNode>([this]);
            while (stack.TryPop(out var node))
            {
                if (visit(node, node.code) && node.code > 0)
                {
                    stack.Push(node.right!);
                    stack.Push(node.left!);
                }
            }
        }
    }
}
