using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Statistics;

/// <summary>The fill distance of finitely many points in a box: h = the largest distance, over x in the box, from x to the nearest point.</summary>
/// <remarks>
/// <para>
/// <see cref="OfGrid"/>: points a_1 x ... x a_d of a product grid. The distance to the nearest point is the norm of the distances to the nearest coordinates, one by one, since l1, l2 and linf rise with each absolute value. Along
/// an axis from l to u with ascending coordinates c_1, ..., c_k that is at most the largest of |c_1 - l|, |u - c_k| and (c_(i+1) - c_i) / 2. Rounded up; exact but for that where no coordinate lies outside [l, u].
/// </para>
/// <para>
/// <see cref="Of"/>: any points. For a part P of the box, h over P is at most the least, over points, of the largest distance to a corner of P, and at least the distance from the middle of P to the nearest point.
/// The part with the largest upper bound is halved across its longest side. A point farther from all of P than the bound of P is nearest nowhere in P and is not handed on. Every upper bound is rounded up: h is at most
/// the upper end of the answer, whenever the search ends, and the box is covered by the balls of that radius.
/// </para>
/// <para>Fill distance: H. Wendland, "Scattered Data Approximation", Cambridge, 2004, definition 1.4 (from memory).</para>
/// </remarks>
public static class Cover
{
    /// <summary>h of a product grid, rounded up.</summary>
    /// <param name="box">The box, finite.</param>
    /// <param name="axes">For each coordinate of the box at least one number, ascending; points may lie outside the box.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axes do not fit the box or do not ascend, a number is not finite, or the norm is another one.</exception>
    public static double OfGrid(Box box, IReadOnlyList<double[]> axes, Norm norm)
    {
        CheckBox(box, norm);
        ArgumentNullException.ThrowIfNull(axes);
        if (axes.Count != box.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(axes), axes.Count, $"Expected {box.Length} axes, one for each coordinate of the box.");
        }

        var reach = new double[box.Length];
        for (var j = 0; j < reach.Length; j++)
        {
            var axis = axes[j];
            for (var i = 0; i < axis.Length; i++)
            {
                if (!double.IsFinite(axis[i]) || (i > 0 && !(axis[i - 1] <= axis[i])))
                {
                    throw new ArgumentOutOfRangeException(nameof(axes), axis[i], $"Expected finite numbers that ascend along axis {j}.");
                }

                reach[j] = i > 0 ? Math.Max(reach[j], Rounding.MultiplyUp(0.5, Rounding.SubtractUp(axis[i], axis[i - 1]))) : 0;
            }

            if (axis.Length == 0)
            {
                throw new ArgumentOutOfRangeException(nameof(axes), 0, $"Expected at least one number along axis {j}.");
            }

            reach[j] = Math.Max(reach[j], Math.Max((Interval.Point(axis[0]) - box.Lower[j]).Magnitude, (Interval.Point(box.Upper[j]) - axis[^1]).Magnitude));
        }

        return Length(reach, norm);
    }

    /// <summary>The middles of equal cells along each axis of a box, in double arithmetic: <see cref="OfGrid"/> says what they cover.</summary>
    /// <param name="box">The box, finite.</param>
    /// <param name="counts">Cells along each axis, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not one count for each axis, or one is below 1.</exception>
    public static IReadOnlyList<double[]> Axes(Box box, IReadOnlyList<int> counts)
    {
        CheckBox(box, Norm.Linf);
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count != box.Length || counts.Any(count => count < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(counts), string.Join(' ', counts), $"Expected {box.Length} numbers of cells, each at least 1.");
        }

        return [.. counts.Select((count, j) => Enumerable.Range(0, count)
            .Select(i => Math.Clamp(box.Lower[j] + ((((2 * i) + 1) / (2.0 * count)) * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j])).ToArray())];
    }

    /// <summary>An enclosure of h; its upper end is a distance within which the points cover the box.</summary>
    /// <param name="box">The box, finite.</param>
    /// <param name="points">At least one point, of as many coordinates, finite; points may lie outside the box.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <param name="relativeGap">Ends when upper - lower is at most this share of upper; in (0, 1).</param>
    /// <param name="mostParts">Ends at this number of parts, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or a point does not fit the box.</exception>
    public static Interval Of(Box box, IReadOnlyList<double[]> points, Norm norm, double relativeGap = 0.05, int mostParts = 100_000)
    {
        CheckBox(box, norm);
        ArgumentNullException.ThrowIfNull(points);
        if (!(relativeGap is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(relativeGap), relativeGap, "Expected a gap in (0, 1).");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(mostParts, 1);
        for (var i = 0; i < points.Count; i++)
        {
            if (points[i].Length != box.Length || !points[i].All(double.IsFinite))
            {
                throw new ArgumentOutOfRangeException(nameof(points), string.Join(' ', points[i]), $"Expected {box.Length} finite coordinates: point {i}.");
            }
        }

        if (points.Count == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(points), 0, "Expected at least one point.");
        }

        var open = new PriorityQueue<Part, (double, int)>();
        var (lower, closed, parts) = (0.0, 0.0, 0);
        Enter(box, Enumerable.Range(0, points.Count));
        while (open.TryPeek(out var worst, out _) && worst.Upper > closed && worst.Upper - lower > relativeGap * worst.Upper && parts < mostParts)
        {
            open.Dequeue();
            var axis = Enumerable.Range(0, box.Length).MaxBy(j => worst.Box.Upper[j] - worst.Box.Lower[j]);
            if (!(worst.Box.Lower[axis] < worst.Box[axis].Middle && worst.Box[axis].Middle < worst.Box.Upper[axis]))
            {
                closed = Math.Max(closed, worst.Upper);
                continue;
            }

            var (left, right) = worst.Box.Split(axis);
            Enter(left, worst.Near);
            Enter(right, worst.Near);
        }

        var upper = Math.Max(closed, open.TryPeek(out var last, out _) ? last.Upper : 0);
        return new(Math.Min(lower, upper), upper);

        void Enter(Box part, IEnumerable<int> candidates)
        {
            int[] known = [.. candidates];
            var far = known.Min(i => Farthest(part, points[i], norm));
            var middle = part.Middle();
            lower = Math.Max(lower, known.Min(i => Nearest(Box.Point(middle), points[i], norm)));
            open.Enqueue(new(part, far, [.. known.Where(i => Nearest(part, points[i], norm) <= far)]), (-far, parts++));
        }
    }

    /// <summary>The largest distance from a point to a point of a part, rounded up.</summary>
    private static double Farthest(Box part, double[] point, Norm norm)
    {
        var away = new double[point.Length];
        for (var j = 0; j < away.Length; j++)
        {
            away[j] = (part[j] - point[j]).Magnitude;
        }

        return Length(away, norm);
    }

    /// <summary>The least distance from a point to a point of a part, rounded down.</summary>
    private static double Nearest(Box part, double[] point, Norm norm)
    {
        var sum = 0.0;
        for (var j = 0; j < point.Length; j++)
        {
            var away = (part[j] - point[j]).Mignitude;
            sum = norm switch
            {
                Norm.Linf => Math.Max(sum, away),
                Norm.L1 => Rounding.AddDown(sum, away),
                _ => Rounding.AddDown(sum, Rounding.MultiplyDown(away, away)),
            };
        }

        return norm == Norm.L2 ? Rounding.SqrtDown(sum) : sum;
    }

    /// <summary>The norm of a vector without negative entries, rounded up.</summary>
    private static double Length(double[] v, Norm norm) => norm switch
    {
        Norm.Linf => v.Max(),
        Norm.L1 => v.Aggregate(0.0, Rounding.AddUp),
        _ => Rounding.SqrtUp(v.Aggregate(0.0, (sum, x) => Rounding.AddUp(sum, Rounding.MultiplyUp(x, x)))),
    };

    private static void CheckBox(Box box, Norm norm)
    {
        ArgumentNullException.ThrowIfNull(box);
        if (box.Length == 0 || !box.Lower.All(double.IsFinite) || !box.Upper.All(double.IsFinite))
        {
            throw new ArgumentOutOfRangeException(nameof(box), box.Length, "Expected a finite box of at least one coordinate.");
        }

        if (norm is not (Norm.L1 or Norm.L2 or Norm.Linf))
        {
            throw new ArgumentOutOfRangeException(nameof(norm), norm, "Expected l1, l2 or linf.");
        }
    }

    private sealed record Part(Box Box, double Upper, int[] Near);
}
