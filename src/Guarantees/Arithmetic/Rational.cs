using System.Globalization;
using System.Numerics;

namespace Guarantees.Arithmetic;

/// <summary>A rational number p / q in lowest terms, q &gt; 0: what decimal text says, and what every finite double is. Operations are exact.</summary>
/// <remarks>
/// The roundings are the only steps to doubles: <see cref="RoundDown"/> is the largest double not above, <see cref="RoundUp"/> the smallest not below,
/// both over all doubles with the infinities, so [RoundDown, RoundUp] is the smallest interval that holds the number.
/// </remarks>
public readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    /// <summary>Most characters that <see cref="TryParse"/> reads. The longest double, a subnormal one written out, has 1,077.</summary>
    public const int LongestText = 1200;

    /// <summary>Largest decimal exponent, without its sign, that <see cref="TryParse"/> reads.</summary>
    public const int LargestExponent = 1200;

    private const int MantissaBits = 53;
    private const int LeastExponent = -1074;
    private const int Bias = 1075;

    // The default of this struct has q = 0 here and reads as 0 / 1.
    private readonly BigInteger denominator;

    /// <summary>p / q, brought to lowest terms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">q is 0.</exception>
    public Rational(BigInteger p, BigInteger q)
    {
        if (q.IsZero)
        {
            throw new ArgumentOutOfRangeException(nameof(q), "The denominator of a rational number is not 0.");
        }

        if (q.Sign < 0)
        {
            (p, q) = (-p, -q);
        }

        if (!q.IsOne)
        {
            var common = BigInteger.GreatestCommonDivisor(p, q);
            (p, q) = common.IsOne ? (p, q) : (p / common, q / common);
        }

        (Numerator, denominator) = (p, q);
    }

    /// <summary>0.</summary>
    public static Rational Zero => default;

    /// <summary>1.</summary>
    public static Rational One => new(BigInteger.One, BigInteger.One);

    /// <summary>p.</summary>
    public BigInteger Numerator { get; }

    /// <summary>q, at least 1.</summary>
    public BigInteger Denominator => denominator.IsZero ? BigInteger.One : denominator;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Numerator.Sign;

    /// <summary>Bits of p and q together: the size of the number on paper.</summary>
    public long Bits => Numerator.GetBitLength() + Denominator.GetBitLength();

    /// <summary>[<see cref="RoundDown"/>, <see cref="RoundUp"/>]: the smallest interval of doubles that holds the number.</summary>
    public Interval Enclosure => new(RoundDown(), RoundUp());

    /// <summary>The number that a finite double is.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is infinite or NaN.</exception>
    public static Rational Of(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "Only a finite double is a rational number.");
        }

        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        mantissa = exponent == 0 ? mantissa : mantissa | (1L << 52);
        var shift = Math.Max(exponent, 1) - Bias;
        return new Rational(new BigInteger(bits < 0 ? -mantissa : mantissa) << Math.Max(shift, 0), BigInteger.One << Math.Max(-shift, 0));
    }

    /// <summary>Reads decimal text exactly: an optional sign, digits with an optional '.', an optional exponent, as in -0.5, 3, .25, 1e-3.</summary>
    /// <param name="text">At most <see cref="LongestText"/> characters; its exponent at most <see cref="LargestExponent"/> without sign.</param>
    /// <param name="value">The number; 0 where the text is none.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out Rational value)
    {
        value = default;
        if (text.Length is 0 or > LongestText)
        {
            return false;
        }

        var negative = text[0] == '-';
        text = text[0] is '-' or '+' ? text[1..] : text;
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            var power = text[(e + 1)..];
            if (!int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || exponent is < -LargestExponent or > LargestExponent)
            {
                return false;
            }

            text = text[..e];
        }

        Span<char> digits = stackalloc char[text.Length];
        var (count, point) = (0, -1);
        foreach (var c in text)
        {
            if (c == '.' && point < 0)
            {
                point = count;
            }
            else if (char.IsAsciiDigit(c))
            {
                digits[count++] = c;
            }
            else
            {
                return false;
            }
        }

        if (count == 0)
        {
            return false;
        }

        var p = count <= 18
            ? long.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture)
            : BigInteger.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
        exponent -= point < 0 ? 0 : count - point;
        p = negative ? -p : p;
        value = exponent >= 0 ? new Rational(p * BigInteger.Pow(10, exponent), BigInteger.One) : new Rational(p, BigInteger.Pow(10, -exponent));
        return true;
    }

    /// <summary>-a.</summary>
    public static Rational operator -(Rational a) => Lowest(-a.Numerator, a.Denominator);

    /// <summary>a + b.</summary>
    public static Rational operator +(Rational a, Rational b) =>
        a.Sign == 0 ? b : b.Sign == 0 ? a : new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    /// <summary>a - b.</summary>
    public static Rational operator -(Rational a, Rational b) => a + -b;

    /// <summary>a b.</summary>
    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    /// <summary>a / b, for b other than 0.</summary>
    /// <exception cref="DivideByZeroException">b is 0.</exception>
    public static Rational operator /(Rational a, Rational b) =>
        b.Sign == 0 ? throw new DivideByZeroException() : new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    /// <summary>a &lt; b.</summary>
    public static bool operator <(Rational a, Rational b) => a.CompareTo(b) < 0;

    /// <summary>a &gt; b.</summary>
    public static bool operator >(Rational a, Rational b) => a.CompareTo(b) > 0;

    /// <summary>a &lt;= b.</summary>
    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    /// <summary>a &gt;= b.</summary>
    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    /// <summary>a = b.</summary>
    public static bool operator ==(Rational a, Rational b) => a.Equals(b);

    /// <summary>a != b.</summary>
    public static bool operator !=(Rational a, Rational b) => !a.Equals(b);

    /// <summary>The largest double not above the number; -infinity below all finite doubles.</summary>
    public double RoundDown()
    {
        var (magnitude, exact) = Truncate();
        return Sign >= 0 ? magnitude : exact ? -magnitude : -Math.BitIncrement(magnitude);
    }

    /// <summary>The smallest double not below the number; +infinity above all finite doubles.</summary>
    public double RoundUp() => 0 - (-this).RoundDown();

    /// <summary>The largest double below the number.</summary>
    public double DoubleBelow() => RoundDown() is var rounded && CompareTo(rounded) == 0 ? Math.BitDecrement(rounded) : rounded;

    /// <summary>The smallest double above the number.</summary>
    public double DoubleAbove() => RoundUp() is var rounded && CompareTo(rounded) == 0 ? Math.BitIncrement(rounded) : rounded;

    /// <inheritdoc/>
    public int CompareTo(Rational other)
    {
        if (Sign != other.Sign)
        {
            return Sign.CompareTo(other.Sign);
        }

        return Denominator == other.Denominator
            ? Numerator.CompareTo(other.Numerator)
            : (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);
    }

    /// <summary>The order of this number and a double, exactly; the infinities lie outside all numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is NaN.</exception>
    public int CompareTo(double value) =>
        double.IsPositiveInfinity(value) ? -1 : double.IsNegativeInfinity(value) ? 1 : CompareTo(Of(value));

    /// <inheritdoc/>
    public bool Equals(Rational other) => Numerator == other.Numerator && Denominator == other.Denominator;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    /// <summary>p, or p/q.</summary>
    public override string ToString() =>
        Denominator.IsOne ? Numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    private static Rational Lowest(BigInteger p, BigInteger q) => new(p, q, true);

    /// <summary>p / q that is known to be in lowest terms.</summary>
    private Rational(BigInteger p, BigInteger q, bool lowest) => (Numerator, denominator) = (p, lowest ? q : BigInteger.One);

    /// <summary>The largest double not above |p / q|, at most the largest finite one, and whether it is equal.</summary>
    private (double Magnitude, bool Exact) Truncate()
    {
        if (Sign == 0)
        {
            return (0, true);
        }

        var (p, q) = (BigInteger.Abs(Numerator), Denominator);

        // 54 or 55 bits of p / q, fewer where they would lie below 2^-1074, then the first 53 of them.
        var shift = Math.Min(MantissaBits + 1 - (p.GetBitLength() - q.GetBitLength()), -LeastExponent);
        var quotient = BigInteger.DivRem(shift > 0 ? p << (int)shift : p, shift < 0 ? q << (int)-shift : q, out var rest);
        var mantissa = (long)quotient;
        var drop = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)mantissa) - MantissaBits);
        var kept = mantissa >> drop;
        var exact = rest.IsZero && kept << drop == mantissa;
        var exponent = drop - shift;
        if (exponent > 1023 - (MantissaBits - 1))
        {
            return (double.MaxValue, false);
        }

        // With exponent -1074 the bits are those of the double, subnormal or not; else the leading bit is implied.
        return (BitConverter.Int64BitsToDouble(exponent == LeastExponent ? kept : ((exponent + Bias) << 52) | (kept & 0xF_FFFF_FFFF_FFFF)), exact);
    }
}
