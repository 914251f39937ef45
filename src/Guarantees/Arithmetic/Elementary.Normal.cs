using System.Runtime.CompilerServices;

namespace Guarantees.Arithmetic;

/// <content>The standard Gaussian distribution function and the error function.</content>
public static partial class Elementary
{
    private const int NormalTailRow = 16;
    private const double NormalTailEnd = 8;
    private const int FractionTerms = 18;

    // 1/√(2π), √2 and 2/√π as sums of two doubles.
    private const double InverseRootTwoPiHigh = 0.3989422804014327;
    private const double InverseRootTwoPiLow = -2.49232720227773e-17;
    private const double RootTwoHigh = 1.4142135623730951;
    private const double RootTwoLow = -9.667293313452913e-17;
    private const double TwoOverRootPiHigh = 1.1283791670955126;
    private const double TwoOverRootPiLow = 1.533545961316588e-17;

    /// <summary>2/√π (-1)^n / (n! (2 n + 1)), n = 1 to 12.</summary>
    private static ReadOnlySpan<double> ErfTail =>
    [
        -0.37612638903183754, 0.11283791670955126, -0.026866170645131252, 0.005223977625442188, -0.0008548327023450853, 0.00012055332981789664,
        -1.492565035840625e-05, 1.6462114365889248e-06, -1.6365844691234924e-07, 1.4807192815879218e-08, -1.2290555301717928e-09,
        9.422759064650411e-11,
    ];

    /// <summary>A double within 1 ulp of Φ(x), the standard Gaussian distribution function.</summary>
    public static double NormalCdf(double x) => Value(x, ExpandNormalCdf(x));

    /// <summary>A double at most Φ(x), by less than 2 ulp; 0 where Φ(x) &lt; 2^-1074.</summary>
    public static double NormalCdfLower(double x) => LowerBound(x, ExpandNormalCdf(x), 0);

    /// <summary>A double at least Φ(x), by less than 2 ulp.</summary>
    public static double NormalCdfUpper(double x) => UpperBound(x, ExpandNormalCdf(x), 1);

    /// <summary>A double within 1 ulp of erf x = 2/√π ∫ e^(-t²) dt, t from 0 to x.</summary>
    public static double Erf(double x) => Value(x, ExpandErf(x));

    /// <summary>A double at most erf x, by less than 2 ulp.</summary>
    public static double ErfLower(double x) => LowerBound(x, ExpandErf(x), -1);

    /// <summary>A double at least erf x, by less than 2 ulp.</summary>
    public static double ErfUpper(double x) => UpperBound(x, ExpandErf(x), 1);

    /// <summary>Φ(-y) = e^(-y²/2) N(y) for y >= 0, and Φ(y) = 1 - Φ(-y), within 2^-55.</summary>
    /// <remarks>
    /// y² is an exact pair, so e^(-y²/2) is within 2^-56 also in the tail, and N is within 2^-56.3 (see <see cref="ScaledTail"/>); the
    /// product of pairs adds 2^-103. For x > 0 the error is that of Φ(-x), which is at most Φ(x). Where y² underflows the exponential is 1 to
    /// within 2^-900. Beyond 39.9 the argument is clipped: both tails are below 2^-1074. Proved, every rounding and the clipping included, in
    /// proofs/coq/theories: <c>Elementary/NormalCdf.v</c>, <c>normal_below_approximated</c>, <c>Elementary/NormalCdf.v</c>,
    /// <c>normal_above_approximated</c>, <c>Elementary/NormalCdf.v</c>, <c>normal_zero</c>, <c>Elementary/Clipped.v</c>,
    /// <c>normal_clipped_below</c>; that Φ is the distribution function, with the Gaussian integral, <c>Elementary/Gaussian.v</c>,
    /// <c>normal_distribution</c>.
    /// </remarks>
    internal static Expansion ExpandNormalCdf(double x)
    {
        if (x == 0)
        {
            return Expansion.Exact(0.5);
        }

        var y = Math.Min(Math.Abs(x), 39.9);
        var (square, squareLow) = TwoProduct(y, y);
        var tail = GaussianTimesTail(0.5 * square, 0.5 * squareLow, y, 0);
        return x < 0 ? tail : Complement(tail.High, tail.Low, tail.Exponent, Power55);
    }

    /// <summary>erf x = x (2/√π - x² (...)) for |x| &lt; 0.375, else 1 - 2 e^(-x²) N(√2 |x|) with the sign of x, within 2^-54.</summary>
    /// <remarks>
    /// The series: 2 x/√π is a pair, the rest is at most 0.047 of it and carries two roundings of x³, 2.2 u of the polynomial and one
    /// product, with the last sum 6.3 u: 2^-54.7; it alternates, so the remainder is below its first term, 2^-73. The complement: erfc is
    /// within 2^-55 (as Φ; the low part of √2 |x| goes along), and erfc / erf &lt;= 1.48 makes 2^-54.4. Beyond 6.5 the argument is clipped:
    /// 1 - erf 6.5 &lt; 2^-64. For |x| &lt; 2^-60 only 2 x/√π remains, x scaled by 2^200 so that the pair does not underflow.
    /// Proved in proofs/coq/theories, every rounding included: the series misses erf x by at most 2^-56 |x|, <c>Elementary/Normal.v</c>,
    /// <c>erf_truncation</c>, and the pair is within the error stated, <c>Elementary/Normal.v</c>, <c>erf_series_approximated</c>,
    /// <c>Elementary/Normal.v</c>, <c>tiny_erf_approximated</c>; from 0.375 on, the clipping included, <c>Elementary/NormalCdf.v</c>,
    /// <c>erf_above_approximated</c>, <c>Elementary/NormalCdf.v</c>, <c>erf_opposite</c>.
    /// </remarks>
    internal static Expansion ExpandErf(double x)
    {
        var y = Math.Min(Math.Abs(x), 6.5);
        if (y < 0.375)
        {
            if (y < Power60)
            {
                return TinyErf(x);
            }

            var (high, low) = TwoProduct(x, TwoOverRootPiHigh);
            var z = x * x;
            low += (x * TwoOverRootPiLow) + (x * z * Polynomial(ErfTail, z));
            return new Expansion(high, low, Power54);
        }

        var (square, squareLow) = TwoProduct(y, y);
        var (root, rootLow) = TwoProduct(y, RootTwoHigh);
        var half = GaussianTimesTail(square, squareLow, root, rootLow + (y * RootTwoLow));
        var erf = Complement(half.High, half.Low, half.Exponent + 1, Power54);
        return x < 0 ? -erf : erf;
    }

    private static Expansion TinyErf(double x)
    {
        if (x == 0)
        {
            return Expansion.Exact(x);
        }

        var scaled = x * PowerOfTwo(200);
        var (high, low) = TwoProduct(scaled, TwoOverRootPiHigh);
        return new Expansion(high, low + (scaled * TwoOverRootPiLow), Power60, -200);
    }

    /// <summary>1 - (high + low) 2^k for a number in [0, 1/2 or so].</summary>
    private static Expansion Complement(double high, double low, int k, double error)
    {
        var (sum, rounding) = FastTwoSum(1, -Scale(high, k));
        return new Expansion(sum, rounding - Scale(low, k), error);
    }

    /// <summary>e^-(a + al) N(y + yl).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Expansion GaussianTimesTail(double a, double al, double y, double yl)
    {
        var e = ExpandExp(-a, -al);
        var (n, nl) = ScaledTail(y, yl);
        var (high, low) = TwoProduct(e.High, n);
        return new Expansion(high, low + ((e.High * nl) + (e.Low * n)), Power55, e.Exponent);
    }

    /// <summary>N(y) = Φ(-y) e^(y²/2) at y + yl, 0 &lt;= y &lt;= 40, |yl| &lt;= 2^-52 y, within 2^-56.3 for yl = 0.</summary>
    /// <remarks>
    /// Below 8: the Taylor polynomial at the nearest node c of <see cref="NormalTail"/>, |t| &lt;= 1/8, t = y - c exact because c/2 &lt;= y
    /// &lt;= 2 c or c = 0. N is completely monotone, so the remainder after degree 13 is at most |N^(14)(c - 1/8)| / 8^14 / 14!, 2^-61.1 of
    /// N. Terms 0 and 1 are pairs; the rest is at most 0.0081 N and carries 5.2 u: 2^-57.5. The low part of y enters through the derivative,
    /// up to a second difference of 2^-58. From 8 on: Laplace's fraction N(y) = 1 / (√(2π) (y + 1/(y + 2/(y + 3/(y + ...))))) cut after 18
    /// levels; two neighbouring convergents enclose N, and at 8, where they are furthest apart, they differ by 2^-62. Its tail 1/(y + ...) is
    /// at most 1/64 of y and carries 2.3 u: 2^-57.8. There yl is ignored: only 1 - 2 e^(-x²) N needs it, where the whole product is below
    /// 2^-46. Proved in proofs/coq/theories: truncation, <c>Elementary/NormalRows.v</c>, <c>table_truncation</c>, and
    /// <c>Elementary/Laplace.v</c>, <c>laplace_truncation</c>; with every rounding, in bounds coarser than these, 2^-56.3 and with yl 2^-55.8
    /// below 8, <c>Elementary/ScaledPair.v</c>, <c>scaled_pair_error</c>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) ScaledTail(double y, double yl)
    {
        if (y >= NormalTailEnd)
        {
            var fraction = 0.0;
            for (var n = FractionTerms; n >= 1; n--)
            {
                fraction = n / (y + fraction);
            }

            var (d, dl) = FastTwoSum(y, fraction);
            return Divide(InverseRootTwoPiHigh, InverseRootTwoPiLow, d, dl);
        }

        var node = (int)Math.Round(4 * y);
        var c = NormalTail.Slice(node * NormalTailRow, NormalTailRow);
        var t = y - (0.25 * node);
        var (linear, linearLow) = TwoProduct(t, c[2]);
        var (high, low) = FastTwoSum(c[0], linear);
        low += linearLow + c[1] + (t * c[3]) + (yl * (c[2] + (2 * t * c[4]))) + (t * t * Polynomial(c[4..], t));
        return FastTwoSum(high, low);
    }
}
