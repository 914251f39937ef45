using System.Globalization;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Xunit;
using Referee = Guarantees.Tests.Arithmetic.Rational;

namespace Guarantees.Tests.Formats.VnnLib;

/// <summary>What a property means, what its boxes hold and what its verdicts over boxes say, for random properties.</summary>
/// <remarks>
/// Points lie on the grid of the properties' numbers, on their nearest doubles and one double beside them. Mutants that failed here:
/// the outer box rounded inward; the inner box with its strict end; "not &lt;=" without strictness; "distinct" as both sides; the premise of "=>" not negated;
/// the sign of a coefficient ignored; unary minus dropped; a half-open empty range kept; ends, constraints or the region kept from the last alternative;
/// corners of a box swapped; the last constraint deciding alone; a closed end excluded.
/// </remarks>
public class VnnLibLaws
{
    [Property(MaxTest = 1000)]
    public void A_property_means_what_its_text_says(int seed)
    {
        var (printed, random) = (new RandomProperty(seed), new Random(seed));
        var (text, property) = (printed.ToString(), VnnLibFile.Parse(printed.ToString(), "p"));
        Assert.Equal((printed.Inputs, printed.Outputs), (property.InputLength, property.OutputLength));
        for (var trial = 0; trial < 40; trial++)
        {
            var (x, y) = (GridPoint(random, printed.Inputs), GridPoint(random, printed.Outputs));
            Assert.Equal(NaiveProperty.Holds(text, Of(x), Of(y)), property.IsSatisfiedExactly(x, y));

            var near = x.Select(value => Near(random, value)).ToArray();
            Assert.Equal(NaiveProperty.Holds(text, [.. near.Select(Referee.Of)], Of(y)), property.IsSatisfiedExactly(near, y));
        }
    }

    [Property(MaxTest = 300)]
    public void Outer_boxes_hold_the_region_and_inner_boxes_are_its_doubles(int seed)
    {
        var (printed, random) = (new RandomProperty(seed), new Random(seed));
        foreach (var region in VnnLibFile.Parse(printed.ToString(), "p").Groups.Select(group => group.Region))
        {
            for (var i = 0; i < region.Length; i++)
            {
                var (lower, upper) = (region.Lower[i], region.Upper[i]);
                Assert.True(lower.Value.CompareTo(region.Outer.Lower[i]) >= 0 && upper.Value.CompareTo(region.Outer.Upper[i]) <= 0);
                Assert.True(lower.Value.CompareTo(Math.BitIncrement(region.Outer.Lower[i])) < 0 && upper.Value.CompareTo(Math.BitDecrement(region.Outer.Upper[i])) > 0);
                foreach (var end in new[] { region.Outer.Lower[i], region.Outer.Upper[i] })
                {
                    foreach (var value in new[] { end, Math.BitDecrement(end), Math.BitIncrement(end) })
                    {
                        var inside = (lower.IsStrict ? Rational.Of(value) > lower.Value : Rational.Of(value) >= lower.Value)
                            && (upper.IsStrict ? Rational.Of(value) < upper.Value : Rational.Of(value) <= upper.Value);
                        Assert.Equal(inside && region.Inner is not null, region.Inner?[i].Contains(value) ?? false);
                    }
                }
            }

            var point = GridPoint(random, region.Length);
            Assert.True(!region.Contains(point) || point.Select((value, i) => value.CompareTo(region.Outer.Lower[i]) >= 0 && value.CompareTo(region.Outer.Upper[i]) <= 0).All(x => x));
        }
    }

    [Property(MaxTest = 500)]
    public void A_verdict_over_boxes_holds_at_every_point_of_them(int seed)
    {
        var (printed, random) = (new RandomProperty(seed), new Random(seed));
        foreach (var item in VnnLibFile.Parse(printed.ToString(), "p").Cases.Take(5))
        {
            var (inputs, outputs) = (RandomBox(random, printed.Inputs), RandomBox(random, printed.Outputs));
            var truth = item.Evaluate(inputs, outputs);
            for (var trial = 0; trial < 30; trial++)
            {
                var (x, y) = (Member(random, inputs), Member(random, outputs));
                var holds = item.IsSatisfiedExactly(x, [.. y.Select(Rational.Of)]);
                Assert.True(truth == Truth.Unknown || holds == (truth == Truth.Satisfied), $"{truth} at seed {seed}");
            }

            foreach (var constraint in item.Constraints)
            {
                var (all, none) = (true, true);
                foreach (var (x, y) in Corners(inputs).SelectMany(x => Corners(outputs).Select(y => (x, y))))
                {
                    var holds = constraint.IsSatisfiedExactly(x, y);
                    (all, none) = (all && holds, none && !holds);
                }

                Assert.Equal(all ? Truth.Satisfied : none ? Truth.Violated : Truth.Unknown, constraint.Evaluate(inputs, outputs));
                var range = constraint.Range(inputs, outputs);
                var sum = constraint.Inputs.Aggregate(Rational.Zero, (total, term) => total + (term.Coefficient * Rational.Of(inputs.Lower[term.Index])))
                    + constraint.Outputs.Aggregate(Rational.Zero, (total, term) => total + (term.Coefficient * Rational.Of(outputs.Upper[term.Index])));
                Assert.True(sum.CompareTo(range.Lower) >= 0 && sum.CompareTo(range.Upper) <= 0);
            }
        }
    }

    [Property(MaxTest = 300)]
    public void A_point_is_decided_unless_its_constraints_cannot_be(int seed)
    {
        var (printed, random) = (new RandomProperty(seed), new Random(seed));
        foreach (var item in VnnLibFile.Parse(printed.ToString(), "p").Cases.Take(5))
        {
            double[] x = [.. GridPoint(random, printed.Inputs).Select(value => Near(random, value))];
            double[] y = [.. GridPoint(random, printed.Outputs).Select(value => Near(random, value))];
            Assert.Equal(item.IsSatisfiedExactly(x, [.. y.Select(Rational.Of)]) ? Truth.Satisfied : Truth.Violated, item.Evaluate(Box.Point(x), Box.Point(y)));
            Assert.True(item.Constraints.IsEmpty || item.Evaluate(Box.Point(x), new Box([.. y.Select(_ => double.NegativeInfinity)], [.. y.Select(_ => double.PositiveInfinity)])) is var truth
                && (truth != Truth.Satisfied || item.Constraints.All(constraint => constraint.Outputs.IsEmpty)));
        }
    }

    [Property(MaxTest = 300)]
    public void Groups_hold_every_case_once_and_their_regions_differ(int seed)
    {
        var property = VnnLibFile.Parse(new RandomProperty(seed).ToString(), "p");
        Assert.Equal(property.Cases.Length, property.Groups.Sum(group => group.Cases.Length));
        Assert.True(property.Groups.All(group => group.Cases.All(item => ReferenceEquals(item.Region, group.Region))));
        var regions = property.Groups.Select(group => string.Join(' ', group.Region.Lower.Concat(group.Region.Upper))).ToList();
        Assert.Equal(regions.Count, regions.Distinct().Count());
        foreach (var region in property.Groups.Select(group => group.Region))
        {
            Assert.True(region.Lower.Zip(region.Upper).All(pair => pair.First.Value < pair.Second.Value
                || (pair.First.Value == pair.Second.Value && !pair.First.IsStrict && !pair.Second.IsStrict)));
        }
    }

    private static Rational[] GridPoint(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => new Rational(random.Next(-6, 7), 10))];

    private static double Near(Random random, Rational value)
    {
        var nearest = (double)value.Numerator / (double)value.Denominator;
        return random.Next(3) switch { 0 => nearest, 1 => Math.BitIncrement(nearest), _ => Math.BitDecrement(nearest) };
    }

    private static Box RandomBox(Random random, int length)
    {
        var (first, second) = (GridPoint(random, length), GridPoint(random, length));
        var ends = first.Zip(second).Select(pair => random.Next(3) == 0
            ? Interval.Point(Near(random, pair.First))
            : Interval.Hull(Near(random, pair.First), Near(random, pair.First) + (random.Next(2) == 0 ? 0.1 : pair.Second.RoundUp()))).ToList();
        return new Box([.. ends.Select(end => end.Lower)], [.. ends.Select(end => end.Upper)]);
    }

    private static double[] Member(Random random, Box box) =>
        [.. Enumerable.Range(0, box.Length).Select(i => random.Next(3) switch
        {
            0 => box.Lower[i],
            1 => box.Upper[i],
            _ => Math.Clamp(box.Lower[i] + (random.NextDouble() * (box.Upper[i] - box.Lower[i])), box.Lower[i], box.Upper[i]),
        })];

    private static IEnumerable<Rational[]> Corners(Box box) =>
        Enumerable.Range(0, 1 << box.Length).Select(corner => Enumerable.Range(0, box.Length)
            .Select(i => Rational.Of(((corner >> i) & 1) == 0 ? box.Lower[i] : box.Upper[i])).ToArray());

    private static Referee[] Of(Rational[] point) =>
        [.. point.Select(value => Referee.Parse(((decimal)value.Numerator / (decimal)value.Denominator).ToString(CultureInfo.InvariantCulture)))];
}
