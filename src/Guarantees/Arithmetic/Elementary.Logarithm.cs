using System.Runtime.CompilerServices;

namespace Guarantees.Arithmetic;

/// <content>The natural logarithm and what is built from it: ln(1 + x), softplus, the divergence of a scale.</content>
public static partial class Elementary
{
    private const double TwoTo54 = 1L << 54;

    // 1 + x for x in this range is its own mantissa in the reduction of the logarithm.
    private const double LeastReduced = -0.29;
    private const double MostReduced = 0.41;

    /// <summary>(2 artanh s - 2 s) / s³ = Σ 2 z^n / (2 n + 3) with z = s², n = 0 to 11.</summary>
    private static ReadOnlySpan<double> LogTail =>
        [2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23, 2.0 / 25];

    /// <summary>A double within 1 ulp of ln x; -∞ at 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="x"/> &lt; 0.</exception>
    public static double Log(double x) => Value(x, ExpandLog(x));

    /// <summary>A double at most ln x, by less than 2 ulp; -∞ at 0.</summary>
    /// <inheritdoc cref="Log"/>
    public static double LogLower(double x) => LowerBound(x, ExpandLog(x), double.NegativeInfinity);

    /// <summary>A double at least ln x, by less than 2 ulp; -∞ at 0.</summary>
    /// <inheritdoc cref="Log"/>
    public static double LogUpper(double x) => UpperBound(x, ExpandLog(x), double.PositiveInfinity);

    /// <summary>A double within 1 ulp of ln(1 + x); -∞ at -1.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="x"/> &lt; -1.</exception>
    public static double Log1p(double x) => Value(x, ExpandLog1p(x));

    /// <summary>A double at most ln(1 + x), by less than 2 ulp; -∞ at -1.</summary>
    /// <inheritdoc cref="Log1p"/>
    public static double Log1pLower(double x) => LowerBound(x, ExpandLog1p(x), double.NegativeInfinity);

    /// <summary>A double at least ln(1 + x), by less than 2 ulp; -∞ at -1.</summary>
    /// <inheritdoc cref="Log1p"/>
    public static double Log1pUpper(double x) => UpperBound(x, ExpandLog1p(x), double.PositiveInfinity);

    /// <summary>A double within 1 ulp of ln(1 + e^x).</summary>
    public static double Softplus(double x) => Value(x, ExpandSoftplus(x));

    /// <summary>A double at most ln(1 + e^x), by less than 2 ulp.</summary>
    public static double SoftplusLower(double x) => LowerBound(x, ExpandSoftplus(x), 0);

    /// <summary>A double at least ln(1 + e^x), by less than 2 ulp.</summary>
    public static double SoftplusUpper(double x) => UpperBound(x, ExpandSoftplus(x), double.PositiveInfinity);

    /// <summary>
    /// A double within 1 ulp of h(t) = t² + 2 t - 2 ln(1 + t) = s² - 1 - 2 ln s with s = 1 + t, twice the Kullback-Leibler divergence between
    /// centred Gaussians whose scales have ratio s. Nonnegative, convex, zero at 0 only; +∞ at -1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="t"/> &lt; -1.</exception>
    public static double ScaleDivergence(double t) => Value(t, ExpandScaleDivergence(t));

    /// <summary>A double at most h(t) of <see cref="ScaleDivergence"/>, by less than 2 ulp, and not negative.</summary>
    /// <inheritdoc cref="ScaleDivergence"/>
    public static double ScaleDivergenceLower(double t) => LowerBound(t, ExpandScaleDivergence(t), 0);

    /// <summary>A double at least h(t) of <see cref="ScaleDivergence"/>, by less than 2 ulp.</summary>
    /// <inheritdoc cref="ScaleDivergence"/>
    public static double ScaleDivergenceUpper(double t) => UpperBound(t, ExpandScaleDivergence(t), double.PositiveInfinity);

    /// <summary>ln x = k ln 2 + ln m with √½ &lt;= m &lt; √2, within 2^-56.</summary>
    /// <remarks>
    /// See <see cref="LogReduced"/>. A subnormal x is first multiplied by 2^54, exactly. Proved, m and k given, in proofs/coq/theories:
    /// <c>Elementary/Logarithm.v</c>, <c>log_approximated</c>.
    /// </remarks>
    internal static Expansion ExpandLog(double x)
    {
        if (x <= 0 || x == double.PositiveInfinity)
        {
            return x < 0 ? throw OutOfDomain(x, "[0, ∞)") : Expansion.Exact(x == 0 ? double.NegativeInfinity : x);
        }

        var (high, low) = x < MinNormal ? LogOfSum(x * TwoTo54, 0, -54) : LogOfSum(x, 0, 0);
        return new Expansion(high, low, x == 1 ? 0 : Power56);
    }

    /// <summary>ln(1 + x), within 2^-56; below 2^-60 it is x.</summary>
    /// <remarks>
    /// For x in [-0.29, 0.41] the reduction is the identity: f = x. Elsewhere 1 + x is an exact pair by TwoSum. See <see cref="LogReduced"/>.
    /// For |x| &lt; 2^-60 the next term x²/2 is at most 2^-61 of x. Proved, m and k given, in proofs/coq/theories:
    /// <c>Elementary/Logarithm.v</c>, <c>log1p_near_approximated</c>, <c>Elementary/Logarithm.v</c>, <c>log1p_far_approximated</c>,
    /// <c>Elementary/Logarithm.v</c>, <c>log1p_tiny_approximated</c>.
    /// </remarks>
    internal static Expansion ExpandLog1p(double x)
    {
        if (Math.Abs(x) < Power60)
        {
            return new Expansion(x, 0, x == 0 ? 0 : Power60);
        }

        if (x <= -1 || x == double.PositiveInfinity)
        {
            return x < -1 ? throw OutOfDomain(x, "[-1, ∞)") : Expansion.Exact(x == -1 ? double.NegativeInfinity : x);
        }

        var (high, low) = Log1pPair(x);
        return new Expansion(high, low, Power56);
    }

    /// <summary>max(x, 0) + ln(1 + e), e = e^-|x|, within 2^-55; where e &lt; 2^-60 the logarithm is e.</summary>
    /// <remarks>
    /// A relative error of e is at most that of ln(1 + e): 2^-56 of each. For e &lt;= 0.41 the reduction of the logarithm takes the pair e as
    /// it is; above, 1 + e rounds at 2^-106. With e = 2^k (High + Low), k &lt; -60, e²/2 is below 2^-60.5 of e, within the slack, and the
    /// power of two stays aside so that the tail near x = -700 is as accurate as the middle. The sum with x is exact but for 2^-105. From
    /// 2^60 on, the result is x. Proved, every rounding included, in proofs/coq/theories: <c>Elementary/Softplus.v</c>,
    /// <c>softplus_tail_approximated</c>, <c>Elementary/Softplus.v</c>, <c>softplus_near_approximated</c>, <c>Elementary/Softplus.v</c>,
    /// <c>softplus_middle_approximated</c>, and for x > 0 <c>Elementary/Softplus.v</c>, <c>softplus_above_tail_approximated</c>,
    /// <c>Elementary/Softplus.v</c>, <c>softplus_above_near_approximated</c>, <c>Elementary/Softplus.v</c>,
    /// <c>softplus_above_middle_approximated</c>, <c>Elementary/Softplus.v</c>, <c>softplus_huge_approximated</c>, at 0
    /// <c>Elementary/Clipped.v</c>, <c>softplus_zero_approximated</c>, and below -800 <c>Elementary/Clipped.v</c>,
    /// <c>softplus_clipped_below</c>.
    /// </remarks>
    internal static Expansion ExpandSoftplus(double x)
    {
        if (x >= 1 / Power60)
        {
            return new Expansion(x, 0, Power60);
        }

        var e = ExpandExp(Math.Max(-Math.Abs(x), -800), 0);
        if (e.Exponent < -60 && x < 0)
        {
            return new Expansion(e.High, e.Low, Power55, e.Exponent);
        }

        var (high, low) = (Scale(e.High, e.Exponent), Scale(e.Low, e.Exponent));
        if (e.Exponent >= -60)
        {
            (high, low) = Log1pPair(high, low);
        }

        if (x > 0)
        {
            (high, var rounding) = TwoSum(x, high);
            (high, low) = FastTwoSum(high, rounding + low);
        }

        return new Expansion(high, low, Power55);
    }

    /// <summary>h(t) = t² + 2 t - 2 ln(1 + t), within 2^-54.</summary>
    /// <remarks>
    /// For |t| &lt; 0.29, with s = t / (2 + t) and ln(1 + t) = 2 s + s³ P(s²), the identity t - 2 s = t s gives h = t² + 2 t s - 2 s³ P(s²)
    /// with nothing left to cancel: the first two terms are exact pairs, the last is at most 0.036 h and carries 8.3 u (as in <see
    /// cref="LogReduced"/>, with 3 u for s rounded), plus the last sums: 2^-54.3. Elsewhere h is summed as written from pairs, and the error
    /// of the logarithm grows by 2 |ln(1 + t)| / h &lt;= 3.63: 2^-54.1. For |t| &lt; 2^-60, h is 2 t² (1 - t/3 + ...), and for t > 2^100 it
    /// is t² (1 + 2/t - ...): 2^-60 both, with t scaled so that its square neither underflows nor overflows. Proved, every rounding
    /// included, in proofs/coq/theories: for 2^-60 &lt;= |t| &lt;= 0.29 <c>Elementary/ScaleDivergence.v</c>,
    /// <c>scale_divergence_near_approximated</c>, from there to 2^101, for either logarithm, its m and k given,
    /// <c>Elementary/ScaleDivergence.v</c>, <c>scale_divergence_reduced_approximated</c>, <c>Elementary/ScaleDivergence.v</c>,
    /// <c>scale_divergence_far_approximated</c>, from 2^100 to 2^600 <c>Elementary/ScaleDivergence.v</c>,
    /// <c>scale_divergence_large_approximated</c>, from 2^-541 to 2^-60 <c>Elementary/ScaleDivergence.v</c>,
    /// <c>scale_divergence_small_approximated</c>, and beyond these <c>Elementary/Clipped.v</c>, <c>scale_divergence_clipped_below</c>,
    /// <c>Elementary/Clipped.v</c>, <c>scale_divergence_clipped_above</c>.
    /// </remarks>
    internal static Expansion ExpandScaleDivergence(double t)
    {
        double high, low, rounding;
        var magnitude = Math.Abs(t);
        if (magnitude < 0.29)
        {
            if (magnitude < Power60)
            {
                return t == 0 ? Expansion.Exact(0) : SmallScaleDivergence(magnitude);
            }

            var (d, dl) = TwoSum(2, t);
            var (s, sl) = Divide(t, 0, d, dl);
            var (square, squareLow) = TwoProduct(t, t);
            var (product, productLow) = TwoProduct(2 * t, s);
            var z = s * s;
            (high, rounding) = TwoSum(square, product);
            low = rounding + (squareLow + productLow + (2 * t * sl)) - (2 * (s * z * Polynomial(LogTail, z)));
            return new Expansion(high, low, Power54);
        }

        if (t <= -1 || t > TwoTo100)
        {
            return t < -1 ? throw OutOfDomain(t, "[-1, ∞)")
                : t == -1 || t == double.PositiveInfinity ? Expansion.Exact(double.PositiveInfinity)
                : LargeScaleDivergence(t);
        }

        var (log, logLow) = Log1pPair(t);
        var (a, al) = TwoProduct(t, t);
        (var b, rounding) = TwoSum(a, 2 * t);
        (high, low) = TwoSum(b, -2 * log);
        low += al + rounding - (2 * logLow);
        return new Expansion(high, low, Power54);
    }

    private static Expansion SmallScaleDivergence(double magnitude)
    {
        // Below 2^-540 the result is under 2^-1079 and any such argument stands for it.
        var scaled = Math.Max(magnitude * PowerOfTwo(300), PowerOfTwo(-241));
        var (square, low) = TwoProduct(scaled, scaled);
        return new Expansion(2 * square, 2 * low, Power60, -600);
    }

    private static Expansion LargeScaleDivergence(double t)
    {
        // Beyond 2^600 the result overflows in any case.
        var scaled = Math.Min(t, PowerOfTwo(600)) * PowerOfTwo(-512);
        var (square, low) = TwoProduct(scaled, scaled);
        return new Expansion(square, low, Power60, 1024);
    }

    /// <summary>ln(1 + x + low), for x in (-1, ∞) and |x| >= 2^-60, normalised.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) Log1pPair(double x, double low = 0)
    {
        if (x is >= LeastReduced and <= MostReduced)
        {
            return LogReduced(x, low, 0);
        }

        var (sum, rounding) = TwoSum(1, x);
        return LogOfSum(sum, rounding + low, 0);
    }

    /// <summary>ln((x + low) 2^k) for normal x > 0 and |low| at most half an ulp of x, normalised.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) LogOfSum(double x, double low, int k)
    {
        // Moving the bits of √½ (0x3FE6A09E...) to those of 1 lets the exponent field change exactly there.
        var bits = BitConverter.DoubleToInt64Bits(x);
        var shift = (int)((bits - 0x3FE6_A09E_0000_0000) >> 52);
        var m = BitConverter.Int64BitsToDouble(bits - ((long)shift << 52));
        var (f, fl) = TwoSum(m - 1, Scale(low, -shift));
        return LogReduced(f, fl, k + shift);
    }

    /// <summary>k ln 2 + ln(1 + f + fl) for -0.293 &lt;= f &lt;= 0.4143, normalised, within 2^-56.</summary>
    /// <remarks>
    /// With s = f / (2 + f), |s| &lt;= 0.1717, ln(1 + f) = 2 artanh s = 2 s + s³ (2/3 + 2 z/5 + ... + 2 z^11/25), z = s². The quotient is a
    /// pair within 2^-100 and the derivative of the tail takes its low part along. The tail is at most 0.0100 of 2 s and carries two
    /// roundings of s³, 2.2 u of the polynomial and the last product: 5.2 u, 2^-57.2 of the logarithm; the remainder z^12/27 (1 + ...) is
    /// below 2^-65. k Ln2High and k Ln2Low are exact and miss k ln 2 by |k| 2^-86. For k ≠ 0 the sum is at least 0.346 in magnitude, no
    /// smaller than |ln(1 + f)|, so no error grows; the last sums round numbers below 0.0035 + 2^-33, together 2^-58.7 of the result.
    /// Proved in proofs/coq/theories, every rounding included: the series misses ln(1 + f) by at most 2^-58 |s|, <c>Elementary/Logarithm.v</c>,
    /// <c>log_truncation</c>, and the pair the logarithm by less than 2^-56 of it, <c>Elementary/Logarithm.v</c>, <c>log_reduced_approximated</c>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) LogReduced(double f, double fl, int k)
    {
        var (d, dl) = TwoSum(2, f);
        var (s, sl) = Divide(f, fl, d, dl + fl);
        var z = s * s;
        var tail = s * z * Polynomial(LogTail, z);
        var (high, low) = FastTwoSum(k * Ln2High, 2 * s);
        low += (2 * (sl + (sl * z))) + ((k * Ln2Low) + tail);
        return FastTwoSum(high, low);
    }
}
