using System.Globalization;
using System.Numerics;
using FsCheck.Xunit;
using Xunit;
using Exact = Guarantees.Arithmetic.Rational;

namespace Guarantees.Tests.Arithmetic;

/// <summary>The trusted rational number against the referee of this folder, which shares no code with it.</summary>
/// <remarks>
/// Mutants that failed here: RoundDown of a negative number toward 0; an inexact tail in the dropped bits ignored; the subnormal exponent one off; the
/// overflow limit one exponent off; DoubleBelow without its step; a decimal point counted one digit off; no reduction to lowest terms.
/// </remarks>
public class RationalTests
{
    public static TheoryData<string> Decimals { get; } = [
        "0", "-0", "1", "-1", "0.1", "-0.1", "0.2", "123456789.123456789", "9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740995",
        "0.499999999999999972244424384371086", "1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315708145274237317044e308", "1e309", "-1e309", "1e1200",
        "4.9406564584124654e-324", "2.4703282292062327e-324", "-2.4703282292062328e-324", "1e-1200", "-1e-400", "2.2250738585072014e-308", "2.2250738585072011e-308",
        "2.225073858507201136057409796709131975934819546351645648023426109724822222021076945516529523908135087914149158913039621106870086438694594645527657207407820621743379988141063267329253552286881372149012981122451451889849057222307285255133155755015914397476397983411801999323962548289017107081850690630666655994938275772572015763062690663332647565300009245888316433037779791869612049497390377829704905051080609940730262937128958950003583799967207254304360284078895771796150945516748243471030702609144621572289880258182545180325707018860872113128079512233426288368622321503775666622503982534335974568884423900265498198385487948292206894721689831099698365846814022854243330660339850886445804001034933970427567186443383770486037861622771738545623065874679014086723327636718751234567890123456789e-308",
        ".5", "5.", "+2.50", "1e5", "1E-5", "1e+05", "-0.00001e+4", "0.129289109", "3.991125645861615"];

    [Theory]
    [MemberData(nameof(Decimals))]
    public void Roundings_are_the_neighbours_of_what_is_written(string text)
    {
        var (value, referee) = (Parse(text), Rational.Parse(Plain(text)));
        CheckRoundings(value, referee);
        CheckRoundings(-value, Rational.Parse("0") - referee);
    }

    [Property(MaxTest = 500)]
    public void Roundings_are_the_neighbours_of_random_decimals(int seed)
    {
        var random = new Random(seed);
        var text = new string([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)('0' + random.Next(10)))]).Insert(random.Next(2), ".");
        text = $"{(random.Next(2) == 0 ? "-" : "")}{text}{(random.Next(2) == 0 && text != "." ? $"e{random.Next(-345, 320).ToString(CultureInfo.InvariantCulture)}" : "")}";
        CheckRoundings(Parse(text), Rational.Parse(Plain(text)));
    }

    [Property(MaxTest = 500)]
    public void A_double_its_middle_to_the_next_and_a_hair_beside_it_round_rightly(long bits)
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        if (!double.IsFinite(value) || !double.IsFinite(Math.BitIncrement(value)))
        {
            return;
        }

        var (exact, hair) = (Exact.Of(value), new Exact(BigInteger.One, BigInteger.One << 1200));
        Assert.Equal(value, exact.RoundDown());
        Assert.Equal(value, exact.RoundUp());
        Assert.Equal(Math.BitDecrement(value), exact.DoubleBelow());
        Assert.Equal(Math.BitIncrement(value), exact.DoubleAbove());
        Assert.Equal((value, Math.BitIncrement(value)), ((exact + hair).RoundDown(), (exact + hair).RoundUp()));
        Assert.Equal((Math.BitDecrement(value), value), ((exact - hair).RoundDown(), (exact - hair).RoundUp()));
        var middle = (exact + Exact.Of(Math.BitIncrement(value))) / Exact.Of(2);
        Assert.Equal((value, Math.BitIncrement(value)), (middle.DoubleBelow(), middle.DoubleAbove()));
        CheckRoundings(middle, (Rational.Of(value) + Rational.Of(Math.BitIncrement(value))) * Rational.Of(0.5));
    }

    [Property(MaxTest = 500)]
    public void Operations_and_order_agree_with_the_referee(int a, int b, int c, int d)
    {
        var (p, q) = (Math.Abs((long)b % 60) + 1, Math.Abs((long)d % 60) + 1);
        var (x, y) = (new Exact(a % 100, p), new Exact(c % 100, -q));
        var (u, v) = (new Rational(a % 100, p), new Rational(-(c % 100), q));
        Same(u + v, x + y);
        Same(u - v, x - y);
        Same(u * v, x * y);
        Same(v, -(-y));
        Assert.Equal(u.CompareTo(v), x.CompareTo(y));
        Assert.Equal((u.CompareTo(v) < 0, u.CompareTo(v) <= 0, u.CompareTo(v) > 0, u.CompareTo(v) >= 0, u.CompareTo(v) == 0), (x < y, x <= y, x > y, x >= y, x == y));
        Assert.Equal(x == y, x.Equals((object)y) && x.GetHashCode() == y.GetHashCode());
        if (y.Sign != 0)
        {
            Same(u, x / y * y);
        }
    }

    [Fact]
    public void The_default_is_zero()
    {
        Assert.Equal(Exact.Zero, new Exact(0, 7));
        Assert.Equal("0", default(Exact).ToString());
        Assert.Equal(Exact.One, Exact.One + default(Exact));
        Assert.Equal("-3/4", new Exact(6, -8).ToString());
    }

    [Fact]
    public void Infinities_lie_outside_all_numbers()
    {
        Assert.True(Parse("1e1200").CompareTo(double.PositiveInfinity) < 0);
        Assert.True(Parse("-1e1200").CompareTo(double.NegativeInfinity) > 0);
        Assert.Equal((double.MaxValue, double.PositiveInfinity), (Parse("1e1200").RoundDown(), Parse("1e1200").RoundUp()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Exact.One.CompareTo(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Exact.Of(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Exact(1, 0));
        Assert.Throws<DivideByZeroException>(() => Exact.One / Exact.Zero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e1201")]
    [InlineData("1e-1201")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1.2.3")]
    [InlineData("1,5")]
    [InlineData("--1")]
    [InlineData("0x10")]
    [InlineData("1e1.5")]
    [InlineData(" 1")]
    [InlineData("1_000")]
    [InlineData("nan")]
    [InlineData("inf")]
    [InlineData("\u0661")]
    public void Text_that_is_no_decimal_is_refused(string text) => Assert.False(Exact.TryParse(text, out _));

    private static void CheckRoundings(Exact value, Rational referee)
    {
        Same(referee, value);
        var (down, up) = (value.RoundDown(), value.RoundUp());
        Assert.True(double.IsNegativeInfinity(down) || Rational.Of(down).CompareTo(referee) <= 0, $"{down:R} lies above");
        Assert.True(double.IsPositiveInfinity(up) || Rational.Of(up).CompareTo(referee) >= 0, $"{up:R} lies below");
        Assert.Equal(double.IsFinite(down) && Rational.Of(down).CompareTo(referee) == 0 ? down : Math.BitIncrement(down), up);
        Assert.Equal((down, up), (value.Enclosure.Lower, value.Enclosure.Upper));
        Assert.False(down == 0 && double.IsNegative(down));
        Assert.False(up == 0 && double.IsNegative(up));
        Assert.True(value.CompareTo(down) >= 0 && value.CompareTo(up) <= 0);
    }

    private static void Same(Rational expected, Exact actual)
    {
        Assert.True(expected.CompareTo(new Rational(actual.Numerator, actual.Denominator)) == 0, $"{expected} is not {actual}");
        Assert.True(actual.Denominator.Sign > 0 && BigInteger.GreatestCommonDivisor(actual.Numerator, actual.Denominator).IsOne);
    }

    private static Exact Parse(string text)
    {
        Assert.True(Exact.TryParse(text, out var value), text);
        return value;
    }

    /// <summary>The same number in the narrower form that the referee reads.</summary>
    private static string Plain(string text) => text.ToLowerInvariant().TrimStart('+').Replace("e+", "e", StringComparison.Ordinal);
}
