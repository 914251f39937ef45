using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Guarantees.Arithmetic;
using Xunit;
using Xunit.Abstractions;

namespace Guarantees.Tests.Arithmetic;

/// <summary>
/// Elementary functions against tables of 40 digits that eng/tables/make_elementary_tables.py computes without this code, and against laws.
/// All comparisons are between rational numbers. A newcomer joins with one row of <see cref="Functions"/> and its part of the table.
/// </summary>
public class ElementaryTests(ITestOutputHelper output)
{
    private const double Inf = double.PositiveInfinity;

    private sealed record Function(
        string Name,
        Func<double, double> Lower,
        Func<double, double> Upper,
        Func<double, double> Value,
        Func<double, Elementary.Expansion>? Expand = null,
        double From = -Inf,
        double To = Inf)
    {
        public override string ToString() => Name;
    }

    private static readonly Function[] Functions =
    [
        new("exp", Elementary.ExpLower, Elementary.ExpUpper, Elementary.Exp, Elementary.ExpandExp),
        new("expm1", Elementary.Expm1Lower, Elementary.Expm1Upper, Elementary.Expm1, Elementary.ExpandExpm1),
        new("log", Elementary.LogLower, Elementary.LogUpper, Elementary.Log, Elementary.ExpandLog, From: 0),
        new("log1p", Elementary.Log1pLower, Elementary.Log1pUpper, Elementary.Log1p, Elementary.ExpandLog1p, From: -1),
        new("tanh", Elementary.TanhLower, Elementary.TanhUpper, Elementary.Tanh, Elementary.ExpandTanh),
        new("sigmoid", Elementary.SigmoidLower, Elementary.SigmoidUpper, Elementary.Sigmoid, Elementary.ExpandSigmoid),
        new("softplus", Elementary.SoftplusLower, Elementary.SoftplusUpper, Elementary.Softplus, Elementary.ExpandSoftplus),
        new("normal-cdf", Elementary.NormalCdfLower, Elementary.NormalCdfUpper, Elementary.NormalCdf, Elementary.ExpandNormalCdf),
        new("erf", Elementary.ErfLower, Elementary.ErfUpper, Elementary.Erf, Elementary.ExpandErf),
        new("sqrt", Elementary.SqrtLower, Elementary.SqrtUpper, Elementary.Sqrt, From: 0),
        new("reciprocal", Elementary.ReciprocalLower, Elementary.ReciprocalUpper, Elementary.Reciprocal),
        new("scale-divergence", Elementary.ScaleDivergenceLower, Elementary.ScaleDivergenceUpper, Elementary.ScaleDivergence,
            Elementary.ExpandScaleDivergence, From: -1),
    ];

    private static readonly ILookup<string, (double X, Rational Exact)> Table = ReadTable();

    public static TheoryData<string> Names => [.. Functions.Select(f => f.Name)];

    public static TheoryData<string> Increasing => [.. Functions.Select(f => f.Name).Except(["reciprocal", "scale-divergence"])];

    [Fact]
    public void Every_function_has_a_table() =>
        Assert.Equal(Functions.Select(f => f.Name).Order(), Table.Where(rows => rows.Count() >= 100).Select(rows => rows.Key).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Bounds_enclose_the_exact_value_within_two_ulps(string name)
    {
        var f = Named(name);
        double below = 0, above = 0, off = 0;
        foreach (var (x, exact) in Table[name])
        {
            var (lower, value, upper) = (f.Lower(x), f.Value(x), f.Upper(x));
            Assert.True(lower <= value && value <= upper, $"{name}({x:R}): {lower:R} <= {value:R} <= {upper:R} fails");
            Assert.True(lower == -Inf || Rational.Of(lower).CompareTo(exact) <= 0, $"{name}({x:R}): the lower bound {lower:R} is too high");
            Assert.True(upper == Inf || Rational.Of(upper).CompareTo(exact) >= 0, $"{name}({x:R}): the upper bound {upper:R} is too low");
            below = Math.Max(below, Ulps(lower, exact, $"{name}Lower({x:R})"));
            above = Math.Max(above, Ulps(upper, exact, $"{name}Upper({x:R})"));
            off = Math.Max(off, Ulps(value, exact, $"{name}({x:R})"));
        }

        output.WriteLine($"{name}: worst lower {below:F3}, upper {above:F3}, value {off:F3} ulp over {Table[name].Count()} arguments");
        Assert.True(below <= 2 && above <= 2, $"{name}: {below:F3} ulp below, {above:F3} above");
        Assert.True(off <= 1, $"{name}: the value is off by {off:F3} ulp");
    }

    /// <summary>Sharper than the enclosure: the outward rounding hides an error of a fraction of an ulp, this does not.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Expansions_keep_their_stated_error(string name)
    {
        if (Named(name).Expand is not { } expand)
        {
            return;
        }

        var worst = 0.0;
        foreach (var (x, exact) in Table[name])
        {
            var f = expand(x);
            if (exact.Numerator.IsZero || !double.IsFinite(f.High) || Clipped(name, x))
            {
                continue;
            }

            var error = ((Rational.Of(f.High) + Rational.Of(f.Low)).Scaled(f.Exponent) - exact).Over(exact);
            Assert.True(error <= f.Error, $"{name}({x:R}): error 2^{Math.Log2(error):F2}, stated 2^{Math.Log2(f.Error):F2}");
            Assert.True(f.Error <= Math.ScaleB(1, -54) && Math.Abs(f.Low) <= Math.Abs(f.High), $"{name}({x:R}): not an expansion");
            worst = Math.Max(worst, f.Error < Math.ScaleB(1, -57) ? 0 : error);
        }

        output.WriteLine($"{name}: worst relative error of the expansion 2^{Math.Log2(worst):F2}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Not_a_number_bounds_nothing(string name)
    {
        var f = Named(name);
        Assert.Equal((-Inf, Inf), (f.Lower(double.NaN), f.Upper(double.NaN)));
        Assert.True(double.IsNaN(f.Value(double.NaN)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outside_the_domain_is_the_callers_mistake(string name)
    {
        var f = Named(name);
        if (double.IsInfinity(f.From))
        {
            return;
        }

        foreach (var x in new[] { Math.BitDecrement(f.From), f.From - 3, -Inf })
        {
            foreach (var g in new[] { f.Lower, f.Upper, f.Value })
            {
                Assert.Equal(x, Assert.Throws<ArgumentOutOfRangeException>(() => g(x)).ActualValue);
            }
        }
    }

    [Fact]
    public void Infinities_and_poles_enclose_the_limit()
    {
        Assert.Equal((0, double.Epsilon), (Elementary.ExpLower(-Inf), Elementary.ExpUpper(-Inf)));
        Assert.Equal((double.MaxValue, Inf), (Elementary.ExpLower(Inf), Elementary.ExpUpper(Inf)));
        Assert.Equal((double.MaxValue, Inf), (Elementary.Expm1Lower(Inf), Elementary.Expm1Upper(Inf)));
        Assert.Equal((-1, Math.BitIncrement(-1)), (Elementary.Expm1Lower(-Inf), Elementary.Expm1Upper(-Inf)));
        Assert.Equal((-Inf, -Inf), (Elementary.LogLower(0), Elementary.LogUpper(-0.0)));
        Assert.Equal((Inf, Inf), (Elementary.LogLower(Inf), Elementary.LogUpper(Inf)));
        Assert.Equal((-Inf, -Inf), (Elementary.Log1pLower(-1), Elementary.Log1pUpper(-1)));
        Assert.Equal((Math.BitDecrement(1), 1), (Elementary.TanhLower(Inf), Elementary.TanhUpper(Inf)));
        Assert.Equal((0, double.Epsilon), (Elementary.SigmoidLower(-Inf), Elementary.SigmoidUpper(-Inf)));
        Assert.Equal((Math.BitDecrement(1), 1), (Elementary.SigmoidLower(Inf), Elementary.SigmoidUpper(Inf)));
        Assert.Equal((0, double.Epsilon), (Elementary.SoftplusLower(-Inf), Elementary.SoftplusUpper(-Inf)));
        Assert.Equal((Inf, Inf), (Elementary.SoftplusLower(Inf), Elementary.SoftplusUpper(Inf)));
        Assert.Equal((0, double.Epsilon), (Elementary.NormalCdfLower(-Inf), Elementary.NormalCdfUpper(-Inf)));
        Assert.Equal((Math.BitDecrement(1), 1), (Elementary.NormalCdfLower(Inf), Elementary.NormalCdfUpper(Inf)));
        Assert.Equal((-1, Math.BitIncrement(-1)), (Elementary.ErfLower(-Inf), Elementary.ErfUpper(-Inf)));
        Assert.Equal((Inf, Inf), (Elementary.SqrtLower(Inf), Elementary.SqrtUpper(Inf)));
        Assert.Equal((-Inf, Inf), (Elementary.ReciprocalLower(0), Elementary.ReciprocalUpper(-0.0)));
        Assert.Equal((0, 0), (Elementary.ReciprocalLower(Inf), Elementary.ReciprocalUpper(-Inf)));
        Assert.Equal((Inf, Inf), (Elementary.ScaleDivergenceLower(-1), Elementary.ScaleDivergenceUpper(Inf)));
    }

    [Fact]
    public void Exact_values_are_exact()
    {
        Assert.Equal((1, 1), (Elementary.ExpLower(0), Elementary.ExpUpper(-0.0)));
        Assert.Equal((0, 0), (Elementary.Expm1Lower(0), Elementary.Expm1Upper(0)));
        Assert.Equal((0, 0), (Elementary.LogLower(1), Elementary.LogUpper(1)));
        Assert.Equal((0, 0), (Elementary.Log1pLower(0), Elementary.Log1pUpper(0)));
        Assert.Equal((0, 0), (Elementary.TanhLower(0), Elementary.TanhUpper(0)));
        Assert.Equal((0.5, 0.5), (Elementary.SigmoidLower(0), Elementary.SigmoidUpper(0)));
        Assert.Equal((0.5, 0.5), (Elementary.NormalCdfLower(0), Elementary.NormalCdfUpper(0)));
        Assert.Equal((0, 0), (Elementary.ErfLower(0), Elementary.ErfUpper(0)));
        Assert.Equal((1.5, 1.5), (Elementary.SqrtLower(2.25), Elementary.SqrtUpper(2.25)));
        Assert.Equal((-0.25, -0.25), (Elementary.ReciprocalLower(-4), Elementary.ReciprocalUpper(-4)));
        Assert.Equal((0, 0), (Elementary.ScaleDivergenceLower(0), Elementary.ScaleDivergenceUpper(0)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lower_is_at_most_upper(string name)
    {
        var f = Named(name);
        Holds(Arguments(f), x =>
            f.Lower(x) <= f.Upper(x) && (!double.IsFinite(f.Value(x)) || (f.Lower(x) <= f.Value(x) && f.Value(x) <= f.Upper(x))));
    }

    [Theory]
    [MemberData(nameof(Increasing))]
    public void Increasing_functions_are_ordered(string name)
    {
        var f = Named(name);
        Holds(Arguments(f).Two(), p => f.Lower(Math.Min(p.Item1, p.Item2)) <= f.Upper(Math.Max(p.Item1, p.Item2)));
        Holds(Arguments(f), x => x >= f.To || f.Lower(x) <= f.Upper(Math.BitIncrement(x)));
    }

    [Fact]
    public void Scale_divergence_falls_to_zero_and_rises()
    {
        var f = Named("scale-divergence");
        Holds(Arguments(f).Two(), p =>
        {
            var (near, far) = Math.Abs(p.Item1) <= Math.Abs(p.Item2) ? p : (p.Item2, p.Item1);
            return near < 0 != far < 0 || f.Lower(near) <= f.Upper(far);
        });
    }

    [Theory]
    [InlineData("tanh")]
    [InlineData("erf")]
    [InlineData("reciprocal")]
    public void Odd_functions_mirror_their_bounds(string name)
    {
        var f = Named(name);
        Holds(Arguments(f), x => f.Lower(-x) == -f.Upper(x) && f.Value(-x) == -f.Value(x));
    }

    /// <summary>f(-x) from f(x): σ(-x) = 1 - σ(x), Φ(-x) = 1 - Φ(x), e^-x = 1 / e^x, softplus(x) = x + softplus(-x).</summary>
    [Property(MaxTest = 2000)]
    public Property Reflections_agree() => Prop.ForAll(Arguments(Named("exp")).ToArbitrary(), x =>
    {
        (double Lower, double Upper) Of(string name, double at) => (Named(name).Lower(at), Named(name).Upper(at));
        var (sigmoid, phi, exp, softplus) = (Of("sigmoid", x), Of("normal-cdf", x), Of("exp", x), Of("softplus", -x));
        return Meets(Of("sigmoid", -x), Plus(1, -sigmoid.Upper, -sigmoid.Lower))
            && Meets(Of("normal-cdf", -x), Plus(1, -phi.Upper, -phi.Lower))
            && Meets(Of("exp", -x), (Elementary.ReciprocalLower(exp.Upper), Elementary.ReciprocalUpper(exp.Lower)))
            && (!double.IsFinite(x) || Meets(Of("softplus", x), Plus(x, softplus.Lower, softplus.Upper)));
    });

    [Property(MaxTest = 2000)]
    public Property Inverses_return() => Prop.ForAll(Arguments(Named("log")).ToArbitrary(), x =>
    {
        var (low, high) = (Elementary.LogLower(x), Elementary.LogUpper(x));
        var y = Math.Min(x, 700);
        return Elementary.ExpLower(low) <= x && x <= Elementary.ExpUpper(high)
            && Elementary.LogLower(Elementary.ExpLower(y)) <= y && y <= Elementary.LogUpper(Elementary.ExpUpper(y))
            && Elementary.Expm1Lower(Elementary.Log1pLower(x)) <= x && x <= Elementary.Expm1Upper(Elementary.Log1pUpper(x))
            && Elementary.Log1pLower(Elementary.Expm1Lower(-y)) <= -y && -y <= Elementary.Log1pUpper(Elementary.Expm1Upper(-y));
    });

    /// <summary>exp(x + y) = exp x exp y where x + y is exact: a law that no table row states.</summary>
    [Property(MaxTest = 2000)]
    public Property Exponentials_multiply() => Prop.ForAll(Gen.Choose(-300_000, 300_000).Two().ToArbitrary(), p =>
    {
        var (x, y) = (p.Item1 / 1024.0, p.Item2 / 1024.0);
        var (lower, upper) = (Times(Elementary.ExpLower(x), Elementary.ExpLower(y)), Times(Elementary.ExpUpper(x), Elementary.ExpUpper(y)));
        return Rational.Of(Elementary.ExpLower(x + y)).CompareTo(upper) <= 0
            && (Elementary.ExpUpper(x + y) is Inf || Rational.Of(Elementary.ExpUpper(x + y)).CompareTo(lower) >= 0);
    });

    private static Rational Times(double a, double b)
    {
        var (p, q) = (Rational.Of(a), Rational.Of(b));
        return new Rational(p.Numerator * q.Numerator, p.Denominator * q.Denominator);
    }

    private static (double Lower, double Upper) Plus(double a, double lower, double upper) =>
        (Math.BitDecrement(a + lower), Math.BitIncrement(a + upper));

    private static bool Meets((double Lower, double Upper) a, (double Lower, double Upper) b) => a.Lower <= b.Upper && b.Lower <= a.Upper;

    private static void Holds(Gen<double> gen, Func<double, bool> law) =>
        Prop.ForAll(gen.ToArbitrary(), law).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static void Holds(Gen<(double, double)> gen, Func<(double, double), bool> law) =>
        Prop.ForAll(gen.ToArbitrary(), law).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>Doubles of the domain: moderate, scattered over all exponents, table arguments and their neighbours, infinities.</summary>
    private static Gen<double> Arguments(Function f)
    {
        var table = Table[f.Name].Select(row => row.X).ToArray();
        var moderate = Gen.Choose(-40_000_000, 40_000_000).Select(n => n / 1e6);
        var wide = Gen.Choose(-800_000, 800_000).Select(n => n / 1000.0);
        var scattered = from mantissa in Gen.Choose(1 << 29, 1 << 30)
                        from exponent in Gen.Choose(-1105, 993)
                        from sign in Gen.Elements(-1.0, 1.0)
                        select Math.ScaleB(sign * mantissa, exponent);
        var near = Gen.Elements(table).SelectMany(x => Gen.Elements(x, Math.BitIncrement(x), Math.BitDecrement(x)));
        var special = Gen.Elements(0.0, -0.0, 1.0, -1.0, Inf, -Inf, double.MaxValue, double.Epsilon);
        return Gen.Frequency((4, moderate), (2, wide), (3, scattered), (4, near), (1, special))
            .Select(x => double.IsInfinity(f.From) ? x : x < f.From ? Math.Abs(x) : x);
    }

    private static Function Named(string name) => Functions.Single(f => f.Name == name);

    /// <summary>Arguments whose expansion stands for another one with the same rounded bounds.</summary>
    private static bool Clipped(string name, double x) => name switch
    {
        "exp" or "sigmoid" or "softplus" => Math.Abs(x) > 800,
        "expm1" => x > 800,
        "normal-cdf" => x < -39.9,
        "scale-divergence" => Math.Abs(x) < Math.ScaleB(1, -540) || x > Math.ScaleB(1, 600),
        _ => false,
    };

    /// <summary>|bound - exact| in units of the last place of the larger of the two; 0 where overflow left no choice.</summary>
    private static double Ulps(double bound, Rational exact, string place)
    {
        var magnitude = Math.Abs(bound);
        if (magnitude >= double.MaxValue)
        {
            // Allowed from one ulp below the largest double on.
            var size = bound > 0 ? exact : new Rational(0, 1) - exact;
            Assert.True(size.CompareTo(Rational.Of(Math.BitDecrement(double.MaxValue))) >= 0, $"{place} overflows too early");
            return 0;
        }

        var distance = Rational.Of(bound) - exact;
        var ulp = Math.BitIncrement(magnitude) - magnitude;
        return distance.Over(Rational.Of(ulp));
    }

    private static ILookup<string, (double X, Rational Exact)> ReadTable() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "elementary.csv")).Skip(1)
            .Select(line => line.Split(','))
            .ToLookup(cells => cells[0], cells => (Hexadecimal(cells[1]), Rational.Parse(cells[2])));

    /// <summary>Reads a C99 hexadecimal double, "-0x1.8p+1".</summary>
    private static double Hexadecimal(string text)
    {
        var negative = text[0] == '-';
        var parts = text[(negative ? 3 : 2)..].Split('p');
        var digits = parts[0].Split('.');
        var fraction = digits.Length > 1 ? digits[1] : "";
        var mantissa = long.Parse(digits[0] + fraction, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var value = Math.ScaleB((double)mantissa, int.Parse(parts[1], CultureInfo.InvariantCulture) - (4 * fraction.Length));
        return negative ? -value : value;
    }
}
