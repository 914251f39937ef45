using System.Numerics;
using Certify.Smt;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>The text that the writer makes, and the text that solvers make, read exactly.</summary>
public sealed class SmtLibTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1")]
    [InlineData(-2.0, "(- 2)")]
    [InlineData(0.75, "(/ 3 4)")]
    [InlineData(-0.75, "(- (/ 3 4))")]
    [InlineData(0.1, "(/ 3602879701896397 36028797018963968)")]
    [InlineData(1e23, "99999999999999991611392")]
    public void Number_is_the_exact_rational(double value, string expected) => Assert.Equal(expected, SmtLib.Number(value));

    [Fact]
    public void Number_covers_the_ends_of_the_range()
    {
        Assert.Equal($"(/ 1 {BigInteger.One << 1074})", SmtLib.Number(double.Epsilon));
        Assert.Equal($"{((BigInteger.One << 53) - 1) << 971}", SmtLib.Number(double.MaxValue));
        Assert.Equal($"(/ {(BigInteger.One << 52) - 1} {BigInteger.One << 1074})", SmtLib.Number(BitConverter.UInt64BitsToDouble(0xF_FFFF_FFFF_FFFF)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Number_rejects_what_is_no_number(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => SmtLib.Number(value));

    [Property]
    public Property Number_read_back_is_the_same_double() => Prop.ForAll(
        ArbMap.Default.ArbFor<long>().Convert(BitConverter.Int64BitsToDouble, BitConverter.DoubleToInt64Bits).Filter(double.IsFinite),
        value =>
        {
            var (numerator, denominator) = SmtModel.Parse($"((define-fun x () Real {SmtLib.Number(value)}))").Rationals["x"];
            return ((numerator * Rational.Of(value).Denominator) == (Rational.Of(value).Numerator * denominator)).ToProperty();
        });

    [Theory]
    [InlineData("x", "x")]
    [InlineData("layer_3.out-7", "layer_3.out-7")]
    [InlineData("x[0]", "|x[0]|")]
    [InlineData("0x", "|0x|")]
    [InlineData("a b", "|a b|")]
    [InlineData("let", "|let|")]
    [InlineData(".x", "|.x|")]
    [InlineData("σ", "|σ|")]
    public void Symbols_are_quoted_where_they_must_be(string name, string expected) => Assert.Equal(expected, SmtLib.Symbol(name));

    [Theory]
    [InlineData("a|b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void Symbols_that_cannot_be_quoted_are_rejected(string name) => Assert.Throws<ArgumentException>(() => SmtLib.Symbol(name));

    [Fact]
    public void A_problem_reads_as_it_was_written()
    {
        var smt = new SmtLib("QF_LRA");
        smt.Comment("one\ntwo");
        var x = smt.DeclareReal("x 1");
        var p = smt.DeclareBool("p");
        smt.Assert($"(=> {p} (< {x} {SmtLib.Number(-0.5)}))");
        Assert.Equal(
            "(set-logic QF_LRA)\n; one\n; two\n(declare-const |x 1| Real)\n(declare-const p Bool)\n(assert (=> p (< |x 1| (- (/ 1 2)))))\n",
            smt.ToString());
    }

    [Fact]
    public void Models_of_all_three_dialects_are_read()
    {
        const string model = "(model (define-fun |x 1| () Real (- (/ 1.0 3.0))) (define-fun y () Real (/ (- 4) 6)) (define-fun z () Real 2.50) (define-fun b () Bool true)"
            + " (define-fun f ((a Real)) Real 1.0) (define-fun r () Real (root-obj (+ (^ x 2) (- 2)) 1)) (define-fun n () Int (- 3)))";
        var rationals = SmtModel.Parse(model).Rationals;
        Assert.Equal((-1, 3), rationals["x 1"]);
        Assert.Equal((-2, 3), rationals["y"]);
        Assert.Equal((5, 2), rationals["z"]);
        Assert.Equal((-3, 1), rationals["n"]);
        Assert.Equal(4, rationals.Count);
        Assert.Equal(rationals.Count, SmtModel.Parse(model["(model ".Length..^1]).Rationals.Count);
    }

    [Theory]
    [InlineData("((define-fun x () Real 1.0)")]
    [InlineData(")")]
    [InlineData("|x")]
    [InlineData("\"x")]
    public void A_model_that_was_cut_off_is_noticed(string text) => Assert.Throws<FormatException>(() => SmtModel.Parse(text));

    [Fact]
    public void Deep_nesting_does_not_exhaust_the_stack() =>
        Assert.Empty(SmtModel.Parse(new string('(', 1_000_000) + new string(')', 1_000_000)).Rationals);
}
