using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>How <see cref="LearnThenTest"/> tests many parameters at once.</summary>
public enum MultipleTest
{
    /// <summary><see cref="Statistics.Bonferroni"/>.</summary>
    Bonferroni,

    /// <summary><see cref="Statistics.Holm"/>: at least as many, under the same assumption.</summary>
    Holm,

    /// <summary><see cref="Statistics.FixedSequence"/>: in the order of the parameters, which must be fixed without the losses; from the safest on.</summary>
    FixedSequence,
}

/// <summary>Finds parameters whose risk is at most the one allowed, among any number: with probability at least 1 - delta, none of those returned has a larger risk. The risk need not be monotone.</summary>
/// <remarks>
/// <para>
/// For each parameter the hypothesis "its risk is larger than allowed" is tested, with the p-value min(exp(-n kl(mean, risk)), e P(Bin(n, risk) &lt;= ⌈n mean⌉)) of n losses, 1 where the mean is not below the risk: both
/// are bounds, at every t, of the probability that a mean of losses with at least that risk is at most t, and so is the smaller. What a <see cref="MultipleTest"/> rejects is returned; any of them may then be used, chosen in any way.
/// </para>
/// <para>
/// Assumes independent observations with the same distribution and losses in [0, 1]; parameters fixed without these observations. The losses of different parameters may depend on each other in any way. Rounded up.
/// Source: A. Angelopoulos, S. Bates, E. Candès, M. I. Jordan, L. Lei, "Learn then Test: Calibrating Predictive Algorithms to Achieve Risk Control", arXiv:2110.01052, 2021.
/// </para>
/// </remarks>
public static class LearnThenTest
{
    /// <summary>The p-value of the hypothesis that the risk is larger than allowed.</summary>
    /// <param name="losses">In [0, 1], at least one.</param>
    /// <param name="risk">The largest risk allowed, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double PValue(ReadOnlySpan<double> losses, double risk)
    {
        RiskControl.CheckRisk(risk, 1);
        var sum = Confidence.Sum(losses, new(0, 1), 1).Upper;
        var mean = Math.Min(1, Rounding.DivideUp(sum, losses.Length));
        return Math.Min(BinaryKl.Tail(mean, losses.Length, risk), Bentkus.Tail(sum, losses.Length, risk));
    }

    /// <summary>The parameters that are certified, from 0, in ascending order; possibly none.</summary>
    /// <param name="losses">[j][i]: the loss of observation i with parameter j, in [0, 1].</param>
    /// <param name="risk">The largest risk allowed, in (0, 1).</param>
    /// <param name="delta">Error probability, in (0, 1/2].</param>
    /// <param name="test">How many parameters are tested at once, chosen without the losses.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or parameters have different numbers of losses.</exception>
    public static IReadOnlyList<int> Certified(IReadOnlyList<double[]> losses, double risk, double delta, MultipleTest test)
    {
        RiskControl.CheckTable(losses);
        double[] pValues = [.. losses.Select(own => PValue(own, risk))];
        var rejected = test switch
        {
            MultipleTest.Bonferroni => Bonferroni.Rejected(pValues, delta),
            MultipleTest.Holm => Holm.Rejected(pValues, delta),
            MultipleTest.FixedSequence => FixedSequence.Rejected(pValues, delta),
            _ => throw new ArgumentOutOfRangeException(nameof(test), test, "Expected one of the tests that are listed."),
        };
        return [.. Enumerable.Range(0, rejected.Length).Where(j => rejected[j])];
    }
}
