namespace Guarantees.Arithmetic;

/// <summary>
/// Elementary functions with a stated error: for each f, <c>fLower(x) &lt;= f(x) &lt;= fUpper(x)</c> holds for the exact real f(x),
/// at every double x, and <c>f(x)</c> is one of the doubles between.
/// </summary>
/// <remarks>
/// <para>
/// Math.Exp and its friends promise no accuracy, so nothing here calls them. What is used is correctly rounded by IEEE 754: + - * /,
/// square root, fused multiply-add, rounding to an integer, scaling by powers of two, and the neighbours of a double.
/// </para>
/// <para>
/// Each function is computed as an <see cref="Expansion"/>, an unevaluated sum of two doubles with a relative error at most 2^-54, and the
/// sum is then rounded outward. Hence each bound lies within 2 ulp of f(x), and where f(x) or the bound is subnormal within 2 steps
/// of 2^-1074. The doc comment of each Expand method gives formula, error and analysis; u = 2^-53 throughout.
/// </para>
/// <para>
/// Conventions: NaN gives NaN as value and -∞, +∞ as bounds. At ±∞ the bounds enclose the limit. Where f overflows the lower bound is
/// <see cref="double.MaxValue"/> and the upper +∞. Outside the domain of f: <see cref="ArgumentOutOfRangeException"/>.
/// </para>
/// <para>
/// Sources: two-part ln 2, W. J. Cody, W. Waite, "Software Manual for the Elementary Functions", 1980; TwoSum and TwoProduct,
/// T. Ogita, S. Rump, S. Oishi, "Accurate Sum and Dot Product", SIAM J. Sci. Comput. 2005. All polynomials are Taylor polynomials,
/// so that their remainder needs no table: each coefficient is a rational number rounded to nearest.
/// </para>
/// </remarks>
public static partial class Elementary
{
    // Bounds on relative errors.
    private const double Power54 = 1.0 / (1L << 54);
    private const double Power55 = 1.0 / (1L << 55);
    private const double Power56 = 1.0 / (1L << 56);
    private const double Power60 = 1.0 / (1L << 60);

    /// <summary>√x, correctly rounded.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="x"/> &lt; 0.</exception>
    public static double Sqrt(double x) => x < 0 ? throw OutOfDomain(x, "[0, ∞)") : Math.Sqrt(x);

    /// <summary>The largest double at most √x.</summary>
    /// <inheritdoc cref="Sqrt"/>
    public static double SqrtLower(double x)
    {
        var r = Sqrt(x);
        return double.IsNaN(r) ? double.NegativeInfinity : SqrtResidual(r, x) < 0 ? Math.BitDecrement(r) : r;
    }

    /// <summary>The smallest double at least √x.</summary>
    /// <inheritdoc cref="Sqrt"/>
    public static double SqrtUpper(double x)
    {
        var r = Sqrt(x);
        return double.IsNaN(r) ? double.PositiveInfinity : SqrtResidual(r, x) > 0 ? Math.BitIncrement(r) : r;
    }

    /// <summary>1 / x, correctly rounded; ±∞ at ±0.</summary>
    public static double Reciprocal(double x) => 1 / x;

    /// <summary>The largest double at most 1 / x; -∞ at 0, where the pole leaves nothing to say.</summary>
    public static double ReciprocalLower(double x)
    {
        if (double.IsNaN(x) || x == 0)
        {
            return double.NegativeInfinity;
        }

        var r = 1 / x;
        return r == double.PositiveInfinity ? double.MaxValue : ReciprocalResidual(r, x) < 0 ? Math.BitDecrement(r) : r;
    }

    /// <summary>The smallest double at least 1 / x; +∞ at 0, where the pole leaves nothing to say.</summary>
    public static double ReciprocalUpper(double x) => -ReciprocalLower(-x);

    /// <summary>
    /// The sign of √x - r, as that of x - r²; scaled where r² would underflow. That the bounds it picks enclose √x is proved in
    /// proofs/coq/theories: <c>Elementary/Residual.v</c>, <c>sqrt_enclosed</c>.
    /// </summary>
    private static double SqrtResidual(double r, double x) =>
        double.IsInfinity(x) ? 0
        : x < 1e-200 ? Math.FusedMultiplyAdd(-(r * TwoTo100), r * TwoTo100, x * TwoTo100 * TwoTo100)
        : Math.FusedMultiplyAdd(-r, r, x);

    /// <summary>
    /// The sign of 1/x - r. One rounding, and 1 - r x is a multiple of 2^-105 whenever r is finite, so the sign is exact. Proved in
    /// proofs/coq/theories: <c>Elementary/Residual.v</c>, <c>reciprocal_enclosed</c>.
    /// </summary>
    private static double ReciprocalResidual(double r, double x) =>
        double.IsInfinity(x) || double.IsInfinity(r) ? 0 : Math.FusedMultiplyAdd(-r, x, 1) * Math.Sign(x);

    private static ArgumentOutOfRangeException OutOfDomain(double x, string domain) =>
        new(nameof(x), x, $"The argument must lie in {domain}.");
}
