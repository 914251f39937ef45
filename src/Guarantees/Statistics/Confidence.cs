using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Confidences and error probabilities, the mean of a sample, and their ranges.</summary>
internal static class Confidence
{
    private const double Close = 1e-12;
    private static readonly double HalfUnit = Math.ScaleB(1, -54);

    /// <summary>1 - confidence, not above, for every confidence that is read as this double: what is written 0.99 may be up to 2^-54 more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is not in [1/2, 1).</exception>
    public static double Risk(double confidence) => confidence is >= 0.5 and < 1
        ? Rounding.SubtractDown(Rounding.SubtractDown(1, confidence), HalfUnit)
        : throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Expected a confidence in [1/2, 1).");

    /// <exception cref="ArgumentOutOfRangeException">alpha is not in (0, 1/2].</exception>
    public static void CheckRisk(double alpha)
    {
        if (!(alpha is > 0 and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Expected an error probability in (0, 1/2].");
        }
    }

    /// <summary>ln(factor / alpha), rounded up, for a factor of 1 or 2.</summary>
    public static double LogInverse(double factor, double alpha) => Rounding.SubtractUp(factor == 1 ? 0 : Elementary.LogUpper(factor), Elementary.LogLower(alpha));

    /// <summary>A number between <paramref name="outside"/> and <paramref name="inside"/>, where <paramref name="holds"/>, close to where it ends; <paramref name="inside"/> at worst.</summary>
    public static double Bisect(double outside, double inside, Predicate<double> holds)
    {
        while (Math.Abs(inside - outside) > Close * Math.Max(inside, outside))
        {
            var middle = 0.5 * (outside + inside);
            if (!(Math.Min(outside, inside) < middle && middle < Math.Max(outside, inside)))
            {
                break;
            }

            (outside, inside) = holds(middle) ? (outside, middle) : (middle, inside);
        }

        return inside;
    }

    /// <summary>(mean - a) / (b - a), enclosed within [0, 1], for a range [a, b] with a &lt; b that holds the mean.</summary>
    public static Interval Share(Interval mean, Interval range)
    {
        var share = (mean - range.Lower) / (Interval.Point(range.Upper) - range.Lower);
        return new(Math.Clamp(share.Lower, 0, 1), Math.Clamp(share.Upper, 0, 1));
    }

    /// <summary>b - (b - a)(1 - share), rounded up: an upper bound of a share as one of a mean.</summary>
    public static double Above(double share, Interval range) =>
        Rounding.SubtractUp(range.Upper, Rounding.MultiplyDown(Rounding.SubtractDown(range.Upper, range.Lower), Rounding.SubtractDown(1, share)));

    /// <summary>a + (b - a) share, rounded down: a lower bound of a share as one of a mean.</summary>
    public static double Below(double share, Interval range) =>
        Rounding.AddDown(range.Lower, Rounding.MultiplyDown(Rounding.SubtractDown(range.Upper, range.Lower), share));

    /// <summary>The mean of the sample, enclosed; every member must lie in the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are too few members, the range is not finite, or a member lies outside.</exception>
    public static Interval Mean(ReadOnlySpan<double> sample, Interval range, int least) => Sum(sample, range, least) / Interval.Point(sample.Length);

    /// <summary>The sum of the sample, enclosed; every member must lie in the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are too few members, the range is not finite, or a member lies outside.</exception>
    public static Interval Sum(ReadOnlySpan<double> sample, Interval range, int least)
    {
        if (sample.Length < least)
        {
            throw new ArgumentOutOfRangeException(nameof(sample), sample.Length, $"Expected at least {least} numbers.");
        }

        if (!double.IsFinite(range.Lower) || !double.IsFinite(range.Upper))
        {
            throw new ArgumentOutOfRangeException(nameof(range), range, "Expected a finite range.");
        }

        var sum = Interval.Point(0);
        for (var i = 0; i < sample.Length; i++)
        {
            sum += range.Contains(sample[i]) ? Interval.Point(sample[i]) : throw new ArgumentOutOfRangeException(nameof(sample), sample[i], $"Number {i} does not lie in {range}.");
        }

        return sum;
    }
}
