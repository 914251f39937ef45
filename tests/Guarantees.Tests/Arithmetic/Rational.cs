using System.Globalization;
using System.Numerics;
using Xunit;

namespace Guarantees.Tests.Arithmetic;

/// <summary>Numerator / Denominator, exactly, Denominator > 0, not reduced: the referee of everything rounded.</summary>
internal readonly record struct Rational(BigInteger Numerator, BigInteger Denominator) : IComparable<Rational>
{
    /// <summary>The rational number that a finite double is.</summary>
    public static Rational Of(double value)
    {
        Assert.True(double.IsFinite(value), $"{value} is not a rational number.");
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        mantissa = exponent == 0 ? mantissa : mantissa | (1L << 52);
        return new Rational(bits < 0 ? -mantissa : mantissa, 1).Scaled(Math.Max(exponent, 1) - 1075);
    }

    /// <summary>Reads digits with an optional fraction and decimal exponent: "-1.25e-7".</summary>
    public static Rational Parse(string text)
    {
        var parts = text.Split('e');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var exponent = (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0) - (point < 0 ? 0 : parts[0].Length - point - 1);
        var power = BigInteger.Pow(10, Math.Abs(exponent));
        return exponent >= 0 ? new Rational(digits * power, 1) : new Rational(digits, power);
    }

    public static Rational operator +(Rational a, Rational b) =>
        new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Rational operator -(Rational a, Rational b) => a + new Rational(-b.Numerator, b.Denominator);

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    /// <summary>a / b, reduced; b is not 0.</summary>
    public static Rational operator /(Rational a, Rational b)
    {
        var (n, d) = (a.Numerator * b.Denominator, a.Denominator * b.Numerator);
        return new Rational(d.Sign < 0 ? -n : n, BigInteger.Abs(d)).Reduced();
    }

    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    /// <summary>The same number in lowest terms: what a long computation needs to stay small.</summary>
    public Rational Reduced()
    {
        if (Denominator.IsPowerOfTwo)
        {
            var shift = Numerator.IsZero ? (int)Denominator.GetBitLength() - 1 : (int)BigInteger.Min(BigInteger.TrailingZeroCount(Numerator), BigInteger.TrailingZeroCount(Denominator));
            return new Rational(Numerator >> shift, Denominator >> shift);
        }

        var common = BigInteger.GreatestCommonDivisor(Numerator, Denominator);
        return new Rational(Numerator / common, Denominator / common);
    }

    public Rational Abs() => this with { Numerator = BigInteger.Abs(Numerator) };

    /// <summary>This number times 2^exponent.</summary>
    public Rational Scaled(int exponent) =>
        exponent >= 0 ? this with { Numerator = Numerator << exponent } : this with { Denominator = Denominator << -exponent };

    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <summary>|this / divisor| to about 15 digits; saturates at 2^64.</summary>
    public double Over(Rational divisor)
    {
        var (n, d) = (BigInteger.Abs(Numerator * divisor.Denominator), BigInteger.Abs(Denominator * divisor.Numerator));
        return n >= d << 64 ? Math.ScaleB(1, 64) : Math.ScaleB((double)((n << 200) / d), -200);
    }
}
