using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Statistics;

namespace Certify.Sampling;

/// <summary>Draws from q(. | x) of any estimator that claims from pairs are about: Gaussian families, mixtures, Student t and samplers.</summary>
/// <remarks>The numbers behind draws are the same on every machine (<see cref="SeededGenerator"/>); the network is evaluated in double precision.</remarks>
public static class PosteriorSampler
{
    /// <summary>Independent draws, [count][D].</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="x">The data.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="ArgumentException">The family cannot be drawn from, x has another length, or the posterior at x is not finite.</exception>
    public static double[][] Draw(Estimator estimator, ReadOnlySpan<double> x, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var posterior = Posterior.Of(estimator);
        if (!posterior.HasDraws || x.Length != posterior.DataLength || !posterior.At(x))
        {
            throw new ArgumentException(
                !posterior.HasDraws ? $"The family {estimator.Family.Name} cannot be drawn from." : x.Length != posterior.DataLength ? $"Expected {posterior.DataLength} data; got {x.Length}." : "The posterior at these data is not finite.",
                nameof(x));
        }

        var random = new SeededGenerator(seed);
        var draws = new double[count][];
        for (var i = 0; i < count; i++)
        {
            posterior.Draw(random, draws[i] = new double[posterior.Dimension]);
        }

        return draws;
    }
}
