using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// The risk of a randomised predictor that was chosen with the data: with probability at least 1 - alpha over n independent observations, for all distributions Q over predictors at once,
/// kl(empirical risk of Q, risk of Q) &lt;= (KL(Q || P) + ln(2 sqrt(n) / alpha)) / n.
/// </summary>
/// <remarks>
/// <para>
/// Assumes independent observations with the same distribution, losses in [0, 1], and a prior P over predictors chosen without the observations. Q may depend on them in any way; the risk of Q is the mean loss of a
/// predictor drawn from Q on a new observation, the empirical risk its mean loss on the n observations. Both bounds hold together with probability at least 1 - alpha.
/// </para>
/// <para>
/// Rests on E exp(n kl(mean, p)) &lt;= sum over k of C(n, k) (k / n)^k (1 - k / n)^(n - k) &lt;= 2 sqrt(n). The source proves the last inequality for n of at least 8; below, the sums are 2, 2.5, 2.89, 3.22, 3.51, 3.77, 4.02
/// (the tests add them up exactly). Every operation rounds outward. Source: A. Maurer, "A Note on the PAC Bayesian Theorem", arXiv:cs/0411099, 2004.
/// </para>
/// </remarks>
public static class PacBayesKl
{
    /// <summary>The largest risk of Q that is not excluded.</summary>
    /// <param name="empiricalRisk">The mean loss of Q on the observations, in [0, 1].</param>
    /// <param name="divergence">KL(Q || P), in nats, at least 0; a number not below it.</param>
    /// <param name="count">n, at least 1.</param>
    /// <param name="alpha">Error probability, in (0, 1/2].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Upper(double empiricalRisk, double divergence, int count, double alpha) => BinaryKl.UpperInverse(empiricalRisk, Budget(divergence, count, alpha));

    /// <summary>The smallest risk of Q that is not excluded.</summary>
    /// <inheritdoc cref="Upper"/>
    public static double Lower(double empiricalRisk, double divergence, int count, double alpha) => BinaryKl.LowerInverse(empiricalRisk, Budget(divergence, count, alpha));

    private static double Budget(double divergence, int count, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Confidence.CheckRisk(alpha);
        if (!(divergence >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(divergence), divergence, "Expected a divergence of at least 0.");
        }

        var log = Rounding.AddUp(Confidence.LogInverse(2, alpha), 0.5 * Elementary.LogUpper(count));
        return Rounding.DivideUp(Rounding.AddUp(divergence, log), count);
    }
}
