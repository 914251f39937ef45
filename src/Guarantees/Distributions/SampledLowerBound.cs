using System.Globalization;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>Lower bounds of distances between the posteriors at two data sets: by draws, with a stated confidence, or by quadrature.</summary>
/// <remarks>
/// <para>
/// With m = (q + q0) / 2, theta from m and s = q / (q + q0), each of these is the mean of a number that is never negative and shrinks with the distance: TV = E |2 s - 1|;
/// H² = E (1 - 2 sqrt(s (1 - s))); JS = E (s ln 2s + (1 - s) ln 2(1 - s)); KL(q0 || q) = E 2 (2 s - 1 - (1 - s) ln(s / (1 - s))), since q0 (r - 1 - ln r), r = q / q0, integrates to it.
/// Cut at some height each bounds its distance from below; of several heights the best counts, each with its share of the doubt.
/// </para>
/// <para>
/// The bound of a mean is the empirical Bernstein bound: with probability at least 1 - delta it is at least m - sqrt(2 v ln(2/delta)/n) - 7 ln(2/delta)/(3 (n - 1)), m and v the mean and the
/// unbiased variance of n independent draws in [0, 1] (A. Maurer, M. Pontil, "Empirical Bernstein Bounds and Sample Variance Penalization", COLT 2009, theorem 4).
/// </para>
/// <para>
/// Wasserstein distances: a coupling of theta couples each theta_i, so W2² &gt;= sum_i W2(theta_i)², and W1 &gt;= sqrt(sum_i W1(theta_i)²) by Jensen's inequality. On the line they are integrals of
/// differences of quantiles; distribution functions are interpolated linearly, and the result is diminished by 0.2 %, more than that is worth.
/// </para>
/// <para>
/// Assumes that the generator's draws behave as independent ones and that double arithmetic is exact enough; these are statements about how loose a proved upper bound can be, and no part of a proof.
/// </para>
/// </remarks>
public static class SampledLowerBound
{
    private const int PointsPerComponent = 241;

    /// <summary>A lower bound by draws of total variation, Hellinger, either Kullback-Leibler divergence or the Jensen-Shannon divergence.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="network">The estimator's network.</param>
    /// <param name="family">Its family.</param>
    /// <param name="x">The data set of q.</param>
    /// <param name="x0">The data set of q0.</param>
    /// <param name="samples">Draws, at least 2.</param>
    /// <param name="seed">Seed of the generator.</param>
    /// <param name="confidence">1 - delta, in (0, 1).</param>
    public static double Between(
        Metric metric, Network network, Family family, ReadOnlySpan<double> x, ReadOnlySpan<double> x0, int samples = 100_000, int seed = 0, double confidence = 0.99)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(family);
        var graph = new ParameterGraph(network, family);
        return Between(metric, graph.At(x), graph.At(x0), samples, seed, confidence);
    }

    internal static double Between(Metric metric, ParameterBox q, ParameterBox q0, int samples, int seed, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        if (!(confidence > 0 && confidence < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence.ToString("R", CultureInfo.InvariantCulture), "A confidence lies strictly between 0 and 1.");
        }

        if (metric is Metric.Wasserstein1 or Metric.Wasserstein2)
        {
            return 0.998 * Transport(metric, q, q0);
        }

        Func<double, double> term = metric switch
        {
            Metric.TotalVariation => delta => Math.Abs(Math.Tanh(delta / 2)),
            Metric.Hellinger => delta => Math.Abs(delta) > 1 ? 1 - (1 / Math.Cosh(delta / 2)) : 2 * Math.Pow(Math.Sinh(delta / 4), 2) / Math.Cosh(delta / 2),
            Metric.JensenShannon => delta => Part(Share(delta)) + Part(Share(-delta)),
            Metric.Kl => delta => 2 * (Math.Tanh(delta / 2) - (Share(-delta) * delta)),
            _ => delta => 2 * (Math.Tanh(-delta / 2) + (Share(delta) * delta)),
        };
        double[] heights = metric is Metric.Kl or Metric.KlReverse ? [0.05, 0.5, 5, 50] : [0.01, 0.1, 1];
        var (other, reference) = (new PlainMixture(q), new PlainMixture(q0));
        var random = new Random(seed);
        var theta = new double[q.Dimension];
        var (means, squares) = (new double[heights.Length], new double[heights.Length]);
        for (var n = 1; n <= samples; n++)
        {
            (random.Next(2) == 0 ? reference : other).Draw(random, theta);
            var full = term(other.LogDensity(theta) - reference.LogDensity(theta));
            for (var t = 0; t < heights.Length; t++)
            {
                var value = Math.Clamp(full / heights[t], 0, 1);
                var change = value - means[t];
                means[t] += change / n;
                squares[t] += change * (value - means[t]);
            }
        }

        var log = Math.Log(2 * heights.Length / (1 - confidence));
        var least = heights.Select((height, t) => height * (means[t] - Math.Sqrt(2 * squares[t] / (samples - 1) * log / samples) - (7 * log / (3.0 * (samples - 1))))).Append(0).Max();
        return metric == Metric.Hellinger ? Math.Sqrt(least) : least;
    }

    /// <summary>1 / (1 + e^-x).</summary>
    private static double Share(double x) => 1 / (1 + Math.Exp(-x));

    private static double Part(double s) => s > 0 ? s * Math.Log(2 * s) : 0;

    /// <summary>sqrt(sum_i W(theta_i)²).</summary>
    private static double Transport(Metric metric, ParameterBox q, ParameterBox q0)
    {
        var (order, sum) = (metric == Metric.Wasserstein1 ? 1 : 2, 0.0);
        for (var i = 0; i < q.Dimension; i++)
        {
            var (f, g) = (new Marginal(q, i), new Marginal(q0, i));
            double[] points = [.. f.Points().Concat(g.Points()).Order()];
            var cost = Marginal.Transport(points, f.Cumulative(points), g.Cumulative(points), order);
            sum += order == 1 ? cost * cost : cost;
        }

        return Math.Sqrt(sum);
    }

    /// <summary>The distribution of one parameter: normals with weights.</summary>
    private sealed class Marginal(ParameterBox box, int parameter)
    {
        private static readonly Networks.Operators.NormalCdf Normal = new();

        private readonly double[] weights = box.Weights?.Middle() ?? [1];
        private readonly double[] means = [.. Enumerable.Range(0, box.Components).Select(k => box.Means.Middle()[(k * box.Dimension) + parameter])];
        private readonly double[] deviations = [.. Enumerable.Range(0, box.Components).Select(k => Deviation(box, k, parameter))];

        /// <summary>Points that resolve each component.</summary>
        public IEnumerable<double> Points() => Enumerable.Range(0, means.Length).SelectMany(
            k => Enumerable.Range(0, PointsPerComponent).Select(j => means[k] + (deviations[k] * 9 * ((2.0 * j / (PointsPerComponent - 1)) - 1))));

        public double[] Cumulative(double[] points) => Array.ConvertAll(points, point =>
            Enumerable.Range(0, means.Length).Sum(k => weights[k] * Normal.Value((point - means[k]) / deviations[k])));

        /// <summary>The integral over levels of |F^-1 - G^-1|^order, both quantile functions linear between points.</summary>
        public static double Transport(double[] points, double[] f, double[] g, int order)
        {
            var (sum, level, i, j) = (0.0, Math.Max(f[0], g[0]), 0, 0);
            while (true)
            {
                while (i + 1 < f.Length && !(f[i + 1] > level))
                {
                    i++;
                }

                while (j + 1 < g.Length && !(g[j + 1] > level))
                {
                    j++;
                }

                if (i + 1 >= f.Length || j + 1 >= g.Length)
                {
                    return sum;
                }

                var next = Math.Min(f[i + 1], g[j + 1]);
                var (a, b) = (At(f, i, level) - At(g, j, level), At(f, i, next) - At(g, j, next));
                sum += (next - level) * (order == 2 ? ((a * a) + (a * b) + (b * b)) / 3 : a * b >= 0 ? 0.5 * Math.Abs(a + b) : 0.5 * ((a * a) + (b * b)) / (Math.Abs(a) + Math.Abs(b)));
                level = next;
            }

            double At(double[] cumulative, int k, double u) =>
                points[k] + ((points[k + 1] - points[k]) * Math.Clamp((u - cumulative[k]) / (cumulative[k + 1] - cumulative[k]), 0, 1));
        }

        private static double Deviation(ParameterBox box, int component, int parameter)
        {
            var (root, sum) = (box.CovarianceRoot.Middle(), 0.0);
            for (var j = 0; j < box.Dimension; j++)
            {
                sum += box.Pattern.Place(parameter, j) is >= 0 and var e ? Math.Pow(root[(component * box.Pattern.Count) + e], 2) : 0;
            }

            return Math.Sqrt(sum);
        }
    }

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
