namespace Guarantees.Statistics;

/// <summary>Simulation-based calibration: are the ranks of every parameter, or of functions of parameters and data, uniform?</summary>
/// <remarks>
/// <para>
/// Accepts: for each of d parameters the ranks of n pairs (theta*, x) among L draws of q(. | x), <see cref="RankStatistics"/>. Returns: p-values that hold for all parameters together, bands, and sets of defects. Guarantee: where the
/// estimator is the posterior, the probability of any rejection is at most alpha, for every n and L: three exact tests a parameter, joined by Bonferroni, and parameters joined by the step-down procedure of <see cref="Holm"/>; both
/// hold under any dependence between parameters.
/// </para>
/// <para>
/// What it cannot see: ranks of a parameter are uniform for the prior too, used as an estimator that ignores x, and for every estimator whose errors average out over x. Add functions of theta and x, such as
/// the log likelihood or log q(theta | x).
/// </para>
/// <para>
/// Sources: S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman, "Validating Bayesian Inference Algorithms with Simulation-Based Calibration", arXiv:1804.06788, 2018.
/// </para>
/// </remarks>
public static class SimulationBasedCalibration
{
    /// <summary>Tests all parameters together.</summary>
    /// <param name="parameters">Ranks of at least one parameter, all with the same n and L. The parameters may depend on each other, pairs may not.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is none, or their sizes differ.</exception>
    public static CalibrationResult Test(IReadOnlyList<RankCounts> parameters, UniformityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count == 0 || parameters.Any(ranks => ranks.Pairs != parameters[0].Pairs || ranks.Draws != parameters[0].Draws))
        {
            throw new ArgumentException("Expected the ranks of at least one parameter, the same numbers of pairs and draws for all.", nameof(parameters));
        }

        var test = new UniformityTest(parameters[0].Pairs, parameters[0].Draws, options, parameters.Count);
        UniformityResult[] results = [.. parameters.AsParallel().AsOrdered().Select(test.Run)];
        return new(test, results, Holm.Adjusted([.. results.Select(result => result.PValue)]));
    }
}

/// <summary>What simulation-based calibration found.</summary>
/// <param name="Test">The tests: band, options, power and smallest defects.</param>
/// <param name="Parameters">A result for each parameter.</param>
/// <param name="Adjusted">p-values that hold for all parameters together, by Holm: those at most alpha are rejected, and with probability at least 1 - alpha none of them wrongly.</param>
public sealed record CalibrationResult(UniformityTest Test, IReadOnlyList<UniformityResult> Parameters, IReadOnlyList<double> Adjusted)
{
    /// <summary>The smallest adjusted p-value: for the hypothesis that all parameters are calibrated.</summary>
    public double PValue => Adjusted.Min();

    /// <summary>Whether some parameter is rejected at the error probability of the test.</summary>
    public bool Rejected => PValue <= Test.Options.Alpha;
}
