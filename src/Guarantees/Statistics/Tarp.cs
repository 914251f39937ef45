namespace Guarantees.Statistics;

/// <summary>Tests of accuracy with random points: the share f of draws nearer to a reference point than the true parameter is uniform where the posterior is right.</summary>
/// <remarks>
/// <para>
/// Accepts: theta*, L draws of q(. | x), a reference point r made from x and randomness that is independent of theta* given x. Idea: given x and r, the L + 1 distances to r are independent with one distribution where q is the
/// posterior; the rank of the true one is uniform on 0, ..., L (<see cref="RankStatistics"/>). Pairs are independent: one sample, tested by <see cref="UniformityTest"/>, exact for every n and L.
/// A two-sample test between the curve of coverage and its own grid, as in popular tools, compares no samples: it rejects a standard deviation of 0.7 times the true one in 0 % of trials with n = 1000.
/// </para>
/// <para>
/// References that do not depend on x cannot tell the posterior from the prior; references near a guess from x can. With references everywhere of positive density, and f uniform for all of them, q is the posterior.
/// </para>
/// <para>Source: P. Lemos, A. Coogan, Y. Hezaveh, L. Perreault-Levasseur, "Sampling-Based Accuracy Testing of Posterior Estimators for General Inference", ICML 2023.</para>
/// </remarks>
public static class Tarp
{
    /// <summary>How many of L draws are nearer to the reference than the true parameter, and how many as near: by sum over coordinates of ((theta - r) / scale)².</summary>
    /// <param name="truth">theta*, d numbers, finite.</param>
    /// <param name="draws">L times d numbers, a draw after the other, finite.</param>
    /// <param name="reference">r, d numbers, finite.</param>
    /// <param name="scales">d finite numbers above 0, not made from theta*; empty for ones.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or a number is out of its range.</exception>
    public static TiedRank Rank(ReadOnlySpan<double> truth, ReadOnlySpan<double> draws, ReadOnlySpan<double> reference, ReadOnlySpan<double> scales = default)
    {
        var d = truth.Length;
        if (d == 0 || draws.Length == 0 || draws.Length % d != 0 || reference.Length != d || (scales.Length != 0 && scales.Length != d))
        {
            throw new ArgumentException($"Expected a parameter of d numbers, L times d numbers of draws, and a reference and scales of d; got {d}, {draws.Length}, {reference.Length} and {scales.Length}.", nameof(draws));
        }

        foreach (var scale in scales)
        {
            _ = scale > 0 && double.IsFinite(scale) ? scale : throw new ArgumentException("Expected finite scales above 0.", nameof(scales));
        }

        var (own, nearer, equal) = (Distance(truth, reference, scales), 0, 0);
        for (var i = 0; i < draws.Length; i += d)
        {
            var other = Distance(draws.Slice(i, d), reference, scales);
            nearer += other < own ? 1 : 0;
            equal += other == own ? 1 : 0;
        }

        return new(nearer, equal, draws.Length / d);
    }

    /// <summary>A reference point drawn from the uniform distribution on a box.</summary>
    /// <param name="lower">d finite numbers.</param>
    /// <param name="upper">d finite numbers, not below.</param>
    /// <param name="random">Independent of parameters and draws.</param>
    /// <exception cref="ArgumentException">Lengths differ, or the box is empty.</exception>
    public static double[] Reference(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, SeededGenerator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var point = lower.Length == upper.Length ? new double[lower.Length] : throw new ArgumentException("Expected ends of the same length.", nameof(upper));
        for (var i = 0; i < point.Length; i++)
        {
            point[i] = lower[i] <= upper[i] && double.IsFinite(upper[i] - lower[i])
                ? lower[i] + (random.NextDouble() * (upper[i] - lower[i]))
                : throw new ArgumentException("Expected finite ends, the upper not below the lower.", nameof(upper));
        }

        return point;
    }

    private static double Distance(ReadOnlySpan<double> theta, ReadOnlySpan<double> reference, ReadOnlySpan<double> scales)
    {
        var sum = 0.0;
        for (var i = 0; i < theta.Length; i++)
        {
            var difference = (theta[i] - reference[i]) / (scales.IsEmpty ? 1 : scales[i]);
            sum += difference * difference;
        }

        return double.IsFinite(sum) ? sum : throw new ArgumentException("Expected finite numbers whose distances are finite.", nameof(theta));
    }
}
