using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>
/// Split conformal prediction where new observations have another distribution of x than the calibration: with weights w = dQ/dP up to a factor, t is the smallest score with
/// w_(n+1) + the sum of w_i over S_i > t at most alpha (w_1 + ... + w_(n+1)).
/// </summary>
/// <remarks>
/// <para>
/// Assumes n independent observations from P and a new one from Q, independent of them, with the same law of the truth given x, Q absolutely continuous with respect to P, and w(x) the likelihood ratio dQ/dP(x) times any
/// positive constant: known, not estimated. Then P(S_(n+1) &lt;= t) >= 1 - alpha, over calibration and new observation together. Equal weights give <see cref="SplitConformal"/>.
/// proofs/coq/theories/Statistics/WeightedConformal.v, <c>covariate_shift_coverage</c>, on finite sets.
/// </para>
/// <para>
/// The weight w_(n+1) of the new observation may be replaced by any number not below it, such as a bound W >= w everywhere, which gives one threshold for all: t does not fall when w_(n+1) grows. For
/// w_(n+1) > alpha (w_1 + ... + w_(n+1)) the threshold is +infinity.
/// </para>
/// <para>
/// The comparison is rounded outward, so that t is the smallest score for which it is surely true.
/// Source: R. J. Tibshirani, R. Foygel Barber, E. J. Candès, A. Ramdas, "Conformal Prediction Under Covariate Shift", NeurIPS 2019.
/// </para>
/// </remarks>
public static class WeightedConformal
{
    /// <summary>t; +infinity where no score is large enough.</summary>
    /// <param name="scores">In any order, none NaN.</param>
    /// <param name="weights">w_i, one for each score, finite and at least 0.</param>
    /// <param name="newWeight">w_(n+1) or a number not below it, finite and at least 0.</param>
    /// <param name="alpha">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or there is not one weight for each score.</exception>
    public static double Threshold(ReadOnlySpan<double> scores, ReadOnlySpan<double> weights, double newWeight, double alpha)
    {
        if (weights.Length != scores.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(weights), weights.Length, $"Expected {scores.Length} weights, one for each score.");
        }

        if (!(alpha is > 0 and < 1))
        {
            throw SplitConformal.Alpha(alpha);
        }

        CheckWeight(newWeight, nameof(newWeight));
        var total = newWeight;
        for (var i = 0; i < scores.Length; i++)
        {
            SplitConformal.CheckScore(scores[i], nameof(scores));
            CheckWeight(weights[i], nameof(weights));
            total = Rounding.AddDown(total, weights[i]);
        }

        // From the largest score down: the weight above a candidate must stay within the allowance.
        var (sorted, mass, allowance) = (scores.ToArray(), weights.ToArray(), Rounding.MultiplyDown(alpha, total));
        Array.Sort(sorted, mass);
        var (threshold, above) = (double.PositiveInfinity, newWeight);
        for (var i = sorted.Length - 1; i >= 0 && above <= allowance; i--)
        {
            threshold = sorted[i];
            above = Rounding.AddUp(above, mass[i]);
        }

        return threshold;
    }

    private static void CheckWeight(double weight, string name)
    {
        if (!(weight >= 0 && double.IsFinite(weight)))
        {
            throw new ArgumentOutOfRangeException(name, weight, "Expected finite weights of at least 0.");
        }
    }
}
