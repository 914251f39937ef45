using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Tests.Distributions;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>The set of points that differ from a center in few groups, by definition.</summary>
/// <remarks>Mutants seen to fail: the last group not counted, entries counted for groups, one entry more, a part that is cut loses members, the radius not asked, vertices around a center that is not there.</remarks>
public class FewEntriesLaws
{
    private sealed record Case(Domain Domain, double[] Point, Box Part);

    private static Gen<Case> Cases() => Gen.Choose(0, int.MaxValue - 1).Select(seed =>
    {
        var random = new Random(seed);
        var group = random.Next(1, 4);
        var count = random.Next(1, 6);
        var n = group * count;
        double[] center = SmallEstimators.Point(random, n, 1), radius = [.. Enumerable.Range(0, n).Select(_ => random.Next(5) == 0 ? 0 : random.NextDouble())];
        var point = (double[])center.Clone();
        for (var g = 0; g < count; g++)
        {
            for (var j = g * group; j < (g + 1) * group && random.Next(2) == 0; j++)
            {
                point[j] += radius[j] * ((2 * random.NextDouble()) - 1) * (random.Next(12) == 0 ? 3 : 0.999);
            }
        }

        var box = new Box([.. center.Zip(radius, (c, r) => c - r)], [.. center.Zip(radius, (c, r) => c + r)]);
        var (low, high) = ((double[])box.Lower.Clone(), (double[])box.Upper.Clone());
        for (var j = 0; j < n; j++)
        {
            switch (random.Next(4))
            {
                case 0:
                    low[j] = Math.Min(high[j], center[j] + (0.5 * radius[j]));
                    break;
                case 1:
                    high[j] = center[j];
                    break;
            }
        }

        var domain = new Domain(box) { Norm = Norm.L0, Center = [.. center], Radius = [.. radius], Entries = random.Next(0, count + 1), Group = group };
        return new Case(domain, point, new Box(low, high));
    });

    private static int Moved(Domain domain, double[] point) =>
        Enumerable.Range(0, point.Length / domain.Group).Count(g => Enumerable.Range(g * domain.Group, domain.Group).Any(j => point[j] != domain.Center[j]));

    [Property(MaxTest = 2000)]
    public Property A_point_is_a_member_where_few_groups_moved_within_their_radius() => Prop.ForAll(Cases().ToArbitrary(), c =>
        c.Domain.Contains(c.Point) == (Moved(c.Domain, c.Point) <= c.Domain.Entries && c.Domain.Box.Contains(c.Point) && Enumerable.Range(0, c.Point.Length).All(j => Math.Abs(c.Point[j] - c.Domain.Center[j]) <= c.Domain.Radius[j])));

    [Property(MaxTest = 2000)]
    public Property A_part_that_is_cut_keeps_its_members() => Prop.ForAll(Cases().ToArbitrary(), c =>
        !(c.Domain.Contains(c.Point) && c.Part.Contains(c.Point)) || c.Domain.Tighten(c.Part) is { } cut && cut.Contains(c.Point));

    /// <summary>A set that names no center cuts nothing off its box: there are no vertices around a center then, and none may stand for the box.</summary>
    [Fact]
    public void A_set_without_a_center_is_its_box()
    {
        var problem = ClaimCompiler.Compile(SmallEstimators.DiagonalGaussian(3, 3, 2), SmallEstimators.Robustness(Metric.Wasserstein2, [0, 0, 0], 1));
        var box = problem.Domain.Box;
        Assert.True(new BoundPropagation(problem with { Domain = new Domain(box) { Norm = Norm.L0, Entries = 1 } }).UpperBound(box) >= SmallEstimators.Value(problem, box.Upper));
    }
}
