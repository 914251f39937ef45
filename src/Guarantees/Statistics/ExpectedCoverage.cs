using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>An answer about a coverage.</summary>
public enum CoverageVerdict
{
    /// <summary>The confidence set holds numbers on both sides.</summary>
    Undecided,

    /// <summary>All of the confidence set is at least the number claimed.</summary>
    Holds,

    /// <summary>All of the confidence set is below the number claimed.</summary>
    Fails,
}

/// <summary>The coverage of highest density sets at one level.</summary>
/// <param name="Level">Nominal: m / (L + 1).</param>
/// <param name="Seen">The share of pairs whose true parameter lies in the set.</param>
/// <param name="Alone">A set for the coverage, by Clopper and Pearson: for this level alone at 1 - alpha.</param>
/// <param name="Together">A set for the coverage, by the band of Dvoretzky, Kiefer, Wolfowitz and Massart: for all levels at once at 1 - alpha.</param>
public sealed record CoveragePoint(double Level, double Seen, Interval Alone, Interval Together);

/// <summary>Expected coverage: how often highest density sets of q(. | x) hold the parameter that made x, on average over the prior, against their level.</summary>
/// <remarks>
/// <para>
/// The set of level m / (L + 1), from L draws of q(. | x): the parameters whose density is exceeded by that of fewer than m draws, ties broken at random. It holds theta* where the rank of <see cref="RankStatistics.OfDensity"/> is
/// below m. Where q is the posterior, that has probability m / (L + 1) exactly, for finite L: the ranks are uniform. Statements are about these sets; the sets of an exact level differ from them by the Monte Carlo error of L draws.
/// </para>
/// <para>
/// An average over x: a posterior may cover too much here and too little there. Above the diagonal: conservative; below: overconfident.
/// Source: J. Hermans, A. Delaunoy, F. Rozet, A. Wehenkel, V. Begy, G. Louppe, "A Crisis in Simulation-Based Inference? Beware, Your Posterior Approximations Can Be Unfaithful", TMLR 2022.
/// </para>
/// </remarks>
public static class ExpectedCoverage
{
    /// <summary>The coverage at the levels nearest above 1 / (levels + 1), ..., levels / (levels + 1).</summary>
    /// <param name="ranks">Ranks of <see cref="RankStatistics.OfDensity"/>.</param>
    /// <param name="levels">From 1 to L.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static IReadOnlyList<CoveragePoint> Curve(RankCounts ranks, int levels = 19, double alpha = 0.05)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (levels < 1 || levels > ranks.Draws)
        {
            throw new ArgumentOutOfRangeException(nameof(levels), levels, $"Expected from 1 to {ranks.Draws} levels.");
        }

        var radius = DvoretzkyKieferWolfowitz.Radius(ranks.Pairs, alpha);
        return [.. Enumerable.Range(1, levels).Select(j => Draws(j / (levels + 1.0), ranks)).Select(m =>
        {
            var hits = ranks.Cumulative[m - 1];
            var share = Interval.Point(hits) / Interval.Point(ranks.Pairs);
            return new CoveragePoint(
                m / (ranks.Draws + 1.0),
                hits / (double)ranks.Pairs,
                new(ClopperPearson.Lower(hits, ranks.Pairs, 0.5 * alpha), ClopperPearson.Upper(hits, ranks.Pairs, 0.5 * alpha)),
                new(Math.Max(0, Rounding.SubtractDown(share.Lower, radius)), Math.Min(1, Rounding.AddUp(share.Upper, radius))));
        })];
    }

    /// <summary>Whether the sets of the smallest level m / (L + 1) that is at least <paramref name="level"/> cover with probability at least <paramref name="coverage"/>; wrong with probability at most 1 - confidence.</summary>
    /// <param name="ranks">Ranks of <see cref="RankStatistics.OfDensity"/>.</param>
    /// <param name="level">In (0, 1), at most L / (L + 1); met up to 1e-9.</param>
    /// <param name="coverage">The number claimed, in [0, 1].</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static CoverageVerdict AtLeast(RankCounts ranks, double level, double coverage, double confidence)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (!(coverage is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(coverage), coverage, "Expected a probability in [0, 1].");
        }

        var set = ClopperPearson.Bounds(ranks.Cumulative[Draws(level, ranks) - 1], ranks.Pairs, confidence);
        return set.Lower >= coverage ? CoverageVerdict.Holds : set.Upper < coverage ? CoverageVerdict.Fails : CoverageVerdict.Undecided;
    }

    /// <summary>m, the smallest with m / (L + 1) at least the level: 0.55 of 100 is 55, though the double is a little more.</summary>
    private static int Draws(double level, RankCounts ranks)
    {
        var sides = ranks.Draws + 1;
        var m = level is > 0 and < 1 ? Math.Max(1, (int)Math.Ceiling((level - 1e-9) * sides)) : sides;
        return m < sides ? m : throw new ArgumentOutOfRangeException(nameof(level), level, $"Expected a level in (0, 1), at most {ranks.Draws} / {sides} for {ranks.Draws} draws.");
    }
}
