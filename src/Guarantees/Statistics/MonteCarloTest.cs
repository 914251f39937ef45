namespace Guarantees.Statistics;

/// <summary>The p-value of a statistic among B replicates drawn under the null hypothesis: (1 + the number of replicates that are at least as large) / (B + 1).</summary>
/// <remarks>
/// <para>
/// Valid for every finite B: P(p &lt;= a) &lt;= a for all a. Under the null hypothesis the statistic and its replicates are exchangeable (independent with one distribution, or values at random permutations). Attach random marks
/// that break ties: the place r of the statistic from above is uniform on 1, ..., B + 1. p is at least r / (B + 1), since ties count against the statistic, and P(r / (B + 1) &lt;= a) is at most a.
/// proofs/coq/theories/Statistics/ConformalPValue.v, <c>conformal_pvalue_valid</c>, on finite sets.
/// Without the 1s, or with a strict inequality, p could be 0 and false alarms would be more frequent than stated. The smallest value is 1 / (B + 1).
/// </para>
/// <para>
/// Sources: M. Dwass, "Modified Randomization Tests for Nonparametric Hypotheses", Ann. Math. Statist. 28, 1957; B. Phipson, G. K. Smyth, "Permutation P-values Should Never Be Zero", Statist. Appl. Genet. Mol. Biol. 9, 2010.
/// </para>
/// </remarks>
public static class MonteCarloTest
{
    /// <summary>Most replicates.</summary>
    public const int MostReplicates = 1_000_000;

    /// <summary>(1 + #{replicate >= statistic}) / (B + 1): large values speak against the null hypothesis.</summary>
    /// <param name="statistic">Seen; not NaN.</param>
    /// <param name="replicates">B of at least 1 values under the null hypothesis; none is NaN.</param>
    /// <exception cref="ArgumentException">There is no replicate, or a value is NaN.</exception>
    public static double PValue(double statistic, ReadOnlySpan<double> replicates)
    {
        CheckReplicates(replicates.Length);
        var least = double.IsNaN(statistic) ? throw new ArgumentException("Expected a number.", nameof(statistic)) : 0;
        foreach (var replicate in replicates)
        {
            least += replicate >= statistic ? 1 : double.IsNaN(replicate) ? throw new ArgumentException("Expected numbers.", nameof(replicates)) : 0;
        }

        return PValue(least, replicates.Length);
    }

    internal static double PValue(int atLeast, int replicates) => (1.0 + atLeast) / (1.0 + replicates);

    internal static void CheckReplicates(int replicates)
    {
        if (replicates is < 1 or > MostReplicates)
        {
            throw new ArgumentOutOfRangeException(nameof(replicates), replicates, $"Expected from 1 to {MostReplicates} replicates.");
        }
    }
}
