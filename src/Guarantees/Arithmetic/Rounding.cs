namespace Guarantees.Arithmetic;

/// <summary>Directed rounding of the four operations and the square root, and the a-priori error factor of dot products.</summary>
/// <remarks>
/// The rounding mode of the processor is never changed. A nearest-rounded result is corrected by the sign of its exact error, which
/// TwoSum and the fused multiply-add deliver without error (D. E. Knuth, "The Art of Computer Programming", vol. 2, sec. 4.2.2;
/// T. Ogita, S. M. Rump, S. Oishi, "Accurate Sum and Dot Product", SIAM J. Sci. Comput., 2005). Where the error itself could
/// underflow the result moves one unit outward without asking. An exact result is returned unchanged, so 0 + 0 is 0.
/// </remarks>
public static class Rounding
{
    /// <summary>u = 2^-53: a double operation without underflow returns (a op b)(1 + d), |d| &lt;= u.</summary>
    public const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>Added once a layer where products may underflow: far above n * 2^-1074 * <see cref="Large"/> for every n that fits in memory.</summary>
    /// <remarks>
    /// A product below 2^-1022 is off by up to 2^-1074, which no error relative to it covers, and the next map multiplies that by its coefficients before
    /// Tiny is added. So it must outweigh a lost digit times the largest coefficient, not the digit alone.
    /// </remarks>
    public const double Tiny = 1e-200;

    /// <summary>Added where products may underflow and no coefficient multiplies the result: far above n * 2^-1074.</summary>
    public const double Underflow = 1e-300;

    /// <summary>The size of coefficients and inputs up to which <see cref="Tiny"/> covers underflow in errors that travel forward from layer to layer.</summary>
    public const double Large = 1e100;

    /// <summary>Below this magnitude the error of a product or quotient may not be representable.</summary>
    private const double SafeMagnitude = 1e-270;

    /// <summary>gamma_n = n u / (1 - n u), rounded up: |fl(sum of n products) - exact| &lt;= gamma_n sum |products|, whatever the order, with or without fused multiply-add.</summary>
    /// <remarks>N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM, 2002, sec. 3.1; here with 1 % to spare.</remarks>
    public static double Gamma(int n) => n < 1 << 30
        ? 1.01 * (n + 1) * UnitRoundoff
        : throw new ArgumentOutOfRangeException(nameof(n), n, "The error factor is stated for fewer than 2^30 terms.");

    /// <summary>Whether the double sum of a and b is their sum.</summary>
    public static bool IsExactSum(double a, double b)
    {
        var s = a + b;
        return double.IsFinite(s) && SumError(a, b, s) == 0;
    }

    /// <summary>Whether the double product of a and b surely is their product.</summary>
    public static bool IsExactProduct(double a, double b)
    {
        var p = a * b;
        return a == 0 || b == 0 || (double.IsFinite(p) && Math.Abs(p) >= SafeMagnitude && Math.FusedMultiplyAdd(a, b, -p) == 0);
    }

    /// <summary>A double not above a + b.</summary>
    public static double AddDown(double a, double b)
    {
        var s = a + b;
        if (!double.IsFinite(s))
        {
            return double.IsNaN(s) ? double.NegativeInfinity : s > 0 && double.IsFinite(a) && double.IsFinite(b) ? double.MaxValue : s;
        }

        return SumError(a, b, s) >= 0 ? s : Math.BitDecrement(s);
    }

    /// <summary>A double not below a + b.</summary>
    public static double AddUp(double a, double b) => -AddDown(-a, -b);

    /// <summary>A double not above a - b.</summary>
    public static double SubtractDown(double a, double b) => AddDown(a, -b);

    /// <summary>A double not below a - b.</summary>
    public static double SubtractUp(double a, double b) => -AddDown(-a, b);

    /// <summary>A double not above a b, with 0 * infinity = 0 as interval products need it.</summary>
    public static double MultiplyDown(double a, double b)
    {
        if (a == 0 || b == 0)
        {
            return 0;
        }

        var p = a * b;
        if (!double.IsFinite(p))
        {
            return double.IsNaN(p) ? double.NegativeInfinity : p > 0 && double.IsFinite(a) && double.IsFinite(b) ? double.MaxValue : p;
        }

        if (Math.Abs(p) < SafeMagnitude)
        {
            return a == 1 || b == 1 ? p : (a > 0) == (b > 0) ? Math.Max(0, Math.BitDecrement(p)) : Math.BitDecrement(p);
        }

        return Math.FusedMultiplyAdd(a, b, -p) >= 0 ? p : Math.BitDecrement(p);
    }

    /// <summary>A double not below a b, with 0 * infinity = 0.</summary>
    public static double MultiplyUp(double a, double b) => -MultiplyDown(-a, b);

    /// <summary>A double not above a / b, for b other than 0.</summary>
    public static double DivideDown(double a, double b)
    {
        if (a == 0)
        {
            return 0;
        }

        var q = a / b;
        if (!double.IsFinite(q))
        {
            return double.IsNaN(q) ? double.NegativeInfinity : q > 0 && double.IsFinite(a) && b != 0 ? double.MaxValue : q;
        }

        if (Math.Abs(q) < SafeMagnitude || Math.Abs(a) < SafeMagnitude || double.IsInfinity(b))
        {
            return Math.BitDecrement(q);
        }

        // a - q b is exact; its sign with that of b says on which side q lies.
        var r = Math.FusedMultiplyAdd(-q, b, a);
        return (r >= 0) == (b > 0) || r == 0 ? q : Math.BitDecrement(q);
    }

    /// <summary>A double not below a / b, for b other than 0.</summary>
    public static double DivideUp(double a, double b) => -DivideDown(-a, b);

    /// <summary>A double not above the square root of a, for a &gt;= 0.</summary>
    public static double SqrtDown(double a)
    {
        var s = Math.Sqrt(a);
        return s == 0 || double.IsInfinity(s) ? s
            : a < SafeMagnitude ? Math.BitDecrement(s)
            : Math.FusedMultiplyAdd(s, s, -a) <= 0 ? s : Math.BitDecrement(s);
    }

    /// <summary>A double not below the square root of a, for a &gt;= 0.</summary>
    public static double SqrtUp(double a)
    {
        var s = Math.Sqrt(a);
        return s == 0 || double.IsInfinity(s) ? s
            : a < SafeMagnitude ? Math.BitIncrement(s)
            : Math.FusedMultiplyAdd(s, s, -a) >= 0 ? s : Math.BitIncrement(s);
    }

    /// <summary>The largest float32 not above x, as a double; -infinity where that is none: a short number, and the same on processors whose last bits differ.</summary>
    public static double SingleDown(double x) => (float)x is var near && near <= x ? near : MathF.BitDecrement(near);

    /// <summary>The smallest float32 not below x, as a double.</summary>
    public static double SingleUp(double x) => -SingleDown(-x);

    /// <summary>a + b - s exactly, for s = fl(a + b) without overflow.</summary>
    private static double SumError(double a, double b, double s)
    {
        var t = s - a;
        return (a - (s - t)) + (b - t);
    }
}
