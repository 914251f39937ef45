using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Tests that n independent ranks are uniform on 0, ..., L, valid for every n and L: P(p &lt;= a) &lt;= a for all a.</summary>
/// <remarks>
/// <para>
/// Ranks are discrete. Compared with a continuous uniform distribution they are rejected for their steps alone, more often the larger n is; here each statistic is compared with its distribution for discrete ranks.
/// </para>
/// <para>
/// Kolmogorov and Smirnov: D = max over k of |F_n(k) - (k + 1) / (L + 1)|, F_n(k) the share of ranks that are at most k. P(D >= d) under uniformity is one minus the probability that all counts stay strictly inside
/// d, computed by recursion over the ranks (<see cref="CountBand"/>) with roundings that make p larger, by 1e-8 at most. Also the bound 2 exp(-2 n d²) of Dvoretzky, Kiefer and Wolfowitz with Massart's constant, which holds for
/// distributions with jumps and is larger. Chi-square: ranks in cells of nearly equal size, p by Monte Carlo (<see cref="MonteCarloTest"/>) from multinomial counts; statistics are compared in whole numbers.
/// </para>
/// </remarks>
public static class DiscreteUniformity
{
    /// <summary>Above so many draws the exact distribution of D is replaced by its bound.</summary>
    public const int MostExactDraws = 20_000;

    private const double Small = 1e-9;

    /// <summary>D = max over k of |F_n(k) - (k + 1) / (L + 1)|, in [0, 1].</summary>
    /// <param name="ranks">The ranks.</param>
    public static double Distance(RankCounts ranks) => Deviation(ranks) / ((double)ranks.Pairs * (ranks.Draws + 1));

    /// <summary>P(D >= d) under uniformity, d what is seen; rounded up. Exact up to <see cref="MostExactDraws"/> draws and down to 1e-9, otherwise the bound of <see cref="KolmogorovBound"/>.</summary>
    /// <param name="ranks">The ranks.</param>
    public static double Kolmogorov(RankCounts ranks)
    {
        var bound = KolmogorovBound(ranks);
        if (bound < Small || ranks.Draws > MostExactDraws)
        {
            return bound;
        }

        // Inside: |(L + 1) N - (k + 1) n| < deviation, in whole numbers.
        var (n, sides, deviation) = (ranks.Pairs, ranks.Draws + 1, Deviation(ranks));
        var (lower, upper) = (new int[ranks.Draws], new int[ranks.Draws]);
        for (var k = 0; k < ranks.Draws; k++)
        {
            var centre = (k + 1L) * n;
            (lower[k], upper[k]) = ((int)Math.Max(0, FloorDivide(centre - deviation, sides) + 1), (int)Math.Min(n, FloorDivide(centre + deviation - 1, sides)));
        }

        var masses = new double[sides];
        Array.Fill(masses, 1.0 / sides);
        return Math.Min(bound, Rounding.SubtractUp(1, CountBand.Probability(n, masses, lower, upper)));
    }

    /// <summary>min(1, 2 exp(-2 n d²)), rounded up, not below P(D >= d) under uniformity.</summary>
    /// <param name="ranks">The ranks.</param>
    public static double KolmogorovBound(RankCounts ranks) => DvoretzkyKieferWolfowitz.PValue(ranks.Pairs, Rounding.DivideDown(Deviation(ranks), (double)ranks.Pairs * (ranks.Draws + 1)));

    /// <summary>sum over cells of (count - expected)² / expected; cell j of C holds the ranks from j (L + 1) / C to (j + 1) (L + 1) / C, rounded down, without the last.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="cells">C, from 2 to L + 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of cells is out of its range.</exception>
    public static double ChiSquare(RankCounts ranks, int cells)
    {
        var reference = new ChiSquareNull(ranks, cells);
        return ((double)reference.Statistic(ranks) * (ranks.Draws + 1) / ((double)reference.Scale * ranks.Pairs)) - ranks.Pairs;
    }

    /// <summary>The Monte Carlo p-value of <see cref="ChiSquare"/> with B replicates: valid for every B, at least 1 / (B + 1).</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="cells">C, from 2 to L + 1.</param>
    /// <param name="replicates">B, from 1 to <see cref="MonteCarloTest.MostReplicates"/>.</param>
    /// <param name="random">Independent of the ranks.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double ChiSquarePValue(RankCounts ranks, int cells, int replicates, SeededGenerator random) => new ChiSquareNull(ranks, cells).Draw(replicates, random).PValue(ranks);

    /// <summary>max over k of |(L + 1) N_k - (k + 1) n|.</summary>
    private static long Deviation(RankCounts ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        var (sides, largest) = (ranks.Draws + 1L, 0L);
        var cumulative = ranks.Cumulative;
        for (var k = 0; k < cumulative.Length; k++)
        {
            largest = Math.Max(largest, Math.Abs((sides * cumulative[k]) - ((k + 1L) * ranks.Pairs)));
        }

        return largest;
    }

    private static long FloorDivide(long a, long b) => (a / b) - (a % b < 0 ? 1 : 0);
}
