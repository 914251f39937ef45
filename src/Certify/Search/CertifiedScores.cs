using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Search;

/// <summary>Scores of many pairs (theta_i, x_i), each enclosed over the ball about its x_i: what <see cref="RobustConformal"/> asks for.</summary>
/// <remarks>
/// Accepts: pairs, as a stream. Returns: for each, in order, [value at the best point found, bound of the kernel] of the sup of the score over the ball, or [bound, value] of its inf.
/// Idea: an attack and one bound of the whole ball; then branch and bound, with a budget of parts for each pair, while its answer matters: until the gap is small, or a target is decided. For a calibration the target is where the
/// threshold would be if every bound were as good as the attack: bounds below it and attacks above it are good enough.
/// Guarantee: both ends are outward-rounded numbers of the kernel (<see cref="Guarantees.Checking"/>); where nothing is known they are infinite. The budget is one of parts, so the same pairs give the same numbers on any number of
/// threads, however long it takes. The choice of the target needs no correction: <see cref="RobustConformal"/> holds for any valid bounds.
/// </remarks>
public sealed class CertifiedScores
{
    private const int Block = 64;
    private readonly PosteriorScore score;
    private readonly Norm norm;
    private readonly double[] radius;

    /// <summary>Scores over balls of one radius.</summary>
    /// <param name="estimator">Network and family.</param>
    /// <param name="kind">Which score.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <param name="radius">Radius per coordinate of x, such as a share of each column's standard deviation, fixed without the pairs; at least 0 and finite.</param>
    /// <exception cref="ArgumentException">The family has no such score, or a number does not fit.</exception>
    public CertifiedScores(Estimator estimator, ScoreKind kind, Norm norm, ImmutableArray<double> radius)
    {
        score = new(estimator, kind);
        (this.norm, this.radius) = (norm, [.. radius]);
        score.Check(new double[score.ParameterLength], new double[score.DataLength], norm, this.radius);
    }

    /// <summary>At most about this many parts of the ball for one pair, 1 for the bound of the whole ball alone.</summary>
    public int MostParts { get; init; } = 64;

    /// <summary>A pair is done when its enclosure is as narrow as this, in units of the score.</summary>
    public double Gap { get; init; } = 0.01;

    /// <summary>Starts of the attack of one pair.</summary>
    public int AttackStarts { get; init; } = 6;

    /// <summary>Seed of the attacks.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; no answer depends on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Enclosures of s(theta_i, x_i).</summary>
    /// <param name="pairs">The pairs, read as they are needed.</param>
    public IEnumerable<Interval> At(IEnumerable<(double[] Theta, double[] X)> pairs) => Stream(pairs, pair =>
    {
        try
        {
            return score.At(pair.Theta, pair.X);
        }
        catch (DomainException)
        {
            return Interval.Entire;
        }
    });

    /// <summary>Enclosures of the sup of s(theta_i, x) over the ball about x_i, in order.</summary>
    /// <param name="pairs">The pairs, read as they are needed.</param>
    /// <param name="target">Where given, a pair is also done when its sup is known to be at most the target, or above it.</param>
    public IEnumerable<ScoreEnclosure> Largest(IEnumerable<(double[] Theta, double[] X)> pairs, double? target = null) => Stream(pairs, pair => Enclose(pair, false, target, MostParts));

    /// <summary>Enclosures of the inf of s(theta_i, x) over the ball about x_i, in order.</summary>
    /// <param name="pairs">The pairs, read as they are needed.</param>
    /// <param name="target">Where given, a pair is also done when its inf is known to be at least the target, or below it.</param>
    public IEnumerable<ScoreEnclosure> Smallest(IEnumerable<(double[] Theta, double[] X)> pairs, double? target = null) => Stream(pairs, pair => Enclose(pair, true, target, MostParts));

    /// <summary>The threshold of <see cref="RobustConformal.AtCalibration"/>, with the effort where it counts: all balls once, then parts of those between the attack's threshold, plus <see cref="Gap"/>, and the bounds above it.</summary>
    /// <param name="pairs">The calibration pairs.</param>
    /// <param name="alpha">In (0, 1).</param>
    public (RobustThreshold Threshold, ScoreEnclosure[] Scores) Calibrate(IReadOnlyList<(double[] Theta, double[] X)> pairs, double alpha)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ScoreEnclosure[] scores = [.. Stream(pairs, pair => Enclose(pair, false, null, 1))];
        var first = RobustConformal.AtCalibration([.. scores.Select(one => one.Range)], alpha);
        var target = first.Enclosure.Lower + Gap;
        if (double.IsFinite(target))
        {
            int[] open = [.. Enumerable.Range(0, scores.Length).Where(i => scores[i].Range.Upper > target && scores[i].Range.Lower <= target)];
            foreach (var (i, better) in open.Zip(Largest(open.Select(i => pairs[i]), target)))
            {
                var before = scores[i].Range;
                scores[i] = better with { Range = new(Math.Max(before.Lower, better.Range.Lower), Math.Min(before.Upper, better.Range.Upper)) };
            }
        }

        return (RobustConformal.AtCalibration([.. scores.Select(one => one.Range)], alpha), scores);
    }

    private ScoreEnclosure Enclose((double[] Theta, double[] X) pair, bool smallest, double? target, int parts)
    {
        try
        {
            var problem = score.Over(pair.Theta, pair.X, norm, radius, smallest);
            var goal = target is { } value ? (smallest ? -value : value) : (double?)null;
            var (range, witness, used) = score.Above(pair.Theta, pair.X, norm, radius, smallest, pair.X) is null ? Divide(problem, goal, parts) : DivideTouching(pair, problem, smallest, goal, parts);
            return new(smallest ? -range : range, witness, used);
        }
        catch (DomainException)
        {
            return new(Interval.Entire, [], 0);
        }
    }

    /// <summary>Branch and bound of the score itself.</summary>
    private (Interval Range, double[] Witness, int Parts) Divide(Problem problem, double? goal, int parts)
    {
        var found = new BranchAndBound
        {
            Target = goal,
            RelativeGap = 0,
            AbsoluteGap = Gap,
            MostParts = (2 * parts) - 1, // of all nodes, inner ones too
            AttackStarts = AttackStarts,
            Seed = Seed,
            Threads = 1,
            TimeLimit = TimeSpan.MaxValue,
        }.Solve(problem);
        return (new(found.Lower, found.Upper), found.Witness, found.Leaves.Count);
    }

    /// <summary>Branch and bound of a mixture: each part is bounded by a convex function that touches the score where the score is largest in the part, as far as known.</summary>
    private (Interval Range, double[] Witness, int Parts) DivideTouching((double[] Theta, double[] X) pair, Problem problem, bool smallest, double? goal, int parts)
    {
        var (attack, exact) = (new Attack(problem), Bounds.For(problem));
        var lower = exact.LowerBoundAt(pair.X);
        var witness = lower > double.NegativeInfinity ? pair.X : [];
        if (lower > goal)
        {
            return (new(lower, double.PositiveInfinity), witness, 0);
        }

        var open = new PriorityQueue<(Box Part, double Upper, int Axis), (double, int)>();
        var (closed, used) = (double.NegativeInfinity, 0);
        Enter(problem.Domain.Box, double.PositiveInfinity, attack.Run(AttackStarts, new Random(Seed)).Point);
        while (open.TryPeek(out var worst, out _) && worst.Upper > closed && used < parts
            && (goal is { } target ? !(BranchAndBound.Portable(worst.Upper) <= target || lower > target) : !(worst.Upper - lower <= Gap)))
        {
            open.Dequeue();
            var (left, right) = worst.Part.Split(worst.Axis);
            used--;
            Enter(left, worst.Upper, attack.Climb(left.Middle(), left).Point);
            Enter(right, worst.Upper, attack.Climb(right.Middle(), right).Point);
        }

        return (new(lower, BranchAndBound.Portable(Math.Max(closed, open.TryPeek(out var last, out _) ? last.Upper : double.NegativeInfinity))), witness, used);

        void Enter(Box part, double above, double[] point)
        {
            if (exact.LowerBoundAt(point) is var value && value > lower)
            {
                (lower, witness) = (value, point);
            }

            var bounds = Bounds.For(score.Above(pair.Theta, pair.X, norm, radius, smallest, point)!);
            var upper = Math.Min(above, bounds.UpperBound(part));
            var scores = new double[part.Length];
            bounds.SplitScores(part, scores);
            var axis = Enumerable.Range(0, part.Length).Where(j => part.Lower[j] < part[j].Middle && part[j].Middle < part.Upper[j]).OrderByDescending(j => scores[j]).FirstOrDefault(-1);
            used++;
            if (axis >= 0)
            {
                open.Enqueue((part, upper, axis), (-upper, used));
            }
            else
            {
                closed = Math.Max(closed, upper);
            }
        }
    }

    /// <summary>Answers in order, blocks of pairs at a time.</summary>
    private IEnumerable<T> Stream<T>(IEnumerable<(double[] Theta, double[] X)> pairs, Func<(double[] Theta, double[] X), T> answer)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        foreach (var block in pairs.Chunk(Block))
        {
            foreach (var (theta, x) in block)
            {
                score.Check(theta, x, norm, radius);
            }

            var results = new T[block.Length];
            Parallel.For(0, block.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Threads) }, i => results[i] = answer(block[i]));
            foreach (var result in results)
            {
                yield return result;
            }
        }
    }
}

/// <summary>A score over a ball.</summary>
/// <param name="Range">Holds the sup, or the inf, of the score over the ball. One end is a bound for every point of the ball, the other the value at a point; infinite where nothing is known.</param>
/// <param name="Witness">The point of the ball with that value; empty where none was found.</param>
/// <param name="Parts">Into how many parts the ball was divided.</param>
public sealed record ScoreEnclosure(Interval Range, double[] Witness, int Parts);
