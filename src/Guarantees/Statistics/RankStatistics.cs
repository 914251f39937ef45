namespace Guarantees.Statistics;

/// <summary>Where a number stands among L draws: how many lie below it and how many equal it.</summary>
/// <param name="Below">Draws below it, from 0 to L.</param>
/// <param name="Equal">Draws equal to it, from 0 to L.</param>
/// <param name="Draws">L, at least 1.</param>
public readonly record struct TiedRank(int Below, int Equal, int Draws)
{
    /// <summary>The rank, from 0 to L, its ties broken at random: below + a uniform number of 0, ..., equal.</summary>
    /// <param name="random">Independent of the numbers that were ranked.</param>
    public int Break(SeededGenerator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Below + (Equal == 0 ? 0 : random.Next(Equal + 1));
    }
}

/// <summary>Ranks of a parameter that made the data among draws of the posterior: uniform on 0, ..., L where the posterior is right.</summary>
/// <remarks>
/// <para>
/// The null hypothesis. theta* ~ prior, x ~ simulator(theta*), theta_1, ..., theta_L independent from q(. | x). If q(. | x) is the posterior for almost all x, then given x the L + 1 numbers g(theta*, x),
/// g(theta_1, x), ..., g(theta_L, x) are independent with one distribution, for any function g. Attach to each an independent uniform mark: in the order by (number, mark) each of the L + 1 places of theta* has
/// probability 1 / (L + 1). Breaking ties at random is that order. Draws of a Markov chain are not independent, and their ranks need not be uniform.
/// </para>
/// <para>Source: S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, "Validating Bayesian Inference Algorithms with Simulation-Based Calibration", arXiv:1804.06788, 2018.</para>
/// </remarks>
public static class RankStatistics
{
    /// <summary>The number of draws below the true value, and of those equal to it.</summary>
    /// <param name="truth">The parameter, or a function of it, that made the data; not NaN.</param>
    /// <param name="draws">The same of L draws, at least 1; none is NaN.</param>
    /// <exception cref="ArgumentException">There are no draws, or one is NaN.</exception>
    public static TiedRank Of(double truth, ReadOnlySpan<double> draws) => Count(truth, draws, 1);

    /// <summary>The number of draws whose density is higher than that of the true parameter, and of those that equal it: the true parameter lies in every highest density set that holds more draws.</summary>
    /// <param name="logDensity">log q(theta* | x), up to a constant that may depend on x; not NaN.</param>
    /// <param name="logDensities">log q(theta_i | x) of L draws, with the same constant; none is NaN.</param>
    /// <exception cref="ArgumentException">There are no draws, or one is NaN.</exception>
    public static TiedRank OfDensity(double logDensity, ReadOnlySpan<double> logDensities) => Count(logDensity, logDensities, -1);

    private static TiedRank Count(double truth, ReadOnlySpan<double> draws, int side)
    {
        if (draws.IsEmpty || double.IsNaN(truth))
        {
            throw new ArgumentException("Expected a number, and at least one draw.", nameof(truth));
        }

        var (below, equal) = (0, 0);
        foreach (var draw in draws)
        {
            var order = draw < truth ? 1 : draw > truth ? -1 : draw == truth ? 0 : throw new ArgumentException("Expected numbers, not NaN.", nameof(draws));
            below += order == side ? 1 : 0;
            equal += order == 0 ? 1 : 0;
        }

        return new(below, equal, draws.Length);
    }
}
