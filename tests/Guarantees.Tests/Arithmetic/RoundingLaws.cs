using Guarantees.Arithmetic;
using Xunit;

namespace Guarantees.Tests.Arithmetic;

/// <summary>Directed operations and intervals against rational numbers: on the right side of the exact result, and the nearest double there.</summary>
/// <remarks>
/// The referee is exact (<see cref="Rational"/>): a test fails only where a law is broken, there is no tolerance. Operands are drawn from where rounding
/// is delicate: neighbours of powers of two, subnormal numbers, the far ends, operands that cancel, products near the underflow threshold.
/// Mutants planted and found: sums not moved by the sign of their error; the correction of products with the wrong sign; underflowing products not
/// moved; the correction of quotients without the sign of the divisor; roots not moved up; gamma an eighth of what is due; an infinite lower end of an
/// overflowing sum; interval products by the shortcut where one factor has a sign; quotients by intervals that end at 0; a lower end of a square rounded up;
/// products called exact that underflow; sums called exact whose error is negative.
/// </remarks>
public class RoundingLaws
{
    private const int Rounds = 30_000;

    /// <summary>Below this the operations may step outward without asking.</summary>
    private const double Safe = 1e-250;

    [Fact]
    public void Sums_are_the_nearest_doubles_on_their_side() => ForPairs((a, b) =>
    {
        var exact = Rational.Of(a) + Rational.Of(b);
        Nearest(exact, Rounding.AddDown(a, b), Rounding.AddUp(a, b), $"{a:R} + {b:R}");
        Nearest(exact, Rounding.SubtractDown(a, -b), Rounding.SubtractUp(a, -b), $"{a:R} - {-b:R}");
    });

    [Fact]
    public void Products_are_on_their_side_and_nearest_where_nothing_underflows() => ForPairs((a, b) =>
        Check(Rational.Of(a) * Rational.Of(b), Math.Abs(a * b) >= Safe, Rounding.MultiplyDown(a, b), Rounding.MultiplyUp(a, b), $"{a:R} * {b:R}"));

    [Fact]
    public void Quotients_are_on_their_side_and_nearest_where_nothing_underflows() => ForPairs((a, b) =>
    {
        if (b != 0)
        {
            Check(Rational.Of(a) / Rational.Of(b), Math.Abs(a / b) >= Safe && Math.Abs(a) >= Safe, Rounding.DivideDown(a, b), Rounding.DivideUp(a, b), $"{a:R} / {b:R}");
        }
    });

    [Fact]
    public void Roots_are_on_their_side_and_nearest_where_nothing_underflows() => ForPairs((a, b) =>
    {
        foreach (var x in new[] { Math.Abs(a), b * b })
        {
            if (!double.IsFinite(x))
            {
                continue;
            }

            var (down, up, exact) = (Rounding.SqrtDown(x), Rounding.SqrtUp(x), Rational.Of(x));
            Assert.True(down >= 0 && Squared(down) <= exact && Squared(up) >= exact, $"sqrt {x:R} is not in [{down:R}, {up:R}]");
            Assert.True(x < Safe || down == up || up == Math.BitIncrement(down), $"sqrt {x:R}: [{down:R}, {up:R}]");
            Assert.True(down < up || Squared(down).CompareTo(exact) == 0);
        }

        static Rational Squared(double value) => Rational.Of(value) * Rational.Of(value);
    });

    [Fact]
    public void Sums_and_products_are_called_exact_only_where_they_are_and_wherever_nothing_underflows()
    {
        var counts = new int[4];
        ForPairs((a, b) =>
        {
            foreach (var (x, y) in new[] { (a, b), (Short(a), Short(b)), (a, -a), (Short(a), a - Short(a)) })
            {
                var sum = x + y;
                var isSum = double.IsFinite(sum) && (Rational.Of(x) + Rational.Of(y)).CompareTo(Rational.Of(sum)) == 0;
                Assert.True(isSum == Rounding.IsExactSum(x, y), $"{x:R} + {y:R}");
                var product = x * y;
                var isProduct = double.IsFinite(product) && (Rational.Of(x) * Rational.Of(y)).CompareTo(Rational.Of(product)) == 0;
                var said = Rounding.IsExactProduct(x, y);
                Assert.True(isProduct || !said, $"{x:R} * {y:R} is called exact");
                Assert.True(said || !isProduct || Math.Abs(product) < Safe, $"{x:R} * {y:R} is not called exact");
                counts[isSum ? 0 : 1]++;
                counts[said ? 2 : 3]++;
            }
        });
        Assert.All(counts, count => Assert.True(count > Rounds / 10));
        Assert.False(Rounding.IsExactSum(double.MaxValue, double.MaxValue));
        Assert.False(Rounding.IsExactProduct(1e200, 1e200));
        Assert.False(Rounding.IsExactProduct(1e-200, 1e-200));

        static double Short(double x) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) & ~((1L << 27) - 1));
    }

    [Fact]
    public void Infinite_operands_give_no_wrong_side()
    {
        const double inf = double.PositiveInfinity;
        Assert.Equal((double.NegativeInfinity, inf), (Rounding.AddDown(inf, -inf), Rounding.AddUp(inf, -inf)));
        Assert.Equal((double.MaxValue, inf), (Rounding.AddDown(double.MaxValue, double.MaxValue), Rounding.AddUp(double.MaxValue, double.MaxValue)));
        Assert.Equal((double.NegativeInfinity, -double.MaxValue), (Rounding.AddDown(-double.MaxValue, -double.MaxValue), Rounding.AddUp(-double.MaxValue, -double.MaxValue)));
        Assert.Equal((0, 0), (Rounding.MultiplyDown(0, inf), Rounding.MultiplyUp(-inf, 0)));
        Assert.Equal((double.MaxValue, inf), (Rounding.MultiplyDown(1e200, 1e200), Rounding.MultiplyUp(1e200, 1e200)));
        Assert.Equal((double.MaxValue, inf), (Rounding.DivideDown(1e200, 1e-200), Rounding.DivideUp(1e200, 1e-200)));
        Assert.True(Rounding.DivideDown(1, inf) <= 0 && Rounding.DivideUp(1, inf) >= 0 && Rounding.DivideUp(-1, inf) >= 0 && Rounding.DivideDown(-1, inf) <= 0);
        Assert.Equal((double.NegativeInfinity, inf), (Rounding.DivideDown(inf, inf), Rounding.DivideUp(inf, inf)));
        Assert.Equal((inf, inf), (Rounding.SqrtDown(inf), Rounding.SqrtUp(inf)));
        Assert.Equal((0, 0), (Rounding.SqrtDown(0), Rounding.SqrtUp(0)));
    }

    /// <summary>A dot product that cancels, in doubles and in any of several orders, with and without fused multiply-add, against its exact value.</summary>
    [Fact]
    public void Gamma_covers_every_order_of_summation()
    {
        var (random, share) = (new Random(3), 0.0);
        for (var round = 0; round < 1500; round++)
        {
            var n = random.Next(1, 40);
            var terms = Enumerable.Range(0, n).Select(_ => (A: Moderate(random), B: Moderate(random))).ToArray();
            var exact = terms.Aggregate(Rational.Of(0), (sum, term) => (sum + (Rational.Of(term.A) * Rational.Of(term.B))).Reduced());
            var size = terms.Aggregate(Rational.Of(0), (sum, term) => (sum + (Rational.Of(term.A) * Rational.Of(term.B)).Abs()).Reduced());
            random.Shuffle(terms);
            var plain = terms.Aggregate(0.0, (sum, term) => sum + (term.A * term.B));
            var fused = terms.Aggregate(0.0, (sum, term) => Math.FusedMultiplyAdd(term.A, term.B, sum));
            var halves = terms[..(n / 2)].Aggregate(0.0, (sum, term) => sum + (term.A * term.B)) + terms[(n / 2)..].Aggregate(0.0, (sum, term) => sum + (term.A * term.B));
            var allowed = size * Rational.Of(Rounding.Gamma(n));
            foreach (var computed in new[] { plain, fused, halves })
            {
                var error = (Rational.Of(computed) - exact).Abs();
                Assert.True(error <= allowed, $"round {round}: {n} terms, {computed:R}");
                share = Math.Max(share, error.Numerator.IsZero ? 0 : error.Over(allowed));
            }
        }

        Assert.True(share > 0.2, $"the largest error is {share:F3} of what is allowed: the law would pass with a much smaller allowance");
        Assert.Throws<ArgumentOutOfRangeException>(() => Rounding.Gamma(1 << 30));
    }

    [Fact]
    public void Interval_operations_hold_the_result_of_every_pair_of_members_and_little_else()
    {
        var random = new Random(11);
        for (var round = 0; round < 6_000; round++)
        {
            var (a, b) = (DrawInterval(random), DrawInterval(random));
            var (results, what) = (new[] { a + b, a - b, a * b }, $"{a} and {b}");
            var corners = new List<Rational>[] { [], [], [], [] };
            var quotient = a / b;
            Assert.True(!b.Contains(0) || quotient == Interval.Entire);
            foreach (var x in Members(random, a))
            {
                foreach (var y in Members(random, b))
                {
                    var (p, q) = (Rational.Of(x), Rational.Of(y));
                    var truths = new[] { p + q, p - q, p * q };
                    for (var k = 0; k < truths.Length; k++)
                    {
                        Assert.True(Holds(results[k], truths[k]), $"{what}: operation {k} at {x:R}, {y:R} is not in {results[k]}");
                        corners[k].Add(truths[k]);
                    }

                    if (y != 0)
                    {
                        Assert.True(Holds(quotient, p / q), $"{what}: the quotient at {x:R}, {y:R} is not in {quotient}");
                        corners[3].Add(p / q);
                    }
                }
            }

            for (var k = 0; k < 4; k++)
            {
                if (k < 3 || !b.Contains(0))
                {
                    // Where a dividend or divisor is tiny a quotient may step outward without asking.
                    Assert.True((k == 3 && (a.Mignitude < Safe || b.Mignitude < Safe)) || IsTight(k < 3 ? results[k] : quotient, corners[k]), $"{what}: operation {k} gives {(k < 3 ? results[k] : quotient)}");
                }
            }
        }
    }

    [Fact]
    public void Interval_functions_hold_the_result_of_every_member()
    {
        var random = new Random(12);
        for (var round = 0; round < 6_000; round++)
        {
            var a = DrawInterval(random);
            var b = DrawInterval(random);
            var (hull, width) = (Interval.Hull(a, b), a.Width);
            Assert.True(hull.Contains(a) && hull.Contains(b) && (hull.Lower == a.Lower || hull.Lower == b.Lower) && (hull.Upper == a.Upper || hull.Upper == b.Upper));
            Assert.True(a.Contains(a.Middle));
            Assert.True(double.IsInfinity(width) || Rational.Of(width) >= Rational.Of(a.Upper) - Rational.Of(a.Lower));
            foreach (var x in Members(random, a))
            {
                var exact = Rational.Of(x);
                Assert.True(Holds(-a, Rational.Of(-x)) && Holds(a.Abs(), exact.Abs()) && Holds(a.Square(), exact * exact));
                Assert.True(Math.Abs(x) <= a.Magnitude && Math.Abs(x) >= a.Mignitude);
                var root = a.Abs().Sqrt();
                Assert.True(Rational.Of(root.Lower) * Rational.Of(root.Lower) <= exact.Abs() && Rational.Of(root.Upper) * Rational.Of(root.Upper) >= exact.Abs());
            }

            Assert.True(a.Magnitude == Math.Abs(a.Lower) || a.Magnitude == Math.Abs(a.Upper));
            Assert.True(a.Mignitude == 0 ? a.Contains(0) : !a.Contains(0));
            Assert.True(a.Square().Lower == 0 || !a.Contains(0));
        }
    }

    [Fact]
    public void Intervals_need_ordered_numbers()
    {
        Assert.Throws<ArgumentException>(() => new Interval(1, 0));
        Assert.Throws<ArgumentException>(() => new Interval(double.NaN, 0));
        Assert.Throws<ArgumentException>(() => new Interval(0, double.NaN));
        Assert.Throws<ArgumentException>(() => new Interval(-1, 1).Sqrt());
    }

    private static void ForPairs(Action<double, double> law)
    {
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            var a = Draw(random);
            var b = random.Next(6) switch
            {
                0 => -a,
                1 => -a * (1 + (random.Next(-3, 4) * Rounding.UnitRoundoff)),
                2 => Math.BitIncrement(-a),
                3 when a != 0 => Draw(random) / a,
                _ => Draw(random),
            };
            if (double.IsFinite(a) && double.IsFinite(b))
            {
                law(a, b);
            }
        }
    }

    private static double Draw(Random random) => random.Next(9) switch
    {
        0 => BitConverter.Int64BitsToDouble(random.NextInt64()) is var any && double.IsFinite(any) ? any : 1,
        1 => Math.ScaleB(1, random.Next(-1074, 1024)),
        2 => Math.BitDecrement(Math.ScaleB(1, random.Next(-1074, 1024))),
        3 => -Math.BitIncrement(Math.ScaleB(1, random.Next(-1074, 1023))),
        4 => double.Epsilon * random.Next(-5, 6),
        5 => (random.Next(2) == 0 ? 1 : -1) * double.MaxValue * (1 - (random.Next(3) * Rounding.UnitRoundoff)),
        6 => random.Next(-10, 11),
        7 => Math.Pow(10, -random.Next(130, 160)) * ((2 * random.NextDouble()) - 1),
        _ => (2 * random.NextDouble()) - 1,
    };

    private static double Moderate(Random random) => ((2 * random.NextDouble()) - 1) * Math.Pow(10, random.Next(-8, 9));

    private static Interval DrawInterval(Random random)
    {
        double End() => random.Next(3) == 0 ? Draw(random) : random.Next(6) == 0 ? 0 : Moderate(random);
        var a = End();
        return random.Next(5) switch { 0 => Interval.Point(a), 1 => new(a, Math.BitIncrement(a) is var next && double.IsFinite(next) ? next : a), _ => Interval.Hull(a, End()) };
    }

    private static IEnumerable<double> Members(Random random, Interval a)
    {
        yield return a.Lower;
        yield return a.Upper;
        yield return a.Middle;
        yield return Math.Clamp(a.Lower + (random.NextDouble() * (a.Upper - a.Lower)), a.Lower, a.Upper) is var inside && double.IsFinite(inside) ? inside : a.Lower;
        if (a.Contains(0))
        {
            yield return 0;
        }
    }

    private static bool Holds(Interval interval, Rational value) => Below(interval.Lower, value) && Above(interval.Upper, value);

    private static bool Below(double end, Rational value) => end == double.NegativeInfinity || (double.IsFinite(end) && Rational.Of(end) <= value);

    private static bool Above(double end, Rational value) => Below(-end, value with { Numerator = -value.Numerator });

    /// <summary>Each end is the nearest double outward of the least and largest result at the ends; results too small or too large are let pass.</summary>
    private static bool IsTight(Interval interval, List<Rational> corners)
    {
        var (least, most) = (corners.Min(), corners.Max());
        return End(interval.Lower, least) && End(-interval.Upper, most with { Numerator = -most.Numerator });

        static bool End(double end, Rational value) =>
            !(Math.Abs(end) is >= Safe and < double.MaxValue) || !(Rational.Of(Math.BitIncrement(end)) <= value);
    }

    private static void Check(Rational exact, bool nearest, double down, double up, string what)
    {
        if (nearest)
        {
            Nearest(exact, down, up, what);
        }
        else
        {
            Assert.True(Below(down, exact) && Above(up, exact), $"{what} is not in [{down:R}, {up:R}]");
            Assert.True(down == up || Math.BitIncrement(Math.BitIncrement(down)) >= up, $"{what} is known to [{down:R}, {up:R}] only");
        }
    }

    private static void Nearest(Rational exact, double down, double up, string what)
    {
        Assert.True(Below(down, exact) && Above(up, exact), $"{what} is not in [{down:R}, {up:R}]");
        Assert.True(
            (down == up && Rational.Of(down).CompareTo(exact) == 0) || (down < up && Math.BitIncrement(down) == up && Rational.Of(double.IsFinite(down) ? down : up).CompareTo(exact) != 0),
            $"{what} is known to [{down:R}, {up:R}] only");
    }
}
