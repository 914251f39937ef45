using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Bounds of a mean from n independent numbers in [a, b], nearly as tight as those for coins: the binomial tail times e.</summary>
/// <remarks>
/// <para>
/// For numbers Y in [0, 1] with mean p, P(Y_1 + ... + Y_n &lt;= t) &lt;= e P(Bin(n, p) &lt;= t) for whole t, and so e P(Bin(n, p) &lt;= ⌈t⌉) for every t. Upper: a u, at least the mean of the sample, with
/// e P(Bin(n, u) &lt;= ⌈sum⌉) &lt;= alpha, of the numbers brought to [0, 1]; 1 for ⌈sum⌉ = n. P(E X > u) &lt;= alpha: the tail falls with p, so E X > u needs a sum where e P(Bin(n, E X) &lt;= ⌈sum⌉) &lt;= alpha; these sums
/// are those up to a whole number t, and P(sum &lt;= t) is at most that tail. Lower: the same for b - X.
/// </para>
/// <para>
/// Assumes independent numbers in [a, b] with the same mean. Holds for every finite n. The members are the numbers as given, exactly; the sum is rounded outward to a whole number, and what is returned satisfied its
/// inequality in exact or outward-rounded arithmetic. Source: V. Bentkus, "On Hoeffding's Inequalities", Ann. Probab. 32, 2004;
/// in this form S. Bates, A. Angelopoulos, L. Lei, J. Malik, M. I. Jordan, "Distribution-Free, Risk-Controlling Prediction Sets", J. ACM 68, 2021.
/// </para>
/// </remarks>
public static class Bentkus
{
    /// <summary>u with P(E X > u) &lt;= alpha; at most the upper end of the range.</summary>
    /// <param name="sample">The numbers, from 1 to <see cref="ClopperPearson.MostTrials"/>.</param>
    /// <param name="range">[a, b], finite.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(ReadOnlySpan<double> sample, Interval range, double alpha)
    {
        var (n, level) = (sample.Length, Level(alpha));
        var sum = (int)Math.Clamp(Math.Ceiling(Sum(sample, range).Upper), 0, n);
        return Confidence.Above(sum == n ? 1 : Confidence.Bisect(sum / (double)n, 1, p => BinomialTail.AtMost(sum, n, p, level)), range);
    }

    /// <summary>l with P(E X &lt; l) &lt;= alpha; at least the lower end of the range.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(ReadOnlySpan<double> sample, Interval range, double alpha)
    {
        var (n, level) = (sample.Length, Level(alpha));
        var sum = (int)Math.Clamp(Math.Floor(Sum(sample, range).Lower), 0, n);
        return Confidence.Below(sum == 0 ? 0 : Confidence.Bisect(sum / (double)n, 0, p => BinomialTail.AtLeast(sum, n, p, level)), range);
    }

    /// <summary>min(1, e P(Bin(n, mean) &lt;= ⌈sum⌉)), rounded up, not below the probability that n numbers in [0, 1] with at least this mean have at most this sum.</summary>
    internal static double Tail(double sum, int n, double mean) =>
        sum > n - 1 ? 1 : Math.Min(1, Rounding.MultiplyUp(Elementary.ExpUpper(1), BinomialTail.AtMostUpper((int)Math.Max(0, Math.Ceiling(sum)), n, mean)));

    /// <summary>The sum of the numbers brought to [0, 1]: whole where it is, and not from the mean, whose rounding would lose that.</summary>
    private static Interval Sum(ReadOnlySpan<double> sample, Interval range) =>
        (Confidence.Sum(sample, range, 1) - (Interval.Point(sample.Length) * Interval.Point(range.Lower))) / (Interval.Point(range.Upper) - range.Lower);

    private static double Level(double alpha)
    {
        Confidence.CheckRisk(alpha);
        return Rounding.DivideDown(alpha, Elementary.ExpUpper(1));
    }
}
