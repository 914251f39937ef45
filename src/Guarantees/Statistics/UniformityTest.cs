using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>How ranks are tested.</summary>
public sealed record UniformityOptions
{
    /// <summary>Error probability of all tests together, in [1e-6, 1/2].</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Intervals between the points of the band, from 2 to <see cref="EcdfBand.MostPoints"/>.</summary>
    public int Points { get; init; } = EcdfBand.DefaultPoints;

    /// <summary>Cells of the chi-square statistic, at least 2; no more than L + 1 are used.</summary>
    public int Cells { get; init; } = 20;

    /// <summary>Replicates of the chi-square statistic, of n numbers each, from 1 to <see cref="MonteCarloTest.MostReplicates"/>; fewer than 3 samples / alpha could not reject by it.</summary>
    public int Replicates { get; init; } = 1999;

    /// <summary>Seed of the replicates.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>What is known of one sample of ranks. Sets of defects hold at 1 - alpha / samples each, for all samples of a test at once at 1 - alpha.</summary>
public sealed record UniformityResult
{
    /// <summary>p-value of the chi-square statistic, <see cref="DiscreteUniformity.ChiSquarePValue"/>.</summary>
    public required double ChiSquare { get; init; }

    /// <summary>p-value of the largest distance, <see cref="DiscreteUniformity.Kolmogorov"/>.</summary>
    public required double Kolmogorov { get; init; }

    /// <summary>p-value of the band, <see cref="EcdfBand.PValue(RankCounts)"/>.</summary>
    public required double Band { get; init; }

    /// <summary>The three together by Bonferroni: three times the smallest, at most 1.</summary>
    public double PValue => Math.Min(1, 3 * Math.Min(ChiSquare, Math.Min(Kolmogorov, Band)));

    /// <summary>Whether the curve leaves the band somewhere; then the sample is rejected by itself.</summary>
    public required bool OutsideBand { get; init; }

    /// <summary>max over k of |F_n(k) - (k + 1) / (L + 1)| as seen.</summary>
    public required double DistanceSeen { get; init; }

    /// <summary>A set for max over k of |F(k) - (k + 1) / (L + 1)|, F the distribution function of ranks; by the band of Dvoretzky, Kiefer, Wolfowitz and Massart.</summary>
    public required Interval Distance { get; init; }

    /// <summary>The mean of rank / L - 1/2 as seen: positive where the estimator's values are too low.</summary>
    public required double BiasSeen { get; init; }

    /// <summary>A set for the mean of rank / L - 1/2.</summary>
    public required Interval Bias { get; init; }

    /// <summary>The mean of (rank / L - 1/2)² over that of uniform ranks, as seen: above 1 where the estimator is too sure (or biased), below 1 where it is not sure enough.</summary>
    public required double DispersionSeen { get; init; }

    /// <summary>A set for that ratio.</summary>
    public required Interval Dispersion { get; init; }
}

/// <summary>Smallest defects that are seen with a stated probability.</summary>
/// <param name="Power">The probability.</param>
/// <param name="Distance">max |F - uniform| from which on a rejection is that probable whatever F is; a bound. More than 1 where no distance is enough.</param>
/// <param name="Narrow">The largest scale below 1 of a Gaussian posterior that is seen so often, <see cref="GaussianMisfit"/>; 0 where none from 0.01 is.</param>
/// <param name="Wide">The smallest scale above 1; infinity where none to 100 is.</param>
/// <param name="Shift">The smallest shift of the mean in standard deviations; infinity where none to 100 is.</param>
public sealed record SmallestDefect(double Power, double Distance, double Narrow, double Wide, double Shift);

/// <summary>Three tests of uniform ranks, what they could have seen, and what defects are compatible with the sample.</summary>
/// <remarks>
/// Bonferroni over the three tests and the samples: a sample is surely rejected where one p-value is at most alpha / (3 samples). The band is built at that level, and power is that of the band alone at it, by exact recursion:
/// the whole procedure rejects at least as often. Sets of means: Maurer and Pontil from 100 pairs on, Hoeffding below. One object serves any number of samples of the same size; band and replicates are made once.
/// </remarks>
public sealed class UniformityTest
{
    private const int LeastForSpread = 100;
    private const int Tests = 3;
    private readonly ChiSquareNull chiSquare;
    private readonly double alphaOfSample;
    private readonly double alphaOfTest;

    /// <param name="pairs">n, from 1 to <see cref="RankCounts.MostPairs"/>.</param>
    /// <param name="draws">L, from 1 to <see cref="RankCounts.MostDraws"/>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="samples">How many samples are tested together, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public UniformityTest(int pairs, int draws, UniformityOptions? options = null, int samples = 1)
    {
        RankCounts.CheckPairs(pairs);
        RankCounts.CheckDraws(draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        Options = options ?? new UniformityOptions();
        (Pairs, Draws, alphaOfSample, alphaOfTest) = (pairs, draws, Options.Alpha / samples, Options.Alpha / (Tests * samples));
        Band = EcdfBand.ForRanks(pairs, draws, alphaOfTest, Options.Points);
        chiSquare = new ChiSquareNull(pairs, draws, Math.Min(Options.Cells, draws + 1)).Draw(Options.Replicates, new SeededGenerator(Options.Seed));
    }

    /// <summary>n.</summary>
    public int Pairs { get; }

    /// <summary>L.</summary>
    public int Draws { get; }

    /// <summary>How.</summary>
    public UniformityOptions Options { get; }

    /// <summary>The band at alpha / (3 samples): a curve outside is rejected.</summary>
    public EcdfBand Band { get; }

    /// <summary>Tests one sample.</summary>
    /// <param name="ranks">n ranks on 0, ..., L, independent between pairs.</param>
    /// <exception cref="ArgumentException">They are not n ranks on 0, ..., L.</exception>
    public UniformityResult Run(RankCounts ranks)
    {
        var outside = !Band.Holds(ranks);
        var (distance, radius) = (DiscreteUniformity.Distance(ranks), DvoretzkyKieferWolfowitz.Radius(Pairs, alphaOfSample));
        var (biasSeen, bias) = MeanOf(ranks, k => k, Draws);
        var square = (Int128)Draws * Draws;
        var (squareSeen, squares) = MeanOf(ranks, k => (Int128)((2 * k) - Draws) * ((2 * k) - Draws), square);
        var uniform = Interval.Point(Draws + 2.0) / Interval.Point(3.0 * Draws);
        return new()
        {
            ChiSquare = chiSquare.PValue(ranks),
            Kolmogorov = DiscreteUniformity.Kolmogorov(ranks),
            Band = Band.PValue(ranks),
            OutsideBand = outside,
            DistanceSeen = distance,
            Distance = new(Math.Max(0, Rounding.SubtractDown(Math.BitDecrement(distance), radius)), Math.Min(1, Rounding.AddUp(Math.BitIncrement(distance), radius))),
            BiasSeen = biasSeen - 0.5,
            Bias = bias - 0.5,
            DispersionSeen = squareSeen / uniform.Middle,
            Dispersion = squares / uniform,
        };
    }

    /// <summary>The probability that the ranks of such an estimator are rejected, at least: that of the band alone.</summary>
    /// <param name="misfit">The defect.</param>
    public double Power(GaussianMisfit misfit) => Band.Power(misfit.Ranks(Draws));

    /// <summary>The smallest defects that are rejected with at least the stated probability, found by doubling, then halving, to one part in a thousand. For at most <see cref="GaussianMisfit.MostDraws"/> draws.</summary>
    /// <param name="power">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The power is out of its range, or there are too many draws.</exception>
    public SmallestDefect SmallestDefect(double power = 0.9)
    {
        if (!(power is >= 0.5 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(power), power, "Expected a power in [1/2, 1).");
        }

        // Where |F - uniform| = d, the curve is off by d less what F_n misses F by there, on one side (Hoeffding); a distance of the radius at the level is rejected by the bound that the p-value is not above.
        var distance = Rounding.AddUp(DvoretzkyKieferWolfowitz.Radius(Pairs, alphaOfTest), Hoeffding.Radius(Pairs, 1, Math.BitDecrement(1 - power)));
        return new(
            power,
            distance,
            Math.Exp(-Smallest(t => new(Math.Max(0.01, Math.Exp(-t)), 0), Math.Log(100), power)),
            Math.Exp(Smallest(t => new(Math.Min(100, Math.Exp(t)), 0), Math.Log(100), power)),
            Smallest(t => new(1, t), 100, power));
    }

    /// <summary>The smallest t, to one part in a thousand of it, where the power is reached; infinity where not at the largest.</summary>
    private double Smallest(Func<double, GaussianMisfit> misfit, double largest, double power)
    {
        var (below, above) = (0.0, 1.0 / Math.Sqrt(Pairs));
        while (Power(misfit(above)) < power)
        {
            if (above >= largest)
            {
                return double.PositiveInfinity;
            }

            (below, above) = (above, Math.Min(largest, 2 * above));
        }

        while (above - below > 1e-3 * above)
        {
            var middle = 0.5 * (below + above);
            (below, above) = Power(misfit(middle)) >= power ? (below, middle) : (middle, above);
        }

        return above;
    }

    /// <summary>The mean of value(rank) / most as seen, and a set for what it is the mean of; values are whole numbers from 0 to most.</summary>
    private (double Seen, Interval Mean) MeanOf(RankCounts ranks, Func<long, Int128> value, Int128 most)
    {
        var (sum, squares, n) = ((Int128)0, (Int128)0, (Int128)Pairs);
        var counts = ranks.Counts;
        for (var k = 0; k < counts.Length; k++)
        {
            var v = value(k);
            sum += counts[k] * v;
            squares += counts[k] * v * v;
        }

        var mean = Enclose(sum) / Enclose(n * most);
        var alpha = 0.5 * alphaOfSample;
        var radius = Pairs < LeastForSpread
            ? Hoeffding.Radius(Pairs, 1, alpha)
            : EmpiricalBernstein.Radius(Pairs, (Enclose((n * squares) - (sum * sum)) / Enclose(n * (n - 1)) / (Enclose(most) * Enclose(most))).Upper, 1, alpha);
        return (mean.Middle, new(Math.Max(0, Rounding.SubtractDown(mean.Lower, radius)), Math.Min(1, Rounding.AddUp(mean.Upper, radius))));
    }

    private static Interval Enclose(Int128 value) => value == 0 ? Interval.Point(0) : new(Math.BitDecrement((double)value), Math.BitIncrement((double)value));
}
