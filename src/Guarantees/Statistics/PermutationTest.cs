namespace Guarantees.Statistics;

/// <summary>A statistic of two samples, given by the places of their members in the pooled sample.</summary>
/// <param name="first">Places of the first sample.</param>
/// <param name="second">Places of the second.</param>
public delegate double TwoSampleStatistic(ReadOnlySpan<int> first, ReadOnlySpan<int> second);

/// <summary>Have two samples the same distribution? By random exchange of their members.</summary>
/// <remarks>
/// Where all members of the pooled sample are exchangeable, the statistic at the given order and at B random ones is exchangeable too, so the p-value of <see cref="MonteCarloTest"/> is valid for every B, every sample size and every
/// statistic, also one whose rounding depends on the order. proofs/coq/theories/Statistics/ConformalPValue.v, <c>permutation_pvalue_valid</c>, on finite sets. Source: as there.
/// </remarks>
public static class PermutationTest
{
    /// <summary>(1 + #{statistic at a random exchange >= statistic}) / (B + 1): large values speak against one distribution.</summary>
    /// <param name="first">Size of the first sample, at least 1: places 0 to first - 1.</param>
    /// <param name="second">Size of the second sample, at least 1: the places that follow.</param>
    /// <param name="statistic">Never NaN; looks at the members only, and at no other randomness that is shared between calls.</param>
    /// <param name="permutations">B, from 1 to <see cref="MonteCarloTest.MostReplicates"/>.</param>
    /// <param name="random">Independent of the samples.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or the statistic is NaN.</exception>
    public static double PValue(int first, int second, TwoSampleStatistic statistic, int permutations, SeededGenerator random)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(second, 1);
        MonteCarloTest.CheckReplicates(permutations);
        int[] places = [.. Enumerable.Range(0, checked(first + second))];
        var seen = statistic(places.AsSpan(0, first), places.AsSpan(first));
        var replicates = new double[permutations];
        for (var b = 0; b < permutations; b++)
        {
            random.Shuffle(places);
            replicates[b] = statistic(places.AsSpan(0, first), places.AsSpan(first));
        }

        return MonteCarloTest.PValue(seen, replicates);
    }
}
