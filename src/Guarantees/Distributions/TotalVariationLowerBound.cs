using System.Globalization;
using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>A lower bound of the total variation between the posteriors at two data sets that holds with a stated probability.</summary>
/// <remarks>
/// TV = E (1 - q(theta)/q0(theta))+ for theta from q0, a mean of numbers in [0, 1] whose spread shrinks with TV itself. The bound is the empirical
/// Bernstein bound: with probability at least 1 - delta a mean is at least m - sqrt(2 v ln(2/delta)/n) - 7 ln(2/delta)/(3 (n - 1)), m and v the mean and the unbiased
/// variance of n independent draws (A. Maurer, M. Pontil, "Empirical Bernstein Bounds and Sample Variance Penalization", COLT 2009, theorem 4).
/// At TV = 0.01 it needs about a hundredth of the draws of Hoeffding's bound for the event q0 > q.
/// Assumes that the generator's draws behave as independent ones and that densities in double arithmetic are exact enough; it is a statement about
/// how loose a proved upper bound can be, and no part of a proof.
/// </remarks>
public static class TotalVariationLowerBound
{
    /// <summary>The bound.</summary>
    /// <param name="network">The estimator's network.</param>
    /// <param name="family">Its family.</param>
    /// <param name="x">The data set of q.</param>
    /// <param name="x0">The data set of q0.</param>
    /// <param name="samples">Draws from q0, at least 2.</param>
    /// <param name="seed">Seed of the generator.</param>
    /// <param name="confidence">1 - delta, in (0, 1).</param>
    public static double Between(Network network, Family family, ReadOnlySpan<double> x, ReadOnlySpan<double> x0, int samples = 100_000, int seed = 0, double confidence = 0.99)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(family);
        var graph = new ParameterGraph(network, family);
        return Between(graph.At(x), graph.At(x0), samples, seed, confidence);
    }

    internal static double Between(ParameterBox q, ParameterBox q0, int samples, int seed, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        if (!(confidence > 0 && confidence < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence.ToString("R", CultureInfo.InvariantCulture), "A confidence lies strictly between 0 and 1.");
        }

        var (other, reference) = (new PlainMixture(q), new PlainMixture(q0));
        var random = new Random(seed);
        var theta = new double[q.Dimension];
        var (mean, squares) = (0.0, 0.0);
        for (var n = 1; n <= samples; n++)
        {
            reference.Draw(random, theta);
            var value = Math.Max(0, -Expm1(other.LogDensity(theta) - reference.LogDensity(theta)));
            var change = value - mean;
            mean += change / n;
            squares += change * (value - mean);
        }

        var log = Math.Log(2 / (1 - confidence));
        var variance = squares / (samples - 1);
        return Math.Max(0, mean - Math.Sqrt(2 * variance * log / samples) - (7 * log / (3.0 * (samples - 1))));
    }

    /// <summary>e^x - 1 without cancellation, as tanh(x/2) (e^x + 1).</summary>
    private static double Expm1(double x) => x > 0 ? double.PositiveInfinity : Math.Tanh(x / 2) * (Math.Exp(x) + 1);

    /// <summary>A mixture in ordinary numbers.</summary>
    private sealed class PlainMixture(ParameterBox box)
    {
        private readonly int dimension = box.Dimension;
        private readonly (int Row, int Column)[] entries = box.Pattern.Entries;
        private readonly double[] weights = box.Weights?.Middle() ?? [1];
        private readonly double[] means = box.Means.Middle();
        private readonly double[] covarianceRoots = box.CovarianceRoot.Middle();
        private readonly double[] precisionRoots = box.PrecisionRoot.Middle();
        private readonly double[] buffer = new double[box.Dimension];
        private readonly double[] logs = new double[box.Components];

        /// <summary>Draws theta = mu_k + L_k e.</summary>
        public void Draw(Random random, double[] theta)
        {
            var (k, u) = (0, random.NextDouble());
            while (k < weights.Length - 1 && u >= weights[k])
            {
                u -= weights[k++];
            }

            for (var i = 0; i < dimension; i++)
            {
                buffer[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            }

            Array.Copy(means, k * dimension, theta, 0, dimension);
            for (var e = 0; e < entries.Length; e++)
            {
                theta[entries[e].Row] += covarianceRoots[(k * entries.Length) + e] * buffer[entries[e].Column];
            }
        }

        /// <summary>Log density at theta, up to the constant D/2 ln 2 pi.</summary>
        public double LogDensity(double[] theta)
        {
            for (var k = 0; k < weights.Length; k++)
            {
                Array.Clear(buffer);
                var log = Math.Log(weights[k]);
                for (var e = 0; e < entries.Length; e++)
                {
                    var (i, j) = entries[e];
                    var root = precisionRoots[(k * entries.Length) + e];
                    buffer[i] += root * (theta[j] - means[(k * dimension) + j]);
                    log += i == j ? Math.Log(Math.Abs(root)) : 0;
                }

                for (var i = 0; i < dimension; i++)
                {
                    log -= 0.5 * buffer[i] * buffer[i];
                }

                logs[k] = log;
            }

            var (most, sum) = (logs.Max(), 0.0);
            foreach (var log in logs)
            {
                sum += Math.Exp(log - most);
            }

            return most + Math.Log(sum);
        }
    }
}
