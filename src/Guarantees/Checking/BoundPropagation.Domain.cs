using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Checking;

/// <remarks>The largest value of a linear function over a part: over its box, and over the ball by the dual norm; the smaller one counts.</remarks>
public sealed partial class BoundPropagation
{
    private readonly double[] inputMagnitude;
    private Box part = null!;
    private double[] gap = [];
    private double[] gains = [];

    /// <summary>A number not below row . x + constant over the part.</summary>
    private double Concretize(ReadOnlySpan<double> row, double constant)
    {
        var (sum, size) = (0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            var c = row[j];
            if (c != 0)
            {
                sum += c * (c > 0 ? part.Upper[j] : part.Lower[j]);
                size += Math.Abs(c) * inputMagnitude[j];
            }
        }

        sum += (Rounding.Gamma(row.Length + 4) * size) + Rounding.Tiny;
        var domain = problem.Domain;
        if (domain.Norm != Norm.Linf)
        {
            sum = Math.Min(sum, domain.Norm == Norm.L0 ? OverFewEntries(row, domain) : OverBall(row, domain));
        }

        return Rounding.AddUp(sum, constant);
    }

    /// <summary>
    /// The largest row . x where at most a few groups leave the center: row . center, and the largest gains of the groups that may move; those whose part lies off the center do.
    /// A group whose gain is rounded down is still counted within the error of all sums.
    /// </summary>
    private double OverFewEntries(ReadOnlySpan<double> row, Domain domain)
    {
        var (sum, size, left) = (0.0, 0.0, domain.Entries);
        var count = domain.Center.Length / domain.Group;
        gains = Reserve(gains, count);
        var free = 0;
        for (var g = 0; g < count; g++)
        {
            var (still, moved) = (0.0, 0.0);
            for (var j = g * domain.Group; j < (g + 1) * domain.Group; j++)
            {
                still += row[j] * domain.Center[j];
                moved += row[j] * (row[j] > 0 ? part.Upper[j] : part.Lower[j]);
                size += Math.Abs(row[j]) * (Math.Abs(domain.Center[j]) + inputMagnitude[j]);
            }

            if (domain.Holds(part, g * domain.Group))
            {
                sum += still;
                gains[free++] = moved - still;
            }
            else
            {
                sum += moved;
                left--;
            }
        }

        gains.AsSpan(0, free).Sort();
        for (var k = 0; k < Math.Min(left, free); k++)
        {
            sum += Math.Max(0, gains[free - 1 - k]);
        }

        for (var j = domain.Center.Length; j < row.Length; j++)
        {
            sum += row[j] * (row[j] > 0 ? part.Upper[j] : part.Lower[j]);
            size += Math.Abs(row[j]) * inputMagnitude[j];
        }

        return sum + (4 * Rounding.Gamma((2 * row.Length) + 8) * size) + (1e-150 * row.Length);
    }

    /// <summary>row . center + |row * radius|_dual, over the ball; coordinates beyond the ball's (such as parameters) range over the box.</summary>
    private double OverBall(ReadOnlySpan<double> row, Domain domain)
    {
        var (sum, size, dual) = (0.0, 0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            if (j >= domain.Center.Length)
            {
                sum += row[j] * (row[j] > 0 ? part.Upper[j] : part.Lower[j]);
                size += Math.Abs(row[j]) * inputMagnitude[j];
                continue;
            }

            var (center, reach) = (row[j] * domain.Center[j], Math.Abs(row[j]) * domain.Radius[j]);
            sum += center;
            size += Math.Abs(center);
            dual = domain.Norm == Norm.L1 ? Math.Max(dual, reach) : dual + (reach * reach);
        }

        dual = domain.Norm == Norm.L1 ? dual : Math.Sqrt(dual);
        var gamma = Rounding.Gamma(row.Length + 6);
        return sum + dual + (2 * gamma * (size + dual)) + (1e-150 * row.Length);
    }

    /// <summary>
    /// For the norms of groups of frontier elements over an l2 ball: |z| &lt;= |m(center)| + |M diag(radius)|_2 + |e|, with m the middle of the two linear
    /// bounds and e their largest half distance. A largest singular value takes the place of the ball's missing vertices. Coordinates beyond the ball's range over the part within m.
    /// </summary>
    private bool BoundOverEllipsoid(Node node)
    {
        var domain = problem.Domain;
        var (n, all) = (domain.Center.Length, graph.InputLength);
        if (domain.Norm != Norm.L2 || n is 0 or > 64 || node.Operator is not Networks.Operators.Norm map
            || lines[node.Arguments[0]] is not { } known || !problem.Frontier.Contains(node.Arguments[0]))
        {
            return true;
        }

        for (var i = 0; i < node.Length; i++)
        {
            var size = map.GroupSize;
            var matrix = new Interval[size][];
            var (offsets, spreads) = (new Interval[size], new Interval[size]);
            var finite = true;
            for (var t = 0; t < size; t++)
            {
                finite &= double.IsFinite(known.UpperSize[(i * size) + t]) && double.IsFinite(known.LowerSize[(i * size) + t]);
            }

            if (!finite)
            {
                continue;
            }

            for (var t = 0; t < size; t++)
            {
                var element = (i * size) + t;
                var upper = known.Upper.Row(element, all);
                var lower = known.Lower.Row(element, all);
                matrix[t] = new Interval[n];
                var middle = (Interval.Point(known.UpperBias[element]) + known.LowerBias[element]) * Interval.Point(0.5);
                gap = Reserve(gap, all);
                var slack = Interval.Point(0);
                for (var j = 0; j < all; j++)
                {
                    var slope = (Interval.Point(upper[j]) + lower[j]) * Interval.Point(0.5);
                    if (j < n)
                    {
                        matrix[t][j] = slope * Interval.Point(domain.Radius[j]);
                    }

                    middle += slope * (j < n ? Interval.Point(domain.Center[j]) : part[j]);
                    gap[j] = upper[j] - lower[j];
                    slack += (Interval.Point(upper[j]) - lower[j] - gap[j]) * part[j];
                }

                offsets[t] = middle;
                var half = Concretize(gap.AsSpan(0, all), Rounding.SubtractUp(known.UpperBias[element], known.LowerBias[element]));
                spreads[t] = new Interval(0, Math.Max(0, Rounding.AddUp(half, slack.Upper)) * 0.5);
            }

            if (!matrix.All(row => row.All(value => double.IsFinite(value.Magnitude))))
            {
                continue;
            }

            var bound = Rounding.AddUp(
                Rounding.AddUp(SpectralNorm.Length(offsets).Upper, SpectralNorm.Length(spreads).Upper), SpectralNorm.Upper(matrix));
            if (!Intersect(ranges[node.Id], i, double.NegativeInfinity, bound))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the part surely lies outside the ball.</summary>
    private bool MissesBall(Box part)
    {
        var domain = problem.Domain;
        if (domain.Norm == Norm.Linf)
        {
            return false;
        }

        if (domain.Norm == Norm.L0)
        {
            return domain.Moved(part) > domain.Entries;
        }

        var sum = 0.0;
        for (var j = 0; j < domain.Center.Length; j++)
        {
            if (domain.Radius[j] > 0)
            {
                var away = (part[j] - domain.Center[j]) / Interval.Point(domain.Radius[j]);
                sum = Rounding.AddDown(sum, domain.Norm == Norm.L1 ? away.Mignitude : Rounding.MultiplyDown(away.Mignitude, away.Mignitude));
            }
        }

        return sum > 1;
    }
}
