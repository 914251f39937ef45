using System.Runtime.CompilerServices;

namespace Guarantees.Arithmetic;

/// <content>e^x and what is rational in it: e^x - 1, tanh, the logistic function.</content>
public static partial class Elementary
{
    // ln 2 = Ln2High + Ln2Low + 0.45 2^-85. Both have at most 42 bits, so that k times either is exact for |k| < 2^11.
    private const double Ln2High = 0.6931471805598903;
    private const double Ln2Low = 5.49792301870721e-14;
    private const double InverseLn2 = 1.4426950408889634;

    /// <summary>(e^r - 1 - r - r²/2) / r³ = Σ r^n / (n + 3)!, n = 0 to 11.</summary>
    private static ReadOnlySpan<double> ExpTail =>
    [
        1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5_040, 1.0 / 40_320, 1.0 / 362_880, 1.0 / 3_628_800, 1.0 / 39_916_800,
        1.0 / 479_001_600, 1.0 / 6_227_020_800, 1.0 / 87_178_291_200,
    ];

    /// <summary>A double within 1 ulp of e^x.</summary>
    public static double Exp(double x) => Value(x, ExpandExp(x));

    /// <summary>A double at most e^x, by less than 2 ulp; 0 where e^x &lt; 2^-1074.</summary>
    public static double ExpLower(double x) => LowerBound(x, ExpandExp(x), 0);

    /// <summary>A double at least e^x, by less than 2 ulp.</summary>
    public static double ExpUpper(double x) => UpperBound(x, ExpandExp(x), double.PositiveInfinity);

    /// <summary>A double within 1 ulp of e^x - 1.</summary>
    public static double Expm1(double x) => Value(x, ExpandExpm1(x));

    /// <summary>A double at most e^x - 1, by less than 2 ulp.</summary>
    public static double Expm1Lower(double x) => LowerBound(x, ExpandExpm1(x), -1);

    /// <summary>A double at least e^x - 1, by less than 2 ulp.</summary>
    public static double Expm1Upper(double x) => UpperBound(x, ExpandExpm1(x), double.PositiveInfinity);

    /// <summary>A double within 1 ulp of tanh x.</summary>
    public static double Tanh(double x) => Value(x, ExpandTanh(x));

    /// <summary>A double at most tanh x, by less than 2 ulp.</summary>
    public static double TanhLower(double x) => LowerBound(x, ExpandTanh(x), -1);

    /// <summary>A double at least tanh x, by less than 2 ulp.</summary>
    public static double TanhUpper(double x) => UpperBound(x, ExpandTanh(x), 1);

    /// <summary>A double within 1 ulp of 1 / (1 + e^-x).</summary>
    public static double Sigmoid(double x) => Value(x, ExpandSigmoid(x));

    /// <summary>A double at most 1 / (1 + e^-x), by less than 2 ulp.</summary>
    public static double SigmoidLower(double x) => LowerBound(x, ExpandSigmoid(x), 0);

    /// <summary>A double at least 1 / (1 + e^-x), by less than 2 ulp.</summary>
    public static double SigmoidUpper(double x) => UpperBound(x, ExpandSigmoid(x), 1);

    /// <summary>e^x = 2^k (1 + (e^r - 1)), within 2^-56.</summary>
    /// <remarks>
    /// See <see cref="Reduced"/>: e^r - 1 is off by at most 5.3 u times its tail, and the tail is at most 0.0091 e^r, hence 2^-57.3 of e^r;
    /// the remainder, the reduction and the sums add less than 2^-59. Beyond ±800 the clipped argument gives overflow or underflow as x does.
    /// Proved for every double x and low, roundings and underflow included, in proofs/coq/theories: <c>Elementary/Exponential.v</c>,
    /// <c>exp_expansion_error</c>, and as what <see cref="Expansion.Lower"/> needs, <c>Elementary/Exponential.v</c>, <c>exp_approximated</c>;
    /// that the bounds hold where it is clipped, <c>Elementary/Clipped.v</c>, <c>exp_clipped_below</c>, <c>Elementary/Clipped.v</c>,
    /// <c>exp_clipped_above</c>.
    /// </remarks>
    internal static Expansion ExpandExp(double x) =>
        x == 0 ? Expansion.Exact(1) : ExpandExp(Math.Max(Math.Min(x, 800), -800), 0);

    /// <summary>e^(x + low) for |x| &lt;= 800 and |low| at most half an ulp of x, within 2^-56.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Expansion ExpandExp(double x, double low)
    {
        var (s, sl, k) = Reduced(x, low);
        var (high, error) = FastTwoSum(1, s);
        (high, error) = FastTwoSum(high, error + sl);
        return new Expansion(high, error, Power56, k);
    }

    /// <summary>e^x - 1 = (2^k - 1) + 2^k (e^r - 1), within 2^-55; below 2^-60 it is x.</summary>
    /// <remarks>
    /// 2^k - 1 is exact as a pair and the sum loses nothing but digits that cancel. With the error of e^r - 1 at most 5.3 u times its tail,
    /// the worst places are k = 1, r = -0.347, where the value is 0.414 and the error 2 * 0.0064 * 5.3 u = 2^-55.6 of it, and k = 0, r =
    /// -0.347, 0.0219 * 5.3 u = 2^-56.1; the sums add 2^-58. Above 44 the 1 is less than 2^-63 of the value and stays within the slack of
    /// e^x; below -60 the argument is clipped, an error of 2^-86. For |x| &lt; 2^-60 the next term x²/2 is at most 2^-61 of x.
    /// Proved, every rounding included, in proofs/coq/theories: <c>Elementary/Quotients.v</c>, <c>expm1_approximated</c>,
    /// <c>Elementary/Quotients.v</c>, <c>expm1_tiny_approximated</c>, <c>Elementary/Quotients.v</c>, <c>expm1_large_approximated</c>,
    /// <c>Elementary/Clipped.v</c>, <c>expm1_clipped_below</c>, <c>Elementary/Clipped.v</c>, <c>expm1_clipped_above</c>.
    /// </remarks>
    internal static Expansion ExpandExpm1(double x)
    {
        if (Math.Abs(x) < Power60)
        {
            return new Expansion(x, 0, x == 0 ? 0 : Power60);
        }

        if (x > 44)
        {
            return ExpandExp(Math.Min(x, 800), 0);
        }

        var (high, low) = Expm1Pair(Math.Max(x, -60));
        return new Expansion(high, low, Power55);
    }

    /// <summary>tanh x = m / (m + 2) with m = e^(2|x|) - 1 and the sign of x, within 2^-55; below 2^-60 it is x.</summary>
    /// <remarks>
    /// A relative error δ of m becomes 2δ / (m + 2), which is less: at k = 1, the worst place of m, by 0.83. The division adds 2^-100. Beyond
    /// 22 the argument is clipped, and 1 - tanh 22 &lt; 2^-62. For |x| &lt; 2^-60 the next term x³/3 is below 2^-121 of x.
    /// Proved, every rounding and the clipping included, in proofs/coq/theories: <c>Elementary/Quotients.v</c>, <c>tanh_approximated</c>,
    /// <c>Elementary/Quotients.v</c>, <c>tanh_tiny_approximated</c>.
    /// </remarks>
    internal static Expansion ExpandTanh(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude < Power60)
        {
            return new Expansion(x, 0, x == 0 ? 0 : Power60);
        }

        var (m, ml) = Expm1Pair(2 * Math.Min(magnitude, 22));
        var (d, dl) = TwoSum(2, m);
        var (high, low) = Divide(m, ml, d, dl + ml);
        var tanh = new Expansion(high, low, Power55);
        return x < 0 ? -tanh : tanh;
    }

    /// <summary>e / (1 + e) for x &lt; 0 and 1 / (1 + e) for x > 0, with e = e^-|x|, within 2^-55.</summary>
    /// <remarks>
    /// A relative error δ of e becomes at most δ. The quotient keeps the power of two of e aside, so that the tail near x = -700 is as
    /// accurate as the middle; in 1 + e an e that underflows is below 2^-1000 and does not matter. The sum and the division add 2^-99.
    /// Proved, every rounding and underflow included, in proofs/coq/theories: <c>Elementary/Quotients.v</c>,
    /// <c>sigmoid_below_approximated</c>, <c>Elementary/Quotients.v</c>, <c>sigmoid_above_approximated</c>, and beyond ±800
    /// <c>Elementary/Clipped.v</c>, <c>sigmoid_clipped_below</c>, <c>Elementary/Clipped.v</c>, <c>sigmoid_clipped_above</c>.
    /// </remarks>
    internal static Expansion ExpandSigmoid(double x)
    {
        if (x == 0)
        {
            return Expansion.Exact(0.5);
        }

        var e = ExpandExp(Math.Max(-Math.Abs(x), -800), 0);
        var (d, dl) = FastTwoSum(1, Scale(e.High, e.Exponent));
        dl += Scale(e.Low, e.Exponent);
        var (high, low) = x < 0 ? Divide(e.High, e.Low, d, dl) : Divide(1, 0, d, dl);
        return new Expansion(high, low, Power55, x < 0 ? e.Exponent : 0);
    }

    /// <summary>e^x - 1 for 2^-60 &lt;= |x| &lt;= 60, normalised; error in <see cref="ExpandExpm1"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) Expm1Pair(double x)
    {
        var (s, sl, k) = Reduced(x, 0);
        var scale = PowerOfTwo(k);
        var (a, al) = TwoSum(scale, -1);
        var (high, low) = TwoSum(a, scale * s);
        return FastTwoSum(high, low + (al + (scale * sl)));
    }

    /// <summary>x + low = k ln 2 + r + rl with |r| &lt;= 0.347, and e^(r + rl) - 1 = High + Low, normalised; |low| &lt; 2^-43.</summary>
    /// <remarks>
    /// k Ln2High and k Ln2Low are exact products and x - k Ln2High is exact (it is a multiple of 2^-54 below 1/2), so r is known up to |k|
    /// 2^-86 &lt;= 2^-75. e^r - 1 = r + r²/2 + tail, the first two summed exactly. The tail r³ (1/6 + r/24 + ... + r^11/14!) is at most
    /// 0.0076 in magnitude and carries two roundings of r³, 2.3 u of the polynomial (coefficient, last step, the rest damped by r/4) and the
    /// last product: 5.3 u. The low part enters by the derivative, up to rl²/2 &lt; 2^-86. The remainder r^15/15! (1 + ...) is below 2^-62.5,
    /// and the last sums round numbers below 0.0077: 2^-60. Proved, a coefficient's own rounding counted with the remainder, in
    /// proofs/coq/theories: <c>Elementary/Exponential.v</c>, <c>reduced_error</c>; there |low| is at most 2^-44, half an ulp of 800 and what callers pass.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low, int K) Reduced(double x, double low)
    {
        var k = Math.Round(x * InverseLn2);
        var (r, rl) = TwoSum(x - (k * Ln2High), -(k * Ln2Low));
        rl += low;
        var (q, ql) = TwoProduct(r, r);
        var tail = r * q * Polynomial(ExpTail, r);
        var (s, sl) = FastTwoSum(r, 0.5 * q);
        sl += (rl + (rl * (s + tail))) + (0.5 * ql) + tail;
        (s, sl) = FastTwoSum(s, sl);
        return (s, sl, (int)k);
    }
}
