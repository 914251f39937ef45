using System.Runtime.CompilerServices;

namespace Guarantees.Arithmetic;

/// <content>Numbers as unevaluated sums of two doubles, and their outward rounding.</content>
public static partial class Elementary
{
    private const double TwoTo100 = (double)(1L << 50) * (1L << 50);

    /// <summary>
    /// (High + Low) 2^Exponent, within a relative error of Error: the exact number is (High + Low) 2^Exponent (1 + δ), |δ| &lt;= Error.
    /// </summary>
    /// <remarks>
    /// Needs |Low| &lt;= |High| and Error &lt;= 2^-54. With Exponent = k ≠ 0 also |Low| &lt;= |High| / 2, and |High| and |High| 2^⌊k/2⌋ lie in
    /// [2^-1000, 2^1000], so that the first step of a scaling is exact. Error = 0 says that High alone is the exact number. The error that is
    /// proved is at most 0.999 of the one stated, room for what sets Error |r| below apart from Error times the number: that is
    /// <c>approximates</c> in proofs/coq/theories, <c>Elementary/Outward.v</c>.
    /// </remarks>
    internal readonly struct Expansion(double high, double low, double error, int exponent = 0)
    {
        public double High { get; } = high;

        public double Low { get; } = low;

        public double Error { get; } = error;

        public int Exponent { get; } = exponent;

        public static Expansion Exact(double value) => new(value, 0, 0);

        public static Expansion operator -(Expansion a) => new(-a.High, -a.Low, a.Error, a.Exponent);

        /// <summary>A double next to the number.</summary>
        public double Nearest() => double.IsInfinity(High) ? High : Scale(High + Low, Exponent);

        /// <summary>A double at most the number.</summary>
        /// <remarks>
        /// With r = RN(High + Low) the rest (High - r) + Low is exact (FastTwoSum), and the number is at least r + rest - Error |r|. If the
        /// rest exceeds Error |r| that is at least r. Otherwise |rest| + Error |r| is at most the distance to the double below r, because
        /// Error &lt;= 2^-54: half of that distance each, also where r is a power of two. Proved, underflow and the scaling included, in
        /// proofs/coq/theories: <c>Elementary/Outward.v</c>, <c>lower_sound</c>.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public double Lower()
        {
            if (double.IsInfinity(High))
            {
                return High;
            }

            var r = High + Low;
            var rest = (High - r) + Low;
            var below = rest > Error * Math.Abs(r) || Error == 0 ? r : Math.BitDecrement(r);
            return Exponent == 0 ? below : ScaleDown(below, Exponent);
        }

        /// <summary>A double at least the number.</summary>
        /// <remarks>Proved in proofs/coq/theories: <c>Elementary/Outward.v</c>, <c>upper_sound</c>.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public double Upper() => -(-this).Lower();
    }

    /// <summary>x 2^k with one rounding, at underflow or overflow only, where |x| 2^⌊k/2⌋ is normal.</summary>
    private static double Scale(double x, int k) => x * PowerOfTwo(k >> 1) * PowerOfTwo(k - (k >> 1));

    /// <summary>A double at most x 2^k; not below 0 when x is not.</summary>
    private static double ScaleDown(double x, int k)
    {
        var scaled = Scale(x, k);
        if (Math.Abs(scaled) > MinNormal)
        {
            return scaled == double.PositiveInfinity ? double.MaxValue : scaled;
        }

        return x >= 0 && scaled == 0 ? 0 : Math.BitDecrement(scaled);
    }

    private const double MinNormal = 2.2250738585072014e-308;

    /// <summary>2^k for -1022 &lt;= k &lt;= 1023.</summary>
    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(k + 1023) << 52);

    /// <summary>a + b = Sum + Error exactly, for any finite a and b without overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double Sum, double Error) TwoSum(double a, double b)
    {
        var sum = a + b;
        var back = sum - a;
        return (sum, (a - (sum - back)) + (b - back));
    }

    /// <summary>a + b = Sum + Error exactly, for |a| >= |b| or a = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double Sum, double Error) FastTwoSum(double a, double b)
    {
        var sum = a + b;
        return (sum, b - (sum - a));
    }

    /// <summary>a b = Product + Error exactly, for |a b| between 2^-900 and overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double Product, double Error) TwoProduct(double a, double b)
    {
        var product = a * b;
        return (product, Math.FusedMultiplyAdd(a, b, -product));
    }

    /// <summary>(a + al) / (b + bl) for normalised pairs, within a relative error of 2^-100, for a quotient above 2^-900.</summary>
    /// <remarks>
    /// The residual a - q b is exact. The correction is at most 2.1 u of the quotient and carries four roundings and the neglected bl in its
    /// divisor, 5.1 u in all: 11 u² = 2^-102.5. Proved for parts up to 3 u of their
    /// numbers in proofs/coq/theories: <c>Elementary/Division.v</c>, <c>divide_error</c>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double High, double Low) Divide(double a, double al, double b, double bl)
    {
        var q = a / b;
        var residual = Math.FusedMultiplyAdd(-q, b, a);
        return FastTwoSum(q, ((residual - (q * bl)) + al) / b);
    }

    /// <summary>c[0] + c[1] x + ... + c[11] x^11. The two halves from c[2] on run side by side; the last two steps are Horner's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Polynomial(ReadOnlySpan<double> c, double x)
    {
        var square = x * x;
        var (odd, even) = (c[11], c[10]);
        (odd, even) = (Math.FusedMultiplyAdd(odd, square, c[9]), Math.FusedMultiplyAdd(even, square, c[8]));
        (odd, even) = (Math.FusedMultiplyAdd(odd, square, c[7]), Math.FusedMultiplyAdd(even, square, c[6]));
        (odd, even) = (Math.FusedMultiplyAdd(odd, square, c[5]), Math.FusedMultiplyAdd(even, square, c[4]));
        (odd, even) = (Math.FusedMultiplyAdd(odd, square, c[3]), Math.FusedMultiplyAdd(even, square, c[2]));
        var rest = Math.FusedMultiplyAdd(odd, x, even);
        return Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(rest, x, c[1]), x, c[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LowerBound(double x, Expansion f, double least) =>
        double.IsNaN(x) ? double.NegativeInfinity : Math.Max(f.Lower(), least);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double UpperBound(double x, Expansion f, double most) =>
        double.IsNaN(x) ? double.PositiveInfinity : Math.Min(f.Upper(), most);

    private static double Value(double x, Expansion f) => double.IsNaN(x) ? double.NaN : f.Nearest();
}
