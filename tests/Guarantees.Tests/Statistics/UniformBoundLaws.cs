using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Fill distances against exact ones, sups of functions of a known Lipschitz constant, heights of cones against quadrature, and risks with certified worst cases.</summary>
/// <remarks>Mutants planted and found: half the gaps of a grid, and without the way to one end; distances to the middle of a part for those to its
/// corners; points dropped that may be nearest; upper for lower ends of fill distances; lower ends of values, and half of L h; d for d + 1 in the tip of a cone, its formula beyond the ball, whole balls in corners, half of pi, no fall beyond; a
/// floor that is not subtracted.</remarks>
public class UniformBoundLaws
{
    private static readonly Norm[] Norms = [Norm.L1, Norm.L2, Norm.Linf];

    /// <remarks>The farthest point of a grid in a box is known: the middle of a cell of four points, or a corner. The search and random points of the box never contradict it.</remarks>
    [Fact]
    public void Fill_distances_of_grids_are_exact_and_the_search_encloses_them()
    {
        var box = new Box([0, -1], [1, 1]);
        IReadOnlyList<double[]> axes = [[0.125, 0.375, 0.875], [-0.75, 0.75]];
        foreach (var (norm, truth) in new[] { (Norm.Linf, 0.75), (Norm.L1, 1.0), (Norm.L2, Math.Sqrt(0.0625 + 0.5625)) })
        {
            var h = Cover.OfGrid(box, axes, norm);
            Assert.InRange(h, truth, Math.BitIncrement(truth));
            double[][] points = [.. axes[0].SelectMany(a => axes[1].Select(b => new[] { a, b }))];
            var enclosure = Cover.Of(box, points, norm, 0.01);
            Assert.True(enclosure.Lower <= truth && truth <= enclosure.Upper && enclosure.Upper <= 1.011 * truth, $"{norm}: {enclosure}, {truth:R}");
            var early = Cover.Of(box, points, norm, 0.01, 5);
            Assert.True(early.Lower <= truth && truth <= early.Upper && early.Upper >= enclosure.Upper, $"{norm}: {early}");
        }

        // Gaps, and the way to either end, decide alone; a point outside counts by its distance.
        Assert.Equal(0.5, Cover.OfGrid(new Box([0], [1]), [[0.5]], Norm.L2));
        Assert.Equal(0.75, Cover.OfGrid(new Box([0], [1]), [[0.25]], Norm.Linf));
        Assert.Equal(0.75, Cover.OfGrid(new Box([0], [1]), [[0.75]], Norm.Linf));
        Assert.Equal(3, Cover.OfGrid(new Box([0], [1]), [[-2.0]], Norm.L1));
        Assert.Equal(0, Cover.OfGrid(new Box([2, 3], [2, 3]), [[2.0], [3.0]], Norm.L1));
        Assert.Equal(new Interval(0, 0), Cover.Of(new Box([2, 3], [2, 3]), [[2, 3]], Norm.L2));
        Assert.Equal([0.125, 0.375, 0.625, 0.875], Cover.Axes(new Box([0], [1]), [4])[0]);
        Assert.Equal(0.125, Cover.OfGrid(new Box([0, 0], [1, 1]), Cover.Axes(new Box([0, 0], [1, 1]), [4, 8]), Norm.Linf));
    }

    [Fact]
    public void Fill_distances_of_any_points_hold_at_every_point_of_the_box()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 60; trial++)
        {
            var (d, norm) = (1 + (trial % 3), Norms[trial / 3 % 3]);
            var box = new Box([.. Enumerable.Range(0, d).Select(_ => -random.NextDouble())], [.. Enumerable.Range(0, d).Select(_ => random.NextDouble())]);
            double[][] points = [.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => Draw(box, random, 1.3))];
            var h = Cover.Of(box, points, norm, 0.05, 3000);
            var farthest = Enumerable.Range(0, 400).Select(i => i < 1 << d ? Corner(box, i) : Draw(box, random, 1)).Max(x => points.Min(point => Distance(x, point, norm)));
            Assert.True(farthest <= h.Upper * (1 + 1e-12), $"{norm}, {d}: {farthest:R} above {h}");
            Assert.True(h.Lower <= h.Upper && (h.Upper - h.Lower <= 0.05 * h.Upper || d == 3), $"{norm}, {d}: {h}");
        }
    }

    /// <remarks>Cones L |x - c|: their values at the points, exactly L h below the sup where c is placed so; the bound is attained to rounding and never missed.</remarks>
    [Fact]
    public void Sups_of_Lipschitz_functions_are_held()
    {
        var random = new Random(4);
        foreach (var norm in Norms)
        {
            for (var trial = 0; trial < 40; trial++)
            {
                var box = new Box([0, 0], [1, 0.5]);
                var axes = Cover.Axes(box, [1 + random.Next(4), 1 + random.Next(4)]);
                var (center, height, slope) = (Draw(box, random, 1), random.NextDouble(), 3 * random.NextDouble());
                double G(double[] x) => height - (slope * Distance(x, center, norm)); // its sup over the box is height
                Interval[] values = [.. axes[0].SelectMany(a => axes[1].Select(b => G([a, b]))).Select(g => new Interval(g - 1e-9, g + 1e-9))];
                var bound = UniformBound.Over(values, slope, Cover.OfGrid(box, axes, norm));
                Assert.True(bound.Lower <= height && height <= bound.Upper, $"{norm}: {bound} around {height:R}");
            }
        }

        // A corner of the one cell is as far as h: attained.
        var one = new Box([0, 0], [1, 1]);
        Assert.Equal(new Interval(1, 4), UniformBound.Over([new(1, 2)], 4, Cover.OfGrid(one, [[0.5], [0.5]], Norm.Linf)));
        Assert.Equal(new Interval(3, 9), UniformBound.Over([new(1, 2), new(3, 5), new(-1, 1)], 4, Cover.OfGrid(one, [[0.5], [0.5]], Norm.L1)));
        Assert.Equal(double.PositiveInfinity, UniformBound.Over([new(1, 2)], double.PositiveInfinity, 0.5).Upper);
    }

    /// <remarks>
    /// The extreme case: X uniform with density p, g the cone of height v. E g by sums over a fine grid is what the bound must give back, v, from below and closely: cones that end inside the ball and beyond it, all norms, d = 1, 2,
    /// and all of a square with the tip in its corner, whose cone ends within it.
    /// </remarks>
    [Fact]
    public void Means_of_cones_give_their_heights_back()
    {
        foreach (var (norm, d, v, slope, rho) in from norm in Norms from d in (int[])[1, 2] from v in (double[])[0.3, 0.8] from slope in (double[])[0.5, 2, 6] from rho in (double[])[0.1, 0.4] select (norm, d, v, slope, rho))
        {
            var density = Math.Pow(2 * rho, -d) / 1.1;
            var cells = d == 1 ? 1200 : 240;
            var sum = 0.0;
            for (var i = 0; i < (d == 1 ? cells : cells * cells); i++)
            {
                double[] x = d == 1 ? [rho * ((2 * (i + 0.5) / cells) - 1)] : [rho * ((2 * ((i / cells) + 0.5) / cells) - 1), rho * ((2 * ((i % cells) + 0.5) / cells) - 1)];
                var r = Distance(x, new double[d], norm);
                sum += r <= rho ? Math.Max(0, v - (slope * r)) : 0;
            }

            var mean = density * sum * Math.Pow(2 * rho / cells, d);
            var bound = AverageToPointwise.At(mean, new(0, 10), slope, density, rho, d, norm);
            Assert.True(!bound.IsVacuous && Math.Abs(bound.Upper - v) <= 0.01 * v, $"{norm}, {d}, {v}, {slope}, {rho}: {bound.Upper:R}");

            // The same for g in [-1, 9].
            var moved = AverageToPointwise.At(mean - 1, new(-1, 9), slope, density, rho, d, norm);
            Assert.InRange(moved.Upper, bound.Upper - 1 - 1e-9, bound.Upper - 1 + 1e-9);
        }

        // In the corner of the unit square: a quarter of the cone, E g = V v^3 / (4 · 3 L²), V = 2, pi, 4.
        foreach (var (norm, volume) in new[] { (Norm.L1, 2.0), (Norm.L2, Math.PI), (Norm.Linf, 4.0) })
        {
            var bound = AverageToPointwise.Everywhere(volume * 0.512 / (12 * 4), new(0, 1), 2, 1, new Box([0, 0], [1, 1]), norm);
            Assert.InRange(bound.Upper, 0.8 * (1 - 1e-9), 0.8 * (1 + 1e-6));
        }
    }

    [Fact]
    public void Vacuous_bounds_say_so_and_what_they_need()
    {
        var range = new Interval(0, 1);
        var bound = AverageToPointwise.At(0.01, range, 1, 1, 0.5, 10, Norm.L2);
        Assert.True(bound.IsVacuous && bound.Upper == 1 && bound.NeededMean < 0.01 && bound.Words.StartsWith("Vacuous", StringComparison.Ordinal));
        Assert.False(AverageToPointwise.At(0.99 * bound.NeededMean, range, 1, 1, 0.5, 10, Norm.L2).IsVacuous);
        Assert.True(AverageToPointwise.At(1.01 * bound.NeededMean, range, 1, 1, 0.5, 10, Norm.L2).IsVacuous);

        // (1 - share)^n = alpha: with one draw fewer, even draws of nothing but 0 leave a mean above the needed one.
        var draws = bound.LeastDraws(0.05);
        Assert.Equal(0.05, Math.Pow(1 - bound.Share, draws), 6);
        Assert.True(ClopperPearson.Upper(0, (int)draws - 1, 0.05) > bound.NeededMean && ClopperPearson.Upper(0, (int)draws + 1, 0.05) < bound.NeededMean * 1.0001);
        foreach (var nothing in new[]
        {
            AverageToPointwise.At(0.1, range, double.PositiveInfinity, 1, 0.5, 1, Norm.Linf), AverageToPointwise.At(0.1, range, 1, 0, 0.5, 1, Norm.Linf), AverageToPointwise.At(0.1, range, 1, 1, 0, 1, Norm.Linf),
            AverageToPointwise.At(0, range, double.PositiveInfinity, 1, 0.5, 1, Norm.Linf), AverageToPointwise.At(double.PositiveInfinity, range, 1, 1, 0.5, 1, Norm.Linf),
            AverageToPointwise.Everywhere(0.1, range, 1, 1, new Box([0, 0], [1, 0]), Norm.L1),
        })
        {
            Assert.True(nothing.IsVacuous && nothing.Upper == 1, nothing.Words);
        }

        Assert.Equal(0, AverageToPointwise.At(0, range, 3, 1, 0.5, 1, Norm.L1).Upper);
        Assert.InRange(AverageToPointwise.At(0.2, range, 0, 1, 0.5, 1, Norm.L1).Upper, 0.2, 0.2 * (1 + 1e-9)); // constant on a ball of mass 1
        Assert.False(AverageToPointwise.At(5, new(0, double.PositiveInfinity), 1, 1, 0.5, 2, Norm.Linf).IsVacuous);
    }

    /// <remarks>All samples of five losses in three values: bounds of the mean of certified worst cases, of which some are loose and some not closed, lie below the mean worst case with probability at most alpha.</remarks>
    [Fact]
    public void Risks_with_worst_cases_hold_for_exact_loose_and_unclosed_bounds()
    {
        double[] losses = [0, 0.5, 1];
        int[] weights = [6, 3, 1];
        Func<int, Interval>[] bounds = [i => Interval.Point(losses[i]), i => new(0, losses[i] + 0.25), i => i == 1 ? Interval.Entire : Interval.Point(losses[i])];
        var mean = new Rational(25, 100);
        foreach (var (bound, kind, alpha) in from bound in bounds from kind in Enum.GetValues<MeanBound>() from alpha in (double[])[0.5, 0.2, 0.05] select (bound, kind, alpha))
        {
            var missed = Rational.Zero;
            foreach (var sample in Exact.Sequences(3, 5))
            {
                var u = WorstCaseRisk.Upper([.. sample.Select(bound)], new(0, 1), alpha, kind);
                missed += mean.CompareTo(u) > 0 ? sample.Aggregate(Rational.One, (product, i) => product * new Rational(weights[i], 10)) : Rational.Zero;
            }

            Assert.True(missed <= Rational.Of(alpha), $"{kind} at {alpha}: {missed}");
        }

        // The upper ends decide, cut at the end of the range.
        Interval[] worst = [new(0, 0.5), new(0.2, 7), Interval.Entire];
        Assert.Equal(Hoeffding.Upper([0.5, 1, 1], new(0, 1), 0.1), WorstCaseRisk.Upper(worst, new(0, 1), 0.1, MeanBound.Hoeffding));
        Assert.Equal(BettingInterval.Upper([0.5, 1, 1, 0, 0, 0], new(0, 1), 0.1), WorstCaseRisk.Upper([.. worst, .. Enumerable.Repeat(Interval.Point(0), 3)], new(0, 1), 0.1, MeanBound.Betting));
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        var box = new Box([0], [1]);
        var range = new Interval(0, 1);
        foreach (var wrong in new Action[]
        {
            () => Cover.OfGrid(box, [], Norm.L2), () => Cover.OfGrid(box, [[]], Norm.L2), () => Cover.OfGrid(box, [[1, 0]], Norm.L2), () => Cover.OfGrid(box, [[double.NaN]], Norm.L2), () => Cover.OfGrid(box, [[0.5]], Norm.L0),
            () => Cover.OfGrid(new Box([0], [double.PositiveInfinity]), [[0.5]], Norm.L2), () => Cover.Of(box, [], Norm.L2), () => Cover.Of(box, [[1, 2]], Norm.L2), () => Cover.Of(box, [[double.NaN]], Norm.L2),
            () => Cover.Of(box, [[0.5]], Norm.L2, 0), () => Cover.Axes(box, [0]), () => Cover.Axes(box, [1, 1]), () => UniformBound.Over([], 1, 1), () => UniformBound.Over([range], -1, 1), () => UniformBound.Over([range], double.NaN, 1),
            () => UniformBound.Over([range], 1, double.PositiveInfinity), () => UniformBound.Over([range], 1, -1), () => AverageToPointwise.At(-0.1, range, 1, 1, 0.5, 1, Norm.L1), () => AverageToPointwise.At(double.NaN, range, 1, 1, 0.5, 1, Norm.L1),
            () => AverageToPointwise.At(0.1, Interval.Entire, 1, 1, 0.5, 1, Norm.L1), () => AverageToPointwise.At(0.1, range, -1, 1, 0.5, 1, Norm.L1), () => AverageToPointwise.At(0.1, range, 1, -1, 0.5, 1, Norm.L1),
            () => AverageToPointwise.At(0.1, range, 1, 1, -0.5, 1, Norm.L1), () => AverageToPointwise.At(0.1, range, 1, 3, 0.5, 1, Norm.L1), () => AverageToPointwise.At(0.1, range, 1, 1, 0.5, 0, Norm.L1), () => AverageToPointwise.At(0.1, range, 1, 1, 0.5, 1, Norm.L0),
            () => AverageToPointwise.Everywhere(0.1, range, 1, 1.5, box, Norm.L1), () => AverageToPointwise.At(0.1, range, 1, 1, 0.5, 1, Norm.L1).LeastDraws(0.7), () => WorstCaseRisk.Upper([new(2, 3)], range, 0.1, MeanBound.Bentkus),
            () => WorstCaseRisk.Upper([new(-2, -1)], range, 0.1, MeanBound.Bentkus), () => WorstCaseRisk.Upper([range], range, 0.7, MeanBound.Bentkus), () => WorstCaseRisk.Upper([], range, 0.1, MeanBound.Bentkus),
        })
        {
            Assert.Contains("Expected", Assert.Throws<ArgumentOutOfRangeException>(wrong).Message, StringComparison.Ordinal);
        }
    }

    private static double Distance(double[] x, double[] y, Norm norm)
    {
        double[] away = [.. x.Zip(y, (a, b) => Math.Abs(a - b))];
        return norm switch { Norm.L1 => away.Sum(), Norm.L2 => Math.Sqrt(away.Sum(a => a * a)), _ => away.Max() };
    }

    private static double[] Draw(Box box, Random random, double wider) =>
        [.. Enumerable.Range(0, box.Length).Select(j => box[j].Middle + (wider * (random.NextDouble() - 0.5) * (box.Upper[j] - box.Lower[j])))];

    private static double[] Corner(Box box, int i) => [.. Enumerable.Range(0, box.Length).Select(j => ((i >> j) & 1) == 0 ? box.Lower[j] : box.Upper[j])];
}
