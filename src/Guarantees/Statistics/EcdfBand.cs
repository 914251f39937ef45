using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// A band for the empirical distribution function of n independent uniform numbers: at all K - 1 points at once the counts lie in it with probability at least 1 - alpha. For ranks uniform on 0, ..., L, and for
/// numbers uniform on [0, 1]. A curve outside refutes uniformity.
/// </summary>
/// <remarks>
/// <para>
/// At the point t the count is binomial with n and t. The band at risk g holds, at each point, the counts k with P(N &lt;= k) > g / 2 and P(N >= k) > g / 2; g is as large as the simultaneous probability allows, which is
/// computed by recursion over the points with every rounding on the safe side (<see cref="CountBand"/>), without simulation. The search for g and the binomial tails only propose: what is returned is a band
/// of whole numbers whose probability was bounded from below. The search ends within 0.1 % of the largest g, or at the largest band that is too narrow.
/// </para>
/// <para>
/// The p-value: the smallest tail seen at any point, and the probability that uniform numbers show one as small. Exact up to rounding, which makes it larger (by 1e-8 for 10,000,000 numbers); no simulation, no multiplicity to correct over points.
/// </para>
/// <para>
/// Of the points: j / K, or the j (L + 1) / K rounded down for ranks. Between two points a monotone curve lies between its values there, so the band widens to the neighbours' bounds and nothing is claimed beyond.
/// </para>
/// <para>
/// Source: T. Sailynoja, P.-C. Burkner, A. Vehtari, "Graphical Test for Discrete Uniformity and Its Applications in Goodness-of-Fit Evaluation and Multiple Sample Comparison", Statistics and Computing 32, 2022;
/// there with a risk adjusted by simulation or by a recursion over binomial counts.
/// </para>
/// </remarks>
public sealed class EcdfBand
{
    /// <summary>Points where nothing else is asked for.</summary>
    public const int DefaultPoints = 200;

    /// <summary>Most intervals K between points.</summary>
    public const int MostPoints = 2000;

    /// <summary>The smallest error probability: below, roundings of the recursion would decide.</summary>
    public const double LeastAlpha = 1e-6;

    private const double Close = 1.001;
    private const double Equal = 1e-9;

    private readonly int[] ends;
    private readonly int[] lower;
    private readonly int[] upper;
    private readonly int cells;
    private readonly bool discrete;

    private EcdfBand(int count, int cells, int[] ends, bool discrete, double alpha)
    {
        RankCounts.CheckPairs(count);
        if (!(alpha is >= LeastAlpha and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Expected an error probability in [1e-6, 1/2].");
        }

        (Count, this.cells, this.ends, this.discrete, Alpha) = (count, cells, ends, discrete, alpha);
        Points = [.. ends.Select(end => end / (double)cells)];
        (lower, upper, PointwiseRisk, Risk) = Search();
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>The error probability that was asked for.</summary>
    public double Alpha { get; }

    /// <summary>A number not below the probability that uniform numbers leave the band somewhere; at most <see cref="Alpha"/>.</summary>
    public double Risk { get; }

    /// <summary>g, what each point alone may miss.</summary>
    public double PointwiseRisk { get; }

    /// <summary>Where the band is evaluated: numbers t in (0, 1), rising. For ranks the share of ranks is counted that are at most t (L + 1) - 1.</summary>
    public IReadOnlyList<double> Points { get; }

    /// <summary>The least count inside at each point.</summary>
    public ReadOnlySpan<int> Lower => lower;

    /// <summary>The largest count inside at each point.</summary>
    public ReadOnlySpan<int> Upper => upper;

    /// <summary>The band for n ranks on 0, ..., L.</summary>
    /// <param name="count">n, from 1 to <see cref="RankCounts.MostPairs"/>.</param>
    /// <param name="draws">L, from 1 to <see cref="RankCounts.MostDraws"/>.</param>
    /// <param name="alpha">Error probability of all points together, in [1e-6, 1/2].</param>
    /// <param name="points">K, from 2 to <see cref="MostPoints"/>; no more than L + 1 are used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static EcdfBand ForRanks(int count, int draws, double alpha, int points = DefaultPoints)
    {
        RankCounts.CheckDraws(draws);
        var parts = Math.Min(Checked(points), draws + 1);
        return new(count, draws + 1, [.. Enumerable.Range(1, parts - 1).Select(j => (int)((long)j * (draws + 1) / parts))], true, alpha);
    }

    /// <summary>The band for n numbers with a continuous distribution on [0, 1], such as values of a distribution function.</summary>
    /// <inheritdoc cref="ForRanks"/>
    public static EcdfBand ForProbabilities(int count, double alpha, int points = DefaultPoints)
    {
        var parts = Checked(points);
        return new(count, parts, [.. Enumerable.Range(1, parts - 1)], false, alpha);
    }

    /// <summary>Whether the curve of the ranks lies in the band at every point.</summary>
    /// <param name="ranks">n ranks on 0, ..., L.</param>
    /// <exception cref="ArgumentException">They are not n ranks on 0, ..., L.</exception>
    public bool Holds(RankCounts ranks) => Inside(CountsAt(ranks));

    /// <summary>Whether the curve of the numbers lies in the band at every point.</summary>
    /// <param name="numbers">n numbers in [0, 1].</param>
    /// <exception cref="ArgumentException">They are not n numbers in [0, 1], or the band is one for ranks.</exception>
    public bool Holds(ReadOnlySpan<double> numbers) => Inside(CountsAt(numbers));

    /// <summary>A number not below the probability that n uniform ranks come as close to leaving a band of this kind as these.</summary>
    /// <inheritdoc cref="Holds(RankCounts)"/>
    public double PValue(RankCounts ranks) => PValue(CountsAt(ranks));

    /// <summary>A number not below the probability that n uniform numbers come as close to leaving a band of this kind as these.</summary>
    /// <inheritdoc cref="Holds(ReadOnlySpan{double})"/>
    public double PValue(ReadOnlySpan<double> numbers) => PValue(CountsAt(numbers));

    /// <summary>The probability that n ranks with another distribution leave the band: the power of the test. To about 1e-8, not a bound.</summary>
    /// <param name="distribution">The probabilities of the ranks 0, ..., L: numbers from 0 that sum to 1 within 1e-9.</param>
    /// <exception cref="ArgumentException">They are not, or the band is not one for such ranks.</exception>
    public double Power(ReadOnlySpan<double> distribution)
    {
        if (!discrete || distribution.Length != cells)
        {
            throw new ArgumentException($"Expected {cells} probabilities, for a band of ranks.", nameof(distribution));
        }

        var (masses, sum, at) = (new double[ends.Length + 1], 0.0, 0);
        for (var k = 0; k < cells; k++)
        {
            at += at < ends.Length && k == ends[at] ? 1 : 0;
            masses[at] += distribution[k] >= 0 ? distribution[k] : throw new ArgumentException("Expected probabilities.", nameof(distribution));
            sum += distribution[k];
        }

        return Math.Abs(sum - 1) <= 1e-9
            ? 1 - CountBand.Probability(Count, masses, lower, upper)
            : throw new ArgumentException("Expected probabilities that sum to 1.", nameof(distribution));
    }

    /// <summary>The numbers of ranks up to each point.</summary>
    internal int[] CountsAt(RankCounts ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (!discrete || ranks.Draws + 1 != cells || ranks.Pairs != Count)
        {
            throw new ArgumentException($"Expected {Count} ranks of {cells - 1} draws, for a band of ranks; got {ranks.Pairs} of {ranks.Draws}.", nameof(ranks));
        }

        var cumulative = ranks.Cumulative;
        var counts = new int[ends.Length];
        for (var i = 0; i < ends.Length; i++)
        {
            counts[i] = cumulative[ends[i] - 1];
        }

        return counts;
    }

    /// <summary>The numbers up to each point.</summary>
    internal int[] CountsAt(ReadOnlySpan<double> numbers)
    {
        if (discrete || numbers.Length != Count)
        {
            throw new ArgumentException($"Expected {Count} numbers, for a band of probabilities; got {numbers.Length}.", nameof(numbers));
        }

        var counts = new int[ends.Length + 1];
        foreach (var number in numbers)
        {
            // The first point that is not below the number; the product may round across one.
            var j = number is >= 0 and <= 1 ? Math.Clamp((int)Math.Ceiling(number * cells), 1, cells) : throw new ArgumentException("Expected numbers in [0, 1].", nameof(numbers));
            j -= j > 1 && number <= (j - 1) / (double)cells ? 1 : 0;
            j += number > j / (double)cells ? 1 : 0;
            counts[j - 1]++;
        }

        for (var i = 1; i < counts.Length; i++)
        {
            counts[i] += counts[i - 1];
        }

        return counts[..^1];
    }

    private static int Checked(int points) => points is >= 2 and <= MostPoints
        ? points
        : throw new ArgumentOutOfRangeException(nameof(points), points, $"Expected from 2 to {MostPoints} intervals between points.");

    private bool Inside(int[] counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] < lower[i] || counts[i] > upper[i])
            {
                return false;
            }
        }

        return true;
    }

    private double PValue(int[] counts)
    {
        var tail = 1.0;
        for (var i = 0; i < counts.Length; i++)
        {
            tail = Math.Min(tail, Pointwise(i).Tail(counts[i]));
        }

        // The band that ends just before the smallest tail seen: uniform numbers outside it show one as small. Tails that are equal but for rounding, as at mirrored points, count as equal.
        var (low, high) = Bounds(2 * tail * (1 + Equal));
        return Miss(low, high);
    }

    private (int[] Lower, int[] Upper, double Pointwise, double Risk) Search()
    {
        // Points miss at most alpha together where each misses at most alpha / points; half of that is certain to be accepted in spite of rounding.
        var inside = 0.5 * Alpha / ends.Length;
        var best = Bounds(inside);
        var risk = Miss(best.Lower, best.Upper);
        var outside = 2 * Alpha;
        var (worst, outsideRisk) = Proposed(outside);
        while (outsideRisk <= Alpha && outside < 1)
        {
            (inside, best, risk, outside) = (outside, worst, outsideRisk, 2 * outside);
            (worst, outsideRisk) = Proposed(outside);
        }

        for (var round = 0; outside > inside * Close && !Same(best, worst); round++)
        {
            // The logarithm of the simultaneous risk is nearly linear in that of the pointwise risk; every other step halves, so that the search ends.
            var step = Math.Log(Alpha / risk) / Math.Log(outsideRisk / risk);
            var middle = inside * Math.Pow(outside / inside, round % 2 == 0 && double.IsFinite(step) ? Math.Clamp(step, 0.01, 0.99) : 0.5);
            var (band, missed) = Proposed(middle);
            if (missed <= Alpha)
            {
                (inside, best, risk) = (middle, band, missed);
            }
            else
            {
                (outside, worst, outsideRisk) = (middle, band, missed);
            }
        }

        ((int[] Lower, int[] Upper) Band, double Missed) Proposed(double pointwise)
        {
            var band = Bounds(pointwise);
            return (band, Miss(band.Lower, band.Upper));
        }

        return risk <= Alpha ? (best.Lower, best.Upper, inside, risk) : throw new InvalidOperationException($"No band of {Count} numbers at {Alpha:R} was proved.");
    }

    private static bool Same((int[] Lower, int[] Upper) one, (int[] Lower, int[] Upper) other) =>
        one.Lower.AsSpan().SequenceEqual(other.Lower) && one.Upper.AsSpan().SequenceEqual(other.Upper);

    private (int[] Lower, int[] Upper) Bounds(double risk)
    {
        var (low, high) = (new int[ends.Length], new int[ends.Length]);
        for (var i = 0; i < ends.Length; i++)
        {
            (low[i], high[i]) = Pointwise(i).Inside(0.5 * risk);
        }

        return (low, high);
    }

    /// <summary>A number not below the probability that uniform numbers leave the bounds.</summary>
    private double Miss(int[] low, int[] high)
    {
        var (masses, before) = (new double[ends.Length + 1], 0);
        for (var i = 0; i < masses.Length; i++)
        {
            var end = i < ends.Length ? ends[i] : cells;
            (masses[i], before) = ((end - before) / (double)cells, end);
        }

        return Rounding.SubtractUp(1, CountBand.Probability(Count, masses, low, high));
    }

    private BinomialWindow Pointwise(int i) => new(Count, ends[i] / (double)cells);
}
