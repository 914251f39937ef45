using Guarantees.Arithmetic;
using MathNet.Numerics.Distributions;

namespace Guarantees.Statistics;

/// <summary>What is known of one marginal of the latent numbers.</summary>
/// <param name="Distance">sup |F_n - F|, F the distribution function that it should have.</param>
/// <param name="Kolmogorov">2 exp(-2 n distance²): p-value of the distance, by Dvoretzky, Kiefer, Wolfowitz and Massart.</param>
/// <param name="Band">p-value of the band of counts, <see cref="EcdfBand.PValue(ReadOnlySpan{double})"/>.</param>
public sealed record LatentMargin(double Distance, double Kolmogorov, double Band);

/// <summary>What is known of latent numbers.</summary>
/// <param name="Margins">The d coordinates, then the squared length.</param>
/// <param name="PValue">For all together, by Bonferroni: 2 (d + 1) times the smallest, at most 1.</param>
public sealed record LatentResult(IReadOnlyList<LatentMargin> Margins, double PValue);

/// <summary>Are the latent numbers z = T(theta*; x) of a flow standard normal? They are where the flow is the posterior.</summary>
/// <remarks>
/// <para>
/// A flow says q(theta | x) = N(T(theta; x); 0, I) |det dT/dtheta| with T(.; x) invertible. If q is the posterior, z of pairs (theta*, x) is N(0, I), whatever x. Tested: each coordinate against the normal distribution, |z|² against the chi-square distribution with d degrees
/// of freedom, by the distance of distribution functions and by the band, all joined by Bonferroni. No draws of q are needed. Not tested: dependence between coordinates that leaves |z|² alone, and between z and x.
/// </para>
/// <para>Distribution functions are good to 1e-10; distances are lowered by as much, and numbers of the band are not, whose points they cross with that probability.</para>
/// </remarks>
public static class LatentUniformity
{
    private const double Accuracy = 1e-10;

    /// <summary>Tests n independent latent vectors.</summary>
    /// <param name="latent">n times d finite numbers, a vector after the other.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="points">Intervals between the points of the band, from 2 to <see cref="EcdfBand.MostPoints"/>.</param>
    /// <exception cref="ArgumentException">The length does not fit, or a number is not finite.</exception>
    public static LatentResult Test(ReadOnlySpan<double> latent, int dimension, int points = EcdfBand.DefaultPoints)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (latent.IsEmpty || latent.Length % dimension != 0)
        {
            throw new ArgumentException($"Expected n times {dimension} numbers; got {latent.Length}.", nameof(latent));
        }

        var n = latent.Length / dimension;
        var columns = new double[dimension + 1][];
        for (var j = 0; j <= dimension; j++)
        {
            columns[j] = new double[n];
        }

        for (var i = 0; i < n; i++)
        {
            var square = 0.0;
            for (var j = 0; j < dimension; j++)
            {
                var z = latent[(i * dimension) + j];
                square += double.IsFinite(z * z) ? z * z : throw new ArgumentException($"Expected finite numbers, and squares; vector {i} has {z:R}.", nameof(latent));
                columns[j][i] = Elementary.NormalCdf(z);
            }

            columns[dimension][i] = Math.Clamp(ChiSquared.CDF(dimension, square), 0, 1);
        }

        var band = EcdfBand.ForProbabilities(n, 0.05, points);
        LatentMargin[] margins = [.. columns.AsParallel().AsOrdered().Select(column => Margin(column, band))];
        return new(margins, Math.Min(1, 2 * margins.Length * margins.Min(margin => Math.Min(margin.Kolmogorov, margin.Band))));
    }

    private static LatentMargin Margin(double[] numbers, EcdfBand band)
    {
        var p = band.PValue(numbers);
        Array.Sort(numbers);
        var (n, distance) = (numbers.Length, 0.0);
        for (var i = 0; i < n; i++)
        {
            distance = Math.Max(distance, Math.Max(((i + 1.0) / n) - numbers[i], numbers[i] - (i / (double)n)));
        }

        return new(distance, DvoretzkyKieferWolfowitz.PValue(n, Math.Max(0, distance - Accuracy)), p);
    }
}
