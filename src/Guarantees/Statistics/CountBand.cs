using System.Numerics.Tensors;
using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>The probability that counts stay between bounds: P(l_i &lt;= N_i &lt;= u_i for i = 1, ..., K), N_i the number of n independent numbers that fall into the first i of K + 1 cells.</summary>
/// <remarks>
/// <para>
/// With Y_i independent Poisson numbers of means n p_i, (N_1, ..., N_K) is distributed as the partial sums of Y given that all of them sum to n. So with
/// Q_0 = (1 at 0), Q_i(d) = sum over c of Q_(i-1)(c) P(Y_i = d - c) for l_i &lt;= d &lt;= u_i, the probability is Q_(K+1)(n) / P(Poisson(n) = n), and P(Poisson(n) = n) = exp(-delta(n)) / sqrt(2 pi n),
/// delta the rest of Stirling's formula. The steps are convolutions of short kernels with the band, not with all counts.
/// </para>
/// <para>
/// All terms are positive, so what is left out only lowers the result: kernels end where they fall below 1e-20 of their largest member, and members of Q below 1e-60 are skipped (no product of the others
/// underflows). Rounding changes each product by a relative error that is counted, and the result is lowered by the sum: what is returned is not above the probability.
/// The means n p_i are rounded; their powers multiply to an error of n roundings, and so do the factors exp(-n p_i).
/// </para>
/// <para>
/// Sources: the recursion over counts for a fixed band: M. Noe, "The Calculation of Distributions of Two-Sided Kolmogorov-Smirnov Type Statistics", Ann. Math. Statist. 43, 1972, there with binomial steps; by Poisson steps:
/// A. Moscovich, B. Nadler, "Fast Calculation of Boundary Crossing Probabilities for Poisson Processes", Statist. Probab. Lett. 123, 2017.
/// </para>
/// </remarks>
internal static class CountBand
{
    private const double Cut = 1e-20;
    private const double Floor = 1e-60;

    /// <summary>A number not above the probability, and close to it.</summary>
    /// <param name="count">n, at least 1.</param>
    /// <param name="masses">p_1, ..., p_(K+1): each within two units of roundoff, relative, of the probability of its cell; they sum to 1.</param>
    /// <param name="lower">l_1, ..., l_K.</param>
    /// <param name="upper">u_1, ..., u_K.</param>
    public static double Probability(int count, ReadOnlySpan<double> masses, ReadOnlySpan<int> lower, ReadOnlySpan<int> upper)
    {
        // Counts rise: a lower bound holds for all later counts, an upper bound for all earlier ones.
        var highest = new int[upper.Length + 1];
        highest[^1] = count;
        for (var i = upper.Length - 1; i >= 0; i--)
        {
            highest[i] = Math.Min(upper[i], highest[i + 1]);
        }

        var (now, lowest, mass, kernel, terms) = (new double[] { 1 }, 0, double.NaN, new Kernel(0, []), 0L);
        for (var i = 0; i <= upper.Length; i++)
        {
            if (masses[i] != mass)
            {
                mass = masses[i];
                kernel = Kernel.Poisson(count * mass);
            }

            var (l, u) = (i < upper.Length ? Math.Max(lowest, lower[i]) : count, highest[i]);
            if (l > u)
            {
                return 0;
            }

            terms += 2L * (Math.Min(kernel.Values.Length, now.Length) + kernel.Values.Length + 4);
            now = Step(now, lowest, kernel, l, u);
            lowest = l;
        }

        var size = Interval.Point(count);
        var inverse = (2 * BinomialTail.Pi * size).Sqrt().Lower * Elementary.ExpLower(BinomialTail.Stirling(count).Lower);
        var error = 1.01 * (terms + (8.0 * count) + 100) * Rounding.UnitRoundoff;
        return Math.Clamp(now[0] * inverse * (1 - error), 0, 1);
    }

    /// <summary>Q_i on l, ..., u from Q_(i-1) on lowest, ...</summary>
    private static double[] Step(double[] now, int lowest, Kernel kernel, int l, int u)
    {
        var next = new double[u - l + 1];
        for (var j = 0; j < now.Length; j++)
        {
            if (now[j] < Floor)
            {
                continue;
            }

            var at = lowest + j + kernel.First;
            var (from, to) = (Math.Max(0, l - at), Math.Min(kernel.Values.Length, u - at + 1));
            if (from < to)
            {
                var target = next.AsSpan(at + from - l, to - from);
                TensorPrimitives.MultiplyAdd(kernel.Values.AsSpan(from, to - from), now[j], target, target);
            }
        }

        return next;
    }

    /// <summary>Numbers at First, First + 1, ...</summary>
    private sealed record Kernel(int First, double[] Values)
    {
        /// <summary>P(Y = k), lowered to what the logarithm of the largest is known to be, without the ends.</summary>
        public static Kernel Poisson(double mean)
        {
            var mode = (int)Math.Floor(mean);
            var values = new List<double> { Elementary.ExpLower(LogOfMode(mean, mode).Lower) };
            var smallest = Cut * values[0];
            for (var k = mode; k > 0; k--)
            {
                var value = values[^1] * (k / mean);
                if (value < smallest)
                {
                    break;
                }

                values.Add(value);
            }

            var first = mode - values.Count + 1;
            values.Reverse();
            for (var (k, value) = (mode + 1, values[^1] * (mean / (mode + 1))); value >= smallest && value > 0; value *= mean / ++k)
            {
                values.Add(value);
            }

            return new(first, [.. values]);
        }

        /// <summary>ln P(Y = m) = m ln(mean / m) - (mean - m) - ln(2 pi m) / 2 - delta(m) for m at least 1, -mean for 0.</summary>
        private static Interval LogOfMode(double mean, int mode)
        {
            if (mode == 0)
            {
                return Interval.Point(-mean);
            }

            var (m, x) = (Interval.Point(mode), Interval.Point(mean));
            return (m * BinomialTail.Log(x / m)) - (x - m) - (0.5 * BinomialTail.Log(2 * BinomialTail.Pi * m)) - BinomialTail.Stirling(mode);
        }
    }
}
